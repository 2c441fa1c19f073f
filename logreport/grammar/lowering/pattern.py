"""From kinds to one regular expression: a trie over the openings of all paths, so that 200 kinds cost little more than one.

The last group that closed tells which path matched, and with it the kind: that of the path's last field, or an empty
one where another path ends with the same field.
"""

import functools
import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from logreport.grammar.lowering.first_bytes import atomic, first_bytes
from logreport.grammar.lowering.nodes import Field, Kind, Node, Path, Repeat, Text, Token
from logreport.grammar.lowering.values import CONVERT
from logreport.grammar.lowering.words import words_of


@dataclass(frozen=True)
class Leaf:
    """Where a path ends: its kind, for each field the groups that can hold its value, and the kind's priority."""

    kind: str
    fields: tuple[tuple[str, str, tuple[int, ...]], ...]  # (name, dtype, groups)
    priority: int = 0

    def __hash__(self) -> int:
        """That of the kind, which is known already: leaves stand in many keys."""
        return hash(self.kind)

    @functools.cached_property
    def plan(self) -> tuple[tuple[str, Callable[[bytes], Any]], ...]:
        """Name and converter of each raw value of a match, in order."""
        return tuple((name, CONVERT[dtype]) for name, dtype, groups in self.fields for _ in groups)

    @functools.cached_property
    def places(self) -> dict[str, slice]:
        """Where the raw values of a match hold each field."""
        found, position = {}, 0
        for name, _, groups in self.fields:
            found[name] = slice(position, position + len(groups))
            position += len(groups)
        return found

    def dtype_of(self, name: str) -> str:
        """The type of a field."""
        return next(dtype for own, dtype, _ in self.fields if own == name)

    @functools.cached_property
    def source_at(self) -> tuple[int, int] | None:
        """Which raw values of a match are the file and the line of the source that printed it, where it says them."""
        file, line = self.places.get("file"), self.places.get("file_line")
        return None if file is None or line is None else (file.start, line.start)

    @functools.cached_property
    def timed(self) -> tuple[int, ...]:
        """Which raw values of a match say when the line was printed, and nothing else."""
        dtypes = [(name, dtype) for name, dtype, groups in self.fields for _ in groups]
        return tuple(i for i, one in enumerate(dtypes) if one in TIMES)

    @functools.cached_property
    def is_measured(self) -> bool:
        """Whether a line of it holds a measured number, and no place in a source: two are hardly ever the same."""
        return self.source_at is None and any(
            dtype in MEASURED and (name, dtype) not in TIMES for name, dtype, _ in self.fields
        )

    def parted(
        self, values: Sequence[bytes | None]
    ) -> tuple[tuple[bytes | None, ...], tuple[bytes | None, ...]]:
        """The raw values of a match with `%b` for each time, and the times: lines that have all others in common say the same."""
        lasting = list(values)
        times: list[bytes | None] = []
        for i in self.timed:
            if (time := lasting[i]) is not None:
                times.append(time)
                lasting[i] = b"%b"
        return tuple(lasting), tuple(times)

    @functools.cached_property
    def labels(self) -> tuple[tuple[bytes, bool], ...]:
        """For each raw value what stands before it where a match is written out, and whether it is a text."""
        return tuple(
            (b"\0%b=" % name.encode(), dtype in TEXTS) for name, dtype, groups in self.fields for _ in groups
        )

    @functools.cached_property
    def template(self) -> bytes:
        """A match of numbers, all of which are there, written out; empty where the kind has texts, or one field only."""
        if len(self.labels) < 2 or any(is_text for _, is_text in self.labels):
            return b""
        return self.kind.encode() + b"".join(label + b"%b" for label, _ in self.labels) + b"\n"


@dataclass(frozen=True)
class Lowered:
    """All kinds as one pattern for bytes; `leaves` by the number of the group that ends each path.

    `beginnings` matches a line that begins as a result does, and every such line holds one of `signs`. The kinds of a
    last resort need not be tried where none of `words` is: the first `common` characters of the pattern are the others.
    """

    pattern: str
    leaves: dict[int, Leaf]
    beginnings: str = ""
    signs: tuple[str, ...] = ()
    common: int = 0
    words: tuple[str, ...] = ()


