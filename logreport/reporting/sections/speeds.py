"""Speed by batch size and model: tables with batch sizes down and models across, and their charts."""

import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from logreport.reporting.report import (
    BatchChart,
    Block,
    Cell,
    Charts,
    Column,
    Line,
    Point,
    Row,
    Section,
    Table,
)
from logreport.reporting.sections.answers import phase_workload
from logreport.reporting.sections.batch_chart import batch_chart
from logreport.reporting.sections.facts import Facts, missing, refs
from logreport.reporting.sections.published import published_charts, published_tables
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import wording
from logreport.runs.scripts.common import flags_of

_CHARTS = 12
_ACROSS = 4  # models in one table: more do not fit on paper
_LINES = 5  # lines in one chart that can still be told apart
_NOT_RUN = "no run of this model at this batch size"
_SETUP = ("framework_version", "optimizer", "variable_update", "data_format", "dataset")
_VARIES = (
    "batch_size",
    "num_batches",
    "train_dir",
    "data_dir",
)  # flags that make no other set-up of one script
Record = dict[str, Any]
Series = dict[int, list[Record]]  # batch size -> rows of phases


def section(facts: Facts) -> Section:
    """What the logs say about several batch sizes, and what documents publish: charts, then tables."""
    makers = {
        "charts by batch size": _charts,
        "speed by batch size": speed_tables,
        "published": published_tables,
    }
    heading = "Speed by batch size and model"
    return Section("speeds", heading, facts.blocks(makers), name="Speed by batch size")


def _charts(facts: Facts) -> Iterator[Block]:
    part = facts.attempts.part
    measured = part("speed by batch size, charts", lambda: batch_charts(facts), ())
    published = part("published, charts", lambda: published_charts(facts), ())
    if charts := (*measured, *published)[:_CHARTS]:
        yield Charts(charts)


def _model(facts: Facts, phase: Record) -> str:
    run = facts.run[phase["run_id"]]
    workload = phase_workload(run, phase)
    extra = wording.details(batch_size=None, precision=run["precision"], num_devices=run["num_devices"])
    return wording.workload_name(workload) + (f" ({extra})" if extra else "")


def _series(facts: Facts) -> dict[tuple[str, str], Series]:
    """Measured phases by (model and phase, device), then by batch size; of several set-ups the fastest."""
    found: dict[tuple[str, str], Series] = defaultdict(lambda: defaultdict(list))
    for phase in facts.phases:
        run = facts.run[phase["run_id"]]
        size = phase["batch_size"] if phase["batch_size"] is not None else run["batch_size"]
        if size and fmt.usable(phase["examples_per_second"]):
            found[_model(facts, phase), wording.device_name(run)][size].append(phase)
    for series in found.values():
        for size, rows in series.items():
            series[size] = _fastest(facts, rows)
    return found


def _fastest(facts: Facts, rows: Sequence[Record]) -> list[Record]:
    """Of several set-ups the repeats of the fastest: a median over all of them is the speed of none."""
    setups: dict[object, list[Record]] = defaultdict(list)
    for row in rows:
        run = facts.run[row["run_id"]]
        flags = {k: v for k, v in flags_of(run["command"] or "").items() if k not in _VARIES}
        setups[run.get("set_up"), *(run[name] for name in _SETUP), frozenset(flags.items())].append(row)
    return max(setups.values(), key=_median)


def _cell(rows: Sequence[Record], text: str, what: str, unit: str) -> Cell:
    places = refs(((r["source"], r["line"]) for r in rows if r["source"]), f"{what}: {text} {unit}")
    return Cell(text, places, why=f"median of {len(rows)} runs" if len(rows) > 1 else "")


def _median(rows: Sequence[Record]) -> float:
    return float(statistics.median(r["examples_per_second"] for r in rows))


