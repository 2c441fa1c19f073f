"""Measured values arranged for a README: rows and columns as asked for, one workload in a cell, doubts marked."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from logreport.analysis.comparison.doubts import Doubts
from logreport.analysis.comparison.labelled import setups
from logreport.analysis.comparison.likeness import FACTS
from logreport.analysis.comparison.pooling import Member
from logreport.analysis.study import Study
from logreport.reporting.readme.pivot_cells import (
    DIMENSIONS,
    NONE,
    OPEN,
    Ask,
    Key,
    Point,
    head_of,
    natural,
    naturals,
    points_of,
    silent_of,
    split,
    values_by,
)
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import reasons, wording
from logreport.reporting.text.short_names import Shortening
from logreport.tables.findings import message_of

MOST_TABLES = 12  # more are one table
# May differ inside a table, and is said.
_QUIET = (*(name for name in FACTS if name not in ("framework", "framework_version")), "host")


@dataclass(frozen=True)
class Spot:
    """A cell: a value for each set-up in it (mostly one), and the letters of its notes."""

    values: tuple[float, ...]
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pivot:
    """One table for a README.

    Args:
        subject: what all its cells share, the device first.
        value: what they show.
        ask: its rows and columns.
        unit: unit of its values; a time is in seconds.
        rows: heads of the rows.
        columns: heads of the columns.
        spots: cells by heads of row and column.
        notes: text for each letter.
        remarks: what holds for the whole table.
    """

    subject: tuple[str, ...]
    ask: Ask
    unit: str
    rows: tuple[Key, ...]
    columns: tuple[Key, ...]
    spots: Mapping[tuple[Key, Key], Spot]
    notes: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]


@dataclass
class _Notes:
    """Letters for notes: the same note has the same letter."""

    letters: dict[str, str] = field(default_factory=dict)

    def mark(self, note: str) -> str:
        n = len(self.letters)
        letter = ("" if n < 26 else chr(ord("a") + n // 26 - 1)) + chr(ord("a") + n % 26)
        return self.letters.setdefault(note, letter)


def pivots(study: Study, ask: Ask) -> tuple[Pivot, ...]:
    """The tables that hold all values; several where one would mix workloads in a cell."""
    points, short = list(points_of(study, ask)), Shortening(study.tables)
    groups = _groups(points, ask)
    if len(groups) > MOST_TABLES:
        # Nobody reads so many: what parts them goes into the rows of one.
        fixed = [fixed for fixed, _ in groups]
        parting = [name for name in DIMENSIONS if len({one.get(name) for one in fixed}) > 1]
        ask = replace(ask, rows=(*sorted(parting, key="device".__ne__), *ask.rows))
        groups = _groups(points, ask)
    silent = [silent_of(points, fixed, group) for fixed, group in groups]
    found = [
        _pivot(group, fixed, ask, study.doubts, own, short)
        for (fixed, group), own in zip(groups, silent, strict=True)
    ]
    told = {id(p) for own in silent for p in own}
    left = [p for p in points if p.set_up is None and id(p) not in told]
    if found and left:  # they are of no table, and are not passed over in silence
        found[-1] = replace(found[-1], remarks=(*found[-1].remarks, *_nowhere(left, (), short)))
    return tuple(found)


def _groups(points: Sequence[Point], ask: Ask) -> list[tuple[dict[str, str], list[Point]]]:
    """The points of each table, and what all of them share."""
    rest = [name for name in DIMENSIONS if name not in (*ask.rows, *ask.columns)]
    order = sorted(rest, key=lambda name: (name != "device", name in OPEN))
    return split([p for p in points if p.set_up], order, ask, {})


def _pivot(
    points: Sequence[Point],
    fixed: Mapping[str, str],
    ask: Ask,
    doubts: Doubts,
    silent: Sequence[Point],
    short: Shortening,
) -> Pivot:
    """One table."""
    notes, cells = _Notes(), defaultdict[tuple[Key, Key], list[Point]](list)
    lost = [p for p in silent if all(name in p.at for name in (*ask.rows, *ask.columns))]
    for p in (*points, *lost):
        cells[tuple(p.at[n] for n in ask.rows), tuple(p.at[n] for n in ask.columns)].append(p)
    rows = sorted({row for row, _ in cells}, key=naturals)
    columns = sorted({column for _, column in cells}, key=naturals)
    order = sorted(cells, key=lambda at: (naturals(at[0]), naturals(at[1])))
    spots = {at: _spot(cells[at], ask, doubts, notes, short) for at in order}
    subject = tuple(filter(None, (_subject(name, value, points) for name, value in fixed.items())))
    workloads = [p.set_up.workload for p in points if p.set_up]
    counted = wording.counted([w.benchmark for w in workloads], [w.item for w in workloads])
    unit = f"{counted}/{'J' if ask.value == 'examples_per_joule' else 's'}"
    remarks = (*_heads_differ(points, fixed, ask), *_quiet(points, ask), *_nowhere(silent, lost, short))
    letters = tuple((letter, note) for note, letter in notes.letters.items())
    return Pivot(subject, ask, unit, tuple(rows), tuple(columns), spots, letters, remarks)


def _subject(name: str, value: str, points: Sequence[Point]) -> str:
    """What all cells share, in words; one device is not worth a word."""
    if value == NONE:
        return f"{head_of(name).lower()} {NONE}"
    framework = {"tensorflow": "TensorFlow"}.get(str(points[0].run.get("framework")), "version")
    words = {
        "batch_size": f"batch {value}",
        "framework_version": f"{framework} {value}",
        "num_devices": "" if value == "1" else f"{value} devices",
        "dataset": f"{value} data",
    }
    return words.get(name, value)


def _spot(points: Sequence[Point], ask: Ask, doubts: Doubts, notes: _Notes, short: Shortening) -> Spot:
    """One cell: repeats of one set-up are pooled, several set-ups stay apart unless the best is asked for."""
    found = [(p.set_up, p.pooled) for p in points if p.set_up is not None and p.pooled is not None]
    if ask.best:
        quickest = min if ask.value == "seconds_per_batch" else max
        found = [quickest(found, key=lambda one: one[1].value)] if found else []
    values = [pooled.value for _, pooled in found]
    order = sorted(range(len(found)), key=lambda i: values[i])
    marks = []
    if len(found) > 1:
        called = [tuple(map(short.place, parts)) for parts in setups([runs for runs, _ in found])]
        if len({parts[0] for parts in called}) == 1:
            called = [parts[1:] for parts in called]
        shown = " / ".join(", ".join(called[i]) for i in order)
        marks.append(notes.mark(f"{len(found)} set-ups, kept apart: {shown}"))
    for runs, pooled in found:
        if pooled.runs > 1:
            span = fmt.percent(pooled.spread, 2)
            marks.append(
                notes.mark(f"geometric mean of {pooled.runs} runs, the fastest {span} above the slowest")
            )
        marks += [notes.mark(note) for m in runs for note in _about(m, doubts)]
    marks += [notes.mark(_why(p.run)) for p in points if p.set_up is None]
    return Spot(tuple(values[i] for i in order), tuple(dict.fromkeys(marks)))


def _about(member: Member, doubts: Doubts) -> Iterator[str]:
    """What is held against a value: how its run ended, errors in full, warnings in few words."""
    warnings: list[str] = []
    if member.facts.get("status") == "failed":
        yield _why(member.facts)
    for finding in doubts.about(member):
        if finding["code"] in ("failed", *warnings):
            continue
        if finding["severity"] == "error":
            yield fmt.clean(message_of(finding))
        else:
            warnings.append(finding["code"])
    if warnings:
        yield ", ".join(code.replace("-", " ") for code in warnings)


def _why(run: Mapping[str, Any]) -> str:
    """How a run ended."""
    reason = fmt.clean(run["status_reason"] or "").rstrip(":")
    return f"{run['status']}{f': {reason}' if reason else ''}"


def _heads_differ(points: Sequence[Point], fixed: Mapping[str, str], ask: Ask) -> Iterator[str]:
    """What is not the same in all columns, or in all rows."""
    told: dict[Key, list[str]] = defaultdict(list)
    for name in OPEN:
        if name not in fixed and name not in (*ask.rows, *ask.columns):
            found = values_by(points, name, ask.columns) or values_by(points, name, ask.rows)
            for head in sorted(found, key=naturals):
                told[head].append(f"{head_of(name).lower()} {found[head]}")
    if told:
        yield "; ".join(f"{', '.join(head)}: {', '.join(values)}" for head, values in told.items())


def _quiet(points: Sequence[Point], ask: Ask) -> Iterator[str]:
    """Settings that differ somewhere in the table, where no head says so, and what was chosen among them."""
    if ask.best:
        yield "Each cell shows the fastest of its set-ups"
    for name in _QUIET:
        if name in (*ask.rows, *ask.columns):
            continue
        values = {fmt.clean(reasons.setting(name, v)) for p in points if (v := p.run.get(name)) is not None}
        if len(values) > 1:
            yield f"Not all runs are alike: {fmt.listed(sorted(values, key=natural))}"


def _nowhere(silent: Sequence[Point], lost: Sequence[Point], short: Shortening) -> Iterator[str]:
    """Runs that ended badly and have no cell."""
    told = set(map(id, lost))
    if rest := [p for p in silent if id(p) not in told]:
        shown = fmt.listed([f"{fmt.clean(short.place(p.run['source']))} ({_why(p.run)})" for p in rest])
        yield f"Without a value: {shown}"
