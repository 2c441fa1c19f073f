"""Windows of consecutive steps, from cumulative means, from time stamps, or from the lines as they are.

A window is some steps and the mean seconds per step in them. Where the batch size is unknown the unit is seconds
per example instead: everything downstream is relative, so only the shown seconds depend on it.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby, islice, pairwise
from operator import eq, mul
from typing import Any, NamedTuple, TypeVar, overload

from logreport.analysis.measurement.numbers import median_high, medians, positive
from logreport.scripts import StepFormat
from logreport.spool import LongList, columns_of, few_or_many, values_at

T = TypeVar("T")

CLEAR = 10  # a window of undone means is at least so many times what rounding can add to it


class StepLine(NamedTuple):
    """One row of the steps table: its index there and the columns that analysis reads (s, examples/s)."""

    row: int
    rank: int | None
    step: int | None
    timestamp: Any
    seconds: float | None
    rate: float | None
    sem: float | None
    loss: float | None
    line: int | None
    jitter: float | None = None
    epoch: int | None = None


class StepLines(Sequence[StepLine]):
    """Step lines of one phase, as rows of the columns of the table: a line is made when it is looked at.

    Args:
        columns: those of a line but its row, by their names there.
        parts: the rows, in order, each part of them at least one.
    """

    __slots__ = ("columns", "parts")

    def __init__(self, columns: Mapping[str, Sequence[Any]], parts: Sequence[range]) -> None:
        self.columns, self.parts = columns, parts

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def __iter__(self) -> Iterator[StepLine]:
        return map(StepLine._make, zip(*map(self.values, StepLine._fields), strict=True))

    @overload
    def __getitem__(self, which: int) -> StepLine: ...
    @overload
    def __getitem__(self, which: slice) -> "StepLines": ...
    def __getitem__(self, which: int | slice) -> "StepLine | StepLines":
        if isinstance(which, slice):
            return StepLines(self.columns, [*self.between(*which.indices(len(self))[:2])])
        row = self.row(which)
        return StepLine(row, *[self.columns[name][row] for name in StepLine._fields[1:]])

    def row(self, which: int) -> int:
        """The row of one line.

        Raises:
            IndexError: where there are not so many.
        """
        place = which + len(self) if which < 0 else which
        for part in self.parts if place >= 0 else ():
            if place < len(part):
                return part[place]
            place -= len(part)
        raise IndexError(which)

    def between(self, start: int, stop: int) -> Iterator[range]:
        """The rows from one place to another."""
        for part in self.parts:
            if some := part[max(start, 0) : max(stop, 0)]:
                yield some
            start, stop = start - len(part), stop - len(part)

    def values(self, name: str) -> Iterable[Any]:
        """One value of each line."""
        parts, column = self.parts, self.columns.get(name)
        if column is None:  # that of the rows
            return parts[0] if len(parts) == 1 else chain.from_iterable(parts)
        if len(parts) == 1:
            return values_at(column, parts[0])
        return chain.from_iterable(values_at(column, part) for part in parts)

    def where(self, holds: Callable[..., bool], *names: str) -> "StepLines":
        """The lines for some values of which something holds."""
        marks = bytes(map(holds, *map(self.values, names)))
        if 0 not in marks:
            return self
        parts: list[range] = []
        for part in self.parts:
            own, marks = marks[: len(part)], marks[len(part) :]
            start = own.find(1)
            while start >= 0:
                stop = own.find(0, start)
                stop = len(own) if stop < 0 else stop
                parts.append(part[start:stop])
                start = own.find(1, stop)
        return StepLines(self.columns, parts)


NO_LINES = StepLines({}, ())


def _kept(values: Iterable[T]) -> Sequence[T]:
    """Values of windows."""
    found = few_or_many(values)
    return found if isinstance(found, LongList) else tuple(found)


@dataclass(frozen=True)
class Windows:
    """Windows in the order of the log: steps in each, seconds per step, last step, and its row of the steps table."""

    steps: Sequence[int] = ()
    seconds: Sequence[float] = ()
    ends: Sequence[int] = ()
    rows: Sequence[int] = ()

    def __len__(self) -> int:
        """Number of windows, K."""
        return len(self.steps)

    def after(self, count: int) -> "Windows":
        """The windows from index `count` on."""
        return (
            self
            if not count
            else Windows(self.steps[count:], self.seconds[count:], self.ends[count:], self.rows[count:])
        )

    def at(self, indexes: Iterable[int]) -> "Windows":
        """The windows at some indexes."""
        return Windows(
            *columns_of(((self.steps[i], self.seconds[i], self.ends[i], self.rows[i]) for i in indexes), 4)
        )

    def mean(self) -> float:
        """Mean seconds per step over all windows: m = Σ n_j w_j / Σ n_j."""
        return math.fsum(map(mul, self.steps, self.seconds)) / sum(self.steps)

    def grouped(self, size: int) -> "Windows":
        """`size` consecutive windows merged into one; the last one may hold fewer."""
        starts = range(0, len(self), size)
        stops = (*starts[1:], len(self))
        return Windows(*columns_of(map(self.merged, starts, stops), 4))

    def merged(self, start: int, stop: int) -> tuple[int, float, int, int]:
        """Some that follow one another as one: steps, mean seconds per step, last step, row."""
        counts = self.steps[start:stop]
        steps = sum(counts)
        weighted = map(mul, counts, self.seconds[start:stop])
        return steps, math.fsum(weighted) / steps, self.ends[stop - 1], self.rows[stop - 1]


def windows_of(script: StepFormat, lines: StepLines, batch: float | None) -> Windows:
    """The windows of one phase, by what its script prints; none where the lines are not in order."""
    ranks = set(lines.values("rank"))
    if len(ranks) > 1:
        return _of_all_ranks(
            [windows_of(script, lines.where(partial(eq, rank), "rank"), batch) for rank in ranks]
        )
    if script.lines == "timestamps":
        return from_timestamps(lines)
    if script.lines == "cumulative" and restarts(lines):
        return from_epochs(script, lines, batch or 1.0)
    if script.lines == "cumulative":
        return from_cumulative(lines, batch or 1.0)
    return from_intervals(lines, batch or 1.0)


def _runs_of_steps(lines: StepLines) -> list[StepLines]:
    """Lines cut where the step number does not rise: a restart, or workers that share no prefix."""
    known = lines.where(lambda step: step is not None and step >= 0, "step")
    steps = known.values("step")
    cuts = [place for place, (one, after) in enumerate(pairwise(steps), 1) if after <= one]
    if not cuts:
        return [known] if known else []
    return [known[start:stop] for start, stop in pairwise([0, *cuts, len(known)])]


def _gaps(lines: StepLines) -> Iterator[int]:
    """The steps from each line to the next, where all have one."""
    return (after - one for one, after in pairwise(lines.values("step")))


def _made(items: Iterator[tuple[int, float, int, int]]) -> Windows:
    """Windows from (steps, seconds per step, last step, row), or none if one of them is not a positive time."""
    found = Windows(*columns_of(items, 4))
    return found if all(map(positive, found.seconds)) and all(n > 0 for n in found.steps) else Windows()


def from_cumulative(lines: StepLines, batch: float) -> Windows:
    """Windows from means since warm-up: E_k = n_k·batch/r_k is the elapsed time, differences give the windows.

    A first line that stands for less than half of the usual spacing (step 1 before 10, 20, …) is passed over.
    Only one unbroken count from the start can be undone: after a restart the last one is taken.
    """
    parts = _runs_of_steps(lines.where(positive, "rate"))
    if not parts or any(len(part) == 1 for part in parts):
        return Windows()
    part = parts[-1]
    spacing = median_high(_gaps(part))
    first, second = islice(part.values("step"), 2)
    if first * 2 < spacing:
        part, first = part[1:], second
    if not 0 < first <= 2 * spacing:
        return Windows()
    values = zip(*map(part.values, ("step", "rate", "row")), strict=True)
    elapsed = chain([(0, 0.0, 0)], ((step, step * batch / rate, row) for step, rate, row in values))
    return _made(
        (n2 - n1, (e2 - e1) / (n2 - n1), n2, row) for (n1, e1, _), (n2, e2, row) in pairwise(elapsed)
    )


def restarts(lines: StepLines) -> bool:
    """Whether means are those of an epoch each, or of step times: their windows are undone by what can be told from rounding."""
    epochs, rates = lines.values("epoch"), lines.values("rate")
    return any(epoch is not None for epoch in epochs) or not any(map(positive, rates))


def from_epochs(script: StepFormat, lines: StepLines, batch: float) -> Windows:
    """Windows from means since the beginning of an epoch, or of the run: E_k = n_k·w_k, differences give the windows.

    A line counts where the time since the last that did is `CLEAR` times what rounding can add to it; the last line of an
    epoch counts always, and takes the place of one that is too near.
    """
    found: list[tuple[int, float, int, int]] = []
    before = 0
    for _, epoch in groupby((x for x in lines if x.step is not None), key=lambda x: x.epoch):
        ends = [(0, 0.0, 0.0, 0)]
        for x in epoch:
            steps, seconds = (x.step or 0) - before, _seconds_of(x.rate, x.seconds, batch)
            if steps > ends[-1][0] and positive(seconds):
                error = _rounding(script, x, seconds, batch) * steps / 2
                ends.append((steps, steps * seconds, error, x.row))
        clear = _clear(ends)
        found += [
            (n2 - n1, (e2 - e1) / (n2 - n1), before + n2, row)
            for (n1, e1, _, _), (n2, e2, _, row) in pairwise(clear)
        ]
        before += ends[-1][0]
    return _made(iter(found))


def _clear(ends: Sequence[tuple[int, float, float, int]]) -> list[tuple[int, float, float, int]]:
    """The ends of windows that are known to `1/CLEAR` of their length."""
    kept = [ends[0]]
    for place, end in enumerate(ends[1:], 1):
        is_clear = end[1] - kept[-1][1] >= CLEAR * (end[2] + kept[-1][2])
        if not is_clear and place == len(ends) - 1 and len(kept) > 1:
            kept.pop()
        if is_clear or place == len(ends) - 1:
            kept.append(end)
    return kept


def _seconds_of(rate: float | None, seconds: float | None, batch: float) -> float:
    """Seconds per step as a line says them: by its speed, else its step time."""
    return batch / rate if rate and positive(rate) else seconds or 0.0


def _rounding(script: StepFormat, line: StepLine, seconds: float, batch: float) -> float:
    """The step of the last printed digit, in seconds per step."""
    if positive(line.rate):
        return (script.rate_quantum or 0.0) * seconds**2 / batch
    return script.seconds_quantum or 0.0


def from_timestamps(lines: StepLines) -> Windows:
    """Windows between the time stamps of consecutive lines, the last one up to the summary line.

    Steps are counted from 0, so the summary of n steps, given here as step n without a time of its own, is printed
    after step n−1: that window holds one step less.
    """
    parts = _runs_of_steps(lines.where(lambda time: time is not None, "timestamp"))
    if len(parts) != 1:
        return Windows()

    def items() -> Iterator[tuple[int, float, int, int]]:
        for a, b in pairwise(parts[0]):
            steps = (b.step or 0) - (a.step or 0) - (b.seconds is None)
            if steps > 0:
                yield steps, (b.timestamp - a.timestamp).total_seconds() / steps, b.step or 0, b.row

    return _made(items())


def from_intervals(lines: StepLines, batch: float) -> Windows:
    """Windows from lines that give the mean since the line before.

    The first line of a log stands for as many steps as the next; one of step 0 for itself alone. Where lines are missing,
    the next one is of no more steps than any other: of those since the line before it, which is not there.
    """
    measured = lines.where(lambda rate, seconds: positive(rate) or positive(seconds), "rate", "seconds")
    parts = _runs_of_steps(measured)

    def items() -> Iterator[tuple[int, float, int, int]]:
        for part in parts:
            usual = medians(_gaps(part))[0] if len(part) > 1 else 1
            first = 1 if not part[0].step else min(next(_gaps(part), 1), usual)
            values = zip(*map(part.values, ("rate", "seconds", "step", "row")), strict=True)
            own = chain([first], _own_steps(_gaps(part), usual))
            for (rate, seconds, step, row), steps in zip(values, own, strict=True):
                yield steps, _seconds_of(rate, seconds, batch), step or 0, row

    return _made(items())


def _own_steps(gaps: Iterator[int], usual: int) -> Iterator[int]:
    """The steps of each line but the first: a gap that stands alone and is twice the usual one is a hole."""
    before, gap = 0, next(gaps, 0)
    while gap:
        after = next(gaps, 0)
        yield usual if gap >= 2 * usual and gap not in (before, after) else gap
        before, gap = gap, after


def _of_all_ranks(ranks: list[Windows]) -> Windows:
    """Windows of a whole job from those of its workers: speeds add up, 1/w = Σ 1/w_rank.

    None where the workers did not print the same steps. The row is that of the worker that comes last.
    """
    first = ranks[0]
    if not first.steps or any((r.steps, r.ends) != (first.steps, first.ends) for r in ranks):
        return Windows()
    seconds = _kept(
        1 / math.fsum(1 / w for w in column) for column in zip(*(r.seconds for r in ranks), strict=True)
    )
    rows = _kept(max(column) for column in zip(*(r.rows for r in ranks), strict=True))
    return Windows(ranks[0].steps, seconds, ranks[0].ends, rows)


def readable(windows: Windows, rounding: float, error: float) -> Windows:
    """Windows of cumulative means merged until the rounding of the last one is at most `error` (relative).

    A window ending at line j has a rounding error of at most rounding/2·(2j−1), where `rounding` is the step of the last
    printed digit by the mean, so M windows may remain with M ≤ (1 + 2·error/rounding)/2.
    """
    if not rounding:
        return windows
    most = max(1, int((1 + 2 * error / rounding) / 2))
    return windows if len(windows) <= most else windows.grouped(-(-len(windows) // most))


def rounding_of(script: StepFormat, batch: float, seconds: float) -> float:
    """The step of the last digit of a printed mean by that mean, which is a speed or a time."""
    return (script.rate_quantum or 0.0) * seconds / batch or (script.seconds_quantum or 0.0) / seconds


def same_step(lines: StepLines) -> Iterator[list[StepLine]]:
    """Lines of several workers, gathered by step number, in rising order."""
    known = sorted((x for x in lines if x.step is not None), key=lambda x: x.step or 0)
    for _, group in groupby(known, key=lambda x: x.step):
        yield list(group)
