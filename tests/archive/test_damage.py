"""Damage of every kind: it is named, the rest stays readable by every reader, and what can be mended is mended."""

import io
import json
import os
import resource
import subprocess
import sys

import pyarrow.parquet as pq
import pytest
from archive_logs import (
    change,
    cut,
    files,
    flip,
    gone,
    log_text,
    readers,
    scratch,
    some_file,
    state,
    without_rights,
    write_logs,
)

from logreport import Archive
from logreport.archive.storage import commits
from logreport.archive.storage.layout import filed
from logreport.errors import ArchiveError


def damage(**kinds):
    """Run a test with each kind of damage in a folder, and with the last one on an object store."""
    cases = [pytest.param("folder", how, id=name.replace("_", " ")) for name, how in kinds.items()]
    name, how = list(kinds.items())[-1]
    stored = pytest.param("s3", how, id=f"{name} on s3", marks=pytest.mark.slow)
    return pytest.mark.parametrize(("place", "how"), [*cases, stored], indirect=["place"])


@pytest.fixture
def lab(place, tmp_path):
    """An archive of two commits, three logs each."""
    logs = write_logs(tmp_path / "runs", range(6))
    Archive(place, create=True).add(logs[:3], tags={"half": "first"})
    Archive(place).add(logs[3:], tags={"half": "second"})
    return place


@damage(scratched=scratch, missing=gone, cut_off=cut)
@pytest.mark.parametrize("table", ["runs", "steps", "lines"])
def test_damaged_tables(lab, table, how):
    """The rows in a damaged file are missing, all others are there; they are made again from their logs."""
    before = state(lab)
    path = some_file(lab, f"tables/{table}/")
    change(lab, path, how)
    found, said = readers(lab)
    assert found == {"runs": [3, 3, 3, 6], "steps": [6, 6, 6, 3], "lines": found}[table]
    if table != "lines":
        assert any(path in problem for problem in said)
    problems = Archive(lab).verify().problems
    assert any(path in str(problem) for problem in problems)
    assert Archive(lab).repair(grace=0).again == 3
    assert Archive(lab).verify().problems == []
    assert state(lab) == before


def test_no_flipped_bit_in_the_data_of_a_table_is_read(tmp_path):
    """Each column of each file has a checksum: readers never take a wrong number for a right one."""
    place = str(tmp_path / "lab")
    Archive(place, create=True).add(write_logs(tmp_path / "runs", range(3)))
    path = some_file(place, "tables/steps/")
    whole = Archive(place).store.get(path)
    group = pq.ParquetFile(io.BytesIO(whole)).metadata.row_group(0)
    for i in range(group.num_columns):
        chunk = group.column(i)
        start = chunk.dictionary_page_offset or chunk.data_page_offset
        at = start + chunk.total_compressed_size - 2
        change(place, path, lambda _, at=at: whole[:at] + bytes([whole[at] ^ 16]) + whole[at + 1 :])
        archive = Archive(place)
        assert archive.table("steps").empty, chunk.path_in_schema
        assert len(archive.problems) == 1


@damage(flipped_bit=flip, missing=gone, cut_off=cut)
def test_damaged_logs(lab, tmp_path, how):
    """A damaged log is named and its numbers are kept; those beside it come back; it can be added again."""
    before = state(lab)
    path = some_file(lab, "logs/")
    lost = Archive(lab).query(f"SELECT sha256 FROM logs WHERE pack = '{path}' ORDER BY pack_offset")["sha256"]  # noqa: S608
    change(lab, path, how)
    assert readers(lab)[0] == [6, 6, 6, 6]
    archive = Archive(lab)
    found = archive.verify()
    assert any(path in str(problem) for problem in found.problems)
    intact = [sha for sha in lost if sha not in found.lost]
    assert len(intact) == {flip: 2, cut: 1, gone: 0}[how]
    assert all(archive.log(sha).startswith(b"conv1") for sha in intact)
    with pytest.raises(ArchiveError, match=r"is damaged|cannot be read"):
        archive.log(found.lost[0])
    assert archive.repair(grace=0).saved == len(intact)
    found = Archive(lab).verify()
    assert len(found.problems) == len(found.lost) == 3 - len(intact)
    assert all("is lost" in str(problem) for problem in found.problems)
    assert readers(lab) == ([6, 6, 6, 6], set())
    assert Archive(lab).add(tmp_path / "runs").logs == 3 - len(intact)
    assert Archive(lab).verify().problems == []
    assert state(lab)[0] == before[0]


@damage(flipped_bit=flip, missing=gone, cut_off=cut)
def test_a_damaged_index_of_logs(lab, how):
    """Where the table that says where logs are is damaged, the logs themselves say it."""
    before = Archive(lab).table("logs").set_index("sha256").sort_index()
    change(lab, some_file(lab, "tables/logs/"), how)
    assert readers(lab)[0] == [6, 6, 6, 6]
    assert Archive(lab).verify().problems
    Archive(lab).repair(grace=0)
    assert Archive(lab).verify().problems == []
    after = Archive(lab).table("logs").set_index("sha256").sort_index()
    assert after.drop(columns="added_at").equals(before.drop(columns="added_at"))


@damage(cut_off=cut, missing=gone)
def test_a_damaged_compaction(lab, how):
    """Where a file of a compaction is damaged, what it merged counts for as long as it is there."""
    before = state(lab)
    Archive(lab).compact()
    path = Archive(lab).snapshot.files("steps")[0]
    change(lab, path, how)
    assert readers(lab)[0] == [6, 6, 6, 6]
    assert Archive(lab).verify().problems
    Archive(lab).repair(grace=0)
    assert Archive(lab).verify().problems == []
    assert state(lab) == before


