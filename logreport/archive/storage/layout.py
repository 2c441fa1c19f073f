"""What an archive holds: its tables and their columns, where their files lie, and Parquet of both ways."""

import functools
import hashlib
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from logreport.archive.storage.store import digest_of
from logreport.resources import resource_dir
from logreport.sources.names import RECORD, TELEMETRY
from logreport.tables.exporting import arrow_schema
from logreport.tables.schema import TABLES, TEXT, TIME, VERSION, WHOLE, Column
from logreport.version import __version__

Arrow = Any  # a table, schema, array or expression of pyarrow, which ships no types
ENDINGS = {
    "record": RECORD,
    "telemetry": TELEMETRY,
}  # kinds of what is kept beside a log, and how their names end
_LOG = Column("log_sha256", TEXT, "", "SHA-256 of the log's bytes, without compression")
_ORIGIN = (
    Column("derived_at", TIME, "UTC", "when these rows were made of the log"),
    Column("made_by", TEXT, "", "release of logreport that made them"),
    Column("schema_version", WHOLE, "", "version of the tables"),
    Column("grammars", TEXT, "", "hash of the grammars"),
    Column("record_sha256", TEXT, "", "SHA-256 of the record that was read with it; missing where none was"),
    Column("replaces", TEXT, "", "marks of the readings of this log that it takes the place of"),
    Column(
        "run_id_recipe",
        WHOLE,
        "",
        "version of the recipe by which its runs are called; missing for the first",
    ),
)
# Facts of their own, not made of logs: they are never made again.
KEPT: dict[str, tuple[Column, ...]] = {
    "logs": (
        _LOG,
        Column("kind", TEXT, "", "log, or what lies beside it: record, telemetry"),
        Column("sha256", TEXT, "", "SHA-256 of the bytes that are kept; of a log its log_sha256"),
        Column("source", TEXT, "", "path under which it was added"),
        Column("bytes", WHOLE, "bytes", "size without compression"),
        Column("pack", TEXT, "", "file of the archive that holds it"),
        Column("pack_offset", WHOLE, "bytes", "where it begins there"),
        Column("packed_bytes", WHOLE, "bytes", "its size there: one zstd frame"),
        Column(
            "dictionary",
            TEXT,
            "",
            "file of the archive with the zstd dictionary that it needs; missing where none",
        ),
        Column("added_at", TIME, "UTC", "when it was added"),
    ),
    "facts": (
        _LOG,
        Column("run_id", TEXT, "", "the run that it is about; missing where it is about the whole log"),
        Column(
            "kind",
            TEXT,
            "",
            "tag, note, source (one more path of the log), replaces (an id by which the run was called), or forgotten",
        ),
        Column("key", TEXT, "", "name of the tag"),
        Column("value", TEXT, "", "value; missing where the tag was taken away, or the log brought back"),
        Column("said_at", TIME, "UTC", "when it was said"),
        Column("replaces", TEXT, "", "marks of the facts that it takes the place of"),
    ),
}
DERIVED: dict[str, tuple[Column, ...]] = {
    name: (*columns, *(() if name == "runs" else (_LOG,)), *(_ORIGIN if name == "lines" else ()))
    for name, columns in TABLES.items()
}
COLUMNS = {**DERIVED, **KEPT}


@functools.lru_cache
def schema_of(table: str) -> Arrow:
    return arrow_schema(COLUMNS[table])


def one_of(column: str, values: Collection[str]) -> Arrow:
    """Whether a column has one of some values, as an expression."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    return ds.field(column).isin(pa.array(values, pa.string()))


def arrow_of_rows(table: str, rows: Iterable[Mapping[str, Any]]) -> Arrow:
    """Rows as an Arrow table; they may say more than the table has columns for."""
    import pyarrow as pa

    return pa.Table.from_pylist(list(rows), schema_of(table))


def parquet_file(table: str, rows: Arrow) -> tuple[str, bytes]:
    """Path and content of a Parquet file with some rows of a table."""
    out = io.BytesIO()
    with parquet_writer(out, rows.schema) as writer:
        writer.write_table(rows)
    return filed(table, out.getvalue())


def parquet_writer(out: io.BytesIO, schema: Arrow) -> Any:  # noqa: ANN401 - pyarrow has no types
    """A writer of Parquet with checksums; who wrote it stands in the metadata."""
    import pyarrow.parquet as pq

    made = {"logreport.schema_version": str(VERSION), "logreport.made_by": __version__}
    writer = pq.ParquetWriter(out, schema, compression="zstd", write_page_checksum=True)
    writer.add_key_value_metadata(made)
    return writer


def filed(table: str, content: bytes) -> tuple[str, bytes]:
    """A Parquet file with its path, which names it by its content."""
    return f"tables/{table}/{digest_of(content)}.parquet", content


def table_at(path: str) -> str:
    """The table that a Parquet file belongs to; empty for any other file."""
    parts = path.split("/")
    return parts[1] if parts[0] == "tables" and len(parts) == 3 else ""


@functools.lru_cache
def grammars_hash(extra: Sequence[Path] = ()) -> str:
    """Hash of all grammars: of those that ship, and of the user's folders."""
    from logreport.grammar.loading import lark_files

    digest = hashlib.sha256()
    for folder in (resource_dir("grammars"), *extra):
        for path in lark_files(folder):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
