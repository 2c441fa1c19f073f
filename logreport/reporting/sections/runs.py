"""The runs: one table of all of them, and for a few a card with settings and steps."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from logreport.reporting.report import (
    Block,
    Cell,
    Column,
    Details,
    Note,
    Row,
    RunCard,
    Section,
    Sentence,
    SeriesChart,
    Span,
    StepsChart,
    Table,
)
from logreport.reporting.sections.answers import is_timed, phase_workload, speed_sentence, time_sentence
from logreport.reporting.sections.facts import Facts, Line, missing, numbers, on_what, refs, short_run, words
from logreport.reporting.sections.peak import share_setting
from logreport.reporting.sections.steps import loss_chart, steps_chart
from logreport.reporting.sections.telemetry import series_chart
from logreport.reporting.sections.telemetry import settings as telemetry
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import wording

Record = dict[str, Any]
# Findings that a chart of the steps shows.
IN_STEPS = frozenset(
    (
        "slows-down",
        "speeds-up",
        "slow-start",
        "one-bad-window",
        "uneven-steps",
        "not-settled",
        "non-finite-loss",
    )
)
_MOST = 12
_NO_SPEED = "the log holds no speed for this run"
_NO_ENERGY = "no record of the power of its devices"
_NO_INTERVAL = "no interval: the log holds too few measurements for one"
SETTINGS = {
    "benchmark": "Script",
    "mode": "Mode",
    "dataset": "Data set",
    "batch_size_per_device": "Batch size per device",
    "num_devices": "Devices used",
    "ranks": "Workers",
    "precision": "Precision",
    "optimizer": "Optimizer",
    "variable_update": "Variables",
    "data_format": "Data format",
    "xla": "XLA",
    "mixed_precision": "Mixed precision",
    "distortions": "Distortions",
    "interconnect": "Interconnect",
    "given": "Given by the user",
}


def section(facts: Facts) -> Section:
    """All runs in a table, a few of them one by one, and what was evaluated; a run alone needs no table."""
    tables = facts.blocks({"runs": runs_table})
    shown = facts.blocks({"runs one by one": cards})
    rows = [row for table in tables if isinstance(table, Table) for row in table.rows]
    if len(rows) == 1 and len(shown) == 1:
        tables, shown = (), tuple(replace(c, row=rows[0]) for c in shown if isinstance(c, RunCard))
    evaluated = facts.blocks({"evaluations": evaluations_table})
    if len(rows) == 1:
        return Section("runs", "The run", (*tables, *evaluated, *shown))
    # Where runs are compared, their speeds stand above; else this is the only place.
    compared = any(c.ratio is not None for c in (*facts.comparisons, *facts.between))
    open_, folded = ((), (*tables, *shown)) if compared else (tables, shown)
    details = (Details("Run by run", folded),) if folded else ()
    return Section("runs", "Runs", (*open_, *evaluated, *details))


def _speed_cells(facts: Facts, lines: Sequence[Line]) -> list[Cell]:
    cells = numbers([p["examples_per_second"] if p else None for _, p in lines], _NO_SPEED)
    found = []
    for (run, phase), cell in zip(lines, cells, strict=True):
        doubts = facts.doubts([run["run_id"] or ""], phase["phase"] if phase else None)
        marks = tuple(f.number for f in doubts)
        if phase is None or cell.missing:
            found.append(Cell(cell.text, why=cell.why, missing=cell.missing, findings=marks))
            continue
        name = facts.workload(phase_workload(run, phase))
        what = f"{name}, {wording.device_name(run)}: {cell.text} {facts.unit}"
        places = refs([(phase["source"] or run["source"], phase["line"])], what)
        found.append(Cell(cell.text, places, findings=marks))
    return found


def _interval_cells(lines: Sequence[Line]) -> list[Cell]:
    decimals = fmt.shared_decimals([p["examples_per_second"] if p else None for _, p in lines])
    found = []
    for _, p in lines:
        low, high = (p["examples_per_second_low"], p["examples_per_second_high"]) if p else (None, None)
        text = fmt.interval(low, high, "", decimals)
        found.append(missing(_NO_INTERVAL if p else _NO_SPEED) if text == fmt.MISSING else Cell(text))
    return found


def _status(run: Record) -> Cell:
    reason = fmt.clean(run["status_reason"] or "")
    return Cell(fmt.clean(run["status"] or "unknown"), why=reason)


def runs_table(facts: Facts) -> Iterator[Table]:
    """All runs, a row for each phase."""
    lines = facts.lines
    if not lines:
        return
    times = [p["seconds_per_batch"] if p else None for _, p in lines]
    factor, unit = fmt.time_unit(times)
    steps = numbers([t / factor if t is not None else None for t in times], "no step time in the log")
    energy = numbers([p["examples_per_joule"] if p else None for _, p in lines], _NO_ENERGY)
    columns = (_speed_cells(facts, lines), _interval_cells(lines), steps, energy)
    frameworks = list(dict.fromkeys(wording.framework_name(run["framework"]) for run in facts.runs))
    rows, group = [], ""
    for i, (run, phase) in enumerate(lines):
        model = wording.model_name(run["model"] or run["benchmark"])
        rows.append(
            Row(
                (
                    *_names(facts, run, phase, several=len(frameworks) > 1),
                    *(c[i] for c in columns),
                    _status(run),
                ),
                new_group=model != group,
            )
        )
        group = model
    counted = wording.counted(
        [run["benchmark"] for run in facts.runs], [run.get("item") for run in facts.runs]
    )
    heads = (
        Column("Model"), Column("Phase"), Column("Batch size", numeric=True), Column("Device"),
        Column("Framework" if len(frameworks) > 1 else frameworks[0]), Column("Speed", facts.unit, numeric=True),
        Column("95 % interval", f"{facts.unit}, within the run", numeric=True), Column("Step time", unit, numeric=True),
        Column("Per joule", counted, numeric=True), Column("Status"),
    )  # fmt: skip
    yield Table("runs", "All runs", heads, tuple(rows), whole="runs").without_empty()


def _names(facts: Facts, run: Record, phase: Record | None, *, several: bool) -> tuple[Cell, ...]:
    place = refs([(run["source"], run["first_line"])], f"first line of the run {short_run(run)}")
    device = wording.device_name(run)
    size = phase["batch_size"] if phase and phase["batch_size"] is not None else run["batch_size"]
    return (
        Cell(wording.model_name(run["model"] or run["benchmark"]), place),
        Cell(wording.phase_name(phase["phase"] if phase else run["mode"])),
        missing("batch size not in the log") if size is None else Cell(str(size)),
        Cell(on_what(run), device=facts.device(device), href=f"run-{run['run_id']}", why=_device_origin(run)),
        words(_framework(run, named=several), "the log names no version"),
    )


def _device_origin(run: Record) -> str:
    origin = run["device_source"]
    return f"device name from: {fmt.clean(origin)}" if run["device"] and origin and origin != "log" else ""


def _framework(run: Record, *, named: bool = True) -> str:
    """The framework's version, with its name where it is not in the head of the column."""
    inferred = " (inferred)" if run["framework_version_source"] == "inferred" else ""
    name = wording.framework_name(run["framework"]) if named and run["framework"] else ""
    version = f"{run['framework_version']}{inferred}" if run["framework_version"] else ""
    return fmt.clean(f"{name} {version}")


