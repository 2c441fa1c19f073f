"""The words of remarks and reasons: analysis says what kind they are and gives values, here they become sentences."""

from collections.abc import Mapping
from typing import Any

from logreport.analysis.results import Comparison, Difference, Remark
from logreport.tables.findings import message_of

PER_EXAMPLE = "speed per example, whatever the batch size"
_TEXTS = {
    "baseline-with": "the baseline is the slowest run with {}",
    "baseline-complete-cpu": "the baseline is the slowest complete CPU run of this workload",
    "baseline-cpu": "the baseline is the slowest CPU run of this workload",
    "baseline-any": "the baseline is the slowest run of this workload",
    "per-example": PER_EXAMPLE,
    "runs-vary": "the verdict assumes that runs vary by {}; repeats on two days or more would measure it",
    "days-vary": "the verdict assumes that runs of different days vary by {}; repeats on two days or more would measure it",
    "days-weighted": "every day of runs counts as one, however many runs it has",
    "holm": "different alone, but not among {} comparisons (Holm)",
    "ranks": "Mann–Whitney over {} and {} runs: p = {:.3g}, medians {:.4g} and {:.4g}",
    "layer": "layers-differ: {} is {} against {}",
    "set-ups-differ": "the set-ups differ: {}",
    "total-against-steps": "total images/sec on one side, step lines on the other",
    "published": "no interval: a published number has none",
    "too-few-steps": "no interval: a run has too few steps, or only a total",
    "other-network": "layer {} {} vs {}",
    "same-run": "the same run stands on both sides",
    "equally-near": "{} holds {} set-ups that are equally near ({}); compare them one by one, or give repeats one command "
    "line or names with a running number",
    "no-batch-size": "the batch size is not in the log",
    "no-benchmark": "nothing of {1} in {0}",
    "nearest": "no such set-up in {}",
}
_NAMED = 3  # set-ups that are named where several would do
_WORDS = 80  # characters of a command that are shown


def why(comparison: Comparison) -> str:
    """Why two sides cannot be compared, or why their ratio has no interval; empty where nothing is amiss."""
    if comparison.differences:
        return ", ".join(f"{d.field} {values(d, 'vs')}" for d in comparison.differences)
    return text(comparison.reason) if comparison.reason else ""


def verdict(comparison: Comparison) -> str:
    return f"the same {within(comparison)}" if comparison.verdict == "the same" else comparison.verdict


def within(comparison: Comparison) -> str:
    """The margin that is called the same."""
    return f"within {(comparison.margin or 0.0) * 100:g} %"


def notes(comparison: Comparison) -> tuple[str, ...]:
    return tuple(map(text, comparison.remarks))


def values(difference: Difference, between: str) -> str:
    """Both values of a difference, ours first: `32 against 128`; what neither log says is said once."""
    if difference.ours is None and difference.theirs is None:
        return _said(None)
    return f"{_said(difference.ours)} {between} {_said(difference.theirs)}"


def text(remark: Remark) -> str:
    """A remark, or a reason, in words.

    >>> text(Remark("holm", (30,)))
    'different alone, but not among 30 comparisons (Holm)'
    """
    given = remark.values
    match remark.kind:
        case "finding":
            return f"{given[0]}: {given[1]}: {message_of(finding_of(remark))}"
        case "runs-vary" | "days-vary":
            given = (f"{given[0] * 100:g} % (SD)",)
        case "set-ups-differ":
            given = (", ".join(map(_changed, given)),)
        case "equally-near":
            label, *setups = given
            named = [*setups[:_NAMED], *(["…"] if setups[_NAMED:] else [])]
            given = (label, len(setups), "; ".join(named))
        case "nearest" if given[1:]:
            unlike = (f"{_words(d.field)} {_said(d.theirs)} instead of {_said(d.ours)}" for d in given[1:])
            return f"the nearest in {given[0]} has {', '.join(unlike)}"
    return _TEXTS[remark.kind].format(*given)


def finding_of(remark: Remark) -> Mapping[str, Any]:
    """The finding that a remark passes on, as a row of the findings."""
    return dict(zip(("code", "details", "message"), remark.values[1:], strict=True))


def _changed(difference: Difference) -> str:
    """How a set-up differs from its baseline, which comes first."""
    if difference.field == "command":
        theirs, ours = (only[:_WORDS] or "nothing" for only in (difference.theirs, difference.ours))
        return f"in the command {theirs} against {ours}"
    return f"{_words(difference.field)} {_said(difference.theirs)} against {_said(difference.ours)}"


def _words(field: str) -> str:
    return field.replace("_", " ")


def _said(value: object) -> str:
    return "not in the log" if value is None else str(value)
