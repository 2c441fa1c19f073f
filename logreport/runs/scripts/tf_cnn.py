"""tf_cnn_benchmarks: header, step lines, totals and evaluations to phases and steps."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from logreport.grammar import Match, Records
from logreport.runs.run import Run
from logreport.runs.scripts.common import (
    SCRIPT_FILE,
    Lines,
    is_on,
    literal,
    moments_of,
    precision_in,
    ranks_of,
    row_of,
    script_flags,
    whole,
)
from logreport.runs.scripts.launchers import processes
from logreport.runs.scripts.progress import Progress, Shows
from logreport.runs.segmentation.segmenter import Rule, Segmenter, StepRule, is_repeat, rising
from logreport.runs.segmentation.states import has_results
from logreport.tables.findings import add
from logreport.tables.tables import Tables

NAME = "tf_cnn_benchmarks"
PHASES = {"forward": "inference", "evaluation": "evaluation"}
DEVICE = re.compile(
    r"(?<=/)(?!job:|replica:|task:)(?:device:)?[A-Za-z_]+:\d+|horovod:\d+"
)  # of `/job:worker/task:0/gpu:0`; the first releases with Horovod print `horovod:0`
MODES = {"train": "training", "eval": "evaluation", "train and eval": "training + evaluation"}
TASK = re.compile(r"task:?([0-9]+)")
PER_WORKER = 1.5  # a total so many times the last step line: step lines of one worker, total of all
# How much smaller and larger than the number of workers a total over the speed of one can be: wall time is the longer.
SHORT, LONG = 0.05, 0.01
ALONE = 0.5  # of the workers of a command: with less than so much of their speed each of them runs alone
NODE = 8  # devices: of several counts that fit, that of whole machines


class Ranked(NamedTuple):
    """Step lines column by column, with the worker of each."""

    lines: Sequence[int]
    ranks: Sequence[int | None]
    steps: Sequence[int | None]
    speeds: Sequence[float]
    jitters: Sequence[float | None]


class Workers(NamedTuple):
    """How many workers a job has: 1 for one alone, None where there are several and nobody knows how many."""

    number: int | None
    inferred: bool = False  # from the total over the speed of one


def facts(run: Run, flags: dict[str, str]) -> dict[str, Any]:
    """What the runs table says: the header, else the command; both tell of one worker where they list only its devices."""
    header, workers = run.headers, workers_of(run, flags)
    own = len(DEVICE.findall(header.get("Devices", ""))) or whole(flags.get("num_gpus"))
    own = own or (1 if run.command or workers.inferred else None)
    per_device = printed_per_device(run) or whole(flags.get("batch_size"))
    batch = whole(header.get("Batch size"))
    count = own and workers.number and own * (1 if lists_all(run) else workers.number)
    if "/job:" in header.get("Devices", "") and batch and per_device and batch % per_device == 0:
        count = max(count or 1, batch // per_device)  # of all workers; a worker lists its own
    elif (
        batch
        and own
        and (batch == per_device or not lists_all(run))
        and batch != (per_device or 0) * (count or 0)
    ):
        batch = workers.number and batch * workers.number
    return {
        "model": header.get("Model") or literal(flags, "model"),
        "mode": mode_of(run, flags),
        "dataset": header.get("Dataset") or literal(flags, "data_name"),
        "batch_size": batch or (per_device * count if per_device and count else None),
        "batch_size_per_device": per_device,
        "num_devices": count,
        "ranks": workers.number if workers.number and workers.number > 1 else ranks_seen(run) or None,
        "precision": precision_of(run),
        "optimizer": header.get("Optimizer") or literal(flags, "optimizer"),
        "variable_update": header.get("Variables") or literal(flags, "variable_update"),
        "data_format": header.get("Data format") or literal(flags, "data_format"),
    }


def printed_per_device(run: Run) -> int | None:
    """The batch size of a device, as the header prints it."""
    found = next(iter(run.only("tf_cnn_benchmarks.per_device").column("batch_size_per_device")), None)
    return whole(f"{found:f}") if found else None


def lists_all(run: Run) -> bool:
    """Whether the header tells of the devices of all workers; that of older releases tells of one worker's."""
    return any(name in run.headers.get("Devices", "") for name in ("horovod/", "horovod:", "job:"))


