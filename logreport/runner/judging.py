"""How a run ended: by its process, and by what its log says."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from logreport.grammar import load_engine
from logreport.runner.machine import machine
from logreport.runner.preparation.preparing import Prepared
from logreport.runner.process.process import Ended
from logreport.runner.view import elapsed
from logreport.runs.reading import read
from logreport.runs.run_record import End, ProcessEnd, Sampled
from logreport.scripts import COMMAND, OFFICIAL, Script
from logreport.sources import Source
from logreport.tables.secrets import hidden
from logreport.tables.tables import Tables

ASKED = ("timeout", "Ctrl-C", "SIGTERM", "SIGHUP")
TAIL = 1 << 16  # bytes of a log in which the reason of its end may be
LONGEST = 300  # characters of it
USAGE_ERROR = "python.usage_error"
KILLED = ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP")  # from outside; other signals are a crash


def judged(
    ended: Ended, prepared: Prepared, log: Path, timeout: float | None, samples: tuple[Sampled, ...]
) -> End:
    """The end of a run: how its process ended, and whether its log says that it is complete."""
    status, reason = verdict(ended, prepared, log, timeout)
    of_process = {field.name: getattr(ended, field.name) for field in fields(ProcessEnd)}
    return End(
        **of_process, status=status, reason=reason, load_after=machine.load_averages(), samples=samples
    )


def verdict(ended: Ended, prepared: Prepared, log: Path, timeout: float | None) -> tuple[str, str]:
    """Status and reason: complete, truncated or failed."""
    if ended.stopped_by is not None:
        return stopped(ended, prepared, log, timeout)
    if ended.signal is not None:
        end = ("truncated", "killed by ") if ended.signal in KILLED else ("failed", "crashed: ")
        return end[0], end[1] + ended.signal
    if ended.deleted and not log.exists():
        return "failed", "its log was deleted"
    tables = tables_of(log)
    why_not = succeeded(prepared.script, ended.exit_status, tables, prepared.values)
    if why_not is None:
        more = "" if prepared.script is COMMAND else ", and all its results are there"
        return "complete", f"exit status 0{more}"
    said = [run["status_reason"] for run in tables.rows("runs") if run["status"] == "failed"]
    why = said[-1] if said else last_word(log) if ended.exit_status else None
    return "failed", f"{why_not}: {why}" if why else why_not


def stopped(ended: Ended, prepared: Prepared, log: Path, timeout: float | None) -> tuple[str, str]:
    """The same of a run that logreport stopped, which is the only end of some."""
    if ended.stopped_by in ASKED and is_endless(prepared) and log.exists():
        if tables_of(log).columns["runs"]["run_id"]:
            return "complete", "it runs until it is stopped"
        return "failed", f"it printed no {prepared.script.result}"
    if ended.stopped_by == "timeout":
        return "truncated", f"stopped after {elapsed(timeout or ended.seconds)}"
    why = f"its log could not be written: {ended.unwritten}" if ended.unwritten else ended.stopped_by
    return "truncated", f"stopped: {why}"


def is_endless(prepared: Prepared) -> bool:
    """Whether a script was asked to go on until it is stopped."""
    values, endless = prepared.values, prepared.script.endless
    return any(str(values.get(name)).lower() == value.lower() for name, value in endless.items())


def last_word(log: Path) -> str | None:
    """What a script said last that no kind of a log explains: why it stopped; None where a result came later."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - TAIL))
        text = file.read().rstrip(b"\n") + b"\n"
    scan = load_engine().scan_lines(text, 1)[0]
    results = [match.line for match in scan.matches if match.leaf.kind.partition(".")[0] in OFFICIAL]
    reasons = [(match.line, match.raw("message")) for match in scan.matches if match.leaf.kind == USAGE_ERROR]
    reasons += [line for gap in scan.gaps for line in gap.lines() if line[1].strip()]
    line, reason = max(reasons, default=(0, None))
    if reason is None or line < max(results, default=0):
        return None
    return hidden(" ".join(reason.decode("utf-8", "replace").split()))[:LONGEST]


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
    if exit_status != 0:
        return "a signal ended it" if exit_status is None else f"it ended with exit status {exit_status}"
    if script is COMMAND:
        return None
    runs = [run for run in tables.rows("runs") if run["benchmark"] == script.benchmark]
    if not runs:
        return f"it printed no {script.result}"
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
