"""A run while it is being read: the records that belong to it, and what segmentation must remember of them."""

import hashlib
import sys
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from logreport.grammar import Form, Match, Records
from logreport.grammar.scanning.records import taken
from logreport.scripts import OFFICIAL, UNKNOWN, Benchmark

if TYPE_CHECKING:
    from logreport.runs.run_record import RunRecord
    from logreport.runs.telemetry import Look

RECIPE = (
    2  # of Run.run_id; another recipe is another version, by which archives know which of their ids are older
)


TOO_LARGE = 1 << 62  # steps of a damaged line


@dataclass
class Steps:
    """How often each step was printed, and by which ranks; kept up to date line by line."""

    counts: dict[int, int] = field(default_factory=dict)  # of steps that came one by one
    once: list[Sequence[int]] = field(default_factory=list)  # the others, all in rising order
    highest: int = -1
    second: int = -1  # the highest but one
    most: int = 0  # lines of one step
    of_rank: dict[int | None, int] = field(default_factory=dict)  # the highest step of each
    last: dict[int | None, int] = field(default_factory=dict)  # the step that each printed last
    finished: set[int | None] = field(default_factory=set)  # ranks that printed a total

    def add(self, step: int, rank: int | None) -> None:
        """Take a line in."""
        self.counts[step] = count = self.count_of(step) + 1
        self.most = max(self.most, count)
        if step > self.highest:
            self.highest, self.second = step, self.highest
        elif self.second < step < self.highest:
            self.second = step
        if step > self.of_rank.get(rank, -1):
            self.of_rank[rank] = step
        self.last[rank] = step

    def count_of(self, step: int) -> int:
        """How often a step was printed."""
        if step in self.counts or not self.once:
            return self.counts.get(step, 0)
        part = self.once[max(bisect_right(self.once, step, key=itemgetter(0)) - 1, 0)]
        place = bisect_left(part, step)
        return int(place < len(part) and part[place] == step)

    @property
    def are_several(self) -> bool:
        """Whether there are several steps; those in rising order are several, or follow one that came by itself."""
        return len(self.counts) > 1 or bool(self.once)

    def extend(self, steps: Sequence[int], ranks: Collection[int | None]) -> None:
        """Take in lines of steps that go up, one after the other, of these ranks."""
        several = len(set(ranks)) > 1
        if several or steps[0] <= self.highest:
            for step, rank in zip(steps, ranks, strict=True):
                self.add(step, rank)
            return
        (rank,) = set(ranks)
        self.once.append(in_little(steps))
        self.most = max(self.most, 1)
        self.second = steps[-2] if len(steps) > 1 else self.highest
        self.highest = self.of_rank[rank] = self.last[rank] = steps[-1]


def in_little(steps: Sequence[int]) -> Sequence[int]:
    """Steps in rising order in little memory, as long as they are numbers of 64 bits."""
    if steps[-1] >= TOO_LARGE:
        return steps
    even = range(steps[0], steps[-1] + 1, steps[1] - steps[0] if len(steps) > 1 else 1)
    return even if len(even) == len(steps) and list(even) == steps else array("q", steps)


@dataclass
class Run:
    """One execution of one benchmark script, as the records of its lines.

    Args:
        source: name of the source; `path#2` for the second log of a document.
        benchmark: grammar of its result lines, None while only a command is known.
        heading: the heading of the document above it.
        records: its lines, in order; taken in by `add` and `extend` alone.
    """

    source: str
    benchmark: str | None = None
    heading: str = ""
    command: str = ""
    records: Records = field(default_factory=Records)
    headers: dict[str, str] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)  # how many records of each kind
    steps: Steps = field(default_factory=Steps)
    resumed_at: list[tuple[int, int]] = field(default_factory=list)  # (line, step) where steps jumped back
    repeats_steps: bool = False  # a step is not after the last one: of several workers, or resumed
    goes_on_at: int = 0  # how many records stand in an earlier fence than its results
    first_line: int = sys.maxsize  # no record stands before it
    record: "RunRecord | None" = None  # what its runner knows
    looks: "list[Look]" = field(
        default_factory=list
    )  # at its devices, and at those of other runs of the same log
    settings: Mapping[str, Any] | None = None  # what a file beside its log says of it
    is_mixed: bool = False  # with lines that another process printed into the same log
    settings_are_gone: bool = False  # another run of its log wrote its own over them
    metric_steps: dict[str, int] = field(
        default_factory=dict
    )  # the step of each of its metrics, the last one
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
        self.records.append(match)
        self.kinds[match.leaf.kind] += 1
        if match.line < self.first_line:  # noqa: PLR1730 - half the time of min()
            self.first_line = match.line

    def extend(self, records: Records) -> None:
        """Take records in."""
        for columns, rows in records.parts:
            self.records.join(columns, rows)
            kinds = taken(columns.kinds, rows)
            if kinds.count(kinds[0]) == len(kinds):
                self.kinds[kinds[0]] += len(kinds)
            else:
                self.kinds.update(kinds)
            self.first_line = min([self.first_line, *taken(columns.lines, rows)])

    def take_out(self, grammars: Collection[str]) -> Records:
        """Take the records of some grammars out again, at a cost of what came since the first of them."""
        kinds = {kind for kind in self.kinds if kind.partition(".")[0] in grammars}
        tail = self.records.cut(kinds, sum(self.kinds.pop(kind) for kind in kinds))
        self.records.extend(tail.where(self.kinds.keys()))
        return tail.where(kinds)

    def hold(self, records: Records) -> None:
        """Hold these records and no others."""
        self.records, self.kinds = Records(), Counter()
        self.extend(records)

    def has(self, *kinds: str) -> bool:
        """Whether it holds a record of any of these kinds."""
        return not self.kinds.keys().isdisjoint(kinds)

    @property
    def forms(self) -> Iterable[Form]:
        """The forms of its lines, each once, in their order."""
        return dict.fromkeys(chain.from_iterable(self.records.each(lambda columns: columns.forms)))

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
        digest = hashlib.sha256(b"logreport run_id %d\n" % RECIPE)
        for text in self.records.by_line().written():
            digest.update(text)
        if self.is_silent and self.record is not None:  # two of them may have printed the same words
            digest.update(self.record.started.isoformat().encode() + b"\n")
        return digest.hexdigest()[:16]

    def only(self, kind: str) -> Records:
        """Its records of one kind."""
        return self.records.of_kinds((kind,)) if kind in self.kinds else Records()

    def last_of(self, kind: str) -> Match | None:
        """The last of them, at a cost of what came since."""
        return self.records.last(kind) if kind in self.kinds else None

    def of_kind(self, kind: str) -> list[tuple[Match, dict[str, Any]]]:
        """Its records of one kind, with their fields."""
        return [(match, match.fields()) for match in self.only(kind)]


@dataclass
class Segmented:
    """What one source holds: its runs, and records that belong to none."""

    runs: list[Run] = field(default_factory=list)
    loose: Records = field(default_factory=Records)  # runtime lines of a log without a run
    published: Records = field(default_factory=Records)  # tables and result blocks of a document
    stated: Records = field(default_factory=Records)  # results that a format states, without a run
    stray: Records = field(
        default_factory=Records
    )  # lines of scripts that make no run: a command, `Dataset: x`
