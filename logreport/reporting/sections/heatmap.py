"""Devices and networks: the best speed of each device on each network, a table for each precision and pass."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from logreport.analysis.comparison.set_ups import Kind, SetUp
from logreport.reporting.report import Block, Cell, Column, Details, Row, Section, Table
from logreport.reporting.sections.facts import Facts, about, missing
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import wording

_OPEN = 4  # tables that are not folded
_LEAST = 2  # devices and networks
_DARKEST = 8
_STEP = math.sqrt(2)  # from one shade to the next
_NEVER = "no run of this network on this device alone"
_REMARK = "Each cell: one device alone, its fastest set-up at any batch size; the darker, the nearer to the fastest of the column."
Cells = Mapping[tuple[str, str], SetUp]


def section(facts: Facts) -> Section:
    """The kinds of work that most devices and networks share first, the others folded."""
    return Section("heatmap", "Devices and models", facts.blocks({"devices and models": heatmaps}))


def heatmaps(facts: Facts) -> Iterator[Block]:
    """A table for each kind of work that two devices or more and two networks or more have."""
    ranked = sorted(facts.study.best.items(), key=lambda kind: (-len(kind[1]), str(kind[0])))
    kinds = [(kind, cells) for kind, cells in ranked if min(_heads(cells)) >= _LEAST]
    tables = tuple(
        _table(facts, f"heatmap-{n}", kind, cells, first=n == 1) for n, (kind, cells) in enumerate(kinds, 1)
    )
    yield from tables[:_OPEN]
    if rest := tables[_OPEN:]:
        yield Details("Other precisions, passes and data", rest)


def _heads(cells: Cells) -> tuple[int, int]:
    """How many devices and networks there are."""
    return len({device for device, _ in cells}), len({model for _, model in cells})


def _name(facts: Facts, kind: Kind, cells: Cells) -> str:
    """What is done: `Training, fp16, synthetic data`."""
    precision = "mixed precision" if kind.mixed_precision else fmt.clean(kind.precision or "")
    data = facts.data(next(iter(cells.values())).workload)
    return wording.capital(", ".join(filter(None, (wording.phase_name(kind.phase), precision, data))))


def _caption(facts: Facts, kind: Kind, cells: Cells, models: Sequence[str]) -> str:
    """What is done, in which unit, and which device is the fastest: `Training, fp16, images/s: A100 on 4 of 6`."""
    best = Counter(
        max((d for d, m in cells if m == model), key=lambda d: cells[d, model].speed) for model in models
    )
    (device, won), *others = best.most_common(2)
    shared = bool(others) and others[0][1] == won
    told = f": {facts.the(fmt.clean(device))} is fastest on {f'{won} of {len(models)}' if others else f'all {won}'}"
    return f"{_name(facts, kind, cells)}, {facts.unit}{'' if shared else told}"


def _table(facts: Facts, key: str, kind: Kind, cells: Cells, *, first: bool) -> Table:
    models = sorted({model for _, model in cells}, key=lambda model: (-_ran(cells, model), model))
    devices = sorted({device for device, _ in cells}, key=lambda device: (-_level(cells, device), device))
    texts = {m: fmt.column([_speed(cells, d, m) for d in devices]) for m in models}
    rows = tuple(
        Row((_device(facts, d), *(_cell(facts, cells, (d, m), texts[m][i]) for m in models)))
        for i, d in enumerate(devices)
    )
    heads = (
        Column("Device"),
        *(Column(name, numeric=True, about=(("model", name),)) for name in map(wording.model_name, models)),
    )
    workload = next(iter(cells.values())).workload
    meant = about(workload, mixed_precision=kind.mixed_precision, fields=("phase", "precision", "data"))
    caption = _caption(facts, kind, cells, models)
    return Table(key, caption, heads, rows, remarks=(_REMARK,) if first else (), about=meant)


def _device(facts: Facts, device: str) -> Cell:
    name = fmt.clean(device)
    return Cell(name, device=facts.devices.get(name))


def _ran(cells: Cells, model: str) -> int:
    """On how many devices a network ran."""
    return sum(m == model for _, m in cells)


def _speed(cells: Cells, device: str, model: str) -> float | None:
    return cells[device, model].speed if (device, model) in cells else None


def _fastest(cells: Cells, model: str) -> float:
    return max(one.speed for (_, m), one in cells.items() if m == model)


def _level(cells: Cells, device: str) -> float:
    """How fast a device is on the whole: the mean logarithm of its shares of the fastest."""
    shares = [math.log(one.speed / _fastest(cells, m)) for (d, m), one in cells.items() if d == device]
    return math.fsum(shares) / len(shares)


def _cell(facts: Facts, cells: Cells, at: tuple[str, str], text: str) -> Cell:
    """A speed with its batch size, its doubts and its shade; an empty cell where there is none."""
    if (one := cells.get(at)) is None:
        return missing(_NEVER)
    fastest = _fastest(cells, at[1])
    shade = max(_DARKEST - round(math.log(fastest / one.speed, _STEP)), 0)
    doubts = [f.number for f in facts.doubts(one.run_ids, one.workload.phase) if f.severity != "note"]
    what = f"{wording.model_name(at[1])}, {fmt.clean(at[0])}: {text} {facts.unit}"
    places = facts.refs(one.places, what)
    size = one.workload.batch_size
    why = f"batch {size}" if size is not None else ""
    return Cell(text, places, why=why, findings=tuple(doubts), best=one.speed == fastest, shade=shade)
