"""History: the speed of one workload on one device over the dates of its runs, and where it changed."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from logreport.analysis.findings.changes import FEWEST
from logreport.analysis.results import Comparison
from logreport.analysis.trends.history import Course, Run, Stretch, Turn
from logreport.reporting.report import (
    Answer,
    Block,
    Cell,
    Charts,
    Column,
    HistoryChart,
    Point,
    Ref,
    Row,
    Section,
    Span,
    Table,
)  # fmt: skip
from logreport.reporting.sections.facts import Facts, about, missing
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import wording

_CHARTS = 6
_TOLD = 3  # changes that a report opens with
_NONE = "no change of 2 % or more is shown"
_FEW = f"fewer than {FEWEST} runs: too few to tell a change from chance"
_SOFTWARE = {"driver_version": "driver", "cuda_version": "CUDA", "cudnn_version": "cuDNN"}
_REMARKS = (
    "Each run at the date in its log; all with the same settings, and command or name but for its numbers and dates.",
    "A change: 2 % or more and beyond chance (1 % level, independent runs); its interval is of the runs on both sides.",
)


def section(facts: Facts) -> Section:
    """Charts of the histories that changed most, and a table of all; nothing where there is none."""
    found = sorted(facts.study.histories, key=_interest)
    charts = tuple(_chart(facts, n, c) for n, c in enumerate(found[:_CHARTS], 1))
    blocks: tuple[Block, ...] = (Charts(charts), _table(facts, found)) if found else ()
    return Section("history", "History", blocks)


def answers(facts: Facts) -> tuple[Answer, ...]:
    """What changed over time, the largest change first; that nothing did, where no devices are compared."""
    found = sorted(facts.study.histories, key=_interest)
    tested = [course for course in found if _is_tested(course)]
    changed = tuple(_change(facts, c, turn) for c in tested[:_TOLD] if (turn := c.largest) is not None)
    return changed if changed or facts.between or not tested else (_no_change(facts, tested),)


def _is_tested(course: Course) -> bool:
    """Whether there are enough runs to tell a change from chance."""
    return len(course.runs) >= FEWEST


def told(facts: Facts) -> dict[tuple[str, str], int]:
    """Which history speaks for a run and phase, of those that are long enough."""
    tested = filter(_is_tested, facts.study.histories)
    return {(run.run_id, c.workload.phase): n for n, c in enumerate(tested) for run in c.runs}


def without(facts: Facts, comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Comparisons but for those of the runs of one history with each other."""
    by_run = told(facts)
    return [
        c
        for c in comparisons
        if len({by_run.get((r, c.workload.phase), r) for side in (c.side, c.baseline) for r in side.run_ids})
        > 1
    ]


def _change(facts: Facts, course: Course, turn: Turn) -> Answer:
    """What changed most in one history: how much, since when, with what."""
    at = next(i for i, one in enumerate(course.turns, 1) if one is turn)
    before, after = course.stretches[at - 1 : at + 1]
    old, new = fmt.pair(before.speed, after.speed)
    others = len(course.turns) - 1
    again = f" {fmt.count(others, 'smaller change')} before or after it." if others else ""
    runs = [*before.runs, *after.runs]
    doubts = facts.doubts([run.run_id for run in runs], course.workload.phase)
    return Answer(
        (
            Span(f"{_what(facts, course, turn)}{_with(facts, course, turn)}", strong=True),
            Span(": "),
            Span(new, refs=_places(facts, after)),
            Span(" against "),
            Span(old, refs=_places(facts, before)),
            Span(
                f" {facts.unit} before, {fmt.count(len(after.runs), 'run')} against {len(before.runs)}; "
                f"95 % interval of the change {_sure(turn)}.{again}"
            ),
        ),
        errors=tuple(f for f in doubts if f.severity == "error"),
        findings=tuple(f.number for f in doubts if f.severity != "error"),
    )


def _what(facts: Facts, course: Course, turn: Turn) -> str:
    """Whose speed changed, and how: `ResNet-50 training on GeForce GTX 1080 Ti is 10 % slower since 2020-10-22`."""
    name = f"{facts.workload(course.workload)} on {wording.the(course.device, course.device)}"
    return f"{name} is {_since(course, turn)}"