TIMES = frozenset(
    {("timestamp", "timestamp"), ("unix_time", "float")}
)  # fields that say when a line was printed
MEASURED = frozenset({"float", "duration", "scaled", "percent"})  # types of measured numbers
TEXTS = frozenset({"text", "slug"})  # types of fields with words in them
CHATTER = "chatter"  # kinds of this name say nothing: the fields of a prefix that they share are not kept
WIDE = 80  # bytes; a lookahead that lets more of them pass saves nothing
CLASSES = tuple(
    map(frozenset, (b"0123456789", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"abcdefghijklmnopqrstuvwxyz", range(256)))
)
# Lookaheads at the beginning of a pattern, with groups in groups in them; a pattern that is no choice as a whole.
ONE = r"[^()\[\\|]|\\.|\[\^?\]?(?:[^\]\\]|\\.)*\]"
IN_GROUP = rf"(?:{ONE}|\||\((?:{ONE}|\||\((?:{ONE}|\|)*\))*\))*"
LOOKS = re.compile(rf"(?:\(\?[=!]{IN_GROUP}\))+", re.DOTALL)
ONE_WAY = re.compile(rf"(?:{ONE}|\({IN_GROUP}\))*", re.DOTALL)
Groups = tuple[tuple[Field, int], ...]
Item = tuple[str, Path]  # kind, what is left of its path
Group = tuple[Node | None, list[Item]]  # what paths begin with, and these paths


def emit(kinds: Iterable[Kind]) -> Lowered:
    """Lower kinds to one pattern; higher priorities are tried first.

    Kinds of one priority do not overlap, so the opening that most of them share is tried first.
    """
    emitter = _Emitter()
    levels: list[str] = []
    common, words = 0, frozenset[str]()
    for emitter.priority, level in itertools.groupby(
        sorted(kinds, key=lambda kind: -kind.priority), key=lambda kind: kind.priority
    ):
        last = list(level)
        common, words = len("|".join(levels)), words_of(last) if emitter.priority < 0 else frozenset()
        groups = group_by_head([(kind.name, path) for kind in last for path in kind.paths])
        largest = max(groups, key=lambda group: len(group[1]))
        groups.remove(largest)
        levels += emitter.branches([largest], ()) + emitter.branches(groups, ())
    pattern = "|".join(levels)
    is_costly = words and common
    return Lowered(
        pattern,
        emitter.leaves,
        common=common if is_costly else len(pattern),
        words=tuple(sorted(words)) if is_costly else (),
    )


class _Emitter:
    """Writes the pattern and counts its groups."""

    def __init__(self) -> None:
        self.groups = 0
        self.priority = 0
        self.leaves: dict[int, Leaf] = {}
        self.ends: set[int] = set()  # groups of fields that are there on every path through them

    def group(self) -> int:
        self.groups += 1
        return self.groups

    def trie(self, items: list[Item], seen: Groups) -> str:
        """Alternatives for `items`, grouped by what they begin with; `seen` are the fields matched so far."""
        branches = self.branches(group_by_head(items), seen)
        return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"

    def branches(self, groups: list[Group], seen: Groups) -> list[str]:
        """Alternatives in the order in which they cost least; those of one kind exclude each other, as kinds do.

        Literals first, because `re` looks at their first byte before it enters them; then terminals that begin with
        digits, letters or signs, each behind one look at that; then what can begin with anything; the end last.
        """
        texts = [group for group in groups if isinstance(group[0], Text)]
        classes: dict[int, list[Group]] = {}
        for group in groups:
            if group[0] is not None and not isinstance(group[0], Text):
                found = first_of(group[1])
                classes.setdefault(next(i for i, one in enumerate(CLASSES) if found <= one), []).append(group)
        parts = [self.branch(*group, seen) for group in texts]
        for _, several in sorted(classes.items()):
            guards = [guard(first_of(items)) if len(groups) > 1 else "" for _, items in several]
            inner = [one + self.branch(*group, seen) for one, group in zip(guards, several, strict=True)]
            common = guard(first_of([item for _, items in several for item in items]))
            parts += [f"{common}(?:{'|'.join(inner)})"] if common and len(inner) > 1 else inner
        return parts + [self.branch(*group, seen) for group in groups if group[0] is None]

    def branch(self, head: Node | None, items: list[Item], seen: Groups) -> str:
        """One alternative."""
        if head is None:
            return self.leaf(items[0][0], seen)
        pattern, new = self.node(head)
        if isinstance(head, Field):
            self.ends.add(new[0][1])
        return pattern + self.trie([(kind, drop_head(path, head)) for kind, path in items], seen + new)

    def leaf(self, kind: str, seen: Groups) -> str:
        chatter = kind.rpartition(".")[2].startswith(CHATTER)
        names = {} if chatter else dict.fromkeys((field.name, field.dtype) for field, _ in seen)
        leaf = Leaf(
            kind,
            tuple(
                (name, dtype, tuple(group for field, group in seen if field.name == name))
                for name, dtype in names
            ),
            self.priority,
        )
        last = seen[-1][1] if seen else 0
        if (
            last in self.ends and last not in self.leaves
        ):  # the fewer groups, the less `re` copies for each match
            self.leaves[last] = leaf
            return ""
        self.leaves[self.group()] = leaf
        return "()"

    def node(self, node: Node) -> tuple[str, Groups]:
        """A node's pattern, and the groups of the fields in it."""
        if isinstance(node, Text):
            return literal(node), ()
        if isinstance(node, Token):
            return atomic(node.pattern), ()
        if isinstance(node, Field):
            looks, body = split_looks(node.body)
            group = self.group()
            return f"{looks}({'|'.join(self.plain(path) for path in body)})", ((node, group),)
        parts: list[str] = []
        groups: Groups = ()
        for option in node.options:
            pattern, new = self.path(option)
            parts.append(pattern)
            groups += new
        return f"(?:{'|'.join(parts)})" + ("+" if isinstance(node, Repeat) else ""), groups

    def path(self, path: Path) -> tuple[str, Groups]:
        patterns: list[str] = []
        groups: Groups = ()
        for node in path:
            pattern, new = self.node(node)
            patterns.append(pattern)
            groups += new
        return "".join(patterns), groups

    def plain(self, path: Path) -> str:
        return self.path(path)[0]


