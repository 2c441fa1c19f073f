"""mnist/convolutional: blocks of four lines to steps, one phase, and evaluations."""

from typing import Any

from logreport.grammar import Match
from logreport.runs.run import Run
from logreport.runs.scripts.common import row_of
from logreport.runs.scripts.progress import Progress, Shows
from logreport.runs.segmentation.segmenter import Rule, Segmenter
from logreport.tables.tables import Tables

NAME = "mnist"
BATCH = 64  # BATCH_SIZE in convolutional.py; it is never printed


def facts(_run: Run, _flags: dict[str, str]) -> dict[str, Any]:
    """What the runs table says; all of it is fixed in the script."""
    return {
        "model": "mnist", "mode": "training", "dataset": "mnist", "batch_size": BATCH, "batch_size_per_device": BATCH,
        "num_devices": 1,
    }  # fmt: skip


def status(run: Run) -> tuple[str, str]:
    """Complete with the test error."""
    if run.has("mnist.test_error", "mnist.self_test"):
        return "complete", "the test error is there"
    return "truncated", "there is no test error"


def build(run: Run, row: dict[str, Any], tables: Tables) -> None:
    """Add one step for each block: its time, then the loss and rate of the line after it."""
    about = {**row_of(row), "phase": "training"}
    block: dict[str, Any] = {}
    last = None
    for match in run.records:
        fields, kind = match.fields(), match.leaf.kind
        if kind in ("mnist.step", "mnist.epoch"):
            add_step(tables, about, block)
            milliseconds = fields.get("milliseconds")
            block = {"step": fields.get("step"), "line": match.line}
            if milliseconds:
                block |= {
                    "seconds_per_batch": milliseconds / 1000,
                    "examples_per_second": BATCH / milliseconds * 1000,
                }
                last = match.line if block["step"] else last  # step 0 is the start
        elif kind == "mnist.loss":
            block |= {"loss": fields["loss"], "learning_rate": fields["learning_rate"]}
            block.setdefault("line", match.line)
        elif kind == "mnist.validation_error":
            error = fields["validation_error_pct"] / 100
            tables.add("evaluations", **row_of(row), step=block.get("step"), top_1=1 - error, line=match.line)
        elif kind == "mnist.test_error":
            error = fields["test_error_pct"] / 100
            tables.add("evaluations", **row_of(row), top_1=1 - error, test_error=error, line=match.line)
    add_step(tables, about, block)
    if last is not None:
        tables.add("phases", **about, batch_size=BATCH, method="computed", line=last)


def add_step(tables: Tables, about: dict[str, Any], block: dict[str, Any]) -> None:
    """Add the block that has been read, if there is one."""
    if block:
        tables.add("steps", **about, **block)


# Where a run begins and ends


def read_step(reader: Segmenter, match: Match) -> None:
    """A block of the training; going back, or a step after the test error, begins a new run."""
    run = reader.of(NAME)
    position = match.value(match.leaf.kind.removeprefix("mnist.")) or 0
    back = reader.last_step is not None and (
        position < reader.last_step or (position == reader.last_step and reader.speaks_since(run, match))
    )
    if back or run.has("mnist.test_error"):
        run = reader.begin_new(NAME)
    reader.last_step = position
    run.add(match)


RULES: dict[str, Rule] = {"mnist.step": read_step, "mnist.epoch": read_step}


# What is shown while it runs


def show_step(progress: Progress, fields: dict[str, Any], now: float) -> None:
    """Milliseconds of each step since the line before; step 0 is the start."""
    progress.reached(fields["step"], now)
    if fields["step"]:
        progress.batch = BATCH
        progress.measured(fields["milliseconds"] / 1000)


PROGRESS: dict[str, Shows] = {"mnist.step": show_step}
