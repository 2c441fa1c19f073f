"""The engine: one regular expression over chunks of whole lines; what it does not match gets a second look.

The second look takes prefixes (ranks, containers, launchers) and seams (joined lines) away, which is slower and rarely
needed; what is left then is handed on as gaps, so that every line is accounted for.
"""

import functools
import gc
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from logreport.grammar.lowering.pattern import Leaf, Lowered
from logreport.grammar.numbering import Numbering
from logreport.grammar.scanning.broken_lines import Joiner, Whole
from logreport.grammar.scanning.commented_logs import Comments
from logreport.grammar.scanning.objects import Objects
from logreport.grammar.scanning.prefixes import Unwrapper
from logreport.grammar.scanning.scan import Gap, Match, Scan, gaps_of
from logreport.scripts import OFFICIAL, Benchmark

if TYPE_CHECKING:
    import numpy as np

    from logreport.grammar.native.library import Machine

    Array = np.ndarray[Any, np.dtype[Any]]

LINE_START = r"\n[ \t>]*+"  # indentation and quoting are decoration of a line, not part of it
LINE_END = r"[ \t]*+(?:<br ?/?>[ \t]*+)*+\r?+(?=\n)"
BLOCK_LINES = 8  # a kind may span half as many lines, with blank ones between; so many are held back at the edge of a chunk
COMMAND_LINES = 64  # a command goes on behind a backslash
MUCH = 1 << 19  # bytes of text for which another pattern pays
NEWLINE = ord("\n")
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


