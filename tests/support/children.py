"""Small Python programs to supervise, and ways to see what is left of them."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from logreport.runner.process.process import supervise

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30  # seconds; a busy machine is no failure

# A process that calls `supervise` itself, so that it can be sent signals and be given limits.
DRIVER = """
import json, sys
from pathlib import Path
from logreport.runner.process import process
{before}
process.GRACE = {grace}
ended = process.supervise([sys.executable, "-c", {code!r}], log=Path({log!r}), environment={{}}, folder=Path("/"))
print(json.dumps([ended.exit_status, ended.signal, ended.stopped_by, ended.unwritten]))
"""


def watch(code, log, **how):
    """Supervise a program given as text."""
    return supervise([sys.executable, "-c", code], log=log, environment={}, folder=Path("/"), **how)


def drive(code, log, *, grace=5.0, before=""):
    """Start a process that supervises a program given as text."""
    text = DRIVER.format(code=code, log=str(log), grace=grace, before=before)
    return subprocess.Popen(
        [sys.executable, "-c", text], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def until(condition):
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def holds(path, text):
    """Whether a file is there and holds some bytes."""
    return path.exists() and text in path.read_bytes()


def is_running(pid):
    """Whether a process is there, and not only its entry."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def pids(log):
    """The process numbers that a program wrote to its log, one `pid N` a line; an unbuffered print's half line is none yet."""
    return [int(number) for number in re.findall(rb"^pid (\d+)\n", log.read_bytes(), re.MULTILINE)]


def kill_all(log):
    """Take away what a failed test left."""
    for pid in pids(log) if log.exists() else ():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
