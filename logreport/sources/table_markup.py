"""Tables of sheets with pipes; of MediaWiki, AsciiDoc and LaTeX, line by line as those of HTML, and the headings of their documents as Markdown's.

A table is read only from its first line to its last; lines that begin one and see no end stay as they are.
"""

import csv
import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from logreport.sources.encoded import Lines, Numbered, lines_of
from logreport.sources.names import PAGES, SHEETS, ending_of

MOST_LINES, MOST_TIMES = 2000, 50  # of a table, and how often AsciiDoc can say a cell at once

WIKI_BEGIN, WIKI_END = re.compile(r"\s*:*\{\|(?!\s*\|)(?![^\n]*\|\})"), re.compile(r"\s*\|\}")
ADOC_BEGIN = re.compile(r"\|={3,}\s*")
LATEX_KINDS = r"\{(?:tabular[xy*]?|tabulary|longtable\*?|tabu|supertabular)\}"
GROUP = r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}"
LATEX_BEGIN = re.compile(rf"\\begin{LATEX_KINDS}(?:\[[^\]]*\]|{GROUP})*")
LATEX_END = re.compile(rf"\\end{LATEX_KINDS}")

WIKI_ATTRIBUTES = re.compile(r"""\s*((?:[\w-]+\s*=\s*(?:"[^"]*"|'[^']*'|[\w%]+)\s*)+)\|(?!\|)""")
WIKI_LINK = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]|'{2,5}")
ADOC_CELL = re.compile(r"(?:^|(?<=\s))(?:(\d+)?(?:\.(\d+))?([+*]))?[<^>]?(?:\.[<^>])?([aehlmsdv])?\|(?!=)")
ADOC_COLUMNS = re.compile(r"\bcols\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s,\]]+))")
LATEX_RULES = re.compile(
    r"\\(?:hline|toprule|midrule|bottomrule|endhead|endfoot|endfirsthead|endlastfoot|addlinespace|specialrule"
    r"|(?:c|cmid)(?:line|rule))(?:\([^)]*\))?(?:\[[^\]]*\])?(?:\{[^{}]*\})*"
)
LATEX_SPAN = re.compile(rf"\\multi(column|row)\s*\{{(\d+)\}}\s*(?:\[[^\]]*\])?\s*{GROUP}\s*({GROUP})")
LATEX_NOTE = re.compile(
    rf"\\footnotemark(?:\[[^\]]*\])?|\\(?:textsuperscript|footnote|tnote|cite[pt]?|ref|label)(?:\[[^\]]*\])?{GROUP}"
)
LATEX_COMMAND = re.compile(r"\\[a-zA-Z]+\*?[ ]?|[{}$]")
LATEX_SIGNS = (
    (r"\textbackslash{}", ""), (r"\textasciitilde{}", "~"), (r"\pm", "±"), (r"\times", "×"), ("{,}", ","),
    ("~", " "), (r"\,", "\N{THIN SPACE}"), (r"\;", " "), (r"\ ", " "), ("---", "—"),
    *((f"\\{sign}", sign) for sign in "%_#&$"),
)  # fmt: skip
LATEX_HEADING = re.compile(
    rf"\s*\\(section|subsection|subsubsection|paragraph|caption)\*?(?:\[[^\]]*\])?({GROUP}).*"
)
LATEX_LEVELS = {
    "section": "# ",
    "subsection": "## ",
    "subsubsection": "### ",
    "paragraph": "#### ",
    "caption": "",
}
HEADING = re.compile(r"(={1,6})[ \t]*([^=\s].*?)[ \t]*(?:\1)?[ \t]*")


def with_tables(chunks: Iterable[Lines], name: str) -> Iterator[Lines]:
    """The chunks of a document with its tables as they are read; those of a sheet have pipes."""
    ending = ending_of(name)
    if ending in PAGES:
        yield from chunks
        return
    reader: TableMarkup | Sheet | None = None
    for text, numbers in chunks:
        reader = reader or (Sheet(text) if ending in SHEETS else TableMarkup(name))
        if (read := reader.read(text, numbers))[1]:
            yield read
    if reader is not None and (rest := reader.rest())[1]:
        yield rest


