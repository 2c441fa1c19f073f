"""Records from the places that the machine found: forms are numbered, and lines written, where the text is."""

import ctypes
import functools
import threading
import weakref
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np

from logreport.grammar.lowering.pattern import Leaf
from logreport.grammar.lowering.values import CONVERT
from logreport.grammar.native.columns import Numbers, column
from logreport.grammar.native.library import Found, Int32Array, Int64Array, Machine
from logreport.grammar.scanning.forms import FORMS, MOST, Form, Values, filled
from logreport.grammar.scanning.records import Columns, Kinds, Rows

Flags = np.ndarray[Any, np.dtype[np.bool_]]
Bytes = np.ndarray[Any, np.dtype[np.uint8]]
ROOM = 1 << 16  # bytes of lines that are written at once
MANY = 8  # one of so many costs as much as all of them together
OPENED = 1000  # leaves of objects that it knows; more of them belong to lines of which no two are alike


class Placer:
    """Makes records of what a machine finds; it knows the leaves of the grammar, and the forms that have numbers.

    Args:
        machine: whose matches they are.
        leaves: the paths of the grammar, as it counts them.
    """

    def __init__(self, machine: Machine, leaves: tuple[Leaf, ...]) -> None:
        self.machine, self.library = machine, machine.library
        self.masks: dict[tuple[Kinds, int], Flags] = {}
        self.numbered = self.library.forms_new()
        if not self.numbered:
            raise MemoryError
        weakref.finalize(self, self.library.forms_free, self.numbered)
        self.forms: list[Form] = []  # by their numbers
        self.lock = threading.Lock()  # a number is given before its form is there, and there is one room
        self.room = np.empty(ROOM, np.uint8)
        self.room_at = self.room.ctypes.data
        self.leaves: list[Leaf] = []
        self.number_of: dict[int, int] = {}  # of a leaf, by its id
        self.first_slot = self.labels = np.zeros(1, np.int32)
        self.varies = self.is_open = self.letters = self.is_text = np.empty(0, np.uint8)
        self.take(leaves)
        self.most = len(leaves) + OPENED

    @property
    def has_room(self) -> bool:
        """Whether it may take more leaves: each scan costs something for each of them."""
        return len(self.leaves) < self.most

    def take(self, leaves: Iterable[Leaf]) -> None:
        """Leaves that it may not know yet."""
        with self.lock:
            new = list({id(leaf): leaf for leaf in leaves if id(leaf) not in self.number_of}.values())
            if not new:
                return
            plans = [range(len(leaf.plan)) for leaf in new]
            labels = [
                part for leaf in new for part in (leaf.kind.encode(), *(label for label, _ in leaf.labels))
            ]
            self.first_slot = ends(self.first_slot, map(len, plans))
            self.labels = ends(self.labels, map(len, labels))
            self.letters = more(self.letters, b"".join(labels))
            self.varies = more(
                self.varies, (i in leaf.timed for leaf, plan in zip(new, plans, strict=True) for i in plan)
            )
            self.is_open = more(self.is_open, (leaf.is_measured for leaf in new))
            self.is_text = more(self.is_text, (is_text for leaf in new for _, is_text in leaf.labels))
            # Where these are: to ask numpy takes as long as to write a short run.
            self.writing = tuple(array.ctypes.data for array in (self.letters, self.labels, self.is_text))
            self.numbering = self.varies.ctypes.data, self.is_open.ctypes.data
            self.slots_at = self.first_slot.ctypes.data
            self.number_of |= {id(leaf): number for number, leaf in enumerate(new, len(self.leaves))}
            self.leaves += new

    def of_kinds(self, kinds: Kinds) -> Flags:
        """Whether each leaf is of some kinds."""
        asked = kinds, len(self.leaves)
        if asked not in self.masks:
            self.masks[asked] = np.array([leaf.kind in kinds for leaf in self.leaves], np.bool_)
        return self.masks[asked]

    def columns(self, found: Found, rows: Int64Array, lines: Int64Array) -> "Placed":
        """Some matches, of which the line numbers are given, as columns."""
        return Placed(self, found, rows, lines)

    def forms_of(self, found: Found, rows: Int64Array) -> list[Form]:
        """The forms of some matches."""
        numbers, fresh = np.empty(len(rows), np.int32), np.empty(len(rows), np.int64)
        with self.lock:
            if self.library.forms_size(self.numbered) > MOST:
                self.library.forms_forget(self.numbered)
                self.forms = []
            count = self.library.forms_number(
                self.numbered, self.slots_at, found.pointer, found.text, rows.ctypes.data, len(rows),
                *self.numbering, numbers.ctypes.data, fresh.ctypes.data,
            )  # fmt: skip
            if count < 0:
                raise MemoryError
            new = rows[fresh[:count]]
            for leaf, values in zip(found.leaf[new].tolist(), found.values(new), strict=True):
                self.forms.append(FORMS.of(self.leaves[leaf], values)[0])
            return list(map(self.forms.__getitem__, numbers.tolist()))

    def written(self, found: Found, rows: Int64Array) -> bytes:
        """Some matches as run_id takes them in; those that the library leaves are written here."""
        parts, size, rows_at = [], ctypes.c_int64(), rows.ctypes.data
        done = 0
        while done < len(rows):
            with self.lock:
                count = self.library.write_lines(
                    self.slots_at, found.pointer, found.text, rows_at + done * rows.itemsize, len(rows) - done,
                    *self.writing, self.room_at, ROOM, ctypes.byref(size),
                )  # fmt: skip
                parts.append(self.room[: size.value].tobytes())
            if not count:
                row = int(rows[done])
                parts.append(filled(self.leaves[found.leaf[row]], found.values_at(row)))
            done += count or 1
        return b"".join(parts)


