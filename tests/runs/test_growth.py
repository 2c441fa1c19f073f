"""What reading costs grows as the log does: twice the log is at most a little more than twice the work."""

import sys

import pytest
from counted_work import counted

from logreport.runs.reading import read
from logreport.sources.source import memory_source

CNN = "TensorFlow:  1.15\nModel:       resnet50\nDataset:     imagenet (synthetic)\n"
SPEED = "\timages/sec: 100.0 +/- 0.0 (jitter = 0.0)\t8.1\n"
TOTAL = "total images/sec: 100.00\n"
WAITING = "I tensorflow/stream_executor/cuda/cudart_stub.cc:29] Ignore above cudart dlerror\n"


def behind(size):
    """Two workers without a prefix, of which one is always a step behind."""
    steps = (step for n in range(1, size) for step in (n + 1, n))
    return CNN + "".join(f"{step}{SPEED}" for step in steps)


def late(size):
    """A worker that goes on when all others have printed their totals."""
    ended = "".join(f"[1,{rank}]<stdout>:1{SPEED}" for rank in range(size))
    totals = "".join(f"[1,{rank}]<stdout>:{TOTAL}" for rank in range(1, size))
    return CNN + ended + totals + "".join(f"[1,0]<stdout>:{step}{SPEED}" for step in range(2, size))


def commands(size):
    """Runtime lines that wait for a run, then commands of which nothing comes."""
    return WAITING * size + "python tf_cnn_benchmarks.py --num_gpus=1\n" * size


def commands_and_lines(size):
    """The same after a run, with more that waits between the commands."""
    return TOTAL + WAITING * size + f"python tf_cnn_benchmarks.py\n{WAITING}" * size


def headers(size):
    """Lines of headers that contradict each other and make no run."""
    return WAITING * size + "Model:       resnet50\nModel:       vgg16\n" * size


def continued(size):
    """A command that goes on and on."""
    return "$ python tf_cnn_benchmarks.py \\\n" * size


def one_name(size):
    """The same device named again."""
    return TOTAL + "name: Tesla K40\n" * size


def devices(size):
    """As many devices, each with an address of its own, each announced, created and ignored."""
    return TOTAL + "".join(
        f"Found device {n} with properties:\nname: Tesla K40 major: 3 minor: 5\npciBusID: 0000:{n % 256:02x}:{n // 256:02x}.0\n"
        f"Ignoring visible gpu device (device: {n}, name: Tesla K{n}, pci bus id: 0001:{n % 256:02x}:00.0) with core count: 1\n"
        for n in range(size)
    )


def layers(size):
    """Layers, each twice."""
    names = [f"conv{n}   [128, 56, 56, 64]\n" for n in range(size)]
    return "".join(names + names)


def progress(size):
    """A progress bar in a log."""
    return CNN + "a\r" * size + "\n" + CNN


def progress_alone(size):
    """A progress bar that is the whole of a log."""
    return "a\r" * size


def columns(size):
    """A table of many columns of one name."""
    return "|".join(["", *["a"] * size, "\n"]) + "|---" * size + "|\n" + "|1" * size + "|\n"


def speeds(size):
    """A table of many columns with values."""
    heads = "".join(f" images/sec {n} |" for n in range(size))
    return f"|{heads}\n" + "|---" * size + "|\n" + "| 1.5 " * size + "|\n"


def statements(size):
    """A document of runs, each with what it came to."""
    return "".join(f"```\n{CNN}{n}{SPEED}```\n\nResult: {n}.5 images/sec\n" for n in range(size))


def comments(size):
    """A log that was pasted into comments."""
    return "# total images/sec: 5.50\n" * size


LOGS = [
    behind, late, commands, commands_and_lines, headers, continued, one_name, devices, layers, progress, progress_alone,
]  # fmt: skip
DOCUMENTS = [columns, speeds, statements, comments, headers, commands, progress]


def work(text, name):
    """How many lines of code reading a text goes through."""
    return counted(read, [memory_source(name, text.encode())])


@pytest.mark.parametrize(
    ("text", "name"),
    [*((text, "a.log") for text in LOGS), *((text, "a.md") for text in DOCUMENTS)],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_work_grows_as_the_log_does(text, name, monkeypatch):
    """Between 60 and 240 lines the work for each line stays what it is."""
    # How many little texts a process has seen decides how the next one is matched: here all of them alike.
    monkeypatch.setattr("logreport.grammar.scanning.engine.FEW", sys.maxsize)
    work(text(241), name)  # what is loaded once, and what is remembered of single lines
    small, middle, large = (work(text(size), name) for size in (60, 120, 240))
    assert large - middle <= 2.2 * (middle - small) + 100
