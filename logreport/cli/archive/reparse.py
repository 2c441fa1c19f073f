"""`logreport archive reparse`: make tables again, and say what changed."""

from pathlib import Path

import click

from logreport.cli import options
from logreport.cli.archive import options as own
from logreport.workers.spreading import Scheduler, scheduler_of

EPILOG = """\b
Examples:
  logreport archive reparse          what another logreport or other grammars made
  logreport archive reparse --all    everything
  logreport archive reparse --grammar mine"""
SHOWN = 20  # runs


@click.command("reparse", epilog=EPILOG)
@click.option("--all", "every", is_flag=True, help="Also what is up to date.")
@own.place
@options.scheduler
@options.grammars
def command(every: bool, place: str, scheduler: Scheduler | None, grammars: tuple[Path, ...]) -> int:  # noqa: FBT001 - click hands over flags so
    """Read logs again, and say which tables and which numbers changed."""
    from logreport.archive import Archive
    from logreport.cli import output as out

    archive = Archive(place)
    with own.progress(lambda done: f"{done.logs:,} read again") as show:
        changed = archive.reparse(
            grammars=grammars, every=every, scheduler=scheduler or scheduler_of(None), on_progress=show
        )
    out.show(f"{out.plural(changed.logs, 'log')} read again.")
    for table, before in sorted(changed.before.items()):
        if changed.after[table] != before:
            out.show(f"{table}: {before:,} rows before, {changed.after[table]:,} now")
    if changed.renamed:
        out.show(
            f"{out.plural(len(changed.renamed), 'run')} with another id; what they were called still finds them"
        )
    runs = sorted(set(changed.runs))
    if changed.logs:
        more = f" and {len(runs) - SHOWN:,} more" if len(runs) > SHOWN else ""
        which = f": {', '.join(runs[:SHOWN])}{more}" if runs else ""
        out.show(f"{out.plural(len(runs), 'run')} with other numbers{which}")
    return own.finish(archive, out.report_errors(changed.errors))
