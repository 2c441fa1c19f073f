"""Reading in slices: in several processes, in batches, and handed on as they are read."""

import io
import os
import tracemalloc
from copy import deepcopy

import pyarrow.parquet as pq
import pytest

from logreport.api import read_logs, slices, sources_of
from logreport.api.slices import Slice, in_slices
from logreport.grammar import load_engine, loading
from logreport.runs.reading import read
from logreport.sources import Source, decoding
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

    loading.engine_of.cache_clear()
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


def test_a_system_that_does_not_say_which_processors_are_ours(root, monkeypatch):
    """On macOS and Windows all of them are."""
    monkeypatch.delattr(os, "sched_getaffinity")
    assert slices.workers() == min(os.cpu_count(), 16)
    assert spreading.scheduler_of(None).width == os.cpu_count()
    assert read_logs(sources_of(root / "sample_logs" / "cifar10-cpu.log")).tables.count("runs") == 1


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


def test_tables_of_long_logs_are_those_of_logs_read_whole(root, monkeypatch):
    """Run by run, however little of a log is read at once: the same rows in the same order, also of many runs in one log."""
    folders = [root / "sample_logs", root / "tests" / "samples"]
    logs = [path for folder in folders for path in sorted(folder.rglob("*.log"))]
    several = memory_source("several.log", b"".join(path.read_bytes() for path in logs))
    sources = [*sources_of(folders), several]
    monkeypatch.setattr(decoding, "BLOCK", 1000)
    monkeypatch.setattr(spreading, "MOST", 1)
    whole = read_logs(sources)
    monkeypatch.setattr(slices, "BATCH", 1)
    names = [name for name in TABLES if name != "findings"]
    parts = []
    left = read_logs(sources, only=names, put=lambda part: parts.append(deepcopy(part.tables)))
    assert len(parts) > len(sources)
    for name in names:
        for column, values in whole.tables.columns[name].items():
            handed_on = [value for part in parts for value in part.columns[name][column]]
            assert repr(handed_on) == repr(values), (name, column)
    assert left.tables.columns["lines"] == whole.tables.columns["lines"]
    assert left.tables.columns["runs"] == whole.tables.columns["runs"]
    assert list(map(str, left.errors)) == list(map(str, whole.errors))


def test_a_long_log_that_breaks_off_gives_no_row(root, monkeypatch):
    """What was read of it does not count; the error says so, and the other logs are there."""
    content = (root / "sample_logs" / "cifar10-cpu.log").read_bytes() * 3

    class Broken(io.BytesIO):
        def readinto(self, buffer):
            if not (count := super().readinto(buffer)):
                raise OSError(5, "Input/output error")
            return count

    sources = [Source("broken.log", lambda: Broken(content)), memory_source("good.log", content)]
    monkeypatch.setattr(decoding, "BLOCK", 100)
    monkeypatch.setattr(slices, "BATCH", 1)
    found = []
    left = read_logs(
        sources, only=["steps"], put=lambda part: found.extend(part.tables.columns["steps"]["source"])
    )
    assert {name.partition("#")[0] for name in found} == {"good.log"}
    assert [str(error) for error in left.errors] == ["broken.log: Input/output error; check the path"]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_runs_of_a_log(root, monkeypatch):
    """The table of a log of many runs needs the memory of a few of them."""
    run = (root / "sample_logs" / "runs" / "cifar10-batch-32-1-thread.log").read_bytes()
    monkeypatch.setattr(slices, "BATCH", 1)
    peaks = []
    for times in (100, 800):
        source = memory_source("a.log", run * times)
        tracemalloc.start()
        read_logs([source], only=["steps"], put=lambda _: None)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


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
