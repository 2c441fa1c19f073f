"""Speed against a baseline, workload by workload, with verdicts that hold together (Holm)."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from logreport.analysis.comparison.baseline import Baselines, fits
from logreport.analysis.comparison.doubts import Doubts
from logreport.analysis.comparison.incomparable import incomparable
from logreport.analysis.comparison.likeness import remarks as unlike_remarks
from logreport.analysis.comparison.pooling import PUBLISHED, Member
from logreport.analysis.comparison.ranks import ENOUGH, mann_whitney
from logreport.analysis.comparison.ratios import Ratio, holm, p_values
from logreport.analysis.comparison.repeats import Basis, Repeats, pool
from logreport.analysis.comparison.set_ups import SetUp
from logreport.analysis.comparison.sides import names, side_of
from logreport.analysis.comparison.terms import Terms
from logreport.analysis.measurement.numbers import median
from logreport.analysis.results import Comparison, GeometricMean, Remark, Workload
from logreport.errors import UsageError

BEST_BATCH = Remark("best-batch")  # each side at its own
_SURE = 0.05
_SAME = 1e-9  # two ways to the same mean
Named = tuple[SetUp, tuple[str, ...]]  # a side of a comparison, and what it is called


def compare(
    found: Sequence[Member], groups: Mapping[Workload, Sequence[SetUp]], doubts: Doubts, terms: Terms
) -> list[Comparison]:
    """Speeds against a baseline, for every workload that two sides ran.

    Args:
        found: all phases that have a speed.
        groups: the set-ups that can be compared, by workload.
        doubts: what is known against their runs.
        terms: what they are divided by, and how.

    Raises:
        UsageError: for a baseline that cannot be read.
    """
    baseline = terms.baseline
    if baseline is not None and not any(fits(m, baseline) for m in found):
        raise UsageError(
            f"baseline {baseline!r} is none of the runs", todo="name a run, a label, or a condition"
        )
    chosen = Baselines(groups, baseline)
    made = [
        c
        for workload, sides in groups.items()
        for c in _of_workload(workload, sides, chosen, terms.run_variation, doubts)
    ]
    return verdicts(made, terms.margin) + incomparable(found, made, baseline)


def _of_workload(
    workload: Workload, sides: Sequence[SetUp], chosen: Baselines, run_variation: float, doubts: Doubts
) -> Iterator[Comparison]:
    """All sides of one workload against their baselines; nothing where there is none, or nothing else."""
    if len(sides) < 2:
        return
    named = {id(side): name for side, name in zip(sides, names(sides), strict=True)}
    for side, base, how in chosen.of(sides):
        yield doubted(workload, (base, named[id(base)]), (side, named[id(side)]), run_variation, doubts, how)


def doubted(
    workload: Workload, base: Named, side: Named, run_variation: float, doubts: Doubts, *how: Remark
) -> Comparison:
    """A comparison with how it was made and what is held against its sides; of two networks it is none."""
    both = base[0], side[0]
    more = (*unlike_remarks(side[0].told, base[0].told), *doubts.between(*both))
    c = comparison_of(workload, base, side, run_variation, how, more)
    if reason := doubts.other_network(*both):
        return Comparison.impossible(workload, c.baseline, c.side, reason)._replace(remarks=(*how, *more))
    return c


def comparison_of(
    workload: Workload,
    base: Named,
    side: Named,
    run_variation: float,
    how: tuple[Remark, ...] = (),
    more: tuple[Remark, ...] = (),
) -> Comparison:
    """One side against one baseline, before its verdict, with remarks before and after those on the two numbers."""
    if workload.batch_size is None and BEST_BATCH not in how:
        how = (*how, Remark("per-example"))
    both = (*base[0], *side[0])
    total = any(m.total for m in both)
    a, b = (side_of(own, *name, total=True) if total else own.called(*name) for own, name in (side, base))
    if total and any(not m.end_to_end for m in both):
        impossible = Comparison.impossible(workload, b, a, Remark("total-against-steps"))
        return impossible._replace(remarks=(*how, *more))
    value, printed = a.speed.value / b.speed.value, a.as_printed / b.as_printed
    published = any(m.facts.get("status_reason") == PUBLISHED for m in both)
    reason = Remark("published" if published else "too-few-steps")
    ranks = () if total else _by_ranks(base[0], side[0])
    repeats = None if total else Repeats(side[0].log_speeds, base[0].log_speeds, run_variation)
    return Comparison(
        workload, b, a, value, None, None, printed, "no difference shown", reason,
        remarks=(*how, *ranks, *more), repeats=repeats,
    )  # fmt: skip


def _by_ranks(base: SetUp, side: SetUp) -> tuple[Remark, ...]:
    """Medians and Mann–Whitney's p where there are enough runs: what benchstat would say."""
    if min(len(base), len(side)) < ENOUGH:
        return ()
    a, b = [m.speed for m in side], [m.speed for m in base]
    return (Remark("ranks", (len(a), len(b), mann_whitney(a, b), median(a), median(b))),)


