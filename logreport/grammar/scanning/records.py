"""Records: the lines and blocks that scanning recognised, as columns; a `Match` is a view of one of them."""

import functools
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Self, TypeVar, overload

from logreport.grammar.lowering.pattern import Leaf
from logreport.grammar.scanning.forms import FORMS, Form, Values

T = TypeVar("T")
Rows = Sequence[int]  # a range, or the numbers one by one
Kinds = tuple[str, ...] | frozenset[str]


class Match(NamedTuple):
    """A recognised line or block: its line number, its path through the grammar, the raw field values, its rank.

    `place` is where it stands among the columns of a scan, None for one that was made by hand.
    """

    line: int
    leaf: Leaf
    values: Values
    rank: int | None = None
    place: "tuple[Columns, int] | None" = None

    def fields(self) -> dict[str, Any]:
        """The typed values of the fields that are there; one written in several places takes the one that matched."""
        return {
            name: convert(value)
            for (name, convert), value in zip(self.leaf.plan, self.values, strict=False)
            if value is not None
        }

    def raw(self, name: str) -> bytes | None:
        """The bytes of one field, without looking at the others."""
        place = self.leaf.places.get(name)
        return None if place is None else next((v for v in self.values[place] if v is not None), None)

    def value(self, name: str) -> Any:  # noqa: ANN401 - the terminal of the field says which
        """The typed value of one field, None where it is not there."""
        value = self.raw(name)
        return None if value is None else self.leaf.plan[self.leaf.places[name].start][1](value)


class Columns:
    """What one scan recognised, column by column, with the raw values line by line.

    Args:
        lines: the line number of each.
        leaves: its path through the grammar.
        values: its raw values.
        ranks: the rank that a prefix named, by row, where one did.
    """

    def __init__(
        self,
        lines: list[int],
        leaves: list[Leaf],
        values: list[Values],
        ranks: dict[int, int] | None = None,
    ) -> None:
        self.lines, self.leaves, self.values, self.ranks = lines, leaves, values, ranks or {}
        self.known_rows: dict[Kinds, Rows] = {}

    @functools.cached_property
    def formed(self) -> tuple[list[Form], list[Values]]:
        """The form of each, and those of its values that vary."""
        of = FORMS.of
        pairs = [of(leaf, values) for leaf, values in zip(self.leaves, self.values, strict=True)]
        return [form for form, _ in pairs], [varying for _, varying in pairs]

    @functools.cached_property
    def forms(self) -> list[Form]:
        """The form of each."""
        return self.formed[0]

    @property
    def varying(self) -> list[Values]:
        """Those of its values that its form leaves open."""
        return self.formed[1]

    @functools.cached_property
    def kinds(self) -> list[str]:
        """The kind of each."""
        return [leaf.kind for leaf in self.leaves]

    def rows_of(self, kinds: Kinds) -> Rows:
        """The rows of some kinds, looked up once for all runs whose lines were scanned together."""
        if kinds not in self.known_rows:
            self.known_rows[kinds] = in_short(self.all_rows_of(kinds))
        return self.known_rows[kinds]

    @functools.cached_property
    def known_forms(self) -> dict[Kinds, tuple[Rows, list[int], list[Form]]]:
        """Rows, line numbers and forms of kinds that were asked for."""
        return {}

    def forms_of(self, kinds: Kinds, within: range) -> tuple[list[int], list[Form]]:
        """Line numbers and forms of some kinds within some rows, looked up once for all runs."""
        if kinds not in self.known_forms:
            rows = self.rows_of(kinds)
            self.known_forms[kinds] = rows, taken(self.lines, rows), taken(self.forms, rows)
        rows, lines, forms = self.known_forms[kinds]
        start, stop = bisect_left(rows, within.start), bisect_left(rows, within.stop)
        return lines[start:stop], forms[start:stop]

    def all_rows_of(self, kinds: Kinds) -> list[int]:
        """The rows of some kinds, looked up."""
        return [row for row, kind in enumerate(self.kinds) if kind in kinds]

    def match(self, row: int) -> Match:
        """One of them."""
        return Match(self.lines[row], self.leaves[row], self.values_of(row), self.ranks.get(row), (self, row))

    def values_of(self, row: int) -> Values:
        """The raw values of one."""
        return self.values[row]

    def written(self, rows: Rows) -> bytes:
        """Some of them as run_id takes them in."""
        forms, varying = taken(self.forms, rows), taken(self.varying, rows)
        return b"".join([form.written(values) for form, values in zip(forms, varying, strict=True)])

    def raw(self, rows: Rows, name: str) -> list[bytes]:
        """The raw values of one field of some of them, where it is there."""
        return [
            value
            for leaf, values in zip(taken(self.leaves, rows), taken(self.values, rows), strict=True)
            if (place := leaf.places.get(name)) is not None
            for value in values[place]
            if value is not None
        ]

    def extremes(self, rows: Rows, name: str) -> list[bytes]:
        """The least and the greatest of these."""
        values = self.raw(rows, name)
        return [min(values), max(values)] if values else []

    def table(self, rows: Rows, names: Sequence[str]) -> list[list[Any]]:
        """The typed values of some fields of some of them, None where one is not there."""
        return [self.column(rows, name) for name in names]

    def column(self, rows: Rows, name: str) -> list[Any]:
        """The same of one field."""
        leaf, leaves = self.leaves[rows[0]], taken(self.leaves, rows)
        if leaves.count(leaf) < len(leaves):
            return [self.match(row).value(name) for row in rows]
        place = leaf.places.get(name)
        if place is None:
            return [None] * len(rows)
        if place.stop - place.start > 1:
            return [self.match(row).value(name) for row in rows]
        at, convert = place.start, leaf.plan[place.start][1]
        raw = [values[at] for values in taken(self.values, rows)]
        return [None if value is None else convert(value) for value in raw]


