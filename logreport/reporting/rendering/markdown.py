"""The report as markdown that renders well on GitHub, with its charts as SVG files beside it."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from logreport.reporting.charts import charts, svg
from logreport.reporting.rendering.limits import Limits, cite, drawable, fit
from logreport.reporting.report import (
    Answers,
    Block,
    Cell,
    Charts,
    Citations,
    Details,
    Finding,
    Findings,
    Note,
    Ref,
    Report,
    RunCard,
    Sentence,
    Table,
)

MARK = '[//]: # "logreport report"'  # a comment: whoever reads a folder of logs knows a report by it
LIMITS = Limits(rows=60, findings=40)
_STAR = "*: doubtful; logreport report says why."
_IMAGE = re.compile(rb"^!\[.*\]\([^()\n]*\.svg\)\n\n", re.MULTILINE)
_ESCAPED = re.compile(r"[\\`*\[\]~|!]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;", "@": "&#64;"}
_AT_START = re.compile(r"^(?:(\s*)([-+#=])|(\s*\d+)([.)])(?=\s|$))")


def escape(text: str) -> str:
    r"""Text as markdown that shows just this text, in a table too: no markup, HTML, mathematics or link.

    >>> escape("a|b `c` <i>")
    'a\\|b \\`c\\` &lt;i&gt;'
    """
    text = "".join(_ENTITIES.get(c, c) for c in text)
    text = _ESCAPED.sub(lambda m: "\\" + m[0], text)
    text = text.replace("://", ":&#47;&#47;").replace("www.", "www&#46;")
    return _AT_START.sub(lambda m: f"{m[1]}\\{m[2]}" if m[2] else f"{m[3]}\\{m[4]}", text)


def write_table(heads: Sequence[str], rows: Iterable[Sequence[str]], numeric: Sequence[bool] = ()) -> str:
    r"""A table of cells that are markdown already; numeric columns are set to the right.

    >>> write_table(["device", "images/s"], [["CPU", "51.7"]], [False, True])
    '| device | images/s |\n| :-- | --: |\n| CPU | 51.7 |'
    """
    rule = ["--:" if right else ":--" for right in numeric] or [":--"] * len(heads)
    return "\n".join(f"| {' | '.join(line)} |" for line in (heads, rule, *rows))


def _code(text: str) -> str:
    """Inline code, also where the text itself holds backticks."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _sentence(spans: Sentence) -> str:
    alike = groupby(spans, key=lambda span: (span.code, span.strong))
    joined = ((kind, "".join(span.text for span in group)) for kind, group in alike)
    return "".join(_code(text) if code else _marked(text, strong) for (code, strong), text in joined)


def _marked(text: str, strong: bool) -> str:  # noqa: FBT001 - of one place
    """Bold around the text only: spaces inside the marks would show the marks."""
    inner = text.strip()
    if not strong or not inner:
        return escape(text) if inner else text
    lead = text[: len(text) - len(text.lstrip())]
    tail = text[len(text.rstrip()) :]
    return f"{lead}**{escape(inner)}**{tail}"


