"""Scaling: speed over the number of devices, over batch sizes and over versions, as charts and tables."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from logreport.analysis.comparison.sides import geometric_mean
from logreport.analysis.trends.scaling import Point, Series, efficiency, speedup
from logreport.reporting.report import (
    Bar,
    BatchChart,
    Cell,
    Charts,
    Column,
    Details,
    Line,
    Note,
    Row,
    Section,
    Span,
    SpeedupChart,
    Table,
)
from logreport.reporting.report import Point as Spot
from logreport.reporting.sections.facts import Facts, missing
from logreport.reporting.sections.series import (
    DEVICES,
    SIZES,
    STRONG,
    VERSIONS,
    about_series,
    series_table,
    setting_of,
    shared_by,
)
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import wording

_MANY = 12  # series from which an overview stands first
_CHARTS = 6
_LINES = 5  # that can still be told apart
_BARS = 8


def section(facts: Facts) -> Section:
    """All series of the logs, an overview of each kind first where there are many."""
    series = facts.study.scaling
    devices, strong, versions, sizes = series.devices, series.strong, series.versions, series.batch_sizes
    tables = [
        *_device_overview(facts, devices),
        *_version_overview(facts, versions),
    ]
    folded = [
        table
        for several, kind in ((devices, DEVICES), (strong, STRONG), (versions, VERSIONS), (sizes, SIZES))
        for table in series_table(facts, several, kind)
    ]
    drawn = Charts(tuple(_device_charts(facts, devices)))
    jumps = Charts(tuple(_version_chart(facts, versions)), small=False)
    details = (Details("Every series", tuple(folded)),) if folded else ()
    heading = "Scaling and versions" if versions else "Scaling"
    told = tuple(_version_notes(facts, versions))
    charts = (made for made in (drawn, jumps) if made.charts)
    return Section("scaling", heading, (*told, *charts, *tables, *details))


def _device_overview(facts: Facts, series: Sequence[Series]) -> Iterator[Table]:
    """The median efficiency of each device over its workloads, where there are too many to read."""
    sound = [s for s in series if s.is_sound and s.points[0].at == 1]
    if len(sound) <= _MANY:
        return
    counts = sorted({int(p.at) for s in sound for p in s.points[1:]})
    groups: dict[tuple[str, str], list[Series]] = defaultdict(list)
    shared = shared_by(sound)
    for s in sound:
        groups[fmt.clean(s.device), setting_of(facts, s, shared)].append(s)
    rows, before = [], ""
    for (device, setting), group in sorted(groups.items()):
        cells = [Cell(device, device=facts.devices.get(device)), Cell(setting), Cell(str(len(group)))]
        for n in counts:
            share = efficiency(group, n)
            if share is None:
                cells.append(missing("no run with so many"))
            else:
                why = f"from {_percent(share.least)} to {_percent(share.most)} %"
                few = f" ({share.count})" if share.count < len(group) else ""
                cells.append(Cell(f"{_percent(share.middle)}{few}", why=why))
        rows.append(Row(tuple(cells), new_group=device != before))
        before = device
    heads = (Column("Device"), Column("Set-up"), Column("Workloads", numeric=True))
    columns = (*heads, *(Column(f"{n} devices", "%", numeric=True) for n in counts))
    remark = "Median over the workloads, in brackets over how many where not all ran on so many; numbers with an error are left out."
    yield Table(
        "scaling-efficiency",
        "Efficiency by number of devices",
        columns,
        tuple(rows),
        remarks=(remark,),
        half=True,
    ).without_empty()


def _percent(share: float) -> str:
    return fmt.fixed(share * 100, 0)


def _device_charts(facts: Facts, series: Sequence[Series]) -> Iterator[BatchChart]:
    """Speedup over the number of devices, a chart for each of a few workloads, a line for each device."""
    groups: dict[str, dict[str, Series]] = defaultdict(dict)
    for s in series:
        if s.is_sound and s.points[0].at == 1:
            name = facts.workload(s.workload._replace(batch_size=None))
            known = groups[name].get(s.device)
            if known is None or _reach(s) > _reach(known):
                groups[name][s.device] = s
    shown = {name: sorted(devices.values(), key=_reach, reverse=True) for name, devices in groups.items()}
    ranked = sorted(shown.items(), key=lambda group: _interest(group[1][:_LINES]))
    for n, (name, found) in enumerate(ranked[:_CHARTS], 1):
        yield _device_chart(facts, f"scaling-devices-{n}", name, found)


def _interest(series: Sequence[Series]) -> tuple[int, float]:
    """Long series first, and among these those that are farthest from linear."""
    longest = max(len(s.points) for s in series)
    return -longest, min(s.points[-1].efficiency or 1.0 for s in series if len(s.points) == longest)


def _reach(series: Series) -> tuple[int, float]:
    """The number of points, and the speed at the last."""
    return len(series.points), series.points[-1].side.speed.value


def _device_chart(facts: Facts, key: str, name: str, series: Sequence[Series]) -> BatchChart:
    """One workload: a line for each of a few devices, the fastest first."""
    lines = tuple(_line(facts, s) for s in series[:_LINES])
    last = series[0].points[-1]
    device = fmt.clean(series[0].device)
    who = f"{name} on {wording.the(device, device)}"
    title = f"{who}: {_gain(last)}"
    most = max(p.x for line in lines for p in line.points)
    rest = len(series) > _LINES
    cut = f" {_LINES} of {fmt.count(len(series), 'device')}; all are in the table." if rest else ""
    band = " Bands are 95 % intervals." if any(p.low for line in lines for p in line.points) else ""
    return BatchChart(
        key,
        title,
        f"At one batch size per device, the fastest set-up of each; dotted: linear.{band}{cut}",
        "Speedup by number of devices. " + "; ".join(p.tip for line in lines for p in line.points) + ".",
        "speedup",
        lines,
        across="devices",
        ideal=(Spot(1.0, 1.0), Spot(most, most)),
        about=about_series(facts, series[0]),
    )


def _gain(last: Point) -> str:
    """What so many devices gain over one, as far as the interval shows it."""
    much = fmt.ratio(last.speedup)
    if last.low is not None and last.high is not None and last.low <= 1 <= last.high:
        return (
            f"no gain shown from {last.at} devices ({much}, {fmt.interval(last.low, last.high, fmt.TIMES)})"
        )
    return f"{last.at} devices are {much} as fast as one, {_percent(last.efficiency or 0)} % of linear"


def _line(facts: Facts, series: Series) -> Line:
    device = fmt.clean(series.device)
    batch = f"batch {series.workload.batch_size} each"
    spots = tuple(
        Spot(float(p.at), p.speedup, p.low, p.high, f"{p.at} × {device}, {batch}: {fmt.ratio(p.speedup)}")
        for p in series.points
    )
    return Line(
        device, spots, facts.device(device), tuple(fmt.ratio_column([p.speedup for p in series.points]))
    )


_Jump = tuple[str, str, str, str]  # device, set-up, framework and newer version, older version
_Group = Sequence[tuple[Series, Point]]


def _jumps(facts: Facts, series: Sequence[Series]) -> dict[_Jump, list[tuple[Series, Point]]]:
    """The newest version of each series against its oldest, by device and set-up."""
    found: dict[_Jump, list[tuple[Series, Point]]] = defaultdict(list)
    sound = [s for s in series if s.is_sound]
    shared = shared_by(sound) if sound else set()
    for s in sound:
        framework = wording.framework_name(facts.run[s.points[0].side.run_ids[0]]["framework"])
        new, old = s.points[-1], s.points[0]
        key = (
            fmt.clean(s.device),
            setting_of(facts, s, shared),
            f"{framework} {fmt.clean(new.at)}",
            fmt.clean(old.at),
        )
        found[key].append((s, new))
    return found


def _version_notes(facts: Facts, series: Sequence[Series]) -> Iterator[Note]:
    """What each new version changed, over all devices and set-ups; nothing where it is one workload, which the table says."""
    groups: dict[tuple[str, str], list[tuple[str, _Group]]] = defaultdict(list)
    for (device, _, new, old), group in _jumps(facts, series).items():
        groups[new, old].append((device, group))
    for (new, old), found in sorted(groups.items()):
        ratios = [point.speedup for _, group in found for _, point in group]
        if len(ratios) < 2:
            continue
        sure = sum(speedup(p for _, p in group).is_sure is True for _, group in found)
        devices = fmt.listed([wording.the(name, name) for name in dict.fromkeys(name for name, _ in found)])
        least, most = fmt.ratio(min(ratios)), fmt.ratio(max(ratios))
        words = dict.fromkeys(fmt.clean(w) for _, group in found for one, _ in group for w in one.differs)
        apart = f" Their commands or paths differ in {fmt.listed([*words])}, too." if words else ""
        yield Note((
            Span(f"{new} against {old}: {fmt.ratio(geometric_mean(ratios))}", strong=True),
            Span(
                f" on {devices} (geometric mean over {len(ratios)} comparisons, from {least} to {most}); a difference is shown "
                f"for {fmt.fixed(sure, 0) if sure else 'none'} of {fmt.count(len(found), 'set-up')}.{apart}"
            ),
        ))  # fmt: skip


def _mean(group: _Group) -> float:
    return speedup(p for _, p in group).middle


def _version_chart(facts: Facts, series: Sequence[Series]) -> Iterator[SpeedupChart]:
    """Newest against oldest version: a bar for each device and set-up."""
    jumps = sorted(_jumps(facts, series).items(), key=lambda j: -_mean(j[1]))
    if len(jumps) < 2:
        return
    most = sorted(jumps, key=lambda j: -len(j[1]))[:_BARS]
    shown = [j for j in jumps if j in most]
    bars = [_bar(facts, jump, group) for jump, group in shown]
    cut = (
        f" {len(bars)} of {fmt.count(len(jumps), 'set-up')}; all are in the table."
        if len(jumps) > len(bars)
        else ""
    )
    yield SpeedupChart(
        "scaling-versions",
        _version_title(shown),
        f"Newest version against the oldest on one device; whiskers from the least to the most of several workloads, "
        f"or the 95 % interval of one.{cut}",
        "Versions: " + "; ".join(b.tip for b in bars) + ".",
        tuple(bars),
    )


def _version_title(jumps: Sequence[tuple[_Jump, _Group]]) -> str:
    """What the bars say: the largest difference of those that their intervals show."""
    overs = ((jump, speedup(p for _, p in group)) for jump, group in jumps)
    shown = [(over.middle, jump) for jump, over in overs if over.is_sure or over.is_sure is None]
    if not shown:
        return "No difference is shown between newer and older versions"
    value, (device, _, new, old) = max(shown, key=lambda top: max(top[0], 1 / top[0]))
    fast, slow = (new, old) if value > 1 else (old, new)
    return f"{wording.as_fast(fast, max(value, 1 / value), slow)} on {wording.the(device, device)}"


def _bar(facts: Facts, jump: _Jump, group: _Group) -> Bar:
    device, setting, new, old = jump
    over = speedup(p for _, p in group)
    value = over.middle
    low, high = (over.least, over.most) if len(group) > 1 else (group[0][1].low, group[0][1].high)
    what = fmt.count(len(group), "workload") if len(group) > 1 else VERSIONS.name(facts, group[0][0].workload)
    details = tuple(filter(None, (f"{new} against {old}", setting, what)))
    sure = f"95 % interval {fmt.interval(low, high, fmt.TIMES)}" if low is not None else "no interval"
    spread = f"from {fmt.ratio(low)} to {fmt.ratio(high)}" if len(group) > 1 else sure
    tip = f"{device}, {', '.join(details)}: {fmt.ratio(value)}, {spread}"
    return Bar(device, details, value, fmt.ratio(value), low, high, facts.device(device), tip)


def _version_overview(facts: Facts, series: Sequence[Series]) -> Iterator[Table]:
    """Newest against oldest version over all workloads, where there are too many to read."""
    if len(series) <= _MANY:
        return
    jumps = sorted(_jumps(facts, series).items())
    overs = [speedup(p for _, p in group) for _, group in jumps]
    means = fmt.ratio_column([over.middle for over in overs])
    rows, before = [], ""
    for ((device, setting, new, old), group), over, mean in zip(jumps, overs, means, strict=True):
        cells = (
            Cell(device, device=facts.devices.get(device)), Cell(setting), Cell(f"{new} against {old}"),
            Cell(str(len(group))), Cell(mean), Cell(fmt.interval(over.least, over.most, fmt.TIMES)),
        )  # fmt: skip
        rows.append(Row(cells, new_group=device != before))
        before = device
    heads = (
        Column("Device"), Column("Set-up"), Column("Versions"), Column("Workloads", numeric=True),
        Column("Speedup", numeric=True), Column("From the least to the most", numeric=True),
    )  # fmt: skip
    remark = "Geometric mean over the workloads; numbers with an error are left out."
    yield Table(
        "scaling-version-means",
        "Newest against oldest version",
        heads,
        tuple(rows),
        remarks=(remark,),
        half=True,
    ).without_empty()
