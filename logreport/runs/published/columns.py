"""Tables that a document publishes: each column and each row is, by its head, a result, a name of others, or neither.

A number is a value only where its unit is written: in its cell, in the head of its column or row, or above a table whose
columns are named after networks, devices, precisions, batch sizes or numbers of devices.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from logreport.runs.published import names
from logreport.runs.published.grids import Grid, TableCell, is_number
from logreport.runs.published.languages import in_english
from logreport.runs.published.quantities import (
    ACCURACY,
    MINIMUM,
    NO_RESULT,
    OTHER,
    Measure,
    Quantity,
    measure_of,
    quantity_in,
    unit_in_cell,
    without_unit,
)

Facts = dict[str, Any]
BATCH = re.compile(
    r"(?:(?:mini|global|total|local)[- ]?)?(?:batch(?:[ _-]?sizes?)?|bsz?)(?:\s*(?:/|per|\(per)?\s*[CGT]PU\)?|\s*\([^)]*\))?",
    re.IGNORECASE,
)
COUNT = re.compile(
    r"(?:(?:#|no\.?|nr\.?|num(?:ber)?|total)[ _]*(?:of[ _])?)?(?:[CGT]PU|device|accelerator|card|chip)s?(?:[ _]?(?:count|used|num(?:ber)?|#))?",
    re.IGNORECASE,
)
NODES = re.compile(
    r"(?:(?:#|no\.?|num(?:ber)?)[ _]*(?:of[ _])?)?(?:nodes?|machines?|servers?|hosts?|workers?|ranks?|processes|instances)"
    r"(?:[ _]?(?:count|num(?:ber)?))?",
    re.IGNORECASE,
)
TIMED = re.compile(
    r"\b(?:times?|latency|duration|elapsed|pass|forward|backward|training|inference|seconds|speed|p\d\d)\b",
    re.IGNORECASE,
)
EACH = re.compile(r"/|\bper\b", re.IGNORECASE)
GENERAL = re.compile(
    r"(?:(?:training|inference|train|infer|test|eval(?:uation)?|forward|backward|forward\W{1,3}backward|real|synthetic)"
    r"(?:\s*(?:data|pass))?)?\s*(?:speed|throughput|performance|time|latency)?|\d{1,5}\s*(?:nodes?|workers?)",
    re.IGNORECASE,
)
AVERAGE = re.compile(
    r"(?:average|avg\.?|mean|median)(?:\s+(?:speed|throughput|time|latency))?", re.IGNORECASE
)
UNITLESS = re.compile(r"(?:[a-z]+ )?(?:throughput|speed|performance|latency)", re.IGNORECASE)
NAMES = (
    names.BATCH_SIZE, names.MODEL, names.DEVICE, names.PRECISION, names.NODES, names.COUNT, names.FRAMEWORK,
    re.compile(r"\d+[ -]?(?:nodes?|workers?|threads?|cores?|layers?)\b", re.IGNORECASE),
    re.compile(r"\b[CGT]PUs?(?:[- ]only)?(?=\W*$)|\b(?:on|with|via|using)\s+[CGT]PUs?\b", re.IGNORECASE),
)  # fmt: skip
NAME = re.compile(
    "|".join(f"(?:{one.pattern})" for one in (names.MODEL, names.DEVICE, names.FRAMEWORK)), re.IGNORECASE
)
WIDTHS = {"half": "fp16", "single": "fp32", "double": "fp64"}  # in a column of precisions alone
# A row of these sums up others: it is of no network and no device.
SUMMARY = re.compile(
    r"\W*(?:(?:geo(?:metric)?|arithmetic|harmonic|weighted|grand|overall)[- ]?)?(?:averages?|avg|means?|medians?|sums?|totals?|overall"
    r"|geomean|mittelwert|durchschnitt|moyenne|平均\w*|合[计計])\b",
    re.IGNORECASE,
)
INDEX = re.compile(r"#|no\.?|nr\.?|num|number|id|index|rank", re.IGNORECASE)
NOTHING = re.compile(r"|[-–—/?]+|n/?a|none|null|x", re.IGNORECASE)
NOTES = re.compile(
    r"\b(?:notes?|details?|comments?|remarks?|sources?|links?|refs?|references?|citation|description)\b",
    re.IGNORECASE,
)
VERSION = re.compile(r"(?:cuda|cudnn|nccl|driver|os|kernel|python|gcc)|.*\bversions?", re.IGNORECASE)
SETTINGS = re.compile(r"(?:options?|settings?|parameters?|hyper-?parameters?|flags?)", re.IGNORECASE)
NOT_MEASURED = re.compile(
    r"\b(?:expected|estimated|theoretical|projected|ideal|failed|crash(?:ed)?|killed)\b", re.IGNORECASE
)
FOREIGN_UNIT = re.compile(
    r"[(\[]\s*(?:k?W|k?J|[kMGT]i?B(?:/s)?|M|B|K|[MG]Hz|°?[CF]|px|bits?|x|×|USD|[GT]?FLOPS?|fps/W|mm|V|A|#)\s*[)\]]"
)
# Heads of other results, which are no settings of those beside them.
RESULTS = re.compile(
    r"\b(?:throughput|performance|speed|latency|times?|memory|mem|v?ram|power|watts?|energy|temp(?:erature)?|loss|accuracy|acc|errors?|err"
    r"|top-?\s?[15]|m?ap|bleu|dice|auc|f1|perplexity|ppl|[gmt]?flops?|macs?|params?|parameters?|utili[sz]ation|util|usage|score|rank"
    r"|min(?:imum)?|max(?:imum)?|best|worst|std|stdev|sd|p\d\d)\b|/\s*s(?:ec(?:ond)?s?)?\b|%|°",
    re.IGNORECASE,
)
LONGEST_SETTING = 40
FARTHEST = 50  # times as fast as another one in its row
MEASURED_BY = {
    "time": re.compile(
        r"\b(?:latency|latencies|times?|duration|elapsed)\b|延迟|耗时|レイテンシ", re.IGNORECASE
    ),
    "speed": re.compile(r"\bthroughputs?\b|吞吐|スループット", re.IGNORECASE),
}  # what the words of a head measure
TOTAL = re.compile(r"\btotal\b", re.IGNORECASE)
SIZE = re.compile(r"(\d{1,9})(?:\s*[*x×]\s*(\d{1,4}))?")
TIMES = re.compile(r"(?P<before>\d{1,3})\s?[x×]|[x×]\s?(?P<behind>\d{1,3})", re.IGNORECASE)
CPU = re.compile(r"\W*\bCPUs?(?:[- ]only)?\b\W*", re.IGNORECASE)
PLURAL = re.compile(r"\d{1,4}\s?[x×*]?\s?([A-Za-z].*\d)s")
# Heads of logs, and of what a profiler says of operations, which are no results of a benchmark.
PROFILE = re.compile(
    r"\bcalls\b|\bself c(?:pu|uda)\b|\b(?:cum|tot)time\b|\bpercall\b|\bcount\b.*\bkernel\b", re.IGNORECASE
)
STEPS = re.compile(r"(?:global[ _]?)?(?:steps?|iter(?:ation)?s?|epochs?|batch(?:es)?)", re.IGNORECASE)
# The words of a head, of which one is the first set's and the others may be the second's.
ROLES = {
    "device": {"gpu", "cpu", "device", "hardware", "machine", "instance", "accelerator", "processor", "card", "tpu"},
    "model": {"model", "network", "net", "architecture"},
    "precision": {"precision", "dtype", "datatype"},
    "framework": {"framework"},
    "dataset": {"dataset"},
    "subject": {"subject"},  # of all the row: `table --format csv` writes it
}  # fmt: skip
BESIDE = {"name", "type", "model", "or", "and", "neural"}


@dataclass
class Head:
    """What the head of a column, or the label of a row, says of the numbers that it stands by.

    Args:
        text: as published, but for words of other languages that are known.
        role: what the cells name: batch, count, card (one of several, by its number), device, model, precision, framework, dataset; empty for none.
        measure: what the numbers are, where it says so.
        says: what it names.
        label: its text without the unit.
        is_outer: whether the measure is one that stands outside the head.
    """

    text: str
    role: str = ""
    measure: Measure | None = None
    says: Facts = field(default_factory=dict)
    label: str = ""
    is_outer: bool = False


@dataclass
class Around:
    """What stands around a table: the unit of its numbers where it is said there, and names."""

    measure: Measure | None = None
    says: Facts = field(default_factory=dict)


def published_rows(grid: Grid, around: Around) -> Iterator[Facts]:
    """The values of a table, each with what stands around it."""
    heads, body = heads_and_body(grid)
    is_log = heads and STEPS.fullmatch(heads[0]) and not grid.is_marked
    if not any(body) or is_log or PROFILE.search(" ".join(heads)):
        return
    body = filled_down(heads, body)
    columns = columns_of(heads, [[cell.text for cell in row] for row in body], around)
    rows = [head_of_row(row, columns) for row in body]
    by_role = any(column.role for column in columns)
    named = [row is not None and bool(by_role or row.says or NAME.search(row.text)) for row in rows]
    most_named = 2 * sum(named) >= len(named)
    outside = said_outside(around, columns, rows)
    settings = settings_of(rows, body)
    beside = settings_columns(columns, body, rows)
    # The settings that hold for a row are those above it; where there are none, the first below.
    held: dict[str, list[Any]] = {}
    for below in reversed(settings.values()):
        held |= below
    for index, (cells, row) in enumerate(zip(body, rows, strict=True)):
        held |= settings.get(index, {})
        if row is None or row.role:
            continue
        is_odd = most_named and not named[index]
        for place, (column, cell) in enumerate(zip(columns, cells, strict=False)):
            if is_odd and column.is_outer and not any_unit([cell.text]):
                continue  # perhaps a setting among results
            found = value_in(cell.text, column, row, is_label=place == 0 and not column.measure)
            if found is None or cell.is_unclear:
                continue
            value, measure, notes = found
            set_here = {name: values[place] for name, values in held.items() if place < len(values)}
            said = facts_between(column, row, {**set_here, **said_by(notes)})
            if phase := names.only(names.phases_in(f"{column.text} {row.text}")):
                said["phase"] = phase
            yield {
                "value": value, "unit": measure.unit, "metric": measure.metric, "row_label": row.label or None,
                "column_label": column.label, "line": cell.line, **outside, **said,
                "settings": settings_in(beside, cells, row),
            }  # fmt: skip


def said_outside(around: Around, columns: Sequence[Head], rows: Sequence[Head | None]) -> Facts:
    """What holds for each value that nothing in its table says otherwise: of what stands around, and of the corner.

    Where most rows, or most columns, name a network or a device, the others are of one that nobody knows; so it is with a
    framework where any does.
    """
    outside = around.says | ({} if columns[0].role else said_by(columns[0].text))
    named_rows = [row for row in rows if row is not None and not row.role]
    for heads in (named_rows, columns[1:]):
        for name in ("model", "device"):
            if 2 * sum(name in head.says for head in heads) > len(heads):
                outside.pop(name, None)
        if any("framework" in head.says for head in heads):
            outside.pop("framework", None)
    return outside


def filled_down(heads: Sequence[str], body: list[list[TableCell]]) -> list[list[TableCell]]:
    """The rows, in which an empty first cell is the one above it, where the next names something else."""
    roles = [
        role_of(head, [row[place].text for row in body if place < len(row)])
        for place, head in enumerate(heads[:2])
    ]
    if len(roles) < 2 or not all(roles):
        return body
    above = ""
    filled = []
    for row in body:
        is_open = len(row) > 1 and not row[0].text and any(map(str.isalpha, row[1].text))
        first = row[0]._replace(text=above) if is_open else row[0]
        above = first.text
        filled.append([first, *row[1:]])
    return filled


def without_a_unit(grid: Grid) -> int:
    """How many numbers of a table stand by names of networks or devices, and would be values if a unit stood above."""
    rows = list(published_rows(grid, Around(Measure("speed", ""))))
    names_in = {(row.get("model"), row.get("device")) for row in rows}
    heads = {row["column_label"] for row in rows}
    is_of_results = len(heads) > 1 or any(UNITLESS.fullmatch(head) for head in heads)
    return len(rows) if len(names_in) > 1 and is_of_results else 0


def heads_and_body(grid: Grid) -> tuple[list[str], list[list[TableCell]]]:
    """The heads, of which some have two lines, and the rows below them; a head may span columns that are empty."""
    rows, count = grid.rows, grid.heads
    texts = [[cell.text for cell in row] for row in rows[: count + 1]]
    if 0 < count < len(rows) - 1 and continues_head(texts[count - 1], texts[count]):
        count += 1
    parts = texts[:count]
    width = max((len(row) for row in rows), default=0)
    heads = [[] for _ in range(width)]  # type: list[list[str]]
    for depth, part in enumerate(parts):
        above = ""
        for column in range(width):
            text = part[column] if column < len(part) else ""
            is_over = depth < count - 1 and column < len(parts[-1]) and parts[-1][column]
            above = text or (above if is_over else "")
            if above and above not in heads[column]:
                heads[column].append(above)
    return [" ".join(head) for head in heads], rows[count:]


def continues_head(head: Sequence[str], row: Sequence[str]) -> bool:
    """Whether the row below a head is its second line: no label, and units, names or counts instead of results."""
    cells = [text for text in row[1:] if text]
    if not cells or (row[0] and row[0] != head[0]):
        return False
    if all(text.isdecimal() for text in cells):
        return any(COUNT.search(text) or BATCH.search(text) for text in head[1:]) and "" in head[1:]
    reads: tuple[Callable[[str], object], ...] = (
        said_by, measure_of, GENERAL.fullmatch, NO_RESULT.search, OTHER.search,
    )  # fmt: skip
    return not any(map(is_number, cells)) and all(any(read(text) for read in reads) for text in cells)


def columns_of(heads: Sequence[str], body: Sequence[Sequence[str]], around: Around) -> list[Head]:
    """What each column is; a unit above the table or in its corner is that of columns with names for heads."""
    cells = [[row[place] for row in body if place < len(row)] for place in range(len(heads))]
    columns = [column_of(head, mine) for head, mine in zip(heads, cells, strict=True)]
    for column in columns:
        if (least := MINIMUM.search(column.text)) and any(
            head.lower() == f"{column.text[: least.start()]}max".lower() for head in heads
        ):
            column.measure = None  # `time min` beside `time max`
    name_by_corner(columns, cells)
    outer = around.measure
    is_named = any(column.says for column in columns[1:]) or not any(map(is_number, cells[0]))
    if outer is None and not columns[0].says and is_named:
        outer, columns[0].measure = measure_of(columns[0].text), None
    for column, mine in zip(columns[1:], cells[1:], strict=True):
        if column.role == "device" and outer and column.says and all(map(is_number, mine)):
            column.role = ""
        if (
            not (column.role or column.measure)
            and outer
            and may_take(column)
            and not is_against(column.text, outer)
        ):
            column.measure, column.is_outer = outer, True
    if outer and outer.unit:
        name_nothing(columns, cells, outer)
    seen: Counter[str] = Counter()
    for place, column in enumerate(columns):
        seen[column.label] += 1
        column.label += f" ({place + 1})" if seen[column.label] > 1 else ""
    name_family(columns)
    return columns


def name_nothing(columns: Sequence[Head], cells: Sequence[Sequence[str]], outer: Measure) -> None:
    """Give the unit outside to columns that a table sets side by side by names that nobody knows: `before`, `our build`.

    They are several, of rows that name something, and no number of a row is far from its others; beside a column that says
    what it measures (`Throughput`) they would be settings.
    """
    if any((column.measure and not column.is_outer) or RESULTS.search(column.text) for column in columns[1:]):
        return
    is_of_names = columns[0].role or 2 * sum(bool(said_by(cell)) for cell in cells[0]) >= len(cells[0])
    mine = [place for place, column in enumerate(columns) if column.is_outer]
    unnamed = [place for place in range(1, len(columns)) if may_be_side(columns[place], cells[place], outer)]
    places = [*mine, *unnamed]
    if not is_of_names or len(places) < 2:
        return
    for row in zip(*(cells[place] for place in places), strict=False):
        speeds = [found.number for cell in row if (found := quantity_in(cell)) and found.number]
        if speeds and max(speeds) > FARTHEST * min(speeds):
            return
    for place in unnamed:
        columns[place].measure, columns[place].is_outer = outer, True


def may_be_side(column: Head, cells: Sequence[str], outer: Measure) -> bool:
    """Whether a column can be one of several that are set side by side: a few words and numbers, and no other quantity."""
    text = column.text
    numbers = [quantity_in(cell) for cell in cells if not NOTHING.fullmatch(cell)]
    is_size = all(cell.isdecimal() and int(cell[:9]).bit_count() == 1 for cell in cells)
    return (
        not (column.role or column.measure or column.says or INDEX.fullmatch(text) or is_against(text, outer))
        and any(map(str.isalpha, text))
        and len(text.split()) < 5
        and not any(words.search(text) for words in (RESULTS, NOTES, NOT_MEASURED))
        and not (VERSION.fullmatch(text) or without_names(text)[1])
        and bool(numbers)
        and not is_size
        and all(found is not None and not found.unit for found in numbers)
    )


def name_by_corner(columns: Sequence[Head], cells: Sequence[Sequence[str]]) -> None:
    """Name columns that are numbers by the corner, which says what they count; and CPU beside GPU, or a card, are two devices."""
    corner, heads = columns[0].text, [column.text for column in columns[1:]]
    if heads and all(map(SIZE.fullmatch, heads)) and columns[0].role in ("batch", "count"):
        columns[0].role = ""
    by_kind = {"cpu", "gpu"} <= {head.lower() for head in heads}
    beside = any("device" in column.says for column in columns[1:])
    for column, mine in zip(columns[1:], cells[1:], strict=True):
        is_kind = names.KIND.fullmatch(column.text) and any(map(quantity_in, mine))
        if is_kind and (by_kind or (beside and column.role == "device" and all(map(is_result, mine)))):
            column.role, column.says = "", {"device": column.text}
        if BATCH.fullmatch(corner) and (size := size_in(column.text)):
            column.says["batch_size"] = size
        elif COUNT.fullmatch(corner) and column.text.isdecimal():
            column.says["num_devices"] = names.number_of(int(column.text[:9]))


def is_result(cell: str) -> bool:
    """Whether a cell can hold a result, or that there is none."""
    return quantity_in(cell) is not None or NOTHING.fullmatch(cell) is not None


def column_of(head: str, cells: Sequence[str]) -> Head:
    """One column by itself; its label stays as it was published."""
    label, head = head, in_english(head)
    if role := role_of(head, cells):
        return Head(head, role, label=label)
    measure = measure_of(head)
    says = said_by(head)
    if names.KIND.fullmatch(without_unit(head)):
        says["device"] = without_unit(head)
    elif measure:
        says = processor_in(without_unit(head)) | says
    if times := TIMES.fullmatch(without_unit(head)):  # `4x img/s`
        says["num_devices"] = names.number_of(int(times["before"] or times["behind"]))
    if measure:
        label = without_unit(label) or ("time" if measure.scale != 1 else label)
    return Head(head, "", measure, says, label)


def name_family(columns: Sequence[Head]) -> None:
    """Name a column after its head where its neighbours are all named after networks, or all after devices.

    Its numbers count only with a unit of their own.
    """
    named = [
        set(column.says) for column in columns[1:] if column.says and not (column.role or column.measure)
    ]
    for kind in ("device", "model"):
        if len(named) > 1 and all(kind in says for says in named):
            for column in columns[1:]:
                text = column.text
                if (
                    not (column.says or column.role or column.measure or without_names(text)[1])
                    and len(text.split()) < 5
                ):
                    column.says = {kind: text} if any(map(str.isalpha, text)) else {}


def role_of(head: str, cells: Sequence[str]) -> str:
    """What the cells of a column are to their row, by its head; GPUs may be counted instead of named."""
    if BATCH.fullmatch(head) and not names.batch_in(head):
        return "batch"
    filled = [cell for cell in cells if not NOTHING.fullmatch(cell)]
    counts = all(cell.isdecimal() for cell in filled) and any(len(cell) < 3 for cell in filled)
    if filled and counts and (COUNT.fullmatch(head) or NODES.fullmatch(head)):
        if "0" in filled and COUNT.fullmatch(head):
            return "card"  # each has its number, and the first is 0
        return "count" if COUNT.fullmatch(head) else "nodes"
    words = re.findall(r"[a-z]+", head.lower().replace("data type", "dtype").replace("data set", "dataset"))
    singular = {
        word.removesuffix("s") if word[-2:] in ("us", "es") or word[-3:] in ("els", "rks") else word
        for word in words
    }
    for role, known in ROLES.items() if not said_by(head) else ():
        if singular & known and singular <= known | BESIDE and not measure_of(head):
            numeric = role == "model" and all(is_number(cell) for cell in filled)
            return "" if numeric or (role == "device" and all_networks(filled)) else role
    return ""


def all_networks(cells: Sequence[str]) -> bool:
    """Whether cells name networks and no device: they are rows below a corner that says what the columns count."""
    said = [said_by(cell) for cell in cells]
    return bool(said) and all("model" in one and "device" not in one for one in said)


def said_by(text: str) -> Facts:
    """Network, device, number of devices, precision, batch size and framework that a head or a label names."""
    if not text:
        return {}
    found = {
        "model": names.model_in(text),
        "device": names.device_in(text),
        "num_devices": names.count_in(text),
        "precision": names.precision_in(text),
        "batch_size": names.batch_in(text),
        "framework": names.framework_in(text),
    }
    return {name: value for name, value in found.items() if value is not None}


def processor_in(text: str) -> Facts:
    """The CPU, where a label names nothing else but networks, frameworks and settings: `TensorFlow CPU`."""
    for pattern in NAMES[:-1]:
        text = pattern.sub(" ", text)
    return {"device": "CPU"} if CPU.fullmatch(text) else {}


def is_device_kind(label: str, cells: Sequence[str]) -> bool:
    """Whether a label is CPU, GPU or TPU, and its row holds results: for columns with units `GPU | 362` names no card."""
    return bool(names.KIND.fullmatch(label)) and any(map(is_number, cells))


def without_names(text: str) -> tuple[str, bool]:
    """What a head says beside names, and whether that is another quantity, or a unit that is none of a result."""
    rest = without_unit(text)
    for pattern in NAMES:
        rest = pattern.sub(" ", rest)
    return rest, bool(OTHER.search(rest) or NO_RESULT.search(text) or FOREIGN_UNIT.search(text))


def may_take(column: Head) -> bool:
    """Whether the numbers of a column can have the unit that is said above the table or in its corner."""
    if AVERAGE.fullmatch(column.text):
        return True
    if without_names(column.text)[1]:
        return False
    return bool(column.says or (column.text and GENERAL.fullmatch(column.text)))


def is_against(text: str, outer: Measure) -> bool:
    """Whether a head or a label speaks of times where the unit outside is that of speeds, or the other way round."""
    return any(words.search(text) for metric, words in MEASURED_BY.items() if metric != outer.metric)


def head_of_row(cells: Sequence[TableCell], columns: Sequence[Head]) -> Head | None:
    """What a row says of its numbers; None for one that sums up others, or has no batch size in a table of batch sizes."""
    texts = [cell.text for cell in cells]
    pairs = list(zip(columns, texts, strict=False))
    row = Head(texts[0] if texts else "")
    labels = (text for column, text in pairs if not column.measure and not INDEX.fullmatch(column.text))
    row.label = next(filter(None, labels), "")
    first = next((column for column in columns if not INDEX.fullmatch(column.text)), columns[0])
    said: Facts = {}
    for column, text in pairs:
        if column.role:
            found = named_in(column.role, text)
            if column is columns[0] and (
                is_summary(text) or (column.role == "batch" and not found["batch_size"])
            ):
                return None
            if found and (
                column.role not in said or (found.get(column.role) and column.text.lower() != "cpu")
            ):
                said |= found
        elif column is first and not column.measure and not NOTES.search(column.text):
            is_kind = any(one.measure and not one.is_outer for one in columns) and is_device_kind(
                text, texts[1:]
            )
            row.role = "" if is_kind else role_of_row(text, texts[1:], column.text)
            row.measure = None if row.role else measure_of(text)
            said = {**({"device": text} if is_kind else processor_in(text)), **said_by(text), **said}
        elif names.PRECISION.fullmatch(text):
            said.setdefault("precision", names.precision_in(text))
    counted = " ".join(column.text for column in columns if column.role == "count")
    if (said.pop("nodes", 1) != 1 and not TOTAL.search(counted)) or names.SERVERS.search(row.text):
        said["num_devices"] = None  # of one of them, or of all: nobody says
    row.says = said
    return row


def is_summary(label: str) -> bool:
    """Whether the label of a row says that it sums up others, and names nothing itself."""
    return SUMMARY.match(label) is not None and not said_by(label)


def settings_columns(
    columns: Sequence[Head], body: Sequence[Sequence[TableCell]], rows: Sequence[Head | None]
) -> dict[int, str]:
    """The heads of the columns that part rows which their names do not, by place: `Sequence length`, `Beam width`."""
    found = {}
    for place, column in enumerate(columns):
        texts = [row[place].text for row in body if place < len(row)]
        cells = zip(texts, rows, strict=False)
        if any(row and row.measure and value_in(text, column, row, is_label=False) for text, row in cells):
            continue  # `Metric | Value`
        is_batch = "batch" in column.text.lower()
        is_result = column.measure or NO_RESULT.search(column.text) or RESULTS.search(column.text)
        is_name = (
            column.role not in ("", "batch") or INDEX.fullmatch(column.text) or NOTES.search(column.text)
        )
        is_named = bool(column.says) and all(NOTHING.fullmatch(text) or is_number(text) for text in texts)
        if not (is_result or is_name or is_named or any_unit(texts)) and (is_batch or len(set(texts)) > 1):
            found[place] = column.text
    return {place: head for place, head in found.items() if any(map(str.isalpha, head))}


def settings_in(beside: Mapping[int, str], cells: Sequence[TableCell], row: Head) -> str | None:
    """What columns beside the results say of a row, where its label and what is known of it do not."""
    texts = {place: cells[place].text for place in beside if place < len(cells)}
    if row.label in texts.values():
        del texts[next(place for place, text in texts.items() if text == row.label)]
    said = [
        f"{beside[place]} {text}"
        for place, text in texts.items()
        if not (NOTHING.fullmatch(text) or names.PRECISION.fullmatch(text) or len(text) > LONGEST_SETTING)
        and not (BATCH.fullmatch(beside[place]) and row.says.get("batch_size"))
        and not ((found := quantity_in(text)) and found.unit)
    ]
    return ", ".join(said) or None


def size_in(text: str) -> int | None:
    """The batch size of a cell, which may say more behind it: `64`, `64 (per GPU)`, `128 * 4`."""
    found = re.fullmatch(rf"{SIZE.pattern}\s*(?:\([^()]*\)|/\s?[CGT]PU|per [CGT]PU)?", text)
    return int(found[1]) * int(found[2] or 1) or None if found else None


def role_of_row(label: str, cells: Sequence[str], corner: str) -> str:
    """What the cells of a row name for the columns above and below; a setting that is nobody's name is a role, too."""
    if role := role_of(label, cells):
        return role
    _, is_other = without_names(label)
    if (SETTINGS.fullmatch(corner) or VERSION.fullmatch(label)) and not measure_of(label):
        return "setting"
    return "setting" if is_other and not measure_of(label) and not any_unit(cells) else ""