class Engine:
    """Matches lines against all kinds at once.

    Args:
        lowered: the pattern of all kinds and where its paths end.
        unwrapper: takes prefixes and seams from lines that no kind matched.
        logs: for documents, gives the engine of what stands in their comments.
        machine: gives the machine that finds the same matches faster, None where `re` must do.
        formats: what is known of the scripts and formats whose lines it reads, by their grammars.
    """

    def __init__(
        self,
        lowered: Lowered,
        unwrapper: Unwrapper,
        logs: "Callable[[], Engine] | None" = None,
        machine: "Callable[[Engine], Machine | None]" = lambda _: None,
        formats: Mapping[str, Benchmark] = OFFICIAL,
    ) -> None:
        self.lowered = lowered
        self.unwrapper = unwrapper
        self.logs = logs
        self.formats = formats
        self.leaf_list = tuple(lowered.leaves.values())
        self.objects = Objects(formats, self.leaf_list)
        self.numbers = {end: number for number, end in enumerate(lowered.leaves)}
        self.make_machine = machine
        self.words = [word.encode() for word in lowered.words]
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
        self.joiner = Joiner(lowered.beginnings, self.whole, functools.partial(self.whole, last_resort=True))

    @property
    def source(self) -> bytes:
        """The regular expression of a line of any kind."""
        return source_of(self.lowered.pattern)

    @functools.cached_property
    def machine(self) -> "Machine | None":
        """What finds the matches, None where `re` does; made for the first text."""
        return self.make_machine(self)

    @functools.cached_property
    def has_fields(self) -> "Array":
        """Whether each leaf has fields."""
        import numpy as np

        return np.array([bool(leaf.fields) for leaf in self.leaf_list], np.bool_)

    @functools.cached_property
    def has_object(self) -> "Array":
        """Whether a field of each leaf is opened into others."""
        import numpy as np

        return np.array([id(leaf) in self.objects.by_leaf for leaf in self.leaf_list], np.bool_)

    @functools.cached_property
    def pattern(self) -> re.Pattern[bytes]:
        """The same for `re`, which the machine spares most logs."""
        return re.compile(self.source)

    @functools.cached_property
    def common(self) -> re.Pattern[bytes]:
        """The pattern without the kinds of a last resort, which cost something at each line that no other kind matches."""
        return re.compile(source_of(self.lowered.pattern[: self.lowered.common]))

    def pattern_for(self, text: bytes) -> re.Pattern[bytes]:
        """The pattern of all kinds that can be in a text."""
        if len(text) < MUCH or not self.words or any(word in text for word in self.words):
            return self.pattern
        return self.common

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
        """Scan the chunks of one source."""
        numbering = Numbering()
        scans = self.scan_chunks(numbering.counted(chunks))
        return numbering.numbered(scans if self.logs is None else Comments(self.logs).read(scans))

    def scan_chunks(self, chunks: Iterable[tuple[bytes, range]]) -> Iterator[Scan]:
        """Scan chunk by chunk; a block of lines is found also where two chunks meet."""
        held, first = b"", 1
        for text, numbers in chunks:
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
        text = b"\n" + text
        with no_collection():
            matches, gaps, later, chatter, end, has_objects = self.collect(text, first, limit)
        lines = text.count(b"\n", 1, end + 1)
        scan = Scan(matches, [], len(matches) + len(later), chatter, later=later)
        if not gaps:
            return (self.objects.opened(scan) if has_objects else scan), end, lines
        looks = [self.second_look(gap) for gap in gaps[:-1]]
        looks.append(self.second_look(gaps[-1], self.behind(text, end, gaps[-1], first + lines)))
        # A block of which the first look saw nothing may go on behind the limit.
        for _ in range(looks[-1].line_count - len(gaps[-1].numbers)):
            end, lines = text.index(b"\n", end + 1), lines + 1
        has_objects = has_objects or any(self.objects.are_in(look.matches) for look in looks)
        scan = scan.with_looks(looks)
        return (self.objects.opened(scan) if has_objects else scan), end, lines

    def behind(self, text: bytes, end: int, gap: Gap, line: int) -> bytes:
        """What no kind matches behind the last gap of a chunk, where that reaches to the end of what was scanned."""
        if gap.numbers[-1] + 1 < line or end >= len(text) - 1:
            return b""
        match = self.pattern.search(text, end)
        return text[end : len(text) - 1 if match is None else match.start()]

    def collect(
        self, text: bytes, first: int, limit: int
    ) -> tuple[list[Match], list[Gap], list[int], int, int, bool]:
        """Matches that begin before `limit` and the gaps between them, and whether any holds an object; the hot path of everything."""
        import numpy as np

        numbers, starts, stops, values = self.matched(text, limit)
        newlines = np.flatnonzero(np.frombuffer(text, np.uint8) == NEWLINE)
        above = np.searchsorted(newlines, starts)  # lines before each match
        spans = np.searchsorted(newlines, stops) - above
        with_fields = self.has_fields[numbers]
        has_objects = bool(self.has_object[numbers].any())
        leaves = [self.leaf_list[number] for number in numbers.tolist()]
        lines = (first + above[with_fields]).tolist()
        make = functools.partial(tuple.__new__, Match)  # half the time of Match(…)
        matches: list[Match] = [
            make((line, leaf, some, None))
            for line, leaf, some in zip(lines, itertools.compress(leaves, with_fields), values, strict=True)
        ]
        later: list[int] = []
        for i in np.flatnonzero(with_fields & (spans > 1)).tolist():
            later += range(first + int(above[i]) + 1, first + int(above[i] + spans[i]))
        chatter = int(spans[~with_fields].sum())

        def line_before(i: int) -> bytes | None:
            """What a gap may be the rest of: the match before match i."""
            return line_above(leaves[i - 1], text[starts[i - 1] + 1 : stops[i - 1]]) if i else None

        gaps: list[Gap] = []
        ends = np.concatenate([[0], stops])  # where what comes before each match ends
        for i in np.flatnonzero(starts != ends[:-1]).tolist():
            line = first + int(above[i])
            left = text.count(b"\n", ends[i], starts[i])
            gaps.append(Gap(text[ends[i] : starts[i]], range(line - left, line), line_before(i)))

        count, end = len(leaves), int(ends[-1])
        line, before = first + text.count(b"\n", 0, end), line_before(count)
        left = text.count(b"\n", end, limit)
        if limit < len(text) - 1 and (held := self.joiner.open_lines(text[end:limit], before)):
            if held > left:  # the line above goes on, too
                matches.pop()
                return matches, gaps, later, chatter, int(starts[-1]), has_objects
            left -= held
            for _ in range(held):
                limit = text.rindex(b"\n", end, limit)
        if end < limit:
            gaps.append(Gap(text[end:limit], range(line, line + left), before))
            end = limit
        return matches, gaps, later, chatter, end, has_objects

    def matched(
        self, text: bytes, limit: int
    ) -> "tuple[Array, Array, Array, Iterable[tuple[bytes | None, ...]]]":
        """The matches that begin before `limit`: number of the leaf, start, stop; and the values of those that have fields."""
        if self.machine is not None:
            found = self.machine.scan(text, [(0, len(text), limit)])
            if found is not None:
                return found.leaf, found.start, found.stop, found.values(self.has_fields[found.leaf])
        import numpy as np

        numbers: list[int] = []
        places: list[tuple[int, int]] = []
        values: list[tuple[bytes | None, ...]] = []
        for match in self.pattern_for(text).finditer(text):
            if match.start() >= limit:
                break
            places.append(match.span())
            end = match.lastindex or 0
            numbers.append(self.numbers[end])
            leaf, groups = self.leaves[end]
            if leaf.fields:
                values.append(match.group(*groups))
        starts, stops = np.array(places, np.int64).reshape(-1, 2).T
        return np.array(numbers, np.int32), starts, stops, values

    def second_look(self, gap: Gap, behind: bytes = b"") -> Scan:
        """Look again at a gap."""
        if not self.unwrapper.may_help(gap.text + behind):
            return self.joiner.join(gap)
        return self.scan_again(gap, behind)

    def reads(self, line: bytes) -> bool:
        """Whether a line is of a kind as it stands."""
        return self.pattern.match(b"\n" + line + b"\n") is not None

    def scan_again(self, gap: Gap, behind: bytes = b"") -> Scan:
        """Scan lines that may carry prefixes or be several that were joined.

        A line counts once: as record if any piece of it is one, else as chatter, else it stays in a gap.

        Args:
            gap: the lines.
            behind: the lines behind them, of which no more are taken than what begins in the gap needs.
        """
        last = gap.numbers[-1]
        numbers = [*gap.numbers, *range(last + 1, last + 1 + behind.count(b"\n"))]
        lines = list(zip(numbers, (gap.text + behind)[1:].split(b"\n"), strict=True))
        pieces = [
            (number, *piece) for number, line in lines for piece in self.unwrapper.pieces(line, self.reads)
        ]
        text = b"".join(b"\n" + piece for _, _, piece in pieces) + b"\n"
        matches: list[Match] = []
        records: set[int] = set()
        chatter: set[int] = set()
        index = end = 0
        for match in self.pattern.finditer(text):
            index += text.count(b"\n", end, match.start())
            if pieces[index][0] > last:
                break
            span = text.count(b"\n", match.start(), match.end())
            last = max(last, pieces[index + span - 1][0])
            found = {number for number, _, _ in pieces[index : index + span]}
            leaf, groups = self.leaves[match.lastindex or 0]
            if leaf.fields:
                matches.append(Match(pieces[index][0], leaf, match.group(*groups), pieces[index][1]))
                records |= found
            else:
                chatter |= found
            index, end = index + span, match.end()
        chatter -= records
        done = records | chatter
        left = [(number, line) for number, line in lines if number <= last and number not in done]
        above = gap.above if left and left[0][0] == gap.numbers[0] else None
        later = tuple(records.difference(match.line for match in matches))
        return Scan(matches, [], len(records), len(chatter), later=later).with_looks(
            self.joiner.join(one._replace(above=above)) for one in gaps_of(left)
        )

    def whole(self, text: bytes, *, last_resort: bool = False) -> Whole | None:
        """Kind and values of a line that is of a kind as a whole, and not only as a last resort unless that is asked for."""
        match = self.pattern.match(b"\n" + text + b"\n")
        if match is None or match.end() <= len(text):
            return None
        leaf, groups = self.leaves[match.lastindex or 0]
        return (
            None
            if leaf.priority < 0 and not last_resort
            else (leaf, match.group(*groups) if leaf.fields else ())
        )


def source_of(kinds: str) -> bytes:
    """The regular expression of a line of some kinds."""
    return f"{LINE_START}(?:{kinds}){LINE_END}".encode()


def line_above(leaf: Leaf, text: bytes) -> bytes | None:
    """A matched text before a gap, where it is one line, and a record as a last resort only."""
    return text if leaf.priority < 0 and leaf.fields and b"\n" not in text else None


def last_lines(text: bytes) -> int:
    """Where the last lines begin, which may be the start of a block that goes on in the next chunk."""
    cut = len(text) - 1
    for _ in range(BLOCK_LINES):
        cut = text.rfind(b"\n", 0, cut)
        if cut < 0:
            return 0
    for _ in range(COMMAND_LINES):
        if not text.endswith((b"\\", b"\\\r"), 0, cut):
            break
        cut = text.rfind(b"\n", 0, cut)
        if cut < 0:
            return 0
    return cut + 1
