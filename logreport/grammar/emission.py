"""From kinds to one regular expression: a trie over the openings of all paths, so that 200 kinds cost little more than one.

Each path ends in an empty group; the last group that closed tells which path matched, and with it the kind.
"""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from logreport.grammar.nodes import Field, Kind, Node, Path, Repeat, Text, Token
from logreport.grammar.openings import atomic, first_bytes


@dataclass(frozen=True)
class Leaf:
    """Where a path ends: its kind, and for each field the groups that can hold its value."""

    kind: str
    fields: tuple[tuple[str, str, tuple[int, ...]], ...]  # (name, dtype, groups)


@dataclass(frozen=True)
class Lowered:
    """All kinds as one pattern for bytes; `leaves` by the number of the empty group that ends each path.

    `beginnings` matches a line that begins as a result does, and every such line holds one of `signs`.
    """

    pattern: str
    leaves: dict[int, Leaf]
    beginnings: str = ""
    signs: tuple[str, ...] = ()


CHATTER = "chatter"  # kinds of this name say nothing: the fields of a prefix that they share are not kept
WIDE = 64  # bytes; a lookahead that lets more of them pass saves nothing
Groups = tuple[tuple[Field, int], ...]
Item = tuple[str, Path]  # kind, what is left of its path


def emit(kinds: Iterable[Kind]) -> Lowered:
    """Lower kinds to one pattern; higher priorities are tried first.

    Kinds of one priority do not overlap, so the opening that most of them share is tried first.
    """
    emitter = _Emitter()
    levels = []
    for _, level in itertools.groupby(
        sorted(kinds, key=lambda kind: -kind.priority), key=lambda kind: kind.priority
    ):
        groups = group_by_head([(kind.name, path) for kind in level for path in kind.paths])
        groups.sort(key=lambda group: -len(group[1]))
        levels += [emitter.branch(head, items, (), guarded=True) for head, items in groups]
    return Lowered("|".join(levels), emitter.leaves)


class _Emitter:
    """Writes the pattern and counts its groups."""

    def __init__(self) -> None:
        self.groups = 0
        self.leaves: dict[int, Leaf] = {}

    def group(self) -> int:
        self.groups += 1
        return self.groups

    def trie(self, items: list[Item], seen: Groups) -> str:
        """Alternatives for `items`, grouped by what they begin with; `seen` are the fields matched so far."""
        groups = group_by_head(items)
        branches = [self.branch(head, group, seen, guarded=len(groups) > 1) for head, group in groups]
        return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"

    def branch(self, head: Node | None, items: list[Item], seen: Groups, *, guarded: bool) -> str:
        """One alternative; where there are others, a look at its first byte comes before all that costs more."""
        if head is None:
            return self.leaf(items[0][0], seen)
        pattern, new = self.node(head)
        guard = guard_of([path for _, path in items]) if guarded and not isinstance(head, Text) else ""
        return (
            guard + pattern + self.trie([(kind, drop_head(path, head)) for kind, path in items], seen + new)
        )

    def leaf(self, kind: str, seen: Groups) -> str:
        chatter = kind.rpartition(".")[2].startswith(CHATTER)
        names = {} if chatter else dict.fromkeys((field.name, field.dtype) for field, _ in seen)
        self.leaves[self.group()] = Leaf(
            kind,
            tuple(
                (name, dtype, tuple(group for field, group in seen if field.name == name))
                for name, dtype in names
            ),
        )
        return "()"

    def node(self, node: Node) -> tuple[str, Groups]:
        """A node's pattern, and the groups of the fields in it."""
        if isinstance(node, Text):
            return literal(node), ()
        if isinstance(node, Token):
            return atomic(node.pattern), ()
        if isinstance(node, Field):
            group = self.group()
            return f"({'|'.join(self.plain(path) for path in node.body)})", ((node, group),)
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


def guard_of(paths: list[Path]) -> str:
    """A lookahead for the first byte of any of the paths; nothing where any byte will do."""
    found = frozenset[int]().union(*(first_bytes(path) for path in paths))
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


def group_by_head(items: list[Item]) -> list[tuple[Node | None, list[Item]]]:
    """Group paths by their first node, literals by their longest common beginning; first seen, first tried.

    The end of a path (head None) comes last, so that a longer path is tried before a shorter one.
    """
    groups: dict[object, list[Item]] = {}
    for kind, path in items:
        head = path[0] if path else None
        key = (head.value[0], head.ignore_case) if isinstance(head, Text) else head
        groups.setdefault(key, []).append((kind, path))
    ends = groups.pop(None, None)
    found: list[tuple[Node | None, list[Item]]] = [(common_head(group), group) for group in groups.values()]
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
