"""One rule for 95 % intervals: batch means, Student t with a factor, rounding of the centre in quadrature.

    h = sqrt((1.1 · t_{0.975,K−1})² · s²/(N m²) + (1.96 q)²/12),   interval rate·exp(±h)

docs/statistics.md gives the sources and the measured coverage.
"""

import math
from typing import NamedTuple

from logreport.analysis.measurement.numbers import median_high
from logreport.analysis.measurement.windows import Windows

Z = 1.959963984540054  # normal 97.5 % point
# Student t, 97.5 % point, 1 to 19 degrees of freedom (all that the rule needs; a test holds them against scipy).
# fmt: off
_T: tuple[float, ...] = (
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
    2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930,
)
# fmt: on

# Windows of 10 steps still correlate (lag 1: 0.08 where steps have φ = 0.5, 0.18 at 0.7); 1.1 restores 95 ± 2 %.
CORRELATION = 1.1
# √((1+φ)/(1−φ)) at φ = 0.7 is 2.38: what serial correlation can do to SD/√n.
CONSERVATIVE = 2.4
STEPS_PER_WINDOW = 10
_USELESS = math.log(10)
FEW_WINDOWS = 4  # below, Student's t is too wide to be of use


class Estimate(NamedTuple):
    """A mean time with what is known of its error.

    `seconds` per step; `variance` relative, of the mean, factor included, inside the t term with `df` degrees of
    freedom; `quantum` relative, of the printed centre; `method` "windows" or "conservative", None without interval.
    """

    seconds: float
    variance: float = 0.0
    df: float = math.inf
    quantum: float = 0.0
    method: str | None = None

    def half_width(self) -> float | None:
        """Relative half width h of the 95 % interval, on the log scale; None without one, or beyond a factor of 10."""
        if self.method is None:
            return None
        half = math.sqrt(t95(self.df) ** 2 * self.variance + rounding_variance(self.quantum) * Z**2)
        return half if half <= _USELESS else None


def t95(df: float) -> float:
    """97.5 % point of Student's t for `df` ≥ 1 degrees of freedom (rounded down below 20; normal above)."""
    return _T[int(df) - 1] if df < len(_T) + 1 else Z


def rounding_variance(quantum: float) -> float:
    """Variance of an error uniform over one quantum: q²/12 (Sheppard 1898; GUM 4.3.7)."""
    return quantum**2 / 12


def quantum_after(quantum: float, steps: int, cut: int) -> float:
    """Quantum of a mean over `steps` steps without the first `cut`, both ends printed as means since the start."""
    return quantum * math.hypot(steps, cut) / (steps - cut)


def in_tens(windows: Windows) -> Windows:
    """Windows of fewer steps merged up to 10 steps, or to a quarter of all where there are fewer than 40."""
    usual = median_high(windows.steps)
    wanted = min(STEPS_PER_WINDOW, max(1, sum(windows.steps) // FEW_WINDOWS))
    return windows.grouped(-(-wanted // usual)) if usual < wanted else windows


def batches(windows: Windows) -> Windows:
    """Windows as the rule wants them: about 10 steps each, at least 4 of them where that can be had, at most 19.

    From K ≥ 20 on, K//10 at a time.
    """
    windows = in_tens(windows)
    return windows.grouped(len(windows) // 10) if len(windows) >= 20 else windows


def from_windows(windows: Windows, quantum: float, centre: float | None = None) -> Estimate:
    """Mean and its error from windows: s² = Σ n_j (w_j − m)²/(K−1), variance 1.1²·s²/(N m²).

    Args:
        windows: K ≥ 1 windows; with one there is no interval.
        quantum: relative quantum of the printed centre; 0 where it comes from microsecond time stamps.
        centre: mean seconds per step as printed, where it is more exact than the windows' own.
    """
    mean = windows.mean()
    merged = batches(windows)
    if len(merged) < 2:
        return Estimate(centre or mean, quantum=quantum)
    df = len(merged) - 1
    s2 = math.fsum(n * (w - mean) ** 2 for n, w in zip(merged.steps, merged.seconds, strict=True)) / df
    variance = CORRELATION**2 * s2 / (sum(merged.steps) * mean**2)
    return Estimate(centre or mean, variance, df, quantum, "windows")


def conservative(mean: float, error: float, quantum: float) -> Estimate:
    """Error of a printed mean where only the spread of single steps is known: 2.4 standard errors.

    Mean and SD say nothing about serial correlation, so φ = 0.7 is assumed and the interval is mostly too wide.
    All in one unit: seconds, or examples/s (the relative error is the same).

    Args:
        mean: as printed.
        error: (SD + q/2)/√n, or the printed standard error + q/2.
        quantum: the step of the last printed digit of the mean.
    """
    return Estimate(mean, (CONSERVATIVE * error / mean) ** 2, math.inf, quantum / mean, "conservative")
