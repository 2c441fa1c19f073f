"""How a run ended: by its process, and by what its log says."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from logreport.runner.machine import machine
from logreport.runner.machine.sampling import Sampler
from logreport.runner.preparation.preparing import Prepared
from logreport.runner.process.process import Ended
from logreport.runner.view import duration
from logreport.runs.reading import read
from logreport.runs.run_record import End, ProcessEnd
from logreport.scripts import Script
from logreport.sources import Source
from logreport.tables.tables import Tables

KILLED = ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP")  # from outside; other signals are a crash


def judged(ended: Ended, prepared: Prepared, log: Path, timeout: float | None, sampler: Sampler) -> End:
    """The end of a run: how its process ended, and whether its log says that it is complete."""
    status, reason = verdict(ended, prepared, log, timeout)
    of_process = {field.name: getattr(ended, field.name) for field in fields(ProcessEnd)}
    load, samples = machine.load_averages(), sampler.sampled()
    return End(**of_process, status=status, reason=reason, load_after=load, samples=samples)


def verdict(ended: Ended, prepared: Prepared, log: Path, timeout: float | None) -> tuple[str, str]:
    """Status and reason: complete, truncated or failed."""
    if ended.stopped_by == "timeout":
        return "truncated", f"stopped after {duration(timeout or ended.seconds)}"
    if ended.stopped_by is not None:
        why = f"its log could not be written: {ended.unwritten}" if ended.unwritten else ended.stopped_by
        return "truncated", f"stopped: {why}"
    if ended.signal is not None:
        end = ("truncated", "killed by ") if ended.signal in KILLED else ("failed", "crashed: ")
        return end[0], end[1] + ended.signal
    if ended.deleted and not log.exists():
        return "failed", "its log was deleted"
    tables = tables_of(log)
    why_not = succeeded(prepared.script, ended.exit_status, tables, prepared.values)
    if why_not is None:
        return "complete", "exit status 0, and all its results are there"
    said = [run["status_reason"] for run in tables.rows("runs") if run["status"] == "failed"]
    return "failed", f"{why_not}: {said[-1]}" if said else why_not


def succeeded(
    script: Script, exit_status: int | None, tables: Tables, values: Mapping[str, Any]
) -> str | None:
    """Why a run did not succeed; None where it did: exit status 0 and the script's last line.

    Where it prints no last line, its last step must be in the last `log_frequency` of `max_steps`.

    Args:
        script: what ran.
        exit_status: of its process; None where a signal ended it.
        tables: of its log.
        values: of its flags, from `Prepared.values`.
    """
    if exit_status is None:
        return "a signal ended it"
    if exit_status:
        return f"it ended with exit status {exit_status}"
    runs = [run for run in tables.rows("runs") if run["benchmark"] == script.benchmark]
    if not runs:
        return "it printed no result"
    if script.log_frequency is None:
        done = runs[-1]["status"] == "complete"
        return None if done else f"it is not complete: {runs[-1]['status_reason']}"
    last = max((step for step in tables.columns["steps"]["step"] if step is not None), default=None)
    steps = int(values["max_steps"])
    if last is None or last < steps - int(values.get("log_frequency", script.log_frequency)):
        return f"its last line is of step {last}, of {steps} steps"
    return None


def tables_of(log: Path) -> Tables:
    """What is in a log by itself, without its record: that is not finished yet."""
    return read([Source(str(log), lambda: log.open("rb"), log.stat().st_size)]).tables
