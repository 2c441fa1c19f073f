"""Results in lists and short lines: `- 4 GPUs: 123 images per sec`, `ResNet-50 on V100: 350 img/s (batch 64)`."""

import re
from typing import Any, NamedTuple

from logreport.runs.published.columns import processor_in, said_by, without_names
from logreport.runs.published.commas import with_point
from logreport.runs.published.grids import GAPS, HTML_BEGIN, LIST_ROW, RULE
from logreport.runs.published.names import without_marks
from logreport.runs.published.quantities import (
    NO_RESULT,
    OTHER,
    RATE,
    TIME,
    Measure,
    Quantity,
    measure_of,
    quantity_in,
    unit_in_cell,
    without_unit,
)

ITEM = re.compile(r"(?P<bullet>[-*+•‣◦]|\d{1,2}[.)])[ \t]+(?=\S)")
PAIR = re.compile(r"(?P<label>[^|]{0,100}?)\s*(?::|=|→|[-=]>|\s[-–—])\s*(?P<result>[~≈]?\d[^|]{0,150})")
LEFT = re.compile(
    r"\s*(?:[.;]|\([^()]*\)|,?\s*(?:on|with|for|using|at|in|per|,)\b[^\d]*(?:\d[^/]*)?)?\s*[.;]?"
)
# Lines of a log are counted; and what was aimed at was not measured.
NO_LABEL = re.compile(
    r"\b(?:steps?|epochs?|iter(?:ation)?s?|rank|worker|global_step|expected|theoretical|ideal|target|goal|linear|up to|about"
    r"|required?|at least|should|loss|eta|elapsed)\b",
    re.IGNORECASE,
)
PRINTED = re.compile(r"\btotal images/sec$")  # by a script, where a number without decimals is cut
METRIC = re.compile(
    r"(?:(?:training|inference|average|avg|mean|overall|final|total)\s*)*(?:speed|throughput|performance|results?|perf)?",
    re.IGNORECASE,
)


BLANK = re.compile(r"\d+ \d")
DASHES = {"-", "–", "—"}
FLAG = re.compile(r"--?[A-Za-z][\w-]*(?:=\S+)?")  # its name says nothing of what was measured


class ListedResult(NamedTuple):
    """A number with a unit, the label before it, and what label and rest of the line name."""

    label: str
    value: float
    measure: Measure
    says: dict[str, Any]
    is_item: bool


def result_in(text: str) -> ListedResult | None:
    """The result that a line holds, by itself or as an item of a list; None where it holds none, or more than one.

    >>> result_in("- 4 GPUs:  118 images per sec").says
    {'num_devices': 4}
    >>> result_in("Step 10: 118 images per sec")
    """
    line = text.strip(" \t\r>")
    item = ITEM.match(line)
    line = without_marks(line[item.end() :] if item else line)
    pair = PAIR.fullmatch(line)
    label, result = (pair["label"], pair["result"]) if pair else ("", line)
    if NO_LABEL.search(label) or NO_RESULT.search(label) or NO_RESULT.search(result):
        return None
    read = leading(result) or unit_first(label, result)
    if read is None:
        return None
    found, rest = read
    if not pair and BLANK.match(result):
        return None  # two numbers, or one with a blank in it
    measure = unit_in_cell(found.unit)
    if measure is None or not found.number or not LEFT.fullmatch(rest):
        return None
    says = {**said_by(rest), **said_by(found.notes), **processor_in(label), **said_by(label)}
    if not says and not (
        label and (METRIC.fullmatch(without_unit(label)) or (item and not OTHER.search(FLAG.sub(" ", label))))
    ):
        return None
    return ListedResult(label, found.number * measure.scale, measure, says, item is not None)


def unit_first(label: str, result: str) -> tuple[Quantity, str] | None:
    """The number behind a label that says the unit of a speed, and what it is of or nothing else: `Images/sec: 362.5`."""
    measure, rate = measure_of(label), RATE.search(label.replace("_", " "))
    found = quantity_in(with_point(result) or "") if measure and rate else None
    if measure is None or rate is None or found is None or found.unit or PRINTED.search(label):
        return None
    bare = METRIC.sub("", without_names(label)[0])
    return None if any(map(str.isalpha, bare)) else (found._replace(unit=rate[0]), "")


def leading(result: str) -> tuple[Quantity, str] | None:
    """The number with a speed, or a time per batch, that a text begins with, and the rest of the text."""
    unit = RATE.search(result) or next((time for time in TIME.finditer(result) if time["each"]), None)
    if unit is None:
        return None
    number, rest = with_point(result[: unit.end()]), result[unit.end() :]
    found = None if number is None else quantity_in(number)
    return None if found is None or RATE.search(rest) or TIME.search(rest) else (found, rest)


def shape_of(line: str) -> str:
    """What the lines of one table share: tags, items in items, pipes, tabs, or blanks between columns; else it is text."""
    if LIST_ROW.match(line):
        return "list"
    bare = line.strip(" \t\r>")
    if HTML_BEGIN.search(bare):
        return "html"
    if len(bare) > 2 and RULE.fullmatch(bare):
        return "rule"
    if "|" in bare or "│" in bare or "┃" in bare:
        return "pipes"
    cells = GAPS.split(bare)
    # A dash between blanks is an empty cell, elsewhere it stands before a result.
    if len(cells) == 1 or ITEM.match(bare) or (result_in(bare) and DASHES.isdisjoint(cells)):
        return "text"
    return "tabs" if "\t" in bare else "blanks"
