"""What is to be run: the settings of a run, and for several runs those that change, and how often."""

import itertools
import random
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from logreport.errors import UsageError
from logreport.runs.run_record import program
from logreport.scripts import COMMAND

DEVICES = ("cpu", "gpu")
# Settings of logreport that a sweep can name; every other one is a flag of the script.
OWN = ("device", "threads", "python", "source")
OF_COMMANDS = ("device", "threads")
# Lines of a plan in which a sweep can have a place, beside the arguments.
LINES = ("launcher", "setup", "prepare", "cleanup")
PLACE = re.compile(r"\{([\w.-]+)\}")


@dataclass(frozen=True)
class Sweep:
    """A setting and the values that it takes."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What to run.

    Args:
        script: a name of `scripts.SCRIPTS`, or that of `scripts.COMMAND`.
        arguments: the script's own flags; of a command, all its words.
        source: a checkout of its repository; None fetches the pinned one.
        python: an interpreter with TensorFlow.
        timeout: seconds after which the run is stopped.
        data_dir: the data set.
        synthetic: make a random CIFAR-10 up.
        keep_train_dir: whether the folder with the checkpoints stays.
        device, threads: where to run, cpu or gpu, and with how many threads.
        sweeps: the settings that take several values.
        repeat: how often each combination of them is run.
        until: the relative half width of the 95 % interval at which a combination is not repeated any more, None where
            each is repeated `repeat` times.
        launcher: the command that starts the script, such as `mpirun -np 4`.
        setup, prepare, cleanup: lines for the shell, before the first run of a combination, before each, after the last.
        grammars: the user's folders of grammars.
    """

    script: str
    arguments: tuple[str, ...] = ()
    source: str | None = None
    python: str = sys.executable
    timeout: float | None = None
    data_dir: str | None = None
    synthetic: bool = False
    keep_train_dir: bool = False
    device: str | None = None
    threads: int | None = None
    sweeps: tuple[Sweep, ...] = ()
    repeat: int = 1
    until: float | None = None
    launcher: str | None = None
    setup: str | None = None
    prepare: str | None = None
    cleanup: str | None = None
    grammars: tuple[str, ...] = ()

    @property
    def is_command(self) -> bool:
        """Whether it is a command of the user's, and none of the official scripts."""
        return self.script == COMMAND.name

    @property
    def name(self) -> str:
        """What its runs are called."""
        return program(self.arguments) if self.is_command else self.script

    def combinations(self) -> list[dict[str, str]]:
        names = [sweep.name for sweep in self.sweeps]
        return [
            dict(zip(names, values, strict=True))
            for values in itertools.product(*(sweep.values for sweep in self.sweeps))
        ]

    def order(self, repeat: int) -> list[int]:
        """The combinations of one round, shuffled, so that what drifts with time does not favour any."""
        numbers = list(range(len(self.combinations())))
        random.Random(repeat).shuffle(numbers)  # noqa: S311 - the same order each time is what is wanted
        return numbers

    def single(self, combination: dict[str, str]) -> "Plan":
        """What one run of a combination is."""
        rest = {name: value for name, value in combination.items() if not self.has_place(name)}
        own: dict[str, Any] = {name: value for name, value in rest.items() if name in OWN}
        if "threads" in own:
            own["threads"] = int(own["threads"])
        flags = [f"--{name}={value}" for name, value in rest.items() if name not in OWN]

        def filled(text: str) -> str:
            return PLACE.sub(lambda place: combination.get(place[1], place[0]), text)

        lines: dict[str, Any] = {
            name: filled(line) for name in LINES if (line := getattr(self, name)) is not None
        }
        words = (*map(filled, self.arguments), *flags)
        return replace(self, arguments=words, sweeps=(), repeat=1, until=None, **lines, **own)

    def has_place(self, name: str) -> bool:
        """Whether the command, or a line around it, has a place for the values of a sweep, written `{name}`."""
        return any(
            f"{{{name}}}" in text
            for text in (*self.arguments, *(getattr(self, line) or "" for line in LINES))
        )

    def swept(self, sweeps: Sequence[str], repeat: int, until: float | None) -> "Plan":
        """The plan with settings that take several values, in `NAME=VALUE,VALUE…`.

        Raises:
            UsageError: for a sweep that is none, that is named twice, or whose values cannot be.
        """
        found = tuple(map(sweep_of, sweeps))
        names = [sweep.name for sweep in found]
        fixed = {flag.lstrip("-").partition("=")[0] for flag in self.arguments if flag.startswith("-")}
        for name in names:
            if names.count(name) > 1 or (name in fixed and not self.has_place(name)):
                raise UsageError(f"{name} is named twice", todo="give it once, with all its values")
            if self.is_command and name not in OF_COMMANDS and not self.has_place(name):
                raise UsageError(
                    f"the command has no {{{name}}}", todo=f"write {{{name}}} where its values belong"
                )
        # Whoever goes on with it may stand in another folder.
        source, data_dir = (path and str(Path(path).absolute()) for path in (self.source, self.data_dir))
        return replace(self, source=source, data_dir=data_dir, sweeps=found, repeat=repeat, until=until)


def sweep_of(text: str) -> Sweep:
    """The sweep in `model=resnet50,inception3`.

    Raises:
        UsageError: where it is none.
    """
    name, _, values = text.partition("=")
    found = tuple(dict.fromkeys(part.strip() for part in values.split(",")))
    if not name or not all(found):
        raise UsageError(f"{text!r} is no sweep", todo="write --sweep batch_size=16,32")
    name = name.lstrip("-")
    if name == "device" and not set(found) <= set(DEVICES):
        raise UsageError(f"{text!r}: a device is cpu or gpu", todo="write --sweep device=cpu,gpu")
    if name == "threads" and not all(value.isascii() and value.isdigit() and int(value) for value in found):
        raise UsageError(f"{text!r}: threads are counted", todo="write --sweep threads=1,2")
    return Sweep(name, found)
