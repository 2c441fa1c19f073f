"""A DataFrame as text for people, CSV, JSON, JSON lines or Parquet."""

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from logreport.cli import output as out
from logreport.tables.exporting import ENCODER, csv_of, json_bytes, text_of

if TYPE_CHECKING:
    import pandas as pd


def emit(frame: "pd.DataFrame", form: str, output: str | None) -> None:
    """Write a DataFrame to a file or to standard output."""
    out.emit(encoded(frame, form), output)


def encoded(frame: "pd.DataFrame", form: str) -> bytes:
    """A DataFrame in one of the formats."""
    if form == "parquet":
        packed = io.BytesIO()
        frame.to_parquet(packed, index=False)
        return packed.getvalue()
    if form == "csv":
        return csv_of(*cells_of(frame))
    if form == "table":
        return as_text(frame)
    heads, rows = cells_of(frame)
    texts = [ENCODER.encode(plain(dict(zip(heads, row, strict=True)))) for row in rows]
    return json_bytes("".join(f"{text}\n" for text in texts) if form == "jsonl" else f"[{','.join(texts)}]\n")


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


def as_text(frame: "pd.DataFrame") -> bytes:
    """A DataFrame as an aligned table."""
    return b"no rows\n" if frame.empty else text_of(*cells_of(frame))


def cells_of(frame: "pd.DataFrame") -> tuple[list[str], list[list[Any]]]:
    """Heads and rows; None where a value is missing."""
    plain = frame.astype(object).where(frame.notna(), None)
    rows = [list(row) for row in plain.itertuples(index=False, name=None)]
    return [str(name) for name in frame.columns], rows


def md_of(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """A table in markdown."""
    from logreport.reporting.rendering.markdown import escape, write_table

    cells = [["" if cell is None else escape(str(cell)) for cell in row] for row in (heads, *rows)]
    return f"{write_table(cells[0], cells[1:])}\n".encode("utf-8", "replace")