def split_looks(body: tuple[Path, ...]) -> tuple[str, tuple[Path, ...]]:
    """The lookaheads that a field's only token begins with, and the field without them.

    Before the group they mean the same and cost less: within it, `re` copies all groups so far at each repetition.
    """
    token = body[0][0]
    if len(body) > 1 or len(body[0]) > 1 or not isinstance(token, Token):
        return "", body
    found = LOOKS.match(token.pattern)
    if found is None or ONE_WAY.fullmatch(token.pattern) is None:
        return "", body
    return found[0], ((Token(token.name, token.pattern[found.end() :]),),)


def first_of(items: list[Item]) -> frozenset[int]:
    """The bytes that any of the paths can begin with."""
    return frozenset[int]().union(*(first_bytes(path) for _, path in items))


def guard(found: frozenset[int]) -> str:
    """A lookahead for one of these bytes; nothing where almost any byte will do."""
    if len(found) > WIDE:
        return ""
    runs = [
        [byte for _, byte in run]
        for _, run in itertools.groupby(enumerate(sorted(found)), lambda pair: pair[1] - pair[0])
    ]
    return "(?=[" + "".join(rf"\x{run[0]:02x}-\x{run[-1]:02x}" for run in runs) + "])"


def literal(node: Text) -> str:
    """A literal as a pattern."""
    escaped = re.escape(node.value).replace(r"\ ", " ").replace(r"\-", "-")
    return f"(?i:{escaped})" if node.ignore_case else escaped


def group_by_head(items: list[Item]) -> list[Group]:
    """Group paths by their first node, literals by their longest common beginning; first seen, first tried.

    The end of a path (head None) comes last, so that a longer path is tried before a shorter one.
    """
    groups: dict[object, list[Item]] = {}
    for kind, path in items:
        head = path[0] if path else None
        key = (head.value[0], head.ignore_case) if isinstance(head, Text) else head
        groups.setdefault(key, []).append((kind, path))
    ends = groups.pop(None, None)
    found: list[Group] = [(common_head(group), group) for group in groups.values()]
    return [*found, (None, ends)] if ends else found


def common_head(items: list[Item]) -> Node:
    """The head that a group shares: its node, or the longest common beginning of its literals."""
    heads = [path[0] for _, path in items]
    if not isinstance(heads[0], Text):
        return heads[0]
    texts = [head.value for head in heads if isinstance(head, Text)]
    size = next(
        (i for i, letters in enumerate(zip(*texts, strict=False)) if len(set(letters)) > 1),
        min(map(len, texts)),
    )
    return Text(texts[0][:size], heads[0].ignore_case)


def drop_head(path: Path, head: Node) -> Path:
    """What is left of a path after its head, or after the part of its first literal that the head took."""
    first = path[0]
    if isinstance(first, Text) and isinstance(head, Text) and len(first.value) > len(head.value):
        return (Text(first.value[len(head.value) :], first.ignore_case), *path[1:])
    return path[1:]
