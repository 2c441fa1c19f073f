"""`logreport run`: an official script or any command, its log, its record, and what it measured."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from logreport.cli import options
from logreport.cli import output as out
from logreport.cli.fetch import at_hand
from logreport.scripts import COMMAND, SCRIPTS

if TYPE_CHECKING:
    from logreport.runner.plan import Plan
    from logreport.runner.running import Ran
    from logreport.runner.view import View
    from logreport.tables.tables import Tables

EPILOG = """\b
Examples:
  logreport run alexnet -- --batch_size=32 --num_batches=50
  logreport run tf-cnn --device cpu -- --model=resnet20 --data_name=cifar10 --num_batches=20
  logreport run cifar10 --synthetic-data --timeout 600 -- --max_steps=200
  logreport run tf-cnn --sweep model=resnet50,inception3 --sweep batch_size=16,32 --repeat 3 --dry-run
  logreport run --sweep lr=0.1,0.01 --repeat 3 -- python train.py --lr {lr}
  logreport run --until-ci 2% --prepare 'sync' -- ./bench
  logreport run --resume                        finish what was interrupted
  logreport report runs -o report

SCRIPT is alexnet, cifar10, cifar10-multi-gpu, cifar10-eval, mnist or tf-cnn; what stands after -- goes to it. Without a
SCRIPT it is the command to run, any program; where no grammar knows its log, the time that it takes is what is measured.
Ctrl-C stops the run and keeps what it printed until then; a second Ctrl-C kills it.

A sweep runs every combination, --repeat times in mixed order, one run at a time; it says first what it will run.
device, threads, python and source in a sweep are the options of that name, everything else is a flag of the script,
or the place {NAME} in a command, in --launcher, --setup, --prepare and --cleanup.

