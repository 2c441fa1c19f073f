"""`logreport archive schema`: the columns of the views, with units and meanings."""

import click

from logreport.cli import options

EPILOG = """\b
Examples:
  logreport archive schema                 all views
  logreport archive schema results
  logreport archive schema --format json -o schema.json

docs/schema.md is this with --format md. No archive is needed for it."""
_HEADS = ["view", "column", "type", "unit", "meaning"]
_PAGE = """\
# Views and columns of an archive

What `logreport archive query` can be asked about: made by `logreport archive schema --format md`. The tables of
`logreport parse` have the same columns, without `log_sha256`. Inside, times are seconds, sizes bytes, clocks hertz and
speeds examples per second; what is not known is missing, not zero.
"""


@click.command("schema", epilog=EPILOG)
@click.argument("view", required=False, metavar="[VIEW]")
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json", "md"]), default="table", show_default=True
)
@options.output
def command(view: str | None, form: str, output: str | None) -> int:
    """Say of each column of VIEW, or of all views, its type, its unit and what it means."""
    from logreport.archive.queries.frames import Rows
    from logreport.archive.queries.views import SQL_TYPES, VIEWS
    from logreport.cli import output as out
    from logreport.cli.archive.printing import emit
    from logreport.tables.exporting import aligned

    if view is not None and view not in VIEWS:
        raise click.UsageError(f"{view!r} is no view; there are {', '.join(VIEWS)}")
    views = [view] if view else list(VIEWS)
    if form == "md":
        out.emit(page(views), output)
        return 0
    rows = [
        [name, column.name, SQL_TYPES.get(column.dtype, column.dtype), column.unit or None, column.meaning]
        for name in views
        for column in VIEWS[name]
    ]
    if form == "table":  # whole: the meaning is what is asked for
        cells = [_HEADS, *([cell or "" for cell in row] for row in rows)]
        out.emit(f"{aligned(cells, (False,) * len(_HEADS))}\n".encode(), output)
    else:
        emit(Rows(_HEADS, rows), form, output)
    return 0


def page(views: list[str]) -> bytes:
    """The page of some views, in markdown."""
    from logreport.archive.queries.views import MEANINGS, SQL_TYPES, VIEWS
    from logreport.reporting.rendering.markdown import write_table

    parts = [_PAGE]
    for name in views:
        rows = [
            [f"`{column.name}`", SQL_TYPES.get(column.dtype, column.dtype), column.unit, column.meaning]
            for column in VIEWS[name]
        ]
        parts.append(f"\n## {name}\n\n{MEANINGS[name].capitalize()}.\n\n{write_table(_HEADS[1:], rows)}\n")
    return "".join(parts).encode()
