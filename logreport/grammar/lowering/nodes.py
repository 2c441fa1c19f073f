"""What a lowered rule is made of: immutable nodes that can be compared, hashed and factored."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """A literal."""

    value: str
    ignore_case: bool = False


@dataclass(frozen=True)
class Token:
    """A terminal that is a regular expression; matched atomically, because Lark never backtracks into a token."""

    name: str
    pattern: str


@dataclass(frozen=True)
class Field:
    """A named value: one terminal, or alternatives of terminals."""

    name: str
    dtype: str
    body: tuple["Path", ...]


@dataclass(frozen=True)
class Choice:
    """Alternatives of a structural rule; an empty alternative makes it optional."""

    options: tuple["Path", ...]


@dataclass(frozen=True)
class Repeat:
    """One or more times any of its options."""

    options: tuple["Path", ...]


Node = Text | Token | Field | Choice | Repeat
Path = tuple[Node, ...]


@dataclass(frozen=True)
class Kind:
    """A kind of line: its name, its priority, and the paths that its rule expands to."""

    name: str
    priority: int
    paths: tuple[Path, ...]


def fields_of(path: Path) -> list[Field]:
    """The fields of a path, in the order of its text."""
    found: list[Field] = []
    for node in path:
        if isinstance(node, Field):
            found.append(node)
        elif isinstance(node, Choice | Repeat):
            for option in node.options:
                found.extend(fields_of(option))
    return found
