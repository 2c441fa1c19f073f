"""SQL over an archive: DuckDB over one view per table. It is shown Arrow tables and can reach nothing else."""

import itertools
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from logreport.archive.ingest.facts import arrow_of_facts, standing, tag_keys, tags_in
from logreport.archive.queries.frames import frame_of_rows
from logreport.archive.storage.layout import COLUMNS, DERIVED, Arrow, schema_of
from logreport.archive.storage.snapshot import COMMIT, Snapshot
from logreport.errors import ArchiveError, UsageError
from logreport.resources import install

if TYPE_CHECKING:
    import pandas as pd

# Types by DuckDB's names for them, which a column may have, and which may stand in lists and structs.
SIMPLE = {
    "boolean", "tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger", "ubigint", "float",
    "double", "varchar",
}  # fmt: skip
SOUND = SIMPLE | {
    "decimal",
    "hugeint",
    "timestamp",
    "timestamp_s",
    "timestamp_ms",
    "timestamp_ns",
    "timestamp with time zone",
}
VIEWS = {
    "tags": "SELECT log_sha256, run_id, key, value, said_at FROM _standing WHERE kind = 'tag' AND value IS NOT NULL",
    "notes": "SELECT log_sha256, run_id, value AS note, said_at FROM _standing WHERE kind = 'note'",
}


def query(snapshot: Snapshot, sql: str) -> "pd.DataFrame":
    """The answer to a query over the views.

    Raises:
        UsageError: where the query is wrong.
        ArchiveError: where DuckDB is not installed.
    """
    return frame_of_rows(answer(snapshot, sql))


def answer(snapshot: Snapshot, sql: str) -> Arrow:
    """The answer to a query as an Arrow table; where a damaged file is in its way, that of the others.

    Raises:
        UsageError: where the query is wrong.
        ArchiveError: where DuckDB is not installed.
    """
    try:
        import duckdb
    except ImportError as error:
        raise ArchiveError("SQL needs DuckDB", source=snapshot.store.url, todo=install("archive")) from error
    with duckdb.connect() as connection:
        show(snapshot, connection)
        try:
            rows = connection.sql(sql)
            if rows is not None:
                return arrow_rows(rows)
        except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException) as error:
            raise wrong(str(error), snapshot) from error
        except duckdb.Error as error:
            if not snapshot.find_damage():
                raise wrong(str(error), snapshot) from error
        else:
            raise wrong("it gives no rows", snapshot)
    return answer(snapshot, sql)


def arrow_rows(rows: Any) -> Arrow:  # noqa: ANN401 - DuckDB is optional
    """An answer as an Arrow table: each column has a name of its own, and a type that every output knows, else is text."""
    names, sound = unique_names(rows.columns), [is_sound(type_, SOUND) for type_ in rows.types]
    if not all(sound):
        rows = rows.project(", ".join(f"#{i}" if ok else f"#{i}::VARCHAR" for i, ok in enumerate(sound, 1)))
    return rows.to_arrow_table().rename_columns(names)


def is_sound(type_: Any, sound: Collection[str]) -> bool:  # noqa: ANN401 - DuckDB is optional
    """Whether pandas, CSV, JSON and Parquet can all hold such values."""
    if type_.id in ("list", "struct"):
        return all(is_sound(child, SIMPLE) for _, child in type_.children)
    return type_.id in sound


def unique_names(names: Sequence[str], *, fold: bool = False) -> list[str]:
    """Names of which no two are the same: `n`, `n_1`, as DuckDB itself does it in a table.

    Args:
        names: in order.
        fold: whether names are the same that differ in small and large letters only.
    """
    key = str.casefold if fold else str
    there, found = set(map(key, names)), dict[str, str]()
    for name in names:
        tries = (f"{name}_{i}" for i in itertools.count(1) if key(f"{name}_{i}") not in there)
        free = name if key(name) not in found else next(one for one in tries if key(one) not in found)
        found[key(free)] = free
    return list(found.values())


