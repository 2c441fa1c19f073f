"""What a README table is made of: measured phases with their place in every dimension, split so that no cell mixes."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from logreport.analysis.comparison.pooling import Member, workload_of
from logreport.analysis.comparison.set_ups import Pooled, SetUp, set_ups
from logreport.analysis.measurement.numbers import positive
from logreport.analysis.measurement.phases import phases_of
from logreport.analysis.study import Study
from logreport.errors import UsageError
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import wording
from logreport.tables.tables import Tables

DIMENSIONS: Mapping[str, str] = {
    "batch_size": "Batch size",
    "model": "Model",
    "device": "Device",
    "phase": "Phase",
    "benchmark": "Benchmark",
    "num_devices": "Devices",
    "framework_version": "Version",
    "precision": "Precision",
    "dataset": "Data set",
}
SETTINGS: Mapping[str, str] = {
    "host": "Host",
    "threads": "Threads",
    "xla": "XLA",
    "optimizer": "Optimizer",
    "command": "Command",
    "tag": "Tags",
}
"""May stand in rows and columns too, as `tag.KEY` may; where they do not, tables are not split by them."""
VALUES: Mapping[str, str] = {
    "examples_per_second": "Speed",
    "end_to_end_examples_per_second": "End-to-end speed",
    "seconds_per_batch": "Time per batch",
    "examples_per_joule": "Speed per watt",
}
OPEN = ("framework_version", "benchmark", "dataset", "precision", "phase")
"""May differ from column to column, or from row to row, where that is said."""
_UNFINISHED = ("failed", "truncated")
NONE = "not in the log"
Key = tuple[str, ...]


CHOICES = ", ".join((*DIMENSIONS, *SETTINGS, "tag.KEY"))


def is_dimension(name: str) -> bool:
    """Whether it may stand in rows and columns."""
    return name in DIMENSIONS or name in SETTINGS or name.startswith("tag.")


def head_of(name: str) -> str:
    """What a dimension is called."""
    return DIMENSIONS.get(name) or SETTINGS.get(name) or name.removeprefix("tag.")


@dataclass(frozen=True)
class Ask:
    """What the table shall show.

    `best` shows the fastest of several set-ups in a cell, where they would stand beside each other.

    Raises:
        UsageError: for names that are no dimension or value, for none at all, and for one in rows and columns.
    """

    rows: tuple[str, ...] = ("batch_size",)
    columns: tuple[str, ...] = ("model",)
    value: str = "examples_per_second"
    best: bool = False

    def __post_init__(self) -> None:
        """Refuse what no table can show."""
        for what, names in (("rows", self.rows), ("columns", self.columns)):
            wrong = [name for name in names if not is_dimension(name)]
            if wrong or not names:
                shown = ", ".join(map(repr, wrong)) or "nothing"
                raise UsageError(f"{what} cannot be made of {shown}", todo=f"choose of {CHOICES}")
        if both := set(self.rows) & set(self.columns):
            raise UsageError(
                f"{', '.join(sorted(both))} cannot stand in rows and columns at once",
                todo="choose another one",
            )
        if self.value not in VALUES:
            raise UsageError(f"no cell can show {self.value!r}", todo=f"choose of {', '.join(VALUES)}")


@dataclass(frozen=True)
class Point:
    """A set-up with its value, or a run without one, and where it belongs: text by dimension."""

    at: Mapping[str, str]
    run: Mapping[str, Any]
    set_up: SetUp | None = None
    pooled: Pooled | None = None


def points_of(study: Study, ask: Ask) -> Iterator[Point]:
    """Every set-up with a value, and every run that ended badly without one."""
    spoke: set[str] = set()
    names = (*DIMENSIONS, *(name for name in (*ask.rows, *ask.columns) if name not in DIMENSIONS))
    for set_up in (*study.set_ups, *(timed(study.tables) if ask.value == "seconds_per_batch" else ())):
        if (pooled := set_up.pooled(ask.value)) is None:
            continue
        spoke.update(set_up.run_ids)
        w = set_up.workload
        known = {
            **set_up.facts, "benchmark": w.benchmark, "model": w.model or w.benchmark, "phase": w.phase,
            "batch_size": w.batch_size, "precision": w.precision, "dataset": w.dataset,
            "num_devices": w.num_devices,
        }  # fmt: skip
        yield Point({name: _said(name, known) for name in names}, set_up.facts, set_up, pooled)
    for run in study.tables.rows("runs"):
        if run["status"] in _UNFINISHED and run["run_id"] not in spoke:
            spoke.add(run["run_id"])
            tags = {name: values.get(run["run_id"]) for name, values in study.tables.tags.items()}
            known = {**run, **tags, "model": run["model"] or run["benchmark"]}
            at = {name: _said(name, known) for name in names if known.get(name) or name == "device"}
            yield Point(at, run)


def timed(tables: Tables) -> Iterator[SetUp]:
    """Set-ups of which a log gives the time of a step and no speed: nobody knows the size of their batches."""
    found = [
        Member(p, workload_of(p), 1 / seconds, 1 / seconds, False, {**p.run, "devices": ()})  # noqa: FBT003
        for p in phases_of(tables)
        if positive(seconds := p.row["seconds_per_batch"]) and not positive(p.row["examples_per_second"])
    ]
    return iter(set_ups(found))


def _said(name: str, known: Mapping[str, Any]) -> str:
    """A value of a dimension as the table writes it."""
    if name == "device":
        return wording.device_name(known)
    if name == "tag":
        tags = [(key, value) for key, value in known.items() if key.startswith("tag.") and value]
        return ", ".join(f"{head_of(key)} {fmt.clean(value)}" for key, value in tags) or NONE
    value = known.get(name)
    if value is None:
        return NONE
    if isinstance(value, bool):
        return "on" if value else "off"
    words: Mapping[str, Callable[[Any], str]] = {"model": wording.model_name, "phase": wording.phase_name}
    return words.get(name, fmt.clean)(value)


def split(
    points: list[Point], dimensions: Sequence[str], ask: Ask, fixed: dict[str, str]
) -> list[tuple[dict[str, str], list[Point]]]:
    """Points by what their table shares; a dimension that each column settles by itself splits nothing."""
    if not points:
        return []
    if not dimensions:
        return [(fixed, points)]
    name, *others = dimensions
    groups: dict[str, list[Point]] = defaultdict(list)
    for p in points:
        groups[p.at[name]].append(p)
    if len(groups) > 1 and name in OPEN and _settled(points, name, ask):
        return split(points, others, ask, fixed)
    parts = []
    for value in sorted(groups, key=natural):
        parts += split(groups[value], others, ask, {**fixed, name: value})
    return parts


def _settled(points: Sequence[Point], name: str, ask: Ask) -> bool:
    """Whether each column, or each row, has only one value of a dimension."""
    return any(len(values_by(points, name, heads)) for heads in (ask.columns, ask.rows))


def values_by(points: Sequence[Point], name: str, heads: Sequence[str]) -> dict[Key, str]:
    """The value of a dimension for each column (or row); empty where one has several."""
    found: dict[Key, set[str]] = defaultdict(set)
    for p in points:
        found[tuple(p.at[head] for head in heads)].add(p.at[name])
    if any(len(values) > 1 for values in found.values()):
        return {}
    return {key: next(iter(values)) for key, values in found.items()}


def silent_of(points: Sequence[Point], fixed: Mapping[str, str], group: Sequence[Point]) -> list[Point]:
    """Runs without a value that belong to a table, by all that is known of them."""
    models = {p.at["model"] for p in group}
    return [
        p
        for p in points
        if p.set_up is None
        and all(p.at.get(name, value) == value for name, value in fixed.items())
        and (p.at["device"] == fixed.get("device", p.at["device"]))
        and p.at.get("model") in models
    ]


def natural(text: str) -> tuple[Any, ...]:
    """A key that sorts numbers in a text by value, and what is unknown last."""
    parts = [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in re.split(r"(\d+)", text.lower()) if p]
    return (text == NONE, tuple(parts), text)


def naturals(key: Key) -> tuple[Any, ...]:
    """The same for heads of several words."""
    return tuple(map(natural, key))
