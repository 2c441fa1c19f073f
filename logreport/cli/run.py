"""`logreport run`: an official script, its log, its record, and what it measured."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from logreport.cli import output as out
from logreport.cli.fetch import progress
from logreport.runner.scripts import SCRIPTS

if TYPE_CHECKING:
    from logreport.runner.preparing import Device
    from logreport.runner.running import Ran, Wish

INTERRUPTED = 130  # as shells say it
EPILOG = """\b
Examples:
  logreport run alexnet -- --batch_size=32 --num_batches=50
  logreport run tf-cnn --device cpu -- --model=resnet20 --data_name=cifar10 --num_batches=20
  logreport run cifar10 --synthetic-data --timeout 600 -- --max_steps=200
  logreport report runs -o report

What stands after -- goes to the script. SCRIPT is alexnet, cifar10, cifar10-multi-gpu, cifar10-eval, mnist or tf-cnn.
Ctrl-C stops the run and keeps what it printed until then; a second Ctrl-C kills it.

Exit status: 0 the run is complete, 1 it failed or was stopped, 130 it was stopped by Ctrl-C, 2 wrong usage."""


@click.command("run", epilog=EPILOG)
@click.argument("script", type=click.Choice(list(SCRIPTS)), metavar="SCRIPT")
@click.argument("flags", nargs=-1, type=click.UNPROCESSED, metavar="[-- FLAGS]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default="runs",
    show_default=True,
    metavar="DIR",
    help="Folder for the log and its record.",
)
@click.option(
    "--source",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A checkout of tensorflow/models or tensorflow/benchmarks; fetched otherwise.",
)
@click.option(
    "--python",
    default=sys.executable,
    metavar="PYTHON",
    help="An interpreter with TensorFlow; the one of logreport otherwise.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="Stop the run after so long.",
)
@click.option("--data-dir", type=click.Path(path_type=Path), metavar="DIR", help="The data set.")
@click.option("--synthetic-data", "synthetic", is_flag=True, help="A random data set in CIFAR-10's format.")
@click.option("--device", type=click.Choice(["cpu", "gpu"]), help="Where to run.")
@click.option("--threads", type=click.IntRange(1), metavar="N", help="How many threads TensorFlow may use.")
@click.option("-q", "--quiet", is_flag=True, help="Print only where the log is, and errors.")
@click.option("-v", "--verbose", is_flag=True, help="Show what the script prints.")
def command(
    script: str, flags: tuple[str, ...], output: Path, source: Path | None, python: str, timeout: float | None,
    data_dir: Path | None, synthetic: bool, device: "Device | None", threads: int | None,  # noqa: FBT001 - click's flags
    quiet: bool, verbose: bool,  # noqa: FBT001 - the same
) -> int:  # fmt: skip
    """Run an official benchmark SCRIPT as it is, with a log and a record of what it ran on."""
    from logreport.runner.running import Wish, run_once
    from logreport.runner.view import view_for

    wish = Wish(
        script, flags, source=source, python=python, output=output, timeout=timeout, data_dir=data_dir,
        synthetic=synthetic, device=device, threads=threads,
    )  # fmt: skip
    ran = run_once(with_source(wish), view_for(quiet=quiet, verbose=verbose))
    if quiet:
        click.echo(str(ran.log))
    else:
        summarize(ran)
    if ran.end.status == "complete":
        return 0
    out.say(f"logreport: {ran.log}: the run is {ran.end.status} ({ran.end.reason}); see the end of its log")
    return INTERRUPTED if ran.end.stopped_by == "Ctrl-C" else 1


def with_source(wish: "Wish") -> "Wish":
    """The wish with the scripts at hand; what is fetched is said before, and shown on a terminal."""
    from dataclasses import replace

    from logreport.runner import fetching

    script = SCRIPTS[wish.script]
    if wish.source is None and (plan := fetching.plan(script.repository)):
        out.say(f"{plan}.")
    with progress() as show:
        return replace(wish, source=fetching.checkout(script, wish.source, on_progress=show))


def summarize(ran: "Ran") -> None:
    """Print what was measured, where it is kept, and what was added to the flags."""
    from logreport import api
    from logreport.reporting.answers import speed_sentence
    from logreport.reporting.gather import gather

    tables = api.read_logs(api.sources_of(ran.log)).tables
    facts = gather(tables, ())
    for phase in facts.phases:
        click.echo("".join(span.text for span in speed_sentence(facts, phase)))
    for finding in facts.findings:
        click.echo(f"{finding.severity}: {finding.message}")
    click.echo(f"log: {ran.log}")
    click.echo(f"record: {ran.record_path}")
    if ran.record.added:
        click.echo(f"added: {' '.join(ran.record.added)}")