class TableMarkup:
    """Reads a document whose tables are written in one of these languages.

    Args:
        name: of the document.
    """

    def __init__(self, name: str) -> None:
        self.ending = ending_of(name)
        self.held: list[tuple[int, str]] = []  # of a table that has not ended
        self.of_held: Callable[[Sequence[str]], Iterator[str]] = wiki
        self.end = WIKI_END
        self.attributes = ""  # of an AsciiDoc table, from the line above it
        self.sheet: Sheet | None = None  # whose rows are being read
        self.head: list[Numbered] = []  # what may be that of one

    def read(self, text: bytes, numbers: Sequence[int]) -> Lines:
        """The lines in some lines."""
        is_open = self.held or self.sheet or self.head
        if not (is_open or self.ending in HEADED or TABLE_SIGN.search(text) or INNER_HEAD.search(text)):
            return text, numbers
        found: list[Numbered] = []
        for number, line in zip(numbers, text.split(b"\n"), strict=False):
            found += self.take(number, line.decode("utf-8", "surrogateescape").rstrip("\r"))
        return lines_of(found)

    def rest(self) -> Lines:
        """A table that does not end, as it stands."""
        return lines_of([*self.head, *self.released()])

    def released(self) -> list[Numbered]:
        """The held lines as they are."""
        found = [(number, line.encode("utf-8", "surrogateescape")) for number, line in self.held]
        self.held = []
        return found

    def take(self, number: int, line: str) -> list[Numbered]:
        """The lines in one line; all of a table in its last one."""
        if not self.held:
            written = line.encode("utf-8", "surrogateescape")
            if row := self.row(number, written):
                return row
            above, self.head, self.sheet = self.head, [], None
            if INNER_HEAD.match(written):
                self.head = [(number, written)]
                return above
            if not self.begins(line):
                self.attributes = line if line.startswith("[") else ""
                return [*above, (number, self.heading(line).encode("utf-8", "surrogateescape"))]
            self.head, self.held = [], [(number, line)]
            is_whole = self.end is not ADOC_BEGIN and self.end.search(line, 1)
            return [*above, *self.table()] if is_whole else above
        self.held.append((number, line))
        if self.end.match(line) if self.end is not LATEX_END else self.end.search(line):
            return self.table()
        return self.released() if len(self.held) > MOST_LINES else []

    def row(self, number: int, line: bytes) -> list[Numbered]:
        """A row of a sheet that stands in the document, the first one with the head above it; nothing where it is none."""
        sheet = self.sheet
        if sheet is None and self.head and ROW.fullmatch(line):
            sheet = Sheet(self.head[0][1])
        if sheet is None or line.count(b",") < 2 or len(sheet.cells(line)) != sheet.width:
            return []
        above = [(place, sheet.row(head)) for place, head in self.head]
        self.sheet, self.head = sheet, []
        return [*above, (number, sheet.row(line))]

    def begins(self, line: str) -> bool:
        """Whether a line begins a table, of whichever language."""
        if WIKI_BEGIN.match(line):
            self.of_held, self.end = wiki, WIKI_END
        elif LATEX_BEGIN.search(line):
            self.of_held, self.end = latex, LATEX_END
        elif self.ending in ADOC and ADOC_BEGIN.fullmatch(line):
            attributes = self.attributes
            self.of_held, self.end = lambda lines: adoc(lines, attributes), ADOC_BEGIN
        else:
            return False
        return True

    def table(self) -> list[Numbered]:
        """The held table as one of HTML."""
        lines = zip(self.held, self.of_held([line for _, line in self.held]), strict=True)
        found = [
            (number, part.encode("utf-8", "surrogateescape"))
            for (number, line), text in lines
            for part in (text or ("<!-- -->" if line.strip() else "")).split("\n")
        ]
        self.held = []
        return found

    def heading(self, line: str) -> str:
        """A line outside of tables; a heading as Markdown writes it."""
        if self.ending in TEX:
            if heading := LATEX_HEADING.fullmatch(line):
                return LATEX_LEVELS[heading[1]] + plain_latex(heading[2])
            return line.lstrip("% ") if line.startswith("%") else line
        heading = HEADING.fullmatch(line) if self.ending in ADOC | WIKIS else None
        return f"{'#' * len(heading[1])} {heading[2]}" if heading else line


TEX, ADOC, WIKIS = {".tex"}, {".adoc", ".asciidoc"}, {".mediawiki", ".wiki"}
HEADED = TEX | ADOC | WIKIS
TABLE_SIGN = re.compile(rb"^[ \t:]*\{\||\\begin\{", re.MULTILINE)  # in any other document


def cell(text: str, tag: str = "td", attributes: str = "") -> str:
    """A cell of HTML, which the next one ends."""
    return f"<{tag}{' ' if attributes else ''}{attributes}>{html.escape(text.strip(), quote=False)}"


