"""Commits that are whole by their hash and say what no writer says: each is named, and takes nothing with it."""

import json
import os
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from archive_logs import change, cut, files, gone, readers, state, without_rights, write_logs
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logreport import Archive
from logreport.archive.storage import commits
from logreport.archive.storage.layout import filed
from logreport.archive.storage.store import Store, digest_of
from logreport.errors import ArchiveError


@pytest.fixture
def lab(tmp_path):
    """An archive of three commits, one log each; the runs of the first one are tagged."""
    archive = Archive(tmp_path / "lab", create=True)
    for log in write_logs(tmp_path / "runs", range(3)):
        archive.add(log, tags={"number": log[-5]} if log.endswith("0.log") else {})
    return tmp_path / "lab"


def commit(place, content):
    """Put a commit there as bytes, under the name that its hash gives it."""
    path = f"commits/{digest_of(content)}.json"
    Archive(place).store.put(path, content)
    return path


def said(**members):
    """A commit as JSON, with other members than those of a sound one that holds nothing."""
    return json.dumps({"format": 1, **vars(commits.Commit({})), "replaces": [], **members}).encode()


ODD = st.sampled_from(
    [None, True, 0, -1, 5, 1.5, 1e308, float("nan"), float("inf"), 10**400, "", "x", "\ud800", [], [1], [[]], {}, {"a": 1},
     {"logs/x": "1"}, {"logs/x": -1}, {"logs/x": None}, {"logs/x": 2**70}, {"../../etc/passwd": 1}, {"/etc/passwd": 1},
     {"logs/..": 1}, {"tables/runs/../../x": 1}, {"tables/none/x": 1}, {"commits/x.json": 1}, {"logs/\0": 1}, {"logs/\udfff": 1},
     ["commits/x.json"], ["../x"], ["\ud800"]]
)  # fmt: skip
MEMBERS = st.sampled_from(["format", "files", "replaces", "schema_version", "made_at", "made_by", "more"])


CONTENTS = st.one_of(
    st.dictionaries(MEMBERS, ODD, min_size=1, max_size=3).map(lambda members: said(**members)),
    ODD.map(lambda value: json.dumps(value).encode()),
    st.sampled_from([b"", b"\xff", b"[" * 100_000, b'{"format": 1e999}']),
)


@settings(max_examples=500, derandomize=True)
@given(CONTENTS)
def test_what_is_no_commit_is_said(content):
    """Any JSON, or none: it is a commit with values of the right types and files of an archive, or an error that names it."""
    store = Store("memory://lab")
    try:
        found = commits.decode(f"commits/{digest_of(content)}.json", content, store)
    except ArchiveError as error:
        found = commits.Commit({})
        assert error.source == f"memory://lab/commits/{digest_of(content)}.json"  # noqa: PT017 - one of two outcomes
    assert all(file.startswith(("logs/", "tables/")) and ".." not in file for file in found.files)
    assert all(size >= 0 for size in found.files.values())
    assert all(isinstance(path, str) for path in found.replaces)


@settings(max_examples=12, derandomize=True)
@given(CONTENTS)
@example(said(files=[1]))
@example(said(schema_version=None))
@example(said(files={"tables/runs/none.parquet": 1}, replaces=["commits/none.json"]))
def test_any_commit_leaves_the_others_as_they_are(lab_once, content):
    """Each reader gives all runs and tags; `verify` and `verify --repair` end well, and nothing of the others is gone."""
    place, before, own = lab_once
    commit(place, content)
    found, problems = readers(place)
    assert found == [3, 3, 3, 3]
    assert all(str(place) in problem for problem in problems)
    assert Archive(place).runs()["tag.number"].notna().sum() == 1
    assert Archive(place).verify().files == own
    Archive(place).repair(grace=0)
    left = {str(problem) for problem in Archive(place).verify().problems}
    assert all("was written by logreport" in problem for problem in left)
    for path in files(place).keys() - before.keys():
        Archive(place).store.remove([path])
    assert files(place) == before


@pytest.fixture(scope="module")
def lab_once(tmp_path_factory):
    """Such an archive for many examples, each of which leaves it as it was; its files, and how many of them count."""
    folder = tmp_path_factory.mktemp("lab")
    archive = Archive(folder / "lab", create=True)
    logs = write_logs(folder / "runs", range(3))
    archive.add(logs[:1], tags={"number": "0"})
    archive.add(logs[1:])
    return folder / "lab", files(folder / "lab"), len(archive.snapshot.files())


@pytest.mark.parametrize("keeps", ["nothing", "tags", "logs"])
def test_a_commit_that_lets_go_of_others_replaces_nothing(lab, keeps):
    """What it says that it replaces counts all the same; `verify` names it, `--repair` mends it and loses nothing."""
    before, live = state(lab), Archive(lab).snapshot.live
    kept = {"nothing": "none", "tags": "tables/facts/", "logs": "logs/"}[keeps]
    held = {path: size for one in live.values() for path, size in one.files.items() if path.startswith(kept)}
    path = commit(lab, said(files=held, replaces=list(live)))
    found, problems = Archive(lab).verify(), [str(problem) for problem in Archive(lab).verify().problems]
    count = 1 if keeps == "logs" else 3
    assert (
        f"{lab}/{path}: lets go of what {count} commits hold that it replaces: they count all the same; "
        in problems[0]
    )
    if keeps == "logs":  # of two commits it holds all that nothing else gives
        assert len(found.unlisted) == 2
        Archive(lab).repair(grace=0)
    else:
        assert len(problems) == 1
        assert readers(lab)[0] == [3, 3, 3, 3]
        assert state(lab) == before
    Archive(lab).repair(grace=0)
    assert Archive(lab).verify().problems == []
    assert path not in files(lab)
    assert readers(lab) == ([3, 3, 3, 3], set())
    assert Archive(lab).runs()["tag.number"].notna().sum() == 1
    assert keeps == "logs" or state(lab) == before
    Archive(lab).compact()
    assert readers(lab) == ([3, 3, 3, 3], set())


