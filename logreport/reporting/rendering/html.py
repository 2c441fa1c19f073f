"""The report as one self-contained HTML file: no network, no script needed."""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256

from logreport.reporting.charts import charts, svg
from logreport.reporting.rendering.explorer import explorer_json
from logreport.reporting.rendering.limits import Limits, drawable, fit
from logreport.reporting.rendering.page import fill
from logreport.reporting.report import Chart, Report, SpeedupChart
from logreport.resources import resource_dir

LIMITS = Limits(rows=300, findings=100)
_HEAD = "<!--head-->"  # in the template before anything that comes from a log
_DATA = "<!--data-->"  # and behind it: nothing waits for the rows
_STYLE = re.compile(r'(<[a-zA-Z]+(?: [^<>]*?)?) style="([^"<>]*)"')  # in a tag: text never holds a bare <
_STYLES = ("page.css", "explore/explore.css")
_EXPLORE = (
    "numbers", "means", "data", "choice", "dom", "pieces", "filters", "leaderboard", "rows", "tables", "dialogs", "chosen", "begin",
)  # fmt: skip
_SCRIPTS = ("vendor/sortable.min.js", *(f"explore/{name}.js" for name in _EXPLORE), "report.js")


def _draw(chart: Chart) -> str:
    drawn = svg.for_page(charts.draw(chart))
    if not isinstance(chart, SpeedupChart):
        return drawn
    narrow = svg.for_page(charts.draw(chart, narrow=True))
    return f'<div class="wide">{drawn}</div><div class="narrow">{narrow}</div>'


@cache
def _resource(name: str) -> str:
    """The text of a file beside the templates."""
    return (resource_dir("templates") / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """What a content security policy calls an inline script or style."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _with_classes(page: str) -> tuple[str, str]:
    """The page with a class in place of every style attribute, and the rules of these classes."""
    names: dict[str, str] = {}

    def named(match: re.Match[str]) -> str:
        return f'{match[1]} class="{names.setdefault(match[2], f"s{len(names)}")}"'

    page = _STYLE.sub(named, page)
    return page, "\n".join(f".{name}{{{rule}}}" for rule, name in names.items())


def _head(rules: str) -> str:
    """Policy, style and script: nothing else can run, and nothing can be loaded."""
    style = f"{''.join(map(_resource, _STYLES))}{rules}\n"
    script = "".join(map(_resource, _SCRIPTS))
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        f'<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<style>{style}</style>\n<script>{script}</script>"
    )


def render_html(report: Report) -> bytes:
    """The report as the bytes of an HTML file."""
    filled = fill("report.html.j2", fit(drawable(report), LIMITS), _draw)
    page, rules = _with_classes(filled)
    before, _, after = page.rpartition(_DATA)
    data = explorer_json(report, LIMITS)
    block = f'<script type="application/json" id="data">{data}</script>' if data else ""
    return f"{before.replace(_HEAD, _head(rules), 1)}{block}{after}".encode()
