"""Lines that mail, a terminal or a hand has broken in two or more, put together again.

A line that begins as a result or as one of TensorFlow's lines and does not parse is joined with the lines below it that
are of no kind either, until the whole of it parses. Mail breaks at a blank, which comes back; a terminal breaks where its
width ends, in the middle of a word. A number that is cut off is never completed: without a blank only long lines of one
width are joined, and a number with a blank in it does not parse.
"""

import functools
import re
from collections.abc import Callable, Iterator, Sequence

from logreport.grammar.lowering.pattern import Leaf
from logreport.grammar.scanning.records import Match, Records
from logreport.grammar.scanning.scan import Gap, Scan, gaps_of
from logreport.scripts import FILES

MOST = 6  # lines that one line was broken into
WIDE = 60  # characters; a terminal is at least so wide
RAGGED = 10  # characters by which lines of one width differ, where a paste made one blank of several
DECORATION = rb"(?:[ \t>]|#(?= )|//(?= ))*+"  # quotes, indentation, the sign of a comment
# TensorFlow's prefix, whole or broken off behind the severity.
RUNTIME = re.compile(
    rb"\n" + DECORATION + rb"(?:[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}\.[0-9]{6}: [IWEF](?![^ \t\r\n])"
    rb"|[IWEF] +tensorflow/|[IWEF][0-9]{4} [0-9:]{5}|(?:INFO|WARNING|ERROR):tensorflow:)"
)
# A command as wide as a terminal, and what the rest of one looks like: the end of a word, then flags with their values.
COMMAND = re.compile(
    rb"\n" + DECORATION + rb"(?=[^\n]{%d})[^\n]*?(?:%b)(?:\.py)?[ \t]" % (WIDE, FILES.encode())
)
FLAG = rb"--?[a-z][\w\-]*(?:=[^ \t]*|[ \t]+[^ \t\-&|>;][^ \t]*)?"
REST = re.compile(
    rb"(?:[\w.,:/=@%+~\-]*\w(?:(?:[ \t]+[^ \t\-]\S*)?(?=[ \t]+[\-&|>;])|\Z)|"
    + FLAG
    + rb")(?:[ \t]+"
    + FLAG
    + rb")*(?:[ \t]*(?:&|\||;|[0-9]?>).*)?"
)
# Flags that a blank and their value may follow; what ends in another word without `=` ends in the middle of its name.
NAMES = frozenset(
    b"batch_size model num_gpus variable_update optimizer data_format data_name data_dir device train_dir num_batches "
    b"num_warmup_batches display_every local_parameter_device max_steps num_epochs job_name task_index".split()
)
DECORATED = re.compile(DECORATION)

Whole = tuple[
    Leaf, tuple[bytes | None, ...]
]  # what a text is as a whole: its kind, the raw values of its fields


