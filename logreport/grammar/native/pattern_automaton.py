"""Several patterns as one automaton of the library: which of them may be found in each line of a text."""

import ctypes
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from logreport.grammar.native import kernel
from logreport.grammar.native.filtering import Positions, Span
from logreport.grammar.native.library import automaton_struct
from logreport.grammar.native.program import Arrays, automaton_arrays
from logreport.grammar.native.regex import ALL, UNLIMITED, Bytes, Fork, Loop, Peek, Regex, Row, parse

NEWLINE = 1 << ord("\n")


class PatternAutomaton:
    """An automaton of patterns in the library, ready to find them.

    Args:
        arrays: the automaton.
        count: how many patterns it is of.
        path: another library than the one that was installed.

    Raises:
        ValueError: where the automaton does not stay within its tables.
        OSError: where there is no library.
    """

    def __init__(self, arrays: Arrays, count: int, path: Path | None = None) -> None:
        self.library = found = kernel.library(path or kernel.LIBRARY)
        self.arrays = arrays  # the library reads them where they are
        self.automaton = automaton_struct(arrays)
        if fault := found.automaton_fault(ctypes.byref(self.automaton), count - 1):
            raise ValueError(f"a damaged automaton: {fault}")
        self.filter = found.filter_new(ctypes.byref(self.automaton), count - 1, True)  # noqa: FBT003 - a function of C
        if not self.filter:
            raise MemoryError
        weakref.finalize(self, found.filter_free, self.filter)

    def find(self, text: bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """For each line of a text, each with a newline before it, bit n where pattern n may be found."""
        found = np.empty(text.count(b"\n"), np.uint8)
        self.library.filter_find(self.filter, text, len(text), found.ctypes.data)
        return found


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
