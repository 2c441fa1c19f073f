"""How far a campaign got, as its folder keeps it, and the commands that it is going to run."""

import fcntl
import json
import os
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from logreport.errors import RunnerError, SourceError
from logreport.runner.files import ELSEWHERE, write_whole, writing
from logreport.runner.plan import Plan
from logreport.runner.preparation import fetching
from logreport.runner.preparation.preparing import Prepared, prepare
from logreport.runner.running import script_in, with_data
from logreport.runs.run_record import built
from logreport.scripts import COMMAND

STATE = ".campaign.json"  # hidden: a folder of logs is read whole
LOCK = ".campaign.lock"
VERSION = 1


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
    done: tuple[Done, ...] = ()

    def of(self, combination: int) -> list[Done]:
        return [run for run in self.done if run.combination == combination]


def checked(plan: Plan, *, fetch: bool = True) -> list[str]:
    """The command of each combination; nothing is started, and what a script would refuse or ignore is found now.

    Args:
        plan: what is to be run.
        fetch: whether scripts that are not there are fetched; else their commands are as they are asked for, unchecked.

    Raises:
        LogreportError: for the first combination that cannot be started.
    """
    commands = []
    with tempfile.TemporaryDirectory(prefix="logreport-") as private:
        for combination in plan.combinations():
            one = plan.single(combination)
            script = script_in(one)
            if not fetch and one.source is None and fetching.plan(script.repository):
                commands.append(shlex.join(("python", Path(script.path).name, *one.arguments)))
                continue
            source = fetching.checkout(script, one.source)
            prepared = prepare(with_data(one), source=source, private=Path(private))
            commands.append(command_of(prepared, private))
    return commands


def command_of(prepared: Prepared, private: str) -> str:
    """A command as it is shown: the variables that are set for it, the script and its flags."""
    variables = [f"{name}={value}" for name, value in prepared.environment.items()] + [*prepared.launcher]
    if prepared.script is COMMAND:
        return shlex.join((*variables, *prepared.argv))
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
    with writing(folder):
        while True:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                who = os.read(descriptor, 20).decode()
                os.close(descriptor)
                what = f"another campaign runs in it (process {who or 'unknown'})"
                raise RunnerError(what, source=folder, todo=f"wait for its end, or {ELSEWHERE}") from error
            with suppress(FileNotFoundError):
                if os.path.samestat(path.stat(), os.fstat(descriptor)):
                    break
            # The one before has just ended, and taken this file away.
            os.close(descriptor)
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
        raise SourceError(f"is damaged ({error})", source=path, todo="begin again in a new folder") from error
    raise SourceError(
        f"is of version {version}, this logreport knows {VERSION}",
        source=path,
        todo="install a newer logreport",
    )


def save(campaign: Campaign, folder: Path) -> None:
    """Keep how far a campaign got.

    Raises:
        LogreportError: where the folder cannot be written.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    values = {"logreport_campaign": VERSION, **asdict(campaign)}
    write_whole(folder / STATE, json.dumps(values, indent=1, ensure_ascii=False).encode() + b"\n")