def any_unit(cells: Sequence[str]) -> bool:
    """Whether a cell holds a number with the unit of a result."""
    return any((found := quantity_in(cell)) and found.unit and unit_in_cell(found.unit) for cell in cells)


def settings_of(
    rows: Sequence[Head | None], body: Sequence[Sequence[TableCell]]
) -> dict[int, dict[str, list[Any]]]:
    """What rows such as `Batch size | 64 | 32` name, by their index: for each name a value for each column."""
    found: dict[int, dict[str, list[Any]]] = {}
    for index, (row, cells) in enumerate(zip(rows, body, strict=True)):
        if row is not None and row.role not in ("", "setting", "nodes"):
            facts = [{}, *(named_in(row.role, cell.text) for cell in cells[1:])]
            said_names = dict.fromkeys(name for said in facts for name in said)
            found[index] = {name: [said.get(name) for said in facts] for name in said_names}
    return found


def facts_between(column: Head, row: Head, nearer: Facts) -> Facts:
    """What row and column name of a value; where they contradict each other, nothing."""
    said = {**column.says, **row.says}
    for name in column.says.keys() & row.says.keys():
        mine, other = column.says[name], row.says[name]
        if mine != other and not (isinstance(mine, str) and names.key_of(mine) == names.key_of(str(other))):
            said[name] = None if row.label == row.text else row.says[name]
    return said | nearer


