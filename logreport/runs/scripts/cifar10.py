"""cifar10_train and its kin: step lines to steps and one phase; precisions and speeds of evaluations."""

import math
from itertools import groupby, pairwise
from typing import Any

from logreport.grammar import Match, Records
from logreport.runs.machine.told import told_by
from logreport.runs.run import Run
from logreport.runs.scripts.common import moment_of, moments_of, row_of, script_flags, whole
from logreport.runs.scripts.progress import Progress, Shows
from logreport.runs.segmentation.segmenter import Rule, Segmenter, StepRule, is_repeat, read_rising
from logreport.runs.segmentation.states import has_results
from logreport.tables.findings import add
from logreport.tables.tables import Tables

NAME = "cifar10"
LARGEST_BATCH = 1 << 20  # more is damage
DEFAULT_BATCH = 128  # cifar10.py's --batch_size; it is never printed
TRAINERS, EVALUATOR = ("cifar10_train", "cifar10_multi_gpu_train"), "cifar10_eval"
EVERY = 10  # steps between two lines of the multi-GPU script
LINES = 50  # that are looked at
EXACT = 0.05  # a mean since the line before, and the time since then
FEWEST_RATIOS = 2  # one step that was timed may have been an odd one
NEAR = 0.25  # devices: how far a ratio may be from a whole number of them


def facts(run: Run, flags: dict[str, str]) -> dict[str, Any]:
    """What the runs table says; the batch size is given back by speed times step time."""
    kin = any(word in f"{run.command} {run.source}".lower() for word in ("inception", "imagenet"))
    batch = whole(flags.get("batch_size")) or printed_batch(run)
    if kin and run.has("cifar10.step"):  # they print the batch of all devices, and never how many there are
        sizes = {"batch_size": batch}
    else:
        devices = devices_of(run, flags, batch)
        sizes = {
            "batch_size": batch * devices if batch and devices else None,
            "batch_size_per_device": batch,
            "num_devices": devices,
        }
    return {
        "model": "inception" if kin else "cifar10",
        "mode": mode_of(run),
        "dataset": "imagenet" if kin else "cifar10",
        **sizes,
    }


def mode_of(run: Run) -> str | None:
    """Training or evaluation: as the lines show, else as the script is called."""
    if run.has("cifar10.step", "cifar10.filling") or run.headers.get("script") in TRAINERS:
        return "training"
    evaluates = run.has("cifar10.precision", "cifar10.eval_step")
    return "evaluation" if evaluates or run.headers.get("script") == EVALUATOR else None


def devices_of(run: Run, flags: dict[str, str], batch: int | None) -> int | None:
    """How many devices there were: as the command says, else by the time between the lines; None where neither does.

    The multi-GPU script prints the seconds of a step over the number of devices: the time that a step really takes is so
    many times as long.
    """
    if count := whole(flags.get("num_gpus")):
        return count
    if "script" in run.headers or not run.has("cifar10.step"):
        return 1
    every, ratios = real_over_printed(run, batch) if batch else (0, [])
    if ratios and all(abs(ratio - 1) <= EXACT for _, ratio in ratios):
        return 1
    settled = [ratio for step, ratio in ratios if step > 0]
    if len(settled) >= FEWEST_RATIOS:
        import statistics

        ratio = statistics.median(settled)
        count = round(ratio) if abs(ratio - round(ratio)) <= NEAR else 0
        return count if count == 1 or (count and every <= EVERY) else None
    return 1 if len(told_by(run.records).gpus) == 1 else None


def real_over_printed(run: Run, batch: int) -> tuple[int, list[tuple[int, float]]]:
    """Every how many steps there is a line, and for each the examples of a step by the time to the next over those it says.

    Each with the step at its beginning. Between lines that others were left out from, it would be worthless.
    """
    lines = run.only("cifar10.step")[:LINES]
    numbers, speeds = lines.table("step", "examples_per_sec")
    steps = list(zip(numbers, moments_of(lines), speeds, strict=True))
    pairs = [(one, other) for one, other in pairwise(steps) if other[0] > one[0]]
    every = min((other[0] - one[0] for one, other in pairs), default=0)
    return every, [
        (step, (end - time).total_seconds() / every * speed / batch)
        for (step, time, _), (later, end, speed) in pairs
        if later - step == every and time and end and end > time
    ]


