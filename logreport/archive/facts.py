"""Facts about logs and runs: tags, notes, and other paths under which a log was added; the last word counts."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from logreport.archive import commits
from logreport.archive.layout import Arrow, arrow_of, parquet_of, table_path
from logreport.archive.making import now
from logreport.archive.snapshot import Snapshot
from logreport.errors import UsageError

About = tuple[str | None, ...]
KEY = re.compile(r"[a-z][a-z0-9_]*")


class Fact(NamedTuple):
    """One row of the table `facts`."""

    log_sha256: str | None
    run_id: str | None
    kind: str
    key: str | None
    value: str | None
    said_at: datetime

    @property
    def about(self) -> About:
        """What a later fact takes the place of: the same tag of the same run or log; a note stands for itself."""
        return (*self[:4], None if self.kind == "tag" else self.value)


def tags_of(words: Iterable[str]) -> dict[str, str]:
    """Tags from `key=value`.

    Raises:
        UsageError: where a word is no such pair, or its key cannot be written in SQL.
    """
    found = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not KEY.fullmatch(key):
            raise UsageError(
                f"{word!r} is no tag",
                todo="write key=value; a key has small letters, digits and _, such as version=2.20",
            )
        found[key] = value
    return found


def columns_of(facts: Iterable[Fact]) -> dict[str, list[Any]]:
    """Facts as the columns of their table."""
    rows = list(facts)
    return {name: [row[i] for row in rows] for i, name in enumerate(Fact._fields)}


def facts_file(facts: Sequence[Fact]) -> tuple[str, bytes]:
    """Path and content of a Parquet file of facts."""
    content = parquet_of(arrow_of("facts", columns_of(facts)))
    return table_path("facts", content), content


def replacements(before: Arrow, after: Arrow) -> list[Fact]:
    """What to say where runs are called otherwise now: rows of `runs` of the same logs, read twice.

    A run is the same where it begins at the same line of the same log.
    """
    old = {(row["log_sha256"], row["first_line"]): row["run_id"] for row in before.to_pylist()}
    new = {(row["log_sha256"], row["first_line"]): row["run_id"] for row in after.to_pylist()}
    kept, at = set(new.values()), now()
    return [
        Fact(place[0], new[place], "replaces", None, run, at)
        for place, run in old.items()
        if place in new and run not in kept
    ]


def present_ids(facts: Iterable[Fact]) -> dict[str, str]:
    """The id by which each run is called now that was called otherwise, by each id that it had."""
    later = {
        fact.value: fact.run_id for fact in facts if fact.kind == "replaces" and fact.value and fact.run_id
    }
    found: dict[str, str] = {}
    for old, new in later.items():
        seen, run = {old}, new
        while run in later and run not in seen:
            seen.add(run)
            run = later[run]
        found[old] = run
    return found


def standing(rows: Arrow) -> dict[About, Fact]:
    """The facts that hold now, of the rows of the table `facts`, by what they are about.

    What was said about a run by an id that it had is said about the run.
    """
    facts = [Fact(**row) for row in rows.to_pylist()]
    present = present_ids(facts)
    found: dict[About, Fact] = {}
    for said in facts:
        fact = said if said.run_id not in present else said._replace(run_id=present[said.run_id])
        last = found.get(fact.about)
        if last is None or (fact.said_at, fact.value or "") > (last.said_at, last.value or ""):
            found[fact.about] = fact
    return found


def news(said: Iterable[Fact], known: Mapping[About, Fact]) -> list[Fact]:
    """Those that say what is not known yet, each once."""
    new = {fact.about: fact for fact in said}
    return [fact for about, fact in new.items() if about not in known or known[about].value != fact.value]


def say(snapshot: Snapshot, runs: Sequence[str], tags: Mapping[str, str | None], note: str | None) -> int:
    """Add what is new of some tags and a note about runs; returns how much it is.

    Raises:
        ArchiveError: where the archive cannot be read or written.
    """
    at = now()
    said = [Fact(None, run, "tag", key, value, at) for run in runs for key, value in tags.items()]
    if note is not None:
        said += [Fact(None, run, "note", None, note, at) for run in runs]
    new = news(said, standing(snapshot.rows("facts")))
    if new:
        commits.write(snapshot.store, [facts_file(new)])
    return len(new)