def wiki(lines: Sequence[str]) -> Iterator[str]:
    """The lines of a table of MediaWiki; its caption stands above it."""
    has_caption = len(lines) > 1 and lines[1].lstrip().startswith("|+")
    yield "" if has_caption else "<table>"
    for place, line in enumerate(lines[1:], 1):
        text = WIKI_LINK.sub(r"\1", line.strip())
        if text.startswith("|+"):
            yield f"{text[2:].strip()}\n<table>" if place == 1 else ""
        elif text.startswith("|-"):
            yield "<tr>"
        elif text.startswith("|}"):
            yield "</table>"
        elif text.startswith(("|", "!")):
            tag = "td" if text[0] == "|" else "th"
            yield "".join(wiki_cells(re.split(r"\|\||!!" if tag == "th" else r"\|\|", text[1:]), tag))
        else:
            yield html.escape(text, quote=False)


def wiki_cells(texts: Sequence[str], tag: str) -> Iterator[str]:
    """The cells of a line, each perhaps with attributes before it."""
    for text in texts:
        found = WIKI_ATTRIBUTES.match(text)
        yield cell(text[found.end() :], tag, found[1].strip()) if found else cell(text, tag)


def adoc(lines: Sequence[str], attributes: str) -> Iterator[str]:
    """The lines of a table of AsciiDoc; its rows end where they have as many cells as there are columns."""
    width = columns_of(lines, attributes)
    after_first = next((place for place, line in enumerate(lines) if place > 1 and not line.strip()), 0)
    has_head = "header" in attributes or (after_first == 2 and bool(lines[1].strip()))
    count = 0
    yield "<table>"
    for line in lines[1:-1]:
        found = list(ADOC_CELL.finditer(line))
        text = html.escape(line[: found[0].start()] if found else line, quote=False)
        for place, one in enumerate(found):
            end = found[place + 1].start() if place + 1 < len(found) else len(line)
            times, wide = (int(one[1] or 1), 1) if one[3] == "*" else (1, int(one[1] or 1))
            for _ in range(min(times, width, MOST_TIMES)):
                is_head = (has_head and count < width) or one[4] == "h"
                begins = "<tr>" if count % width == 0 else ""
                spans = f'colspan="{wide}" rowspan="{one[2] or 1}"' if one[3] == "+" else ""
                text += begins + cell(line[one.end() : end], "th" if is_head else "td", spans)
                count += wide
        yield text
    yield "</table>"


def columns_of(lines: Sequence[str], attributes: str) -> int:
    """How many columns a table of AsciiDoc has: as said above it, or as its first line, or its first paragraph, has cells."""
    if found := ADOC_COLUMNS.search(attributes):
        parts = re.split(r"[,;]", next(filter(None, found.groups()), ""))
        return max(
            1, sum(int(many[1]) if (many := re.match(r"\s*(\d{1,2})\*", part)) else 1 for part in parts)
        )
    counts = [len(ADOC_CELL.findall(line)) if line.strip() else -1 for line in lines[1:-1]]
    filled = [*counts[next((i for i, count in enumerate(counts) if count >= 0), 0) :], -1]
    return max(1, filled[0] if filled[0] != 1 else sum(filled[: filled.index(-1)]))


def latex(lines: Sequence[str]) -> Iterator[str]:
    """The lines of a table of LaTeX; a row may reach over lines, and several may share one."""
    row = LatexRow()
    for line in lines:
        text = re.sub(r"(?<!\\)%.*", "", line)
        begin, end = LATEX_BEGIN.search(text), LATEX_END.search(text)
        body = text[begin.end() if begin else 0 : end.start() if end else len(text)]
        rows = re.split(r"\\\\\*?\s*(?:\[[-\d.\s]*\w*\])?", LATEX_RULES.sub(" ", body))
        made = [row.take(part, is_whole=place < len(rows) - 1) for place, part in enumerate(rows)]
        yield f"{'<table>' if begin else ''}{''.join(made)}{'</table>' if end else ''}"


class LatexRow:
    """Writes the rows of a table of LaTeX, in which the cells below one that spans rows are there, and empty."""

    def __init__(self) -> None:
        self.column = 0  # of the next cell; 0 where no row is open
        self.below: dict[int, int] = {}  # by column: how many more rows a cell spans

    def take(self, text: str, *, is_whole: bool) -> str:
        """A row, or as much of it as one line holds."""
        made = ""
        if text.strip() or (self.column and not is_whole):
            first, *others = re.split(r"(?<!\\)&", text)
            made = f" {plain_latex(first)}" if self.column else "<tr>" + self.cell(first)
            made += "".join(map(self.cell, others))
        self.column = 0 if is_whole else self.column
        return made

    def cell(self, text: str) -> str:
        """A cell, which may span several."""
        place, span = self.column, LATEX_SPAN.search(text)
        self.column += int(span[2]) if span and span[1] == "column" else 1
        if self.below.get(place):
            self.below[place] -= 1
            return ""
        if not span:
            return cell(plain_latex(text))
        if span[1] == "row":
            self.below[place] = int(span[2]) - 1
        name = "colspan" if span[1] == "column" else "rowspan"
        return cell(plain_latex(span[3]), attributes=f'{name}="{span[2]}"')


