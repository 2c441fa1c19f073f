"""A real Dask cluster of two worker processes on this machine: the same rows as without it, also when a worker dies."""

import os
import signal
import time

import pytest

import logreport
from logreport.errors import SchedulerError, SourceError
from logreport.workers.cluster import FIRST, RESTART, Cluster, check_workers
from logreport.workers.spreading import Local, spread

LOG = """TensorFlow:  1.15
Model:       resnet50
Mode:        training
Batch size:  {batch} global
Devices:     ['/gpu:0']
1\timages/sec: {speed}.0 +/- 0.0 (jitter = 0.0)\t8.1
total images/sec: {speed}.25
"""


@pytest.fixture
def logs(tmp_path):
    """Forty logs, each of its own speed, and one file that is no log."""
    folder = tmp_path / "logs"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number:02}.log").write_text(LOG.format(batch=32 + number, speed=100 + number))
    (folder / "empty.log").write_text("")
    return folder


def rows(frame):
    """Rows that do not depend on when or in which order they were written."""
    kept = frame.drop(columns=["derived_at", "added_at"], errors="ignore")
    return sorted(kept.astype(str).itertuples(index=False, name=None))


def small_batches(names, errors):
    """Eight files in a unit of work, so that there are several."""
    from logreport.archive.ingest.adding import files_of

    files = [name for name, _ in files_of(names, errors)]
    yield from (tuple(files[i : i + 8]) for i in range(0, len(files), 8))


@pytest.mark.slow
def test_a_cluster_adds_the_same_rows_as_this_process(cluster, logs, tmp_path, monkeypatch):
    """Where the work was done is not to be seen in the result, nor is a file that could not be read in the way."""
    monkeypatch.setattr("logreport.archive.ingest.adding.batches_of", small_batches)
    here = logreport.Archive(tmp_path / "here", create=True)
    there = logreport.Archive(tmp_path / "there", create=True)
    alone = here.add(logs, scheduler=Local(1))
    spread_out = there.add(logs, scheduler=Cluster(cluster.scheduler_address))
    assert (spread_out.logs, spread_out.runs) == (alone.logs, alone.runs) == (40, 40)
    assert [str(error) for error in spread_out.errors] == [str(error) for error in alone.errors]
    for table in ("runs", "phases", "steps", "lines", "findings"):
        assert rows(there.table(table)) == rows(here.table(table)), table


@pytest.mark.slow
def test_a_worker_that_is_killed_takes_nothing_with_it(cluster, logs, tmp_path, monkeypatch):
    """A machine that goes away in the middle costs time, and no row."""
    monkeypatch.setattr("logreport.archive.ingest.adding.batches_of", small_batches)
    here = logreport.Archive(tmp_path / "here", create=True)
    there = logreport.Archive(tmp_path / "there", create=True)
    victims = [next(iter(cluster.workers.values())).process.process.pid]

    def kill(_added):
        if victims:
            os.kill(victims.pop(), signal.SIGKILL)

    here.add(logs, scheduler=Local(1))
    added = there.add(logs, scheduler=Cluster(cluster.scheduler_address), on_progress=kill)
    assert not victims
    assert [error.source for error in added.errors] == [str(logs / "empty.log")]
    for table in ("runs", "phases", "steps", "lines", "findings"):
        assert rows(there.table(table)) == rows(here.table(table)), table


def deadly(names):
    """What a log would do that kills whoever reads it."""
    if "poison" in names:
        os.kill(os.getpid(), signal.SIGKILL)
    return names


@pytest.mark.slow
def test_an_input_that_kills_every_worker_is_given_up_alone(cluster):
    """One bad file never stops the rest, not even by killing workers."""
    errors = []
    todo = [("a", "poison"), ("b",)]
    done = list(spread(deadly, todo, Cluster(cluster.scheduler_address), errors))
    assert sorted(name for names in done for name in names) == ["a", "b"]
    (error,) = errors
    assert isinstance(error, SourceError)
    assert error.source == "poison"


def test_no_scheduler_is_one_clear_error(monkeypatch):
    """A wrong address is said with what to do about it, within the time one is ready to wait."""
    monkeypatch.setattr("logreport.workers.cluster.PATIENCE", 1)
    with pytest.raises(
        SchedulerError, match=r"tcp://127\.0\.0\.1:9: no Dask scheduler answers .*; start one: dask scheduler"
    ):
        Cluster("tcp://127.0.0.1:9").open()


def test_a_worker_with_another_logreport_is_refused():
    """Two versions would write tables that do not fit together."""
    check_workers({"tcp://a:1": logreport.__version__}, "tcp://head:8786")
    with pytest.raises(SchedulerError, match=r"worker tcp://a:2 has logreport 0\.0\.1"):
        check_workers({"tcp://a:2": "0.0.1"}, "tcp://head:8786")


@pytest.mark.slow
def test_a_scheduler_without_workers_is_said_after_seconds():
    """Who has lost workers waits longer for them than who never had one."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=0, dashboard_address=":0", silence_logs=50) as empty:
        begun = time.monotonic()
        with pytest.raises(
            SchedulerError, match="the scheduler has no worker; start one: dask worker tcp://"
        ):
            Cluster(empty.scheduler_address).open()
        assert FIRST <= time.monotonic() - begun < RESTART
