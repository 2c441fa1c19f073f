"""Devices, environment, evaluations, and where every number comes from."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from logreport.reporting.report import Cell, Column, Row, Table
from logreport.reporting.sections.comparison import without_empty
from logreport.reporting.sections.facts import Facts, missing, numbers, refs, short_run, words
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import wording
from logreport.tables.schema import LEDGER

Record = dict[str, Any]
_NOT_PRINTED = "the log does not say"
_DEVICE = (
    "kind",
    "name",
    "compute_capability",
    "clock_hz",
    "core_count",
    "memory_total_bytes",
    "memory_bandwidth",
)
_SCALED: dict[str, Callable[[float | None], str]] = {
    "cpu_clock_hz": fmt.frequency,
    "clock_hz": fmt.frequency,
    "memory_total_bytes": fmt.size,
}
_LEDGER_WORDS = {
    "record": "with facts",
    "chatter": "known",
    "blank": "blank",
    "prose": "text",
    "malformed": "malformed",
    "unknown": "unrecognised",
}


def _plain(name: object) -> str:
    return fmt.clean(name or "").removeprefix("NVIDIA ")


def _merged(rows: Iterable[Record]) -> list[list[Record]]:
    """Rows of the same device name and properties; a device announced by many runs is one row of the report."""
    groups: dict[tuple[Any, ...], list[Record]] = defaultdict(list)
    for r in rows:
        groups[(_plain(r["name"]), *(r[k] for k in _DEVICE if k != "name"))].append(r)
    return sorted(groups.values(), key=lambda g: _plain(g[0]["name"]))


def _scaled(values: Sequence[float | None], factor: float) -> list[Cell]:
    return numbers([v / factor if v is not None else None for v in values], _NOT_PRINTED)


def devices_table(facts: Facts) -> Table | None:
    """The devices that the logs describe, with their properties."""
    groups = _merged(facts.tables.rows("devices"))
    if not groups:
        return None
    firsts = [g[0] for g in groups]
    columns = (
        [words(r["kind"], _NOT_PRINTED) for r in firsts],
        [words(r["compute_capability"], _NOT_PRINTED) for r in firsts],
        _scaled([r["clock_hz"] for r in firsts], 1e9),
        numbers([r["core_count"] for r in firsts], _NOT_PRINTED),
        _scaled([r["memory_total_bytes"] for r in firsts], 2**30),
        _scaled([r["memory_limit_bytes"] for r in firsts], 2**30),
        _scaled([r["memory_bandwidth"] for r in firsts], 1e9),
        [Cell(str(len({r["run_id"] for r in g if r["run_id"]}))) for g in groups],
    )
    rows = [Row((_device(facts, g), *(c[i] for c in columns))) for i, g in enumerate(groups)]
    heads = (
        Column("Device"), Column("Kind"), Column("Compute capability"), Column("Clock", "GHz", numeric=True),
        Column("Multiprocessors", numeric=True), Column("Memory", "GiB", numeric=True),
        Column("Used at most", "GiB", numeric=True), Column("Bandwidth", "GB/s", numeric=True),
        Column("Runs", numeric=True),
    )  # fmt: skip
    shown, kept = without_empty(heads, rows)
    return Table("devices", "Devices", shown, kept, total=len(kept))


def _device(facts: Facts, group: Sequence[Record]) -> Cell:
    name = _plain(group[0]["name"]) or wording.NO_DEVICE
    places = refs(((r["source"], r["line"]) for r in group), f"properties of {name}")
    return Cell(name, places, device=facts.devices.get(name))


def _value(key: str, value: str) -> str:
    scale = _SCALED.get(key)
    try:
        return scale(float(value)) if scale else fmt.clean(value)
    except ValueError:
        return fmt.clean(value)


def environment_table(facts: Facts) -> Table | None:
    """Versions, CPU features and the like, each distinct value once with the runs that it holds for."""
    groups: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for r in facts.tables.rows("environment"):
        if (r["key"] or "").startswith("run_"):
            continue  # a measurement of one run, different in each
        groups[r["key"] or "", r["value"] or ""].append(r)
    rows, before = [], None
    for (key, value), group in sorted(groups.items()):
        runs = [facts.run[r["run_id"]] for r in group if r["run_id"] in facts.run]
        named = fmt.listed(list(dict.fromkeys(map(wording.device_name, runs))), most=3)
        name = fmt.clean(key).replace("_", " ")
        places = refs(((r["source"], r["line"]) for r in group), name)
        cells = (Cell(name), Cell(_value(key, value), places), words(named, "outside any run"))
        rows.append(Row(cells, new_group=name != before))
        before = name
    if not rows:
        return None
    columns = (Column("What"), Column("Value"), Column("Where"))
    return Table("environment", "Environment", columns, tuple(rows), total=len(rows))


def evaluations_table(facts: Facts) -> Table | None:
    """Accuracy of the runs that evaluated."""
    found = list(facts.tables.rows("evaluations"))
    if not found:
        return None
    why = "not evaluated"
    columns = [numbers([r[k] * 100 if r[k] is not None else None for r in found], why) for k in _ACCURACY]
    rows = []
    for i, r in enumerate(found):
        run = facts.run.get(r["run_id"] or "")
        name = short_run(run) if run else fmt.clean(r["source"] or "")
        place = refs([(r["source"], r["line"])], f"evaluation of {name}")
        step = Cell(str(r["step"])) if r["step"] is not None else missing("the line names no step")
        examples = Cell(fmt.fixed(r["examples"], 0)) if r["examples"] is not None else missing(_NOT_PRINTED)
        rows.append(Row((Cell(name, place), step, *(c[i] for c in columns), examples)))
    heads = (
        Column("Run"), Column("Step", numeric=True), Column("Top-1 accuracy", "%", numeric=True),
        Column("Top-5 accuracy", "%", numeric=True), Column("Test error", "%", numeric=True),
        Column("Examples", numeric=True),
    )  # fmt: skip
    shown, kept = without_empty(heads, rows)
    return Table("evaluations", "Evaluation", shown, kept, total=len(kept))


_ACCURACY = ("top_1", "top_5", "test_error")


def sources_table(facts: Facts) -> Table | None:
    """Every log with its hash and what its lines are."""
    hashes = {r["source"]: r["log_sha256"] for r in facts.runs}
    found = list(facts.tables.rows("lines"))
    if not found:
        return None
    rows = []
    for r in found:
        sha = hashes.get(r["source"])
        digest = (
            Cell(fmt.clean(sha)[:12], why=f"SHA-256 {fmt.clean(sha)}")
            if sha
            else missing("no run in this log")
        )
        counts = [Cell(fmt.fixed(r[k] or 0, 0)) for k in ("total", *LEDGER)]
        rows.append(Row((Cell(fmt.clean(r["source"] or "")), digest, *counts)))
    heads = (Column("Source"), Column("SHA-256"), Column("Lines", numeric=True))
    more = tuple(Column(wording.capital(_LEDGER_WORDS[k]), numeric=True) for k in LEDGER)
    return Table("sources", "Every line of every source", (*heads, *more), tuple(rows), total=len(rows))


def ledger_sentence(facts: Facts) -> str:
    """All lines and what became of them, in one sentence that adds up."""
    sums = {k: sum(v or 0 for v in facts.tables.columns["lines"][k]) for k in ("total", *LEDGER)}
    if not sums["total"]:
        return ""
    parts = [f"{fmt.fixed(sums[k], 0)} {_LEDGER_WORDS[k]}" for k in LEDGER if sums[k]]
    none = "" if sums["unknown"] else "; none is unrecognised"
    sources = fmt.count(facts.tables.count("lines"), "source")
    return f"{fmt.count(sums['total'], 'line')} in {sources}: {fmt.listed(parts, most=9)}{none}."
