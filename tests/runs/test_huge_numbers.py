"""Numbers that nobody measured: digits that damage has multiplied."""

import re
from pathlib import Path

import pytest

from logreport.analysis import analyze
from logreport.runs.reading import read
from logreport.sources.source import memory_source
from logreport.tables.exporting import EXPORTERS
from logreport.tables.schema import LEDGER, TABLES

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
FILES = sorted(path for path in SAMPLES.rglob("*") if path.is_file())
NUMBER = re.compile(rb"[0-9]+")


def with_number(content, place, number):
    """A log with the number at one place of every line replaced."""
    lines = []
    for line in content.splitlines():
        found = list(NUMBER.finditer(line))
        if len(found) > place:
            line = line[: found[place].start()] + number + line[found[place].end() :]  # noqa: PLW2901
        lines.append(line + b"\n")
    return b"".join(lines)


@pytest.mark.parametrize(
    "number", [b"9" * 9, b"9" * 18, b"9" * 19, b"9" * 400, b"9" * 5000, b"0" * 5000], ids=len
)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_number_too_large(path, number):
    """Such a line is damaged or its number is missing; every table can still be written, and the ledger adds up."""
    for place in range(6):
        reading = read(
            [memory_source(path.name, with_number(path.read_bytes(), place, number))], with_records=True
        )
        analyze(reading.tables)
        for row in reading.tables.rows("lines"):
            assert sum(row[name] for name in LEDGER) == row["total"]
        for name in filter(reading.tables.count, TABLES):
            reading.tables.frame(name)
            EXPORTERS["parquet"](reading, [name])
