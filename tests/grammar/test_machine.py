"""The machine in C finds what `re` finds: the same matches, kinds and values, with its filter and without."""

import random
import re

import pytest
from grammar_reference import FILES, ROOT
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from kernel import by_re, check, kernel, machine, program, rows, whole
from sample_texts import SAMPLES

from logreport.grammar import load_engine
from logreport.grammar.linting.descriptions import comments_of
from logreport.grammar.linting.examples import lines_of_kind
from logreport.grammar.lowering.lower import lower_file
from logreport.grammar.lowering.pattern import Leaf
from logreport.grammar.native.library import Machine
from logreport.grammar.native.program import program_of
from logreport.grammar.native.regex import (
    ANY,
    END,
    UNLIMITED,
    Atom,
    Bytes,
    Capture,
    Edge,
    Fork,
    Look,
    Loop,
    Peek,
    Row,
    UnsupportedError,
    parse,
)

LITERALS = [
    text.replace(r"\"", '"').encode()
    for path in FILES.values()
    for text in re.findall(r'"((?:[^"\\]|\\.){3,})"', path.read_text("utf-8"))
]
BITS = [bytes([byte]) for byte in b"0123456789 .:\t/[]()-_aZ\r\n>#|\\\"'\x00\xff\xc3"]
SLOW_DATA = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def lines_of_samples():
    """The different lines of all sample logs, numbers set aside."""
    lines = (line for path in SAMPLES for line in path.read_bytes().split(b"\n"))
    return list({re.sub(rb"[0-9]+", b"0", line): line for line in lines}.values())


@pytest.mark.parametrize("documents", [False, True], ids=["logs", "documents"])
def test_every_sample(documents):
    """Every sample log is read alike by both engines."""
    assert sum(check(whole(path.read_bytes()), documents=documents) for path in SAMPLES) > 1_500


def test_every_file_of_this_checkout():
    """So is text that was never meant to be a log: our own code, grammars and documents."""
    files = [p for folder in ("logreport", "grammars", "docs", "tests") for p in (ROOT / folder).rglob("*.*")]
    for path in files:
        if path.suffix in {".py", ".lark", ".md", ".c", ".html"}:
            check(whole(path.read_bytes()), documents=True)


def test_the_official_logs(corpus):
    """And what the official scripts printed on real machines."""
    paths = sorted((corpus / "official").rglob("*.log"))
    assert paths
    for path in paths:
        check(whole(path.read_bytes()))


def test_the_lines_that_the_grammars_show():
    """Each kind's own examples, and lines made of its rule, behind one another and each alone."""
    lines = []
    for name, path in FILES.items():
        if name != "prefixes":
            lines += [line.encode() for some in comments_of(path).values() for line in some]
            lines += [line.encode() for kind in lower_file(path) for line in lines_of_kind(kind)]
    assert check(whole(b"\n".join(lines)), documents=True) > 300
    for line in lines:
        check(whole(line), documents=True)


def changed(line, lines, dice):
    """A line with a few random changes."""
    line = bytearray(line)
    for _ in range(dice.choice((0, 1, 1, 2, 3))):
        at = dice.randrange(len(line) + 1)
        to = at + dice.randrange(1, 9)
        other = dice.choice(lines)
        start = dice.randrange(len(other) + 1)
        how = dice.randrange(7)
        if how == 0:
            del line[at:to]
        elif how == 1:
            line[at:at] = dice.choice(BITS)
        elif how == 2:
            line[at:at] = dice.choice(LITERALS)
        elif how == 3:
            line[at:to] = other[start : start + dice.randrange(30)]
        elif how == 4:
            line[at : at + 1] = bytes([dice.randrange(256)])
        elif how == 5:
            line[at:at] = line[at:to]
        else:
            line[at:] = other[at:]
    return bytes(line)


def check_changed(rounds, seed):
    """Texts of a thousand changed lines."""
    dice, lines = random.Random(seed), lines_of_samples()  # noqa: S311 - no secret
    for number in range(rounds):
        text = b"\n".join(changed(dice.choice(lines), lines, dice) for _ in range(1000))
        check(whole(text), documents=number % 2 == 1)


def test_changed_lines():
    """6 000 sample lines with random changes: what is nearly a result is read alike, too."""
    check_changed(6, seed=1)


@pytest.mark.slow
def test_many_changed_lines():
    """100 000 of them."""
    check_changed(100, seed=2)


# What line grammars are made of, small enough that a few bytes meet each way through it.
TOKENS = [
    "a", "b", "ab", "[ab]", "[^a]", "[0-9]", "a+", "a*+", "[ab]{1,3}", "a+?b", "(?:a|b)", "(?:ab|a)b", "(?:a|ab)(?:b|)",
    "(?>a+)b", "(?>a|ab)", "(?:ab)+", "(?:ab)*+", "(?:a[0-9])?", "(?=a)", "(?!b)", "(?=a+b)", "(?!ab)", "(?<=a)", "(?<!ab)",
    r"\b", "(?i:aB)", "(?:a|b)+?b", "(?:ab){0,3}", "[a-z]{2}", r"\w+", r"\s", "(?=(?:[^x]){0,4}?(?:ab|bb))",
]  # fmt: skip


