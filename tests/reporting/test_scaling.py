"""The section on scaling: only where logs hold a series, each number with its interval, source and findings."""

import re

import pytest
import report_parts as parts
import report_samples as samples
from golden_files import same
from studies import build

from logreport.reporting import render_html, render_markdown


def report_of(tables):
    """A report with command, version and date passed in."""
    return build(
        tables, [], title="Scaling", command=samples.COMMAND, version="0.1.0", made_at=samples.MADE_AT
    )


@pytest.fixture(scope="module")
def report():
    """Two cards, alone and together, old and new."""
    return report_of(samples.scaling())


def rows_of(report, key):
    """The texts of a table's rows by column."""
    table = next(t for t in parts.tables(report, "scaling") if t.key == key)
    heads = [c.head if c.head != "95 % interval" else "interval" for c in table.columns]
    return [dict(zip(heads, (c.text for c in row.cells), strict=True)) for row in table.rows]


def test_speedup_and_efficiency_over_devices(report):
    """1.9 times on two cards is 95 %, 1.5 times 75 %; the interval counts 1 % from run to run on either side."""
    found = {(r["Device"], r["Devices"]): r for r in rows_of(report, "scaling-devices")}
    assert {key: (r["Speedup"], r["Efficiency"]) for key, r in found.items()} == {
        ("RTX A", "1"): ("1.00×", "100"), ("RTX A", "2"): ("1.90×", "95"), ("RTX A", "4"): ("3.60×", "90"),
        ("RTX B", "1"): ("1.00×", "100"), ("RTX B", "2"): ("1.50×", "75"),
    }  # fmt: skip
    assert found["RTX A", "1"]["interval"] == "—"
    low, high = map(float, found["RTX A", "2"]["interval"].rstrip("×").split("–"))
    half = (
        2 * 0.01**2 + 2 * 1.96**2 * 0.01**2
    ) ** 0.5  # two runs: 1 % of their own at 95 %, 1 % SD between runs
    assert (low, high) == pytest.approx((1.9 * (1 - half), 1.9 * (1 + half)), abs=0.01)


def test_versions_and_batch_sizes(report):
    """Each card's newer version against its older, and the larger batch against the smaller."""
    assert [(r["Device"], r["Version"], r["Speedup"]) for r in rows_of(report, "scaling-versions")] == [
        ("RTX A", "1.15", "1.00×"), ("RTX A", "2.2", "1.10×"), ("RTX B", "1.15", "1.00×"), ("RTX B", "2.2", "0.95×"),
    ]  # fmt: skip
    assert [(r["Batch size"], r["Speedup"]) for r in rows_of(report, "scaling-batch")] == [
        ("64", "1.00×"),
        ("128", "1.10×"),
    ]
    assert parts.chart(report, "scaling-versions").title == "TensorFlow 2.2 is 1.10× as fast as 1.15 on RTX A"
    assert [bar.text for bar in parts.chart(report, "scaling-versions").bars] == ["1.10×", "0.95×"]


def test_every_speed_names_its_line(report):
    """A number without a place would be a claim."""
    for table in parts.tables(report, "scaling"):
        at = next(i for i, column in enumerate(table.columns) if column.head == "Speed")
        assert all(row.cells[at].refs[0].line == 39 for row in table.rows)


def test_the_chart_says_what_it_shows(report):
    """The fastest device in the title, a line for each, and what linear would be."""
    (chart,) = parts.charts(report, "scaling-devices")
    assert chart.title == "ResNet-50 training on RTX A: 4 devices are 3.60× as fast as one, 90 % of linear"
    assert [(line.label, [p.y for p in line.points]) for line in chart.lines] == [
        ("RTX A", [1, pytest.approx(1.9), pytest.approx(3.6)]),
        ("RTX B", [1, 1.5]),
    ]
    assert [(p.x, p.y) for p in chart.ideal] == [(1, 1), (4, 4)]


def test_a_number_with_an_error_is_shown_with_it_and_not_drawn():
    """The table keeps the row, and the mark beside it; no chart and no summary is made from it."""
    report = report_of(samples.scaling(error="s1"))
    (chart,) = parts.charts(report, "scaling-devices")
    assert [line.label for line in chart.lines] == ["RTX B"]
    marked = [
        row for row in parts.tables(report, "scaling")[0].rows if any(cell.findings for cell in row.cells)
    ]
    assert len(marked) == 1
    assert "The loss is nan" in render_html(report).decode()


def test_without_a_series_there_is_no_section():
    """One run, and the founding documents, scale over nothing."""
    for tables in (samples.one_run(), samples.founding()):
        report = report_of(tables)
        assert not parts.tables(report, "scaling")
        assert 'id="scaling"' not in render_html(report).decode()
        assert "## Scaling" not in render_markdown(report)["report.md"].decode()


def test_an_overview_stands_first_where_there_are_many():
    """More series than a reader looks through: the median of each device comes before the rows."""
    tables = samples.scaling()
    for n in range(20):
        for count, speed in ((1, 100.0), (2, 180.0), (4, 300.0))[: 3 if n < 5 else 2]:
            run_id, source = f"m{n}-{count}", f"many/{count}gpus-{n}.log"
            samples.add_run(
                tables, run_id, source, "RTX C", first=1, last=40, benchmark="tf_cnn_benchmarks", model=f"net{n}",
                mode="training", batch_size=64 * count, num_devices=count, framework_version="2.2",
            )  # fmt: skip
            samples.add_measured(tables, run_id, source, 64 * count, speed)
    report = report_of(tables)
    assert parts.tables(report, "scaling")[0].key == "scaling-efficiency"
    names = "Workloads", "2 devices", "4 devices"
    rows = {r["Device"]: tuple(map(r.get, names)) for r in rows_of(report, "scaling-efficiency")}
    assert rows["RTX C"] == ("20", "90", "75 (5)"), "five of the twenty ran on four, which is said"
    found = {device: row[:2] for device, row in rows.items()}
    assert found == {"RTX A": ("1", "95"), "RTX B": ("1", "75"), "RTX C": ("20", "90")}


def test_the_section_is_what_it_was(report):
    """Every word of the page's section, and of the markdown's."""
    page = re.search(r'<section id="scaling".*?</section>', render_html(report).decode(), re.DOTALL)[0]
    assert same("scaling.html", re.sub(r"<svg role.*?</svg>", "<svg/>", page, flags=re.DOTALL) + "\n")
    text = render_markdown(report)["report.md"].decode()
    assert same("scaling.md", text[text.index("## Scaling") : text.index("## Runs")])
