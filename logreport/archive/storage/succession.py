"""Which of several statements about one thing holds: the one that takes the place of the others, whatever a clock says.

A statement is a row: what was said of a log or run, or what was read in a log. It has a mark, made of what it says, and
names the marks of those that its writer saw and took the place of. Only where two writers did not see each other's
does the time decide. So a clock that was wrong makes nothing void that is said afterwards.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from logreport.archive.storage.store import digest_of

SKEW = timedelta(hours=1)  # by which the clocks of machines may differ
LONG_AGO = datetime.min  # noqa: DTZ901 - as times stand in the tables: UTC, without saying so
# Columns of `lines`.
FORGOTTEN = "forgotten"  # kind of a fact
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


class Forgotten(NamedTuple):
    """The logs that are forgotten, by SHA-256, and the marks of what had been said of their runs."""

    logs: frozenset[str] = frozenset()
    said: frozenset[str] = frozenset()

    def holds(self, fact: Mapping[str, Any]) -> bool:
        """Whether a fact is about what is forgotten; that it is forgotten stays known."""
        if fact["log_sha256"] in self.logs:
            return bool(fact["kind"] != FORGOTTEN)
        return bool(self.said) and fact["log_sha256"] is None and mark_in_full(fact) in self.said


def mark_in_full(fact: Mapping[str, Any]) -> str:
    """What a fact is named by that is forgotten: what it is about and what it says."""
    return mark_of([*fact.values()])


def forgotten_in(rows: Iterable[Mapping[str, Any]]) -> Forgotten:
    """What some facts of the kind `forgotten` come to; one without a value brings its log back."""
    logs, said = [], list[str]()
    of_logs: dict[str, dict[str, Mapping[str, Any]]] = {}
    for row in rows:
        mark = mark_of((row["value"], row["said_at"], row["replaces"]))
        of_logs.setdefault(row["log_sha256"], {})[mark] = row
    for log, statements in of_logs.items():
        heads = unreplaced(statements, (row["replaces"] for row in statements.values()))
        last = max(heads, key=lambda row: (row["said_at"] or LONG_AGO, row["value"] or ""))
        if last["value"] is not None:
            logs.append(log)
            said += (last["replaces"] or "").split()
    return Forgotten(frozenset(logs), frozenset(said))
