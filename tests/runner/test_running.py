"""One run from the plan to the verdict: log, record, summary and exit status of whatever a script does."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from children import ROOT, holds, until
from launched import OWN
from playing import plan

import logreport
from logreport import cli
from logreport.errors import RunnerError, UsageError
from logreport.runner import view
from logreport.runner.plan import Plan
from logreport.runner.preparation.private import private_folder
from logreport.runner.running import run_once
from logreport.runs.run_record import from_json
from logreport.scripts import SCRIPTS

RUNS = Path("runs")


def call(monkeypatch, capsys, *words):
    """Exit status, standard output and standard error of the command line."""
    monkeypatch.setattr(sys, "argv", ["logreport", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    return ended.value.code, said.out, said.err


def stop_ourselves(number):
    """Text of a program that sends us a signal."""
    return f"import os; os.kill({os.getpid()}, {int(number)}); time.sleep(60)"


def test_a_run_is_kept_with_its_record(plays, folder):
    """Log and record under one name in the folder of choice; the record is that of the log, and what it says is so."""
    plays()
    ran = run_once(plan(arguments=("--x=1",)), folder / "new" / "runs")
    assert ran.log.read_text().count("\n") == 13
    assert sorted(path.name for path in ran.log.parent.iterdir()) == [
        ran.log.name, ran.record_path.name, ran.log.name.replace(".log", ".telemetry.parquet"),
    ]  # fmt: skip
    record = from_json(ran.record_path.read_bytes(), "x")
    assert record == ran.record
    assert record.command == (sys.executable, "-u", str(folder / "alexnet_benchmark.py"), "--x=1")
    assert (record.end.status, record.end.exit_status, record.end.log_bytes) == (
        "complete",
        0,
        ran.log.stat().st_size,
    )
    assert record.started <= record.end.ended
    assert record.machine.cores_allowed == len(os.sched_getaffinity(0))
    (run,) = logreport.parse(ran.log)["runs"].to_dict("records")
    assert (run["status"], run["device_source"]) == ("complete", "record")


@pytest.mark.parametrize(
    ("how", "status", "reason"),
    [
        ({"before_last": "sys.exit(0)"}, "failed", "it is not complete: a pass has no summary"),
        ({"before_last": "1 / 0"}, "failed",
         "it ended with exit status 1: ZeroDivisionError: division by zero"),
        ({"before_last": "import os; os.kill(os.getpid(), 9)"}, "truncated", "killed by SIGKILL"),
        ({"before_last": "import os; os.kill(os.getpid(), 11)"}, "failed", "crashed: SIGSEGV"),
        ({"each": "time.sleep(60)"}, "truncated", "stopped after 2 s"),
        ({"code": "pass"}, "failed", "it printed no result"),
        ({"code": "import sys; print('step 1'); sys.exit('it needs X; install it')"}, "failed",
         "it ended with exit status 1: it needs X; install it"),
        ({"code": "print('a.py: error: unrecognized arguments: --x'); exit(2)"}, "failed",
         "it ended with exit status 2: unrecognized arguments: --x"),
        ({"before_last": "print('FATAL Flags parsing error:\\n  flag --x=1: value should be one of <a|b>\\n"
          "Pass --helpshort or --helpfull to see help on flags.'); sys.exit(1)"}, "failed",
         "it ended with exit status 1: flag --x=1: value should be one of <a|b>"),
        ({"each": stop_ourselves(signal.SIGTERM)}, "truncated", "stopped: SIGTERM"),
    ],
)  # fmt: skip
def test_a_run_that_did_not_go_well_says_why(plays, how, status, reason):
    """An exit status of 0 proves nothing, and a failure is a result: with log, record, status and reason."""
    plays(**how)
    ran = run_once(plan(timeout=2.0), RUNS)
    assert (ran.end.status, ran.end.reason) == (status, reason)
    if ran.log.stat().st_size:
        assert set(logreport.parse(ran.log)["runs"]["status"]) == {status}


def test_a_run_whose_runner_was_killed_is_truncated(plays, folder):
    """The record is there from the start; without an end it says that nobody saw one."""
    plays(each="time.sleep(60)")
    seen = []

    class Look(view.View):
        def lines(self, lines):  # noqa: ARG002 - a view's method
            (record,) = (folder / "runs").glob("*.run.json")
            seen.append(from_json(record.read_bytes(), "x"))
            raise KeyboardInterrupt  # what nobody handles

    with pytest.raises(KeyboardInterrupt):
        run_once(plan(), RUNS, Look())
    assert seen[0].end is None
    (run,) = logreport.parse(folder / "runs")["runs"].to_dict("records")
    assert (run["status"], run["status_reason"]) == ("truncated", "its record has no end")


def test_the_public_function_is_the_same_run(plays, folder):
    """From Python: the same log and record, nothing printed, and a failure is returned and not raised."""
    plays(before_last="sys.exit(4)")
    ran = logreport.run("alexnet", ["--x=1"], source=".", output=folder / "here", timeout=60)
    assert ran.log.parent == folder / "here"
    assert (ran.end.status, ran.end.exit_status) == ("failed", 4)
    assert ran.record.command[-1] == "--x=1"


@pytest.mark.parametrize(
    ("script", "values", "printed", "ended"),
    [
        ("tf-cnn", {"job_name": "ps"}, "Running parameter server 0", "complete: it runs until it is stopped"),
        ("tf-cnn", {"job_name": "worker"}, "Running parameter server 0", "truncated: stopped after 1 s"),
        ("cifar10-eval", {"run_once": False}, "2026-01-05 10:00:00.000000: precision @ 1 = 0.862",
         "complete: it runs until it is stopped"),
        ("cifar10-eval", {"run_once": False}, "No checkpoint file found", "failed: it printed no precision"),
        ("cifar10-eval", {"run_once": "True"}, "No checkpoint file found", "truncated: stopped after 1 s"),
    ],
)  # fmt: skip
def test_what_never_ends_by_itself_is_complete_when_it_is_stopped(plays, script, values, printed, ended):
    """A parameter server, and an evaluation again and again: to stop it is how it ends; what it owes, it owes still."""
    plays(code=f"import time; print({printed!r}); time.sleep(60)", values=values)
    end = run_once(plan(script=script, timeout=1.0), RUNS).end
    assert f"{end.status}: {end.reason}" == ended


def test_a_private_folder_can_be_kept(plays, folder, monkeypatch, capsys):
    """`--keep-train-dir`: checkpoints stay beside the log, no reader of the logs stumbles over them."""
    code = "import pathlib, sys; p = pathlib.Path(sys.argv[1]); p.mkdir(); (p / 'checkpoint').touch()"
    plays(code=code, added=("PRIVATE/train_dir",))
    _, out, _ = call(monkeypatch, capsys, "run", "cifar10", "--source", ".", "--keep-train-dir")
    kept = Path(re.search("^checkpoints: (.*)$", out, re.MULTILINE)[1])
    assert (kept / "checkpoint").is_file()
    assert kept.is_relative_to(folder / "runs")
    assert len(logreport.parse(folder / "runs")["runs"]) == 1
    status, _, err = call(monkeypatch, capsys, "run", "alexnet", "--source", ".", "--keep-train-dir")
    assert (status, "alexnet keeps no checkpoint" in err) == (2, True)


KILLED = """
import os
from logreport.runner.preparation.private import private_folder
with private_folder() as folder:
    (folder / "big").touch()
    print(folder, flush=True)
    os.kill(os.getpid(), 9)
