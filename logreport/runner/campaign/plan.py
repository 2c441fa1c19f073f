"""A campaign: every combination of some settings, some times each, in an order that is fair and can be repeated."""

import fcntl
import itertools
import json
import os
import random
import shlex
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from logreport.errors import RunnerError, SourceError, UsageError
from logreport.runner.preparation import fetching
from logreport.runner.preparation.preparing import Prepared, prepare
from logreport.runner.running import Wish, script_of, with_data, write_whole
from logreport.runs.run_record import built

STATE = ".campaign.json"  # hidden: a folder of logs is read whole
LOCK = ".campaign.lock"
VERSION = 1
DEVICES = ("cpu", "gpu")
OWN = (
    "device",
    "threads",
    "python",
    "source",
)  # settings of logreport; every other one is a flag of the script


@dataclass(frozen=True)
class Sweep:
    """A setting and the values that it takes."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What a campaign runs: the settings that stay as in `Wish`, those that change, and how often.

    `until` is the relative half width of the 95 % interval at which a combination is not repeated any more, None where
    each is repeated `repeat` times.
    """

    script: str
    arguments: tuple[str, ...]
    source: str | None
    python: str
    timeout: float | None
    data_dir: str | None
    synthetic: bool
    device: str | None
    threads: int | None
    sweeps: tuple[Sweep, ...]
    repeat: int
    until: float | None

    def combinations(self) -> list[dict[str, str]]:
        """Every combination of values, by name."""
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

    def wish(self, combination: dict[str, str], output: Path) -> Wish:
        """What one run of a combination is."""
        own = {name: value for name, value in combination.items() if name in OWN}
        flags = [f"--{name}={value}" for name, value in combination.items() if name not in OWN]
        source, device = own.get("source", self.source), own.get("device", self.device)
        threads = own.get("threads", self.threads)
        return Wish(
            self.script, (*self.arguments, *flags), output=output, python=own.get("python", self.python),
            source=None if source is None else Path(source), timeout=self.timeout,
            data_dir=None if self.data_dir is None else Path(self.data_dir), synthetic=self.synthetic,
            device=None if device is None else "gpu" if device == "gpu" else "cpu",
            threads=None if threads is None else int(threads),
        )  # fmt: skip


@dataclass(frozen=True)
class Done:
    """A run of a campaign that is over; `log` is the name of its log, None where it could not be started."""

    combination: int
    repeat: int
    log: str | None
    status: str
    reason: str
    seconds: float


@dataclass(frozen=True)
class Campaign:
    """A plan, and how far it got."""

    plan: Plan
    done: tuple[Done, ...] = field(default=())

    def with_run(self, run: Done) -> "Campaign":
        """The campaign after one more run."""
        return replace(self, done=(*self.done, run))

    def of(self, combination: int) -> list[Done]:
        """The runs of a combination."""
        return [run for run in self.done if run.combination == combination]


def plan_of(wish: Wish, sweeps: Sequence[str], repeat: int, until: float | None) -> Plan:
    """The plan of a wish whose settings in `NAME=VALUE,VALUE…` take several values.

    Raises:
        UsageError: for a sweep that is none, that is named twice, or whose values cannot be.
    """
    found = [sweep_of(text) for text in sweeps]
    names = [sweep.name for sweep in found]
    fixed = {
        argument.lstrip("-").partition("=")[0] for argument in wish.arguments if argument.startswith("-")
    }
    for name in names:
        if names.count(name) > 1 or name in fixed:
            raise UsageError(f"{name} is named twice", todo="give it once, with all its values")
    return Plan(
        script=wish.script, arguments=wish.arguments,
        source=None if wish.source is None else str(wish.source.absolute()), python=wish.python,
        timeout=wish.timeout, data_dir=None if wish.data_dir is None else str(wish.data_dir.absolute()),
        synthetic=wish.synthetic, device=wish.device, threads=wish.threads, sweeps=tuple(found), repeat=repeat,
        until=until,
    )  # fmt: skip


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


def checked(plan: Plan) -> list[str]:
    """The command of each combination; nothing is started, and what a script would refuse or ignore is found now.

    Raises:
        LogreportError: for the first combination that cannot be started.
    """
    script = script_of(plan.script)
    commands = []
    with tempfile.TemporaryDirectory(prefix="logreport-") as private:
        for combination in plan.combinations():
            wish = with_data(plan.wish(combination, Path()), script)
            prepared = prepare(
                script, wish.arguments, source=fetching.checkout(script, wish.source), private=Path(private),
                python=wish.python, device=wish.device, threads=wish.threads, data_dir=wish.data_dir,
            )  # fmt: skip
            commands.append(command_of(prepared, private))
    return commands


def command_of(prepared: Prepared, private: str) -> str:
    """A command as it is shown: the variables that are set for it, the script and its flags."""
    variables = [f"{name}={value}" for name, value in prepared.environment.items()]
    flags = prepared.argv[3:]  # after the Python, the launcher and the script
    script = Path(prepared.argv[2]).name
    return shlex.join((*variables, "python", script, *flags)).replace(private, "PRIVATE")


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other campaigns out of a folder, until this one ends, however it ends.

    Raises:
        RunnerError: where one is at work in it, or it cannot be written.
    """
    path, made = folder / LOCK, not folder.exists()
    try:
        while True:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with suppress(FileNotFoundError):
                if os.path.samestat(path.stat(), os.fstat(descriptor)):
                    break
            os.close(descriptor)  # the one before has just ended, and taken this file away
    except BlockingIOError as error:
        who = os.read(descriptor, 20).decode()
        os.close(descriptor)
        raise RunnerError(
            f"another campaign runs in it (process {who or 'unknown'})", source=str(folder),
            todo="wait for its end, or choose another folder with -o",
        ) from error  # fmt: skip
    except OSError as error:
        raise RunnerError(
            f"cannot be written ({error.strerror})", source=str(folder), todo="choose another folder with -o"
        ) from error
    try:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)
            if made:
                folder.rmdir()  # if nothing came of it
        os.close(descriptor)


def saved(folder: Path) -> Campaign | None:
    """The campaign that a folder holds, if it holds one.

    Raises:
        SourceError: where its state is damaged, or of a newer version.
    """
    path = folder / STATE
    try:
        values = json.loads(path.read_bytes())
        version = values.pop("logreport_campaign")
        if version == VERSION:
            return built(Campaign, values)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise SourceError(
            f"is damaged ({error})", source=str(path), todo="begin again in a new folder"
        ) from error
    raise SourceError(
        f"is of version {version}, this logreport knows {VERSION}",
        source=str(path),
        todo="install a newer logreport",
    )


def save(campaign: Campaign, folder: Path) -> None:
    """Keep how far a campaign got.

    Raises:
        LogreportError: where the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunnerError(
            f"cannot be written ({error.strerror})", source=str(folder), todo="choose another folder with -o"
        ) from error
    values = {"logreport_campaign": VERSION, **asdict(campaign)}
    write_whole(folder / STATE, json.dumps(values, indent=1, ensure_ascii=False).encode() + b"\n")
