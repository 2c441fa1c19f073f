"""One workload on one device over time: its runs in order of their dates, and where the speed changed for good.

Change points: the partition of ln(speed) into stretches with the least sum of squares plus 3 s² ln n for each stretch
(optimal partitioning, Jackson et al. 2005; s from the median difference between neighbours, which no change moves
much). Of these a change counts if the pooled two-sample |t| of the stretches on its two sides is beyond the 99 % point
that `changes.shift` uses, and if it is 2 % at least; the weakest is dropped first.
"""

import calendar
import math
import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, pairwise

from logreport.analysis.comparison.doubts import Doubts
from logreport.analysis.comparison.likeness import FACTS
from logreport.analysis.comparison.pooling import Member
from logreport.analysis.comparison.ratios import ratio
from logreport.analysis.comparison.sides import geometric_mean, mean_speed
from logreport.analysis.findings.changes import EDGE, FEWEST, SHIFT, SMALLEST, critical
from logreport.analysis.measurement.phases import Key, Row, by_run
from logreport.analysis.results import Workload
from logreport.runs.machine.used_device import CONTAINER_ID
from logreport.tables.schema import device_names
from logreport.tables.tables import Tables

_LEAST_SIGMA = 0.002  # speeds that are printed alike are not without noise
LEAST_DAYS = 3  # fewer are a comparison, not a history
SOFTWARE = ("framework_version", "driver_version", "cuda_version", "cudnn_version")
_SETTINGS = ("device_kind", "device", "device_uuid", *(name for name in FACTS if name != "framework_version"))
_CALENDAR = {
    name.lower()
    for names in (calendar.month_name, calendar.month_abbr, calendar.day_name, calendar.day_abbr)
    for name in names
}


@dataclass(frozen=True)
class Run:
    """A run at a time of its log, with its speed in examples/s and the 95 % interval within it."""

    at: datetime
    run_id: str
    source: str
    line: int | None
    speed: float
    low: float | None
    high: float | None
    software: Mapping[str, str]


@dataclass(frozen=True)
class Stretch:
    """Runs between which the speed did not change."""

    runs: tuple[Run, ...]

    @property
    def speed(self) -> float:
        """Their geometric mean, examples/s."""
        return geometric_mean([run.speed for run in self.runs])


@dataclass(frozen=True)
class Turn:
    """A change of speed: `index` of the first run after it; speed after ÷ before, with the 95 % interval of the ratio.

    The interval says how far the runs on both sides differ, taking the place of the change as known. `changed` is
    what no run after it shares with a run before it.
    """

    index: int
    ratio: float
    low: float
    high: float
    changed: tuple[tuple[str, str, str], ...]  # what, the last value before, the first after


@dataclass(frozen=True)
class Course:
    """All dated runs of one workload on one device and set-up, oldest first, and where their speed changed.

    `card` is the UUID of the device, where a record knows it: equal cards have a history each.
    """

    device: str
    card: str | None
    workload: Workload
    setup: tuple[str, ...]
    runs: tuple[Run, ...]
    turns: tuple[Turn, ...]

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """The runs between the changes."""
        ends = [0, *(turn.index for turn in self.turns), len(self.runs)]
        return tuple(Stretch(self.runs[a:b]) for a, b in pairwise(ends))

    @property
    def largest(self) -> Turn | None:
        """The change that is farthest from none."""
        return max(self.turns, key=lambda turn: abs(turn.ratio - 1), default=None)


def courses(found: Sequence[Member], doubts: Doubts, tables: Tables) -> list[Course]:
    """The history of every workload that was run on three days or more; longest first.

    A run without a date or a device is in none; nor is one with an error, whose speed is no result.
    """
    several: dict[Hashable, list[Member]] = defaultdict(list)
    for m in found:
        if _time(m) is not None and m.facts.get("device") and not m.total and not doubts.errors(m):
            several[m.workload, m.facts["device"]].append(m)
    groups: dict[Hashable, list[Member]] = defaultdict(list)
    for m in chain.from_iterable(own for own in several.values() if _is_history(own)):
        groups[_key(m)].append(m)
    histories = [group for group in groups.values() if _is_history(group)]
    environment = by_run(tables, "environment") if histories else {}
    made = [_course(group, environment) for group in histories]
    return sorted(made, key=lambda c: (-len(c.runs), c.device, str(c.workload)))


def _time(member: Member) -> datetime | None:
    """When a run was, as its log says."""
    return member.facts.get("started_at") or member.facts.get("ended_at")


def _key(member: Member) -> Hashable:
    """What the runs of one history share: all but time and software."""
    settings = tuple(str(member.facts.get(name)) for name in _SETTINGS)
    host = str(member.facts.get("host") or "")
    return member.workload, settings, "" if CONTAINER_ID.fullmatch(host) else host, _setup(member)


