"""A section is a function and an entry of the registry; every format shows what it returns."""

import io

import pytest
import report_samples as samples
import studies
from pypdf import PdfReader

from logreport.reporting import render_html, render_markdown, render_pdf
from logreport.reporting.build import build
from logreport.reporting.report import (
    BatchChart,
    Cell,
    Charts,
    Column,
    Findings,
    Line,
    Note,
    Point,
    Ref,
    Row,
    Section,
    Span,
    Table,
)

PLACE = Ref("weather.txt", 7, "how warm it was")


def weather(facts):
    """A section that logreport knows nothing of, of every kind of block that holds anything of its own."""
    line = Line("outside", (Point(1.0, 2.0), Point(2.0, 3.0)))
    return Section(
        "weather",
        f"Weather of {len(facts.runs)} runs",
        (
            Note((Span("It rained "), Span("all day", strong=True), Span(" in "), Span("lab_1", code=True))),
            Charts((BatchChart("rain", "More rain", "Of the roof.", "Rain.", "mm", (line,)),)),
            Table("warmth", "Warmth", (Column("Room"), Column("Warmth", "K", numeric=True)),
                  (Row((Cell("lab"), Cell("294.5", (PLACE,)))),)),
        ),
        name="Weather",
    )  # fmt: skip


@pytest.fixture
def report(monkeypatch):
    """The report of one run, with a section more."""
    whole = build.__globals__["SECTIONS"]
    monkeypatch.setitem(build.__globals__, "SECTIONS", {"weather": weather, **whole})
    return studies.build(
        samples.one_run(), (), title="T", command="c", version="0.1.0", made_at=samples.MADE_AT
    )


def test_a_new_section_is_on_the_page(report):
    """Under its anchor, in the contents, with its place among those cited."""
    page = render_html(report).decode()
    assert '<li><a href="#weather">Weather</a></li>' in page
    assert '<section id="weather">\n<h2>Weather of 1 runs</h2>\n' in page
    assert "<p>It rained <strong>all day</strong> in <code>lab_1</code></p>" in page
    assert 'title="weather.txt:7">294.5</a>' in page
    assert "<code>weather.txt:7</code> <span>how warm it was</span>" in page


def test_a_new_section_is_in_markdown(report):
    """Under its heading, with its chart as a file and its place among those cited."""
    files = render_markdown(report)
    text = files["report.md"].decode()
    assert "\n\n## Weather of 1 runs\n\nIt rained **all day** in `lab_1`\n\n**More rain**\n\n" in text
    assert "report-rain.svg" in files
    assert "| Room | Warmth (K) |\n| :-- | --: |\n| lab | 294.5<sup>" in text
    assert "`weather.txt:7` how warm it was" in text


def test_a_new_section_is_in_the_pdf(report):
    """In the contents, which lead to it, and among the bookmarks."""
    reader = PdfReader(io.BytesIO(render_pdf(report, appendix=True)))
    text = " ".join("".join(page.extract_text() + "\n" for page in reader.pages).split())
    assert "It rained all day in lab_1" in text
    assert "294.5" in text
    assert "weather.txt:7" in text
    assert any(entry.title == "Weather of 1 runs" for entry in reader.outline[1])
    assert "weather" in reader.named_destinations


@pytest.mark.parametrize("nothing", [None, Section("weather", "Weather", ())])
def test_a_section_of_nothing_is_left_out(monkeypatch, nothing):
    """Neither its heading nor its place in the contents is there."""
    monkeypatch.setitem(build.__globals__, "SECTIONS", {"weather": lambda _: nothing})
    report = studies.build(
        samples.one_run(), (), title="T", command="c", version="1", made_at=samples.MADE_AT
    )
    assert report.sections == ()
    assert b"weather" not in render_html(report).lower()


def test_a_section_that_fails_takes_no_other(monkeypatch):
    """It is named; marks still lead to where its findings would be told."""
    whole = build.__globals__["SECTIONS"]
    monkeypatch.setitem(build.__globals__, "SECTIONS", {**whole, "findings": lambda _: 1 / 0})
    report = studies.build(
        samples.founding(),
        samples.founding_comparisons(),
        title="T",
        command="c",
        version="1",
        made_at=samples.MADE_AT,
    )
    (failure,) = report.failures
    assert str(failure).startswith("the part 'findings' of the report cannot be made (ZeroDivisionError")
    assert report.all(Findings) == ()
    assert b"ZeroDivisionError" in render_html(report)
