"""Doubts about one phase: its loss, its length, its rounding, its steadiness, its workers, its summary."""

import math
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

from logreport.analysis.findings.changes import change
from logreport.analysis.measurement.intervals import FEW_WINDOWS, batches, in_tens
from logreport.analysis.measurement.measure import Measured
from logreport.analysis.measurement.numbers import number, positive
from logreport.analysis.measurement.phases import Phase, whole
from logreport.analysis.measurement.steady_state import GATE_WINDOWS, bad_windows
from logreport.analysis.measurement.telemetry import Telemetry
from logreport.analysis.measurement.windows import Windows, readable, rounding_of, same_step
from logreport.tables.findings import add
from logreport.tables.tables import Tables

_COARSE = 0.01  # rounding alone, ± relative, from which a value is called coarse
_TEST_ROUNDING = 0.02  # largest rounding error of a window that the tests for changes may see
_APART = 0.05  # workers of one synchronous job differ by less
_ENOUGH_STEPS = 40  # 4 windows of 10
_FEW_STEPS = 10  # a mean over fewer says little even where its spread is known
_HEAVY = 3  # standard deviation over jitter (which does not see single steps), from which few steps make the spread
_JITTER_QUANTUM = 0.1  # examples/s; ± and jitter are printed with %.1f
_FAR = 1.5  # times; the totals of 3 930 real runs are within 1.2 times the speed of their steps
_SPREAD = 0.02  # relative; a smaller standard deviation harms nobody
Finding = tuple[str, dict[str, Any]]


def check_phase(tables: Tables, phase: Phase, measured: Measured, seen: Telemetry) -> None:
    """Append every finding about one phase."""
    for check in (_loss, _settled, _slow_start, _unsteady, _few, _coarse, _ranks, _summary, _total):
        for code, fields in check(phase, measured):
            if code == "slows-down":
                fields.update(_cause(phase, measured, seen, fields))
            line = fields.pop("line", phase.row.get("line"))
            add(tables, code, {**phase.place, "line": line}, **fields)


def _loss(phase: Phase, _: Measured) -> Iterator[Finding]:
    """A loss of nan or inf in the steps of a training run."""
    if "training" not in str(phase.row.get("phase") or phase.run.get("mode") or ""):
        return
    losses = enumerate(phase.lines.values("loss"))
    place = next((i for i, loss in losses if isinstance(loss, float) and not math.isfinite(loss)), None)
    if place is not None:
        x = phase.lines[place]
        yield "non-finite-loss", {"loss": str(x.loss), "step": x.step, "line": x.line}


def _settled(_: Phase, measured: Measured) -> Iterator[Finding]:
    """A warm-up that does not end."""
    if not measured.warmup.settled:
        yield "not-settled", {"windows": len(measured.windows)}


def _slow_start(phase: Phase, measured: Measured) -> Iterator[Finding]:
    """A run that was slow at first although its script warms up before it measures."""
    script, cut = measured.script, measured.warmup.cut
    if not cut or script is None or script.warms_up:
        return
    start, rest = measured.windows.at(range(cut)), measured.kept
    yield (
        "slow-start",
        {
            "step": start.ends[-1],
            "percent": (start.mean() / rest.mean() - 1) * 100,
            **_speeds(phase, measured, printed=measured.windows.mean(), without=rest.mean()),
        },
    )


def _speeds(phase: Phase, measured: Measured, **seconds: float) -> dict[str, Any]:
    """Step times as speeds, and their unit; as they are where the batch size is not known."""
    scale = measured.scale(phase)
    if scale is None:
        return {**seconds, "unit": "s"}
    return {**{name: scale / value for name, value in seconds.items()}, "unit": "examples/s"}


def _unsteady(phase: Phase, measured: Measured) -> Iterator[Finding]:
    """What one mean does not describe: a change, else single windows that are far slower, else single steps."""
    yield from next(
        (found for check in (_change, _bad_window, _uneven) if (found := [*check(phase, measured)])), ()
    )


def _change(phase: Phase, measured: Measured) -> Iterator[Finding]:
    """Speed that changes while it is measured."""
    windows = measured.kept if measured.warmup.settled else measured.windows
    tested = _testable(phase, measured, windows)
    found = change(tested.seconds)
    if found is None or (found.size < 0 and not measured.warmup.settled):
        return
    code = "slows-down" if found.size > 0 else "speeds-up"
    where = (
        {"how": "steadily"}
        if found.kind == "drift"
        else {"how": "at-once", "step": tested.ends[found.index - 1]}
    )
    yield code, {"percent": abs(found.size) * 100, "change": found.size * 100, **where}


def _cause(phase: Phase, measured: Measured, seen: Telemetry, fields: dict[str, Any]) -> dict[str, Any]:
    """What held a clock down since a run is slower, or in its second half where it slows down steadily."""
    windows = measured.kept if measured.warmup.settled else measured.windows
    ends = seen.ends(phase, windows)
    if ends is None:
        return {}
    step = fields.get("step")
    at = len(ends) // 2 if step is None else 1 + max(0, bisect_left(windows.ends, step))
    found = seen.cause((ends[0], ends[at]), (ends[at], ends[-1]))
    if found is None:
        return {}
    how = f"{fields['how']}-{found['reason']}"
    before, after = found["clocks"]
    clock = {} if None in (before, after) else {"before": before / 1e9, "after": after / 1e9}
    return {
        "device": str(found["device"]).upper(),
        "share": found["share"],
        "how": f"{how}-clock" if clock else how,
        **clock,
    }


