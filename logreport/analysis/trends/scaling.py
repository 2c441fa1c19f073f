"""Speed over the number of devices, over batch sizes, and over TensorFlow versions, on one kind of machine."""

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Self

from logreport.analysis.comparison.doubts import Doubts
from logreport.analysis.comparison.likeness import FACTS
from logreport.analysis.comparison.pooling import Member, words_of
from logreport.analysis.comparison.repeats import Repeats, pool
from logreport.analysis.comparison.set_ups import SetUp
from logreport.analysis.comparison.sides import geometric_mean
from logreport.analysis.measurement.numbers import median
from logreport.analysis.results import Side, Workload
from logreport.tables.schema import device_names
from logreport.tables.tables import shared_folder

_Key = tuple[Workload, tuple[Hashable, ...]]
_At = int | str
_Chain = Mapping[_At, "_Worded"]  # a set-up at each place
_SETTINGS = tuple(name for name in FACTS if name not in ("framework", "optimizer"))


class Point(NamedTuple):
    """One set-up of a series: `at` devices, examples or version, and its speed against the first of the series.

    `efficiency` is speedup ÷ how many times more devices; None where the series is not over devices.
    """

    at: int | str
    side: Side
    speedup: float
    low: float | None
    high: float | None
    efficiency: float | None
    repeats: Repeats


@dataclass(frozen=True)
class Series:
    """Points of one workload on one kind of machine; the varied field is None in `workload`.

    Args:
        device: name of one of its devices.
        settings: what all its runs share: threads, and columns of the runs table.
        setup: words of command or path that tell it from other series of this workload and machine.
        differs: words of command or path, without numbers, that not all its runs share.
        workload: of all points; the batch size is that of one device where the series is over devices.
        points: in order.
        is_sound: whether no number in it has an error: only such series are drawn and summed up.
    """

    device: str
    settings: tuple[tuple[str, str], ...]
    setup: str
    differs: tuple[str, ...]
    workload: Workload
    points: tuple[Point, ...]
    is_sound: bool = True


@dataclass(frozen=True)
class Scaling:
    """The series of all runs: over the number of devices (weak, strong), over batch sizes, and over TensorFlow versions."""

    devices: tuple[Series, ...]
    strong: tuple[Series, ...]
    batch_sizes: tuple[Series, ...]
    versions: tuple[Series, ...]


def scaling_of(set_ups: Iterable[SetUp], doubts: Doubts, run_variation: float) -> Scaling:
    """What changes where only one thing does: number of devices, batch size, or TensorFlow version.

    Devices are counted at one batch size per device (weak scaling), and at one batch size of all together (strong);
    several on a CPU are that CPU several times, and no series. A run without a device, and one whose speed is only a total, is in no series.

    Args:
        set_ups: of all runs.
        doubts: what is known against them.
        run_variation: relative SD that is assumed from run to run.
    """
    several = [s for s in set_ups if s.facts.get("device") is not None and not s[0].total]
    folder = shared_folder(str(m.facts["source"]) for s in several for m in s)
    known = [_Worded.of(s, tuple(words_of(m, folder) for m in s)) for s in several]
    own = [one for one in known if one.set_up.facts.get("device_kind") != "cpu"]
    return Scaling(
        tuple(_series(own, _by_devices, doubts, run_variation, scaled=True)),
        tuple(_series(own, _by_devices_together, doubts, run_variation, scaled=True)),
        tuple(_series(known, _by_batch_size, doubts, run_variation)),
        tuple(_series(known, _by_version, doubts, run_variation)),
    )


class _Worded(NamedTuple):
    """A set-up with the words and numbers of each run's command and path, and what must be equal along a series.

    `letters` are those of its first run with numbers cut off.
    """

    set_up: SetUp
    words: tuple[tuple[str, ...], ...]
    machine: tuple[Hashable, ...]
    letters: frozenset[str]

    @classmethod
    def of(cls, set_up: SetUp, words: tuple[tuple[str, ...], ...]) -> Self:
        """A set-up and the words of its runs."""
        return cls(set_up, words, _machine(set_up[0]), frozenset(_letters(words[0])))