def _setup(member: Member) -> tuple[str, ...]:
    """The command; without one the words of the path, but for numbers and names of days and months."""
    if member.facts.get("command"):
        return tuple(str(member.facts["command"]).split())
    words = re.findall(r"[A-Za-z]+", str(member.facts.get("source")))
    return tuple(word for word in words if word.lower() not in _CALENDAR)


def _is_history(group: Sequence[Member]) -> bool:
    return len({time.date() for m in group if (time := _time(m)) is not None}) >= LEAST_DAYS


def _course(group: Sequence[Member], environment: Mapping[Key, Sequence[Row]]) -> Course:
    """One history; repeats of one moment stay in the order of their paths."""
    dated = sorted(((time, m) for m in group if (time := _time(m)) is not None), key=lambda pair: pair[0])
    ordered = [m for _, m in dated]
    runs = tuple(_run(m, time, environment) for time, m in dated)
    device = device_names(ordered[0].facts["device"])[0]
    turns = tuple(_turn(ordered, runs, start, split, stop) for start, split, stop in _bounds(ordered))
    return Course(
        device, ordered[0].facts.get("device_uuid"), ordered[0].workload, _setup(ordered[0]), runs, turns
    )


def _run(member: Member, time: datetime, environment: Mapping[Key, Sequence[Row]]) -> Run:
    row = member.phase.row
    own = environment.get((row["run_id"], row["source"]), ())
    said = {**member.facts, **{str(r["key"]): r["value"] for r in own}}
    software = {name: str(said[name]) for name in SOFTWARE if said.get(name) is not None}
    low, high = (row.get(f"examples_per_second_{end}") for end in ("low", "high"))
    return Run(time, str(row["run_id"]), str(row["source"]), row["line"], member.speed, low, high, software)


def _bounds(ordered: Sequence[Member]) -> list[tuple[int, int, int]]:
    """Each change with the changes before and after it, as indices."""
    x = [math.log(m.speed) for m in ordered]
    ends = _partition(x) if len(x) >= FEWEST else [0, len(x)]
    while len(ends) > 2:
        excess, weakest = min((_excess(x, *ends[i - 1 : i + 2]), i) for i in range(1, len(ends) - 1))
        if excess > 0:
            break
        del ends[weakest]
    return list(zip(ends, ends[1:], ends[2:], strict=False))


def _partition(x: Sequence[float]) -> list[int]:
    """Where the stretches of the best partition begin, and the end: each is two values long at least."""
    import numpy as np

    values, count = np.asarray(x), len(x)
    sigma = max(1.4826 * float(np.median(np.abs(np.diff(values)))) / math.sqrt(2), _LEAST_SIGMA)
    penalty = 3 * sigma**2 * math.log(count)
    sums, squares = (
        np.concatenate(([0.0], np.cumsum(v))) for v in (values - values.mean(), (values - values.mean()) ** 2)
    )
    cost, begins = np.full(count + 1, math.inf), np.zeros(count + 1, dtype=int)
    cost[0] = 0.0
    for end in range(EDGE, count + 1):
        starts = np.arange(end - EDGE + 1)
        inside = squares[end] - squares[starts] - (sums[end] - sums[starts]) ** 2 / (end - starts)
        all_costs = cost[starts] + inside + penalty
        begins[end] = int(np.argmin(all_costs))
        cost[end] = all_costs[begins[end]]
    ends = [count]
    while ends[0] > 0:
        ends.insert(0, int(begins[ends[0]]))
    return ends


def _excess(x: Sequence[float], start: int, split: int, stop: int) -> float:
    """How far |t| between two stretches is beyond its critical value; below 0 for a change that does not count."""
    a, b = x[start:split], x[split:stop]
    means = [math.fsum(side) / len(side) for side in (a, b)]
    size = means[1] - means[0]
    if stop - start < FEWEST or abs(math.expm1(size)) < SMALLEST:
        return -math.inf
    residual = math.fsum((v - mean) ** 2 for side, mean in zip((a, b), means, strict=True) for v in side)
    variance = max(residual / (stop - start - 2), 1e-18) * (1 / len(a) + 1 / len(b))
    return abs(size) / math.sqrt(variance) - critical(SHIFT, stop - start)


def _turn(ordered: Sequence[Member], runs: Sequence[Run], start: int, split: int, stop: int) -> Turn:
    """The change at `split`, from the runs on its two sides."""
    before, after = ordered[start:split], ordered[split:stop]
    low, high = ratio(mean_speed(after), mean_speed(before)).interval()
    value = geometric_mean([m.speed for m in after]) / geometric_mean([m.speed for m in before])
    return Turn(split, value, low, high, tuple(_changed(runs[start:split], runs[split:stop])))


def _changed(before: Sequence[Run], after: Sequence[Run]) -> Iterator[tuple[str, str, str]]:
    """Software that no run after a change shares with one before it, of what the logs of both say."""
    for name in SOFTWARE:
        old, new = ([run.software[name] for run in side if name in run.software] for side in (before, after))
        if old and new and not set(old) & set(new):
            yield name, old[-1], new[0]