def verdicts(comparisons: Sequence[Comparison], margin: float) -> list[Comparison]:
    """Comparisons with intervals and verdicts; p-values are corrected for the number of comparisons.

    All workloads of one pair of sides are judged together: each learns from the others how much runs vary.
    """
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, c in enumerate(comparisons):
        if c.repeats is not None:
            groups[c.baseline.label, c.side.label].append(i)
    found: dict[int, tuple[Ratio, Basis]] = {}
    for group in groups.values():
        judged = pool([c.repeats for c in (comparisons[i] for i in group) if c.repeats is not None])
        pairs = zip(group, judged.ratios, strict=True)
        found |= {i: (ratio, judged.basis) for i, ratio in pairs if ratio is not None}
    adjusted = dict(zip(found, holm(p_values([ratio for ratio, _ in found.values()])), strict=True))
    return [
        _verdict(c, *found[i], adjusted[i], margin, len(found)) if i in found else c._replace(repeats=None)
        for i, c in enumerate(comparisons)
    ]


def _verdict(c: Comparison, judged: Ratio, basis: Basis, p: float, margin: float, count: int) -> Comparison:
    """Verdict of one comparison: the same where the whole interval lies within the margin, else by its p-value."""
    (low, high), edge, value = judged.interval(), math.log1p(margin), c.ratio or 1.0
    remarks = (*c.remarks, *_assumed(basis, c.repeats.variation if c.repeats is not None else 0.0))
    weight = math.exp(judged.log) / value
    if not math.isclose(weight, 1.0, rel_tol=_SAME):
        value, printed = value * weight, (c.ratio_as_printed or value) * weight
        c = c._replace(ratio=value, ratio_as_printed=printed)
        remarks = (*remarks, Remark("days-weighted"))
    if low > 0 and math.log(low) >= -edge and math.log(high) <= edge:
        verdict = "the same"
    elif p < _SURE:
        verdict = "faster" if value > 1 else "slower"
    else:
        verdict = "no difference shown"
        if not low <= 1 <= high:
            remarks = (*remarks, Remark("holm", (count,)))
    return c._replace(low=low, high=high, verdict=verdict, margin=margin, reason=None, p=p, remarks=remarks)


def _assumed(basis: Basis, variation: float) -> tuple[Remark, ...]:
    """What the verdict assumes about runs that were not repeated, or in one session only."""
    if not variation or basis == "sessions":
        return ()
    return (Remark("runs-vary" if basis == "assumed" else "days-vary", (variation,)),)


def geometric_means(comparisons: Sequence[Comparison]) -> list[GeometricMean]:
    """Geometric mean of the ratios of each pair of sides that met on two workloads or more.

    Its interval counts what a session adds to all workloads alike, and takes the rest of their errors as independent.
    """
    pairs: dict[tuple[str, str], list[Comparison]] = defaultdict(list)
    for c in comparisons:
        if c.ratio is not None:
            pairs[c.baseline.label, c.side.label].append(c)
    result = []
    for (base, side), group in pairs.items():
        if len(group) < 2:
            continue
        value = math.exp(math.fsum(math.log(c.ratio or 1.0) for c in group) / len(group))
        repeats = [c.repeats for c in group if c.repeats is not None]
        mean = pool(repeats).mean if len(repeats) == len(group) else None
        low, high = mean.interval() if mean is not None else (None, None)
        result.append(GeometricMean(base, side, value, low, high, tuple(c.workload for c in group)))
    return result
