"""Run the command line inside this process, as a user's shell would see it."""

import io
import sys
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from logreport.cli import main


class Ran(NamedTuple):
    """Exit status, standard output and standard error of a call."""

    status: int
    out: str
    err: str


def run(*words, stdin=b""):
    """Call `logreport` with some words."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["logreport", *map(str, words)])
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        patch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as end:
            main()
        out.flush()
        err.flush()
    return Ran(end.value.code, out.buffer.getvalue().decode(), err.buffer.getvalue().decode())
