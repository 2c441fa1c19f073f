"""Words for workloads, devices and verdicts: what a person would say about two speeds."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import zip_longest
from statistics import median
from typing import Any

from logreport.analysis.comparison.sides import FRAMEWORKS
from logreport.analysis.results import Comparison, Difference, GeometricMean, Remark, Side, Workload
from logreport.reporting.report import Ref, Sentence, Span
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import reasons
from logreport.scripts import COMMAND, official
from logreport.tables.findings import what_of

MODELS = {
    "alexnet": "AlexNet", "cifar10": "CIFAR-10", "deepspeech2": "DeepSpeech2", "densenet121": "DenseNet-121",
    "googlenet": "GoogLeNet", "inception3": "Inception v3", "inception4": "Inception v4",
    "inceptionv3": "Inception v3", "lenet": "LeNet", "lenet5": "LeNet-5", "mnist": "MNIST", "mobilenet": "MobileNet",
    "nasnet": "NASNet", "nasnetlarge": "NASNet large", "overfeat": "OverFeat", "trivial": "trivial model",
    "vgg11": "VGG-11", "vgg16": "VGG-16", "vgg19": "VGG-19",
}  # fmt: skip
PHASES = {"forward_backward": "forward-backward"}
NO_DEVICE = "unknown device"
_RESNET = re.compile(r"resnet[-_ ]?(\d+)(?:[-_ ]?(v\d[\d.]*))?", re.IGNORECASE)
_KINDS = (["CPU"], ["GPU"], ["TPU"])


@lru_cache(maxsize=1000)  # few are said very often
def model_name(name: str | None) -> str:
    """A network as its readers write it: `resnet50` is ResNet-50; a name that is not known stays."""
    if not name:
        return "unnamed model"
    text = fmt.clean(name)
    if found := _RESNET.fullmatch(text):
        return f"ResNet-{found[1]} {(found[2] or '').lower()}".strip()
    return MODELS.get(text.lower().replace("-", "").replace("_", ""), text)


def framework_name(name: str | None) -> str:
    return fmt.clean(FRAMEWORKS.get(name or "", name or "Framework"))


def phase_name(phase: str | None) -> str:
    return PHASES.get(phase or "", fmt.clean(phase or "").replace("_", " "))


def speed_unit(benchmarks: Sequence[str | None], items: Sequence[str | None] = ()) -> str:
    """The unit of speed: images/s, examples/s, runs/s."""
    return f"{counted(benchmarks, items)}/s"


def counted(benchmarks: Sequence[str | None], items: Sequence[str | None] = ()) -> str:
    """What is counted: what all runs count, runs of commands that are only timed, else examples.

    Args:
        benchmarks: of each run; images of scripts that read them.
        items: what each run says that its speed counts.
    """
    if benchmarks and set(benchmarks) == {COMMAND.name}:
        return "runs"
    found = {
        item or ("images" if official(benchmark).images else "examples")
        for benchmark, item in zip_longest(benchmarks, items)
    }
    return found.pop() if len(found) == 1 else "examples"


def unit_name(unit: str | None) -> str:
    """A unit as the report writes it: `images/sec` is images/s."""
    text = fmt.clean(unit or "")
    return text[:-2] if text.endswith("/sec") else text


def data_name(dataset: str | None) -> str:
    """Whether a data set is real or made up; empty for none.

    >>> data_name("imagenet"), data_name("cifar10 (random data)")
    ('real data', 'synthetic data')
    """
    if not dataset:
        return ""
    made_up = any(word in dataset.lower() for word in ("synthetic", "random"))
    return "synthetic data" if made_up else "real data"


def on_both_data(workloads: Iterable[tuple[str | None, str | None]]) -> frozenset[str]:
    """The scripts that ran on real and on synthetic data, of some pairs of script and data set: names say which it was."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for benchmark, dataset in workloads:
        if name := data_name(dataset):
            kinds[benchmark or ""].add(name)
    return frozenset(benchmark for benchmark, names in kinds.items() if len(names) > 1)


