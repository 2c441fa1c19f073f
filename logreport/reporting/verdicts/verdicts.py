"""What a comparison of labels comes to, with a limit or without: frozen data and an exit status that never flatters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from logreport.analysis.comparison.labelled import Alone, Labelled, Matched
from logreport.analysis.results import Comparison, GeometricMean
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import reasons
from logreport.reporting.text.wording import on_both_data
from logreport.tables.tables import Tables

FINE, REGRESSION, UNDECIDED = 0, 3, 4
_SURE = 0.05


@dataclass(frozen=True)
class Row:
    """One workload in two labels; `outcome` is the exit status that it alone would give, `why` its reason."""

    matched: Matched
    outcome: int
    why: str = ""


@dataclass(frozen=True)
class Silent:
    """A run that gave no speed: where it begins, its label, and how it ended."""

    source: str
    line: int
    label: str
    status: str
    reason: str | None


@dataclass(frozen=True)
class Verdicts:
    """All comparisons of labels, what could not be compared, and what they were judged by.

    Args:
        labels: the paths of each label, the baseline first.
        rows: what could be put side by side.
        alone: what only one label ran.
        means: geometric mean of the ratios of each label.
        silent: runs that gave no speed at all.
        margin: relative difference that is called the same.
        run_variation: assumed relative SD from run to run.
        fail_under: lowest relative change that is accepted; None: any.
    """

    labels: Mapping[str, tuple[str, ...]]
    rows: tuple[Row, ...]
    alone: tuple[Alone, ...]
    means: tuple[GeometricMean, ...]
    silent: tuple[Silent, ...]
    margin: float
    run_variation: float
    fail_under: float | None

    @property
    def baseline(self) -> str:
        """The label that the others are divided by."""
        return next(iter(self.labels))

    @cached_property
    def both_data(self) -> frozenset[str]:
        """The scripts that ran on real and on synthetic data: the names of their workloads say which."""
        workloads = [row.matched.comparison.workload for row in self.rows] + [a.workload for a in self.alone]
        return on_both_data((w.benchmark, w.dataset) for w in workloads)

    @property
    def missing(self) -> tuple[Alone, ...]:
        """What the baseline ran and another label did not."""
        return tuple(a for a in self.alone if a.side.label == self.baseline)

    @property
    def exit_status(self) -> int:
        """3 where a slowdown beyond the limit is shown, 4 where anything could not be decided, else 0."""
        outcomes = {row.outcome for row in self.rows}
        if REGRESSION in outcomes:
            return REGRESSION
        return UNDECIDED if UNDECIDED in outcomes or self.missing or not self.rows else FINE


def silent_runs(tables: Tables, labels: Mapping[str, str]) -> list[Silent]:
    """Runs of the labels that gave no speed, and why."""
    spoke = {
        (row["run_id"], row["source"])
        for row in tables.rows("phases")
        if (row["examples_per_second"] or 0) > 0
    }
    return [
        Silent(run["source"], run["first_line"], labels[run["source"]], run["status"], run["status_reason"])
        for run in tables.rows("runs")
        if run["source"] in labels and (run["run_id"], run["source"]) not in spoke
    ]


def judge(
    found: Labelled,
    labels: Mapping[str, tuple[str, ...]],
    *,
    silent: Sequence[Silent],
    margin: float,
    run_variation: float,
    fail_under: float | None,
) -> Verdicts:
    """Hold comparisons against the limit."""
    rows = tuple(Row(matched, *outcome(matched.comparison, fail_under)) for matched in found.matched)
    return Verdicts(labels, rows, found.alone, found.means, tuple(silent), margin, run_variation, fail_under)


def outcome(comparison: Comparison, fail_under: float | None) -> tuple[int, str]:
    """The exit status of one comparison, and why it is not 0.

    The whole 95 % interval, variation from run to run included, must lie on one side of the limit. Below it (and
    different at all, among all comparisons): a regression. Above it: fine. Across it: undecided.
    """
    low, high = comparison.low, comparison.high
    if comparison.ratio is None:
        return UNDECIDED, f"not comparable: {reasons.why(comparison)}"
    if low is None or high is None:
        return UNDECIDED, reasons.why(comparison)
    if fail_under is None:
        return FINE, ""
    limit = 1 + fail_under
    sure = limit >= 1 or (comparison.p is not None and comparison.p < _SURE)
    if high < limit and sure:
        return REGRESSION, f"slower than the limit of {percent(fail_under)} %, as far as its whole interval"
    if low >= limit:
        return FINE, ""
    where = "reaches across" if high >= limit else "is below, but not surely among so many comparisons,"
    return UNDECIDED, (
        f"the interval {where} the limit of {percent(fail_under)} %: too few samples; measure longer, and repeat each "
        "side on two days or more"
    )


def change(ratio: float | None, decimals: int = 1) -> str:
    """A ratio as a change in percent, with its sign: 1.016 is `+1.6`.

    >>> change(1.016), change(1.0001)
    ('+1.6', '0.0')
    """
    if ratio is None or not fmt.usable(ratio):
        return fmt.MISSING
    text = fmt.fixed((ratio - 1) * 100, decimals)
    if not text.strip("\N{MINUS SIGN}0."):
        return text.lstrip("\N{MINUS SIGN}")
    return text if ratio < 1 else f"+{text}"


def percent(share: float) -> str:
    """A limit as it was given: -0.05 is `−5`.

    >>> percent(-0.05), percent(0.025)
    ('−5', '+2.5')
    """
    return f"{round(share * 100, 6):+g}".replace("-", "\N{MINUS SIGN}")
