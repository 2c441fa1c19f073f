"""Every device that logs name: its properties, software and hosts, each with when and where it was seen."""

import functools
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from logreport.errors import UsageError
from logreport.runs.machine.devices import canonical_name
from logreport.tables.schema import device_names
from logreport.tables.tables import Tables

PROPERTIES = (
    "compute_capability",
    "clock_hz",
    "core_count",
    "memory_total_bytes",
    "memory_limit_bytes",
    "memory_bandwidth",
)  # fmt: skip - columns of the devices table
SOFTWARE = ("framework_version", "driver_version", "cuda_version", "cudnn_version")
OF_CPUS = ("cpu_clock_hz", "cpu_features_unused", "threads")
OF_DEVICE = (*(name for name in PROPERTIES if name != "memory_limit_bytes"), "driver_version")
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
class Device:
    """A device by its name.

    Args:
        name: canonical name.
        kind: cpu, gpu, tpu, other, or None.
        logs: how many sources name it.
        runs: how many runs used it.
        first: when it was first seen; None where no log has a time.
        last: when it was last seen.
        facts: values by name, of `PROPERTIES`, `SOFTWARE`, `host`, and of CPUs `OF_CPUS`; oldest first.
    """

    name: str
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


class _Value:
    """A value while it is collected; rows of one log come one after the other."""

    __slots__ = ("first", "last", "logs", "place", "source")

    def __init__(self, place: Place) -> None:
        self.logs, self.source, self.place = 0, "", place
        self.first: datetime | None = None
        self.last: datetime | None = None

    def add(self, place: Place, time: datetime | None) -> None:
        """One more place that says it."""
        if place[0] != self.source:
            self.logs, self.source = self.logs + 1, place[0]
        if time is not None and (self.first is None or time < self.first):
            self.first, self.place = time, place
        if time is not None and (self.last is None or time > self.last):
            self.last = time


class _Sightings:
    """Collects when and where the values of one device were seen."""

    def __init__(self) -> None:
        self.kind: str | None = None
        self.runs = 0
        self.sources: set[str] = set()
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

    def facts(self) -> dict[str, tuple[Seen, ...]]:
        """The values by name, in the order of the documented names, oldest first."""
        order = (*PROPERTIES, *SOFTWARE, *OF_CPUS, "host")
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


def devices(tables: Tables) -> list[Device]:
    """Every device of analysed tables, by name; also from logs without a run."""
    found: dict[str, _Sightings] = defaultdict(_Sightings)
    times = {(row["run_id"], row["source"]): _time(row) for row in tables.rows("runs")}
    users: dict[_Run, tuple[str, ...]] = {}  # the devices of each run, and of what stands outside runs
    for row in tables.rows("devices"):
        if row["name"]:
            name, key = canonical_name(row["name"]), (row["run_id"], row["source"])
            users[key] = _with(users.get(key, ()), name)
            found[name].kind = row["kind"] or found[name].kind
            found[name].add(row, ((n, row[n]) for n in PROPERTIES), times.get(key))
    for run in tables.rows("runs"):
        key = run["run_id"], run["source"]
        for name in dict.fromkeys(device_names(run["device"])):
            users[key] = _with(users.get(key, ()), name)
            found[name].kind = found[name].kind or run["device_kind"]
            found[name].runs += 1
            found[name].add(run, [("framework_version", run["framework_version"])], _time(run))
    for row in tables.rows("environment"):
        key = row["run_id"], row["source"]
        for name in users.get(key, ()):
            wanted = (*SOFTWARE, "host", *(OF_CPUS if found[name].kind == "cpu" else ()))
            if row["key"] in wanted:
                found[name].add(row, [(row["key"], row["value"])], times.get(key))
    return [
        Device(name, seen.kind, len(seen.sources), seen.runs, seen.first, seen.last, seen.facts())
        for name, seen in sorted(found.items(), key=lambda item: item[0].lower())
    ]


def _time(run: Row) -> datetime | None:
    """When a run was, as its log says."""
    time: datetime | None = run["started_at"] or run["ended_at"]
    return time


@functools.cache
def _with(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Names and one more; the same tuple for the same names, of which there are few."""
    return names if name in names else (*names, name)


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
