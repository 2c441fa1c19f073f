"""What an archive holds at one moment: the commits that count, their files, and what cannot be read of them.

The rule of all readers: a file counts if a commit names it that no other commit replaces; one that lets go of logs or
tags that are there replaces nothing. A log may stand in the files of several commits, because two writers added it at
once, it was read again, or an old copy was merged: then the rows that take the place of the others count, and where
none does those that were derived last. So no order of copying, adding or compacting matters.
"""

from collections.abc import Collection, Iterator
from functools import cached_property
from typing import Any

from logreport.archive.storage import commits
from logreport.archive.storage.commits import Commit
from logreport.archive.storage.dictionaries import is_dictionary
from logreport.archive.storage.layout import COLUMNS, DERIVED, Arrow, one_of, schema_of, table_at
from logreport.archive.storage.store import Store, digest_of
from logreport.archive.storage.succession import (
    FORGOTTEN,
    LONG_AGO,
    READING,
    Forgotten,
    forgotten_in,
    mark_of_reading,
    unreplaced,
)
from logreport.errors import ArchiveError
from logreport.tables.schema import VERSION

COMMIT = "commit_path"  # a column of every file as it is read: the commit that names it


class Snapshot:
    """The files of an archive that count.

    Args:
        store: where they lie.

    Raises:
        ArchiveError: where the archive cannot be listed.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.sizes = store.sizes()
        self.problems: list[ArchiveError] = []
        self.unreadable: set[str] = set()
        self.shut: set[str] = set()  # files that may be whole and cannot be read: no right, no connection
        self.too_new: set[str] = set()  # commits that another logreport can read
        self.commits: dict[str, Commit] = dict(self._read_commits())
        self.replaced = {
            path: name
            for name, commit in self.commits.items()
            if self._is_whole(commit)
            for path in commit.replaces
            if self._keeps(commit, path)
        }
        self.live = {path: commit for path, commit in self.commits.items() if path not in self.replaced}
        for path, commit in self.live.items():
            self._check(path, commit)

    def _read_commits(self) -> Iterator[tuple[str, Commit]]:
        """All commits that can be read."""
        paths = [path for path in self.sizes if path.startswith("commits/") and path.endswith(".json")]
        for path, content in self.store.get_many(paths).items():
            if isinstance(content, FileNotFoundError):
                continue  # replaced, and removed since the listing
            if isinstance(content, Exception):
                self.shut.add(path)
                self.exclude(path, f"cannot be read ({content})")
                continue
            try:
                yield path, commits.decode(path, content, self.store)
            except ArchiveError as error:
                self.problems.append(error)
                if isinstance(error, commits.TooNewError):
                    self.too_new.add(path)

    def _is_whole(self, commit: Commit) -> bool:
        """Whether all files of a commit are there: else what it replaces is still needed."""
        return all(self.sizes.get(path) == size for path, size in commit.files.items())

    def _keeps(self, commit: Commit, path: str) -> bool:
        """Whether a commit holds on to what is there of another one and can be made of nothing else.

        That is the bytes of logs, and what was said of them: else the other one counts, whatever this one says.
        """
        if path not in self.commits:
            return True
        files = self.commits[path].files
        there = {file for file, size in files.items() if self.sizes.get(file) == size} - {*commit.forgets}
        said = {"facts"} & set(map(table_at, there)) <= set(map(table_at, commit.files))
        return said and commit.files.keys() >= {file for file in there if file.startswith("logs/")}

    def _check(self, path: str, commit: Commit) -> None:
        """Note what is missing, cut off or too new of a commit."""
        if commit.schema_version > VERSION:
            self.too_new.add(path)
            self.problems.append(commits.too_new(commit.made_by, self.store.name(path)))
            self.unreadable.update(file for file in commit.files if table_at(file) in DERIVED)
        for file, size in commit.files.items():
            there = self.sizes.get(file)
            if there is None:
                self.exclude(file, "is missing")
            elif there != size:
                self.exclude(file, f"is damaged: it has {there:,} bytes of {size:,}")

    def exclude(self, path: str, what: str) -> None:
        """Leave out a file that cannot be read, and say so."""
        if path not in self.unreadable:
            self.unreadable.add(path)
            self.complain(path, what)
            for name in ("losers", "forgotten"):
                self.__dict__.pop(name, None)  # what stands in this file counts no more

    def complain(self, path: str, what: str, todo: str = commits.RESTORE) -> None:
        self.problems.append(ArchiveError(what, source=self.store.name(path), todo=todo))

    def named(self, table: str | None = None) -> list[tuple[str, str]]:
        """The files that count, of one table or of all kinds, each with a commit that names it.

        Two commits name one file where two writers made the same rows of the same logs; the rows of one then lose.
        """
        return sorted(
            (path, file)
            for path, commit in self.live.items()
            for file in commit.files
            if file not in self.unreadable and (table is None or table_at(file) == table)
        )

    def files(self, table: str | None = None) -> list[str]:
        """The files that count, of one table or of all kinds."""
        return sorted({file for _, file in self.named(table)})

    def dataset(self, table: str, only: Collection[tuple[str, str]] | None = None) -> Arrow:
        """The files of a table as one Arrow dataset; a column that an older file lacks is missing there.

        Args:
            table: its name.
            only: pairs of commit and file, as `named` gives them; all of them otherwise.
        """
        import pyarrow as pa
        import pyarrow.dataset as ds

        checked = ds.ParquetFragmentScanOptions(page_checksum_verification=True)
        parquet = ds.ParquetFileFormat(default_fragment_scan_options=checked)
        files = self.store.arrow()
        fragments = [
            parquet.make_fragment(
                self.store.place(file), files, partition_expression=ds.field(COMMIT) == commit
            )
            for commit, file in (self.named(table) if only is None else only)
        ]
        schema = schema_of(table).append(pa.field(COMMIT, pa.string()))
        return ds.FileSystemDataset(fragments, schema, parquet, files)

    def parts(self, table: str, files: Collection[tuple[str, str]]) -> Iterator[Arrow]:
        """The rows of some files of a table that count, as Arrow tables of a size that fits into memory.

        Args:
            table: its name.
            files: pairs of commit and file.

        Raises:
            ArchiveError: where a file is damaged.
        """
        import pyarrow as pa

        with self.store.errors(f"tables/{table}", "cannot be read", "see `logreport archive verify`"):
            for batch in self.dataset(table, files).to_batches(batch_readahead=2, fragment_readahead=1):
                rows = pa.Table.from_batches([batch])
                rows = self.counting(table, rows)
                if rows.num_rows:
                    yield rows.select(schema_of(table).names)

    def read(
        self,
        table: str,
        columns: list[str] | None = None,
        only: Arrow = None,
        files: Collection[tuple[str, str]] | None = None,
    ) -> Arrow:
        """Rows of a table as an Arrow table, with the commit of each; a file that is damaged is left out and noted.

        Args:
            table: its name.
            columns: those that are wanted.
            only: an Arrow expression that the rows must satisfy.
            files: pairs of commit and file; all of the table otherwise.
        """
        try:
            return self.dataset(table, files).to_table(columns=columns, filter=only)
        except Exception:
            if not self.find_damage(table):
                raise
            sound = files and [pair for pair in files if pair[1] not in self.unreadable]
            return self.read(table, columns, only, sound)

    def find_damage(self, table: str | None = None) -> bool:
        """Look at the Parquet files of a table, or of all, and leave out those that are not what their names say."""
        before = len(self.unreadable)
        for path in self.files(table):
            if table_at(path) and (content := self.content(path)) is not None:
                self.check(path, content)
        return len(self.unreadable) > before

    def content(self, path: str) -> bytes | None:
        """The bytes of a file; where it cannot be read it is left out, and None.

        Raises:
            ArchiveError: where no other file could be read either: no connection is no damage.
        """
        try:
            return self.store.get(path)
        except ArchiveError as error:
            reason = error.__cause__
            if isinstance(reason, FileNotFoundError):
                self.exclude(path, "is missing")
            elif self.store.is_local and isinstance(reason, OSError):
                self.shut.add(path)
                self.exclude(path, f"cannot be read ({reason.strerror})")
            else:
                raise
            return None

    def check(self, path: str, content: bytes) -> None:
        """Leave out a Parquet file that is damaged, or no table of ours; its rows are looked at where its columns differ."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        if digest_of(content) not in path:
            self.exclude(path, "is damaged: its content is not what its name says")
            return
        if (table := table_at(path)) not in COLUMNS:
            return  # it is of a newer logreport
        ours = {field.name: field.type for field in schema_of(table)}
        try:
            theirs = pq.read_schema(pa.BufferReader(content))
        except pa.ArrowException:
            theirs = ()
        if not theirs or any(ours.get(field.name, field.type) != field.type for field in theirs):
            try:
                self.dataset(table, [("", path)]).to_table()
            except Exception as error:  # noqa: BLE001 - Arrow has many
                why = str(error).partition(chr(10))[0]
                self.exclude(path, f"is no file of the table {table!r} ({why:.80})")

    @cached_property
    def losers(self) -> Arrow:
        """Commit and log of rows that do not count: the log is forgotten, or another commit has it too.

        Those of a commit with a damaged table count only where there are no others; of the rest those that no other
        takes the place of, and of several the ones that were derived last.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        unlisted = self._without_lines()
        logs = pa.concat_tables([self.read("lines", ["log_sha256"]), unlisted.select(["log_sha256"])])
        counts = pc.value_counts(logs.column(0))
        again = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
        gone = one_of("log_sha256", self.forgotten.logs)
        # Of the others nothing is to be decided: they are most.
        meant = one_of("log_sha256", again) | gone
        rows = pa.concat_tables([self.read("lines", [*READING, COMMIT], meant), unlisted.filter(meant)])
        lost: list[dict[str, str]] = rows.filter(gone).select([COMMIT, "log_sha256"]).to_pylist()
        whole = self.live.keys() - self.partial()
        found: dict[str, list[dict[str, Any]]] = {}
        for row in rows.filter(~gone).to_pylist():
            found.setdefault(row["log_sha256"], []).append(row)
        for log, those in found.items():
            winner = self._holding([row for row in those if row[COMMIT] in whole] or those)
            others = sorted({row[COMMIT] for row in those} - {winner})
            lost += [{COMMIT: commit, "log_sha256": log} for commit in others]
        schema = pa.schema([(COMMIT, pa.string()), ("log_sha256", pa.string())])
        return pa.Table.from_pylist(lost, schema)

    @staticmethod
    def _holding(rows: Collection[dict[str, Any]]) -> str:
        """The commit whose rows count, of several rows of `lines` of one log."""
        last: dict[str, dict[str, Any]] = {}
        for row in sorted(rows, key=lambda row: str(row[COMMIT])):
            last[mark_of_reading(row)] = row  # two commits may name one file, or copies of one row
        heads = unreplaced(last, (row["replaces"] for row in rows))
        return str(max(heads, key=lambda row: (row["derived_at"] or LONG_AGO, row[COMMIT]))[COMMIT])

    def readings(self, logs: Collection[str]) -> list[dict[str, Any]]:
        """All rows of `lines` of some logs, also those that do not count: when and how each was read."""
        wanted = one_of("log_sha256", logs)
        rows: list[dict[str, Any]] = self.read("lines", list(READING), wanted).to_pylist()
        return rows

    def partial(self, table: str | None = None) -> set[str]:
        """The commits of whose derived tables, or of that one, a file is damaged or missing."""
        tables = DERIVED.keys() if table is None else {table}
        return {
            path
            for path, commit in self.live.items()
            if tables & set(map(table_at, self.unreadable & commit.files.keys()))
        }

    def _without_lines(self) -> Arrow:
        """The logs of commits whose `lines` are damaged, as other tables name them, as if derived long ago."""
        import pyarrow as pa

        pairs = set()
        for path in self.partial("lines"):
            for table in DERIVED:
                rows = self.read(table, ["log_sha256"], one_of(COMMIT, [path]))
                pairs |= {(path, log) for log in rows.column("log_sha256").to_pylist()}
        schema = schema_of("lines").append(pa.field(COMMIT, pa.string()))
        rows = [{"log_sha256": log, COMMIT: path} for path, log in sorted(pairs)]
        return pa.Table.from_pylist(rows, schema).select([*READING, COMMIT])

    def rows(self, table: str, columns: list[str] | None = None, only: Arrow = None) -> Arrow:
        """Rows of a table that count, as an Arrow table without the commit; of `logs` one for each log and record."""
        if table == "logs":
            return once(self.kept(only=only)).select(columns or schema_of(table).names)
        asked = columns and list(dict.fromkeys([*columns, "log_sha256", COMMIT]))
        rows = self.counting(table, self.read(table, asked if table in DERIVED else None, only))
        return rows.select(columns or schema_of(table).names)

    def counting(self, table: str, rows: Arrow) -> Arrow:
        """Those of some rows of a table that count; the commit of each must be there."""
        import pyarrow as pa

        if table in DERIVED and len(self.losers):
            return without(rows, self.losers)
        if table == "facts" and self.forgotten.logs:
            facts = rows.select(schema_of(table).names).to_pylist()
            return rows.filter(pa.array([not self.forgotten.holds(fact) for fact in facts], pa.bool_()))
        return rows

    @cached_property
    def forgotten(self) -> Forgotten:
        """The logs that are forgotten: what a copy brings back of them does not count."""
        import pyarrow.dataset as ds

        of_kind = ds.field("kind") == FORGOTTEN
        return forgotten_in(self.read("facts", schema_of("facts").names, of_kind).to_pylist())

    def kept(self, columns: list[str] | None = None, only: Arrow = None) -> Arrow:
        """Rows of `logs` whose bytes are there; several for a log that two writers added at once."""
        asked = columns and list(dict.fromkeys([*columns, "log_sha256", "pack", "dictionary"]))
        rows = self.read("logs", asked, only)
        rows = rows.filter(one_of("pack", self.packs))
        if lost := self.lost_dictionaries:
            rows = rows.filter(~one_of("dictionary", lost))
        return rows.filter(~one_of("log_sha256", self.forgotten.logs)) if self.forgotten.logs else rows

    @property
    def packs(self) -> list[str]:
        return [path for path in self.files() if path.startswith("logs/") and not is_dictionary(path)]

    @property
    def lost_dictionaries(self) -> list[str]:
        """Those that a commit names and that are missing or damaged."""
        return sorted(path for path in self.unreadable if is_dictionary(path))

    @property
    def dictionaries(self) -> list[str]:
        """Those that count, the one first that new logs are compressed with: the same for whoever asks."""
        return [path for path in self.files() if is_dictionary(path)]


def without(rows: Arrow, losers: Arrow) -> Arrow:
    """Rows whose commit and log are not among the losers."""
    import pyarrow as pa
    import pyarrow.compute as pc

    def keys(some: Arrow) -> Arrow:
        return pc.binary_join_element_wise(some[COMMIT], some["log_sha256"], " ")

    lost = keys(losers).combine_chunks()
    kept = [part.filter(pc.invert(pc.is_in(keys(part), lost))) for part in rows.to_batches()]
    return pa.Table.from_batches(kept, rows.schema)


def once(logs: Arrow) -> Arrow:
    """One row for each log and record: the one that was added first."""
    import pyarrow.compute as pc

    logs = logs.sort_by([("added_at", "ascending"), ("pack", "ascending")])
    keys = pc.binary_join_element_wise(logs["log_sha256"], logs["sha256"], " ").combine_chunks()
    return logs.take(pc.index_in(pc.unique(keys), keys))
