"""What an archive keeps and gives back: the same in a folder and on an object store."""

import gzip
import hashlib
import io
import random
import shutil
import sys
import uuid

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from archive_logs import files, log_text, state, write_logs

from logreport import Archive, api
from logreport.analysis import Study
from logreport.archive.maintenance.compacting import compact, rolled
from logreport.archive.storage.layout import COLUMNS, parquet_file, schema_of
from logreport.errors import ArchiveError, UsageError
from logreport.runs.run import Run
from logreport.tables.exporting import arrow_table
from logreport.tables.schema import TABLES
from logreport.workers.spreading import Local


def test_the_tables_are_those_of_the_logs(place, samples, tmp_path):
    """What is read from an archive is what reading the logs gives, row for row, also what is judged across runs."""
    both = tmp_path / "both.log"
    both.write_text(log_text(1) + log_text(2))
    logs = sorted([samples, both])
    added = Archive(place, create=True).add(logs)
    reading = api.read_logs(api.sources_of(logs))
    tables = Archive(place).tables()
    assert (added.logs, added.errors) == (reading.tables.count("lines"), [])
    assert added.runs == reading.tables.count("runs") > 10
    for name in TABLES:
        assert list(map(repr, tables.rows(name))) == list(map(repr, reading.tables.rows(name))), name
    logs = set(Archive(place).table("logs")["log_sha256"])
    assert f"{both}#2" in tables.columns["runs"]["source"]
    assert all(set(Archive(place).table(name)["log_sha256"]) <= logs for name in TABLES)
    frame = Archive(place).table("phases")[[column.name for column in TABLES["phases"]]]
    assert frame.dtypes.to_dict() == reading.tables.frame("phases").dtypes.to_dict()


def test_adding_again_adds_nothing(place, tmp_path):
    """No file is written for logs that are there; a new one among them is added; a path named twice is one input."""
    logs = write_logs(tmp_path / "runs", range(5))
    Archive(place, create=True).add(logs[:4])
    before = files(place)
    again = Archive(place).add([*logs[:4], logs[0]])
    assert (again.logs, again.known, again.facts) == (0, 4, 0)
    assert files(place) == before
    assert Archive(place).add(logs).logs == 1
    assert len(Archive(place).runs()) == 5


def test_a_log_comes_back_as_it_was(place, tmp_path):
    """The bytes of a log are those that were added; of a compressed one those behind its compression."""
    (plain,) = write_logs(tmp_path / "runs", [1])
    packed = tmp_path / "runs" / "other.log.gz"
    packed.write_bytes(gzip.compress(log_text(1).encode()))
    dos = tmp_path / "runs" / "dos.log"
    dos.write_bytes(b"\xef\xbb\xbf" + log_text(2).replace("\n", "\r\n").encode())
    added = Archive(place, create=True).add([plain, packed, dos])
    archive = Archive(place)
    assert (added.logs, added.known, added.facts) == (2, 1, 1)
    logs = archive.table("logs").set_index("source")["sha256"]
    assert archive.log(logs[plain]) == log_text(1).encode()
    assert archive.log(logs[str(dos)]) == dos.read_bytes()
    assert archive.query("SELECT value FROM facts WHERE kind = 'source'")["value"].tolist() == [str(packed)]
    with pytest.raises(ArchiveError, match="this log is not here"):
        archive.log("0" * 64)


def test_tags_and_notes(place, tmp_path):
    """Tags are said of logs when they are added and of runs later; the last word counts, and one can be taken away."""
    logs = write_logs(tmp_path / "runs", range(3))
    archive = Archive(place, create=True)
    archive.add(logs[:2], tags={"version": "2.20"}, note="cold room")
    archive.add(logs[2], tags={"version": "2.21"})
    assert archive.add(logs[0], tags={"version": "2.20"}, note="cold room").facts == 0
    runs = archive.runs()
    assert runs["tag.version"].tolist() == ["2.20", "2.20", "2.21"]
    first, second, _ = runs["run_id"]
    assert archive.tag([first[:9]], {"version": "2.9", "host": "a"}) == 2
    assert archive.tag([first], {"version": "2.22", "host": "a"}) == 1
    archive.tag([second], {"version": None})
    runs = Archive(place).runs()
    assert runs["tag.version"].fillna("none").tolist() == ["2.22", "none", "2.21"]
    assert archive.runs("tag.version = '2.22' and tag.host = \"a\"")["run_id"].tolist() == [first]
    assert archive.runs("tag.version is null")["run_id"].tolist() == [second]
    assert set(archive.query("SELECT note FROM notes")["note"]) == {"cold room"}
    with pytest.raises(UsageError, match="no run has an id that begins with 'zz'"):
        archive.tag(["zz"], {"a": "b"})