def _device_rows(facts: Facts, device: str, series: dict[str, Series], models: Sequence[str]) -> list[Row]:
    """The rows of one device: batch sizes down, models across."""
    sizes = sorted({size for s in series.values() for size in s})
    values = {m: [_median(series[m][n]) if n in series.get(m, {}) else None for n in sizes] for m in models}
    texts = {m: fmt.column(values[m]) for m in models}
    known = {m: [v for v in values[m] if v is not None] for m in models}
    best = {m: max(own) for m, own in known.items() if len(own) > 1}
    rows = []
    for i, size in enumerate(sizes):
        cells = [Cell(device, device=facts.device(device)), Cell(str(size))]
        for m in models:
            value, what = values[m][i], f"{m}, batch {size}, {device}"
            cell = (
                missing(_NOT_RUN) if value is None else _cell(series[m][size], texts[m][i], what, facts.unit)
            )
            is_best = value is not None and value == best.get(m)
            cells.append(Cell(cell.text, cell.refs, cell.why, best=is_best, missing=cell.missing))
        rows.append(Row(tuple(cells), new_group=i == 0))
    return rows


def speed_tables(facts: Facts) -> tuple[Table, ...]:
    """All devices and models that were run at two batch sizes or more, a few models to a table."""
    kept = {key: series for key, series in _series(facts).items() if len(series) > 1}
    models = tuple(dict.fromkeys(model for model, _ in kept))
    parts = [models[i : i + _ACROSS] for i in range(0, len(models), _ACROSS)]
    return tuple(
        _speed_table(facts, kept, part, f" ({n} of {len(parts)})" if n > 1 or parts[1:] else "")
        for n, part in enumerate(parts, 1)
    )


def _speed_table(
    facts: Facts, kept: dict[tuple[str, str], Series], models: Sequence[str], part: str
) -> Table:
    rows: list[Row] = []
    for device in dict.fromkeys(device for model, device in kept if model in models):
        own = {m: s for (m, d), s in kept.items() if d == device and m in models}
        rows += _device_rows(facts, device, own, models)
    heads = (Column("Device"), Column("Batch size", numeric=True))
    columns = (*heads, *(Column(m, facts.unit, numeric=True) for m in models))
    key = f"speed-{'-'.join(c for c in part if c.isdigit())}".rstrip("-")
    return Table(key, f"Speed by batch size{part}", columns, tuple(rows), half=True)


def _ends(rows: Sequence[Record]) -> tuple[float | None, float | None]:
    """The interval of one run, or the range of several."""
    if len(rows) == 1:
        return rows[0]["examples_per_second_low"], rows[0]["examples_per_second_high"]
    speeds = [r["examples_per_second"] for r in rows]
    return min(speeds), max(speeds)


def _line(facts: Facts, device: str, series: Series) -> Line:
    points = []
    for size, rows in sorted(series.items()):
        speed, (low, high) = _median(rows), _ends(rows)
        tip = f"{device}, batch {size}: {fmt.number(speed)} {facts.unit}"
        points.append(Point(float(size), speed, low, high, tip))
    return Line(device, tuple(points), facts.device(device))


def batch_charts(facts: Facts) -> tuple[BatchChart, ...]:
    """A chart for each model that was run at two batch sizes or more on one device, longest series first."""
    models: dict[str, list[Line]] = defaultdict(list)
    for (model, device), series in _series(facts).items():
        if len(series) > 1:
            models[model].append(_line(facts, device, series))
    ranked = sorted(models.items(), key=lambda m: -max(len(line.points) for line in m[1]))[:_CHARTS]
    caption = "Measured in the logs; bands are 95 % intervals, or the range of several runs."
    plain = "Measured in the logs."
    return tuple(
        batch_chart(
            f"batch-{n}",
            model,
            _some(lines),
            facts.unit,
            (caption if _has_band(lines) else plain) + _cut(lines),
        )
        for n, (model, lines) in enumerate(ranked, 1)
    )


def _some(lines: Sequence[Line]) -> list[Line]:
    """A few lines, from the fastest device to the slowest."""
    ranked = sorted(lines, key=lambda line: line.points[-1].y, reverse=True)
    if len(ranked) <= _LINES:
        return ranked
    return [ranked[round(i * (len(ranked) - 1) / (_LINES - 1))] for i in range(_LINES)]


def _cut(lines: Sequence[Line]) -> str:
    if len(lines) <= _LINES:
        return ""
    return f" {_LINES} of {fmt.count(len(lines), 'device')}, from the fastest to the slowest; all are in the table."


def _has_band(lines: Sequence[Line]) -> bool:
    return any(p.low is not None and p.high is not None for line in lines for p in line.points)
