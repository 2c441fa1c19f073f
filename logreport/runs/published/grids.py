"""Tables as people write them, as rows of cells: with pipes, in boxes, with tabs or blanks between columns, as lists, and in HTML."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import NamedTuple

from logreport.runs.published.commas import GERMAN, NUMBER, pointed, with_points
from logreport.runs.published.names import without_marks
from logreport.runs.published.quantities import quantity_in, unit_in_cell

Lines = Sequence[tuple[int, str]]
PIPE = re.compile(r"(?<!\\)\|")  # `\|` is a pipe in a cell
BOXES = str.maketrans("│┃║", "|||")
RULE = re.compile(r"[ \t>|+:=─━═┼╪├┤┌┐└┘┬┴╞╡╔╗╚╝╠╣╬╦╩\-]*[=─━═\-]{1}[ \t>|+:=─━═┼╪├┤┌┐└┘┬┴╞╡╔╗╚╝╠╣╬╦╩\-]*")
GAPS = re.compile(r"\t+|[ \t]{2,}")
UNDERLINE = re.compile(r"[=\-]+")
UNDERLINES = re.compile(r"[=\-]{2,}(?: +[=\-]{2,})+")
# Of a list-table of reStructuredText.
LIST_ROW, LIST_CELL = re.compile(r"\s*\* - ?(.*)"), re.compile(r"\s*- ?(.*)")
MOST_HEADS = 3
WIDEST, MOST_COLUMNS = 50, 1000  # of HTML: what one cell can span, and what is looked at of a row
HTML_BEGIN, HTML_END = re.compile(r"<table\b", re.IGNORECASE), re.compile(r"</table\s*>", re.IGNORECASE)


class TableCell(NamedTuple):
    """A cell: its line, its text without marks, and whether its number could be read in two ways."""

    line: int
    text: str
    is_unclear: bool = False


@dataclass
class Grid:
    """A table: rows of cells, of which the first `heads` are its head; `is_marked` where the text says which they are."""

    rows: list[list[TableCell]] = field(default_factory=list)
    heads: int = 0
    is_marked: bool = False


def grid_of(lines: Lines) -> Grid | None:
    """The table that consecutive lines make; None where they make none."""
    if any(HTML_BEGIN.search(text) for _, text in lines):
        return html_grid(lines)
    if LIST_ROW.match(lines[0][1]):
        items = with_plain_numbers(listed(lines))
        return Grid(items, unmarked_heads(items))
    texts = [(number, text.translate(BOXES).strip(" \t\r>")) for number, text in lines]
    rules = [bool(RULE.fullmatch(text)) for _, text in texts]
    body = [pair for pair, is_rule in zip(texts, rules, strict=True) if not is_rule]
    if len(body) < 2:
        return None
    rows = piped(body) if all("|" in text for _, text in body) else ruled(lines, rules) or spaced(body)
    if rows is None:
        return None
    rows = with_plain_numbers(rows)
    heads = marked_heads(texts, rules)
    return Grid(rows, heads or unmarked_heads(rows), bool(heads))


def listed(lines: Lines) -> list[list[TableCell]]:
    """Rows whose cells are the items of a list each; a line that begins no cell goes on with the one above."""
    rows: list[list[TableCell]] = []
    for number, text in lines:
        row, cell = LIST_ROW.match(text), LIST_CELL.match(text)
        if row:
            rows.append([TableCell(number, row[1])])
        elif cell:
            rows[-1].append(TableCell(number, cell[1]))
        else:
            rows[-1][-1] = TableCell(number, f"{rows[-1][-1].text} {text.strip()}")
    return [[cell._replace(text=without_marks(cell.text)) for cell in row] for row in rows]


def with_plain_numbers(rows: list[list[TableCell]]) -> list[list[TableCell]]:
    """The rows with points for decimal commas."""
    if not any("," in cell.text or GERMAN.search(cell.text) for row in rows for cell in row):
        return rows
    width = max(map(len, rows))
    columns = [[row[place].text if place < len(row) else "" for row in rows] for place in range(width)]
    texts, doubts = with_points(columns)
    return [
        [
            cell._replace(text=texts[place][index], is_unclear=doubts[place][index])
            for place, cell in enumerate(row)
        ]
        for index, row in enumerate(rows)
    ]


def unclear_cells(grid: Grid) -> list[TableCell]:
    """The cells whose numbers could be read in two ways."""
    return [cell for row in grid.rows for cell in row if cell.is_unclear]


def clear(grid: Grid) -> Grid:
    """The table as if all commas in doubt were those of decimals."""
    rows = [
        [TableCell(cell.line, NUMBER.sub(pointed, cell.text)) if cell.is_unclear else cell for cell in row]
        for row in grid.rows
    ]
    return Grid(rows, grid.heads, grid.is_marked)


def piped(lines: Lines) -> list[list[TableCell]]:
    """Rows with pipes between their cells, and at their sides or not."""
    return [[TableCell(number, without_marks(cell)) for cell in cells_of(text)] for number, text in lines]


def cells_of(line: str) -> list[str]:
    """The cells of a row of a table, with pipes at its sides or without."""
    text = line.removeprefix("|")
    text = text[:-1] if text.endswith("|") and not text.endswith("\\|") else text
    return PIPE.split(text)


def ruled(lines: Lines, rules: Sequence[bool]) -> list[list[TableCell]] | None:
    """Rows whose cells stand below the lines of a rule, as `===  ===`, some of them empty; None where they do not.

    So reStructuredText writes simple tables, and so do `tabulate` and databases on a terminal.
    """
    found = (UNDERLINES.search(text) for (_, text), is_rule in zip(lines, rules, strict=True) if is_rule)
    if (rule := next(filter(None, found), None)) is None:
        return None
    starts = [rule.start() + line.start() for line in UNDERLINE.finditer(rule[0])]
    columns = [slice(*ends) for ends in zip(starts, [*starts[1:], None], strict=True)]
    body = [pair for pair, is_rule in zip(lines, rules, strict=True) if not is_rule]
    if any(text[start - 1 : start].strip() for _, text in body for start in starts if start):
        return None
    return [[TableCell(number, without_marks(text[column])) for column in columns] for number, text in body]


def spaced(lines: Lines) -> list[list[TableCell]] | None:
    """Rows with tabs, or with two blanks and more, between their cells; a head may leave out what stands above labels."""
    split = re.compile(r"[ ]*\t[ ]*") if all("\t" in text for _, text in lines) else GAPS
    rows = [[TableCell(number, without_marks(cell)) for cell in split.split(text)] for number, text in lines]
    width = len(rows[-1])
    if len(rows[0]) == width - 1:
        rows[0].insert(0, TableCell(rows[0][0].line, ""))
    return rows if width > 1 and all(len(row) == width for row in rows) else None


def marked_heads(texts: Lines, rules: list[bool]) -> int:
    """How many rows stand above the line below the head; a box has a line above it, too."""
    first = rules.index(False)
    doubled = [
        n for n, ((_, text), is_rule) in enumerate(zip(texts, rules, strict=True))
        if is_rule and n > first and ("=" in text or "═" in text or "╪" in text)
    ]  # fmt: skip
    below = doubled[:1] or [n for n, is_rule in enumerate(rules) if is_rule and n > first][:1]
    count = rules[: below[0]].count(False) if below else 0
    return count if count <= MOST_HEADS and below != [len(rules) - 1] else 0


def unmarked_heads(rows: list[list[TableCell]]) -> int:
    """One head, where the first row holds words above numbers, or a word and numbers that count."""
    first = [cell.text for cell in rows[0]]
    words = not any(map(is_number, first))
    counts = len(first) > 2 and first[0] and not is_number(first[0]) and all(map(str.isdecimal, first[1:]))
    return int(bool(words or counts) and any(is_number(cell.text) for row in rows[1:] for cell in row))


def is_number(text: str) -> bool:
    """Whether a cell holds a number alone, or one with a unit of a result."""
    found = quantity_in(text)
    return found is not None and (not found.unit or unit_in_cell(found.unit) is not None)


class Raw(NamedTuple):
    """A cell of HTML: its text, whether it is a head, how many columns and rows it spans."""

    cell: TableCell
    is_head: bool
    wide: int
    high: int


class HtmlTable(HTMLParser):
    """Collects the cells of one table of HTML, row by row.

    Args:
        numbers: of the lines that it is fed.
    """

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__(convert_charrefs=True)
        self.numbers = numbers
        self.rows: list[list[Raw]] = []
        self.text: list[str] | None = None  # of the open cell
        self.open = Raw(TableCell(0, ""), is_head=False, wide=1, high=1)

    def line(self) -> int:
        """The line that is being read."""
        return self.numbers[min(self.getpos()[0], len(self.numbers)) - 1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A row or a cell begins, or something in a cell."""
        if tag in ("tr", "td", "th"):
            self.finish()
        if tag == "tr" or (tag in ("td", "th") and not self.rows):
            self.rows.append([])
        if tag in ("td", "th"):
            sizes = dict(attrs)
            spans = [
                int(size) if (size := sizes.get(name) or "").isdecimal() else 1
                for name in ("colspan", "rowspan")
            ]
            self.open = Raw(
                TableCell(self.line(), ""), tag == "th", *(max(1, min(span, WIDEST)) for span in spans)
            )
            self.text = []
        elif self.text is not None:
            self.text.append("<sup>" if tag == "sup" else " ")

    def handle_endtag(self, tag: str) -> None:
        """A cell ends."""
        if tag in ("td", "th", "tr", "table"):
            self.finish()
        elif tag == "sup" and self.text is not None:
            self.text.append("</sup>")

    def handle_data(self, data: str) -> None:
        """Text, of which only that in cells counts; a cell stands where its text does."""
        if self.text is not None:
            if data.strip() and not "".join(self.text).strip():
                blank = len(data) - len(data.lstrip())
                number = min(self.getpos()[0] + data.count("\n", 0, blank), len(self.numbers)) - 1
                self.open = self.open._replace(cell=TableCell(self.numbers[number], ""))
            self.text.append(data)

    def finish(self) -> None:
        """Keep the open cell; its end need not be written."""
        if self.text is not None:
            text = without_marks(" ".join("".join(self.text).split()))
            self.rows[-1].append(self.open._replace(cell=TableCell(self.open.cell.line, text)))
        self.text = None


