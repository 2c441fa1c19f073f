"""The one catalogue of findings: code, severity, and the sentence that says what to do about it."""

from collections.abc import Mapping
from typing import NamedTuple

from logreport.tables.tables import Tables


class Kind(NamedTuple):
    """What a code stands for: "error", "warning" or "note", and a sentence with fields to fill."""

    severity: str
    sentence: str


KINDS: dict[str, Kind] = {
    # Raised while a log is read.
    "truncated": Kind(
        "warning", "the run did not finish ({detail}): what it measured until then counts, its end is missing"
    ),
    "failed": Kind(
        "error", "the run failed ({detail}): do not publish its numbers; mend the cause and run it again"
    ),
    "resumed": Kind(
        "warning", "steps jump back to {detail}: two sessions in one run; look at each by itself"
    ),
    "workers-inferred": Kind(
        "note",
        "no line says how many workers there were: {detail} by the total over the speed of one; number of devices and batch "
        "size stand on that",
    ),
    "devices-inferred": Kind(
        "note",
        "no line says how many devices there were: {detail} by the time between the lines; the batch size stands on that",
    ),
    "duplicate-run": Kind("note", "the same run stands in {detail} too: it is counted once"),
    "line-too-long": Kind(
        "warning", "the line is longer than any log line ({detail}): the rest of it was not looked at"
    ),
    "mail-alternative": Kind(
        "note", "the mail says the same in HTML, which was not read: its plain text counts{detail}"
    ),
    "encoding": Kind("note", "not UTF-8: {detail}"),
    "log-changed": Kind(
        "warning",
        "the log is not the one that its record was made for{detail}: it was changed or cut after the run; how the run ended "
        "is said by the log alone",
    ),
    "record-contradicts-log": Kind(
        "warning", "{detail}: one of the two is not of this run; do not publish it before you know which"
    ),
    "label-contradicts-command": Kind(
        "warning",
        "the text above says {detail}: its numbers go by the command; correct the text, or move the command",
    ),
    "random-data": Kind(
        "note", "the data are random{detail}: the speed counts, loss and accuracy say nothing"
    ),
    "version-contradiction": Kind(
        "warning",
        "the log contradicts itself about its TensorFlow release ({detail}): it mixes two installations, or the build is a patched one",
    ),
    # Raised by analysis.
    "non-finite-loss": Kind(
        "warning",
        "the loss is {loss} at step {step}: the training diverged; use the speed, never the accuracy, and "
        "lower the learning rate before you publish it",
    ),
    "label-contradicts-log": Kind(
        "warning",
        "{where} says {what} {label}, the log says {logged}: go by the log, and correct the label",
    ),
    "gpu-not-used": Kind(
        "error",
        "{why}: this is the speed of a CPU; do not show it as that of a GPU, and mend the installation",
    ),
    "cpu-binary-unoptimized": Kind(
        "warning",
        "this TensorFlow was built without {features} that the CPU has: a GPU looks better against it than it is; "
        "use a build for this CPU",
    ),
    "slows-down": Kind(
        "warning",
        "the steps get {size:.1f} % slower during the run ({how}): one mean does not describe it; look at its window "
        "speeds, and measure longer",
    ),
    "speeds-up": Kind(
        "warning",
        "the steps get {size:.1f} % faster during the run ({how}): one mean does not describe it; look at its window "
        "speeds, and measure longer",
    ),
    "slow-start": Kind(
        "warning",
        "up to step {step} the steps took {percent:.1f} % longer than later: start-up, which is left out: {without} instead "
        "of {printed}; let the script warm up longer (--num_warmup_batches)",
    ),
    "one-bad-window": Kind(
        "warning",
        "steps {steps} took {percent:.1f} % longer than the others{others}: {speed} with them, {without} without; find out "
        "what else ran then, and repeat the run",
    ),
    "uneven-steps": Kind(
        "warning",
        "few steps are far from the others: the step speeds spread by {sd:.1f} examples/s (SD, {percent:.1f} %) where "
        "most lie within {jitter:.1f} (jitter): how many of them a run meets is chance; look at its input and at what else "
        "runs, and measure longer",
    ),
    "not-settled": Kind(
        "warning",
        "the warm-up does not end within {windows} windows: no steady speed can be claimed; the value is that of the "
        "last half; measure longer",
    ),
    "too-few-steps": Kind(
        "warning",
        "{steps} in {windows}: {effect}; measure at least 40 steps in 4 windows, better 100",
    ),
    "coarse-rounding": Kind(
        "warning",
        "printed as {value}, with steps of {quantum}: rounding alone makes it uncertain by ±{percent:.1f} %; "
        "use a larger batch or more digits",
    ),
    "memory-shared": Kind(
        "warning",
        "{device} had {free:.1f} of {total:.1f} GiB free at the start: something else was using it; repeat the run "
        "alone",
    ),
    "busy-machine": Kind(
        "warning",
        "other programs used {others:.1f} of the {threads} processors while it ran: the speed may be lower than it "
        "could be; repeat the run on an idle machine",
    ),
    "stolen-time": Kind(
        "warning",
        "the host of this virtual machine took {percent:.1f} % of its processor time: the speed is not that of the "
        "processor; repeat the run elsewhere or at another time",
    ),
    "powersave": Kind(
        "warning",
        "the frequency governor was powersave: the clock follows the load late, or not at all; set performance and "
        "repeat the run",
    ),
    "throttled": Kind(
        "warning",
        "{device} was slowed down by heat in {percent:.0f} % of the samples: cool it, and repeat the run",
    ),
    "ranks-disagree": Kind(
        "warning",
        "the workers report {low:.1f} to {high:.1f} examples/s, {percent:.1f} % apart: look at the slowest one "
        "before you add them up",
    ),
    "summary-contradicts-steps": Kind(
        "warning",
        "{why}: printed {printed:.4g} s, {given:.4g} s by its steps; {action}",
    ),
    "fp16-slower": Kind(
        "warning",
        "half precision is {percent:.1f} % slower than single precision on the same set-up: {speed:.4g} examples/s against "
        "{other:.4g} in {source}; look at the input, at other loads, and whether the device computes in fp16 at all",
    ),
    "slow-training": Kind(
        "warning",
        "it is {times:.1f} times as slow as {without} on the same set-up ({speed:.4g} examples/s against {other:.4g} in {source}), "
        "where 3 is usual: something else than the network took the time",
    ),
    "implausible-ratio": Kind(
        "warning",
        "it is {times:.1f} times as slow as the {count} workloads that both devices ran let expect beside {device} "
        "({speed:.4g} examples/s against {other:.4g} in {source}): repeat it before you compare it",
    ),
    "layers-differ": Kind(
        "note",
        "{layer} is {shape} here and {other} in {source}: not quite the same network; say so beside the comparison",
    ),
}


def add(tables: Tables, code: str, place: Mapping[str, object], **fields: object) -> None:
    """Append a finding; `place` gives run_id, source, phase and line, `fields` fill the sentence of its code."""
    kind = KINDS[code]
    where = {name: place.get(name) for name in ("run_id", "source", "phase", "line")}
    tables.add("findings", **where, code=code, severity=kind.severity, message=kind.sentence.format(**fields))
