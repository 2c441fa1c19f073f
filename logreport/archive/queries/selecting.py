"""Rows of an archive as DataFrames and as Tables, without SQL but for the condition of a selection."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from logreport.archive.ingest.derive import place_of
from logreport.archive.ingest.facts import standing
from logreport.archive.storage.layout import COLUMNS, DERIVED, Arrow
from logreport.archive.storage.snapshot import Snapshot
from logreport.errors import UsageError
from logreport.runs.reading import note_duplicates
from logreport.tables.redaction import IDENTIFIERS, hide_secrets
from logreport.tables.schema import TABLES
from logreport.tables.secrets import hidden_name, hidden_value
from logreport.tables.tables import Tables

if TYPE_CHECKING:
    import pandas as pd

Tags = dict[str, dict[str, str | None]]  # tags by key, of each log or run; None where one was taken away
SHOWN = 8  # digits of a log's SHA-256 behind a path that several logs have


def frame_of(name: str, snapshot: Snapshot) -> "pd.DataFrame":
    """A table as a DataFrame with the dtypes of the schema.

    Raises:
        UsageError: for a table that does not exist.
    """
    if name not in COLUMNS:
        raise UsageError(f"{name!r} is no table of an archive", todo=f"there are {', '.join(COLUMNS)}")
    return frame_of_rows(snapshot.rows(name))


def frame_of_rows(rows: Arrow) -> "pd.DataFrame":
    """An Arrow table as a DataFrame with the dtypes of the schema, without secrets: what is missing differs from zero."""
    import pandas as pd
    import pyarrow as pa

    rows = without_secrets(rows)
    for i, field in enumerate(rows.schema):
        if pa.types.is_decimal(field.type):
            rows = rows.set_column(i, field.name, plain_number(rows.column(i)))
    dtypes = {
        pa.string(): pd.StringDtype(), pa.int8(): pd.Int8Dtype(), pa.int16(): pd.Int16Dtype(), pa.int32(): pd.Int32Dtype(),
        pa.int64(): pd.Int64Dtype(), pa.uint8(): pd.UInt8Dtype(), pa.uint16(): pd.UInt16Dtype(),
        pa.uint32(): pd.UInt32Dtype(), pa.uint64(): pd.UInt64Dtype(), pa.float32(): pd.Float32Dtype(),
        pa.float64(): pd.Float64Dtype(), pa.bool_(): pd.BooleanDtype(),
    }  # fmt: skip
    frame: pd.DataFrame = rows.to_pandas(types_mapper=dtypes.get)
    return frame


def without_secrets(rows: Arrow) -> Arrow:
    """Rows without secrets: also of an archive that was made before logreport took them out."""
    import pyarrow as pa

    names = rows.column_names
    keys = rows.column(names.index("key")).to_pylist() if {"key", "value"} <= {*names} else None
    for i, field in enumerate(rows.schema):
        nested = pa.types.is_nested(field.type)
        if field.name in IDENTIFIERS or not (nested or pa.types.is_string(field.type)):
            continue
        values = rows.column(i).to_pylist() if nested else values_of(rows.column(i))
        if field.name == "value" and keys is not None:
            shown = [shown_value(str(key), value) for key, value in zip(keys, values, strict=True)]
        else:
            known: dict[Any, Any] = (
                {} if nested else {text: shown_value(field.name, text) for text in {*values}}
            )
            shown = [known[value] if known else shown_value(field.name, value) for value in values]
        if shown != values:
            rows = rows.set_column(i, field, pa.chunked_array([pa.array(shown, field.type)]))
    return rows


def shown_value(name: str, value: Any) -> Any:  # noqa: ANN401 - any value of an answer
    """A value without secrets, and what is in it."""
    if isinstance(value, str):
        return hidden_name(value) if name == "source" else hidden_value(name, value)
    if isinstance(value, dict):
        return {key: shown_value(key, one) for key, one in value.items()}
    return [shown_value(name, one) for one in value] if isinstance(value, list) else value


def plain_number(column: Arrow) -> Arrow:
    """A column of decimals, such as DuckDB's sum of whole numbers, as numbers; as text where these have too many digits."""
    import pyarrow as pa

    if column.type.scale:
        return column.cast(pa.float64())
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:
        return column.cast(pa.string())


