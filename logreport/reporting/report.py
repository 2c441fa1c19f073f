"""What a report says, as frozen data: texts and numbers ready to show, each with the place it comes from.

Renderers put this on a page. They do no arithmetic and look nothing up.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar

from logreport.analysis.comparison.ratios import LogSpeed
from logreport.errors import RenderError
from logreport.reporting.text import formatting as fmt

_REASONS = 4  # told under a table
_SHORT = 24  # rows
_NARROW = 8  # bars of a chart that can stand beside the answers


class Ref(NamedTuple):
    """Where a number comes from: a line of a source, and what it says there."""

    source: str
    line: int | None
    what: str = ""


@dataclass(frozen=True)
class Span:
    """A piece of a sentence; a number in it carries the places it comes from."""

    text: str
    strong: bool = False
    refs: tuple[Ref, ...] = ()
    code: bool = False


Sentence = tuple[Span, ...]
About = tuple[tuple[str, str], ...]
"""What a table, a column or a row is about: facets of the explorer, each with its value."""


class Block:
    """A piece of a section. A new kind is one class here, one macro of the page, one function in markdown.py."""

    charts: tuple["Chart", ...] = ()


@dataclass(frozen=True)
class Finding:
    """A doubt about a number. `number` is its place in the list, `concerns` says in words what it is about."""

    number: int
    severity: str  # error, warning, note
    code: str
    message: str
    concerns: str
    refs: tuple[Ref, ...] = ()


class Cell(NamedTuple):
    """One cell of a table. `why` is the reason of a missing value, or what stands behind one that is there."""

    text: str
    refs: tuple[Ref, ...] = ()
    why: str = ""
    href: str = ""  # a place in the report itself
    best: bool = False
    missing: bool = False
    device: int | None = None  # the device's mark is shown before its name
    findings: tuple[int, ...] = ()
    # A bar from one place to another, in percent of the cell; the text stands for it where none can be drawn.
    bar: tuple[float, float] | None = None
    # How dark the cell is, of 8.
    shade: int | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it is its text alone, as most are."""
        return self == Cell(self.text)

    @property
    def says(self) -> bool:
        """Whether there is a value."""
        return bool(self.text) and not self.missing


@dataclass(frozen=True)
class Column:
    """The head of a column; its unit stands here and never in the cells."""

    head: str
    unit: str = ""
    numeric: bool = False
    about: About = ()


class Row(NamedTuple):
    """One row of a table."""

    cells: tuple[Cell, ...]
    baseline: bool = False
    new_group: bool = False
    about: About = ()

    @property
    def device(self) -> int | None:
        """The first device that it is about."""
        return next((cell.device for cell in self.cells if cell.device is not None), None)


@dataclass(frozen=True)
class Table(Block):
    """A table; `rest` says where its other rows are, where it was cut."""

    key: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    rest: str = ""
    # How its numbers were made.
    remarks: tuple[str, ...] = ()
    # The table of `logreport parse` that holds all of its rows.
    whole: str = "phases"
    # Whether a format gives it half as many rows as another.
    half: bool = False
    about: About = ()

    def without_empty(self) -> "Table":
        """The table without the columns in which no row says anything."""
        keep = [i for i, _ in enumerate(self.columns) if any(r.cells[i].says for r in self.rows)]
        rows = (row._replace(cells=tuple(row.cells[i] for i in keep)) for row in self.rows)
        return replace(self, columns=tuple(self.columns[i] for i in keep), rows=tuple(rows))

    @property
    def is_grouped(self) -> bool:
        """Whether rows stand together in groups, whose first cell is said once."""
        return any(row.new_group for row in self.rows)

    @property
    def is_short(self) -> bool:
        """Whether it is better moved to the next page than cut."""
        return len(self.rows) <= _SHORT

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why values are missing, each reason once, in order."""
        cells = (cell for row in self.rows for cell in row.cells if cell.missing and cell.why)
        return tuple(dict.fromkeys(cell.why for cell in cells))

    @property
    def notes(self) -> tuple[str, ...]:
        """What is said under it: where its other rows are, how numbers were made, and why some are missing."""
        reasons = (f"{fmt.MISSING} {reason}" for reason in self.reasons[:_REASONS])
        return (*filter(None, (self.rest, *self.remarks)), *reasons)


@dataclass(frozen=True)
class Note(Block):
    """A paragraph."""

    sentence: Sentence
    # How it looks: cannot (be compared), caption; empty: as any other.
    role: str = ""


@dataclass(frozen=True)
class Answer:
    """One sentence of the answer, the errors that stand above it, and the other doubts about it."""

    sentence: Sentence
    errors: tuple[Finding, ...] = ()
    findings: tuple[int, ...] = ()


@dataclass(frozen=True)
class Point:
    """A value in a chart, its interval where there is one, and what it says when pointed at."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None
    tip: str = ""


