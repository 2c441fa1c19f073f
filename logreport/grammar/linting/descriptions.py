"""What a grammar file says of itself: the comment above each rule, which says what it reads and shows a line."""

import re
from dataclasses import dataclass
from pathlib import Path

from logreport.grammar.lowering.nodes import Kind, fields_of
from logreport.grammar.scanning.engine import Engine

RULE = re.compile(r"[?!]*([a-z_][a-z0-9_]*)(?:\.-?[0-9]+)?[ \t]*:")
COMMENT = re.compile(r"[ \t]*//(?!!)[ \t]?(.*)")
DIRECTIVE = re.compile(r"[ \t]*//!.*")


@dataclass(frozen=True)
class Described:
    """A kind with what its file says of it.

    Args:
        kind: its name, `grammar.rule`.
        fields: name and type of each field.
        about: what it reads, in words.
        sample: a line, or a block of lines, that it reads; empty where no comment shows one.
    """

    kind: str
    fields: tuple[tuple[str, str], ...]
    about: str
    sample: str


def comments_of(path: Path) -> dict[str, list[str]]:
    """The lines of the comment that stands directly above each rule of a file."""
    found: dict[str, list[str]] = {}
    above: list[str] = []
    for line in path.read_text("utf-8", "replace").splitlines():
        if DIRECTIVE.fullmatch(line):
            continue
        comment, rule = COMMENT.fullmatch(line), RULE.match(line)
        if rule:
            found[rule[1]] = above
        above = [*above, comment[1]] if comment else []
    return found


def describe(path: Path, kinds: list[Kind], engine: Engine) -> list[Described]:
    """The kinds of one file; `engine` says which lines of a comment are a sample and not words."""
    comments = comments_of(path)
    return [
        Described(
            kind.name,
            fields_with_types(kind),
            *about_and_sample(kind.name, comments.get(kind.name.partition(".")[2], []), engine),
        )
        for kind in kinds
    ]


def fields_with_types(kind: Kind) -> tuple[tuple[str, str], ...]:
    """Name and type of each field of a kind; chatter has none."""
    if kind.name.partition(".")[2].startswith("chatter"):
        return ()
    return tuple({field.name: field.dtype for path in kind.paths for field in fields_of(path)}.items())


def about_and_sample(kind: str, comment: list[str], engine: Engine) -> tuple[str, str]:
    """A comment in its two parts: the words, and the longest run of last lines that is of this kind."""
    for start in range(len(comment)):
        sample = "\n".join(comment[start:])
        if read_as(engine, sample) == kind:
            return " ".join(comment[:start]), sample
    for start, line in enumerate(comment):
        if read_as(engine, line) == kind:
            return " ".join(comment[:start]), line
    return " ".join(comment), ""


def read_as(engine: Engine, line: str) -> str | None:
    """The kind that a line, or a block of lines, is as a whole; also behind prefixes."""
    return kind_of(engine, wholes(engine, line))


def wholes(engine: Engine, line: str) -> list[bytes]:
    """A line as it stands, and without its prefixes."""
    text = line.encode()
    bare = next(engine.unwrapper.bare_pieces(text))[1]
    return [b"\n" + whole + b"\n" for whole in dict.fromkeys((text, bare))]


def kind_of(engine: Engine, lines: list[bytes]) -> str | None:
    """The kind of the first of some lines that is of one as a whole."""
    for line in lines:
        match = engine.pattern.match(line)
        if match and match.end() == len(line) - 1:
            return engine.leaves[match.lastindex or 0][0].kind
    return None
