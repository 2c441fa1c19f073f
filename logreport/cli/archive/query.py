"""`logreport archive query`: ask in SQL."""

import click

from logreport.cli import options
from logreport.cli.archive import options as own

EPILOG = """\b
Examples:
  logreport archive query "select device, count(*) from runs group by device"
  logreport archive query "from phases join runs using (run_id, source)" --format csv -o speeds.csv
  logreport archive query "from lines where unknown > 0"

The views have the names of the tables of `parse`; logs, tags and notes are more of them.
docs/archive.md names their columns. The SQL is that of DuckDB; it can read the archive,
and neither write nor reach any other file."""


@click.command("query", epilog=EPILOG)
@click.argument("sql")
@own.place
@options.form
@options.spreadsheet_safe
@options.output
def command(
    sql: str, place: str, form: str, spreadsheet_safe: bool, output: str | None,  # noqa: FBT001 - a flag
) -> int:  # fmt: skip
    """Answer the query SQL."""
    from logreport.archive import Archive
    from logreport.cli.archive.printing import emit

    archive = Archive(place)
    emit(archive.query(sql), form, output, spreadsheet_safe=spreadsheet_safe)
    return own.finish(archive)
