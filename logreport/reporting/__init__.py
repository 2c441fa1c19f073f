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
"""

from collections.abc import Callable, Mapping

from logreport.reporting.build import build
from logreport.reporting.rendering.html import render_html
from logreport.reporting.rendering.markdown import render_markdown
from logreport.reporting.rendering.pdf import render_pdf
from logreport.reporting.report import Report

__all__ = ["RENDERERS", "Report", "build", "render_html", "render_markdown", "render_pdf"]


RENDERERS: Mapping[str, Callable[[Report], dict[str, bytes]]] = {
    "html": lambda report: {"report.html": render_html(report)},
    "pdf": lambda report: {"report.pdf": render_pdf(report)},
    "md": render_markdown,
}
"""Formats of a report: each makes files, by name; a new format is one entry here."""
