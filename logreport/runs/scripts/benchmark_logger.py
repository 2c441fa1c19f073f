"""The JSON files of --benchmark_log_dir: the same facts as the log of the script, in another form.

Source: tensorflow/models, official/utils/logs/logger.py.
"""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from logreport.grammar import Match
from logreport.runs.machine.devices import canonical_name
from logreport.runs.run import Run
from logreport.runs.scripts import tf_cnn
from logreport.runs.scripts.common import precision_in, row_of, whole
from logreport.runs.segmentation.segmenter import Rule, Segmenter, is_repeat
from logreport.sources.names import is_settings
from logreport.tables.tables import Tables

NAME = "benchmark_logger"
SETTINGS, METRIC = "benchmark_logger.run", "benchmark_logger.metric"
LONGEST = 18  # digits of a whole number
MEANS = 2  # so many of a log are of the official models
# Of tf_cnn_benchmarks the first is cumulative since its warm-up, as in its step lines, and the second the total at its end.
# The hook of the official models logs both at each step: the speed since the step before, and the mean since its warm-up.
SPEED, MEAN = "current_examples_per_sec", "average_examples_per_sec"
OF_TF_CNN = ("batch_size_per_device", "devices")  # parameters that it alone logs
DEVICE = re.compile(r"\b([cg]pu):[0-9]+")
PHASES = {"evaluation": "evaluation", "forward": "inference"}  # of a mode, by how it begins


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


def settings_in(content: bytes) -> dict[str, Any] | None:
    """The settings in the bytes of a file; None where they are something else."""
    try:
        value = json.loads(content, parse_int=small)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and "model_name" in value else None


def give_settings(runs: Sequence[Run], settings: dict[str, Any]) -> None:
    """Give the last run of a log of measurements the settings beside it: each run writes its own in the place of the last ones."""
    for run in runs[-1:]:
        run.settings = settings if run.benchmark == NAME else None
    for run in runs[:-1]:
        run.settings_are_gone = run.benchmark == NAME


def settings_of(run: Run) -> tuple[int | None, dict[str, Any]]:
    """The settings of a run, those in its log first, and their line there."""
    return next(iter(objects(run, "run")), (None, dict(run.settings or {})))


def is_tf_cnn(run: Run, settings: dict[str, Any]) -> bool:
    """Whether tf_cnn_benchmarks wrote it: by its parameters, else by its only mean at the end."""
    if settings:
        return any(name in parameters(settings) for name in OF_TF_CNN)
    return [value.get("name") for _, value in objects(run, "metric")].count(MEAN) < MEANS


def facts(run: Run, _flags: dict[str, str]) -> dict[str, Any]:
    """What the runs table says."""
    _, value = settings_of(run)
    given, machine = parameters(value), value.get("machine_config")
    version = inside(value, "tensorflow_version", "version")
    moments = [moment(one.get("timestamp")) for _, one in objects(run, "metric")]
    times = sorted(filter(None, [moment(value.get("run_date")), *moments]))
    return {
        "benchmark": tf_cnn.NAME if is_tf_cnn(run, value) else None,
        "model": inside(value, "model_name"),
        "mode": inside(given, "mode") or "training",
        "dataset": inside(value, "dataset", "name"),
        "batch_size": whole(str(given.get("batch_size", ""))),
        "batch_size_per_device": whole(str(given.get("batch_size_per_device", ""))),
        "precision": precision_in(inside(given, "dtype") or ""),
        "optimizer": inside(given, "optimizer"),
        "data_format": inside(given, "data_format"),
        "framework_version": version,
        "framework_version_source": "printed" if version else None,
        "started_at": times[0] if times else None,
        "ended_at": times[-1] if times else None,
        **devices_of(str(given.get("devices", "")), machine if isinstance(machine, dict) else {}),
    }