@damage(flipped_bit=flip, cut_off=cut)
def test_a_damaged_commit(lab, how):
    """What a damaged commit named is found again: its logs, and their tables are made again; nothing is removed."""
    before = state(lab)
    path = some_file(lab, "commits/")
    change(lab, path, how)
    found, said = readers(lab)
    assert found == [3, 3, 3, 3]
    assert said
    assert all(path in problem for problem in said)
    Archive(lab).repair(grace=0)
    Archive(lab).repair(grace=0)
    assert Archive(lab).verify().problems == []
    assert state(lab)[0] == before[0]
    assert set(Archive(lab).runs()["tag.half"]) == {"first", "second"}


def test_damaged_tags_are_given_up_by_name(lab):
    """Tags are made of nothing else: where their file is damaged they are lost, which is said; the runs are not."""
    path = some_file(lab, "tables/facts/")
    change(lab, path, flip)
    assert readers(lab)[0] == [6, 6, 6, 6]
    archive = Archive(lab)
    assert archive.runs()["tag.half"].notna().sum() == 3
    assert any(path in str(problem) for problem in archive.problems)
    assert archive.repair(grace=0).given_up == [path]
    assert Archive(lab).verify().problems == []


@pytest.mark.parametrize("member", ["schema_version", "format"])
def test_what_is_newer_is_left_alone(lab, tmp_path, member):
    """Tables of a newer logreport are not misread, and nothing of it is removed; the rest is there."""
    before = files(lab)
    archive = Archive(lab)
    path = min(archive.snapshot.live)
    text = json.loads(archive.store.get(path)) | {member: 99, "made_by": "9.9"}
    archive.store.remove([path])
    content = json.dumps(text).encode()
    archive.store.put(f"commits/{commits.digest_of(content)}.json", content)
    found, said = readers(lab)
    assert found == [3, 3, 3, 3]
    assert len(said) == 1
    assert "was written by logreport 9.9, in a form that" in said.pop()
    archive.repair(grace=0)
    left = set(files(lab))
    assert {one for one in before if not one.startswith("commits/")} <= left
    assert Archive(lab).add(tmp_path / "runs").logs == (3 if member == "format" else 0)


def test_what_is_older_lacks_columns(lab):
    """Tables of an older logreport have missing values where it knew no such column, until they are made again."""
    before = state(lab)
    archive = Archive(lab)
    path = some_file(lab, "tables/phases/")
    name = next(commit for commit, file in archive.snapshot.named() if file == path)
    old = pq.read_table(archive.store.fs.open(archive.store.place(path))).drop_columns(["jitter", "n_steps"])
    out = io.BytesIO()
    pq.write_table(old, out)
    sink = out.getvalue()
    commit = archive.snapshot.live[name]
    commits.instead(archive.store, name, commit, {path}, [filed("phases", sink)])
    assert readers(lab) == ([6, 6, 6, 6], set())
    phases = Archive(lab).table("phases")
    assert phases["n_steps"].isna().sum() == len(old)
    assert Archive(lab).query("SELECT count(n_steps) AS n FROM phases")["n"].tolist() == [12 - len(old)]
    assert Archive(lab).reparse(every=True).errors == []
    assert state(lab) == before


def command(place, *words, before):
    """`logreport archive` in a process that may do less."""
    return subprocess.run(
        [sys.executable, "-m", "logreport", "archive", *words, "-a", place],
        capture_output=True, text=True, check=False, timeout=120, preexec_fn=before,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip


def test_a_folder_that_cannot_be_written(tmp_path):
    """One line says so; what is there can be read, asked and verified all the same."""
    place = tmp_path / "lab"
    logs = write_logs(tmp_path / "runs", range(2))
    Archive(place, create=True).add(logs[0])
    folders = [place, *(path for path in place.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    added = command(str(place), "add", logs[1], before=without_rights)
    asked = command(str(place), "query", "SELECT count(*) AS n FROM runs", before=without_rights)
    verified = command(str(place), "verify", before=without_rights)
    for folder in folders:
        folder.chmod(0o755)
    assert added.returncode == 1
    assert added.stderr.startswith(f"logreport: {place}/")
    assert "cannot be written (Permission denied); check the rights" in added.stderr
    assert added.stderr.count("\n") == 1
    assert (asked.returncode, asked.stdout) == (0, "n\n1\n")
    assert (verified.returncode, verified.stderr) == (0, "")


def test_a_full_disk(tmp_path):
    """What does not fit is one line; the archive is as it was, and what was left over goes with --repair."""
    place = tmp_path / "lab"
    write_logs(tmp_path / "runs", range(3))
    Archive(place, create=True).add(tmp_path / "runs" / "0.log")
    before = state(place)

    def little_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    added = command(str(place), "add", str(tmp_path / "runs"), before=little_room)
    assert added.returncode == 1
    assert "cannot be written (File too large); check the rights and the free space there" in added.stderr
    assert added.stderr.count("\n") == 1
    assert state(place) == before
    found = Archive(place).verify()
    assert found.problems == []
    Archive(place).repair(grace=0)
    assert Archive(place).verify().leftovers == []
    assert Archive(place).add(tmp_path / "runs").logs == 2
    assert log_text(2).encode() in {Archive(place).log(sha) for sha in Archive(place).table("logs")["sha256"]}
