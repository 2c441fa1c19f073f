"""What scripts and people rely on: exit statuses, one line for an error, results apart from notes."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cli_running import run

LOG = "Running warm up\nDone warm up\n10\timages/sec: 51.8 +/- 0.2 (jitter = 0.1)\t7.593\ntotal images/sec: 51.66\n"
VERBS = ("report", "parse", "explain")


@pytest.fixture
def log(tmp_path):
    """A readable log."""
    path = tmp_path / "run.log"
    path.write_text(LOG)
    return path


@pytest.mark.parametrize(
    "words", [(), *((verb,) for verb in VERBS)], ids=lambda words: "-".join(words) or "logreport"
)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_has_examples(words, option):
    """Whoever asks for help sees commands that can be copied."""
    ran = run(*words, option)
    assert ran.status == 0
    assert "Examples:" in ran.out
    assert ran.out.count("  logreport ") >= 3
    assert not ran.err


def test_help_names_every_verb():
    """The list of verbs is complete, the main job first, and each can be loaded."""
    shown = run("--help").out
    from logreport.cli import VERBS as ALL

    positions = [shown.index(f"\n  {verb} ") for verb in ALL]
    assert positions == sorted(positions)
    for verb in ALL:
        assert run(verb, "--help").status == 0


def test_version():
    """`--version` is one line; it says what reads, too."""
    from logreport import __version__
    from logreport.grammar.native.kernel import why_not

    engine = f"python, because {why_not()}" if why_not() else "native"
    assert run("--version") == (0, f"logreport, version {__version__} (engine: {engine})\n", "")


def test_a_log_that_is_read(log):
    """0, the table on standard output, one sentence about every line on standard error."""
    ran = run("parse", log)
    assert ran.status == 0
    assert "51.66" in ran.out
    assert ran.err.startswith("1 run in 1 source; 4 lines: 4 record")
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("parse",), "LOG"),
        (("parse", "x.log", "--table", "nothing"), "--table"),
        (("parse", "x.log", "--format", "xml"), "--format"),
        (("parse", "x.log", "--max-unknown", "much"), "write 1%"),
        (("report",), "LOG"),
        (("report", "x.log", "--format", "docx"), "docx"),
        (("explain",), "LOG"),
        (("explain", "x.log", "--only", "nothing"), "nothing"),
        (("nothing",), "nothing"),
        (("--nothing",), "nothing"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2(words, what):
    """A wrong command line is 2 and says what was wrong with it."""
    ran = run(*words)
    assert ran.status == 2
    assert what in ran.err
    assert not ran.out


@pytest.mark.parametrize("verb", VERBS)
def test_a_missing_log_is_1_and_one_line(tmp_path, verb):
    """`logreport: source: what is wrong; what to do`, and no traceback."""
    words = ("-o", tmp_path / "out", "--format", "md") if verb == "report" else ()
    ran = run(verb, tmp_path / "gone.log", *words)
    assert ran.status == 1
    lines = [line for line in ran.err.splitlines() if line.startswith("logreport: ")]
    assert lines == [f"logreport: {tmp_path}/gone.log: no such file or folder; check the path"]


@pytest.mark.parametrize("form", ["table", "csv", "json", "jsonl"])
def test_what_cannot_be_read_does_not_hide_the_rest(tmp_path, log, form):
    """Everything else is written first; then one line for each input that failed, and 1."""
    (tmp_path / "empty.log").write_text("")
    (tmp_path / "binary.log").write_bytes(os.urandom(4000))
    names = [tmp_path / name for name in ("gone.log", "empty.log", "binary.log")]
    ran = run("parse", *names, log, "--format", form, "--table", "phases")
    assert ran.status == 1
    assert "51.66" in ran.out
    said = [line for line in ran.err.splitlines() if line.startswith("logreport: ")]
    assert [line.split(": ")[1] for line in said] == [str(name) for name in names]


def test_a_failed_run_is_no_error(tmp_path):
    """A run that crashed is a result like any other: 0."""
    path = tmp_path / "run.log"
    path.write_text("Running warm up\nTraceback (most recent call last):\nValueError: wrong\n")
    assert run("parse", path, "--table", "runs").status == 0


def test_over_the_budget_is_6(tmp_path, log):
    """--max-unknown is a gate: 6 over it, 0 under it, and an input that fails is 1 whatever the rest."""
    noise = tmp_path / "noise.log"
    noise.write_text(LOG + "@@ what\n")
    assert run("parse", noise, "--max-unknown", "1%").status == 6
    assert run("parse", noise, "--max-unknown", "20").status == 0
    assert run("parse", noise, "--max-unknown", "20%").status == 0
    assert run("parse", log, "--max-unknown", "0%").status == 0
    assert run("parse", noise, tmp_path / "gone.log", "--max-unknown", "1%").status == 1
    assert run("parse", noise, "--table", "records", "--format", "jsonl", "--max-unknown", "1%").status == 6


def test_standard_input():
    """`-` is what was piped in."""
    ran = run("parse", "-", "--format", "csv", "--table", "runs", stdin=LOG.encode())
    assert ran.status == 0
    assert "tf_cnn_benchmarks" in ran.out
    assert run("explain", "-", stdin=LOG.encode()).status == 0


def test_a_file_is_written_whole(tmp_path, log):
    """-o writes the file with ordinary permissions, and folders that are missing, and nothing to standard output."""
    out = tmp_path / "new" / "phases.csv"
    ran = run("parse", log, "--format", "csv", "-o", out)
    assert ran.status == 0
    assert not ran.out
    assert "51.66" in out.read_text()
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(out.stat().st_mode) == 0o666 & ~mask
    assert [path.name for path in out.parent.iterdir()] == ["phases.csv"]


@pytest.mark.parametrize(
    "words", [("--format", "csv"), ("--table", "records", "--format", "jsonl")], ids=["csv", "records"]
)
def test_nothing_is_left_half_written(tmp_path, log, monkeypatch, words):
    """Where writing fails, what was there before is still there, and no temporary file is."""
    out = tmp_path / "out" / "table"
    out.parent.mkdir()
    out.write_text("before")

    def fail(*_args, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    ran = run("parse", log, "-o", out, *words)
    assert ran.status == 1
    assert "cannot be written (No space left on device)" in ran.err
    assert out.read_text() == "before"
    assert [path.name for path in out.parent.iterdir()] == ["table"]


@pytest.mark.parametrize("target", ["folder", "below a file"])
def test_a_place_that_cannot_be_written(tmp_path, log, target):
    """A folder, or a path through a file, is one line and 1."""
    (tmp_path / "file").write_text("")
    out = tmp_path if target == "folder" else tmp_path / "file" / "out.csv"
    ran = run("parse", log, "--format", "csv", "-o", out)
    assert ran.status == 1
    assert ran.err.count("cannot be written") == 1
    assert "Traceback" not in ran.err


def test_devices_are_not_replaced(tmp_path, log):
    """-o /dev/null writes nowhere: the device stays a device."""
    assert run("parse", log, "-o", os.devnull).status == 0
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
    (tmp_path / "target.csv").write_text("")
    (tmp_path / "link.csv").symlink_to(tmp_path / "target.csv")
    assert run("parse", log, "--format", "csv", "-o", tmp_path / "link.csv").status == 0
    assert (tmp_path / "link.csv").is_symlink()
    assert "51.66" in (tmp_path / "target.csv").read_text()


def test_a_grammar_of_the_users_own(tmp_path, log):
    """--grammar with a folder that is missing is one line; with a grammar, its kinds are read."""
    ran = run("parse", log, "--grammar", tmp_path / "gone")
    assert ran.status == 1
    assert ran.err == f"logreport: {tmp_path}/gone: no .lark file in this folder; name a folder of grammars\n"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "trainer.lark").write_text(
        'start: note\nnote: "note " n\nn: INT\n%import .terminals (INT)\n'
    )
    log.write_text(LOG + "note 5\n")
    ran = run("parse", log, "--grammar", tmp_path / "mine", "--table", "records", "--format", "jsonl")
    assert '"kind":"trainer.note"' in ran.out


def test_explain_one_line(log):
    """Explain FILE:LINE shows one line; a line that is not there is 1."""
    ran = run("explain", f"{log}:4")
    assert ran.status == 0
    assert "tf_cnn_benchmarks.total" in ran.out
    assert "Running warm up" not in ran.out
    ran = run("explain", f"{log}:99")
    assert ran.status == 1
    assert ran.err == f"logreport: {log}:99: there is no such line; name a line of the log\n"


def test_explain_says_where_a_line_stopped_making_sense(tmp_path):
    """A damaged result has a caret under the place where it stopped."""
    path = tmp_path / "cut.log"
    path.write_text(LOG + "total images/sec: 5x\n")
    ran = run("explain", path, "--only", "malformed,unknown")
    assert ran.status == 0
    assert "^" in ran.out
    assert "51.66" not in ran.out


def shell(command, folder, **env):
    """Run a line of shell with `logreport` in it."""
    return subprocess.run(
        ["bash", "-c", command.replace("logreport", f"{sys.executable} -m logreport")],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path.cwd()), **env},
        capture_output=True,
        check=False,
        timeout=60,
    )


@pytest.mark.slow
@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["pipe", "NO_COLOR", "dumb"])
def test_no_escape_sequences_in_a_pipe(log, env):
    """What goes into a file or a pipe is plain text."""
    for verb in ("parse", "explain"):
        ran = shell(f"logreport {verb} run.log", log.parent, **env)
        assert ran.returncode == 0, ran.stderr
        assert b"\x1b" not in ran.stdout + ran.stderr


@pytest.mark.slow
def test_a_reader_that_stops_early(log):
    """`| head -1` ends quietly."""
    log.write_text(LOG * 5000)
    for words in (
        "parse run.log --table records --format jsonl",
        "parse run.log --table steps",
        "explain run.log",
    ):
        ran = shell(f"set -o pipefail; logreport {words} | head -1", log.parent)
        assert b"Traceback" not in ran.stderr, ran.stderr
        assert b"Exception ignored" not in ran.stderr, ran.stderr
        assert ran.stdout.count(b"\n") == 1


@pytest.mark.slow
def test_a_full_disk(log):
    """Standard output that cannot be written is one line, not a traceback."""
    ran = shell("logreport parse run.log --format csv > /dev/full", log.parent)
    assert ran.returncode == 1, ran.stderr
    assert b"Traceback" not in ran.stderr, ran.stderr
    assert ran.stderr.count(b"\n") == 1
