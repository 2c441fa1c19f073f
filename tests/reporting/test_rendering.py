"""HTML, PDF and markdown: the same content, self-contained, and text from logs stays text."""

import io
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest
import report_parts as parts
import report_samples as samples
from markdown_it import MarkdownIt
from pypdf import PdfReader
from studies import build

from logreport.analysis.results import Difference, Remark
from logreport.errors import RenderError
from logreport.reporting import RENDERERS, render_html, render_markdown, render_pdf
from logreport.reporting.charts import charts
from logreport.reporting.rendering.markdown import escape
from logreport.tables.tables import Tables

HOSTILE = "<img src=x onerror=alert(1)>|`x`**b**$y$[a](http://e.vil)"


def made(tables, comparisons=(), title="T"):
    """A report with fixed command, version and date."""
    return build(
        tables, comparisons, title=title, command=samples.COMMAND, version="0.1.0", made_at=samples.MADE_AT
    )


@pytest.fixture(scope="module")
def founding():
    """The report of the founding documents."""
    return made(samples.founding(), samples.founding_comparisons(), "GeForce cards against CPUs")


@pytest.fixture(scope="module")
def hostile():
    """A report in which every text of a log is an attack."""
    tables = samples.founding()
    for name, columns in tables.columns.items():
        for column in (
            "device",
            "model",
            "name",
            "value",
            "source",
            "message",
            "command",
            "column_label",
            "code",
        ):
            if column in columns and not (name == "published" and column == "value"):
                columns[column] = [HOSTILE if value is not None else None for value in columns[column]]
    comparisons = [
        samples.versus(
            samples.alexnet(phase),
            samples.side("B " + HOSTILE, "wiki", (HOSTILE, 1), 50.0),
            samples.side(HOSTILE, "lab", (HOSTILE, 2), 100.0, low=99.0, high=101.0),
            remarks=(Remark("set-ups-differ", (Difference(HOSTILE, HOSTILE, HOSTILE),)),),
        )
        for phase in ("forward", HOSTILE)
    ]
    return made(tables, comparisons, HOSTILE)


class Page(HTMLParser):
    """What a page holds: tags, ids, links, and whatever would load something."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.links, self.loads = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Take note of a tag."""
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name in ("href", "xlink:href"):
                self.links.append(value)
            if name in ("src", "srcset", "data", "action") or name.startswith("on"):
                self.loads.append((name, value))

    handle_startendtag = handle_starttag


def test_html_is_one_file_without_network(founding):
    """Nothing is loaded, the only script is ours, every id is unique, and every link ends inside the page."""
    page = Page(render_html(founding).decode())
    assert not page.loads
    assert not {"img", "iframe", "link", "object"} & set(page.tags)
    assert page.tags.count("style") == 1
    assert page.tags.count("script") == 2  # one that runs, and the rows as data
    assert '<script type="application/json" id="data">' in render_html(founding).decode()
    assert len(page.ids) == len(set(page.ids))
    assert {link for link in page.links if link[1:] not in page.ids} == set()


def test_html_forbids_the_network(founding):
    """The content security policy allows our style and our script, by their hashes, and nothing else."""
    text = render_html(founding).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    hashes = {
        kind: b64encode(sha256(re.search(rf"<{kind}>(.*?)</{kind}>", text, re.DOTALL)[1].encode()).digest())
        for kind in ("style", "script")
    }
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes['style'].decode()}'; "
        f"script-src 'sha256-{hashes['script'].decode()}'; base-uri 'none'; form-action 'none'"
    )
    assert " style=" not in text.partition("<body>")[2]


def test_html_part_by_part(founding):
    """The head of the page, and one row of the comparison."""
    text = render_html(founding).decode()
    assert "<h1>GeForce cards against CPUs</h1>" in text
    assert (
        "<strong>GeForce GTX 1050 Ti is 17.4× as fast as the TF 0.5 CPU</strong> on AlexNet forward" in text
    )
    assert re.search(r'<a class="from" href="#c\d+" title="alexnet-cpu-vs-gpu.md:72">977.1</a>', text)
    assert "Made 2025-01-02 03:04 UTC by logreport 0.1.0" in text


def test_the_same_report_gives_the_same_bytes():
    """HTML and markdown with their charts are the same, byte for byte, drawn anew."""
    first = made(samples.founding(), samples.founding_comparisons())
    before = render_html(first), render_markdown(first)
    charts.draw.cache_clear()
    second = made(samples.founding(), samples.founding_comparisons())
    assert (render_html(second), render_markdown(second)) == before


def test_hostile_text_stays_text_in_html(hostile):
    """No tag, no attribute and no link of the attack comes to life, in the page or in its charts."""
    text = render_html(hostile).decode()
    page = Page(text)
    assert "img" not in page.tags
    assert not page.loads
    assert not [link for link in page.links if not link.startswith("#")]
    assert "&lt;img src=x onerror=alert(1)&gt;|`x`" in text


