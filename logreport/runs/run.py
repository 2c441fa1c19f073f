"""A run while it is being read: the matches that belong to it, and what segmentation must remember of them."""

import functools
import hashlib
import itertools
import operator
import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from logreport.grammar import Leaf, Match
from logreport.grammar.lowering.values import parse_text
from logreport.runs.run_record import RunRecord
from logreport.runs.telemetry import Look
from logreport.scripts import OFFICIAL, UNKNOWN, Benchmark

RECIPE = (
    2  # of Run.run_id; another recipe is another version, by which archives know which of their ids are older
)
LINE = operator.itemgetter(0)  # of a match
SHORT = 1000  # bytes of a line whose form is remembered
LINE_BREAK = re.compile(rb"[ \t\r]*+\\?[ \t\r]*+\n[ \t>]*+")


@dataclass
class Steps:
    """How often each step was printed, and by which ranks; kept up to date line by line."""

    counts: dict[int, int] = field(default_factory=dict)
    highest: int = -1
    second: int = -1  # the highest but one
    most: int = 0  # lines of one step
    of_rank: dict[int | None, int] = field(default_factory=dict)  # the highest step of each
    last: dict[int | None, int] = field(default_factory=dict)  # the step that each printed last
    finished: set[int | None] = field(default_factory=set)  # ranks that printed a total

    def add(self, step: int, rank: int | None) -> None:
        """Take a line in."""
        self.counts[step] = count = self.counts.get(step, 0) + 1
        self.most = max(self.most, count)
        if step > self.highest:
            self.highest, self.second = step, self.highest
        elif self.second < step < self.highest:
            self.second = step
        if step > self.of_rank.get(rank, -1):
            self.of_rank[rank] = step
        self.last[rank] = step

    def extend(self, steps: Sequence[int], ranks: Collection[int | None]) -> None:
        """Take in lines of steps that go up, one after the other, of these ranks."""
        several = len(set(ranks)) > 1
        if several or steps[0] <= self.highest:
            for step, rank in zip(steps, ranks, strict=True):
                self.add(step, rank)
            return
        (rank,) = set(ranks)
        self.counts.update(dict.fromkeys(steps, 1))
        self.most = max(self.most, 1)
        self.second = steps[-2] if len(steps) > 1 else self.highest
        self.highest = self.of_rank[rank] = self.last[rank] = steps[-1]


