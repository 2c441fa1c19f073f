"""What the runs of some tables come to: each question is answered here, once, and read by all who show it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from logreport.analysis.comparison.baseline import Baselines, fits
from logreport.analysis.comparison.doubts import Doubts
from logreport.analysis.comparison.fastest import compare_at_best, compare_devices
from logreport.analysis.comparison.labelled import ALL_FACTS, Labelled, Matching, compare_labels
from logreport.analysis.comparison.leaderboard import Standing, devices_together, leaderboard
from logreport.analysis.comparison.likeness import FACTS, unlike
from logreport.analysis.comparison.pairs import Pair, called_by_device, turned
from logreport.analysis.comparison.pooling import Member, any_batch, members
from logreport.analysis.comparison.set_ups import (
    Kind,
    OnDevice,
    SetUp,
    by_device,
    fastest,
    pooled,
    set_ups,
)
from logreport.analysis.comparison.single_facts import compare_single_facts
from logreport.analysis.comparison.speedups import compare
from logreport.analysis.comparison.terms import Terms
from logreport.analysis.hardware.seen_devices import Change, Device, devices, time_of, values_by_run
from logreport.analysis.hardware.utilisation import Utilisation, utilisation
from logreport.analysis.results import Comparison, Workload
from logreport.analysis.trends.history import Course, courses
from logreport.analysis.trends.scaling import Scaling, scaling_of
from logreport.tables.tables import Tables


@dataclass(frozen=True)
class Study:
    """Analysed tables and how they are to be compared; results are worked out when they are first asked for.

    Args:
        tables: as `analyze` leaves them, whole: they must not grow any more.
        baseline: a condition on the columns of runs, a source, or a label; None: the device that shares most workloads.
        margin: relative difference that is called the same.
        run_variation: relative SD that is assumed from run to run; repeats correct it.
        across_batch_sizes: compare speed per example whatever the batch size.
        labels: label of each source; then sides are told apart by label, and sources without one are left out.
        matching: by which facts the set-ups of two labels meet.
        gated: whether a limit is held against the labels; then two devices are not comparable.

    Raises:
        UsageError: by what is compared, for a baseline that cannot be read.
    """

    tables: Tables
    baseline: str | None = None
    margin: float = 0.02
    run_variation: float = 0.01
    across_batch_sizes: bool = False
    labels: Mapping[str, str] | None = None
    matching: Matching = ALL_FACTS
    gated: bool = False

    @property
    def terms(self) -> Terms:
        """How speeds are held against each other."""
        return Terms(self.baseline, self.margin, self.run_variation, self.across_batch_sizes)

    @cached_property
    def members(self) -> list[Member]:
        """Every phase that has a speed, once for each run."""
        return members(self.tables, self.labels)

    @cached_property
    def doubts(self) -> Doubts:
        """What is known against the runs."""
        return Doubts(self.tables)

    @cached_property
    def set_ups(self) -> tuple[SetUp, ...]:
        """Repeats pooled: the one speed of each set-up on each workload."""
        return tuple(chain.from_iterable(self._pooled.values()))

    @cached_property
    def _pooled(self) -> Mapping[Workload, list[SetUp]]:
        """The set-ups by workload."""
        return pooled(self.members)

    @cached_property
    def _sized(self) -> Mapping[Workload, list[SetUp]]:
        """Those of which the size of a batch is known."""
        return {w: own for w, own in self._pooled.items() if w.batch_size is not None}

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Set-ups against a baseline, workload by workload, and what cannot be compared."""
        return tuple(compare(*self._compared, self.doubts, self.terms))

    @cached_property
    def between(self) -> tuple[Comparison, ...]:
        """Device against device, like with like, each at its best batch size where two share none."""
        return tuple(compare_devices(self._compared[1], self._per_example, self.doubts, self.terms))

    @cached_property
    def single_facts(self) -> tuple[Comparison, ...]:
        """Set-ups of one device that differ in one fact, the nearest two on each workload; none against a baseline that was asked for."""
        if self.baseline is not None:
            return ()
        return tuple(compare_single_facts(self._compared[1], self.doubts, self.terms))

    @cached_property
    def at_best(self) -> tuple[Comparison, ...]:
        """Devices that share some batch sizes, each at its best, on the workloads on which they share none."""
        return tuple(compare_at_best(self.between, self._per_example, self.doubts, self.terms))

    @cached_property
    def _per_example(self) -> Mapping[Workload, list[SetUp]]:
        """The set-ups by workload of any batch size; none where all are compared so."""
        if self.across_batch_sizes:
            return {}
        return pooled(any_batch([m for m in self.members if m.workload.batch_size is not None]))

    @cached_property
    def _compared(self) -> tuple[list[Member], Mapping[Workload, list[SetUp]]]:
        """All phases that have a speed, as they are compared, and their set-ups by workload."""
        if not self.across_batch_sizes:
            return self.members, self._sized
        found = any_batch(self.members)
        return found, pooled(found)

    @cached_property
    def by_devices(self) -> tuple[Comparison, ...]:
        """Those of these that have a ratio, with sides called by their devices alone, whatever the batch size."""
        return _by_devices(self.between)

    @cached_property
    def together(self) -> Mapping[tuple[str, str], Pair]:
        """Every two devices that were compared, with all of their workloads."""
        return devices_together(self.by_devices)

    @cached_property
    def together_at_best(self) -> Mapping[tuple[str, str], Pair]:
        """Those of `together` that share no batch size on some workloads, with what is known of these."""
        known = self.together
        found = _by_devices(self.at_best)
        return devices_together(c if (c.side.label, c.baseline.label) in known else turned(c) for c in found)

    @cached_property
    def baselines(self) -> tuple[str, ...]:
        """The devices in the order in which they are the baseline of the report: of two that meet the first one is."""
        devices = Baselines(self._sized, None).devices
        if (chosen := self.baseline) is None:
            return devices
        sized = (m for own in self._sized.values() for set_up in own for m in set_up)
        meant = {str(m.facts.get("device")) for m in sized if fits(m, chosen)}
        return tuple(sorted(devices, key=lambda device: device not in meant))

    @cached_property
    def leaderboard(self) -> tuple[Standing, ...]:
        """Every device against the baseline of the report, the fastest first."""
        return leaderboard(self.together, self.baselines)

    @cached_property
    def best(self) -> Mapping[Kind, Mapping[tuple[str, str], SetUp]]:
        """The fastest set-up on one device, whatever its batch size: by kind of work, then by device and network."""
        found: dict[Kind, dict[tuple[str, str], SetUp]] = defaultdict(dict)
        for device in self._on_devices:
            for workload, several in self.on_device(device).set_ups.items():
                if workload.num_devices not in (None, 1):
                    continue
                for one in several:
                    kind = Kind.of(one)
                    at = device, workload.model or workload.benchmark
                    found[kind][at] = fastest([*filter(None, (found[kind].get(at),)), one])
        return found

    @cached_property
    def labelled(self) -> Labelled:
        """Every other label against the label `baseline`."""
        return compare_labels(
            self.members, self.doubts, self.labels or {}, self.terms, matching=self.matching, gated=self.gated
        )

    @cached_property
    def scaling(self) -> Scaling:
        """Series over numbers of devices, batch sizes and versions."""
        return scaling_of(self.set_ups, self.doubts, self.run_variation)

    @cached_property
    def histories(self) -> list[Course]:
        """Workloads over the dates of their runs."""
        return courses(self.members, self.doubts, self.tables)

    @cached_property
    def shares(self) -> Mapping[tuple[str, str], Utilisation]:
        """How much of the peak rate of its device each phase reaches, by run and phase."""
        return {(u.run_id, u.phase): u for u in utilisation(self.members, self.tables)}

    @cached_property
    def devices(self) -> list[Device]:
        """Every device that logs name; those with a UUID one by one."""
        return devices(self.tables)

    def reached(self, device: Device) -> OnDevice:
        """What a device reached; of one with a UUID, itself."""
        return self._reached(device, [m for m in self.members if device.is_of(m.facts)])

    def around(self, device: Device, change: Change) -> list[tuple[Workload, SetUp, SetUp]]:
        """The speeds of a device before and after a change, on the same workload and set-up.

        Of all runs with the value before or after it are those that count which no other change parts from this one.
        """
        values = values_by_run(self.tables, device, change.name)
        begin, end = device.undisturbed(change)
        sides = [
            [
                m for m in self.members
                if device.is_of(m.facts) and values.get((m.phase.row["run_id"], m.phase.row["source"])) == seen.value
                and (time := time_of(m.phase.run)) is not None and begin <= time < end
            ]
            for seen in (change.before, change.after)
        ]  # fmt: skip
        before, after = (self._reached(device, side) for side in sides)
        return [
            (workload, one, two)
            for workload, one, two in before.beside(after)
            if not unlike(one.facts, two.facts, [name for name in FACTS if name != change.name])
        ]

    def _reached(self, device: Device, found: list[Member]) -> OnDevice:
        return by_device(set_ups(found), self.doubts).get(device.name, OnDevice())

    def on_device(self, name: str) -> OnDevice:
        """What a device reached; nothing where no run has a speed on it alone."""
        return self._on_devices.get(name, OnDevice())

    @cached_property
    def _on_devices(self) -> Mapping[str, OnDevice]:
        return by_device(self.set_ups, self.doubts)


def _by_devices(between: Iterable[Comparison]) -> tuple[Comparison, ...]:
    return tuple(called_by_device(c) for c in between if c.ratio is not None)
