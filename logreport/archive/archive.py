"""`logreport.Archive`: an archive as a library; the command line is made of the same calls."""

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from logreport.archive.ingest.adding import Added, Adding, batches_of
from logreport.archive.ingest.facts import check, present_ids, say, standing
from logreport.archive.maintenance.compacting import Compacted, compact
from logreport.archive.maintenance.repairing import Repaired, repair
from logreport.archive.maintenance.reparsing import Reparsed, Reparsing, retire, stale_logs
from logreport.archive.maintenance.verifying import Verified, verify
from logreport.archive.queries.querying import query
from logreport.archive.queries.selecting import frame_of, runs_of, tables_of
from logreport.archive.storage.commits import GRACE
from logreport.archive.storage.layout import DERIVED
from logreport.archive.storage.raw import content, kept_rows
from logreport.archive.storage.snapshot import Snapshot
from logreport.archive.storage.store import Store
from logreport.errors import ArchiveError, UsageError
from logreport.sources.names import Paths, names_of
from logreport.tables.conditions import condition
from logreport.tables.secrets import hidden, hidden_value
from logreport.tables.tables import Tables
from logreport.workers.spreading import Local, Scheduler

if TYPE_CHECKING:
    import pandas as pd


class Archive:
    """Logs and the tables made of them, in a folder or behind a URL; there may be any number of writers.

    Reading never fails because of a file that is damaged, missing or of a newer logreport: what can be read is given,
    and `problems` says what could not be.

    Args:
        place: a folder, or a URL that fsspec knows (`s3://…`, `gs://…`).
        create: whether it may be new; else an archive must be there.

    Raises:
        ArchiveError: where none is there, or the place cannot be read.
    """

    def __init__(self, place: str | os.PathLike[str], *, create: bool = False) -> None:
        self.store = Store(*names_of(place))
        if not create and not self.snapshot.sizes:
            raise ArchiveError(
                "there is no archive here", source=self.store.url, todo="make one: logreport archive add"
            )

    @cached_property
    def snapshot(self) -> Snapshot:
        """What was there when this object first looked, or since it added something itself."""
        return Snapshot(self.store)

    def refresh(self) -> None:
        """Look again: what others added since counts from now on."""
        self.__dict__.pop("snapshot", None)

    @property
    def problems(self) -> list[ArchiveError]:
        """What could not be read, as far as it was looked at."""
        return self.snapshot.problems

    def add(
        self,
        logs: Paths,
        *,
        tags: Mapping[str, str] | None = None,
        note: str | None = None,
        grammars: Iterable[Path] = (),
        scheduler: Scheduler | None = None,
        on_progress: Callable[[Added], object] | None = None,
    ) -> Added:
        """Add logs; what is there already is not added again, but gets the tags and the note.

        Args:
            logs: a path, or several: files, folders, patterns, archives, URLs.
            tags: values by key.
            note: about all of these logs.
            grammars: folders with grammars of your own.
            scheduler: where to work; in this process otherwise.
            on_progress: called with what was done so far.

        Raises:
            UsageError: where a tag or the note cannot be kept.
            ArchiveError: where the archive cannot be read or written; what was reported before that is kept.
        """
        check(tags or {}, note)
        names = names_of(logs)
        said = tuple((key, hidden_value(key, value)) for key, value in (tags or {}).items())
        adding = Adding(self.store.url, grammars=tuple(grammars), tags=said, note=note and hidden(note))
        whole = Added()
        scheduler = Local(1) if scheduler is None or "-" in names else scheduler
        try:
            whole.gather(adding.work, batches_of(names, whole.errors), scheduler, on_progress)
        finally:
            self.refresh()
        return whole

    def tag(
        self, runs: Iterable[str], tags: Mapping[str, str | None] | None = None, note: str | None = None
    ) -> int:
        """Say something about runs; returns how much of it is new.

        Args:
            runs: their ids, or how these begin.
            tags: values by key; None takes a tag away.
            note: a sentence.

        Raises:
            UsageError: where an id is that of no run, or of several; where a tag or the note cannot be kept.
            ArchiveError: where the archive cannot be read or written.
        """
        check(tags or {}, note)
        self.refresh()  # what others said meanwhile is seen, and taken the place of
        said = {key: value and hidden_value(key, value) for key, value in (tags or {}).items()}
        count = say(self.snapshot, [self.find(run) for run in runs], said, note and hidden(note))
        self.refresh()
        return count

    def find(self, run: str) -> str:
        """The whole id of a run, from how it begins.

        Raises:
            UsageError: where no run, or more than one, has such an id.
        """
        ids = {
            one
            for one in self.snapshot.rows("runs", ["run_id"]).column("run_id").to_pylist()
            if one.startswith(run)
        }
        if not ids:  # an id of an older recipe
            present = present_ids(standing(self.snapshot.rows("facts")))
            ids = {now for old, now in present.items() if old and old.startswith(run)}
        if len(ids) != 1:
            what = f"{len(ids)} runs have" if ids else "no run has"
            raise UsageError(
                f"{what} an id that begins with {run!r}",
                source=self.store.url,
                todo="see `logreport archive list`",
            )
        return str(ids.pop())

    def log(self, sha256: str) -> bytes:
        """The bytes of a log as they were added, without compression.

        Raises:
            ArchiveError: where it is not there, or damaged.
        """
        rows = kept_rows([sha256], self.snapshot)[sha256]
        return content([row for row in rows if row["kind"] == "log"], self.snapshot)

    def verify(self) -> Verified:
        """Hash everything and say what is damaged, missing, left over or replaced.

        Raises:
            ArchiveError: where the archive cannot be read at all.
        """
        self.refresh()
        return verify(self.snapshot)

    def repair(self, grace: float = GRACE) -> Repaired:
        """Mend what can be mended and remove what is left over; `verify` says what stays damaged.

        Args:
            grace: seconds for which files that no commit names are left to their writer, replaced ones to readers.

        Raises:
            ArchiveError: where the archive cannot be written.
        """
        found = self.verify()
        try:
            return repair(self.snapshot, found, grace)
        finally:
            self.refresh()

    def reparse(
        self,
        *,
        grammars: Iterable[Path] = (),
        every: bool = False,
        scheduler: Scheduler | None = None,
        on_progress: Callable[[Reparsed], object] | None = None,
    ) -> Reparsed:
        """Make the tables of logs again that another logreport or other grammars made; says what changed.

        Args:
            grammars: folders with grammars of your own.
            every: all logs, not only those.
            scheduler: where to work; in this process otherwise.
            on_progress: called with what was done so far.

        Raises:
            ArchiveError: where the archive cannot be read or written; what was written before that is kept.
        """
        whole, folders = Reparsed(), tuple(grammars)
        work = Reparsing(self.store.url, folders).work
        try:
            batches = stale_logs(self.snapshot, folders, every=every)
            whole.gather(work, batches, scheduler or Local(1), on_progress)
            retire(Snapshot(self.store))
        finally:
            self.refresh()
        return whole

    def compact(self) -> Compacted:
        """Merge many small Parquet files into few large ones; readers skip the small ones, `repair` removes them later.

        Raises:
            ArchiveError: where the archive cannot be read or written; it is as it was then.
        """
        try:
            return compact(self.snapshot)
        finally:
            self.refresh()

    def runs(self, where: str | None = None) -> "pd.DataFrame":
        """The runs, with a column `tag.KEY` for each tag.

        Args:
            where: a condition on them, as for `tables`.

        Raises:
            UsageError: where the condition is none.
        """
        return runs_of(self.snapshot, None if where is None else condition(where))

    def table(self, name: str) -> "pd.DataFrame":
        """A table as a DataFrame with the dtypes of the schema: those of `parse`, `logs` and `facts`.

        Raises:
            UsageError: for a table that does not exist.
        """
        return frame_of(name, self.snapshot)

    def tables(self, where: str | None = None, only: Collection[str] | None = None) -> Tables:
        """All tables of some runs, as reading their logs would give them, with what is judged across runs.

        Args:
            where: a condition on the runs, such as `batch_size = 32 and tag.version = '2.20'`.
            only: the tables that are wanted, the others stay empty: steps are most of an archive.

        Raises:
            UsageError: where the condition is none.
        """
        meant = None if where is None else condition(where)
        return tables_of(self.snapshot, meant, DERIVED if only is None else only)

    def query(self, sql: str) -> "pd.DataFrame":
        """The answer to an SQL query over the views: one per table, and `tags` and `notes`.

        Raises:
            UsageError: where the query is wrong.
            ArchiveError: where DuckDB is not installed.
        """
        return query(self.snapshot, sql)

    def files(self, table: str) -> list[str]:
        """The Parquet files of a table that count, for other programs."""
        return [self.store.name(path) for path in self.snapshot.files(table)]