def test_logs_that_no_table_lists_are_listed_again(lab):
    """A commit that holds the bytes of logs, and not the table that says where they are."""
    live = Archive(lab).snapshot.live
    path = next(path for path, one in live.items() if not any("facts" in file for file in one.files))
    dropped = {file for file in live[path].files if file.startswith("tables/logs/")}
    commits.instead(Archive(lab).store, path, live[path], dropped)
    (problem,) = [problem for problem in Archive(lab).verify().problems if "no table lists" in str(problem)]
    assert ".zst: holds logs that no table lists; logreport archive verify --repair" in str(problem)
    Archive(lab).repair(grace=0)
    assert Archive(lab).verify().problems == []
    assert len(Archive(lab).table("logs")) == 3


@pytest.mark.parametrize("table", ["runs", "steps", "lines", "logs", "facts"])
@pytest.mark.parametrize("content", ["no Parquet", "other columns"])
def test_a_file_that_is_no_table(lab, table, content):
    """Its name is that of its hash, and it is not what it should be: it is named, all rows of the others are there."""
    if content == "no Parquet":
        text = b"as it was written"
    else:
        sink = pa.BufferOutputStream()
        pq.write_table(pa.table({"log_sha256": [[1]], "run_id": [[2]], "pack": [[3]], "source": [[4]]}), sink)
        text = sink.getvalue().to_pybytes()
    before, path = state(lab), filed(table, text)[0]
    commits.write(Archive(lab).store, [(path, text)])
    found, problems = readers(lab)
    assert found == [3, 3, 3, 3]
    assert {problem.partition(": ")[0] for problem in problems} <= {f"{lab}/{path}"}
    archive = Archive(lab)
    archive.table(table)
    assert f"{path}: is no file of the table '{table}'" in str(archive.problems[0])
    assert any(
        f"{path}: is no file of the table '{table}'" in str(problem)
        for problem in Archive(lab).verify().problems
    )
    Archive(lab).repair(grace=0)
    assert Archive(lab).verify().problems == []
    assert state(lab) == before


READ_AND_REPAIR = """
import sys
from logreport import Archive
read = Archive(sys.argv[1])
print(len(read.runs()), *read.problems, sep="; ")
print(*Archive(sys.argv[1]).verify().problems, sep="; ")
for _ in range(2):
    Archive(sys.argv[1]).repair(grace=0)
"""


@pytest.mark.parametrize("kind", ["commits/", "tables/runs/", "tables/facts/", "logs/"])
def test_a_file_that_may_not_be_read(lab, kind):
    """Without the right to read it the others come out and it is named; a repair leaves it alone: it may be whole."""
    before, path = state(lab), next(path for path in files(lab) if path.startswith(kind))
    (lab / path).chmod(0)
    ran = subprocess.run(
        [sys.executable, "-c", READ_AND_REPAIR, lab], preexec_fn=without_rights, timeout=120, check=True,
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    read, found = ran.stdout.splitlines()
    assert read.startswith("3" if kind in ("logs/", "tables/facts/") else "2")
    assert kind == "logs/" or f"{path}: cannot be read (" in read
    assert f"{path}: cannot be read (" in found
    (lab / path).chmod(0o600)
    assert Archive(lab).verify().problems == []
    assert state(lab)[0] == before[0]
    assert Archive(lab).runs()["tag.number"].notna().sum() == 1


def test_a_pipe_among_the_files_keeps_nobody_waiting(lab):
    """What is no file is none of ours."""
    os.mkfifo(lab / "commits" / "pipe.json")
    assert readers(lab) == ([3, 3, 3, 3], set())


@pytest.mark.parametrize("how", [cut, gone])
def test_a_repair_that_was_killed_goes_on(lab, monkeypatch, how):
    """Killed after any of its writes, another one ends what it began; no log and no tag is lost on the way."""
    change(lab, next(path for path in files(lab) if path.startswith("tables/steps/")), how)
    put, before = type(Archive(lab).store).put, None
    for allowed in range(12):
        left = [allowed]

        def limited(store, path, content, left=left):
            if not left[0]:
                raise ArchiveError("killed", source=path)
            left[0] -= 1
            put(store, path, content)

        monkeypatch.setattr(type(Archive(lab).store), "put", limited)
        try:
            Archive(lab).repair(grace=0)
        except ArchiveError as error:
            before = str(error)
        monkeypatch.undo()
        assert readers(lab)[0][:3] == [3, 3, 3]
        assert Archive(lab).runs()["tag.number"].notna().sum() == 1
    assert "killed" in before
    assert Archive(lab).verify().problems == []