@settings(max_examples=600, suppress_health_check=SLOW_DATA)
@given(
    tokens=st.lists(st.sampled_from(TOKENS), min_size=1, max_size=5),
    other=st.lists(st.sampled_from(TOKENS), max_size=4),
    text=st.text("ab0B \n_", max_size=40),
)
@example(tokens=["(?=(?:[^x]){0,4}?(?:ab|bb))", "a"], other=["b"], text="aab\nbbb\nxab")
@example(tokens=["(?=a)", "(?=(?:[^x]){0,4}?(?:ab|bb))"], other=["(?=(?:[^x]){0,4}?(?:ab|bb))"], text="")
def test_any_pattern(tokens, other, text):
    """Not only our grammars: patterns put together at random match alike, or are refused."""
    pattern = rf"\n(?:({''.join(tokens)})()|({''.join(other)})x())[ \t]*+(?=\n)".encode()
    leaves = {2: Leaf("one", (("a", "text", (1,)),)), 4: Leaf("two", (("b", "text", (3,)),))}
    try:
        arrays = program_of(pattern, leaves)
    except UnsupportedError:
        return
    text = whole(text.encode())
    numbers, groups = {2: 0, 4: 1}, {2: 1, 4: 3}
    wanted = [
        (*match.span(), numbers[match.lastindex], (match[groups[match.lastindex]],))
        for match in re.finditer(pattern, text)
    ]
    for filtered in (False, "always"):
        one = Machine(arrays, filtered=filtered, path=kernel())
        assert rows(one.scan(text, [(0, len(text), len(text))])) == wanted


DIGITS = [
    "[0-4]", "[0-4]+", "[0-4]*+[0-9]", "[0-4]{1,2}?[0-9]", "a70", "(?:0|7a)", "(?:[0-4]a|[0-9]b)", "(?<![0-4])", "[^7]*a",
    "[^a]*?b", "[0-9]+", r"\b", "(?=[0-9]0)", "(?=(?:[^x]){0,4}?(?:a0|b7))",
]  # fmt: skip
OTHER_DIGITS = bytes.maketrans(b"07", b"70")


@settings(max_examples=300, suppress_health_check=SLOW_DATA)
@given(tokens=st.lists(st.sampled_from(DIGITS), min_size=1, max_size=4), text=st.text("ab07 \n", max_size=40))
@example(tokens=["[0-4]+"], text="0\n7\n00\n07")
@example(tokens=["[^a]*?b"], text="07")
@example(tokens=["(?=(?:[^x]){0,4}?(?:a0|b7))"], text="\na0\n\nb7\n")
def test_lines_that_differ_in_digits(tokens, text):
    """What is known of a line holds for one with other digits only where its match asked for none of them, or what is behind it."""
    far = "x" * 70  # where the filter does not look
    pattern = rf"\n({far}{''.join(tokens)})()[ \t]*+(?=\n)".encode()
    text = whole("\n".join(far + line for line in text.split("\n")).encode())
    one = Machine(
        program_of(pattern, {2: Leaf("one", (("a", "text", (1,)),))}), filtered="always", path=kernel()
    )
    for some in (text, text + text.translate(OTHER_DIGITS)[1:] + text[1:]):
        wanted = [(*match.span(), 0, (match[1],)) for match in re.finditer(pattern, some)]
        assert rows(one.scan(some, [(0, len(some), len(some))])) == wanted


def test_what_the_machine_cannot_run_is_refused():
    """A grammar of the user's own may use more of regular expressions: then `re` reads, and nothing is lost."""
    for pattern in (rb"\n(a)\1", rb"\n(?:a|){2,}", rb"\n(?:ab){2,90}", rb"\n^a", rb"\n(?<=a|bc)d", rb"a"):
        with pytest.raises(UnsupportedError):
            program_of(pattern, {1: Leaf("x", ())})


