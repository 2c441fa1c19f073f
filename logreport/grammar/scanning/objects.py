"""Fields that are JSON objects, Python's dicts or pairs (`loss: 0.5 - lr=0.1`): their keys become fields of the line, in any order."""

import ast
import functools
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from logreport.grammar.fields import COUNTS, MEANINGS
from logreport.grammar.lowering.pattern import Leaf
from logreport.grammar.scanning.forms import Values
from logreport.grammar.scanning.records import Columns, Records, in_short
from logreport.grammar.scanning.scan import Gap, Scan
from logreport.scripts import Benchmark

NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?(?:e[-+]?[0-9]+)?|nan|inf(?:inity)?)", re.IGNORECASE)
NO_NUMBER = re.compile(r"(?<![\w'\"])[-+]?(?:nan|inf)(?![\w'\"])")  # which Python writes and does not read
# A key, and its number or its text in quotes; the first of one key counts.
PAIR = re.compile(
    rf"([A-Za-z][\w@./\-]*)[ \t]*[:=][ \t]*(?:({NUMBER.pattern})(?![\w.])|['\"]([^'\"\r\n]*)['\"])",
    re.IGNORECASE,
)
WHOLE_DIGITS = 15
TO_ZERO = bytes.maketrans(b"123456789", b"000000000")
EXPONENT = re.compile(rb"(?<=[0.])[eE][-+]?0+(?![\w.])")
WORD_WITH_DIGITS = re.compile(rb"[A-Za-z][\w@./\-]*0")
MOST, LONGEST = 10_000, 1000  # texts of which it is known where their values stand, and bytes of one


class Number(str):
    """A number of JSON as it is printed."""

    __slots__ = ()


class Object(NamedTuple):
    """Where a match of a leaf holds an object, the fields that its keys become, and the other fields."""

    name: str
    place: slice
    keys: Mapping[str, str]


class Opened(NamedTuple):
    """Columns in which objects have given their fields, and the rows whose object is none."""

    columns: Columns
    bad: frozenset[int]


class Objects:
    """Opens the objects in matches.

    Args:
        formats: what is known of the formats, by their grammars.
        leaves: the leaves whose matches may hold objects.
    """

    def __init__(self, formats: Mapping[str, Benchmark], leaves: Iterable[Leaf]) -> None:
        self.held = [leaf for leaf in leaves if object_of(leaf, formats) is not None]  # ids stay theirs
        self.by_leaf = {id(leaf): object_of(leaf, formats) for leaf in self.held}
        self.kinds = frozenset(leaf.kind for leaf in self.held)
        self.made: dict[tuple[int, tuple[tuple[str, str], ...]], Leaf] = {}
        # Pairs that differ from earlier ones in the digits of their numbers alone: the leaf, and where its values stand.
        self.known: dict[tuple[int, bytes], tuple[Leaf, list[slice]]] = {}

    def opened(self, scans: Sequence[Scan], open_columns: Callable[[Columns], Opened]) -> list[Scan]:
        """Scans in which each object has given its fields; a line whose object is none is left over."""
        open_once = functools.cache(open_columns)  # scans that were made together share columns
        return [
            self.opened_scan(scan, open_once) if scan.records.of_kinds(self.kinds) else scan for scan in scans
        ]

    def opened_scan(self, scan: Scan, open_columns: Callable[[Columns], Opened]) -> Scan:
        """The same of one scan."""
        records, left = Records(), list[Gap]()
        for columns, rows in scan.records.parts:
            opened = open_columns(columns)
            bad = opened.bad.intersection(rows) if opened.bad else ()
            left += [
                Gap(b"\n" + (longest(columns.values_of(row)) or b""), [columns.lines[row]]) for row in bad
            ]
            if good := in_short([row for row in rows if row not in bad]) if bad else rows:
                records.join(opened.columns, good)
        return scan._replace(
            records=records,
            gaps=sorted(scan.gaps + left, key=lambda gap: gap.numbers[0]) if left else scan.gaps,
            record_lines=scan.record_lines - len(left),
        )

    def opened_by_line(self, columns: Columns) -> Opened:
        """The same of columns, line by line."""
        leaves: list[Leaf] = []
        values: list[Values] = []
        bad: list[int] = []
        for leaf, raw in zip(columns.leaves, columns.all_values, strict=True):
            held = self.by_leaf.get(id(leaf))
            one = (leaf, raw) if held is None else self.open(leaf, raw, held)
            if one is None:
                bad.append(len(leaves))
            leaves.append(leaf if one is None else one[0])
            values.append(raw if one is None else one[1])
        return Opened(Columns(columns.lines, leaves, values, columns.ranks), frozenset(bad))

    def open(self, leaf: Leaf, values: Values, held: Object) -> tuple[Leaf, Values] | None:
        """The leaf and the values of a match with the fields of its object, None where that is no object."""
        raw = next((value for value in values[held.place] if value is not None), b"")
        around = values[: held.place.start] + values[held.place.stop : len(leaf.plan)]
        alike = id(leaf), raw.translate(TO_ZERO)
        if (known := self.known.get(alike)) is not None:
            return known[0], (*around, *(raw[place] for place in known[1]))
        found = object_in(raw)
        if found is None:
            return None
        named = [
            (name, *written) for name, key in held.keys.items() if (written := value_at(found, key, name))
        ]
        shape = tuple((name, dtype) for name, dtype, _ in named)
        made = self.made.get((id(leaf), shape)) or self.leaf_of(leaf, held, shape)
        places = places_of(raw, [held.keys[name] for name, _, _ in named])
        if places is not None and [raw[place] for place in places] == [value for _, _, value in named]:
            if len(self.known) >= MOST:
                self.known.clear()
            self.known[alike] = made, places
        return made, (*around, *(value for _, _, value in named))

    def leaf_of(self, leaf: Leaf, held: Object, shape: tuple[tuple[str, str], ...]) -> Leaf:
        """The leaf of matches that hold these fields; made once."""
        around = [field for field in leaf.fields if field[0] != held.name]
        made = Leaf(leaf.kind, (*around, *((name, dtype, (0,)) for name, dtype in shape)), leaf.priority)
        self.made[id(leaf), shape] = made
        return made


