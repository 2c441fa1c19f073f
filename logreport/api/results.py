"""What the public functions give: results that a notebook shows, that can be saved, and that give frames.

Reports and verdicts stand in `reports.py`: who reads tables alone needs none of what makes pages.
"""

import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from logreport.errors import LogreportError, UsageError
from logreport.tables.reading import Reading
from logreport.tables.schema import TABLES
from logreport.tables.tables import Tables

if TYPE_CHECKING:
    import os

    import pandas as pd

    from logreport.reporting.readme.pivot import Pivot

ROWS = 20  # of each table that a notebook shows


def frame_of(tables: Tables, name: str) -> "pd.DataFrame":
    """A table with the dtypes of the schema, whose columns answer to their names only.

    Raises:
        UsageError: where there is none of this name.
    """
    if name not in TABLES:
        raise UsageError(f"there is no table {name!r}", todo=f"choose of {', '.join(TABLES)}")
    return checked(tables.frame(name))


@cache
def _frame_class() -> Any:  # noqa: ANN401 - pandas is loaded on first use
    import pandas as pd

    class Frame(pd.DataFrame):
        """A table whose error for a wrong column gives the choices; what is made of it, and its copy elsewhere, is pandas' own."""

        @property
        def _constructor(self) -> type[pd.DataFrame]:
            return pd.DataFrame

        def __reduce__(self) -> Any:  # noqa: ANN401 - as pickle has it
            return pd.DataFrame, (pd.DataFrame(self),)

        def __getitem__(self, key: Any) -> Any:  # noqa: ANN401 - as pandas takes
            wanted = key if isinstance(key, list) else [key]
            if wrong := [one for one in wanted if isinstance(one, str) and one not in self.columns]:
                raise ColumnError(
                    f"there is no column {', '.join(map(repr, wrong))}",
                    todo=f"choose of {', '.join(map(str, self.columns))}",
                )
            return super().__getitem__(key)

    return Frame


def checked(frame: "pd.DataFrame") -> "pd.DataFrame":
    found: pd.DataFrame = _frame_class()(frame)
    return found


def page_of(text: str) -> str:
    """Markdown as HTML."""
    from logreport.reporting.rendering.markdown import as_html

    return as_html(text)


class ColumnError(UsageError, KeyError):
    """A column that a table has not; a KeyError too, as pandas raises it."""


class Shown(ABC):
    """A result that is text: as markdown, as a page, in a notebook, in a file."""

    @abstractmethod
    def to_markdown(self) -> str:
        """The whole of it as markdown."""

    def to_html(self) -> str:
        """The whole of it as HTML."""
        return page_of(self.to_markdown())

    def _repr_html_(self) -> str:
        return self.to_html()

    def save(self, path: "str | os.PathLike[str]") -> None:
        """Write it to a file, whose ending says the format: .html or .md.

        Raises:
            UsageError: for any other ending.
            OSError: where it cannot be written.
        """
        ending = Path(path).suffix.lower()
        if ending not in self._writers():
            raise UsageError(
                f"{Path(path).name} has no format that is known",
                todo=f"end it in {', '.join(self._writers())}",
            )
        content = self._writers()[ending]()
        Path(path).write_bytes(content if isinstance(content, bytes) else content.encode())

    def _writers(self) -> Mapping[str, Any]:
        return {".html": self.to_html, ".md": self.to_markdown}


class Parsed(Mapping[str, "pd.DataFrame"], Shown):
    """The tables of some logs by name, and the errors of what could not be read."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._frames: dict[str, pd.DataFrame] = {}

    @property
    def errors(self) -> list[LogreportError]:
        """One for each input that could not be read."""
        return self._reading.errors

    def frame(self, name: str) -> "pd.DataFrame":
        """A table by its name, with the dtypes of the schema.

        Raises:
            UsageError: where there is none; the choices are told.
        """
        if name not in self._frames:
            self._frames[name] = frame_of(self._reading.tables, name)
        return self._frames[name]

    def __getitem__(self, name: str) -> "pd.DataFrame":
        return self.frame(name)

    def __iter__(self) -> Iterator[str]:
        return iter(TABLES)

    def __len__(self) -> int:
        return len(TABLES)

    def __repr__(self) -> str:
        counts = ", ".join(
            f"{count} {name}" for name, count in self._reading.tables.counts().items() if count
        )
        return f"<{counts or 'nothing'}; {len(self.errors)} errors>"

    def to_markdown(self) -> str:
        """Every table that has rows."""
        return self._markdown(None)

    def _repr_html_(self) -> str:
        return page_of(self._markdown(ROWS))

    def _markdown(self, most: int | None) -> str:
        from logreport.reporting.rendering.markdown import escape, write_table
        from logreport.tables.exporting import cells_of, shorten

        parts = []
        for name in (name for name in TABLES if self._reading.tables.count(name)):
            heads, rows = cells_of(self._reading, name)
            shown = [
                [escape(shorten(cell, head)) for head, cell in zip(heads, row, strict=True)]
                for row in itertools.islice(rows, most)
            ]
            hidden = self._reading.tables.count(name) - len(shown)
            more = f"and {hidden} more rows" if hidden else ""
            parts += [
                f"## {name}",
                write_table([escape(head) for head in heads], shown),
                *filter(None, [more]),
            ]
        parts += [escape(str(error)) for error in self.errors]
        return "\n\n".join(parts) + "\n"

    def _writers(self) -> Mapping[str, Any]:
        from logreport.tables.exporting import WHOLE, to_json

        return {**super()._writers(), ".json": lambda: to_json(self._reading, list(TABLES), WHOLE)}


class TableText(str, Shown):
    """Tables for a README as markdown, and the values in them."""

    __slots__ = ("pivots",)
    pivots: "tuple[Pivot, ...]"

    @classmethod
    def of(cls, pivots: "tuple[Pivot, ...]") -> "TableText":
        from logreport.reporting.readme.markdown_table import to_markdown

        found = cls(to_markdown(pivots))
        found.pivots = pivots
        return found

    def frame(self, name: str = "cells") -> "pd.DataFrame":
        """A row for each value: where it stands, what its table shares, its notes, and the number in base units.

        Raises:
            UsageError: for another name.
        """
        import pandas as pd

        from logreport.reporting.readme.markdown_table import cells_of

        if name != "cells":
            raise UsageError(f"there is no table {name!r}", todo="there is cells")
        heads, rows = cells_of(self.pivots)
        return checked(pd.DataFrame(rows, columns=heads).convert_dtypes())

    def to_markdown(self) -> str:
        """The text itself."""
        return str(self)

    def _writers(self) -> Mapping[str, Any]:
        from logreport.reporting.readme.markdown_table import FORMATS

        endings = {".csv": "csv", ".tex": "latex"}
        return {
            **super()._writers(),
            **{end: partial(FORMATS[form], self.pivots) for end, form in endings.items()},
        }
