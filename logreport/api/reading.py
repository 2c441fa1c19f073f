"""From paths to a reading: slice by slice, in worker processes where there is much to read."""

import gc
import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from logreport.errors import LogreportError
from logreport.grammar import load_engine
from logreport.runs.reading import Reading, note_duplicates, read
from logreport.runs.streaming import stream
from logreport.sources import Source, find_sources

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
PARALLEL_FROM = 8_000_000  # bytes; less is read before a second process has started
LARGE = 64_000_000  # bytes; the records of a larger file are not held in memory for another process
ANALYSED = {"phases", "steps", "findings"}  # tables that analysis fills
SLICES = 8  # slices per process, so that they end together


def names_of(logs: Paths) -> list[str]:
    """Paths as text."""
    return [os.fspath(logs)] if isinstance(logs, str | os.PathLike) else [os.fspath(log) for log in logs]


def sources_of(logs: Paths) -> list[Source | LogreportError]:
    """The sources behind paths, and an error for each that is not there."""
    return list(find_sources(names_of(logs)))


def read_logs(
    sources: Sequence[Source | LogreportError],
    *,
    grammars: Sequence[Path] = (),
    with_records: bool = False,
    redact: bool = False,
    only: Sequence[str] | None = None,
    on_source: Callable[[Source], None] | None = None,
) -> Reading:
    """Read and analyse sources, in several processes where there is much to read.

    Args:
        sources: from `sources_of`.
        grammars: folders with grammars of your own.
        with_records: also keep the records.
        redact: replace the names of hosts, users, home folders and addresses by placeholders.
        only: the tables that are wanted beside `lines`, all where it is None; others may stay empty.
        on_source: called with each source that was read.
    """
    from logreport.analysis import check_across

    whole = Reading()
    if redact or (only is not None and "findings" in only):
        only = None  # names stand, and doubts come from, everywhere
    how = Slice(tuple(grammars), with_records=with_records, only=None if only is None else frozenset(only))
    for part, _ in in_slices(sources, how, on_source):
        whole.extend(part)
    if only is None:
        note_duplicates(whole.tables)
        check_across(whole.tables)
    if redact:
        whole.redact()
    return whole


def stream_records(
    sources: Sequence[Source | LogreportError],
    write: Callable[[bytes], object],
    *,
    grammars: Sequence[Path] = (),
) -> Reading:
    """Hand on the records of each source as lines of JSON; returns what was read without them.

    In this process nothing is held longer than its run is open; worker processes are given small files only.
    """
    largest = max((source.size for source in sources if isinstance(source, Source)), default=0)
    if largest > LARGE or not is_much(sources):
        return stream(sources, write, tuple(grammars))
    whole = Reading()
    for part, lines in in_slices(sources, Slice(tuple(grammars), as_lines=True)):
        write(lines)
        whole.extend(part)
    return whole


@dataclass(frozen=True)
class Slice:
    """How to read some sources; it is sent to worker processes.

    Args:
        grammars: the user's folders of grammars.
        with_records: also give the records.
        as_lines: give the records as lines of JSON, and leave out what they do not need.
        only: the tables that are wanted beside `lines`; None for all.
    """

    grammars: tuple[Path, ...] = ()
    with_records: bool = False
    as_lines: bool = False
    only: frozenset[str] | None = None

    def read(self, sources: Iterable[Source | LogreportError]) -> tuple[Reading, bytes]:
        """Read and analyse in this process."""
        if self.as_lines:
            out = io.BytesIO()
            return stream(sources, out.write, self.grammars), out.getvalue()
        reading = read(sources, grammars=self.grammars, with_records=self.with_records)
        if self.only is None or self.only & ANALYSED:
            from logreport.analysis import analyze

            analyze(reading.tables)
        if self.only is not None:
            reading.tables.keep(self.only | {"lines"})  # the others are not worth the way to another process
        return reading, b""

    def read_names(self, names: Sequence[str]) -> tuple[Reading, bytes]:
        """The same for files by name: what a worker process does."""
        return self.read(find_sources(names))


def workers() -> int:
    """How many processes there can be."""
    return min(len(os.sched_getaffinity(0)), 16)


def is_much(sources: Sequence[Source | LogreportError]) -> bool:
    """Whether reading in several processes pays: many files that are large together."""
    size = sum(source.size for source in sources if isinstance(source, Source))
    files = all(isinstance(source, Source) and Path(source.name).is_file() for source in sources)
    return workers() >= 2 and files and len(sources) > workers() and size >= PARALLEL_FROM


def in_slices(
    sources: Sequence[Source | LogreportError], how: Slice, on_source: Callable[[Source], None] | None = None
) -> Iterator[tuple[Reading, bytes]]:
    """Read sources slice by slice, in order; in worker processes where there is much to read."""
    if not is_much(sources):
        for source in sources:
            yield how.read([source])
            if on_source is not None and isinstance(source, Source):
                on_source(source)
        return
    from concurrent.futures import ProcessPoolExecutor

    processes = workers()
    step = max(1, -(-len(sources) // (processes * SLICES)))
    slices = [sources[i : i + step] for i in range(0, len(sources), step)]
    # What a process would load is loaded before they start; they end before cycles could add up, so none collects.
    for documents in {source.is_document for source in sources if isinstance(source, Source)}:
        load_engine(how.grammars, documents=documents)
    with ProcessPoolExecutor(processes, initializer=gc.disable) as pool:
        tasks = [
            pool.submit(how.read_names, [source.name for source in part if isinstance(source, Source)])
            for part in slices
        ]
        for part, task in zip(slices, tasks, strict=True):
            yield task.result()
            for source in part:
                if on_source is not None and isinstance(source, Source):
                    on_source(source)
