"""Lines of one shape: the same words in the same order, with other numbers, times and names between them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from logreport.grammar.scanning.objects import object_in

# characters and pieces of a line that are told apart; what is behind them is one text
LONGEST, MOST = 1000, 300
OBJECT_WITHIN = 100  # characters before an object
PLAIN_KEY = re.compile(r"[\w@./\-]+")
NEAR = 40  # pieces of a line among which names are looked for
MANY = 3  # words at one place; where there are more, it is a name
KEPT = 1000  # lines of a shape that say what its numbers look like

_NUMBER = r"(?:(?<![\w.+\-/])[-+])?(?<![\w.])(?:[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|(?:nan|inf)(?![\w]))"
_TIME = r"(?:ns|us|µs|ms|sec|secs|s|min|m|hr|h|d)"
TOKEN = re.compile(
    r"(?P<blank>[ \t]+)"
    r"|(?P<stamp>(?<![\w.])[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[ T][0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?(?:Z|[+\-][0-9]{2}:?[0-9]{2})?|(?<![\w.])[IWEF][01][0-9]{3} [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6})"
    r"|(?P<clock>(?<![\w:.])(?:[0-9]{1,6} days?, )?[0-9]{1,3}(?::[0-9]{2}){1,2}(?:\.[0-9]+)?(?![\w:]))"
    r"|(?P<bar>(?<=\|)[█▉▊▋▌▍▎▏# ]+(?=\|)|(?<=\[)[=>.]{4,}(?=\]))"
    r"|(?P<quoted>(?<![\w\"'])(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')(?![\w\"']|[ \t]*:))"
    rf"|(?P<duration>(?<![\w.])[0-9]+(?:\.[0-9]+)?{_TIME}(?:[ ]?[0-9]+(?:\.[0-9]+)?{_TIME})*(?!\w|\.[0-9]))"
    r"|(?P<bytes>(?<![\w.])[0-9]{1,4}(?:\.[0-9]{1,9})?[KMGT]i?B(?!\w))"
    rf"|(?P<percent>{_NUMBER}[ ]?%)"
    r"|(?P<scaled>(?<![\w.])[0-9]+(?:\.[0-9]+)?[kKMGB](?![\w.])|(?<![\w.,])[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?(?![\w,]|\.[0-9]))"
    rf"|(?P<number>{_NUMBER}(?!\w|\.[0-9]))"
    r"|(?P<sign>(?<=[0-9])[-/x*:](?=[0-9])|\+/?-(?=[0-9]))"
    r"|(?P<word>[\w./\\~\-](?:[\w./\\~+@%#\-]|:(?=[\\/]))*)"
    r"|(?P<mark>.)",
    re.DOTALL,
)
NUMERIC = frozenset({"number", "duration", "percent", "scaled", "bytes", "clock"})
OPEN = NUMERIC | {"stamp", "bar", "rest", "fact", "object"}  # what differs from log to log, though not in one
OPENS = frozenset("([{</=#")  # a number behind one of these may be padded with blanks
# What a word behind one of these and a sign is: a fact of the run, which another log says otherwise.
FACTS = frozenset({"model", "arch", "network", "dataset", "optimizer", "precision", "dtype", "device"})
SAYS_NUMBER = re.compile(r"[0-9]|[/\\](?=\w{2})")  # of a word: a name, which another log writes otherwise


class Piece(NamedTuple):
    """A part of a line: what it is (a group of `TOKEN`, or `pad`, `rest`, `name`), and its text."""

    role: str
    text: str


Key = tuple[str, ...]


@dataclass
class Shape:
    """Lines of one shape.

    Args:
        roles: what each piece is.
        count: how many lines.
        lines: the first of them, as (place, text): places are numbers of lines among all logs.
        texts: for each piece, its texts in these lines.
    """

    roles: tuple[str, ...]
    count: int = 0
    lines: list[tuple[int, bytes]] = field(default_factory=list)
    texts: list[dict[str, None]] = field(default_factory=list)

    def add(self, place: int, line: bytes, pieces: Sequence[Piece]) -> None:
        """Take in one more line."""
        self.count += 1
        if len(self.lines) < KEPT:
            self.lines.append((place, line))
            self.texts = self.texts or [{} for _ in pieces]
            for texts, piece in zip(self.texts, pieces, strict=True):
                texts[piece.text] = None

    def is_fixed(self, number: int) -> bool:
        """Whether a piece is the same in all lines, and no number."""
        return self.roles[number] not in OPEN and len(self.texts[number]) == 1

    @property
    def is_text(self) -> bool:
        """Whether its lines are all the same, without any number."""
        return all(map(self.is_fixed, range(len(self.roles))))

    @property
    def has_numbers(self) -> bool:
        """Whether any piece is a number, or an object."""
        return any(role in NUMERIC or role == "object" for role in self.roles)

    @property
    def keys(self) -> dict[str, object]:
        """The keys of the object that its lines end with, with the values of the first."""
        return keys_in(next(iter(self.texts[-2]))) if self.roles[-1] == "keys" else {}


def pieces_of(text: str) -> list[Piece]:
    """The pieces of a line; an object of JSON, or a dict of Python, that ends it is one."""
    start = text.find("{", 0, OBJECT_WITHIN)
    if start >= 0 and text.endswith("}") and (keys := keys_in(text[start:])):
        return [
            *pieces_of(text[:start]),
            Piece("object", text[start:]),
            Piece("keys", " ".join(sorted(keys))),
        ]
    found: list[Piece] = []
    end = 0
    for match in TOKEN.finditer(text, 0, LONGEST):
        if len(found) > MOST:
            break
        role, piece, end = match.lastgroup or "mark", match[0], match.end()
        if role in NUMERIC:
            pad = found.pop() if found and found[-1].role == "blank" else Piece("blank", "")
            before = found[-1] if found else Piece("word", "")
            if before.role in ("mark", "sign") and before.text[-1] in OPENS:
                found.append(Piece("pad", pad.text))
            elif pad.text:
                found.append(pad)
        if role == "word" and is_fact(found):
            role = "fact"
        found.append(Piece("word" if role == "sign" else role, piece))
    if end < len(text):
        found.append(Piece("rest", text[end:]))
    return found


def keys_in(text: str) -> dict[str, object]:
    """The keys of an object with its numbers and texts, those of objects in it behind a dot; none where it is no object."""
    found = object_in(text.encode("utf-8", "surrogateescape"))
    return dict(flat(found)) if found else {}


def flat(found: Mapping[str, object], before: str = "") -> Iterator[tuple[str, object]]:
    """Dotted keys and values; a key that a directive cannot name is left out."""
    for key, value in found.items():
        if not PLAIN_KEY.fullmatch(key):
            continue
        if isinstance(value, dict):
            yield from flat(value, f"{before}{key}.")
        elif isinstance(value, str | int | float):
            yield f"{before}{key}", value


def is_fact(before: Sequence[Piece]) -> bool:
    """Whether what stands before a word says that it is a fact: `model=`, `Dataset: `."""
    signs = [piece for piece in before[-3:] if piece.role != "blank"][-2:]
    return len(signs) == 2 and signs[1].text in ("=", ":") and signs[0].text.lower() in FACTS


def key_of(pieces: Sequence[Piece]) -> Key:
    """What lines of one shape have in common: words without digits and all signs as they are, else what they are."""
    return tuple(
        f"={piece.text}"
        if piece.role in ("mark", "keys") or (piece.role == "word" and not SAYS_NUMBER.search(piece.text))
        else f"~{piece.role}"
        for piece in pieces
    )


def gather(lines: Iterable[tuple[int, bytes]]) -> list[Shape]:
    """Lines of logs by their shapes, in the order in which these begin.

    Args:
        lines: place and text of each, without indentation.
    """
    by_key: dict[Key, list[tuple[int, bytes]]] = defaultdict(list)
    for place, line in lines:
        by_key[key_of(pieces_of(decoded(line)))].append((place, line))
    shapes: dict[Key, Shape] = {}
    for key in with_names(list(by_key)):
        for place, line in sorted(one for old in key.keys for one in by_key[old]):
            pieces = pieces_of(decoded(line))
            shape = shapes.setdefault(key.key, Shape(tuple(piece.role for piece in pieces)))
            shape.add(place, line, pieces)
    return sorted(shapes.values(), key=lambda shape: shape.lines[0][0])


class Joined(NamedTuple):
    """A shape in which some words may be any name, and the shapes that it holds."""

    key: Key
    keys: list[Key]


def with_names(keys: list[Key]) -> Iterator[Joined]:
    """Shapes that differ in one word only are one where that has many values: it is a name; the first word never is."""
    found = {key: [key] for key in keys}
    for place in range(1, min(NEAR, max(map(len, keys), default=0))):
        alike: dict[Key, list[Key]] = defaultdict(list)
        for key in found:
            if len(key) > place and key[place][0] == "=" and key[place][1:].isalpha():
                alike[(*key[:place], "~name", *key[place + 1 :])].append(key)
        for joined, several in alike.items():
            if len(several) > MANY:
                found[joined] = [old for key in several for old in found.pop(key)]
    for key, old in found.items():
        yield Joined(key, old)


def decoded(line: bytes) -> str:
    """A line as text in which a byte that is no UTF-8 is kept as what it is."""
    return line.decode("utf-8", "surrogateescape")
