"""Every device that logs name: its properties, software and hosts, each with when and where it was seen.

A device with a UUID is one by itself; those without are one by their name.
"""

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from logreport.errors import UsageError
from logreport.runs.machine.devices import canonical_name
from logreport.tables.schema import device_names
from logreport.tables.tables import Tables

PROPERTIES = (
    "uuid",
    "compute_capability",
    "clock_hz",
    "core_count",
    "memory_total_bytes",
    "memory_limit_bytes",
    "memory_bandwidth",
    "serial",
    "vbios",
    "ecc",
    "mig",
    "pcie_generation",
    "pcie_width",
    "power_limit_watts",
    "clock_max_hz",
    "memory_clock_max_hz",
    "compute_mode",
)  # fmt: skip - columns of the devices table
SOFTWARE = ("framework_version", "driver_version", "cuda_version", "cudnn_version")
OF_CPUS = (
    "cpu_model",
    "cpu_sockets",
    "cpu_cores",
    "cpu_threads",
    "cpu_clock_hz",
    "cpu_clock_max_hz",
    "cpu_cache_l1d_bytes",
    "cpu_cache_l1i_bytes",
    "cpu_cache_l2_bytes",
    "cpu_cache_l3_bytes",
    "memory_total_bytes",
    "cpu_features",
    "cpu_features_unused",
    "cpu_microcode",
    "cpu_governor",
    "cpu_boost",
    "threads",
)  # fmt: skip - keys of the environment
OF_DEVICE = (
    *(name for name in PROPERTIES if name not in ("uuid", "memory_limit_bytes")),
    "driver_version",
    "cpu_microcode",
    "cpu_governor",
    "cpu_boost",
)
NEEDED = ("devices", "environment", "findings", "phases", "runs")  # tables
Place = tuple[str, int | None]  # source and line
_Run = tuple[Any, Any]  # run_id and source
Row = dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """A value: in how many logs, when first and last (None where no log with it has a time), and one place."""

    value: Any
    logs: int
    first: datetime | None
    last: datetime | None
    place: Place


@dataclass(frozen=True)
class Change:
    """A fact of a device that had one value until some time, and another one since a later one."""

    name: str
    before: Seen
    after: Seen


@dataclass(frozen=True)
class Device:
    """A device by its UUID; without one, by its name.

    Args:
        name: canonical name.
        uuid: as its driver says it; None for all those of the name that no record tells apart.
        kind: cpu, gpu, tpu, other, or None.
        logs: how many sources name it.
        runs: how many runs used it.
        first: when it was first seen; None where no log has a time.
        last: when it was last seen.
        facts: values by name, of `PROPERTIES`, `SOFTWARE`, `host`, and of CPUs `OF_CPUS`; oldest first.
    """

    name: str
    uuid: str | None
    kind: str | None
    logs: int
    runs: int
    first: datetime | None
    last: datetime | None
    facts: Mapping[str, tuple[Seen, ...]]

    @property
    def differing(self) -> tuple[str, ...]:
        """What is of the device, or of its driver, and not the same in all announcements."""
        return tuple(name for name in OF_DEVICE if len(self.facts.get(name, ())) > 1)

    def is_of(self, run: Row) -> bool:
        """Whether a run used it; all of one name are used by all runs of that name."""
        uuids = device_names(run.get("device_uuid"))
        is_own = self.uuid in uuids if self.uuid else not uuids or "uuid" in self.facts
        return is_own and self.name in device_names(run.get("device"))

    def undisturbed(self, change: Change) -> tuple[datetime, datetime]:
        """From when until when nothing else changed: the times of the change before and of that after it."""
        at = _early(change.after.first)
        times = [_early(other.after.first) for other in self.changes]
        earlier, later = [time for time in times if time < at], [time for time in times if time > at]
        return max(earlier, default=datetime.min), min(later, default=datetime.max)  # noqa: DTZ901 - of logs, without a zone

    @property
    def changes(self) -> tuple[Change, ...]:
        """What changed, the first first: where values follow each other, and do not come by turns."""
        found = []
        can = (*OF_DEVICE, "host") if self.uuid else OF_DEVICE  # a card moves, a name is in many places
        for name in can if len(self.facts.get("uuid", ())) < 2 else ():  # several have a history each
            dated = [seen for seen in self.facts.get(name, ()) if seen.first is not None]
            for one, two in pairwise(dated):
                if one.last is not None and two.first is not None and one.last < two.first:
                    found.append(Change(name, one, two))
        return tuple(sorted(found, key=lambda change: _early(change.after.first)))