def test_a_condition_selects_runs(place, samples):
    """`tables` holds the rows of the chosen runs, and of their logs what belongs to no run; nothing else."""
    archive = Archive(place, create=True)
    archive.add(samples)
    tables = archive.tables('benchmark = "cifar10" AND batch_size = 128')
    sources = set(tables.columns["runs"]["source"])
    assert {source.rpartition("/")[2] for source in sources} == {
        "cifar10-cpu.log",
        "cifar10-gtx-1060-6gb.log",
        *(f"cifar10-batch-128-{threads}.log" for threads in ("1-thread", "2-threads")),
        *(f"cifar10-multi-gpu-batch-64-{threads}.log" for threads in ("1-thread", "2-threads")),
    }
    for name in TABLES:
        assert set(tables.columns[name]["source"]) <= sources
    everything = archive.tables()
    wanted = [row for row in everything.rows("steps") if row["source"] in sources]
    assert repr(list(tables.rows("steps"))) == repr(wanted) != "[]"
    assert archive.tables("batch_size < 0").count("lines") == 0
    with pytest.raises(UsageError, match="batch_sizes"):
        archive.tables("batch_sizes > 1")


def test_a_view_for_each_table(place, tmp_path):
    """The views have the documented columns, also where there is no row yet."""
    archive = Archive(place, create=True)
    archive.add(write_logs(tmp_path / "runs", [1]))
    for name, columns in COLUMNS.items():
        found = archive.query(f"FROM {name}")
        assert list(found.columns) == [column.name for column in columns], name
    assert archive.query("SELECT sum(total) AS lines FROM lines")["lines"].tolist() == [13]


def test_sql_reaches_nothing_else(place, tmp_path):
    """A query can read the archive, and neither write nor read other files, nor see Python's variables."""
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    archive = Archive(place, create=True)
    archive.add(write_logs(tmp_path / "runs", [1]))
    for sql in (
        f"FROM '{secret}'",
        f"FROM read_csv('{secret}')",
        f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'",
        f"ATTACH '{tmp_path / 'new.db'}'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "SELECT * FROM archive",
        "DROP TABLE runs",
        "",
    ):
        with pytest.raises(UsageError):
            archive.query(sql)
    assert sorted(path.name for path in tmp_path.iterdir() if "lab" not in path.name) == [
        "runs",
        "secret.csv",
    ]


def test_one_bad_input_never_stops_the_rest(place, tmp_path):
    """What cannot be read is an error with its name; nothing of it is kept, everything else is."""
    good = write_logs(tmp_path / "runs", range(3))
    bad = {
        "binary.log": bytes(range(256)) * 40,
        "empty.log": b"",
        "cut.log.gz": gzip.compress(b"x" * 999)[:20],
    }
    for name, content in bad.items():
        (tmp_path / "runs" / name).write_bytes(content)
    added = Archive(place, create=True).add([str(tmp_path / "runs"), str(tmp_path / "missing.log")])
    assert added.logs == 3
    assert {str(error.source).rpartition("/")[2] for error in added.errors} == {*bad, "missing.log"}
    assert sorted(Archive(place).table("logs")["source"]) == good
    assert Archive(place).verify().problems == []


