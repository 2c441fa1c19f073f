"""Any command: a plain Python script has all that the official scripts have, from log and record to comparison."""

import hashlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from children import ROOT, holds, is_running, until

import logreport
from logreport import cli
from logreport.errors import UsageError
from logreport.runner.campaign import state
from logreport.runner.machine import machine
from logreport.runner.plan import Plan
from logreport.runs.run_record import from_json, program
from logreport.runs.telemetry import looks_in
from logreport.scripts import COMMAND

TRAIN = """
import os, sys, time
lr = next((word.partition("=")[2] for word in sys.argv if word.startswith("--lr=")), "0")
with open("started", "a") as file: print(lr, file=file)
sys.stdout.buffer.write(b"\\xff plain\\r\\n"); sys.stdout.flush()
print("learning with", lr, os.environ.get("OMP_NUM_THREADS", "all"), flush=True)
time.sleep(0.02 * (1 + float(lr)))
if lr == "9" and not os.path.exists("mended"): sys.exit("lr is too large")
"""
GRAMMAR = """
// A trainer of our own.

start: step | total

// it 10: 200.5 samples/s
step: "it " step_ ": " examples_per_sec " samples/s"

// mean 230.5 samples/s
total: "mean " examples_per_sec " samples/s"

step_: INT
examples_per_sec: FLOAT

%import .terminals (INT, FLOAT)
"""
PRINTS = "for i in (10, 20): print(f'it {i}: 230.5 samples/s', flush=True)\nprint('mean 230.5 samples/s')\n"
PYTHON = Path(sys.executable).name


@pytest.fixture
def train(folder, monkeypatch):
    """A plain Python script in the folder, and its Python found by name."""
    (folder / "train.py").write_text(TRAIN)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    monkeypatch.setattr(machine, "LOOK", 0.01)
    return (PYTHON, "train.py")


