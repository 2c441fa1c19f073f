"""Fill the columns that need judgement, run by run, and add the findings."""

import math
from collections.abc import MutableSequence
from typing import Any

from logreport.analysis.findings.disturbance import check_disturbance
from logreport.analysis.findings.labels import check_labels
from logreport.analysis.findings.machine import check_devices
from logreport.analysis.findings.phase import check_phase
from logreport.analysis.measurement.intervals import Estimate
from logreport.analysis.measurement.measure import Measured, measure
from logreport.analysis.measurement.numbers import number, positive
from logreport.analysis.measurement.phases import Phase, phases_of, whole
from logreport.analysis.measurement.telemetry import Telemetry, fill_power, telemetry_of
from logreport.analysis.measurement.windows import readable, restarts, rounding_of
from logreport.tables.tables import Tables

_READABLE = 0.01  # windows in the tables carry at most 1 % of rounding
NOTHING_SEEN = Telemetry()
_SAME = 1e-9  # a printed speed that comes back through its step time


def analyze(tables: Tables) -> None:
    """Fill speeds, intervals, windows and warm-up marks in place, and append findings.

    Every run is judged by its own rows only. Calling it again on the same tables adds nothing new to the columns, but
    doubles the findings.
    """
    seen = telemetry_of(tables)
    for phase in phases_of(tables):
        measured, devices = measure(phase), seen.get((phase.row["run_id"], phase.row["source"]), NOTHING_SEEN)
        _fill_phase(tables, phase, measured)
        _fill_steps(tables, phase, measured)
        fill_power(tables, phase, measured, devices)
        check_phase(tables, phase, measured, devices)
    check_devices(tables)
    check_disturbance(tables)
    check_labels(tables)


def _fill_phase(tables: Tables, phase: Phase, measured: Measured) -> None:
    """Write speed, interval and step time of one phase."""
    columns, i, estimate = tables.columns["phases"], phase.index, measured.estimate
    printed = columns["examples_per_second"][i]
    if columns["examples_per_second_printed"][i] is None and columns["method"][i] == "reported":
        columns["examples_per_second_printed"][i] = printed
    if measured.kept.steps:
        columns["warmup_steps"][i] = measured.startup + sum(measured.windows.steps[: measured.warmup.cut])
        if columns["n_steps"][i] is None:
            columns["n_steps"][i] = sum(measured.kept.steps)
    if estimate is None:
        return
    scale = measured.scale(phase)
    if scale is not None:
        _fill_speed(tables, i, scale / estimate.seconds, estimate)
    if scale is None or phase.batch is not None:
        columns["seconds_per_batch"][i] = estimate.seconds
        _fill_spread(tables, phase, measured)


def _fill_speed(tables: Tables, index: int, rate: float, estimate: Estimate) -> None:
    """Speed, interval rate·exp(±h), and whether the log itself prints that speed."""
    columns, half = tables.columns["phases"], estimate.half_width()
    printed = number(columns["examples_per_second"][index])
    if printed is None or not math.isclose(printed, rate, rel_tol=_SAME):
        columns["examples_per_second"][index] = rate
        columns["method"][index] = "computed"
    if half is not None:
        columns["interval_method"][index] = estimate.method
        columns["examples_per_second_low"][index] = rate * math.exp(-half)
        columns["examples_per_second_high"][index] = rate * math.exp(half)


def _fill_spread(tables: Tables, phase: Phase, measured: Measured) -> None:
    """Standard error of the mean step time, and the SD of step times where it follows from the log."""
    columns, i, estimate = tables.columns["phases"], phase.index, measured.estimate
    if estimate is None or not phase.lines:
        return
    if estimate.method is not None:
        columns["seconds_per_batch_sem"][i] = estimate.seconds * math.sqrt(estimate.variance)
    last = phase.lines[-1]
    if measured.summary is not None and measured.summary.corrected:
        columns["seconds_per_batch_sd"][i] = measured.summary.sd
    elif columns["seconds_per_batch_sd"][i] is None and positive(last.sem) and positive(last.rate):
        relative = float(last.sem or 0) * math.sqrt(whole(last.step)) / float(last.rate or 1)
        columns["seconds_per_batch_sd"][i] = relative * estimate.seconds


def _fill_steps(tables: Tables, phase: Phase, measured: Measured) -> None:
    """Write the speed of every window, and mark what was left out."""
    columns, script, shown = tables.columns["steps"], measured.script, measured.windows
    scale = measured.scale(phase)
    are_means = script is not None and script.lines == "cumulative" and not restarts(phase.lines)
    if script is not None and are_means and measured.estimate is not None and shown.steps:
        rounding = rounding_of(script, phase.batch or 1.0, measured.estimate.seconds)
        shown = readable(shown, rounding, _READABLE)
    for seconds, row in zip(shown.seconds, shown.rows, strict=True):
        columns["window_examples_per_second"][row] = scale / seconds if scale is not None else None
    _mark_warm_up(columns["is_warmup"], phase, measured)


def _mark_warm_up(marks: MutableSequence[Any], phase: Phase, measured: Measured) -> None:
    """Mark the lines that were left out: of step 0, of windows of the warm-up, and within these."""
    lines, cut, windows = phase.lines, measured.warmup.cut, measured.windows
    for row in lines.values("row"):
        marks[row] = False
    for row in windows.rows[:cut]:
        marks[row] = True
    whole_runs = measured.script is None or measured.script.lines == "interval"
    last = windows.ends[cut - 1] if cut and not whole_runs else None
    if last is None and measured.startup <= 0:
        return
    for row, step in zip(lines.values("row"), lines.values("step"), strict=True):
        if step is not None and ((measured.startup > 0 and step == 0) or (last is not None and step <= last)):
            marks[row] = True
