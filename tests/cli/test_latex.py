"""Tables as LaTeX go through LaTeX itself; skipped with a word where there is none."""

import shutil
import subprocess

import pytest
from set_up_logs import log

from logreport import api
from logreport.reporting.readme.markdown_table import to_latex
from logreport.reporting.readme.pivot_cells import Ask

pytestmark = pytest.mark.slow
DOCUMENT = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage{booktabs,longtable}
\begin{document}
\input{tables}
\end{document}
"""
HOSTILE = r"A_1 50% \input{x} $x$ ~^ {#} & <b>|"


@pytest.fixture
def compiled(tmp_path):
    """A function that compiles tables and gives the text of the pages."""
    for tool, package in (("pdflatex", "texlive-latex-base"), ("pdftotext", "poppler-utils")):
        if shutil.which(tool) is None:
            pytest.skip(f"no {tool}: it is in the package {package}")

    def compile_(text):
        (tmp_path / "tables.tex").write_text(text, encoding="utf-8")
        (tmp_path / "document.tex").write_text(DOCUMENT)
        for _ in range(2):  # widths of long tables settle in the second run
            subprocess.run(
                ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "document.tex"],
                cwd=tmp_path, capture_output=True, check=True,
            )  # fmt: skip
        words = ["pdftotext", "-layout", tmp_path / "document.pdf", "-"]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout

    return compile_


@pytest.mark.parametrize("logs", ["samples", "thirty-six", "fleet"])
def test_every_row_is_on_a_page(compiled, reported, logs):
    """Also where there are a thousand: as many rows come out as there are, whatever notes they have."""
    made = api.table_of(reported(logs)[0], Ask())
    text = compiled(to_latex(made.pivots))
    rows = sum(len(pivot.rows) for pivot in made.pivots)
    begins = {row[0] for pivot in made.pivots for row in pivot.rows}
    shown = [line for line in text.splitlines() if line.strip().startswith(tuple(begins))]
    assert len(shown) >= rows


def test_names_of_a_log_are_text(compiled, tmp_path):
    """No command of LaTeX in a device's name is one on the page."""
    (tmp_path / "a.log").write_text(log(HOSTILE, 300.0))
    made = api.table_of(api.read_logs(api.sources_of(tmp_path / "a.log")), Ask(rows=("device",)))
    assert r"\input{x} $x$" in compiled(to_latex(made.pivots))
