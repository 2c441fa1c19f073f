"""Numbers that the kernel reads are those of int() and float(), bit by bit, and columns hold what matches say."""

import random
import struct

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kernel import machine, whole
from sample_texts import SAMPLES

from logreport.grammar import Match, load_engine
from logreport.grammar.native.columns import HARD, Numbers, numbers_at, tables
from logreport.grammar.native.library import Found

ROUNDS = 100_000


def read(values, dtype):
    """What becomes of texts as numbers of a type."""
    offsets = np.cumsum([0, *map(len, values)]).astype(np.int32)
    none = np.empty(0, np.int64)
    places = np.repeat(offsets, 2)[1:-1]
    found = Found(b"".join(values), none, none, none, none, none, places, none)
    return numbers_at(machine(), found, np.arange(len(values)), dtype).values


def numbers(dice, count):
    """Numbers as logs have them, and such as are hard to round."""
    for _ in range(count):
        kind = dice.randrange(8)
        if kind == 0:
            yield f"{dice.uniform(0, 10 ** dice.randrange(-5, 18)):.{dice.randrange(1, 20)}f}"
        elif kind == 1:
            yield repr(dice.uniform(-1, 1) * 10 ** dice.randrange(-20, 20))
        elif kind == 2:
            yield f"{dice.randrange(10 ** dice.randrange(1, 20))}.{dice.randrange(10 ** dice.randrange(1, 25))}"
        elif kind == 3:
            yield f"{dice.randrange(10)}.{dice.randrange(10 ** dice.randrange(1, 18))}e{dice.randrange(-40, 40):+d}"
        elif kind == 4:
            yield repr(struct.unpack("d", struct.pack("Q", dice.getrandbits(64)))[0])
        elif kind == 5:
            yield str(dice.randrange(-(10**18), 10**18))
        else:
            yield f"{dice.uniform(0, 10000):.3f}"


KNOWN = [
    "nan", "inf", "-inf", "+1.0", "-0.0", "0.0", "-0", "00000000000000000000000001.5", "9007199254740993.0", "9007199254740992",
    "1.7976931348623157e308", "4.9e-324", "1e400", "1e-400", "1e22", "1e23", "123456789012345678", "1234567890123456789", ".5", "5.",
    "1E5", "1e+05", "1e0005", "0e999", "0.1e-21", "999999999999999999e-22", "1_000.5",
]  # fmt: skip


def test_numbers_are_those_of_float():
    """100 000 numbers, plain and hard: not one bit differs."""
    texts = [*KNOWN, *numbers(random.Random(5), ROUNDS)]  # noqa: S311 - no secret
    wanted = np.array([float(text) for text in texts])
    got = read([text.encode() for text in texts], "float")
    assert [text for text, a, b in zip(texts, got.view("i8"), wanted.view("i8"), strict=True) if a != b] == []


@given(
    st.lists(st.one_of(st.floats().map(repr), st.decimals(allow_nan=False).map(str), st.integers().map(str)))
)
@example(["9007199254740993", "0.3", "-1e-5"])
def test_any_number_is_that_of_float(texts):
    """So is any number that Python writes."""
    wanted = np.array([float(text) for text in texts])
    assert (read([text.encode() for text in texts], "float").view("i8") == wanted.view("i8")).all()


def test_whole_numbers():
    """Whole numbers are read to the last of 18 digits, which is what our columns keep."""
    texts = ["0", "-1", "+7", "007", "999999999999999999", "1234567890123456789", "12345678901234567890123"]
    assert read([text.encode() for text in texts], "int").tolist() == [int(text[:18]) for text in texts]


def test_only_hard_numbers_go_to_python(monkeypatch):
    """Of what logs print, Python's own reading, which costs fifty times as much, is asked for nothing."""
    from logreport.grammar.native import columns

    monkeypatch.setitem(columns.CONVERT, "float", lambda text: pytest.fail(f"asked for {text}"))
    assert read([b"3.14", b"1234.567", b"0.000123", b"1e-05", b"2048"], "float").tolist() == [
        3.14, 1234.567, 0.000123, 1e-05, 2048.0,
    ]  # fmt: skip
    assert HARD == 2


def value(column, row, text):
    """One value of a column: a number, the bytes of a text, or None."""
    if isinstance(column, Numbers):
        return column.values[row].item() if column.there[row] else None
    return None if column.begin[row] < 0 else text[column.begin[row] : column.end[row]]


@pytest.mark.parametrize("documents", [False, True], ids=["logs", "documents"])
def test_columns_hold_what_matches_say(documents):
    """Every field of every match of the sample logs, of kinds with several paths too."""
    leaves = tuple(load_engine(documents=documents).lowered.leaves.values())
    checked = 0
    for path in SAMPLES:
        text = whole(path.read_bytes())
        found = machine(documents=documents).scan(text, [(0, len(text), len(text))])
        made = tables(machine(documents=documents), found, leaves)
        seen = dict.fromkeys(made, 0)
        for number, (leaf, values) in enumerate(zip(found.leaf, found.values(), strict=True)):
            match = Match(0, leaves[leaf], values)
            if not match.leaf.fields:
                continue
            table, row = made[match.leaf.kind], seen[match.leaf.kind]
            seen[match.leaf.kind] += 1
            assert table.rows[row] == number
            for name, column in table.fields.items():
                wanted = match.value(name) if isinstance(column, Numbers) else match.raw(name)
                assert repr(value(column, row, text)) == repr(wanted)  # nan is no equal of nan
                checked += 1
        assert seen == {kind: len(table.rows) for kind, table in made.items()}
    assert checked > 5_000
