"""The command line: one module per verb, loaded when it is called."""

import gc
import io
import os
import sys
from pathlib import Path
from typing import NoReturn

import click

from logreport.cli import streams
from logreport.cli.verbs import ReaderGoneError, Verbs
from logreport.errors import LogreportError, in_short
from logreport.version import __version__

VERBS = {
    "report": "Turn logs into a report: HTML, PDF, markdown.",
    "parse": "Turn logs into tables: runs, phases, steps, devices, …",
    "table": "Write a table of speeds for a README, and keep it up to date.",
    "compare": "Compare old with new: a verdict with its interval, and a gate for CI.",
    "archive": "Keep logs for good, ask anything about them.",
    "explain": "Say of each line what it is, or where it stopped making sense.",
    "grammar": "List the kinds of lines that are known; check a grammar of your own.",
    "run": "Run an official benchmark script or any command, and keep its log and a record of the machine.",
    "watch": "Show how far a run is while its log is written.",
    "fetch": "Fetch the official scripts with git.",
}


EPILOG = """\b
Examples:
  logreport report logs/ -o report
  logreport parse run.log --table phases
  logreport parse logs/ --table devices --format csv -o devices.csv
  ./run_benchmark.sh 2>&1 | logreport explain -

Exit status: 0 fine, 1 an input or output failed, 2 wrong usage, 3 regression, 4 not comparable,
5 a table is stale, 6 over --max-unknown."""


def _version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's signature
    """Say the version, and what reads: the machine in C or Python."""
    if wanted and not context.resilient_parsing:
        from logreport.grammar.native.kernel import why_not

        reason = why_not()
        engine = f"python, because {reason}" if reason else "native"
        click.echo(f"logreport, version {__version__} (engine: {engine})")
        context.exit()


@click.group(
    cls=Verbs,
    verbs=VERBS,
    package="logreport.cli",
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and the engine that reads, and exit.",
)
@click.pass_context
def group(context: click.Context) -> None:
    """Turn benchmark logs into reports you can trust: every line accounted for, every number traced to its line."""
    if context.invoked_subcommand in ("report", "table", "compare"):
        from logreport.cli.config import defaults

        context.default_map = defaults(Path.cwd())


def _say(text: str) -> None:
    from logreport.cli import output as out

    out.say(text)


def main() -> NoReturn:
    """Run the command line; whatever goes wrong is one line on standard error, never a traceback.

    In Python's development mode (`python -X dev -m logreport`) a fault of logreport itself shows where it is.
    """
    streams.prepare()
    try:
        status = outcome()
        streams.flush()
    except (BrokenPipeError, ReaderGoneError):
        status = 0  # the reader has seen enough; nothing more can be said to it
        streams.silence()
    except OSError as error:
        status = 1
        streams.silence()
        streams.complain(cannot_write(error))
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        status = 1
        streams.complain(fault(error))
    # The process ends: Python need not look through all that was read for cycles before it lets go of it.
    gc.freeze()
    sys.exit(status)


def outcome() -> int:
    """What the command line asks for; its exit status.

    Raises:
        ReaderGoneError: where nobody reads any more what is printed.
        OSError: where it cannot be printed.
    """
    try:
        status = group.main(prog_name="logreport", standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        return 130
    except click.ClickException as error:
        said = io.StringIO()
        error.show(said)
        _say(said.getvalue().rstrip("\n"))
        return error.exit_code
    except LogreportError as error:
        _say(f"logreport: {error}")
        return error.exit_status
    return status if isinstance(status, int) else 0


def cannot_write(error: OSError) -> str:
    """The line for what the system refuses, which is to print where it names no file."""
    where = "standard output" if error.filename is None else os.fsdecode(error.filename)
    todo = "name a file with -o" if error.filename is None else "check the path and its permissions"
    return f"{where}: cannot be written ({error.strerror or error}); {todo}"


def fault(error: Exception) -> str:
    """The line for a fault of logreport itself, with its place."""
    import traceback

    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return f"a fault of logreport itself at {place} ({in_short(error)}); please report it"
