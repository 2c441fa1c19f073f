"""What a report says, as frozen data, and functions from it to bytes.

`build` takes a `Study`, arranges its tables once (`sections.facts.gather`), and asks each file of `sections/` for
its tables, charts and sentences; `text/` makes the words. The result is a `Report` (`report.py`). `rendering/` turns
it into HTML, PDF and markdown with the charts of `charts/`; `verdicts/` and `readme/` serve `compare` and `table`.
"""

from collections.abc import Callable, Mapping

from logreport.reporting.build import build
from logreport.reporting.rendering.html import render_html
from logreport.reporting.rendering.markdown import render_markdown
from logreport.reporting.rendering.pdf import render_pdf
from logreport.reporting.report import Report

__all__ = ["RENDERERS", "Report", "build", "render_html", "render_markdown", "render_pdf"]


def _html(report: Report) -> dict[str, bytes]:
    return {"report.html": render_html(report)}


def _pdf(report: Report) -> dict[str, bytes]:
    return {"report.pdf": render_pdf(report)}


RENDERERS: Mapping[str, Callable[[Report], dict[str, bytes]]] = {
    "html": _html,
    "pdf": _pdf,
    "md": render_markdown,
}
"""Formats of a report: each makes files, by name; a new format is one entry here."""
