"""How much of the hardware a run uses: speed × operations an image ÷ peak FP32 rate, each figure with its source."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from logreport.analysis.comparison.pooling import Member
from logreport.analysis.hardware.operations import layers_of, operations
from logreport.analysis.measurement.numbers import number
from logreport.analysis.measurement.phases import Phase, Row, by_run, whole
from logreport.scripts import official
from logreport.tables.tables import Tables

_FUSED = 2  # a fused multiply-add is two operations
_TF32 = 8.0  # compute capability from which FP32 products may be computed in TF32
_DEVICE = ("kind", "name", "compute_capability", "core_count", "clock_hz")
_CAVEAT = "clocks above the printed one, and convolutions that save multiplications (Winograd), raise it"


@dataclass(frozen=True)
class Peak:
    """Peak FP32 rate of one device in operations/s, how it was computed, and from what."""

    rate: float
    formula: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Utilisation:
    """Share of the peak that one phase reaches; above 1 the count of operations does not hold, and no share is to be shown.

    `operations` an image, `peak` operations/s over all devices, `speed` images/s; `line` is where the speed stands.
    """

    run_id: str
    source: str
    line: int
    phase: str
    device: str
    speed: float
    operations: int
    peak: float
    share: float
    formula: str
    sources: tuple[str, ...]
    caveat: str


@cache
def catalogue() -> dict[str, Any]:
    """Cores by compute capability, and GPUs by canonical name, with the source of each entry."""
    data: dict[str, Any] = json.loads(Path(__file__).with_name("gpus.json").read_text(encoding="utf-8"))
    return {**data, "gpus": {gpu["name"]: gpu for gpu in data["gpus"]}}


def peak_of(device: Row) -> Peak | None:
    """Peak FP32 rate of a row of the devices table: cores × multiprocessors × clock × 2; None where one is unknown.

    Multiprocessors and clock come from the log; where it does not print them, from the catalogue.
    """
    known = catalogue()["gpus"].get(_name(device), {})
    capability = str(device.get("compute_capability") or known.get("compute_capability"))
    cores = catalogue()["cores_per_multiprocessor"].get(capability)
    count, clock = whole(device.get("core_count")), number(device.get("clock_hz"))
    places = ["multiprocessors and clock from the log"]
    if not count:
        count, places = whole(known.get("multiprocessors")), [f"multiprocessors: {known.get('source')}"]
        places.append("clock from the log" if clock else "clock: as the multiprocessors")
    elif not clock:
        places = ["multiprocessors from the log", f"clock: {known.get('source')}"]
    clock = clock or number(known.get("clock_hz"))
    if cores is None or not count or not clock:
        return None
    formula = f"{count * cores} cores × {clock / 1e9:g} GHz × {_FUSED}"
    source = f"{cores} cores a multiprocessor: {catalogue()['cores_per_multiprocessor_source']}"
    return Peak(cores * count * clock * _FUSED, formula, (source, *places))


def _name(device: Row) -> str:
    """The name of a device as the catalogue has it."""
    return str(device.get("name")).removeprefix("NVIDIA ")


def utilisation(members: Iterable[Member], tables: Tables) -> list[Utilisation]:
    """Every phase with a speed whose device and network are known, at FP32; all others are left out, never guessed."""
    devices, layers = by_run(tables, "devices", *_DEVICE), by_run(tables, "layers")
    found = []
    for member in members:
        key = member.phase.row["run_id"], member.phase.row["source"]
        used = _used([d for d in devices.get(key, ()) if d.get("kind") == "gpu"], member.phase)
        row = _of_phase(member, used, layers.get(key, []))
        if row is not None:
            found.append(row)
    return found


def _used(gpus: list[Row], phase: Phase) -> list[Row]:
    """The GPUs that a run used: as many as it says, else the first."""
    return gpus[: max(1, whole(phase.run.get("num_devices")))]


def _of_phase(member: Member, gpus: list[Row], layers: list[Row]) -> Utilisation | None:
    """Share of the peak of one phase."""
    phase, workload, speed = member.phase, member.workload, member.speed
    if workload.precision != "fp32" or phase.run.get("mixed_precision"):
        return None
    peaks = [peak for peak in map(peak_of, gpus) if peak is not None]
    network = layers_of(workload.benchmark, workload.model, _width(layers))
    if not peaks or len(peaks) != workload.num_devices or network is None:
        return None
    count = operations(network, workload.phase)
    small = official(workload.benchmark).names_model and "imagenet" not in (workload.dataset or "imagenet")
    if count is None or small or not _counts_in_fp32(phase, gpus):
        return None
    rate = sum(peak.rate for peak in peaks)
    devices = f"{len(peaks)} × " if len(peaks) > 1 else ""
    return Utilisation(
        run_id=str(phase.row["run_id"]),
        source=str(phase.row["source"]),
        line=whole(phase.row["line"]),
        phase=workload.phase,
        device=str(phase.run.get("device") or gpus[0]["name"]),
        speed=speed,
        operations=count,
        peak=rate,
        share=speed * count / rate,
        formula=f"{speed:.4g} images/s × {count / 1e9:.4g} GFLOP an image ÷ ({devices}{peaks[0].formula})",
        sources=(f"operations: the layers of {workload.model or 'alexnet'} in the script", *peaks[0].sources),
        caveat=_CAVEAT,
    )


def _width(layers: list[Row]) -> int:
    """Width of conv1's output, 56 where the log does not print it."""
    for row in layers:
        parts = str(row["shape"]).split("x")
        if row["name"] == "conv1" and len(parts) == 4:
            return whole(parts[1]) or 56
    return 56


def _counts_in_fp32(phase: Phase, gpus: list[Row]) -> bool:
    """Whether a run computed in FP32 on a GPU: from compute capability 8.0 on it may be TF32, and no log surely says."""
    known = catalogue()["gpus"]
    capabilities = [d.get("compute_capability") or known[_name(d)]["compute_capability"] for d in gpus]
    return phase.run.get("device_kind") == "gpu" and all((number(c) or 0) < _TF32 for c in capabilities)
