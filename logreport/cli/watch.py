"""`logreport watch`: how far a run is whose log somebody else writes, and what it comes to."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from logreport.cli import options

if TYPE_CHECKING:
    from logreport.runner.view import View
    from logreport.runner.watching import Piped, Tail, Watched

EPILOG = """\b
Examples:
  logreport watch run.log
  logreport watch runs/alexnet-20261128-120000.log
  python train.py 2>&1 | logreport watch -

A log is gone on with where it is rotated. It is over when its record has an end, when it says that its runs are complete
and nothing more comes, when its pipe ends, or with Ctrl-C; then what it measured is printed."""


@click.command("watch", epilog=EPILOG)
@click.argument("log", metavar="LOG")
@options.grammars
def command(log: str, grammars: tuple[Path, ...]) -> int:
    """Show how far the run of LOG is, its speed now and so far, its interval, the time left; at the end, the answer."""
    from logreport.cli.run import show_measured
    from logreport.runner.view import view_for
    from logreport.runner.watching import Piped, Tail, Watched

    source = Piped() if log == "-" else Tail(Path(log))
    view = view_for()
    with source, Watched(log, grammars) as watched:
        try:
            follow(source, watched, view)
        except KeyboardInterrupt:
            pass  # what was seen until then is the answer
        finally:
            view.end()
        tables = watched.look(now=True)
    if tables is not None:
        show_measured(tables)
    return 0


def follow(source: "Tail | Piped", watched: "Watched", view: "View") -> None:
    """Read what comes until nothing more will."""
    from logreport.runner.machine.gpus import driver
    from logreport.runner.machine.sampling import Sampler
    from logreport.runner.preparation.preparing import Prepared
    from logreport.runner.watching import outlook
    from logreport.runs.scripts.common import flags_of
    from logreport.scripts import COMMAND

    record = watched.record()
    values = flags_of(record.command_line) if record else {}
    grammars, name = tuple(map(str, watched.grammars)), Path(watched.name).stem
    prepared = Prepared((), {}, Path(), (), values, COMMAND, Path(), name=name, grammars=grammars)
    view.begin(prepared, Sampler(driver()))
    left = source.behind
    while (data := source.read()) is not None:
        if data:
            view.lines(watched.take(data))
            left -= len(data)
            if left <= 0 < left + len(data):
                view.caught_up()
        elif watched.is_over(source.is_quiet):
            return
        view.more = outlook(watched.look())
        view.tick()
