"""What scanning gives: matches, the lines between them that no kind matched, and how many lines were recognised."""

import bisect
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from logreport.grammar.lowering.pattern import Leaf


class Match(NamedTuple):
    """A recognised line or block: its line number, its path through the grammar, the raw field values, its rank."""

    line: int
    leaf: Leaf
    values: tuple[bytes | None, ...]
    rank: int | None = None

    def fields(self) -> dict[str, Any]:
        """The typed values of the fields that are there; one written in several places takes the one that matched."""
        return {
            name: convert(value)
            for (name, convert), value in zip(self.leaf.plan, self.values, strict=False)
            if value is not None
        }

    def raw(self, name: str) -> bytes | None:
        """The bytes of one field, without looking at the others."""
        place = self.leaf.places.get(name)
        return None if place is None else next((v for v in self.values[place] if v is not None), None)

    def value(self, name: str) -> Any:  # noqa: ANN401 - the terminal of the field says which
        """The typed value of one field, None where it is not there."""
        value = self.raw(name)
        return None if value is None else self.leaf.plan[self.leaf.places[name].start][1](value)


def column(matches: Sequence[Match], name: str) -> list[Any]:
    """The typed values of one field of matches of one kind, None where it is not there."""
    leaf = matches[0].leaf if matches else None
    if leaf is None or [match.leaf for match in matches].count(leaf) < len(matches):
        return [match.value(name) for match in matches]
    place = leaf.places.get(name)
    if place is None:
        return [None] * len(matches)
    if place.stop - place.start > 1:
        return [match.value(name) for match in matches]
    at, convert = place.start, leaf.plan[place.start][1]
    raw = [values[at] for _, _, values, _ in matches]
    return [None if value is None else convert(value) for value in raw]


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
    """What one chunk held: matches with fields in order, what is left over, and how many lines were recognised.

    `replaced` are lines of an earlier look whose matches do not count any more; `record_lines` is less by them.
    `later` are the lines of records below the one that they begin in.
    """

    matches: list[Match]
    gaps: list[Gap]
    record_lines: int
    chatter_lines: int
    replaced: frozenset[int] = frozenset()
    later: Sequence[int] = ()

    @property
    def line_count(self) -> int:
        """How many lines it tells of."""
        return self.record_lines + self.chatter_lines + sum(len(gap.numbers) for gap in self.gaps)

    def beginnings(self) -> dict[int, int]:
        """For each line of a record below its first: the line that the record begins in."""
        starts = sorted({match.line for match in self.matches}) if self.later else []
        return {line: starts[bisect.bisect_left(starts, line) - 1] for line in self.later}

    def and_then(self, other: "Scan") -> "Scan":
        """Two scans, one after the other, as one."""
        return Scan(
            self.matches + other.matches,
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
        matches = (
            [match for match in self.matches if match.line not in replaced] if replaced else self.matches
        )
        if found := [match for look in looks for match in look.matches]:
            matches = sorted((*matches, *found), key=lambda match: match.line)
        return Scan(
            matches,
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
