"""The text of a document around its logs: what is prose, a table or a list of results there is no unknown line of a log.

Lines that no grammar reads are looked at once more, in documents only: they become matches of the kind `document.text`.
"""

import bisect
import re
from collections.abc import Iterable, Iterator, Sequence

from logreport.grammar import Engine, Gap, Match, Records, Scan
from logreport.grammar.lowering.pattern import Leaf
from logreport.grammar.scanning.scan import gaps_of
from logreport.runs.ledger import BLANK, Ledger
from logreport.runs.published.columns import (
    NAME,
    NOT_MEASURED,
    Around,
    published_rows,
    said_by,
    without_a_unit,
)
from logreport.runs.published.grids import HTML_BEGIN, HTML_END, grid_of
from logreport.runs.published.lists import result_in, shape_of
from logreport.runs.published.names import without_marks
from logreport.runs.published.quantities import RATE, TIME, unit_said
from logreport.sources.source import Source

TEXT = Leaf("document.text", (("text", "text", (1,)),))
STATED = Leaf("document.stated", TEXT.fields)  # states a speed or a time of a step, and is not read
BEFORE_UNIT = re.compile(r"(?<![\w.,\-])\d[\d.,\u2009\u202f ’']*[kK]?\s*\Z")
PER = re.compile(r"/|per\b|fps", re.IGNORECASE)  # in each unit of results
AIMED = re.compile(r"\b(?:target|goal|should|required?|needs?|at least)\b", re.IGNORECASE)
FILM = re.compile(r"\b(?:videos?|clips?|cameras?|webcams?|footage|recordings?)\b", re.IGNORECASE)
LONGEST_NUMBER = 40  # characters
ROWS = ("document.table_row", "document.open_head", "document.open_row")
LONGEST = 1 << 16  # bytes of a line of a document that is looked at
NEAR, LONGEST_CAPTION = 3, 400  # lines from a caption to its table, and bytes of a line of it
MOST_LINES = 500  # of a paragraph that two scans share
Line = tuple[int, bytes]


class Page:
    """Finds the text of one document in what its scans left over.

    Args:
        source: the document.
        engine: says which lines begin as results do.
    """

    def __init__(self, source: Source, engine: Engine) -> None:
        self.ledger = Ledger(source, engine)
        self.engine = engine
        self.in_table = False
        self.stated: set[int] = set()
        self.held: list[Line] = []
        self.above: dict[int, bytes] = {}  # the lines of the paragraph that the held ones go on

    def read(self, scans: Iterable[Scan]) -> Iterator[Scan]:
        """The scans with text in the place of what they left over; a paragraph may reach into the next."""
        for scan in scans:
            yield self.with_text(scan, is_last=False)
        if self.held:
            yield self.with_text(Scan(Records(), [], 0, 0), is_last=True)

    def with_text(self, scan: Scan, *, is_last: bool) -> Scan:
        """A scan with the text in it; its last paragraph waits for the lines below, unless there are none."""
        self.ledger.see(scan)
        gaps = [*gaps_of(self.held), *scan.gaps]
        damaged = self.engine.malformed(gaps)
        left = [line for gap in gaps for line in gap.lines()]
        end = max(scan.records.lines, default=0)
        self.held = [] if is_last else open_paragraph(left, end)
        left = left[: len(left) - len(self.held)]
        rows = self.above | table_lines(scan.records)
        texts: set[int] = set()
        above: list[Line] = []
        for paragraph in paragraphs_of([*left, *rows.items()]):
            mine = [line for line in paragraph if line[0] not in rows and line[0] not in damaged]
            own = self.texts_of(mine, paragraph)
            if len(own) < len(mine) and above and has_unit_above(paragraph, above):
                own = {number for number, line in (*above, *mine) if len(line) <= LONGEST}
            texts |= own
            above = mine
        self.above = last_paragraph([*left, *rows.items()])
        found = [
            Match(number, STATED if number in self.stated else TEXT, (line,))
            for number, line in left
            if number in texts
        ]
        self.stated.clear()
        kept = [self.without(gap, texts | {number for number, _ in self.held}) for gap in gaps]
        return scan._replace(
            records=scan.records.and_then(Records.of(found)).by_line() if found else scan.records,
            gaps=[gap for several in kept for gap in several],
            record_lines=scan.record_lines + len(found),
        )

    def texts_of(self, mine: list[Line], paragraph: list[Line]) -> set[int]:
        """Which left-over lines of a paragraph are text of the document."""
        texts: set[int] = set()
        others: list[Line] = []
        for number, line in mine:
            was_in_table = self.in_table
            text = line.decode("utf-8", "replace")
            if HTML_BEGIN.search(text):
                self.in_table = was_in_table = True
            if HTML_END.search(text):
                self.in_table = False
            is_outside = bisect.bisect_left(self.ledger.fences, number) % 2 == 0
            prose = self.ledger.category(number, line) == "prose"
            if len(line) <= LONGEST and (prose or was_in_table or (is_outside and is_context(text))):
                texts.add(number)
                if prose and not was_in_table and states_result(text):
                    self.stated.add(number)
            else:
                others.append((number, line))
        if others and len(paragraph) <= MOST_LINES and has_results(paragraph):
            texts |= {number for number, line in others if len(line) <= LONGEST}
        return texts

    def without(self, gap: Gap, numbers: set[int]) -> list[Gap]:
        """A gap without some lines."""
        if numbers.isdisjoint(gap.numbers):
            return [gap]
        left = gaps_of([line for line in gap.lines() if line[0] not in numbers])
        return [one._replace(above=gap.above) for one in left]


