"""Many comparisons in few: on each workload the fastest set-up of every device, and every two devices that share one."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from logreport.analysis.results import Comparison, Side, Speed, Workload
from logreport.reporting.gather import Facts

HOW = "on each workload the fastest set-up of each device"
Group = list[Comparison]


def _fastest(facts: Facts, comparisons: Sequence[Comparison]) -> dict[Workload, dict[str, Side]]:
    """The fastest side of each device on each workload, called by its device."""
    found: dict[Workload, dict[str, Side]] = defaultdict(dict)
    for c in comparisons:
        for side in (c.baseline, c.side):
            device, sides = facts.name_of(side), found[c.workload]
            if device not in sides or side.speed.value > sides[device].speed.value:
                sides[device] = replace(side, label=device)
    return found


def _half(speed: Speed) -> float | None:
    """Half the width of an interval on the logarithmic scale."""
    return math.log(speed.high / speed.low) / 2 if speed.low and speed.high else None


def _against(like: Comparison, side: Side, baseline: Side) -> Comparison:
    """One device against another on one workload, with the interval within the runs."""
    ratio = side.speed.value / baseline.speed.value
    halves = [_half(side.speed), _half(baseline.speed)]
    known = [h for h in halves if h is not None]
    half = math.hypot(*known) if len(known) == len(halves) else None
    low, high = (ratio * math.exp(-half), ratio * math.exp(half)) if half is not None else (None, None)
    return replace(
        like, side=side, baseline=baseline, ratio=ratio, low=low, high=high, repeats=None,
        ratio_as_printed=side.as_printed / baseline.as_printed, notes=(),
    )  # fmt: skip


def device_pairs(facts: Facts, comparisons: Sequence[Comparison]) -> list[Group]:
    """For every two devices their comparisons, the one that is faster on the whole first; most workloads first.

    Empty where all comparisons are between set-ups of one device.
    """
    pairs: dict[tuple[str, str], Group] = defaultdict(list)
    likes = {c.workload: c for c in comparisons}
    for workload, sides in _fastest(facts, comparisons).items():
        for a, b in combinations(sorted(sides), 2):
            pairs[a, b].append(_against(likes[workload], sides[a], sides[b]))
    groups = [_faster_first(group) for group in pairs.values()]
    return sorted(groups, key=lambda g: (len(g), _mean(g)), reverse=True)


def _mean(group: Group) -> float:
    return math.fsum(math.log(c.ratio or 1.0) for c in group) / len(group)


def _faster_first(group: Group) -> Group:
    return group if _mean(group) >= 0 else [_against(c, c.baseline, c.side) for c in group]


def label_pairs(comparisons: Sequence[Comparison]) -> list[Group]:
    """Comparisons of the same two set-ups, most workloads first."""
    pairs: dict[tuple[str, str], Group] = defaultdict(list)
    for c in comparisons:
        pairs[c.side.label, c.baseline.label].append(c)
    return sorted(pairs.values(), key=lambda g: (len(g), abs(_mean(g))), reverse=True)