def object_of(leaf: Leaf, formats: Mapping[str, Benchmark]) -> Object | None:
    """The object in matches of a leaf."""
    known = formats.get(leaf.kind.partition(".")[0])
    for name, keys in known.objects.items() if known is not None else ():
        if name in leaf.places:
            return Object(name, leaf.places[name], keys)
    return None


def longest(values: Values) -> bytes | None:
    """The longest text of a match, by which a reader knows it again."""
    return max((value for value in values if value), key=len, default=None)


def object_in(raw: bytes) -> dict[str, Any] | None:
    """The object that a text holds; pairs are one too, and so is a field that is not there."""
    text = raw.decode("utf-8", "replace")
    if not text.startswith("{"):
        return {key: text or Number(number) for key, number, text in reversed(PAIR.findall(text))}
    try:
        found = json.loads(text, parse_float=Number, parse_int=Number, parse_constant=Number)
    except (ValueError, RecursionError):
        try:
            found = ast.literal_eval(NO_NUMBER.sub(r"'\g<0>'", text))
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            return None
    return found if isinstance(found, dict) else None


def places_of(raw: bytes, keys: Sequence[str]) -> list[slice] | None:
    """Where the values of some keys stand in pairs, if they stand there whatever the digits of their numbers are."""
    if not may_be_known(raw):
        return None
    if WORD_WITH_DIGITS.search(EXPONENT.sub(b"", raw.translate(TO_ZERO))):
        return None
    places: dict[str, slice] = {}
    for match in PAIR.finditer(raw.decode("ascii")):
        places.setdefault(match[1], slice(*match.span(2 if match[2] else 3)))
    return [places[key] for key in keys]


def may_be_known(raw: bytes) -> bool:
    """Whether a text is pairs of which it may be remembered where the values stand."""
    return not raw.startswith(b"{") and raw.isascii() and len(raw) <= LONGEST


def value_at(found: Any, key: str, name: str) -> tuple[str, bytes] | None:  # noqa: ANN401 - any value of JSON
    """Type and text of the value at a dotted key, None where there is none or it is no single value."""
    value = at(found, key)
    if value is None:
        return None
    if isinstance(value, bool):
        return "text", b"true" if value else b"false"
    if isinstance(value, int | float):
        value = Number(repr(value))
    is_number = isinstance(value, Number) or (
        isinstance(value, str) and (name in MEANINGS or name in COUNTS) and NUMBER.fullmatch(value.strip())
    )
    if is_number:
        digits = value.strip()
        whole = digits.isdigit() and len(digits) <= WHOLE_DIGITS
        return "int" if whole else "float", digits.encode()
    return ("text", value.encode("utf-8", "replace")) if isinstance(value, str) and value else None


def at(found: Any, key: str) -> Any:  # noqa: ANN401 - any value of JSON
    """What stands at a dotted key: a key may itself have dots, a number is a place in a list."""
    if isinstance(found, dict):
        if key in found:
            return found[key]
        if "." not in key:
            return None
        for cut in (place for place, sign in enumerate(key) if sign == "."):
            if key[:cut] in found and (value := at(found[key[:cut]], key[cut + 1 :])) is not None:
                return value
    elif isinstance(found, list):
        head, _, rest = key.partition(".")
        if head.isdigit() and int(head) < len(found):
            return at(found[int(head)], rest) if rest else found[int(head)]
    return None
