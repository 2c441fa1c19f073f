"""Pipes that break, disks that are full, streams that are closed, faults of our own: one line, never a traceback."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from cli_running import run

from logreport import api, cli

LOG = "TensorFlow:  1.15\nModel:       resnet50\n1\timages/sec: 51.8 +/- 0.2 (jitter = 0.1)\t7.593\ntotal images/sec: 51.66\n"
RUNS = 1000  # of which every verb that prints them prints more than a pipe holds, 64 KiB
PRINTERS = {
    "explain": "explain long.log",
    "records": "parse long.log --table records --format jsonl",
    "steps": "parse long.log --table steps",
    "kinds": "grammar list",
    "help": "--help",
    "report": "report long.log -o - --format html",
    "path": "report long.log -o out --format md",
}


@pytest.fixture
def folder(tmp_path):
    """A folder with a log that fills a pipe."""
    (tmp_path / "long.log").write_text(LOG * RUNS)
    return tmp_path


def shell(command, folder):
    """A line of shell with `logreport` in it: exit status, standard output, lines of standard error."""
    ours = f"{shlex.quote(sys.executable)} -m logreport"
    ran = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command.replace('logreport', ours)}"],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(Path.cwd())}, capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    said = ran.stderr.decode()
    assert "Traceback" not in said
    assert "Exception ignored" not in said
    return ran.returncode, ran.stdout, said.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("verb", PRINTERS)
def test_standard_output_that_cannot_be_written(folder, verb):
    """Full or closed: one line and 1."""
    for where, why in ((">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")):
        status, _, said = shell(f"logreport {PRINTERS[verb]} {where}", folder)
        assert status == 1
        assert said[-1] == f"logreport: standard output: cannot be written ({why}); name a file with -o"


@pytest.mark.slow
@pytest.mark.parametrize("verb", PRINTERS)
def test_a_reader_that_has_seen_enough(folder, verb):
    """`| head -1` and a reader that is gone at once: 0, and nothing is said of it."""
    for reader in ("head -1", "true"):
        status, out, _ = shell(f"logreport {PRINTERS[verb]} | {reader}", folder)
        assert status == 0
        assert out.count(b"\n") <= 1


@pytest.mark.slow
def test_a_reader_that_stops_while_processes_work(folder):
    """Workers are ended, too."""
    for number in range(4):
        (folder / f"{number}.log").write_text(LOG * RUNS)
    words = "parse . --table records --format jsonl --scheduler 'local[2]'"
    assert shell(f"logreport {words} | head -1", folder)[0] == 0


@pytest.mark.slow
def test_other_streams_that_are_closed(folder):
    """Without standard error there is nobody to tell; without input `-` is an error; no file takes a stream's place."""
    status, out, _ = shell("logreport parse long.log --table runs --format csv 2>&-", folder)
    assert (status, out.count(b"\n")) == (0, RUNS + 1)
    assert shell("logreport parse gone.log 2>&-", folder)[0] == 1
    status, _, said = shell("logreport parse - <&-", folder)
    assert (status, said[-1]) == (
        1,
        "logreport: -: standard input is closed; name a file, or pipe a log in",
    )
    assert shell("logreport parse long.log --table runs --format csv -o out.csv <&- >&- 2>&-", folder)[0] == 0
    assert (folder / "out.csv").read_bytes().startswith(b"run_id,")
    assert shell("logreport parse gone.log 2>/dev/full", folder)[0] == 1


def test_the_file_that_the_output_goes_to_is_no_input(folder):
    """`logreport parse . > out.csv` does not read out.csv, whatever is in it."""
    status, _, said = shell("logreport parse . --table runs --format csv > out.csv", folder)
    assert status == 0
    assert "logreport: out.csv: is where the output goes; left out" in said
    status, _, said = shell("logreport explain long.log >> long.log", folder)
    assert (status, len((folder / "long.log").read_text())) == (0, len(LOG * RUNS))


