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
from typing import TYPE_CHECKING, Any, NamedTuple

from logreport.grammar.lowering.pattern import Leaf, Lowered
from logreport.grammar.numbering import Numbering
from logreport.grammar.scanning.broken_lines import RUNTIME, Joiner, Whole
from logreport.grammar.scanning.commented_logs import Comments
from logreport.grammar.scanning.forms import Values
from logreport.grammar.scanning.objects import Objects, Opened
from logreport.grammar.scanning.pattern_set import Load, PatternSet, begins_of
from logreport.grammar.scanning.prefixes import Unwrapper
from logreport.grammar.scanning.records import Columns, Match, Records
from logreport.grammar.scanning.scan import Gap, Scan, gaps_of
from logreport.scripts import OFFICIAL, Benchmark

if TYPE_CHECKING:
    import numpy as np

    from logreport.grammar.native.library import Found, Machine
    from logreport.grammar.native.records import Placer

    Array = np.ndarray[Any, np.dtype[Any]]

LINE_START = r"\n[ \t>]*+"  # indentation and quoting are decoration of a line, not part of it
LINE_END = r"[ \t]*+(?:<br ?/?>[ \t]*+)*+\r?+(?=\n)"
BLOCK_LINES = 8  # a kind may span half as many lines, with blank ones between; so many are held back at the edge of a chunk
COMMAND_LINES = 64  # a command goes on behind a backslash
MUCH = 1 << 19  # bytes of text for which another pattern pays
FEW = 5000  # little texts, one by one: for more of them the pattern of `re` pays, which takes a fifth of a second to compile
# What is seen at first in a line that no kind matches, as bits.
WRAPPED = 0b000111  # a seam, a time stamp within it, a prefix
BROKEN = 0b011000  # it begins as a line of TensorFlow's or as a result
BEGINNING = 0b010000  # as a result
RESULT_SIGN = 0b100000  # what is in all lines that begin as results is anywhere in it
Chunk = tuple[
    bytes, Sequence[int]
]  # whole lines, each ending in a newline, and the number of each in its source


class Piece(NamedTuple):
    """Some lines of a text: from the newline before them to behind their last one; a match must begin before `limit`.

    `first` is the number of the first line.
    """

    begin: int
    end: int
    limit: int
    first: int


class Sight(NamedTuple):
    """The matches of all pieces of a text: the number of its leaf, start, stop."""

    text: bytes
    leaf_list: Sequence[Leaf]
    numbers: "Array"
    starts: "Array"
    stops: "Array"

    def line_of(self, i: int) -> bytes | None:
        """Match i, where a gap behind it may be the rest of it: one line, which is a record as a last resort only."""
        leaf, text = self.leaf_list[self.numbers[i]], self.text[self.starts[i] + 1 : self.stops[i]]
        return text if leaf.priority < 0 and leaf.fields and b"\n" not in text else None


class Collected(NamedTuple):
    """What a piece holds at first sight: its scan, the gaps in it, and where the text begins that was left for later."""

    scan: Scan
    gaps: list[Gap]
    end: int


