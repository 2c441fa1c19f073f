"""The chart of speedups: dots with intervals on a logarithmic axis from the baseline at one."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from logreport.reporting.charts import svg
from logreport.reporting.charts.axes import BESIDE, PANEL, WIDE, Margins, axes_of, finish, plain
from logreport.reporting.report import Bar, SpeedupChart
from logreport.reporting.text import formatting as fmt

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FINE = (0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5)
_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


class _Layout(NamedTuple):
    """The speedup chart's measures in px: labels stand left of the bars, or above them where it is narrow."""

    width: float
    row: float
    left: float
    label: tuple[float, float]
    detail: tuple[float, float]
    most: int


_WIDE_LAYOUT = _Layout(WIDE, 46, 410, (-410, 8), (-410, -9), 48)
_NARROW_LAYOUT = _Layout(PANEL, 72, 4, (0, 34), (0, 18), 46)


def speedups(chart: SpeedupChart, *, narrow: bool) -> str:
    """The chart as SVG."""
    bars, layout = chart.bars, _NARROW_LAYOUT if narrow else _WIDE_LAYOUT
    axes = axes_of(layout.width, layout.row * len(bars) + 40, Margins(layout.left, 70, 4, 36))
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
    return finish(axes, chart, {_dot(n, bar): [bar.tip] for n, bar in enumerate(bars)})


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
    label, detail = plain(bar.label, layout.most), plain(bar.detail, layout.most + 16)
    axes.annotate(label, (0, n), layout.label, va="center", fontsize=13, fontweight="bold", **BESIDE)
    axes.annotate(detail, (0, n), layout.detail, va="center", color=svg.MUTED, **BESIDE)


def _reach(bars: Sequence[Bar]) -> tuple[float, float]:
    low = min(min(b.value, b.low or b.value) for b in bars)
    high = max(max(b.value, b.high or b.value) for b in bars)
    return min(low * 0.85, 0.9), max(high * 1.15, 1.2)


def _ratio_ticks(axes: "Axes") -> None:
    low, high = axes.get_xlim()
    shown = [t for t in _TICKS if low <= t <= high]
    if len(shown) < 3:
        shown = [t for t in _FINE if low <= t <= high]
    step = math.ceil(len(shown) / 8)
    at_one = shown.index(1)
    shown = [t for i, t in enumerate(shown) if (i - at_one) % step == 0]
    axes.set_xticks(shown, [f"{t:g}{fmt.TIMES}" for t in shown], minor=False)
    axes.set_xticks([], minor=True)
