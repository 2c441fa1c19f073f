"""A log that somebody else writes: what is new in it, through rotation, and what it comes to so far."""

import json
import os
import select
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Self

from logreport.analysis import analyze
from logreport.errors import LogreportError, SourceError
from logreport.runs.reading import read
from logreport.runs.run_record import RunRecord, from_json
from logreport.sources import Source
from logreport.sources.names import RECORD, beside_of
from logreport.tables.tables import Tables

BLOCK = 1 << 16  # bytes
PAUSE = 0.25  # seconds between two looks where nothing is new
QUIET = 5.0  # seconds without a line after which a log that says that it is complete is over
LOOK = 5.0  # seconds between two looks at what it comes to
CHANGES = {"slows-down": "slower", "speeds-up": "faster"}
SHARE = 20  # so many times as long as the last look took, the next one waits at least


class Tail:
    """What is new in a file: one that takes its name is gone on with, and one that is cut is read from its beginning.

    Raises:
        SourceError: where it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = self.opened()
        self.behind = self.stat().st_size  # bytes that were there before

    def __enter__(self) -> Self:
        """The file is closed when this is left."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.file.close()

    def opened(self) -> IO[bytes]:
        """The file of that name now."""
        try:
            return self.path.open("rb", buffering=0)
        except OSError as error:
            raise SourceError(f"cannot be read ({error.strerror})", source=self.path) from error

    def stat(self) -> os.stat_result:
        """What the system knows of the open file."""
        return os.fstat(self.file.fileno())

    def read(self) -> bytes | None:
        """The next bytes; none where nothing is new."""
        if data := self.file.read(BLOCK):
            return data
        try:
            there = self.path.stat()
        except OSError:  # between two files of that name
            there = self.stat()
        if not os.path.samestat(there, self.stat()):
            self.file.close()
            self.file = self.opened()
        elif there.st_size < self.file.tell():
            self.file.seek(0)
        else:
            time.sleep(PAUSE)
            return b""
        return self.file.read(BLOCK)

    def is_quiet(self) -> bool:
        """Whether nothing was written for a while."""
        return time.time() - self.stat().st_mtime > QUIET


class Piped:
    """What comes through standard input; None when it is over."""

    behind = 0

    def __enter__(self) -> Self:
        """Nothing is to be closed."""
        return self

    def __exit__(self, *_: object) -> None:
        """Standard input is somebody else's."""

    def read(self) -> bytes | None:
        """The next bytes; none where nothing came for a moment, None at the end."""
        if not select.select([sys.stdin.buffer], [], [], PAUSE)[0]:
            return b""
        return os.read(sys.stdin.fileno(), BLOCK) or None

    def is_quiet(self) -> bool:
        """Whether it is over: only its end says that."""
        return False


class Watched:
    """All that was seen of a log.

    Args:
        name: as the user wrote it.
        grammars: the user's folders of grammars.
    """

    def __init__(self, name: str, grammars: tuple[Path, ...]) -> None:
        self.name, self.grammars = name, grammars
        self.seen = tempfile.NamedTemporaryFile(prefix="logreport-", buffering=0)  # noqa: SIM115 - for as long as it is watched
        self.tables: Tables | None = None
        self.next, self.rest, self.is_new = time.monotonic() + LOOK, b"", False

    def __enter__(self) -> Self:
        """What was seen is forgotten when this is left."""
        return self

    def __exit__(self, *_: object) -> None:
        """Forget it."""
        self.seen.close()

    def take(self, data: bytes) -> bytes:
        """Take bytes in; returns the lines that are whole now."""
        self.seen.write(data)
        self.is_new = True
        lines, end, self.rest = (self.rest + data).rpartition(b"\n")
        return lines + end

    def look(self, *, now: bool = False) -> Tables | None:
        """What the log comes to: the tables of a while ago, or of all that was seen until `now`."""
        begin = time.monotonic()
        if self.is_new and (now or begin >= self.next):
            source = Source(self.name, lambda: open(self.seen.name, "rb"), beside=self.beside)  # noqa: PTH123, SIM115 - for the reader
            self.tables = read([source], grammars=self.grammars).tables
            analyze(self.tables)
            end = time.monotonic()
            self.is_new, self.next = False, end + max(LOOK, SHARE * (end - begin))
        return self.tables

    def beside(self, ending: str) -> bytes | None:
        """What a runner keeps beside the log."""
        try:
            return Path(beside_of(self.name, ending)).read_bytes()
        except OSError:
            return None

    def record(self) -> RunRecord | None:
        """The record of its run, if a runner keeps one."""
        content = self.beside(RECORD)
        try:
            return None if content is None else from_json(content, self.name)
        except LogreportError:  # it is being replaced, or no record of ours
            return None

    def is_over(self, is_quiet: Callable[[], bool]) -> bool:
        """Whether nothing more will come: the record has an end, or the log says that all its runs are complete."""
        if (record := self.record()) is not None:
            return record.end is not None
        if not is_quiet():
            return False
        tables = self.look(now=True)
        found = tables.columns["runs"]["status"] if tables else ()
        return bool(found) and all(status in ("complete", "failed") for status in found)


def outlook(tables: Tables | None) -> str:
    """What is known so far of the phase that runs, in short: its interval, and since when it is slower or faster."""
    phase = next(reversed([*tables.rows("phases")]), None) if tables else None
    if tables is None or phase is None:
        return ""
    words = []
    low, high = phase["examples_per_second_low"], phase["examples_per_second_high"]
    if low is not None and high is not None:
        words.append(f"95 % interval {low:.4g} to {high:.4g}")
    for row in tables.rows("findings"):
        if (row["run_id"], row["phase"]) == (phase["run_id"], phase["phase"]) and row["code"] in CHANGES:
            found = json.loads(row["details"])
            since = f" since step {found['step']}" if found.get("step") is not None else ""
            words.append(f"{found['percent']:.0f} % {CHANGES[row['code']]}{since}")
    return " · ".join(words)
