"""The words of which each line of a kind holds one: where none of them is in a text, the kind need not be tried there."""

import functools
import re
from collections.abc import Iterable
from typing import Any

from logreport.grammar.lowering.nodes import Field, Kind, Node, Path, Text, Token

LONG_ENOUGH = 8  # characters; a shorter word stands in texts of all sorts
Words = frozenset[str]  # none: not known


def words_of(kinds: Iterable[Kind]) -> Words:
    """The words of which each line of any of these kinds holds one; none where that is not known of all of them."""
    return any_of(in_a_row(map(of_node, path)) for kind in kinds for path in kind.paths)


def of_node(node: Node) -> Words:
    """The words of which a match of a node holds one."""
    if isinstance(node, Text):
        return frozenset() if node.ignore_case else frozenset({node.value})
    if isinstance(node, Token):
        return of_pattern(node.pattern)
    paths: tuple[Path, ...] = node.body if isinstance(node, Field) else node.options
    return any_of(in_a_row(map(of_node, path)) for path in paths)


@functools.cache
def of_pattern(pattern: str) -> Words:
    """The words of which a match of a regular expression holds one, as Python's own parser reads it."""
    try:
        from re import _parser

        parsed = _parser.parse(pattern)
        return frozenset() if parsed.state.flags & re.IGNORECASE else of_sequence(parsed)
    except (ImportError, KeyError, TypeError, ValueError, re.error):
        return frozenset()


def of_sequence(operations: Iterable[Any]) -> Words:
    """The words of operations that follow one another; letters in a row are one word."""
    found: list[Words] = []
    word = ""
    for operation, value in operations:
        if str(operation) == "LITERAL":
            word += chr(value)
            continue
        found.append(frozenset({word}))
        word = ""
        if str(operation) == "BRANCH":
            found.append(any_of(map(of_sequence, value[1])))
        elif str(operation) == "SUBPATTERN" and not value[1]:
            found.append(of_sequence(value[3]))
    return in_a_row([*found, frozenset({word})])


def in_a_row(parts: Iterable[Words]) -> Words:
    """The best of the words of parts that follow one another: the longest, which stand in the fewest texts."""
    return max(parts, key=lambda words: min(map(len, words), default=0), default=frozenset())


def any_of(parts: Iterable[Words]) -> Words:
    """The words of alternatives, each of which must have some."""
    parts = list(parts)
    words = frozenset[str]().union(*parts)
    long = all(parts) and min(map(len, words), default=0) >= LONG_ENOUGH
    return words if long else frozenset()
