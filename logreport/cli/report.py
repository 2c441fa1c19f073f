"""`logreport report`: logs to a report."""

import shlex
import sys
from pathlib import Path

import click

FORMATS = ("html", "pdf", "md")
EPILOG = """\b
Examples:
  logreport report sample_logs -o report
  logreport report gpu.log cpu.log --baseline 'device_kind == "cpu"'
  logreport report README.md --format html -o out"""


def formats(_context: click.Context, _option: click.Parameter, value: str) -> tuple[str, ...]:
    """A list such as `html,pdf`."""
    names = tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))
    if unknown := [name for name in names if name not in FORMATS]:
        raise click.BadParameter(f"{', '.join(unknown)} is none of {', '.join(FORMATS)}")
    return names


@click.command("report", epilog=EPILOG)
@click.argument("logs", nargs=-1, required=True, metavar="LOG…")
@click.option(
    "-o", "--output", default="report", show_default=True, metavar="DIR", help="Folder to write to."
)
@click.option(
    "--format", "forms", default="html,pdf,md", show_default=True, callback=formats, help="What to write."
)
@click.option(
    "--baseline",
    metavar="EXPR",
    help="What others are divided by: an expression over runs, a path, a device.",
)
@click.option("--title", default="Benchmark report", show_default=True)
@click.option(
    "--grammar",
    "grammars",
    multiple=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A folder with grammars of your own.",
)
@click.option("--redact", is_flag=True, help="Placeholders for hosts, users, home folders and addresses.")
def command(
    logs: tuple[str, ...], output: str, forms: tuple[str, ...], baseline: str | None, title: str,
    grammars: tuple[Path, ...], redact: bool,  # noqa: FBT001 - click hands over flags so
) -> int:  # fmt: skip
    """Turn LOGs (files, folders, globs, archives, URLs, - for standard input) into a report."""
    from logreport import api
    from logreport.cli import output as out
    from logreport.errors import RenderError
    from logreport.reporting import RENDERERS

    sources = api.sources_of(logs)
    reading = api.read_logs(sources, grammars=grammars, redact=redact, on_source=out.progress(sources))
    made = api.report_of(
        reading, title=title, baseline=baseline, command=shlex.join(["logreport", *sys.argv[1:]])
    )
    failures = list(reading.errors)
    for form in forms:
        try:
            files = RENDERERS[form](made)
        except RenderError as error:
            failures.append(error)
            continue
        for name, content in files.items():
            out.write_file(Path(output) / name, content)
        click.echo(str(Path(output) / next(iter(files))))
    out.say(out.ledger_sentence(reading.tables))
    return out.report_errors(failures)
