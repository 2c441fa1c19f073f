"""Results that a document states: tables, lists and lines of speeds and blocks of metrics, with what they are of.

A document is cut into headings, paragraphs, tables and results; what a value does not say itself is said by the line
above it, the command of its section, or the headings. They are never mixed with measured runs.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from logreport.grammar import Match
from logreport.runs.published import names
from logreport.runs.published.columns import Around, published_rows, said_by, without_a_unit
from logreport.runs.published.context import Context
from logreport.runs.published.grids import HTML_END, clear, grid_of, unclear_cells
from logreport.runs.published.lists import ITEM, result_in, shape_of
from logreport.runs.published.page import STATED, TEXT, has_quantity
from logreport.runs.published.quantities import quantity_in, unit_in_cell
from logreport.runs.scripts.common import flags_of, is_on, whole
from logreport.scripts import is_header
from logreport.tables.findings import add
from logreport.tables.tables import Tables

NEAR = 6  # lines; a result so near below a command is that command's
HTML_HEADING = re.compile(r"\s*<h([1-6])[^>]*>(.*?)</h\1>\s*", re.IGNORECASE)
TIGHT_HEADING = re.compile(r"(#{1,6})([^\s#!].*)")
TOTAL = re.compile(r"total images/sec:", re.IGNORECASE)
UNDERLINE = re.compile(r"(=|-|~|\^)\1{2,}")
LEVELS = {"=": 1, "-": 2}
MOST_NAMED = 8  # lines
Lines = list[tuple[int, str]]


@dataclass
class DocumentBlock:
    """Lines of a document that belong together: of a table, or of text; or one line that a grammar knows."""

    shape: str
    lines: Lines = field(default_factory=list)
    match: Match | None = None

    @property
    def first(self) -> int:
        """Its first line."""
        return self.match.line if self.match else self.lines[0][0]

    def text(self) -> str:
        return "\n".join(text for _, text in self.lines)


@dataclass
class DocumentReader:
    """Reads one document from top to bottom.

    Args:
        tables: gets the values.
        source: the name of the document.
        runs: the lines where its runs begin.
    """

    tables: Tables
    source: str
    runs: Sequence[int]
    context: Context = field(default_factory=Context)
    subject: str | None = None
    machine: str | None = None
    hardware: dict[str, dict[str, str]] = field(default_factory=dict)
    command: tuple[int, str] = (0, "")  # the last command that printed no log, and its line
    group: tuple[int, str] = (0, "")  # `1 GPU(s):FP16=True` of the statement above, and its line

    def read(self, blocks: Sequence[DocumentBlock]) -> None:
        for block, below in itertools.zip_longest(blocks, blocks[1:], fillvalue=DocumentBlock("end")):
            if block.match is None or block.match.leaf.kind != "document.heading":
                self.context.sections[-1].is_empty = False
            if block.match is not None:
                self.line(block.match)
            else:
                self.table(block, below.text() if below.shape == "text" else "")

    def line(self, match: Match) -> None:
        """A line that a grammar knows."""
        kind, fields = match.leaf.kind, match.fields()
        if kind == "document.heading":
            self.enter(len(fields["level"]), fields.get("text", ""))
        elif kind == "shell.command":
            self.command = match.line, fields.get("arguments") or ""
            self.context.command(self.command[1])
        elif kind == "published.context":
            self.context.precision = names.precision_in(fields["precision"]) or fields["precision"]
        elif is_header(kind) and fields.get("key") == "Dataset":
            self.context.dataset = fields["value"]
        elif kind in ("published.subject", "published.machine"):
            title = fields.get("title") or fields["name"]
            self.subject, self.machine = (
                (self.subject, title) if title.startswith("Machine") else (title, None)
            )
        elif kind == "published.hardware":
            text = re.sub(r"(?<!\s)\s*+<br ?/?>", "", fields["description"])
            self.hardware.setdefault(self.machine or "", {})[fields["part"]] = text
            self.context.say(match.line, f"{fields['part']}: {text}")
        elif kind in ("published.result", "published.placeholder"):
            self.metric(match.line, fields)
        elif kind in ("published.conclusion", "published.statement", "published.listed"):
            self.settle_command(match.line)
            self.speed(match.line, fields, is_listed=kind == "published.listed")

    def enter(self, level: int, text: str) -> None:
        """A heading."""
        self.context.enter(level, names.without_marks(text))
        self.command = (0, "")

    def settle_command(self, line: int) -> None:
        """A command that a run began after is that run's."""
        if any(self.command[0] < begin <= line for begin in self.runs) and self.command[0]:
            self.command = (0, "")
            self.context.forget_command()

    def say(self, line: int, text: str) -> None:
        """A line of text: a heading in another form, a result, or what is said about results below it."""
        if heading := HTML_HEADING.fullmatch(text):
            self.enter(int(heading[1]), heading[2])
        elif heading := TIGHT_HEADING.fullmatch(text):
            self.enter(len(heading[1]), heading[2])
        elif (
            (mark := UNDERLINE.fullmatch(text.strip()))
            and self.context.last
            and self.context.last[-1][0] == line - 1
        ):
            self.enter(LEVELS.get(mark[1], 3), self.context.last[-1][1])
        elif result := result_in(text):
            self.settle_command(line)
            around = self.around(line)
            self.context.reach_to(line)
            self.add(
                value=result.value, unit=result.measure.unit, metric=result.measure.metric,
                row_label=result.label or "result", line=line, **{**around.says, **result.says},
            )  # fmt: skip
        elif ITEM.match(text.strip(" \t>")) and has_quantity(names.without_marks(text)):
            self.context.reach_to(line)  # what it names is of its own results, which nobody reads
        else:
            self.context.say(line, names.without_marks(text))

    def around(self, line: int, below: str = "") -> Around:
        """What is said around a result; a finding where a heading says something else than the command."""
        around, against = self.context.around(line, below=below)
        for what, said in against.items():
            detail = f"{what} {said}, the command says {around.says[what]}"
            place = {"source": self.source, "line": line}
            add(self.tables, "label-contradicts-command", place, detail=detail)
        return around

    def table(self, block: DocumentBlock, below: str) -> None:
        """A table, or lines of text, of which some look like one."""
        grid = None if block.shape == "text" else grid_of(block.lines)
        if grid is not None:
            self.settle_command(block.first)
            around = self.around(block.first, below)
            rows = list(published_rows(grid, around))
            for row in rows:
                self.add(**row)
            if (unclear := unclear_cells(grid)) and (
                count := len(list(published_rows(clear(grid), around))) - len(rows)
            ):
                place = {"source": self.source, "line": unclear[0].line}
                add(self.tables, "unclear-comma", place, count=count, number=unclear[0].text)
            if not rows and (count := without_a_unit(grid)):
                add(self.tables, "no-unit", {"source": self.source, "line": block.first}, count=count)
            if rows or block.shape not in ("tabs", "blanks", "list"):
                return
        for number, text in block.lines:
            self.say(number, text)

    def add(self, **row: Any) -> None:  # noqa: ANN401 - columns of the table
        self.tables.add("published", source=self.source, **row)

    def metric(self, line: int, fields: dict[str, Any]) -> None:
        """Add one line `Training: 267.68 s`; a placeholder is a value that is missing."""
        value, unit = fields.get("value"), unit_in_cell(fields["unit"])
        found = quantity_in(f"{value} {fields['unit']}") if value else None
        hardware = self.hardware.get(self.machine or "", {})
        self.add(
            value=found.number * (unit.scale if unit else 1) if found else None,
            unit=unit.unit if unit else fields["unit"], metric=fields["metric"].lower(), row_label=self.machine,
            column_label=self.subject, device=hardware.get("GPU") or hardware.get("CPU"), framework=self.subject, line=line,
        )  # fmt: skip

    def speed(self, line: int, fields: dict[str, Any], *, is_listed: bool) -> None:
        """Add `VGG16: total images/sec: 350.33` or `Result: 2341.4 images/sec`, with what its label or its command names."""
        item = ITEM.sub("", TOTAL.sub("", fields.get("item", ""))).strip(" \t:*")
        group, _, label = (fields.get("label") or item).rpartition(":")
        if not group and line == self.group[0] + 1:
            group = self.group[1]
        self.group = line, group
        flags = flags_of(self.command[1] if is_listed or line - self.command[0] <= NEAR else "")
        half = "FP16=True" in group or (not label and is_on(flags, "use_fp16"))
        unit = unit_in_cell(fields["unit"]) if "unit" in fields else None
        self.context.reach_to(line)
        says = self.around(line).says if is_listed else {"dataset": self.context.dataset}
        asked = {
            "model": flags.get("model"),
            "batch_size": whole(flags.get("batch_size")),
            "num_devices": whole(flags.get("num_gpus")),
        }
        says |= {name: value for name, value in asked.items() if value}
        says |= {"precision": "fp16"} if half else {"precision": "fp32"} if "FP16=False" in group else {}
        says |= said_by(group.partition(":")[0]) | said_by(fields.get("rest") or "") | said_by(label)
        self.add(
            value=float(fields.get("speed") or fields["images_per_sec"]), unit=unit.unit if unit else "images/s",
            metric="speed", row_label=group.partition(":")[0] or label.strip() or "result", line=line, **says,
        )  # fmt: skip