def devices_of(named: str, machine: dict[str, Any]) -> dict[str, Any]:
    """The devices of a run, as its script names them, and by what its machine has; with one GPU that was used."""
    kinds = DEVICE.findall(named)
    gpu, cpu = inside(machine, "gpu_info", "model"), inside(machine, "cpu_info", "cpu_info")
    count = machine["gpu_info"].get("count") if isinstance(machine.get("gpu_info"), dict) else None
    if not kinds and isinstance(count, int):
        kinds = ["gpu" if count else "cpu"] * (count if count in (0, 1) else 0)
    kind = kinds[0] if kinds else "gpu" if count else None
    name = gpu if kind == "gpu" else cpu if kind == "cpu" else None
    return {
        "num_devices": len(kinds) or None,
        "device_kind": kind,
        "device": canonical_name(name) if name else None,
        "device_source": "log" if name else None,
    }


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
    """Add the steps with their speed and loss, one phase, the evaluations, and the machine."""
    phase = next((name for word, name in PHASES.items() if row["mode"].startswith(word)), "training")
    about = {**row_of(row), "phase": phase}
    last: dict[str, tuple[int, int | None, float | None]] = {}
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
        elif name in ("eval_top_1_accuracy", "eval_top_5_accuracy"):
            accuracies.setdefault(step, {"line": line})[name[5:10]] = measured
        if name in (SPEED, MEAN):
            last[name] = line, step, measured
    by_tf_cnn = row["benchmark"] == tf_cnn.NAME
    if last:
        line, step, measured = last.get(SPEED if by_tf_cnn else MEAN) or next(iter(last.values()))
        tables.add(
            "phases", **about, batch_size=row["batch_size"], n_steps=step, examples_per_second=measured,
            end_to_end_examples_per_second=last[MEAN][2] if by_tf_cnn and MEAN in last else None,
            method="reported", line=line,
        )  # fmt: skip
    for step, values in accuracies.items():
        tables.add("evaluations", **row_of(row), step=step, **values)
    line_of_settings, settings = settings_of(run)
    for key, said in machine_of(settings):
        tables.add("environment", **row_of(row), key=key, value=said, line=line_of_settings)


def machine_of(settings: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Key and value, in base units, of what settings know of the machine."""
    machine = settings.get("machine_config")
    machine = machine if isinstance(machine, dict) else {}
    cpu = machine["cpu_info"] if isinstance(machine.get("cpu_info"), dict) else {}
    if name := inside(cpu, "cpu_info"):
        yield "cpu_model", name
    for key, said in (
        ("cpu_threads", cpu.get("num_cores")),
        ("memory_total_bytes", machine.get("memory_total")),
    ):
        if isinstance(said, int):
            yield key, str(said)
    variables = [
        f"{inside(item, 'name')}={inside(item, 'value')}"
        for item in items(settings, "tensorflow_environment_variables")
    ]
    if variables:
        yield "variables", " ".join(variables)


def number(text: object) -> float | None:
    """A number, or None where there is none."""
    try:
        return float(str(text))
    except ValueError:
        return None


# Where a run begins and ends


def read_run(reader: Segmenter, match: Match) -> None:
    """Settings: they begin a run, but in the file of their own, where they are of the run in metric.log beside it."""
    if is_settings(reader.source):
        reader.before.append(match)  # unless measurements follow
    else:
        reader.begin_new(NAME).add(match)


def read_metric(reader: Segmenter, match: Match) -> None:
    """A measurement: one of a step that is not after the last of its name is of the next run, which went on in the same file."""
    run = reader.of(NAME)
    try:
        value = json.loads(next(iter(match.fields().values())), parse_int=small)
    except (ValueError, RecursionError):
        value = {}
    name, step = value.get("name"), value.get("global_step")
    if name in (SPEED, MEAN) and type(step) is int:
        if step <= run.metric_steps.get(name, step - 1) and not is_repeat(run, match):
            run = reader.begin_new(NAME)
        run.metric_steps[name] = step
    run.add(match)


RULES: dict[str, Rule] = {SETTINGS: read_run, METRIC: read_metric}
