"""Speed over the number of devices, over batch sizes, and over TensorFlow versions, on one kind of machine."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace

from logreport.analysis.pooling import Member, members, pooled
from logreport.analysis.ratios import ratio
from logreport.analysis.results import Side, Workload
from logreport.analysis.sides import log_speed, side_of
from logreport.runs.tables import Tables

_Key = tuple[Workload, tuple[Hashable, ...]]


@dataclass(frozen=True)
class Point:
    """One set-up of a series: `at` devices, examples or version, and its speed against the first of the series.

    `efficiency` is speedup ÷ how many times more devices; None where the series is not over devices.
    """

    at: int | str
    side: Side
    speedup: float
    low: float | None
    high: float | None
    efficiency: float | None


@dataclass(frozen=True)
class Series:
    """Points of one workload on one kind of machine; the varied field is None in `workload`."""

    device: str
    setting: str
    workload: Workload
    points: tuple[Point, ...]


def over_devices(tables: Tables, run_variation: float = 0.01) -> list[Series]:
    """Speedup and efficiency over the number of devices, at one batch size per device (weak scaling)."""

    def split(m: Member) -> tuple[_Key, int]:
        count = m.workload.num_devices or 1
        per_device = (m.workload.batch_size or 0) // count
        return (replace(m.workload, num_devices=None, batch_size=per_device), _machine(m)), count

    return _series(tables, split, run_variation, scaled=True)


def over_batch_sizes(tables: Tables, run_variation: float = 0.01) -> list[Series]:
    """Speed per example over the batch size, all else equal."""

    def split(m: Member) -> tuple[_Key, int]:
        return (replace(m.workload, batch_size=None), _machine(m)), m.workload.batch_size or 0

    return _series(tables, split, run_variation)


def over_versions(tables: Tables, run_variation: float = 0.01) -> list[Series]:
    """TensorFlow versions side by side, oldest first, all else equal; without the folder of the log, which differs."""

    def split(m: Member) -> tuple[_Key, str]:
        return (m.workload, _machine(m, version=False)), str(m.facts.get("framework_version") or "")

    return _series(tables, split, run_variation)


def _machine(m: Member, *, version: bool = True) -> tuple[Hashable, ...]:
    """What must be equal along a series; a run without a device is in none of them."""
    names = (
        "device_kind",
        "device",
        "framework",
        "optimizer",
        "variable_update",
        "data_format",
        "threads",
        "host",
    )
    kind = tuple(_one_name(m.facts.get(n)) for n in names)
    return (*kind, m.facts.get("framework_version") if version else None)


def _one_name(value: object) -> Hashable:
    """A device name without its repetition for several devices of one kind."""
    return str(value).split(" + ")[0] if isinstance(value, str) else str(value)


def _series(
    tables: Tables,
    split: Callable[[Member], tuple[_Key, int | str]],
    run_variation: float,
    *,
    scaled: bool = False,
) -> list[Series]:
    """Series of all members whose split agrees in its first part; the second orders them."""
    groups: dict[_Key, dict[int | str, list[list[Member]]]] = defaultdict(lambda: defaultdict(list))
    for sides in pooled(members(tables)).values():
        for side in sides:
            key, at = split(side[0])
            if side[0].facts.get("device") is not None and at and not side[0].total:
                groups[key][at].append(side)
    return [
        _one(workload, points, run_variation, scaled=scaled)
        for (workload, _), points in groups.items()
        if len(points) > 1
    ]


def _one(
    workload: Workload, points: Mapping[int | str, list[list[Member]]], run_variation: float, *, scaled: bool
) -> Series:
    """One series; where several set-ups share a place in it, the one with the most runs, then the first, is shown."""
    chosen = {at: max(sides, key=len) for at, sides in points.items()}
    order = sorted(chosen, key=_natural)
    first = chosen[order[0]]
    member = first[0]
    found = []
    for at in order:
        side = chosen[at]
        a, b = log_speed(side, run_variation), log_speed(first, run_variation)
        shown = side_of(side, str(at))
        speedup = shown.speed.value / side_of(first, "").speed.value
        low, high = ratio(a, b).interval() if a and b and side is not first else (None, None)
        share = speedup * int(order[0]) / int(at) if scaled else None
        found.append(Point(at, shown, speedup, low, high, share))
    setting = ", ".join(
        str(member.facts[n])
        for n in ("variable_update", "data_format", "framework_version")
        if len({m.facts.get(n) for side in chosen.values() for m in side}) == 1
        and member.facts.get(n) is not None
    )
    return Series(_first_name(member), setting, workload, tuple(found))


def _first_name(member: Member) -> str:
    """Device of a member, once."""
    return str(member.facts["device"]).split(" + ")[0]


def _natural(at: int | str) -> tuple[int, ...]:
    """Order of counts and of versions: 1.9 comes before 1.15."""
    return tuple(int(part) if part.isdigit() else 0 for part in str(at).split("."))
