"""Shift and drift: the statistics by other means, false alarms, and what is found."""

import numpy as np
import pytest
from analysis_logs import codes, messages
from analysis_simulate import cifar10, step_times, tf_cnn
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from logreport.analysis import analyze
from logreport.analysis.findings.changes import change, critical, drift, largest_t, shift


def test_largest_t_is_the_pooled_t_of_the_best_split():
    """By scipy's two-sample t over all splits with two windows a side."""
    x = np.random.default_rng(1).normal(size=12)
    x[7:] += 1.5
    by_split = {k: abs(stats.ttest_ind(x[:k], x[k:]).statistic) for k in range(2, 11)}
    k, t, size = largest_t(x.tolist())
    assert k == max(by_split, key=by_split.get)
    assert t == pytest.approx(by_split[k])
    assert size == pytest.approx(x[k:].mean() - x[:k].mean())


def test_drift_uses_the_t_of_the_slope():
    """The slope's t of scipy's regression decides, and the size is that of the fitted line."""
    x = np.log(np.linspace(1, 1.05, 10)) + np.random.default_rng(2).normal(size=10) * 0.001
    fit = stats.linregress(np.arange(10), x)
    assert abs(fit.slope / fit.stderr) > critical(((10, 3.63),), 10)
    assert drift(x.tolist()).size == pytest.approx(np.expm1(9 * fit.slope))


def test_small_changes_are_not_reported():
    """1 % is significant where nothing else varies, and of no use."""
    assert shift([0.0] * 5 + [0.01] * 5) is None
    assert shift([0.0] * 5 + [0.03] * 5).index == 5


@pytest.mark.parametrize("seconds", [[], [1.0], [1.0] * 5, [1.0] * 10, [1.0, 2.0] * 5])
def test_few_or_equal_windows_raise_no_alarm(seconds):
    """Fewer than six windows are not judged; no variation at all is no change."""
    assert change(seconds) is None


@given(st.lists(st.floats(1.0, 1.0132), min_size=6, max_size=100))
@example([1.0] * 5 + [1.0132] * 5)
@example(np.linspace(1, 1.0132, 10).tolist())
def test_windows_that_hardly_differ_need_no_look(seconds):
    """Within 1.32 % no split and no line through them reaches the 2 % from which a change is reported."""
    x = np.log(seconds)
    line = np.polyfit(np.arange(len(x)), x, 1)[0] * (len(x) - 1)
    splits = [x[k:].mean() - x[:k].mean() for k in range(2, len(x) - 1)]
    assert np.expm1(np.abs([line, *splits])).max() < 0.02
    assert change(seconds) is None


def test_many_windows_are_merged():
    """1 000 windows are judged as 100, and the place is that of the original window."""
    found = change([1.0] * 600 + [1.1] * 400)
    assert found.kind == "shift"
    assert found.index == 600
    assert found.size == pytest.approx(0.1)


def test_critical_values_between():
    """Linear between two entries, constant outside."""
    table = ((6, 6.0), (10, 4.0))
    assert [critical(table, k) for k in (5, 6, 8, 10, 20)] == [6.0, 6.0, 5.0, 4.0, 4.0]


def alarms(tables, word):
    """Share of runs with a finding about a change that names this kind."""
    texts = messages(tables, "slows-down") + messages(tables, "speeds-up")
    return sum(word in text for text in texts) / tables.count("runs")


@pytest.mark.slow
@pytest.mark.parametrize("phi", [0.0, 0.5, 0.7])
@pytest.mark.parametrize("cv", [0.002, 0.02])
@pytest.mark.parametrize(("make", "windows", "rate"), [(tf_cnn, 10, 500), (tf_cnn, 10, 48), (tf_cnn, 10, 95), (tf_cnn, 25, 500),
                                                       (tf_cnn, 100, 500), (cifar10, 10, 500), (cifar10, 25, 500)])  # fmt: skip
def test_false_alarms(make, windows, rate, cv, phi):
    """Stationary series of 10 to 100 windows: at most 2 % alarms of each kind."""
    runs = 1500 if windows < 100 else 800
    times = step_times(np.random.default_rng(7), (runs, windows * 10), mean=64 / rate, cv=cv, phi=phi)
    tables = make(times, 64)
    analyze(tables)
    found = alarms(tables, "at once"), alarms(tables, "steadily")
    assert max(found) <= 0.02, found


@pytest.mark.slow
@pytest.mark.parametrize("phi", [0.0, 0.5])
@pytest.mark.parametrize("windows", [10, 25, 100])
@pytest.mark.parametrize("make", [tf_cnn, cifar10])
def test_drops_are_found(make, windows, phi):
    """10 % slower in the last third, CV 2 %: found in at least 95 %."""
    times = step_times(np.random.default_rng(8), (400, windows * 10), mean=0.128, cv=0.02, phi=phi)
    times[:, -(windows * 10) // 3 :] *= 1.1
    tables = make(times, 64)
    analyze(tables)
    assert len(messages(tables, "slows-down")) >= 0.95 * 400
    assert "speeds-up" not in codes(tables)


@pytest.mark.slow
@pytest.mark.parametrize("windows", [10, 25])
def test_slow_drifts_are_found(windows):
    """10 % slower from the first to the last step, CV 2 %: found in at least 95 %."""
    times = step_times(np.random.default_rng(9), (400, windows * 10), mean=0.128, cv=0.02, phi=0.5)
    tables = tf_cnn(times * np.linspace(1, 1.1, windows * 10), 64)
    analyze(tables)
    assert len(messages(tables, "slows-down")) >= 0.95 * 400


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "word"),
    [(np.linspace(0, 0.1, 250), "steadily"), (np.where(np.arange(250) < 165, 0, 0.1), "at once")],
)
def test_a_change_is_described_once(shape, word):
    """A line through the windows or a step, whichever leaves less: in at least 95 % as it was, and never both."""
    times = step_times(np.random.default_rng(10), (400, 250), mean=0.128, cv=0.02, phi=0.5)
    tables = tf_cnn(times * np.exp(shape), 64)
    analyze(tables)
    texts = messages(tables, "slows-down")
    assert sum(word in text for text in texts) >= 0.95 * 400
    assert not any("at once" in text and "steadily" in text for text in texts)