class Joiner:
    """Joins the lines of gaps where that makes a line of a kind.

    Args:
        beginnings: a pattern for the beginning of a line that begins as a result does; nothing where there is none.
        whole: kind and values of a text that is a line of a kind.
        command: the same of a command line, which is a kind of last resort.
    """

    def __init__(
        self,
        beginnings: str,
        whole: Callable[[bytes], Whole | None],
        command: Callable[[bytes], Whole | None],
    ) -> None:
        self.command = command
        self.beginning = rb"\n" + DECORATION + f"(?:{beginnings or '(?!)'})".encode()
        self.whole = whole

    @functools.cached_property
    def begins(self) -> re.Pattern[bytes]:
        """What finds a line that begins as a result does; made for the first text that needs it."""
        return re.compile(self.beginning)

    def join(self, gap: Gap) -> Scan:
        """What the lines of a gap are together; the line above them, a message until now, may be the first."""
        if gap.above is None and not self.may_help(gap.text):
            return Scan(Records(), [gap], 0, 0)
        lines = list(gap.lines())
        if gap.above is not None:
            lines.insert(0, (lines[0][0] - 1, gap.above))
        matches: list[Match] = []
        records: set[int] = set()
        chatter: set[int] = set()
        for index, texts in self.broken(lines):
            if (found := self.together(lines[index][1], texts)) is not None:
                (leaf, values), count = found
                numbers = [number for number, _ in lines[index : index + count]]
                if leaf.fields:
                    matches.append(Match(numbers[0], leaf, values))
                (records if leaf.fields else chatter).update(numbers)
        done = records | chatter
        left = (
            gaps_of([(number, line) for number, line in gap.lines() if number not in done]) if done else [gap]
        )
        replaced = frozenset(done - set(gap.numbers))
        later = tuple(records.difference(match.line for match in matches))
        return Scan(Records.of(matches), left, len(records) - len(replaced), len(chatter), replaced, later)

    def together(self, first: bytes, texts: Sequence[bytes]) -> tuple[Whole, int] | None:
        """What the first few texts are together, and how many; a command goes on where a terminal cut it."""
        if COMMAND.match(b"\n" + first) is None:
            return joined(texts, self.whole)
        whole, count = glued(texts, ends_in_blank=first.rstrip(b"\r").endswith((b" ", b"\t")))
        found = self.command(whole) if count > 1 else None
        return None if found is None else (found, count)

    def may_help(self, text: bytes) -> bool:
        """Whether any line of a gap begins as a result or as a line of TensorFlow's: a quick look before the slow one."""
        return RUNTIME.search(text) is not None or self.begins.search(text) is not None

    def open_lines(self, text: bytes, above: bytes | None) -> int:
        """How many lines at the end of a chunk's last gap may go on in the next chunk; one more where the line above may."""
        lines = ([] if above is None else [above]) + text.split(b"\n")[1:]
        for count in range(min(MOST - 1, len(lines)), 0, -1):
            if self.starts(lines[-count]) and all(map(bare, lines[len(lines) - count :])):
                return count
        return 0

    def starts(self, line: bytes) -> bool:
        """Whether a line begins as a result or as one of TensorFlow's lines."""
        text = b"\n" + line
        return any(pattern.match(text) for pattern in (RUNTIME, COMMAND, self.begins))

    def broken(self, lines: Sequence[tuple[int, bytes]]) -> Iterator[tuple[int, list[bytes]]]:
        """Where a line may begin that was broken, and its texts: they end before a blank line or the next beginning."""
        starts = [self.starts(line) for _, line in lines]
        for index in (index for index, start in enumerate(starts) if start):
            texts = [bare(lines[index][1])]
            for other in range(index + 1, min(index + MOST, len(lines))):
                number, line = lines[other]
                if starts[other] or number != lines[other - 1][0] + 1 or not (text := bare(line)):
                    break
                texts.append(text)
            if len(texts) > 1:
                yield index, texts


def joined(texts: Sequence[bytes], whole: Callable[[bytes], Whole | None]) -> tuple[Whole, int] | None:
    """What the first few texts are together, and how many: no more than it takes, but all that tell more."""
    best: tuple[Whole, int] | None = None
    for count in range(2, len(texts) + 1):
        found = whole(b" ".join(texts[:count]))
        if found is None and of_one_width(texts[:count]):
            found = whole(b"".join(texts[:count]))
        if best is not None and (found is None or told(found) <= told(best[0])):
            return best
        if found is not None:
            best = found, count
    return best


def glued(texts: Sequence[bytes], *, ends_in_blank: bool) -> tuple[bytes, int]:
    """A command with the rest that a terminal put below it, and how many lines that were."""
    whole, count, width = texts[0], 1, len(texts[0])
    for text in texts[1:]:
        if REST.fullmatch(text) is None or len(text) > width + RAGGED:
            break
        blank = (
            ends_in_blank if count == 1 and ends_in_blank else is_apart(whole.split()[-1], text.split()[0])
        )
        whole += (b" " if blank else b"") + text
        count += 1
        if len(text) < width - RAGGED:
            break
    return whole, count


def is_apart(last: bytes, first: bytes) -> bool:
    """Whether a blank stood between two words of a command at the end of one line and the beginning of the next."""
    if first.startswith((b"-", b"&", b"|", b">", b";", b"2>")):
        return not last.endswith((b"=", b"-"))
    return last.lstrip(b"-") in NAMES and last.startswith(b"-") and not first.startswith(b"=")


def told(found: Whole) -> int:
    """How many fields are there."""
    return sum(value is not None for value in found[1])


def bare(line: bytes) -> bytes:
    """A line without quotes, indentation and the blanks at its end."""
    match = DECORATED.match(line)
    return line[match.end() if match else 0 :].rstrip(b" \t\r")


def of_one_width(texts: Sequence[bytes]) -> bool:
    """Whether all lines but the last are as wide as a terminal, and the last is no wider."""
    width = max(map(len, texts[:-1]))
    return min(map(len, texts[:-1])) >= max(WIDE, width - RAGGED) and len(texts[-1]) <= width + RAGGED
