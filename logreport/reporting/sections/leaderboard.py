"""The leaderboard: every device against the one baseline, a bar each."""

from collections.abc import Iterator

from logreport.analysis.comparison.leaderboard import Standing
from logreport.analysis.comparison.pairs import Pair
from logreport.analysis.results import Difference
from logreport.reporting.report import Block, Cell, Column, Row, Table
from logreport.reporting.sections.facts import Facts, missing
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import reasons

_FEWEST = 3  # devices: of two the answer says all
_BLOCK = "\N{FULL BLOCK}"
ONE_WORKLOAD = "one workload only"
_BASELINE = "the baseline itself is 1×"
NO_INTERVAL = "no interval: the logs hold too few measurements for one"


def board(facts: Facts) -> tuple[Standing, ...]:
    """The standings, where there are enough of them to be shown."""
    standings = facts.study.leaderboard
    return standings if len(standings) >= _FEWEST else ()


def leaderboard_table(facts: Facts) -> Iterator[Block]:
    """A row for each device that shares a workload with the baseline, the fastest first."""
    standings = board(facts)
    if not standings:
        return
    texts = fmt.ratio_column([s.ratio for s in standings])
    base = next((s.device for s in standings if s.pair is None), "")
    top = max(s.ratio for s in standings)
    # What holds for most of them is said once.
    at_best = sum(map(_at_best, standings))
    usual = 2 * at_best >= len(standings)
    exceptions = " unless it is said that these are the same" if at_best < len(standings) - 1 else ""
    rows = [
        _row(facts, s, text, s.ratio / top, at_best=usual) for s, text in zip(standings, texts, strict=True)
    ]
    heads = (
        Column("Device"), Column("Against the baseline"), Column("Speedup", numeric=True), Column("95 % interval", numeric=True),
        Column("Least to most", numeric=True), Column("Workloads", numeric=True), Column("What differs"),
    )  # fmt: skip
    told = (
        f"Geometric mean of the speedups against {facts.the(fmt.clean(base))} over the workloads that both ran"
        f"{f', each device at its best batch size{exceptions}' if usual else ''}; "
        "the interval says how well they were measured."
    )
    yield Table(
        "leaderboard", "Devices against one baseline", heads, tuple(rows), remarks=(told,)
    ).without_empty()


def _row(facts: Facts, standing: Standing, text: str, share: float, *, at_best: bool) -> Row:
    name = fmt.clean(standing.device)
    device = Cell(name, device=facts.devices.get(name))
    bar = Cell(_BLOCK * max(round(share * 10), 1), bar=(0, round(share * 99, 2)))
    if standing.pair is None:
        nothing = missing(_BASELINE)
        return Row((device, bar, Cell(text), nothing, nothing, nothing, Cell("baseline")), baseline=True)
    comparisons = standing.pair.comparisons
    low, high = standing.interval
    sure = fmt.interval(low, high, fmt.TIMES)
    runs = [r for c in comparisons for side in (c.side, c.baseline) for r in side.run_ids]
    marks = tuple(f.number for f in facts.doubts(runs) if f.severity == "error")
    least, most = standing.pair.ends
    spread = fmt.interval(least, most, fmt.TIMES) if len(comparisons) > 1 else ""
    return Row(
        (
            device,
            bar,
            Cell(text, findings=marks, best=standing.ratio == max(s.ratio for s in facts.study.leaderboard)),
            missing(NO_INTERVAL) if sure == fmt.MISSING else Cell(sure),
            Cell(spread) if spread else missing(ONE_WORKLOAD),
            Cell(str(len(comparisons))),
            Cell(differs(standing.pair, at_best=at_best)),
        )
    )


def _at_best(standing: Standing) -> bool:
    return standing.pair is not None and standing.pair.at_best_batch


def differs(pair: Pair, *, at_best: bool = False) -> str:
    """What is not alike in any workload of two devices, of many facts their names; how batch sizes are, where that is unusual.

    Args:
        pair: the comparisons of the two.
        at_best: whether most pairs around are each at their best batch size.
    """
    own = pair.at_best_batch
    batch = "" if own == at_best else "each at its best batch size" if own else "same batch sizes"
    return "; ".join(filter(None, (batch, apart(pair))))


def apart(pair: Pair, *, turned: bool = False) -> str:
    """The facts in which set-ups of two devices differ, seen from the side, or from the baseline."""
    found = dict.fromkeys(d for c in pair.comparisons for d in c.unlike)
    seen = [Difference(d.field, d.theirs, d.ours) for d in found] if turned else [*found]
    return fmt.clean(reasons.facts_in_short(seen))
