"""Device against device: fastest against fastest, whatever the baseline, and as anybody can recompute it."""

import math
import re
import tarfile
from itertools import combinations

import pytest
import report_parts as parts
import report_samples as samples

from logreport import api
from logreport.analysis import compare_devices
from logreport.analysis.comparison import fastest
from logreport.reporting.sections.device_pairs import label_pairs
from logreport.tables.reading import Reading

GPU_LINE = "tensorflow/core/common_runtime/gpu/gpu_device.cc:1434"
SET_UPS = {
    "titan": ("TITAN Xp", 250.0, ""),
    "plain": ("GeForce GTX 1080 Ti", 100.0, ""),
    "xla": ("GeForce GTX 1080 Ti", 240.0, " --xla=True"),
}


def log(device, speed, flags=""):
    """What a run of tf_cnn_benchmarks prints, at a steady speed."""
    lines = [
        f"$ python tf_cnn_benchmarks.py --model=resnet50 --batch_size=64 --num_gpus=1{flags}",
        f"2019-01-08 10:01:11.800530: I {GPU_LINE}] Found device 0 with properties:",
        f"name: {device} major: 6 minor: 1 memoryClockRate(GHz): 1.582",
        "Step\tImg/sec\ttotal_loss",
    ]
    for step in (1, *range(10, 101, 10)):
        own = speed + step // 10 % 2 / 10
        lines.append(f"{step}\timages/sec: {own:.1f} +/- 0.1 (jitter = 0.1)\t7.512")
    return "\n".join([*lines, "-" * 64, f"total images/sec: {speed:.2f}", "-" * 64]) + "\n"


@pytest.fixture
def logs(tmp_path):
    """One card that ran once, and one that ran without XLA and with it."""
    for name, set_up in SET_UPS.items():
        (tmp_path / f"{name}.log").write_text(log(*set_up))
    return tmp_path


def said(answer):
    """An answer as text."""
    return "".join(span.text for span in answer.sentence)


@pytest.mark.parametrize(
    "baseline",
    [None, "titan.log", "plain.log", "xla.log", 'device == "TITAN Xp"', 'device == "GeForce GTX 1080 Ti"'],
)
def test_fastest_against_fastest_does_not_depend_on_the_baseline(logs, baseline):
    """250 images/s are 1.04× of the 240 that the other card reaches with XLA, and never 2.50× of its 100 without."""
    report = api.report(logs, baseline=baseline)
    first = said(parts.answers(report)[0])
    assert re.match(
        r"TITAN Xp is 1\.04× faster than GeForce GTX 1080 Ti on ResNet-50 training \(batch 64\)", first
    )
    assert "the fastest set-up of each device" in parts.notes(report)[0]
    assert not any("2.50×" in said(answer) for answer in parts.answers(report))


def test_a_baseline_of_both_devices_compares_their_own_set_ups(logs):
    """Against all that ran without XLA, the card that ran with it is compared with itself, and no devices are."""
    report = api.report(logs, baseline='framework == "tensorflow" and source != "xla"')
    assert all("than TITAN Xp" not in said(answer) for answer in parts.answers(report))


def measured(*speeds):
    """Tables of runs (device, model, batch size, speed) that can be compared."""
    tables = samples.Tables()
    for n, (device, model, size, speed) in enumerate(speeds):
        source = f"logs/{n}.log"
        samples.add_run(
            tables, f"r{n}", source, device, first=1, last=40, benchmark="tf_cnn_benchmarks", model=model,
            mode="training", batch_size=size, num_devices=1, optimizer=f"o{n}",
        )  # fmt: skip
        samples.add_measured(tables, f"r{n}", source, size, speed)
    return tables


def test_the_device_that_is_faster_on_the_whole_is_named_first():
    """On one workload it may be the slower one; each side is the fastest of its device."""
    tables = measured(
        ("A", "x", 8, 1.0), ("A", "x", 8, 4.0), ("B", "x", 8, 2.0), ("A", "y", 8, 9.0), ("B", "y", 8, 10.0)
    )  # fmt: skip
    found = compare_devices(tables)
    assert [(c.side.label, c.baseline.label) for c in found] == [("A", "B")] * 2
    assert sorted(c.ratio for c in found) == pytest.approx([0.9, 2.0])
    assert sorted(c.verdict for c in found) == ["faster", "slower"]


def test_set_ups_of_one_device_are_no_pair():
    """They are compared with the baseline only."""
    assert compare_devices(measured(("A", "x", 8, 1.0), ("A", "x", 8, 4.0))) == []


def test_a_run_of_an_unknown_device_is_in_no_pair():
    """What ran on what is not known: it stands in the table, beside the baseline, and makes no first sentence."""
    runs = [(None, "x", 8, 1.0), (None, "x", 8, 4.0), ("A", "x", 8, 2.0), ("B", "x", 8, 3.0)]
    found = compare_devices(measured(*runs))
    assert [(c.side.label, c.baseline.label) for c in found] == [("B", "A")]
    report = api.report_of(Reading(measured(*runs[:3])), title="T", baseline=None, command="c")
    assert sorted(said(answer).partition(" on ")[0] for answer in parts.answers(report)) == [
        "A is 2.00× faster than the unknown device (0.log)",
        "The unknown device (1.log) is 4.00× faster than the unknown device (0.log)",
    ]


