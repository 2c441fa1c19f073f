"""Lines that are JSON objects: their keys are fields in any order, the same with `re` and with the machine."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logreport import parse
from logreport.grammar import load_engine
from logreport.grammar.linting.lint import lint
from logreport.grammar.lowering.pattern import Leaf
from logreport.grammar.scanning.objects import Object, Objects

GRAMMAR = r"""
//! json: parameters: model = data.arch, batch_size = data.batch_size
//! json: numbers: step = step.1, epoch = step.0, loss = data.train.loss, images_per_second = data.ips
//! facts: about

start: about | step

// BOX {"step": "PARAMETER", "data": {"arch": "resnet50", "batch_size": 256}}
about: "BOX " parameters

// BOX {"step": [0, 10], "data": {"train.loss": 6.9, "ips": 331.0}}
step: "BOX " numbers

parameters: PARAMETERS
numbers: NUMBERS

PARAMETERS: /\{(?=[^\r\n]*"step": ?"PARAMETER")[^\r\n]*\}/
NUMBERS: /\{(?=[^\r\n]*"step": ?\[)[^\r\n]*\}/
"""
LINES = [
    'BOX {"step": "PARAMETER", "data": {"arch": "resnet50", "batch_size": 256}}',
    'BOX {"step": [0, 10], "data": {"train.loss": 6.9, "ips": 331.0}}',
    'BOX {"data": {"ips": 332.25, "train": {"loss": "6.5"}}, "other": null, "step": [0, 20]}',
    'BOX {"step": [0, 30], "data": {"train.loss": NaN}}',
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The grammar with a sample."""
    return folder_at(tmp_path_factory.mktemp("objects"))


def folder_at(made):
    """The same in a place."""
    (made / "dll.lark").write_text(GRAMMAR)
    (made / "dll.log").write_text("".join(f"{line}\n" for line in LINES))
    return made


@pytest.fixture(scope="module")
def fast(tmp_path_factory):
    """An engine of its own, with the machine."""
    made = load_engine((folder_at(tmp_path_factory.mktemp("fast")),))
    if made.machine is None:
        pytest.skip("no machine here")
    return made


@pytest.fixture(scope="module", params=["machine", "re"])
def engine(request, folder):
    """The engine, whose matches the machine finds or Python's `re`."""
    made = load_engine((folder,))
    if request.param == "machine":
        if made.machine is None:
            pytest.skip("no machine here")
        yield made
    else:
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(vars(made), "machine", None)
            yield made


def read(engine, *lines):
    """Kind and fields of the matches, and the lines that are left."""
    text = "".join(f"{line}\n" for line in lines).encode()
    scan, _, _ = engine.scan_lines(text, 1)
    left = [number for gap in scan.gaps for number, _ in gap.lines()]
    assert scan.line_count == len(lines)
    return [(match.line, match.leaf.kind, match.fields()) for match in scan.matches], left


def test_check_passes(folder):
    """Two kinds that begin alike are told apart by what their objects hold."""
    assert [str(problem) for problem in lint(folder).problems] == []


def test_keys_become_fields(engine):
    """In any order, nested or with dots in their names; numbers in quotes are numbers, and null is not there."""
    found, left = read(engine, *LINES)
    assert left == []
    assert found[:3] == [
        (1, "dll.about", {"model": "resnet50", "batch_size": 256}),
        (2, "dll.step", {"step": 10, "epoch": 0, "loss": 6.9, "images_per_second": 331.0}),
        (3, "dll.step", {"step": 20, "epoch": 0, "loss": 6.5, "images_per_second": 332.25}),
    ]
    assert (found[3][2].pop("loss") > 0, found[3][2]) == (False, {"step": 30, "epoch": 0})


def test_a_line_whose_object_is_none_is_left(engine):
    """A bracket too few: the line is no record, and its neighbours are."""
    found, left = read(
        engine, LINES[1], 'BOX {"step": [0, 20], "data": {"ips": 1.0}', 'BOX {"step": [}', LINES[2]
    )
    assert [line for line, _, _ in found] == [1, 4]
    assert left == [2, 3]


def test_a_python_dict_reads_the_same(engine):
    """As print() writes it: quotes of Python, nan, None, and True."""
    found, _ = read(
        engine, """BOX {"step": [0, 10], 'data': {'train.loss': nan, 'ips': 331.5, 'x': None, 'y': True}}"""
    )
    ((_, _, fields),) = found
    assert str(fields.pop("loss")) == "nan"
    assert fields == {"step": 10, "epoch": 0, "images_per_second": 331.5}


def test_deep_brackets_are_no_harm(engine):
    """Brackets that no reader follows to their end: left over, like any other damage."""
    found, left = read(engine, 'BOX {"step": [0, 1], "x": ' + "[" * 100_000 + "}")
    assert (found, left) == ([], [1])


VALUES = {
    "train.loss": 6.5,
    "ips": 331.25,
    "extra": [1, {"a": 2}],
    "text": 'quo"te',
    "none": None,
    "flag": False,
}


@settings(max_examples=100, deadline=None)
@given(st.permutations(list(VALUES)), st.permutations(["step", "data", "type"]), st.booleans())
def test_the_order_of_keys_says_nothing(folder, inner, outer, spaced):
    """Whatever the order, the fields are the same, and so is what the line says of the run."""
    engine = load_engine((folder,))
    data = {name: VALUES[name] for name in inner}
    whole = {"step": [3, 40], "data": data, "type": "LOG"}
    line = json.dumps({name: whole[name] for name in outer}, separators=None if spaced else (",", ":"))
    found, left = read(engine, f"BOX {line}")
    assert left == []
    assert found == [(1, "dll.step", {"step": 40, "epoch": 3, "loss": 6.5, "images_per_second": 331.25})]


PAIRS = st.tuples(
    st.sampled_from(["loss", "lr", "top1", "top5", "acc", "v2.loss", "e1", "é"]),
    st.sampled_from([": ", "=", " : ", ":"]),
    st.sampled_from(["0.5", "17", "1e-05", "2.5E+3", "nan", "-inf", "007", "1234567890123456", "'12'", "' 12'", '"ab1"', "x1", "3e5x: 7", ""]),
).map("".join)  # fmt: skip
ASKED = dict.fromkeys(("loss", "acc", "top1", "top5", "v2.loss", "e1", "e5x", "e2x"), "")


@settings(max_examples=500, deadline=None)
@given(st.lists(PAIRS, max_size=4), st.data())
def test_pairs_that_differ_in_digits_are_read_as_each_by_itself(pairs, data):
    """Where the values stand is known from earlier ones; digits in names and exponents are not mixed up."""
    leaf = Leaf("x.step", (("step", "int", (1,)), ("numbers", "text", (2,))))
    held = Object("numbers", leaf.places["numbers"], {key: key for key in ASKED})
    known = Objects({}, [leaf])
    text = " - ".join(pairs)
    for _ in range(4):
        digits = "".join(data.draw(st.sampled_from("0123456789")) if one.isdigit() else one for one in text)
        values = (b"7", digits.encode())
        once, again = (one.open(leaf, values, held) for one in (Objects({}, [leaf]), known))
        assert (again[0].fields, again[1]) == (once[0].fields, once[1])


PIECES = st.one_of(
    st.builds(
        "{}/60 [=====>...] - ETA: {}s - {}".format,
        st.integers(1, 60),
        st.integers(0, 99),
        st.lists(PAIRS, min_size=1, max_size=3).map(" - ".join),
    ),
    st.sampled_from([*LINES, "BOX {'step': [1, 2], 'data': {'ips': 5}}", 'BOX {"step": [0, 1', "words", ""]),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=12), st.booleans())
