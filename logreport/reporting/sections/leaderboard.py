"""The leaderboard: every device against the one baseline, a bar each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from logreport.analysis.comparison.leaderboard import Standing
from logreport.analysis.comparison.pairs import Pair
from logreport.analysis.results import Difference
from logreport.reporting.report import Block, Cell, Column, Row, Table
from logreport.reporting.sections.facts import Facts, missing
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import reasons, wording
from logreport.tables.findings import KINDS

_FEWEST = 3  # devices: of two the answer says all
_BLOCK = "\N{FULL BLOCK}"
ONE_WORKLOAD = "one workload only"
_BASELINE = "the baseline itself is 1×"
Batches = Mapping[bool, str]
BATCHES: Batches = {True: "each at its best batch size", False: ""}
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
    pairs = [standing.pair for standing in standings if standing.pair]
    how, batches = batches_of(pairs)
    rows = [_row(facts, s, text, s.ratio / top, batches) for s, text in zip(standings, texts, strict=True)]
    heads = (
        Column("Device"), Column("Against the baseline"), Column("Speedup", numeric=True), Column("95 % interval", numeric=True),
        Column("Least to most", numeric=True), Column("Workloads", numeric=True), Column("What differs"),
    )  # fmt: skip
    told = (
        f"Geometric mean of the speedups against {facts.the(fmt.clean(base))} over the workloads that both ran"
        f"{how}; "
        f"the interval says how well they were measured.{left_out(pairs)}"
    )
    yield Table(
        "leaderboard", "Devices against one baseline", heads, tuple(rows), remarks=(told,)
    ).without_empty()


def batches_of(pairs: Sequence[Pair]) -> tuple[str, Batches]:
    """How batch sizes are, said once: what holds for most of some pairs, and what a row of the others says."""
    at_best = sum(pair.at_best_batch for pair in pairs)
    if 2 * at_best > len(pairs):
        exceptions = " unless it is said that these are the same" if at_best < len(pairs) else ""
        return f", each device at its best batch size{exceptions}", {True: "", False: "same batch sizes"}
    if at_best > 1:
        how = ", at the same batch sizes unless it is said that each device is at its best"
        return how, {True: "each at its best", False: ""}
    return "", BATCHES


def _row(facts: Facts, standing: Standing, text: str, share: float, batches: Batches) -> Row:
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
    odd = doubts_of_ends(facts, standing.pair)
    return Row(
        (
            device,
            bar,
            Cell(text, findings=marks, best=standing.ratio == max(s.ratio for s in facts.study.leaderboard)),
            missing(NO_INTERVAL) if sure == fmt.MISSING else Cell(sure),
            Cell(spread, findings=odd) if spread else missing(ONE_WORKLOAD),
            Cell(str(len(comparisons))),
            Cell(differs(standing.pair, batches)),
        )
    )


def doubts_of_ends(facts: Facts, pair: Pair) -> tuple[int, ...]:
    """The warnings about the comparisons with the least and the greatest ratio."""
    ends = [c for c in pair.comparisons if c.ratio in pair.ends]
    found = (
        f
        for c in ends
        for f in facts.doubts((*c.side.run_ids, *c.baseline.run_ids), c.workload.phase)
        if f.severity == "warning"
    )
    return tuple(dict.fromkeys(f.number for f in found))


def doubts_left_out(facts: Facts, pair: Pair) -> tuple[int, ...]:
    """Of each kind of finding for which a comparison is in no mean, the first."""
    found = {
        f.code: f.number
        for c in reversed(pair.left_out)
        for f in reversed(facts.doubts((*c.side.run_ids, *c.baseline.run_ids), c.workload.phase))
        if not KINDS[f.code].averaged
    }
    return tuple(sorted(found.values()))


def left_out(pairs: Iterable[Pair]) -> str:
    """The words for how many comparisons are in no mean; none where all are in one."""
    return wording.left_out(sum(len(pair.left_out) for pair in pairs), "comparison")


def differs(pair: Pair, batches: Batches = BATCHES) -> str:
    """What is not alike in any workload of two devices, of many facts their names, and how batch sizes are.

    Args:
        pair: the comparisons of the two.
        batches: what is said where each is at its best batch size, and where both have the same.
    """
    return "; ".join(filter(None, (batches[pair.at_best_batch], apart(pair))))


def apart(pair: Pair, *, turned: bool = False) -> str:
    """The facts in which set-ups of two devices differ, seen from the side, or from the baseline, and on how many workloads.

    Of a device that is far faster in another set-up, that it is.
    """
    count = sum(bool(c.unlike) for c in pair.comparisons)
    on = f" (on {count})" if 0 < count < len(pair.comparisons) else ""
    found = dict.fromkeys(d for c in pair.comparisons for d in c.unlike)
    seen = [Difference(d.field, d.theirs, d.ours) for d in found] if turned else [*found]
    facts = f"{fmt.clean(reasons.facts_in_short(seen))}{on}"
    return "; ".join(filter(None, (facts, *wording.faster_otherwise(pair.comparisons))))