def test_many_files_in_one_text():
    """Small files are scanned together: no match reaches from one into the next, none begins behind a limit."""
    texts = [path.read_bytes() for path in SAMPLES if path.stat().st_size < 5000]
    texts = [text if text.endswith(b"\n") else text + b"\n" for text in texts]
    pieces, at = [], 0
    for number, text in enumerate(texts):
        end = at + len(text) + 1
        pieces.append((at, end, end if number % 2 else at + len(text) // 2))
        at = end - 1
    text = b"\n" + b"".join(texts)
    assert check(text, pieces=pieces) > 100
    found = machine().scan(text, pieces)
    alone = [len(by_re(text, load_engine(), [piece])) for piece in pieces]
    assert list(found.bounds) == [sum(alone[:i]) for i in range(len(alone) + 1)]


def test_no_text_and_empty_lines():
    """Nothing to read is nothing found."""
    for text in (b"\n", b"\n\n", b"\n" * 100):
        assert rows(machine().scan(text, [(0, len(text), len(text))])) == []
    assert rows(machine().scan(b"\n", [])) == []


PARTS = [
    b"a.", b"A", b"a", b"0", b"/", b"a/", b"- ", b"1 ", b"a: ", b"[", b"(", b"|", b"\\", b'"', b'File "a', b"<br>", b" ", b"AVX ",
    b"a = 1 ", b", a = 1 ", b"~^", b"/job:", b"INFO:", b"x.y.zError", b"python ", b"./a ", b"alexnet_b ", b"Y N ", b"0, ",
    b"name: a major: ", b"2019-01-08 10:01:11.607183: ", b"\\\n",
]  # fmt: skip
BEGINNINGS = [
    b"",
    b"name: ",
    b"2019-01-08 10:01:11.607183: I tensorflow/core/a.cc:1] ",
    b'File "',
    b"Dataset: ",
]


@pytest.mark.parametrize("part", PARTS)
def test_long_lines_cost_what_they_are_long(part):
    """A line of 80 KB that was made to hurt costs four times what one of 20 KB does, by the machine's own count."""
    for beginning in BEGINNINGS:
        counts = []
        for size in (20_000, 80_000):
            text = b"\n" + beginning + part * (size // len(part)) + b"\n"
            before = machine(filtered=False).steps
            found = machine(filtered=False).scan(text, [(0, len(text), len(text))])
            counts.append(machine(filtered=False).steps - before)
            assert found is not None
        assert counts[1] < 6 * counts[0] + 20_000
        assert counts[1] < 400 * 80_000


def test_too_much_for_the_stack_is_left_to_re():
    """A line on which the machine's stack is full is given up, and the engine reads it with `re`."""
    pattern = rb"\n(?:a[ab])*(?:a|b)c()"
    arrays = program_of(pattern, {1: Leaf("x", ())})
    text = b"\n" + b"a" * 5_000_000 + b"\n"
    assert Machine(arrays, filtered=False, path=kernel()).scan(text, [(0, len(text), len(text))]) is None


def members(text):
    """A set as it is shown."""
    return sum(1 << byte for byte in text)


A, B, AB = members(b"a"), members(b"b"), members(b"ab")
BYTE = range(256)


@pytest.mark.parametrize(
    ("pattern", "node"),
    [
        (rb"a", Bytes(A)),
        (rb"[ab]", Bytes(AB)),
        (rb"[^a-y\x00-`{-\xff]", Bytes(members(b"z"))),
        (rb"[^a]", Bytes(members(byte for byte in BYTE if byte != ord("a")))),
        (rb".", Bytes(members(byte for byte in BYTE if byte != ord("\n")))),
        (rb"\d", Bytes(members(b"0123456789"))),
        (rb"[\s_]", Bytes(members(b" \t\n\r\x0b\x0c_"))),
        (rb"(?i:a)", Bytes(members(b"aA"))),
        (rb"(?i:[^a])", Bytes(members(byte for byte in BYTE if byte not in b"aA"))),
        (rb"a(?:b)", Row((Bytes(A), Bytes(B)))),
        (rb"(?:ab|ba)", Fork((Row((Bytes(A), Bytes(B))), Row((Bytes(B), Bytes(A)))))),
        (rb"(?:a|b)", Bytes(AB)),
        (rb"(?:a|ab)", Row((Bytes(A), Fork((Row(()), Bytes(B)))))),
        (rb"a*", Loop(0, UNLIMITED, Bytes(A), "greedy")),
        (rb"a{2,3}?", Loop(2, 3, Bytes(A), "lazy")),
        (rb"a++", Loop(1, UNLIMITED, Bytes(A), "possessive")),
        (rb"(a)", Capture(1, Bytes(A))),
        (rb"(?>a)", Atom(Bytes(A))),
        (rb"(?=a)", Peek(A)),
        (rb"(?!a)", Peek(ANY & ~A)),
        (rb"\Z", Peek(END)),
        (rb"(?!ab)", Look(wanted=False, behind=0, body=Row((Bytes(A), Bytes(B))))),
        (rb"(?<=ab)", Look(wanted=True, behind=2, body=Row((Bytes(A), Bytes(B))))),
        (rb"\b", Edge()),
    ],
)
def test_python_parses_as_we_know_it(pattern, node):
    """What we use of the tree of Python's own parser, which is not public, is the same on each Python that we claim."""
    assert repr(parse(pattern)) == repr(node)


def test_programs_do_not_depend_on_chance():
    """The same grammars make the same program, so that a cache can be compared."""
    engine = load_engine()
    again = program_of(engine.source, engine.lowered.leaves)
    assert all((again[name] == array).all() for name, array in program().items())
