"""The steps of one run as charts: its speed, with warm-up and changes marked, and its loss."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from logreport.reporting.report import Point, StepsChart
from logreport.reporting.sections.answers import phase_workload
from logreport.reporting.sections.facts import Facts
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import wording

Record = dict[str, Any]
_MOST = 200  # points that two runs are set beside each other by
_WINDOWS = 10  # that show whether a speed is steady; fewer only show what they were


def _speed_of(step: Record, batch_size: int | None) -> float | None:
    """Speed of a step in examples/s, from its time where the line prints no speed."""
    if fmt.usable(step["examples_per_second"]):
        return float(step["examples_per_second"])
    seconds = step["seconds_per_batch"]
    return batch_size / seconds if fmt.usable(seconds) and seconds > 0 and batch_size else None


def _points(pairs: Sequence[tuple[int | None, float | None]], unit: str) -> tuple[Point, ...]:
    return tuple(
        Point(float(x), y, tip=f"step {x}: {fmt.number(y)} {unit}")
        for x, y in pairs
        if x is not None and y is not None and fmt.usable(y)
    )


def _series(
    rows: Sequence[Record], size: int | None, unit: str
) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
    """Window speeds, and the cumulative mean where the lines print one."""
    printed = [(r["step"], _speed_of(r, size)) for r in rows]
    windows = [(r["step"], r["window_examples_per_second"]) for r in rows]
    if not any(r["jitter"] is not None for r in rows):
        return _points(windows if any(fmt.usable(w) for _, w in windows) else printed, unit), ()
    return _points(windows, unit), _points(printed, unit)


def windows_of(facts: Facts, run: Record, phase: Record) -> tuple[tuple[int, float], ...]:
    """The speed of each window by its last step, or as printed where there are none; of very many some, evenly."""
    steps = facts.steps.columns(run["run_id"], phase["phase"], "rank", "step", "window_examples_per_second")
    found = [(step, speed) for rank, step, speed in steps if rank == steps[0][0]]
    if not any(fmt.usable(speed) for _, speed in found):
        size = phase["batch_size"] if phase["batch_size"] is not None else run["batch_size"]
        found = [(r["step"], _speed_of(r, size)) for r in _of_phase(facts, run, phase)]
    known = [(step, speed) for step, speed in found if step is not None and fmt.usable(speed)]
    return tuple(known[:: -(-len(known) // _MOST) or 1])


def _steadiness(
    name: str, windows: Sequence[Point], cumulative: Sequence[Point], mean: float | None, unit: str
) -> str:
    """What the steps show, as the title of their chart; a cumulative mean gets steady by itself."""
    speeds = [p.y for p in windows or cumulative]
    if not mean or len(speeds) < 3:
        return name
    spread = (max(speeds) - min(speeds)) / mean
    if spread <= 0.05 and len(windows) >= _WINDOWS:
        return f"{name}: steady within {fmt.percent(spread, 2)}"
    return f"{name}: from {' to '.join(fmt.pair(min(speeds), max(speeds)))} {unit}"


def _of_phase(facts: Facts, run: Record, phase: Record) -> list[Record]:
    """The steps of a phase; of several workers, those of the first."""
    rows = facts.steps.of(run["run_id"], phase["phase"])
    return [r for r in rows if r["rank"] == rows[0]["rank"]]


def _where(run: Record, rows: Sequence[Record]) -> str:
    """The lines that the steps stand on."""
    lines = [r["line"] for r in rows if r["line"] is not None]
    source = fmt.clean(run["source"])
    return f"{source}:{min(lines)}{fmt.DASH}{max(lines)}" if lines else source


def _caption(chart: StepsChart, where: str) -> str:
    """What is drawn how, and where it comes from."""
    drawn = "Dots: speed of each window; line: cumulative mean." if chart.dots and chart.cumulative else ""
    drawn = drawn or ("Cumulative mean." if chart.cumulative else "Dots: speed as printed.")
    warm = " Shaded: left out as warm-up." if chart.warmup_until is not None else ""
    named = fmt.listed([fmt.fixed(step, 0) for step in chart.changes])
    changed = f" Dotted: the speed changes after step {named}." if chart.changes else ""
    return f"{drawn}{warm}{changed} {where}"


def steps_chart(facts: Facts, run: Record, phase: Record) -> StepsChart | None:
    """Speed over the steps of a phase; none for fewer than two points."""
    rows = _of_phase(facts, run, phase)
    size = phase["batch_size"] if phase["batch_size"] is not None else run["batch_size"]
    dots, cumulative = _series(rows, size, facts.unit)
    if max(len(dots), len(cumulative)) < 2:
        return None
    warm = [r["step"] for r in rows if r["is_warmup"] and r["step"] is not None]
    mean = phase["examples_per_second"] if fmt.usable(phase["examples_per_second"]) else None
    device, name = wording.device_name(run), facts.workload(phase_workload(run, phase))
    steady = [p for p in dots if not warm or p.x > max(warm)]
    chart = StepsChart(
        key=f"steps-{run['run_id']}-{phase['phase']}",
        title=wording.capital(
            _steadiness(wording.phase_name(phase["phase"]), steady, cumulative, mean, facts.unit)
        ),
        caption="",
        alt=f"Speed over the steps of {device} on {name}: " + _alt(dots or cumulative, facts.unit),
        unit=facts.unit,
        device=facts.device(device),
        dots=dots,
        cumulative=cumulative,
        mean=mean,
        mean_text=fmt.number(mean) if mean else "",
        warmup_until=float(max(warm)) if warm else None,
        changes=facts.changes.get((run["run_id"], phase["phase"] or ""), ()),
    )
    return replace(chart, caption=_caption(chart, _where(run, rows)))


def loss_chart(facts: Facts, run: Record, phase: Record) -> StepsChart | None:
    """Loss over the steps of a phase; none for fewer than three values, or where one is below zero."""
    rows = _of_phase(facts, run, phase)
    points = _points([(r["step"], r["loss"]) for r in rows], "loss")
    if len(points) < 3 or min(p.y for p in points) < 0 or not any(p.y for p in points):
        return None
    device, name = wording.device_name(run), facts.workload(phase_workload(run, phase))
    first, last = fmt.pair(points[0].y, points[-1].y)
    return StepsChart(
        key=f"loss-{run['run_id']}-{phase['phase']}",
        title=f"Loss: from {first} to {last}" if first != last else f"Loss: {first} at both ends",
        caption=f"Loss as printed. {_where(run, rows)}",
        alt=f"Loss over the steps of {device} on {name}: " + _alt(points, "loss"),
        unit="loss",
        device=facts.device(device),
        dots=points,
    )


def _alt(points: Sequence[Point], unit: str) -> str:
    low, high = min(p.y for p in points), max(p.y for p in points)
    return f"{len(points)} points from {fmt.number(low)} to {fmt.number(high)} {unit}."
