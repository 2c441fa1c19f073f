"""Several patterns over all lines of a text: the automaton of the library, `re` over the whole text, and `re` line by line agree."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kernel import kernel
from sample_texts import SAMPLES

from logreport.grammar import load_engine
from logreport.grammar.native.library import PatternAutomaton
from logreport.grammar.native.pattern_automaton import automaton_of
from logreport.grammar.native.program import AUTOMATON, pack, unpack
from logreport.grammar.scanning.pattern_set import PatternSet
from logreport.runs.ledger import FORMS

PATTERNS = (
    rb"\n[ab]+(?![^\n])",  # a whole line
    rb"\n(?:x|yy)",
    rb"ab|b{3}c",
    rb"a[0-9]{2}(?!0)|z(?=b)",  # looks
    rb"(?<!\n)b\b",
    rb"\nm(?:\nn)?o",  # may take two lines
)
LINES = st.lists(st.text("abcxyzmno01 \r", max_size=9).map(str.encode), min_size=1, max_size=9)
SETS = {"made up": PATTERNS, "screen": load_engine().screen.patterns, "ledger": FORMS}


def by_hand(patterns, text):
    """What is found in each line, looked for in one line after the other."""
    found = []
    places = [place for place, byte in enumerate(text) if byte == ord("\n")]
    for begin, end in zip(places, [*places[1:], len(text)], strict=True):
        bits = 0
        for number, pattern in enumerate(patterns):
            is_anchored = pattern.startswith(rb"\n")
            compiled = re.compile(pattern)
            match = compiled.match(text, begin) if is_anchored else compiled.search(text, begin, end)
            bits |= (match is not None) << number
        found.append(bits)
    return found


def native(patterns):
    """The set with the library of the tests."""
    return PatternSet(patterns, lambda some: PatternAutomaton(automaton_of(some), len(some), kernel()))


NATIVE = {name: native(patterns) for name, patterns in SETS.items()}


def check(name, text):
    """The three ways agree."""
    expected = by_hand(SETS[name], text)
    assert NATIVE[name].find(text).tolist() == expected
    assert PatternSet(SETS[name]).find(text).tolist() == expected


@settings(max_examples=500)
@given(LINES)
@example([b"m", b"no", b"mo", b"", b"ab", b"abc", b"bbbc", b"a120", b"a121", b"zb", b"b b"])
def test_patterns_of_all_sorts(lines):
    """Anchored or not, with looks ahead and behind, at the end of the line, over two lines."""
    check("made up", b"".join(b"\n" + line for line in lines))


@pytest.mark.parametrize("name", ["screen", "ledger"])
@pytest.mark.parametrize("path", SAMPLES[::3], ids=lambda path: path.name)
def test_lines_of_samples(name, path):
    """What screens lines, and what counts them."""
    check(name, b"\n" + path.read_bytes()[:30_000])


@settings(max_examples=100)
@given(
    st.lists(
        st.sampled_from(sorted({line for path in SAMPLES for line in path.read_bytes()[:9000].split(b"\n")})),
        min_size=1,
        max_size=6,
    ),
    st.data(),
)
def test_lines_that_were_cut(lines, data):
    """Pieces of lines, and lines that were put together."""
    cut = [line[data.draw(st.integers(0, 20)) : data.draw(st.integers(20, 200))] for line in lines]
    for name in ("screen", "ledger"):
        check(name, b"".join(b"\n" + line for line in cut))


def test_more_states_than_there_is_room_for():
    """An automaton that needs more states than the library keeps says too often that something may be there, never too rarely."""
    patterns = (rb"a[ab]{7}[ab]{6}c", rb"cb")
    lines = [f"{number:014b}c".replace("0", "a").replace("1", "b").encode() for number in range(1 << 13)]
    text = b"".join(b"\n" + line for line in lines)
    found = native(patterns)
    assert found.find(text).tolist() == by_hand(patterns, text)
    assert (found.automaton.find(text) != found.find(text)).any()


def test_a_damaged_automaton_is_refused():
    """What is kept in a file may be damaged: it is made again then."""
    arrays = automaton_of(PATTERNS)
    again = unpack(pack(arrays), AUTOMATON)
    assert {name: array.tobytes() for name, array in again.items()} == {
        name: arrays[name].tobytes() for name in AUTOMATON
    }
    with pytest.raises(ValueError, match="damaged"):
        unpack(pack(arrays)[:-1], AUTOMATON)
    again["next"][0] = len(again["set_of"])
    with pytest.raises(ValueError, match="damaged"):
        PatternAutomaton(again, len(PATTERNS), kernel())
