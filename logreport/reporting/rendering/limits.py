"""A report cut to what a format can hold, and the places that it cites."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from logreport.reporting.report import Ref, Report, Sentence, Table
from logreport.reporting.text import formatting as fmt


@dataclass(frozen=True)
class Limits:
    """How much of a report a format shows."""

    rows: int
    findings: int
    cards: int = 12


@dataclass(frozen=True)
class Citation:
    """A cited line: its number, its place, and what the report takes from it."""

    number: int
    source: str
    line: int | None
    uses: tuple[str, ...]

    @property
    def place(self) -> str:
        """The place as `file:line`."""
        return self.source if self.line is None else f"{self.source}:{self.line}"


_TABLES = {"runs": "runs", "devices": "devices", "environment": "environment", "evaluations": "evaluations"}


def _cut(table: Table | None, rows: int) -> Table | None:
    """A table with at most that many rows, and a sentence that says where the others are."""
    if table is None or len(table.rows) <= rows:
        return table
    kind = "published" if table.key.startswith("published") else _TABLES.get(table.key, "phases")
    kind = "lines" if table.key == "sources" else kind
    rest = (
        f"The first {fmt.fixed(rows, 0)} of {fmt.count(len(table.rows), 'row')}. "
        f"All of them: logreport parse LOG… --table {kind} --format csv"
    )
    return replace(table, rows=table.rows[:rows], rest=rest)


def _cut_all(tables: tuple[Table, ...], rows: int) -> tuple[Table, ...]:
    return tuple(cut for table in tables if (cut := _cut(table, rows)) is not None)


def fit(report: Report, limits: Limits) -> Report:
    """The report within the limits of a format; what is left out is said in its place."""
    return replace(
        report,
        comparison=_cut(report.comparison, limits.rows),
        speeds=_cut_all(report.speeds, limits.rows // 2),
        published=_cut_all(report.published[: limits.rows], limits.rows),
        scaling=_cut_all(report.scaling, limits.rows // 2),
        history=_cut(report.history, limits.rows),
        runs=_cut(report.runs, limits.rows),
        cards=report.cards[: limits.cards],
        evaluations=_cut(report.evaluations, limits.rows),
        devices=_cut(report.devices, limits.rows),
        environment=_cut(report.environment, limits.rows),
        findings=report.findings[: limits.findings],
        findings_rest=_findings_rest(report, limits.findings),
        sources=_cut(report.sources, limits.rows),
    )


def _findings_rest(report: Report, most: int) -> str:
    rest = len(report.findings) - most
    if rest <= 0:
        return ""
    return f"{fmt.count(rest, 'more', 'more')}: logreport parse LOG… --table findings --format csv"


def _in_sentences(report: Report) -> Iterator[Sentence]:
    yield report.unfinished
    for answer in report.answers:
        yield answer.sentence
    yield report.not_comparable
    for card in report.cards:
        yield card.result


def refs_of(report: Report) -> Iterator[Ref]:
    """All places that the report cites, in the order of the page."""
    for sentence in _in_sentences(report):
        for span in sentence:
            yield from span.refs
    for table in report.tables:
        for row in table.rows:
            for cell in row.cells:
                yield from cell.refs
    for finding in report.findings:
        yield from finding.refs


def cite(report: Report) -> dict[tuple[str, int | None], Citation]:
    """Every cited line once, numbered in the order of source and line."""
    uses: dict[tuple[str, int | None], dict[str, None]] = {}
    for ref in refs_of(report):
        uses.setdefault((ref.source, ref.line), {})[ref.what] = None
    places = sorted(uses, key=lambda place: (place[0], place[1] or 0))
    return {
        place: Citation(n, fmt.clean(place[0]), place[1], tuple(filter(None, uses[place])))
        for n, place in enumerate(places, 1)
    }
