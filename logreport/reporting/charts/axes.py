"""Axes for charts: empty ones of a size in px, labels beside them, and the SVG of what was drawn."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from logreport.reporting.charts import svg
from logreport.reporting.report import Chart

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDE, PANEL = 820.0, 380.0  # px

# A label at a height of the data, placed from an edge of the axes and allowed outside them.
BESIDE: dict[str, Any] = {
    "xycoords": ("axes fraction", "data"),
    "textcoords": "offset points",
    "annotation_clip": False,
}


class Margins(NamedTuple):
    """Room around the axes, in px."""

    left: float
    right: float
    top: float
    bottom: float


def axes_of(width: float, height: float, room: Margins) -> "Axes":
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


def finish(axes: "Axes", chart: Chart, tips: dict[str, Sequence[str]]) -> str:
    """The figure as an SVG element; `tips` are what its marks say when pointed at."""
    figure = axes.get_figure(root=True)
    if figure is None:  # pragma: no cover - axes made above always have one
        raise TypeError("axes without a figure")
    return svg.write(figure, chart.key, chart.alt, tips)


def plain(text: str, most: int) -> str:
    """Text that fits: cut at its end, where what a device is called is said already."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
