"""What the record of a run says of its devices: which they are, and what they did meanwhile."""

from collections.abc import Iterable, Sequence
from typing import Any

from logreport.runs.machine.devices import address_of, canonical_name
from logreport.runs.run_record import Gpu, RunRecord, Sampled
from logreport.runs.telemetry import Look, thinned
from logreport.scripts import OFFICIAL, official
from logreport.tables.findings import add
from logreport.tables.schema import CPU, JOINT, TABLES
from logreport.tables.tables import Tables

Facts = dict[str, Any]
# Columns of the table `devices` that a record fills where the log does not.
TOLD = (
    "pci_bus_id", "compute_capability", "memory_total_bytes", "uuid", "serial", "vbios", "ecc", "mig", "pcie_generation",
    "pcie_width", "power_limit_watts", "clock_max_hz", "memory_clock_max_hz", "compute_mode",
)  # fmt: skip
MOST_BYTES = 1 << 62  # a record that was damaged may say anything
UNWANTED = ("heat", "hardware", "brake")  # what holds a clock down and was not asked for


def visible(record: RunRecord) -> tuple[Gpu, ...]:
    """The GPUs, or slices of such, that a run could use, in the order that it saw them."""
    there = record.machine.gpus or ()
    parts = [(place, one) for place, gpu in enumerate(there) for one in (gpu.slices or (gpu,))]
    asked = record.environment.get("CUDA_VISIBLE_DEVICES")
    if asked is None:
        return tuple(one for _, one in parts)
    found: list[Gpu] = []
    for name in map(str.strip, asked.split(",")):
        if name.isdigit():
            chosen = [one for place, one in parts if place == int(name)]
        else:
            chosen = [one for _, one in parts if name and (one.uuid or "").startswith(name)]
        if not chosen:
            break  # CUDA sees none of those that are named after one that is not there
        found += chosen[:1]
    return tuple(found)


def add_devices(record: RunRecord, row: Facts, tables: Tables) -> tuple[Gpu, ...]:
    """Fill the rows of the devices of a run with what the record knows of them; where the log names none, add them.

    Returns the GPUs that the run used; where the log does not say which, all that it could use.
    """
    columns = tables.columns["devices"]
    places = rows_of(tables, row)
    gpus = [place for place in places if columns["kind"][place] == "gpu"]
    seen = visible(record)
    if not gpus:
        for index, gpu in enumerate(seen):
            facts = {"kind": "gpu", "name": gpu.name, "index": index, **facts_of(gpu, record)}
            tables.add("devices", run_id=row["run_id"], source=row["source"], **facts)
        return used(seen, row)
    left, known = list(seen), list[Gpu]()
    for place in gpus:
        found = same(left, columns["pci_bus_id"][place], columns["name"][place], record)
        if found is None:
            continue
        left.remove(found)
        known.append(found)
        for name, value in facts_of(found, record).items():
            if columns[name][place] is None:
                columns[name][place] = value
    return used(known, row)


def rows_of(tables: Tables, row: Facts) -> list[int]:
    """The rows of devices of a run; they are the last ones."""
    columns, place = tables.columns["devices"], tables.count("devices")
    key = row["run_id"], row["source"]
    while place and (columns["run_id"][place - 1], columns["source"][place - 1]) == key:
        place -= 1
    return list(range(place, tables.count("devices")))


def same(gpus: Iterable[Gpu], pci: str | None, name: str | None, record: RunRecord) -> Gpu | None:
    """The GPU that a log names: by its address, a slice by that of its GPU; else the first of its name."""
    place, called = address_of(pci), canonical_name(name or "")
    owners = {id(one): gpu for gpu in record.machine.gpus or () for one in (gpu, *gpu.slices)}
    named = [gpu for gpu in gpus if canonical_name(gpu.name) == called]
    if place is None:
        return named[0] if named else None
    here = [gpu for gpu in gpus if address_of(owners[id(gpu)].pci_bus_id) == place]
    return next((gpu for gpu in named if gpu in here), here[0] if here else None)


