"""The report as markdown that renders well on GitHub, with its charts as SVG files beside it."""

import re
from collections.abc import Iterable, Iterator, Sequence

from logreport.reporting.charts import charts, svg
from logreport.reporting.rendering.drawable import drawable
from logreport.reporting.rendering.limits import Limits, cite, fit
from logreport.reporting.rendering.page import NOTHING
from logreport.reporting.report import Cell, Chart, Ref, Report, RunCard, Sentence, Table
from logreport.reporting.text import formatting as fmt

MARK = '[//]: # "logreport report"'  # a comment: whoever reads a folder of logs knows a report by it
LIMITS = Limits(rows=60, findings=40)
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


def _code(text: str) -> str:
    """Inline code, also where the text itself holds backticks."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _sentence(spans: Sentence) -> str:
    joined: list[list[str]] = []
    for span in spans:
        mark = "**" if span.strong else ""
        if joined and joined[-1][0] == mark:
            joined[-1][1] += span.text
        else:
            joined.append([mark, span.text])
    return "".join(_marked(mark, text) for mark, text in joined)


def _marked(mark: str, text: str) -> str:
    """Bold around the text only: spaces inside the marks would show the marks."""
    inner = text.strip()
    if not mark or not inner:
        return escape(text) if text.strip() else text
    lead = text[: len(text) - len(text.lstrip())]
    tail = text[len(text.rstrip()) :]
    return f"{lead}{mark}{escape(inner)}{mark}{tail}"


class _Writer:
    """Writes the parts of one report; `numbers` gives each cited place its number."""

    def __init__(self, report: Report, stem: str) -> None:
        self.report, self.stem = report, stem
        self.numbers = {place: c.number for place, c in cite(report).items()}
        self.listed = {f.number for f in report.findings}
        self.files: dict[str, bytes] = {}

    def place(self, refs: Iterable[Ref]) -> str:
        """The numbers of the places, as links to the list of sources."""
        found = list(dict.fromkeys(self.numbers[r.source, r.line] for r in refs))
        return "".join(f"<sup>[{n}](#c{n})</sup>" for n in found[:1])

    def marks(self, numbers: Sequence[int]) -> str:
        """Links to findings."""
        return "".join(f" <sup>[F{n}](#finding-{n})</sup>" for n in numbers if n in self.listed)

    def cell(self, cell: Cell) -> str:
        """One cell of a table."""
        text = escape(cell.text)
        text = f"**{text}**" if cell.best and text else text
        return f"{text}{self.place(cell.refs)}{self.marks(cell.findings)}"

    def table(self, table: Table | None) -> Iterator[str]:
        """A table with its caption above and its notes below."""
        if table is None:
            return
        yield f"**{escape(table.caption)}**"
        heads = [escape(c.head) + (f" ({escape(c.unit)})" if c.unit else "") for c in table.columns]
        lines = [heads, ["--:" if c.numeric else ":--" for c in table.columns]]
        lines += [[self.cell(c) for c in row.cells] for row in table.rows]
        yield "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
        notes = [table.rest, *table.remarks, *(f"{fmt.MISSING} {reason}" for reason in table.reasons[:4])]
        if any(notes):
            yield "  \n".join(escape(n) for n in notes if n)

    def chart(self, chart: Chart | None) -> Iterator[str]:
        """A chart under its title, as a file beside the report."""
        if chart is None:
            return
        name = f"{self.stem}-{re.sub(r'[^A-Za-z0-9-]+', '-', chart.key)}.svg"
        self.files[name] = svg.as_file(charts.draw(chart))
        yield f"**{escape(chart.title)}**"
        yield f"![{escape(chart.alt)}]({name})"
        yield escape(chart.caption)

    def head(self) -> Iterator[str]:
        """The title, the answers and what stands above them."""
        report = self.report
        yield f"# {escape(report.title)}"
        yield MARK
        yield escape(report.context)
        if report.unfinished:
            yield _sentence(report.unfinished)
        if report.problems:
            yield "\n".join(
                ["> **Not everything is in this report.**", *(f"> - {escape(p)}" for p in report.problems)]
            )
        for answer in report.answers:
            for finding in answer.errors:
                yield f"> **Error** {escape(finding.message)}{self.marks([finding.number])}"
            refs = [ref for span in answer.sentence for ref in span.refs[:1]]
            places = "".join(self.place([ref]) for ref in refs)
            yield f"{_sentence(answer.sentence)}{places}{self.marks(answer.findings)}"
        if not report.answers:
            yield NOTHING
        yield from filter(None, [escape(report.answers_rest)])
        yield from filter(None, [_sentence(report.not_comparable)])
        yield from self.chart(report.speedups)
        yield from self.table(report.comparison)

    def card(self, card: RunCard) -> Iterator[str]:
        """One run by itself."""
        yield f"### {escape(card.title)}"
        yield f"{_sentence(card.result)}{self.marks(card.findings)}"
        for chart in card.charts:
            yield from self.chart(chart)
        yield "\n".join(
            f"- {escape(k)}: {_code(v) if k == 'Command' else escape(v)}" for k, v in card.settings
        )

    def drawn(
        self, head: str, charts: Iterable[Chart | None], tables: Iterable[Table | None]
    ) -> Iterator[str]:
        """A section of charts and tables; nothing where it has none."""
        parts = [part for chart in charts for part in self.chart(chart)]
        parts += [part for table in tables for part in self.table(table)]
        if parts:
            yield f"## {head}"
            yield from parts

    def middle(self) -> Iterator[str]:
        """Speeds, scaling, history, runs and devices."""
        report = self.report
        published = (*report.speeds, *report.published)
        yield from self.drawn("Speed by batch size and model", report.batch_charts, published)
        yield from self.drawn("Scaling", (*report.scaling_charts, report.versions), report.scaling)
        yield from self.drawn("History", report.history_charts, (report.history,))
        if report.runs:
            yield "## The run" if report.runs.total == 1 else "## Runs"
            single = len(report.cards) == 1 and not report.comparison and len(report.runs.rows) == 1
            yield from () if single else self.table(report.runs)
            yield from filter(None, [escape(report.cards_note)])
            for card in report.cards:
                yield from self.card(card)
            yield from self.table(report.evaluations)
        yield from self.drawn("Devices and environment", (), (report.devices, report.environment))

    def tail(self) -> Iterator[str]:
        """Findings, and where every number comes from."""
        report = self.report
        if report.findings:
            yield "## Findings"
            yield "\n".join(
                f'- <a id="finding-{f.number}"></a>**F{f.number} {f.severity}** {escape(f.message)}'
                f"{f' ({escape(f.concerns)})' if f.concerns else ''}{self.place(f.refs)}"
                for f in report.findings
            )
            yield from filter(None, [escape(report.findings_rest)])
        yield "## Where every number comes from"
        folder = f" All are in {_code(report.folder)}." if report.folder else ""
        yield from filter(None, [escape(report.ledger) + folder])
        yield from self.table(report.sources)
        cited = cite(report).values()
        if cited:
            yield "\n".join(
                f'- <a id="c{c.number}"></a>{c.number}: {_code(c.place)} {escape("; ".join(c.uses))}'
                for c in cited
            )
        made = report.provenance
        yield f"Made {escape(made.made_at)} by logreport {escape(made.version)}: {_code(made.command)}"
        yield escape(made.contents)


def render_markdown(report: Report, stem: str = "report") -> dict[str, bytes]:
    """The report as a markdown file and the charts that it shows, by file name."""
    writer = _Writer(fit(drawable(report), LIMITS), stem)
    parts = [*writer.head(), *writer.middle(), *writer.tail()]
    return {f"{stem}.md": ("\n\n".join(parts) + "\n").encode(), **writer.files}
