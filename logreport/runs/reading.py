"""Sources in, tables out: each source is scanned, cut into runs, and its rows are appended to columns of all sources."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from logreport.errors import LogreportError, SourceError, unforeseen
from logreport.grammar import Engine, Scan, load_engine
from logreport.grammar.scanning.engine import Chunk, no_collection
from logreport.runs.building import add_machine, build_run
from logreport.runs.ledger import Ledger, texts_of
from logreport.runs.machine.told import told_by
from logreport.runs.published.documents import add_published
from logreport.runs.published.page import TEXT, Page
from logreport.runs.records import RecordRows
from logreport.runs.run import Run, Segmented
from logreport.runs.run_record import from_json
from logreport.runs.scripts.registry import BENCHMARKS, segmenter_for
from logreport.runs.segmentation.segmenter import Segmenter
from logreport.runs.telemetry import Look, looks_in
from logreport.sources.names import TELEMETRY, beside_of
from logreport.sources.source import Source
from logreport.tables.findings import add
from logreport.tables.reading import Reading
from logreport.tables.redaction import hide_secrets
from logreport.tables.tables import Tables


def read(
    sources: Iterable[Source | LogreportError],
    *,
    grammars: tuple[Any, ...] = (),
    with_records: bool = False,
) -> Reading:
    """Read all sources, without their secrets; one that cannot be read is an error beside the tables of the others."""
    reading = Reading()
    for source in sources:
        if isinstance(source, LogreportError):
            reading.errors.append(source)
        else:
            engine = load_engine(grammars, documents=source.is_document)
            with no_collection():
                read_one(source, engine, reading, with_records=with_records)
    hide_secrets(reading.tables, reading.records)
    return reading


def read_one(
    source: Source, engine: Engine, reading: Reading, *, with_records: bool, with_record: bool = True
) -> None:
    """Add what one source says, and the record beside it; what goes wrong with either is one error and no more."""
    counts, count = reading.tables.counts(), len(reading.records)
    found = Segmented()
    try:
        found = read_source(source, engine, reading)
        if with_record:
            add_record(found, source, reading.errors)
        build_tables(found, reading.tables, source)
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
    source: Source, engine: Engine, reading: Reading, on_chunk: Callable[[Segmenter], None] | None = None
) -> Segmented:
    """Scan one source: its ledger goes to the tables, its runs are returned; `on_chunk` sees them grow.

    Raises:
        LogreportError: where it cannot be read.
    """
    ledger = Ledger(source, engine.malformed)
    segmenter = segmenter_for(source.name, engine)
    for scan in scans_of(source, engine, source.chunks()):
        ledger.take(scan)
        segmenter.feed(scan.matches, texts_of(words_of(scan), ledger.fences) if source.is_document else ())
        if on_chunk is not None:
            on_chunk(segmenter)
    found = segmenter.finish()
    reading.tables.add("lines", source=source.name, total=source.line_count, **ledger.counts)
    for code, line, detail in source.notes:
        add(reading.tables, code, {"source": source.name, "line": line}, detail=detail)
    name_runs(found.runs, source.name)
    return found


def scans_of(source: Source, engine: Engine, chunks: Iterable[Chunk]) -> Iterator[Scan]:
    """The scans of the chunks of one source, in a document with the text around its logs."""
    scans = engine.scan(chunks)
    return Page(source, engine.malformed).read(scans) if source.is_document else scans


def words_of(scan: Scan) -> list[tuple[int, bytes]]:
    """The lines of a document that no kind of a log matched, with their numbers, in order."""
    texts = [
        (match.line, text)
        for match in scan.matches
        if match.leaf is TEXT and (text := match.raw("text")) is not None
    ]
    return sorted([*texts, *(line for gap in scan.gaps for line in gap.lines())])


def add_record(found: Segmented, source: Source, errors: list[LogreportError]) -> None:
    """Give the runs of a log what its runner knows; a log of a runner holds a run, whatever it printed.

    A record that cannot be read is an error, and the log counts by itself.
    """
    if (content := source.record()) is None:
        return
    try:
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
        for match in found.loose:
            run.add(match)
        found.runs, found.loose = [run], []
    looks: list[Look] = []
    if (series := source.series()) is not None:
        try:
            looks = looks_in(series, beside_of(source.name, TELEMETRY))
        except SourceError as error:
            errors.append(error)
    for run in found.runs:
        run.record, run.looks, run.is_alone = record, looks, len(found.runs) == 1


def build_tables(found: Segmented, tables: Tables, source: Source) -> None:
    """Add the rows of the runs of one source, and of what stands around them."""
    for run in found.runs:
        build_run(run, tables, source.sha256)
    if found.loose:
        add_machine(told_by(found.loose), tables, {"source": source.name})
    add_published(found.published + found.stray, tables, source.name, [run.first_line for run in found.runs])


def name_runs(runs: list[Any], source: str) -> None:
    """Runs of one source are `path`, `path#2`, …: the second log found in it and so on."""
    for number, run in enumerate(runs, 1):
        run.source = source if number == 1 else f"{source}#{number}"


def note_duplicates(tables: Tables) -> None:
    """One run in two sources is one run: its rows stay under both sources, and a finding names the other."""
    runs = tables.columns["runs"]
    first: dict[str, str] = {}
    for run_id, source, line in zip(runs["run_id"], runs["source"], runs["first_line"], strict=True):
        if first.setdefault(run_id, source) != source:
            place = {"run_id": run_id, "source": source, "line": line}
            add(tables, "duplicate-run", place, source=first[run_id])
