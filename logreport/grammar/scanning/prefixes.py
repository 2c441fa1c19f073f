"""Take from a line what others put around it: ranks, container names, launcher time stamps, list bullets, seams.

The prefixes are a grammar of their own (`prefixes.lark`), so that a user can add one.
"""

import functools
import json
import re
from collections.abc import Callable, Iterator

from logreport.grammar.lowering.pattern import Lowered

# Two lines that were printed into one: a time stamp or a launcher's prefix in the middle, a tag for a line break.
SEAM = re.compile(
    rb"(?<=\S) ?(?=[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}: )"
    rb"|(?<=\S) *(?=INFO\|[0-9]{4}-[0-9]{2}-)"
    rb"|<br ?/?>"
)
# The same, and a fence that touches its content.
FENCE_SEAM = re.compile(SEAM.pattern + rb"|(?<=```)(?=total images)|(?=```[ \t\r]*$)")
# Code within a text, in as many backticks as a fence has: the whole of a line, or some of it.
SPAN = re.compile(rb"[ \t>]*(?P<marks>```+)(?P<code>[^`]+)(?P=marks)[ \t\r]*")
# What collects logs keeps a line as a JSON string.
STRING = rb'"(?:[^"\\\n]|\\.)*+"'
# A line of a notebook (.ipynb), of a list (Ansible's stdout_lines), of a terminal recording (asciinema) or of an exported
# table: one string, perhaps after its time.
JSON_STRING = re.compile(
    rb'[ \t]*(?:\[[ \t]*[0-9.]+[ \t]*,[ \t]*(?:"o",[ \t]*)?|"?[0-9]{4}-[0-9T:. +\-]+Z?"?,)?'
    rb"(" + STRING + rb")[ \t]*\]?,?[ \t\r]*"
)
# A member of an object that is one: of Docker, fluentd, CloudWatch, Google's cloud and loggers of Python.
MEMBER = re.compile(rb'(?:^|[{,\t ])"(?:log|message|msg|textPayload)":[ \t]*(' + STRING + rb")")
MEMBER_SIGN = b'":'
# Any other line of a document of JSON, which stands between two of these.
AROUND = re.compile(
    rb"[ \t]*(?:[\[\]{}]+|" + STRING + rb":[ \t]*(?:" + STRING + rb"|[\[{]|[\w.+\-]+)[\]}]*),?[ \t\r]*"
)
# One of these is in each line that is several, or a string of JSON.
SEAM_SIGN = rb"<br|```|: I |INFO\||\\[nr]|" + MEMBER_SIGN
# A time stamp that is not at the beginning of its line; `re` passes over what is no digit.
STAMP = rb"[0-9]{4}(?<!\n[0-9]{4})-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}: "
NESTING = 4  # a container's time stamp before a launcher's before a rank


Reads = Callable[[bytes], bool]


def nothing(_line: bytes) -> bool:
    """Where no kinds are known, no line is of one."""
    return False


class Unwrapper:
    """Splits a line at its seams and strips the prefixes of each piece.

    Args:
        lowered: the prefixes as one pattern.
    """

    def __init__(self, lowered: Lowered) -> None:
        self.leaves = lowered.leaves
        self.source = f"[ \t>]*(?:{lowered.pattern})".encode()

    @functools.cached_property
    def prefix(self) -> re.Pattern[bytes]:
        """What finds a prefix at the beginning of a line; made for the first text that may have one."""
        return re.compile(self.source)

    @property
    def signs(self) -> tuple[bytes, ...]:
        """Patterns of which one is found in each line that has a prefix or a seam."""
        return SEAM_SIGN, STAMP, rb"\n(?:" + self.source + rb"|[ \t]*\")"

    def pieces(self, line: bytes, reads: Reads = nothing) -> Iterator[tuple[int | None, bytes]]:
        """The pieces of a line without their prefixes, and the rank that a prefix named.

        Args:
            line: a whole line.
            reads: whether a text is a line of a known kind: then nothing more is taken from it.
        """
        for text in json_lines(line):
            yield from self.bare_pieces(text, reads)

    def bare_pieces(self, line: bytes, reads: Reads = nothing) -> Iterator[tuple[int | None, bytes]]:
        """The pieces of a line of text; a prefix may end in the blank that a seam would take."""
        rank, line = self.without_prefixes(line, reads)
        seam = FENCE_SEAM
        if line.count(b"```") > 1:
            seam, span = SEAM, SPAN.fullmatch(line)
            line = line if span is None else span["code"]
        for piece in seam.split(line):
            named, bare = self.without_prefixes(piece, reads)
            rank = rank if named is None else named
            yield rank, bare

    def without_prefixes(self, line: bytes, reads: Reads = nothing) -> tuple[int | None, bytes]:
        """The rank that prefixes name, and what stands behind them: a step's number is no number of a line."""
        rank: int | None = None
        for _ in range(NESTING):
            match = self.prefix.match(line)
            if match is None or reads(line):
                break
            for name, _, groups in self.leaves[match.lastindex or 0].fields:
                if name == "rank":
                    rank = next((int(match[group]) for group in groups if match[group]), rank)
            line = line[match.end() :]
        return rank, line


def json_lines(line: bytes) -> list[bytes]:
    """The lines in a string of JSON that stands for a line; none in another line of its document, else the line itself."""
    match = JSON_STRING.fullmatch(line) or (MEMBER.search(line) if MEMBER_SIGN in line else None)
    if match is None:
        return [] if AROUND.fullmatch(line) else [line]
    try:
        text = json.loads(match[1])
    except ValueError:
        return [line]
    return [part for part in re.split(rb"[\r\n\x08]+", str(text).encode("utf-8", "replace")) if part] or [b""]
