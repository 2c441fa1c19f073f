"""The chart of one model's speeds by batch size, with a title that says what it shows."""

from collections.abc import Sequence

from logreport.analysis.comparison.gains import LITTLE
from logreport.reporting.report import About, BatchChart, Line, Point
from logreport.reporting.sections.facts import Facts
from logreport.reporting.text import formatting as fmt


def batch_title(name: str, points: Sequence[Point], slower: Sequence[bool]) -> str:
    """What a line of speeds by batch size says, for the title of its chart.

    Args:
        name: of the model.
        points: speeds by batch size.
        slower: whether each of them is shown to be less than the largest.
    """
    best = max(points, key=lambda p: p.y)
    enough = next(i for i, less in enumerate(slower) if not less)
    here, above, last = points[enough], points[enough + 1 :], points[-1]
    if slower[-1]:
        speeds = " against ".join(fmt.pair(best.y, last.y))
        return f"{name} is fastest at batch {best.x:.0f}: {speeds} at {last.x:.0f}"
    if not above:
        return f"{name} is {fmt.ratio(last.y / points[0].y)} as fast at batch {last.x:.0f} as at {points[0].x:.0f}"
    top = max(above, key=lambda p: p.y)
    return f"{name}: no gain shown above batch {here.x:.0f} ({' to '.join(fmt.pair(here.y, top.y))}, {_why(here, top)})"


def _why(one: Point, other: Point) -> str:
    """Why two speeds are not told apart."""
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return f"less than {fmt.percent(LITTLE - 1, 1)} apart" if other.y > one.y else "not more"
    overlap = one.low <= other.high and other.low <= one.high
    return "intervals overlap" if overlap else "no more than runs vary"


def longest(lines: Sequence[Line]) -> Line:
    """The line that a chart's title is about."""
    return max(lines, key=lambda line: len(line.points))


def batch_chart(
    facts: Facts,
    key: str,
    name: str,
    lines: Sequence[Line],
    *,
    unit: str,
    caption: str,
    about: About,
    slower: Sequence[bool] | None = None,
) -> BatchChart:
    """The chart of one model: a line a device, the title says what the longest line shows.

    Args:
        facts: what all sections read.
        key: of the chart.
        name: of the model.
        lines: one at least.
        unit: of the speeds.
        caption: where they come from.
        about: what it is about.
        slower: which points of the longest line are shown to be less than its largest; None: those 3 % below it.
    """
    line = longest(lines)
    most = max(p.y for p in line.points)
    title = batch_title(
        name if len(lines) == 1 else f"{name} on {facts.the(line.label)}",
        line.points,
        slower or [most > p.y * LITTLE for p in line.points],
    )
    alt = "; ".join(p.tip for line in lines for p in line.points)
    return BatchChart(key, title, caption, f"Speed by batch size. {alt}.", unit, tuple(lines), about=about)
