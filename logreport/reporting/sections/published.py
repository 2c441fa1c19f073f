"""Tables and result blocks that documents publish: shown as they are, beside what the logs say."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from logreport.reporting.report import BatchChart, Cell, Column, Line, Point, Row, Table
from logreport.reporting.sections.batch_chart import batch_chart
from logreport.reporting.sections.facts import Facts, missing, refs, words
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import wording

_PLACEHOLDER = "the document has a placeholder here"
_NO_CELL = "not published"
_NO_UNIT = "the document names no unit"
_ACROSS = 5  # batch sizes that have columns of their own
_LINES = 5  # lines in one chart that can still be told apart
Record = dict[str, Any]
_SHARED = ("device", "framework", "precision", "dataset", "phase", "settings")
_LABELS = ("row_label", "column_label")
# Where the number of a batch size stands in a label: at its beginning, or behind these words; `VGG-16` has none.
_BATCH = r"(?:^|\b(?:(?:mini)?-?batch(?:[ _-]?size)?|bsz?)\W{0,3})"


def _facet(records: Sequence[Record]) -> str:
    """What all values share, in words."""
    shared = []
    for name in _SHARED:
        values = {r[name] for r in records}
        if len(values) == 1 and (value := values.pop()):
            shared.append(fmt.clean(value))
    counts = {r["num_devices"] for r in records}
    if len(counts) == 1 and (count := counts.pop()):
        shared.append(fmt.count(count, "device"))
    return ", ".join(shared)


def _label(record: Record) -> str:
    """What a document calls the row and the column of a value; a batch size alone has a column of its own."""
    size = str(record["batch_size"])
    named = [record[name] for name in ("row_label", "column_label") if record[name] not in (None, size)]
    if record["model"] and not named:
        named = [wording.model_name(record["model"])]
    return ", ".join(dict.fromkeys(map(fmt.clean, named)))


def _set_up(record: Record, label: str) -> str:
    """What else is known of a value, where its label does not say it."""
    named = [fmt.clean(record[name]) for name in _SHARED if record[name]]
    model = wording.model_name(record["model"]) if record["model"] else ""
    count = record["num_devices"]
    named += [fmt.count(count, "device")] if count is not None else []
    return ", ".join(word for word in (model, *named) if word and not _says(label, word))


def _says(label: str, word: str) -> bool:
    """Whether a label names a thing, however it writes it."""
    plain, named = (re.sub(r"[^a-z0-9.]", "", text.lower()) for text in (label, word))
    return named in plain


def _key(record: Record) -> tuple[object, ...]:
    """What the values of one row share."""
    label = _label(record)
    return (
        record["source"], record["metric"], record["unit"], label, _set_up(record, label), record["device"],
    )  # fmt: skip


def published_tables(facts: Facts) -> tuple[Table, ...]:
    """All that documents publish, in one table: batch sizes across, where they are few."""
    records = list(facts.tables.rows("published"))
    if not records:
        return ()
    several = len({r["source"] for r in records}) > 1
    sizes = sorted({r["batch_size"] for r in records}, key=lambda size: size or 0)
    across = len(sizes) <= _ACROSS
    rows: dict[tuple[object, ...], dict[int | None, Record]] = {}
    told: Counter[object] = Counter()
    for r in records:
        key, at = _key(r), r["batch_size"] if across else None
        # Two values of one row and column are two rows.
        told[key, r["batch_size"]] += 1
        rows.setdefault((*key, told[key, r["batch_size"]], None if across else r["batch_size"]), {})[at] = r
    columns = sizes if across else [None]
    heads = (
        *([Column("Document")] if several else []),
        Column("As published"), Column("Set-up"), Column("What"), Column("Unit"),
        *([] if across else [Column("Batch size", numeric=True)]),
        *(Column(f"Batch {size}" if size else "Value", numeric=True) for size in columns),
    )  # fmt: skip
    made, before = [], None
    for found in rows.values():
        source = next(iter(found.values()))["source"]
        row = _row(found, columns, several=several, across=across)
        made.append(row._replace(new_group=several and source != before))
        before = source
    return (Table("published", _caption(records), heads, tuple(made), whole="published").without_empty(),)


def _caption(records: Sequence[Record]) -> str:
    sources = list(dict.fromkeys(fmt.clean(r["source"]) for r in records))
    return f"Published numbers ({fmt.listed(sources, most=3)})"


def _row(
    found: Mapping[int | None, Record], columns: Sequence[int | None], *, several: bool, across: bool
) -> Row:
    """One row: what the document calls it, and its values with the decimals that it gave them."""
    first = next(iter(found.values()))
    label = _label(first)
    texts = fmt.as_published([found[size]["value"] if size in found else None for size in columns])
    source, size = fmt.clean(first["source"]), first["batch_size"]
    return Row(
        (
            *([Cell(source)] if several else []),
            words(label, _NO_CELL),
            words(_set_up(first, label), _NO_CELL),
            words((first["metric"] or "value").replace("_", " ")),
            words(wording.unit_name(first["unit"]), _NO_UNIT),
            *([] if across else [missing(_NO_CELL) if size is None else Cell(str(size))]),
            *(_cell(found.get(size), text) for size, text in zip(columns, texts, strict=True)),
        )
    )


def _cell(record: Record | None, text: str) -> Cell:
    if record is None:
        return missing(_NO_CELL)
    what = " ".join(filter(None, (wording.unit_name(record["unit"]), "published")))
    places = refs([(record["source"], record["line"])], f"{text} {what}")
    if text == fmt.MISSING:
        return Cell(text, places, why=_PLACEHOLDER, missing=True)
    return Cell(text, places)


def _blocks(records: Sequence[Record]) -> dict[tuple[str, int], int]:
    """By document and line: the table or list that a value is of, whose lines follow one another with at most one between."""
    blocks: dict[tuple[str, int], int] = {}
    before, number = ("", 0), 0
    for place in sorted({(r["source"], r["line"]) for r in records}):
        number += place[0] != before[0] or place[1] > before[1] + 2
        blocks[place] = number
        before = place
    return blocks


def _series(records: Sequence[Record], blocks: Mapping[tuple[str, int], int]) -> list[list[Record]]:
    """Values of one table that differ in nothing but the batch size, by batch size; where one has two values, something else does."""
    found: dict[tuple[object, ...], list[Record]] = defaultdict(list)
    for r in records:
        same = (
            *(r[name] for name in (*_SHARED, "num_devices", "metric")),
            *(_apart(r, name) for name in _LABELS),
        )
        found[blocks[r["source"], r["line"]], *same].append(r)
    series = (sorted(several, key=lambda r: r["batch_size"]) for several in found.values())
    return [one for one in series if 1 < len(one) == len({r["batch_size"] for r in one})]


def _apart(record: Record, name: str) -> str:
    """What the document calls the row or the column of a value, without its batch size."""
    text = fmt.clean(record[name] or "")
    return re.sub(rf"{_BATCH}{record['batch_size']}(?![\w.])", "", text).strip(" ,")


def _names(series: Sequence[Sequence[Record]]) -> list[str]:
    """A name for each line of a chart: its device, and what it differs in from the other lines."""
    firsts = [one[0] for one in series]
    counts = [r["num_devices"] or 1 for r in firsts]
    names = [
        f"{wording.device_name(r)}, {fmt.count(count, 'device')}" if count > 1 else wording.device_name(r)
        for r, count in zip(firsts, counts, strict=True)
    ]
    for told in (*_LABELS, *_SHARED[1:]):
        texts = [_apart(r, told) for r in firsts]
        if len(set(texts)) > 1:
            names = [
                f"{name}, {text}" if text and not _says(name, text) else name
                for name, text in zip(names, texts, strict=True)
            ]
    times = Counter(names)
    return [
        f"{name}, from line {r['line']}" if times[name] > 1 else name
        for name, r in zip(names, firsts, strict=True)
    ]


def _line(facts: Facts, name: str, series: Sequence[Record], unit: str) -> Line:
    texts = fmt.as_published([r["value"] for r in series])
    points = tuple(
        Point(
            float(r["batch_size"]),
            r["value"],
            tip=f"{name}, batch {r['batch_size']}: {fmt.as_published([r['value']])[0]} {unit}, published",
        )
        for r in series
    )
    return Line(name, points, facts.device(wording.device_name(series[0])), tuple(texts))


def published_charts(facts: Facts) -> tuple[BatchChart, ...]:
    """A chart for each model whose speeds are published at two batch sizes or more."""
    models: dict[tuple[str, str, str], list[Record]] = defaultdict(list)
    rows = list(facts.tables.rows("published"))
    blocks = _blocks(rows)
    for r in rows:
        if r["batch_size"] and fmt.usable(r["value"]) and "/s" in (r["unit"] or ""):
            models[r["source"], r["model"] or "", r["unit"]].append(r)
    charts: list[BatchChart] = []
    for (source, model, unit), records in models.items():
        if every := _series(records, blocks):
            series = sorted(every, key=len, reverse=True)[:_LINES]
            shown = wording.unit_name(unit)
            lines = [
                _line(facts, label, one, shown) for label, one in zip(_names(series), series, strict=True)
            ]
            facet = _facet([r for one in series for r in one])
            caption = f"{facet}{'; ' if facet else ''}published in {fmt.clean(source)}, without intervals."
            if len(every) > _LINES:
                caption += f" {_LINES} of {len(every)} lines; all numbers are in the table."
            name, key = wording.model_name(model), f"published-batch-{len(charts) + 1}"
            meant = (("model", name),)
            charts.append(batch_chart(facts, key, name, lines, unit=shown, caption=caption, about=meant))
    return tuple(charts)
