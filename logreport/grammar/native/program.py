"""Programs as the library takes them: arrays, which are kept in a file, because making them takes half a second."""

import itertools
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from logreport.grammar.lowering.pattern import Leaf

if TYPE_CHECKING:
    from logreport.grammar.native.assembling import Assembly
    from logreport.grammar.native.filtering import Positions

BYTES = 256
INSTRUCTION = np.dtype([(name, np.int32) for name in ("op", "set", "low", "high", "follow", "target")])
CHOICE = np.dtype([(name, np.int32) for name in ("ways", "first_target", "views", "first_view")])
VIEW = np.dtype([(name, np.int32) for name in ("distance", "row")])
WORD_SET = np.dtype([(name, np.int32) for name in ("words", "first", "shortest", "reach")])
WORD = np.dtype([(name, np.int32) for name in ("first", "length")])
PAIRS = 4096  # values of the hash of two bytes
HEAD = 512
# Each array of a program: its type, and what a row of it holds.
PROGRAM: dict[str, tuple[np.dtype[Any], int]] = {
    "code": (INSTRUCTION, 1),
    "sets": (np.dtype(np.uint8), BYTES + 1),
    "series": (np.dtype(np.int32), 1),
    "letters": (np.dtype(np.uint8), 1),
    "switches": (np.dtype(np.int32), BYTES + 1),
    "choices": (CHOICE, 1),
    "targets": (np.dtype(np.int32), 1),
    "views": (VIEW, 1),
    "masks": (np.dtype(np.uint32), BYTES),
    "word_sets": (WORD_SET, 1),
    "words": (WORD, 1),
    "shifts": (np.dtype(np.uint8), PAIRS),
    "leaf_of": (np.dtype(np.int32), 1),
    "first_slot": (np.dtype(np.int32), 1),
    "slots": (np.dtype(np.int32), 1),
}
AUTOMATON: dict[str, tuple[np.dtype[Any], int]] = {
    "class_of": (np.dtype(np.uint8), 1),
    "members": (np.dtype(np.uint8), 1),
    "set_of": (np.dtype(np.int32), 1),
    "first_next": (np.dtype(np.int32), 1),
    "next": (np.dtype(np.int32), 1),
    "start": (np.dtype(np.int32), 1),
}
ARRAYS = {**PROGRAM, **AUTOMATON}
Arrays = dict[str, np.ndarray[Any, np.dtype[Any]]]
ArrayTypes = Mapping[str, tuple[np.dtype[Any], int]]


def program_of(pattern: bytes, leaves: dict[int, Leaf]) -> Arrays:
    """The program of a pattern that begins with a newline, and whose captures end the paths of `leaves`.

    Raises:
        UnsupportedError: where the machine cannot run it.
    """
    from logreport.grammar.native.assembling import assemble
    from logreport.grammar.native.filtering import positions_of
    from logreport.grammar.native.regex import Bytes, Row, UnsupportedError, parse

    tree = parse(pattern)
    if not (
        isinstance(tree, Row) and isinstance(tree.parts[0], Bytes) and tree.parts[0].members == 1 << ord("\n")
    ):
        raise UnsupportedError("no newline at the beginning")
    line = Row(tree.parts[1:])
    assembly = assemble(line)
    return {
        **code_arrays(assembly),
        **word_arrays(assembly),
        **leaf_arrays(assembly.groups, leaves),
        **automaton_arrays(positions_of(line, assembly.words)),
    }


def code_arrays(assembly: "Assembly") -> Arrays:
    """Instructions and what they go by."""
    code = [
        (step.op, step.set, step.low, step.high, step.follow, step.target.at if step.target else 0)
        for step in assembly.steps
    ]
    choices: list[tuple[int, ...]] = []
    targets: list[int] = []
    views: list[tuple[int, int]] = []
    rows: dict[tuple[int, ...], int] = {}  # of masks, many of which are the same
    for choice in assembly.choices:
        choices.append((len(choice.targets), len(targets), len(choice.sets), len(views)))
        targets += [label.at for label in choice.targets]
        views += [(distance, rows.setdefault(tuple(sets), len(rows))) for distance, sets in choice.sets]
    masks = [sum(bits(one)[:BYTES].astype(np.uint32) << way for way, one in enumerate(sets)) for sets in rows]
    return {
        "code": np.array(code, INSTRUCTION),
        "sets": np.array([bits(one) for one in assembly.sets], np.uint8).reshape(-1),
        "series": np.array(assembly.series, np.int32),
        "letters": np.frombuffer(bytes(assembly.letters), np.uint8),
        "switches": np.array(
            [-1 if label is None else label.at for labels in assembly.switches for label in labels], np.int32
        ),
        "choices": np.array(choices, CHOICE),
        "targets": np.array(targets, np.int32),
        "views": np.array(views, VIEW),
        "masks": np.array(masks, np.uint32).reshape(-1),
    }