@dataclass(frozen=True)
class Bar:
    """One row of the speedup chart."""

    label: str
    # What stands under the label, piece by piece.
    details: tuple[str, ...]
    value: float
    text: str
    low: float | None = None
    high: float | None = None
    device: int = 0
    tip: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a chart; `device` chooses colour, marker and dash."""

    label: str
    points: tuple[Point, ...]
    device: int = 0
    labels: tuple[str, ...] = ()  # of the points; empty: made from the numbers


@dataclass(frozen=True)
class Chart:
    """What every chart has: a title that states the finding, a caption, the same in words, and its sources."""

    key: str
    title: str
    caption: str
    alt: str
    about: About = field(default=(), kw_only=True)


@dataclass(frozen=True)
class SpeedupChart(Chart):
    """Speedups on a log axis from the baseline at one."""

    bars: tuple[Bar, ...] = ()


@dataclass(frozen=True)
class BatchChart(Chart):
    """Speed by batch size, or by number of devices, one line a device; `ideal` is drawn dotted behind them."""

    unit: str = ""
    lines: tuple[Line, ...] = ()
    across: str = "batch size"
    ideal: tuple[Point, ...] = ()


@dataclass(frozen=True)
class StepsChart(Chart):
    """Speed or loss over the steps of one run: windows as dots, the cumulative mean as a line."""

    unit: str = ""
    device: int = 0
    dots: tuple[Point, ...] = ()
    cumulative: tuple[Point, ...] = ()
    mean: float | None = None
    mean_text: str = ""
    warmup_until: float | None = None
    changes: tuple[float, ...] = ()  # steps after which the speed changed


@dataclass(frozen=True)
class SeriesChart(Chart):
    """What devices did over the time of one run, a line each; `held` are the times in which a clock was held down."""

    unit: str = ""
    across: str = "s"
    lines: tuple[Line, ...] = ()
    held: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class HistoryChart(Chart):
    """Speeds over dates (days since 1970): a dot a run, a line from date to date at each mean, and the changes."""

    unit: str = ""
    device: int = 0
    dots: tuple[Point, ...] = ()
    levels: tuple[tuple[float, float, float], ...] = ()
    changes: tuple[float, ...] = ()


@dataclass(frozen=True)
class Answers(Block):
    """The answers, what else there is to say, and the chart that shows them."""

    answers: tuple[Answer, ...]
    notes: tuple[Note, ...] = ()
    charts: tuple[SpeedupChart, ...] = ()

    @property
    def beside(self) -> bool:
        """Whether there is a chart, so small that it can stand beside the sentences."""
        return any(len(chart.bars) <= _NARROW for chart in self.charts)


@dataclass(frozen=True)
class Charts(Block):
    """Charts of one kind; small ones stand side by side."""

    charts: tuple[Chart, ...]
    small: bool = True


@dataclass(frozen=True)
class RunCard(Block):
    """One run by itself: what it reached, its settings, its steps."""

    key: str
    title: str
    result: Sentence
    settings: tuple[tuple[str, str], ...]
    command: str = ""
    charts: tuple[StepsChart | SeriesChart, ...] = ()
    findings: tuple[int, ...] = ()
    # What the table of runs would say of it, where it is the only one and there is no table.
    row: Row | None = None


@dataclass(frozen=True)
class FindingGroup:
    """Findings of one kind; `total` counts those that a format leaves out, too, and `rest` says where they are."""

    findings: tuple[Finding, ...]
    total: int
    rest: str = ""

    @property
    def first(self) -> Finding:
        """The one that stands for the others."""
        return self.findings[0]

    @property
    def numbers(self) -> str:
        """The numbers that it speaks for: `4` or `4–7`."""
        last = self.first.number + self.total - 1
        return str(self.first.number) if self.total == 1 else f"{self.first.number}{fmt.DASH}{last}"


@dataclass(frozen=True)
class Findings(Block):
    """Findings, kind by kind."""

    groups: tuple[FindingGroup, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that are listed."""
        return tuple(finding for group in self.groups for finding in group.findings)


@dataclass(frozen=True)
class Details(Block):
    """What a reader looks up: folded on a page, in the appendix of a PDF."""

    name: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Citations(Block):
    """The place of every line that any section cites; a format makes the list (`limits.cite`)."""