def test_records_are_kept_beside_their_logs(place, tmp_path):
    """A record of the runner is read with its log; one that comes later has the log read again."""
    folder = tmp_path / "runs"
    (log,) = write_logs(folder, [1])
    archive = Archive(place, create=True)
    archive.add(log)
    assert archive.runs()["status"].tolist() == ["complete"]
    (folder / "1.run.json").write_text('{"no": "record of ours"}')
    added = archive.add(log)
    assert (added.logs, len(added.errors)) == (0, 1)
    rows = archive.table("logs").set_index("kind")
    assert archive.store.get(rows["pack"]["record"]) != b""
    assert rows["source"]["record"] == str(folder / "1.run.json")
    assert rows["log_sha256"].nunique() == 1
    assert archive.add(log).errors == []
    assert archive.verify().problems == []


def test_two_logs_of_one_path_are_told_apart(place, tmp_path):
    """A path that is used again and again, as in CI, names a log of its own each time."""
    archive = Archive(place, create=True)
    for number in (1, 2):
        (tmp_path / "run.log").write_text(log_text(number))
        archive.add(tmp_path / "run.log", tags={"number": str(number)})
    sources = archive.tables().columns["runs"]["source"]
    logs = archive.runs()["log_sha256"]
    assert sources == [f"{tmp_path / 'run.log'}@{log[:8]}" for log in logs]
    assert archive.tables("tag.number = '1'").columns["phases"]["source"][0] in sources


def test_merging_is_copying(places, tmp_path):
    """Two archives whose files lie in one place are the archive of both, whatever they shared; nothing counts twice."""
    logs = write_logs(tmp_path / "runs", range(6))
    one, two = places
    Archive(one, create=True).add(logs[:4], tags={"a": "1"})
    Archive(two, create=True).add(logs[2:], tags={"b": "2"})
    both = Archive(str(tmp_path / "both"), create=True)
    both.add(logs[:4], tags={"a": "1"})
    both.add(logs[2:], tags={"b": "2"})
    for path in files(two):
        source, target = Archive(two).store, Archive(one).store
        with fsspec.open(source.name(path), "rb") as old, fsspec.open(target.name(path), "wb") as new:
            shutil.copyfileobj(old, new)
    merged = Archive(one)
    assert state(one) == state(str(tmp_path / "both"))
    columns = ["run_id", "tag.a", "tag.b"]
    assert merged.runs()[columns].equals(both.runs()[columns])
    assert merged.query("SELECT sum(total) AS n FROM lines")["n"].tolist() == [6 * 13]
    assert merged.verify().problems == []


def test_compaction_changes_no_answer(place, tmp_path):
    """Many small files become one per table; answers stay, also after the small ones are removed."""
    logs = write_logs(tmp_path / "runs", range(4))
    archive = Archive(place, create=True)
    for log in logs:
        archive.add(log, tags={"name": log[-5:-4]})
    archive.reparse(every=True)
    before, runs = state(place), archive.runs()
    done = archive.compact()
    tables = [path for path in archive.snapshot.files() if path.startswith("tables/")]
    assert done.before > done.after == len(tables) == len({path.split("/")[1] for path in tables})
    assert state(place) == before
    repaired = archive.repair(grace=0)
    assert (len(repaired.removed) >= done.before, repaired.waiting) == (True, [])
    assert state(place) == before
    assert Archive(place).runs().equals(runs)
    assert archive.compact().merged == 0
    found = archive.verify()
    assert (found.problems, found.leftovers, found.replaced) == ([], [], [])
    assert archive.add(logs).known == 4


def test_what_is_young_is_left_to_its_writer(place, tmp_path):
    """Files that no commit names stay for a day, unless somebody knows that nobody is at work."""
    archive = Archive(place, create=True)
    archive.add(write_logs(tmp_path / "runs", [1]))
    archive.store.put("logs/left-over.zst", b"of a writer that was killed")
    assert archive.repair().waiting == ["logs/left-over.zst"]
    assert archive.verify().leftovers == ["logs/left-over.zst"]
    assert archive.verify().problems == []
    assert archive.repair(grace=0).removed == ["logs/left-over.zst"]