def plain_latex(text: str) -> str:
    """A text without commands."""
    text = LATEX_NOTE.sub("", text)
    for written, sign in LATEX_SIGNS:
        text = text.replace(written, sign)
    return " ".join(LATEX_COMMAND.sub("", text).split(" ")).strip()


# The head of a sheet of results: words, among them a unit of results or what is measured.
_NO_SERIES = (
    rb"(?!\"?(?:[a-z]+[ _])?(?:steps?|iter\w*|epochs?|time|date|timestamp)\"?[ ]*[,;\t])"
    rb"(?![^\r\n]*[,;\t]\"?[ ]*(?:step|iter|iteration|epoch|global_step|timestamp)\"?[ ]*(?:[,;\t\r\n]|$))"
)
_MEASURES = (
    rb"(?=[^\r\n]*(?:(?:/|per[ _])[ ]*s(?:ec(?:ond)?s?)?(?![a-z])|fps|_m?s(?:ecs?)?(?![a-z])"
    rb"|s(?:ec(?:ond)?s?)?[ _]*(?:/|per)[ _]*(?:batch|step|image|example)|throughput|speed|latency|[(\[]m?s(?:ec)?[)\]]))"
)
# Columns named after networks want a unit, too.
_NETWORKS = rb"(?=(?:[^\r\n]{0,2000}?[,;\t]\"?[ ]*(?:alexnet|resnet|vgg|inception|googlenet|mobilenet|densenet|squeezenet)[-_v]*[0-9]){2})"
_NO_NUMBERS = rb"(?![^\r\n]*[,;\t]\"?[ ]*[0-9.]+[ ]*\"?(?:[,;\t\r\n]|$))"
SHEET_HEAD = re.compile(
    rb"(?:\xef\xbb\xbf)?(?=[^\r\n]*[,;\t])"
    + _NO_SERIES
    + rb"(?:"
    + _MEASURES
    + rb"|"
    + _NETWORKS
    + rb")"
    + _NO_NUMBERS
    + rb"[^\r\n]{1,2000}\r?\n",
    re.IGNORECASE,
)
# In a document it has three cells at least, and no blank behind its commas, as programs print it.
INNER_HEAD = re.compile(
    rb"^(?=[ \t>]{0,8}[A-Za-z])(?=[^,\r\n|]{1,60}(?:,[^ ,\r\n|][^,\r\n|]{0,60}){2,30}\r?$)"
    + _NO_SERIES + _MEASURES + _NO_NUMBERS,
    re.IGNORECASE | re.MULTILINE,
)  # fmt: skip
ROW = re.compile(rb"[^,\r\n|]+(?:,[^,\r\n|]*)*,[ ]?[0-9]+(?:\.[0-9]+)?[ ]?(?:,[^,\r\n|]*)*\r?")
LONGEST_ROW = 1 << 16  # bytes


class Sheet:
    """Reads a sheet of results, each row as one of a table with pipes.

    Args:
        beginning: of the sheet, which shows what stands between its cells.
    """

    def __init__(self, beginning: bytes) -> None:
        head = beginning.partition(b"\n")[0]
        self.between = max(",;\t", key=lambda sign: head.count(sign.encode()))
        self.width = len(self.cells(head))

    def read(self, text: bytes, numbers: Sequence[int]) -> Lines:
        """The rows in some lines; a blank line and a comment are none."""
        lines = zip(numbers, text.split(b"\n"), strict=False)
        return lines_of([(number, self.row(line)) for number, line in lines])

    def cells(self, line: bytes) -> list[str]:
        """The texts of a line; none of one that is too long."""
        text = line.decode("utf-8", "surrogateescape").replace("\r", " ")
        if len(line) > LONGEST_ROW:
            return []
        return next(csv.reader([text], delimiter=self.between, skipinitialspace=True), [])

    def row(self, line: bytes) -> bytes:
        """A line as a row."""
        cells = [] if line.startswith(b"#") else self.cells(line)
        if not any(map(str.strip, cells)):
            return line
        text = " | ".join(one.strip().replace("|", r"\|") for one in cells)
        return f"| {text} |".encode("utf-8", "surrogateescape")

    def rest(self) -> Lines:
        """Nothing: a row ends on its line."""
        return b"", []
