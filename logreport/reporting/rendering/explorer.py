"""What the script of a page works with: every phase, every two devices and the lines quoted, as JSON in columns.

Places in lists stand for what is said often: values of facets and settings, sources, series of steps, differences.
"""

import json
import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import urlencode

from logreport.analysis.comparison.ratios import LogSpeed
from logreport.reporting.charts import svg
from logreport.reporting.rendering.limits import Limits
from logreport.reporting.rendering.page import shape
from logreport.reporting.report import (
    About,
    Cell,
    Explorer,
    Measured,
    Met,
    Quote,
    Report,
    Row,
    Table,
    Together,
    Unlike,
)

MEASURED = "phases"  # what tables hold whose rows are all on the page
_DIGITS = 9  # significant ones of a number that the page works with
_SHOWN = 6  # and of one that it only shows
_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
Value = TypeVar("Value", bound=Hashable)


class _Once(dict[Value, int]):
    """The place of each value in a list in which each stands once."""

    def __missing__(self, value: Value) -> int:
        self[value] = len(self)
        return self[value]


def explorer_json(report: Report, limits: Limits) -> str:
    """The data of a page, safe inside a `script` element; empty where there is nothing to choose or to follow.

    Args:
        report: all of it.
        limits: what the page shows without a script; the other rows of its tables are among the data.
    """
    if report.explorer is None and not report.quotes:
        return ""
    sources: _Once[str] = _Once()
    data: dict[str, Any] = {
        "explorer": report.explorer and _explorer(report.explorer, sources),
        "findings": {f.number: (f.severity, f.code, f.message) for f in report.findings},
        "quotes": _quotes(report.quotes, sources),
    }
    texts: _Once[str] = _Once()
    data["rows"] = {
        table.key: [_row(row, texts, sources) for row in table.rows[room:]]
        for table in report.all(Table)
        if table.whole == MEASURED and len(table.rows) > (room := limits.room(table))
    }
    data["texts"] = list(texts)
    data["sources"] = list(sources)
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    # One search for each is ten times as fast as `translate`, which looks every letter up.
    for letter, safe in _UNSAFE.items():
        text = text.replace(letter, safe)
    return text


def _rounded(value: float | None, digits: int = _DIGITS) -> float | int | None:
    """A number with no more digits than the page needs; a whole one without a point."""
    if value is None:
        return None
    short = float(f"{value:.{digits}g}")
    return int(short) if short.is_integer() else short


def _explorer(e: Explorer, sources: "_Once[str]") -> dict[str, Any]:
    steps: _Once[tuple[int, ...]] = _Once()
    unlike: _Once[tuple[Any, ...]] = _Once()
    return {
        "unit": e.unit,
        "baseline": e.baseline,
        "variation": e.run_variation,
        "faster": e.faster,
        "marks": [None if n is None else [svg.colour(n), shape(n), n] for n in e.marks],
        "facets": [{"key": f.key, "title": f.title, "values": f.values} for f in e.facets],
        "facts": list(zip(*(p.facts for p in e.phases), strict=True)),
        "settings": [
            {"title": title, **_column(p.settings[i] for p in e.phases)} for i, title in enumerate(e.settings)
        ],
        "phases": {name: [of(p) for p in e.phases] for name, of in _of_phases(sources, steps).items()},
        "steps": list(steps),
        "together": [_together(t, unlike) for t in e.together],
        "unlike": list(unlike),
    }


def _of_phases(
    sources: "_Once[str]", steps: "_Once[tuple[int, ...]]"
) -> Mapping[str, Callable[[Measured], Any]]:
    """What the columns of the phases hold."""
    return {
        "run": lambda p: p.run_id,
        "source": lambda p: sources[p.source],
        "line": lambda p: p.line,
        "speed": lambda p: _rounded(p.speed),
        "low": lambda p: _rounded(p.low, _SHOWN),
        "high": lambda p: _rounded(p.high, _SHOWN),
        "error": lambda p: p.error and _error(p.error),
        "findings": lambda p: p.findings,
        "steps": lambda p: steps[tuple(step for step, _ in p.steps)],
        "windows": lambda p: [_rounded(speed, _SHOWN) for _, speed in p.steps],
    }


