"""Logs out of an archive: whatever they were called, all that can be written is written, each record beside its log."""

import sys

import pytest
from archive_logs import change, log_text, write_logs
from hypothesis import given, settings
from hypothesis import strategies as st

from logreport import Archive, cli
from logreport.cli.archive.export import names_of, safe
from logreport.sources import find_sources
from logreport.sources.names import RECORD
from logreport.tables.schema import TABLES


@pytest.fixture
def export(tmp_path, capsys, monkeypatch):
    """Export the logs of an archive: exit status, what standard error says, and each file with its bytes."""

    def run(*words, place=tmp_path / "lab", folder=tmp_path / "out"):
        monkeypatch.setattr(
            sys, "argv", ["logreport", "archive", "export", "-a", str(place), "-o", str(folder), *words]
        )
        with pytest.raises(SystemExit) as ended:
            cli.main()
        found = {
            str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }
        return ended.value.code, capsys.readouterr().err, found

    return run


def write(path, number):
    """Write a log and something like a record beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(log_text(number))
    path.with_name(path.name.rpartition(".")[0] + RECORD).write_text(f'{{"number": {number}}}')


def test_one_name_that_cannot_be_written_stops_no_other(export, tmp_path):
    """A folder stands in the way of one, another one's bytes are damaged: both are named, the others are there."""
    for number, name in enumerate(["a.log", "b.log", "c.log", "d.log"]):
        write(tmp_path / "runs" / name, number)
        Archive(tmp_path / "lab", create=True).add(tmp_path / "runs" / name)
    below = str(tmp_path / "runs").lstrip("/")
    (tmp_path / "out" / below / "b.log" / "in the way").mkdir(parents=True)
    lost = (
        Archive(tmp_path / "lab").table("logs").set_index("source")["pack"][str(tmp_path / "runs" / "c.log")]
    )
    change(tmp_path / "lab", lost, lambda content: content[:40])
    status, err, found = export("--logs")
    assert status == 1
    assert "out: 5 files" in err
    assert {
        f"{below}/a.log",
        f"{below}/a.run.json",
        f"{below}/b.run.json",
        f"{below}/d.log",
        f"{below}/d.run.json",
    } == found.keys()
    assert f"out/{below}/b.log: cannot be written (Is a directory)" in err
    assert f"{lost}: is damaged: it has 40 bytes of" in err


def test_tables_too(export, tmp_path):
    """A table that cannot be written is named, the others are written."""
    Archive(tmp_path / "lab", create=True).add(write_logs(tmp_path / "runs", [1]))
    (tmp_path / "out" / "phases.csv" / "x").mkdir(parents=True)
    status, err, found = export()
    assert status == 1
    assert "phases.csv: cannot be written (Is a directory)" in err
    assert f"{len(TABLES) - 1} tables of 1 run" in err
    assert {"runs.csv", "steps.csv", "lines.csv"} <= found.keys()


def test_names_that_no_folder_takes(export, tmp_path, monkeypatch):
    """Too long, too deep, a file where another one has a folder, letters of two sizes: all come out, and once more in."""
    names = [
        "x" * 250 + ".log",
        "a/b/c.log",
        "a/b",
        "R.log",
        "r.log",
        "s/é é.log",
        "-rf.log",
        "d/" * 900 + "deep.log",
    ]
    for number, name in enumerate(names):
        place = tmp_path / str(number)
        place.mkdir()
        monkeypatch.chdir(place)
        for folder in name.split("/")[:-1]:
            (place := place / folder).mkdir()
            monkeypatch.chdir(folder)
        with open(name.rpartition("/")[2], "w") as file:  # noqa: PTH123 - its whole path is too long
            file.write(log_text(number))
        monkeypatch.chdir(tmp_path / str(number))
        added = Archive(tmp_path / "lab", create=True).add(name)
        assert (added.logs, added.errors) == (1, [])
    status, err, found = export("--logs")
    assert (status, len(found)) == (0, len(names)), err
    assert sorted(found.values()) == sorted(log_text(number).encode() for number in range(len(names)))
    assert {"a/b", "R.log", "s/é é.log", "-rf.log"} < found.keys()
    assert Archive(tmp_path / "lab").add(tmp_path / "out").logs == 0


def test_a_record_goes_with_its_log(export, tmp_path, monkeypatch):
    """Of two logs of one path, of members of archives, and of a log whose record changed the last one."""
    import shutil

    for number in (1, 2):
        write(tmp_path / str(number) / "runs" / "x.log", number)
        monkeypatch.chdir(tmp_path / str(number))
        Archive(tmp_path / "lab", create=True).add("runs/x.log")
    write(tmp_path / "3" / "in" / "y.log", 3)
    shutil.make_archive(tmp_path / "3" / "packed", "zip", tmp_path / "3" / "in")
    monkeypatch.chdir(tmp_path / "3")
    Archive(tmp_path / "lab").add("packed.zip")
    monkeypatch.chdir(tmp_path / "1")
    (tmp_path / "1" / "runs" / "x.run.json").write_text('{"number": "one"}')
    Archive(tmp_path / "lab").add("runs/x.log")
    _, _, found = export("--logs")
    assert {"packed.zip/y.log", "packed.zip/y.run.json", "runs/x.log", "runs/x.run.json"} < found.keys()
    assert len(found) == 7
    beside = {source.name: source.record() for source in find_sources([str(tmp_path / "out")])}
    says = {(tmp_path / "out" / name).read_text(): record for name, record in beside.items()}
    assert says == {
        log_text(1): b'{"number": "one"}',
        log_text(2): b'{"number": 2}',
        log_text(3): b'{"number": 3}',
    }


PARTS = st.lists(
    st.sampled_from(["a", "A", ".", "/", "\\", "!", ":", "\0", " ", "é", "x" * 300, "run.json", "log"]),
    max_size=7,
).map("".join)


@settings(max_examples=300, derandomize=True)
@given(st.lists(st.tuples(PARTS, st.booleans()), max_size=6))
def test_names_below_the_folder(sources):
    """Of whatever sources: inside the folder, no file is a folder too, none is there twice, none is too long."""
    rows = [
        {"source": source, "kind": "log" if log else "record", "sha256": f"{i:064}", "log_sha256": f"{i if log else i // 2:064}", "added_at": i}
        for i, (source, log) in enumerate(sources)
    ]  # fmt: skip
    named = names_of(rows, {})
    assert len(named) == len(rows)
    folded = [name.casefold() for name in named]
    assert len(set(folded)) == len(rows)
    for name in named:
        parts = name.split("/")
        assert not {"", ".", ".."} & set(parts)
        assert "\0" not in name
        assert all(len(part.encode()) <= 240 for part in parts)
        assert len(name.encode()) < 2400
        assert not any("/".join(parts[:i]).casefold() in folded for i in range(1, len(parts)))


def test_a_short_name_stays_as_it_is():
    """Only what cannot be written is changed."""
    assert safe("/home/a/run 1.log.gz") == "home/a/run 1.log.gz"
    assert safe("s3://b/x!y/z.log") == "s3/b/x/y/z.log"
    assert len(safe("é" * 300).encode()) <= 200
