"""One run of one script: made ready, watched, kept with its record, and judged by what it printed."""

import itertools
import os
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from logreport.errors import LogreportError, RunnerError, UsageError
from logreport.runner import hooks
from logreport.runner.files import ELSEWHERE, write_whole, writing
from logreport.runner.judging import judged
from logreport.runner.machine import machine
from logreport.runner.machine.gpus import Driver, driver
from logreport.runner.machine.sampling import Sampler
from logreport.runner.plan import Plan
from logreport.runner.preparation import fetching
from logreport.runner.preparation.cifar_data import PYTHON, is_synthetic, write_synthetic
from logreport.runner.preparation.preparing import Prepared, prepare
from logreport.runner.preparation.private import private_folder
from logreport.runner.process.process import Ended, supervise
from logreport.runner.view import View
from logreport.runs.run_record import End, RunRecord, to_json
from logreport.runs.run_record_facts import RANDOM
from logreport.scripts import COMMAND, SCRIPTS, Script
from logreport.sources.names import RECORD
from logreport.tables.secrets import hidden, hidden_value, hidden_words

RANKS = re.compile(
    r"(?:^|\s)--?(?:np?|ntasks|nproc[-_]per[-_]node)[= ]*([0-9]{1,6})(?!\S)"
)  # that a launcher starts
TRAIN_DIR = "train_dir"  # the flag that names where checkpoints are


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

    @property
    def train_dir(self) -> Path | None:
        """Where its checkpoints are kept, if they are."""
        folder = Path(self.record.private) / TRAIN_DIR
        return folder if folder.is_dir() else None


def run_once(plan: Plan, output: Path, view: View | None = None) -> Ran:
    """Run a script once; a run that fails or is stopped is a result too, its record says why.

    Args:
        plan: what to run.
        output: the folder for log and record.
        view: is shown what happens.

    Raises:
        LogreportError: where the script cannot be started, or its log cannot be kept.
    """
    view = view or View()
    script = script_in(plan)
    if plan.source is None and (todo := fetching.plan(script.repository)):
        view.say(todo)
    source, plan = fetching.checkout(script, plan.source), with_data(plan)
    hooks.call("--prepare", plan.prepare)
    with private_folder(output.absolute() / f".{script.name}" if plan.keep_train_dir else None) as private:
        prepared = prepare(plan, source=source, private=private)
        gpus = driver()
        record = begun(prepared, plan, private, gpus)
        log, path = new_files(output, prepared.name, record)
        view.say(f"{record.command_line} > {log}")
        sampler = Sampler(gpus, log)
        view.begin(prepared, sampler)
        try:
            ended = watched(prepared, log, plan.timeout, view, sampler)
        finally:
            samples = sampler.stop()
            view.end()
    record = replace(record, end=judged(ended, prepared, log, plan.timeout, samples))
    if ended.unwritten:
        with suppress(LogreportError):  # where the log found no room, the record may find none either
            write_whole(path, to_json(record))
        raise RunnerError(
            f"cannot be written ({ended.unwritten}); the run was stopped, what it printed until then is kept",
            source=log, todo=f"make room, or {ELSEWHERE}",
        )  # fmt: skip
    write_whole(path, to_json(record))
    if ended.deleted:
        kept = "its log and record were written again" if log.exists() else "only its record could be kept"
        raise RunnerError(
            f"was deleted while the script ran: {kept}, what else was there is lost", source=log.parent,
            todo=f"see what the script deletes, or {ELSEWHERE}",
        )  # fmt: skip
    return Ran(log, path, record)


def script_in(plan: Plan) -> Script:
    """The script of a plan.

    Raises:
        UsageError: where there is none of its name, or a folder is to be kept that it does not have.
    """
    if plan.is_command:
        return COMMAND
    if plan.script not in SCRIPTS:
        raise UsageError(f"there is no script {plan.script!r}", todo=f"known are {', '.join(SCRIPTS)}")
    script = SCRIPTS[plan.script]
    if plan.keep_train_dir and TRAIN_DIR not in script.private:
        raise UsageError(f"{script.name} keeps no checkpoint", todo="leave --keep-train-dir out")
    return script


def with_data(plan: Plan) -> Plan:
    """The plan with the data set that is to be read.

    Raises:
        UsageError: where random data are asked for and the script reads no CIFAR-10, or others are named too.
    """
    script = script_in(plan)
    if not plan.synthetic:
        return plan
    if script.cifar is None or plan.data_dir is not None:
        why = f"{script.name} reads no CIFAR-10" if script.cifar is None else "two data sets are asked for"
        raise UsageError(why, todo="leave --synthetic-data out")
    import platformdirs

    folder = write_synthetic(Path(platformdirs.user_cache_dir("logreport")) / "cifar-10-random")
    return replace(plan, data_dir=str(folder / PYTHON if script.cifar == "python" else folder))


def begun(prepared: Prepared, plan: Plan, private: Path, gpus: Driver) -> RunRecord:
    """The record of a run that starts now."""
    official = prepared.script is not COMMAND
    version, packages = machine.packages(prepared.argv[0], prepared.environment, needs_tensorflow=official)
    ranks = RANKS.search(plan.launcher or "")
    commit, dirty = fetching.state(prepared.source)
    data = (
        RANDOM
        if plan.data_dir and is_synthetic(Path(plan.data_dir))
        else plan.data_dir and str(Path(plan.data_dir))
    )
    variables = machine.variables({**os.environ, **prepared.environment})
    return RunRecord(
        script=prepared.script.name,
        benchmark=prepared.script.benchmark,
        command=hidden_words(prepared.argv),
        launcher=plan.launcher and hidden(plan.launcher),
        ranks=ranks and int(ranks[1]),
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
        machine=machine.machine(gpus),
        started=datetime.now().astimezone(),
        load_before=machine.load_averages(),
        end=None,
    )


def new_files(folder: Path, script: str, record: RunRecord) -> tuple[Path, Path]:
    """Choose a name that is not taken, and keep the record of a run that has no end yet under it.

    Raises:
        RunnerError: where the folder cannot be written.
    """
    stamp = f"{script}-{record.started:%Y%m%d-%H%M%S}"
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for number in itertools.count(1):
            name = stamp if number == 1 else f"{stamp}-{number}"
            log, path = folder / f"{name}.log", folder / f"{name}{RECORD}"
            with suppress(FileExistsError):
                if not log.exists():
                    with path.open("xb") as file:
                        file.write(to_json(record))
                    return log, path
    raise AssertionError  # for the type checker: the numbers do not end


def watched(prepared: Prepared, log: Path, timeout: float | None, view: View, sampler: Sampler) -> Ended:
    """Run the command to its end, and look at the machine meanwhile."""

    def tick() -> None:
        sampler.tick()
        view.tick()

    return supervise(
        prepared.words, log=log, environment=prepared.environment, folder=prepared.folder, timeout=timeout,
        on_start=sampler.start, on_lines=view.lines, on_tick=tick,
        on_stop=lambda why: view.say(f"stopping ({why}); Ctrl-C kills at once"),
    )  # fmt: skip