def test_hostile_text_stays_text_in_charts(hostile):
    """Also mathematics: dollar signs are drawn as they are."""
    drawn = charts.draw(parts.chart(hostile, "speedups"))
    assert "<img" not in drawn
    assert "$" in drawn


def test_hostile_text_stays_text_in_pdf(hostile):
    """The attack can be read in the PDF."""
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(render_pdf(hostile))).pages)
    assert "<img" in text.replace("\n", "")


def test_hostile_text_stays_text_in_markdown(hostile):
    """Rendered, the markdown holds no HTML but our own anchors, no link outside, and whole tables."""
    files = render_markdown(hostile)
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(files["report.md"].decode())
    inline = [child for token in tokens for child in token.children or ()]
    html = {t.content for t in (*tokens, *inline) if t.type in ("html_block", "html_inline")}
    assert all(re.fullmatch(r'<sup>|</sup>|<a id="[a-z]+-?\d+">|</a>', h) for h in html)
    targets = {t.attrs.get("href") or t.attrs.get("src") for t in inline if t.type in ("link_open", "image")}
    assert all(str(t).startswith("#") or t in files for t in targets)


def test_markdown_tables_are_whole(hostile):
    """A pipe in a name opens no new cell: every row has as many cells as its head."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(render_markdown(hostile)["report.md"].decode())
    kinds = [t.type for t in tokens]
    assert kinds.count("table_open") == len(parts.tables(hostile))


@pytest.mark.parametrize(
    "text", [HOSTILE, "1. a", "- b", "# c", "a_b_c", "_x_", "\\|", "www.x.org", "~~no~~", "&amp;"]
)
def test_escaped_markdown_shows_the_text(text):
    """What is escaped renders as itself."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(escape(text))
    assert [t.type for t in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert "".join(child.content for child in tokens[1].children) == text


def test_charts_have_real_text_and_titles(founding):
    """Labels are text, points say what they are, and the chart says the same in words."""
    drawn = charts.draw(parts.chart(founding, "speedups"))
    assert ">30.9×</text>" in drawn
    assert (
        "<title>GeForce GTX 1060 6GB on CIFAR-10 training (batch 128): 14.4× as fast as the ThinkCentre CPU</title>"
        in drawn
    )
    assert '<title id="speedups-alt">Speedups: ' in drawn
    assert "<metadata>" not in drawn


def test_device_colours_stay(founding):
    """A device has the same colour in every chart, and two devices never look the same."""
    first = {bar.label: bar.device for bar in parts.chart(founding, "speedups").bars}
    (alone,) = parts.cards(made(samples.one_run()))
    assert {chart.device for chart in alone.charts} == {0}
    published = {line.device for c in parts.charts(founding, "published") for line in c.lines}
    assert published == {first["GeForce GTX 1050 Ti"]}
    assert len(set(first.values())) == len(first)


def test_pdf_reads_like_the_page(founding):
    """Answers, tables and provenance are in the PDF, with bookmarks, tags and language."""
    reader = PdfReader(io.BytesIO(render_pdf(founding, appendix=True)))
    text = " ".join("".join(page.extract_text() + "\n" for page in reader.pages).split())
    assert "GeForce GTX 1050 Ti is 17.4× as fast as the TF 0.5 CPU" in text
    assert "alexnet-cpu-vs-gpu.md:72" in text
    assert reader.metadata.title == "GeForce cards against CPUs"
    assert reader.outline[0].title == "GeForce cards against CPUs"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_a_pdf_of_one_run_is_short():
    """One run fits on two pages."""
    assert len(PdfReader(io.BytesIO(render_pdf(made(samples.one_run())))).pages) <= 2


def test_pdf_without_pango_names_the_packages(monkeypatch):
    """Where the libraries are missing, the error says what to install."""
    import builtins

    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(
        RenderError, match=r"apt-get install libpango-1[.]0-0 libpangoft2-1[.]0-0 libharfbuzz-subset0"
    ):
        render_pdf(made(samples.one_run()))


def test_every_format_renders_a_report_about_nothing():
    """No runs, no crash: each format says that nothing was found."""
    report = made(Tables())
    for renderer in RENDERERS.values():
        assert all(renderer(report).values())
    assert b"No benchmark run" in render_html(report)


def test_four_thousand_runs_stay_small():
    """The page stays under ten megabytes and holds at most a thousand rows a table."""
    tables = samples.many()
    report = made(tables, samples.many_comparisons(tables))
    page = render_html(report)
    assert len(page) < 10_000_000
    assert page.count(b"<figure") <= 25
    files = render_markdown(report)
    assert len(files["report.md"]) < 500_000
    assert len(files) <= 26


def test_a_language_without_glyphs_here_is_kept():
    """Names in scripts that matplotlib's font lacks are drawn as text and warn nobody."""
    tables = samples.one_run()
    tables.columns["runs"]["device"] = ["显卡 四"]
    assert "显卡 四" in render_html(made(tables)).decode()
