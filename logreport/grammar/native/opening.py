"""Objects in the matches that the machine found: their fields become places in the text, like those of any other match."""

import dataclasses
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from logreport.grammar.lowering.pattern import Leaf
from logreport.grammar.native.library import Found, Int32Array, Int64Array
from logreport.grammar.native.records import Placed
from logreport.grammar.scanning.objects import TO_ZERO, Object, Objects, Opened, may_be_known
from logreport.grammar.scanning.records import Columns

Place = tuple[int, int]


class Part(NamedTuple):
    """Some matches that are of one leaf now, and for each of them the places of its values."""

    matches: Int64Array
    leaf: Leaf
    places: Int32Array


class Opener:
    """Opens the objects in what the machine found in a text.

    Args:
        objects: says what objects hold.
        found: the matches.
    """

    def __init__(self, objects: Objects, found: Found) -> None:
        self.objects, self.found = objects, found
        self.zeroed = found.text.translate(TO_ZERO)
        self.more = bytearray()  # what the text is longer by
        self.bad: list[int] = []

    def parts(self, leaf: Leaf, held: Object, matches: Int64Array) -> Iterator[Part]:
        """The matches of one leaf, those at once that differ in the digits of numbers alone."""
        first = self.found.first_capture[matches, None]
        places = self.found.captures.reshape(-1, 2)[first + np.arange(len(leaf.plan))]
        around = np.delete(places, held.place, axis=1)
        within = first_there(places[:, held.place])
        alike: dict[bytes, list[int]] = {}
        for i, (begin, end) in enumerate(within.tolist()):
            alike.setdefault(self.zeroed[begin:end], []).append(i)
        single: list[int] = []
        for text, some in alike.items():
            known = self.known(leaf, held, text, int(matches[some[0]]))
            if known is None:
                single += some
                continue
            at = np.array([(place.start, place.stop) for place in known[1]], np.int32).reshape(-1, 2)
            inside = within[some, :1, None] + at
            yield Part(matches[some], known[0], np.concatenate([around[some], inside], axis=1))
        yield from self.one_by_one(leaf, held, matches[single], around[single])

    def known(self, leaf: Leaf, held: Object, text: bytes, match: int) -> tuple[Leaf, list[slice]] | None:
        """Where the values stand in a text as this one, whatever the digits of its numbers; learnt from a match that has it."""
        key = id(leaf), text
        if key not in self.objects.known and may_be_known(text):
            self.objects.open(leaf, self.found.values_at(match), held)
        return self.objects.known.get(key)

    def one_by_one(self, leaf: Leaf, held: Object, matches: Int64Array, around: Int32Array) -> Iterator[Part]:
        """Matches of one leaf, of which each is opened by itself; `around` are the places of their other values."""
        opened: dict[int, tuple[Leaf, list[int], list[list[Place]]]] = {}
        for i, values in enumerate(self.found.values(matches)):
            if (one := self.objects.open(leaf, values, held)) is None:
                self.bad.append(int(matches[i]))
                continue
            made, opened_values = one
            _, rows, places = opened.setdefault(id(made), (made, [], []))
            rows.append(i)
            places.append([*around[i].tolist(), *map(self.beside, opened_values[around.shape[1] :])])
        for made, rows, places in opened.values():
            yield Part(matches[rows], made, np.array(places, np.int32).reshape(len(rows), -1, 2))

    def beside(self, value: bytes | None) -> Place:
        """The place of a value that may not be in the text as it is: behind it."""
        if value is None:
            return -1, -1
        begin = len(self.found.text) + len(self.more)
        self.more += value
        return begin, begin + len(value)


def opened_in_place(objects: Objects, columns: Columns) -> Opened:
    """Records with the fields of the objects in them; line by line where the machine did not find them, or may take no more leaves."""
    if not isinstance(columns, Placed) or not columns.placer.has_room:
        return objects.opened_by_line(columns)
    placed, placer, found = columns, columns.placer, columns.found
    opener = Opener(objects, found)
    parts: list[Part] = []
    for number in np.unique(placed.numbers).tolist():
        leaf = placer.leaves[number]
        if (held := objects.by_leaf.get(id(leaf))) is not None:
            parts += opener.parts(leaf, held, placed.rows[placed.numbers == number])
    if not parts and not opener.bad:
        return Opened(placed, frozenset())
    placer.take(part.leaf for part in parts)
    leaf_numbers, first_capture, end = found.leaf.copy(), found.first_capture.copy(), len(found.captures) // 2
    for part in parts:
        count, slots, _ = part.places.shape
        leaf_numbers[part.matches] = placer.number_of[id(part.leaf)]
        first_capture[part.matches] = end + slots * np.arange(count)
        end += count * slots
    opened = dataclasses.replace(
        found,
        text=found.text + opener.more,
        leaf=leaf_numbers,
        first_capture=first_capture,
        captures=np.concatenate([found.captures, *(part.places.ravel() for part in parts)]),
        slots=np.diff(placer.first_slot),
    )
    bad = np.flatnonzero(np.isin(placed.rows, opener.bad)).tolist() if opener.bad else ()
    return Opened(placer.columns(opened, placed.rows, placed.at), frozenset(bad))


def first_there(places: Int32Array) -> Int32Array:
    """Of several places the first that is there, line by line; an empty one where none is."""
    found = np.zeros((len(places), 2), np.int32)
    for slot in range(places.shape[1] - 1, -1, -1):
        found = np.where(places[:, slot, :1] >= 0, places[:, slot], found)
    return found
