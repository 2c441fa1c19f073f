"""Runs in documents: which lines are one run where people wrote between them, and which command printed them."""

import pytest

from logreport.runs.reading import read
from logreport.sources.source import memory_source

STEP = "{}\timages/sec: {:.1f} +/- 0.0 (jitter = 0.0)\t8.1\n"
CIFAR = "2017-05-04 13:38:10.123456: step {}, loss = 4.05 ({:.1f} examples/sec; 0.100 sec/batch)\n"
MNIST = "Step {} (epoch 0.12), {:.1f} ms\n"
TOTAL = "total images/sec: {:.2f}\n"
FOUND = (
    "2021-03-04 09:10:11.120001: I tensorflow/core/common_runtime/gpu/gpu_device.cc:1402] Created TensorFlow device "
    "(/job:localhost/replica:0/task:0/device:GPU:0 with 7000 MB memory) -> physical GPU (device: 0, name: {}, pci bus "
    "id: 0000:3b:00.0, compute capability: 7.5)\n"
)
HEADER = "TensorFlow:  2.1\nModel:       {}\nMode:        training\nBatch size:  {} global\n             {} per device\n"
COMMAND = "$ python tf_cnn_benchmarks.py --model={} --batch_size={} --num_gpus={}\n"
SAYS = "\nAfter the update I get only this:\n\n"
FENCE = "```\n{}```\n"


def tables_of(text, name="README.md"):
    """The tables of a document."""
    return read([memory_source(name, text.encode())]).tables


def runs_of(text, *columns, name="README.md"):
    """Some columns of its runs, in the order of their lines."""
    rows = sorted(tables_of(text, name).rows("runs"), key=lambda row: row["first_line"])
    return [tuple(row[column] for column in columns) for row in rows]


@pytest.mark.parametrize("name", ["notes.txt", "README.md"])
@pytest.mark.parametrize(
    "says", [SAYS, "\nWith runtime 4 it says:\n\n", "\n**After**:\n\n", "\nWith a new driver.\n\n"]
)
@pytest.mark.parametrize(
    ("first", "again"),
    [
        (STEP.format(100, 50), STEP.format(100, 40)),
        (CIFAR.format(100, 50), CIFAR.format(100, 40)),
        (MNIST.format(100, 50), MNIST.format(100, 40)),
        ("".join(STEP.format(step, 50) for step in (10, 20, 30)), STEP.format(20, 40) + STEP.format(30, 40)),
        (TOTAL.format(50), TOTAL.format(40)),
        (STEP.format(20, 50) + TOTAL.format(50), TOTAL.format(40)),
    ],
)  # fmt: skip
def test_words_between_a_step_and_the_same_step_begin_another_run(name, says, first, again):
    """Two results that somebody sets side by side are no two workers of one run."""
    assert len(runs_of(first + says + again, "ranks", name=name)) == 2


def test_words_within_a_run_part_nothing():
    """The steps go on behind them, the total is said again, or the second worker owes the step."""
    assert runs_of(STEP.format(10, 50) + SAYS + STEP.format(20, 40), "ranks") == [(None,)]
    assert runs_of(STEP.format(10, 50) + "\n\n" + STEP.format(10, 40), "ranks") == [(2,)]
    assert runs_of(STEP.format(10, 50) + TOTAL.format(50) + SAYS + TOTAL.format(50), "ranks") == [(None,)]
    two = "".join(STEP.format(step, speed) for step, speed in ((10, 50), (10, 40), (20, 50)))
    two += SAYS + "".join(STEP.format(step, speed) for step, speed in ((20, 40), (30, 50), (30, 40)))
    assert runs_of(two, "ranks") == [(2,)]
    ranks = "".join(f"[1,{rank}]<stdout>:{STEP.format(step, 50)}" for step in (10, 20) for rank in (0, 1))
    assert runs_of(ranks[: ranks.rindex("[")] + SAYS + ranks[ranks.rindex("[") :], "ranks") == [(2,)]
    assert runs_of(ranks + SAYS + ranks, "ranks") == [(2,), (2,)]


def test_a_log_has_no_words_of_its_own():
    """What a program prints between the lines of two workers reads like words, too."""
    text = STEP.format(10, 50) + "this is a warning of some library here:\n" + STEP.format(10, 40)
    assert runs_of(text, "ranks", name="a.log") == [(2,)]
    assert runs_of(FENCE.format(text), "ranks") == [(2,)]


@pytest.mark.parametrize(
    "between", ["\nand got\n\n", "\n## What came out\n\n", "\n## Output\n\nAs I said:\n\n"]
)
def test_results_in_the_next_fence_are_those_of_the_run_that_has_started(between):
    """The command and the devices in one fence, what it measured in the next."""
    command = COMMAND.format("vgg16", 40, 2) + FOUND.format("Tesla T4")
    wanted = [("vgg16", 80, 2, "Tesla T4", "complete")]
    columns = ("model", "batch_size", "num_devices", "device", "status")
    results = FENCE.format(STEP.format(20, 50) + TOTAL.format(50))
    assert runs_of("## Run\n" + FENCE.format(command) + between + results, *columns) == wanted
    header = HEADER.format("vgg16", 80, 40) + "Devices:     ['/gpu:0', '/gpu:1']\n"
    assert runs_of("## Run\n" + FENCE.format(command + header) + between + results, *columns) == wanted
    parts = FENCE.format(command) + between + FENCE.format(header) + between + results
    assert runs_of(parts, *columns) == wanted


