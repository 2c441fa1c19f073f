"""Campaigns: every combination as often as planned, in a fair order; interrupted ones are finished, not repeated."""

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from children import ROOT
from hypothesis import given
from hypothesis import strategies as st
from playing import ALEXNET

import logreport
from logreport import cli
from logreport.errors import SourceError, UsageError
from logreport.runner.campaign import campaign, state
from logreport.runner.campaign.state import Campaign, saved
from logreport.runner.machine import machine
from logreport.runner.plan import Plan, Sweep, sweep_of
from logreport.runner.preparation import fetching

# Takes --batch_size, writes into a file which run it is, and prints alexnet's lines at a speed of choice.
COUNTED = """
import sys, os, pathlib
size = next((a.partition("=")[2] for a in sys.argv if a.startswith("--batch_size=")), "32")
with open("started", "a") as file: print(size, file=file)
count = pathlib.Path("started").read_text().split()
{before}
lines = {lines!r}.replace("0.1)", str({mean}) + ")").replace("0.3)", str(3 * {mean}) + ")").replace("[32,", f"[{{size}},")
exec(lines)
"""
LINES = ALEXNET.format(each="pass", before_last="pass")


def counted(before="", mean="0.1"):
    """The program, with something to do first and a step time."""
    return COUNTED.format(before=before, lines=LINES, mean=mean)


def call(monkeypatch, capsys, *words):
    """Exit status, standard output and standard error of `logreport run alexnet`."""
    monkeypatch.setattr(machine, "LOOK", 0.01)
    monkeypatch.setattr(sys, "argv", ["logreport", "run", "alexnet", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    return ended.value.code, said.out, said.err


SWEEP = ("--source", ".", "--sweep", "batch_size=4,8")


def logs(folder):
    """The logs of a folder."""
    return sorted(folder.glob("*.log"))


def test_every_combination_is_in_every_round():
    """Three settings with 2, 3 and 1 values: six combinations, each once a round, in another order each round."""
    plan = Plan("alexnet").swept(["model=a,b", "batch_size=1,2,3", "device=cpu"], 3, None)
    combinations = plan.combinations()
    assert len(combinations) == len({tuple(one.items()) for one in combinations}) == 6
    orders = [plan.order(repeat) for repeat in range(20)]
    assert all(sorted(order) == list(range(6)) for order in orders)
    assert orders == [plan.order(repeat) for repeat in range(20)]
    assert len({tuple(order) for order in orders}) > 10


def test_a_value_goes_where_it_belongs():
    """Device, threads, Python and source are ours; everything else is a flag of the script, after its own."""
    plan = Plan("alexnet", ("--x=1",), source=".", timeout=5.0, device="gpu")
    swept = plan.swept(["threads=2", "model=a", "python=/p"], 1, None)
    (combination,) = swept.combinations()
    assert swept.single(combination) == replace(
        plan, arguments=("--x=1", "--model=a"), source=str(Path.cwd()), python="/p", threads=2
    )


@pytest.mark.parametrize(
    "text", ["model", "=a", "model=", "model=a,,b", "device=tpu", "threads=x", "threads=0", "threads=²"]
)
def test_what_is_no_sweep_is_said(text):
    """With an example of what to write."""
    with pytest.raises(UsageError, match="write --sweep "):
        sweep_of(text)


@pytest.mark.parametrize(
    ("arguments", "sweeps"), [((), ["a=1", "a=2"]), (("--a=3",), ["a=1,2"]), (("-a", "3"), ["--a=1"])]
)
def test_a_setting_is_named_once(arguments, sweeps):
    """The script would take the last of two values: the log would not be of what the plan says."""
    with pytest.raises(UsageError, match="a is named twice"):
        Plan("alexnet", arguments).swept(sweeps, 1, None)


words = st.text(st.characters(exclude_categories=("Cs",)))
COUNTS = st.integers(0, (1 << 63) - 1)  # as large as a table can hold


@given(
    st.builds(
        Campaign,
        plan=st.builds(
            Plan, script=words, timeout=st.none() | st.floats(0, 1e6), until=st.none() | st.floats(0, 1)
        ),
        done=st.lists(
            st.builds(state.Done, combination=COUNTS, repeat=COUNTS, seconds=st.floats(0, 1e9))
        ).map(tuple),
    )
)
def test_a_campaign_is_the_same_after_a_trip_through_its_file(tmp_path_factory, made):
    """Whatever its settings are."""
    folder = tmp_path_factory.mktemp("campaign")
    state.save(made, folder)
    assert saved(folder) == made


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"logreport_campaign": 1}', '{"logreport_campaign": 1, "plan": 3}']
)
def test_a_damaged_state_is_said(tmp_path, content):
    """Instead of beginning again, or failing somewhere else."""
    (tmp_path / state.STATE).write_text(content)
    with pytest.raises(SourceError, match=r"\.campaign\.json: is damaged"):
        saved(tmp_path)


