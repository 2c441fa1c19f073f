"""A run that is too long for memory waits in a file, and its tables are those of the run held whole."""

from pathlib import Path

import pytest

from logreport.analysis.measurement import numbers, phases
from logreport.api import slices
from logreport.api.reading import read_logs
from logreport.grammar.scanning import records
from logreport.sources import decoding
from logreport.sources.source import memory_source
from logreport.spool import LongList, few_or_many
from logreport import spool
from logreport.tables import tables
from logreport.tables.reading import Reading

ROOT = Path(__file__).resolve().parents[2]
LOGS = sorted((ROOT / "tests/samples").glob("*.log")) + sorted((ROOT / "sample_logs/runs").glob("*.log"))[::4]


def pieces(source, table):
    """The rows of a table, and those of the runs, as they are handed on piece by piece."""
    rows = []

    def put(part):
        rows.append([*part.tables.rows(table)])

    reading = read_logs([source], only=[table], put=put)
    assert not reading.errors
    return [row for some in rows for row in some], [*reading.tables.rows("runs")], len(rows)


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.name)
@pytest.mark.parametrize("table", ["steps", "phases"])
def test_every_sample_as_if_it_were_long(path, table, monkeypatch):
    """Where memory has room for next to nothing, speeds, windows and warm-ups are the same."""
    source = memory_source(path.name, path.read_bytes())
    whole, runs, _ = pieces(source, table)
    for module in (spool, numbers, phases, tables):
        monkeypatch.setattr(module, "MANY", 4)
    monkeypatch.setattr(spool, "BLOCK", 3)
    monkeypatch.setattr(records, "IN_MEMORY", 0)
    monkeypatch.setattr(decoding, "BLOCK", 500)
    monkeypatch.setattr(slices, "BATCH", 0)
    found, found_runs, _ = pieces(source, table)
    assert repr(found) == repr(whole)  # nan, too
    assert repr(found_runs) == repr(runs)
