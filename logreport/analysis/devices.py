"""Doubts about the machine of a run: a GPU that was not used, a CPU that is held back, memory that was not free."""

import re
from collections.abc import Iterator
from typing import Any

from logreport.analysis.findings import add
from logreport.analysis.phases import Row, by_run
from logreport.analysis.values import number, positive
from logreport.runs.tables import Tables

_HEAVY = ("AVX2", "AVX512F", "AVX512", "FMA")  # double or fourfold the peak of a CPU
_FREE = 0.8  # share of the memory free at start, below which somebody else had some
_GIB = 2**30
_MISSING = ("gpu_library_missing", "libraries_missing", "cuda_init_failed", "gpu_skipped", "gpu_error")
_WANTED = ("devices_requested", "devices")
_GPU = re.compile(r"gpu", re.IGNORECASE)
_FLAG = re.compile(r"--?num_gpus[= ]([0-9]+)|--?device[= ]([a-z]+)|--?local_parameter_device", re.IGNORECASE)
Finding = tuple[str, dict[str, Any]]


def check_devices(tables: Tables) -> None:
    """Append every finding about the machine, run by run."""
    devices, environment = by_run(tables, "devices"), by_run(tables, "environment")
    for run in tables.rows("runs"):
        key = run["run_id"], run["source"]
        facts = {str(r["key"]): r for r in environment.get(key, ())}
        for code, place, fields in _doubts(run, devices.get(key, []), facts):
            where = {"run_id": run["run_id"], "source": run["source"], "phase": None}
            add(tables, code, {**where, "line": place.get("line") or run.get("first_line")}, **fields)


def _doubts(run: Row, devices: list[Row], facts: dict[str, Row]) -> Iterator[tuple[str, Row, dict[str, Any]]]:
    """(code, row that shows it, fields) for one run."""
    gpus = [d for d in devices if d.get("kind") == "gpu"]
    if not gpus and (why := gpu_wanted(run, facts)):
        reason = next((facts[k] for k in _MISSING if k in facts), None)
        because = f"; {reason['value']}" if reason else ""
        yield "gpu-not-used", reason or {}, {"why": f"{why}, and the log shows none{because}"}
    features = facts.get("cpu_features_unused")
    on_cpu = not gpus and run.get("device_kind") in ("cpu", None)
    if features is not None and on_cpu:
        heavy = [f for f in re.split(r"[\s,]+", str(features["value"])) if f in _HEAVY]
        if heavy:
            yield "cpu-binary-unoptimized", features, {"features": " and ".join(heavy)}
    for d in gpus:
        total, free = number(d.get("memory_total_bytes")), number(d.get("memory_free_bytes"))
        if positive(total) and total and free is not None and 0 <= free < _FREE * total:
            yield "memory-shared", d, {"device": d.get("name"), "free": free / _GIB, "total": total / _GIB}


def gpu_wanted(run: Row, facts: dict[str, Row]) -> str | None:
    """Why a GPU was to be used, in words; None where nothing says so or the log cannot tell what was used.

    A log without a single line of the runtime (a pasted excerpt) shows no GPU although one may have run.
    """
    if not any(k in facts for k in (*_MISSING, "cpu_features_unused", "cpu_clock_hz")):
        return None
    for key in _WANTED:
        if key in facts and _GPU.search(str(facts[key]["value"])):
            return f"the script was asked for {facts[key]['value']}"
    if run.get("device_kind") == "gpu":
        return "the run is labelled as that of a GPU"
    for gpus, device in (m.groups() for m in [_FLAG.search(str(run.get("command") or ""))] if m):
        if (gpus and int(gpus) > 0 and device != "cpu") or (device and device.lower() == "gpu"):
            return "the command line asks for a GPU"
    return None
