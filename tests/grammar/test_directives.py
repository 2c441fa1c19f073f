"""Directives of grammars: what they say is what an entry of a script says; what is wrong with one is one line."""

import difflib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logreport.errors import GrammarError
from logreport.grammar import load_engine
from logreport.grammar.directives import EXAMPLES, Reader, directives_of, read_directives
from logreport.grammar.linting.lint import lint
from logreport.scripts import ROLES

KINDS = {
    "header": {"model", "device"},
    "step": {"step", "epoch", "images_per_second", "tokens_per_second", "line"},
    "checked": {"top_1"},
    "over": {"seconds"},
    "chatter_1": set(),
    "bare": set(),
}


def read(tmp_path, *lines):
    """The format that these directives make of `KINDS`, and what is wrong."""
    path = tmp_path / "mine.lark"
    path.write_text("".join(f"//! {line}\n" for line in lines))
    known, problems = read_directives(path, KINDS)
    return known, [str(problem).removeprefix(f"{path}:") for problem in problems]


def test_without_a_directive_names_say_the_roles(tmp_path):
    """The kinds header, step and total are what they are called."""
    known, problems = read(tmp_path)
    assert problems == []
    assert (known.kinds("header"), known.kinds("step"), known.results) == (
        ("mine.header",),
        ("mine.step",),
        ("mine.step",),
    )
    assert (known.steps.lines, known.steps.warms_up) == ("interval", True)


def test_all_that_can_be_said(tmp_path):
    """Each directive fills its part of the entry."""
    known, problems = read(
        tmp_path,
        "begins: header",
        "evaluation: checked",
        "ends: over",
        "restarts: epoch",
        "outside_epochs: evaluation",
        "lines: cumulative",
        "rate: tokens_per_second",
        "rounding: images_per_second 0.5",
        "warm_up: left out",
        "always: framework = pytorch",
        "always: dataset = imagenet, 2012",
        "option: batch_size = -b, --batch-size",
        "option: batch_size = --bs",
        "files: main.py, train",
        "json: line: loss = data.loss, learning_rate = lr in use",
    )
    assert problems == []
    assert known.roles["begins"] == ("mine.header",)
    assert known.roles["header"] == ()  # another role was given
    assert known.last == ("mine.over",)
    assert set(known.results) == {"mine.step", "mine.checked", "mine.over"}
    assert (known.restarts, known.rate, known.rounding) == (
        True,
        "tokens_per_second",
        {"images_per_second": 0.5},
    )
    assert (known.steps.lines, known.steps.warms_up) == ("cumulative", False)
    assert known.outside_epochs == "evaluation"
    assert known.always == {"framework": "pytorch", "dataset": "imagenet, 2012"}
    assert known.setup_flags == {"batch_size": ("-b", "--batch-size", "--bs")}
    assert known.files == ("main", "train")
    assert known.objects == {"line": {"loss": "data.loss", "learning_rate": "lr in use"}}


WRONG = {
    "lines: cumulativ": "1: lines: 'cumulativ' is not known; write cumulative",
    "lines: x": "1: lines: 'x' is not known; write one of interval, cumulative, timestamps",
    "restarts: step": "1: restarts: step is nothing that steps start again with; write `restarts: epoch`",
    "outside_epochs: evaluating": "1: outside_epochs: 'evaluating' is not known; write evaluation",
    "outside_epochs: inference": "1: outside_epochs: steps know no epochs; say `restarts: epoch` too",
    "rate: token_per_second": "1: rate: there is no field token_per_second; write tokens_per_second",
    "rate: model": "1: rate: model is no speed; name a field such as images_per_second",
    "rounding: images_per_second": "1: rounding: nothing is no step of a digit; write `rounding: images_per_second 0.1`",
    "rounding: images_per_second -1": "1: rounding: -1 is no step of a digit; write `rounding: images_per_second 0.1`",
    "rounding: nothing 1": "1: rounding: there is no field nothing; name a field of a kind",
    "warm_up: printd": "1: warm_up: 'printd' is not known; write printed",
    "always: framewrk = x": "1: always: the runs have no column framewrk; write framework",
    "always: framework": "1: always: framework is nothing; write `always: framework = VALUE`",
    "always: run_id = x": "1: always: the runs have no column run_id; name a column of `runs`",
    "option: batchsize = -b": "1: option: the runs have no column batchsize; write batch_size",
    "option: batch_size = b": "1: option: b is no option of a command; write `option: batch_size = -b, --batch-size`",
    "option: batch_size =": "1: option: batch_size has no options; write `option: batch_size = -b, --batch-size`",
    "files: a/b": "1: files: a/b is no name of a script; write names without folders, as `files: main, train`",
    "json: lin: loss = loss": "1: json: there is no field lin; write line",
    "json: line: loss": "1: json: loss is no key; write `json: line: step = step, loss = data.loss`",
    "json: line: loss = a, loss = b": "1: json: line has loss twice; keep one of the two",
    "step: stp": "1: step: there is no kind stp; write step",
    "step: nowhere": "1: step: there is no kind nowhere; name a kind below `start`",
    "step: chatter_1": "1: step: a kind chatter_1 says nothing; give the rule a name that does not begin with chatter",
    "ends: bare": "1: ends: bare has no field, and a line without one says nothing; make its words one: `bare: what` with",
    "step: step, step": "1: step names step twice; name it once",
    "step:": "1: step says nothing; write `//! step: KIND`",
    "no name at all": "1: a directive is `//! name: value`; write one of ",
}


