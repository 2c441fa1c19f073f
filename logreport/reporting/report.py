"""What a report says, as frozen data: texts and numbers ready to show, each with the place it comes from.

Renderers put this on a page. They do no arithmetic and look nothing up.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from logreport.errors import RenderError


@dataclass(frozen=True)
class Ref:
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


Sentence = tuple[Span, ...]


@dataclass(frozen=True)
class Finding:
    """A doubt about a number. `number` is its place in the list, `concerns` says in words what it is about."""

    number: int
    severity: str  # error, warning, note
    code: str
    message: str
    concerns: str
    refs: tuple[Ref, ...] = ()


@dataclass(frozen=True)
class Cell:
    """One cell of a table. `why` is the reason of a missing value, or what stands behind one that is there."""

    text: str
    refs: tuple[Ref, ...] = ()
    why: str = ""
    href: str = ""  # a place in the report itself
    best: bool = False
    missing: bool = False
    device: int | None = None  # the device's mark is shown before its name
    findings: tuple[int, ...] = ()


@dataclass(frozen=True)
class Column:
    """The head of a column; its unit stands here and never in the cells."""

    head: str
    unit: str = ""
    numeric: bool = False


@dataclass(frozen=True)
class Row:
    """One row of a table."""

    cells: tuple[Cell, ...]
    baseline: bool = False
    new_group: bool = False

    @property
    def device(self) -> int | None:
        """The first device that it is about."""
        return next((cell.device for cell in self.cells if cell.device is not None), None)


@dataclass(frozen=True)
class Table:
    """A table; `total` counts its rows before it was cut, and `rest` says where the others are."""

    key: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    rest: str = ""
    total: int = 0
    remarks: tuple[str, ...] = ()  # how its numbers were made

    @property
    def grouped(self) -> bool:
        """Whether its rows stand in groups."""
        return any(row.new_group for row in self.rows)

    @property
    def marked(self) -> frozenset[int]:
        """The columns that hold values with findings."""
        return frozenset(i for row in self.rows for i, cell in enumerate(row.cells) if cell.findings)

    @property
    def crowded(self) -> frozenset[int]:
        """The columns that hold values with several findings."""
        return frozenset(i for row in self.rows for i, cell in enumerate(row.cells) if len(cell.findings) > 1)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why values are missing, each reason once, in order."""
        cells = (cell for row in self.rows for cell in row.cells if cell.missing and cell.why)
        return tuple(dict.fromkeys(cell.why for cell in cells))

    @property
    def findings(self) -> tuple[int, ...]:
        """Numbers of the findings that concern a value of this table."""
        return tuple(sorted({n for row in self.rows for cell in row.cells for n in cell.findings}))


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
    detail: str
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
class HistoryChart(Chart):
    """Speeds over dates (days since 1970): a dot a run, a line from date to date at each mean, and the changes."""

    unit: str = ""
    device: int = 0
    dots: tuple[Point, ...] = ()
    levels: tuple[tuple[float, float, float], ...] = ()
    changes: tuple[float, ...] = ()


@dataclass(frozen=True)
class RunCard:
    """One run by itself: what it reached, its settings, its steps."""

    key: str
    title: str
    result: Sentence
    settings: tuple[tuple[str, str], ...]
    charts: tuple[StepsChart, ...] = ()
    findings: tuple[int, ...] = ()


@dataclass(frozen=True)
class Provenance:
    """What made the report; `contents` is a sentence on what of the logs is in it."""

    command: str
    version: str
    made_at: str
    contents: str


@dataclass(frozen=True)
class Report:
    """All that a report says, in the order in which it says it."""

    title: str
    context: str
    provenance: Provenance
    unfinished: Sentence = ()
    problems: tuple[str, ...] = ()
    failures: tuple[RenderError, ...] = ()  # parts that could not be made; they are among the problems
    answers: tuple[Answer, ...] = ()
    answers_rest: str = ""
    not_comparable: Sentence = ()
    speedups: SpeedupChart | None = None
    comparison: Table | None = None
    speeds: tuple[Table, ...] = ()
    batch_charts: tuple[BatchChart, ...] = ()
    published: tuple[Table, ...] = ()
    scaling_charts: tuple[BatchChart, ...] = ()
    versions: SpeedupChart | None = None
    scaling: tuple[Table, ...] = ()
    history_charts: tuple[HistoryChart, ...] = ()
    history: Table | None = None
    runs: Table | None = None
    cards: tuple[RunCard, ...] = ()
    cards_note: str = ""
    evaluations: Table | None = None
    devices: Table | None = None
    environment: Table | None = None
    findings: tuple[Finding, ...] = ()
    findings_rest: str = ""
    ledger: str = ""
    folder: str = ""  # the folder of all sources
    sources: Table | None = None
    device_names: tuple[str, ...] = field(default=())

    def with_failures(self, failures: Iterable[RenderError]) -> "Report":
        """The report that says what of it could not be made."""
        found = tuple(failures)
        told = tuple(map(str, found))
        return replace(self, failures=(*self.failures, *found), problems=(*self.problems, *told))

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables that hold something, in the order of the page."""
        found = (
            self.comparison, *self.speeds, *self.published, *self.scaling, self.history, self.runs, self.evaluations,
            self.devices, self.environment, self.sources,
        )  # fmt: skip
        return tuple(table for table in found if table is not None)
