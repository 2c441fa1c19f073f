"""Tables that a document publishes: each column is, by its head, a result, a name of its row, or neither.

A number is a value only where its unit is written: in its cell, in the head of its column, or in the heading above a
table whose columns are named after networks, devices or precisions.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from logreport.runs import names
from logreport.runs.quantities import (
    ACCURACY,
    NO_RESULT,
    Measure,
    measure_of,
    number_in,
    unit_in_cell,
    without_unit,
)

Row = list[str]
BATCH = re.compile(r"(?:(?:mini|global|total|local)[- ]?)?batch(?:[ _-]?size)?(?!\w)|bs$", re.IGNORECASE)
BATCH_SIZE = re.compile(r"(?:batch(?:[ _-]?size)?|bs)\s*[=: ]\s*(\d{1,9})", re.IGNORECASE)
TIMED = re.compile(
    r"\b(?:time|latency|duration|elapsed|pass|forward|backward|training|inference|seconds|speed)\b",
    re.IGNORECASE,
)
SPEEDS = re.compile(
    r"speed|throughput|performance|\d{1,5}\s*[CGT]PUs?|\d{1,5}\s*(?:nodes?|workers?)", re.IGNORECASE
)
INDEX = re.compile(r"#|no\.?|nr\.?|num|number|id|index", re.IGNORECASE)
NOTHING = re.compile(r"|[-–—/?]+|n/?a|none|null|x", re.IGNORECASE)
# The words of a head, of which one is the first set's and the others may be the second's.
ROLES = {
    "device": {"gpu", "cpu", "device", "hardware", "machine", "instance", "accelerator", "processor"},
    "model": {"model", "network", "architecture"},
    "precision": {"precision", "dtype", "datatype"},
    "framework": {"framework"},
    "dataset": {"dataset"},
}
BESIDE = {"name", "type", "model", "or", "and", "neural"}


@dataclass
class Column:
    """A column of a table.

    Args:
        head: its head, as published.
        role: what its cells are to their row: batch, device, model, precision, framework, dataset; empty for none.
        measure: what its numbers are, where its head or the heading says so.
        says: names in its head, which are those of its values.
    """

    head: str
    role: str = ""
    measure: Measure | None = None
    label: str = ""
    says: dict[str, Any] = field(default_factory=dict)


def published_rows(rows: Sequence[tuple[int, Row]], heading: str) -> Iterator[dict[str, Any]]:
    """The values of a table, from its head, the line below that and its rows, each with what stands around it."""
    heads = [names.plain(head) for head in rows[0][1]]
    body = [(line, [names.plain(cell) for cell in cells]) for line, cells in rows[2:]]
    columns = columns_of(heads, [cells for _, cells in body], heading)
    shared = said_by(heading)
    for line, cells in body:
        pairs = list(zip(columns, cells, strict=False))
        own = names_of(pairs)
        if own is None:
            continue
        labels = (cell for column, cell in pairs if not column.measure and not INDEX.fullmatch(column.head))
        label = next(filter(None, labels), None)
        for column, cell in pairs:
            if (found := value_in(cell, column)) is None:
                continue
            value, measure = found
            yield {
                "value": value, "unit": measure.unit, "metric": measure.metric, "row_label": label,
                "column_label": column.label, "line": line, **shared, **column.says, **own,
            }  # fmt: skip


def columns_of(heads: Row, body: list[Row], heading: str) -> list[Column]:
    """What each column is; a unit in the heading or in the corner is that of columns with names for heads."""
    around = measure_of(heading)
    named = [bool(said_by(head)) for head in heads]
    if around is None and any(named[1:]) and not named[0]:
        around = measure_of(heads[0])
    columns: list[Column] = []
    labels: set[str] = set()
    by_kind = {"cpu", "gpu"} <= {head.lower() for head in heads[1:]}
    for index, head in enumerate(heads):
        cells = [row[index] for row in body if index < len(row)]
        unit = around if index and (by_kind or not names.KIND.fullmatch(head)) else None
        column = column_of(head, cells, unit, by_batch=bool(BATCH.match(heads[0])))
        label, number = column.label, index
        while column.label in labels:
            number += 1
            column.label = f"{label} ({number})"
        labels.add(column.label)
        columns.append(column)
    return columns


def column_of(head: str, cells: Row, around: Measure | None, *, by_batch: bool) -> Column:
    """One column; `around` is the unit that stands in the heading, `by_batch` whether the corner says batch size."""
    role, own = role_of(head, cells), measure_of(head)
    if role == "device" and around and all(number_in(cell) for cell in cells):
        role = ""
    if role:
        return Column(head, role, label=head)
    says = said_by(head) | ({"device": head} if names.KIND.fullmatch(without_unit(head)) else {})
    if by_batch and head.isdigit() and len(head) < 10:
        says["batch_size"] = int(head)
    if own is None and around and (says or SPEEDS.fullmatch(head)) and not NO_RESULT.search(head):
        own = around
    label = head
    if own and own is not around:
        scaled = "time" if own.scale != 1 else head
        label = without_unit(head) or scaled
    return Column(head, "", own, label, says)


def role_of(head: str, cells: Row) -> str:
    """What the cells of a column are to their row, by its head; GPUs may be counted instead of named."""
    if BATCH.match(head) and not BATCH_SIZE.fullmatch(head):
        return "batch"
    words = re.findall(r"[a-z]+", head.lower().replace("data type", "dtype").replace("data set", "dataset"))
    singular = {word.removesuffix("s") if word[-2:] in ("us", "es") else word for word in words}
    for role, known in ROLES.items():
        if singular & known and singular <= known | BESIDE and not measure_of(head):
            numeric = role == "model" and all(number_in(cell) for cell in cells if cell)
            return "" if numeric else role
    return ""


def said_by(text: str) -> dict[str, Any]:
    """Network, device, precision and batch size that a heading or a head names."""
    batch = BATCH_SIZE.search(text)
    found = {
        "model": names.model_in(text),
        "device": names.device_in(text),
        "precision": names.precision_in(text),
        "batch_size": int(batch[1]) if batch else None,
    }
    return {name: value for name, value in found.items() if value is not None}


def names_of(pairs: Sequence[tuple[Column, str]]) -> dict[str, Any] | None:
    """What the cells of a row name; None for a row that is none of a batch size in a table of batch sizes."""
    found: dict[str, Any] = {}
    for index, (column, cell) in enumerate(pairs):
        if column.role == "batch":
            size = cell if cell.isdecimal() else (match := BATCH_SIZE.fullmatch(cell)) and match[1]
            if not size or len(size) > 9:
                if index == 0:
                    return None
                continue
            found["batch_size"] = int(size)
        elif column.role:
            name = name_in(column.role, cell)
            if name is None and cell.isdecimal():
                continue  # a number of cards leaves the card to the heading
            if column.role not in found or (name and column.head.lower() != "cpu"):
                found[column.role] = name
        elif index == 0 and (match := BATCH_SIZE.fullmatch(cell)):
            found["batch_size"] = int(match[1])
    return found


def name_in(role: str, cell: str) -> str | None:
    """The name in a cell: `3090` is a card, `4` and `256` are numbers of cards."""
    if NOTHING.fullmatch(cell):
        return None
    if role == "precision":
        return names.precision_in(cell)
    if any(letter.isalpha() for letter in cell):
        return cell
    is_card = role == "device" and cell.isdecimal() and len(cell) in (3, 4) and int(cell) & (int(cell) - 1)
    return cell if is_card else None


def value_in(cell: str, column: Column) -> tuple[float, Measure] | None:
    """The value in a cell of a column that holds values; a unit in the cell says more than the one in its head."""
    found = number_in(cell)
    if found is None or column.role:
        return None
    number, written = found
    measure = unit_in_cell(written) if written else column.measure
    if measure is None:
        return None
    if written and not may_hold(column, measure):
        return None
    return number * measure.scale, measure


def may_hold(column: Column, measure: Measure) -> bool:
    """Whether a unit in a cell is one that the head of its column lets expect."""
    if column.measure is not None:
        return column.measure.metric == measure.metric
    if NO_RESULT.search(column.head):
        return False
    if measure.metric == "accuracy":
        return ACCURACY.search(column.head) is not None
    return measure.metric == "speed" or bool(TIMED.search(column.head) or column.says)
