"""Runs of a user's own grammar: fields that have the names of our columns go to them; no Python is needed."""

import re
from collections.abc import Callable
from typing import Any

from logreport.runs.machine.devices import canonical_name
from logreport.runs.run import Run
from logreport.runs.scripts.common import moment, moment_of, ranks_of, row_of, whole
from logreport.runs.scripts.progress import Progress
from logreport.tables.schema import FLAG, REAL, TABLES, TEXT, TIME, WHOLE
from logreport.tables.tables import Tables

SPEEDS = ("examples_per_second", "examples_per_sec", "images_per_second", "images_per_sec", "samples_per_sec")
SECONDS = ("seconds_per_batch", "sec_per_batch", "duration", "seconds")
STEPS = ("step", "iteration")
FINAL = ("total", "summary", "average")
PLAIN = ("loss", "learning_rate", "top_1", "top_5", "jitter")


OURS = {"run_id", "source", "first_line", "last_line", "benchmark", "log_sha256"}  # not for a header to say
YES, NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


def yes_or_no(text: str) -> bool | None:
    """A truth as people write it; None where it is none."""
    word = text.strip().lower()
    return True if word in YES else False if word in NO else None


CONVERT: dict[str, Callable[[str], Any]] = {
    WHOLE: whole,
    TIME: moment,
    TEXT: str,
    REAL: float,
    FLAG: yes_or_no,
}
GPU = re.compile(
    r"(?i)geforce|tesla|quadro|titan|radeon|instinct|\b[gr]tx\b|\bgpu\b|\b(?:a|b|h|l|p|t|v)[0-9]{1,3}\b"
)
CPU = re.compile(r"(?i)xeon|epyc|ryzen|opteron|\bcore\b|\bcpu\b")


def facts(run: Run, flags: dict[str, str]) -> dict[str, Any]:
    """Header fields that are columns of the runs table."""
    convert = {column.name: CONVERT[column.dtype] for column in TABLES["runs"] if column.name not in OURS}
    found: dict[str, Any] = {"mode": "training"}
    for _, fields in run.of_kind(f"{run.benchmark}.header"):
        found |= {name: convert[name](str(value)) for name, value in fields.items() if name in convert}
    found["batch_size"] = found.get("batch_size") or whole(flags.get("batch_size"))
    if "framework_version" in found:
        found["framework_version_source"] = "printed"
    if name := found.get("device"):
        found |= {"device": canonical_name(name), "device_source": "log"}
        found.setdefault("device_kind", kind_of(name))
    return found


def kind_of(device: str) -> str:
    """The kind of a device that a header names."""
    return "gpu" if GPU.search(device) else "cpu" if CPU.search(device) else "other"


def status(run: Run) -> tuple[str, str]:
    """Complete with a total or summary, where the grammar has one."""
    if run.has(*(f"{run.benchmark}.{name}" for name in FINAL)):
        return "complete", "the final line is there"
    return "unknown", "the grammar knows no final line"


def first(fields: dict[str, Any], names: tuple[str, ...]) -> float | None:
    """The first of several names that is there."""
    return next((fields[name] for name in names if name in fields), None)


def show_step(progress: Progress, fields: dict[str, Any], now: float) -> None:
    """What is shown while it runs: a step with the speed, or the seconds, that its line says."""
    step = first(fields, STEPS)
    progress.reached(None if step is None else int(step), now)
    if (speed := first(fields, SPEEDS)) is not None:
        progress.window = speed
    elif (seconds := first(fields, SECONDS)) is not None:
        progress.measured(seconds)


def build(run: Run, row: dict[str, Any], tables: Tables) -> None:
    """Add steps and one phase; the total's speed counts, else analysis takes the mean of the steps."""
    about = {**row_of(row), "phase": "training"}
    steps = [pair for name in STEPS for pair in run.of_kind(f"{run.benchmark}.{name}")]
    ranks = ranks_of([(match.rank, fields.get("step")) for match, fields in steps])
    for (match, fields), rank in zip(steps, ranks, strict=True):
        tables.add(
            "steps", **about, rank=rank, step=first(fields, STEPS), timestamp=moment_of(fields),
            seconds_per_batch=first(fields, SECONDS), examples_per_second=first(fields, SPEEDS), line=match.line,
            **{name: fields[name] for name in PLAIN if name in fields},
        )  # fmt: skip
    totals = [pair for name in FINAL for pair in run.of_kind(f"{run.benchmark}.{name}")]
    speed = first(totals[-1][1], SPEEDS) if totals else None
    tables.add(
        "phases", **about, batch_size=row["batch_size"], examples_per_second=speed,
        seconds_per_batch=first(totals[-1][1], SECONDS) if totals else None,
        method="reported" if speed is not None else "computed", line=(totals or steps)[-1][0].line,
    )  # fmt: skip