def _bad_window(phase: Phase, measured: Measured) -> Iterator[Finding]:
    """Windows far slower than the others, the worst of which is named."""
    tens = in_tens(measured.kept) if measured.kept.steps else measured.kept
    trusted = measured.warmup.settled and measured.agrees
    if not trusted or len(tens) + measured.warmup.cut < GATE_WINDOWS:
        return
    windows = _readable(phase, measured, tens)
    bad = bad_windows(windows.seconds)
    if not bad:
        return
    worst = max(bad, key=lambda i: windows.seconds[i])
    without = windows.at(i for i in range(len(windows)) if i not in bad).mean()
    yield (
        "one-bad-window",
        {
            "first": windows.ends[worst] - windows.steps[worst] + 1,
            "last": windows.ends[worst],
            "others": {1: "none", 2: "one"}.get(len(bad), "many"),
            "more": len(bad) - 1,
            "percent": (windows.seconds[worst] / without - 1) * 100,
            **_speeds(phase, measured, speed=windows.mean(), without=without),
        },
    )


def _uneven(phase: Phase, _: Measured) -> Iterator[Finding]:
    """A spread that few steps make: far larger than the printed jitter, at the least that rounding leaves of it."""
    last = phase.lines[-1] if phase.lines else None
    quantum = _JITTER_QUANTUM / 2
    if last is None or last.jitter is None or not positive(last.sem) or not positive(last.rate):
        return
    if len(set(phase.lines.values("rank"))) > 1:
        return
    root, rate = math.sqrt(whole(last.step)), float(last.rate or 1.0)
    sd, jitter = float(last.sem or 0) * root, float(last.jitter)
    if sd > _SPREAD * rate and (float(last.sem or 0) - quantum) * root > _HEAVY * (jitter + quantum):
        yield "uneven-steps", {"sd": sd, "jitter": jitter, "percent": sd / rate * 100}


def _testable(phase: Phase, measured: Measured, windows: Windows) -> Windows:
    """Windows of about 10 steps or more whose rounding the tests for changes can bear."""
    if not windows.steps or measured.script is None or measured.estimate is None:
        return Windows()
    if measured.script.lines == "cumulative":
        return _readable(phase, measured, windows)
    return batches(windows) if len(windows) < 20 else windows


def _readable(phase: Phase, measured: Measured, windows: Windows) -> Windows:
    """The same windows, merged where rounding is too coarse for them."""
    script, estimate = measured.script, measured.estimate
    if script is None or estimate is None or script.lines != "cumulative":
        return windows
    return readable(windows, rounding_of(script, phase.batch or 1.0, estimate.seconds), _TEST_ROUNDING)


def _few(phase: Phase, measured: Measured) -> Iterator[Finding]:
    """Too few windows or steps for an interval of use."""
    estimate, steps = measured.estimate, sum(measured.kept.steps) or whole(phase.row.get("n_steps"))
    if estimate is None or not measured.warmup.settled or steps == 0:
        return
    count = len(batches(measured.kept)) if measured.kept.steps else 0
    if steps >= _ENOUGH_STEPS and (count == 0 or count >= FEW_WINDOWS):
        return  # long enough; where it has no interval, that is for want of step lines
    if estimate.half_width() is None:
        effect = "none"
    elif estimate.method == "conservative" and steps < _FEW_STEPS:
        effect = "few-steps"
    elif estimate.method == "windows" and count < FEW_WINDOWS:
        effect = "few-windows"
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
        yield "coarse-rounding", {"unit": "total", "value": 0.0, "quantum": 0.01, "percent": 100.0}
    estimate, script = measured.estimate, measured.script
    if estimate is None or script is None or estimate.quantum / 2 < _COARSE:
        return
    if script.seconds_quantum is not None:
        printed = {"unit": "s", "value": estimate.seconds, "quantum": script.seconds_quantum}
    else:
        rate = (phase.batch or 1) / estimate.seconds
        printed = {"unit": "examples/s", "value": rate, "quantum": script.rate_quantum}
    yield "coarse-rounding", {**printed, "percent": estimate.quantum * 50}


def _ranks(phase: Phase, _: Measured) -> Iterator[Finding]:
    """Workers of one job that report speeds far apart at their last common step."""
    ranks = set(phase.lines.values("rank"))
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
    """A printed mean that its own steps do not give."""
    summary = measured.summary
    if summary is None:
        return
    if summary.corrected:
        given = measured.estimate.seconds if measured.estimate is not None else summary.mean
        yield (
            "summary-contradicts-steps",
            {
                "why": "one-step-less",
                "summed": summary.steps - 1,
                "steps": summary.steps,
                "printed": summary.printed_mean,
                "given": given,
                "action": "corrected",
            },
        )
    elif not measured.agrees and summary.steps >= _FEW_STEPS:
        means = {"printed": summary.mean, "given": measured.windows.mean()}
        yield "summary-contradicts-steps", {"why": "time-stamps", **means, "action": "printed"}


def _total(phase: Phase, measured: Measured) -> Iterator[Finding]:
    """A printed total that is far less than its own steps give; one of several workers is more than those of one."""
    total, scale = number(phase.row.get("end_to_end_examples_per_second")), measured.scale(phase)
    if not total or scale is None or sum(measured.windows.steps) < _FEW_STEPS:
        return
    given = scale / measured.windows.mean()
    if given > total * _FAR:
        yield "total-contradicts-steps", {"printed": total, "given": given}
