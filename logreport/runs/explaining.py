"""Each line of a source with what it is: its kind and fields, or why no kind matched."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from logreport.grammar import load_engine
from logreport.grammar.comments import HEADING
from logreport.grammar.explaining import nearest
from logreport.grammar.loading import grammar_files, load_kinds
from logreport.runs.ledger import Ledger
from logreport.runs.reading import Source


@dataclass
class Explained:
    """One line: its text, its category in the ledger, and for a record its kinds and fields."""

    number: int
    text: str
    category: str
    kinds: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    why: str = ""
    column: int | None = None


def explain(source: Source, grammars: tuple[Path, ...] = (), only: int | None = None) -> Iterator[Explained]:
    """The lines of a source in order, or only one of them.

    Raises:
        SourceError: where the source cannot be read.
    """
    engine = load_engine(grammars, documents=source.is_document)
    files = tuple(path for path in grammar_files(grammars) if path.stem != "prefixes")
    kinds = tuple(kind for kind in load_kinds(files) if kind.name != HEADING)
    ledger = Ledger(prose_outside=source.is_prose)
    texts: dict[int, bytes] = {}
    matched: dict[int, list[tuple[str, dict[str, Any]]]] = {}
    left: dict[int, str] = {}
    fences: list[int] = []
    for scan in engine.scan(remember(source, texts)):
        for match in scan.matches:
            matched.setdefault(match.line, []).append((match.leaf.kind, match.fields()))
            if match.leaf.kind == "document.fence":
                fences.append(match.line)
        for gap in scan.gaps:
            damaged = engine.malformed(gap)
            left |= {number: ledger.category(number, line, fences, damaged) for number, line in gap.lines()}
        yield from explained(texts, matched, left, kinds, only)


def remember(source: Source, texts: dict[int, bytes]) -> Iterator[tuple[bytes, Any]]:
    """The chunks of a source, with the text of each line kept until it is explained."""
    for text, numbers in source.chunks():
        for number, line in zip(numbers, text.split(b"\n"), strict=False):
            texts[number] = texts[number] + b"\r" + line if number in texts else line
        yield text, numbers


def explained(
    texts: dict[int, bytes],
    matched: dict[int, list[tuple[str, dict[str, Any]]]],
    left: dict[int, str],
    kinds: tuple[Any, ...],
    only: int | None,
) -> Iterator[Explained]:
    """Explain the lines that have been scanned; later lines of a block belong to the record that began it."""
    known = max([*matched, *left], default=0)
    for number in sorted(n for n in texts if n <= known):
        line = texts.pop(number)
        if only is not None and number != only:
            continue
        one = Explained(number, line.decode("utf-8", "replace").rstrip("\r"), left.get(number, "chatter"))
        if number in matched:
            one.category, one.kinds = "record", matched.pop(number)
        elif number in left and one.category in ("unknown", "malformed"):
            near = nearest(line, kinds)
            one.why = (
                f"nearest {near.kind}, which expects {near.expected} here"
                if near
                else "no kind begins like this"
            )
            one.column = near.column if near else None
        yield one
