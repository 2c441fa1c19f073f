"""How far two set-ups are alike: the facts that can make one faster on the same device.

Two are alike where all facts that are known of both have the same values. What is known of one side only does not part
them, but of two pairs that are alike that with fewer of such facts is the nearer one. Host and driver never part them.
"""

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from logreport.analysis.results import Difference, Remark

FACTS = (
    "framework",
    "framework_version",
    "xla",
    "mixed_precision",
    "variable_update",
    "data_format",
    "optimizer",
    "distortions",
    "threads",
    "interconnect",
)  # fmt: skip - of the runs table
SAID = ("host", "driver_version")  # never make a pair unlike
_TOLD_OF = ("device", *FACTS, *SAID)
Row = Mapping[str, Any]
Facts = tuple[object, ...]


def facts_of(row: Row, ignore: Collection[str] = ()) -> Facts:
    """The values of all facts of a set-up, to hold against others."""
    return tuple(row.get(name) for name in FACTS if name not in ignore)


def unlike(ours: Row, theirs: Row, names: Collection[str] = FACTS) -> tuple[Difference, ...]:
    """The facts that are known of both and differ."""
    return _held(ours, theirs, names)[0]


def nearness(ours: Row, theirs: Row, names: Collection[str] = FACTS) -> tuple[int, int]:
    """How many facts differ, and how many are known of one of the two only; the nearest pair has the least."""
    found, one_sided = _held(ours, theirs, names)
    return len(found), one_sided


@lru_cache(maxsize=1 << 16)  # thousands of runs have dozens of set-ups
def apart(ours: Facts, theirs: Facts) -> tuple[int, int]:
    """The same of two set-ups as `facts_of` gives them."""
    framework = FACTS.index("framework")
    found, one_sided = _told((*FACTS, "framework"), (*ours, ours[framework]), (*theirs, theirs[framework]))
    return len(found), one_sided


@lru_cache(maxsize=1 << 16)  # as above
def apart_in(ours: Facts, theirs: Facts) -> tuple[str, ...]:
    """The facts in which two set-ups differ, or that are known of one of them only."""
    one, two = (dict(zip(FACTS, values, strict=True)) for values in (ours, theirs))
    return tuple(
        name
        for name in FACTS
        if ((one[name] is None) != (two[name] is None)) or not _may_be_same(name, one, two)
    )


def _held(ours: Row, theirs: Row, names: Collection[str]) -> tuple[tuple[Difference, ...], int]:
    """One set-up against another: the facts that differ, and how many are known of one only."""
    needed = (*names, "framework")
    return _told(needed, tuple(map(ours.get, needed)), tuple(map(theirs.get, needed)))


@lru_cache(maxsize=1 << 16)  # as above
def _told(needed: tuple[str, ...], ours: Facts, theirs: Facts) -> tuple[tuple[Difference, ...], int]:
    names = needed[:-1]
    one, two = dict(zip(needed, ours, strict=True)), dict(zip(needed, theirs, strict=True))
    known = [name for name in names if None not in (one[name], two[name])]
    one_sided = sum((one[name] is None) != (two[name] is None) for name in names)
    unlike = (name for name in known if not _may_be_same(name, one, two))
    return tuple(Difference(_field(name, one), one[name], two[name]) for name in unlike), one_sided


def told_of(row: Row) -> Facts:
    """The values of all that `remarks` speak of."""
    return tuple(map(row.get, _TOLD_OF))


@lru_cache(maxsize=1 << 16)  # as above
def remarks(one: Facts, two: Facts) -> tuple[Remark, ...]:
    """What is to be said of two set-ups, ours first: that they are not alike, and that their machines are not the same.

    Set-ups of one device are called by what they differ in; where that is one fact, their names say it.
    """
    ours, theirs = (dict(zip(_TOLD_OF, values, strict=True)) for values in (one, two))
    found = unlike(ours, theirs)
    named = ours.get("device") == theirs.get("device") and nearness(ours, theirs) == (1, 0)
    said = (("named" if named else "unlike", found), ("machines-differ", unlike(ours, theirs, SAID)))
    both = (
        (Remark("mixed-precision"),) if ours.get("mixed_precision") and theirs.get("mixed_precision") else ()
    )
    return (*(Remark(kind, values) for kind, values in said if values), *both)


def _field(name: str, row: Row) -> str:
    """What a fact is called; the release of another framework is not TensorFlow's."""
    framework = row.get("framework") or "tensorflow"
    return name if name != "framework_version" or framework == "tensorflow" else f"{framework} version"


def _may_be_same(name: str, ours: Row, theirs: Row) -> bool:
    one, two = ours.get(name), theirs.get(name)
    if name != "framework_version":
        return bool(one == two)
    return ours.get("framework") != theirs.get("framework") or same_release(str(one), str(two))


def same_release(one: str, two: str) -> bool:
    """Whether two releases may be one: `1.15` is any 1.15, `1.9–1.13` any of these.

    >>> same_release("1.15", "1.15.2"), same_release("1.9–1.13", "1.12"), same_release("2.2", "2.20")
    (True, True, False)
    """
    if one == two:
        return True
    (low, high), (other_low, other_high) = map(_bounds, (one, two))
    digits = min(map(len, (low, high, other_low, other_high)))
    if digits == 0 or (digits > 2 and low == high == other_low == other_high):
        return False
    return low[:digits] <= other_high[:digits] and other_low[:digits] <= high[:digits]


def _bounds(version: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    first, _, last = version.partition("–")
    return _numbers(first), _numbers(last or first)


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"[0-9]{1,9}(?:\.[0-9]{1,9})*", version)
    return tuple(map(int, found[0].split("."))) if found else ()
