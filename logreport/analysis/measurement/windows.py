"""Windows of consecutive steps, from cumulative means, from time stamps, or from the lines as they are.

A window is some steps and the mean seconds per step in them. Where the batch size is unknown the unit is seconds
per example instead: everything downstream is relative, so only the shown seconds depend on it.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from logreport.analysis.measurement.numbers import positive
from logreport.scripts import StepFormat

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


def _mean(steps: Sequence[int], seconds: Sequence[float]) -> float:
    """Mean seconds per step, each window with the weight of its steps."""
    return math.fsum(n * w for n, w in zip(steps, seconds, strict=True)) / sum(steps)


@dataclass(frozen=True)
class Windows:
    """Windows in the order of the log: steps in each, seconds per step, last step, and its row of the steps table."""

    steps: tuple[int, ...] = ()
    seconds: tuple[float, ...] = ()
    ends: tuple[int, ...] = ()
    rows: tuple[int, ...] = ()

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
        chosen = list(indexes)
        return Windows(
            tuple(map(self.steps.__getitem__, chosen)),
            tuple(map(self.seconds.__getitem__, chosen)),
            tuple(map(self.ends.__getitem__, chosen)),
            tuple(map(self.rows.__getitem__, chosen)),
        )

    def mean(self) -> float:
        """Mean seconds per step over all windows: m = Σ n_j w_j / Σ n_j."""
        return _mean(self.steps, self.seconds)

    def grouped(self, size: int) -> "Windows":
        """`size` consecutive windows merged into one; the last one may hold fewer."""
        cuts = [slice(i, i + size) for i in range(0, len(self), size)]
        return Windows(
            tuple(sum(self.steps[cut]) for cut in cuts),
            tuple(_mean(self.steps[cut], self.seconds[cut]) for cut in cuts),
            tuple(self.ends[cut][-1] for cut in cuts),
            tuple(self.rows[cut][-1] for cut in cuts),
        )


def windows_of(script: StepFormat, lines: Sequence[StepLine], batch: float | None) -> Windows:
    """The windows of one phase, by what its script prints; none where the lines are not in order."""
    ranks = {line.rank for line in lines}
    if len(ranks) > 1:
        return _of_all_ranks([windows_of(script, [x for x in lines if x.rank == r], batch) for r in ranks])
    if script.lines == "timestamps":
        return from_timestamps(lines)
    if script.lines == "cumulative" and restarts(lines):
        return from_epochs(script, lines, batch or 1.0)
    if script.lines == "cumulative":
        return from_cumulative(lines, batch or 1.0)
    return from_intervals(lines, batch or 1.0)


def _runs_of_steps(lines: Sequence[StepLine]) -> list[list[StepLine]]:
    """Lines cut where the step number does not rise: a restart, or workers that share no prefix."""
    parts: list[list[StepLine]] = []
    for line in lines:
        if line.step is None or line.step < 0:
            continue
        if parts and parts[-1][-1].step is not None and line.step > parts[-1][-1].step:
            parts[-1].append(line)
        else:
            parts.append([line])
    return parts


def _made(items: Iterator[tuple[int, float, int, int]]) -> Windows:
    """Windows from (steps, seconds per step, last step, row), or none if one of them is not a positive time."""
    rows = list(items)
    if not rows:
        return Windows()
    made = Windows(*zip(*rows, strict=True))
    return made if min(made.steps) > 0 and all(map(positive, made.seconds)) else Windows()


def from_cumulative(lines: Sequence[StepLine], batch: float) -> Windows:
    """Windows from means since warm-up: E_k = n_k·batch/r_k is the elapsed time, differences give the windows.

    A first line that stands for less than half of the usual spacing (step 1 before 10, 20, …) is passed over.
    Only one unbroken count from the start can be undone: after a restart the last one is taken.
    """
    parts = _runs_of_steps([x for x in lines if positive(x.rate)])
    if not parts or any(len(part) == 1 for part in parts):
        return Windows()
    part = parts[-1]
    spacing = sorted((b.step or 0) - (a.step or 0) for a, b in pairwise(part))[(len(part) - 1) // 2]
    if (part[0].step or 0) * 2 < spacing:
        part = part[1:]
    if not 0 < (part[0].step or 0) <= 2 * spacing:
        return Windows()
    elapsed = [(0, 0.0, 0), *((x.step or 0, (x.step or 0) * batch / (x.rate or 1.0), x.row) for x in part)]
    return _made(
        (n2 - n1, (e2 - e1) / (n2 - n1), n2, row) for (n1, e1, _), (n2, e2, row) in pairwise(elapsed)
    )


def restarts(lines: Sequence[StepLine]) -> bool:
    """Whether means are those of an epoch each, or of step times: their windows are undone by what can be told from rounding."""
    return any(x.epoch is not None for x in lines) or not any(positive(x.rate) for x in lines)


def from_epochs(script: StepFormat, lines: Sequence[StepLine], batch: float) -> Windows:
    """Windows from means since the beginning of an epoch, or of the run: E_k = n_k·w_k, differences give the windows.

    A line counts where the time since the last that did is `CLEAR` times what rounding can add to it; the last line of an
    epoch counts always, and takes the place of one that is too near.
    """
    found: list[tuple[int, float, int, int]] = []
    before = 0
    for _, epoch in groupby([x for x in lines if x.step is not None], key=lambda x: x.epoch):
        ends = [(0, 0.0, 0.0, 0)]
        for x in epoch:
            steps, seconds = (x.step or 0) - before, _seconds_of(x, batch)
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


def _seconds_of(line: StepLine, batch: float) -> float:
    """Seconds per step as a line says them: by its speed, else its step time."""
    return batch / line.rate if line.rate and positive(line.rate) else line.seconds or 0.0


def _rounding(script: StepFormat, line: StepLine, seconds: float, batch: float) -> float:
    """The step of the last printed digit, in seconds per step."""
    if positive(line.rate):
        return (script.rate_quantum or 0.0) * seconds**2 / batch
    return script.seconds_quantum or 0.0


def from_timestamps(lines: Sequence[StepLine]) -> Windows:
    """Windows between the time stamps of consecutive lines, the last one up to the summary line.

    Steps are counted from 0, so the summary of n steps, given here as step n without a time of its own, is printed
    after step n−1: that window holds one step less.
    """
    parts = _runs_of_steps([x for x in lines if x.timestamp is not None])
    if len(parts) != 1:
        return Windows()

    def items() -> Iterator[tuple[int, float, int, int]]:
        for a, b in pairwise(parts[0]):
            steps = (b.step or 0) - (a.step or 0) - (b.seconds is None)
            if steps > 0:
                yield steps, (b.timestamp - a.timestamp).total_seconds() / steps, b.step or 0, b.row

    return _made(items())


def from_intervals(lines: Sequence[StepLine], batch: float) -> Windows:
    """Windows from lines that give the mean since the line before.

    The first line of a log stands for as many steps as the next; one of step 0 for itself alone.
    """
    parts = _runs_of_steps([x for x in lines if positive(x.rate) or positive(x.seconds)])

    def items() -> Iterator[tuple[int, float, int, int]]:
        for part in parts:
            gaps = [(b.step or 0) - (a.step or 0) for a, b in pairwise(part)]
            first = 1 if not part[0].step or not gaps else gaps[0]
            for x, steps in zip(part, [first, *gaps], strict=True):
                yield steps, _seconds_of(x, batch), x.step or 0, x.row

    return _made(items())


def _of_all_ranks(ranks: list[Windows]) -> Windows:
    """Windows of a whole job from those of its workers: speeds add up, 1/w = Σ 1/w_rank.

    None where the workers did not print the same steps. The row is that of the worker that comes last.
    """
    if len({(r.steps, r.ends) for r in ranks}) != 1 or not ranks[0].steps:
        return Windows()
    seconds = tuple(
        1 / math.fsum(1 / w for w in column) for column in zip(*(r.seconds for r in ranks), strict=True)
    )
    rows = tuple(max(column) for column in zip(*(r.rows for r in ranks), strict=True))
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


def same_step(lines: Sequence[StepLine]) -> Iterator[list[StepLine]]:
    """Lines of several workers, gathered by step number, in rising order."""
    known = sorted((x for x in lines if x.step is not None), key=lambda x: x.step or 0)
    for _, group in groupby(known, key=lambda x: x.step):
        yield list(group)
