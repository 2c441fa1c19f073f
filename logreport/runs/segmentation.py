"""Where a run begins and ends: several runs in one file, interleaved ranks, appended sessions, excerpts in documents.

A run goes on until something says that another has begun: a command, a header, a layer or step that was there before,
the next log of a document. Each rule stands in the function that decides it.
"""

import functools
import sys
from collections.abc import Iterable
from enum import Enum, auto

from logreport.grammar import Match
from logreport.runs.rules import RULES
from logreport.runs.run import Run, Segmented
from logreport.runs.states import RESULTS, USERS, has_results, is_complete, is_run

SCRIPTS = {
    "alexnet_benchmark": "alexnet_benchmark",
    "benchmark_alexnet": "alexnet_benchmark",
    "cifar10_train": "cifar10",
    "cifar10_multi_gpu_train": "cifar10",
    "cifar10_eval": "cifar10",
    "convolutional": "mnist",
    "tf_cnn_benchmarks": "tf_cnn_benchmarks",
}
DEVICE_KINDS = ("tensorflow.device_", "tensorflow.cpu_", "tensorflow.xla_", "tensorflow.library", "theano.")
AROUND = ("document", "published")
OWN = {*RESULTS, "shell"}  # grammars whose lines are of no run where they make none
WHOLE = (
    "mnist",
    "all_reduce_benchmark",
    "benchmark_logger",
)  # scripts whose lines all belong to the open run
STANDARD = {
    *RESULTS,
    "tensorflow",
    "python",
    "shell",
    "document",
    "published",
    "nccl",
    "openmp",
    "container",
    "theano",
}


class Role(Enum):
    """What a line that no rule knows can be to a run."""

    AROUND = auto()  # of the document around the log
    WHOLE = auto()  # of a script whose lines all belong to the open run
    USER = auto()  # a result of a user's grammar
    DEVICE = auto()  # printed before a session
    PYTHON = auto()  # printed also after the end
    OTHER = auto()


@functools.cache
def role_of(kind: str) -> Role:
    """The role of a kind; asked for each line, so it is worked out once."""
    grammar, _, short = kind.partition(".")
    if grammar in AROUND:
        return Role.AROUND
    if grammar in WHOLE:
        return Role.WHOLE
    if grammar not in STANDARD and short in USERS:
        return Role.USER
    if kind.startswith(DEVICE_KINDS):
        return Role.DEVICE
    return Role.PYTHON if grammar == "python" else Role.OTHER


def by_line(matches: list[Match]) -> list[Match]:
    """Matches in the order of their lines."""
    return sorted(matches, key=lambda match: match.line)