@dataclass(frozen=True)
class Facet:
    """A fact by which a reader chooses runs: its key in addresses, what it is called, its values in the order shown."""

    key: str
    title: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Measured:
    """A phase of a run as a reader finds it: a run that reached none has one without a speed.

    `facts` are places in the values of each facet, `settings` texts for each of the explorer's settings. Speeds are in
    the report's unit. `error` is what intervals of ratios are made of; None where it is in no comparison. `steps` are the
    speeds of its windows, each by its last step.
    """

    run_id: str
    source: str
    line: int
    facts: tuple[int, ...]
    settings: tuple[str, ...]
    speed: float | None
    low: float | None
    high: float | None
    error: LogSpeed | None = None
    findings: tuple[int, ...] = ()
    steps: tuple[tuple[int, float], ...] = ()


class Unlike(NamedTuple):
    """A fact in which two sides differ: its name, and both values in words, seen from either side."""

    field: str
    ahead: str
    back: str


class Otherwise(NamedTuple):
    """A device that is `ratio` times as fast in a set-up that is not like that of the other one, and what is unlike in it."""

    is_side: bool
    ratio: float
    unlike: tuple[Unlike, ...]


class Met(NamedTuple):
    """Two devices on one workload: the speeds of both, their ratio, and the phases (places in the explorer) of each.

    What is not sound is in a mean only where nothing else is there.
    """

    side: tuple[int, ...]
    baseline: tuple[int, ...]
    speeds: tuple[float, float]
    ratio: float
    low: float | None
    high: float | None
    unlike: tuple[Unlike, ...]
    is_sound: bool
    otherwise: tuple[Otherwise, ...] = ()


@dataclass(frozen=True)
class Together:
    """Two devices (places in the facet `device`) on all workloads that both ran.

    `apart` says in which facts their set-ups differ, doubted ones apart, seen from the side and from the baseline.
    `at_best` are, of two that share batch sizes, the workloads on which they share none, each at its best: for a reader
    who leaves only such workloads.
    """

    side: int
    baseline: int
    at_best_batch: bool
    apart: tuple[str, str]
    met: tuple[Met, ...]
    at_best: tuple[Met, ...] = ()


@dataclass(frozen=True)
class Explorer:
    """What a page needs to choose, recompute and set side by side: every phase, and every two devices.

    `run_variation` is the relative SD that is assumed from run to run, `faster` how much faster a device must be in
    another set-up for that to be said.
    """

    unit: str
    run_variation: float
    faster: float
    # The device of the report's own baseline; None where there is none.
    baseline: int | None
    # The place of each device in the report's order, which fixes its mark.
    marks: tuple[int | None, ...]
    facets: tuple[Facet, ...]
    settings: tuple[str, ...]
    phases: tuple[Measured, ...]
    together: tuple[Together, ...]


class Quote(NamedTuple):
    """A line of a source as it stands there, with those around it, and the kind that read it; empty where none did."""

    first: int
    texts: tuple[str, ...]
    kind: str = ""


@dataclass(frozen=True)
class Section:
    """A part of a report: its anchor, what stands above it, and what is in it, in order."""

    key: str
    # Empty: it stands right under the title of the report.
    heading: str
    blocks: tuple[Block, ...]
    # What the contents call it, where that is not the heading.
    name: str = ""


@dataclass(frozen=True)
class Provenance:
    """What made the report; `contents` is a sentence on what of the logs is in it."""

    command: str
    version: str
    made_at: str
    contents: str


Kind = TypeVar("Kind", bound=Block)


@dataclass(frozen=True)
class Report:
    """All that a report says, in the order in which it says it."""

    title: str
    context: str
    provenance: Provenance
    unfinished: Sentence = ()
    problems: tuple[str, ...] = ()
    # Parts that could not be made; they are among the problems.
    failures: tuple[RenderError, ...] = ()
    sections: tuple[Section, ...] = ()
    # All that marks beside numbers point to, listed in a section or not.
    findings: tuple[Finding, ...] = ()
    device_names: tuple[str, ...] = ()
    explorer: Explorer | None = None
    # The lines that numbers come from, by source and line, where they were looked up.
    quotes: Mapping[tuple[str, int], Quote] = field(default_factory=dict)

    def with_failures(self, failures: Iterable[RenderError]) -> "Report":
        """The report that says what of it could not be made."""
        found = tuple(failures)
        told = tuple(map(str, found))
        return replace(self, failures=(*self.failures, *found), problems=(*self.problems, *told))

    def all(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """All blocks of a kind, in the order of the page; of every kind for `Block`."""
        blocks = (b for section in self.sections for b in _flat(section.blocks))
        return tuple(b for b in blocks if isinstance(b, kind))


def _flat(blocks: Iterable[Block]) -> Iterator[Block]:
    """Blocks, and those that are folded away in them."""
    for block in blocks:
        yield block
        if isinstance(block, Details):
            yield from _flat(block.blocks)