@pytest.mark.parametrize("line", WRONG)
def test_what_is_wrong_is_one_line(tmp_path, line):
    """Where it stands, what is wrong, and what to write instead."""
    _, problems = read(tmp_path, line)
    (problem,) = problems
    assert problem.startswith(WRONG[line])


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_directive_misspelt_is_known_again(tmp_path, name):
    """A letter too few: the nearest name is said, if it is that of one directive alone."""
    misspelt = f"{name[:2]}{name[3:]}"
    _, (problem,) = read(tmp_path, f"{misspelt}: x")
    near = difflib.get_close_matches(misspelt, [*Reader(tmp_path / "a.lark", {}).read_by], 1)
    assert problem == f"1: {misspelt!r} is no directive; write {near[0]}"
    assert near == [name]


TWICE = {
    ("lines: interval", "lines: cumulative"): "2: lines stands in line 1 already; keep one of the two",
    ("restarts: epoch", "restarts: epoch"): "2: restarts stands in line 1 already; keep one of the two",
    ("always: dataset = a", "always: dataset = b"): "2: always says dataset twice; keep one of the two",
    ("begins: header", "facts: header"): "2: header cannot be begins and facts; name it in one of the two",
    ("step: checked", "evaluation: checked"): "2: checked cannot be step and evaluation; name it in one of the two",
    ("begins: over", "ends: over"): "2: over cannot be begins and ends; name it in one of the two",
    ("completes: over", "ends: over"): "2: over cannot be completes and ends; name it in one of the two",
    ("header: checked", "evaluation: checked"): "2: checked cannot be header and evaluation; name it in one of the two",
    ("published: checked", "evaluation: checked"): "2: checked cannot be published and evaluation; name it in one of the two",
}  # fmt: skip


@pytest.mark.parametrize("lines", TWICE)
def test_what_contradicts_itself(tmp_path, lines):
    """Two directives that cannot both hold: the second is named."""
    assert read(tmp_path, *lines)[1] == [TWICE[lines]]


def test_what_comes_beside_a_name(tmp_path):
    """A step may have facts and end its run, and is a step all the same; a header that begins nothing is no header."""
    known, problems = read(tmp_path, "facts: step, header", "ends: step")
    assert problems == []
    assert known.kinds("step", "facts", "ends", "header") == (
        "mine.step",
        "mine.step",
        "mine.header",
        "mine.step",
    )


def test_an_epoch_must_be_said_somewhere(tmp_path):
    """Steps that start again each epoch need the field that says which."""
    path = tmp_path / "mine.lark"
    path.write_text("//! restarts: epoch\n")
    _, (problem,) = read_directives(path, {"step": {"step"}})
    assert (
        str(problem)
        == f"{path}:1: restarts: no kind has a field epoch; add one to the line that says the epoch"
    )


@pytest.fixture
def folder(tmp_path):
    """A grammar whose directive is wrong, with its sample."""
    (tmp_path / "mine.lark").write_text(
        '//! lines: sometimes\nstart: step\n// at 5\nstep: "at " step_\nstep_: INT\nINT: /[0-9]+/\n'
    )
    (tmp_path / "mine.log").write_text("at 5\n")
    return tmp_path


def test_check_and_reading_say_the_same(folder):
    """`grammar check` lists it, and no log is read with it."""
    (problem,) = lint(folder).problems
    assert str(problem).startswith(f"{folder}/mine.lark:1: lines: 'sometimes' is not known")
    with pytest.raises(GrammarError, match="lines: 'sometimes' is not known"):
        load_engine((folder,))


def test_a_directive_is_no_sample(tmp_path):
    """It may stand between a rule and its comment, and is no line of that comment."""
    (tmp_path / "mine.lark").write_text(
        'start: over\n// over 5\n//! ends: over\nover: "over " n\nn: INT\nINT: /[0-9]+/\n'
    )
    (tmp_path / "mine.log").write_text("\n")
    assert [str(problem) for problem in lint(tmp_path).problems] == []


def test_where_directives_stand():
    """Indented or not; other comments are none."""
    text = '// step: no\n  //! step: a, b\n//!lines:interval\nstep: "//! no: no"\n'
    assert directives_of(text) == [(2, "step", "a, b"), (3, "lines", "interval")]


@settings(max_examples=200)
@given(
    st.lists(
        st.text(st.characters(exclude_characters="\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), max_size=30),
        max_size=4,
    )
)
def test_any_text_is_read_or_named(tmp_path_factory, texts):
    """Whatever stands behind the sign: a format, and at most one problem for each line and kind; never an exception."""
    path = tmp_path_factory.getbasetemp() / "any.lark"
    path.write_text("".join(f"//!{text}\n" for text in texts), encoding="utf-8", errors="replace")
    known, problems = read_directives(path, KINDS)
    assert known.roles.keys() == ROLES.keys()
    assert all(1 <= problem.line <= len(texts) for problem in problems)
