"""Two sides on all workloads that both ran: what their repeats say about each ratio, and about the geometric mean.

Runs of one session (one day on one machine) share an error that more runs of that session do not show. So speeds are
averaged within sessions where there are several, and where there is one, its share of the assumed variation stays. The
variance between runs is moderated: a workload's own spread and that of the others, weighed by their degrees of freedom
(Smyth 2004). docs/statistics.md has the rule in one piece, and what it achieves.
"""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple

from logreport.analysis.comparison.ratios import LogSpeed, Ratio, ratio, satterthwaite

_GAP = timedelta(hours=12)  # between the starts of two runs, from which they are of two sessions
_SESSION = 0.9**2  # share of a session in the assumed variance
_RUN = 1 - _SESSION
_PRIOR_DF = 1  # weight of the assumed variance
_MOST_LENT = 6  # degrees of freedom that the assumption and the other workloads lend at most
_LIKELY = 0.95  # a spread beyond this quantile of what the others let expect counts alone
_PRIOR_DF_MEAN = 2

Basis = Literal["assumed", "one session", "sessions"]


class Repeats(NamedTuple):
    """The runs of a side and of its baseline on one workload; `variation` is the relative SD assumed between runs."""

    side: tuple[LogSpeed, ...]
    baseline: tuple[LogSpeed, ...]
    variation: float


class Pool(NamedTuple):
    """The ratio of each workload, in the order given, and their geometric mean; None where none can be had.

    `basis` says whether the variance between runs is assumed, or seen in one session, or in several.
    """

    ratios: tuple[Ratio | None, ...]
    mean: Ratio | None
    basis: Basis


class _Spread(NamedTuple):
    """How far the units (runs, or sessions) of both sides lie from their means on one workload.

    `log` is the difference of the means, `shares` 1/k₁ + 1/k₂, `squares` their sum of squares with `df`; `own` the
    variance of one unit by its own interval, or by rounding alone where that is not `known`.
    """

    log: float
    shares: float
    squares: float
    df: int
    own: float
    known: bool


def pool(workloads: Sequence[Repeats]) -> Pool:
    """The ratios side ÷ baseline of one pair of sides on all its workloads, all with the same assumed variation."""
    assumed = workloads[0].variation ** 2
    if all(len(w.side) == len(w.baseline) == 1 for w in workloads):
        return _without_repeats([(w.side[0], w.baseline[0]) for w in workloads], assumed)
    later = [_later_sessions(w.side for w in workloads), _later_sessions(w.baseline for w in workloads)]
    dated = [(_by_session(w.side, later[0]), _by_session(w.baseline, later[1])) for w in workloads]
    if any(len(side) > 1 for pair in dated for side in pair):
        return _of_sessions(dated, assumed)
    return _of_one_session(workloads, assumed)


def _later_sessions(sides: Iterable[Sequence[LogSpeed]]) -> list[datetime]:
    """When each session of a side began but the first."""
    starts = sorted(run.at for runs in sides for run in runs if run.at is not None)
    return [b for a, b in pairwise(starts) if b - a > _GAP]


def _by_session(runs: Iterable[LogSpeed], later: Sequence[datetime]) -> dict[int, LogSpeed]:
    """The mean of the runs of each session; a run without a date adds none, it counts with the first."""
    found: dict[int, list[LogSpeed]] = defaultdict(list)
    for run in runs:
        found[bisect_right(later, run.at) if run.at is not None else 0].append(run)
    return {session: _average(own) for session, own in found.items()}


def _average(runs: Sequence[LogSpeed]) -> LogSpeed:
    """The mean of some runs, with the error that it has by theirs alone."""
    count = len(runs)
    parts = [(r.variance / count**2, r.df) for r in runs]
    return LogSpeed(
        value=math.fsum(r.value for r in runs) / count,
        variance=math.fsum(v for v, _ in parts),
        df=satterthwaite(parts),
        normal=math.fsum(r.normal for r in runs) / count**2,
        known=all(r.known for r in runs),
    )


def _without_repeats(pairs: Sequence[tuple[LogSpeed, LogSpeed]], assumed: float) -> Pool:
    """One run a side: their own errors, and the assumed variation twice."""
    ratios: list[Ratio | None] = []
    for side, base in pairs:
        known = side.known and base.known
        ratios.append(ratio(side, base, 2 * assumed) if known else None)
    count = len(pairs)
    rounding = math.fsum(run.normal for pair in pairs for run in pair) / count**2
    normal = 2 * assumed * (_SESSION + _RUN / count) + rounding
    return Pool(tuple(ratios), _mean(ratios, normal), "assumed")