"""


def test_what_a_killed_run_left_is_swept_at_the_next_start(plays, folder, monkeypatch):
    """Its private folder goes; that of a run that is alive, and a folder of anybody else, stay."""
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "tmp"))
    (folder / "tmp" / "logreport-mine").mkdir(parents=True)
    dead = subprocess.run(
        [sys.executable, "-c", KILLED],
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder / "tmp")}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    left = Path(dead.stdout.strip())
    assert (left / "big").is_file()
    plays(code="pass")
    with private_folder() as alive:
        left.mkdir(exist_ok=True)
        run_once(plan(), RUNS)
        assert alive.is_dir()
        assert not (left / "big").exists()
    assert (folder / "tmp" / "logreport-mine").is_dir()


def test_names_do_not_collide(plays):
    """Runs that start within one second have a log each."""
    plays(code="print('x')")
    first = run_once(plan(), RUNS)
    first.record_path.unlink()  # the log of somebody else
    logs = {first.log, *(run_once(plan(), RUNS).log for _ in range(3))}
    assert len(logs) == 4
    lost = run_once(plan(), RUNS)
    lost.log.unlink()  # its record is still that of a run
    kept = lost.record_path.read_bytes()
    assert run_once(plan(), RUNS).record_path != lost.record_path
    assert lost.record_path.read_bytes() == kept
    assert all(log.read_text() == "x\n" for log in logs)


def test_private_folders_are_gone_afterwards(plays):
    """What a script wrote into the folder that was made for it does not stay; whatever else it wrote does."""
    plays(
        code="import pathlib, sys; p = pathlib.Path(sys.argv[1]); p.mkdir(); print(p)",
        added=("PRIVATE/train",),
    )
    ran = run_once(plan(), RUNS)
    assert not Path(ran.log.read_text().strip()).parent.exists()


def test_a_folder_that_cannot_be_written_is_an_error_before_the_start(plays, folder):
    """A file where the folder should be; nothing was run."""
    plays(code="open('ran', 'w')")
    (folder / "file").write_text("")
    with pytest.raises(
        RunnerError, match=r"^file/runs: cannot be written \(Not a directory\); choose another folder"
    ):
        run_once(plan(), Path("file/runs"))
    assert not (folder / "ran").exists()


def test_unknown_scripts_and_data_are_usage_errors(folder):
    """Said before anything is fetched."""
    with pytest.raises(UsageError, match="there is no script 'resnet'; known are alexnet, cifar10"):
        run_once(Plan("resnet"), RUNS)
    with pytest.raises(UsageError, match="alexnet reads no CIFAR-10"):
        run_once(plan(synthetic=True), RUNS)
    with pytest.raises(UsageError, match="two data sets"):
        run_once(plan(script="cifar10", synthetic=True, data_dir=str(folder)), RUNS)


@pytest.mark.usefixtures("tensorflow")
def test_a_full_disk_is_an_error_with_the_log_kept(tmp_path):
    """What fits is kept, one line says what to do, and the record that was there from the start stays."""
    code = f"""
