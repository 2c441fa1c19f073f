"""What reading costs grows as the log does: twice the log is at most a little more than twice the work."""

import pytest
from counted_work import counted

from logreport.runs.reading import read
from logreport.sources.source import memory_source

CNN = "TensorFlow:  1.15\nModel:       resnet50\nDataset:     imagenet (synthetic)\n"
SPEED = "\timages/sec: 100.0 +/- 0.0 (jitter = 0.0)\t8.1\n"
TOTAL = "total images/sec: 100.00\n"


def behind(size):
    """Two workers without a prefix, of which one is always a step behind."""
    steps = (step for n in range(1, size) for step in (n + 1, n))
    return CNN + "".join(f"{step}{SPEED}" for step in steps)


def late(size):
    """A worker that goes on when all others have printed their totals."""
    ended = "".join(f"[1,{rank}]<stdout>:1{SPEED}" for rank in range(size))
    totals = "".join(f"[1,{rank}]<stdout>:{TOTAL}" for rank in range(1, size))
    return CNN + ended + totals + "".join(f"[1,0]<stdout>:{step}{SPEED}" for step in range(2, size))


TEXTS = [behind, late]


def work(text, name="a.log"):
    """How many lines of code reading a text goes through."""
    return counted(read, [memory_source(name, text.encode())])


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.__name__)
def test_work_grows_as_the_log_does(text):
    """Between 60 and 240 lines the work for each line stays what it is."""
    work(text(4))  # what is loaded once
    small, middle, large = (work(text(size)) for size in (60, 120, 240))
    assert large - middle <= 2.2 * (middle - small)
