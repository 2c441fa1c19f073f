"""What a larger batch gains: only what the repeats show, all charts together."""

import math

import pytest
import report_samples as samples
from scipy.stats import norm

from logreport.analysis import Study
from logreport.analysis.comparison.gains import slower_than_best


def series(*models):
    """The set-ups of some models, each a mapping of batch size to speed, with intervals of ±1 % within the runs."""
    tables = samples.Tables()
    for m, speeds in enumerate(models):
        for size, speed in speeds.items():
            run_id, source = f"r{m}-{size}", f"logs/{m}/{size}.log"
            samples.add_run(
                tables, run_id, source, "A", first=1, last=40, benchmark="tf_cnn_benchmarks", model=f"m{m}",
                mode="training", batch_size=size, num_devices=1,
            )  # fmt: skip
            samples.add_measured(tables, run_id, source, size, speed)
    found = Study(tables).set_ups
    return [[s for s in found if s.workload.model == f"m{m}"] for m in range(len(models))]


def ratio_that_is_just_shown(alpha):
    """The ratio of two runs of ±1 % each that a test at this level just tells from 1, with 1 % run to run: by hand."""
    within = (0.01 / 1.96) ** 2
    return math.exp(norm.isf(alpha / 2) * math.sqrt(2 * within + 2 * 0.01**2))


@pytest.mark.parametrize(("more", "shown"), [(1.002, True), (0.998, False)])
def test_a_gain_is_what_the_verdicts_interval_shows(more, shown):
    """Two batch sizes: the smaller is slower if its ratio to the larger leaves out 1, run variation counted."""
    speeds = {32: 100.0, 64: 100.0 * ratio_that_is_just_shown(0.05) * more}
    assert slower_than_best(series(speeds), 0.01) == [(shown, False)]


def test_many_charts_need_more():
    """What is a gain in one chart alone is none among twenty."""
    rise = ratio_that_is_just_shown(0.02)
    assert slower_than_best(series({32: 100.0, 64: 100.0 * rise}), 0.01) == [(True, False)]
    flat = [{32: 100.0, 64: 100.1}] * 19
    assert slower_than_best(series({32: 100.0, 64: 100.0 * rise}, *flat), 0.01)[0] == (False, False)


def test_a_speed_that_falls_is_shown_too():
    """The last batch size may be the slow one; the best is never slower than itself."""
    assert slower_than_best(series({8: 121.0, 16: 120.0, 32: 75.0}), 0.01) == [(False, False, True)]
