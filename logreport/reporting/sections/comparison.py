"""The comparison table and the chart of speedups."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from logreport.analysis.comparison.fastest import MOST
from logreport.analysis.comparison.pairs import Pair, device_pairs, faster_first, label_pairs, turned
from logreport.analysis.results import Comparison, Remark, Side, Workload
from logreport.reporting.report import Bar, Block, Cell, Column, Details, Row, SpeedupChart, Table
from logreport.reporting.sections.facts import Facts, about, missing
from logreport.reporting.sections.leaderboard import board
from logreport.reporting.sections.peak import share_cell, share_remarks
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import reasons, wording

_BARS = 16
_OPEN = 100  # rows of a table that is not folded
_PAIRS = 8  # bars of an overview: as many as stand beside the answer
_NOTHING = "Nothing is shown to be faster than its baseline"
_BASELINE = "the baseline itself is 1×"
_NO_INTERVAL = "no interval: the log holds too few measurements for one"


class _Entry(NamedTuple):
    """One row: a side, the comparison it is in (None for the baseline), and whether it is its group's best."""

    side: Side
    comparison: Comparison | None
    workload: Workload
    best: bool


def _groups(comparisons: Sequence[Comparison]) -> list[list[Comparison]]:
    """Comparisons of one workload with one baseline, fastest first; workloads by name."""
    groups: dict[tuple[Workload, str], list[Comparison]] = defaultdict(list)
    for c in comparisons:
        if c.ratio is not None:
            groups[c.workload, c.baseline.label].append(c)
    for group in groups.values():
        group.sort(key=lambda c: c.ratio or 0.0, reverse=True)
    return sorted(groups.values(), key=lambda g: (wording.workload_name(g[0].workload), _size(g[0].workload)))


def _size(workload: Workload) -> int:
    return workload.batch_size or 0


def _entries(comparisons: Sequence[Comparison]) -> list[_Entry]:
    found = []
    for group in _groups(comparisons):
        workload, baseline = group[0].workload, group[0].baseline
        best = max(baseline.speed.value, *(c.side.speed.value for c in group))
        found.append(_Entry(baseline, None, workload, baseline.speed.value == best))
        found += [_Entry(c.side, c, workload, c.side.speed.value == best) for c in group]
    return found


def _device(facts: Facts, entry: _Entry) -> Cell:
    label = fmt.clean(entry.side.label)
    href = f"run-{entry.side.run_ids[0]}" if len(entry.side.run_ids) == 1 else ""
    return Cell(label, device=facts.device_of(entry.side), href=href)


def _speed(facts: Facts, entry: _Entry, text: str) -> Cell:
    side, name = entry.side, facts.workload(entry.workload)
    doubts = facts.doubts(side.run_ids, entry.workload.phase)
    printed = fmt.number(side.as_printed)
    why = f"as printed: {printed} {facts.unit}" if printed != fmt.number(side.speed.value) else ""
    places = facts.refs(side.sources, f"{name}, {fmt.clean(side.label)}: {text} {facts.unit}")
    return Cell(text, places, why=why, best=entry.best, findings=tuple(f.number for f in doubts))


def _places(entry: _Entry) -> list[tuple[str, str]]:
    return [(run_id, entry.workload.phase) for run_id in entry.side.run_ids]


def _interval(low: float | None, high: float | None, unit: str, decimals: int | None, why: str) -> Cell:
    text = fmt.interval(low, high, unit, decimals)
    return missing(why) if text == fmt.MISSING else Cell(text)


def _ratio(entry: _Entry, text: str, decimals: int | None) -> tuple[Cell, Cell, Cell]:
    c = entry.comparison
    if c is None:
        return Cell(fmt.fixed(1.0, decimals or 0) + fmt.TIMES), missing(_BASELINE), Cell("baseline")
    why = f"as printed: {fmt.ratio(c.ratio_as_printed)}" if wording.is_corrected(c) else ""
    reason = fmt.clean(reasons.why(c)) or _NO_INTERVAL
    sure = _interval(c.low, c.high, fmt.TIMES, decimals, reason)
    return Cell(text, why=why), sure, Cell(wording.verdict(c))


def _told_apart(facts: Facts, workloads: Sequence[Workload]) -> dict[Workload, str]:
    """A name for each workload; two that differ in their data or script only are called by that, too."""
    names = {w: facts.workload(w) for w in workloads}
    for field in ("dataset", "benchmark"):
        for text in [name for name, count in Counter(names.values()).items() if count > 1]:
            same = [w for w, name in names.items() if name == text]
            if len({getattr(w, field) for w in same}) > 1:
                names |= {w: f"{text}, {fmt.clean(getattr(w, field) or 'unknown')}" for w in same}
    return names


