"""`logreport fetch`: the official scripts, before they are run."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from logreport.cli import output as out
from logreport.errors import LogreportError
from logreport.runner.preparation import fetching
from logreport.scripts import SCRIPTS, Script

EPILOG = """\b
Examples:
  logreport fetch                 all scripts
  logreport fetch tf-cnn          those of tensorflow/benchmarks only

Without a network: name a checkout that you have with `logreport run … --source DIR`."""


@click.command("fetch", epilog=EPILOG)
@click.argument("scripts", nargs=-1, type=click.Choice(list(SCRIPTS)), metavar="[SCRIPT]…")
def command(scripts: tuple[str, ...]) -> int:
    """Fetch the official scripts with git, each repository at one known commit, into your cache folder.

    SCRIPT is one of alexnet, cifar10, cifar10-multi-gpu, cifar10-eval, mnist and tf-cnn. It says first what it will
    do, and prints where the scripts are. What is there already is verified.
    """
    errors = []
    for name in dict.fromkeys(SCRIPTS[script].repository for script in scripts or SCRIPTS):
        try:
            if plan := fetching.plan(name):
                out.say(f"{plan}.")
            with progress() as show:
                folder = fetching.fetch(name, on_progress=show)
            out.show(f"{name} {fetching.REPOSITORIES[name].commit[:8]} {folder}")
        except LogreportError as error:
            errors.append(error)
    return out.report_errors(errors)


def at_hand(script: Script, source: str | None) -> Path:
    """The checkout of a script; what is fetched is said before, and shown on a terminal."""
    if source is None and (plan := fetching.plan(script.repository)):
        out.say(f"{plan}.")
    with progress() as show:
        return fetching.checkout(script, source, on_progress=show)


@contextmanager
def progress() -> Iterator[fetching.Progress | None]:
    """A bar on a terminal, which is gone at the end."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Asking the server", total=1.0)
        yield lambda what, share: bar.update(task, description=what, completed=share)
