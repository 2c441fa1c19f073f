"""Doubts that need two runs: networks that differ in a layer, and speeds that do not fit those of other runs."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from logreport.analysis.comparison.doubts import different, key_of, layers_of
from logreport.analysis.comparison.fastest import LikePair, chosen, pairs_of
from logreport.analysis.comparison.likeness import facts_of
from logreport.analysis.comparison.pooling import members
from logreport.analysis.comparison.set_ups import SetUp, fastest, pooled
from logreport.analysis.findings.changes import SMALLEST
from logreport.analysis.measurement.numbers import median
from logreport.analysis.results import Workload
from logreport.tables.findings import add
from logreport.tables.tables import Tables

_PASSES = {"training": "inference", "forward_backward": "forward"}  # a pass that learns, and what it holds
_SLOWEST_TRAINING = 10  # times as slow as the same without learning
_SLOWEST_INPUT = 1.5  # times as slow as the same on data that need not be read
_SYNTHETIC = "{} (synthetic)", "synthetic"  # data sets as scripts call them then
_OF_INPUT = ("distortions",)  # facts of what is done to images before the network
_FEWEST_RATIOS = 8  # of one pair of devices, from which one can be far outside
_FAR = 8  # robust standard deviations
_FACTOR = 1.5  # at least, from the median
_MAD = 1.4826  # of a normal distribution
_Found = dict[tuple[Workload, object], list[SetUp]]  # by workload, and device with facts
_Groups = Mapping[Workload, Sequence[SetUp]]


def check_across(tables: Tables) -> None:
    """Append findings that two runs show together; once, when all runs are in the tables."""
    groups = pooled(members(tables))
    _check_layers(tables, groups)
    found: _Found = defaultdict(list)
    for sides in groups.values():
        for side in sides:
            found[side.workload, _setup(side)].append(side)
    _check_precision(tables, found)
    _check_training(tables, found)
    _check_input(tables, groups)
    _check_ratios(tables, groups)


def _check_layers(tables: Tables, groups: _Groups) -> None:
    """Layers that differ between runs of one workload."""
    layers, told = layers_of(tables), set()
    for sides in groups.values() if layers else ():
        runs = [key_of(m) for side in sides for m in side]
        first = next((run for run in runs if run in layers), None)
        for run in runs:
            if first is None or (run, first) in told:
                continue
            told.add((run, first))
            for name, own, other in different(layers.get(run, {}), layers[first]):
                place = {"run_id": run[0], "source": run[1], "line": own["line"]}
                fields = {"layer": name, "shape": own["shape"], "other": other["shape"], "source": first[1]}
                add(tables, "layers-differ", place, **fields)


def _setup(side: SetUp, *ignored: str) -> object:
    """What a set-up is whatever it ran: device, facts and host; nothing is compared where the device is unknown."""
    facts = side.facts
    device = facts.get("device")
    known = facts_of(facts, ignored) if ignored else side.known
    return (device, known, facts.get("host")) if device is not None else id(side)


def _check_precision(tables: Tables, found: _Found) -> None:
    """Half precision that is slower than single precision on the same set-up: of both the fastest runs."""
    for (workload, setup), sides in found.items():
        if workload.precision != "fp16":
            continue
        if not (other := found.get((workload._replace(precision="fp32"), setup))):
            continue
        ours, theirs = fastest(sides), fastest(other)
        if theirs.speed > ours.speed * (1 + SMALLEST):
            _add(tables, "fp16-slower", ours, theirs, percent=(1 - ours.speed / theirs.speed) * 100)


def _check_training(tables: Tables, found: _Found) -> None:
    """Training that is more than ten times as slow as inference of the same network on the same set-up."""
    for (workload, setup), sides in found.items():
        without = _PASSES.get(workload.phase)
        others = found.get((workload._replace(phase=without), setup), ()) if without else ()
        if not others:
            continue
        other = fastest(others)
        for side in sides:
            times = other.speed / side.speed
            if times > _SLOWEST_TRAINING:
                _add(tables, "slow-training", side, other, times=times, without=without)


def _check_input(tables: Tables, groups: _Groups) -> None:
    """Real data on which a run is far slower than on synthetic data, whether the images are distorted or not."""
    for workload, sides in groups.items():
        is_real = workload.dataset is not None and "synthetic" not in workload.dataset
        names = [name.format(workload.dataset) for name in _SYNTHETIC] if is_real else []
        others = [other for name in names for other in groups.get(workload._replace(dataset=name), ())]
        for side in sides if others else ():
            alike = [other for other in others if _setup(other, *_OF_INPUT) == _setup(side, *_OF_INPUT)]
            if alike and (times := (other := fastest(alike)).speed / side.speed) > _SLOWEST_INPUT:
                _add(tables, "slow-input", side, other, times=times)


def _check_ratios(tables: Tables, groups: _Groups) -> None:
    """Ratios far outside all others of their two devices: held against the side that is too slow."""
    pairs: dict[tuple[str, str], list[LikePair]] = defaultdict(list)
    for pair in pairs_of(groups, chosen(groups)):
        pairs[pair.one, pair.two].append(pair)
    told: set[object] = set()
    for own in pairs.values():
        for pair, middle in _outside(own):
            slow = pair.sides[pair.log_ratio > middle]
            other = pair.sides[pair.log_ratio <= middle]
            if key_of(slow[0]) not in told:
                told.add(key_of(slow[0]))
                times = math.exp(abs(pair.log_ratio - middle))
                fields = {"times": times, "count": len(own), "device": other.facts["device"]}
                _add(tables, "implausible-ratio", slow, other, **fields)


def _outside(pairs: Sequence[LikePair]) -> Iterator[tuple[LikePair, float]]:
    """Pairs of two devices whose ratio is far from the others', with the median of its logarithms."""
    if len(pairs) < _FEWEST_RATIOS:
        return
    logs = [pair.log_ratio for pair in pairs]
    middle = median(logs)
    spread = _MAD * median([abs(x - middle) for x in logs])
    for pair, x in zip(pairs, logs, strict=True):
        if abs(x - middle) > max(_FAR * spread, math.log(_FACTOR)):
            yield pair, middle


def _add(tables: Tables, code: str, side: SetUp, other: SetUp, **fields: object) -> None:
    """A finding about the runs of one side, held against those of another."""
    speeds = {"speed": side.speed, "other": other.speed, "source": other[0].phase.row["source"]}
    for m in side:
        place = {name: m.phase.row.get(name) for name in ("run_id", "source", "phase", "line")}
        add(tables, code, place, **speeds, **fields)
