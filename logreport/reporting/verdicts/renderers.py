"""The verdicts of a comparison as text for a terminal, as markdown, and as JSON."""

import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from logreport.analysis.comparison.labelled import Alone
from logreport.analysis.results import Comparison, Side
from logreport.reporting.rendering.markdown import escape, write_table
from logreport.reporting.report import Cell, Column, Table
from logreport.reporting.report import Row as TableRow
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import reasons, wording
from logreport.reporting.verdicts.verdicts import FINE, REGRESSION, Row, Verdicts, change, percent
from logreport.tables.exporting import aligned, json_bytes
from logreport.tables.findings import KINDS, message_of

_SHOWN = 3  # places named for one number
_DECIMALS = 7  # of the end of an interval, fewer than these
_TWICE = 2.0  # from this factor on, a change is shown as a factor
_MEAN = "geometric mean"
_UNSTEADY = ("not-settled", "slows-down", "speeds-up")  # of a run that one mean does not describe
_NUMERIC = range(2, 6)  # columns


def _unit(found: Verdicts) -> str:
    workloads = [row.matched.comparison.workload for row in found.rows] + [a.workload for a in found.alone]
    return wording.speed_unit([w.benchmark for w in workloads], [w.item for w in workloads])


def _as_factor(found: Verdicts) -> bool:
    """Whether the changes are too large for percentages."""
    ratios = [row.matched.comparison.ratio for row in found.rows]
    return any(not 1 / _TWICE < r < _TWICE for r in ratios if r)


def _ratio(value: float | None, *, factor: bool) -> str:
    return fmt.ratio(value) if factor else change(value)


def _interval(low: float | None, high: float | None, *, factor: bool) -> str:
    if factor or low is None or high is None:
        return fmt.interval(low, high, fmt.TIMES)
    # One that leaves out 0 does not seem to reach it.
    tried = () if low <= 1 <= high else range(1, _DECIMALS)
    decimals = next((n for n in tried if all(change(end, n).strip("0.") for end in (low, high))), 1)
    return f"{change(low, decimals)} to {change(high, decimals)}"


def _heads(found: Verdicts, labels: tuple[str, str]) -> list[str]:
    unit, factor = _unit(found), _as_factor(found)
    heads = ["Workload", "Device", f"{labels[0]} ({unit})", f"{labels[1]} ({unit})"]
    heads += [f"{labels[1]} ÷ {labels[0]}" if factor else "Change (%)", "95 % interval", "Verdict"]
    return heads if found.fail_under is None else [*heads, f"Limit {percent(found.fail_under)} %"]


def _device(row: Row) -> str:
    old, new = fmt.clean(_old(row)), fmt.clean(row.matched.new)
    return new if old == new else f"{old} → {new}"


def _old(row: Row) -> str:
    """The old set-up; where several are equally near, it is said how many."""
    olds = row.matched.olds
    return olds[0] if len(olds) == 1 else f"one of {len(olds)}"


_OUTCOMES = {FINE: "kept", REGRESSION: "broken"}


def _cells(found: Verdicts, rows: Sequence[Row], mark: Callable[[str], str]) -> Iterator[list[str]]:
    """The rows of one pair of labels; `mark` gives a note its number."""
    factor = _as_factor(found)
    sides = [[getattr(r.matched.comparison, side).speed.value for r in rows] for side in ("baseline", "side")]
    texts = [fmt.column(values) for values in sides]
    for i, row in enumerate(rows):
        c = row.matched.comparison
        verdict = wording.verdict(c) + "".join(f" [{mark(note)}]" for note in _notes(row))
        cells = [wording.workload_text(c.workload, found.both_data), _device(row), texts[0][i], texts[1][i]]
        cells += [_ratio(c.ratio, factor=factor), _interval(c.low, c.high, factor=factor), verdict]
        yield cells if found.fail_under is None else [*cells, _OUTCOMES.get(row.outcome, "undecided")]
    mean = next((m for m in found.means if rows and m.side == rows[0].matched.comparison.side.label), None)
    if mean is not None:
        shown = [_ratio(mean.ratio, factor=factor), _interval(mean.low, mean.high, factor=factor)]
        yield [_MEAN, "", "", "", *shown, "", *([] if found.fail_under is None else [""])]


