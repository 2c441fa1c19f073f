"""Records as lines of JSON while a source is read: memory holds the runs that are not over yet, not the source."""

import bisect
import tempfile
from collections.abc import Callable, Iterable
from typing import Any

from logreport.errors import LogreportError, unforeseen
from logreport.grammar import Engine, Match, load_engine
from logreport.runs.reading import read_source, record
from logreport.runs.run import Run, Segmented
from logreport.runs.segmentation.segmenter import Segmenter
from logreport.sources.source import Source
from logreport.tables.exporting import printable, record_lines
from logreport.tables.reading import Reading
from logreport.tables.secrets import hidden_name, without_secrets

IN_MEMORY = (
    16 << 20
)  # bytes of records of one source; more go to a temporary file until the source is read whole
BLOCK = 1 << 20


def stream(
    sources: Iterable[Source | LogreportError],
    write: Callable[[bytes], object],
    grammars: tuple[Any, ...] = (),
) -> Reading:
    """Hand on the records of each source that can be read whole; returns the ledger, the runs and the errors."""
    reading = Reading()
    for source in sources:
        if isinstance(source, LogreportError):
            reading.errors.append(source)
            continue
        engine = load_engine(grammars, documents=source.is_document)
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
            if spooled(source, engine, reading, spool.write):
                spool.seek(0)
                while block := spool.read(BLOCK):
                    write(block)
    return reading


def spooled(source: Source, engine: Engine, reading: Reading, write: Callable[[bytes], object]) -> bool:
    """Write the records of one source in the order of its lines; False where it could not be read to its end."""
    counts = reading.tables.counts()
    try:
        records = Records(hidden_name(source.name), write)
        records.finish(read_source(source, engine, reading, records.take))
        for run_id, name in records.runs:
            reading.tables.add("runs", run_id=run_id, source=name)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a matter of this source
        reading.tables.cut(counts)
        reading.errors.append(unforeseen(error, source.name))
        return False
    return True


class Records:
    """The records of one source, each written as soon as its run is over and none before it is still open.

    Args:
        source: the name of the source.
        write: takes lines of JSON.
    """

    def __init__(self, source: str, write: Callable[[bytes], object]) -> None:
        self.source, self.write = source, write
        self.runs: list[tuple[str, str]] = []  # run_id and source of each
        self.waiting: list[
            tuple[int, int, dict[str, Any]]
        ] = []  # line, a number that keeps their order, record
        self.count = 0

    def take(self, segmenter: Segmenter) -> None:
        """Take over what segmentation will not touch again: all runs that are closed but the last."""
        found = segmenter.found
        closed = found.runs[:-1]
        del found.runs[:-1]
        self.add(closed, found.stray + found.published)
        found.stray.clear()
        found.published.clear()
        held = [run.first_line for run in (*found.runs, segmenter.started, segmenter.run) if run is not None]
        held += [match.line for match in segmenter.before[:1]]
        self.write_before(min(held) if held else None)

    def finish(self, found: Segmented) -> None:
        """Write all that is left when the source has been read."""
        self.add(found.runs, found.loose + found.stray + found.published)
        self.write_before(None)

    def add(self, runs: list[Run], others: list[Match]) -> None:
        """Take records in; the runs of a source are `path`, `path#2`, … in the order in which they end."""
        for match in others:
            grammar = match.leaf.kind.partition(".")[0]
            if grammar != "document":
                self.keep(match, self.source, None)
        for run in runs:
            name = f"{self.source}#{len(self.runs) + 1}" if self.runs else self.source
            run_id = run.run_id()
            self.runs.append((run_id, name))
            for match in run.matches:
                self.keep(match, name, run_id)

    def keep(self, match: Match, source: str, run_id: str | None) -> None:
        """Keep one record until its turn comes."""
        row = record(match, source, run_id)
        printable(row["fields"])
        self.waiting.append((match.line, self.count, row))
        self.count += 1

    def write_before(self, line: int | None) -> None:
        """Write the records of the lines before one, in their order; all of them where none is given."""
        self.waiting.sort()
        end = len(self.waiting) if line is None else bisect.bisect_left(self.waiting, (line,))
        self.write(record_lines(without_secrets([row for _, _, row in self.waiting[:end]])))
        del self.waiting[:end]
