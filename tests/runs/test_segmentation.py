"""Where a run begins and ends, where only one line speaks for another run; and why a run failed."""

from datetime import datetime, timedelta
from operator import itemgetter

import pytest

from logreport.runs.reading import read
from logreport.sources.source import memory_source

ALEXNET = """conv1   [128, 56, 56, 64]
2016-01-01 00:00:01.000000: step 10, duration = 0.100
{}2016-01-01 00:00:02.000000: step 20, duration = 0.100
2016-01-01 00:00:03.000000: Forward across 20 steps, 0.100 +/- 0.001 sec / batch
"""
CNN = "TensorFlow:  1.15\nModel:       resnet50\nDataset:     imagenet (synthetic)\n"
STEP = "1\timages/sec: 100.0 +/- 0.0 (jitter = 0.0)\t8.1\n"


def runs_of(text):
    """The rows of the runs table of a log."""
    tables = read([memory_source("a.log", text.encode())]).tables
    return list(tables.rows("runs"))


def test_one_header_line_does_not_split_another_benchmarks_run():
    """`Model: x` may stand in any text: alone it is no sign of a tf_cnn_benchmarks run."""
    (run,) = runs_of(ALEXNET.format("Model:       alexnet\n"))
    assert (run["benchmark"], run["first_line"], run["last_line"]) == ("alexnet_benchmark", 1, 5)


def test_a_whole_header_after_another_benchmark_begins_a_run():
    """Two scripts in one log are two runs, and the second keeps its first header line."""
    first, second = runs_of(ALEXNET.format("") + CNN + STEP)
    assert (first["benchmark"], first["last_line"]) == ("alexnet_benchmark", 4)
    assert (second["benchmark"], second["first_line"]) == ("tf_cnn_benchmarks", 5)
    assert (second["framework_version"], second["model"]) == ("1.15", "resnet50")


def test_one_header_line_before_a_step_belongs_to_its_run():
    """A paste may hold one header line and the steps only."""
    _, second = runs_of(ALEXNET.format("") + "Model:       vgg16\n" + STEP)
    assert (second["benchmark"], second["model"]) == ("tf_cnn_benchmarks", "vgg16")


def test_the_first_of_several_causes_says_why_a_run_failed():
    """`2 root error(s) found` says nothing; the next line does."""
    error = "tensorflow.python.framework.errors_impl.InternalError: 2 root error(s) found.\n"
    (run,) = runs_of(CNN + STEP + error + "  (0) Internal: unhandled system error\n")
    assert run["status"] == "failed"
    assert run["status_reason"].endswith("InternalError: Internal: unhandled system error")


def test_devices_that_a_script_lists_are_part_of_its_environment():
    """A log of no benchmark still says which devices TensorFlow saw."""
    text = "[PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU'), LogicalDevice(name='/device:GPU:1', device_type='GPU')]\n"
    tables = read([memory_source("a.log", text.encode())]).tables
    assert [(row["key"], row["value"]) for row in tables.rows("environment")] == [
        ("physical_devices", "CPU:0 GPU:1")
    ]


def process(batch, seconds, start):
    """(time, line) of each line that one alexnet_benchmark prints, with ten steps before each pass that are not printed."""
    lines = [(start, f"conv1   [{batch}, 56, 56, 64]"), (start, f"pool5   [{batch}, 6, 6, 256]")]
    at = start
    for name, each in (("Forward", seconds), ("Forward-backward", 3 * seconds)):
        at += timedelta(seconds=10 * each)
        for step in range(100):
            at += timedelta(seconds=each)
            if step % 10 == 0:
                lines.append((at, f"{at:%Y-%m-%d %H:%M:%S.%f}: step {step}, duration = {each:.3f}"))
        summary = f"{name} across 100 steps, {each:.3f} +/- 0.001 sec / batch"
        lines.append((at, f"{at:%Y-%m-%d %H:%M:%S.%f}: {summary}"))
    return lines


START = datetime(2019, 1, 8, 10, 1, 15)  # noqa: DTZ001 - logs carry local time


@pytest.mark.parametrize(
    ("batch", "seconds", "later"), [(32, 0.04, 0.2), (128, 0.1, 0.25), (128, 0.1, 0.7), (256, 0.3, 1.1)]
)
def test_lines_of_two_processes_are_said_to_be_mixed(batch, seconds, later):
    """Two of them into one log, whatever their speeds: every number that is of the wrong batch or of both has the error."""
    other = START + timedelta(seconds=later)
    lines = sorted(process(128, 0.1, START) + process(batch, seconds, other), key=itemgetter(0))
    tables = read([memory_source("a.log", "\n".join([text for _, text in lines] + [""]).encode())]).tables
    mixed = {row["run_id"] for row in tables.rows("findings") if row["code"] == "interleaved"}
    right = {
        (b, pass_, each * s)
        for b, s in ((128, 0.1), (batch, seconds))
        for pass_, each in (("forward", 1), ("forward_backward", 3))
    }
    wrong = [
        row
        for row in tables.rows("phases")
        if not any(
            row["batch_size"] in (None, b)
            and row["phase"] == name
            and row["seconds_per_batch"] == pytest.approx(s, abs=0.001)
            for b, name, s in right
        )
    ]
    assert wrong
    assert all(row["run_id"] in mixed for row in wrong)


@pytest.mark.parametrize("pause", [0.5, 5.0])
def test_lines_of_one_process_after_the_other_are_not_mixed(pause):
    """A run behind a whole one, and behind one that was killed in its first pass, also without its layers."""
    first = process(128, 0.1, START)
    for cut in (len(first), 6, 14):
        for skip in (0, 2):
            second = process(128, 0.1, first[cut - 1][0] + timedelta(seconds=pause))[skip:]
            text = "\n".join([line for _, line in first[:cut] + second] + [""])
            tables = read([memory_source("a.log", text.encode())]).tables
            assert "interleaved" not in [row["code"] for row in tables.rows("findings")]
