"""The record of a run, `NAME.run.json` beside `NAME.log`: what its runner knows and the log does not say."""

import functools
import json
import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass
from datetime import datetime
from pathlib import PurePath
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from logreport.errors import SourceError
from logreport.scripts import COMMAND

VERSION = 1
TENSORFLOW = re.compile(r"(?:intel-)?tensorflow(?:-cpu|-gpu|-rocm|-macos)?|tf-nightly(?:-cpu|-gpu)?")

Built = TypeVar("Built")


@dataclass(frozen=True)
class Gpu:
    """A GPU, or a slice of one, as its driver names it; sizes in bytes, clocks in hertz, power in watts.

    `pcie_generation` and `pcie_width` are the most that card and slot have in common.
    """

    name: str
    pci_bus_id: str | None = None
    memory_total_bytes: int | None = None
    memory_used_bytes: int | None = None  # before the run: somebody else's
    clock_max_hz: float | None = None
    power_limit_watts: float | None = None
    uuid: str | None = None
    serial: str | None = None
    vbios: str | None = None
    compute_capability: str | None = None
    ecc: bool | None = None
    mig: bool | None = None
    pcie_generation: int | None = None
    pcie_width: int | None = None
    memory_clock_max_hz: float | None = None
    compute_mode: str | None = None
    slices: tuple["Gpu", ...] = ()


@dataclass(frozen=True)
class Machine:
    """The machine that a run ran on; None where it does not say.

    `cores` are physical, `threads` what the system shows, `cores_allowed` what this process may use, `cpu_quota` how
    many of them at a time. `caches` are bytes by name (`L1d`, `L2`), of one of each. `gpus` is None where no driver could be
    asked, and else in its order.
    """

    host: str
    system: str
    cpu: str | None
    cpu_features: tuple[str, ...]
    cores: int | None
    threads: int | None
    cores_allowed: int | None
    cpu_quota: float | None
    governor: str | None
    boost: bool | None
    memory_total_bytes: int | None
    hypervisor: bool | None
    container: str | None
    gpus: tuple[Gpu, ...] | None
    driver: str | None
    driver_cuda: str | None
    # What records of an older logreport do not have.
    sockets: int | None = None
    caches: dict[str, int] = field(default_factory=dict)
    microcode: str | None = None
    clock_max_hz: float | None = None


@dataclass(frozen=True)
class Sampled:
    """A quantity of a device that was looked at some times during the run, such as `power_watts` of `gpu 0`.

    Names and units are those of the columns of the table `samples`; `joules` is the energy of the run, of a power.
    Older records have no device: it is in the name.
    """

    name: str
    unit: str
    count: int
    low: float
    mean: float
    high: float
    device: str | None = None
    joules: float | None = None


@dataclass(frozen=True)
class ProcessEnd:
    """How the process of a run ended.

    `exit_status` is None where a signal ended it, `signal` its name; `stopped_by` is what made the runner stop it
    (`Ctrl-C`, `SIGTERM`, `SIGHUP`, `timeout`, `log`); `left_behind` counts processes of it that were still there when it
    had ended by itself; `log_sha256` is that of the log when it was closed. Processor time is that of the run, of
    everything else on the machine, and what the host of a virtual machine kept; `memory_peak_bytes` the most that one of
    its processes held.
    """

    ended: datetime
    seconds: float
    exit_status: int | None
    signal: str | None
    stopped_by: str | None
    left_behind: int
    log_bytes: int
    log_sha256: str
    cpu_seconds: float
    others_cpu_seconds: float
    stolen_cpu_seconds: float
    memory_peak_bytes: int | None = field(default=None, kw_only=True)  # older records have none


@dataclass(frozen=True)
class End(ProcessEnd):
    """How a run ended: `status` is complete, truncated or failed, and `reason` says why."""

    status: str
    reason: str
    load_after: tuple[float, ...]
    samples: tuple[Sampled, ...]


