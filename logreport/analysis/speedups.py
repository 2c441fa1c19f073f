"""Speed against a baseline, workload by workload, with verdicts that hold together (Holm)."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from logreport.analysis.baseline import baselines, fits
from logreport.analysis.crossrun import Doubts
from logreport.analysis.incomparable import incomparable
from logreport.analysis.pooling import Member, any_batch, members, pooled
from logreport.analysis.published import PUBLISHED
from logreport.analysis.ranks import ENOUGH, mann_whitney
from logreport.analysis.ratios import LogSpeed, Ratio, holm, p_values, ratio
from logreport.analysis.results import Comparison, GeometricMean, Workload
from logreport.analysis.sides import MEASURED, log_speed, names, side_of
from logreport.analysis.values import median
from logreport.errors import UsageError
from logreport.runs.tables import Tables

_SURE = 0.05
PER_EXAMPLE = "speed per example, whatever the batch size"


@dataclass(frozen=True)
class Pair:
    """A comparison before its verdict: the shown one, and the ratio that the verdict stands on (None: no interval)."""

    shown: Comparison
    judged: Ratio | None


def compare(
    tables: Tables,
    *,
    baseline: str | None = None,
    margin: float = 0.02,
    run_variation: float = 0.01,
    across_batch_sizes: bool = False,
    labels: Mapping[str, str] | None = None,
) -> list[Comparison]:
    """Speeds of analysed tables against a baseline, for every workload that two sides ran.

    Args:
        tables: as `analyze` leaves them.
        baseline: an expression on the columns of runs, a source, or a label; None: the slowest complete CPU run.
        margin: relative difference that is called the same.
        run_variation: relative SD from run to run, assumed where a side has fewer than three runs.
        across_batch_sizes: compare speed per example whatever the batch size.
        labels: label of each source; then sides are told apart by label, and sources without one are left out.

    Raises:
        UsageError: for a baseline that cannot be read.
    """
    found = members(tables, labels)
    if across_batch_sizes:
        found = any_batch(found)
    if baseline is not None and not any(fits(m, baseline) for m in found):
        raise UsageError(
            f"baseline {baseline!r} is none of the runs", todo="name a run, a label, or an expression"
        )
    groups = pooled([m for m in found if across_batch_sizes or m.workload.batch_size is not None])
    doubts = Doubts(tables)
    pairs = [
        pair
        for workload, sides in groups.items()
        for pair in _of_workload(workload, sides, baseline, run_variation, doubts)
    ]
    return verdicts(pairs, margin) + incomparable(found, [pair.shown for pair in pairs], baseline)


def _of_workload(
    workload: Workload, sides: list[list[Member]], baseline: str | None, run_variation: float, doubts: Doubts
) -> Iterator[Pair]:
    """All sides of one workload against its baseline; nothing where there is none, or nothing else."""
    if len(sides) < 2:
        return
    chosen = baselines(sides, baseline)
    named = {id(side): name for side, name in zip(sides, names(sides), strict=True)}
    for side in sides:
        base = chosen.of(side)
        if base is None or base is side or (baseline is not None and fits(side[0], baseline)):
            continue
        both = (base, named[id(base)]), (side, named[id(side)])
        yield doubted(pair_of(workload, *both, run_variation), base, side, doubts, chosen.how)


def doubted(pair: Pair, base: Sequence[Member], side: Sequence[Member], doubts: Doubts, *notes: str) -> Pair:
    """A pair with what is held against its sides; of two networks it is none."""
    shown = pair.shown
    if why := doubts.other_network(base, side):
        pair, shown = Pair(shown, None), _not_comparable(shown, why)
    return replace(pair, shown=replace(shown, notes=(*notes, *shown.notes, *doubts.between(base, side))))


def _not_comparable(c: Comparison, why: str) -> Comparison:
    """The two sides of a comparison, and why there is none."""
    return Comparison(c.workload, c.baseline, c.side, None, None, None, None, "not comparable", why)


def pair_of(
    workload: Workload,
    base: tuple[Sequence[Member], str],
    side: tuple[Sequence[Member], str],
    run_variation: float,
) -> Pair:
    """One side against one baseline."""
    total = any(m.total for m in (*base[0], *side[0]))
    a, b = side_of(*side, total=total), side_of(*base, total=total)
    notes = (PER_EXAMPLE,) if workload.batch_size is None else ()
    empty = Comparison(workload, b, a, None, None, None, None, "not comparable", notes=notes)
    if total and any(not m.end_to_end for m in (*base[0], *side[0])):
        return Pair(replace(empty, why="total images/sec on one side, step lines on the other"), None)
    value, printed = a.speed.value / b.speed.value, a.as_printed / b.as_printed
    shown = replace(empty, ratio=value, ratio_as_printed=printed, verdict="no difference shown")
    within, judged = (
        (None, None) if total else (_ratio(side[0], base[0], 0.0), _ratio(side[0], base[0], run_variation))
    )
    if within is None or judged is None:
        return Pair(replace(shown, why=_no_interval(base[0], side[0])), None)
    (low, high), (low_runs, high_runs) = within.interval(), judged.interval()
    notes = (*notes, *_assumed(base[0], side[0], run_variation), *_by_ranks(base[0], side[0]))
    shown = replace(shown, low=low, high=high, low_runs=low_runs, high_runs=high_runs, notes=notes)
    return Pair(shown, judged)


def _no_interval(base: Sequence[Member], side: Sequence[Member]) -> str:
    """Why there is no interval."""
    if any(member.facts.get("status_reason") == PUBLISHED for member in (*base, *side)):
        return "no interval: a published number has none"
    return "no interval: a run has too few steps, or only a total"


def _ratio(side: Sequence[Member], base: Sequence[Member], run_variation: float) -> Ratio | None:
    """The ratio of two sides, or None where one has no interval."""
    a: LogSpeed | None = log_speed(side, run_variation)
    b: LogSpeed | None = log_speed(base, run_variation)
    return ratio(a, b) if a is not None and b is not None else None


def _assumed(base: Sequence[Member], side: Sequence[Member], run_variation: float) -> tuple[str, ...]:
    """What the verdict assumes about runs that were not repeated."""
    if min(len(base), len(side)) >= MEASURED or not run_variation:
        return ()
    return (
        f"the verdict assumes that runs vary by {run_variation * 100:g} % (SD); three runs a side would measure it",
    )


def _by_ranks(base: Sequence[Member], side: Sequence[Member]) -> tuple[str, ...]:
    """Medians and Mann–Whitney's p where there are enough runs: what benchstat would say."""
    if min(len(base), len(side)) < ENOUGH:
        return ()
    a, b = [m.speed for m in side], [m.speed for m in base]
    p = mann_whitney(a, b)
    return (
        f"Mann–Whitney over {len(a)} and {len(b)} runs: p = {p:.3g}, medians {median(a):.4g} and {median(b):.4g}",
    )