@pytest.fixture
def call(monkeypatch, capsys):
    """Exit status, standard output and standard error of the command line."""

    def of(*words):
        monkeypatch.setattr(sys, "argv", ["logreport", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return of


def logs(folder):
    """The logs of a folder."""
    return sorted((folder / "runs").glob("*.log"))


def started(folder):
    """How often the script was started with each value."""
    return Counter((folder / "started").read_text().split())


def test_a_plain_script_from_the_run_to_the_report(train, folder, call):
    """Byte-exact log, a record of the machine, the wall time as its metric, and a report with the command in it."""
    status, out, err = call("run", "--threads", "2", "--", *train, "--lr=1")
    (log,) = logs(folder)
    assert status == 0, err
    assert log.name.startswith("train-")
    assert log.read_bytes() == b"\xff plain\r\nlearning with 1 2\n"
    record = from_json(log.with_suffix(".run.json").read_bytes(), "x")
    assert record.command == (*train, "--lr=1")
    assert (record.benchmark, record.python) == ("command", ".".join(map(str, sys.version_info[:3])))
    assert (record.end.status, record.end.reason) == ("complete", "exit status 0")
    assert re.search(r"runs train whole run at [0-9.,]+ runs/s; one run takes [0-9.]+ m?s\.", out)
    tables = logreport.parse(folder / "runs")
    (phase,) = tables["phases"].to_dict("records")
    assert phase["seconds_per_batch"] == pytest.approx(record.end.seconds)
    (run,) = tables["runs"].to_dict("records")
    assert (run["status"], run["command"]) == ("complete", shlex.join((*train, "--lr=1")))
    assert not {"record-contradicts-log", "too-few-steps"} & set(tables["findings"]["code"])
    assert call("report", "runs", "-o", "report", "--format", "md")[0] == 0
    assert f"Command: `{shlex.join((*train, '--lr=1'))}`" in (folder / "report" / "report.md").read_text()


def test_two_commands_are_compared_by_their_time(train, call):
    """Repeats give the interval; the slower command is called so."""
    assert call("run", "-o", "old", "--repeat", "3", "--", *train, "--lr=0")[0] == 0
    status, out, _ = call("run", "-o", "new", "--repeat", "3", "--", *train, "--lr=60")
    assert status == 0
    assert re.match(r"phase +runs +seconds +95 % interval +±\nwhole run +3 +[0-9.]+ ", out)
    _, out, _ = call("compare", "old=old", "new=new")
    assert re.search(r"train whole run .*\bslower\b", out)


def test_a_failing_item_of_a_sweep_is_retried(train, folder, call):
    """It says why it failed; `--resume` finishes what is not done, `--retry-failed` makes what failed again."""
    status, out, err = call("run", "--sweep", "lr=1,9", "--", *train, "--lr={lr}")
    assert status == 1
    assert "a run failed (it ended with exit status 1: lr is too large)" in err
    assert [line.split()[:3] for line in out.splitlines()[1:3]] == [["1", "whole", "run"], ["9", "–", "0"]]
    assert started(folder) == {"1": 1, "9": 1}
    assert call("run", "--resume")[0] == 1
    assert started(folder) == {"1": 1, "9": 1}
    (folder / "mended").touch()
    status, out, err = call("run", "--retry-failed")
    assert status == 0, err
    assert started(folder) == {"1": 1, "9": 2}
    commands = {json.loads(path.read_bytes())["command"][-1] for path in (folder / "runs").glob("*.run.json")}
    assert commands == {"--lr=1", "--lr=9"}


def test_an_interval_that_was_not_reached_is_an_exit_status(train, call):
    """4, with how wide it still is and after how many runs."""
    status, _, err = call("run", "--until-ci", "0.0001%", "--repeat", "3", "--", *train)
    assert status == 4
    assert re.search(r"logreport: train: --until-ci was not reached: ±[0-9.]+ % after 3 runs", err)
    assert call("run", "-o", "wide", "--until-ci", "900%", "--repeat", "5", "--", *train)[0] == 0


def test_setup_prepare_and_cleanup(train, folder, call):
    """As hyperfine has them, with the values of a sweep in their places."""
    hooks = ("--setup", "echo setup {lr} >> said", "--prepare", "echo prepare {lr} >> said",
             "--cleanup", "echo cleanup {lr} >> said")  # fmt: skip
    status, _, err = call("run", "--sweep", "lr=1,2", "--repeat", "2", *hooks, "--", *train, "--lr={lr}")
    assert status == 0, err
    said = (folder / "said").read_text().splitlines()
    assert Counter(said) == {
        f"{what} {lr}": times
        for what, times in (("setup", 1), ("prepare", 2), ("cleanup", 1))
        for lr in (1, 2)
    }
    for lr in (1, 2):
        own = [line.partition(" ")[0] for line in said if line.endswith(str(lr))]
        assert own == ["setup", "prepare", "prepare", "cleanup"]
    assert call("run", "-o", "one", "--setup", "echo alone > said", "--", *train)[0] == 0
    assert (folder / "said").read_text() == "alone\n"


def test_a_hook_that_fails_is_a_run_that_is_not_started(train, folder, call):
    """Its last line says why."""
    status, _, err = call("run", "--prepare", "echo no room; exit 3", "--", *train)
    assert status == 1
    assert "the command of --prepare failed (exit status 3: no room); the run was not started" in err
    assert not (folder / "started").exists()


def test_a_launcher_and_its_ranks_are_in_the_record(train, folder, call):
    """The command stays what it is; what started it stands beside it, and the ranks in the tables."""
    (folder / "mpirun").write_text('#!/bin/sh\nshift 2\nexec "$@"\n')
    (folder / "mpirun").chmod(0o755)
    status, _, err = call("run", "--launcher", "./mpirun -np 4", "--", *train)
    assert status == 0, err
    record = from_json(logs(folder)[0].with_suffix(".run.json").read_bytes(), "x")
    assert (record.launcher, record.ranks, record.command) == ("./mpirun -np 4", 4, train)
    tables = logreport.parse(folder / "runs")
    assert tables["runs"]["ranks"].tolist() == [4]
    assert tables["environment"].set_index("key")["value"]["launcher"] == "./mpirun -np 4"


def test_a_grammar_of_ones_own_is_read_as_it_runs(train, folder, call):  # noqa: ARG001 - its PATH
    """Steps are shown live, the speed is that of its lines, and campaigns reckon with it."""
    (folder / "grammars").mkdir()
    (folder / "grammars" / "mine.lark").write_text(GRAMMAR)
    (folder / "speedy.py").write_text(PRINTS)
    words = ("--grammar", "grammars", "--", PYTHON, "speedy.py")
    status, out, err = call("run", *words)
    assert status == 0, err
    assert re.search(r"speedy: step [12]0 · last 230\.5", err)
    assert "runs mine training at 230 examples/s" in out
    status, out, _ = call("run", "--repeat", "2", *words)
    assert status == 0
    assert re.search(r"^training +2 +230\.5 ", out, re.MULTILINE)


def test_a_log_of_a_known_benchmark_is_read_as_such(train, folder, call):  # noqa: ARG001 - its PATH
    """Whatever command printed it."""
    line = "10\\timages/sec: 51.8 +/- 0.2 (jitter = 0.1)\\t7.593\\ntotal images/sec: 51.66"
    (folder / "wrapper.py").write_text(f"print('{line}')")
    status, out, _ = call("run", "--", PYTHON, "wrapper.py")
    assert status == 0
    (run,) = logreport.parse(folder / "runs")["runs"].to_dict("records")
    assert (run["benchmark"], run["status"]) == ("tf_cnn_benchmarks", "complete")
    assert "51.8 images/s" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("resnet",),
            "resnet: is neither a script nor a program that can be started; the scripts are alexnet",
        ),
        (("--sweep", "lr=1,2", "--", "true"), "the command has no {lr}; write {lr} where its values belong"),
        (("--source", ".", "--", "true"), "--source and --keep-train-dir are for the official scripts"),
        (("--synthetic-data", "--", "true"), "command reads no CIFAR-10; leave --synthetic-data out"),
        (("--launcher", "nobody -n 2", "--", "true"), "nobody: is no program that can be started"),
        ((), "name a script, or a command after --"),
    ],
)
def test_what_cannot_be_run_is_said_before_the_start(folder, call, words, said):
    """In one line, and nothing is left behind."""
    status, _, err = call("run", *words)
    assert status in (1, 2)
    assert said in err
    assert not logs(folder)