def details(
    *,
    batch_size: int | None,
    precision: str | None,
    num_devices: int | None = None,
    item: str | None = None,
    data: str = "",
) -> str:
    """What stands in brackets after a workload: batch size, and precision, devices, data and what is counted where unusual."""
    known = [f"batch {batch_size}"] if batch_size is not None else []
    known += [fmt.clean(precision)] if precision and precision not in ("fp32", "float32") else []
    known += [f"{num_devices} devices"] if num_devices and num_devices > 1 else []
    known += [f"in {item}"] if item not in (None, "images", "examples") else []
    return ", ".join([*known, data] if data else known)


def workload_name(workload: Workload) -> str:
    """A workload without its brackets: `AlexNet forward`."""
    return f"{model_name(workload.model or workload.benchmark)} {phase_name(workload.phase)}".strip()


@lru_cache(maxsize=10_000)
def workload_text(workload: Workload, both_data: frozenset[str] = frozenset()) -> str:
    """A workload in a sentence: `AlexNet forward (batch 128)`.

    Args:
        workload: what to name.
        both_data: the scripts that ran on real and on synthetic data, so that it is said which.
    """
    inside = details(
        batch_size=None if workload.benchmark == COMMAND.name else workload.batch_size,  # it is of one run
        precision=workload.precision,
        num_devices=workload.num_devices,
        item=workload.item,
        data=data_name(workload.dataset) if workload.benchmark in both_data else "",
    )
    return workload_name(workload) + (f" ({inside})" if inside else "")


def device_name(row: Mapping[str, Any]) -> str:
    if row.get("device"):
        return fmt.clean(row["device"])
    return f"{NO_DEVICE} ({fmt.clean(row['source'])})" if row.get("source") else NO_DEVICE


def the(name: str, device: str | None) -> str:
    """A device inside a sentence: products go without an article, a kind or an unknown device with one.

    >>> the("tensorflow cpu", "tensorflow cpu"), the("GeForce GTX 1060 6GB", "GeForce GTX 1060 6GB"), the("unknown device", None)
    ('the tensorflow cpu', 'GeForce GTX 1060 6GB', 'the unknown device')
    """
    return f"the {name}" if not device or device.upper().split()[-1:] in _KINDS else name


def the_side(side: Side) -> str:
    """One side of a comparison inside a sentence: with an article only where its name ends with its device."""
    label = fmt.clean(side.label)
    return label if side.device and side.name[1:] else the(label, side.device)


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _refs(side: Side) -> tuple[Ref, ...]:
    return tuple(Ref(source, line) for source, line in side.sources[:3])


def is_corrected(comparison: Comparison) -> bool:
    """Whether the ratio differs, as shown, from that of the printed numbers."""
    printed = comparison.ratio_as_printed
    return printed is not None and fmt.ratio(printed) != fmt.ratio(comparison.ratio)


def as_fast(one: str, ratio: float, other: str) -> str:
    """Which is faster, and by how much; the faster one comes first.

    >>> as_fast("the GPU", 31.2, "the CPU")
    'The GPU is 31.2× as fast as the CPU'
    """
    return f"{capital(one)} is {fmt.ratio_not_1(ratio)} as fast as {other}"


def _is_unsure(comparison: Comparison) -> bool:
    """Whether there is a ratio and no interval for it: then no verdict can be given, only the ratio."""
    return comparison.ratio is not None and (comparison.low is None or comparison.high is None)


def is_gain(comparison: Comparison) -> bool:
    """Whether the side is shown to be faster, or is and has no interval that says otherwise."""
    return comparison.verdict == "faster" or (_is_unsure(comparison) and (comparison.ratio or 0.0) > 1)


def verdict(comparison: Comparison) -> str:
    """The verdict as the comparison table shows it."""
    if _is_unsure(comparison) and comparison.verdict == "no difference shown":
        return "no interval"
    return reasons.verdict(comparison)


def _first_of(devices: int, side: str, head: str) -> str:
    """The beginning of a sentence on a side that comes first of so many devices; of 0 nothing is said of others."""
    return f"Of {devices} devices {side} comes first: {head[:1].lower()}{head[1:]}" if devices else head