def workers_of(run: Run, flags: dict[str, str]) -> Workers:
    """How many workers the job has: as the header says, else the command, else the total over the speed of one.

    A command that starts more of them than the total allows started workers that know nothing of each other.
    """
    devices = run.headers.get("Devices", "")
    variables = run.headers.get("Variables") or literal(flags, "variable_update")
    if "horovod" in devices:
        return Workers(devices.count("horovod"))
    if "job:" in devices:  # its batch size is that of all workers, each of which lists its own devices
        batch, per_device = whole(run.headers.get("Batch size")) or 0, printed_per_device(run) or 0
        own, tasks = len(DEVICE.findall(devices)), len(set(TASK.findall(devices)))
        share = own * per_device
        return Workers(tasks * batch // share if share and batch % share == 0 else tasks)
    if devices and variables not in (None, "horovod"):
        return Workers(1)
    started = None
    if hosts := literal(flags, "worker_hosts"):
        started = hosts.count(",") + 1
    elif variables in (None, "horovod"):
        started = processes(run.command, SCRIPT_FILE)
    ratio = total_over_one(run)
    if started and (ratio is None or variables == "collective_all_reduce" or fits(started, ratio)):
        return Workers(started)
    return workers_by(ratio, ranks_seen(run))


def workers_by(ratio: float | None, seen: int) -> Workers:
    """How many workers a total over the speed of one says that there were, where so many printed lines."""
    if ratio is None or ratio < PER_WORKER:
        return Workers(max(seen, 1))
    first, last = math.ceil(ratio * (1 - LONG)), math.floor(ratio * (1 + SHORT))
    counts = range(first, last + 1)
    if seen in counts:
        return Workers(seen, inferred=True)
    likely = counts if len(counts) == 1 else [count for count in counts if count % NODE == 0]
    return Workers(likely[0], inferred=True) if len(likely) == 1 else Workers(None)


def fits(started: int, ratio: float) -> bool:
    """Whether a total can be that of so many workers."""
    return started * ALONE < ratio < started * PER_WORKER


def ranks_seen(run: Run) -> int:
    """How many workers printed step lines, 0 where nothing tells them apart."""
    if not (run.repeats_steps or run.records.have_ranks):
        return 0
    steps = run.only("tf_cnn_benchmarks.step")
    if steps.have_ranks and (ranks := set(steps.ranks) - {None}):
        return len(ranks)
    if not run.repeats_steps:
        return 0
    counts = Counter(match.raw("step") for match in steps)
    del counts[None]
    most = max(counts.values(), default=0)
    return most if most > 1 else 0


def total_over_one(run: Run) -> float | None:
    """The total over the speed of one worker; None where one of the two is missing, or is of the first step alone."""
    step, last = (run.last_of(f"tf_cnn_benchmarks.{kind}") for kind in ("step", "total"))
    if step is None or last is None or (step.value("step") or 0) <= 1:
        return None
    one, total = step.value("images_per_sec"), last.value("images_per_sec")
    return total / one if one > 0 and math.isfinite(total / one) else None


def mode_of(run: Run, flags: dict[str, str]) -> str | None:
    """The mode as the header or the command says, else as the results show, in the words of the newest script.

    Older ones print `forward-only`, and for a while `BenchmarkMode.TRAIN`.
    """
    if mode := run.headers.get("Mode", "").replace("-", " "):
        name = mode.removeprefix("BenchmarkMode.").lower().replace("_", " ")
        return MODES.get(name, name)
    if is_on(flags, "forward_only"):
        return "forward only"
    evaluates = run.has("tf_cnn_benchmarks.eval_step", "tf_cnn_benchmarks.eval_accuracy")
    if run.has("tf_cnn_benchmarks.step") and not is_on(flags, "eval"):
        return MODES["train and eval"] if evaluates else "training"
    if evaluates or is_on(flags, "eval"):
        return "evaluation"
    return "training" if run.command or run.has("tf_cnn_benchmarks.total") else None


def precision_of(run: Run) -> str | None:
    """Only a fork's log prints it: else the command says it, else the path or the heading."""
    if printed := precision_in(run.headers.get("Data type", "")):
        return printed
    if run.command:
        flags = script_flags(run.command)
        if flags.get("use_fp16") and literal(flags, "use_fp16") is None:
            return None
        return "fp16" if is_on(flags, "use_fp16") else "fp32"
    return precision_in(run.source, run.heading)


def status(run: Run) -> tuple[str, str]:
    """Complete with the total, or with `Done with training` where a run trains and evaluates.

    Until TensorFlow 1.5 an evaluation printed no total.
    """
    if run.has("tf_cnn_benchmarks.total"):
        return "complete", "the total is there"
    if run.has("tf_cnn_benchmarks.eval_accuracy") and not run.has("tf_cnn_benchmarks.step"):
        return "complete", "the accuracy is there"
    events = [fields["event"] for _, fields in run.of_kind("tf_cnn_benchmarks.phase")]
    if "Done with training" in events:
        return "complete", "the training is done"
    if any(event.startswith("Running parameter server") for event in events):
        return "unknown", "a parameter server prints no result"
    if any(event.startswith("Checkpoint not found") for event in events):
        return "failed", "no checkpoint to evaluate"
    return "truncated", "there is no total"


def build(run: Run, row: dict[str, Any], tables: Tables) -> None:
    """Add the phase of the mode with its steps and total, and evaluations."""
    phase = next((name for word, name in PHASES.items() if str(row["mode"]).startswith(word)), "training")
    steps, totals = run.only("tf_cnn_benchmarks.step"), run.only("tf_cnn_benchmarks.total")
    ranked = add_steps(tables, {**row_of(row), "phase": phase}, steps)
    workers = row.get("ranks")
    if workers and workers_of(run, script_flags(run.command)).inferred:
        add(tables, "workers-inferred", {**row_of(row), "line": totals[-1].line}, detail=workers)
    evaluations = run.of_kind("tf_cnn_benchmarks.eval_step")
    if steps or (totals and not evaluations):
        add_phase(tables, row, phase, ranked, totals)
    if evaluations:
        add_evaluation(tables, row, evaluations, totals if not steps else Records())
    for match, fields in run.of_kind("tf_cnn_benchmarks.eval_accuracy"):
        tables.add(
            "evaluations", **row_of(row), top_1=fields["top_1"], top_5=fields["top_5"], examples=fields["examples"],
            line=match.line,
        )  # fmt: skip


def add_steps(tables: Tables, about: dict[str, Any], records: Records) -> Ranked:
    """Add the step lines."""
    step, speed, sem, jitter, *others = records.table(
        "step", "images_per_sec", "uncertainty", "jitter", "loss", "top_1", "top_5"
    )
    steps = Ranked(records.lines, ranks_of(records.ranks, step), step, speed, jitter)
    tables.add_rows(
        "steps", len(records), **about, rank=steps.ranks, timestamp=moments_of(records), step=step,
        examples_per_second=speed, sem=sem, jitter=jitter, line=steps.lines,
        **dict(zip(("loss", "top_1", "top_5"), others, strict=True)),
    )  # fmt: skip
    return steps


def speed_of(steps: Ranked, total: float | None, workers: int) -> tuple[float | None, list[int]]:
    """The speed of a run, and which of the step lines say it; none where the total does.

    It is the last cumulative mean; of several workers the total, else the sum over the last step that all of them printed.
    """
    if not steps.lines:
        return total, []
    own = steps.speeds[-1]
    if workers == 1 and (total is None or not own > 0 or total / own <= PER_WORKER):
        return own, [len(steps.lines) - 1]
    if total is not None:
        return total, []
    by_step: dict[int, dict[int | None, int]] = {}
    for place, (rank, step) in enumerate(zip(steps.ranks, steps.steps, strict=True)):
        by_step.setdefault(-1 if step is None else step, {})[rank] = place
    of_all = [step for step, places in by_step.items() if len(places) == workers and step >= 0]
    places = list(by_step[max(of_all)].values()) if of_all else []
    return (sum(steps.speeds[place] for place in places) if places else None), places


def add_phase(tables: Tables, row: dict[str, Any], phase: str, steps: Ranked, totals: Records) -> None:
    """Add the phase: its speed, and the total beside it."""
    total = totals.column("images_per_sec")[-1] if totals else None
    workers = max(row.get("ranks") or 1, len(set(steps.ranks)))
    speed, places = speed_of(steps, total, workers)
    place = places[-1] if places else len(steps.lines) - 1
    batch = row["batch_size"]
    tables.add(
        "phases", **row_of(row), phase=phase, batch_size=batch, n_steps=steps.steps[place] if steps.lines else None,
        seconds_per_batch=batch / speed if batch and speed else None, examples_per_second=speed,
        end_to_end_examples_per_second=total, jitter=steps.jitters[place] if steps.lines else None,
        method="reported" if len(places) == 1 or total is not None else "computed",
        line=totals.lines[-1] if totals and not places else steps.lines[place],
    )  # fmt: skip


def add_evaluation(tables: Tables, row: dict[str, Any], lines: Lines, totals: Records) -> None:
    """Add the speed of an evaluation: its lines are speeds of the last interval each."""
    about = {**row_of(row), "phase": "evaluation"}
    for match, fields in lines:
        tables.add(
            "steps", **about, rank=match.rank, step=fields["step"], examples_per_second=fields["examples_per_sec"],
            line=match.line,
        )  # fmt: skip
    speed = lines[-1][1]["examples_per_sec"]
    tables.add(
        "phases", **about, batch_size=row["batch_size"], n_steps=lines[-1][1]["step"], examples_per_second=speed,
        end_to_end_examples_per_second=totals.column("images_per_sec")[-1] if totals else None,
        method="reported", line=lines[-1][0].line,
    )  # fmt: skip


# Where a run begins and ends


def read_header(reader: Segmenter, match: Match) -> None:
    """A header line; one that is there already is another rank's (same value, no step yet) or another run's.

    In another section of a document it is another run's, whatever its value.
    """
    if is_alone(reader, match):
        reader.before.append(match)
        return
    run = reader.of(NAME)
    key, value = match.value("key"), match.value("value") or ""
    again = key in run.headers and (
        has_results(run) or run.headers[key] != value or reader.is_elsewhere(run, match)
    )
    if again or (key == "TensorFlow" and has_results(run)):
        run = reader.begin_new(NAME)
    if key is not None:
        run.headers[key] = value
    run.add(match)


def is_alone(reader: Segmenter, match: Match) -> bool:
    """Whether it is the first header line in another benchmark's log, where one `Model: x` proves nothing yet."""
    other = reader.run is not None and reader.run.benchmark not in (None, NAME)
    return other and match.leaf.kind not in reader.before.kinds


def read_line(reader: Segmenter, match: Match) -> None:
    """Other lines of the script: a model is built or warmed up again after the total of the run before.

    A model is loaded by other scripts in the same words.
    """
    event = match.value("event") or ""
    if event.startswith("Successfully loaded") and not is_open(reader, NAME):
        reader.feed_other(match)
        return
    run = reader.of(NAME)
    starts = event.startswith(("Generating", "Initializing", "Running warm"))
    if (starts or match.leaf.kind.endswith(".columns")) and run.has("tf_cnn_benchmarks.total"):
        run = reader.begin_new(NAME)
    run.add(match)


def read_opening(reader: Segmenter, records: Records) -> None:
    """Header lines and others of the script that follow one another, with what stands between them."""
    if not opens(reader, records):
        reader.feed_each(records[:1])
        rest = records[1:]
        if not opens(reader, rest):
            reader.feed_each(rest)


def opens(reader: Segmenter, records: Records) -> bool:
    """Take these in at once, if the run is one of this script without results, and has none of their headers."""
    is_first = reader.run is None or reader.run.benchmark is None
    if not records or not (is_open(reader, NAME) or (is_first and records.first_kind in HEADERS)):
        return False
    run, forms = reader.of(NAME), records.forms_of(HEADERS)[1]
    keyed = [fields for form in forms if "key" in (fields := form.fields)]
    headers = {fields["key"]: fields.get("value") or "" for fields in keyed}
    if has_results(run) or len(headers) < len(keyed) or not headers.keys().isdisjoint(run.headers):
        return False
    run.headers |= headers
    run.extend(records)
    return True


def is_open(reader: Segmenter, benchmark: str) -> bool:
    """Whether a run of this benchmark is being read."""
    return reader.run is not None and reader.run.benchmark == benchmark


def read_step(reader: Segmenter, match: Match) -> None:
    """A step; going back begins a new run, unless other ranks print the same steps or the run was resumed."""
    run = reader.of(NAME)
    step = match.value("step")
    if has_own_loss(match) and is_repeat(run, match):
        return
    if run.has("tf_cnn_benchmarks.total") and run.has("tf_cnn_benchmarks.step"):
        if not is_late(run, match):
            run = reader.begin_new(NAME)
    elif step is not None and reader.last_step is not None and step <= reader.last_step:
        if reader.speaks_since(run, match) and not is_owed(run, step, match):
            run = reader.begin_new(NAME)
        elif step < reader.last_step:
            run = step_back(reader, run, step, match)
        run.repeats_steps = True
    if step is not None:
        run.headers.setdefault("first step", str(step))
        reader.last_step = step
    run.steps.add(step or 0, match.rank)
    run.add(match)


def has_own_loss(match: Match) -> bool:
    """Whether a step says a loss that no two workers have to its last digit, as they have 0 and nan."""
    loss = match.value("loss")
    return loss is not None and loss != 0 and math.isfinite(loss)


def read_steps(reader: Segmenter, records: Records) -> None:
    """Steps that follow one another; those that go up belong to the run of the first, until it has a total."""
    numbers = records.column("step")
    for part in rising(numbers):
        run, some, steps, last = reader.of(NAME), records[part], numbers[part], reader.last_step
        if len(steps) > 1 and not run.has("tf_cnn_benchmarks.total") and (last is None or steps[0] > last):
            run.headers.setdefault("first step", str(steps[0]))
        else:
            read_step(reader, some[0])
            run, some, steps = reader.of(NAME), some[1:], steps[1:]
        if run.has("tf_cnn_benchmarks.total"):
            for match in some:
                read_step(reader, match)
        elif steps:
            run.steps.extend(steps, some.ranks)
            run.extend(some)
            reader.last_step = steps[-1]


def is_owed(run: Run, step: int, match: Match) -> bool:
    """Whether another rank of the run has not printed this step yet."""
    if match.rank is not None:
        return match.rank not in run.steps.last or run.steps.last[match.rank] < step
    return run.steps.count_of(step) < run.steps.most > 1


def is_late(run: Run, match: Match) -> bool:
    """Whether a step after a total is of another rank of the run, which ends a little later: it owes this step."""
    step, steps = match.value("step"), run.steps
    if step is None or match.rank not in steps.of_rank:
        return False
    if match.rank is not None:
        return step > steps.of_rank[match.rank] and match.rank not in steps.finished
    return step == steps.highest and steps.count_of(step) < steps.most


def step_back(reader: Segmenter, run: Run, step: int, match: Match) -> Run:
    """Steps jump back: a rank that lags behind, a run that was resumed, or the first step of another run."""
    lags = run.steps.are_several and run.steps.second <= step and run.steps.count_of(step) > 0
    if match.rank is not None or lags:
        return run
    if str(step) == run.headers.get("first step"):
        return reader.begin_new(NAME)
    run.resumed_at.append((match.line, step))
    return run


def read_total(reader: Segmenter, match: Match) -> None:
    """The total; a second one without steps between is another rank's where there are steps, else another run's."""
    run = reader.of(NAME)
    last = run.last_of("tf_cnn_benchmarks.total")
    other = (
        last is not None
        and last.raw("images_per_sec") != match.raw("images_per_sec")
        and reader.speaks_since(run, match)
    )
    if other or (last is not None and not run.has("tf_cnn_benchmarks.step")):
        run = reader.begin_new(NAME)
    run.steps.finished.add(match.rank)
    run.add(match)


def read_evaluation(reader: Segmenter, match: Match) -> None:
    """A line of an evaluation, which may be the whole run or stand between training steps."""
    reader.of(NAME).add(match)


HEADERS = ("tf_cnn_benchmarks.header",)
LINES = tuple(f"tf_cnn_benchmarks.{kind}" for kind in ("per_device", "group", "columns", "phase"))
RULES: dict[str, Rule] = {
    "tf_cnn_benchmarks.header": read_header,
    **dict.fromkeys(LINES, read_line),
    "tf_cnn_benchmarks.step": read_step,
    "tf_cnn_benchmarks.total": read_total,
    "tf_cnn_benchmarks.eval_step": read_evaluation,
    "tf_cnn_benchmarks.eval_accuracy": read_evaluation,
}
STEP_RULES: dict[str, StepRule] = {"tf_cnn_benchmarks.step": read_steps}
OPENING_RULES: dict[str, StepRule] = dict.fromkeys((*HEADERS, *LINES), read_opening)


# What is shown while it runs


def show_step(progress: Progress, fields: dict[str, Any], now: float) -> None:
    """The speed of all steps so far; that of the last ones follows from two lines."""
    step, rate, before, mean = fields.get("step"), fields["images_per_sec"], progress.step, progress.speed
    if step and rate and before and mean and step > before:
        images = step / rate - before / mean
        progress.window = (step - before) / images if images > 0 else None
    progress.reached(step, now)
    progress.speed = rate


def show_eval_step(progress: Progress, fields: dict[str, Any], now: float) -> None:
    """The speed since the line before."""
    progress.reached(fields["step"], now)
    progress.window = fields["examples_per_sec"]


def show_header(progress: Progress, fields: dict[str, Any], _now: float) -> None:
    """How many steps there will be."""
    if fields.get("key") == "Num batches":
        progress.total = whole(fields.get("value")) or progress.total


PROGRESS: dict[str, Shows] = {
    "tf_cnn_benchmarks.header": show_header,
    "tf_cnn_benchmarks.step": show_step,
    "tf_cnn_benchmarks.eval_step": show_eval_step,
}
