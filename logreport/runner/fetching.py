"""The official scripts by git: pinned commits, in the user's cache folder."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from logreport.runner.scripts import Script

Progress = Callable[[str, float], None]  # what git does, and how much of it is done (0 to 1)


class State(NamedTuple):
    """What is known of a checkout: its commit, and whether files differ from it; None without git."""

    commit: str | None
    dirty: bool | None


def checkout(script: Script, source: Path | None, *, on_progress: Progress | None = None) -> Path:
    """The checkout that holds a script: the one named, else the pinned one, fetched if need be.

    Raises:
        RunnerError: where it is not there and cannot be fetched, or was changed.
    """
    raise NotImplementedError


def state(folder: Path) -> State:
    """The commit of a checkout, and whether files differ from it."""
    raise NotImplementedError
