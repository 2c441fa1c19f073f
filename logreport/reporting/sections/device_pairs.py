"""Many comparisons in few: those of the same two devices, or of the same two set-ups, are one group."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from logreport.analysis.comparison.fastest import MOST
from logreport.analysis.results import Comparison, Difference, Remark
from logreport.reporting.sections.facts import Facts
from logreport.reporting.text import wording

_HOW = "on each workload the fastest set-up of each device, like with like first"
Group = list[Comparison]


def how(between: Sequence[Comparison]) -> str:
    """How devices were compared, in words."""
    sized = (c for c in between if not wording.is_best_batch(c))
    paired = {side.label for c in sized for side in (c.side, c.baseline)}
    return f"{_HOW}; of all devices the {MOST} that share most workloads" if len(paired) >= MOST else _HOW


def device_pairs(facts: Facts, between: Sequence[Comparison]) -> list[Group]:
    """Comparisons of the same two devices, and sides called by these; like with like first, then most workloads.

    What differs in a known fact is no group with what does not, nor is what is each at its best batch size.
    """
    named = (
        replace(
            c,
            side=replace(c.side, label=facts.name_of(c.side)),
            baseline=replace(c.baseline, label=facts.name_of(c.baseline)),
        )
        for c in between
    )
    groups = (fastest_first(group) for group in _grouped(named))
    return sorted(
        groups,
        key=lambda g: (wording.is_best_batch(g[0]), bool(wording.unlike(g[0])), -len(g), -_mean(g)),
    )


def fastest_first(group: Group) -> Group:
    """The comparisons of two sides, seen from that which is faster on the whole."""
    return group if _mean(group) >= 0 else list(map(_turned, group))


def label_pairs(comparisons: Sequence[Comparison]) -> list[Group]:
    """Comparisons of the same two set-ups, whichever was the baseline; most workloads first.

    The set-up that is faster on the whole is the side: what is the baseline of a workload for being slow there says
    nothing about the others.
    """
    ordered = (c if c.side.label <= c.baseline.label else _turned(c) for c in comparisons)
    groups = map(fastest_first, _grouped(ordered))
    return sorted(groups, key=lambda g: (len(g), _mean(g)), reverse=True)


_OPPOSITE = {"faster": "slower", "slower": "faster"}


def faster_first(c: Comparison) -> Comparison:
    """A comparison, seen from the side that is faster."""
    return c if (c.ratio or 1.0) >= 1 else _turned(c)


def _turned(c: Comparison) -> Comparison:
    """The same comparison, seen from the other side."""
    repeats = c.repeats and replace(c.repeats, side=c.repeats.baseline, baseline=c.repeats.side)
    remarks = tuple(map(_turned_remark, c.remarks))
    return replace(
        c, side=c.baseline, baseline=c.side, ratio=_inverse(c.ratio), low=_inverse(c.high), high=_inverse(c.low),
        ratio_as_printed=_inverse(c.ratio_as_printed), verdict=_OPPOSITE.get(c.verdict, c.verdict), repeats=repeats, remarks=remarks,
    )  # fmt: skip


def _turned_remark(remark: Remark) -> Remark:
    """A remark that says the two sides in their order, the other way round."""
    match remark.kind:
        case "unlike" | "machines-differ":
            return replace(remark, values=tuple(Difference(d.field, d.theirs, d.ours) for d in remark.values))
        case "ranks":
            a, b, p, median, other = remark.values
            return replace(remark, values=(b, a, p, other, median))
        case "finding":
            what, *rest = remark.values
            return replace(remark, values=({"baseline": "run", "run": "baseline"}[what], *rest))
        case "layer" | "other-network":
            name, ours, theirs = remark.values
            return replace(remark, values=(name, theirs, ours))
    return remark


def _inverse(ratio: float | None) -> float | None:
    return 1 / ratio if ratio else ratio


def _grouped(comparisons: Iterable[Comparison]) -> Iterable[Group]:
    pairs: dict[object, Group] = defaultdict(list)
    for c in comparisons:
        pairs[c.side.label, c.baseline.label, wording.unlike(c), wording.is_best_batch(c)].append(c)
    return pairs.values()


def _mean(group: Group) -> float:
    return math.fsum(math.log(c.ratio or 1.0) for c in group) / len(group)
