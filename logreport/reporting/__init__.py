"""What a report says, as frozen data, and functions from it to bytes.

A report is its sections, and a section is a heading and a row of blocks (`report.py`): answers, notes, charts, tables,
run cards, findings, citations. `build` takes a `Study`, arranges its tables once (`sections.facts.gather`) and asks each function of
`SECTIONS` for its section; each is one file of `sections/`, and `text/` makes its words. A renderer (`rendering/`)
knows kinds of blocks and no sections: `limits.fit` cuts blocks to what a format holds, `limits.drawable` leaves out
charts that `charts/` cannot draw, `limits.cite` numbers the lines that any block cites. For HTML and PDF `page.fill`
then finds the macro of each kind in templates/parts/macros.html.j2; `markdown` has a function for each. `html` puts what
the script of a page works with behind it (`explorer`). `verdicts/` and `readme/` serve `compare` and `table`.

The heading "History", on its way: `sections/history.py` returns `Section("history", "History", (Charts, Table))`;
`build` keeps it because it has blocks; `body.html.j2` writes `<section id="history">` and calls `charts` and `table`,
`markdown` writes `## History` and calls the functions of the same names; both contents name it by its `key`.

These names are loaded when they are first asked for: who only writes a size needs `text.formatting` alone.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from logreport.reporting.rendering.html import render_html
    from logreport.reporting.rendering.markdown import render_markdown
    from logreport.reporting.rendering.pdf import render_pdf
    from logreport.reporting.report import Report

__all__ = ["RENDERERS", "Report", "render_html", "render_markdown", "render_pdf"]

_HOMES = {
    "Report": "report",
    "render_html": "rendering.html",
    "render_markdown": "rendering.markdown",
    "render_pdf": "rendering.pdf",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- any name of __all__
    """Load a name of the package."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def _html(report: "Report") -> dict[str, bytes]:
    from logreport.reporting.rendering.html import render_html

    return {"report.html": render_html(report)}


def _pdf(report: "Report") -> dict[str, bytes]:
    from logreport.reporting.rendering.pdf import render_pdf

    return {"report.pdf": render_pdf(report)}


def _markdown(report: "Report") -> dict[str, bytes]:
    from logreport.reporting.rendering.markdown import render_markdown

    return render_markdown(report)


RENDERERS: Mapping[str, Callable[["Report"], dict[str, bytes]]] = {
    "html": _html,
    "pdf": _pdf,
    "md": _markdown,
}
"""Formats of a report: each makes files, by name; a new format is one entry here."""
