"""A log that somebody else writes is shown as it grows, through rotation, and ends with the answer."""

import os
import re
import subprocess
import sys
import threading
from contextlib import ExitStack

import pytest
from children import ROOT

from logreport.errors import SourceError
from logreport.runner import watching
from logreport.runner.live import Follower
from logreport.runner.watching import Tail, Watched, outlook

HEAD = "Num batches: 400\nRunning warm up\nDone warm up\nStep\tImg/sec\ttotal_loss\n"
SAMPLE = ROOT / "sample_logs" / "runs"


def step(number, speed):
    """A line of tf_cnn_benchmarks: the mean speed of all steps so far."""
    return f"{number}\timages/sec: {speed:.1f} +/- 0.2 (jitter = 0.1)\t7.593\n"


def slowing(last):
    """A log whose steps take 25 % longer after step 200: the mean is all steps over the time of all."""
    lines = []
    for number in range(10, last + 1, 10):
        seconds = min(number, 200) / 10_000 + max(number - 200, 0) / 8_000
        lines.append(step(number, number / seconds))
    return HEAD + "".join(lines)


def drained(tail, count):
    """What comes in so many looks."""
    return b"".join(tail.read() for _ in range(count))


@pytest.fixture
def stack():
    """Closes what a test opened."""
    with ExitStack() as one:
        yield one


@pytest.fixture
def watched(tmp_path):
    """A log of which nothing was seen yet."""
    with Watched(str(tmp_path / "run.log"), ()) as one:
        yield one


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    """Nothing waits for the clock."""
    monkeypatch.setattr(watching, "PAUSE", 0)
    monkeypatch.setattr(watching, "LOOK", 0)


def test_a_log_is_followed_through_rotation(tmp_path, stack):
    """Another file of that name is gone on with, one that is cut is read from its beginning; no byte comes twice."""
    log = tmp_path / "run.log"
    log.write_bytes(b"one\n")
    tail = stack.enter_context(Tail(log))
    assert tail.behind == 4
    assert drained(tail, 2) == b"one\n"
    with log.open("ab") as file:
        file.write(b"two\n")
    log.rename(tmp_path / "run.log.1")
    assert drained(tail, 2) == b"two\n"  # nobody has made the new one yet
    log.write_bytes(b"three\n")
    assert drained(tail, 2) == b"three\n"
    log.write_bytes(b"4\n")  # cut in its place
    assert drained(tail, 2) == b"4\n"


def test_a_log_that_is_not_there_is_an_error(tmp_path):
    """In one line that names it."""
    with pytest.raises(SourceError, match=r"none\.log: cannot be read \(No such file"):
        Tail(tmp_path / "none.log")


def test_lines_are_whole(watched):
    """What is not over yet waits for its end, and counts all the same when the log is looked at."""
    assert watched.take(b"a\nb") == b"a\n"
    assert watched.take(b"c\n") == b"bc\n"
    assert watched.take(b"d") == b""
    assert watched.look(now=True).columns["lines"]["total"] == [3]


def test_the_outlook_says_since_when_it_is_slower(watched):
    """The interval so far, and the change with its size and its step, as the report will have them."""
    assert outlook(watched.look(now=True)) == ""
    watched.take(slowing(200).encode())
    assert outlook(watched.look(now=True)).startswith("95 % interval ")
    assert "slower" not in outlook(watched.look(now=True))
    watched.take(slowing(400).removeprefix(slowing(200)).encode())
    assert outlook(watched.look(now=True)).endswith(" · 25 % slower since step 200")


def test_the_number_of_steps_is_that_of_the_header():
    """So that the time left can be said of a log without a record."""
    follower = Follower({})
    follower.read(HEAD.encode())
    assert follower.progress.total == 400


def test_a_log_is_over_when_its_record_says_so(watched):
    """Of a run of ours at once; of another, when it says that it is complete and nothing comes any more."""
    ours = next(path for path in sorted(SAMPLE.glob("*.log")))
    with Watched(str(ours), ()) as one:
        assert one.is_over(lambda: False)
    watched.take(slowing(50).encode())
    assert not watched.is_over(lambda: True)
    watched.take(b"total images/sec: 99.00\n")
    assert not watched.is_over(lambda: False)
    assert watched.is_over(lambda: True)


def watch(*words, **how):
    """`logreport watch` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "logreport", "watch", *map(str, words)], capture_output=True, text=True, check=False,
        timeout=120, env={**os.environ, "PYTHONPATH": str(ROOT)}, **how,
    )  # fmt: skip


def test_a_pipe_ends_with_the_answer():
    """Progress on standard error, what was measured on standard output."""
    ran = watch("-", input=slowing(400) + "total images/sec: 8880.00\n")
    assert ran.returncode == 0
    # 400 / (200 / 10 000 + 200 / 8 000); the printed means have one decimal, from which the last 10 steps follow
    assert re.search(r"-: step 400 of 400 · 8889 examples/s · last (?:7999|800\d)", ran.stderr)
    assert "runs tf_cnn_benchmarks training at 8\u202f889 images/s" in ran.stdout
    assert "25.0 % slower during the run (at once" in ran.stdout


def test_a_log_that_grows_is_watched_to_its_end(tmp_path):
    """Somebody else writes it, and renames it meanwhile; the answer is of both files."""
    log = tmp_path / "run.log"
    log.write_text(HEAD + step(10, 100.0))

    def go_on():
        log.rename(tmp_path / "run.log.1")
        log.write_text(
            "".join(step(number, 100.0) for number in range(20, 101, 10)) + "total images/sec: 99.00\n"
        )

    writer = threading.Timer(1.0, go_on)
    writer.start()
    ran = watch(log)
    writer.join()
    assert ran.returncode == 0
    assert "training at 100 images/s, 95 % interval" in ran.stdout, ran.stdout + ran.stderr
