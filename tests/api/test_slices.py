"""Reading in slices: in several processes, in batches, and handed on as they are read."""

import io

import pyarrow.parquet as pq
import pytest

from logreport.api import read_logs, slices, sources_of
from logreport.api.slices import Slice, in_slices
from logreport.grammar import load_engine
from logreport.runs.reading import read
from logreport.sources.source import memory_source
from logreport.tables.exporting import EXPORTERS, STREAMED, WHOLE, streaming
from logreport.tables.schema import TABLES
from logreport.workers import spreading


@pytest.mark.parametrize("name", ["a.log", "README.md"])
def test_what_all_processes_need_is_made_before_they_start(name, monkeypatch):
    """They do not each work out the same program of the grammars: it is kept where they find it."""

    class StartedError(Exception):
        pass

    def start(*_):
        assert "machine" in vars(load_engine((), documents=name.endswith(".md")))
        raise StartedError

    load_engine.cache_clear()
    monkeypatch.setattr(slices, "is_much", lambda _: True)
    monkeypatch.setattr(slices, "spread_out", start)
    with pytest.raises(StartedError):
        next(in_slices([memory_source(name, b"")], Slice(())))


def test_logs_that_are_read_together_say_what_each_says_alone(root, monkeypatch):
    """No table, and no order in one, depends on how many logs a batch holds."""
    together = read_logs(sources_of(root / "sample_logs"))
    monkeypatch.setattr(spreading, "MOST", 1)
    apart = read_logs(sources_of(root / "sample_logs"))
    assert together.tables.count("findings") > 5
    assert together.tables.columns == apart.tables.columns
    assert list(map(str, together.errors)) == list(map(str, apart.errors))


@pytest.mark.parametrize("form", STREAMED)
@pytest.mark.parametrize("table", ["runs", "steps", "lines"])
def test_a_table_that_is_handed_on_is_the_one_that_is_held(form, table, root, monkeypatch):
    """Many pieces, some without a row of it, are one table; only the ledger and the runs stay in memory."""
    sources = root / "sample_logs"
    monkeypatch.setattr(spreading, "MOST", 1)
    out, whole = io.BytesIO(), read_logs(sources_of(sources))
    with streaming(form, table, WHOLE, out.write) as put:
        left = read_logs(sources_of(sources), only=[table], put=put)
    expected = EXPORTERS[form](whole, [table])
    if form == "parquet":
        assert pq.read_table(io.BytesIO(out.getvalue())).equals(pq.read_table(io.BytesIO(expected)))
    else:
        assert out.getvalue() == expected
    assert left.tables.count("lines") == whole.tables.count("lines")
    assert left.tables.count("steps") == 0


@pytest.mark.parametrize("form", STREAMED)
def test_a_table_of_nothing_has_its_columns(form):
    """Where no source gave a row, the head of the table is there as ever."""
    out = io.BytesIO()
    with streaming(form, "steps", WHOLE, out.write):
        pass
    if form == "parquet":
        assert pq.read_table(io.BytesIO(out.getvalue())).num_rows == 0
    else:
        head = ",".join(column.name for column in TABLES["steps"])
        assert out.getvalue().decode() == (f"{head}\n" if form == "csv" else "")


def test_runs_alone_are_those_of_all_tables(root):
    """Who asks for runs alone gets the same ones, and the tables that cost most are not made for that."""
    whole, runs = (read_logs(sources_of(root / "sample_logs"), only=only) for only in (None, ["runs"]))
    assert runs.tables.columns["runs"] == whole.tables.columns["runs"]
    assert runs.tables.columns["lines"] == whole.tables.columns["lines"]


def test_a_run_adds_no_rows_to_tables_that_nobody_wants(root):
    """Steps and devices of thousands of runs are not worked out for who looks at the runs."""
    tables = read(sources_of(root / "sample_logs"), only={"devices"}).tables
    assert [name for name in ("phases", "steps", "layers", "devices") if tables.count(name)] == ["devices"]
