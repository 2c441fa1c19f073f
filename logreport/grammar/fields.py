"""Fields whose names say their unit: which column each goes to, and what its number is multiplied by."""

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

# What a speed counts, by its singular: images/s are never compared with tokens/s.
ITEMS: Mapping[str, str] = {
    "example": "examples", "image": "images", "sample": "samples", "token": "tokens", "sequence": "sequences",
}  # fmt: skip
BATCHES = ("batch", "step", "iteration")
SECONDS: Mapping[str, float] = {
    "seconds": 1.0, "sec": 1.0, "milliseconds": 1e-3, "ms": 1e-3, "microseconds": 1e-6, "us": 1e-6,
}  # fmt: skip
SHARES = {"top_1": "top_1", "accuracy": "top_1", "top_5": "top_5", "test_error": "test_error"}
TIME, SPEED = "seconds_per_batch", "examples_per_second"
EVALUATED = (
    "evaluation_",
    "validation_",
)  # before fields of a line that tells of a training and of an evaluation


class Meaning(NamedTuple):
    """What a field is: its column, the unit of its number, and how it gets there.

    Args:
        column: of `steps`, `phases` and `evaluations`.
        factor: the unit of the number in the base unit of the column.
        inverse: whether the column is one by the number: `iterations_per_second`.
        item: what a speed counts.
        per_device: whether it is the speed of one device.
    """

    column: str
    factor: float = 1.0
    inverse: bool = False
    item: str | None = None
    per_device: bool = False

    def of(self, value: float) -> float | None:
        """The number in the base unit of the column; None where one by it is asked for and it is not positive."""
        value *= self.factor
        if not self.inverse:
            return value
        return 1 / value if value > 0 and math.isfinite(value) else None


def speeds() -> Iterator[tuple[str, Meaning]]:
    """The names of speeds, those first that count where a line has several."""
    for singular, item in ITEMS.items():
        for second in ("second", "sec"):
            yield f"{item}_per_{second}", Meaning(SPEED, item=item)
            yield f"{item}_per_{second}_per_device", Meaning(SPEED, item=item, per_device=True)
        for second, factor in SECONDS.items():
            yield f"{second}_per_{singular}", Meaning(SPEED, factor, inverse=True, item=item)


def times() -> Iterator[tuple[str, Meaning]]:
    """The names of step times."""
    yield from (
        (f"{second}_per_{batch}", Meaning(TIME, SECONDS[second])) for second in SECONDS for batch in BATCHES
    )
    yield from ((second, Meaning(TIME, factor)) for second, factor in SECONDS.items())
    yield "duration", Meaning(TIME)
    for batches in ("batches", "steps", "iterations"):
        yield f"{batches}_per_second", Meaning(TIME, inverse=True)
        yield f"{batches}_per_sec", Meaning(TIME, inverse=True)


def scores() -> Iterator[tuple[str, Meaning]]:
    """The names of what a network has learned."""
    for name, column in SHARES.items():
        yield name, Meaning(column)
        yield f"{name}_percent", Meaning(column, 0.01)
    yield from ((column, Meaning(column)) for column in ("loss", "learning_rate", "jitter"))


MEANINGS: Mapping[str, Meaning] = {**dict(speeds()), **dict(times()), **dict(scores())}
# Names that count what is done, in lines of steps, epochs and evaluations.
COUNTS = ("step", "iteration", "epoch", "epochs", "steps", "steps_per_epoch", "examples")
