"""Records: the lines and blocks that scanning recognised, as columns; a `Match` is a view of one of them."""

import functools
import itertools
import weakref
from array import array
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, MutableSequence, Sequence
from typing import Any, ClassVar, NamedTuple, Self, TypeVar, overload

from logreport.grammar.lowering.pattern import Leaf
from logreport.grammar.scanning.forms import FORMS, Form, Values
from logreport.spool import MANY, LongList, Stored, few_or_many

T = TypeVar("T")
Rows = Sequence[int]  # a range, or the numbers one by one
Kinds = tuple[str, ...] | frozenset[str]
IN_MEMORY = 4  # scans of a source whose columns are held, each of a chunk: some megabytes


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

    Those of a long source wait in a file while others are looked at (`Shelf`), and come back by themselves.

    Args:
        lines: the line number of each.
        leaves: its path through the grammar.
        values: its raw values.
        ranks: the rank that a prefix named, by row, where one did.
    """

    PARTS: ClassVar[tuple[str, ...]] = ("at", "numbers", "values")  # what waits in the file
    STAYS: ClassVar[tuple[str, ...]] = ("leaves_there", "ranks", "shelf", "stored")
    shelf: "Shelf | None" = None
    at: Any  # the line number of each
    stored: Stored[dict[str, Any]] | None = None

    def __init__(
        self,
        lines: list[int],
        leaves: list[Leaf],
        values: list[Values],
        ranks: dict[int, int] | None = None,
    ) -> None:
        self.at, self.leaves, self.values, self.ranks = lines, leaves, values, ranks or {}

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - one of the parts
        """A part that is not there waits in the file."""
        if self.stored is None or self.shelf is None or name not in self.PARTS:
            raise AttributeError(name)
        parts = self.stored.value()
        vars(self).update(parts)
        self.shelf.take(self)
        return parts[name]

    def put_away(self) -> None:
        """Hold nothing that the file has, or that can be made of it."""
        if self.stored is None and self.leaves_there:
            self.stored = Stored(self.in_parts())
        for name in vars(self).keys() - {*self.STAYS}:
            del vars(self)[name]

    @functools.cached_property
    def leaves_there(self) -> list[Leaf]:
        """The leaves that there are, each once."""
        return list({id(leaf): leaf for leaf in self.leaves}.values())

    def in_parts(self) -> dict[str, Any]:
        """All that the rest can be made of, by the names of the parts; leaves by their numbers, as each is there once."""
        number_of = {id(leaf): number for number, leaf in enumerate(self.leaves_there)}
        numbers = array("i", [number_of[id(leaf)] for leaf in self.leaves])
        return {"at": self.at, "numbers": numbers, "values": self.values}

    @functools.cached_property
    def lines(self) -> list[int]:
        """The line number of each."""
        lines: list[int] = self.at
        return lines

    @functools.cached_property
    def leaves(self) -> list[Leaf]:
        """The path of each through the grammar."""
        return list(map(self.leaves_there.__getitem__, self.numbers))

    def lacks(self, holds: Callable[[Leaf], bool]) -> bool:
        """Whether they were put away, and none is of a leaf for which something holds: then they can stay there."""
        return self.stored is not None and not any(map(holds, self.leaves_there))

    @functools.cached_property
    def known_rows(self) -> dict[Kinds, list[int]]:
        """The rows of some kinds that were asked for."""
        return {}

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

    def rows_of(self, kinds: Kinds) -> list[int]:
        """The rows of some kinds, looked up once for all runs whose lines were scanned together."""
        if kinds not in self.known_rows:
            self.known_rows[kinds] = self.all_rows_of(kinds)
        return self.known_rows[kinds]

    @functools.cached_property
    def known_forms(self) -> dict[Kinds, tuple[list[int], list[int], list[Form]]]:
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

    @property
    def all_values(self) -> list[Values]:
        """The raw values of each."""
        return self.values

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


class Shelf:
    """Where the columns of one source stand: the newest few as they are, the others put away."""

    def __init__(self) -> None:
        self.held: deque[weakref.ref[Columns]] = deque()

    def take(self, columns: Columns) -> None:
        """Take columns in, as long as they are held elsewhere."""
        columns.shelf, one = self, weakref.ref(columns)
        if one in self.held:
            return
        self.held.append(one)
        if len(self.held) > IN_MEMORY and (oldest := self.held.popleft()()) is not None:
            oldest.put_away()


def taken(column: list[T], rows: Rows) -> list[T]:
    """Some rows of a column."""
    return column[rows.start : rows.stop] if isinstance(rows, range) else list(map(column.__getitem__, rows))


def together(lists: Iterable[list[T]]) -> MutableSequence[T]:
    """Lists as one."""
    return few_or_many(itertools.chain.from_iterable(lists))


def in_short(rows: Rows) -> Rows:
    """Rows as a range where they are one."""
    whole = range(rows[0], rows[-1] + 1) if rows else range(0)
    return whole if len(whole) == len(rows) else array("i", rows)


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

    def __bool__(self) -> bool:
        return bool(self.parts)

    def __len__(self) -> int:
        return sum([len(rows) for _, rows in self.parts])

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

    def all(self, column: Callable[[Columns], list[T]]) -> MutableSequence[T]:
        """A column of all of them."""
        if len(self.parts) == 1:
            ((columns, rows),) = self.parts
            return few_or_many(taken(column(columns), rows))
        return together(self.each(column))

    @property
    def lines(self) -> MutableSequence[int]:
        """Their line numbers."""
        return self.all(lambda columns: columns.lines)

    @property
    def first_kind(self) -> str:
        """The kind of the first of them."""
        columns, rows = self.parts[0]
        return columns.kinds[rows[0]]

    def each(self, column: Callable[[Columns], list[T]]) -> Iterator[list[T]]:
        """A column part by part, for who looks at all of many records."""
        return (taken(column(columns), rows) for columns, rows in self.parts)

    @property
    def ends(self) -> tuple[int, int] | None:
        """Their least and their greatest line number."""
        ends = [(min(lines), max(lines)) for lines in self.each(lambda columns: columns.lines)]
        return (min(first for first, _ in ends), max(last for _, last in ends)) if ends else None

    def before(self, line: int) -> "Records":
        """Those before a line, where they are in the order of their lines."""
        ends = self.ends
        return self if ends is None or ends[1] < line else self[: bisect_left(self.lines, line)]

    @property
    def forms(self) -> list[Form]:
        """Their forms."""
        return list(itertools.chain.from_iterable(self.each(lambda columns: columns.forms)))

    def written(self) -> Iterator[bytes]:
        """All of them as run_id takes them in, part by part."""
        return (columns.written(rows) for columns, rows in self.parts)

    def raw(self, name: str) -> list[bytes]:
        """The raw values of one field, where it is there."""
        return [value for columns, rows in self.with_field(name) for value in columns.raw(rows, name)]

    def extremes(self, name: str) -> list[bytes]:
        """The least and the greatest of these, or nothing where it is nowhere."""
        values = [value for columns, rows in self.with_field(name) for value in columns.extremes(rows, name)]
        return [min(values), max(values)] if values else []

    def with_field(self, name: str) -> Iterator[tuple[Columns, Rows]]:
        """The parts in which a field may be."""
        return (part for part in self.parts if not part[0].lacks(lambda leaf: name in leaf.places))

    @property
    def kinds(self) -> MutableSequence[str]:
        """Their kinds."""
        return self.all(lambda columns: columns.kinds)

    @property
    def ranks(self) -> MutableSequence[int | None]:
        """The rank that a prefix named, of each."""
        return together(
            list(map(columns.ranks.get, rows)) if columns.ranks else [None] * len(rows)
            for columns, rows in self.parts
        )

    @property
    def have_ranks(self) -> bool:
        """Whether a prefix may have named one."""
        return any(columns.ranks for columns, _ in self.parts)

    def column(self, name: str) -> MutableSequence[Any]:
        """The typed values of one field, None where it is not there."""
        return self.table(name)[0]

    def table(self, *names: str) -> list[MutableSequence[Any]]:
        """The same of several fields, which costs little more than one."""
        if len(self.parts) == 1:
            ((columns, rows),) = self.parts
            return list(columns.table(rows, names))
        found: list[MutableSequence[Any]] = [[] if len(self) < MANY else LongList() for _ in names]
        for columns, rows in self.parts:
            lacks = columns.lacks(lambda leaf: not leaf.places.keys().isdisjoint(names))
            table = [[None] * len(rows)] * len(names) if lacks else columns.table(rows, names)
            for values, some in zip(found, table, strict=True):
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
            if columns.lacks(lambda leaf: leaf.kind in kinds):
                continue
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
        return list(found.lines), list(found.forms)

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
            if columns.lacks(lambda leaf: leaf.kind == kind):
                continue
            for row in reversed(rows):
                if columns.kinds[row] == kind:
                    return columns.match(row)
        return None

    def behind(self, kinds: Collection[str]) -> "Records":
        """What stands behind the last of some kinds; all where there is none."""
        stop = len(self)
        for columns, rows in reversed(self.parts):
            of = taken(columns.kinds, rows)
            for place in range(len(rows) - 1, -1, -1):
                if of[place] in kinds:
                    return self[stop - len(rows) + place + 1 :]
            stop -= len(rows)
        return self

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
        last = 0
        for lines in self.each(lambda columns: columns.lines):
            if lines[0] < last or lines != sorted(lines):
                break
            last = lines[-1]
        else:
            return self
        every = list(self.lines)
        places = [(columns, row) for columns, rows in self.parts for row in rows]
        found = Records()
        for at in sorted(range(len(every)), key=every.__getitem__):
            columns, row = places[at]
            found.join(columns, range(row, row + 1))
        return found
