"""The command line: one module per verb, loaded when it is called."""

import io
import sys
from typing import NoReturn

import click

from logreport import __version__
from logreport.cli.verbs import Verbs
from logreport.errors import LogreportError

VERBS = {
    "report": "Turn logs into a report: HTML, PDF, markdown.",
    "parse": "Turn logs into tables: runs, phases, steps, devices, …",
    "table": "Write a table of speeds for a README, and keep it up to date.",
    "compare": "Compare old with new: a verdict with its interval, and a gate for CI.",
    "archive": "Keep logs for good, ask anything about them.",
    "explain": "Say of each line what it is, or where it stopped making sense.",
    "grammar": "List the kinds of lines that are known; check a grammar of your own.",
    "run": "Run an official benchmark script, and keep its log and a record of the machine.",
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


@click.group(
    cls=Verbs,
    verbs=VERBS,
    package="logreport.cli",
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="logreport")
@click.pass_context
def group(context: click.Context) -> None:
    """Turn benchmark logs into reports you can trust: every line accounted for, every number traced to its line."""
    if context.invoked_subcommand in ("report", "table", "compare"):
        from pathlib import Path

        from logreport.cli.config import defaults

        context.default_map = defaults(Path.cwd())


def _say(text: str) -> None:
    from logreport.cli import output as out

    out.say(text)


def main() -> NoReturn:
    """Run the command line; an error that the user can act on is one line on standard error."""
    try:
        status = group.main(prog_name="logreport", standalone_mode=False)
    except click.exceptions.Abort:
        status = 130
    except click.ClickException as error:
        said = io.StringIO()
        error.show(said)
        _say(said.getvalue().rstrip("\n"))
        status = error.exit_code
    except LogreportError as error:
        _say(f"logreport: {error}")
        status = error.exit_status
    except BrokenPipeError:
        # The reader has seen enough; nothing more can be said to it.
        sys.stderr.close()
        status = 0
    sys.exit(status if isinstance(status, int) else 0)
