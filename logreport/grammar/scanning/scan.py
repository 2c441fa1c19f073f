"""What scanning gives: records, the lines between them that no kind matched, and how many lines were recognised."""

import bisect
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from logreport.grammar.scanning.records import Match, Records


class Gap(NamedTuple):
    """Lines that no kind matched: `text` holds a newline before each of them.

    `above` is the line before them, where that was matched as a last resort only: they may be the rest of it.
    """

    text: bytes
    numbers: Sequence[int]
    above: bytes | None = None

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Number and text of each line."""
        return zip(self.numbers, self.text[1:].split(b"\n"), strict=True)


class Scan(NamedTuple):
    """What one chunk held: records in order, what is left over, and how many lines were recognised.

    `replaced` are lines of an earlier look whose records do not count any more; `record_lines` is less by them.
    `later` are the lines of records below the one that they begin in.
    """

    records: Records
    gaps: list[Gap]
    record_lines: int
    chatter_lines: int
    replaced: frozenset[int] = frozenset()
    later: Sequence[int] = ()

    @property
    def matches(self) -> list[Match]:
        """The records one by one."""
        return list(self.records)

    @property
    def line_count(self) -> int:
        """How many lines it tells of."""
        return self.record_lines + self.chatter_lines + sum(len(gap.numbers) for gap in self.gaps)

    def beginnings(self) -> dict[int, int]:
        """For each line of a record below its first: the line that the record begins in."""
        starts = sorted(set(self.records.lines)) if self.later else []
        return {line: starts[bisect.bisect_left(starts, line) - 1] for line in self.later}

    def and_then(self, other: "Scan") -> "Scan":
        """Two scans, one after the other, as one."""
        return Scan(
            self.records.and_then(other.records),
            self.gaps + other.gaps,
            self.record_lines + other.record_lines,
            self.chatter_lines + other.chatter_lines,
            self.replaced | other.replaced,
            (*self.later, *other.later),
        )

    def with_looks(self, looks: "Iterable[Scan]") -> "Scan":
        """What closer looks at the gaps found, in its place between the matches; their gaps are what is left."""
        looks = list(looks)
        replaced = frozenset[int]().union(*(look.replaced for look in looks))
        records = self.records
        if replaced:
            _, records = records.split(lambda _, line: line in replaced)
        if found := [part for look in looks for part in look.records.parts]:
            records = Records([*records.parts, *found]).by_line()
        return Scan(
            records,
            [gap for look in looks for gap in look.gaps],
            self.record_lines + sum(look.record_lines for look in looks),
            self.chatter_lines + sum(look.chatter_lines for look in looks),
            replaced,
            [*self.later, *(line for look in looks for line in look.later)],
        )


def gaps_of(lines: list[tuple[int, bytes]]) -> list[Gap]:
    """Left-over lines as one gap."""
    if not lines:
        return []
    return [Gap(b"".join(b"\n" + line for _, line in lines), [number for number, _ in lines])]
