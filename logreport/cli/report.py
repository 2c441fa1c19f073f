"""`logreport report`: logs to a report."""

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from logreport.cli import options

if TYPE_CHECKING:
    from logreport.errors import LogreportError
    from logreport.reporting import Report
    from logreport.sources import Source
    from logreport.tables.exporting import Layout
    from logreport.tables.reading import Reading

FORMATS = ("html", "pdf", "md", "json", "csv", "parquet", "xlsx")
TABLES_ONLY = ("json", "csv", "parquet", "xlsx")  # the tables behind the report
EPILOG = """\b
Examples:
  logreport report sample_logs -o report
  logreport report gpu.log cpu.log --baseline "device_kind = 'cpu'"
  logreport report README.md --format html -o out
  logreport report logs/ -o report.pdf --paper letter
  logreport report logs/ --format html,csv --open
  logreport report logs/ -o tables.xlsx
  logreport report --from lab.archive --where "device = 'GeForce RTX 3090'\""""


def formats(_context: click.Context, _option: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Lists such as `html,pdf`, all of them together."""
    names = tuple(dict.fromkeys(part.strip() for part in ",".join(value).split(",") if part.strip()))
    if unknown := [name for name in names if name not in FORMATS]:
        raise click.BadParameter(f"{', '.join(unknown)} is none of {', '.join(FORMATS)}")
    return names


@click.command("report", epilog=EPILOG)
@click.argument("logs", nargs=-1, metavar="LOG…")
@options.archive
@options.where
@click.option(
    "-o",
    "--output",
    default="report",
    show_default=True,
    metavar="PLACE",
    help="Folder to write to, one file whose ending says its format, or - for standard output.",
)
@click.option(
    "--format",
    "forms",
    multiple=True,
    metavar="FORMATS",
    default=("html,pdf,md",),
    show_default=True,
    callback=formats,
    help=f"What to write, of {', '.join(FORMATS)}.",
)
@click.option(
    "--paper", type=click.Choice(["A4", "letter"]), default="A4", show_default=True, help="For the PDF."
)
@click.option(
    "--appendix", is_flag=True, help="Runs, environment and the line of every number in the PDF, too."
)
@click.option("--open", "show", is_flag=True, help="Open the report when it is written.")
@click.option(
    "--baseline",
    metavar="CONDITION",
    help="What others are divided by: a condition on runs, or a path; else the device that shares most workloads.",
)
@click.option("--title", default="Benchmark report", show_default=True)
@options.across_batch_sizes
@options.grammars
@options.given
@options.redact
@options.spreadsheet_safe
def command(
    logs: tuple[str, ...], archive: str | None, where: str | None, output: str, forms: tuple[str, ...], paper: str, appendix: bool, show: bool,  # noqa: FBT001
    baseline: str | None, title: str, across_batch_sizes: bool,  # noqa: FBT001 - click's flags
    grammars: tuple[Path, ...], given: tuple[str, ...], redact: bool, spreadsheet_safe: bool,  # noqa: FBT001 - the same
) -> int:  # fmt: skip
    """Turn LOGs (files, folders, globs, archives, URLs, - for standard input) into a report."""
    from logreport import api
    from logreport.cli import output as out
    from logreport.cli.answer import show_report
    from logreport.grammar.scanning.engine import no_collection
    from logreport.reporting.rendering.limits import drawable
    from logreport.tables.exporting import Layout
    from logreport.tables.given import given_by

    logs, archive = options.archive_among(logs, archive)
    options.check_input(logs, archive, grammars, given)
    place, layout = place_of(output, forms), Layout(spreadsheet_safe=spreadsheet_safe)
    sources: list[Source | LogreportError] = []
    with no_collection():
        if archive is not None:
            reading = api.read_archive(archive, where, redact=redact)
        else:
            sources = out.without_output(api.sources_of(logs))
            reading = api.read_logs(
                sources,
                grammars=grammars,
                where=where,
                given=given_by(given),
                redact=redact,
                on_source=out.progress(sources),
            )
        made = api.report_of(
            reading, title=title, baseline=baseline, across_batch_sizes=across_batch_sizes,
            command=shlex.join(["logreport", *sys.argv[1:]]),
        )  # fmt: skip
        made = made if set(place.forms) <= set(TABLES_ONLY) else drawable(made)
        if "html" in place.forms:
            from logreport.api.quoting import sources_in, with_quotes

            kept = sources if archive is None else sources_in(archive, reading)
            made = with_quotes(made, reading, kept, grammars)
        read = out.inputs_of(sources, reading)
        written, unwritten = write_all(place, made, reading, read, paper, layout, appendix=appendix)
        out.say(out.ledger_sentence(reading.tables))
        if show and written:
            click.launch(str(written[0]))
        status = out.report_errors([*reading.errors, *made.failures, *unwritten])
        if written:
            show_report(made)
    return status


class Place(NamedTuple):
    """Where a report goes: a folder, and in it one file of a name or one of each format; without one, standard output."""

    folder: Path | None
    name: str | None
    forms: tuple[str, ...]


def place_of(output: str, forms: tuple[str, ...]) -> Place:
    """What `-o` says.

    Raises:
        click.UsageError: where it is a file of no format, or several files cannot go where it says.
    """
    if output == "-":
        if len(forms) != 1 or forms[0] in ("csv", "parquet"):
            raise click.UsageError("-o - is one file: add --format html, md, pdf, xlsx or json")
        if forms[0] in ("pdf", "xlsx") and sys.stdout.isatty():
            raise click.UsageError(f"{forms[0]} is binary; name a file with -o")
        return Place(None, None, forms)
    path = Path(output)
    ending = path.suffix.lower().lstrip(".")
    if not ending or output.endswith(("/", os.sep)) or path.is_dir():
        return Place(path, None, forms)
    if ending not in FORMATS:
        raise click.UsageError(
            f"-o {output}: there is no format {ending!r}; known are {', '.join(FORMATS)}; a folder of this name: {output}/"
        )
    return Place(path.parent, path.name, (ending,))


def write_all(
    place: Place,
    made: "Report",
    reading: "Reading",
    read: Sequence[str],
    paper: str,
    layout: "Layout",
    *,
    appendix: bool,
) -> tuple[list[Path], list["LogreportError"]]:
    """Make and write each format: the files in their order, and an error for each format that cannot be made."""
    from logreport.cli import output as out
    from logreport.errors import RenderError, unmade

    written: list[Path] = []
    failures: list[LogreportError] = []
    for form in place.forms:
        try:
            files = files_of(form, made, reading, paper, layout, appendix=appendix)
        except RenderError as error:
            failures.append(error)
            continue
        except Exception as error:  # noqa: BLE001 - a format that cannot be made must not take the others
            failures.append(unmade(f"the {form} report", error))
            continue
        if place.folder is None:
            out.emit(alone(files), None)
        else:
            written += write(files, place, read)
    return written, failures


def files_of(
    form: str, made: "Report", reading: "Reading", paper: str, layout: "Layout", *, appendix: bool
) -> dict[str, bytes]:
    """The files of one format by name, the one to read first.

    Raises:
        RenderError: where this format cannot be made here.
    """
    from logreport.reporting import RENDERERS, render_pdf
    from logreport.tables.exporting import EXPORTERS
    from logreport.tables.schema import TABLES

    if form == "pdf":
        return {"report.pdf": render_pdf(made, paper, appendix=appendix)}
    if form == "json":
        return {"report.json": EXPORTERS[form](reading, list(TABLES), layout)}
    if form == "xlsx":
        from logreport.tables.workbook import to_xlsx

        return {"report.xlsx": to_xlsx(reading)}
    if form in TABLES_ONLY:
        return {f"{name}.{form}": EXPORTERS[form](reading, [name], layout) for name in TABLES}
    return RENDERERS[form](made)


def alone(files: dict[str, bytes]) -> bytes:
    """The file to read, without the charts that would lie beside it."""
    from logreport.reporting.rendering.markdown import without_charts

    name, content = next(iter(files.items()))
    return without_charts(content) if name.endswith(".md") else content


def write(files: dict[str, bytes], place: Place, read: Sequence[str]) -> list[Path]:
    """Write the files of one format into a folder, the first under a name of its own where it has one."""
    from logreport.cli import output as out

    assert place.folder is not None  # noqa: S101 - for the type checker: else it goes to standard output
    first = next(iter(files))
    paths = [place.folder / (place.name or name if name == first else name) for name in files]
    out.refuse_any(paths, read)
    for path, content in zip(paths, files.values(), strict=True):
        out.emit(content, str(path))
    out.show(str(paths[0]))
    return paths
