"""Which side of a workload the others are divided by: a condition, a file, a label, or one device for all of them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from logreport.analysis.comparison.likeness import apart
from logreport.analysis.comparison.pooling import Member
from logreport.analysis.comparison.set_ups import SetUp
from logreport.analysis.results import Remark, Workload
from logreport.errors import UsageError
from logreport.tables.conditions import condition

_EXAMPLE = """for example --baseline "device_kind = 'cpu' and framework_version = '1.15'\""""

MOST_SETUPS = 50  # of one device on one workload, among which the nearest is looked for


class Baselines:
    """What the sides of all workloads are divided by: the same device wherever it ran, whatever its speed.

    Without a condition it is the device that shares most workloads with others, then that which has most (of several a
    CPU, then by name); a workload that it did not run has the next one in this order. Of its set-ups the one counts that is
    nearest to the other side.
    """

    def __init__(self, groups: Mapping[Workload, Sequence[SetUp]], baseline: str | None) -> None:
        self._baseline = baseline
        self._counts = Counter(_setup(side) for sides in groups.values() for side in sides)
        ran = [{_device(side) for side in sides} for sides in groups.values()]
        workloads = Counter(device for devices in ran for device in devices)
        shared = Counter(device for devices in ran if len(devices - {None}) > 1 for device in devices)
        kinds = {_device(side): side.facts.get("device_kind") for sides in groups.values() for side in sides}
        ranked = sorted(
            workloads, key=lambda d: (d is None, -shared[d], -workloads[d], kinds[d] != "cpu", str(d))
        )
        self._rank = {device: i for i, device in enumerate(ranked)}

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices in the order in which they are the baseline."""
        return tuple(str(device) for device in self._rank if device is not None)

    def of(self, sides: Sequence[SetUp]) -> Iterator[tuple[SetUp, SetUp, Remark]]:
        """The sides of a workload that are divided by another one, each with it and how it was chosen.

        Raises:
            UsageError: for a condition that cannot be read, or names no column of the runs.
        """
        if self._baseline is None:
            device = min(map(_device, sides), key=self._rank.__getitem__)
            fitting = [side for side in sides if _device(side) == device]
            candidates = sorted(fitting, key=self._order)
            left = [side for side in sides if side is not candidates[0]]
            how = self._how(device)
        else:
            fitting = [side for side in sides if all(fits(m, self._baseline) for m in side)]
            candidates = sorted(fitting, key=self._order)
            left = [side for side in sides if not fits(side[0], self._baseline)]
            how = Remark("baseline-with", (self._baseline,))
        of_all = _setups(candidates)
        of_device = {_device(c): _setups(o for o in candidates if _device(o) == _device(c)) for c in of_all}
        if self._baseline is None:
            of_device = {device: own[:1] for device, own in of_device.items()}
        for side in left if candidates else ():
            own = of_device.get(_device(side), of_all)
            yield side, min(own, key=lambda c: apart(side.known, c.known)), how

    def _how(self, device: object) -> Remark:
        first = next(iter(self._rank))
        if device is None:
            return Remark("baseline-unknown")
        if len(self._rank) == 1:
            return Remark("baseline-set-up")
        return Remark("baseline-device" if device == first else "baseline-next", (first,))

    def _order(self, side: SetUp) -> tuple[object, ...]:
        """Set-ups of a device in an order that no speed changes: complete ones, those of most workloads, then by name."""
        complete = all(m.facts.get("status") == "complete" for m in side)
        shown = tuple(f"{value:06}" if type(value) is int else str(value) for value in side.known)
        return not complete, -self._counts[_setup(side)], shown, str(side.facts.get("source"))


def _setups(sides: Iterable[SetUp]) -> list[SetUp]:
    """The first side of each of the first set-ups."""
    found: dict[object, SetUp] = {}
    for side in sides:
        if len(found) == MOST_SETUPS:
            break
        found.setdefault(_setup(side), side)
    return list(found.values())


def _device(side: SetUp) -> object:
    return side.facts.get("device")


def _setup(side: SetUp) -> object:
    return _device(side), side.known


def fits(member: Member, baseline: str) -> bool:
    """Whether a run is meant by a baseline: by label, by source or the end of its path, or by a condition.

    Raises:
        UsageError: see `Baselines.of`.
    """
    if not isinstance(baseline, str):
        raise UsageError(f"baseline {baseline!r} is no text", todo=_EXAMPLE)
    source = str(member.facts.get("source"))
    if baseline in (member.facts.get("label"), source) or source.endswith("/" + baseline):
        return True
    return _looks_like_condition(baseline) and condition(baseline).holds(member.facts)


def _looks_like_condition(text: str) -> bool:
    """Whether a baseline compares something; a file that is not among the logs does not."""
    return any(sign in text for sign in ("=", "<", ">", " in ", " like ", " is ", " between "))
