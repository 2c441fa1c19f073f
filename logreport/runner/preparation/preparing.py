"""From what the user asks for to a command: the launcher, the script, its flags, and what was added to them."""

import difflib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from logreport.errors import RunnerError
from logreport.runner.plan import Plan
from logreport.runner.preparation.flags import Flag, defined_flags, given
from logreport.scripts import SCRIPTS, Script

LAUNCHER = Path(__file__).parent.parent / "launcher"
ON_CPU = {"device": "cpu", "data_format": "NHWC", "local_parameter_device": "cpu"}
MOST = 12  # flags to list in a message
GPU_FILES = ("nvidia[0-9]*", "kfd", "dxg")  # in /dev: NVIDIA, AMD, Windows' GPU seen from its Linux


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


@dataclass
class Draft:
    """What is known so far of a command: flags by name as given, and what is added."""

    script: Script
    flags: dict[str, Flag]
    given: dict[str, str]
    added: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    def add(self, **flags: object) -> None:
        """Add flags that the script has and the user did not give."""
        self.added |= {
            name: str(value) for name, value in flags.items() if name in self.flags and name not in self.given
        }


def prepare(plan: Plan, *, source: Path, private: Path) -> Prepared:
    """Say how a script is started; nothing is created but what is inside `private`.

    On the device None the script runs where its flags say, and on the CPU where there is no GPU; it gets its threads
    within an operation, and as many between operations.

    Args:
        plan: what to run.
        source: the checkout.
        private: a folder for what the script writes and deletes.

    Raises:
        RunnerError: for flags that the script would ignore, folders that it would delete, a checkout
            without the script, a device or data that it cannot use.
    """
    script = SCRIPTS[plan.script]
    path = Path(os.path.abspath(source)) / script.path  # noqa: PTH100 - a link stays a link
    if not path.is_file():
        known = "models (of 2016 to 2018)" if script.repository == "models" else script.repository
        todo = f"name a checkout of tensorflow/{known}, or let `logreport fetch {script.name}` make one"
        raise RunnerError(f"holds no {script.path}", source=source, todo=todo)
    flags = defined_flags(path)
    values, others = given(plan.arguments, flags)
    if others:  # most scripts ignore what they do not know, and run with their defaults
        raise RunnerError(f"{path.name} has no flag {others[0]}", todo=hint(others[0], flags))
    draft, private = Draft(script, flags, values), private.absolute()
    add_private(draft, private)
    add_device(draft, plan.device)
    add_threads(draft, plan.threads)
    folder = add_data(draft, plan.data_dir, private)
    added = tuple(f"--{name}={value}" for name, value in draft.added.items())
    return Prepared(
        argv=(interpreter(plan.python), str(LAUNCHER), str(path), *plan.arguments, *added),
        environment=draft.environment, folder=folder, added=added,
        values={name: flag.default for name, flag in flags.items()} | values | draft.added,
        script=script, source=source,
    )  # fmt: skip


def hint(argument: str, flags: Mapping[str, Flag]) -> str:
    """What the user may have meant."""
    name = argument.lstrip("-").partition("=")[0]
    if close := difflib.get_close_matches(name, flags, 1):
        return f"did you mean --{close[0]}?"
    return (
        f"its flags are {', '.join(f'--{name}' for name in sorted(flags)[:MOST])}{' …' * (len(flags) > MOST)}"
    )


def interpreter(python: str) -> str:
    """The path of a Python; a link stays a link, since it leads to its virtual environment.

    Raises:
        RunnerError: where there is none.
    """
    if found := shutil.which(python):
        return os.path.abspath(found)  # noqa: PTH100 - the same
    raise RunnerError(
        "is no program that can be started", source=python, todo="name a Python with TensorFlow"
    )


def add_private(draft: Draft, private: Path) -> None:
    """Give the script folders of its own; one that the user names must not be there yet, since the script deletes it.

    Raises:
        RunnerError: where it is there, or is on another machine, where we cannot look.
    """
    for name in draft.script.private:
        folder = draft.given.get(name, "")
        if "://" in folder or os.path.lexists(folder):
            raise RunnerError(
                f"{draft.script.name} deletes its --{name}", source=folder,
                todo="name a folder that does not exist, or leave the flag out",
            )  # fmt: skip
        draft.add(**{name: private / name})
    if draft.given.get("eval", "False").lower() not in ("false", "f", "0"):
        draft.add(eval_dir=private / "eval_dir")  # else it is one place in /tmp for all users


def add_device(draft: Draft, device: str | None) -> None:
    """Have the script run where the user wants it.

    On the CPU, a script with these flags needs them: its default succeeds without a GPU and still prints `/gpu:0`.

    Raises:
        RunnerError: for a GPU that is not there, or two devices.
    """
    asked = draft.given.get("device", "").lower()
    if device and asked and asked != device:
        raise RunnerError(f"--device={asked} and the {device} do not fit together", todo="name one of them")
    if device == "gpu" and not gpu_visible():
        raise RunnerError("no GPU is visible here", todo="run on the CPU, or see CUDA_VISIBLE_DEVICES")
    if device == "cpu":
        draft.environment["CUDA_VISIBLE_DEVICES"] = "-1"
    if (device or asked or ("gpu" if gpu_visible() else "cpu")) == "cpu":
        draft.add(**ON_CPU)


def gpu_visible() -> bool:
    """Whether the machine has a GPU that programs may see; TensorFlow may still lack what it needs to use it."""
    if os.environ.get("CUDA_VISIBLE_DEVICES", "0").strip() in ("", "-1"):
        return False
    return any(any(Path("/dev").glob(pattern)) for pattern in GPU_FILES)


def add_threads(draft: Draft, threads: int | None) -> None:
    """Limit the threads: by flags where the script has them, else by what TensorFlow reads from the environment."""
    if threads is None:
        return
    if "num_intra_threads" in draft.flags:
        draft.add(num_intra_threads=threads, num_inter_threads=threads)
    else:
        draft.environment |= {
            name: str(threads) for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
        }


def add_data(draft: Draft, named: str | None, private: Path) -> Path:
    """Lead the script to its data; returns the working directory.

    Raises:
        RunnerError: for data that are not there, or that the script does not read.
    """
    script, data_dir = draft.script, None if named is None else Path(named)
    if data_dir is not None and (script.data is None or "data_dir" in draft.given):
        what = "two data sets are named" if script.data else f"{script.name} reads no data"
        raise RunnerError(what, source=data_dir, todo="leave one out" if script.data else "leave it out")
    if data_dir is not None and not data_dir.is_dir():
        raise RunnerError("is no folder", source=data_dir, todo="name the folder that holds the data")
    if script.data != "folder":
        if data_dir is not None:
            draft.add(data_dir=data_dir.absolute())
        return Path.cwd()
    private.mkdir(parents=True, exist_ok=True)
    if data_dir is not None:
        link = private / "data"
        link.unlink(missing_ok=True)
        link.symlink_to(data_dir.absolute())
    return private
