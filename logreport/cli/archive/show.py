"""`logreport archive show`: all about one run."""

from typing import TYPE_CHECKING

import click

from logreport.cli import options
from logreport.cli.archive import options as own

if TYPE_CHECKING:
    import pandas as pd

EPILOG = """\b
Examples:
  logreport archive show 3fa9c1           the first digits of its id, from `list`
  logreport archive show 3fa9c1 --log     its log as it was added"""
TABLES = ("phases", "devices", "environment", "evaluations", "layers", "findings")


@click.command("show", epilog=EPILOG)
@click.argument("run")
@click.option("--log", "as_log", is_flag=True, help="Write the log itself.")
@own.place
@options.output
def command(run: str, as_log: bool, place: str, output: str | None) -> int:  # noqa: FBT001 - click hands over flags so
    """Show what is known of RUN: where it stands, what was measured, tags and notes."""
    from logreport.archive import Archive
    from logreport.archive.queries.frames import frame_of_rows
    from logreport.archive.queries.querying import standing_rows
    from logreport.cli import output as out

    archive = Archive(place)
    run = archive.find(run)
    runs = archive.runs()
    own_rows = runs[runs["run_id"] == run]
    if as_log:
        out.emit(archive.log(own_rows["log_sha256"].iloc[0]), output)
        return own.finish(archive)
    blocks = [fields(own_rows)]
    for name in TABLES:
        rows = archive.table(name)
        rows = rows[rows["run_id"] == run].drop(
            columns=["run_id", "source", "log_sha256", "details"], errors="ignore"
        )
        blocks += [block(name, rows)]
    notes = frame_of_rows(standing_rows(archive.snapshot))
    about = (notes["run_id"] == run) | notes["log_sha256"].isin(own_rows["log_sha256"])
    notes = notes[about.fillna(value=False) & (notes["kind"] != "tag")][["kind", "value", "said_at"]]
    out.emit(b"\n".join(filter(None, [*blocks, block("notes", notes)])), output)
    return own.finish(archive)


def block(name: str, rows: "pd.DataFrame") -> bytes:
    """A table under its name; nothing where it has no rows."""
    from logreport.cli.archive.printing import as_text

    return b"" if rows.empty else f"{name}\n".encode() + as_text(rows)


def fields(runs: "pd.DataFrame") -> bytes:
    """What is known of a run, a line each; of one that stands in several logs, each of them."""
    from logreport.cli.archive.printing import cells_of
    from logreport.errors import visible
    from logreport.tables.exporting import aligned

    heads, rows = cells_of(runs)
    pairs = [
        (visible(head, lines=False), visible(str(value), lines=False))
        for row in rows
        for head, value in zip(heads, row, strict=True)
        if value is not None
    ]
    return f"{aligned(pairs, (False, False))}\n".encode("utf-8", "replace")
