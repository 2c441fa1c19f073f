"""Forgetting logs: all of them is gone, nothing of the others, whoever reads, writes, copies or is killed meanwhile."""

import io
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import zstandard
from archive_logs import change, files, flip, log_text, readers, state, write_logs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logreport import Archive
from logreport.archive.ingest.derive import now
from logreport.archive.maintenance.forgetting import Purge
from logreport.archive.storage.store import Store
from logreport.errors import ArchiveError, UsageError

SUPPORT = Path(__file__).parents[1] / "support"


def lab(place, folder, numbers=range(6), each=2):
    """An archive of some logs, two in a commit, each with a tag of its own; the run of log 1 has a tag and a note."""
    archive = Archive(place, create=True)
    logs = write_logs(folder / "runs", numbers)
    for at in range(0, len(logs), each):
        archive.add(logs[at : at + each], tags={"half": "one" if at < len(logs) / 2 else "two"})
    run = run_of(archive, 1)
    archive.tag([run], {"owner": "of-one"}, note="about one")
    archive.tag([run_of(archive, 2)], {"owner": "of-two"})
    return archive


def run_of(archive, number):
    """The run of the log of a number."""
    runs = archive.runs()
    return runs["run_id"][runs["source"].str.endswith(f"/{number}.log")].iloc[0]


def words_of(number):
    """What stands in the log of a number, and in no other."""
    return log_text(number)[30:90]


def numbers_in(archive):
    """The numbers of the logs whose runs are shown."""
    return sorted(int(Path(source).stem) for source in archive.runs()["source"])


def text_in(place):
    """All that an archive's files hold: each pack unpacked, each cell of each table as text, each commit."""
    store, found = Store(str(place)), []
    for path in files(place):
        content = store.get(path)
        if path.endswith(".parquet"):
            found.append(pq.read_table(io.BytesIO(content)).to_pandas().to_csv())
        elif path.startswith("logs/"):
            found += [text.decode() for text in frames(content)]
        else:
            found.append(content.decode())
    return "\n".join(found)


def frames(content):
    """The texts in a pack."""
    while content:
        frame = zstandard.ZstdDecompressor().decompressobj()
        yield frame.decompress(content)
        content = frame.unused_data


def merged(source, target):
    """The files of one archive copied into another one, as rsync does."""
    for path in files(source):
        Store(str(target)).put(path, Store(str(source)).get(path))


def copied(source, target):
    """A copy of an archive."""
    merged(source, target)
    return target


def test_a_log_is_gone_and_the_others_are_as_they_were(places, tmp_path):
    """What is left equals an archive that never had it; no file holds a byte, a path or a tag of it, only its SHA-256."""
    archive, other = lab(places[0], tmp_path), places[1]
    log = archive.runs()["log_sha256"][1]
    done = archive.forget([run_of(archive, 1)], grace=0)
    assert (len(done.logs), done.runs, done.left, done.waiting) == (1, 1, [], 0)
    assert done.size == len(log_text(1))
    fresh = Archive(other, create=True)
    fresh.add([str(tmp_path / "runs" / f"{number}.log") for number in (0, 2, 3, 4, 5)])
    assert state(places[0]) == state(other)
    assert numbers_in(Archive(places[0])) == [0, 2, 3, 4, 5]
    assert [archive.log(sha) for sha in sorted(archive.table("logs")["sha256"])] == [
        fresh.log(sha) for sha in sorted(fresh.table("logs")["sha256"])
    ]
    text = text_in(places[0])
    assert [one for one in ("of-one", "about one", "runs/1.log", words_of(1)) if one in text] == []
    assert "of-two" in text
    assert words_of(2) in text
    assert text.count(log) == 1
    found = Archive(places[0]).verify()
    assert (found.problems, found.leftovers, found.replaced) == ([], [], [])
    assert (found.forgotten, found.returned) == (1, [])
    with pytest.raises(ArchiveError, match="this log is not here"):
        Archive(places[0]).log(log)


def test_that_it_was_forgotten_is_a_fact(tmp_path):
    """Who asks sees that something was removed and when, and nothing of what it was."""
    archive = lab(tmp_path / "lab", tmp_path)
    log = archive.runs()["log_sha256"][1]
    archive.forget([log], grace=0)
    (row,) = archive.query("SELECT * FROM facts WHERE kind = 'forgotten'").to_dict("records")
    assert (row["log_sha256"], row["value"]) == (log, "yes")
    assert abs(row["said_at"].to_pydatetime() - now()) < timedelta(hours=1)
    assert archive.query("SELECT count(*) AS n FROM logs")["n"].tolist() == [5]
    assert archive.query("SELECT value FROM tags WHERE key = 'owner'")["value"].tolist() == ["of-two"]
    assert archive.query("FROM notes").empty


