"""The lowered engine and Lark's own parser say the same of every line: its kind, where it ends, and its fields.

Each test says how many lines it tries; those marked slow try many more of the same.
"""

import functools
import re
from collections import Counter

import pytest
from grammar_reference import (
    DOCUMENTS,
    FILES,
    LOGS,
    check_choice,
    check_kind,
    kinds_of,
    reference,
    references,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.lark import from_lark
from sample_texts import SAMPLE_LINES, SAMPLES

KINDS = [(grammar, rule) for grammar in DOCUMENTS for rule in kinds_of(grammar)]
ALPHABET = st.sampled_from([*map(chr, range(32, 127)), *"\n\r\té\xa0µÂ±"])
SLOW_DATA = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
FREE = re.compile(r"(?:\w+__)?(?:REST|PATHS|NAME|MESSAGE|COMMENT|ARGUMENTS)")


def check_line(text, grammars=LOGS):
    """Hold the engine against Lark for all kinds of some grammars, then the choice between them."""
    for one in references(grammars):
        check_kind(one, text)
    return check_choice(grammars, text)


def without_looks(pattern):
    """A regular expression without its lookaheads, which say nothing about the text of the token itself."""
    out, position = [], 0
    for look in re.finditer(r"\(\?(?:[=!]|<[=!])", pattern):
        if look.start() < position:
            continue
        out.append(pattern[position : look.start()])
        position = end_of_group(pattern, look.start())
    return "".join(out) + pattern[position:]


def end_of_group(pattern, start):
    """Where the group that begins at `start` ends."""
    depth, in_class = 0, False
    for token in re.finditer(r"\\.|\[\^?\]?|[()\]]", pattern[start:]):
        text = token[0]
        if text[0] == "[":
            in_class = True
        elif text == "]":
            in_class = False
        elif not in_class and text in "()":
            depth += 1 if text == "(" else -1
            if depth == 0:
                return start + token.end()
    raise ValueError(pattern)


@functools.cache
def generated(grammar, rule, free=None):
    """Texts made from a kind's rule; `free` are texts for its free text."""
    lark = reference(grammar, rule).lark
    explicit = {}
    for terminal in lark.terminals:
        pattern = terminal.pattern.to_regexp()
        if free is not None and FREE.fullmatch(terminal.name):
            explicit[terminal.name] = st.sampled_from(free)
        elif "(?" in pattern and without_looks(pattern) != pattern:
            explicit[terminal.name] = st.from_regex(without_looks(pattern), fullmatch=True, alphabet=ALPHABET)
    return from_lark(lark, start=rule, explicit=explicit, alphabet=ALPHABET)


@st.composite
def mutated(draw, lines=SAMPLE_LINES):
    """A sample line, changed in up to three places."""
    line = draw(st.sampled_from(lines))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(line)))
        width = draw(st.integers(1, 3))
        new = draw(st.one_of(st.binary(min_size=1, max_size=2), st.sampled_from(lines).map(lambda x: x[:12])))
        how = draw(st.sampled_from(["drop", "double", "replace", "insert", "cut", "cut off", "join"]))
        line = {
            "drop": line[:at] + line[at + width :],
            "double": line[:at] + line[at : at + width] * 2 + line[at + width :],
            "replace": line[:at] + new + line[at + width :],
            "insert": line[:at] + new + line[at:],
            "cut": line[:at],
            "cut off": line[at:],
            "join": line[:at] + draw(st.sampled_from(lines))[at:],
        }[how]
    return line


@pytest.mark.slow
def test_every_sample_line():
    """Every line of every sample log, alone: what logreport reads is what the grammar says.

    Of those that differ in the digits of their numbers alone two are tried.
    """
    tried: dict[bytes, int] = Counter()
    for line in SAMPLE_LINES:
        tried[shape := re.sub(rb"[0-9]", b"0", line)] += 1
        if tried[shape] <= 2:
            check_line(line + b"\n", DOCUMENTS)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_block_of_sample_lines(path):
    """Every line with the three after it: where a kind spans lines, both take the same ones."""
    lines = path.read_bytes().splitlines(keepends=True)
    for i in range(len(lines)):
        check_choice(LOGS, b"".join(lines[i : i + 4]).rstrip(b"\n") + b"\n")


@pytest.mark.slow
@settings(max_examples=3000, suppress_health_check=SLOW_DATA)
@given(line=mutated())
def test_changed_lines(line):
    """3 000 sample lines with characters dropped, doubled, replaced, inserted, cut off, or joined with another line."""
    check_line(line.replace(b"\n", b" ") + b"\n")


@functools.cache
def free_kinds():
    """The kinds with free text; Lark makes a parser of every kind to say so, which takes seconds."""
    return [
        kind
        for kind in KINDS
        if any(FREE.fullmatch(terminal.name) for terminal in reference(*kind).lark.terminals)
    ]


@pytest.mark.slow
@settings(max_examples=400, suppress_health_check=SLOW_DATA)
@given(data=st.data())
def test_one_kind_in_the_free_text_of_another(data):
    """400 lines whose free text is a line of some other kind: an error message that quotes a result is no result."""
    kind = data.draw(st.sampled_from(free_kinds()))
    texts = tuple(line.decode("latin-1") for line in SAMPLE_LINES if line)
    text = data.draw(generated(*kind, free=texts)).encode("latin-1") + b"\n"
    check_kind(reference(*kind), text)
    if kind[0] in LOGS:
        check_line(text)


def check_generated(kind, data):
    """One text made from a kind's rule."""
    text = data.draw(generated(*kind)).encode("latin-1") + b"\n"
    check_kind(reference(*kind), text)
    if kind[0] in LOGS:
        check_choice(LOGS, text)


@pytest.mark.parametrize("kind", KINDS, ids=".".join)
@settings(max_examples=25, suppress_health_check=SLOW_DATA)
@given(data=st.data())
def test_text_made_from_the_grammar(kind, data):
    """25 texts for each of more than 260 kinds, made from its rule by Hypothesis."""
    check_generated(kind, data)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=".".join)
@settings(max_examples=55, suppress_health_check=SLOW_DATA)
@given(data=st.data())
def test_much_text_made_from_the_grammar(kind, data):
    """55 others for each kind, with those above more than 20 000; `make fuzz` has others again."""
    check_generated(kind, data)


@pytest.mark.parametrize("kind", KINDS, ids=".".join)
def test_lark_has_no_choice_to_make(kind):
    """Where Lark's tables would hold a conflict, Lark shifts and says nothing: the kind would not mean what it says."""
    assert reference(*kind).conflicts == []


def test_the_grammars_are_all_compared():
    """A grammar added tomorrow is compared too, without a change here."""
    assert {grammar for grammar, _ in KINDS} == set(FILES) - {"prefixes"}


@settings(max_examples=200, suppress_health_check=SLOW_DATA)
@given(data=st.data())
def test_prefixes(data):
    """200 prefixes made from their grammar: what is taken away is what Lark reads as one."""
    rule = data.draw(st.sampled_from(sorted(kinds_of("prefixes"))))
    text = data.draw(generated("prefixes", rule)).encode("latin-1")
    check_kind(reference("prefixes", rule), text + b"\n")
