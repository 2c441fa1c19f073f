"""Intervals: the rule's parts by hand, and its coverage by simulation."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
from analysis_simulate import alexnet, cifar10, coverage, half_width, step_times, tf_cnn
from scipy.special import stdtrit

from logreport.analysis import analyze
from logreport.analysis.measurement.intervals import _T, Estimate, batches, conservative, from_windows, t95
from logreport.analysis.measurement.windows import Windows
from logreport.tables.tables import Tables


def windows(seconds, steps=10):
    """Consecutive windows of equal length."""
    count = len(seconds)
    return Windows(
        (steps,) * count, tuple(seconds), tuple(steps * (i + 1) for i in range(count)), tuple(range(count))
    )


def test_t_quantiles():
    """The table holds scipy's quantiles to four digits; beyond it the normal one is less than 5 % away."""
    assert pytest.approx([stdtrit(df, 0.975) for df in range(1, len(_T) + 1)], abs=5e-5) == list(_T)
    assert t95(math.inf) == pytest.approx(stdtrit(1e9, 0.975))


def test_the_rule():
    """Equal windows: variance 1.1²·var(w)/K relative; h = sqrt(t²v + 1.96²q²/12)."""
    w = [1.0, 1.1, 0.9, 1.05, 0.95]
    found = from_windows(windows(w), 0.01)
    assert found.variance == pytest.approx(1.21 * np.var(w, ddof=1) / 5)
    assert found.df == 4
    assert found.half_width() == pytest.approx(
        math.sqrt(stdtrit(4, 0.975) ** 2 * found.variance + 1.96**2 * 1e-4 / 12), rel=1e-4
    )


def test_one_window_has_no_interval():
    """Nothing is known of the spread of one value."""
    assert from_windows(windows([1.0]), 0.0).half_width() is None


@pytest.mark.parametrize(
    ("count", "steps", "merged"),
    [
        (10, 10, 10),
        (19, 10, 19),
        (20, 10, 10),
        (25, 10, 13),
        (100, 10, 10),
        (100, 1, 10),
        (20, 1, 4),
        (3, 10, 3),
        (2, 1, 2),
    ],
)
def test_batches(count, steps, merged):
    """About 10 steps each, at least 4 where that can be had, 10 to 19 of many."""
    assert len(batches(windows([1.0] * count, steps))) == merged


def test_conservative():
    """2.4 standard errors, and the rounding of the centre: h = sqrt((1.96·2.4·e)² + (1.96 q)²/12)/m."""
    half = conservative(2.0, 0.01, 0.001).half_width()
    assert half == pytest.approx(math.sqrt((1.96 * 2.4 * 0.01) ** 2 + (1.96 * 0.001) ** 2 / 12) / 2, rel=1e-4)


def test_nothing_known_gives_no_interval():
    """A lone total has no interval."""
    assert Estimate(1.0).half_width() is None


def stampless(times, batch):
    """alexnet_benchmark without time stamps: only mean and SD are known."""
    return alexnet(times, batch, stamped=False)


class Cell(NamedTuple):
    """A script, its steps, mean step time (s), batch and CV; bounds of coverage up to φ = 0.5, the least at 0.7."""

    make: Callable[..., Tables]
    steps: int
    mean: float
    batch: int
    cv: float
    least: float
    most: float
    correlated: float


CELLS = {
    "tf_cnn-500": Cell(tf_cnn, 100, 0.128, 64, 0.02, 0.92, 0.98, 0.91),
    "alexnet-500": Cell(alexnet, 100, 0.256, 128, 0.02, 0.92, 0.98, 0.91),
    "cifar10-500-10-lines": Cell(cifar10, 100, 0.256, 128, 0.02, 0.92, 0.98, 0.91),
    "cifar10-500-25-lines": Cell(cifar10, 250, 0.256, 128, 0.02, 0.92, 0.98, 0.91),
    "tf_cnn-5": Cell(tf_cnn, 100, 0.4, 2, 0.02, 0.93, 1.0, 0.93),
    "cifar10-5": Cell(cifar10, 250, 0.4, 2, 0.02, 0.93, 1.0, 0.93),
    "alexnet-5-ms": Cell(alexnet, 100, 0.005, 128, 0.002, 0.93, 0.98, 0.91),
    "alexnet-conservative": Cell(stampless, 100, 1.0, 128, 0.02, 0.93, 1.0, 0.93),
}


@pytest.mark.slow
@pytest.mark.parametrize("phi", [0.0, 0.3, 0.5, 0.7])
@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS.keys())
def test_coverage(cell, phi):
    """Share of 2 000 intervals that hold the true speed; where none is given (warm-up in doubt), none is counted."""
    times = step_times(np.random.default_rng(5), (2000, cell.steps), mean=cell.mean, cv=cell.cv, phi=phi)
    tables = cell.make(times, cell.batch)
    analyze(tables)
    given = np.mean([low is not None for low in tables.columns["phases"]["examples_per_second_low"]])
    share = coverage(tables, cell.batch / cell.mean) / given
    text = f"coverage {share:.3f}, half width {half_width(tables):.2f} %, without an interval {1 - given:.3f}"
    assert given >= 0.95, text
    assert (cell.correlated if phi == 0.7 else cell.least) <= share <= cell.most, text


@pytest.mark.slow
@pytest.mark.parametrize("trend", ["drift", "shift"])
def test_coverage_with_a_trend(trend):
    """A change of 10 % inside the run only widens the interval of the run's own mean."""
    times = step_times(np.random.default_rng(6), (1000, 100), mean=0.128, cv=0.02, phi=0.3)
    change = np.linspace(1, 1.1, 100) if trend == "drift" else np.where(np.arange(100) < 67, 1, 1.1)
    tables = tf_cnn(times * change, 64)
    analyze(tables)
    assert coverage(tables, 64 / (0.128 * float(change.mean()))) >= 0.97


@pytest.mark.slow
def test_rare_stalls_are_not_covered():
    """What no method can see: 1 % of the steps ×3; a run of 100 steps shows none of them with probability 0.37."""
    rng = np.random.default_rng(7)
    times = step_times(rng, (1000, 100), mean=0.128, cv=0.02, phi=0.0)
    times = np.where(rng.random(times.shape) < 0.01, 3 * times, times)
    tables = tf_cnn(times, 64)
    analyze(tables)
    assert 0.5 <= coverage(tables, 64 / (0.128 * 1.02)) <= 0.75
