"""The repeats of one set-up on one workload, and the one speed that all who show it show."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import NamedTuple, Self

from logreport.analysis.comparison.doubts import Doubts
from logreport.analysis.comparison.likeness import Facts, apart, told_of
from logreport.analysis.comparison.pooling import Member
from logreport.analysis.comparison.ratios import LogSpeed
from logreport.analysis.comparison.sides import geometric_mean, side_of
from logreport.analysis.measurement.numbers import number
from logreport.analysis.measurement.phases import Row
from logreport.analysis.results import Side, Workload
from logreport.tables.schema import device_names


@dataclass(frozen=True)
class Pooled:
    """A value of several runs: their geometric mean, how many they are, and the largest ÷ the least less one."""

    value: float
    runs: int
    spread: float


class SetUp(tuple[Member, ...]):  # noqa: SLOT001 - what is worked out is kept in its __dict__
    """Runs that are repeats of each other, in the order of the tables, and what they come to, which is worked out once."""

    @property
    def workload(self) -> Workload:
        """What they ran."""
        return self[0].workload

    @property
    def facts(self) -> Row:
        """What its runs share, as the first of them has it."""
        return self[0].facts

    @property
    def known(self) -> Facts:
        """The values of the facts that can make it faster than another, as the first has them."""
        return self[0].known

    @cached_property
    def told(self) -> Facts:
        """The values of all facts that are said of it beside another."""
        return told_of(self.facts)

    @cached_property
    def run_ids(self) -> tuple[str, ...]:
        """Which runs they are."""
        return tuple(str(m.phase.row["run_id"]) for m in self)

    @property
    def places(self) -> tuple[tuple[str, int], ...]:
        """Source and line of each of its numbers."""
        return self.side.sources

    @property
    def device(self) -> str | None:
        """The device, once where it is several of one kind; None for one that no log names, or of several kinds."""
        names = set(device_names(self.facts.get("device")))
        return names.pop() if len(names) == 1 else None

    def pooled(self, value: str) -> Pooled | None:
        """A value that phases have, of those runs that have it.

        Args:
            value: examples_per_second, end_to_end_examples_per_second, seconds_per_batch or examples_per_joule.
        """
        found = [v for m in self if (v := _value(m, value)) is not None]
        return Pooled(geometric_mean(found), len(found), max(found) / min(found) - 1) if found else None

    @cached_property
    def speed(self) -> float:
        """Pooled speed, examples/s."""
        return geometric_mean([m.speed for m in self])

    @cached_property
    def log_speeds(self) -> tuple[LogSpeed, ...]:
        """Ln speed of each run, with its error within the run and when it was."""
        return tuple(m.log_speed for m in self)

    @cached_property
    def side(self) -> Side:
        """Its speed with its interval and the places that it comes from, called by its device."""
        return side_of(self, str(self.facts.get("device") or ""))

    def called(self, *name: str) -> Side:
        """The same by another name."""
        own = self.side
        return Side(name, own.run_ids, own.sources, own.speed, own.as_printed, own.device)


def _value(member: Member, name: str) -> float | None:
    if name == "end_to_end_examples_per_second":
        return member.end_to_end
    if name == "examples_per_joule":
        return number(member.phase.row.get("examples_per_joule"))
    if name == "seconds_per_batch":
        batch = member.workload.batch_size
        return batch / member.speed if batch else number(member.phase.row["seconds_per_batch"])
    return member.speed


def pooled(found: Iterable[Member]) -> dict[Workload, list[SetUp]]:
    """Set-ups by workload, each with its repeats."""
    groups: dict[Workload, dict[tuple[object, ...], list[Member]]] = defaultdict(lambda: defaultdict(list))
    for member in found:
        groups[member.workload][member.set_up].append(member)
    return {workload: list(map(SetUp, setups.values())) for workload, setups in groups.items()}


def set_ups(found: Iterable[Member]) -> tuple[SetUp, ...]:
    """The set-ups of some phases; those of one workload stand together."""
    return tuple(chain.from_iterable(pooled(found).values()))


class Kind(NamedTuple):
    """What the cells of a table of devices and networks have in common."""

    phase: str
    precision: str | None
    dataset: str | None
    mixed_precision: bool

    @classmethod
    def of(cls, set_up: SetUp) -> Self:
        """The kind of work of a set-up."""
        w = set_up.workload
        return cls(w.phase, w.precision, w.dataset, bool(set_up.facts.get("mixed_precision")))


def fastest(several: Iterable[SetUp]) -> SetUp:
    """The fastest of some set-ups, the first where several are."""
    return max(several, key=lambda s: s.speed)


@dataclass(frozen=True)
class OnDevice:
    """What a device reached: on each workload its set-ups, of those that differ in no fact the fastest.

    Set-ups with an error are left out and counted.
    """

    set_ups: Mapping[Workload, tuple[SetUp, ...]] = field(default_factory=dict)
    doubted: int = 0

    def beside(self, other: "OnDevice") -> Iterator[tuple[Workload, SetUp, SetUp]]:
        """On each workload that both ran the two set-ups that are nearest, of several as near those that are fastest."""
        for workload, theirs in other.set_ups.items():
            pairs = [(a, b) for a in self.set_ups.get(workload, ()) for b in theirs]
            if pairs:
                yield (
                    workload,
                    *min(
                        pairs,
                        key=lambda p: (
                            *apart(p[0].known, p[1].known),
                            -p[0].speed * p[1].speed,
                        ),
                    ),
                )


def by_device(several: Iterable[SetUp], doubts: Doubts) -> dict[str, OnDevice]:
    """The speeds of each device, by its name; workloads in the order of their words, the fastest set-up first."""
    sound: dict[str, dict[Workload, list[SetUp]]] = defaultdict(lambda: defaultdict(list))
    doubted: dict[str, int] = Counter()
    for one in several:
        if one.device is not None and any(doubts.errors(m) for m in one):
            doubted[one.device] += 1
        elif one.device is not None:
            sound[one.device][one.workload].append(one)
    return {
        device: OnDevice({w: _apart(own[w]) for w in sorted(own, key=str)}, doubted[device])
        for device in (*sound, *doubted)
        for own in [sound[device]]
    }


def _apart(several: Iterable[SetUp]) -> tuple[SetUp, ...]:
    """The fastest of those that differ in no fact."""
    found: dict[object, SetUp] = {}
    for one in sorted(several, key=lambda s: -s.speed):
        found.setdefault(one.known, one)
    return tuple(found.values())
