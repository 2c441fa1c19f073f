"""A command whose log no grammar knows: one phase, which is the whole of it; its record says how long that took."""

from typing import Any

from logreport.runs.run import Run
from logreport.runs.scripts.common import row_of
from logreport.runs.segmentation.segmenter import Rule
from logreport.scripts import COMMAND
from logreport.tables.tables import Tables

NAME = COMMAND.name
PHASE = "whole run"
RULES: dict[str, Rule] = {}


def facts(run: Run, _flags: dict[str, str]) -> dict[str, Any]:
    """What was run; of what it did, nothing is known."""
    return {"model": run.record.program if run.record else None}


def status(_run: Run) -> tuple[str, str]:
    """The log does not say; the record does."""
    return "unknown", "no grammar knows its log"


def build(run: Run, row: dict[str, Any], tables: Tables) -> None:
    """Add the phase, whose example is the run itself; one that was stopped or failed took no time that counts."""
    end = run.record.end if run.record else None
    if end is None or row["status"] != "complete" or end.seconds <= 0:
        return
    tables.add(
        "phases", **row_of(row), phase=PHASE, batch_size=1, seconds_per_batch=end.seconds,
        examples_per_second=1 / end.seconds, method="reported", line=row["first_line"],
    )  # fmt: skip
