"""What the HTML page and the PDF share: the templates, filled from a report."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from logreport.reporting.charts import svg
from logreport.reporting.rendering.limits import Citation, cite
from logreport.reporting.report import Chart, Ref, Report
from logreport.reporting.text import formatting as fmt
from logreport.resources import resource_dir

if TYPE_CHECKING:
    from jinja2 import Environment

NOTHING = "No benchmark run with a speed was found in these logs."
_LONG = re.compile(r"(\S{100})\S{100,}?(\S{100})(?!\S)")  # a word that no line of a page can hold
_CHIPS = 6  # devices that a reader can light up by name
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
    made.filters["nobreak"] = _nobreak
    return made


def _with_short_words(value: object) -> object:
    """Text with overlong words cut in the middle; anything else as it is, markup too."""
    return _LONG.sub(r"\1…\2", value) if type(value) is str else value


def _nobreak(text: str) -> str:
    """Text whose numbers stay on one line with their units."""
    return re.sub(r"(?<=\d) (?=%|images/s|examples/s|[mµn]?s\b)", "\N{NO-BREAK SPACE}", text)


def sections(report: Report) -> Iterator[tuple[str, str]]:
    """The sections that the report has, as place and name."""
    yield "answer", "The answer"
    if report.speeds or report.batch_charts or report.published:
        yield "speeds", "Speed by batch size"
    if report.scaling:
        yield "scaling", "Scaling"
    if report.history:
        yield "history", "History"
    if report.runs:
        yield "runs", "The run" if report.runs.total == 1 else "Runs"
    if report.devices or report.environment:
        yield "devices", "Devices and environment"
    if report.findings:
        yield "findings", "Findings"
    yield "sources", "Sources"


def _chips(report: Report) -> list[tuple[int, str]]:
    """The first devices that have a name, for the buttons that light them up."""
    named = [(n, name) for n, name in enumerate(report.device_names) if name]
    return named[:_CHIPS]


def _shape(device: int) -> str:
    return _SHAPES[device % len(_SHAPES)]


def _by_source(citations: dict[tuple[str, int | None], Citation]) -> list[tuple[str, list[Citation]]]:
    return [(source, list(group)) for source, group in groupby(citations.values(), key=lambda c: c.source)]


def fill(name: str, full: Report, report: Report, draw: Callable[[Chart], str], *, paper: str = "") -> str:
    """A template filled from a report.

    Args:
        name: the template.
        full: the report before it was cut: findings that are not listed are still named.
        report: the report as it is shown.
        draw: gives a chart as SVG.
        paper: the size of the page, for print: numbers carry footnotes there.
    """
    from markupsafe import Markup

    citations = cite(report)

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
            cited=cited,
            citations=_by_source(citations),
            svg=safe_svg,
            colour=svg.colour,
            shape=_shape,
            sections=list(sections(report)),
            all_findings={f.number: f for f in full.findings},
            shown_findings={f.number for f in report.findings},
            device_names=_chips(report),
            places_in_report={card.key for card in report.cards},
            missing=fmt.MISSING,
            nothing=NOTHING,
        )
    )
