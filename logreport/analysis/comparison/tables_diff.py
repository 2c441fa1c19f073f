"""What two archives, or two selections of runs, do not share: runs, workloads, devices, and values of the same run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from logreport.analysis.comparison.pooling import workload_of
from logreport.analysis.hardware.seen_devices import Device, devices
from logreport.analysis.measurement.phases import phases_of
from logreport.analysis.results import Workload
from logreport.tables.tables import Tables

_PLACE = {"source", "first_line", "last_line", "log_sha256"}  # where a run stands, not what it is
_SPEEDS = ("examples_per_second", "examples_per_second_low", "examples_per_second_high", "seconds_per_batch")
_CLOSE = 1e-9  # relative; below, a difference is one of arithmetic
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Changed:
    """A value of one run or device that is not the same: `what` is a column, or a phase and a column."""

    name: str
    what: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Diff:
    """What is only in the new one, only in the old one, and in both with other values.

    Args:
        new_runs: rows of runs.
        gone_runs: rows of runs.
        changed_runs: by run id: the same log, read in another way or with other tags of the grammar.
        same_runs: how many runs are the same in both.
        new_workloads: what only the new one ran.
        gone_workloads: what only the old one ran.
        new_devices: names.
        gone_devices: names.
        changed_devices: values that are not the same sets in both, such as a driver.
    """

    new_runs: tuple[Row, ...]
    gone_runs: tuple[Row, ...]
    changed_runs: tuple[Changed, ...]
    same_runs: int
    new_workloads: tuple[Workload, ...]
    gone_workloads: tuple[Workload, ...]
    new_devices: tuple[str, ...]
    gone_devices: tuple[str, ...]
    changed_devices: tuple[Changed, ...]

    @property
    def empty(self) -> bool:
        """Whether both hold the same."""
        return not any(value for name, value in vars(self).items() if name != "same_runs")


def diff(old: Tables, new: Tables) -> Diff:
    """Compare two sets of analysed tables; a run is the same by its id, wherever its log lies."""
    before, after = _runs(old), _runs(new)
    changed = tuple(
        change
        for run_id in sorted(before.keys() & after.keys())
        for change in _changed(run_id, before[run_id], after[run_id])
    )
    works = [set(map(workload_of, phases_of(tables))) for tables in (old, new)]
    machines = [{device.name: device for device in devices(tables)} for tables in (old, new)]
    touched = {change.name for change in changed}
    return Diff(
        new_runs=tuple(after[key][0] for key in after if key not in before),
        gone_runs=tuple(before[key][0] for key in before if key not in after),
        changed_runs=changed,
        same_runs=len(before.keys() & after.keys() - touched),
        new_workloads=tuple(sorted(works[1] - works[0], key=str)),
        gone_workloads=tuple(sorted(works[0] - works[1], key=str)),
        new_devices=tuple(sorted(machines[1].keys() - machines[0].keys())),
        gone_devices=tuple(sorted(machines[0].keys() - machines[1].keys())),
        changed_devices=tuple(
            change
            for name in sorted(machines[0].keys() & machines[1].keys())
            for change in _differing(machines[0][name], machines[1][name])
        ),
    )


def _runs(tables: Tables) -> dict[str, tuple[Row, dict[str, Row]]]:
    """The first row of each run, and its phases by name."""
    found: dict[str, tuple[Row, dict[str, Row]]] = {}
    for row in tables.rows("runs"):
        found.setdefault(row["run_id"], (row, {}))
    for row in tables.rows("phases"):
        if row["run_id"] in found and row["source"] == found[row["run_id"]][0]["source"]:
            found[row["run_id"]][1][row["phase"]] = row
    return found


def _changed(
    run_id: str, old: tuple[Row, dict[str, Row]], new: tuple[Row, dict[str, Row]]
) -> Iterator[Changed]:
    """Values of a run that are not the same."""
    for name, value in old[0].items():
        if name not in _PLACE and not _same(value, new[0][name]):
            yield Changed(run_id, name, value, new[0][name])
    for phase in {**old[1], **new[1]}:
        rows = [side[1].get(phase, {}) for side in (old, new)]
        for name in _SPEEDS:
            values = [row.get(name) for row in rows]
            if not _same(*values):
                yield Changed(run_id, f"{phase} {name}", *values)


def _same(a: Any, b: Any) -> bool:  # noqa: ANN401 - any value of a table
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= _CLOSE * max(abs(a), abs(b))
    return bool(a == b)


def _differing(old: Device, new: Device) -> Iterator[Changed]:
    """Values of a device that one of the two has and the other has not."""
    for name in {**old.facts, **new.facts}:
        values = [{seen.value for seen in device.facts.get(name, ())} for device in (old, new)]
        if values[0] != values[1] and name != "memory_limit_bytes":  # what TensorFlow takes is of the run
            yield Changed(old.name, name, *(sorted(side, key=str) for side in values))
