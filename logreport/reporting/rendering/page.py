"""What the HTML page and the PDF share: the templates, filled from a report."""

import re
from collections.abc import Callable
from functools import cache, partial
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from logreport.reporting.charts import svg
from logreport.reporting.rendering.limits import Citation, cite
from logreport.reporting.rendering.widths import on_page, on_paper
from logreport.reporting.report import Block, Cell, Chart, Findings, Ref, Report, Row, RunCard, Table
from logreport.resources import resource_dir

if TYPE_CHECKING:
    from jinja2 import Environment

_LONG = re.compile(r"(\S{100})\S{100,}?(\S{100})(?!\S)")  # a word that no line of a page can hold
_CHIPS = 6  # devices that a reader can light up by name
_MARKS = 2  # beside one value
_FOLD = 60  # sources whose lines are folded away on a page
_LONG_LINE = 60  # letters
# Shapes of the markers in charts, on a square of ten units.
_SHAPES = (
    "M5 1a4 4 0 1 0 .01 0z",
    "M1.4 1.4h7.2v7.2h-7.2z",
    "M5 .4 9.6 5 5 9.6.4 5z",
    "M5 1 9.4 9H.6z",
    "M5 9 .6 1h8.8z",
    "M3.6 1h2.8v2.6H9v2.8H6.4V9H3.6V6.4H1V3.6h2.6z",
    "M1 3 3 1l2 2 2-2 2 2-2 2 2 2-2 2-2-2-2 2-2-2 2-2z",
    "M5 .6 8.9 2.8v4.4L5 9.4 1.1 7.2V2.8z",
)


@cache
def environment(*, paper: bool = False) -> "Environment":
    """Jinja with escaping on for every template: what comes from a log stays text.

    On paper no word is longer than a line or two: whoever breaks it into lines would try every place in it.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(resource_dir("templates")),
        autoescape=True,
        finalize=_with_short_words if paper else None,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"nobreak": _nobreak, "kind": _kind, "query": urlencode, "styled": _styled}
    made.tests |= {"wide": lambda text: len(text) > _LONG_LINE}
    return made


def _with_short_words(value: object) -> object:
    """Text with overlong words cut in the middle; anything else as it is, markup too."""
    return _LONG.sub(r"\1…\2", value) if type(value) is str else value


def _nobreak(text: str) -> str:
    """Text whose numbers stay on one line with their units."""
    return re.sub(r"(?<=\d) (?=%|images/s|examples/s|[mµn]?s\b)", "\N{NO-BREAK SPACE}", text)


def _kind(block: Block | Chart) -> str:
    """What kind of block or chart it is: the macro that shows it, or its class in the style sheet."""
    return type(block).__name__.lower()


def _styled(table: Table) -> tuple[list[str], list[tuple[Row, list[tuple[Cell, str]]]]]:
    """The classes of each head of a table, and its rows with the classes of each cell."""
    heads = ["num" if column.numeric else "" for column in table.columns]

    def classes(row: Row, place: int, cell: Cell) -> str:
        again = "again" if place == 0 and table.is_grouped and not row.new_group else ""
        best = "best" if cell.best else ""
        shade = f"shade-{cell.shade}" if cell.shade is not None else ""
        return " ".join(filter(None, (shade, "num" if table.columns[place].numeric else "", best, again)))

    return heads, [(row, [(c, classes(row, i, c)) for i, c in enumerate(row.cells)]) for row in table.rows]


def shape(device: int) -> str:
    """The marker of a device, as a path on a square of ten units."""
    return _SHAPES[device % len(_SHAPES)]


def fill(
    name: str, report: Report, draw: Callable[[Chart], str], *, paper: str = "", appendix: bool = True
) -> str:
    """A template filled from a report.

    Args:
        name: the template.
        report: the report as it is shown.
        draw: gives a chart as SVG.
        paper: the size of the page, for print.
        appendix: on paper, whether numbers carry footnotes, which lead to the cited lines.
    """
    from markupsafe import Markup

    citations = cite(report)
    cited_lines = [(source, list(group)) for source, group in groupby(citations.values(), lambda c: c.source)]
    contents = [(section.key, section.name or section.heading) for section in report.sections]
    # The first devices that have a name, for the buttons that light them up.
    named = [(n, name) for n, name in enumerate(report.device_names) if name]
    chips = named[:_CHIPS]

    def cited(ref: Ref) -> Citation:
        return citations[ref.source, ref.line]

    def safe_svg(chart: Chart) -> Markup:
        return Markup(draw(chart))  # noqa: S704 - our own SVG; text in it was escaped when it was drawn

    return (
        environment(paper=bool(paper))
        .get_template(name)
        .render(
            report=report,
            paper=paper,
            appendix=appendix,
            cited=cited,
            cited_lines=cited_lines,
            folded=len(cited_lines) > _FOLD and not paper,
            svg=safe_svg,
            on_paper=partial(on_paper, places=appendix),
            on_page=on_page,
            most_marks=1 if paper else _MARKS,
            colour=svg.colour,
            shape=shape,
            contents=contents if len(contents) > 2 or not paper else [],
            all_findings={f.number: f for f in report.findings},
            listed={f.number for block in report.all(Findings) for f in block.findings},
            chips=chips if len(chips) > 1 and not paper else [],
            places_in_report={card.key for card in report.all(RunCard)},
        )
    )
