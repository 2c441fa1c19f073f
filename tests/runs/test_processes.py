"""Several processes that wrote into one log, of which some crashed or were killed: each is a run, with its own lines."""

from itertools import pairwise, permutations

import pytest

from logreport.runs.reading import read
from logreport.sources.source import memory_source

AT = "2021-03-0{day} 10:11:12.345678: {severity} tensorflow/"
FRAME = (
    'Traceback (most recent call last):\n  File "/b/{script}.py", line 68, in <module>\n    app.run(main)\n'
)
MESSAGE = "2021-03-01 10:12:13.456789: W tensorflow/core/kernels/data/generator_dataset_op.cc:107] {}\n"


def start(day):
    """What TensorFlow prints when it starts, on the machine of a day: three GPUs, each of its own kind."""
    at = AT.format(day=day, severity="I")
    return (
        f"{at}core/platform/cpu_feature_guard.cc:142] This TensorFlow binary is optimized with oneAPI Deep Neural Network"
        " Library (oneDNN) to use the following CPU instructions in performance-critical operations:  AVX2 FMA\n"
        f"{at}core/common_runtime/gpu/gpu_device.cc:1733] Found device 0 with properties: \n"
        f"pciBusID: 0000:0{day}:00.0 name: GPU {day} computeCapability: 8.6\n"
        "coreClock: 1.695GHz coreCount: 82 deviceMemorySize: 23.70GiB deviceMemoryBandwidth: 871.81GiB/s\n"
    )


def crashed(day, error, script="tf_cnn_benchmarks", before=""):
    """The log of a process that ends with a traceback; `before` stands above its last part."""
    return f"{start(day)}{before}{FRAME.format(script=script)}{error}\n"


def header(model, batch=64):
    """What tf_cnn_benchmarks prints of its settings."""
    return (
        f"TensorFlow:  2.4\nModel:       {model}\nDataset:     imagenet (synthetic)\nMode:        training\n"
        f"Batch size:  {batch} global\n             {batch} per device\nDevices:     ['/gpu:0']\n"
    )


def trained(day, model, speed):
    """The log of a whole run."""
    steps = "".join(f"{n}\timages/sec: {speed} +/- 0.1 (jitter = 0.1)\t7.5\n" for n in (1, 10, 20))
    return f"{start(day)}{header(model)}{steps}total images/sec: {speed}\n"


def runs_of(text, name="a.log"):
    """Device, model, batch size, status and its reason of each run."""
    columns = ("device", "model", "batch_size", "status", "status_reason")
    rows = read([memory_source(name, text.encode())]).tables.rows("runs", *columns)
    return [tuple(row.values()) for row in rows]