def test_a_plan_of_a_command_names_it(train, call):
    """`--dry-run` shows each command with its values in their places."""
    status, out, _ = call(
        "run", "--sweep", "lr=1,2", "--dry-run", "--", *train, "--lr={lr}", "--name={other}"
    )
    assert status == 0
    assert out.splitlines()[1:] == [f"  {PYTHON} train.py --lr={lr} '--name={{other}}'" for lr in (1, 2)]


def test_a_value_is_put_in_once():
    """A value that looks like a place is none; braces of nobody stay."""
    plan = Plan(COMMAND.name, ("run", "{a}{b}{c}")).swept(["a={b}", "b=1"], 1, None)
    assert plan.single(plan.combinations()[0]).arguments == ("run", "{b}1{c}")
    with pytest.raises(UsageError, match="a is named twice"):
        Plan(COMMAND.name, ("run", "{a}")).swept(["a=1", "a=2"], 1, None)


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("python3", "scripts/train.py", "--x"), "train"),
        (("python3", "-m", "pkg.train", "-v"), "pkg.train"),
        (("bash", "/opt/run all.sh"), "run-all"),
        (("./bench", "4"), "bench"),
    ],
)
def test_the_name_of_a_run_is_that_of_its_program(command, name):
    """Of what the command runs, not of the interpreter, as a file can have it."""
    assert program(command) == name


def test_a_record_of_an_older_logreport_is_read():
    """What it does not have yet is left open; what nobody knows is still an error."""
    record = from_json((Path(__file__).parent / "older.run.json").read_bytes(), "x")
    assert (record.launcher, record.ranks) == (None, None)
    assert record.machine.caches == {}
    assert record.end is not None
    assert record.end.memory_peak_bytes is None
    assert {sampled.device for sampled in record.end.samples} == {None}


