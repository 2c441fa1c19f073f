"""Runs of formats that are grammars alone: directives say what their kinds are, names of fields where their values go."""

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from logreport.grammar import Match, Records
from logreport.grammar.fields import EVALUATED, MEANINGS, SPEED, TIME, Meaning
from logreport.grammar.lowering.values import quantum_of
from logreport.runs.machine.devices import canonical_name
from logreport.runs.run import Run
from logreport.runs.scripts.common import LARGEST, moment, moment_of, options_of, ranks_of, row_of, whole
from logreport.runs.scripts.progress import Progress
from logreport.runs.segmentation.segmenter import Rule, Segmenter, StepRule, is_repeat, read_rising
from logreport.runs.segmentation.states import has_results
from logreport.scripts import FACTS as OF_FACTS
from logreport.scripts import OFFICIAL, Benchmark
from logreport.tables.schema import FACTS, FLAG, REAL, TABLES, TEXT, WHOLE
from logreport.tables.schema import TIME as MOMENT
from logreport.tables.tables import Tables

STEPS = ("step", "iteration")
PHASES = {"evaluation": "evaluation", "inference": "inference", "forward only": "inference"}
SCORES = ("loss", "top_1", "top_5", "test_error")
PLAIN = ("loss", "learning_rate", "top_1", "top_5", "jitter")
YES, NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
GPU = re.compile(
    r"(?i)geforce|tesla|quadro|titan|radeon|instinct|\b[gr]tx\b|\bgpu\b|\bcuda\b|\bmps\b|\b(?:a|b|h|l|p|t|v)[0-9]{1,3}\b"
)
CPU = re.compile(r"(?i)xeon|epyc|ryzen|opteron|\bcore\b|\bcpu\b")
TPU = re.compile(r"(?i)\btpu\b")
KINDS = ("cpu", "gpu", "tpu", "other")


def yes_or_no(text: str) -> bool | None:
    """A truth as people write it; None where it is none. An option without a value is on."""
    word = text.strip().lower()
    return True if word in YES or not word else False if word in NO else None


CONVERT: dict[str, Callable[[str], Any]] = {
    WHOLE: whole,
    MOMENT: moment,
    TEXT: str,
    REAL: float,
    FLAG: yes_or_no,
}
COLUMNS = {column.name: CONVERT[column.dtype] for column in TABLES["runs"] if column.name in FACTS}


# What the runs table says


def facts(run: Run, _flags: dict[str, str]) -> dict[str, Any]:
    """Columns of the runs table: as lines say them, else the options of the command, else what always holds."""
    known = run.known
    said: dict[str, str] = dict(known.always)
    said |= options_of(run.command, known.setup_flags)
    for kind in known.kinds(*OF_FACTS):
        for _, fields in run.of_kind(kind):
            said |= {name: str(value) for name, value in fields.items() if name in COLUMNS}
    found: dict[str, Any] = {"mode": mode_of(run)}
    found |= {name: made for name, text in said.items() if (made := COLUMNS[name](text)) is not None}
    if "batch_size" not in found and {"batch_size_per_device", "num_devices"} <= found.keys():
        found["batch_size"] = found["batch_size_per_device"] * found["num_devices"]
    if "framework_version" in found:
        found["framework_version_source"] = "printed"
    if name := found.get("device"):
        found |= {"device": canonical_name(name), "device_source": "log"}
        found.setdefault("device_kind", name)
    if device := found.get("device_kind"):
        found["device_kind"] = kind_of(device)
    found["item"] = item_of(run)
    return found


def mode_of(run: Run) -> str:
    """Training, unless all that it did was to measure how good a model is, or its format knows what runs without epochs are."""
    known = run.known
    steps = known.kinds("step")
    if not run.has(*steps, *known.kinds("total")):
        return "evaluation" if run.has(*known.kinds("evaluation_step")) else "training"
    if known.outside_epochs is None or run.epoch is not None:
        return "training"
    trains = (scores_in(numbers_of(match), EVALUATED) for kind in steps for match in run.only(kind))
    return "training" if any(trains) else known.outside_epochs


def kind_of(device: str) -> str:
    """The kind of a device that a header or an option names."""
    if device in KINDS:
        return device
    return next(
        (kind for kind, words in (("tpu", TPU), ("gpu", GPU), ("cpu", CPU)) if words.search(device)), "other"
    )