@dataclass(frozen=True)
class RunRecord:
    """One run of one script.

    `command` is the whole command, `added` the flags in it that the user did not write, `private` the folder made for
    this run; `environment` the variables that can change a speed; `packages` versions by name; `data` is `random`
    where the runner made the data up. `end` is None until the run is over. `launcher` is what started the command, such as
    mpirun, and `ranks` how many processes it was asked for. Of any command, `python` is empty where it is none.
    """

    script: str
    benchmark: str
    command: tuple[str, ...]
    added: tuple[str, ...]
    folder: str
    private: str
    environment: dict[str, str]
    data: str | None
    source: str
    commit: str | None
    dirty: bool | None
    python: str
    packages: dict[str, str]
    machine: Machine
    started: datetime
    load_before: tuple[float, ...]
    end: End | None
    # What records of an older logreport do not have.
    launcher: str | None = None
    ranks: int | None = None

    @property
    def program(self) -> str:
        """What ran, for a name: `train` of `python train.py`."""
        return program(self.command)

    @property
    def tensorflow(self) -> str | None:
        """The version of TensorFlow that was installed."""
        return next((v for name, v in self.packages.items() if TENSORFLOW.fullmatch(name)), None)

    @property
    def command_line(self) -> str:
        """The script and its flags as text, the same for each repeat: the folder of one run is called PRIVATE."""
        if self.script == COMMAND.name:
            return self.without_private(shlex.join(self.command))
        start = next((i for i, part in enumerate(self.command) if part.endswith(".py")), 0)
        script = self.command[start].rpartition("/")[2]
        return self.without_private(shlex.join(("python", script, *self.command[start + 1 :])))

    def without_private(self, text: str) -> str:
        """A text in which the folder of this one run is called PRIVATE."""
        return text.replace(self.private, "PRIVATE") if self.private else text


def program(command: Sequence[str]) -> str:
    """The name of what a command runs: of its script or module, else of its program."""
    script = next((word for word in command if word.endswith((".py", ".sh"))), command[0])
    if "-m" in command[1:-1] and script == command[0]:
        script = command[command.index("-m", 1) + 1]
    return (
        re.sub(r"[^\w.-]+", "-", PurePath(script).name.removesuffix(".py").removesuffix(".sh"))
        or COMMAND.name
    )


def to_json(record: RunRecord) -> bytes:
    """A record as the bytes of its file."""
    values = {"logreport_run": VERSION, **asdict(record)}
    return json.dumps(values, indent=1, ensure_ascii=False, default=datetime.isoformat).encode() + b"\n"


def from_json(content: bytes, source: str) -> RunRecord:
    """The record in the bytes of a file.

    Raises:
        SourceError: where it is damaged, or of a newer version than this one knows.
    """
    try:
        values = json.loads(content)
        version = values.pop("logreport_run")
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError) as error:
        raise SourceError("is no run record", source=source, todo="remove it, or run again") from error
    if type(version) is not int or version > VERSION:
        raise SourceError(
            f"is a run record of version {version}, this logreport knows {VERSION}",
            source=source, todo="install a newer logreport",
        )  # fmt: skip
    try:
        record = built(RunRecord, values)
    except ValueError as error:
        raise damaged(str(error), source) from error
    if not record.command:
        raise damaged("command is empty", source)
    return record


def damaged(what: str, source: str) -> SourceError:
    """The error for a record that cannot be one of ours."""
    return SourceError(f"is a damaged run record ({what})", source=source, todo="remove it, or run again")


_hints = functools.cache(get_type_hints)


def built(kind: type[Built], value: Any, name: str = "record") -> Built:  # noqa: ANN401 - any JSON value
    """A value of a type (dataclass, tuple, dict, union with None, datetime, plain) from its JSON.

    Raises:
        ValueError: where it is of another type, or no file could hold it; the message says which.
    """
    made: Any = _made(kind, value, name)
    return made  # type: ignore[no-any-return] # a JSON value has any type until it is built


def _made(kind: Any, value: Any, name: str) -> Any:  # noqa: ANN401 - any type, any JSON value
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is UnionType:
        return None if value is None else _made(next(a for a in arguments if a is not NoneType), value, name)
    if isinstance(kind, type) and is_dataclass(kind) and isinstance(value, dict):
        hints = _hints(kind)
        given = {each.name for each in fields(kind) if {each.default, each.default_factory} != {MISSING}}
        if wrong := sorted((hints.keys() ^ value.keys()) - (given - value.keys())):
            raise ValueError(f"{name}: {wrong[0]} is {'missing' if wrong[0] in hints else 'unknown'}")
        return kind(**{key: _made(hint, value[key], key) for key, hint in hints.items() if key in value})
    if origin is tuple and isinstance(value, list):
        return tuple(_made(arguments[0], one, name) for one in value)
    if origin is dict and isinstance(value, dict):
        return {_made(str, key, name): _made(arguments[1], one, name) for key, one in value.items()}
    if kind is datetime and isinstance(value, str):
        return datetime.fromisoformat(value)
    if (type(value) is kind or (kind is float and type(value) is int)) and _is_sound(kind, value):
        return kind(value)
    raise ValueError(f"{name} is {value!r:.40}")


def _is_sound(kind: Any, value: Any) -> bool:  # noqa: ANN401 - any type, any plain JSON value
    """Whether it can be written and reckoned with: text that UTF-8 knows, a number that is one."""
    if kind is str:
        return not any("\ud800" <= character <= "\udfff" for character in value)
    return kind not in (int, float) or abs(value) <= (sys.float_info.max if kind is float else sys.maxsize)
