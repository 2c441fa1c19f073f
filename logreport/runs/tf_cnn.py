"""tf_cnn_benchmarks: header, step lines, totals and evaluations to phases and steps."""

import re
from typing import Any

from logreport.runs.alexnet import Lines, row_of
from logreport.runs.common import flags_of, is_on, moment_of, precision_in, ranks_of, whole
from logreport.runs.run import Run
from logreport.runs.tables import Tables

PHASES = {"forward": "inference", "evaluation": "evaluation"}
DEVICE = re.compile(
    r"(?<=/)(?!job:|replica:|task:)(?:device:)?[A-Za-z_]+:\d+"
)  # of `/job:worker/task:0/gpu:0`
MODES = {"train": "training", "eval": "evaluation", "train and eval": "training + evaluation"}
PER_WORKER = 1.5  # a total so many times the last step line: step lines of one worker, total of all


def facts(run: Run, flags: dict[str, str]) -> dict[str, Any]:
    """What the runs table says: the header, else the command."""
    header = run.headers
    devices = DEVICE.findall(header.get("Devices", ""))
    count = len(devices) or whole(flags.get("num_gpus")) or (1 if run.command else None)
    per_device = next(
        (f["batch_size_per_device"] for _, f in run.of_kind("tf_cnn_benchmarks.per_device")), None
    )
    per_device = whole(f"{per_device:f}" if per_device else flags.get("batch_size"))
    batch = whole(header.get("Batch size"))
    if "/job:" in header.get("Devices", "") and batch and per_device and batch % per_device == 0:
        count = max(count or 1, batch // per_device)  # of all workers; a worker lists its own
    return {
        "model": header.get("Model") or flags.get("model"),
        "mode": mode_of(run, flags),
        "dataset": header.get("Dataset") or flags.get("data_name"),
        "batch_size": batch or (per_device * count if per_device and count else None),
        "batch_size_per_device": per_device,
        "num_devices": count,
        "precision": precision_of(run),
        "optimizer": header.get("Optimizer") or flags.get("optimizer"),
        "variable_update": header.get("Variables") or flags.get("variable_update"),
        "data_format": header.get("Data format") or flags.get("data_format"),
    }


def mode_of(run: Run, flags: dict[str, str]) -> str | None:
    """The mode as the header or the command says, else as the results show, in the words of the newest script.

    Older ones print `forward-only`, and for a while `BenchmarkMode.TRAIN`.
    """
    if mode := run.headers.get("Mode", "").replace("-", " "):
        name = mode.removeprefix("BenchmarkMode.").lower().replace("_", " ")
        return MODES.get(name, name)
    if is_on(flags, "forward_only"):
        return "forward only"
    evaluates = run.has("tf_cnn_benchmarks.eval_step", "tf_cnn_benchmarks.eval_accuracy")
    if run.has("tf_cnn_benchmarks.step") and not is_on(flags, "eval"):
        return MODES["train and eval"] if evaluates else "training"
    if evaluates or is_on(flags, "eval"):
        return "evaluation"
    return "training" if run.has("tf_cnn_benchmarks.total") else None


def precision_of(run: Run) -> str | None:
    """Only a fork's log prints it: else the command says it, else the path or the heading."""
    if printed := precision_in(run.headers.get("Data type", "")):
        return printed
    if run.command:
        return "fp16" if is_on(flags_of(run.command), "use_fp16") else "fp32"
    return precision_in(run.source, run.heading)


def status(run: Run) -> tuple[str, str]:
    """Complete with the total, or with `Done with training` where a run trains and evaluates."""
    if run.has("tf_cnn_benchmarks.total"):
        return "complete", "the total is there"
    events = [fields["event"] for _, fields in run.of_kind("tf_cnn_benchmarks.phase")]
    if "Done with training" in events:
        return "complete", "the training is done"
    if any(event.startswith("Running parameter server") for event in events):
        return "unknown", "a parameter server prints no result"
    if any(event.startswith("Checkpoint not found") for event in events):
        return "failed", "no checkpoint to evaluate"
    return "truncated", "there is no total"


def build(run: Run, row: dict[str, Any], tables: Tables) -> None:
    """Add the phase of the mode with its steps and total, and evaluations."""
    phase = next((name for word, name in PHASES.items() if str(row["mode"]).startswith(word)), "training")
    steps = run.of_kind("tf_cnn_benchmarks.step")
    totals = run.of_kind("tf_cnn_benchmarks.total")
    ranks = add_steps(tables, {**row_of(row), "phase": phase}, steps)
    row["ranks"] = ranks or None
    evaluations = run.of_kind("tf_cnn_benchmarks.eval_step")
    if steps or (totals and not evaluations):
        add_phase(tables, row, phase, steps, totals)
    if evaluations:
        add_evaluation(tables, row, evaluations, totals if not steps else [])
    for match, fields in run.of_kind("tf_cnn_benchmarks.eval_accuracy"):
        tables.add(
            "evaluations", **row_of(row), top_1=fields["top_1"], top_5=fields["top_5"], examples=fields["examples"],
            line=match.line,
        )  # fmt: skip


def add_steps(tables: Tables, about: dict[str, Any], steps: Lines) -> int:
    """Add the step lines; returns how many ranks printed them, 0 where there is only one worker."""
    ranks = ranks_of([(match.rank, fields.get("step")) for match, fields in steps])
    read = [fields for _, fields in steps]
    tables.add_rows(
        "steps", len(steps), **about, rank=ranks, step=[f.get("step") for f in read],
        timestamp=[moment_of(f) for f in read], examples_per_second=[f["images_per_sec"] for f in read],
        sem=[f["uncertainty"] for f in read], jitter=[f["jitter"] for f in read],
        loss=[f.get("loss") for f in read], top_1=[f.get("top_1") for f in read],
        top_5=[f.get("top_5") for f in read], line=[match.line for match, _ in steps],
    )  # fmt: skip
    return len({rank for rank in ranks if rank is not None})


def speed_of(steps: Lines, total: float | None) -> tuple[float | None, bool]:
    """The speed of a run, and whether its step lines are those of one worker of several.

    It is the last cumulative mean; of several workers the total, or where there is none the sum of their last means.
    """
    ranks = ranks_of([(match.rank, fields.get("step")) for match, fields in steps])
    last = {rank: fields["images_per_sec"] for rank, (_, fields) in zip(ranks, steps, strict=True)}
    if not last:
        return total, False
    own = float(sum(last.values()))
    several = len(last) > 1 or (total is not None and own > 0 and total / own > PER_WORKER)
    return (total if several and total is not None else own), several


def add_phase(tables: Tables, row: dict[str, Any], phase: str, steps: Lines, totals: Lines) -> None:
    """Add the phase: its speed, and the total beside it."""
    total = totals[-1][1]["images_per_sec"] if totals else None
    speed, several = speed_of(steps, total)
    final = steps[-1][1] if steps else {}
    batch = row["batch_size"]
    tables.add(
        "phases", **row_of(row), phase=phase, batch_size=batch, n_steps=final.get("step"),
        seconds_per_batch=batch / speed if batch and speed else None, examples_per_second=speed,
        end_to_end_examples_per_second=total, jitter=final.get("jitter"),
        method="computed" if several and total is None else "reported",
        line=(totals if several and totals else steps or totals)[-1][0].line,
    )  # fmt: skip


def add_evaluation(tables: Tables, row: dict[str, Any], lines: Lines, totals: Lines) -> None:
    """Add the speed of an evaluation: its lines are speeds of the last interval each."""
    about = {**row_of(row), "phase": "evaluation"}
    for match, fields in lines:
        tables.add(
            "steps", **about, rank=match.rank, step=fields["step"], examples_per_second=fields["examples_per_sec"],
            line=match.line,
        )  # fmt: skip
    speed = lines[-1][1]["examples_per_sec"]
    tables.add(
        "phases", **about, batch_size=row["batch_size"], n_steps=lines[-1][1]["step"], examples_per_second=speed,
        end_to_end_examples_per_second=totals[-1][1]["images_per_sec"] if totals else None,
        method="reported", line=lines[-1][0].line,
    )  # fmt: skip
