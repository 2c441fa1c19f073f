"""From paths to a reading."""

from collections.abc import Callable, Sequence
from pathlib import Path

from logreport.api.selecting import require_runs
from logreport.api.slices import Slice, in_slices, is_much
from logreport.errors import LogreportError
from logreport.grammar.scanning.engine import no_collection
from logreport.runs.reading import note_duplicates
from logreport.runs.streaming import stream
from logreport.sources import Source, find_sources
from logreport.sources.finding import find_files, source_of
from logreport.sources.names import Paths, names_of
from logreport.tables.given import Given
from logreport.tables.reading import Reading
from logreport.workers.spreading import Scheduler

LARGE = 64_000_000  # bytes; the records of a larger file are not held in memory for another process


def folders_of(grammars: Paths) -> tuple[Path, ...]:
    """Folders of grammars, of which one may be given as it is.

    Raises:
        UsageError: for what is no path.
    """
    return tuple(map(Path, names_of(grammars)))


def sources_of(logs: Paths) -> list[Source | LogreportError]:
    """The sources behind paths, and an error for each that is not there."""
    return list(find_sources(names_of(logs)))


def listed(logs: Paths) -> list[Source | LogreportError]:
    """The files behind paths, none of them opened: archives stand for their members, for who reads them elsewhere."""
    found = find_files(names_of(logs))
    return [one if isinstance(one, LogreportError) else source_of(one) for one in found]


@no_collection()
def read_logs(
    sources: Sequence[Source | LogreportError],
    *,
    grammars: Paths = (),
    where: str | None = None,
    with_records: bool = False,
    redact: bool = False,
    only: Sequence[str] | None = None,
    given: Sequence[Given] = (),
    on_source: Callable[[Source], None] | None = None,
    scheduler: Scheduler | None = None,
    put: Callable[[Reading], object] | None = None,
) -> Reading:
    """Read and analyse sources, in several processes where there is much to read.

    Args:
        sources: from `sources_of`, or from `listed` with a scheduler.
        grammars: folders with grammars of your own.
        where: a condition on the runs, such as `device = 'RTX 3090'`; the others are left out.
        with_records: also keep the records.
        redact: replace the names of hosts, users, home folders and addresses by placeholders.
        only: the tables that are wanted beside `lines` and `runs`, all where it is None; others may stay empty.
        given: facts that the user gives.
        on_source: called with each source that was read.
        scheduler: where to work; None for this machine.
        put: takes the tables of some sources after the other, so that none but `lines` and `runs` are held; for what
            `only` names without findings, with neither condition nor names to replace.

    Raises:
        UsageError: where the condition is none, or selects nothing.
    """
    whole, meant = Reading(), None
    if where is not None:
        from logreport.tables.conditions import condition

        meant = condition(where)
    if redact or (only is not None and "findings" in only):
        only = None  # names stand, and doubts come from, everywhere
    how = Slice(
        folders_of(grammars),
        with_records=with_records,
        only=None if only is None else frozenset(only),
        given=tuple(given),
        run_by_run=put is not None,
    )
    for part, _ in in_slices(sources, how, on_source, scheduler):
        if put is not None:
            put(part)
            part.tables.keep({"lines", "runs"})
        whole.extend(part)
    if meant is not None and whole.tables.count("lines"):
        whole.tables.choose(meant)
        require_runs(whole, meant.text)
    if only is None:
        from logreport.analysis import check_across

        note_duplicates(whole.tables)
        check_across(whole.tables)
    if redact:
        whole.redact()
    return whole


@no_collection()
def stream_records(
    sources: Sequence[Source | LogreportError],
    write: Callable[[bytes], object],
    *,
    grammars: Paths = (),
    scheduler: Scheduler | None = None,
) -> Reading:
    """Hand on the records of each source as lines of JSON; returns what was read without them.

    In this process nothing is held longer than its run is open; worker processes are given small files only.
    """
    folders = folders_of(grammars)
    largest = max((source.size for source in sources if isinstance(source, Source)), default=0)
    if scheduler is None and (largest > LARGE or not is_much(sources)):
        return stream(sources, write, folders)
    whole = Reading()
    for part, lines in in_slices(sources, Slice(folders, as_lines=True), None, scheduler):
        write(lines)
        whole.extend(part)
    return whole
