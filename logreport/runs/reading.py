"""Sources in, tables out: each source is scanned, cut into runs, and its rows are appended to columns of all sources."""

import functools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from logreport.errors import LogreportError, SourceError, unforeseen
from logreport.grammar import Engine, Records, Scan, load_engine
from logreport.grammar.scanning.engine import Chunk, no_collection
from logreport.grammar.scanning.records import Shelf
from logreport.grammar.scanning.unfolding import unfolded
from logreport.runs.building import add_machine, build_run
from logreport.runs.ledger import Ledger, texts_of
from logreport.runs.machine.told import told_by
from logreport.runs.records import RecordRows
from logreport.runs.run import Run, Segmented
from logreport.runs.scripts import benchmark_logger
from logreport.runs.scripts.registry import BENCHMARKS, segmenter_for
from logreport.runs.segmentation.segmenter import Segmenter
from logreport.scripts import Benchmark
from logreport.sources.encoded import with_output
from logreport.sources.names import TELEMETRY, beside_of, ending_of
from logreport.sources.source import Source
from logreport.tables.findings import add
from logreport.tables.reading import Reading
from logreport.tables.redaction import hide_secrets
from logreport.tables.tables import Tables

if TYPE_CHECKING:
    from logreport.runs.telemetry import Look

JSON = ".json"
SMALL = 1 << 18  # bytes of a log that is scanned together with others
TOGETHER = 1 << 22  # bytes of logs that are scanned together, at least


@no_collection()
def read(
    sources: Iterable[Source | LogreportError],
    *,
    grammars: tuple[Any, ...] = (),
    with_records: bool = False,
    only: Collection[str] | None = None,
) -> Reading:
    """Read all sources, without their secrets; one that cannot be read is an error beside the tables of the others.

    `only` are the tables that are wanted beside `lines` and `runs`, all where it is None; others may stay empty.
    """
    reading = Reading(Tables(only))
    engine_for = functools.cache(functools.partial(load_engine, grammars))
    for source, scans in scanned_together(sources, engine_for):
        if isinstance(source, LogreportError):
            reading.errors.append(source)
        else:
            engine = engine_for(documents=True) if source.is_document else engine_for()
            read_one(source, engine, reading, scans, with_records=with_records)
    hide_secrets(reading.tables, reading.records)
    return reading


def scanned_together(
    sources: Iterable[Source | LogreportError], engine_for: Callable[[], Engine]
) -> Iterator[tuple[Source | LogreportError, list[Scan] | None]]:
    """The sources in order, small logs among them with their scans: many are scanned in one go, as one text costs less."""
    waiting: list[tuple[Source | LogreportError, bytes]] = []
    size = 0
    for source in sources:
        text = whole_text(source) if isinstance(source, Source) else b""
        waiting.append((source, text))
        size += len(text)
        if size > TOGETHER or not text:
            yield from with_scans(waiting, engine_for)
            waiting, size = [], 0
    yield from with_scans(waiting, engine_for)


def with_scans(
    waiting: Sequence[tuple[Source | LogreportError, bytes]], engine_for: Callable[[], Engine]
) -> Iterator[tuple[Source | LogreportError, list[Scan] | None]]:
    """Sources with the scans of those of which there is a text."""
    texts = [text for _, text in waiting if text]
    scans = iter(engine_for().scan_whole(texts) if texts else ())
    for source, text in waiting:
        yield source, [next(scans)] if text else None


def whole_text(source: Source) -> bytes:
    """The text of a small log, where each line of it is one line of the source; nothing of any other source.

    What cannot be read is read again when its turn comes, and is an error then.
    """
    if source.is_document or ending_of(source.name) == JSON or not 0 < source.size <= SMALL:
        return b""
    try:
        chunks = list(source.chunks())
    except Exception:  # noqa: BLE001 - as it says
        return b""
    if len(chunks) == 1 and isinstance(chunks[0][1], range) and chunks[0][1].start == 1:
        return chunks[0][0]
    return b""


def read_one(
    source: Source,
    engine: Engine,
    reading: Reading,
    scans: Iterable[Scan] | None = None,
    *,
    with_records: bool,
    with_record: bool = True,
) -> None:
    """Add what one source says, and the record beside it; what goes wrong with either is one error and no more.

    `scans` are those of a source that has been scanned.
    """
    counts, count = reading.tables.counts(), len(reading.records)
    found = Segmented()
    try:
        found = read_source(source, engine, reading, scans=scans)
        if with_record:
            add_record(found, source, reading.errors)
        build_tables(found, reading.tables, source, engine.formats)
        if with_records:
            RecordRows(source.name, reading.records.extend).finish(found)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a matter of this source
        reading.tables.cut(counts)
        del reading.records[count:]
        if any(run.record is not None for run in found.runs):
            reading.errors.append(unforeseen(error, source.record_name))
            read_one(source, engine, reading, with_records=with_records, with_record=False)
        else:
            reading.errors.append(unforeseen(error, source.name))