class _Value:
    """A value while it is collected; rows of one log come one after the other, logs in any order."""

    __slots__ = ("first", "last", "logs", "place", "source")

    def __init__(self, place: Place) -> None:
        self.logs, self.source, self.place = 0, "", place
        self.first: datetime | None = None
        self.last: datetime | None = None

    def add(self, place: Place, time: datetime | None) -> None:
        """One more place that says it."""
        if place[0] != self.source:
            self.logs, self.source = self.logs + 1, place[0]
        if time is None:
            is_first = self.first is None and place[0] < self.place[0]
        else:
            is_first = self.first is None or (time, place[0]) < (self.first, self.place[0])
            self.first = time if self.first is None else min(self.first, time)
        self.place = place if is_first else self.place
        if time is not None and (self.last is None or time > self.last):
            self.last = time


class _Sightings:
    """Collects when and where the values of one device were seen."""

    def __init__(self) -> None:
        self.kind: str | None = None
        self.logs = self.runs = 0
        self.sources: set[str] = set()  # of the part that is gone through
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.values: dict[str, dict[Any, _Value]] = defaultdict(dict)

    def add(self, row: Row, facts: Iterable[tuple[str, Any]], time: datetime | None) -> None:
        """One more place that says something."""
        self.sources.add(row["source"])
        if time is not None:
            self.first = time if self.first is None else min(self.first, time)
            self.last = time if self.last is None else max(self.last, time)
        place = row["source"], row.get("line", row.get("first_line"))
        for name, value in facts:
            if value is not None:
                self.values[name].setdefault(value, _Value(place)).add(place, time)

    def end_part(self) -> None:
        """Count the logs that were gone through."""
        self.logs += len(self.sources)
        self.sources.clear()

    def facts(self) -> dict[str, tuple[Seen, ...]]:
        """The values by name, in the order of the documented names, oldest first."""
        order = dict.fromkeys((*PROPERTIES, *SOFTWARE, *OF_CPUS, "host"))
        return {
            name: tuple(
                sorted(
                    (Seen(value, v.logs, v.first, v.last, v.place) for value, v in self.values[name].items()),
                    key=lambda s: (_early(s.first), str(s.value)),
                )
            )
            for name in order
            if name in self.values
        }


def _early(time: datetime | None) -> datetime:
    """What has no time comes last."""
    return time if time is not None else datetime.max  # noqa: DTZ901 - times of logs have no zone


class Card(NamedTuple):
    """Which device it is: by its name, and its UUID where that is known."""

    name: str
    uuid: str | None


def devices(tables: Tables, *, apart: bool = True) -> list[Device]:
    """Every device that tables name, by name; also from logs without a run.

    Args:
        tables: what was read.
        apart: whether those with a UUID are told apart.
    """
    return devices_in([tables], apart=apart)


def devices_in(parts: Iterable[Tables], *, apart: bool = True) -> list[Device]:
    """The same of several tables.

    Args:
        parts: one after the other, so that they need not be in memory together; all rows of a log are in one.
        apart: whether those with a UUID are told apart.
    """
    found: dict[Card, _Sightings] = defaultdict(_Sightings)
    for tables in parts:
        _collect(tables, found, apart=apart)
        for seen in found.values():
            seen.end_part()
    return [
        Device(*card, seen.kind, seen.logs, seen.runs, seen.first, seen.last, seen.facts())
        for card, seen in sorted(found.items(), key=lambda item: (item[0].name.lower(), item[0].uuid or ""))
    ]