def _changes(facts: Facts, run_id: str | None) -> str:
    """After which steps the speed of a run changed at once, by phase."""
    return "; ".join(
        f"{wording.phase_name(phase)} after step {fmt.listed([fmt.fixed(step, 0) for step in steps])}"
        for (run, phase), steps in facts.changes.items()
        if run == run_id and steps
    )


def _settings(run: Record, share: str, changes: str) -> tuple[tuple[str, str], ...]:
    found = [("Framework", _framework(run))]
    for name, title in SETTINGS.items():
        value = run[name]
        if name == "batch_size_per_device" and value == run["batch_size"]:
            continue
        if value not in (None, "") and value is not False:
            found.append((title, "yes" if value is True else fmt.clean(value)))
    if run["started_at"] is not None:
        found.append(("Started", fmt.moment(run["started_at"])))
    status = fmt.clean(run["status"] or "unknown")
    reason = f": {fmt.reason(run['status_reason'])}" if run["status_reason"] else ""
    found.append(("Status", status + reason))
    found.append(("Speed changes", changes))
    found.append(("Share of the peak FP32 rate", share))
    return tuple((k, v) for k, v in found if v)


def _is_telling(facts: Facts, run: Record, phase: Record) -> bool:
    """Whether something happened in the steps of a phase: else its speed says all that a chart would."""
    found = facts.doubts([run["run_id"] or ""], phase["phase"])
    return run["status"] in ("failed", "truncated") or any(f.code in IN_STEPS for f in found)


