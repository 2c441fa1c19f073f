"""Options that several verbs have."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from logreport.errors import UsageError
from logreport.tables.exporting import EXPORTERS

if TYPE_CHECKING:
    from logreport.workers.spreading import Scheduler


def share(_context: click.Context, option: click.Parameter, value: str | None) -> float | None:
    """A percentage such as `1%` or `1`, as a share of one; only a limit of changes may be negative."""
    if value is None:
        return None
    try:
        found = float(value.replace("\N{MINUS SIGN}", "-").rstrip("% ")) / 100
    except ValueError as error:
        usual = "-5%" if option.name == "fail_under" else "1%"
        example = option.default if isinstance(option.default, str) else usual
        raise click.BadParameter(f"{value!r} is no percentage; write {example}") from error
    if not -1 < found < 10 or (found < 0 and option.name != "fail_under"):
        raise click.BadParameter(f"{value} is out of range")
    return found


def folder(_context: click.Context, _option: click.Parameter, value: Any) -> Any:  # noqa: ANN401 - a path of any type
    """A folder to write to: several files have no room on standard output."""
    if str(value) == "-":
        raise click.BadParameter("several files cannot go to standard output; name a folder")
    return value


grammars = click.option(
    "--grammar",
    "grammars",
    multiple=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A folder with grammars of your own.",
)
given = click.option(
    "--set",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help="What the logs do not say, such as batch_size=256.",
)
output = click.option("-o", "--output", metavar="FILE", help="Write here; standard output otherwise.")
form = click.option(
    "--format", "form", type=click.Choice(list(EXPORTERS)), default="table", show_default=True
)
spreadsheet_safe = click.option(
    "--spreadsheet-safe", is_flag=True, help="In CSV, text that begins like a formula gets an apostrophe."
)
redact = click.option(
    "--redact", is_flag=True, help="Placeholders for hosts, users, home folders and addresses."
)
PLACE = "LOGREPORT_ARCHIVE"  # the variable that names the archive of who names none
archive = click.option(
    "--from", "archive", metavar="ARCHIVE", help="Runs of an archive (a folder or URL) instead of logs."
)
where = click.option(
    "--where", metavar="CONDITION", help="Only runs for which this holds, such as \"device = 'RTX 3090'\"."
)
across_batch_sizes = click.option(
    "--across-batch-sizes",
    is_flag=True,
    help="Compare speed per example whatever the batch size; the report says so.",
)


def _scheduler(_context: click.Context, _option: click.Parameter, value: str | None) -> "Scheduler | None":
    from logreport.workers.spreading import scheduler_of

    try:
        return None if value is None else scheduler_of(value)
    except UsageError as error:
        raise click.BadParameter(str(error)) from error


scheduler = click.option(
    "--scheduler",
    metavar="WHERE",
    callback=_scheduler,
    help="local[N] for N processes, tcp://HOST:8786 for a Dask cluster; else this machine.",
)


def archive_among(logs: Sequence[str], archive: str | None) -> tuple[tuple[str, ...], str | None]:
    """The logs and the archive that are meant: an archive may be given as logs; where nothing is, the variable names it."""
    from logreport.sources.finding import is_archive_at

    if archive is None and not logs:
        return (), os.environ.get(PLACE)
    if archive is None and len(logs) == 1 and is_archive_at(logs[0]):
        return (), logs[0]
    return tuple(logs), archive


def check_input(
    logs: Sequence[str], archive: str | None, grammars: Sequence[Path] = (), given: Sequence[str] = ()
) -> None:
    """Either logs or an archive, and what belongs to it.

    Raises:
        click.UsageError: where it is neither or both.
    """
    if archive is None and not logs:
        raise click.UsageError(f"name a log, or an archive with --from or {PLACE}")
    if archive is not None and logs:
        raise click.UsageError("name logs or --from ARCHIVE, not both")
    if archive is not None and grammars:
        raise click.UsageError("an archive was read with the grammars of `archive add`; leave out --grammar")
    if archive is not None and given:
        raise click.UsageError("the runs of an archive are as they were added; leave out --set")
