"""One interval a ratio, that of the verdict: no place says "no difference" beside one that leaves out 1, nor the reverse."""

import random
import re
from itertools import pairwise

import pytest
import report_parts as parts
import report_samples
from said_intervals import NOT_SHOWN, SHOWN, check
from studies import build

from logreport import api
from logreport.analysis import Study
from logreport.analysis.comparison.labelled import Labelled, Matched
from logreport.analysis.results import Remark
from logreport.reporting import build as whole
from logreport.reporting import render_markdown
from logreport.reporting.verdicts.renderers import to_text
from logreport.reporting.verdicts.verdicts import judge


def made(margin, noise, most=1.2):
    """The report of an archive whose cards differ by little: twelve networks on four of them, each run once."""
    rng = random.Random(5)  # noqa: S311 - a fixed seed
    tables = report_samples.Tables()
    for device, scale in {"A": 1.0, "B": 1.0, "C": 1.02, "D": most}.items():
        for model in range(12):
            run_id, source = f"{device}{model}", f"logs/{device}/{model}.log"
            report_samples.add_run(
                tables, run_id, source, device, first=1, last=40, benchmark="tf_cnn_benchmarks", model=f"m{model}",
                mode="training", batch_size=64, num_devices=1,
            )  # fmt: skip
            report_samples.add_measured(
                tables, run_id, source, 64, 100 * scale * rng.lognormvariate(0, noise)
            )
    study = Study(tables, margin=margin)
    return whole.build(study, title="T", command="c", version="0", made_at=report_samples.MADE_AT)


@pytest.mark.parametrize(("margin", "noise"), [(0.02, 0.02), (0.0001, 0.02), (0.0001, 0.1), (0.1, 0.02)])
def test_words_and_intervals_agree_in_a_made_archive(margin, noise):
    """Whatever the cards differ by, and whatever counts as the same."""
    said = check(made(margin, noise))
    assert len(said) > 30


def test_all_ways_of_saying_it_were_met():
    """The archives above hold differences that are shown, that are not, and that are shown only alone."""
    archives = (made(0.0001, noise, most) for noise, most in ((0.02, 1.2), (0.1, 1.2), (0.1, 1.0)))
    said = {word for archive in archives for word in check(archive)}
    assert {"faster", "no difference shown", SHOWN, NOT_SHOWN} <= said
    assert any(word.startswith("not shown among") for word in said)


@pytest.mark.parametrize("folder", ["", "runs", "published-1050-ti.md"])
def test_words_and_intervals_agree_over_the_samples(samples, folder):
    """The logs that everybody has; no other interval of a ratio stands in a table of speedups."""
    check(api.report(samples / folder if folder else samples))


def test_an_interval_of_a_speed_says_whose_it_is(samples):
    """Of a run, within it; tables of ratios have the interval of the ratio alone."""
    report = api.report(samples)
    for table in parts.tables(report):
        heads = [column.head for column in table.columns]
        for before, column in pairwise(table.columns):
            if "interval" in column.head:
                assert before.head == "Speedup" or "within the run" in column.unit, table.key
        assert sum("interval" in head for head in heads) <= 1
    text = render_markdown(report)["report.md"].decode()
    for sentence in re.findall(r"runs [^.]* at .*?images/s\*\*,[^.;]*", text):
        assert "95 % interval" not in sentence or "within the run" in sentence


ENDS = [(1.0003, 1.02, "+0.03 to +2.00"), (0.98, 0.9998, "−2.00 to −0.02"), (0.9998, 1.02, "0.0 to +2.0")]


@pytest.mark.parametrize(("low", "high", "shown"), ENDS)
def test_a_comparison_of_labels_shows_the_side_that_its_interval_lies_on(low, high, shown):
    """A change that is shown never has an interval that seems to reach 0; nor is one that only stands alone called none."""
    alone = not low <= 1 <= high
    c = report_samples.versus(
        report_samples.alexnet(), report_samples.side("A", "a", ("a", 1), 100.0), report_samples.side("B", "b", ("b", 1), 101.0),
        low=low, high=high, verdict="no difference shown", remarks=(Remark("holm", (9,)),) if alone else (),
    )  # fmt: skip
    found = Labelled((Matched(c, ("X",), "X"),), ())
    verdicts = judge(
        found, {"A": ("a",), "B": ("b",)}, silent=(), margin=0.02, run_variation=0.01, fail_under=None
    )
    row = to_text(verdicts).splitlines()[1]
    assert f"  {shown}  " in row
    assert ("not shown among 9 comparisons" if alone else "no difference shown") in row


def test_a_report_without_a_shown_difference_claims_none_in_its_chart():
    """Three cards whose speeds differ by less than runs vary: the chart's title says that nothing is shown."""
    found = [
        report_samples.versus(
            report_samples.alexnet(size=2**n), report_samples.side("A", f"a{n}", ("a", 1), 100.0), report_samples.side("B", f"b{n}", ("b", 1), 101.0),
            low=0.98, high=1.04, verdict="no difference shown",
        )
        for n in range(3)
    ]  # fmt: skip
    report = build(
        report_samples.one_run(), found, title="T", command="c", version="0", made_at=report_samples.MADE_AT
    )
    assert parts.chart(report, "speedups").title == "Nothing is shown to be faster than its baseline"