import resource, sys
sys.path.insert(0, {str(ROOT / "tests" / "support")!r})
import pathlib, pytest, playing
from logreport.runner.running import run_once
playing.instead_of_a_script(pytest.MonkeyPatch(), code="while True: print('x' * 99)")
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
run_once(playing.plan(), pathlib.Path("runs"))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    (log,) = (tmp_path / "runs").glob("*.log")
    assert (
        f"{Path('runs') / log.name}: cannot be written (File too large); the run was stopped" in done.stderr
    )
    assert log.read_bytes() == ((b"x" * 99 + b"\n") * 200)
    record = from_json(log.with_suffix(".run.json").read_bytes(), "x")
    assert record.end.status == "truncated"


def test_the_summary_says_what_was_measured_and_where_it_is(plays, folder, monkeypatch, capsys):
    """Speed with its interval, log and record, and what was added to the flags."""
    plays(added=("--train_dir=PRIVATE/x",))
    status, out, err = call(monkeypatch, capsys, "run", "alexnet", "--source", ".", "--", "--batch_size=32")
    (log,) = (folder / "runs").glob("*.log")
    assert status == 0
    assert "forward (batch 32) at 320 images/s, 95 % interval" in out
    assert f"log: runs/{log.name}\nrecord: runs/{log.stem}.run.json\nadded: --train_dir=" in out
    assert f"> runs/{log.name}" in err


def test_quiet_says_only_where_the_log_is(plays, folder, monkeypatch, capsys):
    """For scripts: one line to go on with."""
    plays()
    status, out, err = call(monkeypatch, capsys, "run", "alexnet", "--source", ".", "--quiet")
    (log,) = (folder / "runs").glob("*.log")
    assert (status, out, err) == (0, f"runs/{log.name}\n", "")


def test_verbose_shows_what_the_script_prints(plays, capfdbinary):
    """Line by line on standard error, as it is in the log."""
    plays()
    run_once(plan(), RUNS, view.Plain(verbose=True))
    (log,) = Path("runs").glob("*.log")
    assert b"".join(line for line in capfdbinary.readouterr().err.splitlines(keepends=True)
                    if not line.startswith((b"alexnet: ", b"logreport: "))) == log.read_bytes()  # fmt: skip


@pytest.mark.parametrize(
    ("how", "status", "reason"),
    [
        ({"before_last": "sys.exit(3)"}, 1, "failed (it ended with exit status 3)"),
        ({"each": stop_ourselves(signal.SIGINT)}, 130, "truncated (stopped: Ctrl-C)"),
        ({"each": "time.sleep(60)"}, 1, "truncated (stopped after 2 s)"),
    ],
)
def test_a_run_that_did_not_end_well_is_an_exit_status(plays, monkeypatch, capsys, how, status, reason):
    """Scripts that call us notice: 1, or 130 after Ctrl-C; the log is named all the same."""
    plays(**how)
    got, out, err = call(monkeypatch, capsys, "run", "alexnet", "--source", ".", "--timeout", "2")
    assert got == status
    assert f"the run is {reason}; see the end of its log\n" in err
    assert "log: runs/" in out


def test_a_closed_terminal_does_not_hurt_the_run(plays, monkeypatch):
    """Nobody looks on any more: the run goes on to its end."""
    plays()
    reader, writer = os.pipe()
    os.close(reader)
    with suppress(BrokenPipeError), os.fdopen(writer, "w") as closed, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", closed)
        ran = run_once(plan(), RUNS, view.Plain(verbose=True))
    assert ran.end.status == "complete"


