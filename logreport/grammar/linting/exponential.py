"""Patterns that can read one text in so many ways that a search through them does not end: `(?:a|a)*b` and its kin.

A pattern becomes an automaton whose states are its characters. Where two ways lead from a state back to itself over one
text, each repetition of that text doubles the ways, and a text that does not match at its end is tried in all of them.

Source: Weber and Seidl, On the degree of ambiguity of finite automata, 1991: the criterion EDA.
"""

import functools
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from logreport.grammar.lowering.first_bytes import of_class

WRITTEN_OUT = 8  # repetitions up to which a bounded one is a sequence; a longer one is a loop
MOST_WAYS = 2000  # behind one character, over parts that can be empty
LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyz")


class Character(NamedTuple):
    """A place of a pattern that takes one byte: where it stands between nodes, and what it takes."""

    start: int
    takes: frozenset[int]
    end: int


@functools.cache
def is_exponential(pattern: str) -> bool:
    """Whether the ways to read a text can double with each of its characters; False where that cannot be told.

    >>> is_exponential("(?:a|a)*b"), is_exponential("(?:a+)+b"), is_exponential("(?:ab|ac)*d")
    (True, True, False)
    """
    try:
        from re import _parser

        parsed = list(_parser.parse(pattern.encode()))
    except (ImportError, ValueError, OverflowError):
        return False
    automata = [Automaton(parsed)]
    for automaton in automata:  # grows by what stands in lookaheads, which are searched by themselves
        automata += [Automaton(inner) for inner in automaton.looked_at]
    return any(automaton.is_exponential() for automaton in automata)