def word_arrays(assembly: "Assembly") -> Arrays:
    """The words that looks are for, and how far to go on where the last two bytes of none of them are."""
    letters = bytes(assembly.letters)
    word_sets: list[tuple[int, ...]] = []
    words: list[tuple[int, int]] = []
    shifts = []
    for some, reach in assembly.words:
        shortest = min(map(len, some))
        word_sets.append((len(some), len(words), shortest, reach))
        row = np.full(PAIRS, min(shortest - 1, 255), np.uint8)
        for word in some:
            words.append((letters.index(word), len(word)))
            for i in range(1, shortest):
                pair = (word[i] ^ word[i - 1] << 4) & (PAIRS - 1)
                row[pair] = min(row[pair], shortest - 1 - i)
        shifts.append(row)
    return {
        "word_sets": np.array(word_sets, WORD_SET),
        "words": np.array(words, WORD),
        "shifts": np.array(shifts, np.uint8).reshape(-1),
    }


def leaf_arrays(groups: int, leaves: dict[int, Leaf]) -> Arrays:
    """Which leaf a capture ends, and which captures a leaf keeps."""
    slots = [[group for *_, some in leaf.fields for group in some] for leaf in leaves.values()]
    leaf_of = np.full(max(groups, *leaves, *itertools.chain(*slots)) + 1, -1, np.int32)
    leaf_of[list(leaves)] = range(len(leaves))
    return {
        "leaf_of": leaf_of,
        "first_slot": offsets(slots),
        "slots": np.array(list(itertools.chain(*slots)), np.int32),
    }


def automaton_arrays(positions: "Positions") -> Arrays:
    """The filter's automaton; bytes that are in the same sets are one class."""
    sets = {members: number for number, members in enumerate(dict.fromkeys(positions.members))}
    table = np.array([bits(members)[:BYTES] for members in sets], np.uint8)
    columns, class_of = np.unique(table, axis=1, return_inverse=True)
    following = [sorted(some) for some in positions.follow]
    return {
        "class_of": class_of.reshape(BYTES).astype(np.uint8),
        "members": np.ascontiguousarray(columns).reshape(-1),
        "set_of": np.array([sets[members] for members in positions.members], np.int32),
        "first_next": offsets(following),
        "next": np.array(list(itertools.chain(*following)), np.int32),
        "start": np.array(sorted(positions.start), np.int32),
    }


def bits(members: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A set as a row: 1 for each byte of it, then for the end."""
    packed = np.frombuffer(members.to_bytes(BYTES // 8 + 1, "little"), np.uint8)
    return np.unpackbits(packed, bitorder="little")[: BYTES + 1]


def offsets(lists: Iterable[Sequence[int]]) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Where each of some lists begins when they lie one after the other, and the end."""
    return np.cumsum([0, *map(len, lists)], dtype=np.int32)


def pack(arrays: Arrays) -> bytes:
    """A program, or an automaton alone, as bytes: a head with the size of each array and a checksum, then the arrays."""
    parts = [arrays[name].tobytes() for name in ARRAYS if name in arrays]
    body = b"".join(parts)
    head = json.dumps([zlib.crc32(body), *map(len, parts)]).encode()
    return head.ljust(HEAD) + body


def unpack(packed: bytes, tables: ArrayTypes = ARRAYS) -> Arrays:
    """A program, or of it these arrays; whether it stays within its tables the library says.

    Raises:
        ValueError: where it is damaged.
    """
    head = json.loads(packed[:HEAD])
    if (
        not isinstance(head, list)
        or head != [zlib.crc32(packed[HEAD:]), *head[1:]]
        or len(head) != len(tables) + 1
    ):
        raise ValueError("a damaged program")
    starts = itertools.accumulate(head[1:], initial=HEAD)
    arrays = {
        name: np.frombuffer(packed[start : start + size], dtype).copy()
        for (name, (dtype, _)), start, size in zip(tables.items(), starts, head[1:], strict=False)
    }
    if not has_rows(arrays):
        raise ValueError("a damaged program")
    return arrays


def has_rows(arrays: Arrays) -> bool:
    """Whether the arrays hold whole rows, and one that others tell the length of is as long as that."""
    is_automaton = len(arrays["class_of"]) == BYTES and len(arrays["first_next"]) == len(arrays["set_of"]) + 1
    if arrays.keys() == AUTOMATON.keys():
        return is_automaton
    return (
        is_automaton
        and all(arrays[name].size % row == 0 for name, (_, row) in PROGRAM.items())
        and len(arrays["word_sets"]) * PAIRS == len(arrays["shifts"])
        and len(arrays["leaf_of"]) > 0
        and len(arrays["first_slot"]) > 1
    )
