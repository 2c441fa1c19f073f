"""What it costs to read a line grows as the line does, whatever it is full of; a pattern for which it cannot is refused."""

import os
import re
import socket
import sys
import threading

import pytest
from counted_matching import steps
from grammar_reference import FILES

from logreport.errors import GrammarError
from logreport.grammar import load_engine
from logreport.grammar.linting.descriptions import comments_of
from logreport.grammar.linting.examples import lines_of_kind
from logreport.grammar.linting.exponential import is_exponential
from logreport.grammar.linting.lint import lint
from logreport.grammar.lowering.lower import lower_file
from logreport.grammar.lowering.pattern import emit

TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
FILLERS = ["a", " ", "0", "a.", ", a", "(", "/", ":", '"', "\\\n"]
SIZES, LARGE = (60, 120, 240), (250, 500, 1000)
MOST = 10  # parts of one line


def texts_of(line):
    """Texts that begin as a line does and are full of a part of it, as functions of their size."""
    tokens = list(TOKEN.finditer(line))
    for match in tokens[:: max(1, len(tokens) // MOST)]:
        yield lambda size, m=match: line[: m.start()] + m[0] * (size // len(m[0])) + line[m.end() :]
    yield lambda size: line * (size // 40)
    for number, filler in enumerate(FILLERS):
        cut = len(line) * (1 + number % 5) // 5
        yield lambda size, c=cut, f=filler: line[:c] + f * (size // len(f)) + "\x01"


def grows(pattern, text, sizes):
    """Whether the steps grow clearly faster than the text."""
    few, some, many = (steps(pattern, b"\n" + text(size).encode() + b"\n") for size in sizes)
    return many - some > 2.7 * (some - few) + 200


def growing(name):
    """The kinds of a grammar whose steps grow faster than a line, each with the text."""
    found = []
    for kind in lower_file(FILES[name]):
        pattern = rf"\n[ \t>]*+(?:{emit([kind]).pattern})[ \t]*+(?=\n)"
        shown = comments_of(FILES[name]).get(kind.name.partition(".")[2], [])
        lines = [line for line in (*shown[-1:], *lines_of_kind(kind)) if line.strip()][:1]
        found += [
            (kind.name, text(40))
            for line in lines
            for text in texts_of(line)
            if grows(pattern, text, SIZES) and grows(pattern, text, LARGE)
        ]
    return found


def deeply(call, *args):
    """The result of a call that goes deep: each repetition is a call in a call."""
    result = []
    limit, size = sys.getrecursionlimit(), threading.stack_size(512 << 20)
    sys.setrecursionlimit(100_000)
    try:
        thread = threading.Thread(target=lambda: result.append(call(*args)))
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(limit)
        threading.stack_size(size)
    return result[0]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FILES))
def test_no_kind_costs_more_than_its_line_is_long(name):
    """Each part of a line of each kind repeated without end, and each beginning of it with what never ends it."""
    assert deeply(growing, name) == []


@pytest.mark.parametrize(
    ("pattern", "doubles"),
    [
        ("(?:a|a)*b", True),
        ("(?:a+)+b", True),
        ("(?:a*)*b", True),
        ("(?:aa|aaa)*b", True),
        ("(?:a{2}|aa)*b", True),
        ("(?:a?b?)*c", True),
        ("(?:[a-z]+ ?)*x", True),
        ("(?:.*x)*y", True),
        ("x(?=(?:a|ab|b)*c)", True),
        ("(?:(?:a|b){0,600})*x", True),
        ("(?i:(?:ab|AB)*c)", True),
        ("(?:ab|ac)*d", False),
        ("(?:[a-z]++ ?)*x", False),
        (r"(?:\w+\.)*x", False),
        (r"(?:[^\n\\]|\\\n)*x", False),
        ("a*a*a*b", False),
        ("(?:a|b|(?:a|b)c)*d", False),
        ("(?:[A-Za-z]+,){0,600}?x", False),
    ],
)
def test_patterns_whose_ways_double(pattern, doubles):
    """Two ways over one text, again and again, are found wherever they stand; a pattern with one way each is fine."""
    assert is_exponential(pattern) == doubles
    ends = {"a" * size + end for size in range(12) for end in "!ab"} | {"abab" * 3 + "!", "ab c" * 3}
    cost = max(steps(pattern, f"x{text}".encode()[not pattern.startswith("x") :], 10**7) for text in ends)
    assert doubles or cost < 20_000


def test_a_grammar_that_would_not_end_is_refused(tmp_path):
    """`grammar check` and reading name the terminal, before a log is read with it."""
    path = tmp_path / "mine.lark"
    path.write_text("start: a\n// x aab\na: word\nword: WORD\nWORD: /x (?:a|a)*b/\n", encoding="utf-8")
    (tmp_path / "mine.log").write_text("x aab\n", encoding="utf-8")
    want = f"{path}: rule mine.a: the terminal WORD can read one text in so many ways"
    assert [str(problem)[: len(want)] for problem in lint(tmp_path).problems] == [want]
    with pytest.raises(GrammarError, match="WORD can read one text in so many ways"):
        load_engine((tmp_path,))


def test_a_repetition_that_would_not_end_is_refused(tmp_path):
    """Also where the terminals are fine, and the rule repeats them in countless ways."""
    (tmp_path / "mine.lark").write_text('start: a\na: ("x" "x"? )+ "y"\n', encoding="utf-8")
    with pytest.raises(GrammarError, match=r"rule mine\.a: a repetition can read one text in so many ways"):
        load_engine((tmp_path,))


@pytest.mark.parametrize("name", ["x.lark", "terminals.lark"])
@pytest.mark.parametrize("what", ["pipe", "socket", "folder", "broken link"])
def test_a_grammar_that_is_no_file_is_said_to_be_none(name, what, tmp_path, monkeypatch):
    """A pipe never ends and a folder cannot be read: reading and checking say so."""
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    (tmp_path / "mine.lark").write_text('start: a\na: "x " INT\n%import .terminals (INT)\n', encoding="utf-8")
    if what == "pipe":
        os.mkfifo(name)
    elif what == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(name)
    elif what == "folder":
        (tmp_path / name).mkdir()
    else:
        (tmp_path / name).symlink_to("nowhere")
    for call in (lambda: lint(tmp_path), lambda: load_engine((tmp_path,))):
        with pytest.raises(GrammarError) as error:
            call()
        assert str(error.value) == f"{tmp_path / name}: is no file; put a grammar there, or take it away"
