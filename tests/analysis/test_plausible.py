"""Speeds that do not fit those of other runs: half precision, training against inference, one ratio among many."""

import math
import statistics

import pytest
from analysis_logs import add_cumulative, add_run, codes, messages

from logreport.analysis import Study, analyze, check_across
from logreport.analysis.comparison.pairs import label_pairs, paired
from logreport.tables.tables import Tables

STEPS = [1, *range(10, 101, 10)]


def checked(*runs):
    """Tables of runs (speed, what is not as usual), with what two of them show together."""
    tables = Tables()
    for i, (speed, values) in enumerate(runs):
        phase, batch = values.get("phase", "training"), values.get("batch", 64)
        own = {name: value for name, value in values.items() if name not in ("phase", "batch")}
        row = {
            "model": "resnet50", "device": "T4", "device_kind": "gpu", "precision": "fp32", "num_devices": 1, "xla": False,
        }  # fmt: skip
        add_run(tables, f"r{i}", "tf_cnn_benchmarks", **{**row, **own})
        add_cumulative(tables, f"r{i}", STEPS, [speed] * len(STEPS), phase=phase, batch=batch)
    analyze(tables)
    check_across(tables)
    return tables


@pytest.mark.parametrize(
    ("half", "values", "found"),
    [
        (90.0, {}, True),
        (99.0, {}, False),
        (180.0, {}, False),
        (90.0, {"xla": True}, False),
        (90.0, {"batch": 128}, False),
        (90.0, {"device": "P100"}, False),
    ],
)
def test_half_precision_that_is_slower(half, values, found):
    """On the same set-up, by more than 2 %; the finding names the other run."""
    tables = checked((100.0, {}), (half, {"precision": "fp16", **values}))
    assert ("fp16-slower" in codes(tables)) == found
    assert all("10.0 % slower" in text and "r0.log" in text for text in messages(tables, "fp16-slower"))


@pytest.mark.parametrize(("speed", "found"), [(9.0, True), (11.0, False), (33.0, False)])
def test_training_that_is_far_slower_than_inference(speed, found):
    """Three times as slow is usual, more than ten times is not."""
    tables = checked((100.0, {"phase": "inference"}), (speed, {}))
    assert ("slow-training" in codes(tables)) == found


@pytest.mark.parametrize(
    ("speed", "values", "found"),
    [
        (60.0, {}, True),
        (70.0, {}, False),
        (60.0, {"distortions": True}, True),
        (60.0, {"device": "P100"}, False),
        (60.0, {"dataset": "cifar10"}, False),
        (60.0, {"dataset": "imagenet (synthetic)", "distortions": True}, False),
    ],
)
def test_data_that_come_too_slowly(speed, values, found):
    """Over 1.5 times as slow as the same on synthetic data, which nobody needs to read or to distort."""
    tables = checked((100.0, {"dataset": "imagenet (synthetic)"}), (speed, {"dataset": "imagenet", **values}))
    assert ("slow-input" in codes(tables)) == found
    assert all("1.7 times as slow as with synthetic data" in t for t in messages(tables, "slow-input"))


def pairs(count, odd):
    """Two devices on many workloads, all near a ratio of 2 but one of the faster device's."""
    for i in range(count):
        yield 100.0 + i, {"model": f"m{i}"}
        usual = (200.0 + 2 * i) * (1 + 0.02 * (i % 3))
        yield (odd if i == 3 else usual), {"model": f"m{i}", "device": "V100"}


@pytest.mark.parametrize(
    ("count", "odd", "found"),
    [(12, 20.0, "r7.log"), (12, 2000.0, "r6.log"), (12, 180.0, None), (7, 20.0, None)],
)
def test_a_ratio_far_outside_all_others(count, odd, found):
    """It is held against the side that is too slow for it; of few workloads, or not so far off, nothing is said."""
    tables = checked(*pairs(count, odd))
    rows = [row["source"] for row in tables.rows("findings") if row["code"] == "implausible-ratio"]
    assert rows == ([found] if found else [])
    expected = "10.5 times as slow" if odd < 100 else "9.5 times as slow"
    assert all(expected in text for text in messages(tables, "implausible-ratio"))


@pytest.mark.parametrize(("odd", "counted", "left"), [(20.0, 11, 1), (180.0, 12, 0)])
def test_a_doubted_number_is_in_no_mean(odd, counted, left):
    """The mean over workloads is that of the others; the row of the doubted one stays, with its finding."""
    speeds = [*pairs(12, odd)]
    study = Study(checked(*speeds))
    (pair,) = (standing.pair for standing in study.leaderboard if standing.pair)
    assert (len(pair.comparisons), len(pair.left_out)) == (counted, left)
    ratios = [fast[0] / slow[0] for slow, fast in zip(speeds[::2], speeds[1::2], strict=True)]
    kept = [ratio for ratio in ratios if not left or ratio > 1]
    assert math.exp(abs(pair.log)) == pytest.approx(statistics.geometric_mean(kept), rel=1e-3)
    assert [len(c.side.run_ids) for c in study.between] == [1] * 12


def test_what_is_doubted_counts_where_there_is_nothing_else():
    """Two devices on one workload, whose training is far slower than inference on either."""
    slow = {"device": "V100"}
    runs = (100.0, {"phase": "inference"}), (9.0, {}), (200.0, {"phase": "inference", **slow}), (18.0, slow)
    tables = checked(*runs)
    assert len(messages(tables, "slow-training")) == 2
    (pair,) = Study(tables).together.values()
    assert [c.workload.phase for c in (*pair.comparisons, *pair.left_out)] == ["inference", "training"]
    (alone,) = paired(pair.left_out, lambda c: c.workload).values()
    assert alone.comparisons == pair.left_out
    assert not alone.left_out


def test_nothing_is_left_out_between_two_set_ups_of_one_device():
    """There training that is far slower than inference may be what the set-up did to it."""
    xla = {"xla": True}
    runs = (100.0, {"phase": "inference"}), (50.0, {}), (100.0, {"phase": "inference", **xla}), (9.0, xla)
    study = Study(checked(*runs))
    assert "slow-training" in codes(study.tables)
    (pair,) = label_pairs(study.comparisons)
    assert (len(pair.comparisons), pair.left_out) == (2, ())


def test_synthetic_data_come_from_nowhere():
    """A script whose data are always synthetic is held against nothing, however unlike its commands are."""
    tables = checked((100.0, {"dataset": "synthetic"}), (10.0, {"dataset": "synthetic", "optimizer": "sgd"}))
    same = checked((100.0, {"dataset": "synthetic"}), (10.0, {"dataset": "synthetic", "distortions": True}))
    assert "slow-input" not in codes(tables) | codes(same)