def _headline(comparison: Comparison, ratio: float, first_of: int) -> str:
    side, baseline = the_side(comparison.side), the_side(comparison.baseline)
    head = _whether_faster(comparison, ratio, "it" if first_of else side, baseline)
    return _first_of(first_of, side, head)


def _whether_faster(comparison: Comparison, ratio: float, side: str, baseline: str) -> str:
    if _is_told(comparison, ratio):
        return as_fast(side, ratio, baseline)
    if comparison.verdict == "the same":
        return f"{capital(side)} and {baseline} are equally fast {reasons.within(comparison)}"
    if among := reasons.among(comparison):
        return f"That {side} is faster than {baseline} is not shown {among}"
    return f"No difference shown between {side} and {baseline}"


def _is_told(comparison: Comparison, ratio: float) -> bool:
    """Whether the headline itself says how much faster."""
    if _is_unsure(comparison):
        return fmt.ratio(ratio) != fmt.ratio(1.0)
    return comparison.verdict in ("faster", "slower")


def _certainty(comparison: Comparison) -> str:
    interval = fmt.interval(comparison.low, comparison.high, fmt.TIMES)
    return f"95 % interval {interval}" if interval != fmt.MISSING else ""


_GENERAL = {
    "baseline-with", "baseline-device", "baseline-next", "baseline-set-up", "baseline-unknown", "runs-vary",
    "days-vary", "per-example",
}  # fmt: skip
_ELSEWHERE = {
    "finding",
    "layer",
    "named",
    "best-batch",
    "faster-otherwise",
}  # in the list of findings, where marks lead to, or in the sentence
FASTER = 1.25  # times as fast is another set-up that is told
_CORRECTIONS = {"summary-contradicts-steps", "slow-start"}


def is_general(remark: Remark) -> bool:
    """Whether a remark is on how comparisons are made: said once for all."""
    return remark.kind in _GENERAL


def remark(made: Remark) -> str:
    """How comparisons were made: this stands under the table, once for all."""
    return capital(fmt.clean(reasons.text(made)))


def _told(comparison: Comparison) -> list[str]:
    """Remarks that belong into the sentence."""
    return [
        fmt.clean(reasons.text(r)).rstrip(".")
        for r in comparison.remarks
        if not is_general(r) and r.kind not in _ELSEWHERE
    ]


def _reason(comparison: Comparison) -> str:
    """Why a number was corrected."""
    findings = (reasons.finding_of(r) for r in comparison.remarks if r.kind == "finding")
    return fmt.clean(next((what_of(f) for f in findings if f["code"] in _CORRECTIONS), ""))


def _tail(comparison: Comparison, unit: str, told: set[str]) -> str:
    """What follows the two speeds: how sure the ratio is, what the logs printed where that was corrected, notes."""
    notes, sure, corrected = _told(comparison), _certainty(comparison), is_corrected(comparison)
    if sure:
        much = "" if _is_told(comparison, comparison.ratio or 1.0) else f"{fmt.ratio(comparison.ratio)}, "
        tail = f"{unit}; {much}{sure}."
    else:
        why = fmt.clean(reasons.why(comparison)) if _is_unsure(comparison) else ""
        tail = f"{unit}{'' if corrected else ' as printed'}{f'; {why}' if why else ''}."
    if corrected:
        reason = _reason(comparison)
        because = "" if reason in told else _because(reason)
        told.add(reason)
        mine, theirs = fmt.pair(comparison.side.as_printed, comparison.baseline.as_printed)
        tail += f" As printed {fmt.ratio(comparison.ratio_as_printed)} ({mine} against {theirs}){because}."
    notes += faster_otherwise([comparison])
    return tail + "".join(f" {capital(note)}." for note in notes)