def printed_batch(run: Run) -> int | None:
    """The batch size of a device that speed × step time of all lines allow, within their rounding; else None.

    The multi-GPU script prints examples of all devices per second, and seconds per batch of one.
    Of several whole numbers the script's default is taken, else a power of two, else none.
    """
    low, high = 0.0, float("inf")
    lines = run.only("cifar10.step") or run.only("cifar10.eval_step")
    for speed, seconds in zip(*lines.table("examples_per_sec", "sec_per_batch"), strict=True):
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
    steps = run.only("cifar10.step")
    about = {**row_of(row), "phase": "training"}
    numbers, seconds, speeds, losses = steps.table("step", "sec_per_batch", "examples_per_sec", "loss")
    tables.add_rows(
        "steps", len(steps), **about, rank=steps.ranks, step=numbers, timestamp=moments_of(steps),
        seconds_per_batch=seconds, examples_per_second=speeds, loss=losses, line=steps.lines,
    )  # fmt: skip
    devices = row["num_devices"]
    if devices and devices > 1 and not script_flags(run.command).get("num_gpus"):
        add(tables, "devices-inferred", {**row_of(row), "line": steps[0].line}, detail=devices)
    if steps:
        tables.add("phases", **about, batch_size=row["batch_size"], method="computed", line=steps[-1].line)
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


# Where a run begins and ends


def read_filling(reader: Segmenter, match: Match) -> None:
    """The start of a training run; old multi-GPU checkouts print it once per tower."""
    run = reader.of(NAME)
    if has_results(run):
        run = reader.begin_new(NAME)
    run.add(match)


def read_step(reader: Segmenter, match: Match) -> None:
    """A step; going back, another machine's name, or a step after an evaluation begins a new run."""
    run = reader.of(NAME)
    if is_repeat(run, match):
        return
    step, machine = match.value("step"), match.value("comment") or ""
    back = reader.last_step is not None and (
        step < reader.last_step or (step == reader.last_step and reader.speaks_since(run, match))
    )
    back = back and match.rank is None
    if back or run.has("cifar10.precision") or run.headers.get("machine", machine) != machine:
        run = reader.begin_new(NAME)
    run.headers["machine"] = machine
    reader.last_step = step
    run.add(match)


def read_steps(reader: Segmenter, records: Records) -> None:
    """Steps that follow one another; those that go up on one machine belong to the run of the first."""
    stop = 0
    for _, same in groupby(comment or "" for comment in records.column("comment")):
        start, stop = stop, stop + len(list(same))
        read_rising(reader, NAME, records[start:stop], read_step)


def read_evaluation(reader: Segmenter, match: Match) -> None:
    """A line of an evaluation belongs to the training before it, also in another section of a document; else it is a run."""
    if reader.run is not None and is_repeat(reader.run, match):
        return
    trained = reader.found.runs[-1] if reader.found.runs else None
    waiting = reader.run is None or reader.run.benchmark is None
    if (
        waiting
        and trained is not None
        and trained.has("cifar10.step")
        and not trained.has("cifar10.precision")
    ):
        trained.add(match)
    else:
        reader.of(NAME).add(match)


RULES: dict[str, Rule] = {
    "cifar10.filling": read_filling,
    "cifar10.step": read_step,
    "cifar10.precision": read_evaluation,
    "cifar10.eval_step": read_evaluation,
}
STEP_RULES: dict[str, StepRule] = {"cifar10.step": read_steps}


# What is shown while it runs


def show_step(progress: Progress, fields: dict[str, Any], now: float) -> None:
    """The speed since the line before; step 0 is the start."""
    progress.reached(fields["step"], now)
    if fields["step"]:
        rate = fields["examples_per_sec"]
        progress.seconds, progress.timed = progress.seconds + 1 / rate if rate else 0.0, progress.timed + 1
        progress.window = rate
        progress.speed = progress.timed / progress.seconds if progress.seconds else None


PROGRESS: dict[str, Shows] = {"cifar10.step": show_step}
