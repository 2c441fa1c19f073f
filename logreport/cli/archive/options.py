"""Options that the verbs of the archive have, and how they open it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from logreport.archive import Archive


def default_place() -> str:
    """The archive of a user who names none."""
    import platformdirs

    return str(platformdirs.user_data_path("logreport") / "archive")


place = click.option(
    "-a",
    "--archive",
    "place",
    envvar="LOGREPORT_ARCHIVE",
    default=default_place,
    metavar="ARCHIVE",
    help="A folder or URL; LOGREPORT_ARCHIVE, else one in your data folder.",
)
grace = click.option(
    "--grace", default=24.0, show_default=True, metavar="HOURS",
    help="Younger files are left alone: their writer or reader may be at work.",
)  # fmt: skip


@contextmanager
def progress(text: Callable[[Any], str]) -> Iterator[Callable[[Any], None] | None]:
    """A function that shows on a terminal what was done so far, in one line; None where there is none."""
    if not sys.stderr.isatty():
        yield None
        return
    try:
        yield lambda done: click.echo(f"\r{text(done)}", err=True, nl=False)
    finally:
        click.echo(err=True)


def finish(archive: "Archive", status: int = 0) -> int:
    """Say what could not be read, after everything else was said; the exit status."""
    from logreport.cli import output as out

    return max(status, out.report_errors(archive.problems))
