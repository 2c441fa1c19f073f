"""Options that the verbs of the archive have, and how they open it."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from logreport.cli import options
from logreport.errors import LogreportError

if TYPE_CHECKING:
    from logreport.archive import Archive


FEW = 5  # problems of one kind that are said one by one


def default_place() -> str:
    """The archive of a user who names none."""
    import platformdirs

    return str(platformdirs.user_data_path("logreport") / "archive")


place = click.option(
    "-a",
    "--archive",
    "place",
    envvar=options.PLACE,
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


def grouped(problems: Sequence[LogreportError]) -> Iterator[str]:
    """A line each; of many of which the same is to be done the first ones, and how many more there are."""
    kinds: dict[str | None, list[LogreportError]] = {}
    for problem in problems:
        kinds.setdefault(problem.todo, []).append(problem)
    for todo, those in kinds.items():
        yield from (f"logreport: {problem}" for problem in those[:FEW])
        if len(those) > FEW:
            yield f"logreport: and {len(those) - FEW:,} more like these; {todo}"


def finish(archive: "Archive", status: int = 0) -> int:
    """Say what could not be read, after everything else was said; the exit status."""
    from logreport.cli import output as out

    return max(status, out.report_errors(archive.problems))