def named_in(role: str, cell: str) -> Facts:
    """What a cell of a column with a role names; None is a name that is not given, and what is not there nobody says."""
    if role in READERS:
        name, read = READERS[role]
        return {name: read(cell)}
    if NOTHING.fullmatch(cell):
        return {role: None}
    if not any(letter.isalpha() for letter in cell):
        return card_or_count(cell) if role == "device" else {role: None}
    said = said_by(cell)
    if role == "subject":
        return said
    if role == "device":
        count = {"num_devices": said["num_devices"]} if "num_devices" in said else {}
        return {role: without_count(cell), **count}
    return said | network_of(cell, said) if role == "model" else {role: cell}


def network_of(cell: str, said: Facts) -> Facts:
    """The network in a cell that may say more (`Resnet50 batch=32`), or name the model of a card."""
    if "model" in said:
        return {"model": said["model"] if len(said) > 1 else cell}
    return {} if "device" in said else {"model": cell}


def number_in(cell: str) -> int | None:
    """The number of devices, or of nodes, in a cell."""
    return names.number_of(int(cell)) if cell.isdecimal() and len(cell) < 10 else None


READERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "batch": ("batch_size", lambda cell: names.batch_in(cell) or size_in(cell)),
    "count": ("num_devices", number_in),
    "nodes": ("nodes", number_in),
    "card": ("num_devices", lambda _number: 1),
    "precision": ("precision", lambda cell: names.precision_in(cell) or WIDTHS.get(cell.lower())),
}


