"""`logreport.Archive`: an archive as a library; the command line is made of the same calls."""

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from logreport.archive.storage.commits import GRACE
from logreport.archive.storage.snapshot import Snapshot
from logreport.archive.storage.store import Store
from logreport.errors import ArchiveError, UsageError
from logreport.sources.names import Paths, names_of

if TYPE_CHECKING:
    import pandas as pd

    from logreport.archive.ingest.adding import Added
    from logreport.archive.maintenance.compacting import Compacted
    from logreport.archive.maintenance.forgetting import Forgetting
    from logreport.archive.maintenance.repairing import Repaired
    from logreport.archive.maintenance.reparsing import Reparsed
    from logreport.archive.maintenance.verifying import Verified
    from logreport.tables.tables import Tables
    from logreport.workers.spreading import Scheduler


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
        restore_forgotten: bool = False,
        scheduler: "Scheduler | None" = None,
        on_progress: "Callable[[Added], object] | None" = None,
    ) -> "Added":
        """Add logs; what is there already is not added again, but gets the tags and the note.

        Args:
            logs: a path, or several: files, folders, patterns, archives, URLs.
            tags: values by key.
            note: about all of these logs.
            grammars: folders with grammars of your own.
            restore_forgotten: whether logs come back that were forgotten; else they are left out, and counted.
            scheduler: where to work; in this process otherwise.
            on_progress: called with what was done so far.

        Raises:
            UsageError: where a tag or the note cannot be kept.
            ArchiveError: where the archive cannot be read or written; what was reported before that is kept.
        """
        from logreport.archive.ingest.adding import Added, Adding, batches_of, dictionary_for
        from logreport.archive.ingest.facts import check
        from logreport.tables.secrets import hidden, hidden_value
        from logreport.workers.spreading import Local

        check(tags or {}, note)
        names = names_of(logs)
        said = tuple((key, hidden_value(key, value)) for key, value in (tags or {}).items())
        whole = Added()
        dictionary, batches = dictionary_for(self.snapshot, batches_of(names, whole.errors))
        adding = Adding(
            self.store.url, grammars=tuple(grammars), tags=said, note=note and hidden(note),
            restore=restore_forgotten, dictionary=dictionary,
        )  # fmt: skip
        scheduler = Local(1) if scheduler is None or "-" in names else scheduler
        try:
            whole.gather(adding.work, batches, scheduler, on_progress)
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
        from logreport.archive.ingest.facts import check, say
        from logreport.tables.secrets import hidden, hidden_value

        check(tags or {}, note)
        self.refresh()  # what others said meanwhile is seen, and taken the place of
        said = {key: value and hidden_value(key, value) for key, value in (tags or {}).items()}
        count = say(self.snapshot, [self.find(run) for run in runs], said, note and hidden(note))
        self.refresh()
        return count

    def forget(
        self,
        runs: Iterable[str] = (),
        *,
        where: str | None = None,
        older_than: timedelta | None = None,
        dry_run: bool = False,
        grace: float = GRACE,
    ) -> "Forgetting":
        """Forget the logs of runs: their bytes, their rows, and what was said of them; that it was done stays known.

        A log goes if all its runs are meant, by all that is given; it comes back only where that is asked for.

        Args:
            runs: how their ids begin, or the SHA-256 of their logs.
            where: a condition on them.
            older_than: how long ago they ended, by their logs; without a time there, how long ago they were added.
            dry_run: whether to say only what would go.
            grace: seconds for which replaced files are left to readers.

        Raises:
            UsageError: where nothing is given, an id is that of none or of several, or the condition is none.
            ArchiveError: where the archive cannot be read or written; the next call, or a repair, goes on then.
        """
        from logreport.archive.maintenance.forgetting import purge, say_forgotten, to_forget
        from logreport.archive.maintenance.repairing import remove_replaced
        from logreport.tables.conditions import condition

        words = list(runs)
        if not words and where is None and older_than is None:
            raise UsageError("nothing says what to forget", todo="name runs, or a condition, or an age")
        self.refresh()
        meant = None if where is None else condition(where)
        done = to_forget(self.snapshot, words, meant, older_than)
        if not dry_run and done.logs:
            try:
                say_forgotten(self.snapshot, done.logs)
                purge(self.store)
                done.waiting = len(remove_replaced(self.store, grace))
            finally:
                self.refresh()
        return done

    def restore(self, runs: Iterable[str] = ()) -> list[str]:
        """Bring back logs that were forgotten, as far as their bytes are there; returns their SHA-256.

        Args:
            runs: how their ids begin, or the SHA-256 of their logs; all of them where there is none.

        Raises:
            UsageError: where an id is that of none, or of several.
            ArchiveError: where the archive cannot be read or written.
        """
        from logreport.archive.maintenance.forgetting import restore

        self.refresh()
        try:
            return restore(self.snapshot, list(runs))
        finally:
            self.refresh()

    def find(self, run: str) -> str:
        """The whole id of a run, from how it begins.

        Raises:
            UsageError: where no run, or more than one, has such an id.
        """
        from logreport.archive.ingest.facts import present_ids, standing

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
        from logreport.archive.storage.raw import content, kept_rows

        rows = kept_rows([sha256], self.snapshot)[sha256]
        return content([row for row in rows if row["kind"] == "log"], self.snapshot)

    def verify(self) -> "Verified":
        """Hash everything and say what is damaged, missing, left over or replaced.

        Raises:
            ArchiveError: where the archive cannot be read at all.
        """
        from logreport.archive.maintenance.verifying import verify

        self.refresh()
        return verify(self.snapshot)

    def repair(self, grace: float = GRACE) -> "Repaired":
        """Mend what can be mended and remove what is left over; `verify` says what stays damaged.

        Args:
            grace: seconds for which files that no commit names are left to their writer, replaced ones to readers.

        Raises:
            ArchiveError: where the archive cannot be written.
        """
        from logreport.archive.maintenance.repairing import repair

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
        scheduler: "Scheduler | None" = None,
        on_progress: "Callable[[Reparsed], object] | None" = None,
    ) -> "Reparsed":
        """Make the tables of logs again that another logreport or other grammars made; says what changed.

        Args:
            grammars: folders with grammars of your own.
            every: all logs, not only those.
            scheduler: where to work; in this process otherwise.
            on_progress: called with what was done so far.

        Raises:
            ArchiveError: where the archive cannot be read or written; what was written before that is kept.
        """
        from logreport.archive.maintenance.reparsing import Reparsed, Reparsing, retire, stale_logs
        from logreport.workers.spreading import Local

        whole, folders = Reparsed(), tuple(grammars)
        work = Reparsing(self.store.url, folders).work
        try:
            batches = stale_logs(self.snapshot, folders, every=every)
            whole.gather(work, batches, scheduler or Local(1), on_progress)
            retire(Snapshot(self.store))
        finally:
            self.refresh()
        return whole

    def compact(self) -> "Compacted":
        """Merge many small Parquet files into few large ones; readers skip the small ones, `repair` removes them later.

        Raises:
            ArchiveError: where the archive cannot be read or written; it is as it was then.
        """
        from logreport.archive.maintenance.compacting import compact

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
        from logreport.archive.queries.selecting import runs_of
        from logreport.tables.conditions import condition

        return runs_of(self.snapshot, None if where is None else condition(where))

    def table(self, name: str) -> "pd.DataFrame":
        """A table as a DataFrame with the dtypes of the schema: those of `parse`, `logs` and `facts`.

        Raises:
            UsageError: for a table that does not exist.
        """
        from logreport.archive.queries.selecting import frame_of

        return frame_of(name, self.snapshot)

    def tables(self, where: str | None = None, only: Collection[str] | None = None) -> "Tables":
        """All tables of some runs, as reading their logs would give them, with what is judged across runs.

        Args:
            where: a condition on the runs, such as `batch_size = 32 and tag.version = '2.20'`.
            only: the tables that are wanted, the others stay empty: steps are most of an archive.

        Raises:
            UsageError: where the condition is none.
        """
        from logreport.archive.queries.selecting import tables_of
        from logreport.archive.storage.layout import DERIVED
        from logreport.tables.conditions import condition

        meant = None if where is None else condition(where)
        return tables_of(self.snapshot, meant, DERIVED if only is None else only)

    def query(self, sql: str) -> "pd.DataFrame":
        """The answer to an SQL query over the views: one per table, and `tags` and `notes`.

        Raises:
            UsageError: where the query is wrong.
            ArchiveError: where DuckDB is not installed.
        """
        from logreport.archive.queries.querying import query

        return query(self.snapshot, sql)

    def files(self, table: str) -> list[str]:
        """The Parquet files of a table that count, for other programs."""
        return [self.store.name(path) for path in self.snapshot.files(table)]