@contextmanager
def no_collection() -> Iterator[None]:
    """Python's search for cycles stays off meanwhile: what is read holds none, and it would look at all of it each time."""
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
        load_automaton: gives what screens lines faster than `re` does, where it can.
    """

    def __init__(
        self,
        lowered: Lowered,
        unwrapper: Unwrapper,
        logs: "Callable[[], Engine] | None" = None,
        machine: "Callable[[Engine], Machine | None]" = lambda _: None,
        formats: Mapping[str, Benchmark] = OFFICIAL,
        load_automaton: Load = lambda _: None,
    ) -> None:
        self.lowered = lowered
        self.unwrapper = unwrapper
        self.logs = logs
        self.formats = formats
        self.leaf_list = tuple(lowered.leaves.values())
        self.objects = Objects(formats, self.leaf_list)
        self.numbers = {end: number for number, end in enumerate(lowered.leaves)}
        self.make_machine = machine
        self.little = 0  # little texts that were looked at
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
        self.joiner = Joiner(lowered.beginnings, self.whole, functools.partial(self.whole, last_resort=True))
        is_result = b"|".join(map(re.escape, self.signs)) or b"(?!)"
        self.patterns = functools.cache(functools.partial(PatternSet, load=load_automaton))
        self.screen = self.patterns((*unwrapper.signs, RUNTIME.pattern, self.joiner.beginning, is_result))

    @property
    def source(self) -> bytes:
        """The regular expression of a line of any kind."""
        return source_of(self.lowered.pattern)

    @functools.cached_property
    def beginning(self) -> re.Pattern[bytes]:
        """What matches a line that begins as a result does; made for the first text that needs it."""
        return re.compile(f"[ \t>]*(?:{self.lowered.beginnings or '(?!)'})".encode())

    @functools.cached_property
    def machine(self) -> "Machine | None":
        """What finds the matches, None where `re` does; made for the first text."""
        return self.make_machine(self)

    @functools.cached_property
    def placer(self) -> "Placer":
        """What makes records of what the machine finds, where there is one."""
        from logreport.grammar.native.records import Placer

        assert self.machine is not None  # noqa: S101 - it has found something
        return Placer(self.machine, self.leaf_list)

    @functools.cached_property
    def open_columns(self) -> Callable[[Columns], Opened]:
        """What opens the objects in columns."""
        if self.machine is None:
            return self.objects.opened_by_line
        from logreport.grammar.native.opening import opened_in_place

        return functools.partial(opened_in_place, self.objects)

    @functools.cached_property
    def has_fields(self) -> "Array":
        """Whether each leaf has fields."""
        import numpy as np

        return np.array([bool(leaf.fields) for leaf in self.leaf_list], np.bool_)

    @functools.cached_property
    def is_message(self) -> "Array":
        """Whether each leaf is a record as a last resort only."""
        import numpy as np

        return np.array([leaf.priority < 0 and bool(leaf.fields) for leaf in self.leaf_list], np.bool_)

    @functools.cached_property
    def pattern(self) -> re.Pattern[bytes]:
        """The same for `re`, which the machine spares most logs."""
        return re.compile(self.source)

    @functools.cached_property
    def common(self) -> re.Pattern[bytes]:
        """The pattern without the kinds of a last resort, which cost something at each line that no other kind matches."""
        return re.compile(source_of(self.lowered.pattern[: self.lowered.common]))

    def pattern_for(self, text: bytes, begin: int = 0, end: int | None = None) -> re.Pattern[bytes]:
        """The pattern of all kinds that can be in a text from one place to another; for little text it is not worth another."""
        if len(text) < MUCH or not self.words:
            return self.pattern
        if any(text.find(word, begin, end) >= 0 for word in self.words):
            return self.pattern
        return self.common

    def malformed(self, gaps: Sequence[Gap]) -> set[int]:
        """The lines of gaps that begin as a result does: they did not match, so they are damaged."""
        text = b"".join([gap.text for gap in gaps])
        found = self.screen.find(text)
        begins = (found & BEGINNING > 0) | (found & WRAPPED > 0) & (found & RESULT_SIGN > 0)
        if not begins.any():
            return set()
        lines, numbers = text[1:].split(b"\n"), [number for gap in gaps for number in gap.numbers]
        return {
            numbers[i]
            for i in begins.nonzero()[0].tolist()
            if any(self.beginning.match(piece) for _, piece in self.unwrapper.pieces(lines[i]))
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

    def scan_whole(self, texts: Sequence[bytes]) -> list[Scan]:
        """Scan the texts of several sources, each from its line 1 to its end; together they cost less."""
        pieces, end = [], 0
        for text in texts:
            begin, end = end, end + len(text)
            pieces.append(Piece(begin, end + 1, end, 1))
        with no_collection():
            found = self.collect(b"".join([b"\n", *texts]), pieces)
        return self.objects.opened([self.look_again(one.scan, one.gaps) for one in found], self.open_columns)

    def scan_lines(self, text: bytes, first: int, limit: int | None = None) -> tuple[Scan, int, int]:
        """Scan whole lines from line `first` on; a match must begin before `limit`.

        Returns the scan, the offset where the next one must begin, and the number of lines before that.
        """
        limit = len(text) if limit is None else limit
        text = b"\n" + text
        with no_collection():
            [(scan, gaps, end)] = self.collect(text, [Piece(0, len(text), limit, first)])
        lines = text.count(b"\n", 1, end + 1)
        whole = self.look_again(scan, gaps, self.behind(text, end, gaps[-1], first + lines) if gaps else b"")
        # A block of which the first look saw nothing may go on behind the limit.
        for _ in range(whole.line_count - scan.line_count - sum(len(gap.numbers) for gap in gaps)):
            end, lines = text.index(b"\n", end + 1), lines + 1
        [whole] = self.objects.opened([whole], self.open_columns)
        return whole, end, lines

    def behind(self, text: bytes, end: int, gap: Gap, line: int) -> bytes:
        """What no kind matches behind the last gap of a chunk, where that reaches to the end of what was scanned."""
        if gap.numbers[-1] + 1 < line or end >= len(text) - 1:
            return b""
        _, starts, *_ = self.matched(text, [Piece(end, len(text), len(text), line)])
        return text[end : int(starts[0]) if len(starts) else len(text) - 1]

    def collect(self, text: bytes, pieces: Sequence[Piece]) -> list[Collected]:
        """What the pieces of a text hold at first sight; this is the hot path of everything.

        All that is done for each match is done for those of all pieces at once.
        """
        import numpy as np

        numbers, starts, stops, bounds, values = self.matched(text, pieces)
        newlines = begins_of(text)
        above = np.searchsorted(newlines, starts)  # newlines before each match
        spans = np.searchsorted(newlines, stops) - above
        begins = np.array([piece.begin for piece in pieces])
        shifts = np.array([piece.first for piece in pieces]) - np.searchsorted(newlines, begins)
        line = above + np.repeat(shifts, np.diff(bounds))
        with_fields = self.has_fields[numbers]
        rows = np.flatnonzero(with_fields)
        columns = self.columns_of(values, numbers, rows, line[rows])
        row_bounds = np.searchsorted(rows, bounds).tolist()
        chatter = np.concatenate([[0], np.cumsum(np.where(with_fields, 0, spans))])[bounds].tolist()
        later = in_pieces(np.flatnonzero(with_fields & (spans > 1)), bounds)
        ends = np.concatenate([[0], stops])[:-1]  # where what comes before each match ends
        filled = np.flatnonzero(np.diff(bounds))
        ends[bounds[filled]] = begins[filled]
        sight = Sight(text, self.leaf_list, numbers, starts, stops)
        behind = np.flatnonzero(starts != ends)  # matches behind a gap
        counts = above[behind] - np.searchsorted(newlines, ends[behind])
        places = (ends[behind], starts[behind], line[behind] - counts, line[behind])
        gaps = [
            Gap(text[begin:end], range(first, stop))
            for begin, end, first, stop in zip(*(some.tolist() for some in places), strict=True)
        ]
        is_first = np.zeros(len(numbers) + 1, np.bool_)  # in its piece
        is_first[bounds] = True
        for i in np.flatnonzero(self.is_message[numbers[behind - 1]] & ~is_first[behind]).tolist():
            gaps[i] = gaps[i]._replace(above=sight.line_of(int(behind[i]) - 1))
        gap_bounds = np.searchsorted(behind, bounds).tolist()
        found = []
        for place, piece in enumerate(pieces):
            own = range(row_bounds[place], row_bounds[place + 1])
            lower = [n for i in later[place] for n in range(int(line[i]) + 1, int(line[i] + spans[i]))]
            scan = Scan(
                Records([(columns, own)] if own else ()),
                [],
                len(own) + len(lower),
                chatter[place + 1] - chatter[place],
                later=lower,
            )
            kept = gaps[gap_bounds[place] : gap_bounds[place + 1]]
            first, stop = bounds[place : place + 2].tolist()
            last = stop - 1 if stop > first else None
            below = piece.first if last is None else int(line[last] + spans[last])
            found.append(self.bounded(sight, piece, last, below, Collected(scan, kept, 0)))
        return found

    def bounded(
        self, sight: Sight, piece: Piece, last: int | None, below: int, found: Collected
    ) -> Collected:
        """What a piece holds up to its limit, or up to a line before it that may go on behind it.

        Args:
            sight: the matches.
            piece: the piece.
            last: the last match in it.
            below: the number of the line behind that.
            found: the matches and the gaps before them.
        """
        scan, gaps, _ = found
        text, limit = sight.text, piece.limit
        end = piece.begin if last is None else int(sight.stops[last])
        above = None if last is None else sight.line_of(last)
        if limit < piece.end - 1 and (held := self.joiner.open_lines(text[end:limit], above)):
            if held > text.count(b"\n", end, limit):  # the line above goes on, too
                limit = end = int(sight.starts[last])
                scan = scan._replace(records=scan.records[:-1], record_lines=scan.record_lines - 1)
            else:
                for _ in range(held):
                    limit = text.rindex(b"\n", end, limit)
        if end < limit:
            lines = range(below, below + text.count(b"\n", end, limit))
            gaps = [*gaps, Gap(text[end:limit], lines, above)]
            end = limit
        return Collected(scan, gaps, end)

    def columns_of(
        self, values: "list[Values] | Found", numbers: "Array", rows: "Array", lines: "Array"
    ) -> Columns:
        """The matches that have fields as columns."""
        if isinstance(values, list):
            return Columns(
                lines.tolist(), [self.leaf_list[number] for number in numbers[rows].tolist()], values
            )
        return self.placer.columns(values, rows, lines)

    def matched(
        self, text: bytes, pieces: Sequence[Piece]
    ) -> "tuple[Array, Array, Array, Array, list[Values] | Found]":
        """The matches of the pieces: number of the leaf, start, stop, how many there are before each piece and in all.

        And the values of those that have fields, or where the machine found them.
        """
        if self.machine is not None:
            found = self.machine.scan(text, [piece[:3] for piece in pieces])
            if found is not None:
                return found.leaf, found.start, found.stop, found.bounds, found
        import numpy as np

        numbers: list[int] = []
        places: list[tuple[int, int]] = []
        bounds = [0]
        values: list[Values] = []
        for begin, stop, limit, _ in pieces:
            for match in self.pattern_for(text, begin, stop).finditer(text, begin, stop):
                if match.start() >= limit:
                    break
                places.append(match.span())
                end = match.lastindex or 0
                numbers.append(self.numbers[end])
                leaf, groups = self.leaves[end]
                if leaf.fields:
                    values.append(match.group(*groups))
            bounds.append(len(numbers))
        starts, stops = np.array(places, np.int64).reshape(-1, 2).T
        return np.array(numbers, np.int32), starts, stops, np.array(bounds), values

    def look_again(self, scan: Scan, gaps: list[Gap], behind: bytes = b"") -> Scan:
        """A scan with what closer looks at its gaps find; `behind` is what may belong to the last of them."""
        if not gaps:
            return scan
        import numpy as np

        # What is behind first: what was found in the gaps is remembered for who counts them.
        below = int(np.bitwise_or.reduce(self.screen.find(behind))) if behind else 0
        found = self.screen.find(b"".join([gap.text for gap in gaps]))
        wrapped, broken = (gaps_of_lines(gaps, found & some) for some in (WRAPPED, BROKEN))
        if below & WRAPPED:
            wrapped.add(len(gaps) - 1)
        if not wrapped and not broken and all(gap.above is None for gap in gaps):
            return scan._replace(gaps=gaps)
        looks: list[Scan] = []
        for number, gap in enumerate(gaps):
            if number in wrapped:
                looks.append(self.scan_again(gap, behind if number == len(gaps) - 1 else b""))
            elif gap.above is not None or number in broken:
                looks.append(self.joiner.join(gap))
            else:
                looks.append(Scan(Records(), [gap], 0, 0))
        return scan.with_looks(looks)

    def reads(self, line: bytes) -> bool:
        """Whether a line is of a kind as it stands."""
        return any(begin == 0 for begin, *_ in self.matches_in(b"\n" + line + b"\n"))

    def matches_in(self, text: bytes) -> Iterator[tuple[int, int, Leaf, Values]]:
        """The matches of a little text: where each begins and ends, its leaf, and its values where it has fields."""
        self.little += 1
        found = None
        if self.little <= FEW and self.machine is not None:
            found = self.machine.scan(text, [(0, len(text), len(text))])
        if found is not None:
            places = zip(found.leaf.tolist(), found.start.tolist(), found.stop.tolist(), strict=True)
            for (number, begin, end), values in zip(places, found.values(), strict=True):
                leaf = self.leaf_list[number]
                yield begin, end, leaf, values if leaf.fields else ()
            return
        for match in self.pattern.finditer(text):
            leaf, groups = self.leaves[match.lastindex or 0]
            yield *match.span(), leaf, match.group(*groups) if leaf.fields else ()

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
        for begin, stop, leaf, values in self.matches_in(text):
            index += text.count(b"\n", end, begin)
            if pieces[index][0] > last:
                break
            span = text.count(b"\n", begin, stop)
            last = max(last, pieces[index + span - 1][0])
            found = {number for number, _, _ in pieces[index : index + span]}
            if leaf.fields:
                matches.append(Match(pieces[index][0], leaf, values, pieces[index][1]))
                records |= found
            else:
                chatter |= found
            index, end = index + span, stop
        chatter -= records
        done = records | chatter
        left = [(number, line) for number, line in lines if number <= last and number not in done]
        above = gap.above if left and left[0][0] == gap.numbers[0] else None
        later = tuple(records.difference(match.line for match in matches))
        return Scan(Records.of(matches), [], len(records), len(chatter), later=later).with_looks(
            self.joiner.join(one._replace(above=above)) for one in gaps_of(left)
        )

    def whole(self, text: bytes, *, last_resort: bool = False) -> Whole | None:
        """Kind and values of a line that is of a kind as a whole, and not only as a last resort unless that is asked for."""
        begin, end, leaf, values = next(self.matches_in(b"\n" + text + b"\n"), (0, 0, None, ()))
        if leaf is None or begin or end <= len(text) or (leaf.priority < 0 and not last_resort):
            return None
        return leaf, values


def in_pieces(found: "Array", bounds: "Array") -> list[list[int]]:
    """The numbers of some matches, piece by piece."""
    import numpy as np

    cuts = np.searchsorted(found, bounds).tolist()
    numbers = found.tolist()
    return [numbers[start:stop] for start, stop in itertools.pairwise(cuts)]


def gaps_of_lines(gaps: Sequence[Gap], found: "Array") -> set[int]:
    """The numbers of the gaps in which something is found, line by line."""
    if not found.any():
        return set()
    import numpy as np

    ends = np.cumsum([len(gap.numbers) for gap in gaps[:-1]])
    return set(np.searchsorted(ends, np.flatnonzero(found), "right").tolist())


def source_of(kinds: str) -> bytes:
    """The regular expression of a line of some kinds."""
    return f"{LINE_START}(?:{kinds}){LINE_END}".encode()


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
