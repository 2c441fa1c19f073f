"""Tables that no sound log gives: analysis raises nothing, and writes no nonsense."""

import math
import time
from datetime import timedelta

import pytest
from analysis_logs import START, add_cumulative, add_run
from hypothesis import given, settings
from hypothesis import strategies as st
from studies import compare, scaling_of, utilisation

from logreport.analysis import analyze, check_across
from logreport.analysis.comparison.speedups import geometric_means
from logreport.tables.tables import Tables

BENCHMARKS = ("alexnet_benchmark", "cifar10", "mnist", "tf_cnn_benchmarks", "theirs", None)
ODD = (
    st.none() | st.sampled_from([0.0, -1.0, math.nan, math.inf, 1e-300, 1e300, 0.131]) | st.floats(0.001, 1e4)
)
STEP = st.none() | st.integers(-1, 200)
LINE = st.tuples(st.none() | st.integers(0, 1), STEP, ODD, ODD, ODD, ODD, st.none() | st.floats(0, 1e4))


@settings(max_examples=300)
@given(
    st.sampled_from(BENCHMARKS),
    st.lists(LINE, max_size=14),
    st.lists(ODD, min_size=4, max_size=4),
    st.none() | st.integers(-1, 256),
    STEP,
)
def test_nothing_raises(benchmark, lines, phase, batch, n_steps):
    """Missing, zero, negative, infinite, not in order: intervals are None or around the speed."""
    tables = Tables()
    for name in "ab":
        add_run(tables, name, benchmark, device=name, num_devices=batch)
        where = {"run_id": name, "source": f"{name}.log", "phase": "training"}
        for rank, step, seconds, rate, sem, loss, at in lines:
            stamp = START + timedelta(seconds=at) if at is not None else None
            row = {"seconds_per_batch": seconds, "examples_per_second": rate, "sem": sem, "loss": loss}
            tables.add("steps", **where, rank=rank, step=step, timestamp=stamp, **row)
        names = (
            "seconds_per_batch",
            "seconds_per_batch_sd",
            "examples_per_second",
            "end_to_end_examples_per_second",
        )
        values = dict(zip(names, phase, strict=True))
        tables.add("phases", **where, batch_size=batch, n_steps=n_steps, method="reported", **values)
    analyze(tables)
    check_across(tables)
    found = compare(tables)
    assert all(c.ratio is None or c.ratio > 0 for c in found)
    geometric_means(found)
    scaling_of(tables)
    utilisation(tables)
    for row in tables.rows("phases"):
        low, speed, high = (row[f"examples_per_second{end}"] for end in ("_low", "", "_high"))
        assert (low is None) == (high is None)
        assert low is None or low <= speed <= high


def test_a_phase_without_a_run():
    """Rows that belong to nothing are left as they are."""
    tables = Tables()
    tables.add("phases", run_id="x", source="x.log", phase="training", examples_per_second=5.0)
    analyze(tables)
    assert tables.columns["phases"]["examples_per_second"] == [5.0]


def test_no_tables():
    """Nothing in, nothing out."""
    tables = Tables()
    analyze(tables)
    assert compare(tables) == []


@pytest.mark.slow
def test_thousands_of_runs():
    """4 000 runs of 11 lines take seconds, not minutes (2 s on a free core; the bound is for a busy one)."""
    tables = Tables()
    for i in range(4000):
        add_run(tables, f"r{i}", "tf_cnn_benchmarks")
        add_cumulative(
            tables, f"r{i}", [1, *range(10, 101, 10)], [500.0 + (i * j) % 7 / 10 for j in range(11)], sem=0.5
        )
    began = time.process_time()
    analyze(tables)
    assert time.process_time() - began < 10
