"""cifar10_train and its kin: step lines to steps and one phase; precisions and speeds of evaluations."""

import math
from typing import Any

from logreport.runs.alexnet import row_of
from logreport.runs.common import moment_of, whole
from logreport.runs.run import Run
from logreport.runs.tables import Tables

LARGEST_BATCH = 1 << 20  # more is damage
DEFAULT_BATCH = 128  # cifar10.py's --batch_size; it is never printed


def facts(run: Run, flags: dict[str, str]) -> dict[str, Any]:
    """What the runs table says; the batch size is given back by speed times step time."""
    devices = whole(flags.get("num_gpus")) or 1
    per_device = whole(flags.get("batch_size")) or printed_batch(run)
    training = run.has("cifar10.step", "cifar10.filling")
    kin = any(word in f"{run.command} {run.source}".lower() for word in ("inception", "imagenet"))
    return {
        "model": "inception" if kin else "cifar10",
        "mode": "training" if training else "evaluation",
        "dataset": "imagenet" if kin else "cifar10",
        "batch_size": per_device and per_device * devices,
        "batch_size_per_device": per_device,
        "num_devices": devices,
    }


def printed_batch(run: Run) -> int | None:
    """The batch size of a device that speed × step time of all lines allow, within their rounding; else None.

    The multi-GPU script prints examples of all devices per second, and seconds per batch of one.
    Of several whole numbers the script's default is taken, else a power of two, else none.
    """
    low, high = 0.0, float("inf")
    for _, step in run.of_kind("cifar10.step") or run.of_kind("cifar10.eval_step"):
        speed, seconds = step["examples_per_sec"], step["sec_per_batch"]
        low = max(low, (speed - 0.05) * (seconds - 0.0005))
        high = min(high, (speed + 0.05) * (seconds + 0.0005))
    if not 0 < low <= high <= LARGEST_BATCH:
        return None
    powers = [size for size in (1 << n for n in range(20)) if low <= size <= high]
    if DEFAULT_BATCH in powers or len(powers) == 1:
        return DEFAULT_BATCH if DEFAULT_BATCH in powers else powers[0]
    return math.floor(high) if math.ceil(low) == math.floor(high) else None


def status(run: Run) -> tuple[str, str]:
    """There is no line that says "done"; an evaluation is complete with its precision."""
    if run.has("cifar10.precision") and not run.has("cifar10.step"):
        return "complete", "the precision is there"
    return "unknown", "the script prints no last line"


def build(run: Run, row: dict[str, Any], tables: Tables) -> None:
    """Add steps, one training phase whose speed analysis computes after warm-up, and evaluations."""
    steps = run.of_kind("cifar10.step")
    about = {**row_of(row), "phase": "training"}
    read = [fields for _, fields in steps]
    tables.add_rows(
        "steps", len(steps), **about, rank=[match.rank for match, _ in steps], step=[f["step"] for f in read],
        timestamp=[moment_of(f) for f in read], seconds_per_batch=[f["sec_per_batch"] for f in read],
        examples_per_second=[f["examples_per_sec"] for f in read], loss=[f["loss"] for f in read],
        line=[match.line for match, _ in steps],
    )  # fmt: skip
    if steps:
        tables.add("phases", **about, batch_size=row["batch_size"], method="computed", line=steps[-1][0].line)
    add_evaluations(run, row, tables)


def add_evaluations(run: Run, row: dict[str, Any], tables: Tables) -> None:
    """Add what evaluations found; inception_eval prints the speed of the last batches, too."""
    about = {**row_of(row), "phase": "evaluation"}
    lines = run.of_kind("cifar10.eval_step")
    for match, fields in lines:
        tables.add(
            "steps", **about, rank=match.rank, step=fields["batches"], timestamp=moment_of(fields),
            seconds_per_batch=fields["sec_per_batch"], examples_per_second=fields["examples_per_sec"], line=match.line,
        )  # fmt: skip
    if lines:
        match, last = lines[-1]
        tables.add(
            "phases", **about, batch_size=row["batch_size"], n_steps=last["batches"],
            seconds_per_batch=last["sec_per_batch"], examples_per_second=last["examples_per_sec"],
            method="reported", line=match.line,
        )  # fmt: skip
    for match, fields in run.of_kind("cifar10.precision"):
        tables.add(
            "evaluations", **row_of(row), top_1=fields["precision"], top_5=fields.get("recall"),
            examples=round(fields["examples"]) if "examples" in fields else None, line=match.line,
        )  # fmt: skip
