"""One phase with its run and its step lines, gathered from the tables."""

import itertools
import math
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from logreport.analysis.measurement.intervals import Estimate, Z, from_windows, quantum_after
from logreport.analysis.measurement.numbers import number, positive
from logreport.analysis.measurement.windows import NO_LINES, StepLine, StepLines, windows_of
from logreport.scripts import StepFormat, step_format
from logreport.tables.tables import Tables

Row = dict[str, Any]
Key = tuple[object, ...]

_STEP_COLUMNS = (
    "rank",
    "step",
    "timestamp",
    "seconds_per_batch",
    "examples_per_second",
    "sem",
    "loss",
    "line",
    "jitter",
    "epoch",
)


@dataclass(frozen=True)
class Phase:
    """Row `index` of the phases table as `row`, the row of its run, and its step lines in the order of the log."""

    index: int
    row: Row
    run: Row
    lines: StepLines = NO_LINES
    warm_rows: frozenset[int] = frozenset()  # rows of the steps table that are marked as warm-up

    @property
    def benchmark(self) -> str | None:
        """Script, as the run says."""
        value = self.run.get("benchmark")
        return str(value) if value is not None else None

    @cached_property
    def batch(self) -> float | None:
        """Examples per step, of the phase or else of the run; None where unknown or not positive."""
        for row in (self.row, self.run):
            if positive(row.get("batch_size")):
                return float(row["batch_size"])
        return None

    @property
    def step_format(self) -> StepFormat | None:
        """How its step lines are to be read: as its row says for a format of a grammar, else as its script prints them."""
        lines = self.row.get("step_lines")
        if lines is None:
            return step_format(self.benchmark, self.row.get("phase"), self.run.get("command"))
        rate, seconds = number(self.row.get("rate_quantum")), number(self.row.get("seconds_quantum"))
        return StepFormat(lines, rate, seconds, warms_up=bool(self.row.get("warms_up")))

    @cached_property
    def estimate(self) -> Estimate:
        """The relative error of its speed as the tables hold it, as that of a time of 1; worked out where it is asked for."""
        return _recalled(self)

    @property
    def place(self) -> Row:
        """Where a finding about this phase belongs."""
        return {name: self.row.get(name) for name in ("run_id", "source", "phase", "line")}


def _recalled(phase: Phase) -> Estimate:
    """The estimate behind the interval that `analyze` wrote: from the same windows, or from the interval itself."""
    low, high = (
        number(phase.row.get("examples_per_second_low")),
        number(phase.row.get("examples_per_second_high")),
    )
    method = phase.row.get("interval_method")
    script = phase.step_format
    if low is None or high is None or low <= 0 or method is None:
        return Estimate(1.0, quantum=_printed_quantum(phase, script))
    half = math.log(high / low) / 2
    plain = Estimate(1.0, (half / Z) ** 2, math.inf, 0.0, str(method))
    if method != "windows" or script is None:
        return plain
    every = windows_of(script, phase.lines, phase.batch)
    windows = every.at(i for i, row in enumerate(every.rows) if row not in phase.warm_rows)
    if len(windows) < 2:
        return plain
    rate = float(phase.row["examples_per_second"])
    ranks = math.sqrt(len(set(phase.lines.values("rank"))))
    if script.lines == "timestamps":
        quantum = 0.0
    else:
        in_rate = (script.rate_quantum or 0.0) / rate
        if script.lines == "cumulative":
            steps = sum(every.steps)
            in_rate = quantum_after(in_rate * ranks, steps, steps - sum(windows.steps))
        quantum = in_rate + (script.seconds_quantum or 0.0) / windows.mean()
    return from_windows(windows, quantum)


def _printed_quantum(phase: Phase, script: StepFormat | None) -> float:
    """The last printed digit of a speed or step time, relative: all that is known of the error of a number alone."""
    if script is None or not positive(phase.row.get("examples_per_second")):
        return 0.0
    rate = float(phase.row["examples_per_second"])
    seconds = phase.batch / rate if phase.batch else math.inf
    return (script.rate_quantum or 0.0) / rate + (script.seconds_quantum or 0.0) / seconds


def phases_of(tables: Tables) -> list[Phase]:
    """All phases, in the order of their table; a phase without a run gets an empty one."""
    runs = {(r["run_id"], r["source"]): r for r in tables.rows("runs")}
    lines = _lines(tables)
    warm = frozenset(i for i, mark in enumerate(tables.columns["steps"]["is_warmup"]) if mark)
    found = []
    for i, row in enumerate(tables.rows("phases")):
        own = lines.get((row["run_id"], row["source"], row["phase"]), NO_LINES)
        marked = warm.intersection(own.values("row")) if warm else warm
        found.append(Phase(i, row, runs.get((row["run_id"], row["source"]), {}), own, marked))
    return found


def _lines(tables: Tables) -> dict[Key, StepLines]:
    """Step lines by (run_id, source, phase)."""
    table = tables.columns["steps"]
    columns = {name: table[column] for name, column in zip(StepLine._fields[1:], _STEP_COLUMNS, strict=True)}
    parts: dict[Key, list[range]] = defaultdict(list)
    stop = 0
    for key, same in itertools.groupby(zip(table["run_id"], table["source"], table["phase"], strict=True)):
        start, stop = stop, stop + sum(1 for _ in same)
        parts[key].append(range(start, stop))
    return {key: StepLines(columns, own) for key, own in parts.items()}


def by_run(tables: Tables, table: str, *names: str) -> dict[Key, list[Row]]:
    """Rows of a table by (run_id, source); with these columns beside, all where none is given."""
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in tables.rows(table, *(("run_id", "source", *names) if names else ())):
        found[row["run_id"], row["source"]].append(row)
    return found


def gpus_of(tables: Tables) -> dict[Key, list[str]]:
    """The names of the GPUs of each run, by (run_id, source)."""
    columns = tables.columns["devices"]
    found: dict[Key, list[str]] = defaultdict(list)
    rows = zip(*(columns[name] for name in ("run_id", "source", "kind", "name")), strict=True)
    for run_id, source, kind, name in rows:
        if kind == "gpu" and name:
            found[run_id, source].append(str(name))
    return found


def whole(value: object) -> int:
    """A count as a whole number; 0 where it is missing or odd."""
    return int(number(value) or 0)
