"""`logreport archive forget`: remove logs, and all that was made of them."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from logreport.cli import options
from logreport.cli.archive import options as own
from logreport.tables.conditions import literal

if TYPE_CHECKING:
    from logreport.archive.maintenance.forgetting import Forgetting

EPILOG = """\b
Examples:
  logreport archive forget 3fa9c1                        the first digits of a run's id
  logreport archive forget --where "host = 'lab7'" --dry-run
  logreport archive forget --older-than 365d --tag kind=nightly
  logreport archive forget --restore 3fa9c1              bring it back, while its bytes are there

A log goes if all its runs are meant, by all that is given. That one was forgotten stays
known, by the SHA-256 of its bytes: adding it again, or merging an old copy, brings it back
only with --restore-forgotten or --restore. An age is counted from the end of a run, as its
log says, else from when the log was added. Readers that began before may need the old files:
they stay for --grace, and `archive verify --repair` removes them then."""
_SHOWN = 20  # logs
_AGE = re.compile(r"(\d{1,6})([dwh])")


def _age(_context: click.Context, _option: click.Parameter, value: str | None) -> timedelta | None:
    """An age such as `365d`."""
    if value is None:
        return None
    if (match := _AGE.fullmatch(value)) is None:
        raise click.BadParameter(f"{value!r} is no age; write 365d, 52w or 12h")
    unit = {"d": "days", "w": "weeks", "h": "hours"}[match[2]]
    return timedelta(**{unit: int(match[1])})


@click.command("forget", epilog=EPILOG)
@click.argument("runs", nargs=-1, metavar="[RUN]…")
@options.where
@click.option(
    "--tag", "tags", multiple=True, metavar="KEY=VALUE", help="Only runs with this tag; repeat it for more."
)
@click.option("--older-than", callback=_age, metavar="AGE", help="Only runs of so long ago: 365d, 52w, 12h.")
@click.option("--dry-run", is_flag=True, help="Say what would go, and change nothing.")
@click.option(
    "--restore", is_flag=True, help="Bring back RUNs, or all, whose bytes are still there or there again."
)
@own.grace
@own.place
def command(
    runs: tuple[str, ...], where: str | None, tags: tuple[str, ...], older_than: timedelta | None,
    dry_run: bool, restore: bool, grace: float, place: str,  # noqa: FBT001 - click hands over flags so
) -> int:  # fmt: skip
    """Remove the logs of RUNs, and all that was made and said of them."""
    from logreport.archive import Archive
    from logreport.archive.ingest.facts import tags_of
    from logreport.cli import output as out

    conditions = [] if where is None else [where]
    conditions += [f"tag.{key} = {literal(value)}" for key, value in tags_of(tags).items()]
    where = " and ".join(f"({one})" for one in conditions) or None
    archive = Archive(place)
    if restore:
        if where or older_than or dry_run:
            raise click.UsageError("--restore takes the ids of runs, or of logs, alone")
        out.show(f"{out.plural(len(archive.restore(runs)), 'log')} brought back.")
        return own.finish(archive)
    done = archive.forget(runs, where=where, older_than=older_than, dry_run=dry_run, grace=grace * 3600)
    out.show(sentence(done, dry_run=dry_run))
    if dry_run:
        for source in done.sources[:_SHOWN]:
            out.show(f"  {source}")
        if len(done.sources) > _SHOWN:
            out.show(f"  and {len(done.sources) - _SHOWN:,} more")
    if done.left:
        some = ", ".join(done.left[:_SHOWN]) + (" …" if len(done.left) > _SHOWN else "")
        out.say(f"logreport: {out.plural(len(done.left), 'log')} left, as other runs are in them: {some}")
    return own.finish(archive, int(bool(done.left)))


def sentence(done: "Forgetting", *, dry_run: bool) -> str:
    """What was done, or would be."""
    from logreport.cli import output as out
    from logreport.reporting.text.formatting import size

    what = f"{out.plural(len(done.logs), 'log')} ({size(done.size)}, {out.plural(done.runs, 'run')})"
    if dry_run:
        return f"{what} would be forgotten."
    rest = f" {out.plural(done.waiting, 'file')} without use wait for --grace." if done.waiting else ""
    return f"{what} forgotten.{rest}"
