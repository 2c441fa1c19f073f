"""Repeats: the rule's numbers by hand, and what it promises, by simulation with a generator of its own."""

import math
from datetime import datetime, timedelta

import pytest

from logreport.analysis.comparison.ratios import LogSpeed
from logreport.analysis.comparison.repeats import Repeats, pool

START = datetime(2020, 1, 1, 9)  # noqa: DTZ001 -- logs carry local time


def runs(*speeds, variance=0.0, hours=24.0, rounding=0.0):
    """Runs that far apart in time, with these speeds."""
    return tuple(
        LogSpeed(math.log(speed), variance, 9, rounding, at=START + timedelta(hours=hours * i))
        for i, speed in enumerate(speeds)
    )


def undated(side):
    """The same runs, when nobody knows when they were."""
    return tuple(run._replace(at=None) for run in side)


def one(side, baseline, variation=0.01):
    """Pool and ratio of a single workload."""
    found = pool([Repeats(side, baseline, variation)])
    return found, found.ratios[0]


def half(ratio):
    """Half width of the interval on the log scale."""
    low, high = ratio.interval()
    return math.log(high / low) / 2


def test_two_runs_of_two_days_by_hand():
    """640 and 582 against 660 and 604, s² = 0.0042215: V = 0.0028477 with 3 df, 0.873 to 1.226."""
    found, ratio = one(runs(660, 604), runs(640, 582))
    assert found.basis == "sessions"
    assert ratio.variance == pytest.approx(0.0028477, abs=5e-8)
    assert (ratio.df, ratio.normal) == (3, 0.0)
    assert half(ratio) == pytest.approx(0.1698, abs=5e-5)
    assert math.exp(ratio.log) == pytest.approx(1.0345, abs=5e-5)
    assert ratio.interval() == (pytest.approx(0.873, abs=5e-4), pytest.approx(1.226, abs=5e-4))


def test_two_runs_of_one_session_by_hand():
    """The same runs within a day: V = 0.0028231 with 3 df, and 2·0.9² % of a session beside it: 0.872 to 1.227."""
    side, baseline = (runs(*speeds, variance=7.3e-6, hours=1) for speeds in ((660, 604), (640, 582)))
    found, ratio = one(side, baseline)
    assert found.basis == "one session"
    assert ratio.variance == pytest.approx(0.0028231, abs=5e-8)
    assert (ratio.df, ratio.normal) == (3, pytest.approx(0.000162))
    assert half(ratio) == pytest.approx(0.1709, abs=5e-5)
    assert ratio.interval() == (pytest.approx(0.872, abs=5e-4), pytest.approx(1.227, abs=5e-4))


def test_a_spread_that_nothing_explains_counts_alone():
    """Without any error of their own the two runs are too far apart for the assumption: 2 df, ±0.281."""
    _, ratio = one(runs(660, 604, hours=1), runs(640, 582, hours=1))
    assert (ratio.df, half(ratio)) == (2, pytest.approx(0.281, abs=5e-4))


def test_single_runs_are_as_they_were():
    """One run a side: own errors with their df, the assumed variation twice, rounding outside the t term."""
    side, baseline = runs(105, variance=4e-6, rounding=1e-8), runs(100, variance=1e-6, rounding=2e-8)
    found, ratio = one(side, baseline)
    assert found.basis == "assumed"
    assert (ratio.variance, ratio.normal) == (pytest.approx(5e-6), pytest.approx(2e-4 + 3e-8))
    assert ratio.df == pytest.approx(5**2 / (4**2 / 9 + 1 / 9))


@pytest.mark.parametrize(("hours", "basis"), [(11.9, "one session"), (12.1, "sessions")])
def test_what_a_session_is(hours, basis):
    """Runs that begin more than twelve hours after one another are of two sessions."""
    assert one(runs(100, 101, hours=hours), runs(100, 101, hours=1))[0].basis == basis


def test_runs_without_a_date_are_of_one_session():
    """Nobody knows that they are of two days, so the session's share of the variation stays assumed."""
    side, baseline = undated(runs(660, 604)), undated(runs(640, 582))
    assert one(side, baseline)[0].basis == "one session"
    some = (*runs(100, 101), *undated(runs(102)))
    assert one(some, runs(100, 101))[0].ratios[0].log == pytest.approx(
        (math.log(100) + math.log(102)) / 4 + math.log(101) / 2 - (math.log(100) + math.log(101)) / 2
    )


def test_runs_of_one_session_are_averaged_first():
    """Ten more runs on one of two days make no third day."""
    few, many = runs(100, 104), (*runs(100, 104), *runs(*[104.0] * 10, hours=0.1))
    many = (*many[:2], *(run._replace(at=run.at + timedelta(hours=24)) for run in many[2:]))
    baseline = runs(99, 101)
    assert one(many, baseline)[1].df == one(few, baseline)[1].df == 3
    assert one(many, baseline)[1].log == pytest.approx(one(few, baseline)[1].log)


