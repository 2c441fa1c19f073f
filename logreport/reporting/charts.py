"""Charts drawn by matplotlib's objects (never pyplot) from the frozen data of a report."""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from logreport.reporting import formatting as fmt
from logreport.reporting import svg
from logreport.reporting.report import Bar, BatchChart, Chart, Line, Point, SpeedupChart, StepsChart

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDE, _PANEL, _TALL = 820.0, 380.0, 205.0  # px
_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)

# A label at a height of the data, placed from an edge of the axes and allowed outside them.
_BESIDE: dict[str, Any] = {
    "xycoords": ("axes fraction", "data"),
    "textcoords": "offset points",
    "annotation_clip": False,
}


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
            return _speedups(replace(chart, key=f"{chart.key}-narrow") if narrow else chart, narrow=narrow)
        if isinstance(chart, BatchChart):
            return _by_batch(chart)
        if isinstance(chart, StepsChart):
            return _steps(chart)
    raise TypeError(f"no way to draw {type(chart).__name__}")


class _Margins(NamedTuple):
    """Room around the axes, in px."""

    left: float
    right: float
    top: float
    bottom: float


def _axes(width: float, height: float, room: _Margins) -> "Axes":
    """Axes on an empty figure of that size in px."""
    from matplotlib.figure import Figure

    left, right, top, bottom = room
    figure = Figure(figsize=(width / 72, height / 72))
    figure.patch.set_visible(False)
    box = (left / width, bottom / height, (width - left - right) / width, (height - top - bottom) / height)
    axes = figure.add_axes(box)
    axes.patch.set_visible(False)
    axes.tick_params(length=0)
    return axes


def _finish(axes: "Axes", chart: Chart, tips: dict[str, Sequence[str]]) -> str:
    figure = axes.get_figure(root=True)
    if figure is None:  # pragma: no cover - axes made above always have one
        raise TypeError("axes without a figure")
    return svg.write(figure, chart.key, chart.alt, tips)


def _plain(text: str, most: int) -> str:
    """Text that fits: cut in the middle, where names differ least."""
    if len(text) <= most:
        return text
    half = (most - 1) // 2
    return f"{text[:half].rstrip()}…{text[-half:].lstrip()}"


class _Layout(NamedTuple):
    """The speedup chart's measures in px: labels stand left of the bars, or above them where it is narrow."""

    width: float
    row: float
    left: float
    label: tuple[float, float]
    detail: tuple[float, float]
    most: int


_WIDE_LAYOUT = _Layout(_WIDE, 46, 410, (-410, 8), (-410, -9), 48)
_NARROW_LAYOUT = _Layout(_PANEL, 72, 4, (0, 34), (0, 18), 46)


def _speedups(chart: SpeedupChart, *, narrow: bool) -> str:
    bars, layout = chart.bars, _NARROW_LAYOUT if narrow else _WIDE_LAYOUT
    axes = _axes(layout.width, layout.row * len(bars) + 40, _Margins(layout.left, 70, 4, 36))
    for n, bar in enumerate(bars):
        _bar(axes, n, bar)
        _bar_labels(axes, n, bar, layout)
    for n in range(len(bars)) if narrow else ():  # labels stand between the bars there: no line crosses them
        axes.plot([1, 1], [n - 0.17, n + 0.17], color=svg.INK, linewidth=1)
    axes.set_xscale("log")
    axes.set_xlim(*_reach(bars))
    axes.set_ylim(len(bars) - (0.7 if narrow else 0.5), -0.7 if narrow else -0.5)
    axes.set_yticks([])
    _ratio_ticks(axes)
    if not narrow:
        axes.axvline(1, color=svg.INK, linewidth=1)
        axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    return _finish(axes, chart, {_dot(n, bar): [bar.tip] for n, bar in enumerate(bars)})


def _dot(n: int, bar: Bar) -> str:
    return svg.of_device(bar.device, f"bar-{n}")


def _bar(axes: "Axes", n: int, bar: Bar) -> None:
    """A stem from the baseline to the dot, whiskers where there is an interval, and the value at its end."""
    colour, shape, stem = (
        svg.colour(bar.device),
        svg.marker(bar.device),
        svg.of_device(bar.device, f"stem-{n}"),
    )
    axes.plot([1, bar.value], [n, n], color=colour, linewidth=6, alpha=0.3, solid_capstyle="butt", gid=stem)
    if bar.low is not None and bar.high is not None:
        axes.plot([bar.low, bar.high], [n, n], color=svg.INK, linewidth=1.4, marker="|", markersize=9)
    axes.plot([bar.value], [n], color=colour, marker=shape, markersize=9, gid=_dot(n, bar))
    end = max(bar.value, bar.high or bar.value, 1.0)
    axes.annotate(
        bar.text, (end, n), (10, 0), textcoords="offset points", va="center", fontweight="bold", fontsize=14
    )


def _bar_labels(axes: "Axes", n: int, bar: Bar, layout: _Layout) -> None:
    label, detail = _plain(bar.label, layout.most), _plain(bar.detail, layout.most + 16)
    axes.annotate(label, (0, n), layout.label, va="center", fontsize=13, fontweight="bold", **_BESIDE)
    axes.annotate(detail, (0, n), layout.detail, va="center", color=svg.MUTED, **_BESIDE)


def _reach(bars: Sequence[Bar]) -> tuple[float, float]:
    low = min(min(b.value, b.low or b.value) for b in bars)
    high = max(max(b.value, b.high or b.value) for b in bars)
    return min(low * 0.85, 0.9), max(high * 1.15, 1.2)


def _ratio_ticks(axes: "Axes") -> None:
    low, high = axes.get_xlim()
    shown = [t for t in _TICKS if low <= t <= high]
    step = math.ceil(len(shown) / 8)
    at_one = shown.index(1)
    shown = [t for i, t in enumerate(shown) if (i - at_one) % step == 0]
    axes.set_xticks(shown, [f"{t:g}{fmt.TIMES}" for t in shown], minor=False)
    axes.set_xticks([], minor=True)


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
    axes = _axes(_PANEL, _TALL, _Margins(48, 130 if several else 34, 28, 40))
    sizes = sorted({p.x for line in chart.lines for p in line.points})
    top = max(max(p.y, p.high or p.y) for line in chart.lines for p in line.points)
    axes.set_xscale("log", base=2)
    axes.set_xlim(sizes[0] * 0.88, sizes[-1] * 1.14)
    axes.set_xticks(sizes, _spaced(sizes))
    axes.set_xticks([], minor=True)
    _from_zero(axes, top * 1.15, chart.unit)
    axes.set_xlabel("batch size", loc="right")
    for n, line in enumerate(chart.lines):
        _batch_line(axes, n, line, several=several)
    if several:
        _label_ends(axes, chart.lines, top * 1.15)
    return _finish(
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
        axes.annotate(_plain(line.label, 19), (1, height), (6, 0), va="center", **_BESIDE)


def _steps(chart: StepsChart) -> str:
    axes = _axes(_PANEL, _TALL - 10, _Margins(48, 48, 28, 40))
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
        axes.annotate(chart.mean_text, (1, chart.mean), (5, 0), va="center", fontweight="bold", **_BESIDE)
    return _finish(axes, chart, tips)


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
