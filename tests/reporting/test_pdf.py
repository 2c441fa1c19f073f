"""The PDF as other programs see it: pages, fonts, tags, text in reading order."""

import re
import shutil
import subprocess
from dataclasses import replace

import pytest
import report_samples as samples
from studies import build

from logreport.errors import RenderError
from logreport.reporting import render_pdf
from logreport.reporting.report import Cell, Column, Row, Section, Table

pytestmark = pytest.mark.slow


def made(tables, comparisons, *, appendix=False):
    """A PDF's bytes."""
    report = build(
        tables, comparisons, title="Samples", command="c", version="0.1.0", made_at=samples.MADE_AT
    )
    return report, render_pdf(report, appendix=appendix)


@pytest.fixture(scope="module")
def founding(tmp_path_factory):
    """The PDF of the founding documents, with all that there is."""
    path = tmp_path_factory.mktemp("pdf") / "report.pdf"
    path.write_bytes(made(samples.founding(), samples.founding_comparisons(), appendix=True)[1])
    return path


@pytest.fixture(scope="module")
def thousands(tmp_path_factory):
    """The PDF of 4 000 runs."""
    tables = samples.many()
    path = tmp_path_factory.mktemp("pdf") / "many.pdf"
    path.write_bytes(made(tables, samples.many_comparisons(tables))[1])
    return path


def asked(program, *arguments):
    """What a program of poppler-utils says."""
    if shutil.which(program) is None:
        pytest.skip(f"no {program}: it is in the package poppler-utils")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=True).stdout


def facts(path):
    """What pdfinfo says, by name."""
    return dict(re.findall(r"^([^:]+):\s+(.*)$", asked("pdfinfo", path), re.MULTILINE))


def test_it_is_tagged_titled_and_a4(founding):
    """PDF/UA asks for tags, a title and a language."""
    info = facts(founding)
    assert (info["Tagged"], info["Title"], info["JavaScript"]) == ("yes", "Samples", "no")
    assert "(A4)" in info["Page size"]
    assert b"pdfuaid" in founding.read_bytes() or "pdfuaid" in asked("pdfinfo", "-meta", founding)


def test_letter_is_a_choice_and_other_papers_are_errors(founding, tmp_path):
    """The same report on other paper; a paper nobody knows is refused with what to choose."""
    report = made(samples.one_run(), [])[0]
    path = tmp_path / "letter.pdf"
    path.write_bytes(render_pdf(report, "letter"))
    assert "(letter)" in facts(path)["Page size"]
    assert "(A4)" in facts(founding)["Page size"]
    with pytest.raises(RenderError, match="no paper"):
        render_pdf(report, "a0; } body { display: none")


def test_every_font_is_embedded(founding):
    """It looks the same on every machine, and its text can be copied."""
    rows = [line.split() for line in asked("pdffonts", founding).splitlines()[2:]]
    assert rows
    assert {tuple(row[-5:-2]) for row in rows} == {("yes", "yes", "yes")}


def test_text_is_in_reading_order(founding):
    """Title, context, contents with their pages, answer, table; then the sections in turn."""
    text = " ".join(asked("pdftotext", founding, "-").split())
    names = ("The answer", "Speed by batch size", "Runs", "Findings", "Sources")
    contents = [int(re.search(rf"{name} (\d+)", text)[1]) for name in names]
    assert contents == sorted(contents)
    assert contents[0] == 1
    order = ["Samples", "5 runs", "Contents", "as fast as the TF 0.5 CPU", "Speed and speedup by workload"]
    order += ["All runs", "Where every number comes from"]
    places = [text.index(words) for words in order if words != "Contents"]
    assert places == sorted(places)


def test_long_tables_repeat_their_heads(tmp_path):
    """A table that goes on has its head on the next page too, its caption parts from it never, and a sentence ends it."""
    rows = tuple(Row((Cell(f"row {n}"), Cell("word " * 60))) for n in range(90))
    table = Table("t", "Caption of it", (Column("Left"), Column("Right")), rows)
    whole = build(samples.one_run(), (), title="T", command="c", version="1", made_at=samples.MADE_AT)
    path = tmp_path / "long.pdf"
    path.write_bytes(render_pdf(replace(whole, sections=(Section("s", "S", (table,)),))))
    pages = asked("pdftotext", "-layout", path, "-").split("\f")
    headed = [n for n, page in enumerate(pages) if re.search(r"Left +Right", page)]
    assert len(headed) >= 2
    assert headed == list(range(headed[0], headed[-1] + 1))
    assert "Caption of it" in pages[headed[0]]
    assert "The first 40 of 90 rows" in " ".join(" ".join(pages).split())


def test_thousands_of_runs_fit_on_ten_pages(thousands):
    """An overview, with page numbers."""
    count = int(facts(thousands)["Pages"])
    assert 2 <= count <= 10
    assert f"2 of {count}" in asked("pdftotext", "-f", "2", "-l", "2", thousands, "-")


def test_sections_are_bookmarks(founding):
    """The outline leads to every section and run."""
    from pypdf import PdfReader

    def names(outline):
        for entry in outline:
            yield from names(entry) if isinstance(entry, list) else [entry.title]

    found = list(names(PdfReader(founding).outline))
    assert found[0] == "Samples"
    assert {"Runs", "Devices and environment", "Findings", "Where every number comes from"} <= set(found)
