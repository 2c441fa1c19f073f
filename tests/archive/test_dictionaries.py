"""The dictionary that the logs of an archive share: trained, used, merged, lost, and gone with what it told of."""

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from archive_logs import change, files, flip, gone, log_text, readers, write_logs
from hypothesis import given
from hypothesis import strategies as st

from logreport import Archive
from logreport.archive.storage import commits
from logreport.archive.storage.dictionaries import LEAST, dictionary_of, shared_pieces, trained
from logreport.archive.storage.layout import filed, table_at
from logreport.archive.storage.store import Store
from logreport.errors import ArchiveError
from logreport.workers.spreading import Local

MANY = LEAST + 20


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    """A folder of more logs than a dictionary wants."""
    folder = tmp_path_factory.mktemp("many") / "runs"
    write_logs(folder, range(MANY))
    return folder


@pytest.fixture(scope="module")
def made(logs, tmp_path_factory):
    """An archive of them, to copy."""
    place = tmp_path_factory.mktemp("made") / "lab"
    Archive(place, create=True).add(logs)
    return place


@pytest.fixture
def lab(made, tmp_path):
    """A copy of it."""
    return Path(shutil.copytree(made, tmp_path / "lab"))


def dictionaries(place):
    """The files of dictionaries."""
    return [path for path in files(place) if path.endswith(".dict")]


def contents(place):
    """The bytes of each log, by its number."""
    archive = Archive(place)
    rows = archive.table("logs")
    return {
        int(Path(row.source).stem): archive.log(row.sha256) for row in rows.itertuples() if row.kind == "log"
    }


def expected(numbers=range(MANY)):
    """What `contents` should give."""
    return {number: log_text(number).encode() for number in numbers}


def test_many_logs_share_a_dictionary(lab, logs, tmp_path, monkeypatch):
    """They are smaller than without one, come back bit for bit, and `zstd -D` reads them; one is made, for all additions."""
    assert contents(lab) == expected()
    (path,) = dictionaries(lab)
    rows = Archive(lab).table("logs")
    assert set(rows["dictionary"]) == {path}
    monkeypatch.setattr("logreport.archive.ingest.adding.LEAST", 10**6)
    plain = Archive(tmp_path / "plain", create=True)
    plain.add(logs)
    assert dictionaries(tmp_path / "plain") == []
    sizes = [
        sum(size for file, size in files(place).items() if file.startswith("logs/"))
        for place in (lab, tmp_path / "plain")
    ]
    assert sizes[0] < 0.8 * sizes[1]
    decoder = zstandard.ZstdDecompressor(dict_data=zstandard.ZstdCompressionDict((lab / path).read_bytes()))
    pack = (lab / rows["pack"][0]).read_bytes()
    first = decoder.decompressobj().decompress(pack)
    assert first in expected().values()
    monkeypatch.undo()
    Archive(lab).add(write_logs(tmp_path / "more", range(MANY, MANY + 5)))
    assert dictionaries(lab) == [path]
    assert set(Archive(lab).table("logs")["dictionary"]) == {path}
    assert Archive(lab).verify().problems == []
    Archive(lab).compact()
    Archive(lab).repair(grace=0)
    assert contents(lab) == expected(range(MANY + 5))
    assert Archive(lab).verify().problems == []


def test_few_logs_have_none_until_they_are_enough(tmp_path, logs):
    """Each addition looks at what is there with what comes; what was added without one stays as it is."""
    archive = Archive(tmp_path / "lab", create=True)
    for at in range(0, 150, 50):
        archive.add([logs / f"{number}.log" for number in range(at, at + 50)])
    assert dictionaries(tmp_path / "lab") == []
    archive.add(logs)
    assert len(dictionaries(tmp_path / "lab")) == 1
    assert archive.table("logs")["dictionary"].isna().sum() == 150
    assert contents(tmp_path / "lab") == expected()