class Automaton:
    """The characters of a parsed pattern, and what leads from node to node without one.

    Args:
        operations: as Python's own parser gives them.
    """

    def __init__(self, operations: Iterable[Any]) -> None:
        self.nodes = 1
        self.characters: list[Character] = []
        self.empty: dict[int, list[tuple[int, frozenset[int]]]] = {}  # (node, bytes that must not come next)
        self.looked_at: list[list[Any]] = []
        self.row(operations, 0, ignore_case=False)

    def node(self) -> int:
        self.nodes += 1
        return self.nodes - 1

    def link(self, start: int, end: int, never: frozenset[int] = frozenset()) -> None:
        self.empty.setdefault(start, []).append((end, never))

    # From operations to nodes: each of these begins at a node and returns the one where it ends

    def row(self, operations: Iterable[Any], start: int, *, ignore_case: bool) -> int:
        for name, value in operations:
            start = self.operation(str(name), value, start, ignore_case=ignore_case)
        return start

    def operation(self, name: str, value: Any, start: int, *, ignore_case: bool) -> int:  # noqa: ANN401 - Python's parser has no types
        if name in {"LITERAL", "NOT_LITERAL", "ANY", "IN"}:
            takes = of_class(name, value)
            return self.character(start, both_cases(takes) if ignore_case else takes)
        if name == "BRANCH":
            end = self.node()
            for option in value[1]:
                self.link(self.row(option, self.branch(start), ignore_case=ignore_case), end)
            return end
        if name == "SUBPATTERN":
            return self.row(value[3], start, ignore_case=ignore_case or bool(value[1]))
        if name == "ATOMIC_GROUP":
            return self.row(value, start, ignore_case=ignore_case)
        if name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
            return self.repeat(name, value, start, ignore_case=ignore_case)
        if name in {"ASSERT", "ASSERT_NOT"}:
            self.looked_at.append(list(value[1]))
        return start

    def branch(self, start: int) -> int:
        node = self.node()
        self.link(start, node)
        return node

    def character(self, start: int, takes: frozenset[int]) -> int:
        end = self.node()
        self.characters.append(Character(start, takes, end))
        return end

    def repeat(self, name: str, value: Any, start: int, *, ignore_case: bool) -> int:  # noqa: ANN401 - Python's parser has no types
        least, most, body = int(value[0]), int(value[1]), value[2]
        is_loop = most > WRITTEN_OUT
        for _ in range(min(least, WRITTEN_OUT) - (1 if is_loop and least else 0)):
            start = self.row(body, start, ignore_case=ignore_case)
        end = self.node()
        for _ in range(0 if is_loop else most - least):
            self.link(start, end)
            start = self.row(body, self.branch(start), ignore_case=ignore_case)
        if not is_loop:
            self.link(start, end)
            return end
        first = self.branch(start)
        last = self.row(body, first, ignore_case=ignore_case)
        self.link(last, first)
        # What a possessive repetition of one character leaves is another character.
        one = name == "POSSESSIVE_REPEAT" and self.characters[-1][::2] == (first, last)
        self.link(last if least else first, end, self.characters[-1].takes if one else frozenset())
        return end

    # From nodes to what can come behind each character

    def is_exponential(self) -> bool:
        """Whether two ways lead from a character back to itself over one text."""
        self.starts: dict[int, list[int]] = {}
        for number, character in enumerate(self.characters):
            self.starts.setdefault(character.start, []).append(number)
        self.followers = [self.behind(character.end) for character in self.characters]
        return any(
            any(is_twice(ways) for i in loop for j, ways in self.followers[i].items() if j in loop)
            or self.doubles(loop)
            for loop in self.loops()
        )

    def behind(self, node: int) -> dict[int, list[frozenset[int]]]:
        """The characters that can come next behind a node, each with what it can take, once for each way there."""
        found: dict[int, list[frozenset[int]]] = {}
        stack: list[tuple[int, frozenset[int], frozenset[tuple[int, int]]]] = [
            (node, frozenset(), frozenset())
        ]
        for _ in range(MOST_WAYS):
            if not stack:
                break
            node, never, used = stack.pop()
            for number in self.starts.get(node, ()):
                if takes := self.characters[number].takes - never:
                    found.setdefault(number, []).append(takes)
            stack += [
                (end, never | no, used | {(node, i)})
                for i, (end, no) in enumerate(self.empty.get(node, ()))
                if (node, i) not in used
            ]
        return found

    def loops(self) -> Iterator[set[int]]:
        """The characters that lead back to themselves, in groups that lead to one another."""
        left = set(range(len(self.characters)))
        ahead = [set(ways) for ways in self.followers]
        behind: list[set[int]] = [set() for _ in left]
        for number, others in enumerate(ahead):
            for other in others:
                behind[other].add(number)
        while ends := {number for number in left if not (ahead[number] & left and behind[number] & left)}:
            left -= ends
        while left:
            number = min(left)
            group = reach(number, ahead, left) & reach(number, behind, left)
            left -= group | {number}
            if group:
                yield group

    def doubles(self, loop: set[int]) -> bool:
        """Whether two different ways within a loop take one text: they part from a character and meet in another."""
        ahead: dict[tuple[int, int], set[tuple[int, int]]] = {}
        stack = [(number, number) for number in loop]
        while stack:
            pair = stack.pop()
            if pair in ahead:
                continue
            ahead[pair] = {
                (i, j)
                for i, one in self.followers[pair[0]].items()
                for j, two in self.followers[pair[1]].items()
                if i in loop and j in loop and any(a & b for a in one for b in two)
            }
            stack += ahead[pair]
        parted = {pair for pair in ahead if pair[0] != pair[1]}
        meeting = {pair for pair in parted if any(i == j for i, j in ahead[pair])}
        while meeting:  # back to where they parted
            before = {pair for pair in parted if ahead[pair] & meeting} - meeting
            if not before:
                break
            meeting |= before
        return bool(meeting)


def reach(number: int, steps: list[set[int]], within: set[int]) -> set[int]:
    """The characters that steps lead to from one; itself only where they lead back."""
    found: set[int] = set()
    stack = [number]
    while stack:
        new = (steps[stack.pop()] & within) - found
        found |= new
        stack += new
    return found


def is_twice(ways: list[frozenset[int]]) -> bool:
    """Whether two ways to a character take one byte."""
    return any(one & two for i, one in enumerate(ways) for two in ways[:i])


def both_cases(takes: frozenset[int]) -> frozenset[int]:
    return takes | {byte ^ 32 for byte in takes if byte | 32 in LETTERS}
