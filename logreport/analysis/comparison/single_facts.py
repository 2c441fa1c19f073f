"""One device's set-ups that differ in one fact, each workload's nearest two: what XLA, a release or a bridge is worth."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from logreport.analysis.comparison.baseline import MOST_SETUPS
from logreport.analysis.comparison.doubts import Doubts
from logreport.analysis.comparison.likeness import FACTS, apart_in
from logreport.analysis.comparison.set_ups import SetUp
from logreport.analysis.comparison.sides import parts_of_names
from logreport.analysis.comparison.speedups import doubted, verdicts
from logreport.analysis.comparison.terms import Terms
from logreport.analysis.results import Comparison, Workload

_Groups = Mapping[Workload, Sequence[SetUp]]


class _Two(NamedTuple):
    """Two set-ups on one workload that differ in one fact."""

    fact: str
    base: SetUp
    side: SetUp

    @property
    def values(self) -> tuple[str, str, str]:
        """The fact and its two values."""
        return self.fact, str(self.base.facts.get(self.fact)), str(self.side.facts.get(self.fact))

    @property
    def order(self) -> tuple[int, float]:
        """Of several that differ in the same: those whose paths are nearest, of these those that are fastest together."""
        return len(self.base[0].words ^ self.side[0].words), -self.base.speed * self.side.speed


def compare_single_facts(groups: _Groups, doubts: Doubts, terms: Terms) -> list[Comparison]:
    """What one fact of a set-up is worth on each device, all else equal as far as it is known.

    Each value of a fact is held against that which most set-ups of the device have. Sides are called by their device and
    the fact.

    Args:
        groups: the set-ups that can be compared, by workload.
        doubts: what is known against their runs.
        terms: how they are compared.
    """
    found = [two for own in _by_device(groups).values() for two in _of_device(own)]
    made = []
    for two in found:
        names = parts_of_names((two.base, two.side))
        named = (two.base, names[0]), (two.side, names[1])
        made.append(doubted(two.base.workload, *named, terms.run_variation, doubts))
    return verdicts(made, terms.margin)


def _by_device(groups: _Groups) -> dict[str, dict[Workload, list[SetUp]]]:
    """The set-ups of each device that is known, by workload, where it has several; of very many the first ones."""
    found: dict[str, dict[Workload, list[SetUp]]] = defaultdict(lambda: defaultdict(list))
    for workload, sides in groups.items():
        for side in sides:
            if (device := side.facts.get("device")) is not None:
                own = found[str(device)][workload]
                if len(own) < MOST_SETUPS:
                    own.append(side)
    return found


def _of_device(own: Mapping[Workload, Sequence[SetUp]]) -> Iterator[_Two]:
    usual = _usual(side for several in own.values() for side in several)
    for several in own.values():
        yield from _nearest(several, usual)


def _usual(sides: Iterable[SetUp]) -> dict[str, str]:
    """The value of each fact that most set-ups have, of several the first by name."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in FACTS}
    for side in sides:
        for name in FACTS:
            counts[name][str(side.facts.get(name))] += 1
    return {name: min(own, key=lambda value: (-own[value], value)) for name, own in counts.items()}


def _nearest(sides: Sequence[SetUp], usual: Mapping[str, str]) -> Iterator[_Two]:
    """Of each two values of a fact the two set-ups that are nearest."""
    found: dict[tuple[str, str, str], list[_Two]] = defaultdict(list)
    for one, two in combinations(sides, 2):
        differing = apart_in(one.known, two.known)
        if len(differing) != 1:
            continue
        (fact,) = differing
        if usual[fact] in (values := [str(side.facts.get(fact)) for side in (one, two)]):
            pair = _Two(fact, one, two) if values[0] == usual[fact] else _Two(fact, two, one)
            found[pair.values].append(pair)
    for several in found.values():
        yield min(several, key=lambda pair: pair.order) if several[1:] else several[0]