def test_a_fault_of_our_own_is_one_line(monkeypatch, tmp_path):
    """Whatever nobody foresaw, in any verb: what it is, where, and 1."""

    def fail(*_words, **_more):
        raise LookupError("no such\nluck")

    monkeypatch.setattr(api, "read_logs", fail)
    (tmp_path / "a.log").write_text(LOG)
    for words in (("parse", tmp_path), ("report", tmp_path), ("table", tmp_path)):
        ran = run(*words)
        assert ran.status == 1
        assert ran.err.startswith("logreport: a fault of logreport itself at test_streams.py:")
        assert ran.err.endswith("(LookupError: no such luck); please report it\n")
        assert ran.err.count("\n") == 1


def test_a_file_that_cannot_be_reached(monkeypatch):
    """An error of the system that names a file says which."""

    def fail(*_words, **_more):
        raise PermissionError(13, "Permission denied", "/some/where")

    monkeypatch.setattr(cli.group, "main", fail)
    ran = run("parse", "x")
    assert (ran.status, ran.err) == (
        1,
        "logreport: /some/where: cannot be written (Permission denied); check the path and its permissions\n",
    )


def test_a_source_that_fails_takes_no_other(tmp_path, monkeypatch):
    """A fault in reading or in judging one log is one line; all others come out, alone and together."""
    from logreport import analysis
    from logreport.api.slices import Input, Slice

    for number in range(4):
        (tmp_path / f"{number}.log").write_text(LOG.replace("51.66", f"{50 + number}.0"))
    analyze = analysis.analyze

    def judge(tables):
        if any("2.log" in source for source in tables.columns["runs"]["source"]):
            raise ZeroDivisionError("never thought of")
        analyze(tables)

    monkeypatch.setattr(analysis, "analyze", judge)
    ran = run("parse", tmp_path, "--format", "csv")
    assert ran.status == 1
    assert [f"{number}.log" in ran.out for number in range(4)] == [True, True, False, True]
    assert ran.err.splitlines()[-1].startswith(
        f"logreport: {tmp_path}/2.log: could not be read (ZeroDivisionError: never thought of)"
    )
    part = Slice().read_inputs([Input(number, str(tmp_path / f"{number}.log")) for number in range(4)])
    assert len(part.reading.tables.columns["runs"]["source"]) == 3
    assert len(part.reading.errors) == 1


NONE = [None, 5, 1.5, object, ["a.log", None], {"a": 1}.values()]


@pytest.mark.parametrize("wrong", NONE, ids=repr)
def test_what_is_no_path(wrong, tmp_path):
    """Each function of the library says so, as it says anything else: by an error of ours."""
    import logreport
    from logreport.errors import UsageError

    for call in (
        logreport.parse,
        logreport.report,
        logreport.table,
        logreport.Archive(tmp_path, create=True).add,
    ):
        with pytest.raises(UsageError, match="names nothing; give a path"):
            call(wrong)
    for labels in ({"A": wrong, "B": "b"}, {"A": "a"}, {}, wrong):
        with pytest.raises(UsageError):
            logreport.compare(labels)
    with pytest.raises(UsageError):
        logreport.Archive(wrong if not isinstance(wrong, list) else None)
    with pytest.raises(UsageError):
        logreport.parse(tmp_path, grammars=wrong)


def test_paths_of_any_type(tmp_path):
    """Text, bytes, paths, and any collection of them; one folder of grammars without a list around it."""
    import logreport
    from logreport.errors import GrammarError

    path = tmp_path / "a.log"
    path.write_text(LOG)
    for paths in (path, str(path), os.fsencode(path), [path], (str(path),), {path}, iter([path])):
        assert len(logreport.parse(paths)["runs"]) == 1
    with pytest.raises(GrammarError, match=r"no \.lark file"):
        logreport.parse(path, grammars=str(tmp_path))


def test_what_no_table_shows(tmp_path):
    """A dimension or a value that there is not is an error with those that there are."""
    import logreport
    from logreport.errors import UsageError

    (tmp_path / "a.log").write_text(LOG)
    assert logreport.table(tmp_path, rows="batch_size") == logreport.table(tmp_path)
    for wrong in ({"rows": ["batch"]}, {"columns": "batch"}, {"value": "speed"}):
        with pytest.raises(UsageError, match="; choose of"):
            logreport.table(tmp_path, **wrong)
