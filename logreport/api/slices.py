"""Slices of what there is to read: one after the other in this process, or spread over others and put in order."""

import io
import os
import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeGuard

from logreport.errors import LogreportError, unforeseen
from logreport.grammar import load_engine
from logreport.grammar.scanning.engine import no_collection
from logreport.resources import processors
from logreport.runs.reading import read
from logreport.runs.streaming import run_by_run, stream
from logreport.sources import Source, find_sources
from logreport.tables.given import Given, apply
from logreport.tables.reading import Reading
from logreport.tables.tables import Tables
from logreport.workers.spreading import BATCH, Local, Scheduler, in_batches, spread

PARALLEL_FROM = 200_000_000  # bytes; less is read sooner than what others read comes back
ANALYSED = {"phases", "steps", "findings"}  # tables that analysis fills
SLICES = 8  # slices per process, so that they end together


class Input(NamedTuple):
    """A source by its place among all and its name."""

    place: int
    name: str

    def __str__(self) -> str:
        """The name, for errors about it."""
        return self.name


@dataclass(frozen=True)
class Part:
    """What a slice held: the place of its first source, how many it had, and the reading."""

    place: int
    count: int
    reading: Reading
    lines: bytes


@dataclass(frozen=True)
class Slice:
    """How to read some sources; it is sent to worker processes.

    Args:
        grammars: the user's folders of grammars.
        with_records: also give the records.
        as_lines: give the records as lines of JSON, and leave out what they do not need.
        only: the tables that are wanted beside `lines` and `runs`; None for all.
        given: facts that the user gives.
        run_by_run: give the tables of a long log in pieces; not those of findings, which are ordered in it as a whole.
    """

    grammars: tuple[Path, ...] = ()
    with_records: bool = False
    as_lines: bool = False
    only: frozenset[str] | None = None
    given: tuple[Given, ...] = ()
    run_by_run: bool = False

    def read(self, sources: Iterable[Source | LogreportError]) -> tuple[Reading, bytes]:
        """Read and analyse in this process; a source at which that fails is an error beside the others."""
        sources = list(sources)
        try:
            return self.read_together(sources)
        except LogreportError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is about one of them
            if len(sources) == 1 and isinstance(sources[0], Source):
                return Reading(errors=[unforeseen(error, sources[0].name)]), b""
        whole, lines = Reading(), []
        for source in sources:
            part, text = self.read([source])
            whole.extend(part)
            lines.append(text)
        return whole, b"".join(lines)

    def read_together(self, sources: Iterable[Source | LogreportError]) -> tuple[Reading, bytes]:
        """Read and analyse, all or nothing."""
        if self.as_lines:
            out = io.BytesIO()
            return stream(sources, out.write, self.grammars), out.getvalue()
        reading = read(sources, grammars=self.grammars, with_records=self.with_records, only=self.only)
        self.complete(reading.tables)
        return reading, b""

    def complete(self, tables: Tables) -> None:
        """Add what the user gives and what analysis says, and keep what is wanted."""
        if self.given:
            apply(tables, self.given)
        if self.only is None or self.only & ANALYSED:
            from logreport.analysis import analyze

            analyze(tables)
            tables.sort_by_source("findings")
        if self.only is not None:
            tables.keep(self.only | {"lines", "runs"})  # the others are not worth the way to another process

    def in_pieces(self, sources: Sequence[Source | LogreportError]) -> Iterator[tuple[Reading, bytes]]:
        """Read in this process: of a long log one reading after the other, each of some runs or of a part of one.

        They wait in a temporary file until the log has been read: of one that breaks off none counts.
        """
        (source, *others) = sources
        if not self.run_by_run or others or not is_long(source):
            yield self.read(sources)
            return
        import tempfile

        with tempfile.TemporaryFile() as waiting:
            count = 0

            def put(tables: Tables) -> None:
                nonlocal count
                self.complete(tables)
                for columns in tables.in_parts():
                    pickle.dump(columns, waiting, pickle.HIGHEST_PROTOCOL)
                    count += 1

            try:
                run_by_run(source, load_engine(self.grammars), put, self.only)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a matter of this source
                yield Reading(errors=[unforeseen(error, source.name)]), b""
                return
            waiting.seek(0)
            for _ in range(count):
                reading = Reading()
                reading.tables.columns = pickle.load(waiting)  # noqa: S301 - written above
                runs = reading.tables.columns["runs"]
                runs["log_sha256"] = [source.sha256] * len(runs["run_id"])
                yield reading, b""

    def read_inputs(self, inputs: Sequence[Input]) -> Part:
        """The same for files by name: what a worker process does."""
        with no_collection():
            return Part(inputs[0].place, len(inputs), *self.read(find_sources(one.name for one in inputs)))


