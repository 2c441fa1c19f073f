"""Rounds of sixteen writers that add overlapping logs while one in four is killed at a random moment.

`python tests/support/killing.py ROUNDS [SEED]` runs them and checks after each round that nothing is torn, nothing is
lost that a finished addition reported, and that `verify` finds nothing wrong after a repair.
"""

import importlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from archive_logs import log_text, write_logs

from logreport import Archive
from logreport.archive.ingest import adding
from logreport.grammar import load_engine

WRITERS, LOGS, EACH = 16, 40, 14
KILLED_WITHIN = (1, 4)  # seconds, at least and at most; a round of writers takes longer


def main(rounds, seed):
    """Run the rounds; the first that goes wrong ends them with its seed."""
    preload()
    killed = finished = left = 0
    for number in range(seed, seed + rounds):
        with tempfile.TemporaryDirectory() as folder:
            done, dead = one_round(Path(folder), random.Random(number))  # noqa: S311 - no secret
            left += count_leftovers(Path(folder) / "lab")
            check(Path(folder), done, number)
        killed, finished = killed + dead, finished + len(done)
    said = f"{finished} writers finished, {killed} were killed, {left} files were left over"
    sys.stdout.write(f"{rounds} rounds from seed {seed}: {said}\n")


def preload():
    """Load what the writers need, so that they are killed while they write, not while they load; no thread starts."""
    for name in ("logreport.analysis.analyzing", "pyarrow.dataset", "pyarrow.parquet", "zstandard"):
        importlib.import_module(name)
    load_engine()


def count_leftovers(place):
    """Files of writers that were killed, which no commit names; counted without pyarrow, as the next round forks."""
    named = {name for path in place.glob("commits/*.json") for name in json.loads(path.read_bytes())["files"]}
    files = [path for path in place.rglob("*") if path.is_file() and path.parent.name != "commits"]
    return sum(str(path.relative_to(place)) not in named for path in files)


def one_round(folder, rng):
    """Let writers add; returns what the finished ones added, and how many were killed."""
    logs = write_logs(folder / "runs", range(LOGS))
    adding.MOST = 3  # logs in a commit: each writer makes several
    writers = {}
    for _ in range(WRITERS):
        own = rng.sample(logs, EACH)
        pid = os.fork()
        if pid == 0:
            write(folder, own)
        writers[pid] = own
    within = rng.uniform(*KILLED_WITHIN)
    doomed = rng.sample(sorted(writers), WRITERS // 4)
    for pid in doomed:
        time.sleep(rng.random() * within * 2 / len(doomed))
        os.kill(pid, signal.SIGKILL)
    ended = {pid: os.waitpid(pid, 0)[1] for pid in writers}
    assert set(ended.values()) <= {0, signal.SIGKILL}, ended
    return [writers[pid] for pid, status in ended.items() if status == 0], list(ended.values()).count(9)


def write(folder, logs):
    """What a writer does, in a process of its own that ends here."""
    try:
        added = Archive(folder / "lab", create=True).add(logs, tags={"writer": "one"})
        os._exit(0 if added.logs + added.known == len(logs) and not added.errors else 1)
    finally:
        os._exit(2)


def check(folder, done, number):
    """Everything that was reported is there, whole and once; and a repair leaves nothing behind.

    This runs in a process of its own too: the next round forks from one that has no threads.
    """
    pid = os.fork()
    if pid == 0:
        try:
            check_here(folder, done)
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 - it would unwind into the loop of the parent
            sys.stderr.write(f"seed {number}: {error!r}\n")
            os._exit(1)
    assert os.waitpid(pid, 0)[1] == 0, f"round with seed {number}"


def check_here(folder, done):
    """The checks of one round."""
    place = folder / "lab"
    reported = {log for logs in done for log in logs}
    for grace in (None, 0):
        if grace is not None:
            Archive(place).repair(grace)
        archive = Archive(place)
        kept = archive.table("logs").set_index("source")["sha256"].to_dict()
        assert reported <= kept.keys(), "lost"
        assert kept == {log: kept[log] for log in kept if archive.log(kept[log]) == text_of(log)}, "torn"
        runs = archive.runs()
        assert sorted(runs["source"]) == sorted(kept), "a log has no run, or two"
        tables = archive.tables()
        assert {table: tables.count(table) / len(kept) for table in ("lines", "steps", "phases")} == {
            "lines": 1, "steps": 11, "phases": 2,
        }, "rows are missing, or count twice"  # fmt: skip
        assert (runs["tag.writer"] == "one").all(), "a tag is lost"
        found = archive.verify()
        assert found.problems == [], found.problems
    assert (found.leftovers, found.replaced) == ([], [])
    archive.compact()
    assert Archive(place).tables().columns == tables.columns, "compaction changed an answer"


def text_of(log):
    """What a log said when it was written."""
    return log_text(int(Path(log).stem)).encode()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
