"""Many writers at once, some of them killed; any order of adding; the fleet."""

import csv
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from archive_logs import files, log_text, state, write_logs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logreport import Archive
from logreport.archive.ingest import adding
from logreport.errors import ArchiveError
from logreport.workers.spreading import Local, spread

SUPPORT = Path(__file__).parents[1] / "support"
FLEET, TOTALS = 3949, 3930


@pytest.mark.slow
def test_writers_that_are_killed_lose_nothing(root):
    """Sixteen processes add overlapping logs while one in four is killed: nothing torn, nothing lost, no leftover."""
    run = subprocess.run(
        [sys.executable, SUPPORT / "killing.py", "2", "1"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(root), str(SUPPORT)))},
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    assert "writers finished" in run.stdout


@pytest.mark.slow
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=4), min_size=1, max_size=4), st.randoms())
def test_the_order_of_adding_does_not_matter(tmp_path_factory, additions, rng):
    """The same logs, in other calls, in another order and more than once, make the same archive."""
    folder = tmp_path_factory.mktemp("order")
    path = {number: write_logs(folder / "runs", [number])[0] for number in range(6)}
    for calls, place in ((additions, "one"), (rng.sample(additions, len(additions)) * 2, "two")):
        archive = Archive(folder / place, create=True)
        for numbers in calls:
            archive.add([path[number] for number in numbers])
        assert archive.compact().merged in (0, len(archive.snapshot.commits) - 1)
    assert state(folder / "one") == state(folder / "two")


def fail_on_two(names):
    """A unit of work that one of its inputs kills."""
    if "2" in names:
        os._exit(9)
    if "5" in names:
        raise ValueError("no such luck")
    return list(names)


@pytest.mark.slow
def test_an_input_that_kills_its_worker_stops_nothing():
    """What no worker survives is found and named; all else is done, and done once."""
    errors = []
    batches = [("0", "1"), ("2", "3", "4"), ("5", "6"), ("7",)]
    done = [name for part in spread(fail_on_two, iter(batches), Local(2), errors) for name in part]
    assert sorted(done) == ["0", "1", "3", "4", "6", "7"]
    assert sorted(error.source for error in errors) == ["2", "5"]


def test_what_goes_wrong_late_is_said_too(tmp_path, monkeypatch):
    """A name with nothing behind it after many logs, and a log that ends its worker: both are named, the rest is added."""
    monkeypatch.setattr("logreport.workers.spreading.MOST", 1)
    logs, real = write_logs(tmp_path / "runs", range(5)), adding.derive

    def fail(sources, *rest):
        return 1 // 0 if any(source.name == logs[3] for source in sources) else real(sources, *rest)

    monkeypatch.setattr(adding, "derive", fail)
    archive = Archive(tmp_path / "lab", create=True)
    added = archive.add([*logs, str(tmp_path / "none*")])
    assert added.logs == 4
    assert {error.source for error in added.errors} == {logs[3], str(tmp_path / "none*")}
    monkeypatch.undo()
    archive.add(logs)
    monkeypatch.setattr("logreport.workers.spreading.MOST", 1)
    monkeypatch.setattr("logreport.archive.maintenance.reparsing.derive", fail)
    changed = archive.reparse(every=True)
    assert (changed.logs, len(changed.errors)) == (4, 1)
    for path in files(tmp_path / "lab"):
        if path.startswith("tables/steps"):
            archive.store.remove([path])
    repaired = archive.repair(grace=0)
    assert repaired.again == 4
    assert len(archive.runs()) == 5


def refuse(_names):
    """A unit of work whose archive cannot be written."""
    raise ArchiveError("cannot be written", source="lab")


def test_an_archive_that_cannot_be_written_ends_it():
    """That is no matter of one input: it ends the call."""
    with pytest.raises(ArchiveError, match="lab: cannot be written"):
        list(spread(refuse, iter([("1",), ("2",)]), Local(2), []))


@pytest.mark.slow
def test_the_fleet(corpus, tmp_path):
    """3 949 real logs by two processes; all totals come back from SQL as they were counted by other means."""
    with tarfile.open(corpus / "fleet.tar.xz") as packed:
        packed.extractall(tmp_path, filter="data")
    archive = Archive(tmp_path / "lab", create=True)
    added = archive.add(tmp_path / "fleet", scheduler=Local(2))
    assert (added.logs, added.errors) == (FLEET, [])
    again = archive.add(tmp_path / "fleet", scheduler=Local(2))
    assert (again.logs, again.known, again.facts) == (0, FLEET, 0)
    found = archive.query(
        "SELECT source, end_to_end_examples_per_second AS total, model, batch_size "
        "FROM phases JOIN runs USING (run_id, source, log_sha256, batch_size) "
        "WHERE end_to_end_examples_per_second IS NOT NULL"
    )
    with (corpus / "fleet.csv").open(newline="") as file:
        facts = {row["file"]: row for row in csv.DictReader(file) if row["total_images_per_sec"]}
    got = {str(Path(row.source).relative_to(tmp_path)): row for row in found.itertuples()}
    assert len(found) == len(got) == len(facts) == TOTALS
    wrong = [name for name, row in facts.items() if got[name].total != float(row["total_images_per_sec"])]
    assert wrong == []
    archive.compact()
    assert len(archive.query("FROM phases WHERE end_to_end_examples_per_second IS NOT NULL")) == TOTALS
    assert archive.verify().problems == []


def test_a_log_is_read_back_from_a_large_file(tmp_path):
    """A log that is larger than what is held in memory as it is comes back whole."""
    text = log_text(1) + ("1" * 999 + "\n") * 5000
    (tmp_path / "large.log").write_text(text)
    archive = Archive(tmp_path / "lab", create=True)
    assert archive.add(tmp_path / "large.log").size == len(text) > 5_000_000
    assert archive.log(archive.table("logs")["sha256"][0]) == text.encode()
