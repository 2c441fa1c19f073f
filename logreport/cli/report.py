"""`logreport report`: logs to a report."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from logreport.cli import options

if TYPE_CHECKING:
    from logreport.reporting import Report
    from logreport.runs.reading import Reading

FORMATS = ("html", "pdf", "md", "json", "csv", "parquet")
TABLES_ONLY = ("json", "csv", "parquet")  # the tables behind the report
EPILOG = """\b
Examples:
  logreport report sample_logs -o report
  logreport report gpu.log cpu.log --baseline 'device_kind == "cpu"'
  logreport report README.md --format html -o out
  logreport report logs/ -o report.pdf --paper letter
  logreport report logs/ --format html,csv --open
  logreport report --from lab.archive --where "device = 'GeForce RTX 3090'\""""


def formats(_context: click.Context, _option: click.Parameter, value: str) -> tuple[str, ...]:
    """A list such as `html,pdf`."""
    names = tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))
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
    help="Folder to write to, or one file whose ending says its format.",
)
@click.option(
    "--format",
    "forms",
    default="html,pdf,md",
    show_default=True,
    callback=formats,
    help=f"What to write, of {', '.join(FORMATS)}.",
)
@click.option(
    "--paper", type=click.Choice(["A4", "letter"]), default="A4", show_default=True, help="For the PDF."
)
@click.option("--open", "show", is_flag=True, help="Open the report when it is written.")
@click.option(
    "--baseline",
    metavar="EXPR",
    help="What others are divided by: an expression over runs, a path, a device.",
)
@click.option("--title", default="Benchmark report", show_default=True)
@options.across_batch_sizes
@options.grammars
@options.redact
def command(
    logs: tuple[str, ...], archive: str | None, where: str | None, output: str, forms: tuple[str, ...], paper: str, show: bool,  # noqa: FBT001
    baseline: str | None, title: str, across_batch_sizes: bool,  # noqa: FBT001 - click's flags
    grammars: tuple[Path, ...], redact: bool,  # noqa: FBT001 - the same
) -> int:  # fmt: skip
    """Turn LOGs (files, folders, globs, archives, URLs, - for standard input) into a report."""
    from logreport import api
    from logreport.cli import output as out
    from logreport.errors import RenderError
    from logreport.reporting.attempts import failure
    from logreport.reporting.drawable import drawable

    options.check_input(logs, archive, where, grammars)
    if archive is not None:
        reading = api.read_archive(archive, where, redact=redact)
    else:
        sources = api.sources_of(logs)
        reading = api.read_logs(sources, grammars=grammars, redact=redact, on_source=out.progress(sources))
    made = api.report_of(
        reading, title=title, baseline=baseline, across_batch_sizes=across_batch_sizes,
        command=shlex.join(["logreport", *sys.argv[1:]]),
    )  # fmt: skip
    alone = Path(output).suffix.lstrip(".")
    forms = (alone,) if alone in FORMATS else forms
    made = made if set(forms) <= set(TABLES_ONLY) else drawable(made)
    failures = [*reading.errors, *made.failures]
    written: list[Path] = []
    for form in forms:
        try:
            files = files_of(form, made, reading, paper)
        except RenderError as error:
            failures.append(error)
            continue
        except Exception as error:  # noqa: BLE001 - a format that cannot be made must not take the others
            failures.append(failure(f"the {form} report", error))
            continue
        written += write(files, Path(output), alone=alone in FORMATS)
    out.say(out.ledger_sentence(reading.tables))
    if show and written:
        click.launch(str(written[0]))
    return out.report_errors(failures)


def files_of(form: str, made: "Report", reading: "Reading", paper: str) -> dict[str, bytes]:
    """The files of one format by name, the one to read first.

    Raises:
        RenderError: where this format cannot be made here.
    """
    from logreport.reporting import RENDERERS, render_pdf
    from logreport.runs.exporting import EXPORTERS
    from logreport.runs.schema import TABLES

    if form == "pdf":
        return {"report.pdf": render_pdf(made, paper)}
    if form == "json":
        return {"report.json": EXPORTERS[form](reading, list(TABLES))}
    if form in TABLES_ONLY:
        return {f"{name}.{form}": EXPORTERS[form](reading, [name]) for name in TABLES}
    return RENDERERS[form](made)


def write(files: dict[str, bytes], place: Path, *, alone: bool) -> list[Path]:
    """Write the files of one format into a folder, or the first of them to a file and others beside it."""
    from logreport.cli import output as out

    first, folder = next(iter(files)), place.parent if alone else place
    paths = [place if alone and name == first else folder / name for name in files]
    for path, content in zip(paths, files.values(), strict=True):
        out.write_file(path, content)
    out.show(str(paths[0]))
    return paths
