"""Warm-up: the gate, MSER, short runs, and what is marked."""

import numpy as np
import pytest
from analysis_logs import add_intervals, add_run, codes, phase_of
from analysis_simulate import cifar10, step_times

from logreport.analysis import analyze
from logreport.analysis.measurement.steady_state import Warmup, gate, mser, warm_up
from logreport.tables.tables import Tables


def test_mser_by_its_definition():
    """The cut with the least Σ(w−w̄)²/(K−d)² among the first half."""
    w = np.random.default_rng(3).normal(1, 0.01, 21)
    w[:4] += (0.5, 0.3, 0.2, 0.1)
    scores = [((w[d:] - w[d:].mean()) ** 2).sum() / (21 - d) ** 2 for d in range(11)]
    assert mser(w.tolist()) == int(np.argmin(scores))


def test_the_gate_keeps_a_steady_run_whole():
    """Nothing is cut where the first two windows lie in the band of the last half."""
    assert gate([1.0, 1.01, 0.99] * 4) == 0
    assert warm_up([1.0, 1.01, 0.99] * 4, starts_cold=True) == Warmup(0)


def test_a_warm_up_is_cut():
    """Three slow windows of 20."""
    assert warm_up([1.5, 1.3, 1.1] + [1.0, 1.001] * 9, starts_cold=True).cut == 3


def test_a_warm_up_that_does_not_end():
    """Half of the windows outside the band: no steady state is claimed."""
    found = warm_up([2 - i / 12 for i in range(12)], starts_cold=True)
    assert (found.cut, found.settled) == (6, False)


@pytest.mark.parametrize(
    ("count", "cold", "cut"), [(3, True, 1), (9, True, 1), (2, True, 0), (1, True, 0), (5, False, 0)]
)
def test_short_runs(count, cold, cut):
    """Under ten windows: the first after step 0 is left out where two remain; a log without step 0 began warm."""
    assert warm_up([1.0] * count, starts_cold=cold) == Warmup(cut, judged=False)


def test_what_is_left_out_is_marked():
    """Step 0 and the warm-up carry is_warmup; warmup_steps counts their steps; a run that never settles has no interval."""
    tables = Tables()
    for name, rates in (("good", [500, 800, *[1000, 1001] * 6]), ("bad", [10 * 1.1**i for i in range(14)])):
        add_run(tables, name, "cifar10")
        add_intervals(tables, name, range(0, 140, 10), rates)
    analyze(tables)
    assert tables.columns["steps"]["is_warmup"][:4] == [True, True, False, False]
    assert phase_of(tables, "good")["warmup_steps"] == 11
    bad = phase_of(tables, "bad")
    assert bad["examples_per_second_low"] is None
    assert bad["examples_per_second"] is not None
    assert "not-settled" in codes(tables)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lines", "tau", "least"), [(25, 0.5, 0.91), (50, 0.5, 0.92), (50, 2.0, 0.92), (100, 5.0, 0.92)]
)
def test_coverage_after_a_warm_up(lines, tau, least):
    """+50 % that decays with τ windows: the intervals of what remains hold the steady speed."""
    times = step_times(np.random.default_rng(4), (1000, lines * 10), mean=0.128, cv=0.02, phi=0.3)
    tables = cifar10(times * (1 + 0.5 * np.exp(-np.arange(lines * 10) / (10 * tau))), 64)
    analyze(tables)
    phases = tables.columns["phases"]
    pairs = zip(phases["examples_per_second_low"], phases["examples_per_second_high"], strict=True)
    held = [low <= 500 <= high for low, high in pairs if low is not None]
    assert len(held) >= 0.9 * 1000
    assert np.mean(held) >= least
