"""How far a running script is; what its lines say of that stands in PROGRESS of its file."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


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
        if self.total is None or self.step is None or self.first is None:
            return None
        if not self.first[0] < self.step < self.total:  # what comes after the last step has no pace
            return None
        pace = (now - self.first[1]) / (self.step - self.first[0])
        return max(0.0, (self.total - self.step) * pace)


# Takes the fields of a line and when it was seen.
Shows = Callable[[Progress, dict[str, Any], float], None]
