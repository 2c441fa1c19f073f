"""Windows: what each script's lines are undone to."""

from datetime import timedelta

import pytest
from analysis_logs import START
from hypothesis import given
from hypothesis import strategies as st

from logreport.analysis.measurement.windows import (
    StepLine,
    StepLines,
    from_cumulative,
    from_intervals,
    from_timestamps,
    readable,
    windows_of,
)
from logreport.scripts import step_format


def as_columns(rows):
    """Step lines as phases hold them, each in the row of its place."""
    columns = zip(*rows, strict=True) if rows else [()] * len(StepLine._fields)
    named = dict(zip(StepLine._fields, columns, strict=True))
    del named["row"]
    return StepLines(named, [range(len(rows))] if rows else [])


def lines(steps, rates, rank=None):
    """Step lines with printed speeds."""
    pairs = enumerate(zip(steps, rates, strict=True))
    return as_columns([StepLine(i, rank, step, None, None, rate, None, None, i) for i, (step, rate) in pairs])


def stamped(rows):
    """Step lines of alexnet_benchmark from (step, seconds since the start, duration)."""
    return as_columns(
        [
            StepLine(i, None, step, START + timedelta(seconds=at), duration, None, None, None, i)
            for i, (step, at, duration) in enumerate(rows)
        ]
    )


def test_cumulative_means_are_undone():
    """10 steps at 100 examples/s, then 10 at 50: the mean of 20 is 66.7; step 1 is passed over."""
    found = from_cumulative(lines([1, 10, 20], [90.0, 100.0, 2000 / 30]), 100)
    assert found.steps == (10, 10)
    assert found.seconds == pytest.approx((1.0, 2.0))
    assert (found.ends, found.rows) == ((10, 20), (1, 2))


@given(st.lists(st.floats(0.05, 0.2), min_size=2, max_size=30))
def test_rounding_errors_stay_within_their_bound(times):
    """A window that ends at line j is off by at most 0.05(2j−1)/r relative to the mean, plus second order."""
    ends = range(10, 10 * len(times) + 1, 10)
    elapsed = [10 * sum(times[: j + 1]) for j in range(len(times))]
    rates = [round(n * 64 / e, 1) for n, e in zip(ends, elapsed, strict=True)]
    found = from_cumulative(lines(ends, rates), 64)
    for j, (window, true) in enumerate(zip(found.seconds, times, strict=True), 1):
        slowest = min(rates[max(0, j - 2) : j])
        assert abs(window - true) <= 0.05 * (2 * j - 1) / slowest * 64 / slowest * 1.01


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ([70, 70, 80, 80], "workers without a prefix"),
        ([40, 50, 60, 70], "no beginning"),
        ([10], "one line"),
        ([], "none"),
    ],
)
def test_no_windows_where_the_count_is_broken(steps, why):
    """A cumulative mean can be undone only from its start, by one worker."""
    assert not len(from_cumulative(lines(steps, [50.0] * len(steps)), 64)), why


def test_time_stamps_end_with_the_summary():
    """Steps are counted from 0: from the line of step 10 to the summary of 20 steps there are 9."""
    rows = stamped([(0, 0.0, 0.1), (10, 1.0, 0.1), (20, 2.8, None)])
    found = from_timestamps(rows)
    assert found.steps == (10, 9)
    assert found.seconds == pytest.approx((0.1, 0.2))


def test_intervals_stand_for_the_steps_since_the_line_before():
    """Step 0 is one step; after it each line stands for 10."""
    found = from_intervals(lines([0, 10, 20], [10.0, 100.0, 50.0]), 100)
    assert found.steps == (1, 10, 10)
    assert found.seconds == pytest.approx((10.0, 1.0, 2.0))


def test_a_resumed_run_starts_anew():
    """After a jump back the first line stands for its own spacing, not for a negative one."""
    found = from_intervals(lines([0, 10, 20, 5, 15], [10.0] * 5), 100)
    assert found.steps == (1, 10, 10, 10, 10)


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf"), None])
def test_odd_values_are_passed_over(bad):
    """A speed that is none leaves out its line, and the next window spans it."""
    assert from_intervals(lines([10, 20, 30], [100.0, bad, 100.0]), 100).steps == (20, 20)
    assert from_cumulative(lines([10, 20, 30], [100.0, bad, 100.0]), 100).steps == (10, 20)


def test_a_line_below_missing_ones_is_of_its_own_steps_alone():
    """`...` stands for lines of their own: what is printed below them is no mean over all of these steps."""
    found = from_intervals(lines([0, 100, 200, 300, 8500], [10.0, 100.0, 100.0, 100.0, 50.0]), 100)
    assert found.steps == (1, 100, 100, 100, 100)
    assert from_intervals(lines([0, 10, 20, 990, 1000], [100.0] * 5), 100).steps == (1, 10, 10, 10, 10)


def test_steps_that_are_printed_less_often_from_some_line_on_count_whole():
    """A run that goes on with another interval is no run with holes."""
    found = from_intervals(lines([0, 10, 20, 30, 130, 230, 330], [100.0] * 7), 100)
    assert found.steps == (1, 10, 10, 10, 100, 100, 100)


def test_workers_add_up():
    """Two workers at 100 and 300 examples/s are a job of 400."""
    both = as_columns([*lines([10, 20, 30], [100.0] * 3, rank=0), *lines([10, 20, 30], [300.0] * 3, rank=1)])
    found = windows_of(step_format("tf_cnn_benchmarks", "training", None), both, 100)
    assert found.seconds == pytest.approx((0.25,) * 3)


def test_a_moving_average_cannot_be_undone():
    """With --display_perf_ewma the lines are no cumulative means."""
    assert step_format("tf_cnn_benchmarks", "training", "python x.py --display_perf_ewma=True") is None


def test_readable_windows():
    """At 50 examples/s five windows of 20 steps keep rounding below 1 %; at 500 all ten do."""
    windows = from_cumulative(lines(range(10, 101, 10), [50.0] * 10), 64)
    assert readable(windows, 0.1 / 50, 0.01).steps == (20,) * 5
    assert len(readable(windows, 0.1 / 500, 0.01)) == 10
    assert len(readable(windows, 0.1 / 5, 0.01)) == 1
