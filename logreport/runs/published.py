"""Results that a document states: tables of speeds and blocks of metrics, with model, batch size and device from the text.

They are never mixed with measured runs.
"""

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from logreport.grammar import Match
from logreport.runs import names
from logreport.runs.published_tables import published_rows
from logreport.runs.quantities import unit_in_cell
from logreport.runs.tables import Tables

DURATION = re.compile(r"(\d+)h (\d+)m (\d+)")
PIPE = re.compile(r"(?<!\\)\|")  # `\|` is a pipe in a cell
MODEL_FLAG = re.compile(r"--model[= ](\w+)")
HALF_FLAG = re.compile(r"--use_fp16(?:=True)?(?![=\w])")
NEAR = 6  # lines; a result so near below a command is that command's


@dataclass
class Around:
    """What the document said last, while it is read from top to bottom."""

    heading: str = ""
    precision: str | None = None
    dataset: str | None = None
    subject: str | None = None
    machine: str | None = None
    hardware: dict[str, dict[str, str]] = field(default_factory=dict)
    command: tuple[int, str] = (0, "")  # the last command that printed no log, and its line
    group: tuple[int, str] = (0, "")  # `1 GPU(s):FP16=True` of the statement above, and its line


def add_published(matches: list[Match], tables: Tables, source: str, runs: Sequence[int] = ()) -> None:
    """Add the published values of one document; `runs` are the lines where its runs begin."""
    around, begins = Around(), sorted(runs)
    table: list[tuple[int, list[str]]] = []
    for match in sorted(matches, key=lambda match: match.line):
        kind, fields = match.leaf.kind, match.fields()
        if text := fields.get("cells") or fields.get("heads") or fields.get("row"):
            if table and (kind == "document.open_head" or match.line > table[-1][0] + 1):
                add_table(table, around, tables, source)
                table = []
            table += [(match.line + n, cells_of(line)) for n, line in enumerate(text.split("\n"))]
            continue
        add_table(table, around, tables, source)
        table = []
        if kind in ("published.result", "published.placeholder"):
            add_result(match.line, fields, around, tables, source)
        elif kind in ("published.conclusion", "published.statement"):
            if bisect.bisect(begins, around.command[0]) < bisect.bisect(begins, match.line):
                around.command = (0, "")
            add_speed(match.line, fields, around, tables, source)
        else:
            look_around(match.line, kind, fields, around)
    add_table(table, around, tables, source)


def cells_of(line: str) -> list[str]:
    """The cells of a row of a table, with pipes at its sides or without."""
    text = line.strip(" \t\r>")
    text = text.removeprefix("|")
    text = text[:-1] if text.endswith("|") and not text.endswith("\\|") else text
    return [cell.strip() for cell in PIPE.split(text)]


def look_around(line: int, kind: str, fields: dict[str, Any], around: Around) -> None:
    """Remember what a line of the text says about results below it."""
    if kind == "document.heading":
        around.heading, around.command = fields.get("text", ""), (0, "")
    elif kind == "shell.command":
        around.command = line, fields.get("arguments") or ""
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
            r"(?<!\s)\s*+<br ?/?>", "", fields["description"]
        )


def add_result(line: int, fields: dict[str, Any], around: Around, tables: Tables, source: str) -> None:
    """Add one line `Training: 267.68 s`; a placeholder is a value that is missing."""
    value, unit = fields.get("value"), unit_in_cell(fields["unit"])
    hardware = around.hardware.get(around.machine or "", {})
    tables.add(
        "published", source=source, value=seconds(value) * (unit.scale if unit else 1) if value else None,
        unit=unit.unit if unit else fields["unit"],
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


def add_speed(line: int, fields: dict[str, Any], around: Around, tables: Tables, source: str) -> None:
    """Add `VGG16: total images/sec: 350.33` or `Result: 2341.4 images/sec`, with what its label or its command names."""
    group, _, label = fields.get("label", "").rpartition(":")
    if not group and line == around.group[0] + 1:
        group = around.group[1]
    around.group = line, group
    command = around.command[1] if line - around.command[0] <= NEAR else ""
    flag = MODEL_FLAG.search(command)
    half = "FP16=True" in group or (not label and HALF_FLAG.search(command))
    unit = unit_in_cell(fields["unit"]) if "unit" in fields else None
    tables.add(
        "published", source=source, value=float(fields.get("speed") or fields["images_per_sec"]),
        unit=unit.unit if unit else "images/s", metric="speed",
        row_label=group.partition(":")[0] or label.strip() or "result",
        model=names.model_in(label) or (flag[1] if flag else None), precision="fp16" if half else None,
        device=names.device_in(label), dataset=around.dataset, line=line,
    )  # fmt: skip


def add_table(rows: list[tuple[int, list[str]]], around: Around, tables: Tables, source: str) -> None:
    """Add the values of a table that has a head, a line below it, and rows."""
    if len(rows) < 3 or not all(cell and set(cell) <= set(":-") for cell in rows[1][1]):
        return
    common = {"precision": around.precision, "dataset": around.dataset}
    for row in published_rows(rows, around.heading):
        tables.add("published", source=source, **(common | row))
