"""`logreport archive query`: ask in SQL."""

import click

from logreport.cli import options
from logreport.cli.archive import options as own

EPILOG = """\b
Examples:
  logreport archive query "select device, max(examples_per_second) from results group by device"
  logreport archive query "from results where model = 'resnet50'" --format csv -o speeds.csv
  logreport archive query "from lines where unknown > 0"

`results` has a row for each phase with all that is known of it; the other views are the
tables of `parse`, logs, tags and notes. `logreport archive schema` has their columns. The SQL is that of DuckDB; it can read the archive,
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
    from logreport.archive.queries.querying import rows_of
    from logreport.cli.archive.printing import emit

    archive = Archive(place)
    answer = archive.query(sql) if form == "parquet" else rows_of(archive.snapshot, sql)
    emit(answer, form, output, spreadsheet_safe=spreadsheet_safe)
    return own.finish(archive)