Exit status: 0 all is complete, 1 a run failed or was stopped, 4 --until-ci was not reached, 130 stopped by Ctrl-C,
2 wrong usage."""
MOST_REPEATS = 10  # with --until-ci


@click.command("run", epilog=EPILOG)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[SCRIPT] [-- FLAGS or COMMAND]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default="runs",
    show_default=True,
    callback=options.folder,
    metavar="DIR",
    help="Folder for the log and its record.",
)
@click.option(
    "--source",
    type=click.Path(),
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
@click.option("--data-dir", type=click.Path(), metavar="DIR", help="The data set.")
@click.option("--synthetic-data", "synthetic", is_flag=True, help="A random data set in CIFAR-10's format.")
@click.option(
    "--keep-train-dir", "keep", is_flag=True, help="Keep the checkpoints of cifar10 beside the log."
)
@click.option("--device", type=click.Choice(["cpu", "gpu"]), help="Where to run.")
@click.option("--threads", type=click.IntRange(1), metavar="N", help="How many threads TensorFlow may use.")
@click.option(
    "--sweep",
    "sweeps",
    multiple=True,
    metavar="NAME=VALUES",
    help="Run each of several values, as batch_size=16,32; several sweeps give every combination.",
)
@click.option(
    "--repeat",
    type=click.IntRange(1),
    metavar="N",
    help="How often each combination is run; with --until-ci, at most.",
)
@click.option(
    "--until-ci",
    "until",
    callback=options.share,
    metavar="PCT",
    help="Repeat until the 95 % interval of each speed is ± this.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be run, and run nothing.")
@click.option("--resume", is_flag=True, help="Finish the campaign in the folder of -o.")
@click.option(
    "--retry-failed", "retry", is_flag=True, help="The same, and make runs again that did not end well."
)
@click.option("--launcher", metavar="COMMAND", help="What starts it, as 'mpirun -np 4'.")
@click.option(
    "--setup", metavar="COMMAND", help="Run this by the shell before the first run of each combination."
)
@click.option("--prepare", metavar="COMMAND", help="Run this before each run.")
@click.option("--cleanup", metavar="COMMAND", help="Run this after the last run of each combination.")
@options.grammars
@click.option("-q", "--quiet", is_flag=True, help="Print only where the log is, and errors.")
@click.option("-v", "--verbose", is_flag=True, help="Show what the script prints.")
def command(
    words: tuple[str, ...], output: Path, source: str | None, python: str, timeout: float | None,
    data_dir: str | None, synthetic: bool, keep: bool, device: str | None, threads: int | None,  # noqa: FBT001 - click's flags
    sweeps: tuple[str, ...], repeat: int | None, until: float | None, dry_run: bool, resume: bool,  # noqa: FBT001 - the same
    retry: bool, launcher: str | None, setup: str | None, prepare: str | None, cleanup: str | None,  # noqa: FBT001 - the same
    grammars: tuple[Path, ...], quiet: bool, verbose: bool,  # noqa: FBT001 - the same
) -> int:  # fmt: skip
    """Run an official benchmark SCRIPT, or any command, as it is, with a log and a record of what it ran on."""
    from logreport.cli import campaign
    from logreport.runner.plan import Plan
    from logreport.runner.view import view_for

    view = view_for(quiet=quiet, verbose=verbose)
    script = words[0] if words and words[0] in SCRIPTS else None
    if resume or retry:
        if words[1:] or sweeps or repeat or until or dry_run or (words and script is None):
            raise click.UsageError("--resume goes on with what the folder says; name only the folder with -o")
        return campaign.resume(script, output, view, retry=retry)
    if not words:
        raise click.UsageError(f"name a script, or a command after --; the scripts are {', '.join(SCRIPTS)}")
    if script is None and (source or keep):
        raise click.UsageError("--source and --keep-train-dir are for the official scripts")
    plan = Plan(
        script or COMMAND.name, words[1:] if script else words, source, python, timeout, data_dir, synthetic, keep,
        device, threads, launcher=launcher, setup=setup, prepare=prepare, cleanup=cleanup,
        grammars=tuple(str(folder.absolute()) for folder in grammars),
    )  # fmt: skip
    if not (sweeps or repeat or until or dry_run):
        return run_alone(plan, output, view, quiet=quiet)
    plan = plan.swept(sweeps, repeat or (MOST_REPEATS if until else 1), until)
    return campaign.begin(plan, output, view, dry_run=dry_run)


def run_alone(plan: "Plan", output: Path, view: "View", *, quiet: bool) -> int:
    """One run: what it measured, and its exit status."""
    from logreport.runner.hooks import around
    from logreport.runner.machine.machine import warnings
    from logreport.runner.running import run_once, script_in

    plan = replace(plan, source=str(at_hand(script_in(plan), plan.source)))
    for text in () if quiet else warnings():
        view.say(text)
    with around(plan):
        ran = run_once(plan, output, view)
    if quiet:
        out.show(str(ran.log))
    else:
        summarize(ran, plan.grammars)
    if ran.end.status == "complete":
        return 0
    out.say(f"logreport: {ran.log}: the run is {ran.end.status} ({ran.end.reason}); see the end of its log")
    return out.INTERRUPTED if ran.end.stopped_by == "Ctrl-C" else 1


def summarize(ran: "Ran", grammars: Sequence[str]) -> None:
    """Print where it is kept, what was added to the flags, and at the end what was measured."""
    from logreport import api

    out.show(f"log: {ran.log}")
    out.show(f"record: {ran.record_path}")
    if ran.record.added:
        out.show(f"added: {' '.join(ran.record.added)}")
    if ran.train_dir is not None:
        out.show(f"checkpoints: {ran.train_dir}")
    show_measured(api.read_logs(api.sources_of(ran.log), grammars=grammars).tables)


def show_measured(tables: "Tables") -> None:
    """Print what was found, and the speed of each phase."""
    from logreport.analysis import Study
    from logreport.cli.answer import sentence, show
    from logreport.reporting.sections.answers import speed_sentence
    from logreport.reporting.sections.facts import gather
    from logreport.reporting.text.short_names import Shortening

    facts = gather(Study(tables), Shortening(tables))
    for finding in facts.findings:
        out.show(f"{finding.severity}: {finding.message}")
    measured = [phase for phase in facts.phases if phase["examples_per_second"] is not None]
    show([sentence(speed_sentence(facts, phase)) for phase in measured], sys.stdout)
    if not measured:
        out.show("No speed was measured.")