def test_two_set_ups_are_one_group_whichever_is_the_baseline():
    """The slowest of each workload is its baseline: over all of them the two set-ups make one sentence, not two."""
    found = []
    for n, (one, two) in enumerate(((1.0, 4.0), (1.0, 2.0), (8.0, 4.0))):
        sides = [samples.side(name, f"{name}{n}", ("x", 1), v) for name, v in (("one", one), ("two", two))]
        found.append(samples.versus(samples.alexnet(size=2**n), *sorted(sides, key=lambda s: s.speed.value)))
    (group,) = label_pairs(found)
    assert {(c.side.label, c.baseline.label) for c in group} == {("two", "one")}
    assert [(c.ratio, c.verdict) for c in group] == [(4.0, "faster"), (2.0, "faster"), (0.5, "slower")]


def test_very_many_devices_are_not_paired_all_with_all():
    """The pairs are those of the devices that share most workloads: their number has a limit, not a square."""
    many = [(f"D{n:04}", "x", 8, 1.0 + n) for n in range(2 * fastest.MOST)]
    often = [(f"D{n:04}", f"m{n}", 8, 1.0) for n in (7, 90)] + [("Z", f"m{n}", 8, 2.0) for n in (7, 90)]
    found = compare_devices(measured(*many, *often))
    assert len(found) <= fastest.MOST * (fastest.MOST - 1) // 2
    assert {"D0007", "D0090", "Z"} <= {side.label for c in found for side in (c.side, c.baseline)}
    report = api.report_of(Reading(measured(*many, *often)), title="T", baseline=None, command="c")
    assert f"of all devices the {fastest.MOST} that share most workloads." in parts.notes(report)[0]


@pytest.fixture(scope="module")
def fleet(corpus, tmp_path_factory):
    """The reading of thousands of real logs, and its report."""
    folder = tmp_path_factory.mktemp("fleet")
    with tarfile.open(corpus / "fleet.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    reading = api.read_logs(api.sources_of(folder))
    return reading, api.report_of(reading, title="T", baseline=None, command="c")


def recomputed(reading):
    """Every pair of devices, from the tables alone: number of workloads, geometric mean, least and most."""
    pd = pytest.importorskip("pandas")
    both = reading.tables.frame("phases").merge(
        reading.tables.frame("runs"), on=["run_id", "source"], suffixes=("", "_of_run")
    )
    both = both.drop_duplicates(["run_id", "phase"])
    both = both[both["examples_per_second"] > 0].assign(
        size=both["batch_size"].fillna(both["batch_size_of_run"]), count=both["num_devices"].fillna(1)
    )
    workload = ["benchmark", "model", "phase", "size", "precision", "dataset", "count"]
    best = both.groupby([*workload, "device"], dropna=False)["examples_per_second"].max().reset_index()
    ratios = {}
    for _, group in best.groupby(workload, dropna=False):
        for one, two in combinations(group.itertuples(), 2):
            for a, b in ((one, two), (two, one)):
                ratios.setdefault((a.device, b.device), []).append(
                    float(a.examples_per_second / b.examples_per_second)
                )
    return {
        pair: (len(r), pd.Series(r).transform("log").mean(), min(r), max(r)) for pair, r in ratios.items()
    }


@pytest.mark.slow
def test_the_first_sentences_over_the_fleet_can_be_recomputed(fleet):
    """Devices, number of workloads, geometric mean, least and most of each sentence and bar, within rounding."""
    reading, report = fleet
    known = recomputed(reading)
    form = re.compile(
        r"(.+) is ([\d.]+)× faster than (.+) over (\d+) workloads \(.*?\): from ([\d.]+)× on .* to ([\d.]+)× on .*\."
    )
    assert len(parts.answers(report)) >= 6
    for answer in parts.answers(report):
        device, mean, other, count, least, most = form.fullmatch(said(answer)).groups()
        number, log_mean, low, high = known[device, other]
        assert int(count) == number
        for shown, value in ((mean, math.exp(log_mean)), (least, low), (most, high)):
            assert float(shown) == pytest.approx(value, abs=0.5 * 10 ** -len(shown.partition(".")[2]) + 1e-9)
    for bar in parts.chart(report, "speedups").bars:
        number, log_mean, low, high = known[bar.label, bar.detail.partition(" · against ")[2]]
        assert (bar.value, bar.low, bar.high) == pytest.approx((math.exp(log_mean), low, high))
    assert "31" in parts.chart(report, "speedups").caption
    assert len(known) == 2 * 31


@pytest.mark.slow
def test_the_order_of_the_fleets_pairs_is_that_of_their_workloads(fleet):
    """No pair that is left out of the first sentences has more workloads than one that is shown."""
    reading, report = fleet
    known = recomputed(reading)
    counts = sorted((number for number, *_ in known.values()), reverse=True)[::2]
    shown = [int(re.search(r"over (\d+) workloads", said(answer))[1]) for answer in parts.answers(report)]
    assert shown == counts[: len(shown)]