@dataclass
class Run:
    """One execution of one benchmark script, as the matches of its lines.

    Args:
        source: name of the source; `path#2` for the second log of a document.
        benchmark: grammar of its result lines, None while only a command is known.
        heading: the heading of the document above it.
        matches: its lines, in order.
    """

    source: str
    benchmark: str | None = None
    heading: str = ""
    command: str = ""
    matches: list[Match] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    by_kind: dict[str, list[Match]] = field(default_factory=dict)  # the same by their kind
    steps: Steps = field(default_factory=Steps)
    resumed_at: list[tuple[int, int]] = field(default_factory=list)  # (line, step) where steps jumped back
    repeats_steps: bool = False  # a step is not after the last one: of several workers, or resumed
    goes_on_at: int = 0  # how many matches stand in an earlier fence than its results
    first_line: int = sys.maxsize  # no match stands before it
    record: RunRecord | None = None  # what its runner knows
    looks: list[Look] = field(
        default_factory=list
    )  # at its devices, and at those of other runs of the same log
    is_alone: bool = True  # in its log
    is_silent: bool = False  # no line of the log tells of it: only the record does
    epoch: int | None = None  # the one that its lines said last, where steps start again each epoch
    formats: Mapping[str, Benchmark] = field(default_factory=lambda: OFFICIAL)

    @property
    def known(self) -> Benchmark:
        """What is known of its benchmark."""
        return self.formats.get(self.benchmark or "", UNKNOWN)

    def add(self, match: Match) -> None:
        """Take a match in."""
        self.matches.append(match)
        if match.line < self.first_line:  # noqa: PLR1730 - half the time of min()
            self.first_line = match.line
        self.by_kind.setdefault(match.leaf.kind, []).append(match)

    def extend(self, matches: Sequence[Match]) -> None:
        """Take matches in."""
        self.matches += matches
        self.first_line = min(self.first_line, min(map(LINE, matches), default=sys.maxsize))
        for kind, same in itertools.groupby(matches, key=lambda match: match.leaf.kind):
            self.by_kind.setdefault(kind, []).extend(same)

    def take_out(self, grammars: Collection[str]) -> list[Match]:
        """Take the matches of some grammars out again, at a cost of what came since the first of them."""
        kinds = {kind for kind in self.by_kind if kind.partition(".")[0] in grammars}
        left = sum(len(self.by_kind.pop(kind)) for kind in kinds)
        start = len(self.matches)
        while left:
            start -= 1
            left -= self.matches[start].leaf.kind in kinds
        tail = self.matches[start:]
        self.matches[start:] = [match for match in tail if match.leaf.kind not in kinds]
        return [match for match in tail if match.leaf.kind in kinds]

    def hold(self, matches: list[Match]) -> None:
        """Hold these matches and no others."""
        self.matches, self.by_kind = [], {}
        self.extend(matches)

    def has(self, *kinds: str) -> bool:
        """Whether it holds a match of any of these kinds."""
        return not self.by_kind.keys().isdisjoint(kinds)

    def run_id(self) -> str:
        """What the run is called wherever its log is read: the first 16 hexadecimal digits of a SHA-256.

        It is that of these bytes: `logreport run_id 2` and a newline, in which 2 is the version of this recipe; then, for
        each line of the run that a grammar reads and whose fields are kept, in the order of the log: its kind; for each
        of its fields that is there, in the order of the grammar, a NUL, the name, `=` and the value as printed; a newline.

        A value that is a text is UTF-8 (what is not is read as Latin-1), without blanks at its ends, and where it goes on
        in another line, one blank stands for the line break and for the backslash, blanks and `>` around it. So encoding, line ends,
        indentation, quotes, tags, prefixes, compression and the text around the run do not count.

        For a run of which its log says nothing, the start that its record names and a newline follow: ISO 8601.
        """
        lines = [
            leaf.template % values if leaf.template and None not in values else written(leaf, values)
            for _, leaf, values, _ in sorted(self.matches, key=LINE)
        ]
        text = b"logreport run_id %d\n%b" % (RECIPE, b"".join(lines))
        if self.is_silent and self.record is not None:  # two of them may have printed the same words
            text += self.record.started.isoformat().encode() + b"\n"
        return hashlib.sha256(text).hexdigest()[:16]

    def of_kind(self, kind: str) -> list[tuple[Match, dict[str, Any]]]:
        """Its matches of one kind, with their fields."""
        return [(match, match.fields()) for match in self.by_kind.get(kind, ())]


def written(leaf: Leaf, values: Sequence[bytes | None]) -> bytes:
    """A line as run_id takes it in."""
    if leaf.is_measured:
        return filled(leaf, values)
    lasting, times = leaf.parted(values)
    is_short = sum(map(len, filter(None, lasting))) <= SHORT
    return (form_of if is_short else form_of.__wrapped__)(leaf, lasting) % tuple(times)


# Lines that differ in their times only are most lines of many runs.
@functools.lru_cache(maxsize=1 << 14)
def form_of(leaf: Leaf, values: tuple[bytes | None, ...]) -> bytes:
    """A line as run_id takes it in, in which `%b` stands for a time."""
    escaped = [
        value if i in leaf.timed or value is None else value.replace(b"%", b"%%")
        for i, value in enumerate(values)
    ]
    return filled(leaf, escaped)


def filled(leaf: Leaf, values: Iterable[bytes | None]) -> bytes:
    """The kind of a line, its values with their names, and a newline."""
    parts = [leaf.kind.encode()]
    for (label, is_text), value in zip(leaf.labels, values, strict=False):
        if value is not None:
            parts += label, value_of(value) if is_text else value
    parts.append(b"\n")
    return b"".join(parts)


def value_of(value: bytes) -> bytes:
    """A text as run_id takes it in."""
    if value.isascii() and b"\n" not in value:
        return value.strip()
    return parse_text(LINE_BREAK.sub(b" ", value)).encode()


@dataclass
class Segmented:
    """What one source holds: its runs, and matches that belong to none."""

    runs: list[Run] = field(default_factory=list)
    loose: list[Match] = field(default_factory=list)  # runtime lines of a log without a run
    published: list[Match] = field(default_factory=list)  # tables and result blocks of a document
    stated: list[Match] = field(default_factory=list)  # results that a format states, without a run
    stray: list[Match] = field(
        default_factory=list
    )  # lines of scripts that make no run: a command, `Dataset: x`
