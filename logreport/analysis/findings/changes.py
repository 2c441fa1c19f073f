"""Shift and drift inside a run: did the speed change while it was measured?

Both tests look at x = ln(seconds per step) of about 10-step windows. Their critical values hold the false alarms near
1 % although steps correlate (Gaussian AR(1), φ = 0.5 at the step level, simulated); a change under 2 % is not reported.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

SMALLEST = 0.02  # relative; below it a significant change is of no use to anybody
FEWEST, MOST = 6, 100  # windows that the critical values cover; more are merged
EDGE = 2  # windows on either side of a shift

# 99 % points by number of windows K (docs/statistics.md): simulated, linear between.
SHIFT = ((6, 6.61), (8, 5.54), (10, 5.04), (15, 4.49), (25, 4.19), (50, 3.99), (100, 3.98))
_DRIFT = ((6, 5.00), (8, 3.95), (10, 3.63), (25, 3.01), (100, 2.83))


@dataclass(frozen=True)
class Change:
    """A change of step time: `size` relative (above 0 is slower), `index` of the first window after it.

    `kind` "shift" or "drift"; a drift runs over all windows, and its index is 0. `t` is its |t|, by which shift and
    drift compare: each has K−2 degrees of freedom, so that the larger leaves the smaller residual.
    """

    kind: str
    size: float
    index: int
    t: float


def critical(table: Sequence[tuple[int, float]], count: int) -> float:
    """Critical value at `count` windows, linear between the entries of a table."""
    i = bisect_left(table, (count, 0.0))
    if i == 0 or i == len(table) or table[i][0] == count:
        return table[min(i, len(table) - 1)][1]
    (k0, c0), (k1, c1) = table[i - 1], table[i]
    return c0 + (c1 - c0) * (count - k0) / (k1 - k0)


def change(seconds: Sequence[float]) -> Change | None:
    """The shift or the drift in K mean step times, whichever fits better; none with fewer than 6."""
    if len(seconds) < FEWEST:
        return None
    step = -(-len(seconds) // MOST)
    parts = (seconds[i : i + step] for i in range(0, len(seconds), step))
    merged = seconds if step == 1 else [math.fsum(part) / len(part) for part in parts]
    # Means of windows differ by no more than windows do, and a line through them rises by less than 1.5 times as much.
    if (max(merged) / min(merged)) ** 1.5 < 1 + SMALLEST:
        return None
    x = [math.log(w) for w in merged]
    found = [c for c in (shift(x), drift(x)) if c is not None]
    best = max(found, key=lambda c: c.t, default=None)
    return None if best is None else replace(best, index=best.index * step)


def shift(x: Sequence[float]) -> Change | None:
    """The split with the largest pooled two-sample |t| (Hawkins 1977), if beyond the critical value and 2 %."""
    split, t, size = largest_t(x)
    if t <= critical(SHIFT, len(x)) or abs(math.expm1(size)) < SMALLEST:
        return None
    return Change("shift", math.expm1(size), split, t)


def largest_t(x: Sequence[float]) -> tuple[int, float, float]:
    """(index of the first window after, |t|, difference of means) of the best split, at least 2 windows a side.

    t² = d²·k(K−k)/K / (residual sum of squares/(K−2)), and the residual is the total less d²·k(K−k)/K.
    """
    count, mean = len(x), math.fsum(x) / len(x)
    centred = [v - mean for v in x]
    total = math.fsum(v * v for v in centred)
    sums = list(accumulate(centred))
    ks = range(EDGE, count - EDGE + 1)
    between, k = max((sums[k - 1] ** 2 * count / (k * (count - k)), k) for k in ks)
    residual = max(total - between, 1e-18 * count)
    size = -sums[k - 1] * count / (k * (count - k))
    return k, math.sqrt(between * (count - 2) / residual), size


def drift(x: Sequence[float]) -> Change | None:
    """A straight line through the windows, if its slope's |t| is beyond the critical value and it spans 2 %."""
    count = len(x)
    centre, mean = (count - 1) / 2, math.fsum(x) / count
    sxx = count * (count**2 - 1) / 12
    sxy = math.fsum((i - centre) * (v - mean) for i, v in enumerate(x))
    slope = sxy / sxx
    residual = max(math.fsum((v - mean) ** 2 for v in x) - slope * sxy, 1e-18 * count)
    size = math.expm1(slope * (count - 1))
    t = abs(slope) * math.sqrt(sxx * (count - 2) / residual)
    if t <= critical(_DRIFT, count) or abs(size) < SMALLEST:
        return None
    return Change("drift", size, 0, t)
