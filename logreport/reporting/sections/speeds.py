"""Speed by batch size and model: tables with models down and batch sizes across, and their charts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from logreport.analysis.comparison.gains import slower_than_best
from logreport.analysis.comparison.set_ups import SetUp, fastest
from logreport.reporting.report import (
    About,
    BatchChart,
    Block,
    Cell,
    Charts,
    Column,
    Details,
    Line,
    Point,
    Row,
    Section,
    Table,
)
from logreport.reporting.sections.batch_chart import batch_chart, longest
from logreport.reporting.sections.facts import Facts, about, missing
from logreport.reporting.sections.published import published_charts, published_tables
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import wording

_CHARTS = 6
_OPEN = 3  # tables that are not folded
_ACROSS = 8  # batch sizes in one table: more do not fit on paper
_DRAWN = 3  # batch sizes from which a chart says more than the table
_LINES = 5  # lines in one chart that can still be told apart
_NOT_RUN = "no run of this model at this batch size"
Series = dict[int, SetUp]  # by batch size


def section(facts: Facts) -> Section:
    """What the logs say about several batch sizes, and what documents publish: charts, then tables."""
    makers = {
        "charts by batch size": _charts,
        "speed by batch size": _tables,
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


def _tables(facts: Facts) -> Iterator[Block]:
    """The first tables, and the others folded."""
    tables = speed_tables(facts)
    yield from tables[:_OPEN]
    if rest := tables[_OPEN:]:
        yield Details("More models by batch size", rest)


def _model(facts: Facts, set_up: SetUp) -> str:
    workload = set_up.workload
    precision = "mixed precision" if set_up.facts.get("mixed_precision") else workload.precision
    extra = wording.details(
        batch_size=None, precision=precision, num_devices=workload.num_devices, data=facts.data(workload)
    )
    return wording.workload_name(workload) + (f" ({extra})" if extra else "")


def _series(facts: Facts) -> dict[tuple[str, str], Series]:
    """Set-ups by (model and phase, device), then by batch size; of several the fastest."""
    found: dict[tuple[str, str], dict[int, list[SetUp]]] = defaultdict(lambda: defaultdict(list))
    for set_up in facts.study.set_ups:
        size, run = set_up.workload.batch_size, facts.run.get(set_up.run_ids[0])
        if size and run is not None:
            found[_model(facts, set_up), wording.device_name(run)][size].append(set_up)
    return {key: {size: fastest(several) for size, several in sizes.items()} for key, sizes in found.items()}


def _cell(facts: Facts, set_up: SetUp, text: str, what: str) -> Cell:
    places = facts.refs(set_up.places, f"{what}: {text} {facts.unit}")
    return Cell(text, places, why=f"geometric mean of {len(set_up)} runs" if set_up[1:] else "")


def speed_tables(facts: Facts) -> tuple[Table, ...]:
    """All devices and models that were run at two batch sizes or more, a few batch sizes to a table."""
    models: dict[str, dict[str, Series]] = defaultdict(dict)
    for (model, device), series in _series(facts).items():
        if len(series) > 1:
            models[model][device] = series
    parts = list(_parts(models))
    return tuple(
        _speed_table(facts, {m: models[m] for m in part}, f" ({n} of {len(parts)})" if parts[1:] else "", n)
        for n, part in enumerate(parts, 1)
    )


def _parts(models: Mapping[str, Mapping[str, Series]]) -> Iterator[list[str]]:
    """Models of one table: those that ran at the same batch sizes first, and others while there is room."""
    own = {
        model: {size for series in devices.values() for size in series} for model, devices in models.items()
    }
    part: list[str] = []
    sizes: set[int] = set()
    for model in sorted(own, key=lambda m: sorted(own[m])):
        if part and len(sizes | own[model]) > _ACROSS:
            yield part
            part, sizes = [], set()
        part.append(model)
        sizes |= own[model]
    if part:
        yield part


def _speed_table(facts: Facts, models: Mapping[str, Mapping[str, Series]], part: str, number: int) -> Table:
    sizes = sorted({size for devices in models.values() for series in devices.values() for size in series})
    rows = (row for model, devices in models.items() for row in _model_rows(facts, model, devices, sizes))
    heads = (Column("Model"), Column("Device"), *(Column(f"Batch {size}", numeric=True) for size in sizes))
    caption = f"Speed by batch size, {facts.unit}{part}"
    return Table(f"speed-{number}", caption, heads, tuple(rows), half=True)


def _model_rows(
    facts: Facts, model: str, devices: Mapping[str, Series], sizes: Sequence[int]
) -> Iterator[Row]:
    """The rows of one model: devices down, batch sizes across."""
    for i, (device, series) in enumerate(devices.items()):
        values = [series[n].speed if n in series else None for n in sizes]
        best = max(v for v in values if v is not None)
        cells = [Cell(model), Cell(device, device=facts.device(device))]
        for size, value, text in zip(sizes, values, fmt.column(values), strict=True):
            what = f"{model}, batch {size}, {device}"
            cell = missing(_NOT_RUN) if value is None else _cell(facts, series[size], text, what)
            cells.append(cell._replace(best=value == best))
        yield Row(tuple(cells), new_group=i == 0, about=_about(next(iter(series.values()))))


def _about(set_up: SetUp) -> About:
    """The facets that all speeds of one model share."""
    mixed = set_up.facts.get("mixed_precision")
    fields = ("model", "phase", "precision", "devices", "data")
    return about(set_up.workload, mixed_precision=mixed, fields=fields)


def _line(facts: Facts, device: str, series: Series) -> Line:
    points = []
    for size, set_up in series.items():
        speed = set_up.side.speed
        tip = f"{device}, batch {size}: {fmt.number(speed.value)} {facts.unit}"
        points.append(Point(float(size), speed.value, speed.low, speed.high, tip))
    return Line(device, tuple(points), facts.device(device))


def batch_charts(facts: Facts) -> tuple[BatchChart, ...]:
    """A chart for each model that was run at three batch sizes or more on one device, longest series first."""
    models: dict[str, dict[str, Series]] = defaultdict(dict)
    for (model, device), series in _series(facts).items():
        if len(series) > 1:
            models[model][device] = dict(sorted(series.items()))
    drawn = (
        (model, devices) for model, devices in models.items() if max(map(len, devices.values())) >= _DRAWN
    )
    ranked = sorted(drawn, key=lambda m: -max(map(len, m[1].values())))[:_CHARTS]
    lines = {model: _some([_line(facts, *one) for one in devices.items()]) for model, devices in ranked}
    titled = [[*devices[longest(lines[model]).label].values()] for model, devices in ranked]
    shown = zip(ranked, titled, slower_than_best(titled, facts.study.run_variation), strict=True)
    return tuple(
        batch_chart(
            facts,
            f"batch-{n}",
            model,
            lines[model],
            unit=facts.unit,
            caption=f"Measured in the logs{_bands(devices.values())}{_cut(len(devices))}",
            about=_about(first),
            slower=slower,
        )
        for n, ((model, devices), (first, *_), slower) in enumerate(shown, 1)
    )


def _some(lines: Sequence[Line]) -> list[Line]:
    """A few lines, from the fastest device to the slowest."""
    ranked = sorted(lines, key=lambda line: line.points[-1].y, reverse=True)
    if len(ranked) <= _LINES:
        return ranked
    return [ranked[round(i * (len(ranked) - 1) / (_LINES - 1))] for i in range(_LINES)]


def _cut(devices: int) -> str:
    if devices <= _LINES:
        return ""
    return (
        f" {_LINES} of {fmt.count(devices, 'device')}, from the fastest to the slowest; all are in the table."
    )


def _bands(found: Iterable[Series]) -> str:
    """What the bands are, where there are some."""
    set_ups = [s for series in found for s in series.values()]
    if not any(s.side.speed.low is not None for s in set_ups):
        return "."
    of = (
        "of the mean, where runs were repeated, else within the run"
        if any(s[1:] for s in set_ups)
        else "within each run"
    )
    return f"; bands are 95 % intervals {of}."
