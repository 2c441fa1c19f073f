"""Whole JSON documents: each object in them that a format reads is a line, whatever lines it is written in."""

import bisect
import itertools
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from json import scanner
from typing import Any

from logreport.grammar.scanning.engine import Chunk, Engine

LARGEST = 1 << 22  # bytes of a document that is looked at as a whole
MOST_AROUND = 10_000  # bytes of what is said with each object of a list
BEGINS = re.compile(rb"\s*[\[{]")
LINE_END = re.compile("\n")


class Placed(dict[str, Any]):
    """An object, and where it begins in its text."""

    start = 0


def unfolded(chunks: Iterable[Chunk], engine: Engine, otherwise: Callable[[Chunk], Chunk]) -> Iterator[Chunk]:
    """The chunks of a document, in which an object that a format of the engine reads stands on its first line.

    The other lines of a document with such an object are empty; the chunks of any other are what `otherwise` makes of them.
    """
    held: list[Chunk] = []
    size = 0
    chunks = iter(chunks)
    for chunk in chunks:
        held.append(chunk)
        size += len(chunk[0])
        if size > LARGEST or not BEGINS.match(held[0][0]):
            yield from map(otherwise, itertools.chain(held, chunks))
            return
    text = b"".join(part for part, _ in held).decode("utf-8", "replace")
    objects = objects_in(text, engine)
    if not objects:
        yield from map(otherwise, held)
        return
    ends = [match.start() for match in LINE_END.finditer(text)]
    at: dict[int, list[bytes]] = defaultdict(list)
    for start, line in objects:
        at[bisect.bisect_left(ends, start)].append(line)
    numbers = (number for _, several in held for number in several)
    lines = [(number, piece) for place, number in enumerate(numbers) for piece in at.get(place, [b""])]
    yield b"".join(piece + b"\n" for _, piece in lines), [number for number, _ in lines]


def objects_in(text: str, engine: Engine) -> list[tuple[int, bytes]]:
    """Where the objects of a document begin that a format reads, and each in one line."""
    try:
        found = json.loads(text)
        if not any(holds(engine, line) for _, line in unnested(found)):
            return []
        found = decoder().decode(text)  # slower
    except (ValueError, RecursionError):
        return []
    return [(start, line) for start, line in unnested(found) if holds(engine, line)]


def holds(engine: Engine, line: bytes) -> bool:
    """Whether a line is of a kind that holds an object."""
    found = engine.whole(line)
    return found is not None and id(found[0]) in engine.objects.by_leaf


def unnested(found: Any) -> Iterator[tuple[int, bytes]]:  # noqa: ANN401 - any value of JSON
    """An object, and those of a list; of one that holds lists of objects these as well, with what stands around them."""
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, dict):
            inner = [value for value in one.values() if is_objects(value)]
            around = {key: value for key, value in one.items() if not is_objects(value)}
            own = written(around)
            yield place_of(one), own
            around = around if len(own) <= MOST_AROUND else {}
            for each in (each for value in inner for each in value):
                yield place_of(each), written({**around, **each})


def is_objects(value: Any) -> bool:  # noqa: ANN401 - any value of JSON
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def place_of(one: dict[str, Any]) -> int:
    return one.start if isinstance(one, Placed) else 0


def written(one: dict[str, Any]) -> bytes:
    return json.dumps(one, ensure_ascii=False).encode("utf-8", "replace")


def decoder() -> json.JSONDecoder:
    """A decoder whose objects know where they begin, which that in C does not say."""
    made = json.JSONDecoder()
    inside: Any = made  # the types of which say nothing of its parts
    read = inside.parse_object

    def placed(place: tuple[str, int], *rest: Any) -> tuple[Placed, int]:  # noqa: ANN401 - those of Python's own
        found, end = read(place, *rest)
        one = Placed(found)
        one.start = place[1] - 1
        return one, end

    inside.parse_object = placed
    inside.scan_once = scanner.py_make_scanner(made)  # type: ignore[attr-defined]  # not in its types
    return made
