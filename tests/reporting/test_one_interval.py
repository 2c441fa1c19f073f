"""One interval a ratio, that of the verdict: no place says "no difference" beside one that leaves out 1, nor the reverse."""

import random
import re

import pytest
import report_parts as parts
import report_samples as samples
from studies import build

from logreport import api, reporting
from logreport.analysis import Study
from logreport.reporting import render_markdown
from logreport.reporting.report import SpeedupChart

INTERVAL = re.compile(r"([\d.]+)–([\d.]+)×")
SHOWN, NOT_SHOWN, ALONE, SAME = "as fast as", "No difference shown", "is not shown among", "are equally fast"


def made(margin, noise):
    """The report of an archive whose cards differ by little: twelve networks on four of them, each run once."""
    rng = random.Random(5)  # noqa: S311 - a fixed seed
    tables = samples.Tables()
    for device, scale in {"A": 1.0, "B": 1.0, "C": 1.02, "D": 1.2}.items():
        for model in range(12):
            run_id, source = f"{device}{model}", f"logs/{device}/{model}.log"
            samples.add_run(
                tables, run_id, source, device, first=1, last=40, benchmark="tf_cnn_benchmarks", model=f"m{model}",
                mode="training", batch_size=64, num_devices=1,
            )  # fmt: skip
            samples.add_measured(tables, run_id, source, 64, 100 * scale * rng.lognormvariate(0, noise))
    study = Study(tables, margin=margin)
    return reporting.build(study, title="T", command="c", version="0", made_at=samples.MADE_AT)


def ends(text):
    """The only interval of ratios in a text, as shown; None without one."""
    found = INTERVAL.findall(text)
    assert len(found) <= 1, text
    return tuple(map(float, found[0])) if found else None


def kind(text):
    """What a sentence says about a difference."""
    return next((k for k in (ALONE, NOT_SHOWN, SAME, SHOWN) if k in text), "")


def agrees(said, interval):
    """Whether words and an interval say the same."""
    holds = interval[0] <= 1 <= interval[1]
    return said == SAME or holds == (said == NOT_SHOWN)


VERDICTS = {"faster": SHOWN, "slower": SHOWN, "no difference shown": NOT_SHOWN}


def check(report):
    """Hold each sentence, row, bar and title against its interval; what was said."""
    said = []
    for answer in parts.answers(report):
        text = parts.said(answer.sentence)
        bold = "".join(span.text for span in answer.sentence if span.strong)
        if kind(bold) and (interval := ends(text)):
            said.append(kind(bold))
            assert agrees(kind(bold), interval), text
    if table := parts.table(report, "comparison"):
        heads = [column.head for column in table.columns]
        assert heads.count("95 % interval") <= 1
        for row in table.rows if "95 % interval" in heads else ():
            cells = dict(zip(heads, row.cells, strict=True))
            if interval := ends(cells["95 % interval"].text):
                verdict = cells["Verdict"].text
                said.append(verdict)
                if not verdict.startswith("the same"):
                    assert agrees(VERDICTS.get(verdict, ALONE), interval), row
    for chart in report.all(SpeedupChart):
        bars = [bar for bar in chart.bars if bar.low is not None and "workloads" not in bar.detail]
        if "Nothing is shown" in chart.title:
            assert not any(bar.low > 1 and f"{bar.text} as fast" in chart.title for bar in bars)
        for bar in bars:
            assert (interval := ends(bar.tip)) is None or (interval[0] <= 1 <= interval[1]) == (
                bar.low <= 1 <= bar.high
            )
    return said


@pytest.mark.parametrize(("margin", "noise"), [(0.02, 0.02), (0.0001, 0.02), (0.0001, 0.1), (0.1, 0.02)])
def test_words_and_intervals_agree_in_a_made_archive(margin, noise):
    """Whatever the cards differ by, and whatever counts as the same."""
    said = check(made(margin, noise))
    assert len(said) > 30


def test_all_ways_of_saying_it_were_met():
    """The archives above hold differences that are shown, that are not, and that are shown only alone."""
    said = {word for noise in (0.02, 0.1) for word in check(made(0.0001, noise))}
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
        heads = [(column.head, column.unit) for column in table.columns if "interval" in column.head]
        assert len(heads) <= 1
        assert all("of the" in unit or "within the run" in unit for _, unit in heads), table.key
    text = render_markdown(report)["report.md"].decode()
    for sentence in re.findall(r"runs [^.]* at .*?images/s\*\*,[^.;]*", text):
        assert "95 % interval" not in sentence or "within the run" in sentence


def test_a_report_without_a_shown_difference_claims_none_in_its_chart():
    """Three cards whose speeds differ by less than runs vary: the chart's title says that nothing is shown."""
    found = [
        samples.versus(
            samples.alexnet(size=2**n), samples.side("A", f"a{n}", ("a", 1), 100.0), samples.side("B", f"b{n}", ("b", 1), 101.0),
            low=0.98, high=1.04, verdict="no difference shown",
        )
        for n in range(3)
    ]  # fmt: skip
    report = build(samples.one_run(), found, title="T", command="c", version="0", made_at=samples.MADE_AT)
    assert parts.chart(report, "speedups").title == "Nothing is shown to be faster than its baseline"