def over_changes(facts: Facts, comparisons: Sequence[Comparison]) -> str:
    """A sentence where means of comparisons are over runs between which the speed changed; else empty."""
    pooled = [(set(side.run_ids), c.workload.phase) for c in comparisons for side in (c.side, c.baseline)]
    changes = [
        _what(facts, course, turn)
        for course in filter(_is_tested, facts.study.histories)
        for turn in course.turns
        if any(
            phase == course.workload.phase
            and not runs.isdisjoint(run.run_id for run in course.runs[: turn.index])
            and not runs.isdisjoint(run.run_id for run in course.runs[turn.index :])
            for runs, phase in pooled
        )
    ]
    return f" The means are over a change: {fmt.listed(changes, most=2)}." if changes else ""


def _places(facts: Facts, stretch: Stretch, what: str = "") -> tuple[Ref, ...]:
    return facts.refs(((run.source, run.line) for run in stretch.runs), what)


def _no_change(facts: Facts, courses: Sequence[Course]) -> Answer:
    """One sentence for all histories that are long enough and show no change."""
    times = [run.at for course in courses for run in course.runs]
    first, *others = courses
    low, high = fmt.pair(*(end(run.speed for run in first.runs) for end in (min, max)))
    mean = fmt.number(first.stretches[0].speed)
    name = f"{facts.workload(first.workload)} on {wording.the(first.device, first.device)}"
    more = f" {fmt.count(len(others), 'more history', 'more histories')} without a change." if others else ""
    return Answer(
        (
            Span(
                f"No change of 2 % or more is shown from {fmt.day(min(times))} to {fmt.day(max(times))}",
                strong=True,
            ),
            Span(
                f": {name}, {len(first.runs)} runs at {mean} {facts.unit} on average, between {low} and {high}.{more}"
            ),
        )
    )


def _interest(course: Course) -> tuple[float, int]:
    """The largest change first, then the longest history."""
    return -abs(course.largest.ratio - 1) if course.largest else 0.0, -len(course.runs)


def _table(facts: Facts, found: Sequence[Course]) -> Table:
    """A row for each change, and for each history without one."""
    rows = [row for course in found for row in _rows(facts, course)]
    heads = (
        Column("Workload"), Column("Device"), Column("Runs", numeric=True), Column("From"), Column("To"),
        Column("Speed", facts.unit, numeric=True), Column("Change", numeric=True),
        Column("95 % interval", "of the change", numeric=True), Column("New with it"),
    )  # fmt: skip
    return Table("history", "Speed over time", heads, tuple(rows), remarks=_REMARKS).without_empty()


def _rows(facts: Facts, course: Course) -> Iterator[Row]:
    """One history: a row for each stretch between changes; the first has none before it."""
    name, device = facts.workload(course.workload), fmt.clean(course.device)
    speeds = fmt.column([stretch.speed for stretch in course.stretches])
    why = _NONE if len(course.runs) >= FEWEST else _FEW
    for i, (stretch, speed, turn) in enumerate(
        zip(course.stretches, speeds, (None, *course.turns), strict=True)
    ):
        runs = stretch.runs
        places = _places(facts, stretch, f"{name}, {device}: {speed} {facts.unit}")
        doubts = facts.doubts([run.run_id for run in runs], course.workload.phase)
        nothing = missing(why) if not course.turns else missing("the first runs")
        yield Row(
            (
                Cell(name),
                Cell(device, device=facts.devices.get(device)),
                Cell(str(len(runs))),
                Cell(fmt.day(runs[0].at)),
                Cell(fmt.day(runs[-1].at)),
                Cell(
                    speed,
                    places,
                    why=f"geometric mean of {len(runs)} runs",
                    findings=tuple(f.number for f in doubts),
                ),
                *((nothing, nothing, nothing) if turn is None else _changed(facts, course, turn)),
            ),
            new_group=i == 0,
        )


