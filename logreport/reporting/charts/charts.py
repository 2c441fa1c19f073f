"""Charts drawn by matplotlib's objects (never pyplot) from the frozen data of a report."""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from logreport.reporting.charts import svg
from logreport.reporting.charts.axes import BESIDE, PANEL, Margins, axes_of, finish, plain
from logreport.reporting.charts.speedup_chart import speedups
from logreport.reporting.report import (
    BatchChart,
    Chart,
    HistoryChart,
    Line,
    Point,
    SeriesChart,
    SpeedupChart,
    StepsChart,
)
from logreport.reporting.text import formatting as fmt

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TALL, _SMALL = 205.0, 150.0  # px


@lru_cache(maxsize=128)
def draw(chart: Chart, *, narrow: bool = False) -> str:
    """A chart as an SVG element; the same chart gives the same bytes.

    Args:
        chart: what to draw.
        narrow: for a narrow screen; it matters for the speedup chart only.
    """
    import matplotlib as mpl

    settings: Any = svg.RC
    with mpl.rc_context(settings):
        if isinstance(chart, SpeedupChart):
            return speedups(replace(chart, key=f"{chart.key}-narrow") if narrow else chart, narrow=narrow)
        if isinstance(chart, BatchChart):
            return _by_batch(chart)
        if isinstance(chart, StepsChart):
            return _steps(chart)
        if isinstance(chart, SeriesChart):
            return _over_time(chart)
        if isinstance(chart, HistoryChart):
            return _history(chart)
    raise TypeError(f"no way to draw {type(chart).__name__}")


def _thousands(value: float, _position: object = None) -> str:
    return fmt.fixed(value, 0) if value == int(value) else f"{value:g}"


def _from_zero(axes: "Axes", top: float, unit: str) -> None:
    """A y axis from zero with few ticks, its unit above it instead of along it."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.set_ylim(0, top)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(_thousands))
    axes.grid(axis="y")
    axes.spines["left"].set_visible(False)
    axes.annotate(
        unit, (0, 1), (-44, 12), xycoords="axes fraction", textcoords="offset points", color=svg.MUTED
    )


def _by_batch(chart: BatchChart) -> str:
    several = len(chart.lines) > 1
    axes = axes_of(PANEL, _TALL, Margins(48, 130 if several else 34, 28, 40))
    sizes = sorted({p.x for line in chart.lines for p in line.points})
    top = max(max(p.y, p.high or p.y) for line in chart.lines for p in (*line.points, *chart.ideal))
    if chart.ideal:  # a straight line where both axes are linear
        axes.plot(
            [p.x for p in chart.ideal], [p.y for p in chart.ideal], color=svg.MUTED, linestyle=(0, (1, 2))
        )
        axes.set_xlim(0, sizes[-1])
    else:
        axes.set_xscale("log", base=2)
        # Room for half of the first and last number, however far apart the sizes are.
        room = (sizes[-1] / sizes[0]) ** 0.07 if len(sizes) > 1 else 1.14
        axes.set_xlim(sizes[0] / room, sizes[-1] * room)
    axes.set_xticks(sizes, _spaced(sizes))
    axes.set_xticks([], minor=True)
    _from_zero(axes, top * 1.15, chart.unit)
    axes.set_xlabel(chart.across, loc="right")
    for n, line in enumerate(chart.lines):
        _batch_line(axes, n, line, several=several)
    if several:
        _label_ends(axes, chart.lines, top * 1.15)
    return finish(
        axes, chart, {_named(n, line): [p.tip for p in line.points] for n, line in enumerate(chart.lines)}
    )


def _spaced(sizes: Sequence[float]) -> list[str]:
    """Batch sizes as tick labels; one that would touch its left neighbour is left out."""
    labels: list[str] = []
    shown = 0.0
    for size in sizes:
        text = f"{size:.0f}"
        share = math.log2(size / shown) / math.log2(sizes[-1] / sizes[0]) if shown else 1.0  # of the axis
        near = share < 0.035 * (len(text) + 1)
        labels.append("" if near else text)
        shown = shown if near else size
    return labels


def _named(n: int, line: Line) -> str:
    return svg.of_device(line.device, f"line-{n}")


def _batch_line(axes: "Axes", n: int, line: Line, *, several: bool) -> None:
    colour = svg.colour(line.device)
    xs, ys = [p.x for p in line.points], [p.y for p in line.points]
    banded = [(p.x, p.low, p.high) for p in line.points if p.low is not None and p.high is not None]
    if len(banded) > 1:
        x, low, high = zip(*banded, strict=True)
        band = svg.of_device(line.device, f"band-{n}")
        axes.fill_between(x, low, high, color=colour, alpha=0.2, linewidth=0, gid=band)
    style = svg.dash(line.device) if several else "solid"
    shape = svg.marker(line.device)
    axes.plot(xs, ys, color=colour, linestyle=style, marker=shape, gid=_named(n, line), clip_on=False)
    if not several:
        for p, text in zip(line.points, line.labels or fmt.column(ys), strict=True):
            axes.annotate(text, (p.x, p.y), (0, 8), textcoords="offset points", ha="center")


def _apart(values: Sequence[float], gap: float, top: float) -> list[float]:
    """Rising values moved so that neighbours are at least `gap` apart and none is above `top`."""
    heights: list[float] = []
    for value in values:
        heights.append(max(value, heights[-1] + gap) if heights else value)
    ceiling = top
    for n in reversed(range(len(heights))):
        heights[n] = min(heights[n], ceiling)
        ceiling = heights[n] - gap
    return heights


def _label_ends(axes: "Axes", lines: Sequence[Line], top: float) -> None:
    """Each line's name at its right end, moved apart where two would touch."""
    ranked = sorted(lines, key=lambda s: s.points[-1].y)
    heights = _apart([line.points[-1].y for line in ranked], top / 9, top)
    for line, height in zip(ranked, heights, strict=True):
        axes.annotate(plain(line.label, 19), (1, height), (6, 0), va="center", **BESIDE)