def html_grid(lines: Lines) -> Grid:
    """A table of HTML; a cell that spans rows or columns stands in each of them."""
    reader = HtmlTable([number for number, _ in lines])
    reader.feed("\n".join(text for _, text in lines))
    reader.close()
    reader.finish()
    grid = Grid()
    below: dict[int, tuple[int, TableCell]] = {}  # by column: how many rows a cell still spans, and the cell
    is_head = []
    for raw in reader.rows:
        if not (raw or below):
            continue
        row: list[TableCell] = []
        cells = iter(raw)
        while len(row) < MOST_COLUMNS:
            column = len(row)
            if column in below:
                left, cell = below.pop(column)
                row.append(cell)
                if left > 1:
                    below[column] = left - 1, cell
                continue
            if (one := next(cells, None)) is None:
                break
            for wide in range(one.wide):
                row.append(one.cell)
                if one.high > 1:
                    below[column + wide] = one.high - 1, one.cell
        grid.rows.append(row)
        is_head.append(bool(raw) and all(one.is_head for one in raw))
    grid.rows = with_plain_numbers(grid.rows) if grid.rows else []
    heads = is_head.index(False) if False in is_head else 0
    grid.is_marked = 0 < heads <= MOST_HEADS
    grid.heads = (
        heads if grid.is_marked else unmarked_heads(grid.rows) if len(grid.rows) > 1 and grid.rows[0] else 0
    )
    return grid