def faster_otherwise(group: Sequence[Comparison]) -> list[str]:
    """Of each device that is far faster in a set-up that is not like that of the other device: that it is, on the mean."""
    found: dict[str, list[tuple[float, tuple[Difference, ...]]]] = defaultdict(list)
    for device, ratio, differences in (
        r.values for c in group for r in c.remarks if r.kind == "faster-otherwise"
    ):
        found[device].append((math.log(ratio), differences))
    told = []
    for device, others in found.items():
        ratio = math.exp(math.fsum(log for log, _ in others) / len(group))
        differences = tuple(dict.fromkeys(d for _, unlike in others for d in unlike))
        if ratio >= FASTER:
            told.append(fmt.clean(reasons.text(Remark("faster-otherwise", (device, ratio, differences)))))
    return told


def answer(
    comparison: Comparison,
    unit: str,
    told: set[str] | None = None,
    both_data: frozenset[str] = frozenset(),
    first_of: int = 0,
) -> Sentence:
    """The sentence that answers: which is faster, by how much, on what, how sure.

    Args:
        comparison: what to say.
        unit: of the two speeds.
        told: reasons of corrections that were given before; this one's is added.
        both_data: as for `workload_text`.
        first_of: of so many devices the side comes first; 0: nothing is said of others.
    """
    if comparison.ratio is None:
        return no_answer(comparison, both_data)
    side, baseline = comparison.side, comparison.baseline
    mine, theirs = fmt.pair(side.speed.value, baseline.speed.value)
    return (
        Span(_headline(comparison, comparison.ratio, first_of), strong=True),
        Span(f" on {workload_text(comparison.workload, both_data)}{_at_best(comparison)}: "),
        Span(mine, refs=_refs(side)),
        Span(" against "),
        Span(theirs, refs=_refs(baseline)),
        Span(f" {_tail(comparison, unit, set() if told is None else told)}"),
    )


_FIELDS = {"batch_size": "batch size", "num_devices": "number of devices", "dataset": "data set"}


def _differences(comparison: Comparison) -> list[tuple[str, str]]:
    """What stands between two sides, as (field in words, its two values)."""
    if comparison.reason and comparison.reason.kind == "other-network":
        layer, ours, theirs = map(fmt.clean, comparison.reason.values)
        return [("layer", f"{layer} {ours} against {theirs}")]
    return [
        (_FIELDS.get(d.field, d.field), fmt.clean(reasons.values(d, "against")))
        for d in comparison.differences
    ]


def differing(comparison: Comparison) -> str:
    """The fields that differ: `model and batch size`."""
    return fmt.listed([field for field, _ in _differences(comparison)], most=3) or "workload"


def no_answer(comparison: Comparison, both_data: frozenset[str] = frozenset()) -> Sentence:
    """The sentence for two sides that cannot be compared: the first difference with its values, the others by name."""
    found = _differences(comparison)
    why = fmt.clean(reasons.why(comparison)) or "the workloads differ"
    if found:
        others = [field for field, _ in found[1:]]
        tail = f"; {fmt.listed(others)} {'differ' if len(others) > 1 else 'differs'} too" if others else ""
        why = f"{found[0][0]} {found[0][1]}{tail}"
    return (
        Span(
            f"{capital(the_side(comparison.side))} cannot be compared with {the_side(comparison.baseline)}",
            strong=True,
        ),
        Span(f" on {workload_text(comparison.workload, both_data)}: {why}."),
    )


def _at_best(comparison: Comparison) -> str:
    return ", each at its best batch size" if comparison.at_best_batch else ""