def background(folder, *words):
    """The command line in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "logreport", "run", *words], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


SLEEPS = "import time\nprint('here', flush=True)\ntime.sleep(600)\n"


def test_ctrl_c_keeps_what_was_printed(train, folder, call):  # noqa: ARG001 - its PATH
    """130, a record that says so, and the campaign goes on where it was."""
    (folder / "sleeps.py").write_text(SLEEPS)
    driver = background(folder, "--repeat", "2", "--cleanup", "touch cleaned", "--", PYTHON, "sleeps.py")
    until(lambda: any(holds(log, b"here") for log in logs(folder)))
    driver.send_signal(signal.SIGINT)
    _, err = driver.communicate(timeout=60)
    assert driver.returncode == 130, err
    assert "stopped (Ctrl-C); `logreport run -o runs --resume` goes on" in err
    (record,) = (folder / "runs").glob("*.run.json")
    assert from_json(record.read_bytes(), "x").end.stopped_by == "Ctrl-C"
    assert looks_in(series(folder, ".telemetry.parquet").read_bytes(), "x")
    assert (folder / "cleaned").exists()
    (folder / "sleeps.py").write_text("pass")
    assert call("run", "--resume")[0] == 0
    assert len(state.saved(folder / "runs").done) == 2


def test_kill_9_leaves_a_log_that_says_what_happened(train, folder, call):  # noqa: ARG001 - its PATH
    """No process of it is left, the record has no end, and a campaign is finished all the same."""
    (folder / "sleeps.py").write_text(SLEEPS + f"# {folder}\n")
    driver = background(folder, "--repeat", "2", "--", PYTHON, str(folder / "sleeps.py"))
    until(lambda: any(holds(log, b"here") for log in logs(folder)))
    until(lambda: series(folder, ".telemetry.csv").read_bytes().count(b"\n") > 2)
    written = looks_in(series(folder, ".telemetry.csv").read_bytes(), "x")
    driver.kill()
    driver.communicate(timeout=60)
    until(lambda: not any(holds(Path(path), str(folder / "sleeps.py").encode()) for path in command_lines()))
    tables = logreport.parse(folder / "runs")
    (run,) = tables["runs"].to_dict("records")
    assert (run["status"], run["status_reason"]) == ("truncated", "its record has no end")
    assert len(tables["samples"]) >= len(written) >= 2
    assert tables["telemetry"]["n_samples"].max() >= 2
    (folder / "sleeps.py").write_text("pass")
    assert call("run", "--resume")[0] == 0
    assert len(state.saved(folder / "runs").done) == 2


def series(folder, ending):
    """The one series of a folder, of that form."""
    (path,) = (folder / "runs").glob(f"*{ending}")
    return path


def command_lines():
    """The files with the command lines of all processes."""
    return [path for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]


def test_a_campaign_that_failed_and_was_stopped_is_made_whole(train, folder, call):
    """One item fails, Ctrl-C comes in the middle of the last: `--resume` makes that one, `--retry-failed` the other."""
    (folder / "slow").touch()
    (folder / "train.py").write_text(
        TRAIN.replace("time.sleep(", "time.sleep(600 * (lr == '7' and os.path.exists('slow')) or ")
    )
    driver = background(folder, "--sweep", "lr=9,8,7", "--", *train, "--lr={lr}")
    until(lambda: (folder / "started").exists() and started(folder)["7"])
    driver.send_signal(signal.SIGINT)
    _, err = driver.communicate(timeout=60)
    assert driver.returncode == 130, err
    (folder / "slow").unlink()
    assert call("run", "--resume")[0] == 1  # what failed still has
    assert started(folder) == {"9": 1, "8": 1, "7": 2}
    (folder / "mended").touch()
    assert call("run", "--retry-failed")[0] == 0
    assert started(folder) == {"9": 2, "8": 1, "7": 2}
    found = logreport.parse(folder / "runs")["runs"]
    assert sorted(found["status"]) == ["complete"] * 3 + ["failed", "truncated"]


def test_a_full_disk_keeps_what_fits(train, folder):  # noqa: ARG001 - its PATH
    """The command is stopped, one line says what to do, and log and record are there."""
    (folder / "spams.py").write_text("while True: print('x' * 99, flush=True)\n")
    code = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)); from logreport import cli; cli.main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "run", "--", PYTHON, "spams.py"], cwd=folder, capture_output=True, text=True,
        check=False, timeout=120, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    (log,) = logs(folder)
    assert done.returncode == 1
    assert (
        "cannot be written (File too large); the run was stopped, what it printed until then is kept"
        in done.stderr
    )
    assert log.read_bytes() == (b"x" * 99 + b"\n") * 2000
    assert from_json(log.with_suffix(".run.json").read_bytes(), "x").end.status == "truncated"


FORKS = """
import os, sys, time
held = bytearray(64 << 20)
if os.fork() == 0:
    os.setsid()
    more = bytearray(64 << 20)
    print("child", os.getpid(), flush=True)
    time.sleep(600)