def _by_devices(one: _Worded) -> tuple[_Key, _At]:
    w = one.set_up.workload
    count = w.num_devices or 1
    per_device = (w.batch_size or 0) // count
    return (_but(w, per_device, None), one.machine), count


def _by_devices_together(one: _Worded) -> tuple[_Key, _At]:
    w = one.set_up.workload
    return (_but(w, w.batch_size, None), one.machine), w.num_devices or 1


def _by_batch_size(one: _Worded) -> tuple[_Key, _At]:
    w = one.set_up.workload
    return (_but(w, None, w.num_devices), one.machine), w.batch_size or 0


def _by_version(one: _Worded) -> tuple[_Key, _At]:
    *others, version = one.machine
    return (one.set_up.workload, tuple(others)), str(version or "")


@lru_cache(maxsize=1 << 14)  # many set-ups share a workload
def _but(workload: Workload, batch_size: int | None, num_devices: int | None) -> Workload:
    """A workload with these instead."""
    return workload._replace(batch_size=batch_size, num_devices=num_devices)


def _machine(m: Member) -> tuple[Hashable, ...]:
    """Device, host and facts; the version comes last."""
    known = dict(zip(FACTS, m.known, strict=True))
    version = known.pop("framework_version")
    device = _one_name(m.facts.get("device")), m.facts.get("device_kind"), m.facts.get("host")
    return (*device, *known.values(), version)


def _one_name(device: str | None) -> str:
    """A device name without its repetition for several devices of one kind."""
    return (*device_names(device), str(device))[0]


def _series(
    sides: Iterable[_Worded],
    split: Callable[[_Worded], tuple[_Key, _At]],
    doubts: Doubts,
    run_variation: float,
    *,
    scaled: bool = False,
) -> Iterator[Series]:
    """Series of all sides whose split agrees in its first part; the second orders them."""
    groups: dict[_Key, dict[_At, list[_Worded]]] = defaultdict(lambda: defaultdict(list))
    for side in sides:
        key, at = split(side)
        if at:
            groups[key][at].append(side)
    telling = _telling(groups.values())
    for (workload, _), points in groups.items():
        if len(points) == 1:
            continue
        chains = list(_chains(points, telling))
        common = set.intersection(*map(_common, chains)) if chains else set()
        for chain in chains:
            sound = not any(doubts.errors(m) for one in chain.values() for m in one.set_up)
            yield _one(workload, chain, common, run_variation, scaled=scaled, is_sound=sound)


def _telling(groups: Iterable[Mapping[_At, list[_Worded]]]) -> frozenset[str]:
    """Words that tell set-ups apart at some place: wherever they stand, they name another set-up."""
    found: set[str] = set()
    for sides in (sides for points in groups for sides in points.values() if len(sides) > 1):
        found.update(_differs([side.words[0] for side in sides]))
    return frozenset(found)


def _chains(points: Mapping[_At, list[_Worded]], telling: frozenset[str]) -> Iterator[_Chain]:
    """Set-ups in series, one at each place.

    Each first one is followed by the set-up whose command and path are nearest to its own, if it is the nearest of
    that one too, and if both have the same telling words; what is then left forms series of its own.
    """
    left = {at: list(points[at]) for at in sorted(points, key=_natural)}
    while left:
        first = next(iter(left))
        chains = [{first: base} for base in left.pop(first)]
        for at, sides in left.items():
            pairs = _nearest([chain[first] for chain in chains], sides, telling)
            for i, j in pairs:
                chains[i][at] = sides[j]
            taken = {j for _, j in pairs}
            sides[:] = [side for j, side in enumerate(sides) if j not in taken]
        left = {at: sides for at, sides in left.items() if sides}
        yield from (chain for chain in chains if len(chain) > 1)


def _nearest(
    firsts: Sequence[_Worded], sides: Sequence[_Worded], telling: frozenset[str]
) -> list[tuple[int, int]]:
    """Indices of set-ups that are nearest to each other, and to no third one as near."""
    if len(firsts) == len(sides) == 1:  # as mostly
        return [] if _parted(firsts[0], sides[0], telling) else [(0, 0)]
    far = [
        [(_parted(a, b, telling), len(a.set_up[0].words ^ b.set_up[0].words)) for b in sides] for a in firsts
    ]
    found = []
    for i, row in enumerate(far):
        j = row.index(min(row))
        column = [other[j] for other in far]
        if row.count(row[j]) == column.count(row[j]) == 1 and min(column) == row[j] and not row[j][0]:
            found.append((i, j))
    return found


