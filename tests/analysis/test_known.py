"""The answers that the founding documents are known to give."""

import pytest
from analysis_known import CPU_FORWARD, alexnet_tables, cifar_tables
from analysis_logs import add_alexnet, add_run, codes, messages, phase_of
from studies import compare, utilisation

from logreport.analysis import analyze, check_across
from logreport.analysis.comparison.speedups import geometric_means
from logreport.reporting.text import reasons
from logreport.tables.tables import Tables


@pytest.fixture
def alexnet():
    """AlexNet on a GTX 1050 Ti and on TensorFlow 0.5's CPU, analysed."""
    tables = alexnet_tables()
    analyze(tables)
    return tables


def test_alexnet_forward(alexnet):
    """17.4× as printed (2.285/0.131), 17.6× after the correction of the old checkout's mean."""
    forward = next(c for c in compare(alexnet) if c.workload.phase == "forward")
    assert forward.ratio_as_printed == pytest.approx(2.285 / 0.131)
    assert forward.ratio == pytest.approx(17.6, abs=0.05)
    assert (forward.low, forward.high) == (pytest.approx(17.09, abs=0.01), pytest.approx(18.12, abs=0.01))
    assert (forward.baseline.label, forward.verdict) == ("TF 0.5 CPU", "faster")


def test_alexnet_forward_backward(alexnet):
    """30.9× as printed (9.721/0.315), 31.2× after the correction."""
    both = next(c for c in compare(alexnet) if c.workload.phase == "forward_backward")
    assert both.ratio_as_printed == pytest.approx(9.721 / 0.315)
    assert both.ratio == pytest.approx(31.2, abs=0.05)


def test_the_old_mean_is_corrected_and_kept(alexnet):
    """The printed speed stays beside the corrected one; the corrected SD is 0.067 s, not 0.239 s; a finding says so."""
    row = phase_of(alexnet, "cpu", "forward")
    assert row["examples_per_second_printed"] == pytest.approx(128 / 2.285)
    assert row["examples_per_second"] == pytest.approx(128 / 2.3106, rel=1e-4)
    assert row["seconds_per_batch_sd"] == pytest.approx(0.0665, abs=0.001)
    assert (row["method"], row["interval_method"]) == ("computed", "windows")
    assert len(messages(alexnet, "summary-contradicts-steps")) == 2


def test_the_new_mean_is_not_corrected(alexnet):
    """The GPU's checkout prints step 0: its mean agrees with its time stamps, within a printed digit."""
    row = phase_of(alexnet, "gpu", "forward")
    assert row["seconds_per_batch"] == pytest.approx(0.1313, abs=5e-5)
    assert row["seconds_per_batch_sd"] == 0.001


def test_ten_steps_of_an_old_checkout():
    """`--num_batches 10` prints no step line; the SD of mean/3 still gives the old formula away (0.170 → 0.189 s)."""
    tables = Tables()
    add_run(tables, "a", "alexnet_benchmark")
    add_alexnet(
        tables,
        "a",
        CPU_FORWARD.splitlines()[-1].replace("100 steps, 2.285 +/- 0.239", "10 steps, 0.170 +/- 0.058"),
    )
    analyze(tables)
    row = phase_of(tables, "a", "forward")
    assert row["seconds_per_batch"] == pytest.approx(0.170 * 10 / 9)
    assert row["interval_method"] == "conservative"
    assert "summary-contradicts-steps" in codes(tables)


def test_layers_differ(alexnet):
    """conv1 of 55×55 against 56×56 is comparable, but said: beside the comparison and as a finding."""
    assert any(
        "layers-differ: conv1 is 128x56x56x64 against 128x55x55x64" in n
        for n in reasons.notes(compare(alexnet)[0])
    )
    check_across(alexnet)
    assert len(messages(alexnet, "layers-differ")) == 1


def test_geometric_mean(alexnet):
    """Over the two passes: sqrt(17.6 · 31.2) = 23.4."""
    (mean,) = geometric_means(compare(alexnet))
    assert mean.ratio == pytest.approx(23.43, abs=0.01)
    assert mean.low < mean.ratio < mean.high
    assert [w.phase for w in mean.workloads] == ["forward", "forward_backward"]


def test_utilisation(alexnet):
    """AlexNet's forward pass reaches 60 % of 768 × 1.392 GHz × 2."""
    forward = next(u for u in utilisation(alexnet) if u.phase == "forward")
    assert forward.peak == pytest.approx(768 * 1.392e9 * 2)
    assert forward.operations == pytest.approx(1.316e9, rel=1e-3)
    assert forward.share == pytest.approx(0.60, abs=0.005)


def test_cifar10():
    """Step 0 and the first window after it left out: 7 896 / 548.8 = 14.4× (time-weighted means of the windows)."""
    tables = cifar_tables()
    analyze(tables)
    (c,) = compare(tables)
    assert c.side.speed.value == pytest.approx(7896, abs=1)
    assert c.baseline.speed.value == pytest.approx(548.75, abs=0.05)
    assert c.ratio == pytest.approx(14.4, abs=0.05)
    assert phase_of(tables, "gpu")["warmup_steps"] == 11
    assert tables.columns["steps"]["is_warmup"][:5] == [True, True, False, False, False]
    assert messages(tables, "too-few-steps")