@pytest.mark.parametrize(
    ("place", "how"),
    [
        *(("folder", how) for how in ("as it was", "compacted", "added anew")),
        pytest.param("s3", "compacted", marks=pytest.mark.slow),
    ],
    indirect=["place"],
)
def test_a_copy_brings_it_back_only_if_asked(places, tmp_path, how):
    """Whatever became of the copy meanwhile: every reader leaves it out, `verify` is clean, a repair removes it again."""
    place, copy = places
    archive = lab(place, tmp_path)
    run, log = run_of(archive, 1), archive.runs()["log_sha256"][1]
    copied(place, copy)
    if how == "compacted":
        Archive(copy).compact()
    if how == "added anew":
        for path in files(copy):
            Store(copy).remove([path])
        Archive(copy, create=True).add(tmp_path / "runs", tags={"half": "three"})
    archive.forget([run], grace=0)
    merged(copy, place)
    back = Archive(place)
    assert readers(place) == ([5, 5, 5, 5], set())
    assert back.query("SELECT count(*) AS n FROM logs")["n"].tolist() == [5]
    assert "of-one" not in back.table("facts").to_csv()
    assert log not in back.query("SELECT * FROM facts WHERE kind != 'forgotten'").to_csv()
    found = back.verify()
    assert (found.problems, found.forgotten) == ([], 1)
    assert found.returned == ([] if how == "as it was" else [log])
    Archive(place).add(tmp_path / "runs")
    assert numbers_in(Archive(place)) == [0, 2, 3, 4, 5]
    Archive(place).repair(grace=0)
    found = Archive(place).verify()
    assert (found.problems, found.returned, found.replaced) == ([], [], [])
    assert words_of(1) not in text_in(place)
    merged(copy, place)
    assert Archive(place).restore([run[:8]]) == [log]
    assert numbers_in(Archive(place)) == [0, 1, 2, 3, 4, 5]
    assert Archive(place).log(log) == log_text(1).encode()
    assert Archive(place).verify().problems == []
    if how != "added anew":
        assert Archive(place).runs()["tag.owner"].dropna().tolist() == ["of-one", "of-two"]
    Archive(place).forget([run], grace=0)
    assert numbers_in(Archive(place)) == [0, 2, 3, 4, 5]
    assert words_of(1) not in text_in(place)


def test_adding_it_again_must_be_asked_for(tmp_path):
    """It is left out and counted; with the word for it it is there again, whole, also for the next addition."""
    archive = lab(tmp_path / "lab", tmp_path)
    before = state(tmp_path / "lab")
    archive.forget([run_of(archive, 1)])
    logs = str(tmp_path / "runs")
    added = archive.add(logs)
    assert (added.logs, added.known, added.forgotten, added.facts) == (0, 5, 1, 0)
    added = archive.add(logs, tags={"half": "one"}, restore_forgotten=True)
    assert (added.logs, added.known, added.forgotten) == (1, 5, 0)
    assert state(tmp_path / "lab") == before
    assert numbers_in(archive) == [0, 1, 2, 3, 4, 5]
    assert archive.add(logs).known == 6
    assert Archive(tmp_path / "lab").verify().problems == []


def test_who_reads_meanwhile_goes_on(tmp_path):
    """A reader that began before sees the archive as it was, until the files are old enough to go."""
    archive = lab(tmp_path / "lab", tmp_path)
    reader = Archive(tmp_path / "lab")
    assert len(reader.snapshot.files()) > 0
    done = archive.forget([run_of(archive, 1)])
    assert done.waiting > 0
    assert numbers_in(reader) == [0, 1, 2, 3, 4, 5]
    assert reader.log(reader.runs()["log_sha256"][1]) == log_text(1).encode()
    assert reader.problems == []
    assert numbers_in(Archive(tmp_path / "lab")) == [0, 2, 3, 4, 5]
    assert Archive(tmp_path / "lab").restore() == done.logs  # its bytes are there
    assert numbers_in(Archive(tmp_path / "lab")) == [0, 1, 2, 3, 4, 5]