def _of_one_session(workloads: Sequence[Repeats], assumed: float) -> Pool:
    """Each run is a unit; what its session adds stays assumed, and does not shrink with more runs or workloads."""
    floor = 2 * assumed * _SESSION
    ratios = _moderated([_spread(w.side, w.baseline) for w in workloads], assumed * _RUN, floor)
    return Pool(ratios, _mean(ratios, floor), "one session")


def _of_sessions(dated: Sequence[tuple[dict[int, LogSpeed], dict[int, LogSpeed]]], assumed: float) -> Pool:
    """Each session is a unit: its mean on a workload, and for the geometric mean that over all workloads."""
    spreads = [_spread([*side.values()], [*base.values()]) for side, base in dated]
    ratios = _moderated(spreads, assumed, 0.0)
    sides = [[pair[i] for pair in dated] for i in (0, 1)]
    if any(workload.keys() != side[0].keys() for side in sides for workload in side):
        sessions = [len(set().union(*side)) for side in sides]
        shared = assumed * _SESSION * (1 / sessions[0] + 1 / sessions[1])
        return Pool(ratios, _mean(ratios, shared), "sessions")
    of_all = [[_average([w[session] for w in side]) for session in side[0]] for side in sides]
    spread = _spread(*of_all)
    df = _PRIOR_DF_MEAN + spread.df
    variance = (_PRIOR_DF_MEAN * assumed + spread.squares) / df * spread.shares
    mean = _mean(ratios, 0.0)
    if mean is not None:
        mean = Ratio(mean.log, max(variance, mean.variance), df, 0.0)
    return Pool(ratios, mean, "sessions")


def _spread(side: Sequence[LogSpeed], base: Sequence[LogSpeed]) -> _Spread:
    """What the units of both sides say on one workload."""
    means = [math.fsum(unit.value for unit in units) / len(units) for units in (side, base)]
    squares = math.fsum(
        (unit.value - mean) ** 2 for units, mean in zip((side, base), means, strict=True) for unit in units
    )
    own = [math.fsum(unit.variance + unit.normal for unit in units) / len(units) for units in (side, base)]
    return _Spread(
        log=means[0] - means[1],
        shares=1 / len(side) + 1 / len(base),
        squares=squares,
        df=len(side) + len(base) - 2,
        own=math.fsum(own) / 2,
        known=all(unit.known for unit in (*side, *base)),
    )


def _moderated(spreads: Sequence[_Spread], prior: float, floor: float) -> tuple[Ratio | None, ...]:
    """The ratio of each workload: its own spread with what the assumption (`prior`) and the others make likely.

    A workload with runs that have no interval of their own neither borrows nor lends: the assumption leaves their
    error out. `floor` is the variance that no repeat shows.
    """
    lenders = [s for s in spreads if s.known]
    df, squares = sum(s.df for s in lenders), math.fsum(s.squares for s in lenders)
    ratios: list[Ratio | None] = []
    for s in spreads:
        if s.known:
            variance, own_df = _with_others(s, prior, df - s.df, max(0.0, squares - s.squares))
        elif s.df and s.shares <= 1:  # two units a side
            variance, own_df = max(s.squares / s.df, s.own), s.df
        else:
            ratios.append(None)
            continue
        ratios.append(Ratio(s.log, variance * s.shares, own_df, floor))
    return tuple(ratios)


def _with_others(s: _Spread, prior: float, df: int, squares: float) -> tuple[float, int]:
    """The variance of one unit and its degrees of freedom; the others' sum of squares has `df`."""
    from scipy.special import fdtri

    centre = (_PRIOR_DF * (prior + s.own) + squares) / (_PRIOR_DF + df)
    weight = min(_MOST_LENT, _PRIOR_DF + df)
    if s.df and s.squares / s.df > float(fdtri(s.df, weight, _LIKELY)) * centre:
        return max(s.squares / s.df, s.own), s.df
    return max((weight * centre + s.squares) / (weight + s.df), s.own), weight + s.df


def _mean(ratios: Sequence[Ratio | None], normal: float) -> Ratio | None:
    """The geometric mean: the variances of the ratios as independent, and `normal`, which they share."""
    known = [r for r in ratios if r is not None]
    if len(known) < len(ratios):
        return None
    count = len(known)
    log = math.fsum(r.log for r in known) / count
    parts = [(r.variance / count**2, r.df) for r in known]
    return Ratio(log, math.fsum(v for v, _ in parts), satterthwaite(parts), normal)
