"""The bytes of logs and records out of an archive, and sources that read them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from logreport.archive.storage import packs
from logreport.archive.storage.layout import one_of
from logreport.archive.storage.snapshot import Snapshot
from logreport.errors import ArchiveError
from logreport.sources.names import RECORD, TELEMETRY
from logreport.sources.source import Source, memory_source

Row = Mapping[str, Any]


def kept_rows(logs: Collection[str], snapshot: Snapshot) -> dict[str, list[Row]]:
    """Where the bytes of some logs and their records are, by the log; what was added last comes first."""
    found: dict[str, list[Row]] = {log: [] for log in logs}
    there = one_of("log_sha256", found.keys() - snapshot.forgotten.logs)
    for row in snapshot.read("logs", only=there).to_pylist():
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


def kept_sources(logs: Collection[str], snapshot: Snapshot) -> tuple[dict[str, Source], list[ArchiveError]]:
    """Logs as sources that can be read once more, by their SHA-256, and an error for each that cannot."""
    sources: dict[str, Source] = {}
    errors: list[ArchiveError] = []
    records = last_records(logs, snapshot)
    for log, rows in kept_rows(logs, snapshot).items():
        try:
            sources[log] = kept_source(rows, records.get(log), snapshot)
        except ArchiveError as error:
            errors.append(error)
    return sources, errors


def last_records(logs: Collection[str], snapshot: Snapshot) -> dict[str, str]:
    """The SHA-256 of the record that some logs were last read with, where it is known."""
    wanted = one_of("log_sha256", logs)
    rows = snapshot.rows("lines", ["log_sha256", "record_sha256"], wanted).to_pylist()
    return {row["log_sha256"]: row["record_sha256"] for row in rows if row["record_sha256"] is not None}


def kept_source(rows: Sequence[Row], record_sha256: str | None, snapshot: Snapshot) -> Source:
    """One log with what is beside it, under the path where it was added.

    Of several records it is the one that the log was last read with, else the one that was added last.

    Raises:
        ArchiveError: where it cannot be read.
    """
    own = [row for row in rows if row["kind"] == "log"]
    text = content(own, snapshot)
    records = [row for row in rows if row["kind"] == "record"]
    last = [row for row in records if row["sha256"] == record_sha256] or records[:1]
    series = [row for row in rows if row["kind"] == "telemetry"]
    beside = {RECORD: content(last, snapshot)} if last else {}
    if last and series:
        beside[TELEMETRY] = content(series, snapshot)
    return memory_source(own[-1]["source"], text, beside.get)