def test_a_log_with_other_runs_stays(tmp_path):
    """It goes when all its runs are meant; until then it is named."""
    (tmp_path / "two.log").write_text(log_text(1) + log_text(2))
    archive = Archive(tmp_path / "lab", create=True)
    archive.add([tmp_path / "two.log", *write_logs(tmp_path / "runs", [1])])
    runs = archive.runs()
    alone = runs["run_id"][runs["source"].str.endswith("1.log")].iloc[0]
    both = runs["run_id"][runs["source"].str.contains("two.log")].tolist()
    assert alone in both  # one text is one run, wherever it stands
    archive.tag([alone], {"room": "cold"})
    done = archive.forget([alone])
    assert (len(done.logs), done.left) == (1, [str(tmp_path / "two.log")])
    assert archive.runs()["tag.room"].dropna().tolist() == ["cold"]  # the run is there still
    done = archive.forget(both)
    assert (len(done.logs), done.left) == (1, [])
    assert archive.runs().empty
    assert archive.query("FROM tags").empty


def test_retention_by_age_condition_and_tag(tmp_path):
    """All that is given must hold; a run is as old as its log says, one without time as old as its log is here."""
    archive = Archive(tmp_path / "lab", create=True)
    folder = tmp_path / "runs"
    logs = write_logs(folder, range(4))
    young = f"{datetime.now() - timedelta(days=10):%Y-%m-%d}"  # noqa: DTZ005 - times of logs have no zone
    Path(logs[1]).write_text(log_text(1).replace("2019-01-08", young))
    (folder / "boot.log").write_text(
        "no time in here\nname: Tesla T4 major: 7 minor: 5 memoryClockRate(GHz): 1.59\n"
    )
    archive.add(logs[:2], tags={"kind": "nightly"})
    archive.add(logs[2:], tags={"kind": "it's kept"})
    archive.add(folder)
    before = files(tmp_path / "lab")
    cases = [
        ({"older_than": timedelta(days=365)}, [0, 2, 3]),
        ({"older_than": timedelta(days=365), "where": "tag.kind = 'nightly'"}, [0]),
        ({"where": "tag.kind = 'it''s kept' and batch_size > 1"}, [2, 3]),
        ({"older_than": timedelta(days=5)}, [0, 1, 2, 3]),
        ({"where": "batch_size < 1"}, []),
    ]
    for words, numbers in cases:
        done = archive.forget(dry_run=True, **words)
        assert [int(Path(source).stem) for source in done.sources] == numbers, words
    assert files(tmp_path / "lab") == before
    every = archive.forget(older_than=timedelta(0), dry_run=True)
    assert len(every.logs) == 5
    for words in ((), ("zzz",), ("",)):
        with pytest.raises(UsageError):
            archive.forget(words)
    with pytest.raises(UsageError, match="runs have no 'none'"):
        archive.forget(where="none = 1")
    archive.forget(**cases[1][0], grace=0)
    assert numbers_in(archive) == [1, 2, 3]


@pytest.mark.parametrize("allowed", range(12))
def test_a_kill_between_two_steps_loses_nothing(tmp_path, monkeypatch, allowed):
    """After any of its writes: the log is there whole, or is for no reader; the others are there; the next call ends it."""
    archive = lab(tmp_path / "lab", tmp_path)
    run, left = run_of(archive, 1), [allowed]
    put = Store.put

    def limited(store, path, content):
        if not left[0]:
            raise ArchiveError("killed", source=path)
        left[0] -= 1
        put(store, path, content)

    monkeypatch.setattr(Store, "put", limited)
    killed = False
    try:
        archive.forget([run], grace=0)
    except ArchiveError:
        killed = True
    monkeypatch.undo()
    found, problems = readers(tmp_path / "lab")
    assert problems == set()
    assert found in ([6] * 4, [5] * 4)
    assert Archive(tmp_path / "lab").verify().problems == []
    assert killed or found == [5] * 4
    if found == [6] * 4:
        assert "of-one" in Archive(tmp_path / "lab").table("facts").to_csv()
        Archive(tmp_path / "lab").forget([run], grace=0)
    Archive(tmp_path / "lab").repair(grace=0)
    assert numbers_in(Archive(tmp_path / "lab")) == [0, 2, 3, 4, 5]
    found = Archive(tmp_path / "lab").verify()
    assert (found.problems, found.leftovers, found.replaced, found.returned) == ([], [], [], [])
    assert words_of(1) not in text_in(tmp_path / "lab")


FORGET = """
import re
import sys
from logreport import Archive
archive = Archive(sys.argv[1])
sources = [source for source in archive.runs()["source"] if re.search(sys.argv[2], source)]
print("ready", flush=True)
archive.forget(where="source in (" + ", ".join(f"'{source}'" for source in ["none", *sources]) + ")")
"""