def test_reparse_says_what_changed(place, tmp_path, monkeypatch):
    """Rows that another logreport made are made again, once; tables and runs whose numbers changed are named."""
    archive = Archive(place, create=True)
    archive.add(write_logs(tmp_path / "runs", range(3)))
    before = state(place)
    assert archive.reparse().logs == 0
    monkeypatch.setattr("logreport.archive.ingest.derive.__version__", "0.0.9")
    assert archive.reparse(every=True).runs == []
    monkeypatch.undo()
    changed = archive.reparse()
    assert (changed.logs, changed.runs, changed.errors) == (3, [], [])
    assert changed.before == changed.after
    assert changed.after["lines"] == 3
    assert archive.reparse().logs == 0
    assert state(place) == before
    assert len(archive.files("steps")) == 1


def test_ids_of_an_older_recipe_keep_their_runs(place, tmp_path, monkeypatch):
    """An archive whose ids another recipe made: the same logs add no run, and old ids find their runs for ever."""
    logs = write_logs(tmp_path / "runs", range(3))
    with monkeypatch.context() as patch:
        patch.setattr("logreport.archive.ingest.derive.RECIPE", None)
        patch.setattr(Run, "run_id", lambda run: hashlib.sha256(run.source.encode()).hexdigest()[:16])
        archive = Archive(place, create=True)
        archive.add(logs, tags={"room": "cold"})
        old = archive.runs()["run_id"].tolist()
        archive.tag([old[0]], {"fan": "broken"}, "the fan was broken")
    assert archive.add(logs).logs == 0
    assert archive.runs()["run_id"].tolist() == old
    changed = archive.reparse()
    now = archive.runs()["run_id"].tolist()
    assert set(now).isdisjoint(old)
    assert (changed.logs, changed.renamed, changed.runs) == (3, sorted(now), [])
    assert [archive.find(run) for run in old] == now == [archive.find(run) for run in now]
    assert archive.runs("tag.fan = 'broken' and tag.room = 'cold'")["run_id"].tolist() == [now[0]]
    said = archive.query("SELECT run_id, value FROM facts WHERE kind = 'replaces' ORDER BY value")
    assert dict(zip(said["value"], said["run_id"], strict=True)) == dict(zip(old, now, strict=True))
    archive.tag([old[0]], {"fan": "mended"})
    assert archive.runs()["tag.fan"].tolist()[0] == "mended"
    assert archive.query("SELECT run_id FROM notes")["run_id"].tolist() == [now[0]]
    assert (archive.reparse().logs, archive.add(logs).logs) == (0, 0)
    archive.compact()
    assert [archive.find(run) for run in old] == now
    assert archive.verify().problems == []


