"""What a report says, as frozen data, and functions from it to bytes."""

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