def test_objects_opened_in_place_say_the_same(fast, lines, has_room):
    """Fields, what run_id takes in, the lines left over: the same for the machine, with room for leaves and without, and `re`."""
    text = "".join(f"{line}\n" for line in lines).encode()
    fast.placer.most = len(fast.placer.leaves) + 1000 * has_room
    fast.objects.known.clear()
    in_place = told_of(fast, text)
    fast.objects.known.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(vars(fast), "machine", None)
        assert told_of(fast, text) == in_place


def told_of(engine, text):
    """All that a scan says."""
    (scan,) = engine.scan_whole([text])
    records = [(match.line, match.leaf.kind, repr(match.fields())) for match in scan.records]
    written = b"".join(scan.records.written())
    forms = [(form.kind, form.values) for form in scan.records.forms]
    return records, written, forms, scan.gaps, scan.record_lines


def test_a_document_of_objects_is_its_objects(tmp_path):
    """A list over many lines: each object where it begins, with what stands around the list; every line is accounted for."""
    (tmp_path / "history.lark").write_text(
        "//! json: one: step = step, loss = loss, tokens_per_second = speed\nstart: step\n"
        '// {"step": 1, "loss": 2.5, "speed": 10.5}\nstep: one\none: ONE\nONE: /\\{(?=[^\\r\\n]*"loss":)[^\\r\\n]*\\}/\n'
    )
    history = [{"step": step, "loss": 3.0 / step} for step in (1, 2, 3)]
    log = tmp_path / "trainer_state.json"
    log.write_text(json.dumps({"speed": 10.5, "log_history": history}, indent=2))
    tables = parse(log, grammars=[tmp_path])
    steps, (lines,) = tables["steps"], tables["lines"].to_dict("records")
    assert steps.step.tolist() == [1, 2, 3]
    assert steps.loss.tolist() == [3.0, 1.5, 1.0]
    assert steps.examples_per_second.tolist() == [10.5] * 3
    written = log.read_text().splitlines()
    assert steps.line.tolist() == [n for n, line in enumerate(written, 1) if line.strip() == "{" and n > 1]
    assert (lines["total"], lines["record"], lines["blank"]) == (len(written), 3, len(written) - 3)


def test_another_document_stays_as_it_is(folder, tmp_path):
    """JSON in which no format reads an object: its lines are what they were without the grammar."""
    log = tmp_path / "other.json"
    log.write_text(json.dumps([{"a": 1}, {"b": "total images/sec: 5.50"}], indent=1))
    with_it, without = (
        parse(log, grammars=given)["lines"].drop(columns="source") for given in ([folder], [])
    )
    assert with_it.equals(without)