def verdicts(pairs: Sequence[Pair], margin: float) -> list[Comparison]:
    """Comparisons with their verdicts, with p-values corrected for the number of comparisons."""
    known = [pair for pair in pairs if pair.judged is not None]
    adjusted = iter(holm(p_values([pair.judged for pair in known if pair.judged is not None])))
    return [
        pair.shown if pair.judged is None else _verdict(pair.shown, next(adjusted), margin, len(known))
        for pair in pairs
    ]


def _verdict(c: Comparison, p: float, margin: float, count: int) -> Comparison:
    """Verdict of one comparison: the same where the whole interval lies within the margin, else by its p-value."""
    edge = math.log1p(margin)
    low, high, value = c.low_runs or 0.0, c.high_runs or math.inf, c.ratio or 1.0
    notes = c.notes
    if low > 0 and math.log(low) >= -edge and math.log(high) <= edge:
        verdict = f"the same within {margin * 100:g} %"
    elif p < _SURE:
        verdict = "faster" if value > 1 else "slower"
    else:
        verdict = "no difference shown"
        if not low <= 1 <= high:
            notes = (*notes, f"different alone, but not among {count} comparisons (Holm)")
    return replace(c, verdict=verdict, p=p, notes=notes)


def geometric_means(comparisons: Sequence[Comparison]) -> list[GeometricMean]:
    """Geometric mean of the ratios of each pair of sides that met on two workloads or more.

    Its half width is sqrt(Σh²)/n: the workloads are taken as they are, and their errors as independent.
    """
    pairs: dict[tuple[str, str], list[Comparison]] = {}
    for c in comparisons:
        if c.ratio is not None:
            pairs.setdefault((c.baseline.label, c.side.label), []).append(c)
    result = []
    for (base, side), group in pairs.items():
        if len(group) < 2:
            continue
        value = math.exp(math.fsum(math.log(c.ratio or 1.0) for c in group) / len(group))
        halves = [math.log(c.high_runs / c.low_runs) / 2 for c in group if c.low_runs and c.high_runs]
        half = math.sqrt(math.fsum(h * h for h in halves)) / len(group) if len(halves) == len(group) else None
        low, high = (value * math.exp(-half), value * math.exp(half)) if half is not None else (None, None)
        result.append(GeometricMean(base, side, value, low, high, tuple(c.workload for c in group)))
    return result
