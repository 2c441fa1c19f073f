"""A run while it is being read: the matches that belong to it, and what segmentation must remember of them."""

import hashlib
import sys
from dataclasses import dataclass, field
from typing import Any

from logreport.grammar import Match
from logreport.runs.record import RunRecord


@dataclass
class Run:
    """One execution of one benchmark script, as the matches of its lines.

    Args:
        source: name of the source; `path#2` for the second log of a document.
        benchmark: grammar of its result lines, None while only a command is known.
        heading: the heading of the document above it.
        matches: its lines, in order.
    """

    source: str
    benchmark: str | None = None
    heading: str = ""
    command: str = ""
    matches: list[Match] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    by_kind: dict[str, list[Match]] = field(default_factory=dict)  # the same by their kind
    resumed_at: list[tuple[int, int]] = field(default_factory=list)  # (line, step) where steps jumped back
    repeats_steps: bool = False  # a step is not after the last one: of several workers, or resumed
    goes_on_at: int = 0  # how many matches stand in an earlier fence than its results
    first_line: int = sys.maxsize  # no match stands before it
    record: RunRecord | None = None  # what its runner knows
    is_silent: bool = False  # no line of the log tells of it: only the record does

    def add(self, match: Match) -> None:
        """Take a match in."""
        self.matches.append(match)
        if match.line < self.first_line:  # noqa: PLR1730 - half the time of min()
            self.first_line = match.line
        self.by_kind.setdefault(match.leaf.kind, []).append(match)

    def hold(self, matches: list[Match]) -> None:
        """Hold these matches and no others."""
        self.matches, self.by_kind = [], {}
        for match in matches:
            self.add(match)

    def has(self, *kinds: str) -> bool:
        """Whether it holds a match of any of these kinds."""
        return not self.by_kind.keys().isdisjoint(kinds)

    def run_id(self) -> str:
        """Hash of the run's own lines: kinds and field values, so that prefixes and line ends do not count."""
        parts = [
            b"\0".join((match.leaf.kind.encode(), *map(bytes.strip, filter(None, match.values))))
            for match in self.matches
        ]
        if self.is_silent and self.record is not None:  # two of them may have printed the same words
            parts.append(self.record.started.isoformat().encode())
        return hashlib.sha256(b"".join(parts)).hexdigest()[:16]

    def of_kind(self, kind: str) -> list[tuple[Match, dict[str, Any]]]:
        """Its matches of one kind, with their fields."""
        return [(match, match.fields()) for match in self.by_kind.get(kind, ())]


@dataclass
class Segmented:
    """What one source holds: its runs, and matches that belong to none."""

    runs: list[Run] = field(default_factory=list)
    loose: list[Match] = field(default_factory=list)  # runtime lines of a log without a run
    published: list[Match] = field(default_factory=list)  # tables and result blocks of a document
    stray: list[Match] = field(
        default_factory=list
    )  # lines of scripts that make no run: a command, `Dataset: x`