def add_published(matches: list[Match], tables: Tables, source: str, runs: Sequence[int] = ()) -> None:
    """Add the published values of one document; `runs` are the lines where its runs begin."""
    if stated := [match.line for match in matches if match.leaf.kind == STATED.kind]:
        add(tables, "results-in-prose", {"source": source, "line": stated[0]}, lines=lines_said(stated))
    blocks = blocks_of(sorted(matches, key=lambda match: match.line))
    DocumentReader(tables, source, runs).read([block for block in blocks if block.lines or block.match])


def lines_said(lines: Sequence[int]) -> str:
    """The numbers of lines, the first of many."""
    more = len(lines) - MOST_NAMED
    return ", ".join(map(str, lines[:MOST_NAMED])) + (f" and {more} more" if more > 0 else "")


def blocks_of(matches: Sequence[Match]) -> Iterator[DocumentBlock]:
    """The blocks of a document, in its order; some hold nothing."""
    block = DocumentBlock("")
    for match in matches:
        kind, fields = match.leaf.kind, match.fields()
        if kind == "document.fence":
            continue
        text = fields.get("cells") or fields.get("heads") or fields.get("row")
        if text is None and kind not in (TEXT.kind, STATED.kind):
            yield block
            yield DocumentBlock("line", match=match)
            block = DocumentBlock("")
            continue
        for number, line in enumerate((text or fields["text"]).split("\n"), match.line):
            is_next = block.lines and number <= block.lines[-1][0] + 1
            is_inside = block.shape == "html" or (block.shape == "list" and is_next)
            shape = block.shape if is_inside else shape_of(line)
            goes_on = block.lines and (is_next or shape == "html" == block.shape)
            begins = kind == "document.open_head" and number == match.line
            if goes_on and not begins and (shape in (block.shape, "rule") or block.shape == "rule"):
                block.shape = shape if block.shape == "rule" else block.shape
            else:
                yield block
                block = DocumentBlock(shape)
            block.lines.append((number, line.rstrip("\r")))
            if block.shape == "html" and HTML_END.search(line):
                yield block
                block = DocumentBlock("")
    yield block
