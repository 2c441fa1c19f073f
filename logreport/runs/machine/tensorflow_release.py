"""The TensorFlow release from where its lines stand in its source: `file:line]` is compiled in and moves with every release.

For official wheels that pins the minor release; distributors shift it by a few lines, so that one line that fits no release
is no evidence, and the release that most lines name is taken where they do not all agree.
"""

import functools
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from logreport.grammar import Form, Records

TABLE = Path(__file__).with_name("releases.txt")
AGREEING = 0.6  # share of the lines that must name one release, where not all do

Place = tuple[str, bytes, bytes]  # kind, file without its folders, line in it


class Inference(NamedTuple):
    """What a log's lines say of the release: its name (`2.21`, `1.12–1.13`), all that are possible, and the places that prove it."""

    release: str
    releases: tuple[str, ...]
    places: frozenset[int]
    share: float  # of the lines that name any release, those that name this one


class ReleaseTable(NamedTuple):
    """Releases in order, places by number, for each the releases that print there, as bits, and the kinds of such lines."""

    releases: tuple[str, ...]
    places: dict[Place, int]
    masks: list[int]
    kinds: frozenset[str]


def infer(records: Records) -> Inference | None:
    """The release that the runtime lines among the records prove; None where they prove none."""
    return proven_by(frozenset(map(place_of, records.forms_of(table().kinds)[1])) - {None})


def proof(records: Records, inferred: Inference) -> list[int]:
    """The lines that prove a release, in order; of those of one place the first counts."""
    lines, forms = records.forms_of(table().kinds)
    first = dict(zip(map(place_of, reversed(forms)), reversed(lines), strict=True))
    return sorted(first[place] for place in inferred.places)


@functools.lru_cache(maxsize=1 << 10)  # many runs print from the same
def proven_by(places: frozenset[int]) -> Inference | None:
    """The release that lines of these places prove."""
    if not places:
        return None
    known = table()
    masks = {place: known.masks[place] for place in places}
    common = functools.reduce(int.__and__, masks.values()) or most_named(masks.values(), len(known.releases))
    releases = tuple(name for bit, name in enumerate(known.releases) if common >> bit & 1)
    if not releases:
        return None
    name = releases[0] if len(releases) == 1 else f"{releases[0]}–{releases[-1]}"
    naming = frozenset(place for place, mask in masks.items() if mask & common)
    return Inference(name, releases, naming, len(naming) / len(places))


def most_named(masks: Collection[int], count: int) -> int:
    """The releases that most lines name, as bits; none where too few agree."""
    votes = [sum(mask >> bit & 1 for mask in masks) for bit in range(count)]
    best = max(votes)
    if best < AGREEING * len(masks):
        return 0
    return sum(1 << bit for bit, vote in enumerate(votes) if vote == best)


@functools.lru_cache(maxsize=1 << 12)  # many runs print lines of one form
def place_of(form: Form) -> int | None:
    """The number of the place in TensorFlow's source that printed lines of a form, if it is one of the table."""
    if form.leaf.source_at is None or form.values is None:
        return None
    file, number = map(form.values.__getitem__, form.leaf.source_at)
    if not file or not number:
        return None
    place = form.kind.removeprefix("tensorflow."), file.replace(b"\\", b"/").rpartition(b"/")[2], number
    return table().places.get(place)


@functools.cache
def table() -> ReleaseTable:
    """The table that ships with logreport."""
    releases: tuple[str, ...] = ()
    places: dict[Place, int] = {}
    for row in TABLE.read_text("utf-8").splitlines():
        file, *rest = row.split()
        if file == "releases":
            releases = tuple(rest)
        elif file != "#":
            kind, *lines = rest
            for line in lines:
                number, _, spans = line.partition("=")
                places[kind, file.encode(), number.encode()] = bits(spans, releases)
    numbers = {place: number for number, place in enumerate(places)}
    kinds = frozenset(f"tensorflow.{kind}" for kind, _, _ in places)
    return ReleaseTable(releases, numbers, list(places.values()), kinds)


def bits(spans: str, releases: tuple[str, ...]) -> int:
    """`1.12-1.13,2.1` as bits."""
    found = 0
    for span in spans.split(","):
        first, _, last = span.partition("-")
        for bit in range(releases.index(first), releases.index(last or first) + 1):
            found |= 1 << bit
    return found