def test_worker_processes_give_the_same(place, samples, tmp_path):
    """Two processes add what one adds; each writes what it made itself."""
    logs = [str(path) for path in sorted(samples.glob("*.log"))]
    Archive(str(tmp_path / "one"), create=True).add(logs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("logreport.workers.spreading.MOST", 5)
        added = Archive(place, create=True).add(logs, scheduler=Local(2))
    assert (added.logs, added.errors) == (len(logs), [])
    assert state(place) == state(str(tmp_path / "one"))
    assert len(Archive(place).snapshot.live) == -(-len(logs) // 5)


def test_no_archive_is_an_error(place):
    """A typing error in the name of an archive is not an empty archive."""
    with pytest.raises(ArchiveError, match="there is no archive here; make one: logreport archive add"):
        Archive(place)


def test_compacted_files_are_as_large_as_they_may_be():
    """No file is over the limit, and none but the last has room for what stands in the next."""
    rng = random.Random(1)  # noqa: S311 - no secret
    names = schema_of("layers").names
    groups = [
        arrow_table(
            {name: [i if name == "line" else rng.randbytes(9).hex() for i in range(500)] for name in names},
            schema_of("layers"),
        )
        for _ in range(40)
    ]
    limit = 200_000
    files = [content for _, content in rolled("layers", iter(groups), limit)]
    one = len(parquet_file("layers", groups[0])[1])
    assert [len(content) <= limit for content in files] == [True] * len(files)
    assert all(len(content) > limit - 3 * one for content in files[:-1])
    assert len(files) > 2
    rows = pa.concat_tables([pq.read_table(io.BytesIO(content)) for content in files])
    assert rows.equals(pa.concat_tables(groups))


def test_large_files_are_not_written_again(tmp_path):
    """A compaction takes files over that are large enough; small ones beside them are merged."""
    archive = Archive(tmp_path / "lab", create=True)
    for start in range(0, 60, 20):
        archive.add(write_logs(tmp_path / "runs", range(start, start + 20)))
    before, limit = state(tmp_path / "lab"), 11_000
    large = {path for path, size in files(tmp_path / "lab").items() if size > 0.75 * limit}
    compact(archive.snapshot, limit)
    archive.refresh()
    kept = set(archive.snapshot.files())
    assert len([path for path in kept if path.startswith("tables/layers")]) == 1
    assert len([path for path in large if path.startswith("tables/steps")]) == 3
    assert large <= kept
    assert state(tmp_path / "lab") == before
    assert archive.repair(grace=0).waiting == []
    assert state(tmp_path / "lab") == before
    archive.reparse(every=True)
    assert state(tmp_path / "lab") == before


def test_two_compactions_at_once(tmp_path):
    """Two that merge the same files both count, and no row counts twice."""
    archive = Archive(tmp_path / "lab", create=True)
    logs = write_logs(tmp_path / "runs", range(6))
    for log in logs[:4]:
        archive.add(log)
    one = Archive(tmp_path / "lab").snapshot
    archive.add(logs[4])
    two = Archive(tmp_path / "lab").snapshot
    archive.add(logs[5])
    before = state(tmp_path / "lab")
    compact(one)
    compact(two)
    assert state(tmp_path / "lab") == before
    assert len(Archive(tmp_path / "lab").query("FROM steps")) == 66
    assert Archive(tmp_path / "lab").compact().merged == 3
    assert state(tmp_path / "lab") == before
    Archive(tmp_path / "lab").repair(grace=0)
    assert state(tmp_path / "lab") == before


def test_an_archive_in_memory(samples):
    """Any file system of fsspec will do."""
    place = f"memory://lab-{uuid.uuid4().hex}"
    Archive(place, create=True).add(samples / "cifar10-cpu.log")
    assert Archive(place).query("SELECT model FROM runs")["model"].tolist() == ["cifar10"]
    assert Archive(place).verify().problems == []


def test_without_duckdb_only_sql_is_missing(tmp_path, monkeypatch):
    """DataFrames and conditions need no DuckDB; SQL says what to install."""
    archive = Archive(tmp_path / "lab", create=True)
    archive.add(write_logs(tmp_path / "runs", [1]), tags={"a": "b"})
    monkeypatch.setitem(sys.modules, "duckdb", None)
    assert archive.runs()["tag.a"].tolist() == ["b"]
    assert archive.tables().count("runs") == 1
    assert archive.tables("tag.a = 'b'").count("runs") == len(archive.runs("tag.a like 'b%'")) == 1
    with pytest.raises(ArchiveError, match=r"SQL needs DuckDB; pip install '[^']+\[archive\]'"):
        archive.query("from runs")


def test_an_archive_that_was_made_before_there_were_facts_of_set_ups(place, tmp_path, monkeypatch):
    """Its files lack these columns: it is read all the same, and what the environment says of them counts."""
    logs = write_logs(tmp_path / "runs", range(2))
    new = ["xla", "mixed_precision", "distortions", "threads", "interconnect", "host"]

    def without(table, rows):
        return parquet_file(table, rows.drop_columns(new) if table == "runs" else rows)

    with monkeypatch.context() as patch:
        patch.setattr("logreport.archive.ingest.derive.parquet_file", without)
        archive = Archive(place, create=True)
        archive.add(logs)
    tables = archive.tables()
    assert len(tables.columns["runs"]["xla"]) == tables.count("runs") == 2
    assert set(tables.columns["runs"]["host"]) == {None}
    (run_id, source), *_ = zip(*(tables.columns["runs"][name] for name in ("run_id", "source")), strict=True)
    tables.add("environment", run_id=run_id, source=source, key="host", value="lab1")
    assert {one.facts["host"] for one in Study(tables).set_ups if run_id in one.run_ids} == {"lab1"}
