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
THINGS = {  # by how they begin
    "im": "images", "ex": "examples", "sam": "examples", "seq": "sequences", "sen": "sentences", "to": "tokens",
    "fr": "frames", "fp": "frames", "st": "steps", "it": "steps", "ba": "batches", "wo": "words", "in": "inferences",
    "bi": "images", "张": "images", "枚": "images",
}  # fmt: skip
SECONDS = {"u": 1e-6, "µ": 1e-6, "ms": 1e-3, "mi": 60.0, "s": 1.0, "h": 3600.0}
RATE = re.compile(
    r"(?<![/\w])(?:items?/)?(?P<thing>images?|imgs?|ims?|examples?|samples?|sequences?|seqs?|tok(?:en)?s?|frames?|steps?|iterations?|iters?"
    r"|words?|sentences?|sents?|inferences?|(?:mini-?)?batch(?:es)?|bilder|[张枚])\s*(?:/|\bper\b)\s*(?:s|secs?|seconds?|秒)\b(?!\s*(?:/|per\b))|\b(?P<frames>fps)\b",
    re.IGNORECASE,
)
_LONG = r"(?:milliseconds?|msecs?|ms|seconds?|secs?|minutes?|mins?|hours?|hrs?|[uµ]s)"
_PER = r"(?:\s*(?:/|\bper\b)\s*(?:mini-?batch|batch|step|image|img|im|epoch|iteration|iter|example|sample|sequence|frame))"
TIME = re.compile(
    rf"(?<![/\w])(?P<each>(?:{_LONG}|s){_PER})\b(?!\s*/)"
    rf"|^(?P<whole>{_LONG}|[sh])$"
    rf"|\s[(\[](?P<short>[sh])[)\]]|[(\[](?P<long>{_LONG})[)\]]"
    rf"|\b(?:time|latency|duration)[(\[](?P<close>[sh])[)\]]|\btimes?\b[^.]{{0,40}}?\bin\s+(?P<of>{_LONG})\b(?=\s*\S)"
    rf"|(?<!\d)[\s,](?P<last>{_LONG})$",
    re.IGNORECASE,
)
CELL_TIME = re.compile(rf"(?P<unit>{_LONG}|[sh]){_PER}?", re.IGNORECASE)
ACCURACY = re.compile(
    r"\A(?!.*\berr(?:ors?)?\b).*\b(?:accuracy|acc|top[- ]?[15])\b", re.IGNORECASE | re.DOTALL
)
# Columns of numbers with a unit that are no result: settings, spreads, and what is compared.
NO_RESULT = re.compile(
    r"\b(?:time-?out|interval|std|stdev|sd|deviation|variance|jitter|uncertainty|speed[- ]?ups?|relative|ratio|gains?|price"
    r"|costs?|[CGT]PU[- ]hours?|normali[sz]ed|improvements?|increase|decrease|reduction|scaling|efficiency|vs|versus|delta"
    r"|diff(?:erence)?|change|faster(?!\s*r-?cnn)|slower|theoretical|ideal)\b|[$€Δ]",
    re.IGNORECASE,
)
VERSUS = re.compile(r"\b(?:vs|versus)\b", re.IGNORECASE)  # in a title two things are set side by side
# What other numbers of a table are, beside speeds and times; without a unit of its own such a number is no value.
OTHER = re.compile(
    r"\b(?:parameters?|params?|memory|mem|v?ram|power|watts?|tdp|energy|temp(?:erature)?|loss|accuracy|acc|errors?|err"
    r"|top-?\s?[15]|m?ap|bleu|auc|f1|perplexity|ppl|learning[- ]?rate|lr|epochs?|steps?|iterations?|iters?|threads?|cores?"
    r"|workers?|nodes?|(?:image|input|model|file)[ -]?size|resolution|size|[gmt]?flops?|macs?|utili[sz]ation|util|usage|clock"
    r"|frequency|bandwidth|layers?|depth|width|years?|date|seed|count|dataset|usd|score|rank|storage|momentum|weight[- ]decay"
    r"|average|mean|sum|total|batch(?:[ _-]?size)?s?|bs|[CGT]PUs?|gb|mb|gib|mib)\b|%|°",
    re.IGNORECASE,
)
# What a head says of the spread behind its numbers: `images/sec (mean ± std)`.
WITH_SPREAD = re.compile(
    r"[(\[]?\s*(?:(?:mean|average|avg\.?)\s*)?(?:±|\+/-|\+-)\s*(?:std\.?|stdev|sd|sem|error|uncertainty)(?:\s?dev(?:iation)?)?\s*[)\]]?",
    re.IGNORECASE,
)
# `Min` and `validity min` are the least of something, `training time min` and `to 75 %, min` are minutes.
MINIMUM = re.compile(r"(?<![^\s,])min$", re.IGNORECASE)
LASTS = re.compile(r"\b(?:times?|duration)\b|,\s*min$", re.IGNORECASE)
ABOUT_TIME = re.compile(r"\b(?:times?|latency|duration|forward|backward|pass)\b", re.IGNORECASE)
RESULT_BEFORE = re.compile(r"\d[ \t*]*$")
SPREAD = r"(?:\+/-|\+-|±)\s*\d{1,15}(?:\.\d{1,15})?\s*"
# A number (`1463. ms` has no digit behind its point), its unit before or behind its spread, then notes in parentheses and
# marks of footnotes.
NUMBER = re.compile(
    r"[~≈]?\s*(?P<number>(?:\d{1,3}(?P<comma>[,\u2009\u202f’' ])\d{3}(?:(?P=comma)\d{3}){0,3}|\d{1,15})(?:\.\d{1,15}|\.(?=\s?[a-zµ]))?)(?P<kilo>[kK](?![A-Za-z/]))?"
    r"\s*(?P<unit>[^\d\s+±(\[*†‡§¹²³][^\d+±()\[\]*†‡§¹²³]*?)?"
    rf"\s*(?:[(]?{SPREAD}(?P<after>[^\d\s+±()][^\d+±()]*?)?[)]?)?"
    r"\s*(?P<notes>(?:\([^()]*\)\s*)*)(?:\[\^?\w{1,3}\]|[*†‡§¹²³]+)*"
)
SEPARATORS = str.maketrans("", "", ",\u2009\u202f’' ")
# `4h 48min`, `1h23m`, `2m 30s`.
DURATION = re.compile(
    r"~?\s*(?:(\d{1,3})\s?h(?:ours?|rs?)?\s?)?(\d{1,3})\s?m(?:in(?:ute)?s?)?(?:\s?(\d{1,2}(?:\.\d{1,9})?)\s?s(?:ec(?:ond)?s?)?)?",
    re.IGNORECASE,
)
BARE = re.compile(r"\(\s*[~≈]?\d[\d.,]*\s*\)")