def test_a_moving_line_shows_the_progress(plays, monkeypatch):
    """On a terminal: step, speed and time left; it is gone at the end."""
    plays(each="time.sleep(0.15)")
    leader, follower = os.openpty()
    shown = bytearray()

    def drain():
        while b"the end" not in shown:
            shown.extend(os.read(leader, 4096))

    reader = threading.Thread(target=drain)
    reader.start()
    monkeypatch.setattr(view.Moving, "every", 0.05)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "200")
    with os.fdopen(follower, "w") as terminal, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", terminal)
        look = view.view_for()
        run_once(plan(), RUNS, look)
        terminal.write("the end")
    reader.join()
    os.close(leader)
    assert isinstance(look, view.Moving)
    text = shown.decode()
    assert re.search(
        r"alexnet: forward pass step [1-4]0 of 50 · 320 examples/s · last 320 · (?:[0-9]+|less than 1) s left of the forward pass",
        text,
    )
    assert re.search(r"forward-backward pass step [1-4]?0 of 50 · 106.7 examples/s", text)


REAL = {"alexnet": ("--batch_size=4", "--num_batches=12"), "cifar10": ("--batch_size=16", "--max_steps=20")}


def run_for_real(name, tmp_path, *words, flags=None):
    """Start the command line on one of our own scripts for TensorFlow 1."""
    source = OWN / SCRIPTS[name].repository
    argv = [sys.executable, "-m", "logreport", "run", name, "--source", str(source), "-o", str(tmp_path / "runs"),
            *words, "--", *(flags or REAL[name])]  # fmt: skip
    return subprocess.Popen(
        argv, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@pytest.mark.slow
def test_a_real_script_runs_through_the_launcher(tmp_path):
    """TensorFlow itself, from the command line to the summary; the exact release is in the tables."""
    tensorflow = pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
    out, err = run_for_real("alexnet", tmp_path, "--threads", "1").communicate(timeout=300)
    assert "forward-backward (batch 4)" in out, err
    tables = logreport.parse(tmp_path / "runs")
    assert tables["runs"]["framework_version"].tolist() == [tensorflow.__version__]
    assert tables["runs"]["status"].tolist() == ["complete"]
    assert "TF_NUM_INTRAOP_THREADS=1" in tables["environment"].set_index("key")["value"]["variables"]
    assert tables["lines"][["unknown", "malformed"]].to_numpy().tolist() == [[0, 0]]


@pytest.mark.slow
def test_a_real_training_on_random_data_is_labelled(tmp_path):
    """Made up, read by the script, and said so in the tables; complete although it prints no last line."""
    pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
    out, err = run_for_real("cifar10", tmp_path, "--synthetic-data", "--device", "cpu").communicate(
        timeout=300
    )
    assert "the data are random" in out.lower(), err
    (run,) = logreport.parse(tmp_path / "runs")["runs"].to_dict("records")
    assert (run["dataset"], run["status"], run["device_kind"]) == ("cifar10 (random data)", "complete", "cpu")


@pytest.mark.slow
def test_ctrl_c_stops_a_real_run(tmp_path):
    """TensorFlow's threads and all: what was printed is kept, and the status is that of an interrupted command."""
    pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
    driver = run_for_real("alexnet", tmp_path, flags=("--batch_size=4", "--num_batches=1000000"))
    until(lambda: any(holds(log, b"step 20,") for log in (tmp_path / "runs").glob("*.log")))
    driver.send_signal(signal.SIGINT)
    _, err = driver.communicate(timeout=120)
    assert driver.returncode == 130, err
    (record,) = (tmp_path / "runs").glob("*.run.json")
    end = json.loads(record.read_bytes())["end"]
    assert (end["status"], end["stopped_by"], end["signal"]) == ("truncated", "Ctrl-C", "SIGTERM")
    assert logreport.parse(tmp_path / "runs")["runs"]["status"].tolist() == ["truncated"]


def test_a_record_holds_no_secret(plays, monkeypatch):
    """It is shown and passed on with its log: flags, values of variables and the address of the data are without theirs."""
    monkeypatch.setenv("XLA_FLAGS", "--dump_to=s3://bob:hunter2@bucket/x")
    plays()
    ran = run_once(plan(arguments=("--password", "hunter2", "--api_key=hunter2", "--x=1")), RUNS)
    assert "hunter2" not in ran.record_path.read_text()
    assert ran.record.command[-4:] == ("--password", "*****", "--api_key=*****", "--x=1")
