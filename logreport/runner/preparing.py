"""From the user's wishes to a command line: the launcher, the script, its flags and what was added to them."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from logreport.runner.scripts import Script

Device = Literal["cpu", "gpu"]


@dataclass(frozen=True)
class Prepared:
    """A script that is ready to start.

    Args:
        argv: the whole command.
        environment: variables to add to one's own.
        folder: the working directory.
        added: flags that the user did not write, to be said.
        values: every flag of the script with its value, given or default (None where it cannot be read).
        script: what runs.
        source: the checkout.
    """

    argv: tuple[str, ...]
    environment: dict[str, str]
    folder: Path
    added: tuple[str, ...]
    values: Mapping[str, Any]
    script: Script
    source: Path


def prepare(
    script: Script,
    arguments: Sequence[str],
    *,
    source: Path,
    private: Path,
    python: str = sys.executable,
    device: Device | None = None,
    threads: int | None = None,
    data_dir: Path | None = None,
) -> Prepared:
    """Say how a script is started; nothing is created but what is inside `private`.

    Args:
        script: what to run.
        arguments: the script's own flags.
        source: the checkout.
        private: a folder for what the script writes and deletes.
        python: an interpreter with TensorFlow; it needs nothing of logreport.
        device: where to run; None leaves it to the script, or the CPU where the machine has no GPU.
        threads: how many threads TensorFlow may use within an operation and between operations.
        data_dir: the data set.

    Raises:
        RunnerError: for flags that the script would ignore, folders that it would delete, a checkout
            without the script, a device or data that it cannot use.
    """
    raise NotImplementedError
