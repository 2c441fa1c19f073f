"""Doubts about the machine of a run: a GPU that was not used, a CPU that is held back, memory that was not free."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from logreport.analysis.measurement.numbers import number, positive
from logreport.analysis.measurement.phases import Key, Row, by_run
from logreport.runs.machine.used_device import NO_GPU
from logreport.runs.scripts.common import flags_of, literal, whole
from logreport.tables.findings import add
from logreport.tables.tables import Tables

_HEAVY = ("AVX2", "AVX512F", "AVX512", "FMA")  # double or fourfold the peak of a CPU
_FREE = 0.8  # share of the memory free at start, below which somebody else had some
_GIB = 2**30
_ASKED = ("devices", "devices_requested")
_SKIPPED = "no_gpu"  # TensorFlow says that it leaves the GPUs out
_NEEDED = re.compile(r"libcuda|cudart|cublas|cudnn|cufft|curand|cusolver|cusparse", re.IGNORECASE)
_FACTS = frozenset({"cpu_features_unused", "binary_optimized_with", "variables", *NO_GPU, *_ASKED})
_OF_RUNS = ("run_id", "source", "first_line", "framework_version", "device_kind", "command")
_OF_DEVICES = ("kind", "name", "memory_total_bytes", "memory_free_bytes", "memory_limit_bytes", "line")
_HIDDEN = re.compile(r"\bCUDA_VISIBLE_DEVICES=(?:-1)?(?: |$)")  # how the runner keeps GPUs from a run
Finding = tuple[str, dict[str, Any]]


def check_devices(tables: Tables) -> None:
    """Append every finding about the machine, run by run."""
    devices, facts = by_run(tables, "devices", *_OF_DEVICES), _facts(tables)
    for run in tables.rows("runs", *_OF_RUNS):
        key = run["run_id"], run["source"]
        for code, place, fields in _doubts(run, devices.get(key, []), facts.get(key, {})):
            where = {"run_id": run["run_id"], "source": run["source"], "phase": None}
            add(tables, code, {**where, "line": place.get("line") or run.get("first_line")}, **fields)


def _facts(tables: Tables) -> dict[Key, dict[str, Row]]:
    """The facts of the environment that matter here, by run and key."""
    columns = tables.columns["environment"]
    names = ("run_id", "source", "key", "value", "line")
    found: dict[Key, dict[str, Row]] = defaultdict(dict)
    for run_id, source, key, value, line in zip(*map(columns.__getitem__, names), strict=True):
        if key in _FACTS:
            found[run_id, source][key] = {"value": value, "line": line}
    return found


def _doubts(run: Row, devices: list[Row], facts: dict[str, Row]) -> Iterator[tuple[str, Row, dict[str, Any]]]:
    """(code, row that shows it, fields) for one run."""
    gpus = [d for d in devices if d.get("kind") == "gpu"]
    if found := _without_gpu(run, gpus, facts):
        why, reason = found
        yield "gpu-not-used", reason, {"why": why}
    features = facts.get("cpu_features_unused")
    on_cpu = not gpus and run.get("device_kind") in ("cpu", None)
    if features is not None and on_cpu and not _picks_instructions(run, facts):
        heavy = [f for f in re.split(r"[\s,]+", str(features["value"])) if f in _HEAVY]
        if heavy:
            yield "cpu-binary-unoptimized", features, {"features": " and ".join(heavy)}
    for d in gpus:
        total, free = number(d.get("memory_total_bytes")), number(d.get("memory_free_bytes"))
        if positive(total) and total and free is not None and 0 <= free < _FREE * total:
            yield "memory-shared", d, {"device": d.get("name"), "free": free / _GIB, "total": total / _GIB}


def _picks_instructions(run: Row, facts: dict[str, Row]) -> bool:
    """Whether the binary chooses its instructions at run time where it matters, as it says from 2.3 on (oneDNN)."""
    found = re.match(r"(\d+)\.(\d+)", str(run.get("framework_version") or ""))
    recent = found is not None and (int(found[1]), int(found[2])) >= (2, 3)
    return recent or "binary_optimized_with" in facts


def _without_gpu(run: Row, gpus: list[Row], facts: dict[str, Row]) -> tuple[str, Row] | None:
    """Why a run that was to use a GPU did not, and the row that shows it; None where it did or nothing says so."""
    missing = [facts[k] for k in NO_GPU if k in facts and _costs_the_gpu(k, str(facts[k]["value"]))]
    if gpus:
        created = any(d.get("memory_limit_bytes") is not None for d in gpus)
        if created or _SKIPPED not in facts:
            return None
        return f"{gpus[0].get('name')} was found but never opened ({missing[0]['value']})", missing[0]
    if not missing and "cpu_features_unused" not in facts:
        return None  # a pasted excerpt shows no GPU although one may have run
    asked = _asked_for_gpu(run, facts)
    if asked is None:
        return None
    reason = f" ({missing[0]['value']})" if missing else ""
    return f"{asked}, and the log shows none{reason}", missing[0] if missing else {}


def _costs_the_gpu(key: str, value: str) -> bool:
    """Whether a fact keeps TensorFlow from a GPU; a missing library does if it is one of CUDA's own."""
    return key != "missing_libraries" or _NEEDED.search(value) is not None


def _asked_for_gpu(run: Row, facts: dict[str, Row]) -> str | None:
    """What asks for a GPU, in words."""
    flags = flags_of(str(run.get("command") or ""))
    kind = literal(flags, "device")
    if "variables" in facts and _HIDDEN.search(str(facts["variables"]["value"])):
        return None  # who ran it wanted a CPU
    for key in _ASKED:
        if key in facts:
            value = str(facts[key]["value"])
            return f"the script was to use {value}" if "gpu" in value.lower() else None
    if kind is not None:
        return "the command asks for a GPU" if kind.lower().startswith("gpu") else None
    if whole(flags.get("num_gpus")):
        return "the command asks for a GPU"
    return "the run is labelled as that of a GPU" if run.get("device_kind") == "gpu" else None
