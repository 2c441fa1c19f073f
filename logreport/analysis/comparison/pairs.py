"""Many comparisons in few: those of the same two devices, or of the same two set-ups, are one pair."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from logreport.analysis.comparison.speedups import geometric_means
from logreport.analysis.results import Comparison, GeometricMean, Side

_OPPOSITE = {"faster": "slower", "slower": "faster"}


@dataclass(frozen=True)
class Pair:
    """Comparisons of the same two sides, each on another workload."""

    comparisons: tuple[Comparison, ...]

    @property
    def side(self) -> Side:
        """One of the sides that are divided."""
        return self.comparisons[0].side

    @property
    def baseline(self) -> Side:
        """One of the sides that they are divided by."""
        return self.comparisons[0].baseline

    @cached_property
    def log(self) -> float:
        """Mean logarithm of the ratios."""
        return math.fsum(math.log(c.ratio or 1.0) for c in self.comparisons) / len(self.comparisons)

    @cached_property
    def mean(self) -> GeometricMean | None:
        """Geometric mean of the ratios with its interval; None for a single one, which has its own."""
        return next(iter(geometric_means(self.comparisons)), None)

    @property
    def ratio(self) -> float:
        """The geometric mean, or the ratio of a single comparison."""
        return self.mean.ratio if self.mean else self.comparisons[0].ratio or 1.0

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the greatest ratio."""
        ratios = [c.ratio or 1.0 for c in self.comparisons]
        return min(ratios), max(ratios)

    def turned(self) -> "Pair":
        """The same, seen from the other side."""
        return Pair(tuple(map(_turned, self.comparisons)))


def device_pairs(between: Iterable[Comparison], name: Callable[[Side], str]) -> list[Pair]:
    """Comparisons of the same two devices, with sides called by these; most workloads first.

    Args:
        between: device against device, decided.
        name: the device of a side.
    """
    named = (
        replace(
            c,
            side=replace(c.side, name=(name(c.side),)),
            baseline=replace(c.baseline, name=(name(c.baseline),)),
        )
        for c in between
    )
    return _ordered(_grouped(named))


def label_pairs(comparisons: Iterable[Comparison]) -> list[Pair]:
    """Comparisons of the same two set-ups, whichever was the baseline; most workloads first.

    The set-up that is faster on the whole is the side: what is the baseline of a workload for being slow there says
    nothing about the others.
    """
    ordered = (c if c.side.label <= c.baseline.label else _turned(c) for c in comparisons)
    return _ordered(pair if pair.log >= 0 else pair.turned() for pair in _grouped(ordered))


def _ordered(pairs: Iterable[Pair]) -> list[Pair]:
    return sorted(pairs, key=lambda pair: (len(pair.comparisons), pair.log), reverse=True)


def _turned(c: Comparison) -> Comparison:
    """The same comparison, seen from the other side."""
    repeats = c.repeats and replace(c.repeats, side=c.repeats.baseline, baseline=c.repeats.side)
    return replace(
        c, side=c.baseline, baseline=c.side, ratio=_inverse(c.ratio), low=_inverse(c.high), high=_inverse(c.low),
        ratio_as_printed=_inverse(c.ratio_as_printed), verdict=_OPPOSITE.get(c.verdict, c.verdict), repeats=repeats,
    )  # fmt: skip


def _inverse(ratio: float | None) -> float | None:
    return 1 / ratio if ratio else ratio


def _grouped(comparisons: Iterable[Comparison]) -> Sequence[Pair]:
    pairs: dict[tuple[str, str], list[Comparison]] = defaultdict(list)
    for c in comparisons:
        pairs[c.side.label, c.baseline.label].append(c)
    return [Pair(tuple(group)) for group in pairs.values()]
