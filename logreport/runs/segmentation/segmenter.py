"""Where a run begins and ends: several runs in one file, interleaved ranks, appended sessions, excerpts in documents.

A run goes on until something says that another has begun: a command, a header, a layer or step that was there before,
the next log of a document. Each rule stands in the function that decides it.
"""

import bisect
import functools
import itertools
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum, auto
from typing import TypeVar

from logreport.grammar import Match, Records
from logreport.grammar.scanning.records import Rows, taken
from logreport.runs.run import Run, Segmented
from logreport.runs.segmentation.commands import COMMAND, can_print, has_its_batch, read_command
from logreport.runs.segmentation.states import (
    DEVICE_KINDS,
    has_results,
    is_complete,
    is_crashed,
    is_run,
    once_in,
    own_kinds,
    started_anew_at,
)
from logreport.scripts import OFFICIAL, Benchmark, benchmark_of, is_header, official

AROUND = ("document", "published")
FIRST_LINES = 50  # of what waits: all of it would be looked at again for each line


class Role(Enum):
    """What a line that no rule knows can be to a run."""

    AROUND = auto()  # of the document around the log
    WHOLE = auto()  # of a script whose lines all belong to the open run
    DEVICE = auto()  # printed before a session
    AFTER = auto()  # printed also after the end
    OTHER = auto()


QUIET = (Role.DEVICE, Role.AFTER, Role.OTHER)
T = TypeVar("T")


@functools.cache
def role_of(kind: str) -> Role:
    """The role of a kind; asked for each line, so it is worked out once."""
    grammar = kind.partition(".")[0]
    if grammar in AROUND:
        return Role.AROUND
    if official(grammar).whole:
        return Role.WHOLE
    if kind.startswith(DEVICE_KINDS):
        return Role.DEVICE
    return Role.AFTER if grammar in ("python", "system") else Role.OTHER


class Rules(dict[str, "StepRule"]):
    """What takes in lines of each kind that follow one another.

    Args:
        of_kinds: what each kind of line says about where a run begins and ends, by kind.
        of_steps: the same for lines of one kind that follow one another.
        of_openings: the same for lines of several kinds, and the quiet ones behind them.
    """

    def __init__(
        self,
        of_kinds: Mapping[str, "Rule"],
        of_steps: Mapping[str, "StepRule"],
        of_openings: Mapping[str, "StepRule"],
    ) -> None:
        self.of_kinds = of_kinds
        # A rule that two kinds of steps share is another one for each: those of one format say nothing of another's.
        self.of_stretches: dict[str, StepRule] = {
            **{kind: functools.partial(rule) for kind, rule in of_steps.items()},
            **of_openings,
        }
        self.openings = set(of_openings.values())

    def __missing__(self, kind: str) -> "StepRule":
        """Work it out, once for all sources."""
        is_quiet = kind not in self.of_kinds and role_of(kind) in QUIET
        self[kind] = self.of_stretches.get(kind, QUIETLY if is_quiet else Segmenter.feed_each)
        return self[kind]

    def stretches(self, kinds: Iterable[str], rows: Rows) -> Iterator[tuple["StepRule", Rows]]:
        """Rows that follow one another and have the same rule, each with it; quiet ones go along with an opening."""
        last: StepRule = QUIETLY
        start = stop = 0
        for rule, same in itertools.groupby(map(self.__getitem__, kinds)):
            if rule is not last and not (rule is QUIETLY and last in self.openings):
                if stop:
                    yield last, rows[start:stop]
                last, start = rule, stop
            stop += len(list(same))
        yield last, rows[start:stop]


