"""Every device against one of them: the same for all, over the workloads that both ran."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from logreport.analysis.comparison.pairs import Pair, paired
from logreport.analysis.results import Comparison


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


def devices_together(between: Iterable[Comparison]) -> dict[tuple[str, str], Pair]:
    """All comparisons of every two devices, whatever differs: by the device that is divided, and the other.

    Args:
        between: as for `device_pairs`.
    """
    return paired(between, lambda c: (c.side.label, c.baseline.label))


def leaderboard(together: Mapping[tuple[str, str], Pair], devices: Sequence[str]) -> tuple[Standing, ...]:
    """The standings, the fastest first; none where no two devices were compared.

    Args:
        together: of `devices_together`.
        devices: the baseline is the first of them that was compared with another.
    """
    met = {device for both in together for device in both}
    baseline = next((device for device in devices if device in met), None)
    standings = [Standing(one, pair) for (one, other), pair in together.items() if other == baseline]
    standings += [
        Standing(other, pair.turned()) for (one, other), pair in together.items() if one == baseline
    ]
    of_baseline = [Standing(baseline)] if baseline is not None and standings else []
    return tuple(sorted((*standings, *of_baseline), key=lambda s: (-s.ratio, s.device)))
