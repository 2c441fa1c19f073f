"""What is a sentence: the same as ever, at a cost that grows as the line does."""

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_texts import ROOT, SAMPLES

from logreport.grammar import Gap, load_engine
from logreport.runs.ledger import LOOK, PIECES, SENTENCE, Ledger, is_sentence
from logreport.sources.source import memory_source

# How it was written first: plain, and slow on long lines.
PLAIN = re.compile(
    rb"(?:[*_(\"'`\[]*[A-Za-z][a-z'\x80-\xff]*[*_)\"'`\],;:.!?]*[ \t]+){5,}|(?:[\x80-\xff]{3}){4,}"
)
WORDS = st.sampled_from(
    ["a", "It's", "*bold*", "(see", "x)", "NaN", "1", "don't,", "é", "", "'", "_a_b", "Zé'", "[x]"]
)
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from([" ", "  ", "\t", "", "\r"])), max_size=12)


@settings(max_examples=2000)
@given(parts=TEXTS)
def test_a_sentence_is_what_it_was(parts):
    """2 000 lines of words and of what is almost a word."""
    line = "".join(word + blank for word, blank in parts).encode()
    assert (SENTENCE.search(line, 0, LOOK) is None) == (PLAIN.search(line, 0, LOOK) is None)


@settings(max_examples=1000)
@given(line=st.text(alphabet="aB'é*( .1\t", max_size=40).map(str.encode))
def test_a_sentence_is_what_it_was_in_any_text(line):
    """1 000 lines of the characters that matter."""
    assert (SENTENCE.search(line, 0, LOOK) is None) == (PLAIN.search(line, 0, LOOK) is None)


def test_lines_of_samples_and_documents_are_what_they_were():
    """Each line of all samples and pages of this project."""
    files = [*SAMPLES, *(ROOT / "docs").glob("*.md")]
    lines = {line for path in files for line in path.read_bytes().splitlines()}
    assert [line for line in lines if (SENTENCE.search(line) is None) != (PLAIN.search(line) is None)] == []
    assert any(map(is_sentence, lines))


def looked_at(line):
    """How many characters the pattern looks at: no piece of it gives back what it took, so it is a walk from each start."""
    count = 0
    for start in range(len(line)):
        position = start
        for piece in PIECES:
            match = re.compile(piece).match(line, position)
            count += 1 + (0 if match is None else match.end() - position)
            if match is None:
                break
            position = match.end()
    return count


@pytest.mark.parametrize(
    "part", ["a", "A", "'", "a'", "a.", ".", "aaaa1 ", "é", "word word word word 1 ", "a  ", "("]
)
def test_a_long_line_costs_as_much_as_its_parts(part):
    """Whatever a line is full of, four times as long is at most four times as much to look at."""
    short, long = ((part * size).encode() for size in (60, 240))
    assert looked_at(long) <= 4.2 * looked_at(short)


def test_no_piece_of_the_pattern_gives_back_what_it_took():
    """Each is one character or possessive; else the counts above would not be those of the pattern."""
    assert [piece for piece in PIECES if not piece.endswith((b"*+", b"++", b"[A-Za-z]"))] == []


ODD = st.sampled_from(
    [b"", b" ", b"\t>", b"<br>", b"\xc2\xa0", b"\r", b"x" * 1001, b"This is a sentence of many words.", b"Traceback ",
     b"one two", b"\xe3\x81\x82" * 5, b"{", b"E foo.cc:12]"]
)  # fmt: skip


@given(st.lists(st.lists(ODD, max_size=3).map(b"".join), min_size=1, max_size=8))
def test_counting_a_gap_at_once_is_counting_its_lines(lines):
    """A gap outside documents is counted as a whole; each line is what it is by itself."""
    ledger = Ledger(memory_source("a.log", b""), load_engine())
    gap = Gap(b"".join(b"\n" + line for line in lines), range(5, 5 + len(lines)))
    ledger.take_gaps([gap])
    each = Counter(ledger.categories([gap]).values())
    assert {name: count for name, count in ledger.counts.items() if count} == each
