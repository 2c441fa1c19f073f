"""The chart of one model's speeds by batch size, with a title that says what it shows."""

from collections.abc import Sequence

from logreport.reporting.report import BatchChart, Line, Point
from logreport.reporting.sections.facts import Facts
from logreport.reporting.text import formatting as fmt

_GAIN = 1.03  # less than 3 % more speed is called no gain


def _clearly_less(a: Point, b: Point) -> bool:
    """Whether the speed at `a` is less than at `b` by more than a little, and by more than the intervals allow."""
    apart = a.high is None or b.low is None or a.high < b.low
    return b.y > a.y * _GAIN and apart


def batch_title(name: str, points: Sequence[Point]) -> str:
    """What a line of speeds by batch size says, for the title of its chart."""
    best = max(points, key=lambda p: p.y)
    enough = next(p for p in points if not _clearly_less(p, best))
    first, last = points[0], points[-1]
    if _clearly_less(last, best):
        return f"{name} is fastest at batch {best.x:.0f}"
    if enough is last:
        return f"{name} is {fmt.ratio(last.y / first.y)} faster at batch {last.x:.0f} than at {first.x:.0f}"
    return f"{name} gains nothing above batch {enough.x:.0f}"


def batch_chart(
    facts: Facts, key: str, name: str, lines: Sequence[Line], *, unit: str, caption: str
) -> BatchChart:
    """The chart of one model: a line a device, the title says what the first line shows."""
    longest = max(lines, key=lambda line: len(line.points))
    title = batch_title(name if len(lines) == 1 else f"{name} on {facts.the(longest.label)}", longest.points)
    alt = "; ".join(p.tip for line in lines for p in line.points)
    return BatchChart(key, title, caption, f"Speed by batch size. {alt}.", unit, tuple(lines))
