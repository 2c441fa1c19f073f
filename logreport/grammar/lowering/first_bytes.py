"""What Python's own parser says of a terminal: the bytes it can begin with, and whether it can backtrack.

The lowered pattern looks at one byte before it tries what costs more, and spares the atomic group where there is nothing
to keep. Worked out when grammars are lowered, never for a line; what is not known costs time and is always right.
"""

import functools
import re
from collections.abc import Callable, Iterable
from typing import Any

from logreport.grammar.lowering.nodes import Field, Node, Path, Text, Token

BYTES = frozenset(range(256))
ANYTHING = (BYTES, True)
Opening = tuple[frozenset[int], bool]  # first bytes of a match, and whether it can be empty


def first_bytes(path: Path) -> frozenset[int]:
    """The bytes that a match of the path can begin with; all, where it can be empty."""
    found, empty = in_a_row(path, of_node)
    return BYTES if empty else found


def of_node(node: Node) -> Opening:
    """The opening of a node."""
    if isinstance(node, Text):
        letters = {node.value[0].lower(), node.value[0].upper()} if node.ignore_case else {node.value[0]}
        return frozenset(map(ord, letters)), False
    if isinstance(node, Token):
        return of_pattern(node.pattern)
    paths = node.body if isinstance(node, Field) else node.options
    return any_of(in_a_row(path, of_node) for path in paths)


@functools.cache
def of_pattern(pattern: str) -> Opening:
    """The opening of a regular expression, read by Python's own parser."""
    try:
        from re import _parser

        return in_a_row(_parser.parse(pattern.encode()), of_operation)
    except (ImportError, KeyError, TypeError, ValueError):
        return ANYTHING


@functools.cache
def atomic(pattern: str) -> str:
    """A pattern that gives nothing back once it matched: as it is, with a possessive end, or in an atomic group."""
    whole = f"(?>{pattern})"
    try:
        from re import _parser

        operations = list(_parser.parse(pattern.encode()))
        if all(is_fixed(one) for one in operations):
            return pattern
        possessive = list(_parser.parse(f"{pattern}+".encode()))
        same_length = len(possessive) == len(operations)
        ends_possessive = same_length and str(possessive[-1][0]) == "POSSESSIVE_REPEAT"
        return f"{pattern}+" if ends_possessive and all(is_fixed(one) for one in possessive) else whole
    except (ImportError, KeyError, TypeError, ValueError, re.error):
        return whole


def is_fixed(operation: tuple[Any, Any]) -> bool:
    """Whether an operation has one way to match, so that there is nothing to come back to."""
    name, value = str(operation[0]), operation[1]
    if name in {"MAX_REPEAT", "MIN_REPEAT"}:
        return value[0] == value[1] and all(is_fixed(one) for one in value[2])
    if name == "SUBPATTERN":
        return all(is_fixed(one) for one in value[3])
    return name in FIXED


FIXED = {
    "LITERAL", "NOT_LITERAL", "ANY", "IN", "AT", "ASSERT", "ASSERT_NOT", "ATOMIC_GROUP", "POSSESSIVE_REPEAT",
}  # fmt: skip


def in_a_row(parts: Iterable[Any], opening: Callable[[Any], Opening]) -> Opening:
    """The opening of parts that follow one another."""
    found: frozenset[int] = frozenset()
    for part in parts:
        first, empty = opening(part)
        found |= first
        if not empty:
            return found, False
    return found, True


def any_of(openings: Iterable[Opening]) -> Opening:
    """The opening of alternatives."""
    found: frozenset[int] = frozenset()
    empty = False
    for first, can_be_empty in openings:
        found |= first
        empty = empty or can_be_empty
    return found, empty


def of_operation(operation: tuple[Any, Any]) -> Opening:
    """The opening of one operation of a parsed regular expression."""
    name, value = str(operation[0]), operation[1]
    if name in {"ASSERT", "ASSERT_NOT", "AT"}:
        return frozenset(), True  # they look at the text and take none of it
    if name in {"LITERAL", "NOT_LITERAL", "ANY", "IN"}:
        return of_class(name, value), False
    return of_group(name, value)


def of_group(name: str, value: Any) -> Opening:  # noqa: ANN401 - Python's parser has no types
    """The opening of an operation that holds others."""
    if name == "BRANCH":
        return any_of(in_a_row(option, of_operation) for option in value[1])
    if name == "ATOMIC_GROUP" or (name == "SUBPATTERN" and not value[1]):
        return in_a_row(value if name == "ATOMIC_GROUP" else value[3], of_operation)
    if name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
        first, empty = in_a_row(value[2], of_operation)
        return first, empty or value[0] == 0
    return ANYTHING


def of_class(name: str, value: Any) -> frozenset[int]:  # noqa: ANN401 - Python's parser has no types
    """The bytes of a class."""
    if name == "ANY":
        return BYTES - {10}
    if name != "IN":
        return frozenset({value}) if name == "LITERAL" else BYTES - {value}
    found: frozenset[int] = frozenset()
    for kind, one in value:
        if str(kind) == "LITERAL":
            found |= {one}
        elif str(kind) == "RANGE":
            found |= frozenset(range(one[0], one[1] + 1))
        elif str(kind) == "CATEGORY":
            found |= CATEGORIES[str(one)]
    return BYTES - found if str(value[0][0]) == "NEGATE" else found


WORDS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
DIGITS, SPACES = frozenset(b"0123456789"), frozenset(b" \t\n\r\x0b\x0c")
CATEGORIES = {
    "CATEGORY_WORD": WORDS, "CATEGORY_DIGIT": DIGITS, "CATEGORY_SPACE": SPACES,
    "CATEGORY_NOT_WORD": BYTES - WORDS, "CATEGORY_NOT_DIGIT": BYTES - DIGITS, "CATEGORY_NOT_SPACE": BYTES - SPACES,
}  # fmt: skip
