"""Kinds of a last resort are tried only where one of their words is in the text."""

from logreport.grammar import load_engine
from logreport.grammar.lowering.nodes import Kind, Text, Token
from logreport.grammar.lowering.words import of_pattern, words_of
from logreport.grammar.scanning.engine import MUCH
from logreport.sources.source import memory_source

COMMAND = b"$ python tf_cnn_benchmarks.py --model=resnet50\n"
OTHER = b"some other program printed this line of text\n"


def kinds_in(text):
    """The kinds of all matches of a text."""
    return [
        match.leaf.kind
        for scan in load_engine().scan(memory_source("a.log", text).chunks())
        for match in scan.matches
    ]


def test_a_command_is_found_in_a_large_log_of_other_lines():
    """The pattern without commands reads what holds no name of a script; one name, anywhere, and commands are read."""
    engine, others = load_engine(), OTHER * (MUCH // len(OTHER) + 1)
    assert engine.pattern_for(others) is not engine.pattern
    assert engine.pattern_for(others + COMMAND) is engine.pattern
    assert kinds_in(others) == []
    assert kinds_in(COMMAND + others) == kinds_in(others + COMMAND) == ["shell.command"]


def test_each_match_of_a_pattern_holds_one_of_its_words():
    """Alternatives each have a word, or there is none; what may be left out, or ignores case, is no word."""
    assert of_pattern(r"[\w.]*(?:tf_cnn_benchmarks|convolutional)(?:\.py)?") == {
        "tf_cnn_benchmarks",
        "convolutional",
    }
    assert of_pattern(r"total images|a longer sentence of them") == {
        "total images",
        "a longer sentence of them",
    }
    for none in (
        r"(?:convolutional)?x",
        r"convolutional|x",
        r"(?i:convolutional)",
        r"(?i)convolutional",
        r"[a-z]+",
    ):
        assert all(len(word) < 8 for word in of_pattern(none)), none


def test_the_words_of_kinds_are_those_of_all_their_paths():
    """A path without a word leaves all of them without."""
    with_word = Kind("a", -5, ((Token("X", "[0-9]+"), Text("measured in seconds")),))
    without = Kind("b", -5, ((Token("X", "[0-9]+"),),))
    assert words_of([with_word]) == {"measured in seconds"}
    assert words_of([with_word, without]) == frozenset()