def facts_of(gpu: Gpu, record: RunRecord) -> Facts:
    """What is known of a GPU, by columns of the table `devices`."""
    facts = {name: getattr(gpu, name) for name in TOLD}
    return {**facts, "driver_version": record.machine.driver}


def used(gpus: Sequence[Gpu], row: Facts) -> tuple[Gpu, ...]:
    """The GPUs of a run among those that it saw: the official scripts say how many, or use the first."""
    if row["benchmark"] not in OFFICIAL:
        return tuple(gpus)
    many = row.get("num_devices") or len(gpus)
    return tuple(gpus[:many] if official(row["benchmark"]).all_devices else gpus[:1])


def add_telemetry(
    record: RunRecord,
    samples: Sequence[Sampled],
    looks: list[Look],
    gpus: Sequence[Gpu],
    row: Facts,
    tables: Tables,
) -> None:
    """Add what was seen of the devices of a run, and to its own row their identity, power and energy.

    Args:
        record: of the run.
        samples: what the series comes to.
        looks: the series.
        gpus: the GPUs that were used.
        row: of the run.
        tables: are added to.
    """
    place = {"run_id": row["run_id"], "source": row["source"]}
    devices = devices_of(record, gpus) if row.get("device_kind") == "gpu" else (CPU,)
    names = {f"gpu {index}": gpu for index, gpu in enumerate(record.machine.gpus or ())}
    for one in samples:
        uuid = names[one.device].uuid if one.device in names else None
        tables.add(
            "telemetry", **place, device=one.device, uuid=uuid, used=one.device in devices, quantity=one.name,
            unit=one.unit, n_samples=one.count, mean=one.mean, low=one.low, high=one.high, joules=one.joules,
        )  # fmt: skip
        reason = one.name.removeprefix("throttled_")
        if reason in UNWANTED and one.device in devices and 0 < one.mean <= 1:
            at = {**place, "line": row["first_line"]}
            add(tables, "throttled", at, device=one.device.upper(), reason=reason, percent=one.mean * 100)
    looks = thinned(looks)
    if looks:
        own = [column.name for column in TABLES["samples"] if column.name not in place]
        columns = dict(zip(own, map(list, zip(*looks, strict=True)), strict=True))
        tables.add_rows("samples", len(looks), **place, **columns)
    row |= of_the_run(record, samples, gpus, devices)


def of_the_run(
    record: RunRecord, samples: Sequence[Sampled], gpus: Sequence[Gpu], devices: Sequence[str]
) -> Facts:
    """Identity, memory, power and energy of a run."""
    facts: Facts = {}
    held = [one.high for one in samples if (one.device, one.name) == (CPU, "memory_used_bytes")]
    if record.end is not None and record.end.memory_peak_bytes:
        held.append(record.end.memory_peak_bytes)
    if held and max(held) < MOST_BYTES:
        facts["memory_peak_bytes"] = int(max(held))
    if CPU not in devices and gpus and all(gpu.uuid for gpu in gpus):
        facts["device_uuid"] = JOINT.join(str(gpu.uuid) for gpu in gpus)
    powers = [one for one in samples if one.name == "power_watts" and one.device in devices]
    if powers and len(powers) == len(devices):
        facts["power_watts"] = sum(one.mean for one in powers)
        if None not in (energy := [one.joules for one in powers]):
            facts["energy_joules"] = sum(filter(None, energy))
    return facts


def devices_of(record: RunRecord, gpus: Iterable[Gpu]) -> tuple[str, ...]:
    """What the series calls some GPUs; a slice has the power of its whole GPU, which is that of no run alone."""
    there = list(record.machine.gpus or ())
    return tuple(f"gpu {there.index(gpu)}" if gpu in there else "" for gpu in gpus)
