"""What the devices of a run did while its steps ran: power, and what held their clocks down when these got slower."""

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from logreport.analysis.measurement.measure import Measured
from logreport.analysis.measurement.numbers import number, positive
from logreport.analysis.measurement.phases import Phase, Row, by_run
from logreport.analysis.measurement.windows import Windows
from logreport.tables.tables import Tables

Spent = tuple[datetime, datetime]  # from when until when
_APART = timedelta(seconds=2)  # by which the times of a log may lie outside of its series
_HELD = 0.5  # share of the looks in which a clock was held down, from which that is named as a cause
_MORE = 0.25  # by how much this share must be larger than before
_REASONS = ("heat", "hardware", "brake", "power", "sync")


@dataclass(frozen=True)
class Telemetry:
    """What was seen of the devices that one run used: by device its looks, in the order of their times."""

    looks: dict[str, list[Row]] = field(default_factory=dict)

    @cached_property
    def whole(self) -> Spent | None:
        """From the first look to the last."""
        times = [look["time"] for rows in self.looks.values() for look in rows]
        return (min(times), max(times)) if times else None

    def power(self, spent: Spent) -> float | None:
        """Mean power of all devices together in watts; None where that of one is not known."""
        powers = [_power(rows, *spent) for rows in self.looks.values()]
        return math.fsum(filter(None, powers)) if powers and None not in powers else None

    def ends(self, phase: Phase, windows: Windows) -> list[datetime] | None:
        """When each window ended and, before them, when the first began: by its time stamps, else counted back from the end.

        None where its step times are not known, or its time stamps are those of another clock.
        """
        if self.whole is None or not windows.steps or not phase.batch:
            return None
        times_of = zip(phase.lines.values("row"), phase.lines.values("timestamp"), strict=True)
        stamps = {row: time for row, time in times_of if time is not None}
        seconds = [n * w for n, w in zip(windows.steps, windows.seconds, strict=True)]
        begin, end = self.whole
        found = [stamps[row] for row in windows.rows if row in stamps]
        if len(found) == len(windows.rows) and begin - _APART <= found[0] and found[-1] <= end + _APART:
            return [found[0] - timedelta(seconds=seconds[0]), *found]
        times = [end]
        for one in reversed(seconds):
            times.append(times[-1] - timedelta(seconds=one))
        return times[::-1] if times[-1] >= begin - _APART else None

    def cause(self, before: Spent, after: Spent) -> dict[str, Any] | None:
        """What held the clock of a device down in some time, and not as much in a time before; None where nothing did.

        The device, the reason, in what share of the looks, and its mean clock in both times.
        """
        found = []
        for device, rows in self.looks.items():
            parts = [[row for row in rows if a <= row["time"] <= b] for a, b in (before, after)]
            for place, reason in enumerate(_REASONS):
                shares = [_share(part, reason) for part in parts]
                if None in shares:
                    continue
                was, now = (float(share or 0) for share in shares)
                if now >= _HELD and now - was >= _MORE:
                    clocks = [_mean([number(row["clock_hz"]) for row in part]) for part in parts]
                    found.append((-now, place, device, reason, clocks))
        if not found:
            return None
        share, _, device, reason, clocks = min(found, key=lambda one: one[:3])
        return {"device": device, "reason": reason, "share": -share * 100, "clocks": clocks}


def telemetry_of(tables: Tables) -> dict[tuple[object, ...], Telemetry]:
    """What was seen of the devices that were used, by run and source."""
    found: dict[tuple[object, ...], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    if not tables.count("samples"):
        return {}
    used = {
        key: {row["device"] for row in rows if row["used"]}
        for key, rows in by_run(tables, "telemetry").items()
    }
    for row in tables.rows("samples"):
        key = row["run_id"], row["source"]
        if row["device"] in used.get(key, ()) and row["time"] is not None:
            found[key][row["device"]].append(row)
    return {key: Telemetry(dict(looks)) for key, looks in found.items()}


def fill_power(tables: Tables, phase: Phase, measured: Measured, seen: Telemetry) -> None:
    """Write power and examples per joule of one phase."""
    ends = seen.ends(phase, measured.kept)
    watts = seen.power((ends[0], ends[-1])) if ends else None
    if watts is None:
        watts = number(phase.run.get("power_watts"))
    columns = tables.columns["phases"]
    columns["power_watts"][phase.index] = watts
    speed = number(columns["examples_per_second"][phase.index])
    if positive(watts) and positive(speed):
        columns["examples_per_joule"][phase.index] = float(speed or 0) / float(watts or 1)


def _power(rows: Sequence[Row], begin: datetime, end: datetime) -> float | None:
    """Mean power from a time to another: by the energy at both, else by the looks between."""
    known = [(row["time"], float(row["joules"])) for row in rows if number(row["joules"]) is not None]
    if len(known) > 1 and begin < end:
        begin, end = max(begin, known[0][0]), min(end, known[-1][0])
        seconds = (end - begin).total_seconds()
        return (_at(known, end) - _at(known, begin)) / seconds if seconds > 0 else None
    return _mean([number(row["power_watts"]) for row in rows if begin <= row["time"] <= end])


def _at(known: Sequence[tuple[datetime, float]], time: datetime) -> float:
    """The energy at a time, on a straight line between two looks."""
    i = min(max(1, bisect_left(known, (time, 0.0))), len(known) - 1)
    (t0, e0), (t1, e1) = known[i - 1], known[i]
    return e0 + (e1 - e0) * ((time - t0) / (t1 - t0)) if t1 > t0 else e1


def _share(rows: Sequence[Row], reason: str) -> float | None:
    """The share of some looks in which a clock was held down for a reason; None for fewer than two that know."""
    known = [reason in row["throttled"] for row in rows if row["throttled"] is not None]
    return math.fsum(known) / len(known) if len(known) > 1 else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if known else None
