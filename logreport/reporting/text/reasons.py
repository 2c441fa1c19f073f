"""The words of remarks and reasons: analysis says what kind they are and gives values, here they become sentences."""

from logreport.analysis.results import Comparison, Difference, Remark

PER_EXAMPLE = "speed per example, whatever the batch size"
_NAMED = 3  # set-ups that are named where several would do
_WORDS = 80  # characters of a command that are shown


def why(comparison: Comparison) -> str:
    """Why two sides cannot be compared, or why their ratio has no interval; empty where nothing is amiss."""
    if comparison.differences:
        return ", ".join(f"{d.field} {values(d, 'vs')}" for d in comparison.differences)
    return text(comparison.reason) if comparison.reason else ""


def notes(comparison: Comparison) -> tuple[str, ...]:
    """All remarks on a comparison."""
    return tuple(map(text, comparison.remarks))


def values(difference: Difference, between: str) -> str:
    """Both values of a difference, ours first: `32 against 128`; what neither log says is said once."""
    if difference.ours is None and difference.theirs is None:
        return _said(None)
    return f"{_said(difference.ours)} {between} {_said(difference.theirs)}"


def text(remark: Remark) -> str:  # noqa: C901, PLR0911, PLR0912 -- one line a kind
    """A remark, or a reason, in words."""
    match remark.kind, remark.values:
        case "baseline-with", (expression,):
            return f"the baseline is the slowest run with {expression}"
        case "baseline-complete-cpu", ():
            return "the baseline is the slowest complete CPU run of this workload"
        case "baseline-cpu", ():
            return "the baseline is the slowest CPU run of this workload"
        case "baseline-any", ():
            return "the baseline is the slowest run of this workload"
        case "per-example", ():
            return PER_EXAMPLE
        case "runs-vary", (variation,):
            return _assumed("runs vary", variation)
        case "days-vary", (variation,):
            return _assumed("runs of different days vary", variation)
        case "days-weighted", ():
            return "every day of runs counts as one, however many runs it has"
        case "holm", (count,):
            return f"different alone, but not among {count} comparisons (Holm)"
        case "ranks", (ours, theirs, p, median, other):
            return f"Mann–Whitney over {ours} and {theirs} runs: p = {p:.3g}, medians {median:.4g} and {other:.4g}"
        case "finding", (where, code, message):
            return f"{where}: {code}: {message}"
        case "layer", (layer, ours, theirs):
            return f"layers-differ: {layer} is {ours} against {theirs}"
        case "set-ups-differ", unlike:
            return f"the set-ups differ: {', '.join(map(_changed, unlike))}"
        case "total-against-steps", ():
            return "total images/sec on one side, step lines on the other"
        case "published", ():
            return "no interval: a published number has none"
        case "too-few-steps", ():
            return "no interval: a run has too few steps, or only a total"
        case "other-network", (layer, ours, theirs):
            return f"layer {layer} {ours} vs {theirs}"
        case "same-run", ():
            return "the same run stands on both sides"
        case "equally-near", (label, *setups):
            shown = "; ".join([*setups[:_NAMED], *(["…"] if setups[_NAMED:] else [])])
            return (
                f"{label} holds {len(setups)} set-ups that are equally near ({shown}); compare them one by one, or "
                "give repeats one command line or names with a running number"
            )
        case "no-batch-size", ():
            return "the batch size is not in the log"
        case "no-benchmark", (label, benchmark):
            return f"nothing of {benchmark} in {label}"
        case "nearest", (label,):
            return f"no such set-up in {label}"
        case "nearest", (label, *unlike):
            shown = ", ".join(
                f"{_words(d.field)} {_said(d.theirs)} instead of {_said(d.ours)}" for d in unlike
            )
            return f"the nearest in {label} has {shown}"
    raise ValueError(remark)


def _assumed(what: str, variation: float) -> str:
    how_much = f"{variation * 100:g} % (SD)"
    return f"the verdict assumes that {what} by {how_much}; repeats on two days or more would measure it"


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
