"""`logreport archive devices`: every device ever seen, one of them in full, or two side by side."""

import click

from logreport.cli import options
from logreport.cli.archive import options as own

EPILOG = """\b
Examples:
  logreport archive devices                                  all of them
  logreport archive devices "GTX 1050 Ti"                    one: each value with when and where it was seen
  logreport archive devices "RTX 3090" "A100-SXM4-40GB"      two, side by side
  logreport archive devices --format json -o devices.json

A name may be a part of one, if only one device has it, or how a UUID begins: each card that
a record tells of by its UUID is a device by itself, in the list and by its UUID; by its name
all that are called so. Times are those of the logs, in
their local time. Speeds are those of the fastest set-up of each workload, in examples/s, as
`logreport table` and `report` have them; set-ups with an error are left out."""


@click.command("devices", epilog=EPILOG)
@click.argument("names", nargs=-1, metavar="[NAME [NAME]]")
@options.where
@own.place
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json", "md"]), default="table", show_default=True
)
@options.output
def command(names: tuple[str, ...], where: str | None, place: str, form: str, output: str | None) -> int:
    """List every device, show one with NAME, or compare two."""
    from logreport.analysis import Study
    from logreport.analysis.hardware.seen_devices import chosen
    from logreport.archive import Archive
    from logreport.archive.queries.machines import devices_of, tables_on
    from logreport.cli import output as out
    from logreport.cli.archive.device_tables import encoded
    from logreport.tables.conditions import condition
    from logreport.tables.tables import Tables

    if len(names) > 2:
        raise click.UsageError("name two devices at most")
    archive = Archive(place)
    snapshot, meant = archive.snapshot, None if where is None else condition(where)
    found = devices_of(snapshot, meant)
    shown = [chosen(found, name, lambda: devices_of(snapshot, meant, apart=False)) for name in names] or found
    # The list has no speeds but as JSON.
    tables = tables_on(snapshot, meant, shown) if names or form == "json" else Tables()
    out.emit(encoded(Study(tables), shown, form, named=len(names)), output)
    return own.finish(archive)