def item_of(run: Run) -> str | None:
    """What the speeds of a run count."""
    for kind in run.known.kinds("step", "total", "evaluation_step"):
        for match in run.only(kind)[:1]:
            if (speed := speed_in(said_by(match), run.known)) is not None:
                return MEANINGS[speed].item
    return None


def said_by(match: Match) -> list[str]:
    """The fields that are there in a line."""
    return [name for name in match.leaf.places if match.raw(name) is not None]


def speed_in(names: Iterable[str], known: Benchmark) -> str | None:
    """The field of the speed that counts among some; of several the one that the format names, else the first of `MEANINGS`."""
    speeds = {name for name in names if (meaning := MEANINGS.get(name)) and meaning.column == SPEED}
    if known.rate in speeds or len(speeds) < 2:
        return known.rate if known.rate in speeds else next(iter(speeds), None)
    return next(name for name in MEANINGS if name in speeds)


def status(run: Run) -> tuple[str, str]:
    """Complete or failed with a line that says so, where the format has one."""
    for kind in run.known.kinds("fails"):
        if (match := run.last_of(kind)) is not None:
            return "failed", str(next(iter(match.fields().values()), "the last line says so"))
    final = run.known.kinds("ends", "completes", "total")
    if run.has(*final):
        return "complete", "the final line is there"
    if run.known.kinds("ends", "completes", "fails"):
        return "truncated", "the final line is not there"
    return "unknown", "the grammar knows no final line"


# Steps, phases and evaluations


class Values(NamedTuple):
    """What some lines say of one column: a value for each, in its base unit, and the step of the last printed digits."""

    values: list[float | None]
    quantum: float | None


def first(fields: Mapping[str, Any], names: Iterable[str]) -> Any:  # noqa: ANN401 - any value of a field
    """The first of several names that is there."""
    return next((fields[name] for name in names if name in fields), None)


def build(run: Run, row: dict[str, Any], tables: Tables) -> None:
    """Add the phase that the run is of, that of its evaluations, and what those found."""
    known = run.known
    phase = PHASES.get(str(row["mode"]), "training")
    add_phase(run, row, tables, phase, known.kinds("step"), known.kinds("total"))
    add_phase(run, row, tables, "evaluation", known.kinds("evaluation_step"), ())
    add_evaluations(run, row, tables)


def add_phase(
    run: Run, row: dict[str, Any], tables: Tables, phase: str, kinds: Sequence[str], finals: Sequence[str]
) -> None:
    """Add steps and one phase; the total's speed counts, else analysis takes the mean of the steps."""
    known, about = run.known, {**row_of(row), "phase": phase}
    lines = one_each([match for kind in kinds for match in run.only(kind)])
    totals = [match for kind in finals for match in run.only(kind)]
    if not lines and not totals:
        return
    numbers = numbered(run, lines, through=known.restarts or phase == "evaluation")
    speeds = column_of(lines, SPEED, run, row)
    times = column_of(lines, TIME, run, row)
    plain = {name: column_of(lines, name, run, row).values for name in PLAIN}
    tables.add_rows(
        "steps", len(lines), **about,
        rank=ranks_of([match.rank for match in lines], [step for step, _ in numbers]),
        step=[step for step, _ in numbers], epoch=[epoch for _, epoch in numbers],
        timestamp=[moment_of(match.fields()) for match in lines],
        seconds_per_batch=times.values, examples_per_second=speeds.values,
        line=[match.line for match in lines], **plain,
    )  # fmt: skip
    speed, time = (column_of(totals[-1:], name, run, row).values for name in (SPEED, TIME))
    says = (known.evaluation_steps if kinds == known.kinds("evaluation_step") else None) or known.steps
    tables.add(
        "phases", **about, batch_size=row["batch_size"],
        examples_per_second=speed[0] if speed else None, seconds_per_batch=time[0] if time else None,
        method="reported" if speed and speed[0] is not None else "computed", line=(totals or lines)[-1].line,
        step_lines=says.lines, rate_quantum=speeds.quantum, seconds_quantum=times.quantum, warms_up=says.warms_up,
    )  # fmt: skip


def one_each(lines: list[Match]) -> list[Match]:
    """Lines in their order; of those of one step the last, as a progress bar rewrites it.

    A bar stands in one line of the source, or its lines say the epoch.
    """
    lines.sort(key=lambda match: match.line)
    keys = []
    for match, step in zip(lines, step_numbers(lines), strict=True):
        epoch = None if step is None else match.value("epoch")
        keys.append((match.line if epoch is None else None, epoch, match.rank, step))
    return [line for line, key, after in itertools.zip_longest(lines, keys, keys[1:]) if key != after]


