"""Rows of an archive as DataFrames and lists, without secrets."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from logreport.archive.storage.layout import Arrow
from logreport.tables.schema import IDENTIFIERS

if TYPE_CHECKING:
    import pandas as pd


class Rows(NamedTuple):
    """An answer as lists, None where a value is missing."""

    heads: list[str]
    rows: list[list[Any]]


def frame_of_rows(rows: Arrow) -> "pd.DataFrame":
    """An Arrow table as a DataFrame with the dtypes of the schema, without secrets: what is missing differs from zero."""
    import pandas as pd
    import pyarrow as pa

    rows = arrow_without_secrets(rows)
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


def arrow_without_secrets(rows: Arrow) -> Arrow:
    """An Arrow table without secrets."""
    import pyarrow as pa

    texts = {
        field.name: values_of(rows.column(i))
        for i, field in enumerate(rows.schema)
        if pa.types.is_nested(field.type) or pa.types.is_string(field.type)
    }
    for name, shown in without_secrets(texts).items():
        if shown is not texts[name]:
            i = rows.column_names.index(name)
            field = rows.schema.field(i)
            rows = rows.set_column(i, field, pa.chunked_array([pa.array(shown, field.type)]))
    return rows


def without_secrets(columns: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """Columns without secrets: also of an archive that was made before logreport took them out."""
    keys = columns.get("key")
    return {
        name: values if name in IDENTIFIERS else shown_values(name, values, keys if name == "value" else None)
        for name, values in columns.items()
    }


def shown_values(name: str, values: list[Any], keys: list[Any] | None) -> list[Any]:
    """The values of a column without secrets, the same list where there is none; `keys` say of each what it is."""
    if keys is not None:
        shown = [shown_value(str(key), value) for key, value in zip(keys, values, strict=True)]
    elif all(value is None or isinstance(value, str) for value in values):
        known = {text: shown_value(name, text) for text in {*values}}
        shown = [known[value] for value in values]
    else:
        shown = [shown_value(name, value) for value in values]
    return values if shown == values else shown


def shown_value(name: str, value: Any) -> Any:  # noqa: ANN401 - any value of an answer
    """A value without secrets, and what is in it."""
    from logreport.tables.secrets import hidden_name, hidden_value

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


def values_of(column: Arrow) -> list[Any]:
    """A column as a list; texts that are the same are one object, which in a large archive is most of its memory."""
    import pyarrow as pa

    if not pa.types.is_string(column.type):
        return list(column.to_pylist())
    column = column.combine_chunks().dictionary_encode()
    texts = column.dictionary.to_pylist()
    return [None if i is None else texts[i] for i in column.indices.to_pylist()]
