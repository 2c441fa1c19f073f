"""Progress while a script runs: steps and speeds by the same grammars as its log, at next to no cost."""

from datetime import datetime

import pytest

from logreport.runner.live import Follower
from logreport.runner.machine.nvml import Nvml
from logreport.runner.machine.sampling import Sampler
from logreport.runner.view import described, elapsed
from logreport.runs.telemetry import Look

STAMP = "2026-01-05 10:00:01.000000"


def follow(values, *lines):
    """The progress after some lines."""
    follower = Follower(values)
    for line in lines:
        follower.read(f"{line}\n".encode())
    return follower.progress


def test_alexnet():
    """Seconds of single steps: the mean so far and the latest; the second pass begins anew."""
    values = {"num_batches": 100, "batch_size": 32}
    first = [f"{STAMP}: step 0, duration = 0.100", f"{STAMP}: step 10, duration = 0.300"]
    progress = follow(values, "conv1   [32, 56, 56, 64]", *first)
    assert (progress.part, progress.step, progress.total) == ("forward pass", 10, 100)
    assert (progress.speed, progress.window) == (pytest.approx(160), pytest.approx(32 / 0.3))
    summary = f"{STAMP}: Forward across 100 steps, 0.100 +/- 0.001 sec / batch"
    progress = follow(values, *first, summary)
    assert (progress.part, progress.step, progress.speed) == ("forward-backward pass", None, None)


def test_cifar10():
    """Speeds since the line before: the mean is harmonic, and step 0, the start, is not in it."""
    line = STAMP + ": step {}, loss = 4.67 ({} examples/sec; 0.1 sec/batch)"
    progress = follow(
        {"max_steps": 1000}, *(line.format(*x) for x in ((0, "10.0"), (10, "100.0"), (20, "300.0")))
    )
    assert (progress.step, progress.total, progress.window) == (20, 1000, 300.0)
    assert progress.speed == pytest.approx(150)


def test_mnist():
    """Milliseconds of a step, of 64 images; step 0 is the start."""
    progress = follow({}, "Step 0 (epoch 0.00), 5.0 ms", "Step 100 (epoch 0.12), 16.0 ms")
    assert (progress.step, progress.total, progress.speed) == (100, None, pytest.approx(4000))


def test_tf_cnn():
    """Cumulative means: 10 steps at 100 and 20 at 80 are 10 steps at 66.7."""
    line = "{}\timages/sec: {} +/- 0.2 (jitter = 0.1)\t7.593"
    progress = follow({"num_batches": 30}, line.format(10, "100.0"), line.format(20, "80.0"))
    assert (progress.step, progress.speed) == (20, 80.0)
    assert progress.window == pytest.approx(10 / (20 / 80 - 10 / 100))


def test_the_time_left_follows_the_pace():
    """From the first step that was seen, not from the start, which takes long."""
    progress = follow({"num_batches": 100}, "1\timages/sec: 50.0 +/- 0.0 (jitter = 0.0)\t8.1")
    assert progress.remaining(0.0) is None
    progress.first = (10, 100.0)
    progress.reached(30, 110.0)
    assert progress.remaining(110.0) == pytest.approx(35.0)


def test_a_flood_is_looked_at_a_little():
    """Megabytes between two looks at the clock: the first lines are read, the rest is not, until time has passed."""
    follower = Follower({"num_batches": 100})
    step = b"10\timages/sec: 50.0 +/- 0.0 (jitter = 0.0)\t8.1\n"
    assert follower.read(step + b"x" * 99 + b"\n" * 100_000)
    assert not follower.read(step.replace(b"10", b"20"))
    follower.tick()
    assert follower.read(step.replace(b"10", b"30"))
    assert follower.progress.step == 30


def test_damaged_lines_are_no_error():
    """Halves of lines, and numbers that make no sense: the view must not end a run."""
    for line in ("10\timages/sec: 0.0 +/- 0.0 (jitter = 0.0)\t8.1", f"{STAMP}: step 10, duration = 0.000",
                 f"{STAMP}: step 10, loss = 4.67 (0.0 examples/sec; 0.1 sec/batch)", "Step 100 (epoch 0.12), 0.0 ms",
                 f"{STAMP}: step 10, dur", "\x00\xff"):  # fmt: skip
        assert follow({"batch_size": "32"}, line, line).remaining(0.0) is None


def test_one_line_says_it_all(monkeypatch):
    """Step, speeds, time left and the GPUs."""
    monkeypatch.setattr("time.monotonic", lambda: 200.0)
    progress = follow({"num_batches": 100}, "1\timages/sec: 50.0 +/- 0.0 (jitter = 0.0)\t8.1")
    progress.first = (0, 100.0)
    progress.reached(40, 200.0)
    sampler = Sampler(Nvml())
    for degrees in (60.0, 71.0):
        look = Look(datetime(2026, 1, 5), "gpu 0", utilisation=0.97, temperature_celsius=degrees)  # noqa: DTZ001 - local
        sampler.summary.add(look)
    assert (
        described("alexnet", progress, sampler, 0.0)
        == "alexnet: step 40 of 100 · 50 examples/s · 2 min 30 s left · GPU 0 97 %, 71 °C"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (3599.7, "1 h 0 min"), (7500, "2 h 5 min")],
)
def test_durations(seconds, text):
    """As a person would say them."""
    assert elapsed(seconds) == text
