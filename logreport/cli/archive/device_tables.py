"""Devices of an archive as tables: all of them, one in full, two side by side."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from logreport.analysis.comparison.likeness import FACTS, unlike
from logreport.analysis.comparison.set_ups import SetUp
from logreport.analysis.hardware.seen_devices import OF_CPUS, PROPERTIES, SOFTWARE, Change, Device, Seen
from logreport.analysis.results import Workload
from logreport.analysis.study import Study
from logreport.cli.archive.printing import md_of
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import reasons, wording
from logreport.tables.exporting import csv_of, json_bytes, text_of

Rows = list[list[Any]]
Table = tuple[list[str], Rows]
Said = Callable[[str, Any], str]  # a value of a column as text
_HEADS = {
    "clock_hz": "clock", "core_count": "multiprocessors", "memory_total_bytes": "memory",
    "memory_limit_bytes": "memory for TensorFlow", "memory_bandwidth": "bandwidth", "framework_version": "framework",
    "driver_version": "driver", "cuda_version": "CUDA", "cudnn_version": "cuDNN", "cpu_clock_hz": "clock",
    "cpu_features_unused": "unused features", "compute_capability": "compute capability", "uuid": "UUID",
    "serial": "serial number", "vbios": "VBIOS", "ecc": "ECC", "mig": "MIG", "pcie_generation": "PCIe generation",
    "pcie_width": "PCIe lanes", "power_limit_watts": "power limit", "clock_max_hz": "highest clock",
    "memory_clock_max_hz": "memory clock", "compute_mode": "compute mode", "cpu_model": "model", "cpu_sockets": "sockets",
    "cpu_cores": "cores", "cpu_threads": "hardware threads", "cpu_clock_max_hz": "highest clock",
    "cpu_cache_l1d_bytes": "L1 data cache", "cpu_cache_l1i_bytes": "L1 instruction cache", "cpu_cache_l2_bytes": "L2 cache",
    "cpu_cache_l3_bytes": "L3 cache", "cpu_features": "features", "cpu_microcode": "microcode", "cpu_governor": "governor",
    "cpu_boost": "boost",
}  # fmt: skip
_MOST = 3  # values in one cell
_DAYS = 10  # characters of a date


def encoded(study: Study, found: Sequence[Device], form: str, *, named: int = 0) -> bytes:
    """The devices in one of the formats; CSV and JSON have base units, the others are for people.

    Args:
        study: of the runs, with what each device reached.
        found: the devices.
        form: table, csv, json or md.
        named: 1 shows one device in full, 2 two side by side.
    """
    if form == "json":
        data = [asdict(device) | _speeds(study, device) for device in found]
        text = json.dumps(data, default=str, ensure_ascii=False, indent=1)
        return json_bytes(text) + b"\n"
    said = raw if form == "csv" else for_people
    if named == 2:
        heads, rows = side_by_side(study, found[0], found[1], said)
    else:
        heads, rows = in_full(study, found[0], said) if named else overview(found, said)
    return FORMATS[form](heads, rows) if rows else b"no devices\n"


FORMATS: Mapping[str, Callable[[list[str], Rows], bytes]] = {"table": text_of, "csv": csv_of, "md": md_of}


def _speeds(study: Study, device: Device) -> dict[str, Any]:
    """What a device reached, for programs."""
    reached = study.reached(device)
    speeds = [
        {
            "workload": w._asdict(),
            "set_up": _facts(s),
            "speed": s.speed,
            "runs": len(s),
            "places": s.places,
        }
        for w, several in reached.set_ups.items()
        for s in several
    ]
    changes = [
        {
            "what": change.name,
            "before": asdict(change.before),
            "after": asdict(change.after),
            "speeds": [
                {"workload": w._asdict(), "set_up": _facts(one), "before": one.speed, "after": two.speed}
                for w, one, two in study.around(device, change)
            ],
        }
        for change in device.changes
    ]
    return {"changes": changes, "speeds": speeds, "doubted": reached.doubted}


def raw(_name: str, value: object) -> str:
    """A value in its base unit."""
    return fmt.clean(value)


def for_people(name: str, value: Any) -> str:  # noqa: ANN401 - any value of a table
    """A value with its unit."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if name.endswith(("clock_hz", "clock_max_hz")):
        return fmt.frequency(float(value))
    if name == "power_limit_watts":
        return f"{fmt.number(float(value))} W"
    if name.endswith("_bytes"):
        return fmt.size(float(value))
    if name == "memory_bandwidth":
        return f"{fmt.number(float(value) / 1e9)} GB/s"
    return fmt.number(value) if isinstance(value, float) else fmt.clean(value)


def overview(found: Sequence[Device], said: Said) -> Table:
    """A row for each device."""
    shown = ("uuid", "compute_capability", "clock_hz", "core_count", "memory_total_bytes", *SOFTWARE, "host")
    heads = ["device", "kind", "logs", "runs", "first seen", "last seen"]
    heads += [_head(name, said) for name in shown] + ["differs in", "changed"]
    rows = [
        [
            d.name, d.kind, d.logs, d.runs, _day(d.first), _day(d.last),
            *(_values(name, d.facts.get(name, ()), said) for name in shown),
            ", ".join(_head(name, said) for name in d.differing) or None,
            ", ".join(_changed(change, said) for change in d.changes) or None,
        ]
        for d in found
    ]  # fmt: skip
    return heads, rows


