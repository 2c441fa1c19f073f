"""The words of remarks and reasons: analysis says what kind they are and gives values, here they become sentences."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from logreport.analysis.comparison.sides import FRAMEWORKS
from logreport.analysis.results import Comparison, Difference, Remark
from logreport.tables.findings import message_of

PER_EXAMPLE = "speed per example, whatever the batch size"
_TEXTS = {
    "baseline-with": "the baseline is the run with {} whose set-up is nearest",
    "baseline-device": "the baseline is {}; no device shares more workloads with others",
    "baseline-next": "on what {} did not run, the baseline is the device that shares most workloads after it",
    "baseline-set-up": "the baseline of each workload is the set-up that ran most of the workloads",
    "baseline-unknown": "the baseline is a run whose device is not in the log",
    "best-batch": "speed per example, each at its best batch size: they share none",
    "faster-otherwise": "another set-up of {} is {} as fast{}",
    "unlike": "the set-ups differ: {}",
    "named": "the set-ups differ: {}",
    "machines-differ": "{}",
    "mixed-precision": "both in mixed precision",
    "other-device": "the devices differ, {} against {}; --ignore device holds the limit against them all the same",
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
_FEW = 2  # facts that are told with their values, where there is little room
_NAMED = 3  # set-ups that are named where several would do
_WORDS = 80  # characters of a command that are shown


def why(comparison: Comparison) -> str:
    """Why two sides cannot be compared, or why their ratio has no interval; empty where nothing is amiss."""
    if comparison.differences:
        return ", ".join(f"{d.field} {values(d, 'vs')}" for d in comparison.differences)
    return text(comparison.reason) if comparison.reason else ""


def verdict(comparison: Comparison) -> str:
    """The verdict; where an interval leaves out 1, but one of so many does so by chance, that is the verdict."""
    if comparison.verdict == "the same":
        return f"the same {within(comparison)}"
    return f"not shown {counted}" if (counted := among(comparison)) else comparison.verdict


def among(comparison: Comparison) -> str:
    """Among how many comparisons a difference is not shown that would be shown alone; else empty."""
    return next((f"among {r.values[0]} comparisons" for r in comparison.remarks if r.kind == "holm"), "")


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
        case "unlike" | "named" | "machines-differ":
            given = (facts(given),)
        case "faster-otherwise":
            device, ratio, found = given
            given = (device, f"{ratio:.3g}×", f" ({facts_in_short(found)})" if found else "")
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


def facts(differences: Sequence[Difference]) -> str:
    """In which facts two set-ups differ, ours first: `TensorFlow 2.2 against 1.15, with XLA against without`."""
    return ", ".join(_fact(d.field, d.ours, d.theirs) for d in _joined(differences))


def facts_in_short(differences: Sequence[Difference]) -> str:
    """The same, and of many facts the names alone."""
    found = _joined(differences)
    return facts(found) if len(found) <= _FEW else ", ".join(dict.fromkeys(name_of(d.field) for d in found))


def name_of(field: str) -> str:
    """What a fact of a set-up is called where only its name is told."""
    return _CALLED.get(field) or _ON_OR_OFF.get(field) or _words(field)


def _joined(differences: Sequence[Difference]) -> list[Difference]:
    """Differences with the values of one fact against the same other in one, on either side.

    TensorFlow 1.15 or 2.4 against 2.3, TensorFlow 2.3 against 1.15 or 2.2.
    """
    ours: dict[tuple[str, Any], list[Any]] = defaultdict(list)
    for d in differences:
        ours[d.field, d.theirs].append(d.ours)
    theirs: dict[tuple[str, Any], list[Any]] = defaultdict(list)
    for (field, other), values in ours.items():
        theirs[field, _either(values)].append(other)
    return [Difference(field, one, _either(values)) for (field, one), values in theirs.items()]


def _either(values: Sequence[Any]) -> Any:  # noqa: ANN401 - any value of a fact
    return values[0] if len(values) == 1 else " or ".join(sorted(map(_said, values)))


def _changed(difference: Difference) -> str:
    """How a set-up differs from its baseline, which comes first."""
    if difference.field == "command":
        theirs, ours = (only[:_WORDS] or "nothing" for only in (difference.theirs, difference.ours))
        return f"in the command {theirs} against {ours}"
    return _fact(difference.field, difference.theirs, difference.ours)


_ON_OR_OFF = {"xla": "XLA", "mixed_precision": "mixed precision", "distortions": "distortions"}
_CALLED = {"framework_version": "TensorFlow", "framework": "", "interconnect": "", "driver_version": "driver"}


def _fact(field: str, one: object, two: object) -> str:
    """Two values of a fact.

    >>> _fact("xla", True, False), _fact("framework_version", "2.2", "1.15"), _fact("threads", 4, 1)
    ('with XLA against without', 'TensorFlow 2.2 against 1.15', '4 threads against 1')
    """
    if field in _ON_OR_OFF and isinstance(one, bool) and isinstance(two, bool):
        first, second = ("with" if on else "without" for on in (one, two))
        return f"{first} {_ON_OR_OFF[field]} against {second}"
    if field == "threads":
        return f"{_said(one)} thread{'' if str(one) == '1' else 's'} against {_said(two)}"
    return f"{_CALLED.get(field, _words(field))} {_said(one)} against {_said(two)}".strip()


def setting(field: str, value: object, framework: str = "TensorFlow") -> str:
    """A fact of a set-up.

    >>> setting("xla", False), setting("framework_version", "2.2"), setting("threads", 1), setting("optimizer", "sgd")
    ('no XLA', 'TensorFlow 2.2', '1 thread', 'sgd')
    """
    if field in _ON_OR_OFF and value is not None:
        return f"{'' if str(value) == 'True' else 'no '}{_ON_OR_OFF[field]}"
    if field == "framework_version":
        return f"{framework} {_said(value)}"
    if field == "threads":
        return f"{_said(value)} thread{'' if str(value) == '1' else 's'}"
    return _said(value)


def _words(field: str) -> str:
    return field.replace("_", " ")


def _said(value: object) -> str:
    return "not in the log" if value is None else FRAMEWORKS.get(str(value), str(value))
