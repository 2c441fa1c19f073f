"""What a larger batch gains: which set-ups of a series are slower than its fastest, as far as their repeats show."""

from collections.abc import Sequence

from logreport.analysis.comparison.ratios import holm, p_values
from logreport.analysis.comparison.repeats import Repeats, pool
from logreport.analysis.comparison.set_ups import SetUp, fastest

_SURE = 0.05
LITTLE = 1.03  # times as fast: less is no gain where no interval says how sure it is


def slower_than_best(series: Sequence[Sequence[SetUp]], run_variation: float) -> list[tuple[bool, ...]]:
    """Of each series, which of its set-ups are shown to be slower than its fastest; Holm over all of them.

    Where a speed has no interval, 3 % less is called slower.

    Args:
        series: set-ups that differ in one thing only, such as the batch size; no series is empty.
        run_variation: relative SD that is assumed from run to run.
    """
    best = [fastest(several) for several in series]
    pairs = [(s, top) for several, top in zip(series, best, strict=True) for s in several if s is not top]
    ratios = [pool([Repeats(top.log_speeds, s.log_speeds, run_variation)]).ratios[0] for s, top in pairs]
    known = [r for r in ratios if r is not None]
    sure = iter(holm(p_values(known)) if known else [])
    slower = {
        id(s): top.speed > s.speed * LITTLE if r is None else next(sure) < _SURE
        for (s, top), r in zip(pairs, ratios, strict=True)
    }
    return [tuple(slower.get(id(s), False) for s in several) for several in series]
