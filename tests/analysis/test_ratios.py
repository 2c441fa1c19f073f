"""Ratios of two runs: against scipy, and by simulation."""

import numpy as np
import pytest
from analysis_simulate import step_times, tf_cnn
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from logreport.analysis import analyze
from logreport.analysis.comparison.pooling import members
from logreport.analysis.comparison.ranks import mann_whitney
from logreport.analysis.comparison.ratios import LogSpeed, holm, one_run, p_values, ratio, repeated
from logreport.analysis.comparison.repeats import Repeats, pool
from logreport.analysis.comparison.sides import geometric_mean

BATCH, MEAN = 64, 0.128


def test_repeats_are_welch_on_logarithms():
    """P and interval of three and four runs a side are those of scipy's Welch test on ln speed."""
    rng = np.random.default_rng(1)
    a, b = rng.normal(5.03, 0.01, 3), rng.normal(5.0, 0.02, 4)
    found = ratio(repeated(a.tolist(), 0.0), repeated(b.tolist(), 0.0))
    welch = stats.ttest_ind(a, b, equal_var=False)
    assert p_values([found]) == pytest.approx([welch.pvalue], rel=1e-6)
    assert np.log(found.interval()) == pytest.approx(list(welch.confidence_interval()))


def test_rounding_and_run_variation_are_normal():
    """Without a t term the p-value is that of a normal."""
    found = ratio(LogSpeed(0.03, 0.0, np.inf, 1e-4), LogSpeed(0.0, 0.0, np.inf, 1e-4))
    assert p_values([found]) == pytest.approx([2 * stats.norm.sf(0.03 / np.sqrt(2e-4))], rel=1e-6)


def test_equal_runs():
    """Two identical runs without any error are the same, not an error."""
    same = LogSpeed(1.0, 0.0, np.inf, 0.0)
    assert ratio(same, same).interval() == (1.0, 1.0)
    assert p_values([ratio(same, same)]) == pytest.approx([1.0])


def test_holm_by_hand():
    """Holm 1979: 0.01·4, then at least that, 0.03·3, 0.04·2 not below 0.09, and 0.5."""
    assert holm([0.04, 0.01, 0.5, 0.03]) == pytest.approx([0.09, 0.04, 0.5, 0.09])
    assert holm([]) == []


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=20))
def test_geometric_mean(values):
    """As scipy's."""
    assert geometric_mean(values) == pytest.approx(stats.gmean(values))


@given(
    st.lists(st.integers(0, 60), min_size=2, max_size=9),
    st.lists(st.integers(0, 60), min_size=2, max_size=9),
)
def test_mann_whitney(a, b):
    """Exact without ties, corrected normal with them, as scipy's two methods."""
    tied = len({*a, *b}) < len(a) + len(b)
    if len({*a, *b}) > 1:
        want = stats.mannwhitneyu(a, b, method="asymptotic" if tied else "exact").pvalue
        assert mann_whitney(a, b) == pytest.approx(want)


def test_mann_whitney_of_equal_values():
    """All equal: nothing differs."""
    assert mann_whitney([1.0, 1.0], [1.0, 1.0]) == 1.0


def logs(times):
    """Ln speed of each simulated run, by the whole way: printed, analysed, recalled."""
    tables = tf_cnn(times, BATCH)
    analyze(tables)
    return [one_run(m.speed, m.phase.estimate) for m in members(tables)]


def different(a, b, variation=0.0):
    """Pairs whose 95 % interval leaves out 1."""
    found = pool([Repeats((x,), (y,), variation) for x, y in zip(a, b, strict=True)]).ratios
    return sum(not low <= 1 <= high for low, high in (r.interval() for r in found))


@pytest.mark.slow
def test_equal_pairs_and_slowdowns():
    """φ = 0.5, CV 2 %: at most 500 of 10 000 equal pairs differ; of 5 % slowdowns at least 80 % are found (expect all)."""
    rng = np.random.default_rng(1)
    a, b, slow = (
        logs(step_times(rng, (runs, 100), mean=MEAN * by, cv=0.02, phi=0.5))
        for runs, by in ((10000, 1), (10000, 1), (2000, 1.05))
    )
    assert different(a, b) <= 500
    assert different(a[:2000], slow) >= 0.99 * 2000


@pytest.mark.slow
def test_slowdowns_with_the_assumed_run_variation():
    """With 1 % from run to run assumed, two single runs still show 5 % in at least 80 %."""
    rng = np.random.default_rng(2)
    a, slow = (logs(step_times(rng, (1000, 100), mean=MEAN * by, cv=0.02, phi=0.5)) for by in (1, 1.05))
    assert different(a, slow, 0.01) >= 0.8 * 1000
