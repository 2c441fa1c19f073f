"""Records as lines of JSON, and tables, while a source is read: memory holds the runs that are not over yet, a long one in part, not the source."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from logreport.errors import LogreportError, unforeseen
from logreport.grammar import Engine, load_engine
from logreport.runs.reading import build_tables, name_runs, read_source
from logreport.runs.records import RecordRows, Row
from logreport.runs.run import Segmented
from logreport.runs.segmentation.segmenter import Segmenter
from logreport.sources.source import Source
from logreport.tables.exporting import printable, record_lines
from logreport.tables.reading import Reading
from logreport.tables.redaction import hide_secrets
from logreport.tables.secrets import hidden_name, without_secrets
from logreport.tables.tables import Tables

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
    import tempfile

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

    def put(rows: list[Row]) -> None:
        for row in rows:
            printable(row["fields"])
        write(record_lines(without_secrets(rows)))

    try:
        records = RecordRows(hidden_name(source.name), put)
        records.finish(read_source(source, engine, reading, records.take))
        for run_id, name in records.runs:
            reading.tables.add("runs", run_id=run_id, source=name)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a matter of this source
        reading.tables.cut(counts)
        reading.errors.append(unforeseen(error, source.name))
        return False
    return True


def run_by_run(
    source: Source, engine: Engine, put: Callable[[Tables], object], only: Collection[str] | None = None
) -> None:
    """Hand on the tables of a log that has no record, those of some runs after the other, as soon as these are over.

    `only` are the tables that are wanted, as for `read`. The `log_sha256` of the runs is empty: it is known when the log has been read. The ledger comes last.

    Raises:
        LogreportError: where the log cannot be read to its end.
    """
    before: list[int] = []  # the first lines of the runs that were handed on

    def build(found: Segmented, tables: Tables) -> None:
        name_runs(found.runs, source.name, len(before) + 1)
        build_tables(found, tables, source, engine.formats, before)
        before.extend(run.first_line for run in found.runs)
        found.runs.clear()  # their lines need not be held while the tables are worked on
        hide_secrets(tables, [])
        put(tables)

    def take(segmenter: Segmenter) -> None:
        if closed := segmenter.found.runs[:-1]:  # the last one may still change
            del segmenter.found.runs[:-1]
            build(Segmented(closed), Tables(only))

    rest = Reading(Tables(only))
    build(read_source(source, engine, rest, take), rest.tables)
