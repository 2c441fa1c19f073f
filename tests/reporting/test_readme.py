"""Markers in a README: what is between them changes, nothing else does, and what is wrong has a line."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from logreport.errors import LogreportError
from logreport.reporting.readme.markers import difference, find_blocks, inject

PLAIN = b"# T\n\n<!-- logreport:begin a logs/ --rows model -->\nold\n<!-- logreport:end a -->\nafter\n"


def filled(content, **texts):
    """The README with texts in its blocks."""
    return inject(content, find_blocks(content, "README.md"), texts)


def test_a_block():
    """Name, arguments and line are read, and its text is replaced between blank lines."""
    (block,) = find_blocks(PLAIN, "README.md")
    assert (block.name, block.arguments, block.line) == ("a", "logs/ --rows model", 3)
    assert filled(PLAIN, a="new\n") == PLAIN.replace(b"old\n", b"\nnew\n\n")


def test_blocks_without_a_text_stay():
    """One block can be refreshed alone."""
    content = PLAIN + PLAIN.replace(b" a ", b" b ")
    assert filled(content, b="new") == PLAIN + PLAIN.replace(b" a ", b" b ").replace(b"old\n", b"\nnew\n\n")


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.replace(b"\n", b"\r\n"),
        PLAIN.rstrip(b"\n"),
        b"\xef\xbb\xbf" + PLAIN,
        b"\xef\xbb\xbf" + PLAIN.removeprefix(b"# T\n\n"),
        PLAIN.replace(b"after", b"caf\xe9 \xff\x00 \x85 \x0c"),
        PLAIN.replace(b"old\n", b""),
        PLAIN.replace(b"<!-- ", b"<!--").replace(b" -->", b"\t-->  "),
        PLAIN.replace(b"\n", b"\r"),
    ],
)
def test_any_bytes_around_stay(content):
    """CRLF, CR, no last newline, BOM, Latin-1: the bytes outside the block are those that were there."""
    new = filled(content, a="one\ntwo\n")
    (old,), (now,) = find_blocks(content, "R"), find_blocks(new, "R")
    assert new[: now.start] == content[: old.start]
    assert new[now.end :] == content[old.end :]
    assert new[now.start : now.end] == b"\none\ntwo\n\n".replace(b"\n", old.newline)
    assert filled(new, a="one\ntwo\n") == new


ANY = st.binary(max_size=60).filter(lambda b: not {*b"`~<"} & {*b})
NEWLINE = st.sampled_from([b"\n", b"\r\n", b"\r"])
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r`~<"), max_size=40)


@given(ANY, ANY, ANY, NEWLINE, TEXT)
@example(b"", b"\n", b"", b"\r", "")
def test_injection_is_idempotent_and_leaves_other_bytes_alone(before, inside, after, newline, text):
    """Whatever stands around and inside: only the block's text changes, and a second run changes nothing."""
    if newline == b"\r":
        inside = inside.lstrip(b"\n")  # else the marker's line would end in both
    before += newline
    begin, end = b"<!-- logreport:begin n -->" + newline, b"<!-- logreport:end n -->" + newline
    content = before + begin + inside + newline + end + after
    once = filled(content, n=text)
    assert once.startswith(before + begin)
    # A line feed behind the first marker's return is part of its line end, and its lines end so.
    own = b"\r\n" if newline + inside[:1] == b"\r\n" else newline
    assert once.endswith(own + end + after)
    assert filled(once, n=text) == once


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"# T\n", "README.md: holds no block of logreport; add <!-- logreport:begin NAME"),
        (b"<!-- logreport:begin a -->\n", "README.md:1: block 'a' has no end; add <!-- logreport:end a -->"),
        (b"x\n<!-- logreport:end a -->\n", "README.md:2: block 'a' ends here and has no begin"),
        (PLAIN + PLAIN, "README.md:9: block 'a' is there already, in line 3; rename one"),
        (
            b"<!-- logreport:begin a -->\n<!-- logreport:begin b -->\n",
            "README.md:2: block 'b' begins inside block 'a' of line 1; end 'a' first",
        ),
        (
            b"<!-- logreport:begin a -->\n<!-- logreport:end b -->\n",
            "README.md:2: block 'a' of line 1 is ended as 'b'; give both markers one name",
        ),
        (b"<!-- logreport:begin a\n-->\n", "README.md:1: this marker is broken"),
        (b"<!-- logreport:start a -->\n", "README.md:1: this marker is broken"),
        (b"<!-- logreport:begin -->\n", "README.md:1: this marker is broken"),
        (b"<!-- logreport:begin a --> <!-- logreport:end a -->\n", "README.md:1: this marker is broken"),
        (b"<!-- LOGREPORT:begin a -->\n", "README.md:1: this marker is broken"),
        (b"<!-- logreport:begin a -->\n<!-- logreport:end a --> x\n", "README.md:2: this marker is broken"),
        (b"x <!-- logreport:begin a -->\n", "README.md:1: this marker does not begin its line"),
        (b"- x\n\n    <!-- logreport:begin a -->\n", "README.md:3: this marker does not begin its line"),
        (b"<!-- logreport:begin a \xff -->\n", "README.md:1: the arguments of this marker are not UTF-8"),
        (b"```\n" + PLAIN + b"```\n", "README.md:4: this marker stands inside a code fence"),
        (b"~~~~ sh\n```\n" + PLAIN, "README.md:5: this marker stands inside a code fence"),
        (b"> ```\n> <!-- logreport:begin a -->\n", "README.md:2: this marker stands inside a code fence"),
        (
            b"<!-- logreport:begin a -->\n```\nx\n<!-- logreport:end a -->\n```\n",
            "README.md:4: this marker stands inside a code fence",
        ),
    ],
)
def test_what_is_wrong_is_one_clear_error(content, said):
    """The line, what it is, and what to do."""
    with pytest.raises(LogreportError) as error:
        find_blocks(content, "README.md")
    assert str(error.value).startswith(said)
    assert error.value.todo


@pytest.mark.parametrize(
    "example",
    [
        b"    <!-- logreport:begin b -->\n",
        b"\t<!-- logreport:end b -->\n",
        b"Write `<!-- logreport:begin NAME -->` above.\n",
        b"<!-- logreport is nice -->\n",
    ],
)
def test_examples_are_no_markers(example):
    """Indented code, and code inside a sentence, can show what a marker looks like."""
    assert len(find_blocks(b"Text:\n\n" + example + b"\n" + PLAIN, "R")) == 1


def test_a_diff():
    """As `diff -u` writes it, with any bytes and without a last newline."""
    old, new = b"a\r\n\xff\nc", b"a\r\n\xff\nd\n"
    said = difference(old, new, "README.md")
    assert said.startswith(b"--- README.md\n+++ README.md (as it would be)\n")
    assert said.endswith(b" a\r\n \xff\n-c\n\\ No newline at end of file\n+d\n")