def _card(facts: Facts, run: Record, phases: Sequence[Record]) -> RunCard:
    spans: list[Sentence] = [speed_sentence(facts, p) for p in phases if fmt.usable(p["examples_per_second"])]
    spans += [time_sentence(facts, p) for p in phases if is_timed(p)]
    if not spans:
        ended = run["status_reason"] if run["status"] in ("failed", "truncated") else None
        reason = fmt.reason(ended or _NO_SPEED)
        spans = [(Span("No speed"), Span(f": {reason}."))]
    joined = tuple(part for n, s in enumerate(spans) for part in ((Span(" "), *s) if n else s))
    telling = [p for p in phases if len(facts.runs) == 1 or _is_telling(facts, run, p)]
    drawn: list[StepsChart | SeriesChart | None] = [
        chart for p in telling for chart in (steps_chart(facts, run, p), loss_chart(facts, run, p))
    ]
    drawn += [series_chart(facts, run)] if telling or len(facts.runs) == 1 else []
    return RunCard(
        key=f"run-{run['run_id']}",
        title=short_run(run),
        result=joined,
        settings=(
            *_settings(run, share_setting(facts, run["run_id"] or ""), _changes(facts, run["run_id"])),
            *telemetry(facts, run),
        ),
        command=fmt.clean(run["command"] or ""),
        charts=tuple(c for c in drawn if c is not None),
        findings=tuple(f.number for f in facts.doubts([run["run_id"] or ""])),
    )


def cards(facts: Facts) -> Iterator[Block]:
    """Cards of the runs in the answers first, until there are twelve charts; before them, which runs those are."""
    by_id: dict[str, list[Record]] = {run["run_id"]: [] for run in facts.runs if run["run_id"]}
    for phase in facts.phases:
        by_id[phase["run_id"]].append(phase)
    decided = [c for c in (*facts.between, *facts.comparisons) if c.ratio is not None]
    preferred = [run_id for c in decided for side in (c.side, c.baseline) for run_id in side.run_ids]
    ordered = [run_id for run_id in dict.fromkeys([*preferred, *by_id]) if run_id in by_id]
    made: list[RunCard] = []
    room = _MOST
    for run_id in ordered[:_MOST]:
        card = _card(facts, facts.run[run_id], by_id[run_id])
        room -= len(card.charts)
        if room < 0:
            break
        made.append(card)
    first = (
        "those that the answers above are made from come first" if preferred else "in the order of the logs"
    )
    told = f"{len(made)} of {fmt.count(len(ordered), 'run')} are shown one by one, {first}; all are in the table."
    if len(made) < len(ordered):
        yield Note((Span(told),))
    yield from made


_ACCURACY = ("top_1", "top_5", "test_error")


def evaluations_table(facts: Facts) -> Iterator[Table]:
    """Accuracy of the runs that evaluated."""
    found = list(facts.tables.rows("evaluations"))
    if not found:
        return
    why = "not evaluated"
    columns = [numbers([r[k] * 100 if r[k] is not None else None for r in found], why) for k in _ACCURACY]
    rows = []
    for i, r in enumerate(found):
        run = facts.run.get(r["run_id"] or "")
        name = short_run(run) if run else fmt.clean(r["source"] or "")
        place = refs([(r["source"], r["line"])], f"evaluation of {name}")
        step = Cell(str(r["step"])) if r["step"] is not None else missing("the line names no step")
        examples = (
            Cell(fmt.fixed(r["examples"], 0))
            if r["examples"] is not None
            else missing("the log does not say")
        )
        rows.append(Row((Cell(name, place), step, *(c[i] for c in columns), examples)))
    heads = (
        Column("Run"), Column("Step", numeric=True), Column("Top-1 accuracy", "%", numeric=True),
        Column("Top-5 accuracy", "%", numeric=True), Column("Test error", "%", numeric=True),
        Column("Examples", numeric=True),
    )  # fmt: skip
    yield Table("evaluations", "Evaluation", heads, tuple(rows), whole="evaluations").without_empty()
