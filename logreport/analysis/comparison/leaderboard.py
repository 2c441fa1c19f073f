"""Every device against one of them: the same for all, over the workloads that both ran."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from logreport.analysis.comparison.pairs import Pair, turned
from logreport.analysis.results import Comparison, Difference, Side


@dataclass(frozen=True)
class Standing:
    """A device and its comparisons with the baseline, whose own standing has none."""

    device: str
    pair: Pair | None = None

    @property
    def ratio(self) -> float:
        """Geometric mean of its speeds over those of the baseline."""
        return self.pair.ratio if self.pair else 1.0

    @property
    def interval(self) -> tuple[float | None, float | None]:
        """The 95 % interval of the mean: how well these workloads were measured."""
        if self.pair is None:
            return None, None
        of = self.pair.mean or self.pair.comparisons[0]
        return of.low, of.high

    @property
    def differs(self) -> tuple[Difference, ...]:
        """The facts in which set-ups of any workload differ, each pair of values once."""
        found = (d for c in (self.pair.comparisons if self.pair else ()) for d in c.unlike)
        return tuple(dict.fromkeys(found))


def leaderboard(between: Iterable[Comparison], devices: Sequence[str]) -> tuple[Standing, ...]:
    """The standings, the fastest first; none where no two devices were compared.

    Args:
        between: device against device.
        devices: the baseline is the first of them that was compared with another.
    """
    decided = [c for c in between if c.ratio is not None]
    met = {_device(side) for c in decided for side in (c.side, c.baseline)}
    baseline = next((device for device in devices if device in met), None)
    found: dict[str, list[Comparison]] = defaultdict(list)
    for c in (c if _device(c.baseline) == baseline else turned(c) for c in decided):
        if _device(c.baseline) == baseline:
            found[_device(c.side)].append(_named(c))
    standings = [Standing(device, Pair(tuple(own))) for device, own in found.items()]
    of_baseline = [Standing(baseline)] if baseline is not None and standings else []
    return tuple(sorted((*standings, *of_baseline), key=lambda s: (-s.ratio, s.device)))


def _device(side: Side) -> str:
    return str(side.device)


def _named(c: Comparison) -> Comparison:
    """A comparison whose sides are called by their devices alone: all of two devices are one pair."""
    return replace(
        c,
        side=replace(c.side, name=(_device(c.side),)),
        baseline=replace(c.baseline, name=(_device(c.baseline),)),
    )
