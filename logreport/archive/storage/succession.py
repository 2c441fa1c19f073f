"""Which of several statements about one thing holds: the one that takes the place of the others, whatever a clock says.

A statement is a row: what was said of a log or run, or what was read in a log. It has a mark, made of what it says, and
names the marks of those that its writer saw and took the place of. Only where two writers did not see each other's
does the time decide. So a clock that was wrong makes nothing void that is said afterwards.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from logreport.archive.storage.store import digest_of

SKEW = timedelta(hours=1)  # by which the clocks of machines may differ
LONG_AGO = datetime.min  # noqa: DTZ901 - as times stand in the tables: UTC, without saying so
# Columns of `lines`.
READING = ("log_sha256", "derived_at", "made_by", "schema_version", "grammars", "replaces")
Statement = TypeVar("Statement")


def mark_of(values: Sequence[Any]) -> str:
    """What a statement about a thing is named by: of equal ones it is the same, in every copy of an archive."""
    return digest_of(json.dumps(values, default=str).encode())[:16]


def unreplaced(statements: Mapping[str, Statement], replaces: Iterable[str | None]) -> list[Statement]:
    """Those of some statements, by their marks, that none of these texts of marks names."""
    gone = {mark for text in replaces for mark in (text or "").split()}
    return [statement for mark, statement in statements.items() if mark not in gone]


def mark_of_reading(row: Mapping[str, Any]) -> str:
    return mark_of([row[name] for name in READING])


def replaced_by_next(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What rows that are made anew take the place of, by their log: the marks of those rows of `lines`, and of theirs.

    Those of their predecessors too: these may be gone here and come back with an old copy.
    """
    marks: dict[str, set[str]] = {}
    for row in rows:
        marks.setdefault(row["log_sha256"], set()).update(
            (mark_of_reading(row), *(row["replaces"] or "").split())
        )
    return {log: " ".join(sorted(those)) for log, those in marks.items()}
