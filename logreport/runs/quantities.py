"""Numbers with units as people write them down: `1,780`, `70 +/- 0.1`, `12.0 img/s`, `Forward pass (ms)`.

Times come out in seconds. A text that is not quite one of these has no unit and no value.
"""

import re
from typing import NamedTuple


class Measure(NamedTuple):
    """What a number measures: speed, time or accuracy, its unit, and how many of that unit the written one is."""

    metric: str
    unit: str
    scale: float = 1.0


PERCENT = Measure("accuracy", "%")
THINGS = {  # by their first two letters
    "im": "images", "ex": "examples", "sa": "examples", "se": "sequences", "to": "tokens", "fr": "frames",
    "fp": "frames", "st": "steps", "it": "steps", "ba": "batches",
}  # fmt: skip
SECONDS = {"u": 1e-6, "µ": 1e-6, "ms": 1e-3, "mi": 60.0, "s": 1.0, "h": 3600.0}
RATE = re.compile(
    r"(?<![/\w])(?:images?|imgs?|examples?|samples?|sequences?|seqs?|tokens?|frames?|steps?|iterations?|iters?"
    r"|batch(?:es)?)\s*(?:/|\bper\b)\s*(?:s|secs?|seconds?)\b(?!\s*(?:/|per\b))|\bfps\b",
    re.IGNORECASE,
)
_LONG = r"(?:milliseconds?|msecs?|ms|seconds?|secs?|minutes?|mins?|hours?|hrs?|[uµ]s)"
_PER = r"(?:\s*(?:/|\bper\b)\s*(?:batch|step|image|img|epoch|iteration|iter|example|sample|sequence|frame))"
TIME = re.compile(
    rf"(?<![/\w])(?P<each>(?:{_LONG}|s){_PER})\b(?!\s*/)"
    rf"|^(?P<whole>{_LONG}|[sh])$"
    rf"|\s[(\[](?P<short>[sh])[)\]]|[(\[](?P<long>{_LONG})[)\]]"
    rf"|(?<!\d)[\s,](?P<last>{_LONG})$",
    re.IGNORECASE,
)
CELL_TIME = re.compile(rf"(?P<unit>{_LONG}|[sh]){_PER}?", re.IGNORECASE)
ACCURACY = re.compile(r"\b(?:accuracy|acc|top[- ]?[15])\b", re.IGNORECASE)
# Columns of numbers with a unit that are no result: settings, spreads, and what is compared.
NO_RESULT = re.compile(
    r"\b(?:time-?out|interval|std|stdev|sd|deviation|variance|jitter|uncertainty|speed-?up|relative|price|cost)\b",
    re.IGNORECASE,
)
NUMBER = re.compile(
    r"[~≈]?\s*(?P<number>(?:\d{1,3}(?:,\d{3}){1,4}|\d{1,15})(?:\.\d{1,15})?)\s*(?P<unit>[^\d\s+±][^\d+±]*?)?"
    r"\s*(?:(?:\+/-|\+-|±)\s*\d{1,15}(?:\.\d{1,15})?\s*(?P<after>[^\d\s+±][^\d+±]*)?)?"
)
LOOK = 1000  # characters of a head to look at
LONGEST = 200  # characters of a cell that holds a number


def measure_of(head: str) -> Measure | None:
    """What the head of a column, or a heading, says of the numbers below it; None where it names no unit.

    >>> measure_of("Forward pass (ms)"), measure_of("Bits/dim")
    (Measure(metric='time', unit='s', scale=0.001), None)
    """
    head = head[:LOOK]
    if NO_RESULT.search(head):
        return None
    if rate := RATE.search(head):
        return Measure("speed", f"{THINGS[rate[0][:2].lower()]}/s")
    if time := TIME.search(head):
        return time_in(next(filter(None, time.groups())))
    return PERCENT if ACCURACY.search(head) and "%" in head else None


def time_in(unit: str) -> Measure:
    """The measure of a unit of time."""
    text = unit.lower()
    start = text[:2] if text[:2] in SECONDS else text[:1]
    return Measure("time", "s", SECONDS["ms" if text.startswith("milli") else start])


def unit_in_cell(text: str) -> Measure | None:
    """What a unit behind a number in a cell is; None where it is no unit."""
    if text == "%":
        return PERCENT
    if RATE.fullmatch(text):
        return measure_of(text)
    time = CELL_TIME.fullmatch(text)
    return time_in(time["unit"]) if time else None


def number_in(cell: str) -> tuple[float, str] | None:
    """The number that a cell holds, and the text of its unit; None where it holds anything else.

    >>> number_in("1529 +/- 68"), number_in("4.0 img/s"), number_in("54.2 (UM)"), number_in("0.35-0.60")
    ((1529.0, ''), (4.0, 'img/s'), (54.2, '(UM)'), None)
    """
    found = NUMBER.fullmatch(cell) if len(cell) <= LONGEST else None
    if found is None or (found["unit"] and found["after"]):
        return None
    return float(found["number"].replace(",", "")), (found["unit"] or found["after"] or "").strip()


def without_unit(head: str) -> str:
    """A head without its unit, as the unit is said beside it: `Forward pass (ms)` is Forward pass."""
    bare = TIME.sub(" ", RATE.sub(" ", head)).replace("%", " ")
    return " ".join(re.sub(r"[(\[]\s*[)\]]", " ", bare).split()).strip(" ,-/")
