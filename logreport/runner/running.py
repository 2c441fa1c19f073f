"""One run of one script: made ready, watched, kept with its record, and judged by what it printed."""

import itertools
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from logreport.errors import LogreportError, RunnerError, UsageError
from logreport.runner.judging import judged
from logreport.runner.machine import machine
from logreport.runner.machine.nvml import Nvml
from logreport.runner.machine.sampling import Sampler
from logreport.runner.preparation import fetching
from logreport.runner.preparation.cifar_data import is_synthetic, write_synthetic
from logreport.runner.preparation.official import SCRIPTS, Script
from logreport.runner.preparation.preparing import Device, Prepared, prepare
from logreport.runner.process.process import Ended, supervise
from logreport.runner.view import Quiet, View
from logreport.runs.run_record import ENDING, End, RunRecord, to_json
from logreport.runs.run_record_facts import RANDOM
from logreport.tables.secrets import hidden, hidden_value, hidden_words


@dataclass(frozen=True)
class Wish:
    """What to run.

    Args:
        script: a name of `scripts.SCRIPTS`.
        arguments: the script's own flags.
        source: a checkout of its repository; None fetches the pinned one.
        python: an interpreter with TensorFlow.
        output: the folder for log and record.
        timeout: seconds after which the run is stopped.
        data_dir: the data set.
        synthetic: make a random CIFAR-10 up.
        device, threads: where to run, and with how many threads.
    """

    script: str
    arguments: tuple[str, ...] = ()
    source: Path | None = None
    python: str = sys.executable
    output: Path = Path("runs")
    timeout: float | None = None
    data_dir: Path | None = None
    synthetic: bool = False
    device: Device | None = None
    threads: int | None = None


@dataclass(frozen=True)
class Ran:
    """A run that is over: where its log and record are, and what the record says."""

    log: Path
    record_path: Path
    record: RunRecord

    @property
    def end(self) -> End:
        """How it ended."""
        assert self.record.end is not None  # noqa: S101 - for the type checker: it is over
        return self.record.end


def run_once(wish: Wish, view: View | None = None) -> Ran:
    """Run a script once; a run that fails or is stopped is a result too, its record says why.

    Raises:
        LogreportError: where the script cannot be started, or its log cannot be kept.
    """
    view = view or Quiet()
    script = script_of(wish.script)
    source = fetched(script, wish.source, view)
    wish = with_data(wish, script)
    with tempfile.TemporaryDirectory(prefix="logreport-", ignore_cleanup_errors=True) as private:
        prepared = prepare(
            script, wish.arguments, source=source, private=Path(private), python=wish.python,
            device=wish.device, threads=wish.threads, data_dir=wish.data_dir,
        )  # fmt: skip
        nvml = Nvml()
        record = begun(prepared, wish, Path(private), nvml)
        log, path = new_files(wish.output, wish.script, record)
        view.say(f"{record.command_line} > {log}")
        sampler = Sampler(nvml)
        with shown(view, wish.script, prepared.values, sampler):
            ended = watched(prepared, log, wish.timeout, view, sampler)
    record = replace(record, end=judged(ended, prepared, log, wish.timeout, sampler))
    if ended.unwritten:
        with suppress(LogreportError):  # where the log found no room, the record may find none either
            write_whole(path, to_json(record))
        raise RunnerError(
            f"cannot be written ({ended.unwritten}); the run was stopped, what it printed until then is kept",
            source=str(log), todo="make room, or choose another folder with -o",
        )  # fmt: skip
    write_whole(path, to_json(record))
    if ended.deleted:
        kept = "its log and record were written again" if log.exists() else "only its record could be kept"
        raise RunnerError(
            f"was deleted while the script ran: {kept}, what else was there is lost", source=str(log.parent),
            todo="see what the script deletes, or choose another folder with -o",
        )  # fmt: skip
    return Ran(log, path, record)