def _rows(facts: Facts, entries: Sequence[_Entry]) -> list[Row]:
    values = [e.side.speed.value for e in entries]
    ratios = [e.comparison.ratio if e.comparison else None for e in entries]
    ratio_decimals = fmt.shared_decimals(ratios, most=2)
    called = _told_apart(facts, [e.workload for e in entries])
    rows = []
    for e, speed, ratio in zip(entries, fmt.column(values), fmt.ratio_column(ratios), strict=True):
        cells = (
            Cell(called[e.workload]),
            _device(facts, e),
            *_ratio(e, ratio, ratio_decimals),
            _speed(facts, e, speed),
            share_cell(facts, _places(e)),
            Cell(fmt.clean(reasons.facts(e.comparison.apart)) if e.comparison else ""),
        )
        first, mixed = e.comparison is None, facts.run[e.side.run_ids[0]]["mixed_precision"]
        meant = about(e.workload, mixed_precision=mixed)
        rows.append(Row(cells, baseline=first, new_group=first, about=meant))
    return rows


def _remarks(facts: Facts) -> tuple[str, ...]:
    """How the comparisons were made; what holds for some of them only names these."""
    held: dict[Remark, list[Workload]] = defaultdict(list)
    decided = [c for c in facts.comparisons if c.ratio is not None]
    for c in decided:
        for remark in filter(wording.is_general, c.remarks):
            held[remark].append(c.workload)
    told: dict[str, list[str]] = defaultdict(list)
    for remark, workloads in held.items():
        told[wording.remark(facts.short.remark(remark))] += map(facts.workload, workloads)
    return tuple(
        f"{words}."
        if len(names) == len(decided)
        else f"{words}: {fmt.listed(list(dict.fromkeys(names)), most=3)}."
        for words, names in told.items()
    )


def comparison_table(facts: Facts) -> Iterator[Block]:
    """All comparisons: a group of rows for each workload, the baseline's row first."""
    entries = _entries(facts.comparisons)
    rows = _rows(facts, entries)
    if not rows:
        return
    heads = (
        Column("Workload"),
        Column("Device"),
        Column("Speedup", numeric=True),
        Column("95 % interval", numeric=True),
        Column("Verdict"),
        Column("Speed", facts.unit, numeric=True),
        Column("Of peak", "%", numeric=True),
        Column("Unlike its baseline"),
    )
    table = Table(
        "comparison",
        "Speed and speedup by workload",
        heads,
        tuple(rows),
        remarks=_remarks(facts) + share_remarks(facts, (p for e in entries for p in _places(e))),
    ).without_empty()
    # Of very many workloads the leaderboard and the heatmap speak.
    yield table if len(rows) <= _OPEN else Details("Workload by workload", (table,))


_HOW = "on each workload the fastest set-up of each device, like with like first"


def how(between: Sequence[Comparison]) -> str:
    """How devices were compared, in words."""
    paired = {side.label for c in between if not c.at_best_batch for side in (c.side, c.baseline)}
    return f"{_HOW}; of all devices the {MOST} that share most workloads" if len(paired) >= MOST else _HOW


def _bar(facts: Facts, comparison: Comparison, *, alone: bool) -> Bar:
    label, baseline = fmt.clean(comparison.side.label), fmt.clean(comparison.baseline.label)
    workload, ratio = facts.workload(comparison.workload), comparison.ratio or 1.0
    interval = fmt.interval(comparison.low, comparison.high, fmt.TIMES)
    sure = f", 95 % interval {interval}" if interval != fmt.MISSING else ""
    return Bar(
        label=label,
        details=_also((workload,) if alone else (workload, f"against {baseline}"), comparison),
        value=ratio,
        text=fmt.ratio(ratio),
        low=comparison.low,
        high=comparison.high,
        device=facts.device_of(comparison.side),
        tip=f"{label} on {workload}: {fmt.ratio(ratio)} as fast as {wording.the_side(comparison.baseline)}{sure}",
    )


def _also(details: tuple[str, ...], comparison: Comparison) -> tuple[str, ...]:
    """The details of a bar with what is not alike."""
    return tuple(filter(None, (*details, wording.unlike(comparison))))


def _best(pair: Pair) -> str:
    return "each at its best batch size" if pair.at_best_batch else ""


