"""Devices and environment."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from logreport.reporting.report import Cell, Column, Details, Row, Section, Table
from logreport.reporting.sections.facts import Facts, numbers, refs, words
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import wording
from logreport.tables.tables import Tables

Record = dict[str, Any]
_NOT_PRINTED = "the log does not say"
_OF_CARDS = (
    "uuid",
    "serial",
    "vbios",
    "driver_version",
    "ecc",
    "mig",
    "pcie_generation",
    "pcie_width",
    "power_limit_watts",
    "clock_max_hz",
    "memory_clock_max_hz",
    "compute_mode",
)  # fmt: skip - of records
_NOT_RECORDED = "no record of it"
_DEVICE = (
    "kind",
    "compute_capability",
    "clock_hz",
    "core_count",
    "memory_total_bytes",
    "memory_bandwidth",
    *_OF_CARDS,
)
_SCALED: dict[str, Callable[[float | None], str]] = {
    "cpu_clock_hz": fmt.frequency,
    "clock_hz": fmt.frequency,
    "cpu_clock_max_hz": fmt.frequency,
    "memory_total_bytes": fmt.size,
    **dict.fromkeys((f"cpu_cache_{name}_bytes" for name in ("l1d", "l1i", "l2", "l3")), fmt.size),
}


def section(facts: Facts) -> Section:
    """What the logs say about devices and software."""
    made = facts.blocks({"devices": devices_table, "environment": environment_table})
    folded = (Details("What the logs say about devices and software", made),) if made else ()
    return Section("devices", "Devices and environment", folded)


def _plain(name: object) -> str:
    return fmt.clean(name or "").removeprefix("NVIDIA ")


def _merged(tables: Tables) -> list[list[Record]]:
    """Rows of the same device name and properties; a device announced by many runs is one row of the report."""
    columns, groups = tables.columns["devices"], defaultdict[tuple[Any, ...], list[Record]](list)
    alike = zip(map(_plain, columns["name"]), *(columns[k] for k in _DEVICE), strict=True)
    for key, row in zip(alike, tables.rows("devices"), strict=True):
        groups[key].append(row)
    return sorted(groups.values(), key=lambda g: _plain(g[0]["name"]))


def _scaled(values: Sequence[float | None], factor: float, why: str = _NOT_PRINTED) -> list[Cell]:
    return numbers([v / factor if v is not None else None for v in values], why)


def _card(row: Record) -> str:
    """The rest of what a record says of a card: `PCIe 4 ×16, ECC off, VBIOS 94.02.26`."""
    switches = [(name, row[name.lower()]) for name in ("ECC", "MIG")]
    slot = f"PCIe {row['pcie_generation']} ×{row['pcie_width']}" if row["pcie_generation"] else ""
    found = [slot, *(f"{name} {'on' if value else 'off'}" for name, value in switches if value is not None)]
    found += [f"{name} {fmt.clean(row[name.lower()])}" for name in ("VBIOS", "serial") if row[name.lower()]]
    found += [f"compute mode {fmt.clean(row['compute_mode'])}"] if row["compute_mode"] else []
    return ", ".join(filter(None, found))


def devices_table(facts: Facts) -> Iterator[Table]:
    """The devices that the logs describe, with their properties."""
    groups = _merged(facts.tables)
    if not groups:
        return
    firsts = [g[0] for g in groups]
    columns = (
        [words(r["kind"], _NOT_PRINTED) for r in firsts],
        [words(r["compute_capability"], _NOT_PRINTED) for r in firsts],
        _scaled([r["clock_hz"] for r in firsts], 1e9),
        numbers([r["core_count"] for r in firsts], _NOT_PRINTED),
        _scaled([r["memory_total_bytes"] for r in firsts], 2**30),
        _scaled([r["memory_limit_bytes"] for r in firsts], 2**30),
        _scaled([r["memory_bandwidth"] for r in firsts], 1e9),
        _scaled([r["clock_max_hz"] for r in firsts], 1e9, _NOT_RECORDED),
        _scaled([r["memory_clock_max_hz"] for r in firsts], 1e9, _NOT_RECORDED),
        _scaled([r["power_limit_watts"] for r in firsts], 1.0, _NOT_RECORDED),
        [words(r["driver_version"], _NOT_RECORDED) for r in firsts],
        [words(r["uuid"], _NOT_RECORDED) for r in firsts],
        [words(_card(r), _NOT_RECORDED) for r in firsts],
        [Cell(str(len({r["run_id"] for r in g if r["run_id"]}))) for g in groups],
    )
    rows = [Row((_device(facts, g), *(c[i] for c in columns))) for i, g in enumerate(groups)]
    heads = (
        Column("Device"), Column("Kind"), Column("Compute capability"), Column("Clock", "GHz", numeric=True),
        Column("Multiprocessors", numeric=True), Column("Memory", "GiB", numeric=True),
        Column("Used at most", "GiB", numeric=True), Column("Bandwidth", "GB/s", numeric=True),
        Column("Highest clock", "GHz", numeric=True), Column("Memory clock", "GHz", numeric=True),
        Column("Power limit", "W", numeric=True), Column("Driver"), Column("UUID"), Column("Card"),
        Column("Runs", numeric=True),
    )  # fmt: skip
    yield Table("devices", "Devices", heads, tuple(rows), whole="devices").without_empty()


def _device(facts: Facts, group: Sequence[Record]) -> Cell:
    name = _plain(group[0]["name"]) or wording.NO_DEVICE
    places = refs(((r["source"], r["line"]) for r in group), f"properties of {name}")
    return Cell(name, places, device=facts.devices.get(name))


def _value(key: str, value: str) -> str:
    scale = _SCALED.get(key)
    try:
        return scale(float(value)) if scale else fmt.clean(value)
    except ValueError:
        return fmt.clean(value)


def environment_table(facts: Facts) -> Iterator[Table]:
    """Versions, CPU features and the like, each distinct value once with the runs that it holds for."""
    groups: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for r in facts.tables.rows("environment"):
        if (r["key"] or "").startswith("run_"):
            continue  # a measurement of one run, different in each
        groups[r["key"] or "", r["value"] or ""].append(r)
    rows, before = [], None
    for (key, value), group in sorted(groups.items()):
        runs = [facts.run[r["run_id"]] for r in group if r["run_id"] in facts.run]
        named = fmt.listed(list(dict.fromkeys(map(wording.device_name, runs))), most=3)
        name = fmt.clean(key).replace("_", " ")
        places = refs(((r["source"], r["line"]) for r in group), name)
        cells = (Cell(name), Cell(_value(key, value), places), words(named, "outside any run"))
        rows.append(Row(cells, new_group=name != before))
        before = name
    if not rows:
        return
    columns = (Column("What"), Column("Value"), Column("Where"))
    yield Table("environment", "Environment", columns, tuple(rows), whole="environment")