def _notes(row: Row) -> tuple[str, ...]:
    """What is to be said about one row: why it is undecided, then what analysis noted, without what is said for all."""
    c = row.matched.comparison
    labels = {"baseline": c.baseline.label, "run": c.side.label}
    # The labels that each finding is about.
    found: dict[str, list[str]] = defaultdict(list)
    for remark in c.remarks:
        if remark.kind == "finding":
            finding = reasons.finding_of(remark)
            found[f"{finding['code']}: {message_of(finding)}"].append(labels[remark.values[0]])
        elif not wording.is_general(remark):
            found[reasons.text(remark)] = []
    told = (": ".join([*(about if len(about) < 2 else ["both"]), what]) for what, about in found.items())
    return tuple(dict.fromkeys(map(fmt.clean, (*filter(None, [row.why]), *told))))


def _parts(found: Verdicts) -> Iterator[tuple[tuple[str, str], list[Row]]]:
    """The rows of each label beside the baseline."""
    for label in list(found.labels)[1:]:
        yield (found.baseline, label), [r for r in found.rows if r.matched.comparison.side.label == label]


def _lost(found: Verdicts) -> list[str]:
    """What could not be compared, and runs without a speed."""
    alone = (
        f"{wording.workload_text(a.workload, found.both_data)}, {fmt.clean(a.setup)} ({_places(a.side)}): only in {a.side.label}; "
        f"{fmt.clean(reasons.text(a.reason))}"
        for a in found.alone
    )
    return [*alone, *map(fmt.clean, _silent(found))]


def _silent(found: Verdicts) -> Iterator[str]:
    for run in found.silent:
        reason = f", {run.reason.rstrip(':')}" if run.reason else ""
        yield f"{run.source}:{run.line} ({run.label}) gives no speed: {run.status}{reason}"


def _places(side: Side) -> str:
    shown = ", ".join(f"{fmt.clean(source)}:{line}" for source, line in side.sources[:_SHOWN])
    rest = len(side.sources) - _SHOWN
    return f"{shown} and {rest} more" if rest > 0 else shown


def _remarks(found: Verdicts) -> Iterator[str]:
    """What holds for the whole table."""
    said = (r for row in found.rows for r in row.matched.comparison.remarks if wording.is_general(r))
    yield from dict.fromkeys(map(wording.remark, said))
    if any(row.matched.comparison.low is not None for row in found.rows):
        yield "The interval counts the variation from run to run"
    if found.means:
        yield "The geometric mean speaks for these workloads only"


def conclusion(found: Verdicts) -> str:
    """One sentence: what the exit status says."""
    counts = [sum(row.outcome == status for row in found.rows) for status in (REGRESSION, FINE)]
    undecided = len(found.rows) - sum(counts)
    lost = len(found.missing)
    parts = [f"{fmt.count(len(found.rows), 'comparison')}"]
    if found.fail_under is not None:
        limit = percent(found.fail_under)
        parts += [f"{counts[0]} below the limit of {limit} %, {counts[1]} above it, {undecided} undecided"]
    elif undecided:
        parts += [f"{undecided} could not be made"]
    if lost:
        parts += [f"{lost} of {found.baseline} {'has' if lost == 1 else 'have'} no partner"]
    if not found.rows:
        parts = ["nothing to compare: the labels share no workload with a speed"]
    return f"{'; '.join(parts)}."