def wrong(what: str, snapshot: Snapshot) -> UsageError:
    """The error for a query that DuckDB does not understand."""
    tags = ", ".join(f"tag.{key}" for key in tag_keys(*tags_in(snapshot))) or "none"
    views = ", ".join((*COLUMNS, *VIEWS))
    reason = " ".join(what.partition("LINE 1")[0].split())
    return UsageError(f"this SQL does not work: {reason}", todo=f"views: {views}; tags: {tags}")


def show(snapshot: Snapshot, connection: Any) -> None:  # noqa: ANN401 - DuckDB is optional
    """Make the views, and shut all else off: files, network, extensions, settings."""
    import pyarrow as pa

    connection.execute("SET enable_external_access = false")
    for table in COLUMNS:
        whole = (
            snapshot.rows(table) if table == "facts" and snapshot.forgotten.logs else snapshot.dataset(table)
        )
        connection.register(f"_files_{table}", whole)
    connection.register("_losers", snapshot.losers)
    connection.register("_packs", pa.table({"pack": pa.array(snapshot.packs, pa.string())}))
    gone = pa.array(snapshot.forgotten.logs, pa.string())
    connection.register("_forgotten", pa.table({"log_sha256": gone}))
    connection.register("_standing", standing_rows(snapshot))
    for table in COLUMNS:
        connection.execute(f"CREATE VIEW {table} AS {view(table, snapshot, connection)}")
    for name, select in VIEWS.items():
        connection.execute(f"CREATE VIEW {name} AS {select}")
    connection.execute("SET lock_configuration = true")


def view(table: str, snapshot: Snapshot, connection: Any) -> str:  # noqa: ANN401 - DuckDB is optional
    """The SELECT behind a view: the rows that count, and of runs their tags."""
    columns = ", ".join(f'_files."{name}"' for name in schema_of(table).names)
    source = f"_files_{table} AS _files"
    if table == "logs":
        source += " ANTI JOIN _forgotten USING (log_sha256)"
        source += " SEMI JOIN _packs USING (pack) QUALIFY row_number() OVER (PARTITION BY log_sha256, sha256 ORDER BY added_at, pack) = 1"
    if table in DERIVED and len(snapshot.losers):
        source += f" ANTI JOIN _losers USING ({COMMIT}, log_sha256)"
    if table == "runs" and (keys := register_tags(snapshot, connection)):
        fields = unique_names([key.replace("\0", "") or "_" for key in keys], fold=True)
        both = ", ".join(
            f"""{quoted(field)} := CASE WHEN list_contains(_of_run._said, {i}) THEN _of_run._{i} ELSE _of_log._{i} END"""
            for i, field in enumerate(fields)
        )
        columns += f", struct_pack({both}) AS tag"
        source += " LEFT JOIN _of_log ON _files.log_sha256 = _of_log._about"
        source += " LEFT JOIN _of_run ON _files.run_id = _of_run._about"
    return f"SELECT {columns} FROM {source}"  # noqa: S608 - names of our own, and keys that are quoted


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def register_tags(snapshot: Snapshot, connection: Any) -> list[str]:  # noqa: ANN401 - DuckDB is optional
    """Show the tags of logs and of runs as two tables with a column for each key: `_0`, `_1`, …; returns the keys."""
    import pyarrow as pa

    by_log, by_run = tags_in(snapshot)
    keys = tag_keys(by_log, by_run)
    for name, tags in (("_of_log", by_log), ("_of_run", by_run)):
        columns = {
            f"_{i}": pa.array([own.get(key) for own in tags.values()], pa.string())
            for i, key in enumerate(keys)
        }
        said = [[i for i, key in enumerate(keys) if key in own] for own in tags.values()]
        about = {"_about": pa.array(tags, pa.string()), "_said": pa.array(said, pa.list_(pa.int64()))}
        connection.register(name, pa.table(about | columns))
    return keys


def standing_rows(snapshot: Snapshot) -> Arrow:
    """The facts that hold, as an Arrow table."""
    return arrow_of_facts(standing(snapshot.rows("facts")))
