"""Options that several verbs have."""

from pathlib import Path

import click

from logreport.archive.spreading import Scheduler, scheduler_of
from logreport.errors import UsageError

grammars = click.option(
    "--grammar",
    "grammars",
    multiple=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A folder with grammars of your own.",
)
redact = click.option(
    "--redact", is_flag=True, help="Placeholders for hosts, users, home folders and addresses."
)
across_batch_sizes = click.option(
    "--across-batch-sizes",
    is_flag=True,
    help="Compare speed per example whatever the batch size; the report says so.",
)


def _scheduler(_context: click.Context, _option: click.Parameter, value: str | None) -> Scheduler | None:
    try:
        return None if value is None else scheduler_of(value)
    except UsageError as error:
        raise click.BadParameter(str(error)) from error


scheduler = click.option(
    "--scheduler",
    metavar="WHERE",
    callback=_scheduler,
    help="local[N] for N processes, tcp://HOST:8786 for a Dask cluster.",
)