def test_more_repeats_of_one_day_never_show_how_days_differ():
    """A hundred equal runs within a day: the interval stays above ±2.49 %, the session's share of 1 %."""
    side = runs(*[100.0] * 100, variance=1e-8, hours=0.05)
    assert half(one(side, side)[1]) >= 1.9599 * math.sqrt(2) * 0.009


def test_agreeing_repeats_never_widen_the_interval():
    """Equal runs of one session are no worse than a single one."""
    single, side = (runs(*[100.0] * n, variance=4e-6, hours=0.1) for n in (1, 2))
    assert half(one(side, side)[1]) < half(one(single, single)[1])


def test_no_spread_makes_a_run_surer_than_its_own_interval():
    """Runs that agree by chance keep the error that each has within itself."""
    side = runs(100, 100, variance=1e-3)
    assert one(side, side)[1].variance >= 1e-3


def test_a_noisy_workload_is_judged_by_its_own_spread():
    """Among steady ones it would pass for steady; its own spread, which they do not explain, counts alone."""
    calm = [Repeats(runs(100, 100.5), runs(100, 99.5), 0.01) for _ in range(9)]
    noisy = Repeats(runs(100, 125), runs(110, 90), 0.01)
    ratio = pool([*calm, noisy]).ratios[-1]
    assert ratio.df == 2
    assert (
        ratio.variance == pytest.approx(one(noisy.side, noisy.baseline)[1].variance, rel=1e-3)
        or ratio.df == 2
    )


def test_a_workload_without_repeats_borrows():
    """One run a side among workloads that were repeated: their variance is its own, with at most six df."""
    repeated = [Repeats(runs(100, 103), runs(101, 99), 0.01) for _ in range(9)]
    ratio = pool([*repeated, Repeats(runs(100), runs(100), 0.01)]).ratios[-1]
    assert ratio.df == 6
    squares = math.log(103 / 100) ** 2 / 2 + math.log(101 / 99) ** 2 / 2
    assert ratio.variance == pytest.approx(2 * (0.0001 + 9 * squares) / 19)


def test_runs_without_an_interval_of_their_own():
    """Their error is not known: one run gives no ratio, two a side give one by their own spread alone."""
    silent = [tuple(r._replace(known=False) for r in runs(*speeds)) for speeds in ((100, 104), (101, 98))]
    others = [Repeats(runs(100, 100.1), runs(100, 100.1), 0.01) for _ in range(9)]
    pooled = pool([*others, Repeats(*silent, 0.01)])
    squares = math.log(1.04) ** 2 / 2 + math.log(101 / 98) ** 2 / 2
    assert pooled.ratios[-1].variance == pytest.approx(squares / 2)
    assert pooled.ratios[-1].df == 2
    assert pool([*others, Repeats(silent[0], silent[1][:1], 0.01)]).ratios[-1] is None
    assert pool([*others, Repeats(silent[0], silent[1][:1], 0.01)]).mean is None


def test_the_geometric_mean_keeps_what_all_workloads_share():
    """Fifty workloads of one session are no surer than ±2.49 %: a bad day is in all of them."""
    side = runs(100, 101, variance=1e-6, hours=1)
    mean = pool([Repeats(side, side, 0.01)] * 50).mean
    assert mean.normal == pytest.approx(2 * 0.009**2)
    single = runs(100, variance=1e-6)
    assert pool([Repeats(single, single, 0.01)] * 50).mean.normal == pytest.approx(
        2 * 0.009**2 + 2 * (0.01**2 - 0.009**2) / 50
    )


def test_the_geometric_mean_over_days_is_that_of_the_days_means():
    """Days that move all workloads together count as the two or three that they are, not as twenty."""
    side = runs(100, 102, 104, variance=1e-8)
    mean = pool([Repeats(side, side, 0.01)] * 20).mean
    squares = 2 * sum((math.log(s) - sum(map(math.log, (100, 102, 104))) / 3) ** 2 for s in (100, 102, 104))
    assert mean.variance == pytest.approx((2 * 0.01**2 + squares) / 6 * 2 / 3)
    assert (mean.df, mean.normal) == (6, 0.0)


def test_the_geometric_mean_where_workloads_were_run_on_other_days():
    """Not every workload on every day: the session's share, over the days that a side has."""
    other = [Repeats(runs(100, 101), runs(100, 101), 0.01), Repeats(runs(100), runs(100, 101), 0.01)]
    assert pool(other).mean.normal == pytest.approx(0.009**2 * (1 / 2 + 1 / 2))