def test_a_newer_state_is_said(tmp_path):
    """By its version."""
    (tmp_path / state.STATE).write_text('{"logreport_campaign": 2}')
    with pytest.raises(SourceError, match=r"is of version 2, this logreport knows 1; install a newer"):
        saved(tmp_path)


def test_a_dry_run_runs_nothing(plays, folder, monkeypatch, capsys):
    """It says what it would run, and leaves no trace."""
    plays(code=counted())
    before = sorted(folder.iterdir())
    status, out, _ = call(monkeypatch, capsys, *SWEEP, "--repeat", "3", "--dry-run", "--", "--num_batches=5")
    assert status == 0
    assert out.splitlines()[0] == "2 combinations, each 3 times: 6 runs, in mixed order, one at a time"
    assert out.splitlines()[1:] == [
        f"  python alexnet_benchmark.py --num_batches=5 --batch_size={n}" for n in (4, 8)
    ]
    assert sorted(folder.iterdir()) == before


def test_a_campaign_measures_every_combination(plays, folder, monkeypatch, capsys):
    """The plan first, then the runs, then one table; the speed is that of all repeats, the report reads the folder."""
    plays(code=counted(mean="0.1 + 0.01 * len(count)"))
    status, out, err = call(monkeypatch, capsys, *SWEEP, "--repeat", "3")
    assert status == 0
    assert Counter((folder / "started").read_text().split()) == {"4": 3, "8": 3}
    assert (
        err.index("2 combinations, each 3 times")
        < err.index("run 1 of 6: batch_size=")
        < err.index("run 6 of 6")
    )
    assert "left" in err
    rows = [line.split() for line in out.splitlines()[1:5]]
    assert [row[:3] for row in rows] == [
        ["4", "forward", "3"], ["4", "forward_backward", "3"], ["8", "forward", "3"], ["8", "forward_backward", "3"],
    ]  # fmt: skip
    order = (folder / "started").read_text().split()
    means = [0.1 + 0.01 * (i + 1) for i, size in enumerate(order) if size == "4"]
    product = (4**3 / (means[0] * means[1] * means[2])) ** (1 / 3)
    assert float(rows[0][3]) == pytest.approx(product, rel=0.002)
    tables = logreport.parse(folder / "runs")
    assert sorted(tables["runs"]["batch_size"]) == [4, 4, 4, 8, 8, 8]
    assert sorted(tables["runs"]["source"]) == [
        f"{folder}/runs/{path.name}" for path in logs(folder / "runs")
    ]
    assert set(tables["runs"]["command"]) == {f"python alexnet_benchmark.py --batch_size={n}" for n in (4, 8)}


def test_one_failure_does_not_stop_the_rest(plays, folder, monkeypatch, capsys):
    """What fails is kept, said, and makes the exit status 1; everything else is measured."""
    plays(code=counted(before="if size == '4': raise ValueError('too small')"))
    status, out, err = call(monkeypatch, capsys, *SWEEP, "--repeat", "2")
    assert status == 1
    assert len(logs(folder / "runs")) == 4
    rows = [line.split() for line in out.splitlines()[1:4]]
    assert rows[0] == ["4", "–", "0", "of", "2", "–", "–", "–"]
    assert [row[:3] for row in rows[1:]] == [["8", "forward", "2"], ["8", "forward_backward", "2"]]
    assert err.count("ValueError: too small") == 4  # as each happens, and at the end


def test_an_interrupted_campaign_is_finished(plays, folder, monkeypatch, capsys):
    """Ctrl-C in the third of four runs stops all of it; `--resume` runs the two that are missing, and no other."""
    interrupt = (
        f"import os, signal, time\nif len(count) == 3: os.kill({os.getpid()}, signal.SIGINT); time.sleep(60)"
    )
    plays(code=counted(before=interrupt))
    status, out, err = call(monkeypatch, capsys, *SWEEP, "--repeat", "2")
    assert status == 130
    assert "stopped (Ctrl-C); `logreport run -o runs --resume` goes on" in err
    first = logs(folder / "runs")
    kept = {path: path.read_bytes() for path in first}
    assert len(first) == 3
    status, out, err = call(monkeypatch, capsys, "--resume")
    assert status == 0, err
    assert {path: path.read_bytes() for path in first} == kept
    assert len(logs(folder / "runs")) == 5
    assert Counter(logreport.parse(folder / "runs")["runs"]["status"]) == {"complete": 4, "truncated": 1}
    assert [line.split()[:3] for line in out.splitlines()[1:5]] == [
        ["4", "forward", "2"], ["4", "forward_backward", "2"], ["8", "forward", "2"], ["8", "forward_backward", "2"],
    ]  # fmt: skip
    done = saved(folder / "runs").done
    assert sorted((run.combination, run.repeat) for run in done) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    status, _, _ = call(monkeypatch, capsys, "--resume")
    assert (status, len(logs(folder / "runs"))) == (0, 5)