WHOLE = (trained(1, "vgg16", 50.0), ("GPU 1", "vgg16", 64, "complete", "the total is there"))
KINDS = {
    "whole": WHOLE,
    "crashed": (crashed(2, "ValueError: no"), ("GPU 2", None, None, "failed", "ValueError: no")),
    "crashed behind another error": (
        crashed(
            3, "OSError: two", before='Traceback (most recent call last):\n  File "/b/x.py", line 1, in f\nKeyError: one\n\n'
            "During handling of the above exception, another exception occurred:\n\n",
        ),
        ("GPU 3", None, None, "failed", "OSError: two"),
    ),
    "crashed behind its header": (
        start(4) + header("lenet") + FRAME.format(script="tf_cnn_benchmarks") + "TypeError: not so\n",
        ("GPU 4", "lenet", 64, "failed", "TypeError: not so"),
    ),
    "another script that crashed": (
        crashed(5, "RuntimeError: cifar", script="cifar10_train"),
        ("GPU 5", "cifar10", None, "failed", "RuntimeError: cifar"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("names", [*permutations(KINDS, 2), *permutations(KINDS, 3)], ids=", ".join)
def test_each_process_in_a_log_is_a_run(names):
    """Whatever came before it: none is lost, and none takes the device or the error of another."""
    texts, rows = zip(*map(KINDS.__getitem__, names), strict=True)
    assert runs_of("".join(texts)) == list(rows)


@pytest.mark.parametrize("model", ["lenet", "vgg16"])
def test_a_process_that_was_killed_before_its_results_keeps_to_itself(model):
    """A header alone, and the next run has another one from its first differing line on: also the lines that are alike."""
    found = runs_of(start(2) + header(model, 32) + WHOLE[0])
    assert found == [("GPU 2", model, 32, "truncated", "there is no total"), WHOLE[1]]


def test_a_process_that_was_killed_when_it_started_is_not_the_run_before_it():
    """Its release and its device are of no run."""
    tables = read([memory_source("a.log", (WHOLE[0] + "VERSION 1.0.0\n" + start(2)).encode())]).tables
    assert runs_of(WHOLE[0] + "VERSION 1.0.0\n" + start(2)) == [WHOLE[1]]
    (other,) = (row for row in tables.rows("devices") if row["name"] == "GPU 2")
    assert other["run_id"] is None


def test_a_process_that_went_on_with_the_run_is_of_the_run():
    """It was killed and started once more: its steps go on, and why it failed in the end is said of the run."""
    killed = WHOLE[0].partition("total")[0].replace("20\timages", "15\timages")
    more = "".join(f"{n}\timages/sec: 50.0 +/- 0.1 (jitter = 0.1)\t7.5\n" for n in (20, 30))
    text = killed + start(1) + more + "ValueError: in the end\n"
    assert runs_of(text) == [("GPU 1", "vgg16", 64, "failed", "ValueError: in the end")]


def test_an_error_of_a_process_without_a_run_is_of_no_run():
    """It failed before its script ran, and behind it another one is whole."""
    text = WHOLE[0].partition("total")[0] + start(2) + "ImportError: no module\n"
    found = runs_of(text)
    assert found == [("GPU 1", "vgg16", 64, "truncated", "there is no total")]


def test_runtime_lines_behind_the_results_of_their_own_process_are_its_own():
    """`cat out.log err.log`: nothing else stands there that started."""
    text = WHOLE[0].removeprefix(start(1)) + start(1)
    assert runs_of(text) == [WHOLE[1]]


def test_a_log_in_a_fence_is_the_log():
    """Also what it prints behind its last result: so it is known to be the same run."""
    text = WHOLE[0] + MESSAGE.format("Cancelled: Operation was cancelled")
    page = f"# Logs\n\n```\n{text}```\n\nThanks.\n\n## More\n\n```\n{trained(2, 'lenet', 70.0)}```\n"
    ids = [
        list(read([memory_source(name, given.encode())]).tables.columns["runs"]["run_id"])
        for name, given in (("a.log", text), ("a.md", page))
    ]
    assert ids[0] == ids[1][:1]
    assert len(ids[1]) == 2


def test_the_same_header_in_two_sections_is_of_two_runs():
    """Both failed before they had a result."""
    failed = start(1) + header("vgg16")
    page = f"## First\n\n```\n{failed}```\n\n## Second\n\n```\n{failed}```\n"
    found = runs_of(page, "a.md")
    assert [row[:3] for row in found] == [("GPU 1", "vgg16", 64)] * 2


@pytest.mark.parametrize("trace", ["", "$ ", "+ ", "++ ", "+++ "])
def test_the_command_above_each_process_is_its_own(trace):
    """A shell that traces what it does (`set -x`) puts a plus before it for each level."""
    commands = [f"python tf_cnn_benchmarks.py --model={model}" for model in ("vgg16", "lenet")]
    logs = (WHOLE[0], trained(2, "lenet", 70.0))
    text = "".join(f"{trace}{command}\n{log}" for command, log in zip(commands, logs, strict=True))
    found = read([memory_source("a.log", text.encode())]).tables.columns["runs"]["command"]
    assert [command.removeprefix("$ ") for command in found] == commands


def test_a_batch_size_that_a_patch_adds_has_no_sign():
    """A line that lost its indentation is the same with and without a patch's plus before it."""
    text = WHOLE[0].replace("             64 per", "64 per")
    plus = "".join(f"+{line}" for line in text.splitlines(keepends=True))
    one, other = (
        read([memory_source("a.log", given.encode())], with_records=True).records for given in (text, plus)
    )
    assert [row["fields"] for row in one] == [row["fields"] for row in other]
    assert all(a["line"] < b["line"] for a, b in pairwise(one))