@pytest.mark.slow
def test_forgetting_beside_writers_some_of_them_killed(root, tmp_path):
    """Processes forget and add at once, and some are killed: afterwards what was to go is gone, all else is there."""
    place, folder = tmp_path / "lab", tmp_path / "runs"
    archive = Archive(place, create=True)
    for at in range(0, 12, 3):
        archive.add(write_logs(folder, range(at, at + 3)))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(root), str(SUPPORT)))}
    start = [sys.executable, "-c"]
    add = "import sys; from logreport import Archive; Archive(sys.argv[1]).add(sys.argv[2:], tags={'new': 'yes'})"
    more = write_logs(folder, range(12, 24))
    goers = [
        subprocess.Popen([*start, FORGET, place, what], env=environment, stdout=subprocess.PIPE)
        for what in ("/[0-3].log", "/[2-5].log", "/[0-5].log")
    ]
    writers = [
        subprocess.Popen(
            [*start, add, place, *more[at : at + 4], *write_logs(folder, range(6))], env=environment
        )
        for at in (0, 4, 8)
    ]
    goers[2].stdout.readline()
    time.sleep(0.05)
    goers[2].send_signal(signal.SIGKILL)
    ended = [process.wait(120) for process in (*goers[:2], *writers)]
    goers[2].wait(120)
    assert ended == [0] * 5
    for process in goers:
        process.stdout.close()
    archive = Archive(place)
    runs = archive.runs()
    archive.forget(runs["run_id"][runs["source"].str.contains("/[0-5].log")]) if (
        runs["source"].str.contains("/[0-5].log").any()
    ) else None
    Archive(place).compact()
    Archive(place).repair(grace=0)
    assert numbers_in(Archive(place)) == list(range(6, 24))
    found = Archive(place).verify()
    assert (found.problems, found.leftovers, found.replaced, found.returned) == ([], [], [], [])
    text = text_in(place)
    assert [number for number in range(24) if words_of(number) in text] == list(range(6, 24))
    for number in range(6, 24):
        log = Archive(place).runs().set_index("source")["log_sha256"][str(folder / f"{number}.log")]
        assert Archive(place).log(log) == log_text(number).encode()


@settings(max_examples=10, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.sets(st.integers(0, 4), min_size=1)),
            st.tuples(st.just("forget"), st.sets(st.integers(0, 4), min_size=1)),
            st.tuples(st.sampled_from(["compact", "repair", "merge", "copy"]), st.just(set())),
        ),
        max_size=7,
    )
)
@pytest.mark.slow
def test_any_order_of_what_can_be_done(tmp_path_factory, steps):
    """Add, forget, copy, merge, compact, repair: shown is what was added and never forgotten, and `verify` is clean."""
    folder = tmp_path_factory.mktemp("order")
    paths = dict(enumerate(write_logs(folder / "runs", range(5))))
    place, copy = folder / "lab", folder / "copy"
    Archive(place, create=True).add(paths[0])
    shutil.copytree(place, copy)
    there, gone, of_copy = {0}, set(), {0}
    for what, numbers in steps:
        archive = Archive(place)
        if what == "add":
            archive.add([paths[number] for number in numbers])
            there |= numbers - gone
        elif what == "forget":
            if runs := [run_of(archive, number) for number in numbers & there]:
                archive.forget(runs, grace=0)
            gone |= numbers & there
            there -= gone
        elif what == "copy":
            shutil.rmtree(copy)
            shutil.copytree(place, copy)
            of_copy = set(there)
        elif what == "merge":
            merged(copy, place)
            there |= of_copy - gone
        elif what == "compact":
            archive.compact()
        else:
            archive.repair(grace=0)
        assert numbers_in(Archive(place)) == sorted(there)
        assert Archive(place).verify().problems == []
    Archive(place).repair(grace=0)
    text = text_in(place)
    assert {number for number in range(5) if words_of(number) in text} == there


def test_a_damaged_pack_is_mended_before_it_is_written_anew(tmp_path):
    """Its other logs are saved, and named where they are lost; the forgotten one is gone."""
    archive = lab(tmp_path / "lab", tmp_path)
    log = archive.runs()["log_sha256"][1]
    rows = archive.table("logs")
    pack = rows["pack"][rows["log_sha256"] == log].iloc[0]
    change(tmp_path / "lab", pack, flip)
    with pytest.raises(ArchiveError, match="is damaged; first `logreport archive verify --repair`"):
        Archive(tmp_path / "lab").forget([log], grace=0)
    assert numbers_in(Archive(tmp_path / "lab")) == [0, 2, 3, 4, 5]
    Archive(tmp_path / "lab").repair(grace=0)
    assert Purge(Archive(tmp_path / "lab").snapshot).holding == []
    assert words_of(1) not in text_in(tmp_path / "lab")