def test_a_traceback_in_the_next_fence_says_why_the_run_failed():
    """It goes through the script that was started."""
    text = FENCE.format("$ python cifar10_train.py\n" + FOUND.format("Tesla T4")) + "fails:\n"
    text += FENCE.format(
        'Traceback (most recent call last):\n  File "cifar10_train.py", line 9, in <module>\nValueError: x\n'
    )
    assert runs_of(text, "device", "mode", "status") == [("Tesla T4", "training", "failed")]


@pytest.mark.parametrize(
    ("results", "device"),
    [
        (FOUND.format("Tesla P4") + HEADER.format("vgg16", 40, 40), "Tesla P4"),  # another session
        (HEADER.format("resnet50", 40, 40), None),  # another model
        ("$ python tf_cnn_benchmarks.py\n", None),  # another command
    ],
)
def test_results_that_cannot_be_those_of_the_run_that_has_started_are_another_run(results, device):
    """That run did not finish, and its device is not the other's."""
    text = FENCE.format(COMMAND.format("vgg16", 40, 1) + FOUND.format("Tesla T4")) + "It hangs. Another:\n"
    found = runs_of(text + FENCE.format(results + STEP.format(20, 50) + TOTAL.format(50)), "device", "status")
    assert found == [("Tesla T4", "truncated"), (device, "complete")]


def test_results_of_another_script_are_another_run():
    """cifar10_train prints no summary of alexnet_benchmark."""
    summary = "2019-02-03 09:35:44.400001: Forward across 100 steps, 0.500 +/- 0.002 sec / batch\n"
    text = (
        FENCE.format("$ python cifar10_train.py\n" + FOUND.format("Tesla T4"))
        + "and\n"
        + FENCE.format(summary)
    )
    wanted = [("cifar10", "Tesla T4", "$ python cifar10_train.py"), ("alexnet_benchmark", None, None)]
    assert runs_of(text, "benchmark", "device", "command") == wanted


COMMANDS = [COMMAND.format("vgg16", 64, n) for n in (1, 2, 4)]
FACTS = ("model", "batch_size", "num_devices", "command")


def test_of_several_commands_none_is_taken_where_words_stand_before_the_output():
    """Which of them printed it, nobody knows."""
    text = "".join(COMMANDS) + "\nI got this output:\n\n" + STEP.format(20, 50)
    assert runs_of(text, *FACTS) == [(None, None, None, None)]
    fences = "or\n".join(map(FENCE.format, COMMANDS)) + "The output is:\n" + FENCE.format(STEP.format(20, 50))
    assert runs_of(fences, *FACTS) == [(None, None, None, None)]


def test_the_records_of_a_command_that_is_nobodys_stay():
    """Every line is accounted for."""
    lines = next(
        tables_of("".join(COMMANDS) + "\nI got this output:\n\n" + STEP.format(20, 50)).rows("lines")
    )
    assert (lines["record"], lines["prose"], lines["unknown"], lines["total"]) == (4, 1, 0, 7)


@pytest.mark.parametrize(
    "text",
    [
        COMMANDS[0] + "\nI got this output:\n\n" + STEP.format(20, 50),  # there is one only
        COMMANDS[1] + COMMANDS[0] + STEP.format(20, 50),  # the output follows at once
        COMMANDS[0] + "\nSo again, this is what I typed:\n\n" + COMMANDS[0] + "\nand it said:\n\n" + STEP.format(20, 50),
        "$ python cifar10_train.py\n" + COMMANDS[0] + "\nThe second one said:\n\n" + STEP.format(20, 50),
        COMMAND.format("resnet50", 8, 1) + COMMANDS[0] + "\nIt said:\n\n" + HEADER.format("vgg16", 64, 64) + STEP.format(20, 50),
        COMMANDS[1] + "# Next\n" + COMMANDS[0] + "\nIt said:\n\n" + STEP.format(20, 50),
    ],
)  # fmt: skip
def test_a_command_is_taken_where_no_other_can_have_printed_the_output(text):
    """By its script, its model, its section, or because it stands right above."""
    ((model, batch, devices, command),) = runs_of(text, *FACTS)
    assert (model, batch, devices) == ("vgg16", 64, 1)
    assert command is not None


@pytest.mark.parametrize(
    "text",
    [
        COMMANDS[2] + HEADER.format("resnet50", 8, 8) + STEP.format(20, 50),
        COMMANDS[2] + "\nAnd here is another one:\n\n" + HEADER.format("vgg16", 8, 8) + STEP.format(20, 50),
        "$ python cifar10_train.py --batch_size=4\n" + STEP.format(20, 50),
        "$ python cifar10_eval.py --batch_size=4\n" + CIFAR.format(20, 1280),
    ],
)
def test_a_command_that_cannot_have_printed_the_output_is_no_part_of_the_run(text):
    """Its script prints other lines, its model is another, or its batch size."""
    ((_, batch, _, command),) = runs_of(text, *FACTS)
    assert command is None
    assert batch != 4


def test_going_to_the_folder_of_a_script_is_no_command():
    """`cd ./benchmarks/scripts/tf_cnn_benchmarks` runs nothing."""
    text = (
        "cd ./scripts/tf_cnn_benchmarks\n"
        + COMMANDS[0]
        + "\nYou should see something like this:\n\n"
        + TOTAL.format(5)
    )
    assert runs_of(text, "num_devices") == [(1,)]
