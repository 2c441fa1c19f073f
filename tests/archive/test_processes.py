"""`logreport.parse()` in any program: it reads in several processes, and starts nothing of the program again."""

import os
import signal
import subprocess
import sys
import threading

import pytest
from archive_logs import write_logs

from logreport.errors import ArchiveError
from logreport.workers.processes import Here, Processes
from logreport.workers.spreading import Local

# Two processes, however little there is to read and however few processors there are.
CALLS = """
import logreport
from logreport.api import slices
slices.PARALLEL_FROM, slices.workers = 0, lambda: 2
for _ in range(2):
    print(len(logreport.parse("logs")["runs"]))
with open("began", "a") as file:
    file.write("once ")
"""
THREAD = "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
NOTEBOOK = "import sys\ndel sys.modules['__main__'].__dict__['__file__']\n" + THREAD


@pytest.fixture
def folder(tmp_path):
    """A folder with six logs in `logs`."""
    write_logs(tmp_path / "logs", range(6))
    return tmp_path


def python(folder, *words, code="", under=()):
    """A Python of its own in a folder."""
    env = {**os.environ, "PYTHONPATH": os.getcwd()}  # noqa: PTH109 - text
    return subprocess.run(
        [*under, sys.executable, *words], input=code, cwd=folder, env=env, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize("before", ["", THREAD, NOTEBOOK], ids=["plain", "with a thread", "as a notebook"])
@pytest.mark.parametrize("how", ["script", "-", "-c"])
def test_a_program_without_a_guard(folder, how, before):
    """A script, `python -` and `python -c` read logs, twice, with threads running, and are run once themselves."""
    code = before + CALLS
    if "del" in before and how != "script":
        code = code.replace("del sys.modules['__main__'].__dict__['__file__']\n", "")
    (folder / "program.py").write_text(code)
    words = {"script": ("program.py",), "-": ("-",), "-c": ("-c", code)}[how]
    ran = python(folder, *words, code=code if how == "-" else "")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "6\n6\n", "")
    assert (folder / "began").read_text() == "once "


def test_a_file_called_like_a_module(folder):
    """A file pickle.py or signal.py beside the logs is not what a worker imports."""
    for name in ("pickle", "signal", "logreport"):
        (folder / f"{name}.py").write_text("raise SystemExit(f'{__name__} of the wrong folder')\n")
    ran = python(folder, "-P", "-c", CALLS)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "6\n6\n", "")


def process_of(_):
    """The process that does the work."""
    return os.getpid()


def refuse(_):
    """Work that cannot be done."""
    raise ArchiveError("cannot be written", source="lab", todo="look")


def raise_strange(_):
    """Work that fails with an error that holds what cannot be sent."""
    error = ValueError("no such luck")
    error.held = threading.Lock()
    raise error


def die(_):
    """Work that ends its process."""
    os._exit(9)


def test_workers_are_other_processes_and_stay(capfd):
    """Two workers do ten tasks; their errors come back whole; one that died is replaced."""
    with Processes(2) as executor:
        done = {executor.submit(process_of, n).result() for n in range(10)}
        assert len(done) <= 2
        assert os.getpid() not in done
        error = executor.submit(refuse, 1).exception()
        assert isinstance(error, ArchiveError)
        assert (str(error), error.source, error.todo) == ("lab: cannot be written; look", "lab", "look")
        assert "no such luck" in str(executor.submit(raise_strange, 1).exception())
        assert "died" in str(executor.submit(die, 1).exception())
        assert executor.submit(process_of, 1).result() != os.getpid()
    assert capfd.readouterr() == ("", "")


def test_where_no_process_can_be_started(monkeypatch, tmp_path):
    """In an application that is no Python the work is done in its own process."""
    monkeypatch.setattr(sys, "executable", "")
    assert isinstance(Local(4).open(), Here)
    (tmp_path / "app").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "app").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "app"))
    with Processes(2) as executor:
        assert executor.submit(process_of, 1).result() == os.getpid()


def test_an_end_in_the_middle_waits_for_nobody():
    """Where the caller has had enough, workers are ended and not waited for."""
    with Processes(1) as executor:
        pending = executor.submit(signal.pause)
        executor.submit(process_of, 1)
        executor.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert pending.exception() is not None
    assert executor.started[0].process.returncode != 0
