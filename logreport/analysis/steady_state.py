"""Where the warm-up of a script ends that prints its warm-up too (cifar10, mnist).

A gate decides whether there was a warm-up at all; only behind it MSER (White 1997) may move the cut further, because
MSER alone cuts something from a third of all stationary series.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from logreport.analysis.values import median

GATE_WINDOWS = 10  # fewer windows cannot be judged: see `short_cut`
_MAD_TO_SD = 1.4826  # of a normal distribution
_BAND_SDS = 3.5
_BAND_FLOOR = 0.02


@dataclass(frozen=True)
class Warmup:
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
        return Warmup(short_cut(len(seconds)) if starts_cold else 0, judged=False)
    lead = gate(seconds)
    if lead == 0:
        return Warmup(0)
    if lead is None:
        return Warmup(len(seconds) // 2, settled=False)
    cut = max(lead, mser(seconds))
    if cut >= len(seconds) // 2:
        return Warmup(len(seconds) // 2, settled=False)
    return Warmup(cut)


def short_cut(count: int) -> int:
    """Windows left out of a run too short to judge: the first after step 0, where at least 2 more remain."""
    return 1 if count >= 3 else 0


def gate(seconds: Sequence[float]) -> int | None:
    """Index of the first two windows in a row that lie within the band of the last half; None if none do.

    Band: median of the last half ± max(3.5·1.4826·MAD, 2 %).
    """
    tail = seconds[len(seconds) // 2 :]
    centre = median(tail)
    band = max(_BAND_SDS * _MAD_TO_SD * median([abs(w - centre) for w in tail]), _BAND_FLOOR * centre)
    inside = [abs(w - centre) <= band for w in seconds]
    return next((i for i in range(len(inside) - 1) if inside[i] and inside[i + 1]), None)


def mser(seconds: Sequence[float]) -> int:
    """Cut d ≤ K/2 with the least Σ_{i≥d}(w_i − w̄_d)²/(K−d)² (marginal standard error rule, White 1997)."""
    offset = median(seconds)  # sums of squares around it do not cancel
    count, total, squares = 0, 0.0, 0.0
    best, cut = float("inf"), 0
    for d in range(len(seconds) - 1, -1, -1):
        x = seconds[d] - offset
        count, total, squares = count + 1, total + x, squares + x * x
        if 2 * d <= len(seconds):
            score = max(0.0, squares - total * total / count) / count**2
            if score <= best:
                best, cut = score, d
    return cut
