"""The section on history: only where one workload ran on several days, with every change and its place."""

import re

import pytest
import report_parts as parts
import report_samples as samples
from golden_files import same
from studies import build

from logreport import api
from logreport.reporting import render_html, render_markdown
from logreport.tables.reading import Reading


def report_of(tables):
    """A report with command, version and date passed in."""
    return build(
        tables, [], title="Nightly", command=samples.COMMAND, version="0.1.0", made_at=samples.MADE_AT
    )


@pytest.fixture(scope="module")
def report():
    """A month of nights with a slowdown in the middle."""
    return report_of(samples.nightly())


def test_the_change_is_named_with_its_date_size_and_cause(report):
    """10 % slower since the 16th, when the driver changed."""
    (chart,) = parts.charts(report, "history")
    assert chart.title == "ResNet-50 training (batch 64) on RTX A: 10 % slower since 2021-01-16"
    assert [round(level[2]) for level in chart.levels] == [100, 90]
    heads = [column.head for column in parts.table(report, "history").columns]
    before, after = [dict(zip(heads, row.cells, strict=True)) for row in parts.table(report, "history").rows]
    assert (before["From"].text, before["To"].text) == ("2021-01-01", "2021-01-15")
    assert (after["From"].text, after["Change"].text, after["New with it"].text) == (
        "2021-01-16",
        "0.90×",
        "driver 460 (was 450)",
    )
    assert {ref.line for ref in after["Speed"].refs} == {39}


def test_a_comparison_over_a_change_says_so():
    """A second card beside one that became slower is compared with the mean of both stretches, which was never its speed."""
    tables = samples.nightly()
    for run, speed in (("other", 150.0), ("again", 151.0)):
        samples.add_run(
            tables, run, f"{run}.log", "RTX B", first=1, last=40, benchmark="tf_cnn_benchmarks", model="resnet50",
            mode="training", batch_size=64, num_devices=1, framework_version="2.4",
        )  # fmt: skip
        samples.add_measured(tables, run, f"{run}.log", 64, speed)
    tables.columns["runs"]["command"] = ["python tf_cnn_benchmarks.py"] * 32
    report = api.report_of(Reading(tables), title="T", baseline=None, command="c")
    change, between = [parts.said(answer.sentence) for answer in parts.answers(report)]
    assert change.startswith(
        "ResNet-50 training (batch 64) on RTX A is 10 % slower since 2021-01-16, with driver 460"
    )
    assert between.startswith(
        "RTX B is 1.59× as fast as RTX A on ResNet-50 training (batch 64): 150 against 94.9 "
    )
    assert between.endswith(
        " The means are over a change: ResNet-50 training (batch 64) on RTX A is 10 % slower since 2021-01-16."
    )


def test_another_release_of_tensorflow_is_called_by_its_name():
    """The change came with TensorFlow 2.5, not with "version 2.5"."""
    tables = samples.nightly()
    tables.columns["runs"]["framework"] = ["tensorflow"] * 30
    tables.columns["runs"]["framework_version"] = ["2.4"] * 15 + ["2.5"] * 15
    (answer,) = parts.answers(report_of(tables))
    assert "with TensorFlow 2.5 and driver 460" in parts.said(answer.sentence)


def test_every_run_is_in_the_chart(report):
    """A dot a night, at its date, with what it says when pointed at."""
    (chart,) = parts.charts(report, "history")
    assert len(chart.dots) == 30
    assert chart.dots[1].x - chart.dots[0].x == 1
    assert "2021-01-16" in chart.dots[15].tip
    assert "90.3 images/s" in chart.dots[15].tip


def test_without_a_history_there_is_no_section():
    """The founding documents stand on single days."""
    report = report_of(samples.founding())
    assert parts.table(report, "history") is None
    assert 'id="history"' not in render_html(report).decode()


def test_the_section_is_what_it_was(report):
    """Every word of the page's section, and of the markdown's."""
    page = re.search(r'<section id="history".*?</section>', render_html(report).decode(), re.DOTALL)[0]
    assert same("history.html", re.sub(r"<svg role.*?</svg>", "<svg/>", page, flags=re.DOTALL) + "\n")
    text = render_markdown(report)["report.md"].decode()
    assert same("history.md", text[text.index("## History") : text.index("## Runs")])