def read_source(
    source: Source,
    engine: Engine,
    reading: Reading,
    on_chunk: Callable[[Segmenter], None] | None = None,
    scans: Iterable[Scan] | None = None,
) -> Segmented:
    """Scan one source: its ledger goes to the tables, its runs are returned; `on_chunk` sees them grow.

    Raises:
        LogreportError: where it cannot be read.
    """
    ledger = Ledger(source, engine)
    segmenter, shelf = segmenter_for(source.name, engine), Shelf()
    for scan in scans_of(source, engine, source.chunks()) if scans is None else scans:
        ledger.take(scan)
        segmenter.feed(scan.records, texts_of(words_of(scan), ledger.fences) if source.is_document else ())
        if on_chunk is not None:
            on_chunk(segmenter)
        if scans is None:
            for columns, _ in scan.records.parts:
                shelf.take(columns)
    found = segmenter.finish()
    reading.tables.add("lines", source=source.name, total=source.line_count, **ledger.counts)
    for code, line, detail in source.notes:
        add(reading.tables, code, {"source": source.name, "line": line}, detail=detail)
    name_runs(found.runs, source.name)
    return found


def scans_of(source: Source, engine: Engine, chunks: Iterable[Chunk]) -> Iterator[Scan]:
    """The scans of the chunks of one source, in a document with the text around its logs."""
    if ending_of(source.name) == JSON and engine.objects.by_leaf:
        chunks = unfolded(chunks, engine, with_output)
    if not source.is_document:
        return engine.scan(chunks)
    from logreport.runs.published.page import Page
    from logreport.sources.table_markup import with_tables

    scans = engine.scan(with_tables(chunks, source.name))
    return Page(source, engine).read(scans)


def words_of(scan: Scan) -> list[tuple[int, bytes]]:
    """The lines of a document that no kind of a log matched, with their numbers, in order."""
    from logreport.runs.published.page import STATED, TEXT

    texts = [
        (match.line, text)
        for match in scan.records
        if match.leaf in (TEXT, STATED) and (text := match.raw("text")) is not None
    ]
    return sorted([*texts, *(line for gap in scan.gaps for line in gap.lines())])


def add_record(found: Segmented, source: Source, errors: list[LogreportError]) -> None:
    """Give the runs of a log what its runner knows; a log of a runner holds a run, whatever it printed.

    A record that cannot be read is an error, and the log counts by itself.
    """
    try:
        if (content := source.record()) is None:
            return
        if (settings := benchmark_logger.settings_in(content)) is not None:
            benchmark_logger.give_settings(found.runs, settings)
            return
        from logreport.runs.run_record import from_json

        record = from_json(content, source.record_name)
    except SourceError as error:
        errors.append(error)
        return
    if record.benchmark not in BENCHMARKS:
        what, todo = (
            f"is the record of an unknown benchmark ({record.benchmark!r:.40})",
            "install a newer logreport",
        )
        errors.append(SourceError(what, source=source.record_name, todo=todo))
        return
    if not found.runs:
        run = Run(source.name, record.benchmark, is_silent=True)
        run.extend(found.loose)
        found.runs, found.loose = [run], Records()
    looks: list[Look] = []
    try:
        if (series := source.series()) is not None:
            from logreport.runs.telemetry import looks_in

            looks = looks_in(series, beside_of(source.name, TELEMETRY))
    except SourceError as error:
        errors.append(error)
    for run in found.runs:
        run.record, run.looks, run.is_alone = record, looks, len(found.runs) == 1


def build_tables(
    found: Segmented,
    tables: Tables,
    source: Source,
    formats: Mapping[str, Benchmark],
    before: Sequence[int] = (),
) -> None:
    """Add the rows of the runs of one source, and of what stands around them; `before` are the first lines of runs above these."""
    for run in found.runs:
        build_run(run, tables, source.sha256)
    if found.loose:
        add_machine(told_by(found.loose), tables, {"source": source.name})
    for match in found.loose.of_kinds((benchmark_logger.SETTINGS,)):
        add(tables, "only-settings", {"source": source.name, "line": match.line})
    if found.stated:
        from logreport.runs.published.stated import add_stated

        add_stated(found.stated, formats, tables, source.name)
    if published := list(found.published.and_then(found.stray)):
        from logreport.runs.published.documents import add_published

        firsts = [*before, *(run.first_line for run in found.runs)]
        add_published(published, tables, source.name, firsts)


def name_runs(runs: list[Any], source: str, first: int = 1) -> None:
    """Runs of one source are `path`, `path#2`, …: the second log found in it and so on."""
    for number, run in enumerate(runs, first):
        run.source = source if number == 1 else f"{source}#{number}"


def note_duplicates(tables: Tables) -> None:
    """One run in two sources is one run: its rows stay under both sources, and a finding names the other."""
    runs = tables.columns["runs"]
    first: dict[str, str] = {}
    for run_id, source, line in zip(runs["run_id"], runs["source"], runs["first_line"], strict=True):
        if first.setdefault(run_id, source) != source:
            place = {"run_id": run_id, "source": source, "line": line}
            add(tables, "duplicate-run", place, source=first[run_id])