def answers(found: Verdicts) -> Iterator[str]:
    """A sentence for each label: how far it is from the baseline on the whole."""
    factor = _as_factor(found)
    for (old, new), rows in _parts(found):
        compared = [row.matched.comparison for row in rows if row.matched.comparison.ratio is not None]
        mean = next((m for m in found.means if m.side == new), None)
        if mean is None and len(compared) != 1:
            continue
        of = mean or compared[0]
        where = (
            f"{len(compared)} workloads, geometric mean"
            if mean
            else wording.workload_text(compared[0].workload, found.both_data)
        )
        percent_sign = "" if factor else " %"
        ratio = _ratio(of.ratio, factor=factor) + percent_sign
        interval = (
            ""
            if of.low is None
            else f"; 95 % interval {_interval(of.low, of.high, factor=factor)}{percent_sign}"
        )
        others = sum(_is_of_two_devices(c) for c in compared)
        some = 0 < others < len(compared)  # where all are, the labels mean devices
        apart = f"; {others} of them of two devices, which --match device leaves out" if some else ""
        yield f"{new} against {old}: {ratio} ({where}{interval}{apart}{_doubted(compared)})."


def _doubted(compared: Sequence[Comparison]) -> str:
    """How many of some comparisons have a number that a finding holds to be no measure of the devices, and which findings."""
    found = [
        {r.values[1] for r in c.remarks if r.kind == "finding" and _is_doubt(r.values[1])} for c in compared
    ]
    if not any(found):
        return ""
    some = "its number is" if len(found) == 1 else f"{sum(map(bool, found))} of them with a number that is"
    return f"; {some} doubted: {', '.join(sorted(set().union(*found)))}"


def _is_doubt(code: str) -> bool:
    return code in _UNSTEADY or not KINDS[code].averaged


def _is_of_two_devices(c: Comparison) -> bool:
    """Whether the sides ran on different devices: then what differs is not the labels alone."""
    devices = c.side.device, c.baseline.device
    return None not in devices and devices[0] != devices[1]


def _sources(found: Verdicts) -> Iterator[str]:
    for row in found.rows:
        c = row.matched.comparison
        sides = "; ".join(f"{side.label}: {_places(side)}" for side in (c.baseline, c.side))
        yield f"{wording.workload_text(c.workload, found.both_data)}, {_device(row)}: {sides}"


def _numbering() -> tuple[dict[str, int], Callable[[str], str]]:
    numbers: dict[str, int] = {}
    return numbers, lambda note: str(numbers.setdefault(note, len(numbers) + 1))


def to_text(found: Verdicts) -> str:
    """For a terminal."""
    numbers, mark = _numbering()
    parts = []
    for labels, rows in _parts(found):
        if rows:
            lines = [_heads(found, labels), *_cells(found, rows, mark)]
            parts.append(aligned(lines, [i in _NUMERIC for i, _ in enumerate(lines[0])]))
    if numbers:
        parts.append("\n".join(f"[{n}] {note}" for note, n in numbers.items()))
    if lost := _lost(found):
        parts.append("\n".join(["Not compared:", *(f"  {line}" for line in lost)]))
    if remarks := list(_remarks(found)):
        parts.append("\n".join(f"{remark}." for remark in remarks))
    if sources := list(_sources(found)):
        parts.append("\n".join(["Numbers from:", *(f"  {line}" for line in sources)]))
    return "\n\n".join([*parts, "\n".join((*answers(found), conclusion(found)))]) + "\n"


def in_short(found: Verdicts, rows: int, most: int) -> tuple[str, list[Table]]:
    """What is too long for a screen: the head of each table, and what is said of its rows.

    Args:
        found: all of it.
        rows: of each table that are shown: those below the limit, then the slowest.
        most: lines of each kind of words.
    """
    numbers, mark = _numbering()
    tables = []
    for labels, own in _parts(found):
        if own:
            first = sorted(own, key=_weight)[:rows]
            heads = [Column(head, numeric=i in _NUMERIC) for i, head in enumerate(_heads(found, labels))]
            # The geometric mean of all is in the answer.
            cells = islice(_cells(found, first, mark), len(first))
            made = tuple(TableRow(tuple(map(Cell, line))) for line in cells)
            more = len(own) - len(first)
            rest = f"and {fmt.count(more, 'more row')}; these are the slowest" if more else ""
            tables.append(Table(labels[1], "", tuple(heads), made, rest=rest))
    lists = {
        "Not compared:": _lost(found),
        "Notes:": [f"[{n}] {note}" for note, n in numbers.items()],
    }
    parts = ["\n".join((head, *_some(lines, most))) for head, lines in lists.items() if lines]
    remarks = "\n".join(f"{remark}." for remark in _remarks(found))
    return "\n\n".join(filter(None, [*parts, remarks])), tables


