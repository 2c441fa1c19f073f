"""Many comparisons in few: those of the same two devices, or of the same two set-ups, are one group."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from logreport.analysis.comparison.fastest import MOST
from logreport.analysis.results import Comparison
from logreport.reporting.sections.facts import Facts

_HOW = "on each workload the fastest set-up of each device"
Group = list[Comparison]


def how(between: Sequence[Comparison]) -> str:
    """How devices were compared, in words."""
    paired = {side.label for c in between for side in (c.side, c.baseline)}
    return f"{_HOW}; of all devices the {MOST} that share most workloads" if len(paired) >= MOST else _HOW


def device_pairs(facts: Facts, between: Sequence[Comparison]) -> list[Group]:
    """Comparisons of the same two devices, and sides called by these; most workloads first."""
    named = (
        replace(
            c,
            side=replace(c.side, name=(facts.name_of(c.side),)),
            baseline=replace(c.baseline, name=(facts.name_of(c.baseline),)),
        )
        for c in between
    )
    return sorted(_grouped(named), key=lambda g: (len(g), _mean(g)), reverse=True)


def label_pairs(comparisons: Sequence[Comparison]) -> list[Group]:
    """Comparisons of the same two set-ups, whichever was the baseline; most workloads first.

    The set-up that is faster on the whole is the side: what is the baseline of a workload for being slow there says
    nothing about the others.
    """
    ordered = (c if c.side.label <= c.baseline.label else _turned(c) for c in comparisons)
    groups = (group if _mean(group) >= 0 else list(map(_turned, group)) for group in _grouped(ordered))
    return sorted(groups, key=lambda g: (len(g), _mean(g)), reverse=True)


_OPPOSITE = {"faster": "slower", "slower": "faster"}


def _turned(c: Comparison) -> Comparison:
    """The same comparison, seen from the other side."""
    repeats = c.repeats and replace(c.repeats, side=c.repeats.baseline, baseline=c.repeats.side)
    return replace(
        c, side=c.baseline, baseline=c.side, ratio=_inverse(c.ratio), low=_inverse(c.high), high=_inverse(c.low),
        ratio_as_printed=_inverse(c.ratio_as_printed), verdict=_OPPOSITE.get(c.verdict, c.verdict), repeats=repeats,
    )  # fmt: skip


def _inverse(ratio: float | None) -> float | None:
    return 1 / ratio if ratio else ratio


def _grouped(comparisons: Iterable[Comparison]) -> Iterable[Group]:
    pairs: dict[tuple[str, str], Group] = defaultdict(list)
    for c in comparisons:
        pairs[c.side.label, c.baseline.label].append(c)
    return pairs.values()


def _mean(group: Group) -> float:
    return math.fsum(math.log(c.ratio or 1.0) for c in group) / len(group)