def test_a_run_whose_log_is_gone_is_made_again(plays, folder, monkeypatch, capsys):
    """The table must not rest on numbers that nobody can look up."""
    plays(code=counted())
    call(monkeypatch, capsys, *SWEEP)
    logs(folder / "runs")[0].unlink()
    status, _, _ = call(monkeypatch, capsys, "--resume")
    assert (status, len(logs(folder / "runs"))) == (0, 2)


def test_repeats_end_when_the_interval_is_tight(plays, folder, monkeypatch, capsys):
    """A steady combination is measured three times, an unsteady one as often as allowed."""
    mean = "0.1 if size == '4' else 0.1 * (1 + count.count('8') % 2)"
    plays(code=counted(mean=f"({mean})"))
    status, out, err = call(monkeypatch, capsys, *SWEEP, "--until-ci", "5%", "--repeat", "6")
    assert status == 4
    assert re.search(r"batch_size=8: --until-ci was not reached: ±[0-9.]+ % after 6 runs", err)
    assert "batch_size=4: --until-ci" not in err
    assert Counter((folder / "started").read_text().split()) == {"4": 3, "8": 6}
    assert [line.split()[2] for line in out.splitlines()[1:5]] == ["3", "3", "6", "6"]


def test_a_combination_that_only_fails_is_given_up(plays, folder, monkeypatch, capsys):
    """Its interval would never be tight."""
    plays(code=counted(before="if size == '4': sys.exit(2)"))
    status, _, _ = call(monkeypatch, capsys, *SWEEP, "--until-ci", "5%")
    assert status == 1
    assert Counter((folder / "started").read_text().split()) == {"4": 2, "8": 3}


def test_a_folder_holds_one_campaign(plays, folder, monkeypatch, capsys):
    """A second one begins when the first is over, and counts its own runs; another script cannot go on with it."""
    plays(code=counted())
    call(monkeypatch, capsys, *SWEEP)
    logs(folder / "runs")[0].unlink()
    kept = saved(folder / "runs")
    state.save(replace(kept, done=kept.done[:1]), folder / "runs")
    status, _, err = call(monkeypatch, capsys, *SWEEP)
    assert status == 2
    assert "runs: holds a campaign that is not over; finish it with --resume" in err
    assert len(logs(folder / "runs")) == 1
    status, _, err = call(monkeypatch, capsys, "--resume", "--sweep", "batch_size=4")
    assert (status, "--resume goes on with what the folder says" in err) == (2, True)
    status, _, err = call(monkeypatch, capsys, "--resume", "-o", "nowhere")
    assert (status, "nowhere: holds no campaign" in err) == (2, True)
    kept = json.loads((folder / "runs" / state.STATE).read_text())
    kept["plan"]["script"] = "mnist"
    (folder / "runs" / state.STATE).write_text(json.dumps(kept))
    status, _, err = call(monkeypatch, capsys, "--resume")
    assert (status, "holds a campaign of mnist" in err) == (2, True)


def test_a_second_campaign_counts_its_own_runs(plays, folder, monkeypatch, capsys):
    """In the folder of one that is over, such as the default one: the summary is of the runs that it made."""
    plays(code=counted())
    monkeypatch.setattr("logreport.runner.machine.machine.governor", lambda: "powersave")
    for _ in range(2):
        status, out, _ = call(monkeypatch, capsys, *SWEEP)
        assert status == 0
        assert "powersave: 2 runs" in out
    assert len(logs(folder / "runs")) == 4


def test_a_campaign_says_what_it_measured_so_far(plays, monkeypatch, capsys):
    """After each run: the speed of its combination, and its interval as soon as there is one."""
    plays(code=counted(mean="0.1 + 0.01 * len(count)"))
    _, _, err = call(monkeypatch, capsys, "--source", ".", "--sweep", "batch_size=4", "--repeat", "2")
    said = [line for line in err.splitlines() if "so far" in line]
    assert said[0].startswith("logreport: so far, of 1 run: forward 36.36 examples/s ±")
    # the geometric mean of 4 / 0.11 and 4 / 0.12
    assert re.match(r"logreport: so far, of 2 runs: forward 34.82 examples/s ±[0-9.]+ %", said[1])