def group_answer(
    group: Sequence[Comparison],
    mean: GeometricMean,
    both_data: frozenset[str] = frozenset(),
    first_of: int = 0,
) -> Sentence:
    """One sentence for many workloads of the same two devices.

    Args:
        group: the comparisons.
        mean: of their ratios.
        both_data: as for `workload_text`.
        first_of: of so many devices the side comes first; 0: nothing is said of others.
    """
    ratios = sorted(c.ratio for c in group if c.ratio is not None)
    side, baseline = the_side(group[0].side), the_side(group[0].baseline)
    interval = fmt.interval(mean.low, mean.high, fmt.TIMES)
    middle = f", median {fmt.ratio(median(ratios))}" if len(ratios) > 2 else ""
    printed = _printed_mean(group, mean)
    wide = fmt.ratio(mean.low) != fmt.ratio(mean.high)  # else it says no more than the digits of the mean
    sure = f", 95 % interval {interval}" if interval != fmt.MISSING and wide else ""
    low, high = ratios[0], ratios[-1]
    best = ", each device at its best batch size" if group[0].at_best_batch else ""
    who = "it" if first_of else side
    head, value, each = as_fast(who, mean.ratio, baseline), "", ""
    if mean.low is not None and mean.high is not None and mean.low <= 1 <= mean.high:
        head, value = f"No difference shown between {who} and {baseline}", f" {fmt.ratio(mean.ratio)}"
        each = _on_each(group, side)
    head = _first_of(first_of, side, head)
    over = f" over {len(group)} workloads{best} (geometric mean{value}{middle}{sure})"
    if fmt.ratio(low) == fmt.ratio(high):
        spread = f", {fmt.ratio(low)} on each"
    else:
        ends = (f"{fmt.ratio(ratio)} on {_on(group, ratio, both_data)}" for ratio in (low, high))
        spread = f": from {' to '.join(ends)}"
    return Span(head, strong=True), Span(f"{over}{spread}."), Span(f"{each}{printed}{_unlike(group)}")


def _on_each(group: Sequence[Comparison], side: str) -> str:
    """On how many workloads a side that is no other on the mean is shown to be faster, and slower."""
    faster, slower = (sum(c.verdict == verdict for c in group) for verdict in ("faster", "slower"))
    if not faster + slower:
        return ""
    return (
        f" {capital(side)} is shown to be faster on {faster or 'none'} of them, slower on {slower or 'none'}."
    )


def left_out(count: int, what: str) -> str:
    """A sentence on what is in no mean because a number is doubted, to follow another one; empty for none."""
    if not count:
        return ""
    return f" {fmt.count(count, what)} with a doubted number {'is' if count == 1 else 'are'} left out."


def of_other_batches(count: int, ratio: float) -> str:
    """A sentence on workloads that are in no mean because no batch size is shared, to follow another one."""
    return f" On {fmt.count(count, 'more workload')} they share no batch size; each at its best it is {fmt.ratio(ratio)}."


def _printed_mean(group: Sequence[Comparison], mean: GeometricMean) -> str:
    """The mean of what the logs printed, and why it is another; empty where it is not."""
    logs = [math.log(c.ratio_as_printed or c.ratio or 1.0) for c in group]
    printed = fmt.ratio(math.exp(math.fsum(logs) / len(logs)))
    if printed == fmt.ratio(mean.ratio):
        return ""
    why = {reason for c in group if (reason := _reason(c))}
    return f" As printed {printed}{_because(why.pop() if len(why) == 1 else '')}."


def _because(reason: str) -> str:
    return f": {reason[:1].lower()}{reason[1:]}" if reason else ""


def unlike(comparison: Comparison) -> str:
    """In which known facts the set-ups of a comparison differ, ours first; empty where they are alike."""
    return fmt.clean(reasons.facts(comparison.unlike))


def _unlike(group: Sequence[Comparison]) -> str:
    """What is not alike in all comparisons of a group, and whether their machines are."""
    words = fmt.clean(reasons.facts_in_short(tuple(dict.fromkeys(d for c in group for d in c.unlike))))
    fields = {d.field for c in group for r in c.remarks if r.kind == "machines-differ" for d in r.values}
    kinds = [name for field, name in (("host", "hosts"), ("driver_version", "drivers")) if field in fields]
    machines = f" {capital(' and '.join(kinds))} differ." if kinds else ""
    mixed = all(any(r.kind == "mixed-precision" for r in c.remarks) for c in group)
    both = " Both in mixed precision." if mixed else ""
    faster = "".join(f" {capital(told)}." for told in faster_otherwise(group))
    count = sum(bool(c.unlike) for c in group)
    which = "The set-ups differ" if count == len(group) else f"On {count} of them the set-ups differ"
    return (f" {which}: {words}." if words else "") + machines + both + faster


def _on(group: Sequence[Comparison], ratio: float, both_data: frozenset[str]) -> str:
    return next(workload_text(c.workload, both_data) for c in group if c.ratio == ratio)
