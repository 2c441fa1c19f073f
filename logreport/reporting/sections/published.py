"""Tables and result blocks that documents publish: shown as they are, beside what the logs say."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from logreport.reporting.report import BatchChart, Cell, Column, Line, Point, Row, Table
from logreport.reporting.sections.batch_chart import batch_chart
from logreport.reporting.sections.facts import Facts, missing, refs
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import wording

_PLACEHOLDER = "the document has a placeholder here"
_NO_CELL = "not published"
Record = dict[str, Any]
_SHARED = ("device", "framework", "precision", "dataset")


def _blocks(records: Iterable[Record]) -> list[list[Record]]:
    """Values that belong in one table: of one document and one unit."""
    blocks: dict[tuple[Any, ...], list[Record]] = defaultdict(list)
    for r in records:
        blocks[
            r["source"], r["metric"], r["unit"], r["precision"], r["dataset"], r["row_label"] is None,
            _model_of_table(r),
        ].append(r)  # fmt: skip
    return list(blocks.values())


def _model_of_table(record: Record) -> str | None:
    """The network of a value whose row and column do not name it: that of its whole table."""
    model = record["model"]
    return None if record["column_label"] in (None, model) or record["row_label"] == model else model


def _facet(records: Sequence[Record]) -> str:
    """What all values share, in words."""
    shared = [wording.model_name(model)] if (model := _model_of_table(records[0])) else []
    for name in _SHARED:
        values = {r[name] for r in records}
        if len(values) == 1 and (value := values.pop()):
            shared.append(fmt.clean(value))
    counts = {r["num_devices"] for r in records}
    if len(counts) == 1 and (count := counts.pop()):
        shared.append(fmt.count(count, "device"))
    return ", ".join(shared)


def _caption(records: Sequence[Record]) -> str:
    first = records[0]
    metric = wording.capital(fmt.clean(first["metric"] or "value").replace("_", " "))
    facet = _facet(records)
    return f"{metric}{f': {facet}' if facet else ''} (published in {fmt.clean(first['source'])})"


def _row_labels(records: Sequence[Record]) -> list[str]:
    """The head of the row of each value; what else tells values of one row and column apart is added to it."""
    several = len({r["device"] for r in records}) > 1
    sizes: dict[Hashable, set[object]] = defaultdict(set)
    counts: dict[Hashable, set[object]] = defaultdict(set)
    for r in records:
        sizes[_spot(r)].add(r["batch_size"])
        counts[_spot(r), r["batch_size"]].add(r["num_devices"])
    same = Counter((_spot(r), r["batch_size"], r["num_devices"]) for r in records)
    labels = []
    for r in records:
        label = fmt.clean(r["row_label"] or r["batch_size"] or r["device"] or r["metric"] or "")
        device = fmt.clean(r["device"] or "")
        if device and several and device not in label and device != _column_label(r):
            label = f"{label} ({device})" if label else device
        if len(sizes[_spot(r)]) > 1 and r["batch_size"] and label != str(r["batch_size"]):
            label = f"{label}, batch {r['batch_size']}"
        if len(counts[_spot(r), r["batch_size"]]) > 1 and r["num_devices"]:
            label = f"{label}, {fmt.count(r['num_devices'], 'device')}"
        if same[_spot(r), r["batch_size"], r["num_devices"]] > 1:
            label = f"{label}, line {r['line']}".strip(", ")
        labels.append(label)
    return labels


def _spot(record: Record) -> Hashable:
    """Row, column and device of a value."""
    return record["row_label"], _column_label(record), record["device"]


def _column_label(record: Record) -> str:
    return fmt.clean(record["column_label"] or record["model"] or record["framework"] or "value")


def _columns(records: Sequence[Record], labels: Sequence[str]) -> dict[str, list[Cell]]:
    """Cells column by column, so that a column shares its decimals."""
    by_head: dict[str, dict[str, Record]] = defaultdict(dict)
    for record, label in zip(records, labels, strict=True):
        by_head[_column_label(record)][label] = record
    rows = list(dict.fromkeys(labels))
    found = {}
    for head, mine in by_head.items():
        texts = fmt.as_published([mine[label]["value"] if label in mine else None for label in rows])
        found[head] = [_cell(mine.get(label), text) for label, text in zip(rows, texts, strict=True)]
    return found


def _cell(record: Record | None, text: str) -> Cell:
    if record is None:
        return missing(_NO_CELL)
    what = " ".join(filter(None, (wording.unit_name(record["unit"]), "published")))
    places = refs([(record["source"], record["line"])], f"{text} {what}")
    if text == fmt.MISSING:
        return Cell(text, places, why=_PLACEHOLDER, missing=True)
    return Cell(text, places)


def _table(key: str, caption: str, records: Sequence[Record]) -> Table:
    labels = _row_labels(records)
    columns = _columns(records, labels)
    rows = tuple(
        Row((Cell(label), *cells))
        for label, *cells in zip(dict.fromkeys(labels), *columns.values(), strict=True)
    )
    by_batch = all(
        r["batch_size"] is not None and r["row_label"] in (None, str(r["batch_size"])) for r in records
    )
    unit = wording.unit_name(records[0]["unit"])
    head = Column("Batch size" if by_batch else "As published", numeric=by_batch)
    return Table(
        key,
        caption,
        (head, *(Column(h, unit, numeric=True) for h in columns)),
        rows,
        whole="published",
    )


def published_tables(facts: Facts) -> tuple[Table, ...]:
    """What documents publish, one table for each block."""
    blocks = _blocks(facts.tables.rows("published"))
    captions = [_caption(block) for block in blocks]
    told = Counter(captions)
    captions = [
        f"{caption[:-1]}, from line {block[0]['line']})" if told[caption] > 1 else caption
        for caption, block in zip(captions, blocks, strict=True)
    ]
    return tuple(
        _table(f"published-{n}", caption, block)
        for n, (caption, block) in enumerate(zip(captions, blocks, strict=True), 1)
    )


def _lines(facts: Facts, records: Sequence[Record], unit: str) -> list[Line]:
    """A line a device through the published speeds of one model."""
    devices: dict[tuple[str, int], dict[int, Record]] = defaultdict(dict)
    for r in records:
        devices[wording.device_name(r), r["num_devices"] or 1].setdefault(r["batch_size"], r)
    lines = []
    for (device, count), sizes in devices.items():
        name = device if count == 1 else f"{device}, {count} devices"
        points = tuple(
            Point(
                float(n),
                r["value"],
                tip=f"{name}, batch {n}: {fmt.as_published([r['value']])[0]} {unit}, published",
            )
            for n, r in sorted(sizes.items())
        )
        texts = fmt.as_published([p.y for p in points])
        lines.append(Line(name, points, facts.device(device), tuple(texts)))
    return [line for line in lines if len(line.points) > 1]


def published_charts(facts: Facts) -> tuple[BatchChart, ...]:
    """A chart for each model whose speeds are published at two batch sizes or more."""
    models: dict[tuple[str, str, str], list[Record]] = defaultdict(list)
    for r in facts.tables.rows("published"):
        if r["batch_size"] and fmt.usable(r["value"]) and "/s" in (r["unit"] or ""):
            models[r["source"], r["model"] or "", r["unit"]].append(r)
    charts: list[BatchChart] = []
    for (source, model, unit), records in models.items():
        if lines := _lines(facts, records, wording.unit_name(unit)):
            facet = _facet(records)
            caption = f"{facet}{'; ' if facet else ''}published in {fmt.clean(source)}, without intervals."
            name, key = wording.model_name(model), f"published-batch-{len(charts) + 1}"
            charts.append(batch_chart(facts, key, name, lines, unit=wording.unit_name(unit), caption=caption))
    return tuple(charts)
