"""Tables for a README as markdown: unpadded rows, so that a changed number changes one line."""

from collections.abc import Iterator, Sequence

from logreport.reporting.readme.pivot import Pivot, Spot
from logreport.reporting.readme.pivot_cells import VALUES, head_of
from logreport.reporting.rendering.markdown import escape, write_table
from logreport.reporting.text import formatting as fmt


def to_markdown(tables: Sequence[Pivot]) -> str:
    """All tables, each under a line that says what it shows."""
    return "\n\n".join(part for table in tables for part in _table(table)) + "\n"


def _table(table: Pivot) -> Iterator[str]:
    factor, unit = _scale(table)
    what = " and ".join(head_of(n).lower() for n in (*table.ask.rows, *table.ask.columns))
    subject = ", ".join(map(escape, table.subject))
    yield f"**{VALUES[table.ask.value]} in {unit} by {what}**{': ' if subject else ''}{subject}"
    heads = [head_of(n) for n in table.ask.rows]
    heads += [escape(_head(table.ask.columns, column)) for column in table.columns]
    numeric = [all(row[i].isdecimal() for row in table.rows) for i, _ in enumerate(table.ask.rows)]
    yield write_table(heads, _rows(table, factor), [*numeric, *(True for _ in table.columns)])
    notes = [f"<sup>{letter}</sup> {escape(note)}" for letter, note in table.notes]
    notes += [f"{escape(remark)}." for remark in table.remarks]
    if any(at not in table.spots for at in _places(table)):
        notes.insert(0, f"{fmt.MISSING} not measured.")
    if notes:
        yield "<br>\n".join(notes)


def _places(table: Pivot) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return [(row, column) for row in table.rows for column in table.columns]


def _scale(table: Pivot) -> tuple[float, str]:
    if table.ask.value != "seconds_per_batch":
        return 1.0, table.unit
    return fmt.time_unit([v for spot in table.spots.values() for v in spot.values])


def _rows(table: Pivot, factor: float) -> Iterator[list[str]]:
    texts = [
        _column([table.spots.get((row, c), Spot(())) for row in table.rows], factor) for c in table.columns
    ]
    for i, row in enumerate(table.rows):
        yield [*map(escape, row), *(column[i] for column in texts)]


def _head(dimensions: Sequence[str], values: Sequence[str]) -> str:
    """The head of a column; a bare number says what it counts."""
    words = (
        f"{head_of(n).lower()} {v}" if v.isdecimal() else v for n, v in zip(dimensions, values, strict=True)
    )
    return ", ".join(words)


def _column(spots: Sequence[Spot], factor: float) -> list[str]:
    """The cells of one column, with the same decimals."""
    flat = iter(fmt.column([v / factor for spot in spots for v in spot.values]))
    cells = []
    for spot in spots:
        text = " / ".join(next(flat) for _ in spot.values) or fmt.MISSING
        cells.append(text + (f"<sup>{' '.join(spot.marks)}</sup>" if spot.marks else ""))
    return cells
