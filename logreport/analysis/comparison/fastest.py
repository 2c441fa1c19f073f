"""Device against device: on each workload the fastest set-up of each, whatever the others are divided by."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from logreport.analysis.comparison.baseline import fits
from logreport.analysis.comparison.pooling import Member, any_batch, pooled
from logreport.analysis.comparison.sides import batch_of, geometric_mean
from logreport.analysis.comparison.speedups import comparison_of, doubted, verdicts
from logreport.analysis.findings.across_runs import Doubts
from logreport.analysis.results import Comparison, Workload

MOST = 50  # devices that are paired all with all
_Side = Sequence[Member]
_Devices = dict[str, _Side]


def compare_devices(
    found: list[Member],
    doubts: Doubts,
    *,
    baseline: str | None,
    margin: float,
    run_variation: float,
    across_batch_sizes: bool,
) -> list[Comparison]:
    """Every two devices on every workload that both ran, each by its fastest set-up; sides are called by their device.

    The device that is faster on the whole is the side, the other the baseline. A run whose log names no device is in
    no pair. Of very many devices those that share most workloads with others are paired.

    Args:
        found: all phases that have a speed.
        doubts: what is known against their runs.
        baseline: as for `compare`; only pairs of one device that it means and one that it does not mean are made.
        margin: relative difference that is called the same.
        run_variation: relative SD that is assumed from run to run; repeats correct it.
        across_batch_sizes: compare speed per example whatever the batch size.

    Raises:
        UsageError: for a baseline that cannot be read.
    """
    found = (
        any_batch(found) if across_batch_sizes else [m for m in found if m.workload.batch_size is not None]
    )
    groups = pooled(found)
    shared = {workload: _fastest(sides) for workload, sides in groups.items()}
    shared = {workload: devices for workload, devices in shared.items() if len(devices) > 1}
    chosen = _chosen(shared.values())
    met: dict[tuple[str, str], list[Workload]] = defaultdict(list)
    for workload, devices in shared.items():
        meant = {
            d for d, side in _by_device(groups[workload]) if baseline and any(fits(m, baseline) for m in side)
        }
        for a, b in combinations(sorted(chosen & devices.keys()), 2):
            if baseline is None or (a in meant) != (b in meant):
                met[a, b].append(workload)
    made = []
    for (a, b), workloads in met.items():
        fast, slow = (a, b) if _gain(a, b, workloads, shared) >= 0 else (b, a)
        for workload in workloads:
            side, base = shared[workload][fast], shared[workload][slow]
            named = (base, (slow + batch_of(base[0]),)), (side, (fast + batch_of(side[0]),))
            made.append(doubted(comparison_of(workload, *named, run_variation), base, side, doubts))
    return verdicts(made, margin)


def _by_device(sides: Iterable[_Side]) -> Iterable[tuple[str, _Side]]:
    """The sides of a workload whose device is known, each with it."""
    for side in sides:
        if (device := side[0].facts.get("device")) is not None:
            yield str(device), side


def _fastest(sides: Iterable[_Side]) -> _Devices:
    """The fastest set-up of each device."""
    found: _Devices = {}
    for device, side in _by_device(sides):
        if device not in found or _speed(side) > _speed(found[device]):
            found[device] = side
    return found


def _speed(side: _Side) -> float:
    return geometric_mean([m.speed for m in side])


def _chosen(shared: Iterable[_Devices]) -> set[str]:
    """The devices that share most workloads with others."""
    counts = Counter(device for devices in shared for device in devices)
    return set(sorted(counts, key=lambda device: (-counts[device], device))[:MOST])


def _gain(a: str, b: str, workloads: Sequence[Workload], shared: Mapping[Workload, _Devices]) -> float:
    """The sum of logarithms of how much faster one device is than another."""
    return math.fsum(math.log(_speed(shared[w][a]) / _speed(shared[w][b])) for w in workloads)
