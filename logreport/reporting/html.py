"""The report as one self-contained HTML file: no network, no script needed."""

from logreport.reporting import charts, svg
from logreport.reporting.fit import Limits, fit
from logreport.reporting.page import fill
from logreport.reporting.report import Chart, Report, SpeedupChart

LIMITS = Limits(rows=1000, findings=200)


def _draw(chart: Chart) -> str:
    drawn = svg.for_page(charts.draw(chart))
    if not isinstance(chart, SpeedupChart):
        return drawn
    narrow = svg.for_page(charts.draw(chart, narrow=True))
    return f'<div class="wide">{drawn}</div><div class="narrow">{narrow}</div>'


def render_html(report: Report) -> bytes:
    """The report as the bytes of an HTML file."""
    return fill("report.html.j2", report, fit(report, LIMITS), _draw, paper=False).encode()
