"""The folder that all sources share is said once; everywhere else a report names sources without it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from logreport.analysis.results import Comparison, Side
from logreport.runs.tables import Tables


def shared_folder(sources: Iterable[str]) -> str:
    """The leading folders that all sources share, with a slash at the end; empty where there are none.

    >>> shared_folder(["a/b/x.log", "a/b/c/y.log"])
    'a/b/'
    """
    parts = [source.split("/")[:-1] for source in sources]
    if not parts:
        return ""
    shared = parts[0]
    for other in parts[1:]:
        same = [a == b for a, b in zip(shared, other, strict=False)]
        shared = shared[: same.index(False) if False in same else len(same)]
    folder = "".join(f"{part}/" for part in shared)
    return folder if folder.strip("/") else ""


def _without(value: Any, folder: str) -> Any:  # noqa: ANN401 - cells of any column
    return value.replace(folder, "") if isinstance(value, str) else value


def short_tables(tables: Tables, folder: str) -> Tables:
    """The tables with sources, and messages that name them, without the folder; the rest is shared, not copied."""
    if not folder:
        return tables
    short = Tables()
    for name, columns in tables.columns.items():
        short.columns[name] = {
            column: [_without(v, folder) for v in values] if column in ("source", "message") else values
            for column, values in columns.items()
        }
    return short


def _short_side(side: Side, folder: str) -> Side:
    sources = tuple((_without(source, folder), line) for source, line in side.sources)
    return replace(side, label=_without(side.label, folder), sources=sources)


def short_comparisons(comparisons: Sequence[Comparison], folder: str) -> list[Comparison]:
    """The comparisons with every source named without the folder."""
    if not folder:
        return list(comparisons)
    return [
        replace(
            c,
            baseline=_short_side(c.baseline, folder),
            side=_short_side(c.side, folder),
            why=_without(c.why, folder),
            notes=tuple(_without(note, folder) for note in c.notes),
        )
        for c in comparisons
    ]