def _collect(tables: Tables, found: dict[Card, _Sightings], *, apart: bool) -> None:
    """Take in what some tables say of devices."""
    times = {(row["run_id"], row["source"]): time_of(row) for row in tables.rows("runs")}
    users: dict[_Run, tuple[Card, ...]] = {}  # the devices of each run, and of what stands outside runs
    for row in tables.rows("devices"):
        if row["name"]:
            card = Card(canonical_name(row["name"]), row["uuid"] if apart else None)
            key = row["run_id"], row["source"]
            users[key] = _with(users.get(key, ()), card)
            found[card].kind = row["kind"] or found[card].kind
            told = (*PROPERTIES, "driver_version")
            found[card].add(row, ((n, row[n]) for n in told), times.get(key))
    for run in tables.rows("runs"):
        key = run["run_id"], run["source"]
        for card in used(run, users.get(key, ())):
            users[key] = _with(users.get(key, ()), card)
            found[card].kind = found[card].kind or run["device_kind"]
            found[card].runs += 1
            found[card].add(run, [("framework_version", run["framework_version"])], time_of(run))
    for row in tables.rows("environment"):
        key = row["run_id"], row["source"]
        for card in users.get(key, ()):
            wanted = (*SOFTWARE, "host", *(OF_CPUS if found[card].kind == "cpu" else ()))
            if row["key"] in wanted:
                found[card].add(row, [(row["key"], row["value"])], times.get(key))


def used(run: Row, seen: Iterable[Card]) -> list[Card]:
    """The devices that a run used, of those that stand in its log or its record."""
    uuids, found = device_names(run["device_uuid"]), list[Card]()
    for name in dict.fromkeys(device_names(run["device"])):
        named = [card for card in seen if card.name == name and card.uuid is not None]
        found += [card for card in named if not uuids or card.uuid in uuids] or [Card(name, None)]
    return found


def values_by_run(tables: Tables, device: Device, name: str) -> dict[_Run, Any]:
    """The value of a fact of a device in each run that used it."""
    found: dict[_Run, Any] = {}
    for row in tables.rows("devices"):
        is_own = canonical_name(row["name"] or "") == device.name and device.uuid in (None, row["uuid"])
        if is_own and row.get(name) is not None:
            found[row["run_id"], row["source"]] = row[name]
    for row in tables.rows("environment"):
        if row["key"] == name:
            found.setdefault((row["run_id"], row["source"]), row["value"])
    return found


def time_of(run: Row) -> datetime | None:
    """When a run was, as its log says."""
    time: datetime | None = run["started_at"] or run["ended_at"]
    return time


@functools.cache
def _with(names: tuple[Card, ...], name: Card) -> tuple[Card, ...]:
    """Names and one more; the same tuple for the same names, of which there are few."""
    return names if name in names else (*names, name)


def chosen(found: Sequence[Device], name: str, together: Callable[[], Iterable[Device]]) -> Device:
    """A device by its UUID, or how that begins, or by its name: all of that name where they are several.

    Args:
        found: those with a UUID one by one.
        name: the UUID or the name, or a part of it.
        together: gives all of each name as one.

    Raises:
        UsageError: where there is none, or several names fit.
    """
    fitting = [device for device in found if (device.uuid or "").lower().startswith(name.lower())]
    if len(fitting) == 1:
        return fitting[0]
    one = named({device.name: device for device in found}.values(), name)
    cards = [device for device in found if device.name == one.name]
    return one if len(cards) == 1 else named(together(), one.name)


def named(found: Iterable[Device], name: str) -> Device:
    """The device of that name, or the only one that holds it, whatever the case.

    Raises:
        UsageError: where there is none, or several.
    """
    known = list(found)
    wanted = canonical_name(name).lower()
    fitting = [d for d in known if d.name.lower() == wanted] or [d for d in known if wanted in d.name.lower()]
    if len(fitting) == 1:
        return fitting[0]
    names = ", ".join(d.name for d in fitting or known)
    raise UsageError(
        f"{name!r} is {'no device' if not fitting else 'several devices'}",
        todo=f"name one of {names or 'none'}",
    )
