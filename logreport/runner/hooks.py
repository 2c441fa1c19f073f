"""Commands around runs, as hyperfine has them: before the first of a combination, before each, and after the last."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from logreport.errors import RunnerError
from logreport.runner.judging import LONGEST
from logreport.runner.plan import Plan


@contextmanager
def around(plan: Plan) -> Iterator[None]:
    """Run `--setup` before the runs of a combination, and `--cleanup` after them, whatever became of them.

    Raises:
        RunnerError: where one of the two fails.
    """
    call("--setup", plan.setup)
    try:
        yield
    finally:
        call("--cleanup", plan.cleanup)


def call(option: str, command: str | None) -> None:
    """Run a command by the shell, if there is one; what it prints is shown only where it fails.

    Raises:
        RunnerError: where it fails.
    """
    if command is None:
        return
    done = subprocess.run(  # noqa: S602 - a line of the user's for the shell, as hyperfine takes it
        command, shell=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )  # fmt: skip
    if done.returncode:
        said = done.stdout.decode("utf-8", "replace").strip().rpartition("\n")[2][:LONGEST]
        raise RunnerError(
            f"the command of {option} failed (exit status {done.returncode}{said and f': {said}'})",
            source=command, todo="the run was not started" if option != "--cleanup" else None,
        )  # fmt: skip
