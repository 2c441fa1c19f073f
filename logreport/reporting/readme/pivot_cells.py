"""What a README table is made of: measured phases with their place in every dimension, split so that no cell mixes."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from logreport.analysis.comparison.set_ups import Pooled, SetUp
from logreport.analysis.study import Study
from logreport.errors import UsageError
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import wording

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
VALUES: Mapping[str, str] = {
    "examples_per_second": "Speed",
    "end_to_end_examples_per_second": "End-to-end speed",
    "seconds_per_batch": "Time per batch",
}
OPEN = ("framework_version", "benchmark", "dataset", "precision", "phase")
"""May differ from column to column, or from row to row, where that is said."""
_UNFINISHED = ("failed", "truncated")
NONE = "not in the log"
Key = tuple[str, ...]


@dataclass(frozen=True)
class Ask:
    """What the table shall show.

    Raises:
        UsageError: for names that are no dimension or value, for none at all, and for one in rows and columns.
    """

    rows: tuple[str, ...] = ("batch_size",)
    columns: tuple[str, ...] = ("model",)
    value: str = "examples_per_second"

    def __post_init__(self) -> None:
        """Refuse what no table can show."""
        for what, names in (("rows", self.rows), ("columns", self.columns)):
            if not names or set(names) - DIMENSIONS.keys():
                wrong = ", ".join(repr(name) for name in names if name not in DIMENSIONS) or "nothing"
                raise UsageError(
                    f"{what} cannot be made of {wrong}", todo=f"choose of {', '.join(DIMENSIONS)}"
                )
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
    for set_up in study.set_ups:
        if (pooled := set_up.pooled(ask.value)) is None:
            continue
        spoke.update(set_up.run_ids)
        w = set_up.workload
        known = {
            **set_up.facts, "benchmark": w.benchmark, "model": w.model or w.benchmark, "phase": w.phase,
            "batch_size": w.batch_size, "precision": w.precision, "dataset": w.dataset,
            "num_devices": w.num_devices,
        }  # fmt: skip
        yield Point({name: _said(name, known) for name in DIMENSIONS}, set_up.facts, set_up, pooled)
    for run in study.tables.rows("runs"):
        if run["status"] in _UNFINISHED and run["run_id"] not in spoke:
            spoke.add(run["run_id"])
            known = {name: run.get(name) for name in (*DIMENSIONS, "source")}
            known["model"] = run["model"] or run["benchmark"]
            at = {name: _said(name, known) for name in DIMENSIONS if known.get(name) or name == "device"}
            yield Point(at, run)


def _said(name: str, known: Mapping[str, Any]) -> str:
    """A value of a dimension as the table writes it."""
    if name == "device":
        return wording.device_name(known)
    value = known.get(name)
    if value is None:
        return NONE
    words = {"model": wording.model_name, "phase": wording.phase_name}.get(name, fmt.clean)
    return words(value)


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
