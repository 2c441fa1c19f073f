"""Grammars whose meaning would depend on how Lark breaks ties are refused; the ones that ship are not."""

import pytest
from grammar_reference import FILES

from logreport.errors import GrammarError
from logreport.grammar.linting.ambiguity import check_kind
from logreport.grammar.lowering.first_bytes import BYTES, of_pattern
from logreport.grammar.lowering.lower import lower_file


def check(folder, text):
    """Lower and check a grammar, as is done with a user's."""
    path = folder / "mine.lark"
    path.write_text(text, encoding="utf-8")
    for kind in lower_file(path):
        check_kind(kind, path)


@pytest.mark.parametrize("grammar", sorted(FILES))
def test_no_grammar_that_ships_is_ambiguous(grammar):
    """No two terminals of ours can match at one place: Lark and the lowered form cannot differ there."""
    for kind in lower_file(FILES[grammar]):
        check_kind(kind, FILES[grammar])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("start: a\na: INT | WORD\nINT: /[0-9]+/\nWORD: /[a-z0-9]+/\n", ("INT", "WORD")),
        ('start: a\na: "x " INT | "x " WORD\nINT: /[0-9]+/\nWORD: /[a-z0-9]+/\n', ("INT", "WORD")),
        ('start: a\na: "step" | WORD\nWORD: /[a-z]+/\n', ("'step'", "WORD")),
        ('start: a\na: "x" (WORD | "no")\nWORD: /[a-z]+/\n', ("WORD", "'no'")),
        ('start: a\na: (WORD | "no")+\nWORD: /[a-z]+/\n', ("WORD", "'no'")),
        ('start: a\na: "Total"i | WORD\nWORD: /[a-z]+/\n', ("'Total'", "WORD")),
    ],
    ids=[
        "two tokens",
        "after a literal",
        "keyword and token",
        "in a choice",
        "in a repetition",
        "ignoring case",
    ],
)
def test_terminals_that_can_match_at_one_place_are_refused(tmp_path, text, names):
    """The author reads which rule it is, and which two terminals Lark would have to choose between."""
    with pytest.raises(GrammarError) as error:
        check(tmp_path, text)
    assert "rule mine.a" in str(error.value)
    assert all(name in str(error.value) for name in names)
    assert "can both match at one place" in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "start: a\na: INT | WORD\nINT: /[0-9]+/\nWORD: /[a-z]+/\n",
        'start: a\na: "step " INT | "stop " INT\nINT: /[0-9]+/\n',
        'start: a\na: INT ("." INT)?\nINT: /[0-9]+/\n',
        'start: a | b\na: "x"\nb: "x y"\n',
    ],
    ids=["other letters", "literals that differ further on", "longer and shorter", "two kinds"],
)
def test_what_cannot_be_confused_is_allowed(tmp_path, text):
    """Terminals that differ from their first character on need no change."""
    check(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('start: a\na: n "," n\nn: INT\nINT: /[0-9]+/\n', "n"),
        ('start: a\na: ("," n)+\nn: INT\nINT: /[0-9]+/\n', "n"),
        ('start: a\na: n _tail\n_tail: "," n | ";"\nn: INT\nINT: /[0-9]+/\n', "n"),
    ],
    ids=["in a row", "in a repetition", "in an inner rule"],
)
def test_a_field_that_could_be_there_twice_is_refused(tmp_path, text, field):
    """A record holds one value by each name: the second would hide the first without a word."""
    with pytest.raises(GrammarError, match=f"field {field} can be there twice"):
        check(tmp_path, text)


def test_a_field_in_two_alternatives_is_allowed(tmp_path):
    """Only one of two alternatives is there."""
    check(tmp_path, 'start: a\na: "x" n | "y" n\nn: INT\nINT: /[0-9]+/\n')


@pytest.mark.parametrize(
    ("pattern", "first"),
    [
        ("abc", "a"),
        ("[0-9]+", "0123456789"),
        ("x?y", "xy"),
        ("(?:ab|cd)", "ac"),
        ("(?=x)[xy]z", "xy"),
        ("(?>q)r", "q"),
        (r"-?\d", "-0123456789"),
    ],
)
def test_first_bytes(pattern, first):
    """The look at the first byte lets every byte pass that a terminal can begin with."""
    assert of_pattern(pattern) == (frozenset(first.encode()), False)


def test_what_is_not_known_counts_as_any_byte():
    """Never too few: a wrong guess would lose lines."""
    assert of_pattern("(?i:x)")[0] in (BYTES, frozenset(b"xX"))
