"""Tables as an Excel workbook: one sheet a table, numbers and times as what they are, text never as a formula."""

import io
from datetime import datetime
from typing import Any

from logreport.errors import RenderError, visible
from logreport.resources import install
from logreport.tables.exporting import plain
from logreport.tables.reading import Reading
from logreport.tables.schema import TABLES

MOST_ROWS = 1_048_575  # of a sheet, below its head
LONGEST = 32_767  # characters of a cell
MOST_DIGITS = 10**15  # larger whole numbers lose digits in a spreadsheet


def to_xlsx(reading: Reading) -> bytes:
    """Every table that has rows; where one has more than a sheet holds, it goes on in another: `steps 2`.

    Raises:
        RenderError: where openpyxl is missing.
    """
    try:
        from openpyxl import Workbook
    except ImportError as error:
        raise RenderError("xlsx needs openpyxl", todo=f"install it with {install('excel')}") from error
    book = Workbook(write_only=True)
    for name in (name for name in TABLES if reading.tables.count(name)):
        columns = reading.tables.columns[name]
        heads, rows = list(columns), list(zip(*columns.values(), strict=True))
        for first in range(0, len(rows), MOST_ROWS):
            sheet = book.create_sheet(name if first == 0 else f"{name} {first // MOST_ROWS + 1}")
            sheet.freeze_panes = "A2"
            for row in (heads, *rows[first : first + MOST_ROWS]):
                sheet.append([_cell(sheet, value) for value in row])
    if not book.worksheets:
        book.create_sheet("no rows")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: Any) -> Any:  # noqa: ANN401 - of any type
    """A value as a cell: text is marked as such, whatever it begins with."""
    from openpyxl.cell import WriteOnlyCell

    if isinstance(value, int) and abs(value) >= MOST_DIGITS:
        value = str(value)
    if isinstance(value, datetime):
        return value
    value = plain(value)
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, visible(value)[:LONGEST])
    cell.data_type = "s"
    return cell