def test_an_archive_of_an_older_logreport(lab):
    """Its tables have no such column: all its logs are read, and new ones join them."""
    archive = Archive(lab)
    plain = Archive(lab.parent / "old", create=True)
    plain.add(write_logs(lab.parent / "few", range(3)))
    for path, commit in plain.snapshot.live.items():
        (index,) = (file for file in commit.files if table_at(file) == "logs")
        rows = pq.read_table(io.BytesIO(plain.store.get(index))).drop_columns(["dictionary"])
        out = io.BytesIO()
        pq.write_table(rows, out)
        commits.instead(plain.store, path, commit, {index}, [filed("logs", out.getvalue())])
    Archive(lab.parent / "old").repair(grace=0)
    assert contents(lab.parent / "old") == expected(range(3))
    for path in files(lab.parent / "old"):
        archive.store.put(path, plain.store.get(path))
    assert contents(lab) == expected()
    old = [path for path in files(lab.parent / "old") if path.startswith("commits/")]
    assert all(b'"format": 1' in plain.store.get(path) for path in old)  # which older ones can read
    assert Archive(lab).verify().problems == []


ADD = "import sys; from logreport import Archive; Archive(sys.argv[1], create=True).add(sys.argv[2])"


@pytest.mark.slow
def test_writers_at_once_may_make_one_each(logs, root, tmp_path):
    """Nothing is lost or read wrongly; who comes later takes one of them, the same whoever it is."""
    environment = {**os.environ, "PYTHONPATH": str(root)}
    place = tmp_path / "lab"
    running = [subprocess.Popen([sys.executable, "-c", ADD, place, logs], env=environment) for _ in range(3)]
    assert [process.wait(300) for process in running] == [0] * 3
    assert 1 <= len(dictionaries(place)) <= 3
    Archive(place).add(write_logs(tmp_path / "more", range(MANY, MANY + 3)), scheduler=Local(2))
    assert contents(place) == expected(range(MANY + 3))
    rows = Archive(place).table("logs")
    later = rows[rows["source"].str.contains("/more/")]
    assert set(later["dictionary"]) == {min(dictionaries(place))}
    assert Archive(place).verify().problems == []


def test_archives_with_other_dictionaries_merge(lab, tmp_path):
    """Each log says which it needs; compacted and repaired, too."""
    other = Archive(tmp_path / "other", create=True)
    folder = tmp_path / "others"
    folder.mkdir()
    for number in range(MANY):
        (folder / f"{1000 + number}.log").write_text(
            log_text(1000 + number).replace("conv1", "layer_of_another_lab")
        )
    other.add(folder)
    assert dictionaries(tmp_path / "other") != dictionaries(lab)
    for path in files(tmp_path / "other"):
        Store(str(lab)).put(path, other.store.get(path))
    assert len(dictionaries(lab)) == 2
    for act in (lambda: None, lambda: Archive(lab).compact(), lambda: Archive(lab).repair(grace=0)):
        act()
        found = contents(lab)
        assert {number: found[number] for number in range(MANY)} == expected()
        assert found[1007] == (folder / "1007.log").read_bytes()
        assert Archive(lab).verify().problems == []


