"""Column-wise tables that grow across files, and their pandas form.

Rows are appended to plain lists: building one DataFrame per file costs ten times as much as reading the file.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from logreport.runs.schema import REAL, TABLES

if TYPE_CHECKING:
    import pandas as pd


REALS = {
    (table, column.name) for table, columns in TABLES.items() for column in columns if column.dtype == REAL
}


class Tables:
    """All tables of one reading: `tables.columns[table][column]` is a list of values, None where missing."""

    def __init__(self) -> None:
        self.columns: dict[str, dict[str, list[Any]]] = {
            name: {column.name: [] for column in columns} for name, columns in TABLES.items()
        }

    def add(self, table: str, **row: object) -> None:
        """Append one row; columns not named are missing (None).

        Raises:
            KeyError: for a column that the schema does not know.
        """
        columns = self.columns[table]
        if unknown := row.keys() - columns.keys():
            raise KeyError(f"{table} has no column {sorted(unknown)}")
        for name, values in columns.items():
            value = row.get(name)
            values.append(float(value) if type(value) is int and (table, name) in REALS else value)

    def extend(self, other: "Tables") -> None:
        """Append all rows of `other`."""
        for table, columns in self.columns.items():
            for name, values in columns.items():
                values.extend(other.columns[table][name])

    def count(self, table: str) -> int:
        """Number of rows of a table."""
        return len(next(iter(self.columns[table].values())))

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """The rows of a table as dicts, in order."""
        columns = self.columns[table]
        for values in zip(*columns.values(), strict=True):
            yield dict(zip(columns, values, strict=True))

    def frame(self, table: str) -> "pd.DataFrame":
        """A table as a DataFrame with the dtypes of the schema."""
        import pandas as pd

        return pd.DataFrame(
            {
                column.name: pd.Series(self.columns[table][column.name], dtype=column.dtype)
                for column in TABLES[table]
            }
        )