def _changed(facts: Facts, course: Course, turn: Turn) -> tuple[Cell, Cell, Cell]:
    new = [
        f"{_software(facts, course, name)} {fmt.clean(after)} (was {fmt.clean(before)})"
        for name, before, after in turn.changed
    ]
    return (
        Cell(fmt.ratio(turn.ratio)),
        Cell(fmt.interval(turn.low, turn.high, fmt.TIMES)),
        Cell(", ".join(new)) if new else missing("nothing that the logs name changed with it"),
    )


def _chart(facts: Facts, number: int, course: Course) -> HistoryChart:
    name, device = facts.workload(course.workload), fmt.clean(course.device)
    dots = tuple(_dot(facts, run) for run in course.runs)
    levels = tuple((_days(s.runs[0].at), _days(s.runs[-1].at), s.speed) for s in course.stretches)
    first, last = course.runs[0], course.runs[-1]
    span = f"{fmt.day(first.at)} to {fmt.day(last.at)}"
    dotted = " Dotted: where the speed changed." if course.turns else ""
    card = f" The card is {fmt.clean(course.card)}." if course.card else ""
    return HistoryChart(
        key=f"history-{number}",
        title=_title(course, f"{name} on {wording.the(device, device)}"),
        caption=f"{fmt.count(len(course.runs), 'run')}, {span}; whiskers are 95 % intervals within the runs, lines means.{dotted}{card}",
        alt=f"Speed over time of {device} on {name}, {span}: {'; '.join(_said(facts, level) for level in course.stretches)}.",
        unit=facts.unit,
        device=facts.device(device),
        dots=dots,
        levels=levels,
        changes=tuple(_days(course.runs[turn.index].at) for turn in course.turns),
        about=about(course.workload, fields=("model", "phase", "batch", "devices", "data")),
    )


def _said(facts: Facts, stretch: Stretch) -> str:
    """One stretch in words."""
    since = f"{fmt.count(len(stretch.runs), 'run')} from {fmt.day(stretch.runs[0].at)}"
    return f"{since} at {fmt.number(stretch.speed)} {facts.unit}"


def _title(course: Course, name: str) -> str:
    """The largest change of a history, or that there is none."""
    if (turn := course.largest) is None:
        low, high = (f(run.speed for run in course.runs) for f in (min, max))
        return f"{name}: between {' and '.join(fmt.pair(low, high))}, no change shown"
    return f"{name}: {_since(course, turn)}"


def _since(course: Course, turn: Turn) -> str:
    """How much a change is, and since when: `8.1 % slower since 2020-11-05`."""
    percent = fmt.percent(abs(turn.ratio - 1), 2)
    return f"{percent} {'faster' if turn.ratio > 1 else 'slower'} since {fmt.day(course.runs[turn.index].at)}"


def _sure(turn: Turn) -> str:
    """The interval of a change, the way that it went: `7.4–8.6 %`."""
    low, high = sorted(100 * ((end - 1) if turn.ratio > 1 else (1 - end)) for end in (turn.low, turn.high))
    return f"{fmt.interval(low, high, decimals=1)} %"


def _software(facts: Facts, course: Course, name: str) -> str:
    framework = facts.run[course.runs[0].run_id]["framework"]
    return _SOFTWARE.get(name) or (wording.framework_name(framework) if framework else "version")


def _with(facts: Facts, course: Course, turn: Turn) -> str:
    """What changed with a speed: `, with driver 460.39`."""
    new = [f"{_software(facts, course, name)} {fmt.clean(after)}" for name, _, after in turn.changed]
    return f", with {fmt.listed(new)}" if new else ""


def _dot(facts: Facts, run: Run) -> Point:
    version = run.software.get("framework_version")
    with_version = f", version {fmt.clean(version)}" if version else ""
    tip = f"{fmt.moment(run.at)}: {fmt.number(run.speed)} {facts.unit}{with_version}"
    return Point(_days(run.at), run.speed, run.low, run.high, tip)


def _days(at: datetime) -> float:
    """Days since 1970, as matplotlib counts dates."""
    return (at - datetime(1970, 1, 1, tzinfo=at.tzinfo)).total_seconds() / 86400