def tags_in(snapshot: Snapshot) -> tuple[Tags, Tags]:
    """The tags of logs by their SHA-256, and those of runs by their id, which go before them."""
    logs: Tags = defaultdict(dict)
    runs: Tags = defaultdict(dict)
    for fact in standing(snapshot.rows("facts")):
        if fact.kind == "tag" and fact.key is not None:
            if fact.run_id is not None:
                runs[fact.run_id][fact.key] = fact.value
            elif fact.log_sha256 is not None:
                logs[fact.log_sha256][fact.key] = fact.value
    return logs, runs


def tag_keys(*tags: Tags) -> list[str]:
    """All keys, sorted."""
    return sorted({key for some in tags for own in some.values() for key in own})


def runs_of(snapshot: Snapshot, where: str | None) -> "pd.DataFrame":
    """The runs that a condition selects, in the order of their paths, with a column for each tag."""
    import pandas as pd

    rows = in_order(snapshot.rows("runs"), logs_in_order(snapshot)[0])
    if where is not None:
        from logreport.archive.queries.querying import chosen_runs

        rows = rows.filter(is_chosen(rows, chosen_runs(snapshot, where)))
    runs = frame_of_rows(rows)
    by_log, by_run = tags_in(snapshot)
    own = [
        {**by_log.get(log, {}), **by_run.get(run, {})}
        for log, run in zip(runs["log_sha256"], runs["run_id"], strict=True)
    ]
    for key in tag_keys(by_log, by_run):
        said = [value and hidden_value(key, value) for value in (tags.get(key) for tags in own)]
        runs[f"tag.{key}"] = pd.Series(said, index=runs.index, dtype="string")
    return runs


def tables_of(snapshot: Snapshot, where: str | None, only: Collection[str] = DERIVED) -> Tables:
    """Tables of the runs that a condition selects, in the order of their paths, with what is judged across runs.

    Two logs that were added under one path are told apart by their SHA-256: `path@1a2b3c4d`.

    Args:
        snapshot: of the archive.
        where: the condition; None for all runs.
        only: the tables that are wanted; the others stay empty, and cost nothing.
    """
    from logreport.analysis import check_across

    chosen, damaged = None, len(snapshot.unreadable)
    if where is not None:
        from logreport.archive.queries.querying import chosen_runs

        chosen = chosen_runs(snapshot, where)
    order, names = logs_in_order(snapshot)
    tables = Tables()
    for table in (name for name in DERIVED if name in only):
        rows = in_order(snapshot.rows(table), order)
        if chosen is not None:
            rows = rows.filter(is_chosen(rows, chosen))
        columns = tables.columns[table]
        for column in TABLES[table]:
            columns[column.name] = values_of(rows.column(column.name))
        logs = rows.column("log_sha256").to_pylist()
        columns["source"] = [
            names[log] + source.removeprefix(place_of(source)) if log in names else source
            for log, source in zip(logs, columns["source"], strict=True)
        ]
    if len(snapshot.unreadable) > damaged:
        return tables_of(
            snapshot, where, only
        )  # damage was found on the way, after some rows of its commit were taken
    hide_secrets(tables, [])
    note_duplicates(tables)
    check_across(tables)
    return tables


def values_of(column: Arrow) -> list[Any]:
    """A column as a list; texts that are the same are one object, which in a large archive is most of its memory."""
    import pyarrow as pa

    if not pa.types.is_string(column.type):
        return list(column.to_pylist())
    column = column.combine_chunks().dictionary_encode()
    texts = column.dictionary.to_pylist()
    return [None if i is None else texts[i] for i in column.indices.to_pylist()]


def logs_in_order(snapshot: Snapshot) -> tuple[Arrow, Mapping[str, str]]:
    """The logs in the order of their paths, and a name for each whose path is that of another log too."""
    import pyarrow as pa

    rows = snapshot.rows("lines", ["source", "log_sha256"]).to_pylist()
    logs = defaultdict(list)
    for row in rows:
        logs[row["source"]].append(row["log_sha256"])
    names = {
        log: f"{source}@{log[:SHOWN]}" for source, those in logs.items() if len(those) > 1 for log in those
    }
    return pa.array([log for _, those in sorted(logs.items()) for log in sorted(those)], pa.string()), names


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
