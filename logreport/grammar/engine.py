"""The engine: one regular expression over chunks of whole lines; what it does not match gets a second look.

The second look takes prefixes (ranks, containers, launchers) and seams (joined lines) away, which is slower and rarely
needed; what is left then is handed on as gaps, so that every line is accounted for.
"""

import gc
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from logreport.grammar.emission import Leaf, Lowered
from logreport.grammar.unwrapping import Unwrapper

LINE_START = r"\n[ \t>]*+"  # indentation and quoting are decoration of a line, not part of it
LINE_END = r"[ \t]*+(?:<br ?/?>[ \t]*+)*+\r?+(?=\n)"
BLOCK_LINES = 8  # a kind may span half as many lines, with blank ones between; so many are held back at the edge of a chunk

Chunk = tuple[
    bytes, Sequence[int]
]  # whole lines, each ending in a newline, and the number of each in its source


@contextmanager
def no_collection() -> Iterator[None]:
    """Python's search for cycles stays off meanwhile: matches hold none, and it would look at all of them each time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


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


class Gap(NamedTuple):
    """Lines that no kind matched: `text` holds a newline before each of them."""

    text: bytes
    numbers: Sequence[int]

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Number and text of each line."""
        return zip(self.numbers, self.text[1:].split(b"\n"), strict=True)


class Scan(NamedTuple):
    """What one chunk held: matches with fields in order, what is left over, and how many lines were recognised."""

    matches: list[Match]
    gaps: list[Gap]
    record_lines: int
    chatter_lines: int