def taken(column: list[T], rows: Rows) -> list[T]:
    """Some rows of a column."""
    return column[rows.start : rows.stop] if isinstance(rows, range) else [column[row] for row in rows]


def in_short(rows: Rows) -> Rows:
    """Rows as a range where they are one."""
    whole = range(rows[0], rows[-1] + 1) if rows else range(0)
    return whole if len(whole) == len(rows) else rows


class Records(Sequence[Match]):
    """Records in an order, those of one scan or of several; a slice of them is records, too.

    Args:
        parts: columns, and which rows of them, at least one.
    """

    __slots__ = ("parts",)

    def __init__(self, parts: Iterable[tuple[Columns, Rows]] = ()) -> None:
        self.parts = list(parts)

    @classmethod
    def of(cls, matches: Iterable[Match]) -> Self:
        """Matches as records."""
        matches = list(matches)
        ranks = {row: match.rank for row, match in enumerate(matches) if match.rank is not None}
        columns = Columns(
            [match.line for match in matches],
            [match.leaf for match in matches],
            [match.values for match in matches],
            ranks,
        )
        return cls([(columns, range(len(matches)))] if matches else ())

    def __len__(self) -> int:
        return sum(len(rows) for _, rows in self.parts)

    def __iter__(self) -> Iterator[Match]:
        return (columns.match(row) for columns, rows in self.parts for row in rows)

    @overload
    def __getitem__(self, which: int) -> Match: ...
    @overload
    def __getitem__(self, which: slice) -> "Records": ...
    def __getitem__(self, which: int | slice) -> "Match | Records":
        if isinstance(which, slice):
            start, stop, _ = which.indices(len(self))
            return Records(self.between(start, stop))
        if which == -1 and self.parts:
            columns, rows = self.parts[-1]
            return columns.match(rows[-1])
        place = which + len(self) if which < 0 else which
        for columns, rows in self.parts:
            if place < len(rows):
                return columns.match(rows[place])
            place -= len(rows)
        raise IndexError(which)

    def between(self, start: int, stop: int) -> Iterator[tuple[Columns, Rows]]:
        """The parts of what stands from one place to another."""
        for columns, rows in self.parts:
            if stop <= 0:
                break
            if max(start, 0) < min(stop, len(rows)):
                yield columns, rows[max(start, 0) : stop]
            start, stop = start - len(rows), stop - len(rows)

    def append(self, match: Match) -> None:
        """Take one in."""
        if match.place is None:
            self.extend(Records.of([match]))
        else:
            columns, row = match.place
            self.join(columns, range(row, row + 1))

    def extend(self, others: "Records") -> None:
        """Take others in."""
        for columns, rows in others.parts:
            self.join(columns, rows)

    def and_then(self, others: "Records") -> "Records":
        """These and others."""
        return Records([*self.parts, *others.parts])

    def join(self, columns: Columns, rows: Rows) -> None:
        """Take some rows in; where they go on the last ones, they are one part with them."""
        if self.parts:
            own, last = self.parts[-1]
            if (
                own is columns
                and isinstance(last, range)
                and isinstance(rows, range)
                and last.stop == rows.start
            ):
                self.parts[-1] = columns, range(last.start, rows.stop)
                return
        self.parts.append((columns, rows))

    def all(self, column: Callable[[Columns], list[T]]) -> list[T]:
        """A column of all of them."""
        if len(self.parts) == 1:
            ((columns, rows),) = self.parts
            return taken(column(columns), rows)
        return [value for columns, rows in self.parts for value in taken(column(columns), rows)]

    @property
    def lines(self) -> list[int]:
        """Their line numbers."""
        return self.all(lambda columns: columns.lines)

    @property
    def forms(self) -> list[Form]:
        """Their forms."""
        return self.all(lambda columns: columns.forms)

    def written(self) -> bytes:
        """All of them as run_id takes them in."""
        return b"".join(columns.written(rows) for columns, rows in self.parts)

    def raw(self, name: str) -> list[bytes]:
        """The raw values of one field, where it is there."""
        return [value for columns, rows in self.parts for value in columns.raw(rows, name)]

    def extremes(self, name: str) -> list[bytes]:
        """The least and the greatest of these, or nothing where it is nowhere."""
        values = [value for columns, rows in self.parts for value in columns.extremes(rows, name)]
        return [min(values), max(values)] if values else []

    @property
    def kinds(self) -> list[str]:
        """Their kinds."""
        return self.all(lambda columns: columns.kinds)

    @property
    def ranks(self) -> list[int | None]:
        """The rank that a prefix named, of each."""
        if not self.have_ranks:
            return [None] * len(self)
        return [columns.ranks.get(row) for columns, rows in self.parts for row in rows]

    @property
    def have_ranks(self) -> bool:
        """Whether a prefix may have named one."""
        return any(columns.ranks for columns, _ in self.parts)

    def column(self, name: str) -> list[Any]:
        """The typed values of one field, None where it is not there."""
        return self.table(name)[0]

    def table(self, *names: str) -> list[list[Any]]:
        """The same of several fields, which costs little more than one."""
        if len(self.parts) == 1:
            ((columns, rows),) = self.parts
            return columns.table(rows, names)
        found: list[list[Any]] = [[] for _ in names]
        for columns, rows in self.parts:
            for values, some in zip(found, columns.table(rows, names), strict=True):
                values.extend(some)
        return found

    def where(self, kinds: Collection[str]) -> "Records":
        """Those of some kinds."""
        found: list[tuple[Columns, Rows]] = []
        for columns, rows in self.parts:
            of = taken(columns.kinds, rows)
            if some := [row for row, kind in zip(rows, of, strict=True) if kind in kinds]:
                found.append((columns, in_short(some)))
        return Records(found)

    def of_kinds(self, kinds: Kinds) -> "Records":
        """The same for kinds that are asked for of each run, which costs less."""
        found: list[tuple[Columns, Rows]] = []
        for columns, rows in self.parts:
            if not isinstance(rows, range):
                return self.where(kinds)
            every = columns.rows_of(kinds)
            if some := every[bisect_left(every, rows.start) : bisect_left(every, rows.stop)]:
                found.append((columns, in_short(some)))
        return Records(found)

    def forms_of(self, kinds: Kinds) -> tuple[list[int], list[Form]]:
        """Line numbers and forms of those of kinds that are asked for of each run."""
        if len(self.parts) == 1 and isinstance(rows := self.parts[0][1], range):
            return self.parts[0][0].forms_of(kinds, rows)
        found = self.of_kinds(kinds)
        return found.lines, found.forms

    def split(self, test: Callable[[Form, int], bool]) -> "tuple[Records, Records]":
        """Those for whose form and line something holds, and the others."""
        parts: tuple[Records, Records] = Records(), Records()
        for columns, rows in self.parts:
            mine: list[int] = []
            others: list[int] = []
            for row in rows:
                (mine if test(columns.forms[row], columns.lines[row]) else others).append(row)
            for found, some in zip(parts, (mine, others), strict=True):
                if some:
                    found.join(columns, some)
        return parts

    def last(self, kind: str) -> Match | None:
        """The last of a kind, at a cost of what comes behind it."""
        for columns, rows in reversed(self.parts):
            for row in reversed(rows):
                if columns.kinds[row] == kind:
                    return columns.match(row)
        return None

    def cut(self, kinds: Collection[str], count: int) -> "Records":
        """Take away the last so many of some kinds and all behind the first of these; returns what it took away."""
        parts: list[tuple[Columns, Rows]] = []
        while count and self.parts:
            columns, rows = self.parts.pop()
            start = len(rows)
            while start and count:
                start -= 1
                count -= columns.kinds[rows[start]] in kinds
            if start:
                self.parts.append((columns, rows[:start]))
            parts.append((columns, rows[start:]))
        return Records(reversed(parts))

    def by_line(self) -> "Records":
        """The same in the order of their lines."""
        lines = self.lines
        if lines == sorted(lines):
            return self
        places = [(columns, row) for columns, rows in self.parts for row in rows]
        found = Records()
        for at in sorted(range(len(lines)), key=lines.__getitem__):
            columns, row = places[at]
            found.join(columns, range(row, row + 1))
        return found
