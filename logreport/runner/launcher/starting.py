"""Runs an unmodified script as `__main__`, so that its own folder, arguments, exit status and tracebacks are as ever."""

from __future__ import annotations

import argparse
import inspect
import io
import os
import runpy
import sys
from typing import TYPE_CHECKING, Any

from . import tensorflow1, tf_cnn

if TYPE_CHECKING:
    from collections.abc import Sequence


def run_script(argv: Sequence[str]) -> None:
    """Run `argv[0]` with the rest as its arguments."""
    if not argv:
        sys.exit("usage: PYTHON logreport/runner/launcher SCRIPT [ARGUMENT…]")
    script = os.path.abspath(argv[0])  # noqa: PTH100 - a link stays a link, as for `python SCRIPT`
    sys.path[0] = os.path.dirname(script)  # noqa: PTH120 - the same
    sys.argv = [script, *argv[1:]]
    sys.dont_write_bytecode = True  # a checkout stays as it is
    write_whole_lines()
    os.environ["TF_USE_LEGACY_KERAS"] = "1"  # Keras 3 has no LSTM cells for graphs, and no layers of TF 1
    tensorflow1.install(tutorials=os.path.join(sys.path[0], os.pardir, os.pardir))  # noqa: PTH118 - the same
    take_unknown_arguments()
    tf_cnn.install(argv)
    runpy.run_path(script, run_name="__main__")


def write_whole_lines() -> None:
    """Have each printed line leave at once and in one piece.

    Into a pipe Python writes blocks, and a kill loses the last one; with PYTHONUNBUFFERED it writes the end of a
    line apart from it, and the other stream can come between.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(line_buffering=True, write_through=False, errors="backslashreplace")


def take_unknown_arguments() -> None:
    """Have a parser that runs while a module is imported leave the arguments that it does not know.

    cifar10.py of checkouts between 2017-09-22 and 2018-01-04 parses the command line when it is imported, before cifar10_train.py has added
    `--train_dir` and its other flags to the same parser: "unrecognized arguments", upstream's own mistake.
    """
    parse_args = argparse.ArgumentParser.parse_args

    def parse_known_when_imported(
        self: argparse.ArgumentParser,
        args: Any = None,  # noqa: ANN401 - as argparse has it
        namespace: Any = None,  # noqa: ANN401 - the same
    ) -> Any:  # noqa: ANN401 - the same
        frame = inspect.currentframe()
        caller = frame.f_back if frame else None
        if args is None and caller and caller.f_globals.get("__name__") != "__main__":
            return self.parse_known_args(None, namespace)[0]
        return parse_args(self, args, namespace)

    argparse.ArgumentParser.parse_args = parse_known_when_imported  # type: ignore[method-assign]  # that is the point
