"""Each line of a source with what it is: its kind and fields, or why no kind matched."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from logreport.grammar import Scan, load_engine
from logreport.grammar.linting.nearest import nearest
from logreport.grammar.loading import DOCUMENTS, PREFIXES, grammar_files, load_kinds
from logreport.grammar.scanning.commented_logs import HEADING
from logreport.runs.ledger import Ledger, is_outside
from logreport.runs.reading import scans_of
from logreport.sources.source import Source
from logreport.tables.secrets import HIDDEN, hidden, hidden_fields

KEY_BEGINS = re.compile(rb"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----")


@dataclass
class Explained:
    """One line: its text, its category in the ledger, and for a record its kinds and fields."""

    number: int
    text: str
    category: str
    kinds: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    why: str = ""
    column: int | None = None


@dataclass
class Known:
    """What scanning has said of the lines that are not explained yet."""

    matched: dict[int, list[tuple[str, dict[str, Any]]]] = field(default_factory=dict)
    later: dict[int, int] = field(default_factory=dict)  # of a record: the line above each that it begins in
    left: dict[int, str] = field(default_factory=dict)

    def category(self, number: int) -> str:
        """What the ledger counts a line as."""
        kinds = self.matched.get(self.later.get(number, number), ())
        if any(is_outside(kind) for kind, _ in kinds):
            return "prose"
        return "record" if kinds else self.left.get(number, "chatter")

    def take(self, scan: Scan) -> None:
        """Take in what is recognised."""
        for match in scan.records:
            self.matched.setdefault(match.line, []).append((match.leaf.kind, match.fields()))
        self.later |= scan.beginnings()


def explain(source: Source, grammars: tuple[Path, ...] = (), only: int | None = None) -> Iterator[Explained]:
    """The lines of a source in order, or only one of them.

    Raises:
        SourceError: where the source cannot be read.
    """
    engine = load_engine(grammars, documents=source.is_document)
    around = () if source.is_document else DOCUMENTS
    files = tuple(path for path in grammar_files(grammars) if path.stem not in (PREFIXES, *around))
    kinds = tuple(kind for kind in load_kinds(files) if kind.name != HEADING)
    ledger = Ledger(source, engine)
    texts: dict[int, bytes] = {}
    for scan in scans_of(source, engine, remember(source, texts)):
        known = Known()
        known.take(scan)
        ledger.see(scan)
        known.left |= ledger.categories(scan.gaps)
        end = max([*known.matched, *known.left, *known.later], default=0)
        yield from explained(texts, [number for number in texts if number <= end], known, kinds, only)
    yield from explained(texts, list(texts), Known(), kinds, only)


def remember(source: Source, texts: dict[int, bytes]) -> Iterator[tuple[bytes, Any]]:
    """The chunks of a source, with the text of each line kept until it is explained; of a private key, none."""
    in_key = False
    for text, numbers in source.chunks():
        for number, line in zip(numbers, text.split(b"\n"), strict=False):
            in_key = in_key or KEY_BEGINS.search(line) is not None
            shown = HIDDEN.encode() if in_key else line
            in_key = in_key and b"-----END" not in line
            texts[number] = texts[number] + b"\r" + shown if number in texts else shown
        yield text, numbers


def explained(
    texts: dict[int, bytes], numbers: list[int], known: Known, kinds: tuple[Any, ...], only: int | None
) -> Iterator[Explained]:
    """Explain these lines, which have been scanned."""
    for number in sorted(numbers):
        line = texts.pop(number)
        if only is not None and number != only:
            continue
        text = hidden(line.decode("utf-8", "replace").rstrip("\r"))
        one = Explained(number, text, known.category(number))
        one.kinds = [(kind, hidden_fields(fields)) for kind, fields in known.matched.get(number, ())]
        if one.category in ("unknown", "malformed"):
            near = nearest(line, kinds)
            one.why = (
                f"nearest {near.kind}, which expects {near.expected} here"
                if near
                else "no kind begins like this"
            )
            if near:
                one.column = len(hidden(line[: near.column].decode("utf-8", "replace")).encode())
        yield one
