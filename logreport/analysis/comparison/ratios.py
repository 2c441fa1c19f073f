"""Ratio of two speeds on the log scale, its interval, its p-value, and Holm's correction.

The delta form with Welch–Satterthwaite degrees of freedom; what is known for sure, such as rounding, or assumed is
added outside the t term: h² = t²·variance + z²·normal.
"""

import math
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from logreport.analysis.measurement.intervals import Estimate, rounding_variance

_LEVEL = 0.05
_LEAST_P = 1e-15  # below, p is not told apart from 0
_NORMAL_DF = 1e6  # from here on Student's t is taken for normal


class LogSpeed(NamedTuple):
    """ln of a speed: `variance` inside the t term with `df`, `normal` variance outside (rounding).

    `known` is false where nothing but rounding is known of the error; `at` is when it was measured.
    """

    value: float
    variance: float
    df: float
    normal: float
    known: bool = True
    at: datetime | None = None

    def half_width(self) -> float | None:
        """Half width of the 95 % interval on the log scale; None where the error is not known."""
        return _half(self.variance, self.df, self.normal) if self.known else None


class Ratio(NamedTuple):
    """ln(a/b), its variances, and what follows from them."""

    log: float
    variance: float
    df: float
    normal: float

    def interval(self) -> tuple[float, float]:
        """The 95 % interval of a/b."""
        half = _half(self.variance, self.df, self.normal)
        return math.exp(self.log - half), math.exp(self.log + half)


def p_values(ratios: Sequence[Ratio]) -> list[float]:
    """For each ratio the level at which its interval just reaches 1, by bisection on the level's logarithm."""
    import numpy as np
    from scipy.special import ndtri, stdtrit

    log, variance, normal = (
        np.array([getattr(r, name) for r in ratios]) for name in ("log", "variance", "normal")
    )
    df = np.array([min(r.df, _NORMAL_DF) for r in ratios])
    low, high = np.full(len(ratios), math.log(_LEAST_P)), np.zeros(len(ratios))
    for _ in range(40):
        middle = (low + high) / 2
        half = np.exp(middle) / 2
        wide = stdtrit(df, half) ** 2 * variance + ndtri(half) ** 2 * normal >= log**2
        low, high = np.where(wide, middle, low), np.where(wide, high, middle)
    return [float(p) for p in np.exp(high)]


def _half(variance: float, df: float, normal: float) -> float:
    """Half width of the interval: sqrt(t²·variance + z²·normal)."""
    t, z = _quantiles(min(df, _NORMAL_DF))
    return math.sqrt(t**2 * variance + z**2 * normal)


@lru_cache(maxsize=1 << 12)
def _quantiles(df: float) -> tuple[float, float]:
    """Of Student's t and of the normal distribution, at the lower end of the interval."""
    from scipy.special import ndtri, stdtrit

    return float(stdtrit(df, _LEVEL / 2)), float(ndtri(_LEVEL / 2))


def one_run(speed: float, estimate: Estimate, at: datetime | None = None) -> LogSpeed:
    """Ln speed of a single run, with its error within the run."""
    rounding, known = rounding_variance(estimate.quantum), estimate.method is not None
    return LogSpeed(math.log(speed), estimate.variance, estimate.df, rounding, known, at)


def repeated(values: Sequence[float], rounding: float) -> LogSpeed:
    """Mean ln speed of two or more runs: the spread between them counts, s²/k with k−1 degrees of freedom.

    Args:
        values: ln speed of each run.
        rounding: largest rounding variance of one of them; runs that print the same digits are not without error.
    """
    count = len(values)
    mean = math.fsum(values) / count
    variance = math.fsum((v - mean) ** 2 for v in values) / (count - 1) / count
    return LogSpeed(mean, variance, count - 1, rounding)


def satterthwaite(parts: Sequence[tuple[float, float]]) -> float:
    """Degrees of freedom of a sum of variances v_i with df_i: (Σv)²/Σ(v²/df) (Welch 1947, Satterthwaite 1946)."""
    total = math.fsum(v for v, _ in parts)
    if total == 0:
        return math.inf
    shares = math.fsum((v / total) ** 2 / df for v, df in parts)
    return 1 / shares if shares > 0 else math.inf


def ratio(a: LogSpeed, b: LogSpeed, assumed: float = 0.0) -> Ratio:
    """Speed of `a` divided by speed of `b`, with the errors that the two have, and a variance that is assumed."""
    df = satterthwaite([(a.variance, a.df), (b.variance, b.df)])
    return Ratio(a.value - b.value, a.variance + b.variance, df, a.normal + b.normal + assumed)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction (1979): adjusted p in the order given, max over (m − i)·p of the smaller ones."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted, worst = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(order):
        worst = max(worst, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = worst
    return adjusted
