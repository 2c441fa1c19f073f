"""What verdicts over workloads and repeats promise, held by simulation: the targets of docs/statistics.md."""

import numpy as np
import pytest
from analysis_logs import START
from analysis_simulate import step_times, tf_cnn
from simulated_verdicts import DAYS, ONE_DAY, SLOWER, Cell, rates, table
from studies import compare

from logreport.analysis import analyze
from logreport.analysis.comparison.repeats import Repeats, pool
from logreport.analysis.comparison.speedups import geometric_means
from logreport.tables.tables import Tables

pytestmark = pytest.mark.slow
RUN_SDS = (0.5, 1, 2, 5)


def cells(*runs):
    """Ten workloads with so many runs a side, at every run SD."""
    return [(n, sd) for n in runs for sd in RUN_SDS]


@pytest.mark.parametrize(("runs", "run_sd"), [*cells(2, 3, 5), (10, 1)])
def test_repeats_on_different_days(runs, run_sd):
    """Unchanged workloads: at most 2 % called different, 6 % of intervals without 1, a gate passed by 5 % of −5 %."""
    found = rates(Cell(10, runs, DAYS, run_sd, 0), 1500)
    assert found.false <= 2
    assert found.excludes_1 <= 6
    assert found.any_false <= 5
    assert found.wrong_pass <= 5
    assert found.mean_covers >= 93


@pytest.mark.parametrize(("runs", "run_sd"), [(2, 0.5), (3, 1), (5, 2)])
def test_days_that_differ(runs, run_sd):
    """A day that moves all workloads by 1 % (SD) on top: two days are few, and still hold 8 %."""
    found = rates(Cell(10, runs, DAYS, run_sd, 1), 1500)
    assert found.excludes_1 <= 8
    assert found.any_false <= 5
    assert found.wrong_pass <= 5
    assert found.mean_covers >= 93


@pytest.mark.parametrize(("runs", "run_sd"), cells(2, 3, 5))
def test_repeats_of_one_session(runs, run_sd):
    """All runs of a side on a day that is 1 % off (SD): the verdicts bear it."""
    found = rates(Cell(10, runs, ONE_DAY, run_sd, 1), 1500)
    assert found.excludes_1 <= 10
    assert found.false <= 3
    assert found.any_false <= 5
    assert found.wrong_pass <= 5
    assert found.mean_covers >= 90


@pytest.mark.parametrize(("runs", "when"), [(2, DAYS), (2, ONE_DAY), (5, ONE_DAY)])
def test_four_workloads(runs, when):
    """From four workloads on a gate at −5 % is passed by at most 5 % of true −5 %."""
    found = rates(Cell(4, runs, when, 1, 0 if when == DAYS else 1), 2500)
    assert found.wrong_pass <= 5
    assert found.excludes_1 <= 10
    assert found.any_false <= 9


@pytest.mark.parametrize("run_sd", RUN_SDS)
@pytest.mark.parametrize(("when", "session_sd"), [(DAYS, 0), (ONE_DAY, 1)])
def test_workloads_that_were_not_repeated(when, session_sd, run_sd):
    """Five with three runs a side, five with one: these borrow what they cannot show, and hold 8 %."""
    rng, outside = np.random.default_rng(4), []
    for _ in range(800):
        workloads = table(rng, Cell(10, 3, when, run_sd, session_sd))
        single = [Repeats(w.side[:1], w.baseline[:1], w.variation) for w in workloads[5:]]
        ends = [ratio.interval() for ratio in pool([*workloads[:5], *single]).ratios]
        outside.append([not low <= 1 <= high for low, high in ends])
    assert np.mean(outside, axis=0)[:5].mean() <= 0.08
    assert np.mean(outside, axis=0)[5:].mean() <= 0.08


@pytest.mark.parametrize("run_sd", RUN_SDS)
def test_one_workload(run_sd):
    """Alone, with two runs of one session a side: at most 12 % of intervals without 1."""
    assert rates(Cell(1, 2, ONE_DAY, run_sd, 1), 5000).excludes_1 <= 12


def test_one_slowdown_of_fifty_workloads():
    """Three days a side, 1 % in all: one true −5 % is found in at least 70 % of tables, and at most 5 % accuse another."""
    found = rates(Cell(50, 3, DAYS, 0.71, 0.71), 400)
    assert found.found_one >= 70
    assert found.any_false <= 5
    assert found.mean_covers >= 93


def test_fifty_workloads_of_one_session():
    """What a day does to all of them stays unknown, and does not shrink with their number."""
    found = rates(Cell(50, 3, ONE_DAY, 0.5, 1), 300)
    assert found.excludes_1 <= 10
    assert found.any_false <= 5
    assert found.mean_covers >= 90


def test_what_single_runs_cannot_do():
    """One run a side where runs vary by 2 %: a third of unchanged workloads is called different, as the pages say."""
    assert rates(Cell(1, 1, DAYS, 2, 0), 4000).excludes_1 == pytest.approx(32, abs=4)
    assert rates(Cell(1, 1, DAYS, 0.5, 0), 4000).excludes_1 <= 2


def test_what_one_session_cannot_do():
    """A day that is 2 % off (SD) is a third of false differences, however many runs it has, as the pages say."""
    assert rates(Cell(10, 5, ONE_DAY, 0.5, 2), 1500).excludes_1 == pytest.approx(34, abs=4)


def printed(rng, workloads, runs, run_sd):
    """Logs of two devices, unchanged but for the first workload (5 % slower on B), each run on a day of its own."""
    tables = Tables()
    for w in range(workloads):
        for device in "AB":
            mean = 0.128 * np.exp(-SLOWER * (w == 0 and device == "B"))
            for day in range(runs):
                times = step_times(rng, (1, 100), mean=mean, cv=0.02, phi=0.3) * np.exp(
                    run_sd * rng.standard_normal()
                )
                tables.extend(
                    tf_cnn(
                        times, 64, name=f"{device}-{w}-{day}-", model=f"m{w}", device=device,
                        device_kind="gpu", precision="fp32", num_devices=1, command="python bench.py",
                        started_at=START.replace(day=1 + 2 * day),
                    )
                )  # fmt: skip
    analyze(tables)
    return tables


def test_the_whole_way_from_printed_logs():
    """60 tables of 10 workloads, 3 days a side, run SD 0.5 %: the slowdown is found, and few others are accused."""
    rng = np.random.default_rng(20)
    found = accused = outside = covered = 0
    for _ in range(60):
        made = compare(printed(rng, 10, 3, 0.005), baseline='device == "A"')
        assert len(made) == 10
        for c in made:
            if c.workload.model == "m0":
                found += c.verdict == "slower"
            else:
                accused += c.verdict in ("faster", "slower")
                outside += not c.low <= 1 <= c.high
        (mean,) = geometric_means(made)
        covered += mean.low <= np.exp(SLOWER / 10) <= mean.high
    assert found >= 0.9 * 60
    assert accused <= 0.02 * 540
    assert outside <= 0.06 * 540
    assert covered >= 0.93 * 60
