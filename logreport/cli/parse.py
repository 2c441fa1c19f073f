"""`logreport parse`: logs to tables."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from logreport.cli import options
from logreport.errors import UsageError
from logreport.tables.reading import Reading
from logreport.tables.schema import TABLES

if TYPE_CHECKING:
    from logreport.tables.exporting import Layout
    from logreport.workers.spreading import Scheduler

EPILOG = """\b
Examples:
  logreport parse run.log                                    the phases, as a table
  logreport parse logs/ --table runs --format csv -o runs.csv
  logreport parse run.log --table records --format jsonl     every recognised line
  logreport parse logs/ --format json                        one object with all tables
  logreport parse logs/ --table runs --columns source,device,batch_size
  logreport parse run.log --max-unknown 1%                   exit 6 if more lines make no sense"""


# The columns that a reader looks for first; on a terminal the others follow as far as there is room.
_FIRST: Mapping[str, tuple[str, ...]] = {
    "runs": ("model", "batch_size", "device", "status", "source", "precision", "num_devices", "framework_version", "mode"),
    "phases": ("phase", "batch_size", "examples_per_second", "seconds_per_batch", "n_steps", "source", "line"),
    "steps": ("phase", "step", "examples_per_second", "seconds_per_batch", "loss", "source", "line"),
    "devices": ("name", "kind", "memory_total_bytes", "clock_hz", "core_count", "source", "line"),
    "layers": ("name", "shape", "source", "line"),
    "environment": ("key", "value", "source", "line"),
    "evaluations": ("step", "top_1", "top_5", "test_error", "examples", "source", "line"),
    "published": ("value", "unit", "model", "batch_size", "device", "num_devices", "precision", "metric", "source", "line"),
    "findings": ("severity", "code", "message", "source", "line", "phase"),
}  # fmt: skip


def names_of(_context: click.Context, _option: click.Parameter, value: str) -> tuple[str, ...]:
    """A list such as `source,device`."""
    return tuple(dict.fromkeys(part.strip().replace("-", "_") for part in value.split(",") if part.strip()))


def _in_order(table: str) -> tuple[str, ...]:
    """The columns of a table, those that matter first."""
    from logreport.tables.exporting import columns_of

    rest = (name for name in columns_of(table) if name != "details")
    return tuple(dict.fromkeys((*_FIRST.get(table, ()), *rest)))


@click.command("parse", epilog=EPILOG)
@click.argument("logs", nargs=-1, metavar="LOG…")
@click.option(
    "--table", type=click.Choice([*TABLES, "records"]), help="One table; all of them with --format json."
)
@click.option(
    "--columns", default="", metavar="NAMES", callback=names_of, help="Only these columns, in this order."
)
@options.form
@options.spreadsheet_safe
@options.output
@options.grammars
@options.given
@options.redact
@options.scheduler
@click.option(
    "--max-unknown",
    callback=options.share,
    metavar="PCT",
    help="Exit 6 if more lines are unknown or malformed.",
)
def command(
    logs: tuple[str, ...], table: str | None, columns: tuple[str, ...], form: str, spreadsheet_safe: bool,  # noqa: FBT001
    output: str | None, grammars: tuple[Path, ...], given: tuple[str, ...],
    redact: bool, scheduler: "Scheduler | None", max_unknown: float | None,  # noqa: FBT001 - click hands over flags so
) -> int:  # fmt: skip
    """Read LOGs (files, folders, globs, archives, URLs, - for standard input) into tables.

    LOG may be an archive of logreport, too; LOGREPORT_ARCHIVE names it where there is no LOG.
    """
    from logreport import api
    from logreport.cli import output as out
    from logreport.tables.exporting import STREAMED, Layout, columns_of, streaming
    from logreport.tables.given import given_by

    scheduler = None if "-" in logs else scheduler  # no other process has our standard input
    names = list(TABLES) if form == "json" and not (table or columns) else [table or "phases"]
    columns_of(names[0], columns)
    if form == "parquet" and output in (None, "-") and sys.stdout.isatty():
        raise click.UsageError("parquet is binary; name a file with -o")
    logs, archive = options.archive_among(logs, None)
    options.check_input(logs, archive, grammars, given)
    if archive is not None:
        if "records" in names:
            todo = f"write its logs with `logreport archive export --logs -a {archive} -o FOLDER`, and parse these"
            raise UsageError("an archive keeps tables, no records", source=archive, todo=todo)
        reading = api.read_archive(archive, redact=redact)
        emit(reading, names, form, Layout(columns, None, spreadsheet_safe), output)
        out.say(out.ledger_sentence(reading.tables))
        return finish(reading, max_unknown)
    sources = out.without_output(api.sources_of(logs) if scheduler is None else api.listed(logs))
    if names == ["records"] and form == "jsonl" and not (redact or columns):
        # Written as they are read: memory does not grow with the number of logs.
        with out.writing(output) as write:
            reading = api.stream_records(sources, write, grammars=grammars, scheduler=scheduler)
            out.refuse_inputs(output, out.inputs_of(sources, reading))
    elif form in STREAMED and names[0] not in ("records", "findings") and not redact:
        with (
            out.writing(output) as write,
            streaming(form, names[0], Layout(columns, None, spreadsheet_safe), write) as put,
        ):
            reading = api.read_logs(
                sources, grammars=grammars, only=names, given=given_by(given), on_source=out.progress(sources),
                scheduler=scheduler, put=put,
            )  # fmt: skip
            out.refuse_inputs(output, out.inputs_of(sources, reading))
    else:
        reading = api.read_logs(
            sources, grammars=grammars, with_records="records" in names, redact=redact, only=names,
            given=given_by(given), on_source=out.progress(sources), scheduler=scheduler,
        )  # fmt: skip
        out.refuse_inputs(output, out.inputs_of(sources, reading))
        emit(reading, names, form, Layout(columns, None, spreadsheet_safe), output)
    out.say(out.ledger_sentence(reading.tables))
    return finish(reading, max_unknown)


def emit(reading: Reading, names: list[str], form: str, layout: "Layout", output: str | None) -> None:
    """Write tables; those for people on a terminal begin with the columns that matter first, as far as there is room."""
    from logreport.cli import output as out
    from logreport.tables.exporting import EXPORTERS

    width = None if layout.columns else out.terminal_width(output)
    shown = layout.columns if width is None or form != "table" else _in_order(names[0])
    out.emit(EXPORTERS[form](reading, names, layout._replace(columns=shown, width=width)), output)


def finish(reading: Reading, max_unknown: float | None) -> int:
    """Errors after everything else was written, then the gate."""
    from logreport.cli import output as out

    status = out.report_errors(reading.errors) or int(reading.failure is not None)
    share = out.unknown_share(reading.tables)
    if status == 0 and max_unknown is not None and share > max_unknown:
        out.say(
            f"logreport: {share * 100:.2f} % of the lines are unknown or malformed, more than {max_unknown * 100:g} %; see `logreport explain`"
        )
        return 6
    return status
