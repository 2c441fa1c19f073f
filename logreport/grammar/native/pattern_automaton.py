"""Several patterns as one automaton for the library, which says with it what may be found in each line of a text."""

from collections.abc import Sequence

from logreport.grammar.native.filtering import Positions, Span
from logreport.grammar.native.program import Arrays, automaton_arrays
from logreport.grammar.native.regex import ALL, UNLIMITED, Bytes, Fork, Loop, Peek, Regex, Row, parse

NEWLINE = 1 << ord("\n")


def automaton_of(patterns: Sequence[bytes]) -> Arrays:
    """The automaton of some patterns, of which number n ends in position n.

    Raises:
        UnsupportedError: where it cannot be one.
    """
    found = Positions(None, ends=len(patterns))
    for number, pattern in enumerate(patterns):
        whole = found.joined(
            found.of(in_line(parse(pattern))), Span(frozenset({number}), frozenset(), empty=False)
        )
        found.start |= whole.first
    return automaton_arrays(found)


def in_line(pattern: Regex) -> Regex:
    """A pattern with what stands before it in its line; with the newline behind the line where it looks for that at its end."""
    if isinstance(pattern, Fork):
        return Fork(tuple(map(in_line, pattern.options)))
    parts = pattern.parts if isinstance(pattern, Row) else (pattern,)
    if isinstance(parts[-1], Peek):
        parts = (*parts[:-1], Bytes(parts[-1].members & ALL))
    if isinstance(parts[0], Bytes) and parts[0].members == NEWLINE:
        return Row(parts)
    return Row((Bytes(NEWLINE), Loop(0, UNLIMITED, Bytes(ALL & ~NEWLINE), "greedy"), *parts))
