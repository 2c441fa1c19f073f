"""Lowering: what a `.lark` file may hold, and what its author is told where it may not."""

import pytest

from logreport.errors import GrammarError
from logreport.grammar import Engine
from logreport.grammar.lowering.lower import lower_file
from logreport.grammar.lowering.pattern import Lowered, emit
from logreport.grammar.scanning.prefixes import Unwrapper


def lower(folder, text):
    """The kinds of a grammar written into a folder."""
    path = folder / "mine.lark"
    path.write_text(text, encoding="utf-8")
    return lower_file(path)


def read(folder, text, log):
    """Kinds and fields of a log, read with a grammar."""
    engine = Engine(emit(lower(folder, text)), Unwrapper(Lowered("(?!)", {})))
    scans = list(engine.scan([(log, range(1, log.count(b"\n") + 1))]))
    return [(match.leaf.kind, match.fields()) for scan in scans for match in scan.matches]


@pytest.mark.parametrize(
    ("text", "rule", "what"),
    [
        ('start: a\na: "x" b\nb: "(" b ")" | "y"\n', "b", "recursive"),
        ('start: a\na: "x" b\nb: "(" c ")" | "y"\nc: b "z"\n', "b", "recursive"),
        ('start: a "x"\na: "y"\n', "start", "name of one rule"),
        ("start: a\na: B\nB: /x(y)z/\n", "B", "capturing group"),
        ("start: a\na: B\nB: /x*/\n", "B", "no width"),
    ],
    ids=["recursion", "recursion over two rules", "text in start", "capturing group", "zero width"],
)
def test_what_cannot_be_lowered_is_refused_by_name(tmp_path, text, rule, what):
    """The author of a grammar reads which file and rule cannot be used, and why."""
    with pytest.raises(GrammarError) as error:
        lower(tmp_path, text)
    assert str(error.value).startswith(str(tmp_path / "mine.lark"))
    assert what in str(error.value)
    assert f"rule {rule}:" in str(error.value) or what == "no width"


@pytest.mark.parametrize(
    "text",
    [
        "start: a\n",
        "start: a\na: B\n",
        "start: a\na: ((\n",
        'a: "x"\n',
        "\xff\x00",
        "start: a\na: B\nB: /(/\n",
    ],
)
def test_what_is_no_grammar_is_one_error(tmp_path, text):
    """A file that Lark cannot read is an error of ours that names the file, not a traceback."""
    with pytest.raises(GrammarError, match=r"mine\.lark"):
        lower(tmp_path, text)


def test_a_missing_file_is_one_error(tmp_path):
    """The same for a file that is gone."""
    with pytest.raises(GrammarError, match=r"gone\.lark"):
        lower_file(tmp_path / "gone.lark")


def test_the_terminal_fixes_the_type(tmp_path):
    """A field of INT is a whole number, of FLOAT a number, of BYTES a size; anything else is text."""
    grammar = """
        start: a
        a: "n=" n " x=" x " m=" m " t=" t " s=" s
        n: INT
        x: FLOAT
        m: BYTES
        t: TEXT
        s: SLUG
        INT: /[0-9]+/
        FLOAT: /[0-9]+[.][0-9]+/
        BYTES: /[0-9]+ ?[KMG]?i?B/
        TEXT: /[a-z]+/
        SLUG: /[A-Z][A-Za-z-]+/
    """
    found = read(tmp_path, grammar, b"n=3 x=0.5 m=2 KiB t=abc s=Forward-Backward\n")
    assert found == [("mine.a", {"n": 3, "x": 0.5, "m": 2048, "t": "abc", "s": "forward_backward"})]


def test_optional_parts_alternatives_and_repetitions(tmp_path):
    """`?`, `|` and `~` of Lark mean in the engine what they mean in Lark."""
    grammar = """
        start: a | b
        a: "a" (" " x)? (" end" | ".")
        b: ("-" | "=")~4 x LETTER
        x: INT
        INT: /[0-9]+/
        LETTER: /[a-z]/
    """
    log = b"a 5 end\na 7.\na 5\n-=-=1x\n--x\n==2\n"
    assert read(tmp_path, grammar, log) == [("mine.a", {"x": 5}), ("mine.a", {"x": 7}), ("mine.b", {"x": 1})]


def test_a_line_without_fields_is_counted_and_not_kept(tmp_path):
    """Chatter is accounted for, but gives no record: neither a kind without fields nor one whose fields are all absent."""
    grammar = 'start: a | b\na: "a" (" " x)?\nb: "b"\nx: INT\nINT: /[0-9]+/\n'
    engine = Engine(emit(lower(tmp_path, grammar)), Unwrapper(Lowered("(?!)", {})))
    [scan] = engine.scan([(b"a 1\na\nb\nc\n", range(1, 5))])
    assert [match.line for match in scan.matches] == [1]
    assert (scan.record_lines, scan.chatter_lines) == (1, 2)
    assert [list(gap.lines()) for gap in scan.gaps] == [[(4, b"c")]]


def test_a_field_named_as_its_kind_is_written_with_an_underscore(tmp_path):
    """`step_` below the kind `step` is the field step."""
    grammar = 'start: step\nstep: "step " step_\nstep_: INT\nINT: /[0-9]+/\n'
    assert read(tmp_path, grammar, b"step 12\n") == [("mine.step", {"step": 12})]


def test_flags_are_kept(tmp_path):
    """`"total"i` matches whatever its case."""
    grammar = 'start: total\ntotal: "total "i n\nn: INT\nINT: /[0-9]+/\n'
    assert read(tmp_path, grammar, b"Total 1\nTOTAL 2\ntotals 3\n") == [
        ("mine.total", {"n": 1}),
        ("mine.total", {"n": 2}),
    ]


def test_no_backtracking_into_a_token(tmp_path):
    """As in Lark, a token takes what it can; the rest of the line cannot make it give back."""
    grammar = 'start: a\na: name "s"\nname: WORD\nWORD: /[a-z]+/\n'
    assert read(tmp_path, grammar, b"images\n") == []


def test_priorities_say_which_kind_is_tried_first(tmp_path):
    """A kind of negative priority reads only what no other does."""
    grammar = """
        start: rest | step
        rest.-1: text
        step: "step " n
        text: TEXT
        n: INT
        TEXT: /[^\\r\\n]+/
        INT: /[0-9]+/
    """
    assert read(tmp_path, grammar, b"step 1\nstep x\n") == [
        ("mine.step", {"n": 1}),
        ("mine.rest", {"text": "step x"}),
    ]


def test_repetitions_of_what_has_no_field(tmp_path):
    """`+` and `*` of Lark, whose rules for them are left-recursive, are no recursion to the author of a grammar."""
    grammar = 'start: a\na: ("-" | "=")+ n (" " WORD)*\nn: INT\nINT: /[0-9]+/\nWORD: /[a-z]+/\n'
    assert read(tmp_path, grammar, b"-=-1\n=2 ab cd\n3\n-4  ab\n") == [
        ("mine.a", {"n": 1}),
        ("mine.a", {"n": 2}),
    ]


def test_a_file_of_terminals_has_no_kinds(tmp_path):
    """Grammars of one folder can share a file of terminals, which needs no start."""
    assert lower(tmp_path, "INT: /[0-9]+/\n") == []