class Segmenter:
    """Partitions the records of one source into runs.

    Args:
        source: the name of the source.
        rules: what the kinds of lines say about where a run begins and ends.
        formats: what is known of the scripts and formats, by their grammars.
    """

    def __init__(self, source: str, rules: Rules, formats: Mapping[str, Benchmark] = OFFICIAL) -> None:
        self.source = source
        self.rules = rules
        self.formats = formats
        self.found = Segmented()
        self.run: Run | None = None
        self.before = Records()  # that may belong to the run that comes next
        self.started: Run | None = (
            None  # a run that a fence ended before it had results: they may stand in the next
        )
        self.commands: list[Match] = []  # commands above that printed nothing
        self.texts: list[int] = []  # the lines of the document's own words, in order
        self.in_fence = False
        self.section_over = False  # of the document, since the last run
        self.heading = ""
        self.last_step: int | None = None

    def feed(self, records: Records, texts: Iterable[int] = ()) -> None:
        """Take the records of one chunk in; `texts` are the lines between them that are a document's own words.

        Lines that mean the same for where a run begins and ends are taken in together.
        """
        self.texts += texts
        for columns, rows in records.parts:
            for rule, some in self.rules.stretches(taken(columns.kinds, rows), rows):
                rule(self, Records([(columns, some)]))

    def feed_each(self, records: Records) -> None:
        """Take in lines one by one, but for quiet ones that follow one another."""
        for columns, rows in records.parts:
            rules = map(self.rules.__getitem__, taken(columns.kinds, rows))
            for rule, some in stretches(rules, rows):
                part = Records([(columns, some)])
                if rule is QUIETLY:
                    self.feed_quiet(part)
                else:
                    for match in part:
                        self.rules.of_kinds.get(match.leaf.kind, Segmenter.feed_other)(self, match)

    def finish(self) -> Segmented:
        """Close what is open; lines that waited for a run that did not come belong to the last one, if it is near."""
        self.close()
        if self.found.runs and not self.section_over and not self.is_anew(self.found.runs[-1]):
            self.found.runs[-1].extend(self.before)
        else:
            self.found.loose.extend(self.before)
        return self.found

    def is_over(self, run: Run) -> bool:
        """Whether a run crashed, and what is printed before a session waits for the next."""
        return bool(self.before) and is_crashed(run)

    def is_anew(self, run: Run) -> bool:
        """Whether another process than that of a run started behind its last line, and printed what waits."""
        if not self.before or not run.records or next(iter(self.before)).line < run.records[-1].line:
            return False
        return not once_in(run.kinds).isdisjoint(self.started_here())

    def started_here(self) -> set[str]:
        """What waits and is printed once by a process, which says so among its first lines."""
        return once_in(match.leaf.kind for match in itertools.islice(self.before, FIRST_LINES))

    # How a run begins and ends

    def close(self) -> None:
        """End the open run, and the one that waits for its results."""
        started, self.started = self.started, None
        run, self.run = self.run, None
        self.last_step = None
        for one in filter(None, (started, run)):
            self.keep(one)

    def keep(self, run: Run) -> None:
        """Keep what was read as a run if it holds a result, or a header or layers that only its script prints."""
        if not is_run(run):
            self.drop(run)
            self.before = run.records.and_then(self.before)
            return
        self.section_over = False
        run.benchmark = run.benchmark or benchmark_of(run.headers.get("script"))
        if run.has(COMMAND) and not self.can_have_printed(run):
            self.part(run)
        self.commands = []
        self.found.runs.append(run)

    def drop(self, run: Run) -> None:
        """Take out of what is no run the lines that are of none: commands, and those of a script; the others wait."""
        taken_out = run.take_out({*OFFICIAL, "shell"})
        self.commands += taken_out.where((COMMAND,))
        self.found.stray.extend(taken_out)

    def part(self, run: Run) -> None:
        """Part a run from a command that is not its own, and from what that command printed."""
        run.command = ""
        run.headers.pop("script", None)
        if run.goes_on_at:
            other = Run(self.source, heading=run.heading, formats=self.formats)
            other.hold(run.records[: run.goes_on_at])
            read_command(other, other.only(COMMAND)[-1])
            self.keep(other)
            run.hold(run.records[run.goes_on_at :])
        else:
            self.found.stray.extend(run.only(COMMAND))
            run.hold(run.records.where(run.kinds.keys() - {COMMAND}))

    def can_have_printed(self, run: Run) -> bool:
        """Whether the command above a run is the one that printed it.

        It is not where its script prints other lines or its model is another one. Where the document speaks between the
        two, no other command above may have printed it as well.
        """
        own = run.last_of(COMMAND)
        if own is None or not can_print(own, run):
            return False
        output = next((line for line in run.records.lines if line > own.line), own.line)
        if not self.speaks_between(own.line, output):
            return True
        others = [match for match in self.commands if match.values != own.values]
        return not any(can_print(match, run) for match in others) and has_its_batch(own, run)

    def speaks_between(self, first: int, last: int) -> bool:
        """Whether the document has words of its own between two lines."""
        place = bisect.bisect_right(self.texts, first)
        return place < len(self.texts) and self.texts[place] < last

    def speaks_since(self, run: Run, match: Match) -> bool:
        """Whether the document has words of its own between a line and the last one of its kind in a run."""
        same = run.last_of(match.leaf.kind) if self.texts else None
        return same is not None and self.speaks_between(same.line, match.line)

    def is_elsewhere(self, run: Run, match: Match) -> bool:
        """Whether a line stands in another section of the document than a run, or below words of it that are between."""
        return self.heading != run.heading or self.speaks_since(run, match)

    def wait(self) -> None:
        """Let the open run wait for its results."""
        self.started, self.run = self.run, None
        self.last_step = None

    def go_on(self, benchmark: str | None) -> Run | None:
        """Go on with the run that waits, if this benchmark's lines can be its results; devices in between are another's."""
        run = self.started
        if run is None or benchmark_of(run.headers["script"]) != benchmark:
            return None
        if any(kind.startswith("tensorflow.device_") for kind in self.before.kinds):
            return None
        self.started, self.run = None, run
        run.benchmark, run.goes_on_at = benchmark, len(run.records)
        self.take_waiting(run)
        return run

    def take_waiting(self, run: Run) -> None:
        """Give a run the lines that waited for it."""
        run.extend(self.before)
        headers = set(filter(is_header, run.kinds))
        for match in self.before.where(headers) if headers else ():
            if (key := match.value("key")) is not None:
                run.headers[key] = match.value("value") or ""
        self.before = Records()

    def begin(self, benchmark: str | None, *, new: bool = False) -> Run:
        """Begin a run with the lines that waited for it; a command above it stays its command, unless it must be new."""
        previous = self.run
        waiting = (
            previous is not None
            and not has_results(previous)
            and previous.benchmark in (None, benchmark)
            and not self.is_over(previous)
        )
        if waiting and previous is not None and not new:
            previous.benchmark = benchmark
            return previous
        if not new and previous is None and (gone_on := self.go_on(benchmark)) is not None:
            return gone_on
        if previous is None or self.started is not None or is_run(previous):
            self.close()
            self.settle()
            self.run = Run(self.source, benchmark, self.heading, formats=self.formats)
        else:
            self.drop(previous)
            # What waited for a run that was none goes on waiting as it is: it may be long.
            self.run = Run(
                self.source,
                benchmark,
                self.heading,
                records=previous.records,
                kinds=previous.kinds,
                first_line=previous.first_line,
                formats=self.formats,
            )
            self.last_step = None
        self.take_waiting(self.run)
        return self.run

    def settle(self) -> None:
        """Part the last run from the session that begins, also where two streams mix their lines around the border.

        What waits for the next run and stands before the last result is the last run's own; what stands from where another
        process started, and runtime lines behind the first that waits, are not.
        """
        last = self.found.runs[-1] if self.found.runs else None
        if last is None or not (anew := started_anew_at(last) or (sys.maxsize if self.before else 0)):
            return
        end = max(last.records.where(own_kinds(last)).lines, default=0)
        first = min((line for line in self.before.lines if line > end), default=sys.maxsize)
        own, others = self.before.split(lambda _, line: line < end)
        late, kept = last.records.split(
            lambda form, line: line >= anew or (line > first and form.kind.startswith("tensorflow."))
        )
        if own or late:
            last.hold(kept.and_then(own).by_line())
            self.before = others.and_then(late).by_line()

    def begin_new(self, benchmark: str) -> Run:
        """Begin a run whatever is open; the command that opened it without a result is carried over."""
        is_open = self.run is not None and (has_results(self.run) or self.run.benchmark is not None)
        return self.begin(benchmark, new=is_open)

    def of(self, benchmark: str) -> Run:
        """The open run if it is one of this benchmark, else a new one."""
        if self.run is not None and self.run.benchmark == benchmark and not self.is_over(self.run):
            return self.run
        return self.begin(benchmark)

    # Rules: lines that are no results

    def feed_other(self, match: Match) -> None:
        """Runtime lines, tracebacks, and lines of formats that begin and end nothing."""
        kind = match.leaf.kind
        role = role_of(kind)
        if role is Role.AROUND:
            self.found.published.append(match)
        elif role is Role.WHOLE:
            self.of(kind.partition(".")[0]).add(match)
        else:
            records = Records()
            records.append(match)
            self.feed_quiet(records)

    def feed_quiet(self, records: Records) -> None:
        """Lines that begin and end no run: of the open one, or of the run that comes."""
        if (run := self.run) is None:
            self.before.extend(records)
            return
        if not (others := others_of(run)):
            run.extend(records)
            return
        for columns, rows in records.parts:
            is_own = (role_of(kind) not in others for kind in taken(columns.kinds, rows))
            for own, some in stretches(is_own, rows):
                is_next = not own or self.is_over(run) or self.is_anew(run)
                (self.before if is_next else run).extend(Records([(columns, some)]))


