"""`logreport archive verify`: is everything as it was written?"""

from typing import TYPE_CHECKING

import click

from logreport.cli.archive import options as own

if TYPE_CHECKING:
    from logreport.archive.maintenance.repairing import Repaired
    from logreport.archive.maintenance.verifying import Verified

EPILOG = """\b
Examples:
  logreport archive verify
  logreport archive verify --repair
  logreport archive verify --repair --grace 0    when nobody else is at work

--repair makes tables again from their logs, saves what is intact of damaged files, and
removes what is left over or replaced. It cannot bring a damaged log back: add it again.

\b
Exit status: 0 all is well, 1 something is damaged or missing."""


@click.command("verify", epilog=EPILOG)
@click.option("--repair", is_flag=True, help="Mend what can be mended.")
@own.grace
@own.place
def command(repair: bool, grace: float, place: str) -> int:  # noqa: FBT001 - click hands over flags so
    """Hash everything, and name what is damaged, missing or left over."""
    from logreport.archive import Archive
    from logreport.cli import output as out

    archive = Archive(place)
    if repair:
        for line in own.grouped(archive.verify().problems):
            out.say(line)
        out.show(mended(archive.repair(grace * 3600)))
    found = archive.verify()
    out.show(verdict(found))
    for line in own.grouped(found.problems):
        out.say(line)
    return int(bool(found.problems))


def mended(done: "Repaired") -> str:
    """What a repair did, in a sentence."""
    from logreport.cli import output as out

    parts = [
        f"rows of {out.plural(done.again, 'log')} made again" if done.again else "",
        f"{out.plural(done.saved, 'log')} saved from damaged files" if done.saved else "",
        f"{out.plural(len(done.removed), 'file')} removed" if done.removed else "",
        f"given up: {', '.join(done.given_up)}" if done.given_up else "",
    ]
    return f"Repair: {'; '.join(filter(None, parts)) or 'nothing to do'}."


def verdict(found: "Verified") -> str:
    """What was found, in a sentence."""
    from logreport.cli import output as out
    from logreport.reporting.text.formatting import size

    parts = [
        f"{out.plural(len(found.problems), 'problem')}",
        f"{out.plural(len(found.leftovers), 'file')} that no commit names" if found.leftovers else "",
        f"{out.plural(len(found.replaced), 'file')} that others replaced" if found.replaced else "",
        f"{out.plural(found.forgotten, 'log')} forgotten" if found.forgotten else "",
        f"{len(found.returned):,} of them there again" if found.returned else "",
    ]
    return f"{out.plural(found.files, 'file')}, {size(found.size)}: {', '.join(filter(None, parts))}."
