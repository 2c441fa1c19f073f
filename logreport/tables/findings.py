"""The one catalogue of findings: code, severity, and the words that say what was seen and what to do about it.

A finding is data: its code, and as JSON in `details` the values of its sentence. Whoever shows it makes the words from
them; `message` holds them for readers of the tables alone.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from logreport.tables.tables import Tables, texts_changed


class Kind(NamedTuple):
    """What a code stands for.

    Args:
        severity: "error", "warning" or "note".
        what: what was seen, with fields to fill.
        then: what that means, and what to do about it.
        clauses: for a value that is one of these, its words, with fields to fill.
        averaged: whether a speed with it is still part of means over many workloads.
    """

    severity: str
    what: str
    then: str
    clauses: Mapping[str, str] = {}
    averaged: bool = True


_CHANGES = {
    "at-once": "at once, {change:+.1f} % step time after step {step}",
    "steadily": "steadily, {change:+.1f} % step time from the first to the last window",
}
# What holds the clock of a device down, by the words of the column `throttled`.
HOLDS = {
    "power": "its power limit", "heat": "heat", "hardware": "a fault or heat that its hardware saw",
    "brake": "the power supply", "sync": "a GPU that it keeps step with",
}  # fmt: skip
_CAUSES = {
    f"{how}-{reason}{more}": f"{words}: {holds} held {{device}} down in {{share:.0f}} % of the looks since then{clock}"
    for how, words in _CHANGES.items()
    for reason, holds in HOLDS.items()
    for more, clock in (("", ""), ("-clock", ", from {before:.2f} to {after:.2f} GHz"))
}
_EFFECTS = {
    "none": "no interval can be made",
    "few-steps": "the interval rests on the printed spread of very few steps",
    "few-windows": "the interval is very wide, and start-up may be in it",
}
_SUMMARIES = {
    "one-step-less": "this old checkout divides the sum of {summed} step times by {steps}",
    "time-stamps": "the time stamps do not give the printed mean",
    "corrected": "the corrected value is used, the printed one is kept beside it",
    "printed": "the printed mean is used; look at the time stamps around its steps",
}
_INSTEAD = {
    "examples/s": "{without:.1f} examples/s instead of {printed:.1f} examples/s",
    "s": "{without:.4g} s a step instead of {printed:.4g} s a step",
}
_WINDOWS = {
    "none": "", "one": " (1 more window too)", "many": " ({more} more windows too)",
    "examples/s": "{speed:.1f} examples/s with them, {without:.1f} examples/s without",
    "s": "{speed:.4g} s a step with them, {without:.4g} s a step without",
}  # fmt: skip
_PRINTED = {
    "examples/s": "{value:.1f} examples/s, with steps of {quantum:g} examples/s",
    "s": "{value:.4g} s, with steps of {quantum:g} s",
    "total": "total images/sec: {value:.2f}, with steps of {quantum:g} examples/s",
}
KINDS: dict[str, Kind] = {
    # Raised while a log is read.
    "truncated": Kind("warning", "the run did not finish ({detail})",
        "what it measured until then counts, its end is missing"),
    "failed": Kind("error", "the run failed ({detail})", "do not publish its numbers; mend the cause and run it again"),
    "resumed": Kind("warning", "steps jump back to {detail}", "two sessions in one run; look at each by itself"),
    "interleaved": Kind("error", "several processes printed their steps into this log, line by line",
        "nobody can say whose steps and whose batch size its numbers are of; give each process a log of its own"),
    "only-settings": Kind("note", "these are the settings of a run, and nothing that it measured",
        "the run is that of metric.log in the same folder, which is read with them"),
    "settings-of-another": Kind("warning", "the settings beside the log are those of its last run",
        "each run writes its own over them: what this one ran is not known; give each run a folder"),
    "workers-inferred": Kind("note", "no line says how many workers there were",
        "{detail} by the total over the speed of one; number of devices and batch size stand on that"),
    "devices-inferred": Kind("note", "no line says how many devices there were",
        "{detail} by the time between the lines; the batch size stands on that"),
    "given-contradicts-log": Kind("warning", "{column} is {given} as the user says and {said} by the log",
        "the user's counts; leave out --set where the log is right"),
    "duplicate-run": Kind("note", "the same run stands in {source} too", "it is counted once"),
    "line-too-long": Kind("warning", "the line is longer than any log line ({detail})",
        "the rest of it was not looked at"),
    "mail-alternative": Kind("note", "the mail says the same in HTML, which was not read",
        "its plain text counts{detail}"),
    "encoding": Kind("note", "not UTF-8", "{detail}"),
    "log-changed": Kind("warning", "the log is not the one that its record was made for{detail}",
        "it was changed or cut after the run; how the run ended is said by the log alone"),
    "record-contradicts-log": Kind("warning", "{detail}",
        "one of the two is not of this run; do not publish it before you know which"),
    "no-unit": Kind("note", "{count} numbers stand by names of networks or devices without a unit",
        "none of them is read; write the unit above the table or into a head"),
    "unclear-comma": Kind("note", "{count} numbers have a comma or point of thousands or of decimals, such as {number}",
        "none of them is read; write 12345 or 12.345"),
    "results-in-prose": Kind("note", "results stand in running text (lines {lines})",
        "they are not read; a table or a list with their unit is"),
    "label-contradicts-command": Kind("warning", "the text above says {detail}",
        "its numbers go by the command; correct the text, or move the command"),
    "random-data": Kind("note", "the data are random{detail}", "the speed counts, loss and accuracy say nothing"),
    "version-contradiction": Kind("warning", "the log contradicts itself about its TensorFlow release ({detail})",
        "it mixes two installations, or the build is a patched one"),
    # Raised by analysis.
    "non-finite-loss": Kind("warning", "the loss is {loss} at step {step}",
        "the training diverged; use the speed, never the accuracy, and lower the learning rate before you publish it"),
    "label-contradicts-log": Kind("warning", "{where} says {what} {label}, the log says {logged}",
        "go by the log, and correct the label"),
    "gpu-not-used": Kind("error", "{why}",
        "this is the speed of a CPU; do not show it as that of a GPU, and mend the installation"),
    "cpu-binary-unoptimized": Kind("warning", "this TensorFlow was built without {features} that the CPU has",
        "a GPU looks better against it than it is; use a build for this CPU"),
    "slows-down": Kind("warning", "the steps get {percent:.1f} % slower during the run ({how})",
        "one mean does not describe it; look at its window speeds, and measure longer", {**_CHANGES, **_CAUSES}),
    "speeds-up": Kind("warning", "the steps get {percent:.1f} % faster during the run ({how})",
        "one mean does not describe it; look at its window speeds, and measure longer", _CHANGES),
    "slow-start": Kind("warning", "up to step {step} the steps took {percent:.1f} % longer than later",
        "start-up, which is left out: {unit}; let the script warm up longer (--num_warmup_batches)", _INSTEAD),
    "one-bad-window": Kind("warning", "steps {first} to {last} took {percent:.1f} % longer than the others{others}",
        "{unit}; find out what else ran then, and repeat the run", _WINDOWS),
    "uneven-steps": Kind("warning", "few steps are far from the others",
        "the step speeds spread by {sd:.1f} examples/s (SD, {percent:.1f} %) where most lie within {jitter:.1f} "
        "(jitter): how many of them a run meets is chance; look at its input and at what else runs, and measure "
        "longer"),
    "not-settled": Kind("warning", "the warm-up does not end within {windows} windows",
        "no steady speed can be claimed; the value is that of the last half; measure longer"),
    "too-few-steps": Kind("warning", "{steps} in {windows}",
        "{effect}; measure at least 40 steps in 4 windows, better 100", _EFFECTS),
    "coarse-rounding": Kind("warning", "printed as {unit}",
        "rounding alone makes it uncertain by ±{percent:.1f} %; use a larger batch or more digits", _PRINTED),
    "memory-shared": Kind("warning", "{device} had {free:.1f} of {total:.1f} GiB free at the start",
        "something else was using it; repeat the run alone"),
    "busy-machine": Kind("warning", "other programs used {others:.1f} of the {threads} processors while it ran",
        "the speed may be lower than it could be; repeat the run on an idle machine"),
    "stolen-time": Kind("warning", "the host of this virtual machine took {percent:.1f} % of its processor time",
        "the speed is not that of the processor; repeat the run elsewhere or at another time"),
    "powersave": Kind("warning", "the frequency governor was powersave",
        "the clock follows the load late, or not at all; set performance and repeat the run"),
    "throttled": Kind("warning", "{device} was held down by {reason} in {percent:.0f} % of the looks",
        "see to its cooling and its power supply, and repeat the run", HOLDS),
    "ranks-disagree": Kind("warning", "the workers report {low:.1f} to {high:.1f} examples/s, {percent:.1f} % apart",
        "look at the slowest one before you add them up"),
    "summary-contradicts-steps": Kind("warning", "{why}",
        "printed {printed:.4g} s, {given:.4g} s by its steps; {action}", _SUMMARIES),
    "total-contradicts-steps": Kind("warning",
        "the total is {printed:.1f} examples/s, its steps give {given:.1f} examples/s",
        "the steps count; find out what took the time between them, or whether the total is of another run"),
    "fp16-slower": Kind("warning",
        "half precision is {percent:.1f} % slower than single precision on the same set-up ({speed:.1f} examples/s "
        "against {other:.1f} in {source})",
        "look at the input, at other loads, and whether the device computes in fp16 at all"),
    "slow-training": Kind("warning",
        "it is {times:.1f} times as slow as {without} on the same set-up ({speed:.1f} examples/s against {other:.1f} in "
        "{source}), where 3 is usual", "something else than the network took the time", averaged=False),
    "slow-input": Kind("warning",
        "it is {times:.1f} times as slow as with synthetic data on the same set-up ({speed:.1f} examples/s against "
        "{other:.1f} in {source})",
        "the input held it back, so that it says little about the device; look at disk, decoding and prefetching",
        averaged=False),
    "implausible-ratio": Kind("warning",
        "it is {times:.1f} times as slow as the {count} workloads that both devices ran let expect beside {device} "
        "({speed:.1f} examples/s against {other:.1f} in {source})", "repeat it before you compare it", averaged=False),
    "layers-differ": Kind("note", "{layer} is {shape} here and {other} in {source}",
        "not quite the same network; say so beside the comparison"),
}  # fmt: skip


def add(tables: Tables, code: str, place: Mapping[str, object], **details: object) -> None:
    """Append a finding; `place` gives run_id, source, phase and line, `details` fill the sentence of its code.

    A detail that names another log is called `source`, so that it can be shown in short.
    """
    where = {name: place.get(name) for name in ("run_id", "source", "phase", "line")}
    tables.add(
        "findings", **where, code=code, severity=KINDS[code].severity,
        details=json.dumps(details, ensure_ascii=False), message=": ".join(_said(code, details)),
    )  # fmt: skip


def _said(code: str, details: Mapping[str, Any]) -> tuple[str, str]:
    kind = KINDS[code]
    clauses = {
        name: kind.clauses[value].format(**details)
        for name, value in details.items()
        if isinstance(value, str) and value in kind.clauses
    }
    values = {**details, **clauses}
    return kind.what.format(**values), kind.then.format(**values)


def details_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a finding; none where an older archive kept its words only."""
    try:
        found = json.loads(row["details"] or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def changed(details: str, change: Callable[[str, str], str]) -> str:
    """The details of a finding with each text in them changed, by its name."""
    return json.dumps(texts_changed(details_of({"details": details}), change), ensure_ascii=False)


def what_of(row: Mapping[str, Any]) -> str:
    """What was seen, of a finding's words; empty where only all of them were kept."""
    try:
        return _said(row["code"], details_of(row))[0]
    except (LookupError, TypeError, ValueError):
        return ""


def message_of(row: Mapping[str, Any]) -> str:
    """The words of a finding: made of its values, or as an archive of another release kept them."""
    try:
        return ": ".join(_said(row["code"], details_of(row)))
    except (LookupError, TypeError, ValueError):
        return row["message"] or ""
