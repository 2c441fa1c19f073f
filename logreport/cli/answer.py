"""The answer itself at the end of a command: the first sentences and the head of the first table, in colour on a terminal."""

import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from logreport.errors import visible
from logreport.tables.secrets import hidden

if TYPE_CHECKING:
    from rich.text import Text

    from logreport.reporting.report import Report, Sentence, Table
    from logreport.reporting.verdicts.verdicts import Verdicts

SENTENCES, ROWS = 3, 8  # the first ones are the answer; the report has the others
WIDTH = 100  # columns where nobody knows how many there are
LESS = (
    "Unlike its baseline",
    "Of peak",
    "95 % interval",
    "Verdict",
    "Against the baseline",
)  # columns, left out where there is no room
LESS_OF_TWO = ("95 % interval",)  # of two labels: without its verdict a row says nothing
WHOLE = "All of it: the same command with | less behind it, or --format md -o FILE."
NARROWEST = 12  # columns of a name that was cut short
GOOD, BAD = ("faster", "kept"), ("slower", "broken", "regression")


def show_report(report: "Report", stream: TextIO | None = None) -> None:
    """What did not finish, the first sentences with the errors that stand above them, and the head of the first table."""
    from rich.text import Text

    from logreport.reporting.report import Answers, Table

    answers = [answer for block in report.all(Answers) for answer in block.answers]
    parts: list[Text] = [sentence(report.unfinished)] if report.unfinished else []
    for answer in answers[:SENTENCES]:
        parts += [Text(f"error: {_safe(finding.message)}", "red") for finding in answer.errors]
        parts.append(sentence(answer.sentence))
    parts += [_rest(len(answers) - SENTENCES, "more such sentence")] if len(answers) > SENTENCES else []
    first = (
        next((block for block in report.sections[0].blocks if isinstance(block, Table)), None)
        if report.sections
        else None
    )
    if first is not None:
        parts += [Text(), *table(first, width_of(stream or sys.stderr))]
    show(parts, stream or sys.stderr)


def show_verdicts(found: "Verdicts", text: str) -> None:
    """A comparison on a terminal: all of it (`text`) where the screen holds it, else in short, with the answer last."""
    from rich.text import Text

    from logreport.reporting.verdicts.renderers import answers, conclusion, in_short

    if text.count("\n") < shutil.get_terminal_size().lines:
        show(coloured(text), sys.stdout)
        return
    words, tables = in_short(found, ROWS, SENTENCES)
    parts = coloured(words)
    for head in tables:
        rest = [Text(head.rest, "dim")] if head.rest else []
        parts += [Text(), *table(head, width_of(sys.stdout), LESS_OF_TWO), *rest]
    parts += [Text(), Text(WHOLE, "dim"), *coloured("\n".join((*answers(found), conclusion(found))))]
    show(parts, sys.stdout)


def sentence(spans: "Sentence") -> "Text":
    from rich.text import Text

    return Text.assemble(*((_safe(span.text), "bold" if span.strong else "") for span in spans))


def table(block: "Table", width: int, less: Sequence[str] = LESS) -> "list[Text]":
    """The head of a table as lines that fit: columns of less weight are left out, then names are cut short."""
    from rich.cells import cell_len
    from rich.text import Text

    from logreport.tables.exporting import GAP, aligned

    rows = block.rows[:ROWS]
    heads = [f"{column.head} ({column.unit})" if column.unit else column.head for column in block.columns]
    cells = [[_safe(text) for text in heads], *([_safe(cell.text) for cell in row.cells] for row in rows)]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    keep = [i for i, _ in enumerate(heads) if any(row.cells[i].says for row in rows)]

    def excess() -> int:
        return sum(widths[i] + GAP for i in keep) - GAP - width

    for head in less:
        for i in [i for i in keep if block.columns[i].head == head]:
            if excess() > 0:
                keep.remove(i)
    names = [i for i in keep if not block.columns[i].numeric]
    while excess() > 0 and names and widths[widest := max(names, key=widths.__getitem__)] > NARROWEST:
        widths[widest] -= 1
    shown = [[_cut(line[i], widths[i]) for i in keep] for line in cells]
    lines = aligned(shown, [block.columns[i].numeric for i in keep]).splitlines()
    styles = ("bold", *("dim" if row.baseline else "" for row in rows))
    found = [_verdicts(Text(line, style)) for line, style in zip(lines, styles, strict=True)]
    if len(block.rows) > ROWS:
        found.append(_rest(len(block.rows) - ROWS, "more row"))
    return found


def _cut(text: str, width: int) -> str:
    """A name without its end, where it is too long."""
    from rich.cells import cell_len, set_cell_size

    return text if cell_len(text) <= width else f"{set_cell_size(text, width - 1).rstrip()}…"


def _verdicts(line: "Text") -> "Text":
    """What is better in green and what is worse in red, where a cell says so."""
    for words, style in ((GOOD, "green"), (BAD, "red")):
        line.highlight_regex(rf"(?<=  )(?:{'|'.join(words)})\b", style)
    return line


def coloured(text: str) -> "list[Text]":
    """The lines of a text with the verdicts in colour."""
    from rich.text import Text

    return [_verdicts(Text(line)) for line in _safe(text).splitlines()]


def _rest(count: int, noun: str) -> "Text":
    from rich.text import Text

    return Text(f"and {count:,} {noun}{'' if count == 1 else 's'}", "dim")


def _safe(text: str) -> str:
    return visible(hidden(text))


def width_of(stream: TextIO) -> int:
    return shutil.get_terminal_size((WIDTH, 24)).columns if stream.isatty() else WIDTH


def show(lines: "Iterable[Text]", stream: TextIO) -> None:
    """Lines to a stream, in colour where it is a terminal; long ones are broken by it, as those of any other command."""
    from rich.console import Console

    console = Console(file=stream, highlight=False, width=width_of(stream))
    for line in lines:
        console.print(line, soft_wrap=not stream.isatty())
