"""Records as lines of JSON while a source is read: memory holds the runs that are not over yet, not the source."""

import tempfile
from collections.abc import Callable, Iterable
from typing import Any

from logreport.errors import LogreportError, unforeseen
from logreport.grammar import Engine, load_engine
from logreport.runs.reading import read_source
from logreport.runs.records import RecordRows, Row
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
