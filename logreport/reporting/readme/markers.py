"""Blocks of a README that logreport keeps up to date, between markers; every other byte stays as it is.

A block is two markers, each alone on its line:

    <!-- logreport:begin NAME LOG… --rows batch_size -->
    <!-- logreport:end NAME -->
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from logreport.errors import LogreportError

_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$")
_MARKER = re.compile(rb"<!--\s*logreport\s*:", re.IGNORECASE)
_NAME = rb"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?"
_BEGIN = re.compile(rb"<!--[ \t]*logreport:begin[ \t]+(" + _NAME + rb")(?:[ \t]+(.*?))?[ \t]*-->[ \t]*")
_END = re.compile(rb"<!--[ \t]*logreport:end[ \t]+(" + _NAME + rb")[ \t]*-->[ \t]*")
_BOM = b"\xef\xbb\xbf"
FORM = "<!-- logreport:begin NAME LOG… --> and <!-- logreport:end NAME -->"


@dataclass(frozen=True)
class Block:
    """A block of a README.

    Args:
        name: its name.
        arguments: what its marker says after the name.
        line: line of its first marker, numbered from 1.
        start: offset of the first byte after the first marker's line.
        end: offset of the first byte of the last marker's line.
        newline: how the first marker's line ends.
    """

    name: str
    arguments: str
    line: int
    start: int
    end: int
    newline: bytes


@dataclass(frozen=True)
class _Line:
    number: int
    offset: int
    text: bytes  # without its end
    newline: bytes


def find_blocks(content: bytes, source: str) -> tuple[Block, ...]:
    """The blocks of a README, in order.

    Args:
        content: the README's bytes.
        source: its name, for errors.

    Raises:
        LogreportError: for the first marker that is broken, nested, there twice, alone, or in a code fence; or where
            there is none.
    """
    blocks: list[Block] = []
    begun: tuple[_Line, str, str] | None = None
    for line in _markers(content, source):
        begin, end = _BEGIN.fullmatch(line.text), _END.fullmatch(line.text)
        if begin and b"-->" not in (begin[2] or b""):
            if begun is not None:
                what = (
                    f"block {begin[1].decode()!r} begins inside block {begun[1]!r} of line {begun[0].number}"
                )
                raise _error(what, f"end {begun[1]!r} first", source, line)
            begun = line, begin[1].decode(), _text(begin[2] or b"", source, line)
            _check_name(begun[1], blocks, source, line)
        elif end:
            blocks.append(_ended(begun, end[1].decode(), source, line))
            begun = None
        else:
            raise _error("this marker is broken", f"write {FORM}, each alone on its line", source, line)
    if begun is not None:
        todo = f"add <!-- logreport:end {begun[1]} --> on a line of its own below"
        raise _error(f"block {begun[1]!r} has no end", todo, source, begun[0])
    if not blocks:
        raise LogreportError(
            "holds no block of logreport", source=source, todo=f"add {FORM}, each alone on its line"
        )
    return tuple(blocks)


def _check_name(name: str, blocks: Iterable[Block], source: str, line: _Line) -> None:
    for block in blocks:
        if block.name == name:
            raise _error(f"block {name!r} is there already, in line {block.line}", "rename one", source, line)


def _text(arguments: bytes, source: str, line: _Line) -> str:
    try:
        return arguments.decode()
    except UnicodeDecodeError:
        raise _error(
            "the arguments of this marker are not UTF-8", "write them in UTF-8", source, line
        ) from None


def _ended(begun: tuple[_Line, str, str] | None, name: str, source: str, line: _Line) -> Block:
    """The block that ends in this line."""
    if begun is None:
        todo = f"add <!-- logreport:begin {name} LOG… --> on a line of its own above"
        raise _error(f"block {name!r} ends here and has no begin", todo, source, line)
    first, own, arguments = begun
    if own != name:
        what = f"block {own!r} of line {first.number} is ended as {name!r}"
        raise _error(what, "give both markers one name", source, line)
    start = first.offset + len(first.text) + len(first.newline)
    return Block(own, arguments, first.number, start, line.offset, first.newline)


def _error(what: str, todo: str, source: str, line: _Line) -> LogreportError:
    return LogreportError(what, source=source, line=line.number, todo=todo)


def _lines(content: bytes) -> Iterator[_Line]:
    skip = len(_BOM) if content.startswith(_BOM) else 0
    for number, match in enumerate(_LINE.finditer(content, skip), 1):
        text = match[0].rstrip(b"\r\n")
        yield _Line(number, match.start(), text, match[0][len(text) :])


def _markers(content: bytes, source: str) -> Iterator[_Line]:
    """The lines that hold a marker; one that is shown as code is none, except in a fence, where it may be meant."""
    found = [(line, match) for line in _lines(content) if (match := _MARKER.search(line.text))]
    code = _code(content) if found else {}
    for line, match in found:
        kind = code.get(line.number)
        if kind == "fence":
            raise _error(
                "this marker stands inside a code fence",
                "move the block out of the fence; an example can be indented by four spaces instead",
                source,
                line,
            )
        before = line.text[: match.start()]
        if kind == "code_block" or before.count(b"`") % 2:
            continue
        if before:
            raise _error(
                "this marker does not begin its line", "put it alone on a line, without indent", source, line
            )
        yield line


def _code(content: bytes) -> dict[int, str]:
    """What kind of code a line is in, by line number, as a reader of Markdown sees it."""
    from markdown_it import MarkdownIt

    text = content.removeprefix(_BOM).decode("latin-1")  # markup is ASCII; any byte is a character
    found: dict[int, str] = {}
    for token in MarkdownIt("commonmark").parse(text):
        if token.type in ("fence", "code_block") and token.map is not None:
            found |= {n + 1: token.type for n in range(*token.map)}
    return found


def inject(content: bytes, blocks: Iterable[Block], texts: Mapping[str, str]) -> bytes:
    """The README with new text in its blocks; blocks without one, and all other bytes, stay.

    Args:
        content: the README's bytes.
        blocks: its blocks, as `find_blocks` gave them.
        texts: markdown for each block, by name.
    """
    parts, at = [], 0
    for block in blocks:
        if block.name in texts:
            body = texts[block.name].strip("\n").encode("utf-8", "replace").replace(b"\n", block.newline)
            parts += [content[at : block.start], block.newline, body, block.newline * 2]
            at = block.end
    return b"".join([*parts, content[at:]])


def difference(old: bytes, new: bytes, name: str) -> bytes:
    """A unified diff, as `diff -u` writes it."""
    before, after = (
        [m[0].decode("utf-8", "surrogateescape") for m in re.finditer(rb"[^\n]*\n|[^\n]+$", text)]
        for text in (old, new)
    )
    lines = (
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in difflib.unified_diff(before, after, name, f"{name} (as it would be)")
    )
    return "".join(lines).encode("utf-8", "surrogateescape")