@pytest.mark.parametrize("how", [gone, flip])
def test_a_lost_dictionary_is_named_with_what_is_lost(lab, logs, tmp_path, how):
    """`verify` says which logs cannot be read; numbers and other logs are there; it can be copied back, or they added again."""
    few = write_logs(tmp_path / "few", range(MANY, MANY + 2))
    plain = Archive(tmp_path / "plain", create=True)
    plain.add(few)
    for path in files(tmp_path / "plain"):
        Store(str(lab)).put(path, plain.store.get(path))
    (path,) = dictionaries(lab)
    whole = Store(str(lab)).get(path)
    change(lab, path, how)
    said = "\n".join(str(problem) for problem in Archive(lab).verify().problems)
    assert f"{lab}/{path}: is a dictionary without which {MANY} logs cannot be read: {logs}/0.log, " in said
    assert said.count("\n") == 1  # and that the file is missing, or damaged
    assert readers(lab)[0] == [MANY + 2] * 4
    archive = Archive(lab)
    logs_by_path = archive.runs().set_index("source")["log_sha256"]
    assert archive.log(logs_by_path[few[0]]) == log_text(MANY).encode()
    with pytest.raises(ArchiveError, match=path if how is gone else "is damaged"):
        archive.log(logs_by_path[f"{logs}/7.log"])
    before = files(lab).keys() - {path}
    Archive(lab).repair(grace=0)
    assert before <= files(lab).keys()  # it may be copied back
    again = Archive(lab).add([f"{logs}/7.log"])
    assert again.logs == 1
    assert Archive(lab).log(logs_by_path[f"{logs}/7.log"]) == log_text(7).encode()
    said = "\n".join(str(problem) for problem in Archive(lab).verify().problems)
    assert f"without which {MANY - 1} logs cannot be read" in said
    Store(str(lab)).put(path, whole)
    assert Archive(lab).verify().problems == []
    assert contents(lab) == expected(range(MANY + 2))


def test_a_pack_that_no_table_lists_is_listed_again(lab):
    """Which dictionary each frame needs is read from the frame."""
    live = Archive(lab).snapshot.live
    path = next(path for path, one in live.items() if any(file.endswith(".zst") for file in one.files))
    index = {file for file in live[path].files if table_at(file) == "logs"}
    commits.instead(Archive(lab).store, path, live[path], index)
    Archive(lab).repair(grace=0)
    assert Archive(lab).verify().problems == []
    assert contents(lab) == expected()


def test_a_forgotten_word_leaves_the_dictionary(tmp_path):
    """What only the forgotten logs had in common stands in no file; the others are compressed anew, and whole."""
    folder = tmp_path / "runs"
    write_logs(folder, range(MANY))
    for number in range(12):
        text = f"host-of-project-zebra is where this log was printed\n{log_text(number)}"
        (folder / f"{number}.log").write_text(text)
    place = tmp_path / "lab"
    archive = Archive(place, create=True)
    archive.add(folder)
    (before,) = dictionaries(place)
    assert b"zebra" in archive.store.get(before)
    sources = [str(folder / f"{number}.log") for number in range(12)]
    runs = archive.runs().set_index("source")["run_id"]
    archive.forget(runs[sources[:9]], grace=0)
    assert dictionaries(place) == [before]  # three logs that stay say it
    archive.forget(runs[sources[9:]], grace=0)
    (after,) = dictionaries(place)
    assert after != before
    assert contents(place) == expected(range(12, MANY))
    assert not any(b"zebra" in archive.store.get(path) for path in files(place))
    found = Archive(place).verify()
    assert (found.problems, found.leftovers, found.replaced, found.returned) == ([], [], [], [])
    assert set(Archive(place).table("logs")["dictionary"]) == {after}


@given(st.lists(st.binary(max_size=60), max_size=12))
def test_pieces_stand_in_three_logs(logs):
    """Whatever the bytes: what is left of a log is made of pieces that three logs or more have."""
    found = list(shared_pieces(logs))
    assert len(found) == len(logs)
    for log, left in zip(logs, found, strict=True):
        assert len(left) <= len(log)
        assert not set(left.split()) - {
            word for word in left.split() if sum(word in one for one in logs) >= 3
        }


def test_nothing_in_common_makes_none():
    """Random bytes, empty logs, too few."""
    assert trained([b""] * 500) is None
    assert trained([os.urandom(2000) for _ in range(300)]) is None
    assert trained([log_text(number).encode() for number in range(LEAST - 1)]) is None
    made = trained([log_text(number).encode() for number in range(MANY)])
    assert made == dictionary_of(made.content)[:1] + made[1:]
    assert pa.array([made.path])[0].as_py().endswith(".dict")