def _steps(chart: StepsChart) -> str:
    axes = axes_of(PANEL, _TALL - 10, Margins(48, 48, 28, 40))
    points = (*chart.dots, *chart.cumulative)
    reach = [p.y for p in points] + ([chart.mean * 1.15] if chart.mean else [])
    first, last = min(p.x for p in points), max(p.x for p in points)
    margin = (last - first) * 0.03 or 1
    axes.set_xlim(first - margin, last + margin)
    _from_zero(axes, max(reach) * 1.08, chart.unit)
    axes.set_xlabel("step", loc="right")
    if chart.warmup_until is not None:
        axes.axvspan(first - margin, chart.warmup_until, color=svg.MUTED, alpha=0.15, linewidth=0)
    for step in chart.changes:
        axes.axvline(step, color=svg.INK, linewidth=1, linestyle=(0, (2, 2)))
        axes.annotate(f"step {step:.0f}", (step, 0), (4, 5), textcoords="offset points", color=svg.MUTED)
    tips = _step_marks(axes, chart)
    if chart.mean:
        axes.axhline(chart.mean, color=svg.INK, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.annotate(chart.mean_text, (1, chart.mean), (5, 0), va="center", fontweight="bold", **BESIDE)
    return finish(axes, chart, tips)


def _over_time(chart: SeriesChart) -> str:
    """A line for each device, and the times shaded in which a clock was held down."""
    axes = axes_of(PANEL, _SMALL, Margins(48, 48, 28, 40))
    points = [p for line in chart.lines for p in line.points]
    axes.set_xlim(0, max(p.x for p in points) or 1)
    _from_zero(axes, max(p.y for p in points) * 1.08 or 1, chart.unit)
    axes.set_xlabel(chart.across, loc="right")
    for begin, end in chart.held:
        axes.axvspan(begin, end, color=svg.MUTED, alpha=0.15, linewidth=0)
    tips: dict[str, Sequence[str]] = {}
    for n, line in enumerate(chart.lines):
        gid = svg.of_device(line.device, f"series-{n}")
        _plot(axes, line.points, gid, color=svg.colour(line.device), linewidth=1.2)
        tips |= {gid: [p.tip for p in line.points]} if len(line.points) <= 400 else {}
    return finish(axes, chart, tips)


def _step_marks(axes: "Axes", chart: StepsChart) -> dict[str, Sequence[str]]:
    """Dots for windows, a line for the cumulative mean; what each says."""
    colour = svg.colour(chart.device)
    dots, cumulative = (svg.of_device(chart.device, part) for part in ("dots", "cumulative"))
    if chart.cumulative:
        _plot(axes, chart.cumulative, cumulative, color=colour, marker="" if chart.dots else ".")
    if chart.dots:
        size = 6 if len(chart.dots) <= 60 else 3
        shape = svg.marker(chart.device)
        _plot(axes, chart.dots, dots, color=colour, marker=shape, markersize=size, linestyle="none")
    marked = chart.dots or chart.cumulative
    return {dots if chart.dots else cumulative: [p.tip for p in marked]} if len(marked) <= 400 else {}


def _plot(axes: "Axes", points: Sequence[Point], gid: str, **style: Any) -> None:  # noqa: ANN401 - matplotlib's own
    axes.plot([p.x for p in points], [p.y for p in points], gid=gid, clip_on=False, **style)


def _history(chart: HistoryChart) -> str:
    """A dot with whiskers for each run, a line at each mean, and a dotted one at each change."""
    from matplotlib.dates import AutoDateLocator, DateFormatter

    axes = axes_of(PANEL, _TALL - 10, Margins(48, 48, 28, 40))
    first, last = chart.dots[0].x, chart.dots[-1].x
    axes.set_xlim(first - (last - first) * 0.03, last + (last - first) * 0.03)
    _from_zero(axes, max(max(p.y, p.high or p.y) for p in chart.dots) * 1.1, chart.unit)
    axes.xaxis.set_major_locator(AutoDateLocator(minticks=2, maxticks=4))  # type: ignore[no-untyped-call] # no types
    axes.xaxis.set_major_formatter(DateFormatter("%Y-%m-%d"))  # type: ignore[no-untyped-call] # no types
    axes.tick_params(axis="x", pad=9)
    colour, shape, dots = (
        svg.colour(chart.device),
        svg.marker(chart.device),
        svg.of_device(chart.device, "dots"),
    )
    for p in chart.dots:
        if p.low is not None and p.high is not None:
            axes.plot([p.x, p.x], [p.low, p.high], color=svg.MUTED, linewidth=1)
    size = 6 if len(chart.dots) <= 60 else 3
    _plot(axes, chart.dots, dots, color=colour, marker=shape, markersize=size, linestyle="none")
    for begin, end, mean in chart.levels:
        axes.plot([begin, end], [mean, mean], color=svg.INK, linewidth=1.2)
    for at in chart.changes:
        axes.axvline(at, color=svg.INK, linewidth=1, linestyle=(0, (2, 2)))
    mean = chart.levels[-1][2]
    axes.annotate(fmt.number(mean), (1, mean), (5, 0), va="center", fontweight="bold", **BESIDE)
    return finish(axes, chart, {dots: [p.tip for p in chart.dots]} if len(chart.dots) <= 400 else {})
