"""Facts that logs do not say: given with --set, counted before anything is worked out, and kept as given."""

import pytest
from click.testing import CliRunner

from logreport import compare, parse
from logreport.cli import group
from logreport.errors import UsageError

GRAMMAR = """
start: step
// it 10: 63ms
step: "it " step_ ": " seconds_per_batch
step_: INT
seconds_per_batch: DURATION
%import .terminals (INT, DURATION)
"""
OFFICIAL = """TensorFlow:  1.13
Model:       resnet50
Batch size:  64 global
1\timages/sec: 51.8 +/- 0.0 (jitter = 0.0)\t7.608
10\timages/sec: 51.7 +/- 0.1 (jitter = 0.1)\t7.849
----
total images/sec: 51.66
"""


@pytest.fixture
def mine(tmp_path):
    """A grammar whose logs say no batch size, and two of its logs."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "it.lark").write_text(GRAMMAR)
    for name, base in (("a", 50), ("b", 25)):
        steps = (f"it {n}: {base + n // 10 % 3}ms\n" for n in range(10, 210, 10))
        (tmp_path / f"{name}.log").write_text("".join(steps))
    return tmp_path


def call(*words):
    """A call of the command line."""
    return CliRunner().invoke(group, [str(word) for word in words], standalone_mode=False)


def test_a_batch_size_makes_speeds(mine):
    """Without it the time of a step is all that is known; with it there are speeds with an interval, and where it comes from."""
    bare, given = (
        parse(mine / "a.log", grammars=[mine / "mine"], given=facts) for facts in ([], ["batch_size=64"])
    )
    assert bare["phases"].examples_per_second.isna().all()
    assert bare["phases"].seconds_per_batch[0] == pytest.approx(0.051, abs=0.001)
    phase = given["phases"].iloc[0]
    assert phase.batch_size == 64
    assert phase.examples_per_second == pytest.approx(64 / phase.seconds_per_batch)
    assert phase.examples_per_second_low < phase.examples_per_second < phase.examples_per_second_high
    assert given["runs"][["batch_size", "given"]].to_numpy().tolist() == [[64, "batch_size=64"]]
    assert bare["runs"].given.isna().all()


def test_what_is_given_does_not_change_which_run_it_is(mine):
    """The run_id is that of the lines."""
    bare, given = (
        parse(mine / "a.log", grammars=[mine / "mine"], given=facts)["runs"] for facts in ([], "model=gpt")
    )
    assert bare.run_id.tolist() == given.run_id.tolist()


def test_the_batch_of_a_device_and_how_many_there_are(mine):
    """Together they are the batch; a device is named as given."""
    facts = ["batch_size_per_device=32", "num-devices=4", "device=NVIDIA A100", "xla=yes"]
    run = parse(mine / "a.log", grammars=[mine / "mine"], given=facts)["runs"].iloc[0]
    assert (run.batch_size, run.device_source, bool(run.xla)) == (128, "given", True)
    assert run.given == "batch_size_per_device=32, num_devices=4, device=NVIDIA A100, xla=True"


def test_the_log_is_contradicted(tmp_path):
    """The user's word counts, and a warning says what the log has."""
    (tmp_path / "a.log").write_text(OFFICIAL)
    tables = parse(tmp_path / "a.log", given=["batch_size=128", "model=resnet50"])
    assert tables["runs"].batch_size.tolist() == [128]
    assert tables["phases"].batch_size.tolist() == [128]
    found = tables["findings"][tables["findings"].code == "given-contradicts-log"]
    assert found.message.tolist() == [
        "batch_size is 128 as the user says and 64 by the log: the user's counts; leave out --set where the log is right"
    ]


def test_facts_of_one_label(mine):
    """`A:` is for the logs of A alone: twice the batch in twice the time is the same speed."""
    labels = {"A": mine / "a.log", "B": mine / "b.log"}
    found = compare(
        labels,
        grammars=[mine / "mine"],
        given=["A:batch_size=64", "B:batch_size=32"],
        across_batch_sizes=True,
    )
    (row,) = found.rows
    assert row.matched.comparison.ratio == pytest.approx(1, rel=0.05)
    none = compare(labels, grammars=[mine / "mine"], given=["A:batch_size=64"], across_batch_sizes=True)
    assert not none.rows


WRONG = {
    "batchsize=64": "runs have no column 'batchsize' to set; write batch_size",
    "zzz=64": "runs have no column 'zzz' to set; known are model, ",
    "batch_size=x": "batch_size cannot be 'x'; it is a whole number",
    "batch_size=-1": "batch_size cannot be '-1'; it is a whole number",
    "batch_size=0": "batch_size cannot be '0'; it is a whole number",
    "xla=maybe": "xla cannot be 'maybe'; it is yes or no",
    "batch_size": "'batch_size' is no fact; write --set batch_size=256",
    "batch_size=": "'batch_size=' is no fact; write --set batch_size=256",
    "run_id=5": "runs have no column 'run_id' to set; known are model, ",
    "A:batch_size=64": "'A' is no label here; write --set batch_size=64; labels with paths are those of `compare`",
}


@pytest.mark.parametrize("fact", WRONG)
def test_what_is_no_fact_is_said(mine, fact):
    """What is wrong, and what to write; nothing is read."""
    with pytest.raises(UsageError) as error:
        parse(mine / "a.log", grammars=[mine / "mine"], given=[fact])
    assert str(error.value).startswith(WRONG[fact])


def test_a_label_that_is_none(mine):
    """Known are those of the command."""
    labels = {"A": mine / "a.log", "B": mine / "b.log"}
    with pytest.raises(UsageError, match="there is no label 'C'; known are A, B"):
        compare(labels, grammars=[mine / "mine"], given=["C:batch_size=64"])


def test_the_commands_take_it(mine):
    """parse, table, report and compare; an archive does not."""
    where = ("--grammar", mine / "mine", "--set", "batch_size=64")
    assert "64" in call("parse", mine / "a.log", *where, "--columns", "batch_size").output
    assert "1\u202f254" in call("table", mine / "a.log", *where).output
    report = call("report", mine / "a.log", *where, "--format", "md", "-o", mine / "out")
    assert report.return_value == 0
    assert "Given by the user: batch_size=64" in (mine / "out" / "report.md").read_text()
    compared = call("compare", f"A={mine / 'a.log'}", f"B={mine / 'b.log'}", *where)
    assert "faster" in compared.output
    refused = CliRunner().invoke(group, ["report", "--from", str(mine), "--set", "batch_size=64"])
    assert refused.exit_code == 2
    assert "leave out --set" in refused.output


def test_a_report_of_step_times(mine):
    """Where nobody knows the batch size, it says what a step takes, and how to get a speed."""
    call("report", mine / "a.log", "--grammar", mine / "mine", "--format", "md", "-o", mine / "out")
    text = (mine / "out" / "report.md").read_text()
    assert "runs it training at 51.1 ms a step**, standard error" in text
    assert "`--set batch_size=…` gives it" in text
    assert "No speed" not in text
