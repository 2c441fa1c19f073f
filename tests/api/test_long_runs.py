"""A run that is too long for memory waits in a file, and its tables are those of the run held whole."""

import io
import itertools
import os
import pickle
import random
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from logreport import spool
from logreport.analysis.measurement import numbers
from logreport.api import slices
from logreport.api.reading import read_logs
from logreport.grammar.scanning import records
from logreport.runs.run import Steps
from logreport.runs.streaming import stream
from logreport.sources import decoding
from logreport.sources.source import memory_source
from logreport.spool import LongList
from logreport.tables import tables

ROOT = Path(__file__).resolve().parents[2]
LOGS = sorted((ROOT / "tests/samples").glob("*.log")) + sorted((ROOT / "sample_logs/runs").glob("*.log"))[::4]


def pieces(source, table):
    """The rows of a table, and those of the runs, as they are handed on piece by piece."""
    rows = []
    reading = read_logs([source], only=[table], put=lambda part: rows.extend(part.tables.rows(table)))
    assert not reading.errors
    return rows, [*reading.tables.rows("runs")]


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.name)
@pytest.mark.parametrize("table", ["steps", "phases"])
def test_every_sample_as_if_it_were_long(path, table, monkeypatch):
    """Where memory has room for next to nothing, speeds, windows and warm-ups are the same."""
    source = memory_source(path.name, path.read_bytes())
    whole, runs = pieces(source, table)
    for module in (spool, numbers, tables, records):
        monkeypatch.setattr(module, "MANY", 4)
    monkeypatch.setattr(spool, "BLOCK", 3)
    monkeypatch.setattr(records, "IN_MEMORY", 0)
    monkeypatch.setattr(decoding, "BLOCK", 500)
    monkeypatch.setattr(slices, "BATCH", 0)
    found, found_runs = pieces(source, table)
    assert repr(found) == repr(whole)  # nan, too
    assert repr(found_runs) == repr(runs)


@pytest.mark.parametrize("path", LOGS[::3], ids=lambda path: path.name)
def test_records_of_every_sample_as_if_it_were_long(path, monkeypatch):
    """So are the records, in their order."""
    source = memory_source(path.name, path.read_bytes())
    whole, found = io.BytesIO(), io.BytesIO()
    stream([source], whole.write)
    monkeypatch.setattr(records, "IN_MEMORY", 0)
    monkeypatch.setattr(decoding, "BLOCK", 500)
    stream([source], found.write)
    assert found.getvalue() == whole.getvalue()


@pytest.mark.slow
def test_memory_does_not_grow_with_a_run(monkeypatch):
    """A run of four times as many steps takes no more memory."""
    for module in (spool, numbers, tables, records):
        monkeypatch.setattr(module, "MANY", 1 << 9)
    monkeypatch.setattr(spool, "BLOCK", 1 << 8)
    monkeypatch.setattr(decoding, "BLOCK", 1 << 14)
    monkeypatch.setattr(slices, "BATCH", 0)
    head = (ROOT / "sample_logs/tf_cnn-resnet50-gtx-1050-ti.log").read_bytes().splitlines(keepends=True)[:3]
    peaks = []
    for count in (500, 4000, 16_000):
        steps = "".join(f"{10 * n}\timages/sec: 51.7 +/- 0.2 (jitter = 1.1)\t7.4\n" for n in range(1, count))
        source = memory_source("a.log", b"".join([*head, steps.encode()]))
        rows = 0

        def put(part):
            nonlocal rows
            rows += part.tables.count("steps")

        tracemalloc.start()
        read_logs([source], only=["steps"], put=put)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert rows == count - 1
    assert peaks[2] < 1.5 * peaks[1]  # the first has made what is made once


def test_a_long_list_is_a_list(monkeypatch):
    """Whatever is done to it gives what it gives with a list, and a copy keeps what it had."""
    monkeypatch.setattr(spool, "BLOCK", 3)
    rng = random.Random(1)  # noqa: S311 - test data
    for size in (0, 2, 3, 10, 31):
        mine = [rng.choice([None, 1, 1.0, "a", True, rng.random()]) for _ in range(size)]
        its = LongList(mine)
        copy, kept = LongList(its), list(mine)
        for place in range(0, size, 2):
            its[place] = mine[place] = place
        assert repr(list(its)) == repr(mine)
        assert its == mine
        assert repr(list(copy)) == repr(kept)
        assert list(reversed(its)) == mine[::-1]
        assert [its[place] for place in range(-size, size)] == mine * 2
        for start, stop in itertools.product((0, 1, 4, -2), (None, 2, 5, -1)):
            assert list(its[start:stop]) == mine[start:stop]
        its.insert(1, "new")
        mine.insert(1, "new")
        del its[5:], mine[5:]
        its += [1, 2, 3, 4]
        mine += [1, 2, 3, 4]
        assert list(pickle.loads(pickle.dumps(its))) == list(its) == mine  # noqa: S301 - ours
        its.clear()
        assert not its
        with pytest.raises(IndexError):
            its[0]


def test_steps_are_counted_however_they_come():
    """One by one, evenly, unevenly, damaged, and again."""
    steps = Steps()
    for first, others in ((1, [10, 20, 30]), (37, [38, 50]), (60, [70, 10**30])):
        steps.add(first, None)
        steps.extend(others, [None] * len(others))
    steps.add(20, None)
    once = (1, 10, 30, 37, 38, 50, 60, 70, 10**30)
    assert {step: steps.count_of(step) for step in once} == dict.fromkeys(once, 1)
    assert [steps.count_of(step) for step in (20, 0, 15, 25, 45, 10**20)] == [2, 0, 0, 0, 0, 0]
    assert (steps.highest, steps.second, steps.most) == (10**30, 70, 2)


def test_the_temporary_file_is_closed_before_the_interpreter_ends():
    """A long list that is held to the end: the development mode, which names each file that stays open, has nothing to say."""
    words = "from logreport.spool import LongList; kept = LongList(range(1 << 17)); print(sum(kept))"
    ran = subprocess.run(
        [sys.executable, "-X", "dev", "-c", words], capture_output=True, text=True, check=True, timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert (ran.stdout.strip(), ran.stderr) == (str((1 << 17) * ((1 << 17) - 1) // 2), "")
