"""The chart of speedups: dots with intervals on a logarithmic axis from the baseline at one."""

import math
import textwrap
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from logreport.reporting.charts import svg
from logreport.reporting.charts.axes import BESIDE, PANEL, WIDE, Margins, axes_of, finish, plain
from logreport.reporting.report import Bar, SpeedupChart
from logreport.reporting.text import formatting as fmt

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# On the axis, the coarse ones first; finer ones only where few of these are in sight, and all of them far enough apart.
_TICKS = (
    (1, 0.001, 0.01, 0.1, 10, 100, 1000),
    (0.002, 0.005, 0.02, 0.05, 0.2, 0.5, 2, 5, 20, 50, 200, 500),
    (0.3, 0.7, 1.5, 3),
    (0.6, 0.8, 0.9, 1.1, 1.2, 1.3, 1.4),
)
_FEW, _APART = 4, 42  # ticks, px
_LINE = 15  # px of a line of a label
# px: from a bar to the end of its row, and of the mark at 1, where the labels stand above
_BELOW, _TALL = 16, 10
_MOST_LINES = 4


class _Layout(NamedTuple):
    """The speedup chart's measures in px: labels stand left of the bars, or above them where it is narrow."""

    width: float
    left: float
    most: int  # letters of a label
    above: float  # from the middle of the lowest line to the bar
    least: float  # of a row, beside what its lines take


_WIDE_LAYOUT = _Layout(WIDE, 410, 48, 0, 10)
_NARROW_LAYOUT = _Layout(PANEL, 4, 46, 18, 30)


def speedups(chart: SpeedupChart, *, narrow: bool) -> str:
    """The chart as SVG, px down from its upper edge: each row is as high as its lines."""
    bars, layout = chart.bars, _NARROW_LAYOUT if narrow else _WIDE_LAYOUT
    labels = [_lines([bar.label], layout.most) for bar in bars]
    details = [_lines(bar.details, layout.most + 14) for bar in bars]
    heights = [layout.least + _LINE * (len(a) + len(b)) for a, b in zip(labels, details, strict=True)]
    ends = list(accumulate(heights))
    axes = axes_of(layout.width, ends[-1] + 40, Margins(layout.left, 70, 4, 36))
    for n, bar in enumerate(bars):
        at = ends[n] - (_BELOW if narrow else heights[n] / 2)
        _bar(axes, n, bar, at)
        _bar_labels(axes, at, labels[n], details[n], layout)
        if narrow:  # labels stand between the bars there: no line crosses them
            axes.plot([1, 1], [at - _TALL, at + _TALL], color=svg.INK, linewidth=1)
    axes.set_xscale("log")
    axes.set_xlim(*_reach(bars))
    axes.set_ylim(ends[-1], 0)
    axes.set_yticks([])
    _ratio_ticks(axes)
    if not narrow:
        axes.axvline(1, color=svg.INK, linewidth=1)
        axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    return finish(axes, chart, {_dot(n, bar): [bar.tip] for n, bar in enumerate(bars)})


def _dot(n: int, bar: Bar) -> str:
    return svg.of_device(bar.device, f"bar-{n}")


def _bar(axes: "Axes", n: int, bar: Bar, at: float) -> None:
    """A stem from the baseline to the dot, whiskers where there is an interval, and the value at its end."""
    colour, shape, stem = (
        svg.colour(bar.device),
        svg.marker(bar.device),
        svg.of_device(bar.device, f"stem-{n}"),
    )
    axes.plot([1, bar.value], [at, at], color=colour, linewidth=6, alpha=0.3, solid_capstyle="butt", gid=stem)
    if bar.low is not None and bar.high is not None:
        axes.plot([bar.low, bar.high], [at, at], color=svg.INK, linewidth=1.4, marker="|", markersize=9)
    axes.plot([bar.value], [at], color=colour, marker=shape, markersize=9, gid=_dot(n, bar))
    end = max(bar.value, bar.high or bar.value, 1.0)
    axes.annotate(
        bar.text, (end, at), (10, 0), textcoords="offset points", va="center", fontweight="bold", fontsize=14
    )


def _lines(details: Sequence[str], most: int) -> list[str]:
    """Pieces of text, as many on a line as it holds; a long one goes on in the next line."""
    found: list[str] = []
    for piece in details:
        if found and len(found[-1]) + len(piece) + 3 <= most:
            found[-1] = f"{found[-1]} · {piece}"
        else:
            found += textwrap.wrap(piece, most)
    return (
        [*found[: _MOST_LINES - 1], plain(" · ".join(found[_MOST_LINES - 1 :]), most)]
        if found[_MOST_LINES:]
        else found
    )


def _bar_labels(
    axes: "Axes", at: float, label: Sequence[str], details: Sequence[str], layout: _Layout
) -> None:
    """The label of a bar and the lines under it: above the bar, or beside it around its middle."""
    left, lines = -layout.left if layout.above == 0 else 0, [*label, *details]
    lowest = layout.above or -_LINE / 2 * (len(lines) - 1)
    for i, line in enumerate(reversed(lines)):
        style = {"color": svg.MUTED} if i < len(details) else {"fontsize": 13, "fontweight": "bold"}
        axes.annotate(line, (0, at), (left, lowest + _LINE * i), va="center", **style, **BESIDE)


def _reach(bars: Sequence[Bar]) -> tuple[float, float]:
    low = min(min(b.value, b.low or b.value) for b in bars)
    high = max(max(b.value, b.high or b.value) for b in bars)
    return min(low * 0.85, 0.9), max(high * 1.15, 1.2)


def _ratio_ticks(axes: "Axes") -> None:
    low, high = axes.get_xlim()
    scale = axes.bbox.width / math.log(high / low)
    shown: list[float] = []
    for ticks in _TICKS:
        if len(shown) >= _FEW:
            break
        for tick in ticks:
            if low <= tick <= high and all(abs(math.log(tick / other)) * scale >= _APART for other in shown):
                shown.append(tick)
    axes.set_xticks(shown, [f"{t:g}{fmt.TIMES}" for t in shown], minor=False)
    axes.set_xticks([], minor=True)
