"""A DataFrame as text for people, CSV, JSON, JSON lines or Parquet."""

import io
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from logreport.archive.queries.frames import Rows
from logreport.cli import output as out
from logreport.tables.exporting import ENCODER, WHOLE, Layout, csv_of, json_bytes, text_of

if TYPE_CHECKING:
    import pandas as pd


def emit(
    frame: "pd.DataFrame | Rows", form: str, output: str | None, *, spreadsheet_safe: bool = False
) -> None:
    layout = Layout(width=out.terminal_width(output), spreadsheet_safe=spreadsheet_safe)
    out.emit(ENCODERS[form](frame, layout), output)


def as_parquet(frame: "pd.DataFrame", _layout: Layout = WHOLE) -> bytes:
    packed = io.BytesIO()
    frame.to_parquet(packed, index=False)
    return packed.getvalue()


def texts_of(frame: "pd.DataFrame | Rows") -> list[str]:
    """Each row as JSON."""
    heads, rows = cells_of(frame)
    return [ENCODER.encode(plain(dict(zip(heads, row, strict=True)))) for row in rows]


def plain(value: Any) -> Any:  # noqa: ANN401 - any value of a table
    """A value as JSON knows it: what is no number is null, a time is ISO 8601."""
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if hasattr(value, "tolist"):  # of numpy
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, str | int | float) else value.isoformat()


def as_text(frame: "pd.DataFrame | Rows", layout: Layout = WHOLE) -> bytes:
    heads, rows = cells_of(frame)
    return text_of(heads, rows, layout.width) if rows else b"no rows\n"


def cells_of(frame: "pd.DataFrame | Rows") -> Rows:
    """Heads and rows; None where a value is missing."""
    if isinstance(frame, Rows):
        return frame
    plain = frame.astype(object).where(frame.notna(), None)
    rows = [list(row) for row in plain.itertuples(index=False, name=None)]
    return Rows([str(name) for name in frame.columns], rows)


ENCODERS: dict[str, Callable[..., bytes]] = {
    "table": as_text,
    "csv": lambda frame, layout=WHOLE: csv_of(*cells_of(frame), spreadsheet_safe=layout.spreadsheet_safe),
    "json": lambda frame, _layout=WHOLE: json_bytes(f"[{','.join(texts_of(frame))}]\n"),
    "jsonl": lambda frame, _layout=WHOLE: json_bytes("".join(f"{text}\n" for text in texts_of(frame))),
    "parquet": as_parquet,
}


def md_of(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    from logreport.reporting.rendering.markdown import escape, write_table

    cells = [["" if cell is None else escape(str(cell)) for cell in row] for row in (heads, *rows)]
    return f"{write_table(cells[0], cells[1:])}\n".encode("utf-8", "replace")