until = time.monotonic() + 60
while os.path.getsize(sys.argv[1]) < 8 and time.monotonic() < until: time.sleep(0.01)
time.sleep(1.5)
"""


def test_a_child_that_is_left_behind_is_counted_and_ended(train, folder, call):  # noqa: ARG001 - its PATH
    """It goes with the command, also from a session of its own; the memory of both counts together."""
    (folder / "forks.py").write_text(FORKS)
    (folder / "said").write_text("enough for it")
    assert call("run", "--", PYTHON, "forks.py", "said")[0] == 0
    (log,) = logs(folder)
    child = int(log.read_text().split()[1])
    assert not is_running(child)
    assert from_json(log.with_suffix(".run.json").read_bytes(), "x").end.left_behind == 1
    (run,) = logreport.parse(folder / "runs")["runs"].to_dict("records")
    assert run["memory_peak_bytes"] > 128 << 20


def test_what_a_command_prints_is_kept_whole(train, folder, call):  # noqa: ARG001 - its PATH
    """Ten megabytes of lines, as fast as they come: every byte, and its hash in the record; in test_process.py a hundred."""
    (folder / "prints.py").write_text(
        "for i in range(100): print(*(f'{i:04} {j:094}' for j in range(1000)), sep='\\n')\n"
    )
    status, _, err = call("run", "--", PYTHON, "prints.py")
    assert status == 0, err
    (log,) = logs(folder)
    end = from_json(log.with_suffix(".run.json").read_bytes(), "x").end
    assert log.stat().st_size == end.log_bytes == 10_000_000
    with log.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == end.log_sha256
        file.seek(-100, os.SEEK_END)
        assert file.read() == f"{99:04} {999:094}\n".encode()


KERAS = """
import sys, numpy, keras
size = int(sys.argv[1].partition("=")[2])
random = numpy.random.default_rng(1)
x, y = random.random((512, 28, 28, 1), dtype="float32"), random.integers(0, 10, 512)
model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(64, "relu"), keras.layers.Dense(10)])
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(x, y, batch_size=size, epochs=3, verbose=2)
print("done")
"""


@pytest.mark.slow
@pytest.mark.usefixtures("tensorflow")
def test_a_keras_script_from_the_run_to_the_comparison(train, folder, call):  # noqa: ARG001 - its PATH
    """Log, record with its packages, live view, telemetry, report, and a comparison of two batch sizes."""
    (folder / "keras_train.py").write_text(KERAS)
    for name, size in (("old", 8), ("new", 64)):
        status, out, err = call(
            "run", "-o", name, "--device", "cpu", "--", PYTHON, "keras_train.py", f"--batch_size={size}"
        )
        assert status == 0, err
    (log,) = (folder / "new").glob("*.log")
    assert log.read_text().count("Epoch ") == 3
    assert log.read_text().endswith("done\n")
    record = from_json(log.with_suffix(".run.json").read_bytes(), "x")
    assert {"keras", "numpy"} <= record.packages.keys()
    assert record.tensorflow
    tables = logreport.parse(folder / "new")
    (run,) = tables["runs"].to_dict("records")
    assert (run["status"], run["framework"], run["framework_version"]) == (
        "complete",
        "keras",
        record.packages["keras"],
    )
    (phase,) = tables["phases"].to_dict("records")
    assert phase["seconds_per_batch"] > 0
    assert 100 << 20 < run["memory_peak_bytes"] < 8 << 30
    assert {"utilisation", "memory_used_bytes"} <= set(tables["telemetry"]["quantity"])
    assert len(tables["samples"]) >= 2
    assert call("report", "new", "-o", "report", "--format", "md")[0] == 0
    report = (folder / "report" / "report.md").read_text()
    assert "- CPU: " in report
    assert "Memory of its processes at most: " in report
    status, out, _ = call("compare", "old=old", "new=new")
    assert status == 4  # its lines name no batch size, so that there is no speed to compare
    assert "keras_train" in out
