"""Device against device, like with like: on each workload the fastest pair of set-ups that are alike.

Whatever the others are divided by. Where no two are alike, the nearest pair is taken, and what it differs in goes with
it. Two devices that share no batch size are compared by their speed per example, each at its best; of those that share
some, this is known too for the workloads on which they share none.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from logreport.analysis.comparison.baseline import MOST_SETUPS, fits
from logreport.analysis.comparison.doubts import Doubts
from logreport.analysis.comparison.likeness import apart, unlike
from logreport.analysis.comparison.set_ups import SetUp
from logreport.analysis.comparison.sides import batch_of
from logreport.analysis.comparison.speedups import BEST_BATCH, doubted, verdicts
from logreport.analysis.comparison.terms import Terms
from logreport.analysis.results import Comparison, Remark, Workload

MOST = 50  # devices that are paired all with all
_Groups = Mapping[Workload, Sequence[SetUp]]
_Wanted = Callable[[Workload, str, str], bool]
_Devices = dict[str, dict[object, SetUp]]  # the fastest side of each device and set-up


def _all(*_: object) -> bool:
    return True


class LikePair(NamedTuple):
    """Two devices on one workload, each by one set-up; `own` are all set-ups of each, the fastest first."""

    workload: Workload
    one: str
    two: str
    sides: tuple[SetUp, SetUp]
    own: tuple[tuple[SetUp, ...], tuple[SetUp, ...]]

    @property
    def log_ratio(self) -> float:
        """Ln of the speed of `one` over that of `two`."""
        return math.log(self.sides[0].speed / self.sides[1].speed)


def compare_devices(groups: _Groups, per_example: _Groups, doubts: Doubts, terms: Terms) -> list[Comparison]:
    """Every two devices on every workload that both ran; sides are called by their device.

    The device that is faster on the whole is the side, the other the baseline. A run whose log names no device is in
    no pair. Of very many devices those that share most workloads with others are paired.

    Args:
        groups: as for `compare`.
        per_example: the same without their batch size; none where `groups` know of none.
        doubts: what is known against their runs.
        terms: as for `compare`; only pairs of one device that the baseline means and one that it does not mean are made.

    Raises:
        UsageError: for a baseline that cannot be read.
    """
    among = chosen(groups, per_example)
    met = _met(groups, among, terms.baseline)
    best = _met(per_example, among, terms.baseline, lambda _, *two: two not in met)
    made = _made(met, doubts, terms)
    return verdicts(made, terms.margin) + verdicts(_made(best, doubts, terms, BEST_BATCH), terms.margin)


def compare_at_best(
    between: Iterable[Comparison], per_example: _Groups, doubts: Doubts, terms: Terms
) -> list[Comparison]:
    """Devices that share batch sizes, each at its best, on the workloads on which they share none.

    `between` is what `compare_devices` made of the same runs; the rest is as there.
    """
    shared: dict[tuple[str, ...], set[Workload]] = defaultdict(set)
    for c in between:
        if not c.at_best_batch:
            two = tuple(sorted((str(c.side.device), str(c.baseline.device))))
            shared[two].add(c.workload._replace(batch_size=None))
    among = {device for two in shared for device in two}
    rest = _met(per_example, among, None, lambda w, *two: two in shared and w not in shared[two])
    return verdicts(_made(rest, doubts, terms, BEST_BATCH), terms.margin)


def _met(
    groups: _Groups, among: set[str], baseline: str | None, wanted: _Wanted = _all
) -> dict[tuple[str, str], list[LikePair]]:
    """Pairs by their two devices."""
    met: dict[tuple[str, str], list[LikePair]] = defaultdict(list)
    for pair in pairs_of(groups, among, baseline, wanted):
        met[pair.one, pair.two].append(pair)
    return met


def pairs_of(
    groups: _Groups, among: set[str], baseline: str | None = None, wanted: _Wanted = _all
) -> Iterator[LikePair]:
    """The nearest two set-ups of every two devices that are wanted on every workload, of several as near the fastest."""
    for workload, sides in groups.items():
        devices = _devices(sides)
        meant = {d for d, side in _known(sides) if baseline and any(fits(m, baseline) for m in side)}
        for one, two in combinations(sorted(among & devices.keys()), 2):
            if (baseline is None or (one in meant) != (two in meant)) and wanted(workload, one, two):
                own = tuple(devices[one].values()), tuple(devices[two].values())
                yield LikePair(workload, one, two, _nearest(*own), own)


def _nearest(ours: Iterable[SetUp], theirs: Iterable[SetUp]) -> tuple[SetUp, SetUp]:
    """The two set-ups that are nearest to each other; of several as near those that are fastest together."""
    pairs = [(a, b) for a in ours for b in theirs]
    return (
        pairs[0]
        if len(pairs) == 1
        else min(pairs, key=lambda p: (*apart(p[0].known, p[1].known), -p[0].speed * p[1].speed))
    )


def _made(
    met: Mapping[tuple[str, str], Sequence[LikePair]], doubts: Doubts, terms: Terms, *how: Remark
) -> list[Comparison]:
    return [c for own in met.values() for c in _of_two(own, terms.run_variation, doubts, *how)]


def _of_two(
    pairs: Sequence[LikePair], run_variation: float, doubts: Doubts, *how: Remark
) -> Iterator[Comparison]:
    """The comparisons of two devices: that which is faster on the whole is divided by the other."""
    turned = math.fsum(pair.log_ratio for pair in pairs) < 0
    for pair in pairs:
        one, two = (pair.one, pair.sides[0]), (pair.two, pair.sides[1])
        (fast, side), (slow, base) = (two, one) if turned else (one, two)
        named = (base, (slow + batch_of(base[0]),)), (side, (fast + batch_of(side[0]),))
        faster = (_faster(side, own, doubts) for side, own in zip(pair.sides, pair.own, strict=True))
        yield doubted(pair.workload, *named, run_variation, doubts, *how, *filter(None, faster))


def _faster(side: SetUp, own: Sequence[SetUp], doubts: Doubts) -> Remark | None:
    """That its device is faster in another set-up than in the one that is like that of the other device."""
    best = next((one for one in own if doubts.is_sound(one)), side)
    if best.speed <= side.speed:
        return None
    values = str(side.facts["device"]), best.speed / side.speed, unlike(best.facts, side.facts)
    return Remark("faster-otherwise", values)


def _known(sides: Iterable[SetUp]) -> Iterator[tuple[str, SetUp]]:
    """The sides of a workload whose device is known, each with it."""
    for side in sides:
        if (device := side.facts.get("device")) is not None:
            yield str(device), side


def _devices(sides: Iterable[SetUp]) -> _Devices:
    """Of each device, and each set-up of it, the fastest side; of very many set-ups the fastest ones."""
    found: _Devices = defaultdict(dict)
    for device, side in sorted(_known(sides), key=lambda known: -known[1].speed):
        own = found[device]
        if len(own) < MOST_SETUPS:
            own.setdefault(side.known, side)
    return found


def chosen(*groups: _Groups) -> set[str]:
    """The devices that share most workloads with others; by the first groups, and then by the next."""
    counts = [Counter(d for sides in own.values() for d in _shared(sides)) for own in groups]
    every = set().union(*counts)
    return set(sorted(every, key=lambda device: (*(-count[device] for count in counts), device))[:MOST])


def _shared(sides: Iterable[SetUp]) -> set[str]:
    """The devices of a workload, where there are several."""
    devices = {device for device, _ in _known(sides)}
    return devices if len(devices) > 1 else set()
