"""Many comparisons in few: those of the same two devices, or of the same two set-ups, are one pair."""

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from logreport.analysis.comparison.speedups import geometric_means
from logreport.analysis.measurement.numbers import median
from logreport.analysis.results import Comparison, Difference, GeometricMean, Remark, Side

_Key = TypeVar("_Key", bound=Hashable)
_OPPOSITE = {"faster": "slower", "slower": "faster"}


@dataclass(frozen=True)
class Pair:
    """Comparisons of the same two sides, each on another workload.

    `left_out` are those with a doubted number, which are in no mean, nor in what else is said of all.
    """

    comparisons: tuple[Comparison, ...]
    left_out: tuple[Comparison, ...] = ()

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
    def median(self) -> float:
        """The median of the ratios."""
        return median([c.ratio or 1.0 for c in self.comparisons])

    @property
    def unlike(self) -> tuple[Difference, ...]:
        """The known facts in which the set-ups differ, the same in all comparisons."""
        return self.comparisons[0].unlike

    @property
    def at_best_batch(self) -> bool:
        """Whether each side is at its own best batch size."""
        return self.comparisons[0].at_best_batch

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the greatest ratio."""
        ratios = [c.ratio or 1.0 for c in self.comparisons]
        return min(ratios), max(ratios)

    def turned(self) -> "Pair":
        """The same, seen from the other side."""
        return Pair(tuple(map(turned, self.comparisons)), tuple(map(turned, self.left_out)))


def called_by_device(c: Comparison) -> Comparison:
    """A comparison whose sides are called by their devices alone, whatever the batch size."""
    return with_names(c, (str(c.side.device),), (str(c.baseline.device),))


def device_pairs(between: Iterable[Comparison]) -> list[Pair]:
    """Comparisons of the same two devices, like with like first, then most workloads.

    What differs in a known fact is no pair with what does not, nor is what is each at its best batch size.

    Args:
        between: device against device, decided and called by these.
    """
    return _ordered(map(_fastest_first, paired(between, _like).values()))


def label_pairs(comparisons: Iterable[Comparison]) -> list[Pair]:
    """Comparisons of the same two set-ups, whichever was the baseline; most workloads first.

    The set-up that is faster on the whole is the side: what is the baseline of a workload for being slow there says
    nothing about the others.
    """
    ordered = (c if c.side.label <= c.baseline.label else turned(c) for c in comparisons)
    return _ordered(map(_fastest_first, paired(ordered, _like).values()))


def with_names(c: Comparison, side: tuple[str, ...], baseline: tuple[str, ...]) -> Comparison:
    """A comparison whose sides are called otherwise; the same one where they are called so already."""
    ours, theirs = _called(c.side, side), _called(c.baseline, baseline)
    return c if ours is c.side and theirs is c.baseline else c._replace(side=ours, baseline=theirs)


def _called(side: Side, name: tuple[str, ...]) -> Side:
    return side if side.name == name else side._replace(name=name)


def _fastest_first(pair: Pair) -> Pair:
    return pair if pair.log >= 0 else pair.turned()


def _ordered(pairs: Iterable[Pair]) -> list[Pair]:
    return sorted(
        pairs, key=lambda pair: (pair.at_best_batch, bool(pair.unlike), -len(pair.comparisons), -pair.log)
    )


def faster_first(c: Comparison) -> Comparison:
    """A comparison, seen from the side that is faster."""
    return c if (c.ratio or 1.0) >= 1 else turned(c)


def turned(c: Comparison) -> Comparison:
    """The same comparison, seen from the other side."""
    repeats = c.repeats and c.repeats._replace(side=c.repeats.baseline, baseline=c.repeats.side)
    remarks = tuple(map(_turned_remark, c.remarks))
    return c._replace(
        side=c.baseline, baseline=c.side, ratio=_inverse(c.ratio), low=_inverse(c.high), high=_inverse(c.low),
        ratio_as_printed=_inverse(c.ratio_as_printed), verdict=_OPPOSITE.get(c.verdict, c.verdict), repeats=repeats, remarks=remarks,
    )  # fmt: skip


def _turned_remark(remark: Remark) -> Remark:
    """A remark that says the two sides in their order, the other way round."""
    match remark.kind:
        case "unlike" | "named" | "machines-differ":
            return remark._replace(values=tuple(Difference(d.field, d.theirs, d.ours) for d in remark.values))
        case "ranks":
            a, b, p, median, other = remark.values
            return remark._replace(values=(b, a, p, other, median))
        case "finding":
            what, *rest = remark.values
            return remark._replace(values=({"baseline": "run", "run": "baseline"}[what], *rest))
        case "layer" | "other-network":
            name, ours, theirs = remark.values
            return remark._replace(values=(name, theirs, ours))
    return remark


def _inverse(ratio: float | None) -> float | None:
    return 1 / ratio if ratio else ratio


def _like(c: Comparison) -> Hashable:
    return c.side.label, c.baseline.label, c.unlike, c.at_best_batch


def paired(comparisons: Iterable[Comparison], key: Callable[[Comparison], _Key]) -> dict[_Key, Pair]:
    """Comparisons by what `key` says of them.

    Those of two devices with a doubted number are left out where the two have others; a pair of nothing else is none.
    Of two set-ups on one device what is odd may be what the set-up does.
    """
    every = list(comparisons)
    sound = {_sides(c) for c in every if c.is_sound and c.side.device != c.baseline.device}
    found: dict[_Key, tuple[list[Comparison], list[Comparison]]] = defaultdict(lambda: ([], []))
    for c in every:
        found[key(c)][not c.is_sound and _sides(c) in sound].append(c)
    return {at: Pair(tuple(own), tuple(left)) for at, (own, left) in found.items() if own}


def _sides(c: Comparison) -> frozenset[str]:
    return frozenset((c.side.label, c.baseline.label))
