"""Results that a document states: tables of speeds and blocks of metrics, with model, batch size and device from the text.

They are never mixed with measured runs.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from logreport.grammar import Match
from logreport.runs.tables import Tables

NUMBER = re.compile(r"[~≈]?\s*(\d+(?:[.,]\d{3})*(?:\.\d+)?)\s*(x|%)?")
UNITS = {
    "images/sec": "images/s", "images/s": "images/s", "img/sec": "images/s", "img/s": "images/s",
    "examples/sec": "examples/s", "samples/sec": "examples/s", "sec/batch": "s", "ms": "ms",
}  # fmt: skip
UNIT = re.compile("|".join(sorted(map(re.escape, UNITS), key=len, reverse=True)), re.IGNORECASE)
BATCH_HEADS = re.compile(r"batch[ _-]?size|^batch$", re.IGNORECASE)
DURATION = re.compile(r"(\d+)h (\d+)m (\d+)")


@dataclass
class Around:
    """What the document said last, while it is read from top to bottom."""

    heading: str = ""
    precision: str | None = None
    dataset: str | None = None
    subject: str | None = None
    machine: str | None = None
    hardware: dict[str, dict[str, str]] = field(default_factory=dict)


def add_published(matches: list[Match], tables: Tables, source: str) -> None:
    """Add the published values of one document."""
    around = Around()
    table: list[tuple[int, list[str]]] = []
    for match in sorted(matches, key=lambda match: match.line):
        kind, fields = match.leaf.kind, match.fields()
        if kind == "document.table_row":
            if table and match.line != table[-1][0] + 1:
                add_table(table, around, tables, source)
                table = []
            table.append((match.line, [cell.strip(" *`") for cell in fields["cells"].strip("|").split("|")]))
            continue
        add_table(table, around, tables, source)
        table = []
        if kind in ("published.result", "published.placeholder"):
            add_result(match.line, fields, around, tables, source)
        else:
            look_around(kind, fields, around)
    add_table(table, around, tables, source)


def look_around(kind: str, fields: dict[str, Any], around: Around) -> None:
    """Remember what a line of the text says about results below it."""
    if kind == "document.heading":
        around.heading = fields.get("text", "")
    elif kind == "published.context":
        around.precision = fields["precision"]
    elif kind == "tf_cnn_benchmarks.header" and fields.get("key") == "Dataset":
        around.dataset = fields["value"]
    elif kind in ("published.subject", "published.machine"):
        title = fields.get("title") or fields["name"]
        if title.startswith("Machine"):
            around.machine = title
        else:
            around.subject, around.machine = title, None
    elif kind == "published.hardware":
        around.hardware.setdefault(around.machine or "", {})[fields["part"]] = re.sub(
            r"\s*<br ?/?>", "", fields["description"]
        )


def add_result(line: int, fields: dict[str, Any], around: Around, tables: Tables, source: str) -> None:
    """Add one line `Training: 267.68 s`; a placeholder is a value that is missing."""
    value = fields.get("value")
    hardware = around.hardware.get(around.machine or "", {})
    tables.add(
        "published", source=source, value=seconds(value) if value else None, unit=fields["unit"],
        metric=fields["metric"].lower(), row_label=around.machine, column_label=around.subject,
        device=hardware.get("GPU") or hardware.get("CPU"), framework=around.subject, line=line,
    )  # fmt: skip


def seconds(value: str) -> float:
    """A number, or hours, minutes and seconds in seconds."""
    long = DURATION.match(value)
    return (
        sum(int(part) * size for part, size in zip(long.groups(), (3600, 60, 1), strict=True))
        if long
        else float(value)
    )


def add_table(rows: list[tuple[int, list[str]]], around: Around, tables: Tables, source: str) -> None:
    """Add the numbers of a table whose head, corner or heading names a unit of speed or time."""
    if len(rows) < 3 or not all(set(cell) <= set(":- ") for cell in rows[1][1]):
        return
    heads = rows[0][1]
    unit = UNIT.search(" ".join([around.heading, *heads]))
    if unit is None:
        return
    by_batch = bool(BATCH_HEADS.search(heads[0]))
    device = UNIT.sub("", around.heading).strip(" ()#") or None
    for line, cells in rows[2:]:
        if by_batch and not cells[0].isdigit():
            continue
        for head, cell in zip(heads[1:], cells[1:], strict=False):
            number = NUMBER.fullmatch(cell)
            if number is None or number[2]:
                continue
            tables.add(
                "published", source=source, value=float(number[1].replace(",", "")), unit=UNITS[unit[0].lower()],
                metric="speed", row_label=cells[0], column_label=head, device=device, precision=around.precision,
                batch_size=int(cells[0]) if by_batch else None, model=head, dataset=around.dataset, line=line,
            )  # fmt: skip