def workers() -> int:
    """How many processes there can be."""
    return min(len(processors()), 16)


def is_much(sources: Sequence[Source | LogreportError]) -> bool:
    """Whether reading in several processes pays: many files that are large together."""
    size = sum(source.size for source in sources if isinstance(source, Source))
    if size < PARALLEL_FROM or not 2 <= workers() < len(sources):
        return False
    return all(isinstance(source, Source) and is_file(source) for source in sources)


def size_of(source: Source | LogreportError) -> int:
    """The bytes of a source that a file is; of what can be read only once none is known, and it is read by itself."""
    if isinstance(source, LogreportError):
        return 0
    return source.size if is_file(source) else BATCH


def is_long(source: Source | LogreportError) -> TypeGuard[Source]:
    """Whether a source is read run by run: a log of some size, or of any that is not known, that no record tells of."""
    return (
        isinstance(source, Source)
        and not source.is_document
        and not 0 < source.size < BATCH
        and not source.has_record
    )


def is_file(source: Source) -> bool:
    """Whether another process can read a source by its path: a pipe has no size, either."""
    if not source.path or "://" in source.path:
        return False
    return source.size > 0 or os.path.isfile(source.path)  # noqa: PTH113 - a fifth of Path's time


def in_slices(
    sources: Sequence[Source | LogreportError],
    how: Slice,
    on_source: Callable[[Source], None] | None = None,
    scheduler: Scheduler | None = None,
) -> Iterator[tuple[Reading, bytes]]:
    """Read sources slice by slice, in order; in other processes where there is much to read or a scheduler is given."""
    if scheduler is None and not is_much(sources):
        for some in in_batches(sources, size_of):
            yield from how.in_pieces(some)
            for source in some:
                if on_source is not None and isinstance(source, Source):
                    on_source(source)
        return
    if scheduler is None:
        scheduler = Local(workers())
        for documents in {source.is_document for source in sources if isinstance(source, Source)}:
            # What it makes for the first text is kept, and the other processes find it.
            load_engine(how.grammars, documents=documents).scan_lines(b"\n", 1)
    files = [source for source in sources if isinstance(source, Source)]
    errors = [source for source in sources if isinstance(source, LogreportError)]
    for part in in_order(spread_out(files, how, scheduler, errors)):
        yield part.reading, part.lines
        if on_source is not None:
            for source in files[part.place : part.place + part.count]:
                on_source(source)
    yield Reading(errors=errors), b""


def spread_out(
    files: Sequence[Source], how: Slice, scheduler: Scheduler, errors: list[LogreportError]
) -> Iterator[Part]:
    """Parts as they come; what no worker survived is an error."""
    inputs = [Input(place, source.path or source.name) for place, source in enumerate(files)]
    step = max(1, -(-len(inputs) // (scheduler.width * SLICES)))
    slices = (inputs[i : i + step] for i in range(0, len(inputs), step))
    return spread(how.read_inputs, slices, scheduler, errors)


def in_order(parts: Iterable[Part]) -> Iterator[Part]:
    """Parts in the order of their sources, each as soon as those before it are there."""
    waiting: dict[int, Part] = {}
    place = 0
    for part in parts:
        waiting[part.place] = part
        while (ready := waiting.pop(place, None)) is not None:
            yield ready
            place += ready.count
    yield from (waiting[place] for place in sorted(waiting))  # behind a source that was given up
