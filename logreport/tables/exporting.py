"""Tables and records to bytes: text for people, CSV, JSON, JSON lines, Parquet."""

import csv
import io
import itertools
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from textwrap import fill
from typing import TYPE_CHECKING, Any, NamedTuple

from logreport.errors import UNSAFE, UsageError, visible
from logreport.tables.schema import TABLES, Column

if TYPE_CHECKING:
    from logreport.tables.reading import Reading

_RECORD = ("source", "line", "kind", "run", "fields")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins so
STREAMED = ("csv", "jsonl", "parquet")  # formats of which a table can be written piece by piece
GROUP = 1 << 17  # rows that Parquet keeps together
LINES = 1 << 12  # rows of CSV that are written together
GAP = 2  # blanks between two columns
WIDTH = 40  # characters of a cell in a table for people
PATHS = ("source", "command")  # columns of which the end tells more
NAMES = ("what", "device", "workload", "changed")  # what a row is about is never cut


def plain(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A value that JSON knows; what is no number is null in a table."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value


class Layout(NamedTuple):
    """How a table is written.

    Args:
        columns: only these, in this order; all where there are none.
        width: columns of a terminal that it must fit into, for people.
        spreadsheet_safe: text of CSV that begins like a formula gets an apostrophe.
    """

    columns: tuple[str, ...] = ()
    width: int | None = None
    spreadsheet_safe: bool = False


WHOLE = Layout()


def columns_of(name: str, wanted: Sequence[str] = ()) -> list[str]:
    """The columns of a table, or those that are wanted of it.

    Raises:
        UsageError: where it has no such column; the choices are told.
    """
    known = list(_RECORD) if name == "records" else [column.name for column in TABLES[name]]
    if wrong := [column for column in wanted if column not in known]:
        what = f"{name} has no column {', '.join(map(repr, wrong))}"
        raise UsageError(what, todo=f"choose of {', '.join(known)}")
    return list(wanted) or known


def rows_of(reading: "Reading", name: str, columns: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """The rows of a table, or the records, as JSON values; of some columns where they are named."""
    if name == "records":
        for record in reading.records:
            row = {**record, "fields": printable(dict(record["fields"]))}
            yield {head: plain(row[head]) for head in columns or row}
    else:
        heads = columns_of(name, columns)
        for values in values_of(reading, name, heads):
            yield dict(zip(heads, values, strict=True))


def values_of(reading: "Reading", name: str, heads: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """The values of some columns of a table, row by row."""
    columns = reading.tables.columns[name]
    return zip(*(all_plain(columns[head]) for head in heads), strict=True)


def all_plain(values: Sequence[Any]) -> Iterable[Any]:
    """The values of a column, where most columns hold none that JSON does not know."""
    return values if {float, datetime}.isdisjoint(map(type, values)) else map(plain, values)


def to_json(reading: "Reading", names: Sequence[str], layout: Layout = WHOLE) -> bytes:
    """One object that holds each table as a list of rows."""
    tables = {name: list(rows_of(reading, name, layout.columns)) for name in names}
    return json_bytes(json.dumps(tables, ensure_ascii=False)) + b"\n"


def to_jsonl(reading: "Reading", names: Sequence[str], layout: Layout = WHOLE) -> bytes:
    """A row a line."""
    rows = (row for name in names for row in rows_of(reading, name, layout.columns))
    return b"".join(map(json_line, rows))


def json_line(row: dict[str, Any]) -> bytes:
    """One row."""
    return json_bytes(ENCODER.encode(row)) + b"\n"


ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def json_bytes(text: str) -> bytes:
    """JSON in UTF-8; what a terminal would obey, and half a character, is escaped, which changes no value."""
    return (text if text.isascii() else UNSAFE.sub(lambda sign: json.dumps(sign[0])[1:-1], text)).encode()


def record_lines(records: list[dict[str, Any]]) -> bytes:
    """Records as lines of JSON, encoded in one call, which takes a third of the time of one call each.

    Each begins with its source, and no JSON text holds that beginning elsewhere: quotes in it are escaped.
    """
    if not records:
        return b""
    lines = ENCODER.encode(records)[1:-1].replace('},{"source":', '}\n{"source":')
    return json_bytes(lines) + b"\n"


def printable(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields of a record as JSON, in place: nan and inf, which JSON does not know, as the text of the log."""
    for name, value in fields.items():
        if value.__class__ is float and not math.isfinite(value):
            fields[name] = str(value)
    return fields


def cells_of(
    reading: "Reading", name: str, columns: Sequence[str] = ()
) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    """Heads and rows of a table; the fields of a record are one cell of JSON."""
    heads = columns_of(name, columns)
    if name != "records":
        return heads, values_of(reading, name, heads)
    rows = rows_of(reading, name, heads)
    if "fields" in heads:
        rows = ({**row, "fields": json.dumps(row["fields"], ensure_ascii=False)} for row in rows)
    return heads, (tuple(row.values()) for row in rows)


def safe(cell: Any) -> Any:  # noqa: ANN401 - any cell
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def to_csv(reading: "Reading", names: Sequence[str], layout: Layout = WHOLE) -> bytes:
    """Comma-separated values, as they are."""
    return csv_of(*cells_of(reading, names[0], layout.columns), spreadsheet_safe=layout.spreadsheet_safe)


def csv_of(heads: Sequence[str], rows: Iterable[Sequence[Any]], *, spreadsheet_safe: bool = False) -> bytes:
    """The same for any heads and rows."""
    rows = itertools.chain([heads], rows)
    return b"".join(csv_lines(rows, spreadsheet_safe=spreadsheet_safe))


def csv_lines(rows: Iterable[Sequence[Any]], *, spreadsheet_safe: bool = False) -> Iterator[bytes]:
    """Rows as lines, some at a time."""
    rows = iter([safe(cell) for cell in row] if spreadsheet_safe else row for row in rows)
    while some := list(itertools.islice(rows, LINES)):
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(some)
        yield out.getvalue().encode("utf-8", "replace")


def to_text(reading: "Reading", names: Sequence[str], layout: Layout = WHOLE) -> bytes:
    """A table for people: columns that say something, aligned; what findings say stands in their messages."""
    name = names[0]
    columns = layout.columns or [column for column in columns_of(name) if column != "details"]
    heads, cells = cells_of(reading, name, columns)
    rows = list(cells)
    return text_of(heads, rows, layout.width) if rows else f"no {name} in these logs\n".encode()


def text_of(heads: Sequence[str], rows: Sequence[Sequence[Any]], width: int | None = None) -> bytes:
    """The same for any heads and rows; the first columns that fit into a width, and a line that names the others."""
    keep = [i for i, _ in enumerate(heads) if any(row[i] is not None for row in rows)]
    shown = [
        [visible(heads[i], lines=False) for i in keep],
        *([shorten(row[i], heads[i]) for i in keep] for row in rows),
    ]
    right = [all(isinstance(row[i], int | float | None) for row in rows) for i in keep]
    count = len(keep) if width is None else fitting(shown, width)
    lines = [aligned([line[:count] for line in shown], right[:count])]
    if rest := shown[0][count:]:
        lines += [fill(f"{len(rest)} more columns (--columns): {', '.join(rest)}", width or 0)]
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")


def fitting(lines: Sequence[Sequence[str]], width: int) -> int:
    """How many of the first columns fit into a width beside each other; one at least."""
    ends = itertools.accumulate(
        max(map(displayed_width, column)) + GAP for column in zip(*lines, strict=True)
    )
    return max(1, sum(end - GAP <= width for end in ends))


def aligned(lines: Sequence[Sequence[str]], right: Sequence[bool]) -> str:
    """Cells under each other, in the columns that they take on a terminal; at the right where that is said.

    >>> print(aligned([["device", "images/s"], ["显卡", "51.7"]], [False, True]))
    device  images/s
    显卡        51.7
    """
    widths = [[*map(displayed_width, line)] for line in lines]
    most = [*map(max, zip(*widths, strict=True))]
    padded = ([" " * (room - own) for own, room in zip(line, most, strict=True)] for line in widths)
    return "\n".join(
        (" " * GAP).join(p + c if at else c + p for c, p, at in zip(line, pads, right, strict=True)).rstrip()
        for line, pads in zip(lines, padded, strict=True)
    )


def displayed_width(text: str) -> int:
    """How many columns of a terminal a text takes: one for each sign, where all are plain."""
    if text.isascii() and text.isprintable():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def shorten(cell: Any, head: str = "") -> str:  # noqa: ANN401 - any cell
    """A cell as short text: numbers with four significant digits, the beginning of long text, of a path its end."""
    if cell is None:
        return "–"
    if isinstance(cell, float):
        return f"{cell:.4g}" if abs(cell) < 1e4 else f"{cell:,.0f}"
    text = visible(str(cell).replace("\n", " "))
    if len(text) <= WIDTH or head in NAMES:
        return text
    return f"…{text[1 - WIDTH :]}" if head in PATHS else f"{text[: WIDTH - 1]}…"


def to_parquet(reading: "Reading", names: Sequence[str], layout: Layout = WHOLE) -> bytes:
    """One table as Parquet, with the dtypes of the schema."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    name, out = names[0], io.BytesIO()
    if name == "records":
        heads, cells = cells_of(reading, name, layout.columns)
        rows = list(cells)
        table = pa.table({head: [row[i] for row in rows] for i, head in enumerate(heads)})
    else:
        table = arrow_table(reading.tables.columns[name], arrow_schema(TABLES[name]))
    pq.write_table(table.select(columns_of(name, layout.columns)), out)
    return out.getvalue()


@contextmanager
def streaming(
    form: str, name: str, layout: Layout, write: Callable[[bytes], object]
) -> Iterator[Callable[["Reading"], None]]:
    """A function that writes one table of a reading after the other as one: memory holds one of them.

    Args:
        form: one of `STREAMED`.
        name: the table.
        layout: how it is written.
        write: takes the bytes.
    """
    if form == "parquet":
        with _parquet(name, layout, write) as put_rows:
            yield put_rows
        return
    begun = False

    def put(reading: "Reading") -> None:
        nonlocal begun
        if form == "csv":
            heads, rows = cells_of(reading, name, layout.columns)
            rows = rows if begun else itertools.chain([tuple(heads)], rows)
            lines = csv_lines(rows, spreadsheet_safe=layout.spreadsheet_safe)
        else:
            lines = map(json_line, rows_of(reading, name, layout.columns))
        for some in lines:
            write(some)
        begun = True

    yield put
    if not begun:
        from logreport.tables.reading import Reading

        put(Reading())


@contextmanager
def _parquet(
    name: str, layout: Layout, write: Callable[[bytes], object]
) -> Iterator[Callable[["Reading"], None]]:
    """The same for Parquet: rows wait until they are enough for a group."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = arrow_schema(TABLES[name])
    schema = pa.schema([schema.field(column) for column in columns_of(name, layout.columns)])
    held: list[Any] = []
    with pq.ParquetWriter(_Pipe(write), schema) as writer:

        def put_held() -> None:
            if held:
                writer.write_table(pa.concat_tables(held), row_group_size=GROUP)
                held.clear()

        def put(reading: "Reading") -> None:
            columns = reading.tables.columns[name]
            for start in range(0, reading.tables.count(name), GROUP):
                some = {head: columns[head][start : start + GROUP] for head in schema.names}
                held.append(arrow_table(some, schema))
                if sum(table.num_rows for table in held) >= GROUP:
                    put_held()

        yield put
        put_held()


class _Pipe(io.RawIOBase):
    """A file that is written from its beginning to its end, for who asks where it is."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        super().__init__()
        self._write, self._at = write, 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def write(self, content: Any) -> int:  # noqa: ANN401 - as its base
        self._write(bytes(content))
        self._at += len(content)
        return len(content)


def arrow_table(columns: Mapping[str, Sequence[Any]], schema: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    import pyarrow as pa

    return pa.table([pa.array(columns[f.name], f.type) for f in schema], schema=schema)


def arrow_schema(columns: Sequence[Column]) -> Any:  # noqa: ANN401 - pyarrow has no types
    """The Arrow schema of some columns; units stand in the fields' metadata."""
    import pyarrow as pa

    types = {
        "string": pa.string(), "Int64": pa.int64(), "Float64": pa.float64(), "boolean": pa.bool_(),
        "datetime64[us]": pa.timestamp("us"),
    }  # fmt: skip
    return pa.schema(
        pa.field(column.name, types[column.dtype], metadata={"unit": column.unit, "meaning": column.meaning})
        for column in columns
    )


EXPORTERS: dict[str, Callable[["Reading", Sequence[str], Layout], bytes]] = {
    "table": to_text,
    "csv": to_csv,
    "json": to_json,
    "jsonl": to_jsonl,
    "parquet": to_parquet,
}
