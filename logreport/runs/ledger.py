"""The ledger: every line of every source is exactly one of record, chatter, blank, prose, malformed, unknown."""

import bisect
import re
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from logreport.grammar import Engine, Gap, Scan
from logreport.grammar.scanning.commented_logs import FENCE, opens
from logreport.grammar.scanning.pattern_set import begins_of
from logreport.sources.source import Source

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

BLANK = re.compile(rb"(?:[\s>]|<br ?/?>|\xc2\xa0|\xe3\x80\x80)*")
BLANK_LINE = rb"\n(?:[^\S\n]|>|<br ?/?>|\xc2\xa0|\xe3\x80\x80)*+(?![^\n])"
# A sentence: at least five words of letters in a row, or text in a script other than Latin. No piece gives back what it
# took, and of the first word only what follows its last letter is looked at: the work grows as the line does.
CLOSING, BLANKS = rb"[*_)\"'`\],;:.!?]*+", rb"[ \t]++"
WORD = (rb"[*_(\"'`\[]*+", rb"[A-Za-z]", rb"[a-z'\x80-\xff]*+", CLOSING, BLANKS)
PIECES = (rb"[A-Za-z]", rb"['\x80-\xff]*+", CLOSING, BLANKS, *WORD * 4)
WORDS, LETTERS = b"".join(PIECES), rb"[\x80-\xff]{12}"
SENTENCE = re.compile(WORDS + b"|" + LETTERS)
# What programs print is no prose for all its words: a line that begins so, or in which this is found.
BEGINS_AS_CODE = rb"[^\S\n]*+(?:File \"|at )"
CODE = rb"[IWEF] [\w./\\:\-]+:\d+\]|Error(?!\w)|Traceback|[=({;][^\S\n]*+(?![^\n])"
IS_CODE = re.compile(b"^" + BEGINS_AS_CODE + b"|" + CODE)
HAS_BLANK, HAS_SENTENCE, HAS_CODE = 0b00001, 0b00110, 0b11000  # where these are found:
FORMS = (BLANK_LINE, WORDS, LETTERS, rb"\n" + BEGINS_AS_CODE, CODE)
# Words and plain punctuation up to a colon, or at least three words up to the end of a sentence.
LABEL = re.compile(
    rb"[ \t>*_\"'`(]*+[A-Za-z][\w.'\",()+/&*`\x80-\xff \-]{0,200}:[*_`\" \t\r]*+"
    rb"|[ \t>*_\"'`(]*+[A-Za-z](?:[\w'\"()+/&*`\x80-\xff\-]*+[,:;]?[ \t]++){2,60}[\w'\"()+/&*`\x80-\xff\-]++[.!?][*_`\"') \t\r]*+"
)
LOOK = 1000  # bytes of a line to look at


OUTSIDE = {"document", "published"}  # grammars of the lines of a document around its logs: prose here


class Ledger:
    """Counts the lines of one source.

    Args:
        source: says whether it is a document, and whether what stands outside its fences is prose.
        engine: says which lines begin as results do.
    """

    def __init__(self, source: Source, engine: Engine) -> None:
        self.is_document, self.prose_outside = source.is_document, source.is_prose
        self.engine = engine
        # The lines of the fences so far, in order; of one that closes another and opens, twice.
        self.fences: list[int] = []
        self.counts = dict.fromkeys(("record", "chatter", "blank", "prose", "malformed", "unknown"), 0)

    def take(self, scan: Scan) -> None:
        """Count the lines of a scan."""
        self.see(scan)
        outside = lines_outside(scan) if self.is_document else set()
        self.counts["record"] += scan.record_lines - len(outside)
        self.counts["prose"] += len(outside)
        self.counts["chatter"] += scan.chatter_lines
        if scan.gaps:
            self.take_gaps(scan.gaps)

    def see(self, scan: Scan) -> None:
        """Take notice of the fences of a document."""
        if self.is_document:
            for match in scan.records:
                if match.leaf.kind == FENCE:
                    is_second = opens(match) and len(self.fences) % 2
                    self.fences += [match.line] * (1 + is_second)

    def take_gaps(self, gaps: Sequence[Gap]) -> None:
        """Count the lines of gaps: those of a log all at once."""
        malformed = self.engine.malformed(gaps)
        together: list[Gap] = []
        for gap in gaps:
            if self.is_document or not malformed.isdisjoint(gap.numbers):
                for number, line in gap.lines():
                    self.counts[self.category(number, line, malformed)] += 1
            else:
                together.append(gap)
        text = b"".join([gap.text for gap in together])
        found = self.engine.patterns(FORMS).find(text)
        blank, prose = int((found & HAS_BLANK > 0).sum()), sentences(text, found)
        self.counts["blank"] += blank
        self.counts["prose"] += prose
        self.counts["unknown"] += len(found) - blank - prose

    def categories(self, gaps: Sequence[Gap]) -> dict[int, str]:
        """What each line of some gaps is."""
        malformed = self.engine.malformed(gaps)
        return {
            number: self.category(number, line, malformed) for gap in gaps for number, line in gap.lines()
        }

    def category(self, number: int, line: bytes, malformed: Collection[int] = ()) -> str:
        """What a line is that no kind matched."""
        if BLANK.fullmatch(line):
            return "blank"
        if number in malformed:
            return "malformed"
        inside = bisect.bisect_left(self.fences, number) % 2 == 1
        if not inside and (self.prose_outside or is_sentence(line)):
            return "prose"
        return "unknown"


def is_outside(kind: str) -> bool:
    """Whether a kind is one of lines around the logs of a document."""
    return kind.partition(".")[0] in OUTSIDE


def lines_outside(scan: Scan) -> set[int]:
    """The lines of a document around its logs."""
    outside = {match.line for match in scan.records if is_outside(match.leaf.kind)}
    return outside | {line for line, begin in scan.beginnings().items() if begin in outside}


def texts_of(lines: Iterable[tuple[int, bytes]], fences: list[int]) -> list[int]:
    """The numbers of the lines that are words of the document itself: outside its fences, sentences and what ends as one does.

    A label before a log ("With XLA:") is one too, so that this is more than what the ledger calls prose in a log.
    """
    return [
        number
        for number, line in lines
        if bisect.bisect_left(fences, number) % 2 == 0 and (LABEL.fullmatch(line) or is_sentence(line))
    ]


def sentences(text: bytes, found: "Array") -> int:
    """How many lines of a text read like prose, by what is found in each; of a long one only its beginning counts."""
    import numpy as np

    sizes = np.diff(begins_of(text), append=len(text)) - 1
    prose = (found & HAS_SENTENCE > 0) & (found & HAS_CODE == 0) & (sizes <= LOOK)
    long = np.flatnonzero((found & HAS_SENTENCE > 0) & (sizes > LOOK)).tolist()
    lines = text[1:].split(b"\n") if long else []
    return int(prose.sum()) + sum(is_sentence(lines[i]) for i in long)


def is_sentence(line: bytes) -> bool:
    """Whether a line reads like prose and not like the output of a program."""
    return SENTENCE.search(line, 0, LOOK) is not None and IS_CODE.search(line, 0, LOOK) is None
