"""The bytes of logs and records out of an archive, and sources that read them."""

from collections.abc import Collection, Mapping, Sequence
from io import BytesIO
from typing import Any

from logreport.archive import packs
from logreport.archive.snapshot import Snapshot
from logreport.errors import ArchiveError
from logreport.sources import Source

Row = Mapping[str, Any]


def rows_of(logs: Collection[str], snapshot: Snapshot) -> dict[str, list[Row]]:
    """Where the bytes of some logs and their records are, by the log; what was added last comes first."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    wanted = ds.field("log_sha256").isin(pa.array(logs, pa.string()))
    found: dict[str, list[Row]] = {log: [] for log in logs}
    for row in snapshot.read("logs", only=wanted).to_pylist():
        found[row["log_sha256"]].append(row)
    for rows in found.values():
        rows.sort(key=lambda row: row["added_at"], reverse=True)
    return found


def content(rows: Sequence[Row], snapshot: Snapshot) -> bytes:
    """The bytes that any of these rows leads to.

    Raises:
        ArchiveError: where none does.
    """
    error: ArchiveError | None = None
    for row in rows:
        try:
            return packs.content_of(row, snapshot.store)
        except ArchiveError as found:
            error = found
    raise error or ArchiveError("this log is not here", source=snapshot.store.url, todo="see `archive list`")


def sources_of(logs: Collection[str], snapshot: Snapshot) -> tuple[dict[str, Source], list[ArchiveError]]:
    """Logs as sources that can be read once more, by their SHA-256, and an error for each that cannot."""
    sources: dict[str, Source] = {}
    errors: list[ArchiveError] = []
    for log, rows in rows_of(logs, snapshot).items():
        try:
            sources[log] = source_of(rows, snapshot)
        except ArchiveError as error:
            errors.append(error)
    return sources, errors


def source_of(rows: Sequence[Row], snapshot: Snapshot) -> Source:
    """One log with the record beside it, under the path where it was added.

    Raises:
        ArchiveError: where it cannot be read.
    """
    own = [row for row in rows if row["kind"] == "log"]
    text = content(own, snapshot)
    last = next((row for row in rows if row["kind"] == "record"), None)
    record = None if last is None else content([last], snapshot)
    return Source(own[-1]["source"], lambda: BytesIO(text), len(text), beside=lambda _: record)