class Segmenter:
    """Partitions the matches of one source into runs.

    Args:
        source: the name of the source.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.found = Segmented()
        self.run: Run | None = None
        self.before: list[Match] = []  # matches that may belong to the run that comes next
        self.in_fence = False
        self.section_over = False  # of the document, since the last run
        self.heading = ""
        self.last_step: int | None = None
        self.pass_start = 0  # alexnet: index of the first match of the pass that is being read

    def feed(self, matches: Iterable[Match]) -> None:
        """Take the matches of one chunk in."""
        for match in matches:
            kind = match.leaf.kind
            rule = RULES.get(kind)
            if rule is not None:
                rule(self, match)
            else:
                self.feed_other(match, kind)

    def finish(self) -> Segmented:
        """Close what is open; lines that waited for a run that did not come belong to the last one, if it is near."""
        self.close()
        if self.found.runs and not self.section_over:
            for match in self.before:
                self.found.runs[-1].add(match)
        else:
            self.found.loose += self.before
        return self.found

    # How a run begins and ends

    def close(self) -> None:
        """End the open run; it is kept if it holds a result, or a header or layers that only its script prints."""
        run, self.run = self.run, None
        self.last_step, self.pass_start = None, 0
        if run is None:
            return
        if is_run(run):
            self.section_over = False
            run.benchmark = run.benchmark or SCRIPTS.get(run.headers.get("script", ""))
            self.found.runs.append(run)
        else:
            self.found.stray += run.take_out(OWN)
            self.before = run.matches + self.before

    def begin(self, benchmark: str | None, *, new: bool = False) -> Run:
        """Begin a run with the lines that waited for it; a command above it stays its command, unless it must be new."""
        previous = self.run
        waiting = (
            previous is not None and not has_results(previous) and previous.benchmark in (None, benchmark)
        )
        if waiting and previous is not None and not new:
            previous.benchmark = benchmark
            return previous
        if previous is None or is_run(previous):
            self.close()
            self.settle()
            previous = Run(self.source)
        self.found.stray += previous.take_out(OWN)
        self.last_step, self.pass_start = None, 0
        # What waited for a run that was none goes on waiting as it is: it may be long.
        self.run = Run(
            self.source,
            benchmark,
            self.heading,
            matches=previous.matches,
            by_kind=previous.by_kind,
            first_line=previous.first_line,
        )
        for match in self.before:
            self.run.add(match)
            if match.leaf.kind == "tf_cnn_benchmarks.header" and (key := match.value("key")) is not None:
                self.run.headers[key] = match.value("value") or ""
        self.before = []
        return self.run

    def settle(self) -> None:
        """Part the last run from the session that begins, where two streams mix their lines around the border.

        What waits for the next run and stands before the last result is the last run's own; runtime lines behind the
        first that waits are not.
        """
        if not self.before or not self.found.runs:
            return
        last = self.found.runs[-1]
        end = max((m.line for m in last.matches if m.leaf.kind.startswith(f"{last.benchmark}.")), default=0)
        own = [match for match in self.before if match.line < end]
        first = min((match.line for match in self.before if match.line > end), default=sys.maxsize)
        late = [m for m in last.matches if m.line > first and m.leaf.kind.startswith("tensorflow.")]
        if own or late:
            moved = {id(match) for match in late}
            last.hold(by_line([*(match for match in last.matches if id(match) not in moved), *own]))
            self.before = by_line([*(match for match in self.before if match.line > end), *late])

    def begin_new(self, benchmark: str) -> Run:
        """Begin a run whatever is open; the command that opened it without a result is carried over."""
        is_open = self.run is not None and (has_results(self.run) or self.run.benchmark is not None)
        return self.begin(benchmark, new=is_open)

    def of(self, benchmark: str) -> Run:
        """The open run if it is one of this benchmark, else a new one."""
        if self.run is not None and self.run.benchmark == benchmark:
            return self.run
        return self.begin(benchmark)

    # Rules: lines that are no results

    def feed_other(self, match: Match, kind: str) -> None:
        """Runtime lines, tracebacks and lines of the user's grammars."""
        role = role_of(kind)
        if role is Role.AROUND:
            self.found.published.append(match)
        elif role is Role.WHOLE:
            self.of(kind.partition(".")[0]).add(match)
        elif role is Role.USER:
            grammar, _, short = kind.partition(".")
            self.user_result(match, grammar, short)
        elif self.run is None or (role is Role.DEVICE and has_results(self.run)):
            self.before.append(match)  # devices are announced before a session: they belong to the next run
        elif role is not Role.PYTHON and is_complete(self.run):
            self.before.append(match)
        else:
            self.run.add(match)

    def user_result(self, match: Match, grammar: str, short: str) -> None:
        """A line of a user's run: a step that is not after the last, or a header after a result, begins a new one.

        Other ranks, which a prefix names, print the same steps.
        """
        run = self.of(grammar)
        numbers = [match.value(name) for name in ("step", "iteration") if short in ("step", "iteration")]
        step = next((number for number in numbers if number is not None), None)
        back = step is not None and self.last_step is not None and step <= self.last_step
        if (back and match.rank is None) or (short == "header" and has_results(run)):
            run = self.begin_new(grammar)
        self.last_step = step if step is not None else self.last_step
        run.add(match)
