"""Fields that are JSON objects, Python's dicts or pairs (`loss: 0.5 - lr=0.1`): their keys become fields of the line, in any order."""

import ast
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from logreport.grammar.fields import COUNTS, MEANINGS
from logreport.grammar.lowering.pattern import Leaf
from logreport.grammar.scanning.records import Match, Records
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


class Number(str):
    """A number of JSON as it is printed."""

    __slots__ = ()


class Object(NamedTuple):
    """Where a match of a leaf holds an object, the fields that its keys become, and the other fields."""

    name: str
    place: slice
    keys: Mapping[str, str]


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

    def opened(self, scan: Scan) -> Scan:
        """A scan in which each object has given its fields; a line whose object is none is left over."""
        if not scan.records.of_kinds(self.kinds):
            return scan
        matches: list[Match] = []
        bad: list[Match] = []
        for match in scan.records:
            held = self.by_leaf.get(id(match.leaf))
            if held is None:
                matches.append(match)
            elif (one := self.open(match, held)) is not None:
                matches.append(one)
            else:
                bad.append(match)
        gaps = scan.gaps + [Gap(b"\n" + (raw_of(match) or b""), [match.line]) for match in bad]
        gaps.sort(key=lambda gap: gap.numbers[0])
        return scan._replace(
            records=Records.of(matches), gaps=gaps, record_lines=scan.record_lines - len(bad)
        )

    def open(self, match: Match, held: Object) -> Match | None:
        """A match with the fields of its object, None where that is no object."""
        found = object_in(match.values[held.place])
        if found is None:
            return None
        named = [
            (name, *written) for name, key in held.keys.items() if (written := value_at(found, key, name))
        ]
        shape = tuple((name, dtype) for name, dtype, _ in named)
        leaf = self.made.get((id(match.leaf), shape)) or self.leaf_of(match.leaf, held, shape)
        around = match.values[: held.place.start] + match.values[held.place.stop : len(match.leaf.plan)]
        return match._replace(leaf=leaf, values=(*around, *(value for _, _, value in named)))

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


def raw_of(match: Match) -> bytes | None:
    """The longest text in a match, by which a reader knows it again."""
    return max((value for value in match.values if value), key=len, default=None)


def object_in(values: Sequence[bytes | None]) -> dict[str, Any] | None:
    """The object that a field holds; pairs are one too, and so is a field that is not there."""
    raw = next((value for value in values if value is not None), b"")
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
