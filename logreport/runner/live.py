"""What a run shows while it goes on: its lines are read by the same grammars as its log, one step at a time."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from logreport.grammar import Engine, Match, load_engine

PASSES = {"forward": "forward pass", "forward_backward": "forward-backward pass"}
MNIST_BATCH = 64
MOST = 1 << 14  # bytes to look at between two looks at the clock: a flood is not worth more


@dataclass
class Progress:
    """Where a run is: step, speeds in examples/s, and when it will be over.

    `speed` is that of all steps so far, `window` that since the line before; `total` is the number of steps that were
    asked for, None where the script does not say.
    """

    total: int | None = None
    batch: int | None = None
    step: int | None = None
    speed: float | None = None
    window: float | None = None
    part: str = ""  # of the run: a pass of alexnet
    first: tuple[int, float] | None = None  # step, and when it was seen
    seconds: float = 0.0  # of the steps that were timed
    timed: int = 0

    def reached(self, step: int | None, now: float) -> None:
        """A step is done."""
        if step is None:
            return
        if self.first is None or step < self.first[0]:
            self.first = (step, now)
        self.step = step

    def measured(self, seconds: float) -> None:
        """A step took so long."""
        self.seconds, self.timed = self.seconds + seconds, self.timed + 1
        if self.batch and seconds > 0:
            self.window = self.batch / seconds
            self.speed = self.batch * self.timed / self.seconds

    def remaining(self, now: float) -> float | None:
        """Seconds until the last step, at the pace so far; None where nobody can say yet."""
        if self.total is None or self.step is None or self.first is None or self.step <= self.first[0]:
            return None
        pace = (now - self.first[1]) / (self.step - self.first[0])
        return max(0.0, (self.total - self.step) * pace)


def alexnet_step(progress: Progress, match: Match, now: float) -> None:
    """Seconds of one step."""
    fields = match.fields()
    progress.part = progress.part or PASSES["forward"]
    progress.reached(fields["step"], now)
    progress.measured(fields["duration"])


def alexnet_summary(progress: Progress, match: Match, _now: float) -> None:
    """A pass is over; after the first one, the second begins with step 0."""
    if match.fields().get("phase") == "forward":
        again = Progress(progress.total, progress.batch, part=PASSES["forward_backward"])
        vars(progress).update(vars(again))


def cifar10_step(progress: Progress, match: Match, now: float) -> None:
    """The speed since the line before; step 0 is the start."""
    fields = match.fields()
    progress.reached(fields["step"], now)
    if fields["step"]:
        rate = fields["examples_per_sec"]
        progress.seconds, progress.timed = progress.seconds + 1 / rate if rate else 0.0, progress.timed + 1
        progress.window = rate
        progress.speed = progress.timed / progress.seconds if progress.seconds else None


def mnist_step(progress: Progress, match: Match, now: float) -> None:
    """Milliseconds of each step since the line before; step 0 is the start."""
    fields = match.fields()
    progress.reached(fields["step"], now)
    if fields["step"]:
        progress.batch = MNIST_BATCH
        progress.measured(fields["milliseconds"] / 1000)


def tf_cnn_step(progress: Progress, match: Match, now: float) -> None:
    """The speed of all steps so far; that of the last ones follows from two lines."""
    fields = match.fields()
    step, rate, before, mean = fields.get("step"), fields["images_per_sec"], progress.step, progress.speed
    if step and rate and before and mean and step > before:
        images = step / rate - before / mean
        progress.window = (step - before) / images if images > 0 else None
    progress.reached(step, now)
    progress.speed = rate


def tf_cnn_eval_step(progress: Progress, match: Match, now: float) -> None:
    """The speed since the line before."""
    fields = match.fields()
    progress.reached(fields["step"], now)
    progress.window = fields["examples_per_sec"]


READERS = {
    "alexnet_benchmark.step": alexnet_step,
    "alexnet_benchmark.summary": alexnet_summary,
    "cifar10.step": cifar10_step,
    "mnist.step": mnist_step,
    "tf_cnn_benchmarks.step": tf_cnn_step,
    "tf_cnn_benchmarks.eval_step": tf_cnn_eval_step,
}


class Follower:
    """Reads the lines of a running script into its progress.

    Args:
        values: the flags of the script by name.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        steps = values.get("max_steps", values.get("num_batches"))
        batch = values.get("batch_size")
        self.progress = Progress(
            total=int(steps) if steps is not None else None, batch=int(batch) if batch is not None else None
        )
        self.engine: Engine = load_engine()
        self.budget = MOST

    def tick(self) -> None:
        """Some time has passed: a little may be read again."""
        self.budget = MOST

    def read(self, lines: bytes) -> bool:
        """Take whole lines in; says whether a step was among them."""
        if self.budget <= 0:
            return False
        lines = lines[: lines.find(b"\n", self.budget) + 1] or lines
        self.budget -= len(lines)
        now, found = time.monotonic(), False
        for match in self.engine.scan_lines(lines, 1)[0].matches:
            if (reader := READERS.get(match.leaf.kind)) is not None:
                reader(self.progress, match, now)
                found = True
        return found
