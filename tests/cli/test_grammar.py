"""`logreport grammar`: what is known, and what is wrong with a grammar of the user's own, one line each."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from logreport import parse
from logreport.cli import group
from logreport.errors import GrammarError
from logreport.grammar.linting.lint import lint

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "grammars.md"
BLOCKS = re.findall(r"^```(?:text|lark)\n(.*?)^```$", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
LOG, GRAMMAR, PREFIXES = BLOCKS[0], BLOCKS[1], BLOCKS[-1]


def call(*words):
    """Run a command line in this process."""
    return CliRunner().invoke(group, list(map(str, words)), standalone_mode=False, catch_exceptions=False)


@pytest.fixture
def mine(tmp_path):
    """The grammar of the guide, with its sample log."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "trainer.lark").write_text(GRAMMAR)
    (folder / "trainer.log").write_text(LOG)
    return folder


def test_list_shows_every_grammar():
    """Each grammar, each kind with the type of its fields, and a line that it reads."""
    shown = call("grammar", "list").output
    assert "tf_cnn_benchmarks\n" in shown
    assert "  total: images_per_sec (float)\n      total images/sec: 51.66\n" in shown
    assert "  rule: no fields\n" in shown
    assert "terminals" not in shown


def test_list_of_one_grammar(mine):
    """A name shows one grammar, of ours or of the user's."""
    shown = call("grammar", "list", "trainer", "--grammar", mine).output
    assert shown.startswith(
        "trainer\n  header: model (text), batch_size (int), precision (text), device (text)\n"
    )
    assert "      Done: 253.8 images/s\n" in shown
    assert "alexnet" not in shown


def test_list_of_no_grammar_says_which_there_are():
    """A wrong name is answered with the right ones."""
    result = CliRunner().invoke(group, ["grammar", "list", "alexnet"])
    assert result.exit_code == 2
    assert "alexnet_benchmark" in result.output


def test_check_of_a_sound_grammar(mine):
    """All is well: one line on standard output, status 0."""
    result = call("grammar", "check", mine)
    assert result.return_value == 0
    assert result.output == f"{mine}: 1 grammar, 4 kinds, 7 lines of samples: all is well.\n"


def test_the_grammars_that_ship_are_sound(root):
    """Ours are held to what we ask of others, with their sample logs."""
    found = lint(root / "grammars", root / "tests" / "samples")
    assert [str(problem) for problem in found.problems] == []
    assert sum(map(len, found.kinds.values())) > 100


PROBLEMS = {
    "not Lark": ("start: step\nstep: (", "", r"trainer\.lark: .*"),
    "no start": ("step: X\nX: /x/\n", "x\n", "has no rule start"),
    "recursive": ('start: step\nstep: "x" step | "x"\n', "x\n", "is recursive"),
    "two terminals": (
        "start: step\nstep: INT | WORD\nINT: /[0-9]+/\nWORD: /[a-z0-9]+/\n", "1\n", "INT and WORD can both match"
    ),
    "field twice": ('start: step\nstep: n "," n\nn: INT\nINT: /[0-9]+/\n', "1,1\n", "field n can be there twice"),
    "two kinds of its own": (
        'start: step | total\n// at 5\nstep: "at " n\n// at 7\ntotal: "at " INT\nn: INT\nINT: /[0-9]+/\n',
        "at 5\n",
        "trainer.step and trainer.total both read 'at 5'",
    ),
    "a kind of ours, by its sample": (
        'start: total\n// total images/sec: 1.5\ntotal: "total images/sec: " speed\nspeed: REST\n%import .terminals (REST)\n',
        "total images/sec: 1.5\n",
        "trainer.total and tf_cnn_benchmarks.total both read",
    ),
    "too wide": (
        "start: step\n// anything\nstep: text\ntext: REST\n%import .terminals (REST)\n", "anything\n", "trainer.step and .* both read"
    ),
    "no sample log": ('start: total\n// all: 5\ntotal: "all: " n\nn: INT\nINT: /[0-9]+/\n', None, "has no sample log"),
    "a line of the sample": (
        'start: total\n// all: 5\ntotal: "all: " n\nn: INT\nINT: /[0-9]+/\n', "all: 5\nall: x\n", r"trainer\.log:2: no kind reads 'all: x'"
    ),
    "a kind without a line": (
        'start: total | step\n// all: 5\ntotal: "all: " n\nstep: "at " n\nn: INT\nINT: /[0-9]+/\n', "all: 5\n", "is of kind trainer.step"
    ),
}  # fmt: skip


