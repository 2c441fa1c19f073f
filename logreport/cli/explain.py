"""`logreport explain`: what each line is, or where it stopped making sense."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from logreport.cli import options

if TYPE_CHECKING:
    from logreport.runs.explaining import Explained

EPILOG = """\b
Examples:
  logreport explain run.log           every line with its kind and fields
  logreport explain run.log:120       one line
  logreport explain run.log --only unknown,malformed"""
LINE = re.compile(r"(.+):(\d+)")


@click.command("explain", epilog=EPILOG)
@click.argument("log", metavar="LOG[:LINE]")
@click.option(
    "--only", metavar="CATEGORIES", help="Show only these: record, chatter, blank, prose, malformed, unknown."
)
@options.grammars
def command(log: str, only: str | None, grammars: tuple[Path, ...]) -> int:
    """Show each line of LOG with its kind and fields, or the nearest kind and the column where it stopped."""
    from logreport.cli import output as out
    from logreport.errors import LogreportError
    from logreport.runs.explaining import explain
    from logreport.sources import find_sources
    from logreport.tables.schema import LEDGER

    match = LINE.fullmatch(log)
    name, line = (match[1], int(match[2])) if match and not Path(log).exists() else (log, None)
    wanted = set(only.split(",")) if only else set(LEDGER)
    if wrong := wanted - set(LEDGER):
        raise click.BadParameter(
            f"{', '.join(sorted(wrong))} is none of {', '.join(LEDGER)}", param_hint="--only"
        )
    errors, shown = [], 0
    for source in out.without_output(find_sources([name])):
        try:
            if isinstance(source, LogreportError):
                raise source
            for one in explain(source, grammars, line):
                shown += 1
                if one.category in wanted:
                    out.show(render(one))
        except LogreportError as error:
            errors.append(error)
    if line is not None and not shown and not errors:
        errors.append(
            LogreportError("there is no such line", source=name, line=line, todo="name a line of the log")
        )
    return out.report_errors(errors)


def render(one: "Explained") -> str:
    """A line of the log with what it is; a caret below it where it stopped making sense."""
    from logreport.errors import visible
    from logreport.tables.exporting import printable

    head = f"{one.number:>6}  {one.category:<9}  "
    lines = [f"{head}{visible(one.text)}"]
    for kind, fields in one.kinds:
        lines.append(f"{'':>{len(head)}}= {kind} {json.dumps(printable(fields), ensure_ascii=False)}")
    if one.column is not None:
        before = visible(one.text.encode()[: one.column].decode("utf-8", "replace")).expandtabs(1)
        lines[0] = head + visible(one.text).expandtabs(1)
        lines.append(f"{'':>{len(head) + len(before)}}^ {one.why}")
    elif one.why:
        lines.append(f"{'':>{len(head)}}{one.why}")
    return "\n".join(lines)
