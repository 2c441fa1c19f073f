"""Rows of an archive as DataFrames and as Tables, all or of the runs that a condition means; no SQL."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from logreport.archive.ingest.facts import tag_keys, tags_in
from logreport.archive.queries.frames import frame_of_rows, values_of
from logreport.archive.storage.layout import COLUMNS, DERIVED, Arrow
from logreport.archive.storage.snapshot import COMMIT, Snapshot
from logreport.errors import UsageError
from logreport.runs.reading import note_duplicates
from logreport.tables.conditions import Condition
from logreport.tables.redaction import hide_secrets
from logreport.tables.schema import TABLES
from logreport.tables.secrets import hidden_value
from logreport.tables.tables import Tables, place_of

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 8  # digits of a log's SHA-256 behind a path that several logs have
PART = 20_000  # logs whose rows are in memory as lists together


def frame_of(name: str, snapshot: Snapshot) -> "pd.DataFrame":
    """A table as a DataFrame with the dtypes of the schema.

    Raises:
        UsageError: for a table that does not exist.
    """
    if name not in COLUMNS:
        raise UsageError(f"{name!r} is no table of an archive", todo=f"there are {', '.join(COLUMNS)}")
    return frame_of_rows(snapshot.rows(name))


def runs_of(snapshot: Snapshot, where: Condition | None) -> "pd.DataFrame":
    """The runs that a condition selects, in the order of their paths, with a column for each tag."""
    import pandas as pd

    rows = in_order(snapshot.rows("runs"), logs_in_order(snapshot)[0])
    if where is not None:
        rows = rows.filter(is_chosen(rows, chosen_runs(snapshot, where)))
    runs = frame_of_rows(rows)
    for name, values in tags_of(snapshot, rows).items():
        runs[name] = pd.Series(values, index=runs.index, dtype="string")
    return runs


def tags_of(snapshot: Snapshot, runs: Arrow) -> dict[str, list[str | None]]:
    """A column `tag.KEY` for each tag, of rows of runs; what was said of a run goes before what was said of its log."""
    by_log, by_run = tags_in(snapshot)
    keys = (runs.column(name).to_pylist() for name in ("log_sha256", "run_id"))
    own = [{**by_log.get(log, {}), **by_run.get(run, {})} for log, run in zip(*keys, strict=True)]
    return {
        f"tag.{key}": [value and hidden_value(key, value) for value in (tags.get(key) for tags in own)]
        for key in tag_keys(by_log, by_run)
    }


def chosen_runs(snapshot: Snapshot, where: Condition, also: Sequence[str] = ()) -> Arrow:
    """The runs that a condition selects: `log_sha256`, `run_id` and `source` of each, and some columns more.

    Raises:
        UsageError: where it names no column of the runs.
    """
    known = [column.name for column in COLUMNS["runs"]]
    needed = [name for name in known if name in where.names]
    rows = snapshot.rows("runs", list(dict.fromkeys(["log_sha256", "run_id", "source", *needed, *also])))
    tags = tags_of(snapshot, rows)
    where.check([*known, *tags])
    columns = {name: values_of(rows.column(name)) for name in needed}
    return rows.filter(where.mask(columns | tags, rows.num_rows))


def tables_of(snapshot: Snapshot, where: Condition | None, only: Collection[str] = DERIVED) -> Tables:
    """Tables of the runs that a condition selects, in the order of their paths, with what is judged across runs.

    Two logs that were added under one path are told apart by their SHA-256: `path@1a2b3c4d`.

    Args:
        snapshot: of the archive.
        where: the condition; None for all runs.
        only: the tables that are wanted; the others stay empty, and cost nothing.
    """
    from logreport.analysis import check_across

    tables = tables_of_runs(snapshot, None if where is None else chosen_runs(snapshot, where), only)
    note_duplicates(tables)
    check_across(tables)
    return tables


def tables_of_runs(snapshot: Snapshot, chosen: Arrow, only: Collection[str]) -> Tables:
    """Tables of some runs, without what is judged across runs.

    Args:
        snapshot: of the archive.
        chosen: `log_sha256`, `run_id` and `source` of each; None for all.
        only: the tables that are wanted.
    """
    damaged = len(snapshot.unreadable)
    order, names = logs_in_order(snapshot)
    tables = Tables()
    for table in (name for name in DERIVED if name in only):
        rows = snapshot.rows(table)
        if chosen is not None:
            rows = rows.filter(is_chosen(rows, chosen))
        rows = in_order(rows, order)
        take(rows, table, tables, names)
    if len(snapshot.unreadable) > damaged:
        # It was found on the way, after some rows of its commit were taken.
        return tables_of_runs(snapshot, chosen, only)
    runs = snapshot.rows("runs", ["log_sha256", "run_id"])
    ids = runs.column("run_id").to_pylist()
    tables.tags = {name: dict(zip(ids, own, strict=True)) for name, own in tags_of(snapshot, runs).items()}
    hide_secrets(tables, [])
    return tables


def take(rows: Arrow, table: str, tables: Tables, names: Mapping[str, str]) -> None:
    """Take rows into a table; a column that they lack is missing, a log may have another name."""
    columns = tables.columns[table]
    for column in TABLES[table]:
        there = column.name in rows.column_names
        columns[column.name] = values_of(rows.column(column.name)) if there else [None] * rows.num_rows
    if names:
        logs = rows.column("log_sha256").to_pylist()
        columns["source"] = [
            names[log] + source.removeprefix(place_of(source)) if log in names else source
            for log, source in zip(logs, columns["source"], strict=True)
        ]


def parts_of(
    snapshot: Snapshot,
    chosen: Arrow,
    columns: Mapping[str, Sequence[str]],
    only: Mapping[str, Arrow] | None = None,
) -> Iterator[Tables]:
    """Some columns of the tables of some runs, in parts that fit into memory: all rows of a log are in one of them.

    Args:
        snapshot: of the archive.
        chosen: `log_sha256`, `run_id` and `source` of each run; None for all.
        columns: those that are wanted of each table, with `run_id` and `source`; the others are missing.
        only: for a table, an Arrow expression that its rows must satisfy.
    """
    names = logs_in_order(snapshot)[1]
    counts = Counter(snapshot.rows("lines", [COMMIT]).column(0).to_pylist())
    for path, count in sorted(counts.items()):
        for group in groups_of_logs(count):
            tables = Tables()
            for table, wanted in columns.items():
                meant = group if only is None or table not in only else group & only[table]
                pairs = [pair for pair in snapshot.named(table) if pair[0] == path]
                rows = snapshot.read(table, [*wanted, "log_sha256", COMMIT], meant, pairs)
                rows = snapshot.counting(table, rows)
                if chosen is not None:
                    rows = rows.filter(is_chosen(rows, chosen))
                take(in_order(rows, rows.column("log_sha256").unique()), table, tables, names)
            hide_secrets(tables, [])
            yield tables


def groups_of_logs(count: int) -> Iterator[Arrow]:
    """Expressions of which each log of so many satisfies one: their SHA-256 are spread evenly."""
    import pyarrow.dataset as ds

    number = -(-count // PART)
    log = ds.field("log_sha256")
    for i in range(number):
        first, end = (f"{at * 16**6 // number:06x}" for at in (i, i + 1))
        yield (log >= first) & (log < end) if i < number - 1 else log >= first


def logs_in_order(snapshot: Snapshot) -> tuple[Arrow, Mapping[str, str]]:
    """The logs in the order of their paths, and a name for each whose path is that of another log too."""
    import pyarrow.compute as pc

    rows = snapshot.rows("lines", ["source", "log_sha256"])
    rows = rows.sort_by([("source", "ascending"), ("log_sha256", "ascending")])
    counts = pc.value_counts(rows.column("source"))
    several = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
    named = rows.filter(pc.is_in(rows.column("source"), several)).to_pylist()
    names = {row["log_sha256"]: f"{row['source']}@{row['log_sha256'][:SHOWN]}" for row in named}
    return rows.column("log_sha256").combine_chunks(), names


def in_order(rows: Arrow, order: Arrow) -> Arrow:
    """Rows sorted by their logs; those of one log stay as they were."""
    import pyarrow.compute as pc

    return rows.take(pc.sort_indices(pc.index_in(rows.column("log_sha256"), order)))


def is_chosen(rows: Arrow, chosen: Arrow) -> Arrow:
    """Whether each row is of a chosen run, or of no run and of a log that holds a chosen one."""
    import pyarrow.compute as pc

    def keys(some: Arrow) -> Arrow:
        return pc.binary_join_element_wise(some.column("log_sha256"), some.column("source"), " ")

    of_log = pc.is_in(rows.column("log_sha256"), chosen.column("log_sha256"))
    if "run_id" not in rows.column_names:
        return of_log
    of_run = pc.is_in(keys(rows), keys(chosen))
    return pc.if_else(pc.is_null(rows.column("run_id")), of_log, of_run)
