"""Series over devices, batch sizes and versions as tables: a group of rows for each."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from logreport.analysis.results import Workload
from logreport.analysis.trends.scaling import Point, Series
from logreport.reporting.report import About, Cell, Column, Row, Table
from logreport.reporting.sections.facts import Facts, about, missing
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import reasons, wording

_FIRST = "the first of its series is 1×"
_NO_INTERVAL = "no interval: the log holds too few measurements for one"


@dataclass(frozen=True)
class Kind:
    """What a table of series is about: its key and caption, what varies, and how that is said."""

    key: str
    caption: str
    column: Column
    name: Callable[[Facts, Workload], str]
    remark: str


def _per_device(facts: Facts, workload: Workload) -> str:
    size = f"batch {workload.batch_size} a device"
    extra = wording.details(batch_size=None, precision=workload.precision, data=facts.data(workload))
    return f"{wording.workload_name(workload)} ({', '.join(filter(None, (size, extra)))})"


_RUNS = "Intervals count the variation from run to run; where nothing was repeated, 1 % (SD) is assumed."
DEVICES = Kind(
    "scaling-devices",
    "Over the number of devices",
    Column("Devices", numeric=True),
    _per_device,
    f"Efficiency: speedup ÷ how many times more devices, at one batch size per device. {_RUNS}",
)
STRONG = Kind(
    "scaling-strong",
    "Over the number of devices, one batch for all of them",
    Column("Devices", numeric=True),
    Facts.workload,
    f"Strong scaling: the batch size of all devices together stays the same, so each has less to do. Efficiency: speedup ÷ how many times more devices. {_RUNS}",
)
SIZES = Kind(
    "scaling-batch",
    "Over batch sizes, per example",
    Column("Batch size", numeric=True),
    Facts.workload,
    f"Speedup: speed per example against the smallest batch. {_RUNS} "
    "Each interval stands alone; the title of a chart speaks of a gain where it is shown among all charts together.",
)
VERSIONS = Kind(
    "scaling-versions",
    "Over versions, side by side",
    Column("Version"),
    Facts.workload,
    f"Speedup: against the oldest version, all else equal as far as the logs say. {_RUNS}",
)


def _ordered(facts: Facts, series: Sequence[Series], kind: Kind) -> list[Series]:
    return sorted(series, key=lambda s: (kind.name(facts, s.workload), s.device, s.setup))


def _doubts(facts: Facts, series: Series, point: Point) -> tuple[int, ...]:
    return tuple(f.number for f in facts.doubts(point.side.run_ids, series.workload.phase))


def setting_of(facts: Facts, series: Series, shared: set[tuple[str, str]]) -> str:
    """What tells a series apart from others, without what all of them share."""
    run = facts.run[series.points[0].side.run_ids[0]]
    words = [
        reasons.setting(name, value, wording.framework_name(run["framework"]))
        for name, value in series.settings
        if (name, value) not in shared
    ]
    differs = f"differs in {', '.join(series.differs)}" if series.differs else ""
    return fmt.clean(", ".join(filter(None, (*words, series.setup, differs))))


def about_series(facts: Facts, series: Series) -> About:
    """The facets that all points of a series share."""
    run = facts.run[series.points[0].side.run_ids[0]]
    fields = ("model", "phase", "precision", "data")
    return about(series.workload, mixed_precision=run["mixed_precision"], fields=fields)


def shared_by(series: Sequence[Series]) -> set[tuple[str, str]]:
    """The settings that all series share."""
    return set.intersection(*(set(s.settings) for s in series))


def series_table(facts: Facts, series: Sequence[Series], kind: Kind) -> Iterator[Table]:
    """A table with a group of rows for each series; none without series."""
    if not series:
        return
    shared = shared_by(series)
    rows = [
        row
        for s in _ordered(facts, series, kind)
        for row in _rows(facts, s, kind, setting_of(facts, s, shared))
    ]
    heads = (
        Column("Workload"),
        Column("Device"),
        Column("Set-up"),
        kind.column,
        Column("Speed", facts.unit, numeric=True),
        Column("Speedup", numeric=True),
        Column("95 % interval", numeric=True),
        Column("Efficiency", "%", numeric=True),
    )
    same = sorted(reasons.setting(name, value) for name, value in shared if name != "framework_version")
    all_of = (f"All with {fmt.clean(fmt.listed(same))}.",) if same else ()
    remarks = (kind.remark, *all_of)
    yield Table(kind.key, kind.caption, heads, tuple(rows), remarks=remarks, half=True).without_empty()


def _rows(facts: Facts, series: Series, kind: Kind, setting: str) -> Iterator[Row]:
    """One row for each point of a series."""
    name, device = kind.name(facts, series.workload), fmt.clean(series.device)
    speeds = fmt.column([p.side.speed.value for p in series.points])
    ratios = fmt.ratio_column([p.speedup for p in series.points])
    best = max(p.side.speed.value for p in series.points)
    for i, (p, speed, ratio) in enumerate(zip(series.points, speeds, ratios, strict=True)):
        at = fmt.clean(p.at)
        places = facts.refs(
            p.side.sources, f"{name}, {device}, {kind.column.head.lower()} {at}: {speed} {facts.unit}"
        )
        found = Cell(
            speed, places, best=p.side.speed.value == best, findings=_doubts(facts, series, p),
            why=f"mean of {len(p.side.run_ids)} runs" if len(p.side.run_ids) > 1 else "",
        )  # fmt: skip
        sure = fmt.interval(p.low, p.high, fmt.TIMES)
        cells = (
            Cell(name),
            Cell(device, device=facts.devices.get(device)),
            Cell(setting),
            Cell(at),
            found,
            Cell(ratio),
            missing(_NO_INTERVAL if i else _FIRST) if sure == fmt.MISSING else Cell(sure),
            Cell(fmt.fixed(p.efficiency * 100, 0) if p.efficiency is not None else ""),
        )
        yield Row(cells, baseline=i == 0, new_group=i == 0, about=about_series(facts, series))
