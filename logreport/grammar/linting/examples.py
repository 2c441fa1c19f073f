"""Lines that a kind can read, made from its grammar: what shows that two kinds read the same line."""

import functools
from collections.abc import Iterator
from typing import Any

from logreport.grammar.lowering.first_bytes import of_class
from logreport.grammar.lowering.nodes import Choice, Field, Kind, Node, Path, Repeat, Text, Token

VARIANTS = 3  # shortest, longer, longer still; each takes other alternatives
READABLE = frozenset(range(32, 127))
MOST = 60  # lines of one kind; a kind of many alternatives needs no more to be known by


def lines_of_kind(kind: Kind) -> Iterator[str]:
    """Lines made from the paths of a kind; lookaheads are not obeyed, so that it may not read all of them."""
    made = (
        "".join(of_path(path, variant))
        for variant in range(VARIANTS)
        for path in kind.paths[: MOST // VARIANTS]
    )
    yield from dict.fromkeys(line for line in made if line)


def of_path(path: Path, variant: int) -> Iterator[str]:
    for node in path:
        yield of_node(node, variant)


def of_node(node: Node, variant: int) -> str:
    """One text that a node matches."""
    if isinstance(node, Text):
        return node.value
    if isinstance(node, Token):
        return of_pattern(node.pattern, variant)
    options = node.body if isinstance(node, Field) else node.options
    chosen = "".join(of_path(options[variant % len(options)], variant))
    if isinstance(node, Repeat):
        return chosen * (1 + variant)
    assert isinstance(node, Field | Choice)  # noqa: S101 - for the type checker
    return chosen


@functools.cache  # most terminals are those of terminals.lark
def of_pattern(pattern: str, variant: int) -> str:
    """One text that a regular expression matches, lookaheads aside; empty where Python's parser is not there."""
    try:
        from re import _parser

        return "".join(
            of_operation(str(name), value, variant) for name, value in _parser.parse(pattern.encode())
        )
    except (ImportError, KeyError, TypeError, ValueError):
        return ""


def of_operation(name: str, value: Any, variant: int) -> str:  # noqa: ANN401 - Python's parser has no types
    if name in {"LITERAL", "NOT_LITERAL", "ANY", "IN"}:
        allowed = sorted(of_class(name, value) & READABLE) or sorted(of_class(name, value))
        return chr(allowed[(variant * 7) % len(allowed)])
    if name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
        low, high, inner = value
        return of_operations(inner, variant) * min(int(high), int(low) + variant)
    if name == "BRANCH":
        return of_operations(value[1][variant % len(value[1])], variant)
    if name == "SUBPATTERN":
        return of_operations(value[3], variant)
    return of_operations(value, variant) if name == "ATOMIC_GROUP" else ""


def of_operations(operations: Any, variant: int) -> str:  # noqa: ANN401 - Python's parser has no types
    return "".join(of_operation(str(name), value, variant) for name, value in operations)