def card_or_count(cell: str) -> Facts:
    """`3090` is a card; `4` and `256` are numbers of cards, which leave the card to the heading."""
    if not cell.isdecimal() or len(cell) > 9:
        return {"device": None}
    if len(cell) in (3, 4) and int(cell) & (int(cell) - 1):
        return {"device": cell}
    return {"num_devices": count} if (count := number_in(cell)) else {}


def without_count(device: str) -> str:
    """A device without how many of it there are: `8x V100`, `V100 (x8)`, `32 P100s`."""
    if plural := PLURAL.fullmatch(device):
        return plural[1]
    bare = re.sub(r"^\s*\d{1,3}\s?[x×*]\s?(?=[A-Za-z])|\s?\(?[x×*]\s?\d{1,3}\)?\s*$", "", device)
    return bare.strip() or device


def value_in(cell: str, column: Head, row: Head, *, is_label: bool) -> tuple[float, Measure, str] | None:
    """The value of a cell, what it measures, and notes behind it; None where it holds none, or nobody says of what."""
    found = quantity_in(cell)
    if found is None or column.role or NO_RESULT.search(row.text) or NOT_MEASURED.search(found.notes):
        return None
    measure = unit_in_cell(found.unit) if found.unit else None if is_label else measure_between(column, row)
    if measure is None or (found.unit and not may_hold(column, row, found, measure)):
        return None
    if not found.number and measure.metric != "accuracy":
        return None  # nothing is that fast: it was not measured
    return found.number * measure.scale, measure, found.notes


def measure_between(column: Head, row: Head) -> Measure | None:
    """What a number without a unit measures: what column or row say, where they agree."""
    said = {measure for measure in (column.measure, row.measure) if measure}
    if column.is_outer and column.measure and is_against(row.text, column.measure):
        return None
    if len(said) != 1 or (
        row.measure
        and not column.measure
        and (NO_RESULT.search(column.text) or OTHER.search(without_names(column.text)[0]))
    ):
        return None
    return said.pop()


def may_hold(column: Head, row: Head, found: Quantity, measure: Measure) -> bool:
    """Whether a unit in a cell is one that the head of its column, or the label of its row, lets expect."""
    if column.measure is not None or row.measure is not None:
        return all(one.metric == measure.metric for one in (column.measure, row.measure) if one is not None)
    if NO_RESULT.search(column.text):
        return False
    if measure.metric == "accuracy":
        return ACCURACY.search(f"{column.text} {row.text}") is not None
    return bool(
        measure.metric == "speed"
        or EACH.search(found.unit)
        or TIMED.search(f"{column.text} {row.text}")
        or "model" in {**column.says, **row.says}
        or (column.says and row.says)
    )
