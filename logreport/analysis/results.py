"""What analysis says about two runs of one workload, as frozen data that reports and `compare` show."""

import math
from typing import Any, NamedTuple, Self

from logreport.analysis.comparison.repeats import Repeats
from logreport.tables.findings import KINDS


class Workload(NamedTuple):
    """What makes two phases comparable; fields that the log does not say are None."""

    benchmark: str
    model: str | None
    phase: str
    batch_size: int | None
    precision: str | None
    dataset: str | None
    num_devices: int | None
    item: str | None = None  # what its speed counts, where a format says it


class Speed(NamedTuple):
    """Speed of one phase in examples/s, with its 95 % interval where one could be made."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def half_width(self) -> float:
        """Relative half width of the interval; infinite without one."""
        return math.inf if self.low is None or self.high is None else math.log(self.high / self.low) / 2


class Side(NamedTuple):
    """One side of a comparison: a device (or label) and the runs whose speed is pooled in it.

    `name` is its label, or its device, of a kind where the log names none, and as much else as tells it from others.
    """

    name: tuple[str, ...]
    run_ids: tuple[str, ...]
    sources: tuple[tuple[str, int], ...]  # (source, line) of each number used
    speed: Speed
    as_printed: float  # before any correction
    device: str | None = None  # as the runs call it

    @property
    def label(self) -> str:
        """The whole name."""
        return ", ".join(self.name)


class Difference(NamedTuple):
    """A field in which a side differs from its baseline; None where the log does not say."""

    field: str
    ours: Any
    theirs: Any


class Remark(NamedTuple):
    """Something to say about a comparison: its kind and the values of its sentence, whose words are reporting's."""

    kind: str
    values: tuple[Any, ...] = ()


class Comparison(NamedTuple):
    """Speed of `side` divided by speed of `baseline` on one workload.

    `ratio` is None where the two cannot be compared: for the `differences` of their workloads, or for a `reason`,
    which also says why a ratio has no interval. `verdict` is one of "faster", "slower", "no difference shown",
    "the same" (to within `margin`, a share of one), "not comparable".
    `low` and `high` are the 95 % interval of the ratio, variation from run to run included; the verdict stands on it.
    `p` is corrected by Holm over all comparisons made together. `repeats` are the runs that both come from; None where
    the ratio has no interval.
    """

    workload: Workload
    baseline: Side
    side: Side
    ratio: float | None
    low: float | None
    high: float | None
    ratio_as_printed: float | None
    verdict: str
    reason: Remark | None = None
    differences: tuple[Difference, ...] = ()
    remarks: tuple[Remark, ...] = ()
    p: float | None = None
    margin: float | None = None
    repeats: Repeats | None = None

    @property
    def unlike(self) -> tuple[Difference, ...]:
        """The facts that are known of both set-ups and differ, without what their names say; none where they are alike."""
        return tuple(d for remark in self.remarks if remark.kind == "unlike" for d in remark.values)

    @property
    def apart(self) -> tuple[Difference, ...]:
        """The facts that are known of both set-ups and differ, whether their names say so or not."""
        return tuple(d for r in self.remarks if r.kind in ("unlike", "named") for d in r.values)

    @property
    def is_sound(self) -> bool:
        """Whether no number of its has a finding that keeps it out of means over workloads."""
        return all(r.kind != "finding" or KINDS[r.values[1]].averaged for r in self.remarks)

    @property
    def at_best_batch(self) -> bool:
        """Whether each side is at its own best batch size."""
        return any(remark.kind == "best-batch" for remark in self.remarks)

    @classmethod
    def impossible(
        cls,
        workload: Workload,
        baseline: Side,
        side: Side,
        reason: Remark | None = None,
        differences: tuple[Difference, ...] = (),
    ) -> Self:
        """Two sides that cannot be compared."""
        return cls(workload, baseline, side, None, None, None, None, "not comparable", reason, differences)


class GeometricMean(NamedTuple):
    """Geometric mean of the ratios of two sides over the workloads that both ran, with its 95 % interval.

    The interval says how well these workloads were measured, not how others would do.
    """

    baseline: str
    side: str
    ratio: float
    low: float | None
    high: float | None
    workloads: tuple[Workload, ...]
