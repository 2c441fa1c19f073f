"""`logreport archive compact`: many small files to few."""

import click

from logreport.cli.archive import options as own

EPILOG = """\b
Example:
  logreport archive compact

Others can add and read meanwhile. The small files stay until `verify --repair` finds them
a day old; readers skip them."""


@click.command("compact", epilog=EPILOG)
@own.place
def command(place: str) -> int:
    """Merge the Parquet files of each table into files of at most 128 MB."""
    from logreport.archive import Archive
    from logreport.cli import output as out

    archive = Archive(place)
    done = archive.compact()
    before, after = out.plural(done.before, "Parquet file"), f"{done.after:,}"
    out.show(f"{before} became {after}." if done.merged else f"{before}: nothing to merge.")
    return own.finish(archive)
