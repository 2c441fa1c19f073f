"""What the devices of one run did meanwhile: a chart over its seconds, and the same in short."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from logreport.reporting.report import Line, Point, SeriesChart
from logreport.reporting.sections.facts import Facts
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import wording
from logreport.tables.findings import HOLDS
from logreport.tables.schema import CPU

Record = dict[str, Any]
_FEWEST = 3  # looks that a chart can be drawn of


def _is_its_own(row: Record) -> bool:
    """Whether it is of the device; the memory of a CPU is that of the run's processes, which is said once."""
    return (row["device"], row["quantity"]) != (CPU, "memory_used_bytes")


class Quantity(NamedTuple):
    """A quantity as it is shown: what it is called, its unit, and the factor to that."""

    name: str
    unit: str
    factor: float


_SHOWN = {
    "power_watts": Quantity("Power", "W", 1.0),
    "clock_hz": Quantity("Clock", "GHz", 1e9),
    "memory_clock_hz": Quantity("Memory clock", "GHz", 1e9),
    "utilisation": Quantity("Utilisation", "%", 0.01),
    "temperature_celsius": Quantity("Temperature", "°C", 1.0),
    "memory_used_bytes": Quantity("Memory in use", "GiB", float(2**30)),
}


def settings(facts: Facts, run: Record) -> Iterator[tuple[str, str]]:
    """What a run took, and what its devices did, each in a few words; only of the devices that it used."""
    if run["energy_joules"] is not None:
        yield (
            "Energy",
            f"{fmt.number(run['energy_joules'])} J, {fmt.number(run['power_watts'])} W on the mean",
        )
    if run["memory_peak_bytes"] is not None:
        yield "Memory of its processes at most", fmt.size(float(run["memory_peak_bytes"]))
    rows = [r for r in facts.telemetry.get(run["run_id"] or "", ()) if r["used"]]
    for device, several in groupby(rows, key=lambda row: row["device"]):
        words = [
            _words(row, _SHOWN[row["quantity"]])
            for row in several
            if row["quantity"] in _SHOWN and _is_its_own(row)
        ]
        if words:
            yield _called(device), "; ".join(words)


def _called(device: str) -> str:
    """CPU, GPU 0."""
    return fmt.clean(device).upper()


def _words(row: Record, shown: Quantity) -> str:
    low, mean, high = (fmt.number(row[name] / shown.factor) for name in ("low", "mean", "high"))
    name = shown.name.lower()
    if row["quantity"] == "memory_used_bytes":
        return f"{name} {high} {shown.unit} at most"
    return f"{name} {mean} {shown.unit}" if low == high else f"{name} {mean} ({low} to {high}) {shown.unit}"


def series_chart(facts: Facts, run: Record) -> SeriesChart | None:
    """What the devices did over the seconds of a run: their clocks where one was held down, else power, else utilisation."""
    looks: dict[str, list[Record]] = defaultdict(list)
    used = {r["device"] for r in facts.telemetry.get(run["run_id"] or "", ()) if r["used"]}
    for row in facts.looks.get(run["run_id"] or "", ()):
        if row["device"] in used:
            looks[row["device"]].append(row)
    held = [row for rows in looks.values() for row in rows if row["throttled"]]
    for name in ("clock_hz", "power_watts") if held else ("power_watts", "utilisation"):
        known = {d: [r for r in rows if fmt.usable(r[name])] for d, rows in looks.items()}
        known = {device: rows for device, rows in known.items() if len(rows) >= _FEWEST}
        if known:
            return _chart(facts, run, _SHOWN[name], name, known)
    return None


def _chart(
    facts: Facts, run: Record, shown: Quantity, name: str, known: dict[str, list[Record]]
) -> SeriesChart:
    begin = min(rows[0]["time"] for rows in known.values())
    end = max(rows[-1]["time"] for rows in known.values())
    unit, factor = ("min", 60.0) if (end - begin).total_seconds() > 600 else ("s", 1.0)

    def at(row: Record) -> float:
        return float((row["time"] - begin).total_seconds()) / factor

    number = facts.device(wording.device_name(run))
    lines = tuple(
        Line(
            _called(device),
            tuple(
                Point(at(r), r[name] / shown.factor, tip=f"{fmt.number(at(r))} {unit}: {fmt.number(r[name] / shown.factor)} {shown.unit}")
                for r in rows
            ),
            number,
        )
        for device, rows in known.items()
    )  # fmt: skip
    values = [p.y for line in lines for p in line.points]
    held = {
        reason
        for rows in known.values()
        for r in rows
        for reason in HOLDS
        if reason in (r["throttled"] or "")
    }
    spans = tuple(span for rows in known.values() for span in _spans(rows, at))
    low, high = fmt.pair(min(values), max(values))
    why = (
        f"; shaded: held down by {fmt.listed([HOLDS[reason] for reason in HOLDS if reason in held])}"
        if spans
        else ""
    )
    what = f"{shown.name} of {fmt.listed([line.label for line in lines], most=4)}"
    return SeriesChart(
        key=f"telemetry-{run['run_id']}",
        title=f"{shown.name}: from {low} to {high} {shown.unit}"
        if low != high
        else f"{shown.name}: {low} {shown.unit}",
        caption=f"{what}, looked at while it ran{why}. {fmt.clean(run['source'])}",
        alt=f"{what} over the time of the run: {len(values)} looks from {low} to {high} {shown.unit}{why}.",
        unit=shown.unit,
        across=unit,
        lines=lines,
        held=spans,
    )


def _spans(rows: Sequence[Record], at: Callable[[Record], float]) -> Iterator[tuple[float, float]]:
    """From when until when a clock was held down: each time until the next look."""
    ends = [*map(at, rows[1:]), at(rows[-1])]
    parts = groupby(zip(rows, ends, strict=True), key=lambda part: bool(part[0]["throttled"]))
    for is_held, several in parts:
        if is_held:
            these = list(several)
            yield at(these[0][0]), these[-1][1]
