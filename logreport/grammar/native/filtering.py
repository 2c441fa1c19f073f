"""Which lines can match at all: the bytes of a pattern, and which can follow each (Glushkov's automaton).

It allows more than the pattern does, never less: looks are taken to hold, high counts to be without limit. A look for words
is a position of its own, behind which nothing comes: where it is met, the words are looked for. The library makes the
automaton's states when it meets them.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from logreport.grammar.native.assembling import Words, words_of
from logreport.grammar.native.regex import ALL, Atom, Bytes, Capture, Fork, Look, Loop, Peek, Regex, Row

COPIES = 8  # a repetition of more is one without limit
ACCEPT = 0  # the position behind the pattern


class Span(NamedTuple):
    """A part of the pattern: the positions that it can begin and end with, and whether it can be empty."""

    first: frozenset[int]
    last: frozenset[int]
    empty: bool


NOTHING = Span(frozenset(), frozenset(), empty=True)


class Positions:
    """The bytes of patterns by number, and the positions that can follow each; `start` are those they begin with.

    The first positions are the places behind the patterns; then come the looks for words, which take no byte either.

    Args:
        words: the numbers of the words that looks are for; None where a look for words is taken to hold, as others are.
        ends: how many patterns there are.
    """

    def __init__(self, words: Mapping[Words, int] | None, ends: int = 1) -> None:
        self.words = words
        self.members = [0] * (ends + len(words or ()))
        self.follow: list[set[int]] = [set() for _ in self.members]
        self.start: frozenset[int] = frozenset()

    def byte(self, members: int) -> Span:
        """One more position."""
        self.members.append(members)
        self.follow.append(set())
        found = frozenset({len(self.members) - 1})
        return Span(found, found, empty=False)

    def joined(self, one: Span, other: Span) -> Span:
        """One part after another."""
        for position in one.last:
            self.follow[position] |= other.first
        return Span(
            one.first | other.first if one.empty else one.first,
            one.last | other.last if other.empty else other.last,
            one.empty and other.empty,
        )

    def row(self, parts: Iterable[Span]) -> Span:
        """Parts in a row."""
        found = NOTHING
        for part in parts:
            found = self.joined(found, part)
        return found

    def of(self, node: Regex) -> Span:  # noqa: PLR0911 - as in ahead.py
        """The positions of a node."""
        match node:
            case Bytes():
                return self.byte(node.members)
            case Row():
                return self.row(map(self.of, node.parts))
            case Fork():
                spans = [self.of(option) for option in node.options]
                return Span(
                    frozenset[int]().union(*(span.first for span in spans)),
                    frozenset[int]().union(*(span.last for span in spans)),
                    any(span.empty for span in spans),
                )
            case Capture() | Atom():
                return self.of(node.body)
            case Loop():
                return self.loop(node)
            case Look() if self.words is not None and (words := words_of(node)):
                # Words that no instruction is for stand where no match can come.
                found = frozenset({1 + self.words[words]}) if words in self.words else frozenset[int]()
                return Span(found, frozenset(), empty=False)
        return NOTHING

    def loop(self, node: Loop) -> Span:
        """A repetition: the rounds that must be, then those that may be."""
        parts = [self.of(node.body) for _ in range(min(node.low, COPIES))]
        limited = node.high <= COPIES
        more = [self.of(node.body) for _ in range(node.high - node.low if limited else 1)]
        if not limited:
            self.joined(more[0], more[0])
        return self.row([*parts, *(part._replace(empty=True) for part in more)])


def positions_of(pattern: Regex, words: Mapping[Words, int]) -> Positions:
    """The positions of the pattern of a line, whose last part is a look at the newline behind it.

    Args:
        pattern: what a line must match.
        words: the numbers of the words that looks are for.
    """
    parts = list(pattern.parts) if isinstance(pattern, Row) else [pattern]
    if isinstance(parts[-1], Peek):
        parts[-1] = Bytes(parts[-1].members & ALL)
    found = Positions(words)
    whole = found.joined(found.of(Row(tuple(parts))), Span(frozenset({ACCEPT}), frozenset(), empty=False))
    found.start = whole.first
    return found
