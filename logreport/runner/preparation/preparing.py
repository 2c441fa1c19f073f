"""From what the user asks for to a command: the launcher, the script, its flags, and what was added to them."""

import difflib
import os
import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from logreport.errors import RunnerError
from logreport.runner.plan import Plan
from logreport.runner.preparation.flags import Flag, defined_flags, given, imports_of, keys_in
from logreport.runs.scripts.common import flags_of
from logreport.scripts import COMMAND, SCRIPTS, Script

LAUNCHER = Path(__file__).parent.parent / "launcher"
ON_CPU = {"device": "cpu", "data_format": "NHWC", "local_parameter_device": "cpu"}
MOST = 12  # names to list in a message
THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
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
        name: what its runs are called.
        launcher: the command in front of it.
        grammars: the user's folders of grammars.
    """

    argv: tuple[str, ...]
    environment: dict[str, str]
    folder: Path
    added: tuple[str, ...]
    values: Mapping[str, Any]
    script: Script
    source: Path
    name: str = ""
    launcher: tuple[str, ...] = ()
    grammars: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The command with what starts it."""
        return (*self.launcher, *self.argv)


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
        RunnerError: for flags and values that the script does not know, folders that it would delete, a checkout
            without the script or of another age, a device, data or a checkpoint that it cannot use.
    """
    if plan.is_command:
        return prepare_command(plan, source)
    script = SCRIPTS[plan.script]
    path = Path(os.path.abspath(source)) / script.path  # noqa: PTH100 - a link stays a link
    if not path.is_file():
        known = "models (of 2016 to 2018)" if script.repository == "models" else script.repository
        todo = f"name a checkout of tensorflow/{known}, or let `logreport fetch {script.name}` make one"
        raise RunnerError(f"holds no {script.path}", source=source, todo=todo)
    check_age(script, path, source)
    flags = defined_flags(path)
    values, others = given(plan.arguments, flags)
    if others:  # most scripts ignore what they do not know, and run with their defaults
        raise RunnerError(f"{path.name} has no flag {others[0]}", todo=hint(others[0], flags))
    draft, private = Draft(script, flags, values), private.absolute()
    check_values(draft, path)
    check_checkpoint(draft)
    add_private(draft, private)
    add_device(draft, plan.device)
    add_threads(draft, plan.threads)
    folder = add_data(draft, plan.data_dir, private)
    if plan.synthetic:
        add_cifar(draft)
    added = tuple(f"--{name}={value}" for name, value in draft.added.items())
    return Prepared(
        argv=(interpreter(plan.python), str(LAUNCHER), str(path), *plan.arguments, *added),
        environment=draft.environment, folder=folder, added=added,
        values={name: flag.default for name, flag in flags.items()} | values | draft.added,
        script=script, source=source, name=plan.name, launcher=launcher_of(plan), grammars=plan.grammars,
    )  # fmt: skip


def prepare_command(plan: Plan, folder: Path) -> Prepared:
    """Say how a command of the user's is started: as it stands, in the folder where it was named.

    Raises:
        RunnerError: where there is no such program, no GPU, or an option is given that only the official scripts have.
    """
    if plan.data_dir:
        raise RunnerError("--data-dir is for the official scripts", todo="write it into the command")
    words, threads = plan.arguments, plan.threads
    if not words or shutil.which(words[0], path=None) is None:
        raise RunnerError(
            "is neither a script nor a program that can be started", source=words[0] if words else "",
            todo=f"the scripts are {', '.join(SCRIPTS)}",
        )  # fmt: skip
    if plan.device == "gpu":
        require_gpu()
    environment = {"CUDA_VISIBLE_DEVICES": "-1"} if plan.device == "cpu" else {}
    environment |= {name: str(threads) for name in (*THREADS, "OMP_NUM_THREADS") if threads}
    return Prepared(
        argv=words, environment=environment, folder=folder, added=(), values=flags_of(shlex.join(words)), script=COMMAND,
        source=folder, name=plan.name, launcher=launcher_of(plan), grammars=plan.grammars,
    )  # fmt: skip


def launcher_of(plan: Plan) -> tuple[str, ...]:
    """The words of a launcher.

    Raises:
        RunnerError: where it is no program, or no line of a shell.
    """
    try:
        words = shlex.split(plan.launcher or "")
    except ValueError as error:
        raise RunnerError(f"is no command ({error})", source=plan.launcher, todo="see --launcher") from error
    if words and shutil.which(words[0]) is None:
        raise RunnerError("is no program that can be started", source=words[0], todo="see --launcher")
    return tuple(words)


def hint(argument: str, flags: Mapping[str, Flag]) -> str:
    """What the user may have meant."""
    name = argument.lstrip("-").partition("=")[0]
    if close := difflib.get_close_matches(name, flags, 1):
        return f"did you mean --{close[0]}?"
    return f"its flags are {listed([f'--{name}' for name in sorted(flags)])}"


def check_age(script: Script, path: Path, source: Path) -> None:
    """Make sure that a checkout does not need what no TensorFlow has any more.

    Raises:
        RunnerError: where it does.
    """
    needed = imports_of(path.parent) if script.gone else ()
    for module in script.gone:
        if any(f"{name}.".startswith(f"{module}.") for name in needed):
            raise RunnerError(
                f"is too old a checkout: it imports {module}, which no TensorFlow has any more", source=source,
                todo=f"name one of {script.repository}' master, or leave --source out: "
                f"`logreport fetch {script.name}` makes one that works",
            )  # fmt: skip


def check_values(draft: Draft, path: Path) -> None:
    """Make sure that the script knows the values that it is given, as far as its source says them.

    Raises:
        RunnerError: for the first that it does not know.
    """
    for name, value in draft.given.items():
        choices = draft.flags[name].choices or ()
        if name in draft.script.choices and (there := path.parent / draft.script.choices[name]).is_file():
            choices = keys_in(there)
        if choices and value not in choices:
            close = difflib.get_close_matches(value, choices, 1)
            todo = (
                f"did you mean {close[0]}?"
                if close
                else f"it knows {listed([one for one in choices if one])}"
            )
            raise RunnerError(f"{path.name} knows no --{name}={value}", todo=todo)


def check_checkpoint(draft: Draft) -> None:
    """Make sure that a script that reads a checkpoint finds one.

    Raises:
        RunnerError: where there is none in the folder that it looks into.
    """
    flag = draft.script.checkpoint
    folder = draft.given.get(flag, draft.flags[flag].default) if flag in draft.flags else None
    if folder is None or "://" in folder or (Path(folder) / "checkpoint").is_file():
        return
    raise RunnerError(
        f"{draft.script.name} finds no checkpoint in its --{flag}", source=folder,
        todo=f"train with --keep-train-dir, and name the folder that is kept with -- --{flag}=DIR",
    )  # fmt: skip


def listed(names: Sequence[str]) -> str:
    """Names in a message, as many as it has room for."""
    return f"{', '.join(names[:MOST])}{' …' * (len(names) > MOST)}"


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
    if device == "gpu":
        require_gpu()
    if device == "cpu":
        draft.environment["CUDA_VISIBLE_DEVICES"] = "-1"
    if (device or asked or ("gpu" if gpu_visible() else "cpu")) == "cpu":
        draft.add(**ON_CPU)


def require_gpu() -> None:
    """Make sure that there is a GPU.

    Raises:
        RunnerError: where there is none.
    """
    if not gpu_visible():
        raise RunnerError("no GPU is visible here", todo="run on the CPU, or see CUDA_VISIBLE_DEVICES")


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
        draft.environment |= {name: str(threads) for name in THREADS}


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


def add_cifar(draft: Draft) -> None:
    """Have the script read the random CIFAR-10 that it is given.

    Raises:
        RunnerError: where the user asks for other data.
    """
    for name, value in draft.script.data_flags.items():
        if draft.given.get(name, value) != value:
            raise RunnerError(
                f"--{name}={draft.given[name]} and --synthetic-data do not fit together",
                todo="leave one of them out",
            )
        draft.add(**{name: value})
