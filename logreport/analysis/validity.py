"""Doubts about one phase: its loss, its length, its rounding, its steadiness, its workers, its summary."""

import math
from collections.abc import Iterator
from typing import Any

from logreport.analysis.changes import Change, changes
from logreport.analysis.findings import add
from logreport.analysis.intervals import FEW_WINDOWS, batches
from logreport.analysis.measure import Measured
from logreport.analysis.phases import Phase, whole
from logreport.analysis.values import number, positive
from logreport.analysis.windows import Windows, readable, same_step
from logreport.runs.tables import Tables

_COARSE = 0.01  # rounding alone, ± relative, from which a value is called coarse
_TEST_ROUNDING = 0.02  # largest rounding error of a window that the tests for changes may see
_APART = 0.05  # workers of one synchronous job differ by less
_ENOUGH_STEPS = 40  # 4 windows of 10
_FEW_STEPS = 10  # a mean over fewer says little even where its spread is known
Finding = tuple[str, dict[str, Any]]


def check_phase(tables: Tables, phase: Phase, measured: Measured) -> None:
    """Append every finding about one phase."""
    for check in (_loss, _settled, _changes, _few, _coarse, _ranks, _summary):
        for code, fields in check(phase, measured):
            line = fields.pop("line", phase.row.get("line"))
            add(tables, code, {**phase.place, "line": line}, **fields)


def _loss(phase: Phase, _: Measured) -> Iterator[Finding]:
    """A loss of nan or inf in the steps of a training run."""
    if "training" not in str(phase.row.get("phase") or phase.run.get("mode") or ""):
        return
    for x in phase.lines:
        if isinstance(x.loss, float) and not math.isfinite(x.loss):
            yield "non-finite-loss", {"loss": x.loss, "step": x.step, "line": x.line}
            return


def _settled(_: Phase, measured: Measured) -> Iterator[Finding]:
    """A warm-up that does not end."""
    if not measured.warmup.settled:
        yield "not-settled", {"windows": len(measured.windows)}


def _changes(phase: Phase, measured: Measured) -> Iterator[Finding]:
    """Speed that changes while it is measured; one finding for each direction."""
    windows = measured.kept if measured.warmup.settled else measured.windows
    tested = _testable(phase, measured, windows)
    if not tested.steps:
        return
    found = changes(tested.seconds)
    for code, same in (
        ("slows-down", [c for c in found if c.size > 0]),
        ("speeds-up", [c for c in found if c.size < 0 and measured.warmup.settled]),
    ):
        if same:
            size = max(abs(c.size) for c in same) * 100
            yield code, {"size": size, "how": ", ".join(_how(c, tested) for c in same)}


def _testable(phase: Phase, measured: Measured, windows: Windows) -> Windows:
    """Windows of about 10 steps or more whose rounding the tests can bear."""
    script, estimate = measured.script, measured.estimate
    if not windows.steps or script is None or estimate is None:
        return Windows()
    if script.lines == "cumulative":
        rate = (phase.batch or 1.0) / estimate.seconds
        return readable(windows, rate, script.rate_quantum or 0.0, _TEST_ROUNDING)
    return batches(windows) if len(windows) < 20 else windows


def _how(change: Change, windows: Windows) -> str:
    """In words where a change happens."""
    if change.kind == "drift":
        return f"steadily, {change.size * 100:+.1f} % step time from the first to the last window"
    return f"at once, {change.size * 100:+.1f} % step time after step {windows.ends[change.index - 1]}"


def _few(phase: Phase, measured: Measured) -> Iterator[Finding]:
    """Too few windows or steps for an interval of use."""
    estimate, steps = measured.estimate, sum(measured.kept.steps) or whole(phase.row.get("n_steps"))
    count = len(batches(measured.kept)) if measured.kept.steps else 0
    if estimate is None or not measured.warmup.settled or steps == 0:
        return
    if steps >= _ENOUGH_STEPS and (count == 0 or count >= FEW_WINDOWS):
        return  # long enough; where it has no interval, that is for want of step lines
    if estimate.half_width() is None:
        effect = "no interval can be made"
    elif estimate.method == "conservative" and steps < _FEW_STEPS:
        effect = "the interval rests on the printed spread of very few steps"
    elif estimate.method == "windows" and count < FEW_WINDOWS:
        effect = "the interval is very wide, and start-up may be in it"
    else:
        return
    yield (
        "too-few-steps",
        {"steps": _count(steps, "step"), "windows": _count(count, "window"), "effect": effect},
    )


def _count(many: int, what: str) -> str:
    """A number of things in words."""
    return f"{many} {what}" if many == 1 else f"{many} {what}s"


def _coarse(phase: Phase, measured: Measured) -> Iterator[Finding]:
    """Printed values with so few digits that rounding alone makes ±1 % or more; totals of 0.00."""
    total = number(phase.row.get("end_to_end_examples_per_second"))
    if total == 0:
        yield (
            "coarse-rounding",
            {"value": "total images/sec: 0.00", "quantum": "0.01 examples/s", "percent": 100.0},
        )
    estimate, script = measured.estimate, measured.script
    if estimate is None or script is None or estimate.quantum / 2 < _COARSE:
        return
    if script.seconds_quantum is not None:
        value, quantum = f"{estimate.seconds:.4g} s", f"{script.seconds_quantum:g} s"
    else:
        value, quantum = (
            f"{(phase.batch or 1) / estimate.seconds:.1f} examples/s",
            f"{script.rate_quantum:g} examples/s",
        )
    yield "coarse-rounding", {"value": value, "quantum": quantum, "percent": estimate.quantum * 50}


def _ranks(phase: Phase, _: Measured) -> Iterator[Finding]:
    """Workers of one job that report speeds far apart at their last common step."""
    ranks = {x.rank for x in phase.lines}
    if len(ranks) < 2:
        return
    for group in reversed(list(same_step(phase.lines))):
        rates = [float(x.rate or 0) for x in group if positive(x.rate)]
        if len(rates) > 1 and len({x.rank for x in group}) == len(ranks):
            low, high = min(rates), max(rates)
            if high > low * (1 + _APART):
                percent = (high / low - 1) * 100
                yield "ranks-disagree", {"low": low, "high": high, "percent": percent, "line": group[-1].line}
            return


def _summary(_: Phase, measured: Measured) -> Iterator[Finding]:
    """alexnet_benchmark: a printed mean that its own steps do not give."""
    summary = measured.summary
    if summary is None:
        return
    if summary.corrected:
        given = measured.estimate.seconds if measured.estimate is not None else summary.mean
        why = f"this old checkout divides the sum of {summary.steps - 1} step times by {summary.steps}"
        action = "the corrected value is used, the printed one is kept beside it"
        yield "summary-contradicts-steps", _contradiction(why, summary.printed_mean, given, action)
    elif not measured.agrees and summary.steps >= _FEW_STEPS:
        action = "the printed mean is used; look at the time stamps around its steps"
        why = "the time stamps do not give the printed mean"
        yield "summary-contradicts-steps", _contradiction(why, summary.mean, measured.windows.mean(), action)


def _contradiction(why: str, printed: float, given: float, action: str) -> dict[str, Any]:
    """Fields of a summary-contradicts-steps finding."""
    return {"why": why, "printed": printed, "given": given, "action": action}
