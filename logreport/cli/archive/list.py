"""`logreport archive list`: the runs of an archive."""

from collections.abc import Sequence

import click

from logreport.cli import options
from logreport.cli.archive import options as own
from logreport.errors import UsageError

EPILOG = """\b
Examples:
  logreport archive list
  logreport archive list --where "benchmark = 'cifar10' and tag.version = '2.20'"
  logreport archive list --sort -started_at --limit 10 --columns run_id,device,tag.room
  logreport archive list --format csv -o runs.csv

The condition is over the columns of runs and tags, see docs/archive.md."""
SHOWN = [
    "run_id", "benchmark", "model", "mode", "batch_size", "device", "framework_version", "status", "started_at",
]  # fmt: skip


def sorting(_context: click.Context, _option: click.Parameter, value: str) -> list[tuple[str, bool]]:
    """Columns, and whether the least comes first: `-started_at` puts the last first."""
    names = [part.strip() for part in value.split(",") if part.strip()]
    return [(name.removeprefix("-"), not name.startswith("-")) for name in names]


def names_of(_context: click.Context, _option: click.Parameter, value: str) -> tuple[str, ...]:
    """A list such as `device,tag.room`."""
    return tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))


@click.command("list", epilog=EPILOG)
@options.where
@click.option(
    "--sort", default="", metavar="NAMES", callback=sorting, help="In this order: started_at, or -started_at."
)
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="Only the first N.")
@click.option(
    "--columns", default="", metavar="NAMES", callback=names_of, help="Only these columns, in this order."
)
@own.place
@options.form
@options.spreadsheet_safe
@options.output
def command(
    where: str | None, sort: Sequence[tuple[str, bool]], limit: int | None, columns: tuple[str, ...], place: str, form: str,
    spreadsheet_safe: bool, output: str | None,  # noqa: FBT001 - a flag
) -> int:  # fmt: skip
    """List the runs with their tags; other formats than the table have all columns."""
    from logreport.archive import Archive
    from logreport.cli.archive.printing import emit

    archive = Archive(place)
    runs = archive.runs(where)
    if unknown := [name for name in (*dict(sort), *columns) if name not in runs.columns]:
        what = f"runs have no {', '.join(map(repr, unknown))}"
        raise UsageError(what, todo=f"choose of {', '.join(runs.columns)}")
    for name, ascending in reversed(
        sort
    ):  # stable, so that the first counts most; what is missing comes last
        runs = runs.sort_values(name, ascending=ascending, kind="stable")
    runs = runs if limit is None else runs.head(limit)
    if columns:
        runs = runs[list(columns)]
    elif form == "table":
        tags = [name for name in runs.columns if name.startswith("tag.")]
        runs = runs[[*SHOWN, *tags, "source"]]
    emit(runs, form, output, spreadsheet_safe=spreadsheet_safe)
    return own.finish(archive)
