"""A report as a format can show it: no more than it holds, no chart that cannot be drawn, and the places cited."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, is_dataclass, replace
from functools import partial
from typing import NamedTuple

from logreport.reporting.attempts import Attempts
from logreport.reporting.charts.charts import draw
from logreport.reporting.report import (
    Block,
    Chart,
    Charts,
    Details,
    FindingGroup,
    Findings,
    Note,
    Ref,
    Report,
    Section,
    Span,
    SpeedupChart,
    Table,
)
from logreport.reporting.text import formatting as fmt

_PARSE = "logreport parse LOG… --table"


@dataclass(frozen=True)
class Limits:
    """How much of a report a format shows."""

    rows: int
    # Of one kind.
    findings: int
    tables: int = 60
    charts: int = 12
    # Whether what is folded on a page is shown at all.
    details: bool = True

    def room(self, table: Table) -> int:
        """How many rows of a table are shown."""
        return self.rows // 2 if table.half else self.rows


class Citation(NamedTuple):
    """A cited line: its number, its place, and what the report takes from it."""

    number: int
    source: str
    line: int | None
    uses: tuple[str, ...]

    @property
    def place(self) -> str:
        """The place as `file:line`."""
        return self.source if self.line is None else f"{self.source}:{self.line}"


def _cut(block: Block, limits: Limits) -> Block:
    """A block with no more than a format shows, and a sentence that says where the rest is."""
    match block:
        case Table():
            rows = limits.room(block)
            if len(block.rows) <= rows:
                return block
            first = f"The first {fmt.fixed(rows, 0)} of {fmt.count(len(block.rows), 'row')}. "
            where = f"All of them: {_PARSE} {block.whole} --format csv"
            return replace(block, rows=block.rows[:rows], rest=first + where)
        case Findings():
            return Findings(tuple(_first(group, limits.findings) for group in block.groups))
        case Charts():
            return replace(block, charts=block.charts[: limits.charts])
    return block


def _first(group: FindingGroup, most: int) -> FindingGroup:
    """The first findings of a kind."""
    rest = group.total - most
    if rest <= 0:
        return group
    told = f"{fmt.count(rest, 'more', 'more')}: {_PARSE} findings --format csv"
    return FindingGroup(group.findings[:most], group.total, told)


def fit(report: Report, limits: Limits) -> Report:
    """The report within the limits of a format; what is left out is said in its place."""
    shown = (
        report if limits.details else _with_blocks(report, lambda b: None if isinstance(b, Details) else b)
    )
    fewer = replace(shown, sections=tuple(_fewer(section, limits.tables) for section in shown.sections))
    return _with_blocks(fewer, lambda block: _cut(block, limits))


def _fewer(section: Section, most: int) -> Section:
    """A section with its first tables, and a sentence that counts the others."""
    rest = [block for block in section.blocks if isinstance(block, Table)][most:]
    if not rest:
        return section
    left = set(map(id, rest))
    told = f"{fmt.count(len(rest), 'more table')}: {_PARSE} {rest[0].whole} --format csv"
    kept = (block for block in section.blocks if id(block) not in left)
    return replace(section, blocks=(*kept, Note((Span(told),))))


def drawable(report: Report) -> Report:
    """The report without the charts that cannot be drawn: each is a failure in words, and all others stand."""
    attempts = Attempts()

    def is_drawn(chart: Chart) -> bool:
        narrow = not isinstance(chart, SpeedupChart) or draw(chart, narrow=True)
        return bool(draw(chart) and narrow)

    def kept(block: Block) -> Block | None:
        names = [(c, f"chart {c.key}") for c in block.charts]
        shown = tuple(c for c, name in names if attempts.part(name, partial(is_drawn, c), otherwise=False))
        if shown == block.charts:
            return block
        # Not of a Block in general: only those with a field of charts have any.
        return replace(block, charts=shown) if shown or not isinstance(block, Charts) else None  # type: ignore[type-var]

    shown = _with_blocks(report, kept)
    return shown.with_failures(attempts.failures) if attempts.failures else report


def _with_blocks(report: Report, change: Callable[[Block], Block | None]) -> Report:
    """The report with each block as `change` makes it; a section of which nothing is left goes."""
    changed = (replace(s, blocks=_changed(s.blocks, change)) for s in report.sections)
    return replace(report, sections=tuple(s for s in changed if s.blocks))


def _changed(blocks: Iterable[Block], change: Callable[[Block], Block | None]) -> tuple[Block, ...]:
    """Blocks, and those folded away in them, as `change` makes them."""
    made = [change(b) for b in blocks]
    found = (replace(b, blocks=_changed(b.blocks, change)) if isinstance(b, Details) else b for b in made)
    return tuple(b for b in found if b is not None and not (isinstance(b, Details) and not b.blocks))


def refs_of(part: object) -> Iterator[Ref]:
    """All places that a part of a report cites, in the order of the page; charts cite none."""
    if isinstance(part, Ref):
        yield part
    elif isinstance(part, tuple):
        for one in part:
            if one and not isinstance(one, str):
                yield from refs_of(one)
    elif is_dataclass(part) and not isinstance(part, Chart):
        yield from refs_of(tuple(vars(part).values()))


def cite(report: Report) -> dict[tuple[str, int | None], Citation]:
    """Every cited line once, numbered in the order of source and line."""
    uses: dict[tuple[str, int | None], dict[str, None]] = {}
    for ref in refs_of((report.unfinished, report.sections)):
        uses.setdefault((ref.source, ref.line), {})[ref.what] = None
    places = sorted(uses, key=lambda place: (place[0], place[1] or 0))
    return {
        place: Citation(n, fmt.clean(place[0]), place[1], tuple(filter(None, uses[place])))
        for n, place in enumerate(places, 1)
    }