def step_numbers(lines: Sequence[Match]) -> list[int | None]:
    """The number of the step of each line."""
    return [
        whole_part(next((step for name in STEPS if (step := match.value(name)) is not None), None))
        for match in lines
    ]


def column_of(lines: Sequence[Match], name: str, run: Run, row: Mapping[str, Any]) -> Values:
    """What lines say of a column, by the names of their fields."""
    known = run.known
    values: list[float | None] = []
    quanta: list[float] = []
    for match in lines:
        field = field_of(match, name, known)
        value = None if field is None else match.value(field)
        if field is None or not isinstance(value, int | float):
            values.append(None)
            continue
        meaning = MEANINGS[field]
        devices = (row.get("num_devices") or 1) if meaning.per_device else 1
        made = meaning.of(value)
        values.append(None if made is None else made * devices)
        if made is not None:
            quantum = known.rounding.get(field) or quantum_of(dtype_of(match, field), match.raw(field) or b"")
            quanta.append(devices * step_of(meaning, value, quantum))
    if not quanta:
        return Values(values, None)
    from statistics import median

    return Values(values, median(quanta))


def field_of(match: Match, name: str, known: Benchmark) -> str | None:
    """The field of a line that goes to a column."""
    if name == SPEED:
        return speed_in(said_by(match), known)
    there = (one for one in match.leaf.places if (meaning := MEANINGS.get(one)) and meaning.column == name)
    return next((one for one in there if match.raw(one) is not None), None)


def dtype_of(match: Match, field: str) -> str:
    return next(dtype for name, dtype, _ in match.leaf.fields if name == field)


def step_of(meaning: Meaning, value: float, quantum: float) -> float:
    """How far a column moves with the last digit of a field."""
    if not meaning.inverse:
        return meaning.factor * quantum
    here, there = meaning.of(value), meaning.of(value + quantum)
    return 0.0 if here is None or there is None else abs(there - here)


def numbered(run: Run, lines: Sequence[Match], *, through: bool) -> list[tuple[int | None, int | None]]:
    """Step and epoch of each line.

    Args:
        run: whose other lines may say the epoch.
        lines: lines of steps.
        through: whether steps that start again count on: by the steps of an epoch as printed, else as seen.
    """
    epochs = epochs_of(run, lines)
    if not through:
        return list(zip(step_numbers(lines), epochs, strict=True))
    counts = {None: Counted()} | {match.rank: Counted() for match in lines}
    return [
        (counts[match.rank].through(step, epoch, match.value("steps_per_epoch")), epoch)
        for match, step, epoch in zip(lines, step_numbers(lines), epochs, strict=True)
    ]


def epochs_of(run: Run, lines: Sequence[Match]) -> list[int | None]:
    """The epoch of each line: as it says, else as the last line before it that says one."""
    has_epoch = {form.kind for form in run.forms if "epoch" in form.leaf.places}
    own = {kind for kind in has_epoch if kind.partition(".")[0] == run.benchmark}
    if not own:
        return [None] * len(lines)
    wanted = {match.place for match in lines}
    now: dict[int | None, int | None] = {}
    found = []
    for match in run.records.by_line():
        if match.leaf.kind in own and (epoch := match.value("epoch")) is not None:
            now[match.rank] = whole_part(epoch)
        if match.place in wanted:
            found.append(now.get(match.rank))
    return found


def whole_part(value: Any) -> int | None:  # noqa: ANN401 - a number, or a text that is none
    """The whole number of a field, None where it is none or damaged."""
    return int(value) if isinstance(value, int | float) and abs(value) < LARGEST else None


class Counted:
    """Counts steps through where they start again.

    Steps of an epoch that the log does not say are as many as were seen: up to the largest, and one more where they
    are counted from 0.
    """

    def __init__(self) -> None:
        self.before = self.size = 0
        self.from_zero = False
        self.step: int | None = None
        self.epoch: int | None = None

    def through(self, step: int | None, epoch: int | None, size: object) -> int | None:
        """The number of a step, counted from the first epoch in the log."""
        if step is None:
            return None
        again = self.step is not None and (step < self.step if epoch == self.epoch else epoch is not None)
        if again:
            skipped = epoch - self.epoch if epoch is not None and self.epoch is not None else 1
            self.before += max(skipped, 1) * (self.size + self.from_zero)
            self.size = 0
        if isinstance(size, int):
            self.size, self.from_zero = size, False
        else:
            self.from_zero = self.from_zero or step == 0
            self.size = max(self.size, step)
        self.step, self.epoch = step, epoch
        return whole_part(self.before + step)


