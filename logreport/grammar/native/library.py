"""The shared library of logreport/kernel, called by ctypes: given programs and texts."""

import ctypes
import functools
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from logreport.grammar.native import kernel
from logreport.grammar.native.kernel import Pointer
from logreport.grammar.native.program import AUTOMATON, BYTES, PROGRAM, Arrays

LONGEST = 1 << 30  # bytes of a text; places are numbers of 32 bits
GIVEN_UP, NO_ROOM = -2, 1
Int32Array = np.ndarray[Any, np.dtype[np.int32]]
Int64Array = np.ndarray[Any, np.dtype[np.int64]]
UInt8Array = np.ndarray[Any, np.dtype[np.uint8]]


ARRAYS = ("leaf", "first_capture", "captures", "start", "stop", "bounds")


class _Found(ctypes.Structure):
    _fields_ = [
        *((name, Pointer) for name in ARRAYS),
        *(
            (name, ctypes.c_int64)
            for name in ("room", "capture_room", "count", "capture_count", "piece", "at")
        ),
    ]


@dataclass(frozen=True)
class Found:
    """Matches in the order of the text: leaf and place, and from `first_capture` on the places of the values, -1 where one is not."""

    text: bytes
    leaf: Int32Array
    start: Int64Array  # of the newline before the first line
    stop: Int64Array  # of the newline behind the last line
    bounds: Int64Array  # how many there are before each piece, and in all
    first_capture: Int32Array
    captures: Int32Array  # begin and end of each, leaf by leaf as many as it has slots
    slots: Int32Array  # of each leaf

    @functools.cached_property
    def pointer(self) -> Any:  # noqa: ANN401 - of ctypes
        """The same as the library takes it."""
        arrays = {name: getattr(self, name).ctypes.data for name in ARRAYS}
        return ctypes.pointer(_Found(**arrays, count=len(self.leaf), capture_count=len(self.captures) // 2))

    @functools.cached_property
    def captures_at(self) -> int:
        """Where the captures are: to ask numpy takes as long as to look at those of a short run."""
        return self.captures.ctypes.data

    def __getstate__(self) -> dict[str, Any]:
        """What is written to a file: no address."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def values_at(self, row: int) -> tuple[bytes | None, ...]:
        """The raw values of one match."""
        first, text = 2 * self.first_capture.item(row), self.text
        places = self.captures[first : first + 2 * self.slots.item(self.leaf.item(row))].tolist()
        return tuple([
            None if begin < 0 else text[begin:end] for begin, end in zip(places[::2], places[1::2], strict=True)
        ])  # fmt: skip

    def values(self, rows: Int64Array | None = None) -> Iterator[tuple[bytes | None, ...]]:
        """The raw values of each match, or of some."""
        firsts = self.first_capture if rows is None else self.first_capture[rows]
        counts = self.slots[self.leaf if rows is None else self.leaf[rows]]
        ends = np.cumsum(counts)
        # Captures, one match after the other.
        wanted = np.repeat(firsts - ends + counts, counts) + np.arange(ends[-1] if len(ends) else 0)
        text, places = self.text, self.captures.reshape(-1, 2)[wanted].tolist()
        cuts = [None if begin < 0 else text[begin:end] for begin, end in places]
        return (
            tuple(cuts[end - count : end]) for end, count in zip(ends.tolist(), counts.tolist(), strict=True)
        )


class Machine:
    """A program in the library, ready to scan.

    Args:
        arrays: the program.
        filtered: whether lines that cannot match are passed over, and those that differ in digits alone matched once; "always":
            also where most lines can match.
        path: another library than the one that was installed.

    Raises:
        ValueError: where the program does not stay within its tables.
        OSError: where there is no library.
    """

    def __init__(self, arrays: Arrays, *, filtered: bool | str = True, path: Path | None = None) -> None:
        self.library = found = kernel.library(path or kernel.LIBRARY)
        self.arrays = arrays  # the library reads them where they are
        self.program, self.automaton = program_struct(arrays), automaton_struct(arrays)
        program, automaton = ctypes.byref(self.program), ctypes.byref(self.automaton)
        if fault := found.program_fault(program):
            raise ValueError(f"a damaged program: {fault}")
        if fault := found.automaton_fault(automaton, self.program.word_set_count):
            raise ValueError(f"a damaged automaton: {fault}")
        self.scanner = found.scanner_new(program, automaton if filtered else None, filtered == "always")
        if not self.scanner:
            raise MemoryError
        weakref.finalize(self, found.scanner_free, self.scanner)
        self.slots = np.diff(arrays["first_slot"])
        self.per_byte = 1 / 64  # matches, as they were so far: how much room is made
        self.per_match = 4.0  # captures

    def scan(self, text: bytes, pieces: Sequence[tuple[int, int, int]]) -> Found | None:
        """The matches of some pieces of a text; None where they are too much for the machine: too long, or its stack is full.

        Args:
            text: what holds them all.
            pieces: the places where each begins, at a newline, and ends, and before which its matches must begin.
        """
        if len(text) > LONGEST:
            return None
        places = np.array(pieces, np.int64).reshape(-1, 3)
        size = int((places[:, 1] - places[:, 0]).sum())
        room = 64 + int(size * self.per_byte)
        kept = _Room(room, 64 + int(room * self.per_match), len(pieces))
        while (outcome := self.library.scanner_scan(
            self.scanner, text, places.ctypes.data, len(pieces), ctypes.byref(kept.found)
        )) == NO_ROOM:  # fmt: skip
            kept.grow()
        if outcome == GIVEN_UP:
            return None
        count, captures = kept.found.count, kept.found.capture_count
        if count:
            self.per_byte = max(self.per_byte * 0.9, 1.1 * count / size)
            self.per_match = max(self.per_match * 0.9, 1.1 * captures / count)
        return Found(
            text,
            kept.arrays["leaf"][:count],
            kept.arrays["start"][:count],
            kept.arrays["stop"][:count],
            kept.arrays["bounds"],
            kept.arrays["first_capture"][:count],
            kept.arrays["captures"][: 2 * captures],
            self.slots,
        )

    @property
    def steps(self) -> int:
        """How much the machine did so far: instructions, and bytes that one of them passed."""
        return int(self.library.scanner_steps(self.scanner))


class PatternAutomaton:
    """An automaton of patterns in the library, ready to find them.

    Args:
        arrays: the automaton.
        count: how many patterns it is of.
        path: another library than the one that was installed.

    Raises:
        ValueError: where the automaton does not stay within its tables.
        OSError: where there is no library.
    """

    def __init__(self, arrays: Arrays, count: int, path: Path | None = None) -> None:
        self.library = found = kernel.library(path or kernel.LIBRARY)
        self.arrays = arrays  # the library reads them where they are
        self.automaton = automaton_struct(arrays)
        if fault := found.automaton_fault(ctypes.byref(self.automaton), count - 1):
            raise ValueError(f"a damaged automaton: {fault}")
        self.filter = found.filter_new(ctypes.byref(self.automaton), count - 1, True)  # noqa: FBT003 - a function of C
        if not self.filter:
            raise MemoryError
        weakref.finalize(self, found.filter_free, self.filter)

    def find(self, text: bytes) -> UInt8Array:
        """For each line of a text, each with a newline before it, bit n where pattern n may be found."""
        found = np.empty(text.count(b"\n"), np.uint8)
        self.library.filter_find(self.filter, text, len(text), found.ctypes.data)
        return found


class _Room:
    """Arrays for what is found, which can grow."""

    def __init__(self, matches: int, captures: int, pieces: int) -> None:
        self.arrays: Arrays = {
            "leaf": np.empty(matches, np.int32),
            "start": np.empty(matches, np.int64),
            "stop": np.empty(matches, np.int64),
            "first_capture": np.empty(matches, np.int32),
            "captures": np.empty(2 * captures, np.int32),
            "bounds": np.zeros(pieces + 1, np.int64),
        }
        pointers = {name: array.ctypes.data for name, array in self.arrays.items()}
        self.found = _Found(**pointers, room=matches, capture_room=captures, at=-1)

    def grow(self) -> None:
        """Twice as much room."""
        for name, old in self.arrays.items():
            if name != "bounds":
                self.arrays[name] = np.concatenate([old, np.empty_like(old)])
                setattr(self.found, name, self.arrays[name].ctypes.data)
        self.found.room *= 2
        self.found.capture_room *= 2


def struct(arrays: Arrays, names: Iterable[str], **numbers: int) -> Any:  # noqa: ANN401 - a class of its own
    """A structure of machine.h: pointers to arrays, then numbers."""
    fields = [*((name, Pointer) for name in names), *((name, ctypes.c_int32) for name in numbers)]
    made = type("Struct", (ctypes.Structure,), {"_fields_": fields})
    return made(*(arrays[name].ctypes.data for name in names), *numbers.values())


def program_struct(arrays: Arrays) -> Any:  # noqa: ANN401 - as above
    """A program as the library takes it."""
    return struct(
        arrays,
        PROGRAM,
        instructions=len(arrays["code"]),
        set_bytes=len(arrays["sets"]),
        series_count=len(arrays["series"]),
        letter_count=len(arrays["letters"]),
        switch_count=len(arrays["switches"]) // (BYTES + 1),
        choice_count=len(arrays["choices"]),
        target_count=len(arrays["targets"]),
        view_count=len(arrays["views"]),
        mask_rows=len(arrays["masks"]) // BYTES,
        word_set_count=len(arrays["word_sets"]),
        word_count=len(arrays["words"]),
        groups=len(arrays["leaf_of"]) - 1,
        leaves=len(arrays["first_slot"]) - 1,
        slot_count=len(arrays["slots"]),
    )


def automaton_struct(arrays: Arrays) -> Any:  # noqa: ANN401 - as above
    """The filter's automaton as the library takes it."""
    classes = int(arrays["class_of"].max()) + 1
    return struct(
        arrays,
        AUTOMATON,
        classes=classes,
        set_count=len(arrays["members"]) // classes,
        positions=len(arrays["set_of"]),
        next_count=len(arrays["next"]),
        start_count=len(arrays["start"]),
    )
