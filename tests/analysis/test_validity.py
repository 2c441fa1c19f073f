"""Findings: each code raised where it should be, and not where it should not."""

import math

import pytest
from analysis_known import GPU_FORWARD, cifar_tables
from analysis_logs import add_alexnet, add_cumulative, add_intervals, add_run, codes, messages, phase_of

from logreport.analysis import analyze
from logreport.tables.findings import KINDS
from logreport.tables.tables import Tables

STEPS = [1, *range(10, 101, 10)]


def analysed(rates, *, phase="training", run=None, **values):
    """Tables of one tf_cnn_benchmarks run, analysed."""
    tables = Tables()
    add_run(tables, "a", "tf_cnn_benchmarks", **(run or {}))
    add_cumulative(tables, "a", STEPS[: len(rates)], rates, phase=phase, **values)
    analyze(tables)
    return tables


def test_a_good_run_has_no_findings():
    """An ordinary log raises nothing."""
    assert (
        codes(
            analysed([500.0, 499.0, 500.2, 500.1, 499.9, 500.0, 500.3, 500.2, 500.1, 500.0, 500.1], sem=0.5)
        )
        == set()
    )


@pytest.mark.parametrize("loss", [math.nan, math.inf])
@pytest.mark.parametrize(
    ("phase", "found"), [("training", True), ("inference", False), ("evaluation", False)]
)
def test_non_finite_loss(loss, phase, found):
    """Only in training; the line of the first one is named."""
    tables = analysed([500.0] * 11, phase=phase, losses=[7.0, 7.1, loss, loss, *[7.0] * 7])
    assert ("non-finite-loss" in codes(tables)) == found
    if found:
        assert tables.columns["findings"]["line"] == [12]
        assert "at step 20" in messages(tables, "non-finite-loss")[0]


def cumulative(times):
    """Means since warm-up of ten-step windows with these step times, batch 64."""
    means = [sum(times[: i + 1]) / (i + 1) for i in range(len(times))]
    return [round(64 / m, 1) for m in (times[0], *means)]


def test_slows_down():
    """A shift of 10 % after step 60, said with its size and place and no cause."""
    times = [0.1, 0.1005, 0.0995, 0.1, 0.1003, 0.0997, 0.11, 0.1103, 0.1097, 0.11]
    (text,) = messages(analysed(cumulative(times)), "slows-down")
    assert "at once, +10.0 % step time after step 60" in text


def test_speeds_up():
    """A steady gain."""
    tables = analysed(cumulative([0.1 - 0.001 * i for i in range(10)]))
    assert "steadily, -" in messages(tables, "speeds-up")[0]
    assert "slows-down" not in codes(tables)


def test_too_few_steps():
    """Two windows of cifar10, a single line of tf_cnn_benchmarks, three steps of alexnet_benchmark."""
    tables = cifar_tables()
    add_run(tables, "one", "tf_cnn_benchmarks")
    add_cumulative(tables, "one", [1], [500.0], sem=0.0)
    add_run(tables, "three", "alexnet_benchmark")
    text = "\n".join(GPU_FORWARD.splitlines()[:1] + GPU_FORWARD.splitlines()[-1:]).replace(
        "100 steps", "3 steps"
    )
    add_alexnet(tables, "three", text)
    analyze(tables)
    assert len(messages(tables, "too-few-steps")) == 4
    assert phase_of(tables, "one")["examples_per_second_low"] is None


def test_long_runs_without_step_lines_are_not_too_short():
    """10 000 steps of which only the total is left: there is no interval, and no doubt about their number."""
    tables = Tables()
    add_run(tables, "a", "tf_cnn_benchmarks")
    total = {"examples_per_second": 600.0, "end_to_end_examples_per_second": 600.0, "n_steps": 10000}
    tables.add("phases", run_id="a", source="a.log", phase="training", method="reported", **total)
    analyze(tables)
    assert codes(tables) == set()


def test_coarse_rounding():
    """0.009 ± 0.010 s is known to 6 %; a total of 0.00 to nothing."""
    tables = analysed([500.0] * 11, end_to_end_examples_per_second=0.0)
    assert "total images/sec: 0.00" in messages(tables, "coarse-rounding")[0]
    tables = Tables()
    add_run(tables, "a", "alexnet_benchmark")
    add_alexnet(tables, "a", "2020-01-01 00:00:00.0: Forward across 100 steps, 0.009 +/- 0.010 sec / batch")
    analyze(tables)
    assert "±5.6 %" in messages(tables, "coarse-rounding")[0]


@pytest.mark.parametrize(("total", "found"), [(320.0, True), (340.0, False), (4000.0, False)])
def test_a_total_far_below_its_steps(total, found):
    """Steps of 500 examples/s: a total under two thirds of that is said, one of eight workers is not."""
    tables = analysed([500.0] * 11, end_to_end_examples_per_second=total)
    assert [
        f"the total is {total:.1f} examples/s, its steps give 500.0" in message
        for message in messages(tables, "total-contradicts-steps")
    ] == [True] * found


def test_ranks():
    """Workers 20 % apart are said to disagree; those 1 % apart add up."""
    for second, found in ((400.0, True), (495.0, False)):
        tables = Tables()
        add_run(tables, "a", "tf_cnn_benchmarks")
        add_cumulative(tables, "a", STEPS, [500.0] * 11, rank=0, sem=0.5)
        add_cumulative(tables, "a", STEPS, [second] * 11, rank=1, sem=0.5)
        tables.columns["phases"] = {name: values[:1] for name, values in tables.columns["phases"].items()}
        analyze(tables)
        assert ("ranks-disagree" in codes(tables)) == found
        assert phase_of(tables, "a")["examples_per_second"] == pytest.approx(500 + second)


def test_a_total_of_all_workers_beside_the_lines_of_one():
    """Sixteen workers, one of which prints: the total stays the speed, without an interval from one worker."""
    tables = analysed([46.7] * 11, examples_per_second=740.0, end_to_end_examples_per_second=740.0)
    row = phase_of(tables, "a")
    assert (row["examples_per_second"], row["examples_per_second_low"]) == (740.0, None)


def test_summary_against_time_stamps():
    """A printed mean that its time stamps do not give is used with the conservative interval, and doubted."""
    tables = Tables()
    add_run(tables, "a", "alexnet_benchmark")
    add_alexnet(tables, "a", GPU_FORWARD.replace("0.131 +/- 0.001", "0.151 +/- 0.001"))
    analyze(tables)
    assert "summary-contradicts-steps" in codes(tables)
    row = phase_of(tables, "a", "forward")
    assert row["examples_per_second"] == pytest.approx(128 / 0.151)
    assert row["interval_method"] == "conservative"


def test_not_settled_is_not_also_too_short():
    """A run that warms up to its end gets one doubt about its length, not two."""
    tables = Tables()
    add_run(tables, "a", "cifar10")
    add_intervals(tables, "a", range(0, 140, 10), [10 * 1.1**i for i in range(14)])
    analyze(tables)
    assert codes(tables) == {"not-settled"}


def test_every_code_says_what_to_do():
    """Sentences name what was seen, then what follows from it."""
    assert all(kind.severity in ("error", "warning", "note") for kind in KINDS.values())
    assert all(kind.what and kind.then for kind in KINDS.values())
