"""Small helpers for values that may be missing, nan, infinite, not positive, or damaged."""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

from logreport.spool import MANY

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
    order, half = sorted(values) if len(values) < MANY else _in_order(values), len(values) // 2
    return order[half] if len(values) % 2 else (order[half - 1] + order[half]) / 2


def _in_order(values: Sequence[float]) -> Sequence[float]:
    """Many values sorted, in eight bytes each."""
    import numpy as np

    order = np.fromiter(values, np.float64, len(values))
    order.sort()
    return order.data  # of which each is a float of Python's


def median_high(values: Iterable[int]) -> int:
    """The middle one of whole numbers of which few differ; of two the higher one."""
    return medians(values)[1]


def medians(values: Iterable[int]) -> tuple[int, int]:
    """The two middle ones of whole numbers of which few differ, the lower one first; they are one where their number is odd."""
    counts = sorted(Counter(values).items())
    ends = list(accumulate(count for _, count in counts))
    low, high = (counts[bisect_right(ends, place // 2)][0] for place in (ends[-1] - 1, ends[-1]))
    return low, high
