"""Many comparisons in few: those of the same two devices, or of the same two set-ups, are one group."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from logreport.analysis.results import Comparison
from logreport.reporting.gather import Facts

HOW = "on each workload the fastest set-up of each device"
Group = list[Comparison]


def device_pairs(facts: Facts, between: Sequence[Comparison]) -> list[Group]:
    """Comparisons of the same two devices, and sides called by these; most workloads first."""
    named = (
        replace(
            c,
            side=replace(c.side, label=facts.name_of(c.side)),
            baseline=replace(c.baseline, label=facts.name_of(c.baseline)),
        )
        for c in between
    )
    return sorted(_grouped(named), key=lambda g: (len(g), _mean(g)), reverse=True)


def label_pairs(comparisons: Sequence[Comparison]) -> list[Group]:
    """Comparisons of the same two set-ups, most workloads first."""
    return sorted(_grouped(comparisons), key=lambda g: (len(g), abs(_mean(g))), reverse=True)


def _grouped(comparisons: Iterable[Comparison]) -> Iterable[Group]:
    pairs: dict[tuple[str, str], Group] = defaultdict(list)
    for c in comparisons:
        pairs[c.side.label, c.baseline.label].append(c)
    return pairs.values()


def _mean(group: Group) -> float:
    return math.fsum(math.log(c.ratio or 1.0) for c in group) / len(group)
