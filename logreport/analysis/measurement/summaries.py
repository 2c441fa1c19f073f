"""The summary line that gives mean and SD of single steps, and what old checkouts got wrong in it."""

import math
from dataclasses import dataclass

from logreport.analysis.measurement.numbers import number, positive
from logreport.analysis.measurement.phases import Phase, whole

_FEW = 10  # an old checkout prints no step line at all up to this many steps
_MOST_SD = 1.5  # times mean/√(n−1); more is a noisy run, not the old formula


@dataclass(frozen=True)
class Summary:
    """Mean and population SD of the step times (s) over `steps`, corrected where `printed_mean` was too low."""

    mean: float
    sd: float
    steps: int
    quantum: float
    printed_mean: float
    corrected: bool = False


def summary_of(phase: Phase, quantum: float) -> Summary | None:
    """The summary of a phase, or None where it has none that can be used."""
    mean, sd = number(phase.row.get("seconds_per_batch")), number(phase.row.get("seconds_per_batch_sd"))
    steps = whole(phase.row.get("n_steps"))
    if mean is None or not positive(mean) or steps < 1:
        return None
    plain = Summary(mean, max(0.0, sd or 0.0), steps, quantum, mean)
    return corrected(plain) if _is_old(phase, plain) else plain


def _is_old(phase: Phase, summary: Summary) -> bool:
    """Whether n−1 step times were divided by n: no step 0, and an SD of mean/√(n−1) or a little more.

    The old script takes mean² of the wrong mean from E[x²]: SD² = (n−1)/n·σ² + mean²/(n−1).
    """
    if summary.steps < 2 or 0 in phase.lines.values("step"):
        return False
    if summary.steps > _FEW and not any(seconds is not None for seconds in phase.lines.values("seconds")):
        return False
    least = summary.mean / math.sqrt(summary.steps - 1)
    slack = summary.quantum / 2 * (1 + 1 / math.sqrt(summary.steps - 1))
    return least - slack <= summary.sd <= _MOST_SD * least + slack


def corrected(summary: Summary) -> Summary:
    """True mean = printed·n/(n−1); true variance = n/(n−1)·(SD² + printed²) − true mean²."""
    n = summary.steps
    mean = summary.mean * n / (n - 1)
    variance = n / (n - 1) * (summary.sd**2 + summary.mean**2) - mean**2
    sd = math.sqrt(max(0.0, variance))
    return Summary(mean, sd, n, summary.quantum * n / (n - 1), summary.mean, corrected=True)