def test_a_plan_is_shown_without_a_clone(folder, monkeypatch, capsys):
    """`--dry-run` says what would be cloned, and clones nothing; what is not there cannot be checked."""
    monkeypatch.setattr(fetching, "place", lambda name: folder / "nowhere" / name)
    monkeypatch.setattr(fetching, "git", lambda *_, **__: pytest.fail("git was started"))
    status, out, err = call(monkeypatch, capsys, "--sweep", "batch_size=4,8", "--dry-run")
    assert status == 0
    assert out.splitlines()[1:] == [f"  python alexnet_benchmark.py --batch_size={n}" for n in (4, 8)]
    assert "so nothing is checked yet: before the runs, git clones tutorials/image" in err
    assert not list(folder.iterdir())


def test_two_campaigns_cannot_run_in_one_folder(plays, folder, monkeypatch, capsys):
    """The second one is told which process is at work, also where it would go on with the first; then the folder is free."""
    plays(code=counted())
    with state.alone(folder / "runs"):
        for words in (SWEEP, ("--resume",)):
            status, _, err = call(monkeypatch, capsys, *words)
            assert status == 1
            assert f"runs: another campaign runs in it (process {os.getpid()}); wait for its end" in err
        assert not logs(folder / "runs")
    assert not (folder / "runs").exists()
    assert call(monkeypatch, capsys, *SWEEP)[0] == 0
    assert sorted(path.name for path in (folder / "runs").glob(".*")) == [state.STATE]


def test_two_campaigns_that_start_at_once(plays, folder):
    """Of many that want the folder at the same moment, one has it."""
    plays(code=counted())
    text = (
        "import sys, pathlib\nfrom logreport.runner.campaign.state import alone\n"
        "sys.stdin.read(1)\n"
        "with alone(pathlib.Path('runs')): print('in', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", text]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    children = [
        subprocess.Popen(command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, **pipes)
        for _ in range(4)
    ]
    for child in children:
        child.stdin.write(b"x")
        child.stdin.flush()
    while sum(child.poll() is None for child in children) > 1:
        time.sleep(0.05)
    said = [child.communicate() for child in children]
    assert sorted(out for out, _ in said) == [b"", b"", b"", b"in\n"]
    assert sum(b"another campaign runs in it (process " in err for _, err in said) == 3
    assert not (folder / "runs").exists()


def test_what_a_killed_campaign_left_holds_nobody_up(plays, folder, monkeypatch, capsys):
    """Its lock went with it, whatever is in the file."""
    plays(code=counted())
    (folder / "runs").mkdir()
    (folder / "runs" / state.LOCK).write_text("123456")
    assert call(monkeypatch, capsys, *SWEEP)[0] == 0


def test_a_script_that_deletes_the_runs(plays, folder, monkeypatch, capsys):
    """One clear error for the run, the others go on, and no traceback; what could be kept is there."""
    plays(code=counted(before="import shutil\nif len(count) == 2: shutil.rmtree('runs')"))
    status, out, err = call(monkeypatch, capsys, *SWEEP, "--repeat", "2")
    assert status == 1
    assert "Traceback" not in out + err
    assert "runs: was deleted while the script ran: its log and record were written again" in err
    assert len(logs(folder / "runs")) == 3
    assert len(list((folder / "runs").glob("*.run.json"))) == 3


def test_a_disturbed_campaign_says_so(plays, monkeypatch, capsys):
    """Before it begins, and at the end by what was recorded."""
    plays(code=counted())
    monkeypatch.setattr("logreport.runner.machine.machine.governor", lambda: "powersave")
    _, out, err = call(monkeypatch, capsys, *SWEEP)
    assert "the frequency governor is powersave" in err
    assert "powersave: 2 runs" in out


def test_the_time_left_is_that_of_the_runs_to_come():
    """A combination that was measured is estimated by itself, another by the mean of all."""
    plan = Plan("alexnet").swept(["a=1,2"], 3, None)
    assert campaign.remaining(Campaign(plan)) is None
    done = (state.Done(0, 0, "x", "complete", "", 10.0), state.Done(0, 1, "x", "complete", "", 20.0))
    assert campaign.remaining(Campaign(plan, done)) == 15.0 + 3 * 15.0
    done += (state.Done(1, 0, "x", "failed", "", 1.0),)
    assert campaign.remaining(Campaign(plan, done)) == 15.0 + 2 * 1.0


def test_values_keep_their_order_and_are_named_once():
    """A value that is written twice is run once."""
    assert sweep_of("--batch_size=32, 16,32") == Sweep("batch_size", ("32", "16"))