class Placed(Columns):
    """What one scan recognised, as the places where the machine found it; values are made when they are asked for.

    Args:
        placer: of the machine.
        found: its matches.
        rows: those of them that are records.
        at: the line number of each.
    """

    PARTS: ClassVar[tuple[str, ...]] = ("found", "rows", "at")
    STAYS: ClassVar[tuple[str, ...]] = (*Columns.STAYS, "placer", "asked")

    def __init__(self, placer: Placer, found: Found, rows: Int64Array, at: Int64Array) -> None:
        self.placer, self.found, self.rows, self.at, self.ranks, self.asked = placer, found, rows, at, {}, 0

    def in_parts(self) -> dict[str, Any]:
        """All that the rest can be made of."""
        return {name: getattr(self, name) for name in self.PARTS}

    @functools.cached_property
    def lines(self) -> list[int]:
        """The line number of each."""
        lines: list[int] = self.at.tolist()
        return lines

    @functools.cached_property
    def numbers(self) -> Int32Array:
        """Which leaf each is of."""
        return self.found.leaf[self.rows]

    @functools.cached_property
    def leaves(self) -> list[Leaf]:
        """The path of each through the grammar."""
        return list(map(self.placer.leaves.__getitem__, self.numbers.tolist()))

    @functools.cached_property
    def leaves_there(self) -> list[Leaf]:
        """The leaves that there are, each once."""
        return [self.placer.leaves[number] for number in np.unique(self.numbers)]

    @functools.cached_property
    def kinds(self) -> list[str]:
        """The kind of each."""
        return [leaf.kind for leaf in self.leaves]

    @functools.cached_property
    def columns(self) -> dict[tuple[int, str], list[Any]]:
        """Fields of leaves that were asked for."""
        return {}

    @functools.cached_property
    def places(self) -> dict[str, tuple[Int64Array, list[int], Int64Array, int]]:
        """Where fields that were asked for stand: rows, also as a list, captures, and where in memory these are."""
        return {}

    @functools.cached_property
    def forms(self) -> list[Form]:
        """The form of each."""
        return self.placer.forms_of(self.found, self.rows)

    def all_rows_of(self, kinds: Kinds) -> list[int]:
        """The rows of some kinds, looked up."""
        found: list[int] = np.flatnonzero(self.placer.of_kinds(kinds)[self.numbers]).tolist()
        return found

    @functools.cached_property
    def all_values(self) -> list[Values]:
        """The raw values of each, made at once."""
        return list(self.found.values(self.rows))

    def values_of(self, row: int) -> Values:
        """The raw values of one; where many are asked for one by one, those of all cost less."""
        self.asked += 1
        if self.asked * MANY > len(self.rows):
            return self.all_values[row]
        return self.found.values_at(int(self.rows[row]))

    def written(self, rows: Rows) -> bytes:
        """Some of them as run_id takes them in."""
        return self.placer.written(self.found, np.ascontiguousarray(self.rows[index_of(rows)]))

    def raw(self, rows: Rows, name: str) -> list[bytes]:
        """The raw values of one field of some of them, where it is there."""
        text, captures = self.found.text, self.found.captures.reshape(-1, 2)
        places = captures[self.places_of(rows, name)[0]].tolist()
        return [text[begin:end] for begin, end in places if begin >= 0]

    def extremes(self, rows: Rows, name: str) -> list[bytes]:
        """The least and the greatest of these."""
        # As long as it is held here, its arrays stay where they are.
        (places, at), ends, found = self.places_of(rows, name), (ctypes.c_int64 * 2)(), self.found
        self.placer.library.least_and_greatest(
            found.text, found.captures_at, at, len(places), ctypes.byref(ends)
        )
        cuts = [found.captures[2 * end : 2 * end + 2].tolist() for end in ends if end >= 0]
        return [found.text[begin:end] for begin, end in cuts]

    def places_of(self, rows: Rows, name: str) -> tuple[Int64Array, int]:
        """Which captures hold a field of some of them, and where in memory that stands."""
        if name not in self.places:
            of, places = self.all_places(name)
            self.places[name] = of, of.tolist(), places, places.ctypes.data
        of, listed, places, at = self.places[name]
        if isinstance(rows, range):
            start, stop = bisect_left(listed, rows.start), bisect_left(listed, rows.stop)
            return places[start:stop], at + start * places.itemsize
        some = np.ascontiguousarray(places[np.isin(of, rows)])
        return some, some.ctypes.data

    def all_places(self, name: str) -> tuple[Int64Array, Int64Array]:
        """Which captures hold a field, and of which row each is, in order."""
        slots = [leaf.places.get(name, slice(0)) for leaf in self.placer.leaves]
        first = np.array([slot.start or 0 for slot in slots])[self.numbers]
        count = np.array([slot.stop - (slot.start or 0) for slot in slots])[self.numbers]
        of = np.repeat(np.arange(len(self.rows)), count)
        within = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
        return of, (self.found.first_capture[self.rows] + first)[of] + within

    @functools.cached_property
    def order(self) -> tuple[Int64Array, list[int], list[int]]:
        """The rows leaf by leaf, where those of each leaf begin, and the place of each row among those of its leaf."""
        rows = np.argsort(self.numbers, kind="stable")
        firsts = np.searchsorted(self.numbers[rows], np.arange(len(self.placer.leaves) + 1))
        place = np.empty(len(rows), np.int64)
        place[rows] = np.arange(len(rows)) - firsts[self.numbers[rows]]
        return rows, firsts.tolist(), place.tolist()

    def table(self, rows: Rows, names: Sequence[str]) -> list[list[Any]]:
        """The typed values of some fields of some of them, None where one is not there."""
        numbers, place = self.numbers[index_of(rows)].tolist(), self.order[2]
        several = set(numbers)
        if len(several) == 1 and isinstance(rows, range):
            first = place[rows.start]
            return [self.of_leaf(numbers[0], name)[first : first + len(rows)] for name in names]
        found = []
        for name in names:
            values = {number: self.of_leaf(number, name) for number in several}
            found.append([values[number][place[row]] for number, row in zip(numbers, rows, strict=True)])
        return found

    def of_leaf(self, number: int, name: str) -> list[Any]:
        """One field of all that are of one leaf, worked out once."""
        if (number, name) not in self.columns:
            self.columns[number, name] = self.values_of_leaf(number, name)
        return self.columns[number, name]

    def values_of_leaf(self, number: int, name: str) -> list[Any]:
        """The same, worked out."""
        order, firsts, _ = self.order
        leaf, rows = self.placer.leaves[number], self.rows[order[firsts[number] : firsts[number + 1]]]
        if name not in leaf.places:
            return [None] * len(rows)
        found = column(self.placer.machine, self.found, leaf, rows, name)
        if isinstance(found, Numbers):
            values: list[Any] = found.values.tolist()
            for i in np.flatnonzero(~found.there).tolist():
                values[i] = None
            return values
        convert, text = CONVERT[leaf.dtype_of(name)], self.found.text
        places = zip(found.begin.tolist(), found.end.tolist(), strict=True)
        return [None if begin < 0 else convert(text[begin:end]) for begin, end in places]


def ends(known: Int32Array, lengths: Iterable[int]) -> Int32Array:
    """Where things of some lengths end that follow others."""
    return np.append(known, known[-1] + np.cumsum([*lengths], dtype=np.int32))


def more(known: Bytes, values: Iterable[int]) -> Bytes:
    """Bytes, and behind them others."""
    return np.append(known, np.frombuffer(bytes(values), np.uint8))


def index_of(rows: Rows) -> Any:  # noqa: ANN401 - an index of numpy's
    """Rows as numpy takes them."""
    return slice(rows.start, rows.stop) if isinstance(rows, range) else rows