def _weight(row: Row) -> tuple[bool, float]:
    """What is below the limit comes first, then what is slowest; what could not be compared comes last."""
    return row.outcome != REGRESSION, row.matched.comparison.ratio or math.inf


def _some(lines: Sequence[str], most: int) -> Iterator[str]:
    """The first lines, and how many there are more."""
    yield from (f"  {line}" for line in lines[:most])
    if lines[most:]:
        yield f"  and {fmt.count(len(lines) - most, 'more', 'more')}"


def to_markdown(found: Verdicts) -> str:
    """For a page, such as the summary of a CI job."""
    numbers, mark = _numbering()
    parts = [f"**{escape(conclusion(found))}**"]
    for labels, rows in _parts(found):
        if rows:
            heads, *lines = (
                [*map(escape, line)] for line in (_heads(found, labels), *_cells(found, rows, mark))
            )
            parts.append(write_table(heads, lines, [i in _NUMERIC for i, _ in enumerate(heads)]))
    if numbers:
        parts.append("\n".join(f"- \\[{n}\\] {escape(note)}" for note, n in numbers.items()))
    if lost := _lost(found):
        parts.append("\n".join(["Not compared:", "", *(f"- {escape(line)}" for line in lost)]))
    parts += [f"{escape(remark)}." for remark in _remarks(found)]
    if sources := list(_sources(found)):
        listed = "\n".join(f"- {escape(line)}" for line in sources)
        parts.append(f"<details><summary>Where the numbers come from</summary>\n\n{listed}\n\n</details>")
    return "\n\n".join(parts) + "\n"


def to_json(found: Verdicts) -> str:
    """For programs: all values in base units, ratios as factors."""
    data = {
        "labels": {label: list(paths) for label, paths in found.labels.items()},
        "baseline": found.baseline,
        "margin": found.margin,
        "run_variation": found.run_variation,
        "fail_under": found.fail_under,
        "exit_status": found.exit_status,
        "conclusion": conclusion(found),
        "comparisons": [_as_json(row) for row in found.rows],
        "only_in_one": [_in_words(a, reason=("why", reasons.text(a.reason))) for a in found.alone],
        "no_speed": list(_silent(found)),
        "geometric_means": [
            mean._asdict() | {"workloads": [w._asdict() for w in mean.workloads]} for mean in found.means
        ],
    }
    return json_bytes(json.dumps(data, ensure_ascii=False, indent=1)).decode() + "\n"


def _in_words(result: Comparison | Alone, **words: tuple[str, Any]) -> dict[str, Any]:
    """A result by field; those in `words` under another name, and in words."""
    found = dict(words.get(name, (name, value)) for name, value in result._asdict().items())
    sides = {name: _side_as_json(value) for name, value in found.items() if isinstance(value, Side)}
    return found | {"workload": result.workload._asdict()} | sides


def _side_as_json(side: Side) -> dict[str, Any]:
    found = {"label": side.label, **side._asdict(), "speed": side.speed._asdict()}
    del found["name"], found["device"]
    return found


def _as_json(row: Row) -> dict[str, Any]:
    c = row.matched.comparison
    words = {
        "reason": ("why", reasons.why(c)),
        "remarks": ("notes", reasons.notes(c)),
        "verdict": ("verdict", reasons.verdict(c)),
    }
    comparison = _in_words(c, **words)
    del comparison["repeats"], comparison["differences"], comparison["margin"]
    outcome = {FINE: "fine", REGRESSION: "regression"}.get(row.outcome, "undecided")
    setups = {"baseline_setup": _old(row), "side_setup": row.matched.new}
    return {**comparison, **setups, "outcome": outcome, "reason": row.why}


RENDERERS: Mapping[str, Callable[[Verdicts], str]] = {"table": to_text, "md": to_markdown, "json": to_json}
