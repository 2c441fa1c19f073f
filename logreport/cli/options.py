"""Options that several verbs have."""

from pathlib import Path

import click

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