def is_context(text: str) -> bool:
    """Whether a line gives those below it a unit or names, as a title does: `images/second:`."""
    bare = text.strip()
    if len(bare) > 200 or not bare.endswith(":"):
        return False
    return unit_said(bare) is not None or bool(said_by(bare))


def states_result(text: str) -> bool:
    """Whether a line of running text states a number with a unit of results, which no rule reads."""
    bare = without_marks(text)
    return (
        has_quantity(bare)  # most lines have none
        and shape_of(text) == "text"
        and result_in(text) is None
        and not (NOT_MEASURED.search(text) or AIMED.search(text))
        and has_quantity(NAME.sub("_", bare))
    )


def has_quantity(text: str) -> bool:
    """Whether a number with the unit of a speed, or of the time of a step, stands in a text."""
    if not PER.search(text):
        return False
    rates = (rate for rate in RATE.finditer(text) if not (rate["frames"] and FILM.search(text)))
    units = [*rates, *(time for time in TIME.finditer(text) if time["each"])]
    return any(
        BEFORE_UNIT.search(text[max(unit.start() - LONGEST_NUMBER, 0) : unit.start()]) for unit in units
    )


def has_results(paragraph: list[Line]) -> bool:
    """Whether a paragraph is a table, or a list, with numbers that have units."""
    lines = [(number, line.decode("utf-8", "replace")) for number, line in paragraph]
    results = (result_in(text) for _, text in lines)
    if any(result is not None and (result.is_item or result.says) for result in results):
        return True
    grid = grid_of(lines)
    return grid is not None and next(published_rows(grid, Around()), None) is not None


def has_unit_above(paragraph: list[Line], above: list[Line]) -> bool:
    """Whether a paragraph is a table of names and numbers, and the one above it, its caption, says a unit of results."""
    if paragraph[0][0] - above[-1][0] > NEAR or max(len(paragraph), len(above)) > MOST_LINES:
        return False
    if not says_unit(above):
        return False
    grid = grid_of([(number, line.decode("utf-8", "replace")) for number, line in paragraph])
    return grid is not None and without_a_unit(grid) > 0


def says_unit(lines: Sequence[Line]) -> bool:
    """Whether one of some lines says a unit of results, and no result."""
    return any(
        unit_said(line.decode("utf-8", "replace")) for _, line in lines if len(line) <= LONGEST_CAPTION
    )


def table_lines(matches: Iterable[Match]) -> dict[int, bytes]:
    """The lines of tables that the grammar knows, by number."""
    found: dict[int, bytes] = {}
    for match in matches:
        if match.leaf.kind in ROWS:
            text = next(value for value in match.values if value is not None)
            found |= {match.line + n: line for n, line in enumerate(text.split(b"\n"))}
    return found


def paragraphs_of(lines: list[Line]) -> Iterator[list[Line]]:
    """Lines that follow one another without a blank one."""
    paragraph: list[Line] = []
    for number, line in sorted(lines):
        ends = is_blank((number, line))
        if paragraph and (ends or number > paragraph[-1][0] + 1):
            yield paragraph
            paragraph = []
        if not ends:
            paragraph.append((number, line))
    if paragraph:
        yield paragraph


def last_paragraph(lines: list[Line]) -> dict[int, bytes]:
    """The last lines, up to a blank one."""
    found: dict[int, bytes] = {}
    last = 0
    for number, line in sorted(lines, reverse=True)[:MOST_LINES]:
        if (found and number < last - 1) or BLANK.fullmatch(line):
            break
        found[number] = line
        last = number
    return found


def open_paragraph(left: list[Line], end: int) -> list[Line]:
    """The last lines of a scan that may go on in the next, and their caption: none where a record or a blank line is the last."""
    found = [line for line in left[-MOST_LINES:] if line[0] >= end]
    start = len(found)
    while start and not is_blank(found[start - 1]):
        start -= 1
    below = stop = start
    while stop and below - stop < NEAR and is_blank(found[stop - 1]):
        stop -= 1
    caption = stop
    while caption and not is_blank(found[caption - 1]):
        caption -= 1
    return found[caption if says_unit(found[caption:stop]) else start :]


def is_blank(line: Line) -> bool:
    return BLANK.fullmatch(line[1]) is not None
