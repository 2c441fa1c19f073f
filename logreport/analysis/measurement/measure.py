"""From the printed lines of one phase to its speed: windows, warm-up, estimate."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from operator import eq

from logreport.analysis.measurement.intervals import (
    FEW_WINDOWS,
    Estimate,
    conservative,
    from_windows,
    quantum_after,
)
from logreport.analysis.measurement.numbers import number, positive
from logreport.analysis.measurement.phases import Phase, whole
from logreport.analysis.measurement.steady_state import Warmup, slow_start, warm_up
from logreport.analysis.measurement.summaries import Summary, summary_of
from logreport.analysis.measurement.windows import (
    StepLine,
    Windows,
    restarts,
    rounding_of,
    windows_of,
)
from logreport.scripts import StepFormat

_WORKERS = 1.5  # total over step lines; the wall time of a total makes it smaller, never larger
_ALLOWED_SDS = 3  # between the printed mean and that of the time stamps


@dataclass(frozen=True)
class Measured:
    """What one phase gives.

    `windows` all but step 0; `warmup` how many of them are left out; `startup` steps of the step-0 lines;
    `estimate` None where nothing can be said; `summary` as a script prints one, `agrees` with the time stamps.
    """

    windows: Windows
    warmup: Warmup
    startup: int
    estimate: Estimate | None
    script: StepFormat | None
    summary: Summary | None = None
    agrees: bool = True

    def scale(self, phase: Phase) -> float | None:
        """Examples in the unit of the windows: the batch, or 1 where they count seconds per example.

        None where a batch size is needed and unknown: then there are step times, but no speeds.
        """
        if phase.batch:
            return phase.batch
        printed_speed_alone = not self.windows.steps and self.summary is None
        return 1.0 if printed_speed_alone or any(map(positive, phase.lines.values("rate"))) else None

    @cached_property
    def kept(self) -> Windows:
        """The windows that the estimate stands on."""
        return self.windows.after(self.warmup.cut)


def measure(phase: Phase) -> Measured:
    """Read one phase by the rules of its script."""
    script = phase.step_format
    if script is None:
        return Measured(Windows(), Warmup(0), 0, printed_speed(phase), None)
    windows = windows_of(script, phase.lines, phase.batch)
    if script.lines == "timestamps":
        return _from_summary(phase, windows, script)
    if script.lines == "cumulative" and not restarts(phase.lines):
        return _from_means(phase, windows, script)
    return _from_lines(phase, windows, script)


def printed_speed(phase: Phase) -> Estimate | None:
    """The speed that the table already holds, without an interval."""
    if not positive(phase.row.get("examples_per_second")):
        return None
    return Estimate((phase.batch or 1.0) / float(phase.row["examples_per_second"]))


def _from_summary(phase: Phase, windows: Windows, script: StepFormat) -> Measured:
    """Single steps: time stamps where they agree with the printed mean, else the printed mean and SD."""
    summary = summary_of(phase, script.seconds_quantum or 0.0)
    agrees = (
        summary is None
        or not windows.steps
        or abs(_with_first(phase, windows) - summary.mean) <= _allowed(summary, windows)
    )
    warmup = Warmup(slow_start(windows.seconds) if agrees else 0)
    estimate = from_windows(windows.after(warmup.cut), 0.0) if windows.steps and agrees else None
    if summary is not None and (estimate is None or len(windows) < FEW_WINDOWS):
        error = (
            (summary.sd + summary.quantum / 2) / math.sqrt(summary.steps) if summary.steps > 1 else math.inf
        )
        fallback = conservative(summary.mean, error, summary.quantum)
        estimate = fallback if math.isfinite(error) else Estimate(summary.mean, quantum=fallback.quantum)
    return Measured(windows, warmup, 0, estimate or printed_speed(phase), script, summary, agrees)


def _with_first(phase: Phase, windows: Windows) -> float:
    """The mean of the windows and of step 0, which is in none, but prints how long it took: it may be the slowest."""
    first, steps = phase.lines[0], sum(windows.steps)
    if first.step != 0 or first.seconds is None:
        return windows.mean()
    return (windows.mean() * steps + first.seconds) / (steps + 1)


def _allowed(summary: Summary, windows: Windows) -> float:
    """How far the mean of the time stamps may lie from the printed one, in seconds.

    Half a printed digit, and 3 standard deviations of what the steps outside all windows can do:
    (a/n)·SD·√(1/a + 1/N) for a steps outside and N inside.
    """
    inside = sum(windows.steps)
    outside = max(summary.steps - inside, 1)
    spread = (
        (summary.sd + summary.quantum / 2) * outside / summary.steps * math.sqrt(1 / outside + 1 / inside)
    )
    return summary.quantum / 2 + _ALLOWED_SDS * spread


def _from_means(phase: Phase, windows: Windows, script: StepFormat) -> Measured:
    """Cumulative means: the last one, of several workers what the table holds; its error from the windows.

    After a slow start it is the mean of the windows behind it.
    """
    known = phase.lines.where(lambda rate, step: positive(rate) and positive(step), "rate", "step")
    ranks = dict.fromkeys(known.values("rank"))
    last = {rank: known.where(partial(eq, rank), "rank")[-1] for rank in ranks}
    rate = math.fsum(float(x.rate or 0) for x in last.values())
    workers = whole(phase.run.get("ranks")) or 1
    same_step = len({x.step for x in last.values()}) == 1
    alone = len(last) == 1 and not windows.steps and _interleaved(phase)
    if not same_step or alone or _of_one_worker(phase, rate) or len(last) < workers:
        return Measured(windows, Warmup(0), 0, printed_speed(phase), script)
    quantum, batch = (script.rate_quantum or 0.0) * math.sqrt(len(last)), phase.batch or 1.0
    printed = number(phase.row.get("examples_per_second"))
    centre = batch / (printed if workers > 1 and printed else rate)
    cut = slow_start(windows.seconds)
    if cut:
        kept, steps = windows.after(cut), sum(windows.steps)
        in_kept = quantum_after(quantum * kept.mean() / batch, steps, steps - sum(kept.steps))
        of_kept = centre * kept.mean() / (batch / rate)
        return Measured(windows, Warmup(cut), 0, from_windows(kept, in_kept, of_kept), script)
    return Measured(windows, Warmup(0), 0, _of_all(last, windows, quantum, centre), script)


def _of_all(last: Mapping[int | None, StepLine], windows: Windows, quantum: float, centre: float) -> Estimate:
    """The mean of all steps, `centre` seconds, with the error that windows or printed standard errors give it."""
    rate = sum(float(x.rate or 0) for x in last.values())
    if len(windows) >= FEW_WINDOWS:
        return from_windows(windows, quantum / rate, centre)
    errors = [number(x.sem) for x in last.values() if whole(x.step) > 1]
    if len(errors) == len(last) and None not in errors:
        error = math.sqrt(math.fsum(((e or 0) + quantum / 2 / math.sqrt(len(last))) ** 2 for e in errors))
        return conservative(rate, error, quantum)._replace(seconds=centre)
    return Estimate(centre, quantum=quantum / rate)


def _of_one_worker(phase: Phase, rate: float) -> bool:
    """Whether the total is that of a whole job, and the step lines are those of some of its workers."""
    total = number(phase.row.get("end_to_end_examples_per_second"))
    return total is not None and rate > 0 and total / rate > _WORKERS


def _interleaved(phase: Phase) -> bool:
    """Whether a step number is printed twice: workers without a prefix, or a restart."""
    steps = phase.lines.values("step")
    if all(None not in two and two[0] < two[1] for two in pairwise(steps)):
        return False
    return len(set(phase.lines.values("step"))) < len(phase.lines)


def _from_lines(phase: Phase, windows: Windows, script: StepFormat) -> Measured:
    """Means since the line before, and scripts we do not know: the windows after step 0 and the warm-up.

    Step 0 is one as any other where the warm-up is not printed.
    """
    startup = sum(1 for end in windows.ends if end == 0 and script.warms_up)
    rest = windows.at(i for i, end in enumerate(windows.ends) if end != 0 or not script.warms_up)
    if not rest.steps:
        return Measured(rest, Warmup(0), startup, printed_speed(phase), script)
    warmup = warm_up(rest.seconds, starts_cold=startup > 0) if script.warms_up else Warmup(0)
    kept = rest.after(warmup.cut)
    mean = kept.mean()
    quantum = rounding_of(script, phase.batch or 1.0, mean)
    estimate = from_windows(kept, quantum)
    if not warmup.settled:
        estimate = Estimate(mean, quantum=quantum)
    return Measured(rest, warmup, startup, estimate, script)
