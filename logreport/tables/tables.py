"""Column-wise tables that grow across files, and their pandas form.

Rows are appended to plain lists: building one DataFrame per file costs ten times as much as reading the file.
"""

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, MutableSequence
from itertools import compress, repeat
from typing import TYPE_CHECKING, Any

from logreport.spool import MANY, LongList, values_at
from logreport.tables.schema import REAL, TABLES

if TYPE_CHECKING:
    import pandas as pd

    from logreport.tables.conditions import Condition


_LATER = re.compile(r"#[0-9]+$")
LISTS = (list, LongList)
REALS = {
    table: {column.name for column in columns if column.dtype == REAL} for table, columns in TABLES.items()
}


def shared_folder(sources: Iterable[str]) -> str:
    """The leading folders that all sources share, with a slash at the end; empty where there are none.

    >>> shared_folder(["a/b/x.log", "a/b/c/y.log"])
    'a/b/'
    """
    shared = posixpath.commonprefix(list(sources))
    folder = shared[: shared.rfind("/") + 1]
    return folder if folder.strip("/") else ""


def place_of(source: str) -> str:
    """The path of a log, from the name of a run in it: `path#2` is of the second log of a document."""
    return _LATER.sub("", source)


def texts_changed(values: Mapping[str, Any], change: Callable[[str, str], str]) -> dict[str, Any]:
    """Values with each text among them changed, by its name."""
    return {name: change(name, one) if isinstance(one, str) else one for name, one in values.items()}


class Tables:
    """All tables of one reading: `tables.columns[table][column]` is a list of values, None where missing.

    Where a run has many rows they are lists that a file holds.

    `tags` are those of runs of an archive: a value by `run_id`, by the name of the column that it would stand in, `tag.KEY`.

    Args:
        only: the tables that are wanted beside `lines` and `runs`, all where it is None; others may stay empty.
    """

    def __init__(self, only: Collection[str] | None = None) -> None:
        self.only = only
        self.columns: dict[str, dict[str, MutableSequence[Any]]] = {
            name: {column.name: [] for column in columns} for name, columns in TABLES.items()
        }
        self.tags: dict[str, dict[str, str | None]] = {}

    def add(self, table: str, **row: object) -> None:
        """Append one row; columns not named are missing (None).

        Raises:
            KeyError: for a column that the schema does not know.
        """
        reals = REALS[table]
        for name, values in self.known(table, row).items():
            given: Any = row.get(name)
            values.append(float(given) if type(given) is int and name in reals else given)

    def add_rows(self, table: str, count: int, **columns: object) -> None:
        """Append `count` rows of a table of many rows: a list holds a value for each, anything else is that of all.

        Raises:
            KeyError: for a column that the schema does not know.
        """
        reals = REALS[table]
        known = self.known(table, columns)
        if count >= MANY:
            known.update({name: LongList(values) for name, values in known.items()})
        for name, values in known.items():
            given: Any = columns.get(name)
            if type(given) not in LISTS:  # `isinstance` is slow to say no
                values.extend(repeat(float(given) if type(given) is int and name in reals else given, count))
            elif name in reals and int in set(map(type, given)):
                values.extend(float(value) if type(value) is int else value for value in given)
            else:
                values.extend(given)

    def wants(self, *tables: str) -> bool:
        """Whether one of some tables is wanted."""
        return self.only is None or any(table in self.only for table in tables)

    def known(self, table: str, names: Mapping[str, object]) -> dict[str, MutableSequence[Any]]:
        """The columns of a table, some of which have these names.

        Raises:
            KeyError: for a column that the schema does not know.
        """
        columns = self.columns[table]
        if not columns.keys() >= names.keys():
            raise KeyError(f"{table} has no column {sorted(set(names) - columns.keys())}")
        return columns

    def extend(self, other: "Tables") -> None:
        for table, columns in self.columns.items():
            for name, values in columns.items():
                values.extend(other.columns[table][name])
        for name, tags in other.tags.items():
            self.tags.setdefault(name, {}).update(tags)

    def in_parts(self) -> Iterator[dict[str, dict[str, list[Any]]]]:
        """The columns in parts of so many rows that memory holds them, one at least."""
        for start in range(0, max(1, *self.counts().values()), MANY):
            rows = range(start, start + MANY)
            yield {
                table: {name: list(values_at(values, rows)) for name, values in columns.items()}
                for table, columns in self.columns.items()
            }

    def cut(self, counts: Mapping[str, int]) -> None:
        """Take away all rows of each table after the first ones, whose number is given."""
        for table, columns in self.columns.items():
            for values in columns.values():
                del values[counts[table] :]

    def sort_by_source(self, table: str) -> None:
        """Put the rows of a table in the order of the sources, so that it is the same however many were read together."""
        order = {source: i for i, source in enumerate(self.columns["lines"]["source"])}
        columns = self.columns[table]
        places = [order.get(place_of(source or ""), len(order)) for source in columns["source"]]
        rows = sorted(range(len(places)), key=places.__getitem__)
        for values in columns.values():
            values[:] = [values[row] for row in rows]

    def keep(self, names: Collection[str]) -> None:
        """Empty all tables but these."""
        for name in self.columns.keys() - set(names):
            for values in self.columns[name].values():
                values.clear()

    def choose(self, meant: "Condition") -> None:
        """Take away the runs for which a condition does not hold, and what is of no log or document that is left.

        Raises:
            UsageError: for a name that is no column.
        """
        runs, published = self.columns["runs"], self.columns["published"]
        kept = compress(
            zip(runs["run_id"], runs["source"], strict=True), meant.mask(self.of_runs(), self.count("runs"))
        )
        chosen = set(kept)
        masks = {}
        if published.keys() >= {*meant.names}:
            masks["published"] = meant.mask(published, self.count("published"))
        sources = {source for _, source in chosen} | {
            *compress(published["source"], masks.get("published", ()))
        }
        places = {place_of(source) for source in sources}
        for table, columns in self.columns.items():
            ids = columns.get("run_id", [None] * self.count(table))
            mask = masks.get(table) or [
                place_of(source) in places if run_id is None else (run_id, source) in chosen
                for run_id, source in zip(ids, columns["source"], strict=True)
            ]
            for name, values in columns.items():
                columns[name] = list(compress(values, mask))

    def of_runs(self) -> dict[str, MutableSequence[Any]]:
        """The columns of the runs, and `tag.KEY` for each tag."""
        ids = self.columns["runs"]["run_id"]
        tags = {name: [values.get(run_id) for run_id in ids] for name, values in self.tags.items()}
        return {**self.columns["runs"], **tags}

    def counts(self) -> dict[str, int]:
        return {table: len(columns["source"]) for table, columns in self.columns.items()}

    def count(self, table: str) -> int:
        return len(self.columns[table]["source"])

    def rows(self, table: str, *names: str) -> Iterator[dict[str, Any]]:
        """The rows of a table as dicts, in order; with the columns of these names, all where none is given."""
        columns = self.columns[table]
        names = names or tuple(columns)
        for values in zip(*(columns[name] for name in names), strict=True):
            yield dict(zip(names, values, strict=True))

    def frame(self, table: str) -> "pd.DataFrame":
        """A table as a DataFrame with the dtypes of the schema."""
        import pandas as pd

        columns = self.columns[table]
        return pd.DataFrame({c.name: pd.Series(columns[c.name], dtype=c.dtype) for c in TABLES[table]})
