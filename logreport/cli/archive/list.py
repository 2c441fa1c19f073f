"""`logreport archive list`: the runs of an archive."""

import click

from logreport.cli import options
from logreport.cli.archive import options as own

EPILOG = """\b
Examples:
  logreport archive list
  logreport archive list --where "benchmark = 'cifar10' and tag.version = '2.20'"
  logreport archive list --format csv -o runs.csv

The condition is over the columns of runs and tags, see docs/archive.md."""
SHOWN = [
    "run_id", "benchmark", "model", "mode", "batch_size", "device", "framework_version", "status", "started_at",
]  # fmt: skip


@click.command("list", epilog=EPILOG)
@options.where
@own.place
@options.form
@options.spreadsheet_safe
@options.output
def command(
    where: str | None, place: str, form: str, spreadsheet_safe: bool, output: str | None,  # noqa: FBT001 - a flag
) -> int:  # fmt: skip
    """List the runs with their tags; other formats than the table have all columns."""
    from logreport.archive import Archive
    from logreport.cli.archive.printing import emit

    archive = Archive(place)
    runs = archive.runs(where)
    if form == "table":
        tags = [name for name in runs.columns if name.startswith("tag.")]
        runs = runs[[*SHOWN, *tags, "source"]]
    emit(runs, form, output, spreadsheet_safe=spreadsheet_safe)
    return own.finish(archive)
