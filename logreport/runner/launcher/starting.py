"""Runs an unmodified script as `__main__`, so that its own folder, arguments, exit status and tracebacks are as ever."""

from __future__ import annotations

import importlib.util
import io
import os
import runpy
import sys
from typing import TYPE_CHECKING

from . import old_arguments, slim_models, tensorflow1

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
    if os.path.basename(script) == "tf_cnn_benchmarks.py":  # noqa: PTH119 - the same
        require_keras(sys.modules["tensorflow"].__version__)
    old_arguments.install()
    if model := slim_models.asked_for(argv):
        slim_models.install(model)
    runpy.run_path(script, run_name="__main__")


def write_whole_lines() -> None:
    """Have each printed line leave at once and in one piece.

    Into a pipe Python writes blocks, and a kill loses the last one; with PYTHONUNBUFFERED it writes the end of a
    line apart from it, and the other stream can come between.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(line_buffering=True, write_through=False, errors="backslashreplace")


def require_keras(version: str) -> None:
    """Leave with what to do where Keras 2 is missing; TensorFlow would only say that there is no Keras.

    Until 2.15 it is part of TensorFlow, then a package of TensorFlow's version, whose own dependencies would bring
    a second TensorFlow where this one is called tensorflow-cpu.
    """
    major, minor = version.split(".")[:2]
    if (int(major), int(minor)) >= (2, 16) and importlib.util.find_spec("tf_keras") is None:
        wanted = f"'tf-keras~={major}.{minor}.0'"
        sys.exit(
            f"tf_cnn_benchmarks needs Keras 2; install it with: {sys.executable} -m pip install --no-deps {wanted}"
        )
