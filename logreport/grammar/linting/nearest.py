"""Where a line stopped making sense: the kind that reads furthest into it, the column, and what it expected there."""

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from logreport.grammar.lowering.nodes import Choice, Field, Kind, Path, Repeat, Text, Token
from logreport.grammar.lowering.pattern import literal

SHARED = {"_WS": "a blank", "_NL": "a new line"}  # terminals of all grammars that keep nothing
NEAR = 6  # characters; a kind that reads less of a line than this is no help in explaining it


@dataclass(frozen=True)
class Nearest:
    """The kind that got furthest, the column (from 0, in bytes) where it stopped, and what it expected there."""

    kind: str
    column: int
    expected: str


def nearest(line: bytes, kinds: Iterable[Kind]) -> Nearest | None:
    """The kind that reads furthest into a line, or None where none reads more than a few characters."""
    start = len(line) - len(line.lstrip(b" \t>"))
    best: Nearest | None = None
    for kind in kinds:
        walk = Walk(line, start)
        for path in kind.paths if kind.priority >= 0 else ():
            for end in walk.path(path, start):
                walk.fail(end, "the end of the line")
        if walk.column >= start + NEAR and (best is None or walk.column > best.column):
            best = Nearest(kind.name, walk.column, walk.expected)
    return best


class Walk:
    """Follows the paths of one kind through a line, and remembers the furthest place where it could not go on."""

    def __init__(self, line: bytes, start: int) -> None:
        self.line = line
        self.column = start
        self.expected = ""

    def fail(self, column: int, expected: str) -> None:
        if column > self.column or not self.expected:
            self.column, self.expected = column, expected

    def path(self, path: Path, position: int) -> Iterator[int]:
        """All places where a path can end."""
        if not path:
            yield position
            return
        for end in self.node(path[0], position):
            yield from self.path(path[1:], end)

    def node(self, node: object, position: int) -> Iterator[int]:
        if isinstance(node, Text):
            yield from self.text(node, position)
        elif isinstance(node, Token):
            match = compiled(node.pattern).match(self.line, position)
            if match:
                yield match.end()
            else:
                self.fail(position, self.without_blank(SHARED.get(node.name, node.name), position))
        elif isinstance(node, Field):
            for path in node.body:
                yield from self.field(node, path, position)
        elif isinstance(node, Choice | Repeat):
            for option in node.options:
                yield from self.path(option, position)

    def field(self, node: Field, path: Path, position: int) -> Iterator[int]:
        """A field says its own name where it fails, which tells more than its terminal's."""
        for end in self.path(path, position):
            yield end
            return
        if self.column <= position:
            self.column = position
            self.expected = self.without_blank(f"{node.name} ({node.dtype})", position)

    def text(self, node: Text, position: int) -> Iterator[int]:
        """A literal fails at its first different character."""
        wanted = node.value.encode()
        match = compiled(literal(node)).match(self.line, position)
        if match:
            yield match.end()
            return
        there = self.line[position : position + len(wanted)]
        same = next((i for i, (a, b) in enumerate(zip(wanted, there, strict=False)) if a != b), len(there))
        rest = node.value[same:] or node.value
        bare = rest.lstrip(" \t")
        if bare == rest:
            self.fail(position + same, self.without_blank(repr(rest), position + same))
        else:
            self.fail(position + same, f"a blank and {bare!r}" if bare else "a blank")

    def without_blank(self, expected: str, position: int) -> str:
        """What is expected at a place; where a blank stands there, that it is one too many."""
        is_blank = self.line[position : position + 1] in (b" ", b"\t")
        return f"{expected} without a blank before it" if is_blank and expected != "a blank" else expected


@functools.lru_cache(maxsize=4096)
def compiled(pattern: str) -> re.Pattern[bytes]:
    """A pattern for bytes."""
    return re.compile(pattern.encode())
