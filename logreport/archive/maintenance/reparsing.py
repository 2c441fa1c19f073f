"""Make the tables of logs again that an older logreport, or other grammars, made; and say what changed."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from logreport.archive.ingest.derive import Made, derive
from logreport.archive.ingest.facts import Fact, facts_file, present_ids, replacements
from logreport.archive.storage import commits
from logreport.archive.storage.layout import DERIVED, Arrow, grammars_hash, one_of, table_at
from logreport.archive.storage.raw import kept_sources
from logreport.archive.storage.snapshot import COMMIT, Snapshot
from logreport.archive.storage.store import Store
from logreport.archive.storage.succession import replaced_by_next
from logreport.errors import LogreportError
from logreport.runs.run import RECIPE
from logreport.sources import Source
from logreport.tables.schema import VERSION
from logreport.tables.tables import place_of
from logreport.version import __version__
from logreport.workers.spreading import Totals, in_batches

PLACE = ("run_id", "source", "line", "log_sha256")  # of a phase: where it stands, not what was measured
ORIGIN = ["made_by", "schema_version", "grammars", "run_id_recipe"]
IDENTITY = ["log_sha256", "first_line", "run_id"]


class Stale(NamedTuple):
    """A log that is to be read again, and the commit with its rows."""

    log: str
    commit: str | None

    def __str__(self) -> str:
        """The log, for errors about it."""
        return f"log {self.log}"


@dataclass
class Reparsed(Totals):
    """What reading logs again changed; `extend` adds up several.

    Args:
        logs: how many were read again.
        before: rows of each table before.
        after: rows of each table now.
        runs: ids of the runs whose numbers are not what they were.
        renamed: ids of the runs that had another one, by which they are found as well.
        errors: logs that could not be read again; their rows stay as they were.
    """

    logs: int = 0
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    runs: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    errors: list[LogreportError] = field(default_factory=list)


@dataclass(frozen=True)
class Reparsing:
    """How to read logs again; `work` does it.

    Args:
        url: the archive.
        grammars: the user's folders of grammars.
    """

    url: str
    grammars: tuple[Path, ...] = ()

    def work(self, stale: Sequence[Stale]) -> Reparsed:
        """Read some logs again and add what they say now.

        Raises:
            ArchiveError: where the archive cannot be read or written.
        """
        snapshot = Snapshot(Store(self.url))
        sources, errors = kept_sources([one.log for one in stale], snapshot)
        changed = Reparsed(errors=list(errors))
        for batch in apart(sources):
            digests = {place_of(source.name): log for log, source in batch.items()}
            replaces = replaced_by_next(snapshot.readings(batch))
            made = derive(list(batch.values()), digests, self.grammars, replaces)
            difference, said = compared(made, snapshot, {one.commit for one in stale if one.log in batch})
            commits.write(snapshot.store, [*made.files(), *([facts_file(said)] if said else ())])
            changed.extend(difference)
        return changed


def apart(sources: Mapping[str, Source]) -> Iterator[dict[str, Source]]:
    """Logs in groups in which no two have the same path."""
    left = dict(sources)
    while left:
        group = {place_of(source.name): (log, source) for log, source in left.items()}
        yield dict(group.values())
        left = {log: source for log, source in left.items() if group[place_of(source.name)][0] != log}


def compared(made: Made, snapshot: Snapshot, where: set[str | None]) -> tuple[Reparsed, list[Fact]]:
    """What is different now for the logs that were made again, and what is to be said of runs with another id.

    Their rows of before are in some commits.
    """
    logs = made.tables["lines"].column("log_sha256").to_pylist() if made.tables else []
    only = one_of("log_sha256", logs) & one_of(COMMIT, [path for path in where if path])
    changed = Reparsed(logs=len(logs), errors=made.errors)
    said: list[Fact] = []
    for table in DERIVED:
        before = snapshot.rows(table, only=only)
        after = made.tables.get(table, before.schema.empty_table())
        changed.before[table] += before.num_rows
        changed.after[table] += after.num_rows
        if table == "runs":
            said = replacements(before.select(IDENTITY), after.select(IDENTITY))
            changed.renamed = sorted({fact.run_id for fact in said if fact.run_id})
        if table == "phases":
            numbers = measured(before, present_ids(said)), measured(after, {})
            changed.runs = sorted({run for run, _ in numbers[0] ^ numbers[1]})
    return changed, said


def measured(phases: Arrow, present: Mapping[str | None, str]) -> set[tuple[str, str]]:
    """The numbers of each phase, by the present id of its run: of equal runs these are equal."""
    return {
        (present.get(row["run_id"], row["run_id"]), repr({k: v for k, v in row.items() if k not in PLACE}))
        for row in phases.to_pylist()
    }


def retire(snapshot: Snapshot) -> None:
    """Write commits in place of those whose rows all lost against later ones: their tables do not count any more.

    Raises:
        ArchiveError: where one cannot be written.
    """
    lost = Counter(snapshot.losers.column(COMMIT).to_pylist())
    all_of = Counter(snapshot.read("lines", [COMMIT]).column(COMMIT).to_pylist())
    for path in lost:
        if lost[path] == all_of[path]:
            commit = snapshot.live[path]
            derived = {file for file in commit.files if table_at(file) in DERIVED}
            commits.instead(snapshot.store, path, commit, derived)


def stale_logs(
    snapshot: Snapshot, grammars: tuple[Path, ...] = (), *, every: bool = False
) -> Iterator[list[Stale]]:
    """Batches of logs whose rows other code or grammars made, or that have none; all logs where that is asked for."""
    current = (__version__, VERSION, grammars_hash(grammars), RECIPE)
    lines = snapshot.rows("lines", ["log_sha256", *ORIGIN, COMMIT])
    by = {row["log_sha256"]: row for row in lines.to_pylist()}
    kept = snapshot.rows("logs", ["log_sha256", "kind", "bytes"]).to_pylist()
    known = {row["log_sha256"]: row["bytes"] for row in kept if row["kind"] == "log"}
    stale = (
        Stale(log, (log in by and by[log][COMMIT]) or None)
        for log in sorted(known, key=lambda log: (by[log][COMMIT] if log in by else "", log))
        if every or log not in by or tuple(by[log][name] for name in ORIGIN) != current
    )
    return in_batches(stale, lambda one: known[one.log])
