"""SQL over an archive: DuckDB over one view per table. It is shown Arrow tables and can reach nothing else."""

import itertools
import math
import re
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

from logreport.archive.queries.frames import Rows, without_secrets
from logreport.archive.queries.results import results_select
from logreport.archive.storage.layout import COLUMNS, DERIVED, Arrow
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
ALL = ("results", *COLUMNS, *VIEWS)
# What a view is made of.
NEEDED = {"results": ("phases", "runs", "environment", "devices", "findings")} | dict.fromkeys(
    VIEWS, ("_standing",)
)
# A query that asks what there is.
OF_CATALOG = re.compile(
    r"\b(?:show|describe|summarize|pragma|call|information_schema|pg_catalog|duckdb_\w+)\b", re.IGNORECASE
)


def query(snapshot: Snapshot, sql: str) -> "pd.DataFrame":
    """The answer to a query over the views, as a DataFrame.

    Raises:
        UsageError: where the query is wrong.
        ArchiveError: where DuckDB is not installed.
    """
    from logreport.archive.queries.frames import frame_of_rows

    return frame_of_rows(answer(snapshot, sql, lambda rows: rows.to_arrow_table()))


def rows_of(snapshot: Snapshot, sql: str) -> Rows:
    """The same as lists, for output: pandas and Arrow take longer to load than most answers.

    Raises:
        UsageError: where the query is wrong.
        ArchiveError: where DuckDB is not installed.
    """
    heads, types, rows = answer(snapshot, sql, lambda rows: (rows.columns, rows.types, rows.fetchall()))
    columns = zip(*rows, strict=True) if rows else ((),) * len(heads)
    numbers = [plain_numbers(str(type_), list(column)) for type_, column in zip(types, columns, strict=True)]
    shown = without_secrets(dict(zip(heads, numbers, strict=True)))
    return Rows(heads, [list(row) for row in zip(*shown.values(), strict=True)])


def plain_numbers(type_: str, values: list[Any]) -> list[Any]:
    """The values of a column as every format knows them: what has too many digits is text, as in a DataFrame."""
    if type_.startswith("DECIMAL"):
        whole = type_.endswith(",0)")
        values = [value if value is None else int(value) if whole else float(value) for value in values]
    if type_ == "HUGEINT" or type_.endswith(",0)"):
        large = any(value is not None and not -(2**63) <= value < 2**63 for value in values)
        values = [str(value) if large and value is not None else value for value in values]
    return [None if isinstance(value, float) and math.isnan(value) else value for value in values]


def answer(snapshot: Snapshot, sql: str, taken: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - DuckDB is optional
    """The answer to a query, as `taken` takes it; where a damaged file is in its way, that of the others.

    Raises:
        UsageError: where the query is wrong.
        ArchiveError: where DuckDB is not installed.
    """
    try:
        import duckdb
    except ImportError as error:
        raise ArchiveError("SQL needs DuckDB", source=snapshot.store.url, todo=install("archive")) from error
    with duckdb.connect() as connection:
        show(snapshot, connection, views_in(sql, connection))
        try:
            rows = connection.sql(sql)
            if rows is not None:
                return taken(sound_rows(rows))
        except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException) as error:
            raise wrong(str(error), snapshot) from error
        except duckdb.Error as error:
            if not snapshot.find_damage():
                raise wrong(str(error), snapshot) from error
        else:
            raise wrong("it gives no rows", snapshot)
    return answer(snapshot, sql, taken)


def views_in(sql: str, connection: Any) -> Collection[str]:  # noqa: ANN401 - DuckDB is optional
    """The views that a query names; all where DuckDB cannot say it, or it may ask for what there is."""
    import duckdb

    try:
        named = {name.casefold() for name in connection.get_table_names(sql)}
    except duckdb.Error:
        return ALL
    return ALL if OF_CATALOG.search(sql) else named & {*ALL}


def sound_rows(rows: Any) -> Any:  # noqa: ANN401 - DuckDB is optional
    """An answer whose columns have names of their own, and types that every output knows; what has another is text."""
    names = unique_names(rows.columns)
    cells = [
        f"#{i}{'' if is_sound(type_, SOUND) else '::VARCHAR'} AS {quoted(name)}"
        for i, (type_, name) in enumerate(zip(rows.types, names, strict=True), 1)
    ]
    return rows.project(", ".join(cells))


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
    from logreport.archive.ingest.facts import tag_keys, tags_in

    tags = ", ".join(f"tag.{key}" for key in tag_keys(*tags_in(snapshot))) or "none"
    views = ", ".join(ALL)
    reason = " ".join(what.partition("LINE 1")[0].split())
    return UsageError(f"this SQL does not work: {reason}", todo=f"views: {views}; tags: {tags}")


def show(snapshot: Snapshot, connection: Any, views: Collection[str]) -> None:  # noqa: ANN401 - DuckDB is optional
    """Make some views, and shut all else off: files, network, extensions, settings."""
    connection.execute("SET enable_external_access = false")
    needed = {*views}.union(*(NEEDED.get(name, ()) for name in views))
    for name in ("_standing", *COLUMNS, *VIEWS, "results"):  # a view stands behind those that it is made of
        if name in needed:
            if name == "_standing":
                connection.register(name, standing_rows(snapshot))
            elif name in COLUMNS:
                connection.execute(f"CREATE VIEW {name} AS {view(name, snapshot, connection)}")
            elif name in VIEWS:
                connection.execute(f"CREATE VIEW {name} AS {VIEWS[name]}")
            else:
                tagged = "tag" in connection.table("runs").columns
                connection.execute(f"CREATE VIEW results AS {results_select(tagged=tagged)}")
    connection.execute("SET lock_configuration = true")


def view(table: str, snapshot: Snapshot, connection: Any) -> str:  # noqa: ANN401 - DuckDB is optional
    """The SELECT behind the view of a table: the rows that count, and of runs their tags."""
    import pyarrow as pa

    forgotten = table == "facts" and snapshot.forgotten.logs
    connection.register(f"_files_{table}", snapshot.rows(table) if forgotten else snapshot.dataset(table))
    columns = ", ".join(f'_files."{column.name}"' for column in COLUMNS[table])
    source = f"_files_{table} AS _files"
    if table == "logs":
        connection.register("_packs", pa.table({"pack": pa.array(snapshot.packs, pa.string())}))
        gone = pa.array(snapshot.forgotten.logs, pa.string())
        connection.register("_forgotten", pa.table({"log_sha256": gone}))
        source += " ANTI JOIN _forgotten USING (log_sha256)"
        source += " SEMI JOIN _packs USING (pack) QUALIFY row_number() OVER (PARTITION BY log_sha256, sha256 ORDER BY added_at, pack) = 1"
    if table in DERIVED and len(snapshot.losers):
        connection.register("_losers", snapshot.losers)
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

    from logreport.archive.ingest.facts import tag_keys, tags_in

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
    from logreport.archive.ingest.facts import arrow_of_facts, standing

    return arrow_of_facts(standing(snapshot.rows("facts")))