class Quantity(NamedTuple):
    """A number with the text of its unit, and notes that stand in parentheses behind it."""

    number: float
    unit: str = ""
    notes: str = ""


LOOK = 1000  # characters of a head to look at
LONGEST = 200  # characters of a cell that holds a number


def measure_of(head: str) -> Measure | None:
    """What the head of a column, or a heading, says of the numbers below it; None where it names no unit.

    >>> measure_of("Forward pass (ms)"), measure_of("Bits/dim")
    (Measure(metric='time', unit='s', scale=0.001), None)
    """
    head = WITH_SPREAD.sub("", head[:LOOK].replace("_", " ")).strip()  # `images_per_sec`
    if NO_RESULT.search(head):
        return None
    if rate := RATE.search(head):
        thing = (rate["thing"] or rate["frames"]).lower().removeprefix("mini").lstrip("-")
        return Measure(
            "speed", f"{next(name for start, name in THINGS.items() if thing.startswith(start))}/s"
        )
    if (time := TIME.search(head)) and not (MINIMUM.search(head) and not LASTS.search(head)):
        return time_in(next(filter(None, time.groups())))
    return PERCENT if ACCURACY.search(head) and "%" in head else None


def time_in(unit: str) -> Measure:
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


def quantity_in(cell: str) -> Quantity | None:
    """The number that a cell holds, the text of its unit, and notes; None where it holds anything else, or two numbers.

    >>> quantity_in("1529 +/- 68"), quantity_in("4.0 img/s (OOM above)"), quantity_in("0.35-0.60"), quantity_in("3 (4)")
    (Quantity(number=1529.0, unit='', notes=''), Quantity(number=4.0, unit='img/s', notes='(OOM above)'), None, None)
    >>> quantity_in("4h 48min"), quantity_in("29 911")
    (Quantity(number=17280.0, unit='s', notes=''), Quantity(number=29911.0, unit='', notes=''))
    """
    if (long := DURATION.fullmatch(cell[:LONGEST])) and (long[1] or long[3]):
        hours, minutes, seconds = (float(part or 0) for part in long.groups())
        return Quantity(hours * 3600 + minutes * 60 + seconds, "s")
    found = NUMBER.fullmatch(cell) if len(cell) <= LONGEST else None
    if found is None or (found["unit"] and found["after"]) or BARE.search(found["notes"]):
        return None
    number = float(found["number"].translate(SEPARATORS)) * (1000 if found["kilo"] else 1)
    unit, notes = (found["unit"] or found["after"] or "").strip(), found["notes"].strip()
    if not unit and unit_in_cell(notes[1:-1].strip()):
        return Quantity(number, notes[1:-1].strip())
    return Quantity(number, unit, notes)


def without_unit(head: str) -> str:
    """A head without its unit, as the unit is said beside it: `Forward pass (ms)` is Forward pass."""
    head = head.replace("_", " ") if measure_of(head) else head
    bare = TIME.sub(" ", RATE.sub(" ", head)).replace("%", " ")
    left = " ".join(re.sub(r"[(\[]\s*[)\]]", " ", bare).split()).strip(" ,-/")
    return left[1:-1] if re.fullmatch(r"\([^()]*\)", left) else left


def unit_said(text: str) -> Measure | None:
    """The unit that a line above or below a table gives its numbers: of a speed or a time, and no result itself.

    >>> unit_said("images/second:"), unit_said("We reached 300 images/sec."), unit_said("Speed (img/s) and time (ms)")
    (Measure(metric='speed', unit='images/s', scale=1.0), None, None)
    """
    bare = text.strip(" \t:.*_|-–—")
    rates = list(RATE.finditer(bare))
    times = list(TIME.finditer(RATE.sub(lambda rate: "/" * len(rate[0]), bare)))
    if bool(rates) == bool(times) or NO_RESULT.search(VERSUS.sub(" ", bare)):
        return None
    if any(RESULT_BEFORE.search(bare, 0, one.start()) for one in (*rates, *times)):
        return None
    if not rates and times[0]["last"] and not ABOUT_TIME.search(bare):
        return None
    return measure_of(VERSUS.sub(" ", bare))