def _parted(a: _Worded, b: _Worded, telling: frozenset[str]) -> bool:
    """Whether telling words differ, with numbers cut off."""
    return not telling.isdisjoint(a.letters ^ b.letters)


def _letters(words: Iterable[str]) -> tuple[str, ...]:
    """Words cut where numbers stand in them: `TF2` is TF."""
    return _letters_of(" ".join(words))


@lru_cache(maxsize=1 << 14)
def _letters_of(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[A-Za-z]+", text))


def _common(chain: _Chain) -> set[str]:
    """Words that all runs of a series share."""
    return set.intersection(*(set(words) for one in chain.values() for words in one.words))


def _one(
    workload: Workload, chain: _Chain, common: set[str], run_variation: float, *, scaled: bool, is_sound: bool
) -> Series:
    """One series; `common` are the words that all series of its kind share."""
    order = sorted(chain, key=_natural)
    first, *others = (chain[at].set_up for at in order)
    found = []
    for at, set_up in zip(order, (first, *others), strict=True):
        speedup = set_up.speed / first.speed
        repeats = Repeats(set_up.log_speeds, first.log_speeds, run_variation)
        ratio = pool([repeats]).ratios[0] if set_up is not first else None
        low, high = ratio.interval() if ratio is not None else (None, None)
        share = speedup * int(order[0]) / int(at) if scaled else None
        found.append(Point(at, set_up.called(str(at)), speedup, low, high, share, repeats))
    runs = [m for one in chain.values() for m in one.set_up]
    telling = _common(chain) - common
    setup = " ".join(dict.fromkeys(w for w in chain[order[0]].words[0] if w in telling))
    differs = _differs([words for one in chain.values() for words in one.words])
    device = _one_name(first.facts["device"])
    return Series(device, _settings(runs), setup, differs, workload, tuple(found), is_sound)


def _settings(runs: Iterable[Member]) -> tuple[tuple[str, str], ...]:
    """The settings that all runs share."""
    values = {name: {m.facts.get(name) for m in runs} for name in _SETTINGS}
    return tuple((name, str(v)) for name, (v, *more) in values.items() if v is not None and not more)


def _differs(words: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Words without numbers that some runs have in their command or path and others not."""
    shared = set.intersection(*(set(_letters(own)) for own in words))
    return tuple(
        w for w in dict.fromkeys(itertools.chain.from_iterable(words)) if w.isalpha() and w not in shared
    )


def _natural(at: _At) -> tuple[int, ...]:
    """Order of counts and of versions: 1.9 comes before 1.15."""
    return tuple(int(part) if part.isdigit() else 0 for part in str(at).split("."))


@dataclass(frozen=True)
class Over:
    """One figure over several workloads: its middle, the least and the most.

    `is_sure` says of a speedup whether its 95 % interval leaves out 1; None where it has none. `count` is how many they are.
    """

    middle: float
    least: float
    most: float
    count: int
    is_sure: bool | None = None


def efficiency(series: Iterable[Series], at: int) -> Over | None:
    """Median of the efficiency at a number of devices; None where no series has so many."""
    found = [p.efficiency for s in series for p in s.points if p.at == at and p.efficiency is not None]
    return Over(median(found), min(found), max(found), len(found)) if found else None


def speedup(points: Iterable[Point]) -> Over:
    """Geometric mean of the speedups of some points of one pair of set-ups, one point at least."""
    own = list(points)
    found = [p.speedup for p in own]
    pooled = pool([p.repeats for p in own])
    mean = pooled.mean if own[1:] else pooled.ratios[0]
    low, high = mean.interval() if mean is not None else (None, None)
    sure = None if low is None or high is None else not low <= 1 <= high
    return Over(geometric_mean(found), min(found), max(found), len(found), sure)