QUIETLY = Segmenter.feed_quiet


def others_of(run: Run) -> tuple[Role, ...]:
    """The roles of lines that begin and end no run, and are not of this one.

    Devices are announced before a session: behind results or a crash they belong to the next run.
    """
    if is_complete(run):
        return Role.DEVICE, Role.OTHER
    return (Role.DEVICE,) if has_results(run) or is_crashed(run) else ()


def stretches(values: Iterable[T], rows: Rows) -> Iterator[tuple[T, Rows]]:
    """Rows that follow one another and have the same value, each with it."""
    stop = 0
    for value, same in itertools.groupby(values):
        start, stop = stop, stop + len(list(same))
        yield value, rows[start:stop]


def rising(numbers: Sequence[int | None]) -> Iterator[slice]:
    """The stretches in which numbers go up; what is no number is one by itself."""
    pairs = enumerate(itertools.pairwise(numbers), 1)
    breaks = (place for place, (a, b) in pairs if a is None or b is None or b <= a)
    return itertools.starmap(slice, itertools.pairwise([0, *breaks, len(numbers)] if numbers else ()))


Rule = Callable[[Segmenter, Match], None]
StepRule = Callable[[Segmenter, Records], None]


def is_repeat(run: Run, match: Match) -> bool:
    """Whether a line is the one above it once more: two handlers of a logger, or a shell and `tee`, wrote into one log."""
    last = run.records[-1] if run.records else None
    return last is not None and last.line == match.line - 1 and says_the_same(last, match)


def says_the_same(one: Match, other: Match) -> bool:
    """Whether two lines are of one kind and rank, and have the same fields."""
    return (one.leaf.kind, one.rank, one.values) == (other.leaf.kind, other.rank, other.values)


def read_rising(reader: Segmenter, benchmark: str, records: Records, read_step: Rule) -> None:
    """Steps that follow one another; those that go up belong to the run of the first, which `read_step` finds."""
    numbers = records.column("step")
    for part in rising(numbers):
        read_step(reader, records[part.start])
        if rest := records[part.start + 1 : part.stop]:
            reader.of(benchmark).extend(rest)
            reader.last_step = numbers[part.stop - 1]
