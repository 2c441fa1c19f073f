"""Small helpers for values that may be missing, nan, infinite, not positive, or damaged."""

import math
from collections.abc import Sequence
from typing import Any

# No time, speed or size of a benchmark lies outside; beyond it a number is damaged, and its square overflows.
_LEAST, _MOST = 1e-18, 1e18


def number(value: Any) -> float | None:  # noqa: ANN401 -- table values are what the log held
    """The value as a finite float; None for missing values, nan, infinities, damaged numbers, and text."""
    try:
        result = float(value)
    except (TypeError, ValueError):
        return None
    return result if math.isfinite(result) and abs(result) <= _MOST else None


def positive(value: Any) -> bool:  # noqa: ANN401 -- table values are what the log held
    """Whether a value is there, finite and above zero."""
    try:
        return _LEAST <= float(value) <= _MOST
    except (TypeError, ValueError):
        return False


def median(values: Sequence[float]) -> float:
    """Middle value, or the mean of the two middle ones (the statistics module takes 10 ms to import)."""
    order, half = sorted(values), len(values) // 2
    return order[half] if len(values) % 2 else (order[half - 1] + order[half]) / 2
