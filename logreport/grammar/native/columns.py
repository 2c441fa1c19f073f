"""Typed columns from the places that the machine found: numbers as arrays, texts as their places."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from logreport.grammar.lowering.pattern import Leaf
from logreport.grammar.lowering.values import CONVERT
from logreport.grammar.native.library import Found, Int32Array, Int64Array, Machine

Flags = np.ndarray[Any, np.dtype[np.uint8]]
HARD = 2  # a number that Python must read


class Numbers(NamedTuple):
    """A field of numbers: int64 or float64, and where there is one; the others are 0."""

    values: np.ndarray[Any, np.dtype[Any]]
    there: np.ndarray[Any, np.dtype[np.bool_]]


class Places(NamedTuple):
    """A field of texts, as the places in the text where each begins and ends; -1 where there is none."""

    begin: Int32Array
    end: Int32Array


@dataclass(frozen=True)
class Table:
    """What one kind says: its matches in the order of the text, by their numbers, and its fields."""

    rows: Int64Array
    fields: dict[str, Numbers | Places]


def tables(machine: Machine, found: Found, leaves: Sequence[Leaf]) -> dict[str, Table]:
    """The columns of each kind that was found and has fields.

    Args:
        machine: whose matches they are.
        found: the matches.
        leaves: the paths of the grammar, as `found.leaf` counts them.
    """
    first = np.empty(len(leaves) + 1, np.int64)
    rows = np.empty(len(found.leaf), np.int64)
    machine.library.rows_of_leaves(
        found.leaf.ctypes.data, len(found.leaf), len(leaves), first.ctypes.data, rows.ctypes.data
    )
    of_kind: dict[str, list[int]] = {}
    for number in np.flatnonzero(np.diff(first)).tolist():
        if leaves[number].fields:
            of_kind.setdefault(leaves[number].kind, []).append(number)
    made = {}
    for kind, numbers in of_kind.items():
        parts = [rows[first[number] : first[number + 1]] for number in numbers]
        order = parts[0] if len(parts) == 1 else np.sort(np.concatenate(parts))
        fields: dict[str, Numbers | Places] = {}
        for number, part in zip(numbers, parts, strict=True):
            # Where the matches of this leaf stand among those of the kind.
            at = slice(None) if len(parts) == 1 else np.searchsorted(order, part)
            for name, dtype, column in columns(machine, found, leaves[number], part):
                if len(parts) == 1:
                    fields[name] = column
                else:
                    put(fields.setdefault(name, empty(dtype, len(order))), at, column)
        made[kind] = Table(order, fields)
    return made


def columns(
    machine: Machine, found: Found, leaf: Leaf, rows: Int64Array
) -> Iterator[tuple[str, str, Numbers | Places]]:
    """Name, type and column of each field of the matches of one leaf."""
    for name, dtype, _ in leaf.fields:
        yield name, dtype, column(machine, found, leaf, rows, name)


def column(machine: Machine, found: Found, leaf: Leaf, rows: Int64Array, name: str) -> Numbers | Places:
    """One field of the matches of one leaf; of several slots the first that is there counts."""
    captures = found.captures.reshape(-1, 2)
    place = leaf.places[name]
    *others, where = (
        found.first_capture[rows].astype(np.int64) + slot for slot in range(place.start, place.stop)
    )
    for other in reversed(others):
        where = np.where(captures[other, 0] >= 0, other, where)
    dtype = leaf.dtype_of(name)
    if dtype in ("int", "float"):
        return numbers_at(machine, found, where, dtype)
    return Places(captures[where, 0], captures[where, 1])


def numbers_at(machine: Machine, found: Found, places: Int64Array, dtype: str) -> Numbers:
    """The numbers of some captures, each as the type of its field reads it."""
    values = np.empty(len(places), np.int64 if dtype == "int" else np.float64)
    there = np.empty(len(places), np.uint8)
    read = machine.library.whole_numbers if dtype == "int" else machine.library.decimal_numbers
    read(
        found.text,
        found.captures.ctypes.data,
        places.ctypes.data,
        len(places),
        values.ctypes.data,
        there.ctypes.data,
    )
    for i in np.flatnonzero(there == HARD).tolist():
        begin, end = found.captures[2 * places[i] : 2 * places[i] + 2].tolist()
        values[i] = CONVERT[dtype](found.text[begin:end])
    return Numbers(values, there != 0)


def empty(dtype: str, size: int) -> Numbers | Places:
    """A column without a value."""
    if dtype in ("int", "float"):
        return Numbers(np.zeros(size, np.int64 if dtype == "int" else np.float64), np.zeros(size, np.bool_))
    return Places(np.full(size, -1, np.int32), np.full(size, -1, np.int32))


def put(column: Numbers | Places, at: Any, part: Numbers | Places) -> None:  # noqa: ANN401 - an index of numpy's
    """Set some rows of a column."""
    for mine, its in zip(column, part, strict=True):
        mine[at] = its