def _pair_bar(facts: Facts, pair: Pair) -> Bar:
    """One bar for all workloads of two devices: their geometric mean, and the range as whiskers."""
    label, baseline, middle = fmt.clean(pair.side.label), fmt.clean(pair.baseline.label), pair.ratio
    low, high = pair.ends
    across = f"over {fmt.count(len(pair.comparisons), 'workload')}"
    spread = f", from {fmt.ratio(low)} to {fmt.ratio(high)}" if pair.mean else ""
    return Bar(
        label=label,
        details=_also((across, f"against {baseline}", _best(pair)), pair.comparisons[0]),
        value=middle,
        text=fmt.ratio(middle),
        low=low,
        high=high,
        device=facts.device_of(pair.side),
        tip=f"{label}: {fmt.ratio(middle)} as fast as {wording.the_side(pair.baseline)} {across}{spread}",
    )


def _overview(facts: Facts, pairs: Sequence[Pair], way: str) -> SpeedupChart:
    """Many comparisons in one chart: a bar for each pair of devices or set-ups."""
    made = [(_pair_bar(facts, pair), pair) for pair in pairs[:_PAIRS]]
    made.sort(key=lambda one: one[0].value, reverse=True)
    bars = tuple(bar for bar, _ in made)
    rest = len(pairs) - len(bars)
    cut = (
        f" {len(bars)} of {fmt.fixed(len(pairs), 0)} pairs: like with like, then those with most workloads."
        if rest
        else ""
    )
    among = f" of {len(bars)} pairs" if rest else ""
    return SpeedupChart(
        key="speedups",
        title=_overview_title([(bar, pair.comparisons[0]) for bar, pair in made if _gains(pair)], among),
        caption=f"Geometric mean of the speedups over all workloads that both ran{f' ({way})' if way else ''}; whiskers from the least to the most.{cut}",
        alt="Speedups: " + "; ".join(b.tip for b in bars) + ".",
        bars=bars,
    )


def _gains(pair: Pair) -> bool:
    """Whether a pair shows a gain, or has no interval that says otherwise."""
    if pair.mean is None:
        return wording.is_gain(pair.comparisons[0])
    return pair.mean.ratio > 1 and (pair.mean.low is None or pair.mean.low > 1)


def _overview_title(shown: Sequence[tuple[Bar, Comparison]], among: str) -> str:
    if not shown:
        return _NOTHING
    top, of = shown[0]
    most = wording.as_fast(wording.the_side(of.side), top.value, wording.the_side(of.baseline))
    return f"{most}: the largest difference{among}"


def _chart_title(facts: Facts, decided: Sequence[Comparison]) -> str:
    """The largest gain that is shown, seen from the side that is faster."""
    gains = filter(wording.is_gain, map(faster_first, decided))
    of = max(gains, key=lambda c: c.ratio or 1.0, default=None)
    if of is None:
        return _NOTHING
    most = wording.as_fast(wording.the_side(of.side), of.ratio or 1.0, wording.the_side(of.baseline))
    return f"{most} on {facts.workload(of.workload)}: the largest difference"


def _against_baseline(facts: Facts, c: Comparison) -> Comparison:
    """A comparison of two devices, divided by the one that is the baseline of the whole report."""
    order = facts.study.baselines
    side, base = (
        order.index(str(s.device)) if s.device in order else len(order) for s in (c.side, c.baseline)
    )
    return turned(c) if side < base else c


def speedup_chart(
    facts: Facts, comparisons: Sequence[Comparison], between: Sequence[Comparison]
) -> SpeedupChart | None:
    """The chart of speedups, sorted: of devices where these are compared; none for fewer than two.

    Of very many comparisons of devices the leaderboard is the chart.
    """
    decided, devices = ([c for c in given if c.ratio] for given in (comparisons, between))
    if len(devices) > _BARS and board(facts):
        return None
    way = how(devices) if devices else ""
    decided = [_against_baseline(facts, c) for c in devices] or decided
    if len(decided) < 2:
        return None
    if len(decided) > _BARS:
        return _overview(
            facts, device_pairs(facts.study.by_devices) if devices else label_pairs(decided), way
        )
    bases = {c.baseline.device or c.baseline.label: c.baseline for c in decided}
    decided.sort(key=lambda c: c.ratio or 1.0, reverse=True)
    shown = tuple(_bar(facts, c, alone=len({c.baseline.label for c in decided}) == 1) for c in decided)
    name, one = next(iter(bases.items()))
    base = (
        wording.the(fmt.clean(name), one.device) if len(bases) == 1 else "the baseline, which each bar names"
    )
    whiskers = " Whiskers are 95 % intervals." if any(b.low is not None for b in shown) else ""
    return SpeedupChart(
        key="speedups",
        title=_chart_title(facts, decided),
        caption=f"Speed divided by that of {base}{f', {way}' if way else ''}; logarithmic scale.{whiskers}",
        alt="Speedups: " + "; ".join(b.tip for b in shown) + ".",
        bars=shown,
    )
