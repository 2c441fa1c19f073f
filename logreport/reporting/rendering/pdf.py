"""The report as a PDF, set by WeasyPrint from the templates of the page."""

import logging
from html import escape
from typing import TYPE_CHECKING

from logreport.errors import RenderError
from logreport.reporting.charts import charts, svg
from logreport.reporting.rendering.limits import Limits, drawable, fit
from logreport.reporting.rendering.page import fill
from logreport.reporting.report import Chart, Report
from logreport.resources import install

if TYPE_CHECKING:
    from weasyprint.urls import URLFetcherResponse

PAPERS = ("a4", "letter")
LIMITS = Limits(rows=40, findings=1, tables=4, charts=4, details=False)
APPENDIX = Limits(rows=200, findings=40)
_PANGO = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


class _Drawn:
    """Charts drawn for paper, by an address of ours; every other address is refused."""

    _fail_on_errors = True

    def __init__(self) -> None:
        self._charts: dict[str, str] = {}

    def draw(self, chart: Chart) -> str:
        """An image of a chart. As an image it has styles of its own, which is much faster than SVG in the page."""
        url = f"chart:{len(self._charts)}"
        self._charts[url] = svg.for_paper(charts.draw(chart))
        return f'<img src="{url}" alt="{escape(chart.alt)}">'

    def __call__(self, url: str) -> "URLFetcherResponse":
        """The chart with this address.

        Raises:
            ValueError: for every other address.
        """
        from weasyprint.urls import URLFetcherResponse

        if url not in self._charts:
            raise ValueError(f"a report fetches nothing: {url[:80]}")
        return URLFetcherResponse(url, self._charts[url], headers={"Content-Type": "image/svg+xml"})


def render_pdf(report: Report, paper: str = "A4", *, appendix: bool = False) -> bytes:
    """The report as the bytes of a PDF file.

    Args:
        report: what to show.
        paper: a page size that CSS knows, such as A4 or letter.
        appendix: whether what is folded on a page follows, with the line of every number.

    Raises:
        RenderError: where the paper has no such name, or WeasyPrint or the libraries that it needs are missing.
    """
    if paper.lower() not in PAPERS:
        raise RenderError(f"there is no paper called {paper!r}", todo=f"choose {' or '.join(PAPERS)}")
    try:
        import weasyprint
    except ImportError as error:
        raise RenderError("PDF needs WeasyPrint", todo=f"install it with {install('pdf')}") from error
    except OSError as error:
        raise RenderError(
            "PDF needs the libraries Pango and HarfBuzz, and they are missing",
            todo=f"install them (Debian, Ubuntu: apt-get install {_PANGO})",
        ) from error
    for name in ("weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)
    drawn = _Drawn()
    shown = fit(drawable(report), APPENDIX if appendix else LIMITS)
    text = fill("paper.html.j2", shown, drawn.draw, paper=paper, appendix=appendix)
    document = weasyprint.HTML(string=text, url_fetcher=drawn)
    made: bytes = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=b"logreport")
    return made