def _changed(change: Change, said: Said) -> str:
    """A change with the day from which it was seen: `driver 455.28 → 460.39 (2020-12-03)`."""
    values = f"{said(change.name, change.before.value)} → {said(change.name, change.after.value)}"
    return f"{_head(change.name, said)} {values} ({_day(change.after.first)})"


def _head(name: str, said: Said) -> str:
    """A column's own name where values are in base units."""
    return name if said is raw else _HEADS.get(name, name)


def _day(time: object) -> str | None:
    return None if time is None else str(time)[:_DAYS]


def _values(name: str, values: Sequence[Seen], said: Said) -> str | None:
    """All values in one cell; of many the first, the last and how many."""
    texts = list(dict.fromkeys(said(name, seen.value) for seen in values))
    if len(texts) > _MOST and said is not raw:
        texts = [texts[0], f"… ({len(texts)} values)", texts[-1]]
    return ", ".join(texts) or None


def in_full(study: Study, device: Device, said: Said) -> Table:
    """Each value of one device with when and where it was seen, then its speeds."""
    reached = study.reached(device)
    heads = ["what", "value", "first seen", "last seen", "logs", "source", "line"]
    rows = [row for name, values in device.facts.items() for row in _told(name, values, said)]
    both = _both_data(study)
    for change in device.changes:
        rows.append(["changed", _changed(change, said), _day(change.before.last), _day(change.after.first), None,
            *change.after.place])  # fmt: skip
        for workload, one, two in study.around(device, change):
            ratio = repr(two.speed / one.speed) if said is raw else fmt.ratio(two.speed / one.speed)
            name = f"{_head(change.name, said)} changed: {wording.workload_text(workload, both)}"
            speeds = f"{_rate(one.speed, said)} → {_rate(two.speed, said)} ({ratio})"
            rows.append([name, speeds, None, None, len(one) + len(two), *two.places[0]])
    for workload, several in reached.set_ups.items():
        for set_up in several:
            name = f"{'examples/s, ' if said is raw else ''}{_called(workload, set_up, several, both)}"
            rows.append([name, _rate(set_up.speed, said), None, None, len(set_up), *set_up.places[0]])
    if reached.doubted:
        rows.append(["set-ups left out: an error", str(reached.doubted), *[None] * 5])
    return heads, rows


def _told(name: str, values: Sequence[Seen], said: Said) -> Iterator[list[Any]]:
    for seen in values:
        times = _day(seen.first), _day(seen.last)
        yield [_head(name, said), said(name, seen.value), *times, seen.logs, *seen.place]


def _rate(value: float, said: Said) -> str:
    return repr(value) if said is raw else f"{fmt.number(value)} examples/s"


def side_by_side(study: Study, one: Device, two: Device, said: Said) -> Table:
    """What is known of two devices, and their speeds on what both ran, with the second divided by the first."""
    rows: Rows = []
    for name in dict.fromkeys((*PROPERTIES, *SOFTWARE, *OF_CPUS, "host")):
        values = [_values(name, device.facts.get(name, ()), said) for device in (one, two)]
        if any(values):
            rows.append([_head(name, said), *values, None])
    rows += [
        ["first seen", _day(one.first), _day(two.first), None],
        ["last seen", _day(one.last), _day(two.last), None],
    ]
    rows.append(["runs", str(one.runs), str(two.runs), None])
    ours, theirs = (study.reached(device) for device in (one, two))
    both = _both_data(study)
    for workload, first, second in ours.beside(theirs):
        speeds, ratio = (_rate(s.speed, said) for s in (first, second)), second.speed / first.speed
        differing = fmt.clean(reasons.facts(unlike(first.facts, second.facts)))
        name = ", ".join(filter(None, (wording.workload_text(workload, both), differing)))
        rows.append([name, *speeds, repr(ratio) if said is raw else fmt.ratio(ratio)])
    heads = [d.name if one.name != two.name else f"{d.name} {d.uuid or ''}".rstrip() for d in (one, two)]
    return ["what", *heads, "ratio"], rows


def _facts(set_up: SetUp) -> dict[str, object]:
    """The facts that are known of a set-up."""
    return {name: value for name in FACTS if (value := set_up.facts.get(name)) is not None}


def _both_data(study: Study) -> frozenset[str]:
    """The scripts of which a label says whether the data were real: all, since an archive may get the others any time."""
    return frozenset(s.workload.benchmark for s in study.set_ups)


def _called(workload: Workload, set_up: SetUp, several: Sequence[SetUp], both_data: frozenset[str]) -> str:
    """A workload with the facts that tell a set-up from others."""
    told = [name for name in FACTS if len({s.facts.get(name) for s in several}) > 1]
    words = (fmt.clean(reasons.setting(name, set_up.facts.get(name))) for name in told)
    return ", ".join([wording.workload_text(workload, both_data), *words])
