"""How numbers, times, sizes and names are written in a report; pure functions from values to text."""

import math
import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

THIN = "\u202f"  # narrow no-break space: a thousands separator that never breaks a line
DASH = "\u2013"
MISSING = "\u2014"
TIMES = "\u00d7"

# C0 and C1 controls, lone surrogates, and the marks that turn the direction of text round.
_UNSAFE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_TIME_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
_SIZE_UNITS = ((2.0**40, "TiB"), (2.0**30, "GiB"), (2.0**20, "MiB"), (2.0**10, "KiB"), (1.0, "B"))
_SI_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
_MOST_DECIMALS = 9
_MOST_DIGITS = 5  # of the largest number in a column; more would claim a precision that no log has


def clean(text: object) -> str:
    """Text from a log, safe to show anywhere: one line, no control characters, nothing that turns it round."""
    return _clean(str(text))


@lru_cache(maxsize=20_000)  # names are said many times in one report
def _clean(text: str) -> str:
    return " ".join(_UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r", " ")).split())


def reason(text: str | None) -> str:
    """Why a run ended as it did, without the modules of an exception's name.

    >>> reason("a.b_impl.InvalidError: no")
    'InvalidError: no'
    """
    return re.sub(r"\b(?:[a-z_][a-z0-9_]*\.)+(?=[A-Z])", "", clean(text or "")).rstrip(":")


def usable(value: float | None) -> bool:
    """Whether a value can be shown as a number: neither missing nor NaN nor infinite."""
    return value is not None and not isinstance(value, bool) and math.isfinite(value)


def _decimals_for(value: float, digits: int = 3) -> int:
    """Decimals that give a number `digits` significant digits, never below none or above nine.

    >>> [_decimals_for(x) for x in (977, 51.66, 0.131, 0, 9.9999)]
    [0, 1, 3, 0, 1]
    """
    if not value or not math.isfinite(value):
        return 0
    rounded = float(f"{abs(value):.{digits - 1}e}")
    return min(max(digits - 1 - math.floor(math.log10(rounded)), 0), _MOST_DECIMALS)


def fixed(value: float, decimals: int) -> str:
    """A number with that many decimals, a thin space for thousands and a true minus sign.

    >>> fixed(7895.97, 0).replace(THIN, "_")
    '7_896'
    """
    return f"{value:,.{decimals}f}".replace(",", THIN).replace("-", "\N{MINUS SIGN}")


def number(value: float | None) -> str:
    """A number by itself: three significant digits; whole digits are never rounded away."""
    return fixed(value, _decimals_for(value)) if value is not None and usable(value) else MISSING


def shared_decimals(values: Sequence[float | None], most: int = 9) -> int | None:
    """The decimals of a column, or None where no number of decimals suits all values."""
    shown = [abs(v) for v in values if v is not None and usable(v) and v]
    if not shown:
        return 0
    room = max(_MOST_DIGITS - 1 - math.floor(math.log10(max(shown))), 0)
    decimals = min(_decimals_for(min(shown)), room, most)  # the smallest value has most
    return decimals if decimals >= _decimals_for(min(shown), 2) or decimals == most else None


def column(values: Sequence[float | None]) -> list[str]:
    """A column of numbers: the same decimals all the way down, an em dash for what is missing."""
    decimals = shared_decimals(values)
    if decimals is None:
        return [number(v) for v in values]
    return [fixed(v, decimals) if v is not None and usable(v) else MISSING for v in values]


def as_published(values: Sequence[float | None]) -> list[str]:
    """A column of numbers with the decimals that the document gave them, the same all the way down.

    >>> as_published([267.68, 91.5, None])
    ['267.68', '91.50', '—']
    """
    texts = [f"{v:.6f}".rstrip("0").partition(".")[2] for v in values if v is not None and usable(v)]
    decimals = max(map(len, texts), default=0)
    return [fixed(v, decimals) if v is not None and usable(v) else MISSING for v in values]


def pair(first: float, second: float) -> tuple[str, str]:
    """Two numbers of one sentence: decimals only where the smaller one needs them.

    >>> pair(977.1, 56.02), pair(406.3, 13.17)
    (('977', '56'), ('406', '13.2'))
    """
    if all(usable(v) and float(round(v, _decimals_for(v))).is_integer() for v in (first, second)):
        return fixed(first, 0), fixed(second, 0)
    return number(first), number(second)


def _ratio_decimals(value: float) -> int:
    """Two decimals at most, more only where these would leave fewer than two significant digits."""
    most = max(2, _decimals_for(value, 2)) if round(value, 2) else _MOST_DECIMALS
    return min(_decimals_for(value), most)


def ratio(value: float | None) -> str:
    """A speedup: `17.4×`, `0.62×`.

    >>> ratio(17.443), ratio(0.6194), ratio(0.0286), ratio(0.001)
    ('17.4×', '0.62×', '0.029×', '0.00100×')
    """
    if value is None or not usable(value):
        return MISSING
    return fixed(value, _ratio_decimals(value)) + TIMES


def ratio_not_1(value: float) -> str:
    """A speedup that is shown to be another than 1, and never looks like it.

    >>> ratio_not_1(17.443), ratio_not_1(1.0042)
    ('17.4×', '1.004×')
    """
    return fixed(value, _told_from_1(value, _ratio_decimals(value))) + TIMES


def _told_from_1(value: float, decimals: int) -> int:
    """As many decimals as it takes to tell a value from 1, and no fewer than these."""
    while decimals < _MOST_DECIMALS and value != 1 and fixed(value, decimals) == fixed(1, decimals):
        decimals += 1
    return decimals


def ratio_column(values: Sequence[float | None]) -> list[str]:
    """A column of speedups: the same decimals all the way down, at most two; where one needs more, each has its own.

    >>> ratio_column([1.0, 0.304]), ratio_column([1.0, 0.0286])
    (['1.00×', '0.30×'], ['1.00×', '0.029×'])
    """
    decimals = shared_decimals(values, most=2)
    if decimals is None or any(v and usable(v) and _decimals_for(v, 2) > 2 for v in values):
        return [ratio(v) for v in values]
    return [fixed(v, decimals) + TIMES if v is not None and usable(v) else MISSING for v in values]


def interval(low: float | None, high: float | None, unit: str = "", decimals: int | None = None) -> str:
    """A 95 % interval: `17.5–17.7×`; an em dash where it could not be made.

    Two ends that differ never look the same, and an interval of ratios that leaves out 1 never seems to reach it: they
    get as many decimals as it takes.

    >>> interval(17.48, 17.71, "×"), interval(1.004, 1.06, "×"), interval(None, 3)
    ('17.5–17.7×', '1.004–1.060×', '—')
    """
    if low is None or high is None or not usable(low) or not usable(high):
        return MISSING
    if decimals is None:
        decimals = min(_decimals_for(low), _decimals_for(high) + 1)
        decimals = min(decimals, 2) if unit == TIMES and round(low, 2) else decimals
    while decimals < _MOST_DECIMALS and low != high and fixed(low, decimals) == fixed(high, decimals):
        decimals += 1
    if unit == TIMES and not low <= 1 <= high:
        decimals = max(_told_from_1(low, decimals), _told_from_1(high, decimals))
    return f"{fixed(low, decimals)}{DASH}{fixed(high, decimals)}{unit}"


def _scale(values: Sequence[float | None], units: Sequence[tuple[float, str]]) -> tuple[float, str]:
    """The largest unit in which the smallest value is still readable."""
    smallest = min((abs(v) for v in values if v is not None and usable(v) and v), default=units[0][0])
    return next((unit for unit in units if smallest >= unit[0] * 0.0999), units[-1])


def time_unit(values: Sequence[float | None]) -> tuple[float, str]:
    """Seconds in one unit, and its name, so that a whole column of times is readable.

    >>> time_unit([0.131, 9.721])[1], time_unit([0.016, 0.233])[1]
    ('s', 'ms')
    """
    return _scale(values, _TIME_UNITS)


def duration(seconds: float | None) -> str:
    """A time by itself, with its unit: `315 ms`, `9.72 s`."""
    if seconds is None or not usable(seconds):
        return MISSING
    factor, unit = (1.0, "s") if abs(seconds) >= 1 else time_unit([seconds * 0.0999])
    return f"{number(seconds / factor)} {unit}"


def _with_unit(value: float | None, units: Sequence[tuple[float, str]], suffix: str) -> str:
    if value is None or not usable(value):
        return MISSING
    factor, unit = next((u for u in units if abs(value) >= u[0]), units[-1])
    return f"{number(value / factor)} {unit}{suffix}"


def size(value: float | None, suffix: str = "") -> str:
    """Bytes with a binary unit: `3.94 GiB`."""
    return _with_unit(value, _SIZE_UNITS, suffix)


def frequency(value: float | None) -> str:
    """Hertz with an SI unit: `1.39 GHz`."""
    return _with_unit(value, _SI_UNITS, "Hz")


def percent(value: float | None, digits: int = 3) -> str:
    """A share of one as a percentage: `99.3 %`."""
    if value is None or not usable(value):
        return MISSING
    return f"{fixed(value * 100, _decimals_for(value * 100, digits))} %"


def day(value: datetime) -> str:
    """The ISO date of a time stamp."""
    return f"{value:%Y-%m-%d}"


def moment(value: datetime) -> str:
    """An ISO date and time; with its zone where known, else marked as local time."""
    zone = "" if value.tzinfo is None else f"{value:%z}"
    return f"{value:%Y-%m-%d %H:%M}" + (f" {zone[:3]}:{zone[3:5]}" if zone else " local time").replace(
        " +00:00", " UTC"
    )


def count(n: int, one: str, many: str = "") -> str:
    """A number of things: `1 run`, `3 runs`, `no runs`."""
    return f"{fixed(n, 0) if n else 'no'} {one if n == 1 else many or one + 's'}"


def listed(items: Sequence[str], most: int = 5) -> str:
    """Words in a row: `a`, `a and b`, `a, b and 3 more`."""
    if len(items) > most:
        items = [*items[: most - 1], f"{fixed(len(items) - most + 1, 0)} more"]
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))