class _Writer:
    """Writes the blocks of one report; `numbers` gives each cited place its number."""

    def __init__(self, report: Report, stem: str) -> None:
        self.report, self.stem = report, stem
        self.citations = cite(report)
        self.listed = {f.number for block in report.all(Findings) for f in block.findings}
        self.files: dict[str, bytes] = {}

    def place(self, refs: Iterable[Ref]) -> str:
        """The number of the first place, as a link to the list of sources."""
        numbers = [self.citations[r.source, r.line].number for r in refs]
        return "".join(f"<sup>[{n}](#c{n})</sup>" for n in numbers[:1])

    def marks(self, numbers: Sequence[int]) -> str:
        """Links to findings."""
        return "".join(f" <sup>[F{n}](#finding-{n})</sup>" for n in numbers if n in self.listed)

    def cell(self, cell: Cell) -> str:
        """One cell of a table."""
        text = escape(cell.text)
        text = f"**{text}**" if cell.best and text else text
        return f"{text}{self.place(cell.refs)}{self.marks(cell.findings)}"

    def table(self, table: Table) -> Iterator[str]:
        """A table with its caption above and its notes below."""
        yield f"**{escape(table.caption)}**"
        heads = [escape(c.head) + (f" ({escape(c.unit)})" if c.unit else "") for c in table.columns]
        rows = ([self.cell(c) for c in row.cells] for row in table.rows)
        yield write_table(heads, rows, [c.numeric for c in table.columns])
        if table.notes:
            yield "  \n".join(map(escape, table.notes))

    def charts(self, block: Block) -> Iterator[str]:
        """Each chart under its title, as a file beside the report."""
        for chart in block.charts:
            name = f"{self.stem}-{re.sub(r'[^A-Za-z0-9-]+', '-', chart.key)}.svg"
            self.files[name] = svg.as_file(charts.draw(chart))
            yield f"**{escape(chart.title)}**"
            yield f"![{escape(chart.alt)}]({name})"
            yield escape(chart.caption)

    def note(self, note: Note) -> Iterator[str]:
        """A paragraph."""
        yield _sentence(note.sentence)

    def answers(self, block: Answers) -> Iterator[str]:
        """The answers, each under what makes it doubtful."""
        for answer in block.answers:
            for finding in answer.errors:
                yield f"> **Error** {escape(finding.message)}{self.marks([finding.number])}"
            places = "".join(self.place(span.refs) for span in answer.sentence)
            yield f"{_sentence(answer.sentence)}{places}{self.marks(answer.findings)}"
        for note in block.notes:
            yield from self.note(note)
        yield from self.charts(block)

    def card(self, card: RunCard) -> Iterator[str]:
        """One run by itself."""
        yield f"### {escape(card.title)}"
        yield f"{_sentence(card.result)}{self.marks(card.findings)}"
        yield from self.charts(card)
        lines = [f"- {escape(name)}: {escape(value)}" for name, value in card.settings]
        yield "\n".join([*lines, *([f"- Command: {_code(card.command)}"] if card.command else [])])

    def findings(self, block: Findings) -> Iterator[str]:
        """A list that marks point to: a line for each kind, under it those of the kind where there are several."""
        lines = []
        for group in block.groups:
            if group.total == 1:
                lines.append(self.finding(group.first))
                continue
            kind = f"**F{group.numbers} {group.first.severity}, {group.total} of a kind**"
            lines.append(f"- {kind} {escape(group.first.message)}")
            lines += [f"  {self.finding(f)}" for f in group.findings]
            lines += [f"  - {escape(group.rest)}"] if group.rest else []
        yield "\n".join(lines)

    def finding(self, f: Finding) -> str:
        """One finding, where marks point to."""
        concerns = f" ({escape(f.concerns)})" if f.concerns else ""
        head = f'- <a id="finding-{f.number}"></a>**F{f.number} {f.severity}**'
        return f"{head} {escape(f.message)}{concerns}{self.place(f.refs)}"

    def details(self, block: Details) -> Iterator[str]:
        """What is folded on a page stands under a heading here."""
        yield f"### {escape(block.name)}"
        yield from self.blocks(block.blocks)

    def cited(self, _block: Citations) -> Iterator[str]:
        """A list that numbers point to."""
        if self.citations:
            yield "\n".join(
                f'- <a id="c{c.number}"></a>{c.number}: {_code(c.place)} {escape("; ".join(c.uses))}'
                for c in self.citations.values()
            )

    def head(self) -> Iterator[str]:
        """The title, and what is said before the sections."""
        report = self.report
        yield f"# {escape(report.title)}"
        yield MARK
        yield escape(report.context)
        if report.unfinished:
            yield _sentence(report.unfinished)
        if report.problems:
            told = (f"> - {escape(p)}" for p in report.problems)
            yield "\n".join(["> **Not everything is in this report.**", *told])

    def sections(self) -> Iterator[str]:
        """Each section under its heading, block by block."""
        for section in self.report.sections:
            if section.heading:
                yield f"## {escape(section.heading)}"
            yield from self.blocks(section.blocks)

    def blocks(self, blocks: Iterable[Block]) -> Iterator[str]:
        """Blocks one after the other."""
        for block in blocks:
            yield from _WRITERS[type(block)](self, block)


# Any: the block of each function is that of its key.
_WRITERS: Mapping[type, Callable[[_Writer, Any], Iterator[str]]] = {
    Answers: _Writer.answers,
    Charts: _Writer.charts,
    Citations: _Writer.cited,
    Details: _Writer.details,
    Findings: _Writer.findings,
    Note: _Writer.note,
    RunCard: _Writer.card,
    Table: _Writer.table,
}


def as_html(markdown: str) -> str:
    """Markdown of ours as HTML; what stands in it of logs is text already."""
    from markdown_it import MarkdownIt

    return str(MarkdownIt("commonmark").enable("table").render(markdown))


def tables_alone(report: Report, beginning: str) -> str:
    """The tables of a report whose keys begin so, without its links; a star marks what the report has doubts about."""
    parts: list[str] = []
    for table in report.all(Table):
        if table.key.startswith(beginning):
            rows = tuple(row._replace(cells=tuple(map(_alone, row.cells))) for row in table.rows)
            starred = any(cell.findings for row in table.rows for cell in row.cells)
            remarks = (*table.remarks, *((_STAR,) if starred else ()))
            parts += _Writer(replace(report, sections=()), "").table(
                replace(table, rows=rows, remarks=remarks)
            )
    return "\n\n".join(parts) + "\n" if parts else ""


def _alone(cell: Cell) -> Cell:
    return cell._replace(text=cell.text + ("*" if cell.findings else ""), refs=(), findings=())


def without_charts(markdown: bytes) -> bytes:
    """A report's markdown for where no files can lie beside it."""
    return _IMAGE.sub(b"", markdown)


def render_markdown(report: Report, stem: str = "report") -> dict[str, bytes]:
    """The report as a markdown file and the charts that it shows, by file name."""
    writer = _Writer(fit(drawable(report), LIMITS), stem)
    parts = [*writer.head(), *writer.sections()]
    return {f"{stem}.md": ("\n\n".join(parts) + "\n").encode(), **writer.files}
