"""Every two devices that share a workload: what a press on two of them shows, as a table."""

from collections.abc import Iterator

from logreport.analysis.comparison.pairs import Pair
from logreport.reporting.report import Block, Cell, Column, Details, Row, Table
from logreport.reporting.sections.facts import Facts, missing
from logreport.reporting.sections.leaderboard import (
    NO_INTERVAL,
    ONE_WORKLOAD,
    Batches,
    batches_of,
    board,
    differs,
    left_out,
)
from logreport.reporting.text import formatting as fmt


def pairs_table(facts: Facts) -> Iterator[Block]:
    """A row for every two devices, those with most workloads first, the faster one divided by the other."""
    if not board(facts):
        return
    pairs = [pair if pair.log >= 0 else pair.turned() for pair in facts.study.together.values()]
    pairs.sort(key=lambda pair: (-len(pair.comparisons), -pair.log))
    texts = fmt.ratio_column([pair.ratio for pair in pairs])
    how, batches = batches_of(pairs)
    rows = tuple(_row(facts, pair, text, batches) for pair, text in zip(pairs, texts, strict=True))
    heads = (
        Column("Device"), Column("Against"), Column("Speedup", numeric=True), Column("95 % interval", numeric=True),
        Column("Least to most", numeric=True), Column("Workloads", numeric=True), Column("What differs"),
    )  # fmt: skip
    told = f"Geometric mean of the speedups over the workloads that both ran{how}; whatever else differs.{left_out(pairs)}"
    table = Table("pairs", "Device against device", heads, rows, remarks=(told,)).without_empty()
    yield Details("Every two devices", (table,))


def _row(facts: Facts, pair: Pair, text: str, batches: Batches) -> Row:
    side, base = (fmt.clean(one.device) for one in (pair.side, pair.baseline))
    of = pair.mean or pair.comparisons[0]
    sure, spread = fmt.interval(of.low, of.high, fmt.TIMES), fmt.interval(*pair.ends, fmt.TIMES)
    return Row(
        (
            Cell(side, device=facts.devices.get(side)),
            Cell(base, device=facts.devices.get(base)),
            Cell(text),
            missing(NO_INTERVAL) if sure == fmt.MISSING else Cell(sure),
            Cell(spread) if pair.mean else missing(ONE_WORKLOAD),
            Cell(str(len(pair.comparisons))),
            Cell(differs(pair, batches)),
        )
    )
