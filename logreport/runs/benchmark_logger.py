"""The JSON files of --benchmark_log_dir: the same facts as the log of tf_cnn_benchmarks, in another form.

Source: tensorflow/models, official/utils/logs/logger.py.
"""

import json
from datetime import datetime
from typing import Any

from logreport.runs.alexnet import row_of
from logreport.runs.common import whole
from logreport.runs.run import Run
from logreport.runs.tables import Tables

LONGEST = 18  # digits of a whole number
SPEED = "current_examples_per_sec"  # cumulative since warm-up, as in the step lines


def objects(run: Run, kind: str) -> list[tuple[int, dict[str, Any]]]:
    """Line and object of each line of a kind; a damaged object is left out, its line stays in the records."""
    found = []
    for match, fields in run.of_kind(f"benchmark_logger.{kind}"):
        try:
            value = json.loads(next(iter(fields.values())), parse_int=small)
        except ValueError:
            continue
        if isinstance(value, dict):
            found.append((match.line, value))
    return found


def small(digits: str) -> int | None:
    """A whole number that a table can hold; a longer one is damage."""
    return int(digits) if len(digits) <= LONGEST else None


def parameters(value: dict[str, Any]) -> dict[str, Any]:
    """The run parameters by name: each is an object with its name and one typed value."""
    return {
        item["name"]: next((part for key, part in item.items() if key.endswith("_value")), None)
        for item in value.get("run_parameters", [])
        if isinstance(item, dict) and "name" in item
    }


def facts(run: Run, _flags: dict[str, str]) -> dict[str, Any]:
    """What the runs table says."""
    for _, value in objects(run, "run"):
        given = parameters(value)
        gpu = (value.get("machine_config") or {}).get("gpu_info") or {}
        version = (value.get("tensorflow_version") or {}).get("version")
        devices = str(given.get("devices", ""))
        return {
            "benchmark": "tf_cnn_benchmarks",
            "model": value.get("model_name"),
            "mode": given.get("mode", "training"),
            "dataset": (value.get("dataset") or {}).get("name"),
            "batch_size": given.get("batch_size"),
            "batch_size_per_device": whole(str(given.get("batch_size_per_device", ""))),
            "num_devices": devices.count("/") or None,
            "optimizer": given.get("optimizer"),
            "data_format": given.get("data_format"),
            "framework_version": version,
            "framework_version_source": "printed" if version else None,
            "device_kind": "gpu" if "gpu" in devices else "cpu" if devices else None,
            "device": gpu.get("model") if "gpu" in devices else None,
            "device_source": "log" if gpu.get("model") else None,
        }
    return {"benchmark": "tf_cnn_benchmarks", "mode": "training"}


def status(_run: Run) -> tuple[str, str]:
    """The files do not say whether the run ended."""
    return "unknown", "the logger's files have no last line"


def moment(text: object) -> datetime | None:
    """A time stamp in UTC, without its zone."""
    try:
        return datetime.fromisoformat(str(text)).replace(tzinfo=None)
    except ValueError:
        return None


def build(run: Run, row: dict[str, Any], tables: Tables) -> None:
    """Add the steps with their speed and loss, one phase, and the evaluations."""
    about = {**row_of(row), "phase": "training"}
    last: tuple[int, dict[str, Any]] | None = None
    accuracies: dict[int | None, dict[str, Any]] = {}
    for line, value in objects(run, "metric"):
        name, step = value.get("name"), value.get("global_step")
        if name == SPEED:
            extras = {item.get("name"): item.get("value") for item in value.get("extras") or []}
            tables.add(
                "steps", **about, step=step, timestamp=moment(value.get("timestamp")),
                examples_per_second=value.get("value"), loss=number(extras.get("loss")), line=line,
            )  # fmt: skip
            last = (line, value)
        elif name in ("eval_top_1_accuracy", "eval_top_5_accuracy"):
            accuracies.setdefault(step, {"line": line})[name[5:10]] = value.get("value")
    if last is not None:
        tables.add(
            "phases", **about, batch_size=row["batch_size"], n_steps=last[1].get("global_step"),
            examples_per_second=last[1].get("value"), method="reported", line=last[0],
        )  # fmt: skip
    for step, values in accuracies.items():
        tables.add("evaluations", **row_of(row), step=step, **values)


def number(text: object) -> float | None:
    """A number, or None where there is none."""
    try:
        return float(str(text))
    except ValueError:
        return None
