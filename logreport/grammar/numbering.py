"""Numbers of lines where sources split them: a progress bar or a tag for a line break makes several lines of one.

Scanning counts the lines that it sees one by one, so that it reads a text the same way however its lines end. What it
found is given the numbers of the source afterwards, in which a line that was split counts once: as a record if any piece
of it is one, else as chatter, else as left over.
"""

import bisect
import itertools
from collections.abc import Iterable, Iterator, Sequence

from logreport.grammar.scanning.records import Match, Records
from logreport.grammar.scanning.scan import Gap, Scan, gaps_of

CHATTER, LEFT, RECORD = range(3)


class Numbering:
    """Counts the lines of one source, and knows their numbers in it."""

    def __init__(self) -> None:
        # Lines, as scanning counts them: the first, and the one behind the last chunk.
        self.first = self.next = 0
        # Where each part begins, as scanning counts, and its numbers in the source.
        self.starts: list[int] = []
        self.parts: list[Sequence[int]] = []

    def counted(self, chunks: Iterable[tuple[bytes, Sequence[int]]]) -> Iterator[tuple[bytes, range]]:
        """The chunks with their lines counted one by one: that is their number until a line was split."""
        for text, numbers in chunks:
            if not self.first:
                self.first = self.next = numbers[0]
            if self.parts or not isinstance(numbers, range) or numbers.start != self.next:
                if not self.parts:
                    self.starts, self.parts = [self.first], [range(self.first, self.next)]
                self.starts.append(self.next)
                self.parts.append(numbers)
            lines = range(self.next, self.next + len(numbers))
            self.next = lines.stop
            yield text, lines

    def numbered(self, scans: Iterable[Scan]) -> Iterator[Scan]:
        """The scans with the numbers of the source; each holds whole lines of it."""
        held: list[Scan] = []
        start = end = 0
        for scan in scans:
            start = start or self.first
            end = (end or start) + scan.line_count
            held.append(scan)
            if not self.parts:
                yield scan
            elif start < end < self.next and self.number(end) == self.number(end - 1):
                continue
            else:
                yield renumbered(held, start, self.numbers(start, end))
            held, start = [], end
        if held:
            yield renumbered(held, start, self.numbers(start, end))

    def number(self, line: int) -> int:
        index = bisect.bisect_right(self.starts, line) - 1
        return self.parts[index][line - self.starts[index]]

    def numbers(self, start: int, end: int) -> list[int]:
        """The numbers of some lines in the source; what stands before them is forgotten."""
        done = max(bisect.bisect_right(self.starts, start) - 1, 0)
        del self.starts[:done], self.parts[:done]
        found: list[int] = []
        for begin, part in zip(self.starts, self.parts, strict=True):
            if begin < end:
                found += part[max(start - begin, 0) : end - begin]
        return found


def renumbered(scans: Sequence[Scan], start: int, numbers: Sequence[int]) -> Scan:
    """Scans as one, whose lines from `start` on have these numbers."""
    matches = [
        Match(numbers[match.line - start], match.leaf, match.values, match.rank)
        for scan in scans
        for match in scan.records
    ]
    marks = bytearray(len(numbers))  # of chatter, unless something says that it is something else
    left: dict[int, bytes] = {}
    for scan in scans:
        for gap in scan.gaps:
            for line, text in gap.lines():
                left[line - start] = text
                marks[line - start] = LEFT
        for line in itertools.chain(scan.records.lines, scan.later):
            marks[line - start] = RECORD
    records: list[int] = []
    gap_lines: list[tuple[int, bytes]] = []
    chatter = 0
    for number, pieces in itertools.groupby(range(len(numbers)), numbers.__getitem__):
        lines = list(pieces)
        mark = {marks[line] for line in lines}
        if RECORD in mark:
            records.append(number)
        elif CHATTER in mark:
            chatter += 1
        else:
            gap_lines.append((number, b" ".join(left[line] for line in lines)))
    begun = {match.line for match in matches}
    later = [number for number in records if number not in begun]
    gaps: list[Gap] = gaps_of(gap_lines)
    return Scan(Records.of(matches), gaps, len(records), chatter, later=later)
