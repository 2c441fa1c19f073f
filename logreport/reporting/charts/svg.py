"""From a matplotlib figure to SVG that a page can hold: unique ids, colours of the page, titles on points."""

import io
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Drawn in these colours, then replaced: by variables of the page, or by the colours of paper.
INK, MUTED, RULE, PAGE = "#010101", "#020202", "#030303", "#040404"
PAPER = {INK: "#1a1d21", MUTED: "#545b64", RULE: "#d5dae0", PAGE: "#ffffff"}
_VARIABLES = {INK: "var(--ink)", MUTED: "var(--muted)", RULE: "var(--rule)", PAGE: "var(--page)"}

# Okabe and Ito's colours, the dark ones first; with markers and dashes they repeat only after 56 devices.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A7A7A")
MARKERS = ("o", "s", "D", "^", "v", "P", "X", "h")
DASHES: tuple[Any, ...] = ("solid", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)), (0, (9, 3)))
FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif"

RC: Mapping[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "logreport",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 12,
    "text.parse_math": False,
    "text.color": INK,
    "axes.edgecolor": RULE,
    "axes.labelcolor": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.8,
    "xtick.color": RULE,
    "ytick.color": RULE,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "xtick.labelsize": 12,
    "ytick.labelsize": 12,
    "figure.dpi": 72,
    "lines.linewidth": 1.8,
    "lines.markersize": 6,
}
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_STYLE = re.compile(r"\s*<defs>\s*<style[^>]*>\*\{[^<]*</style>\s*</defs>")
_ID = re.compile(r'\bid="([^"]+)"')
_REFERENCE = re.compile(r'(href="|url\()#([^")]+)')
_FONT = re.compile(r"font: (?:(\w+) )?([\d.]+)px [^;\"]*")
_FAMILY = re.compile(r"font-family: [^;\"]*")
_UPRIGHT = re.compile(r' transform="rotate\(-?0 [^)]*\)"')
_DEVICE = re.compile(r'<g id="device-(\d+)-')
_EMPTY = re.compile(r'<g id="[^"]*"/>')
_BETWEEN = re.compile(r">\s+<")
_POINT = re.compile(r"<use ([^>]*?)/>")


def colour(device: int) -> str:
    """The colour of a device, the same in the whole report."""
    return COLOURS[device % len(COLOURS)]


def marker(device: int) -> str:
    """The marker of a device: it tells devices apart without colour."""
    return MARKERS[device % len(MARKERS)]


def dash(device: int) -> Any:  # noqa: ANN401 - matplotlib's own union of names and tuples
    """The dash pattern of a device."""
    return DASHES[device % len(DASHES)]


def of_device(device: int, part: str) -> str:
    """The id of a group that shows a device: what belongs to one device can be lit together."""
    return f"device-{device}-{part}"


def write(figure: "Figure", key: str, alt: str, tips: Mapping[str, Sequence[str]]) -> str:
    """The SVG element of a figure, in the colours named above.

    Args:
        figure: what to draw.
        key: prefix of every id, unique in the page.
        alt: the same in words; it becomes the element's title.
        tips: for each group of points (its gid), what each point says when pointed at.
    """
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    buffer = io.StringIO()
    with warnings.catch_warnings():
        # Text is kept as text: the reader's fonts draw it, whatever the fonts here can draw.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        canvas: Any = FigureCanvasSVG(figure)
        canvas.print_svg(buffer, metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = _STYLE.sub("", _METADATA.sub("", svg[svg.index("<svg ") :]))
    svg = _EMPTY.sub("", _BETWEEN.sub("><", svg)).strip()
    for gid, texts in tips.items():
        svg = _with_titles(svg, gid, texts)
    svg = _DEVICE.sub(lambda m: f'<g data-dev="{m[1]}" id="device-{m[1]}-', svg)
    svg = _ID.sub(lambda m: f'id="{escape(key)}-{m[1]}"', svg)
    svg = _REFERENCE.sub(lambda m: f"{m[1]}#{escape(key)}-{m[2]}", svg)
    svg = _FONT.sub(lambda m: f"font: {m[1] + ' ' if m[1] else ''}{m[2]}px {FONTS}", svg)
    svg = _UPRIGHT.sub("", _FAMILY.sub(f"font-family: {FONTS}", svg))
    head = f'<svg role="img" aria-labelledby="{escape(key)}-alt" stroke-linejoin="round" '
    start, end = svg.index("<svg ") + len("<svg "), svg.index(">") + 1
    return f'{head}{svg[start:end]}<title id="{escape(key)}-alt">{escape(alt)}</title>{svg[end:]}'


def _with_titles(svg: str, gid: str, texts: Sequence[str]) -> str:
    """Put a title into each of the points that follow the group with this id, in order."""
    at = svg.find(f'id="{gid}"')
    if at < 0:
        return svg
    remaining: Iterator[str] = iter(texts)

    def titled(match: re.Match[str]) -> str:
        return f"<use {match[1]}><title>{escape(next(remaining))}</title></use>"

    return svg[:at] + _POINT.sub(titled, svg[at:], count=len(texts))


def for_page(svg: str) -> str:
    """The SVG in colours that follow the page, light or dark; it stretches to its column."""
    return _coloured(svg, _VARIABLES)


def for_paper(svg: str) -> str:
    """The SVG in colours for print."""
    return _coloured(svg, PAPER)


def as_file(svg: str) -> bytes:
    """The SVG as a file of its own, on white."""
    start = svg.index(">", svg.index("<svg ")) + 1
    white = '<rect width="100%" height="100%" fill="#ffffff"/>'
    return f"{_coloured(svg[:start] + white + svg[start:], PAPER)}\n".encode()


def _coloured(svg: str, colours: Mapping[str, str]) -> str:
    for drawn, shown in colours.items():
        svg = svg.replace(drawn, shown)
    return svg