class Engine:
    """Matches lines against all kinds at once.

    Args:
        lowered: the pattern of all kinds and where its paths end.
        unwrapper: takes prefixes and seams from lines that no kind matched.
    """

    def __init__(self, lowered: Lowered, unwrapper: Unwrapper) -> None:
        self.lowered = lowered
        self.unwrapper = unwrapper
        self.pattern = re.compile(f"{LINE_START}(?:{lowered.pattern}){LINE_END}".encode())
        self.leaves = {
            end: (leaf, tuple(group for *_, groups in leaf.fields for group in groups))
            for end, leaf in lowered.leaves.items()
        }
        for end, (leaf, groups) in self.leaves.items():
            if (
                len(groups) == 1
            ):  # the empty group that ends the path is taken along, so that group() gives a tuple
                self.leaves[end] = leaf, (*groups, end)
        self.signs = tuple(sign.encode() for sign in lowered.signs)
        self.beginning = re.compile(f"[ \t>]*(?:{lowered.beginnings or '(?!)'})".encode())

    def malformed(self, gap: Gap) -> set[int]:
        """The lines of a gap that begin as a result does: they did not match, so they are damaged."""
        if not any(sign in gap.text for sign in self.signs):
            return set()
        return {
            number
            for number, line in gap.lines()
            if any(self.beginning.match(piece) for _, piece in self.unwrapper.pieces(line))
        }

    def scan(self, chunks: Iterable[Chunk]) -> Iterator[Scan]:
        """Scan the chunks of one source; a block of lines is found also where two chunks meet."""
        held, first = b"", 1
        for text, numbers in chunks:
            if not isinstance(numbers, range):
                if held:
                    yield self.scan_lines(held, first)[0]
                    held = b""
                yield self.scan_again(Gap(b"\n" + text[:-1], numbers))
                continue
            first = first if held else numbers.start
            held += text
            cut = last_lines(held)
            if cut:
                scan, end, count = self.scan_lines(held, first, cut)
                yield scan
                held, first = held[end:], first + count
        if held:
            yield self.scan_lines(held, first)[0]

    def scan_lines(self, text: bytes, first: int, limit: int | None = None) -> tuple[Scan, int, int]:
        """Scan whole lines from line `first` on; a match must begin before `limit`.

        Returns the scan, the offset where the next one must begin, and the number of lines before that.
        """
        limit = len(text) if limit is None else limit
        with no_collection():
            matches, gaps, records, chatter, end = self.collect(b"\n" + text, first, limit)
        lines = text.count(b"\n", 0, end)
        scan = Scan(matches, [], records, chatter)
        return (self.with_second_look(scan, gaps) if gaps else scan), end, lines

    def collect(self, text: bytes, first: int, limit: int) -> tuple[list[Match], list[Gap], int, int, int]:
        """Matches that begin before `limit` and the gaps between them; this loop is the hot path of everything."""
        matches: list[Match] = []
        gaps: list[Gap] = []
        leaves, line, end, records, chatter = self.leaves, first, 0, 0, 0
        make, append, count = (
            tuple.__new__,
            matches.append,
            text.count,
        )  # half the time of Match(…) and of look-ups
        for match in self.pattern.finditer(text):
            start, stop = match.span()
            if start >= limit:
                break
            if start != end:
                left = count(b"\n", end, start)
                gaps.append(Gap(text[end:start], range(line, line + left)))
                line += left
            end = stop
            span = count(b"\n", start, stop)
            leaf, groups = leaves[match.lastindex or 0]
            if leaf.fields:
                append(make(Match, (line, leaf, match.group(*groups), None)))
                records += span
            else:
                chatter += span
            line += span
        if end < limit:
            gaps.append(Gap(text[end:limit], range(line, line + text.count(b"\n", end, limit))))
            end = limit
        return matches, gaps, records, chatter, end

    def with_second_look(self, scan: Scan, gaps: list[Gap]) -> Scan:
        """Look again at the gaps of a chunk, and put what they hold in its place between the matches."""
        found = False
        records, chatter = scan.record_lines, scan.chatter_lines
        for gap in gaps:
            if self.unwrapper.may_help(gap.text):
                again = self.scan_again(gap)
                scan.matches.extend(again.matches)
                scan.gaps.extend(again.gaps)
                found = found or bool(again.matches)
                records += again.record_lines
                chatter += again.chatter_lines
            else:
                scan.gaps.append(gap)
        if found:
            scan.matches.sort(key=lambda match: match.line)
        return Scan(scan.matches, scan.gaps, records, chatter)

    def reads(self, line: bytes) -> bool:
        """Whether a line is of a kind as it stands."""
        return self.pattern.match(b"\n" + line + b"\n") is not None

    def scan_again(self, gap: Gap) -> Scan:
        """Scan lines that may carry prefixes, be joined, or be pieces of one physical line.

        A physical line counts once: as record if any piece of it is one, else as chatter, else it stays in a gap.
        """
        pieces = [
            (number, *piece)
            for number, line in gap.lines()
            for piece in self.unwrapper.pieces(line, self.reads)
        ]
        text = b"".join(b"\n" + piece for _, _, piece in pieces) + b"\n"
        matches: list[Match] = []
        records: set[int] = set()
        chatter: set[int] = set()
        index = end = 0
        for match in self.pattern.finditer(text):
            index += text.count(b"\n", end, match.start())
            span = text.count(b"\n", match.start(), match.end())
            numbers = {number for number, _, _ in pieces[index : index + span]}
            leaf, groups = self.leaves[match.lastindex or 0]
            if leaf.fields:
                matches.append(Match(pieces[index][0], leaf, match.group(*groups), pieces[index][1]))
                records |= numbers
            else:
                chatter |= numbers
            index, end = index + span, match.end()
        chatter -= records
        left = [
            (number, line) for number, line in gap.lines() if number not in records and number not in chatter
        ]
        return Scan(matches, gaps_of(left), len(records), len(chatter))


def gaps_of(lines: list[tuple[int, bytes]]) -> list[Gap]:
    """Left-over pieces as one gap; pieces of one physical line count as one line."""
    if not lines:
        return []
    whole: dict[int, bytes] = {}
    for number, line in lines:
        whole[number] = whole[number] + b" " + line if number in whole else line
    return [Gap(b"".join(b"\n" + line for line in whole.values()), list(whole))]


def last_lines(text: bytes) -> int:
    """Where the last lines begin, which may be the start of a block that goes on in the next chunk."""
    cut = len(text) - 1
    for _ in range(BLOCK_LINES):
        cut = text.rfind(b"\n", 0, cut)
        if cut < 0:
            return 0
    return cut + 1
