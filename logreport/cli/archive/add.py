"""`logreport archive add`: logs into the archive."""

from pathlib import Path

import click

from logreport.cli import options
from logreport.cli.archive import options as own
from logreport.workers.spreading import Scheduler, scheduler_of

EPILOG = """\b
Examples:
  logreport archive add runs/                           every log below a folder
  logreport archive add '**/*.log' --tag version=2.20   with a tag, for --where
  logreport archive add s3://bucket/logs -a lab         from anywhere to the folder lab

What is there already is not added again, and gets the tags and the note."""


@click.command("add", epilog=EPILOG)
@click.argument("logs", nargs=-1, required=True, metavar="LOG…")
@click.option("--tag", "tags", multiple=True, metavar="KEY=VALUE", help="Tag these logs; repeat it for more.")
@click.option("--note", metavar="TEXT", help="A sentence about these logs.")
@click.option(
    "--restore-forgotten",
    "restore",
    is_flag=True,
    help="Also logs that were forgotten; else they are left out.",
)
@own.place
@options.scheduler
@options.grammars
def command(
    logs: tuple[str, ...], tags: tuple[str, ...], note: str | None, restore: bool, place: str,  # noqa: FBT001 - a flag
    scheduler: Scheduler | None, grammars: tuple[Path, ...],
) -> int:  # fmt: skip
    """Add LOGs to an archive, which is made where there is none yet."""
    from logreport.archive import Archive
    from logreport.archive.ingest.facts import tags_of
    from logreport.cli import output as out
    from logreport.reporting.text.formatting import size

    archive = Archive(place, create=True)
    with own.progress(lambda done: f"{done.logs:,} added, {done.known:,} there already") as show:
        added = archive.add(
            logs,
            tags=tags_of(tags),
            note=note,
            grammars=grammars,
            restore_forgotten=restore,
            scheduler=scheduler or scheduler_of(None),
            on_progress=show,
        )
    runs, facts = out.plural(added.runs, "run"), out.plural(added.facts, "new fact")
    out.show(
        f"{out.plural(added.logs, 'log')} added ({size(added.size)}, {runs}), {added.known:,} there already; "
        f"{facts} about them."
    )
    if added.forgotten:
        count = out.plural(added.forgotten, "log")
        out.say(f"logreport: {count} left out that had been forgotten; --restore-forgotten adds them again")
    return own.finish(archive, out.report_errors(added.errors))