def _error(of: LogSpeed) -> list[float | int | None]:
    """What is known of the error of a speed: `[variance, df, variance outside the t term, when]`, in s since 1970.

    The first is null where the error is not known, the second where it is infinite, the last where the log has no date.
    """
    at = None if of.at is None else of.at - datetime(1970, 1, 1, tzinfo=of.at.tzinfo)
    return [
        _rounded(of.variance) if of.known else None,
        _rounded(of.df) if math.isfinite(of.df) else None,
        _rounded(of.normal),
        None if at is None else round(at.total_seconds()),
    ]


def _column(texts: Iterable[str]) -> dict[str, Any]:
    """Texts of which many are the same."""
    values: _Once[str] = _Once()
    at = [values[text] for text in texts]
    return {"values": list(values), "at": at}


def _together(t: Together, unlike: "_Once[tuple[Any, ...]]") -> list[Any]:
    """Two devices: `[side, baseline, whether at best batch sizes, facts apart from either side, [comparison, …], [at best, …]]`."""
    compared, at_best = ([_met(met, unlike) for met in found] for found in (t.met, t.at_best))
    return [t.side, t.baseline, int(t.at_best_batch), t.apart, compared, at_best]


def _met(met: Met, unlike: "_Once[tuple[Any, ...]]") -> list[Any]:
    """One workload: `[phases, phases, speed, speed, ratio, low, high, differences]`, and more of few.

    These are whether it is sound, and of each device that is faster otherwise `[whether it is the side, ratio, differences]`.
    """
    numbers = map(_rounded, (*met.speeds, met.ratio, met.low, met.high))
    otherwise = [[int(o.is_side), _rounded(o.ratio), unlike[_texts(o.unlike)]] for o in met.otherwise]
    more = [int(met.is_sound), *([otherwise] if otherwise else [])]
    return [
        met.side, met.baseline, *numbers, unlike[_texts(met.unlike)], *(more if more != [1] else []),
    ]  # fmt: skip


def _texts(unlike: Iterable[Unlike]) -> tuple[tuple[str, str, str], ...]:
    return tuple((u.field, u.ahead, u.back) for u in unlike)


def _row(row: Row, texts: "_Once[str]", sources: "_Once[str]") -> list[Any]:
    """A row that the page does not show by itself: `[device, kind, what it is about, [cell, …]]`."""
    kind = 1 * row.new_group + 2 * row.baseline
    return [
        row.device,
        kind,
        texts[_query(row.about)],
        [_cell(cell, texts, sources) for cell in row.cells],
    ]


@lru_cache(maxsize=10_000)  # many rows are about the same
def _query(about: About) -> str:
    return urlencode(about)


def _cell(cell: Cell, texts: "_Once[str]", sources: "_Once[str]") -> Any:  # noqa: ANN401 - of JSON
    """A cell: its text, and where there is more to it: `[text, place, reason, best 1 or missing 2, device, findings, link]`."""
    if cell.is_plain:
        return texts[cell.text]
    place = next(([sources[ref.source], ref.line] for ref in cell.refs), 0)
    more = [
        place, texts[cell.why] if cell.why else -1, cell.best + 2 * cell.missing,
        -1 if cell.device is None else cell.device, cell.findings, cell.href,
    ]  # fmt: skip
    for nothing in ("", (), -1, 0, -1, 0):
        if more[-1] != nothing:
            break
        more.pop()
    return [texts[cell.text], *more] if more else texts[cell.text]


def _quotes(quotes: Mapping[tuple[str, int], Quote], sources: "_Once[str]") -> dict[str, Any]:
    """By source the lines that are quoted, with the first of those shown and the kind, and the texts of all of them."""
    kinds: _Once[str] = _Once()
    places: dict[int, dict[int, list[int]]] = defaultdict(dict)
    texts: dict[int, dict[int, str]] = defaultdict(dict)
    for (source, line), quote in quotes.items():
        at = sources[source]
        places[at][line] = [quote.first, len(quote.texts), kinds[quote.kind]]
        for n, text in enumerate(quote.texts, quote.first):
            # What is cut beside one line may be quoted itself.
            texts[at][n] = max(texts[at].get(n, ""), text, key=len)
    return {"kinds": list(kinds), "places": places, "texts": texts}
