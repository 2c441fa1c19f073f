"""Several patterns at once over all lines of a text: which lines are worth a closer look, before any of them gets one."""

import functools
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from logreport.grammar.native.library import PatternAutomaton

    Array = np.ndarray[Any, np.dtype[Any]]

NEWLINE = ord("\n")
BEGINNING = rb"\n"  # of a pattern
Load = Callable[[Sequence[bytes]], "PatternAutomaton | None"]


class PatternSet:
    r"""Says of each line of a text which of some patterns are found in it.

    Args:
        patterns: at most eight, for texts in which a newline stands before each line; one that begins with a newline is for
            the beginning of lines, any other for a place within one. The end of a line is looked at last, as `(?![^\n])`.
        load: gives what tells most lines in which there is none from the others, None where `re` looks at all of them.
    """

    def __init__(self, patterns: Sequence[bytes], load: Load = lambda _: None) -> None:
        self.patterns = patterns
        self.load = load
        self.compiled: dict[int, re.Pattern[bytes]] = {}
        self.find = functools.lru_cache(maxsize=1)(
            self.look
        )  # a text is looked at when it is scanned, and counted

    @functools.cached_property
    def automaton(self) -> "PatternAutomaton | None":
        """What says where each pattern may be found, made for the first text."""
        return self.load(self.patterns)

    def pattern(self, number: int) -> re.Pattern[bytes]:
        """A pattern for `re`, made when it is needed; at the beginning of a line it takes no more than the newline."""
        if number not in self.compiled:
            source = self.patterns[number]
            if source.startswith(BEGINNING):
                source = BEGINNING + b"(?=" + source.removeprefix(BEGINNING) + b")"
            self.compiled[number] = re.compile(source)
        return self.compiled[number]

    def look(self, text: bytes) -> "Array":
        """For each line of a text a number of 8 bits: bit n is set where pattern n is found."""
        import numpy as np

        begins = begins_of(text)
        if self.automaton is None:
            found = np.zeros(len(begins), np.uint8)
            for number in range(len(self.patterns)):
                places = [match.start() for match in self.pattern(number).finditer(text)]
                found[np.searchsorted(begins, places, "right") - 1] |= 1 << number
            return found
        found = self.automaton.find(text)
        for number in range(len(self.patterns)) if found.any() else ():
            lines = np.flatnonzero(found & 1 << number)
            found[lines[self.lack(number, text, begins, lines)]] ^= 1 << number
        return found

    def lack(self, number: int, text: bytes, begins: "Array", lines: "Array") -> list[int]:
        """Which of some lines do not have a pattern in them after all."""
        if not len(lines):
            return []
        import numpy as np

        starts, stops = begins[lines].tolist(), np.append(begins, len(text))[lines + 1].tolist()
        if self.patterns[number].startswith(BEGINNING):
            match = self.pattern(number).match
            return [i for i, start in enumerate(starts) if not match(text, start)]
        search = self.pattern(number).search
        return [
            i
            for i, (start, stop) in enumerate(zip(starts, stops, strict=True))
            if not search(text, start, stop)
        ]


def begins_of(text: bytes) -> "Array":
    """The places of the newlines of a text."""
    import numpy as np

    return np.flatnonzero(np.frombuffer(text, np.uint8) == NEWLINE)