def add_evaluations(run: Run, row: dict[str, Any], tables: Tables) -> None:
    """Add what lines of evaluations say, and lines of steps in fields that begin with `evaluation_`."""
    known = run.known
    evaluations, steps = set(known.kinds("evaluation")), known.kinds("step")
    lines = [match for match in run.records.by_line() if match.leaf.kind.partition(".")[0] == run.benchmark]
    # the last step of what is nothing but an evaluation says what it found
    found = [match for match in lines if match.leaf.kind in steps][-1:] if row["mode"] == "evaluation" else []
    is_accurate = not known.accurate or row.get("model") in known.accurate
    for match in lines:
        prefixes = EVALUATED + (("",) if match.leaf.kind in evaluations or match in found else ())
        fields = numbers_of(match)
        told = fields if is_accurate else {name: fields[name] for name in fields if name != "accuracy"}
        scores = scores_in(told, prefixes)
        if scores:
            tables.add(
                "evaluations", **row_of(row), step=whole_part(first(fields, STEPS)), epoch=whole_part(fields.get("epoch")),
                examples=whole_part(fields.get("examples")), line=match.line, **scores,
            )  # fmt: skip


def numbers_of(match: Match) -> dict[str, float]:
    """The fields of a line that are numbers."""
    return {name: value for name, value in match.fields().items() if isinstance(value, int | float)}


def scores_in(fields: Mapping[str, float], prefixes: Iterable[str]) -> dict[str, float | None]:
    """Loss and shares of right answers in the fields of an evaluation."""
    found: dict[str, float | None] = {}
    for prefix in prefixes:
        for name, value in fields.items():
            meaning = MEANINGS.get(name.removeprefix(prefix)) if name.startswith(prefix) else None
            if meaning is not None and meaning.column in SCORES:
                found.setdefault(meaning.column, meaning.of(value))
    return found


# Where a run begins and ends


def open_run(reader: Segmenter, grammar: str) -> Run:
    """The open run of a format, another one where that is over."""
    run = reader.of(grammar)
    return reader.begin_new(grammar) if run.has(*run.known.roles["ends"]) else run


def read_header(reader: Segmenter, match: Match) -> None:
    """Facts of a run; after a result they are those of another."""
    grammar = grammar_of(match)
    run = open_run(reader, grammar)
    if has_results(run):
        run = reader.begin_new(grammar)
    run.add(match)


def read_beginning(reader: Segmenter, match: Match) -> None:
    """A line that begins a run, unless the open one has only begun with others."""
    grammar = grammar_of(match)
    run = open_run(reader, grammar)
    if has_results(run) or run.has(match.leaf.kind):
        run = reader.begin_new(grammar)
    run.add(match)


def read_command(reader: Segmenter, match: Match) -> None:
    """The command that made a run."""
    read_beginning(reader, match)
    run = reader.of(grammar_of(match))
    run.command = " ".join(str(value) for value in match.fields().values())


def read_line(reader: Segmenter, match: Match) -> None:
    """A line of the open run; one of another format keeps its own."""
    if is_foreign(reader, match):
        reader.feed_other(match)
    else:
        open_run(reader, grammar_of(match)).add(match)


def read_total(reader: Segmenter, match: Match) -> None:
    """A result of the open run, or a run by itself."""
    run = open_run(reader, grammar_of(match))
    if not is_repeat(run, match):
        run.add(match)


def is_foreign(reader: Segmenter, match: Match) -> bool:
    """Whether it stands in a run of another format that has results: what is no speed proves nothing against these."""
    run = reader.run
    return run is not None and run.benchmark not in (None, grammar_of(match)) and has_results(run)


