"""Where the warm-up of a run ends, and which of its windows are far slower than the others.

A script that prints its warm-up too: a gate decides whether there was one at all; only behind it MSER
(White 1997) may move the cut further, because MSER alone cuts something from a third of all stationary series. A script
that warms up itself: a start that is still far slower. Only slower windows are ever left out; a run that starts faster
than it goes on slows down, and that is no warm-up.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from logreport.analysis.measurement.numbers import median
from logreport.spool import few_or_many

GATE_WINDOWS = 10  # fewer windows cannot be judged: see `short_cut`
_START_WINDOWS = 6  # from which a slow start can be told from noise
_MAD_TO_SD = 1.4826  # of a normal distribution
_BAND_SDS = 3.5
_BAND_FLOOR = 0.02
_FAR_SDS = 8
_FAR_START, _FAR = 0.03, 0.05  # relative; the first windows have a reason to be slow, so less will do


class Warmup(NamedTuple):
    """Number of windows to leave out, whether the rest is steady, and whether there was enough to judge."""

    cut: int
    settled: bool = True
    judged: bool = True


def warm_up(seconds: Sequence[float], *, starts_cold: bool) -> Warmup:
    """Decide how many windows are warm-up.

    Args:
        seconds: K mean step times, in order, the start-up step 0 not among them.
        starts_cold: whether the log shows step 0, so that the first window follows the start directly.
    """
    if len(seconds) < GATE_WINDOWS:
        return Warmup(short_cut(seconds) if starts_cold else 0, judged=False)
    lead = gate(seconds)
    if lead == 0:
        return Warmup(0)
    if lead is None:
        return Warmup(len(seconds) // 2, settled=False)
    centre = median(seconds[len(seconds) // 2 :])
    cut = max(lead, mser(few_or_many(max(w, centre) for w in seconds)))
    if cut >= len(seconds) // 2:
        return Warmup(len(seconds) // 2, settled=False)
    return Warmup(cut)


def short_cut(seconds: Sequence[float]) -> int:
    """Windows left out of a run too short to judge: the first after step 0, if it is slow and at least 2 more remain."""
    return 1 if len(seconds) >= 3 and seconds[0] >= median(seconds[1:]) else 0


def gate(seconds: Sequence[float]) -> int | None:
    """Index of the first two windows in a row that are not slower than the band of the last half; None if none are.

    Band: median of the last half + max(3.5·1.4826·MAD, 2 %).
    """
    tail = seconds[len(seconds) // 2 :]
    centre = median(tail)
    highest = centre + max(_BAND_SDS * _sd(tail), _BAND_FLOOR * centre)
    inside = (w <= highest for w in seconds)
    return next((i for i, two in enumerate(pairwise(inside)) if all(two)), None)


def slow_start(seconds: Sequence[float]) -> int:
    """Number of first windows that are far slower than the median: by 3 % and 8 SDs (1.4826·MAD)."""
    if len(seconds) < _START_WINDOWS:
        return 0
    return next((i for i, far in enumerate(_far_slower(seconds, _FAR_START)) if not far), 0)


def bad_windows(seconds: Sequence[float]) -> list[int]:
    """Indexes of windows that are far slower than the median: by 5 % and 8 SDs (1.4826·MAD)."""
    return [i for i, far in enumerate(_far_slower(seconds, _FAR)) if far]


def _far_slower(seconds: Sequence[float], least: float) -> Iterator[bool]:
    """For each window whether it is slower than the median by so much and by 8 SDs."""
    fastest = min(seconds)
    if max(seconds) <= fastest + least * fastest:
        return (False for _ in seconds)
    centre = median(seconds)
    highest = centre + max(least * centre, _FAR_SDS * _sd(seconds))
    return (w > highest for w in seconds)


def _sd(seconds: Sequence[float]) -> float:
    """Standard deviation of windows that may hold outliers."""
    centre = median(seconds)
    return _MAD_TO_SD * median(few_or_many(abs(w - centre) for w in seconds))


def mser(seconds: Sequence[float]) -> int:
    """Cut d ≤ K/2 with the least Σ_{i≥d}(w_i − w̄_d)²/(K−d)² (marginal standard error rule, White 1997)."""
    offset = median(seconds)  # sums of squares around it do not cancel
    count, total, squares = 0, 0.0, 0.0
    best, cut = float("inf"), 0
    for d, w in zip(range(len(seconds) - 1, -1, -1), reversed(seconds), strict=True):
        x = w - offset
        count, total, squares = count + 1, total + x, squares + x * x
        if 2 * d <= len(seconds):
            score = max(0.0, squares - total * total / count) / count**2
            if score <= best:
                best, cut = score, d
    return cut