@pytest.mark.parametrize("problem", PROBLEMS)
def test_each_problem_is_one_line(tmp_path, problem):
    """What is wrong, in which file, and what to do; status 1."""
    grammar, log, said = PROBLEMS[problem]
    (tmp_path / "trainer.lark").write_text(grammar)
    if log is not None:
        (tmp_path / "trainer.log").write_text(log)
    result = call("grammar", "check", tmp_path)
    assert result.return_value == 1
    lines = result.stderr.splitlines()
    assert any(re.search(said, line) for line in lines), lines
    assert all(line.startswith(f"logreport: {tmp_path}") for line in lines)


def test_a_name_that_is_taken(tmp_path, mine):
    """A grammar of the name of one of ours would hide it."""
    (mine / "cifar10.lark").write_text(GRAMMAR)
    assert any("has a grammar cifar10 of its own" in str(problem) for problem in lint(mine).problems)
    with pytest.raises(GrammarError, match=r"no \.lark file"):
        lint(tmp_path / "nowhere")


def test_a_users_grammar_gives_runs_steps_and_phases(mine):
    """The guide's promise: no Python, and its runs are runs as any other."""
    tables = parse(mine / "trainer.log", grammars=[mine])
    run = tables["runs"].iloc[0]
    assert (run.benchmark, run.model, run.batch_size, run.precision) == ("trainer", "resnet50", 64, "fp16")
    assert (run.device, run.device_kind, run.status) == ("GeForce RTX 3080", "gpu", "complete")
    assert run.isna().framework
    assert tables["steps"].step.tolist() == [10, 20, 30, 40]
    assert tables["steps"].loss.tolist() == [6.93, 6.71, 6.52, 6.31]
    phase = tables["phases"].iloc[0]
    assert (phase.phase, phase.examples_per_second_printed) == ("training", 253.8)
    assert phase.examples_per_second == pytest.approx(254, abs=0.5)


def test_two_sessions_in_one_log(mine):
    """A header after a result, or a step that goes back, begins another run."""
    log = mine / "two.log"
    log.write_text(LOG + LOG.replace("fp16", "fp32") + LOG.partition("fp16")[2].partition("\n")[2])
    tables = parse(log, grammars=[mine])
    assert tables["runs"].precision.fillna("").tolist() == ["fp16", "fp32", ""]


def test_a_users_prefix(mine):
    """What a launcher of one's own puts before each line is taken away, and the rank is kept."""
    (mine / "prefixes.lark").write_text(PREFIXES)
    log = mine / "boxed.log"
    log.write_text("".join(f"box-7 >> {line}\n" for line in LOG.splitlines()))
    assert call("grammar", "check", mine).return_value == 0
    bare, boxed = (parse(path, grammars=[mine]) for path in (mine / "trainer.log", log))
    assert boxed["runs"].run_id.tolist() == bare["runs"].run_id.tolist()
    assert boxed["steps"].examples_per_second.tolist() == bare["steps"].examples_per_second.tolist()
    assert set(boxed["steps"]["rank"]) == {7}


def test_a_users_prefix_without_a_sample(mine):
    """Each prefix shows a line that it stands before."""
    (mine / "prefixes.lark").write_text(PREFIXES.replace("// box-7 >>", "// a box:"))
    assert "no line with the prefix prefixes.box" in call("grammar", "check", mine).stderr


def test_other_kinds_are_records(mine):
    """A kind with a name of its own is no part of a run's numbers, and is there among the records."""
    grammar = GRAMMAR.replace("| chatter", "| chatter | lesson").replace(
        "model: NAME\n", 'model: NAME\nlesson: "!! " note\nnote: REST\n'
    )
    (mine / "trainer.lark").write_text(grammar)
    log = mine / "noted.log"
    log.write_text(LOG + "!! slow disk\n")
    result = call("parse", log, "--grammar", mine, "--table", "records", "--format", "jsonl")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert rows[-1]["kind"] == "trainer.lesson"
    assert rows[-1]["fields"] == {"note": "slow disk"}