def read_step(reader: Segmenter, match: Match) -> None:
    """A step: one that is not after the last begins a new run, unless it stands in one line with that, or in a later epoch.

    Other ranks, which a prefix names, print the same steps; bars print one again, with its epoch. Where the epoch stands
    above the steps, one of another number of steps in it is of another run as well.
    """
    grammar = grammar_of(match)
    run = open_run(reader, grammar)
    step = step_numbers([match])[0]
    if not (step is None and match.value("epoch") is None) and is_repeat(run, match):
        return
    if run.known.restarts:
        before = run.epoch
        epoch = whole_part(match.value("epoch"))
        is_back = epoch is not None and before is not None and epoch < before
        is_later = epoch is not None and (before is None or epoch > before)
        run.epoch = before if epoch is None else epoch
    else:
        epoch, is_back, is_later = None, False, False
    if step is not None and reader.last_step is not None and not is_later:
        last = run.records[-1] if run.records else None
        again = step == reader.last_step and ((last and last.line == match.line) or epoch is not None)
        is_back = is_back or (step <= reader.last_step and not again)
        if run.known.restarts and epoch is None and last is not None:
            sizes = {last.value("steps_per_epoch"), match.value("steps_per_epoch")} - {None}
            is_back = is_back or len(sizes) > 1
    if is_back and match.rank is None:
        run = reader.begin_new(grammar)
        run.epoch = epoch
    reader.last_step = step if step is not None else reader.last_step
    run.add(match)


def read_steps(reader: Segmenter, records: Records) -> None:
    """Steps that follow one another; those that go up belong to the run of the first."""
    first_line = records[0]
    grammar = grammar_of(first_line)
    if reader.formats[grammar].restarts or first_line.leaf.places.get(STEPS[0]) is None:
        for match in records:
            read_step(reader, match)
    else:
        read_rising(reader, grammar, records, read_step)


def read_epoch(reader: Segmenter, match: Match) -> None:
    """A line that says the epoch: steps start again; an epoch that is not after the last is that of another run."""
    if is_foreign(reader, match):
        reader.feed_other(match)
        return
    grammar = grammar_of(match)
    run, epoch = open_run(reader, grammar), whole_part(match.value("epoch"))
    if is_repeat(run, match):
        return
    if epoch is not None and match.rank is None and match.leaf.kind not in run.known.results:
        if run.epoch is not None and (epoch < run.epoch or (epoch == run.epoch and run.has(match.leaf.kind))):
            run = reader.begin_new(grammar)
        if epoch != run.epoch:
            reader.last_step = None
        run.epoch = epoch
    run.add(match)


def state(reader: Segmenter, match: Match) -> None:
    """A result without a run."""
    reader.found.stated.append(match)


def grammar_of(match: Match) -> str:
    return match.leaf.kind.partition(".")[0]


BY_ROLE: Mapping[str, Rule] = {
    "header": read_header,
    "facts": read_line,
    "begins": read_beginning,
    "command": read_command,
    "step": read_step,
    "total": read_total,
    "evaluation": read_line,
    "evaluation_step": read_total,
    "completes": read_line,
    "fails": read_line,
    "ends": read_line,
    "published": state,
}


def rules_of(formats: Mapping[str, Benchmark], kinds: Iterable[tuple[str, Iterable[str]]]) -> dict[str, Rule]:
    """The rules of the kinds of formats that are grammars alone.

    Args:
        formats: what is known of each.
        kinds: the kinds that there are, with the names of their fields.
    """
    rules: dict[str, Rule] = {}
    for name, known in formats.items():
        if name not in OFFICIAL:
            for kind, fields in kinds:
                if known.restarts and kind.partition(".")[0] == name and "epoch" in fields:
                    rules[kind] = read_epoch
            for role, rule in BY_ROLE.items():
                for kind in known.kinds(role):
                    if role in ("completes", "ends", "fails"):
                        rules.setdefault(kind, rule)
                    elif not (rules.get(kind) is read_epoch and role in ("evaluation", "total", "facts")):
                        rules[kind] = rule
    return rules


def step_rules_of(formats: Mapping[str, Benchmark]) -> dict[str, StepRule]:
    """The same for steps that follow one another."""
    return {
        kind: read_steps
        for name, known in formats.items()
        if name not in OFFICIAL
        for kind in known.kinds("step")
    }


# What is shown while it runs


def show_step(known: Benchmark, progress: Progress, fields: dict[str, Any], now: float) -> None:
    """What is shown while it runs: a step with the speed, or the seconds, that its line says."""
    step = first(fields, STEPS)
    progress.reached(None if step is None else int(step), now)
    speed = speed_in(fields, known)
    times = [name for name in fields if (meaning := MEANINGS.get(name)) and meaning.column == TIME]
    if speed is not None and (value := MEANINGS[speed].of(fields[speed])) is not None:
        progress.window = value
    elif times and (seconds := MEANINGS[times[0]].of(fields[times[0]])) is not None:
        progress.measured(seconds)
