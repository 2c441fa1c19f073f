"""Tables and result blocks that documents publish: shown as they are, beside what the logs say."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from logreport.reporting import formatting as fmt
from logreport.reporting import wording
from logreport.reporting.gather import Facts, missing, refs
from logreport.reporting.report import BatchChart, Cell, Column, Line, Point, Row, Table
from logreport.reporting.speeds import chart

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


def _row_label(record: Record, records: Sequence[Record]) -> str:
    label = fmt.clean(
        record["row_label"] or record["batch_size"] or record["device"] or record["metric"] or ""
    )
    devices = {r["device"] for r in records}
    if record["device"] and len(devices) > 1 and fmt.clean(record["device"]) not in label:
        label = f"{label} ({fmt.clean(record['device'])})" if label else fmt.clean(record["device"])
    same = [
        r
        for r in records
        if r["row_label"] == record["row_label"] and _column_label(r) == _column_label(record)
    ]
    same = [r for r in same if r["device"] == record["device"]]
    if len({r["batch_size"] for r in same}) > 1 and label != str(record["batch_size"]):
        label = f"{label}, batch {record['batch_size']}" if record["batch_size"] else label
    same = [r for r in same if r["batch_size"] == record["batch_size"]]
    if len({r["num_devices"] for r in same}) > 1 and record["num_devices"]:
        label = f"{label}, {fmt.count(record['num_devices'], 'device')}"
        same = [r for r in same if r["num_devices"] == record["num_devices"]]
    return f"{label}, line {record['line']}".strip(", ") if len(same) > 1 else label


def _column_label(record: Record) -> str:
    return fmt.clean(record["column_label"] or record["model"] or record["framework"] or "value")


def _columns(records: Sequence[Record], heads: Sequence[str]) -> list[list[Cell]]:
    """Cells column by column, so that a column shares its decimals."""
    labels = list(dict.fromkeys(_row_label(r, records) for r in records))
    found = []
    for head in heads:
        mine = {_row_label(r, records): r for r in records if _column_label(r) == head}
        texts = fmt.as_published([mine[label]["value"] if label in mine else None for label in labels])
        found.append([_cell(mine.get(label), text) for label, text in zip(labels, texts, strict=True)])
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
    heads = list(dict.fromkeys(map(_column_label, records)))
    labels = list(dict.fromkeys(_row_label(r, records) for r in records))
    columns = _columns(records, heads)
    rows = tuple(Row((Cell(label), *(c[i] for c in columns))) for i, label in enumerate(labels))
    by_batch = all(
        r["batch_size"] is not None and r["row_label"] in (None, str(r["batch_size"])) for r in records
    )
    unit = wording.unit_name(records[0]["unit"])
    head = Column("Batch size" if by_batch else "As published", numeric=by_batch)
    return Table(key, caption, (head, *(Column(h, unit, numeric=True) for h in heads)), rows, total=len(rows))


def published_tables(facts: Facts) -> tuple[Table, ...]:
    """What documents publish, one table for each block."""
    blocks = _blocks(facts.tables.rows("published"))
    captions = [_caption(block) for block in blocks]
    captions = [
        f"{caption[:-1]}, from line {block[0]['line']})" if captions.count(caption) > 1 else caption
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


def published_charts(facts: Facts, room: int) -> tuple[BatchChart, ...]:
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
            charts.append(chart(key, name, lines, wording.unit_name(unit), caption))
    return tuple(charts[:room])
