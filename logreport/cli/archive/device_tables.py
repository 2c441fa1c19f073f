"""Devices of an archive as tables: all of them, one in full, two side by side."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from logreport.analysis.comparison.setups import FACTS, nearness, unlike
from logreport.analysis.hardware.seen_devices import OF_CPUS, PROPERTIES, SOFTWARE, Device, Seen, Speed
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
    "cpu_features_unused": "unused features", "compute_capability": "compute capability",
}  # fmt: skip
_MOST = 3  # values in one cell
_DAYS = 10  # characters of a date


def encoded(found: Sequence[Device], form: str, *, named: int = 0) -> bytes:
    """The devices in one of the formats; CSV and JSON have base units, the others are for people.

    Args:
        found: the devices.
        form: table, csv, json or md.
        named: 1 shows one device in full, 2 two side by side.
    """
    if form == "json":
        text = json.dumps([asdict(device) for device in found], default=str, ensure_ascii=False, indent=1)
        return json_bytes(text) + b"\n"
    said = raw if form == "csv" else for_people
    if named == 2:
        heads, rows = side_by_side(found[0], found[1], said)
    else:
        heads, rows = in_full(found[0], said) if named else overview(found, said)
    return FORMATS[form](heads, rows) if rows else b"no devices\n"


FORMATS: Mapping[str, Callable[[list[str], Rows], bytes]] = {"table": text_of, "csv": csv_of, "md": md_of}


def raw(_name: str, value: object) -> str:
    """A value in its base unit."""
    return fmt.clean(value)


def for_people(name: str, value: Any) -> str:  # noqa: ANN401 - any value of a table
    """A value with its unit."""
    if name.endswith("clock_hz"):
        return fmt.frequency(float(value))
    if name.endswith("_bytes"):
        return fmt.size(float(value))
    if name == "memory_bandwidth":
        return f"{fmt.number(float(value) / 1e9)} GB/s"
    return fmt.number(value) if isinstance(value, float) else fmt.clean(value)


def overview(found: Sequence[Device], said: Said) -> Table:
    """A row for each device."""
    shown = ("compute_capability", "clock_hz", "core_count", "memory_total_bytes", *SOFTWARE, "host")
    heads = ["device", "kind", "logs", "runs", "first seen", "last seen"]
    heads += [_head(name, said) for name in shown] + ["differs in"]
    rows = [
        [
            d.name, d.kind, d.logs, d.runs, _day(d.first), _day(d.last),
            *(_values(name, d.facts.get(name, ()), said) for name in shown),
            ", ".join(_head(name, said) for name in d.differing) or None,
        ]
        for d in found
    ]  # fmt: skip
    return heads, rows


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


def in_full(device: Device, said: Said) -> Table:
    """Each value of one device with when and where it was seen, then its speeds."""
    heads = ["what", "value", "first seen", "last seen", "logs", "source", "line"]
    rows = [row for name, values in device.facts.items() for row in _told(name, values, said)]
    for speed, name in _named(device.speeds):
        nothing = [None, None]
        best, typical = (_rate(value, said) for value in (speed.best, speed.typical))
        if said is raw:
            rows.append([f"best examples/s, {name}", best, *nothing, speed.runs, *speed.place])
            rows.append([f"median examples/s, {name}", typical, *nothing, speed.runs, *nothing])
        else:
            both = best if speed.runs == 1 else f"{best} (median {typical.partition(' ')[0]})"
            rows.append([name, both, *nothing, speed.runs, *speed.place])
    if device.doubted:
        rows.append(["speeds left out: an error", str(device.doubted), *[None] * 5])
    return heads, rows


def _told(name: str, values: Sequence[Seen], said: Said) -> Iterator[list[Any]]:
    for seen in values:
        times = _day(seen.first), _day(seen.last)
        yield [_head(name, said), said(name, seen.value), *times, seen.logs, *seen.place]


def _rate(value: float, said: Said) -> str:
    return repr(value) if said is raw else f"{fmt.number(value)} examples/s"


def side_by_side(one: Device, two: Device, said: Said) -> Table:
    """What is known of two devices, and their median speeds on what both ran, with the second divided by the first."""
    rows: Rows = []
    for name in (*PROPERTIES, *SOFTWARE, *OF_CPUS, "host"):
        values = [_values(name, device.facts.get(name, ()), said) for device in (one, two)]
        if any(values):
            rows.append([_head(name, said), *values, None])
    rows += [
        ["first seen", _day(one.first), _day(two.first), None],
        ["last seen", _day(one.last), _day(two.last), None],
    ]
    rows.append(["runs", str(one.runs), str(two.runs), None])
    for speed, other in _alike(one.speeds, two.speeds):
        name, ratio = wording.workload_text(speed.workload), other.typical / speed.typical
        differing = reasons.facts(unlike(_facts(speed), _facts(other)))
        text = repr(ratio) if said is raw else fmt.ratio(ratio)
        called = f"{name}, {fmt.clean(differing)}" if differing else name
        rows.append([called, _rate(speed.typical, said), _rate(other.typical, said), text])
    return ["what", one.name, two.name, "ratio"], rows


def _facts(speed: Speed) -> dict[str, object]:
    return dict(zip(FACTS, speed.setup, strict=True))


def _named(speeds: Sequence[Speed]) -> Iterator[tuple[Speed, str]]:
    """Each speed with its workload, and the facts that tell its set-up from others of this workload."""
    groups: dict[object, list[Speed]] = defaultdict(list)
    for speed in speeds:
        groups[speed.workload].append(speed)
    for speed in speeds:
        own = list(zip(*(s.setup for s in groups[speed.workload]), strict=True))
        facts = zip(FACTS, speed.setup, own, strict=True)
        told = [reasons.setting(name, value) for name, value, all_of in facts if len(set(all_of)) > 1]
        yield speed, ", ".join([wording.workload_text(speed.workload), *map(fmt.clean, told)])


def _alike(ours: Sequence[Speed], theirs: Sequence[Speed]) -> Iterator[tuple[Speed, Speed]]:
    """Of each workload that both ran the two set-ups that are nearest, and of several as near the fastest."""
    pairs: dict[object, list[tuple[Speed, Speed]]] = defaultdict(list)
    for one in ours:
        for two in theirs:
            if one.workload == two.workload:
                pairs[one.workload].append((one, two))
    for own in pairs.values():
        yield min(own, key=lambda p: (*nearness(*map(_facts, p)), -p[0].typical * p[1].typical))
