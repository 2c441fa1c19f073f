"""A new official script is an entry, a file, a grammar and a sample, and nothing else."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from logreport import api, scripts
from logreport.grammar import load_engine
from logreport.reporting.text.wording import speed_unit
from logreport.runner.live import Follower
from logreport.runs.scripts import registry
from logreport.runs.scripts.common import row_of
from logreport.sources.source import memory_source

PACKAGE = Path(scripts.__file__).parent
NAME = "lstm_benchmark"
ENTRY = scripts.Benchmark(
    results=(f"{NAME}.step", f"{NAME}.done"),
    steps=scripts.StepFormat("interval", None, 0.0001, warms_up=False),
    openings=(f"{NAME}.opening",),
    last=(f"{NAME}.done",),
    usual_precision="fp32",
    images=True,
)
GRAMMAR = """
start: opening | step | done

// LSTM with batch size 20
opening: "LSTM with batch size " batch_size
// batch 10 took 12.5 ms
step: "batch " number " took " milliseconds " ms"
// all 2 batches done
done: "all " batches " batches done"

batch_size: INT
number: INT
batches: INT
milliseconds: FLOAT

%import .terminals (INT, FLOAT)
"""
SAMPLE = """\
LSTM with batch size 20
batch 0 took 12.5 ms
batch 10 took 10.0 ms
all 2 batches done
LSTM with batch size 40
batch 0 took 22.5 ms
"""


def _opening(reader, match):
    """Each begins a run."""
    reader.begin_new(NAME).add(match)


def _step(reader, match):
    """A step is of the open run."""
    reader.of(NAME).add(match)


def _facts(run, _flags):
    """Its batch size stands in its first line."""
    sizes = [fields["batch_size"] for _, fields in run.of_kind(f"{NAME}.opening")]
    return {"model": "lstm", "mode": "training", "batch_size": sizes[0], "num_devices": 1}


def _status(run):
    """The last line says that it is done."""
    return ("complete", "it is done") if run.has(f"{NAME}.done") else ("truncated", "there is no last line")


def _build(run, row, tables):
    """Its steps, and the phase that analysis works out."""
    for match, fields in run.of_kind(f"{NAME}.step"):
        seconds = fields["milliseconds"] / 1000
        about = {**row_of(row), "phase": "training", "line": match.line}
        tables.add("steps", **about, step=fields["number"], seconds_per_batch=seconds)
    tables.add("phases", **about, batch_size=row["batch_size"], method="computed")


@pytest.fixture
def seventh(monkeypatch, tmp_path):
    """The folder of the grammar of a script that is registered for one test."""
    script = SimpleNamespace(facts=_facts, status=_status, build=_build)
    monkeypatch.setitem(scripts.OFFICIAL, NAME, ENTRY)
    monkeypatch.setitem(registry.BENCHMARKS, NAME, script)
    for kind, rule in (("opening", _opening), ("step", _step), ("done", _step)):
        monkeypatch.setitem(registry.RULES, f"{NAME}.{kind}", rule)
    (tmp_path / f"{NAME}.lark").write_text(GRAMMAR)
    return tmp_path


def test_a_seventh_script_is_read_as_the_others(seventh):
    """Its rules cut its runs, its file says what they are, its entry how its steps are to be read."""
    (seventh / "sample.log").write_text(SAMPLE)
    tables = api.parse(seventh / "sample.log", grammars=[seventh])
    runs, steps, phases = (tables[name] for name in ("runs", "steps", "phases"))
    assert runs.benchmark.tolist() == [NAME, NAME]
    assert runs.framework.tolist() == ["tensorflow", "tensorflow"]
    assert runs.batch_size.tolist() == [20, 40]
    assert runs.status.tolist() == ["complete", "truncated"]
    assert runs[["first_line", "last_line"]].to_numpy().tolist() == [[1, 4], [5, 6]]
    assert steps.step.tolist() == [0, 10, 0]
    assert phases.examples_per_second.iloc[0] == pytest.approx(20 * 11 / (0.0125 + 10 * 0.010))
    assert speed_unit([NAME, "mnist"]) == "images/s"


def test_a_seventh_script_shows_how_far_it_is(seventh, monkeypatch):
    """Its file says what its lines mean to who looks on; the runner knows no script by its name."""
    monkeypatch.setitem(
        registry.PROGRESS,
        f"{NAME}.step",
        lambda progress, fields, now: progress.reached(fields["number"], now),
    )
    follower = Follower({"num_batches": 20})
    follower.engine = load_engine((seventh,))
    assert follower.read(SAMPLE.encode())
    assert (follower.progress.step, follower.progress.total) == (0, 20)


@pytest.mark.parametrize("name", sorted({f for known in scripts.OFFICIAL.values() for f in known.files}))
def test_the_files_of_each_script_are_known_where_they_are_called(name):
    """Commands and tracebacks name files that the entries name."""
    text = f'$ python {name}.py --x=1\n  File "{name}.py", line 27, in <module>\n'
    source = memory_source("x.log", text.encode())
    matches = [match for scan in load_engine().scan(source.chunks()) for match in scan.matches]
    assert [match.leaf.kind for match in matches] == ["shell.command", "python.script_frame"]
    assert {scripts.benchmark_of(Path(match.value("script")).stem) for match in matches} != {None}


# Texts for people, and code that makes old checkouts run, name scripts as well.
_ELSEWHERE = ("cli/", "api/", "tables/schema.py", "runner/launcher/")


@pytest.mark.parametrize("name", sorted({*scripts.OFFICIAL} - {"cifar10", "mnist"}))
def test_the_name_of_a_script_stands_in_few_files(name):
    """Its entry, its file, the runner's two and no more; `cifar10` and `mnist` are data sets as well."""
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if re.search(rf"\b{name}\b", path.read_text())
    }
    assert len([file for file in found if not file.startswith(_ELSEWHERE)]) <= 4, found
