"""Tables for a README as markdown, LaTeX, HTML and CSV; markdown has unpadded rows, so that a change changes one line."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from logreport.reporting.readme.pivot import Pivot, Spot
from logreport.reporting.readme.pivot_cells import VALUES, head_of
from logreport.reporting.rendering.markdown import as_html, escape, write_table
from logreport.reporting.text import formatting as fmt
from logreport.tables.exporting import csv_of

_LATEX = str.maketrans({
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    fmt.MISSING: "---", "–": "--", "×": r"$\times$", "±": r"$\pm$", "÷": r"$\div$", "−": r"$-$",
    "\N{NARROW NO-BREAK SPACE}": r"\,", "\N{THIN SPACE}": r"\,", "…": r"\ldots{}",
})  # fmt: skip


_PAGE = 40  # rows of LaTeX that a page holds


@dataclass(frozen=True)
class _Laid:
    """A table as text: what it shows, heads and cells, each with the letters of its notes, and what stands below."""

    what: str
    subject: str
    heads: tuple[str, ...]
    rows: tuple[tuple[tuple[str, tuple[str, ...]], ...], ...]
    numeric: tuple[bool, ...]
    notes: tuple[tuple[str, str], ...]


def to_markdown(tables: Sequence[Pivot]) -> str:
    """All tables, each under a line that says what it shows."""
    return "\n\n".join(part for table in tables for part in _markdown(_laid(table))) + "\n"


def _markdown(table: _Laid) -> Iterator[str]:
    yield f"**{table.what}**{': ' if table.subject else ''}{escape(table.subject)}"
    rows = (
        [escape(text) + (f"<sup>{' '.join(marks)}</sup>" if marks else "") for text, marks in row]
        for row in table.rows
    )
    yield write_table([*map(escape, table.heads)], rows, table.numeric)
    if table.notes:
        yield "<br>\n".join(
            f"<sup>{mark}</sup> {escape(note)}" if mark else escape(note) for mark, note in table.notes
        )


def to_latex(tables: Sequence[Pivot]) -> str:
    """All tables with the rules of booktabs, each under a comment that says what it shows; long ones go over pages."""
    return "% \\usepackage{booktabs,longtable}\n" + "\n".join(_latex(_laid(table)) for table in tables)


def _latex(table: _Laid) -> str:
    def line(cells: Sequence[tuple[str, tuple[str, ...]]]) -> str:
        texts = (
            text.translate(_LATEX) + (rf"\textsuperscript{{{' '.join(marks)}}}" if marks else "")
            for text, marks in cells
        )
        return rf"  {' & '.join(texts)} \\"

    notes = (
        (rf"\textsuperscript{{{mark}}} " if mark else "") + note.translate(_LATEX)
        for mark, note in table.notes
    )
    kind = "longtable" if len(table.rows) > _PAGE else "tabular"
    return "\n".join([
        f"% {table.what}{': ' if table.subject else ''}{table.subject}",
        rf"\begin{{{kind}}}{{{''.join('r' if right else 'l' for right in table.numeric)}}}",
        r"  \toprule",
        line([(head, ()) for head in table.heads]),
        r"  \midrule",
        *([r"  \endhead"] if kind == "longtable" else []),
        *map(line, table.rows),
        r"  \bottomrule",
        rf"\end{{{kind}}}",
        *(rf"\par {{\footnotesize {note}}}" for note in notes),
        "",
    ])  # fmt: skip


def cells_of(tables: Sequence[Pivot]) -> tuple[list[str], list[list[object]]]:
    """Heads and a row for each value: where it stands, what its table shares, its notes, and the number in base units."""
    names = [*dict.fromkeys(name for table in tables for name in (*table.ask.rows, *table.ask.columns))]
    rows: list[list[object]] = []
    for table in tables:
        notes = dict(table.notes)
        for (row, column), spot in table.spots.items():
            at = dict(zip((*table.ask.rows, *table.ask.columns), (*row, *column), strict=True))
            said = "; ".join(notes[mark] for mark in spot.marks)
            about = [*map(at.get, names), ", ".join(table.subject), said or None]
            rows += [[*about, value] for value in spot.values or (None,)]
    return [*names, "subject", "notes", *dict.fromkeys(table.ask.value for table in tables)], rows


def _laid(table: Pivot) -> _Laid:
    factor, unit = _scale(table)
    what = " and ".join(head_of(n).lower() for n in (*table.ask.rows, *table.ask.columns))
    heads = [head_of(n) for n in table.ask.rows] + [
        _head(table.ask.columns, column) for column in table.columns
    ]
    numeric = [all(row[i].isdecimal() for row in table.rows) for i, _ in enumerate(table.ask.rows)]
    texts = [
        _column([table.spots.get((row, c), Spot(())) for row in table.rows], factor) for c in table.columns
    ]
    rows = (
        (*((text, ()) for text in row), *(column[i] for column in texts)) for i, row in enumerate(table.rows)
    )
    notes = [*table.notes, *(("", f"{remark}.") for remark in table.remarks)]
    if any((row, column) not in table.spots for row in table.rows for column in table.columns):
        notes.insert(0, ("", f"{fmt.MISSING} not measured."))
    return _Laid(
        f"{VALUES[table.ask.value]} in {unit} by {what}", ", ".join(table.subject), tuple(heads), tuple(rows),
        (*numeric, *(True for _ in table.columns)), tuple(notes),
    )  # fmt: skip


def _scale(table: Pivot) -> tuple[float, str]:
    if table.ask.value != "seconds_per_batch":
        return 1.0, table.unit
    return fmt.time_unit([v for spot in table.spots.values() for v in spot.values])


def _head(dimensions: Sequence[str], values: Sequence[str]) -> str:
    """The head of a column; a bare number says what it counts."""
    words = (
        f"{head_of(n).lower()} {v}" if v.isdecimal() else v for n, v in zip(dimensions, values, strict=True)
    )
    return ", ".join(words)


def _column(spots: Sequence[Spot], factor: float) -> list[tuple[str, tuple[str, ...]]]:
    """The cells of one column, with the same decimals."""
    flat = iter(fmt.column([v / factor for spot in spots for v in spot.values]))
    return [(" / ".join(next(flat) for _ in spot.values) or fmt.MISSING, spot.marks) for spot in spots]


FORMATS: Mapping[str, Callable[[Sequence[Pivot]], str]] = {
    "md": to_markdown,
    "html": lambda tables: as_html(to_markdown(tables)),
    "latex": to_latex,
    "csv": lambda tables: csv_of(*cells_of(tables)).decode(),
}
"""What `logreport table` can write."""
