"""Many small Parquet files to few large ones, beside writers: one commit that takes the place of those it merges."""

import io
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from logreport.archive.storage import commits
from logreport.archive.storage.layout import (
    COLUMNS,
    Arrow,
    filed,
    parquet_writer,
    schema_of,
    table_at,
)
from logreport.archive.storage.snapshot import Snapshot
from logreport.tables.schema import VERSION

LIMIT = 128_000_000  # bytes of a file
LARGE = 0.75  # of the limit: a file that is not written again
GROUP = 1 << 16  # rows that are written together


@dataclass(frozen=True)
class Compacted:
    """What was done: Parquet files before and now, and the commits that became one."""

    before: int
    after: int
    merged: int


def compact(snapshot: Snapshot, limit: float = LIMIT) -> Compacted:
    """Merge all commits that can be read whole; nothing is removed, readers skip what was merged.

    Args:
        snapshot: the archive.
        limit: bytes of a file.

    Raises:
        ArchiveError: where the archive cannot be read or written; it is as it was then.
    """
    merged = [
        path
        for path, commit in snapshot.live.items()
        if commit.schema_version == VERSION and not snapshot.unreadable & commit.files.keys()
    ]
    also = {file: size for path in merged for file, size in snapshot.live[path].files.items()}
    before = sum(1 for file in also if table_at(file))
    # A large file is kept if all its rows count.
    least = limit + 1 if len(snapshot.losers) else LARGE * limit
    small = {file for file, size in also.items() if table_at(file) and size < least}
    if len(small) == len({table_at(file) for file in small}) and not len(snapshot.losers):
        return Compacted(before, before, 0)
    merging = {
        table: [pair for pair in snapshot.named(table) if pair[0] in merged and pair[1] in small]
        for table in COLUMNS
    }
    written = (
        file
        for table, files in merging.items()
        for file in rolled(table, groups(snapshot, table, files), limit)
    )
    kept = {file: size for file, size in also.items() if file not in small}
    commit = commits.write(snapshot.store, written, merged, kept)
    return Compacted(before, sum(1 for file in commit.files if table_at(file)), len(merged))


def groups(snapshot: Snapshot, table: str, files: Collection[tuple[str, str]]) -> Iterator[Arrow]:
    """The rows of some files of a table that count, as Arrow tables of about `GROUP` rows."""
    import pyarrow as pa

    held: list[Arrow] = []
    for rows in snapshot.parts(table, files):
        held.append(rows)
        if sum(part.num_rows for part in held) >= GROUP:
            yield pa.concat_tables(held)
            held = []
    if held:
        yield pa.concat_tables(held)


def rolled(table: str, parts: Iterable[Arrow], limit: float) -> Iterator[tuple[str, bytes]]:
    """Parquet files with the rows of all parts, each as large as the limit lets it be."""
    left = iter(parts)
    rows = next(left, None)
    while rows is not None:
        out, largest = io.BytesIO(), 0
        with parquet_writer(out, schema_of(table)) as writer:
            while rows is not None and (not largest or out.tell() + 2 * largest <= limit):
                before = out.tell()
                writer.write_table(rows)
                largest, rows = max(largest, out.tell() - before), next(left, None)
        yield filed(table, out.getvalue())
