"""The report as a PDF, set by WeasyPrint from the templates of the page."""

import logging
from typing import NoReturn

from logreport.errors import RenderError
from logreport.reporting import charts, svg
from logreport.reporting.fit import Limits, fit
from logreport.reporting.page import fill
from logreport.reporting.report import Chart, Report

LIMITS = Limits(rows=40, findings=40)
_PANGO = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


class _NoFetching:
    """Refuses every URL: a report needs nothing from outside itself."""

    _fail_on_errors = True

    def __call__(self, url: str) -> NoReturn:
        """Refuse.

        Raises:
            ValueError: always.
        """
        raise ValueError(f"a report fetches nothing: {url[:80]}")


def _draw(chart: Chart) -> str:
    return svg.for_paper(charts.draw(chart))


def render_pdf(report: Report) -> bytes:
    """The report as the bytes of a PDF file.

    Raises:
        RenderError: where WeasyPrint or the libraries that it needs are missing.
    """
    try:
        import weasyprint
    except ImportError as error:
        raise RenderError(
            "PDF needs WeasyPrint", todo='install it with pip install "logreport[pdf]"'
        ) from error
    except OSError as error:
        raise RenderError(
            "PDF needs the libraries Pango and HarfBuzz, and they are missing",
            todo=f"install them (Debian, Ubuntu: apt-get install {_PANGO})",
        ) from error
    for name in ("weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)
    text = fill("paper.html.j2", report, fit(report, LIMITS), _draw, paper=True)
    document = weasyprint.HTML(string=text, url_fetcher=_NoFetching())
    made: bytes = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=b"logreport")
    return made
