"""A regular expression for bytes as immutable nodes, from the tree that Python's own parser makes of it.

So the machine and `re` read one and the same text. The tree is not public: a test holds what is used of it on each Python,
and what is not known here is refused, which costs speed and nothing else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from logreport.grammar.lowering.first_bytes import of_class

ALL = (1 << 256) - 1  # a set of bytes is a number with a bit for each
END = 1 << 256  # what comes where the text ends
ANY = ALL | END
UNLIMITED = 1 << 30


class UnsupportedError(ValueError):
    """A pattern that the machine cannot run; `re` does."""


@dataclass(frozen=True, eq=False, slots=True)
class Bytes:
    """One byte of a set."""

    members: int


@dataclass(frozen=True, eq=False, slots=True)
class Row:
    """One after the other."""

    parts: tuple["Regex", ...]


@dataclass(frozen=True, eq=False, slots=True)
class Fork:
    """The first that leads to a match."""

    options: tuple["Regex", ...]


@dataclass(frozen=True, eq=False, slots=True)
class Loop:
    """From `low` to `high` times, as often as possible or, where it is lazy, as seldom; a possessive one gives nothing back."""

    low: int
    high: int
    body: "Regex"
    mode: str  # greedy, lazy or possessive


@dataclass(frozen=True, eq=False, slots=True)
class Capture:
    """A group whose place in the text is kept."""

    group: int
    body: "Regex"


@dataclass(frozen=True, eq=False, slots=True)
class Atom:
    """What gives nothing back once it matched."""

    body: "Regex"


@dataclass(frozen=True, eq=False, slots=True)
class Peek:
    """Whether the next byte, or the end, is one of a set."""

    members: int


@dataclass(frozen=True, eq=False, slots=True)
class Look:
    """Whether something matches here, or `behind` bytes before, or whether it does not."""

    wanted: bool
    behind: int
    body: "Regex"


@dataclass(frozen=True, eq=False, slots=True)
class Edge:
    """The edge of a word."""


Regex = Bytes | Row | Fork | Loop | Capture | Atom | Peek | Look | Edge
MODES = {"MAX_REPEAT": "greedy", "MIN_REPEAT": "lazy", "POSSESSIVE_REPEAT": "possessive"}
CLASSES = {"LITERAL", "NOT_LITERAL", "ANY", "IN"}
UPPER, LOWER = range(ord("A"), ord("Z") + 1), range(ord("a"), ord("z") + 1)
BOTH_CASES = tuple(zip(UPPER, LOWER, strict=True))


def parse(pattern: bytes) -> Regex:
    """A pattern as nodes.

    Raises:
        UnsupportedError: where it uses what line grammars do not need.
    """
    try:
        from re import _parser

        return row(_parser.parse(pattern), folded=False)
    except (ImportError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnsupportedError(f"{type(error).__name__}: {error}") from error


def row(operations: Iterable[tuple[Any, Any]], *, folded: bool) -> Regex:
    """Operations in a row; `folded`: both cases of a letter are the same."""
    parts: list[Regex] = []
    for name, value in operations:
        node = operation(str(name), value, folded=folded)
        parts += node.parts if isinstance(node, Row) else (node,)
    return parts[0] if len(parts) == 1 else Row(tuple(parts))


def operation(name: str, value: Any, *, folded: bool) -> Regex:  # noqa: ANN401, PLR0911 - no types in Python's parser; as in ahead.py
    """One operation."""
    if name in CLASSES:
        return Bytes(members_of(name, value, folded=folded))
    if name in MODES:
        low, high, body = value
        return Loop(int(low), min(int(high), UNLIMITED), row(body, folded=folded), MODES[name])
    if name == "BRANCH":
        return Fork(tuple(row(option, folded=folded) for option in value[1]))
    if name == "ATOMIC_GROUP":
        return Atom(row(value, folded=folded))
    if name in {"ASSERT", "ASSERT_NOT"}:
        return look(value, wanted=name == "ASSERT", folded=folded)
    if name == "SUBPATTERN":
        group, added, removed, body = value
        if added not in IGNORE_CASE or removed:
            raise UnsupportedError("flags")
        inner = row(body, folded=folded or bool(added))
        return inner if group is None else Capture(group, inner)
    if name == "AT" and str(value) == "AT_END_STRING":
        return Peek(END)
    if name == "AT" and str(value) == "AT_BOUNDARY":
        return Edge()
    raise UnsupportedError(name)


IGNORE_CASE = (0, 2)  # no flag, and that of (?i:…)


def look(value: Any, *, wanted: bool, folded: bool) -> Regex:  # noqa: ANN401 - as above
    """A look ahead or behind; one at the next byte is simple."""
    direction, operations = value
    body = row(operations, folded=folded)
    if direction < 0:
        least, most = operations.getwidth()
        if least != most:
            raise UnsupportedError("a look behind of more than one width")
        return Look(wanted, least, body)
    if isinstance(body, Bytes):
        return Peek(body.members if wanted else ANY & ~body.members)
    return Look(wanted, 0, body)


def members_of(name: str, value: Any, *, folded: bool) -> int:  # noqa: ANN401 - as above
    """A class as a set; the cases of its letters are folded before it is negated, as `re` does."""
    negated = name == "NOT_LITERAL" or (name == "IN" and str(value[0][0]) == "NEGATE")
    found = sum(1 << byte for byte in of_class(name, value))
    if not folded:
        return found
    found = ALL & ~found if negated else found
    for upper, lower in BOTH_CASES:
        if found >> upper & 1 or found >> lower & 1:
            found |= 1 << upper | 1 << lower
    return ALL & ~found if negated else found