def script_of(name: str) -> Script:
    """The script of a name.

    Raises:
        UsageError: where there is none.
    """
    if name not in SCRIPTS:
        raise UsageError(f"there is no script {name!r}", todo=f"known are {', '.join(SCRIPTS)}")
    return SCRIPTS[name]


def fetched(script: Script, source: Path | None, view: View) -> Path:
    """The checkout to run from; what git will do for it is said before."""
    if source is None and (plan := fetching.plan(script.repository)):
        view.say(plan)
    return fetching.checkout(script, source)


def with_data(wish: Wish, script: Script) -> Wish:
    """The wish with the data set that it is to read.

    Raises:
        UsageError: where random data are asked for and the script reads no CIFAR-10, or others are named too.
    """
    if not wish.synthetic:
        return wish
    if script.data != "flag" or wish.data_dir is not None:
        why = f"{script.name} reads no CIFAR-10" if script.data != "flag" else "two data sets are asked for"
        raise UsageError(why, todo="leave --synthetic-data out")
    import platformdirs

    folder = Path(platformdirs.user_cache_dir("logreport")) / "cifar-10-synthetic"
    return replace(wish, data_dir=write_synthetic(folder))


def begun(prepared: Prepared, wish: Wish, private: Path, nvml: Nvml) -> RunRecord:
    """The record of a run that starts now."""
    version, packages = machine.packages(prepared.argv[0], prepared.environment)
    commit, dirty = fetching.state(prepared.source)
    data = None if wish.data_dir is None else RANDOM if is_synthetic(wish.data_dir) else str(wish.data_dir)
    variables = machine.variables({**os.environ, **prepared.environment})
    return RunRecord(
        script=prepared.script.name,
        benchmark=prepared.script.benchmark,
        command=hidden_words(prepared.argv),
        added=prepared.added,
        folder=str(prepared.folder),
        private=str(private),
        environment={name: hidden_value(name, value) for name, value in variables.items()},
        data=data and hidden(data),
        source=str(prepared.source),
        commit=commit,
        dirty=dirty,
        python=version,
        packages=packages,
        machine=machine.machine(nvml),
        started=datetime.now().astimezone(),
        load_before=machine.load(),
    )


def new_files(folder: Path, script: str, record: RunRecord) -> tuple[Path, Path]:
    """Choose a name that is not taken, and keep the record of a run that has no end yet under it.

    Raises:
        RunnerError: where the folder cannot be written.
    """
    stamp = f"{script}-{record.started:%Y%m%d-%H%M%S}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in itertools.count(1):
            name = stamp if number == 1 else f"{stamp}-{number}"
            log, path = folder / f"{name}.log", folder / f"{name}{ENDING}"
            if log.exists():
                continue
            try:
                with path.open("xb") as file:
                    file.write(to_json(record))
            except FileExistsError:
                continue
            return log, path
    except OSError as error:
        raise RunnerError(
            f"cannot be written ({error.strerror})", source=str(folder), todo="choose another folder with -o"
        ) from error
    raise AssertionError  # for the type checker: the numbers do not end


def watched(prepared: Prepared, log: Path, timeout: float | None, view: View, sampler: Sampler) -> Ended:
    """Run the command to its end, and look at the machine meanwhile."""

    def tick() -> None:
        sampler.look()
        view.tick()

    return supervise(
        prepared.argv, log=log, environment=prepared.environment, folder=prepared.folder, timeout=timeout,
        on_lines=view.lines, on_tick=tick,
        on_stop=lambda why: view.say(f"stopping ({why}); Ctrl-C kills at once"),
    )  # fmt: skip


@contextmanager
def shown(view: View, name: str, values: Mapping[str, Any], sampler: Sampler) -> Iterator[None]:
    """Show a run while it goes on."""
    view.begin(name, values, sampler)
    try:
        yield
    finally:
        view.end()


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file by another as a whole.

    Raises:
        LogreportError: where it cannot be written; the file is as it was.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise LogreportError(
            f"cannot be written ({error.strerror})", source=str(path), todo="the log beside it is whole"
        ) from error
