"""The JSON files of --benchmark_log_dir: the same facts as the log of the script, in another form.

Source: tensorflow/models, official/utils/logs/logger.py.
"""

import json
from datetime import datetime
from typing import Any

from logreport.grammar import Match
from logreport.runs.run import Run
from logreport.runs.scripts import tf_cnn
from logreport.runs.scripts.common import row_of, whole
from logreport.runs.segmentation.segmenter import Rule, Segmenter
from logreport.tables.tables import Tables

NAME = "benchmark_logger"
LONGEST = 18  # digits of a whole number
SPEED = "current_examples_per_sec"  # cumulative since warm-up, as in the step lines


def objects(run: Run, kind: str) -> list[tuple[int, dict[str, Any]]]:
    """Line and object of each line of a kind; a damaged object is left out, its line stays in the records."""
    found = []
    for match, fields in run.of_kind(f"benchmark_logger.{kind}"):
        try:
            value = json.loads(next(iter(fields.values())), parse_int=small)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            found.append((match.line, value))
    return found


def small(digits: str) -> int | None:
    """A whole number that a table can hold; a longer one is damage."""
    return int(digits) if len(digits) <= LONGEST else None


def items(value: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects in a list of an object; what is no list, or none of them, is damage."""
    found = value.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def inside(value: dict[str, Any], *path: str) -> str | None:
    """A text in an object in an object; None where it is not there, or another thing."""
    found: object = value
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    # JSON can spell half a character
    return found.encode("utf-8", "replace").decode() if isinstance(found, str) else None


def parameters(value: dict[str, Any]) -> dict[str, Any]:
    """The run parameters by name: each is an object with its name and one typed value."""
    return {
        str(item["name"]): next((part for key, part in item.items() if key.endswith("_value")), None)
        for item in items(value, "run_parameters")
        if "name" in item
    }


def facts(run: Run, _flags: dict[str, str]) -> dict[str, Any]:
    """What the runs table says."""
    for _, value in objects(run, "run"):
        given = parameters(value)
        device = inside(value, "machine_config", "gpu_info", "model")
        version = inside(value, "tensorflow_version", "version")
        devices = str(given.get("devices", ""))
        return {
            "benchmark": tf_cnn.NAME,
            "model": inside(value, "model_name"),
            "mode": inside(given, "mode") or "training",
            "dataset": inside(value, "dataset", "name"),
            "batch_size": whole(str(given.get("batch_size", ""))),
            "batch_size_per_device": whole(str(given.get("batch_size_per_device", ""))),
            "num_devices": devices.count("/") or None,
            "optimizer": inside(given, "optimizer"),
            "data_format": inside(given, "data_format"),
            "framework_version": version,
            "framework_version_source": "printed" if version else None,
            "device_kind": "gpu" if "gpu" in devices else "cpu" if devices else None,
            "device": device if "gpu" in devices else None,
            "device_source": "log" if device else None,
        }
    return {"benchmark": tf_cnn.NAME, "mode": "training"}


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
    last: tuple[int, int | None, float | None] | None = None
    accuracies: dict[int | None, dict[str, Any]] = {}
    for line, value in objects(run, "metric"):
        name, step = value.get("name"), whole(str(value.get("global_step", "")))
        measured = number(value.get("value"))
        if name == SPEED:
            extras = {str(item.get("name")): item.get("value") for item in items(value, "extras")}
            tables.add(
                "steps", **about, step=step, timestamp=moment(value.get("timestamp")),
                examples_per_second=measured, loss=number(extras.get("loss")), line=line,
            )  # fmt: skip
            last = (line, step, measured)
        elif name in ("eval_top_1_accuracy", "eval_top_5_accuracy"):
            accuracies.setdefault(step, {"line": line})[name[5:10]] = measured
    if last is not None:
        line, step, measured = last
        tables.add(
            "phases", **about, batch_size=row["batch_size"], n_steps=step, examples_per_second=measured,
            method="reported", line=line,
        )  # fmt: skip
    for step, values in accuracies.items():
        tables.add("evaluations", **row_of(row), step=step, **values)


def number(text: object) -> float | None:
    """A number, or None where there is none."""
    try:
        return float(str(text))
    except ValueError:
        return None


# Where a run begins and ends


def read_run(reader: Segmenter, match: Match) -> None:
    """The settings of a run: each is another run."""
    reader.begin_new(NAME).add(match)


RULES: dict[str, Rule] = {"benchmark_logger.run": read_run}
