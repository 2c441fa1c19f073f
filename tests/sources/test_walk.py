"""One walk: what a folder, a pattern or an archive holds is the same whoever reads it, and nothing is lost in silence."""

import gzip
import io
import os
import socket
import tarfile
import threading
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from source_texts import LOG, text_of

from logreport import Archive, api
from logreport.archive.ingest.adding import batches_of
from logreport.errors import LeftOut, LogreportError
from logreport.sources import archives, decoding, find_sources, finding
from logreport.sources.source import memory_source


def split(found):
    """Names of sources, and what is said of the rest."""
    found = list(found)
    return [one.name for one in found if not isinstance(one, LogreportError)], [
        str(one) for one in found if isinstance(one, LogreportError)
    ]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with logs, hidden files, a picture, a record, and an archive of logreport, as the current one."""
    for name in ("b.log", "a/one.txt", "a.d/two", ".hidden/x.log", "a/.x.log", "plot.png", "b.run.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(LOG)
    (tmp_path / "b.run.json").unlink()
    Archive(tmp_path / "lab", create=True).add(tmp_path / "b.log")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_each_way_to_read_a_folder_finds_the_same(folder):
    """In this process, by names alone for others, and for `archive add`; an archive in it is left out with a note."""
    names = ["a/one.txt", "a.d/two", "b.log"]
    names.sort(key=lambda name: name.split("/"))
    assert split(find_sources(["."])) == (names, ["lab: is an archive of logreport; left out"])
    assert split(api.listed(".")) == split(find_sources(["."]))
    notes = []
    assert [name for batch in batches_of(["."], notes) for name in batch] == names
    assert [type(note) for note in notes] == [LeftOut]
    assert split(find_sources(["lab"])) == (
        [],
        ["lab: is an archive of logreport, not a log; read its runs with --from"],
    )
    assert Archive(folder / "other", create=True).add(".").logs == 1  # all are one log


def test_a_folder_that_has_the_names_of_an_archive_is_none(folder):
    """What counts is what lies in it: a folder with logs, tables and commits of somebody else is read."""
    for name in ("commits", "logs", "tables"):
        (folder / "mine" / name).mkdir(parents=True)
        (folder / "mine" / name / "x.log").write_bytes(LOG)
    assert split(find_sources(["mine"])) == (
        ["mine/commits/x.log", "mine/logs/x.log", "mine/tables/x.log"],
        [],
    )


def test_an_archive_behind_a_url_is_none_of_its_logs():
    """The same for a folder of an object store."""
    import fsspec

    files = fsspec.filesystem("memory")
    files.pipe("/shelf/one.log", LOG)
    for name in (f"commits/{'0' * 64}.json", "logs/x.zst", "tables/runs/x.parquet"):
        files.pipe(f"/shelf/lab/{name}", b"x")
    names, notes = split(find_sources(["memory://shelf"]))
    assert [name.rpartition("/")[2] for name in names] == ["one.log"]
    assert [note.endswith("shelf/lab: is an archive of logreport; left out") for note in notes] == [True]
    assert "not a log" in split(find_sources(["memory://shelf/lab"]))[1][0]


def test_links_to_folders(folder, tmp_path_factory):
    """One that leads out is followed once; one that leads back in, in a circle or to nothing takes nothing twice."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "far.log").write_bytes(LOG)
    (outside / "back").symlink_to(folder)
    (folder / "a" / "up").symlink_to("..")
    (folder / "a" / "out").symlink_to(outside)
    (folder / "z").symlink_to(outside)
    (folder / "loop").symlink_to("loop")
    (folder / "gone.log").symlink_to("nowhere")
    names, errors = split(find_sources(["."]))
    assert sorted(names) == ["a.d/two", "a/one.txt", "a/out/far.log", "b.log"]
    assert [error.partition(": ")[0] for error in errors] == ["gone.log", "lab", "loop"]


@pytest.mark.usefixtures("folder")
def test_a_folder_that_may_not_be_listed_is_named(monkeypatch):
    """Its logs are missing: that is said, and the others are read."""
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("a.d"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    names, errors = split(find_sources(["."]))
    assert names == ["a/one.txt", "b.log"]
    assert "a.d: Permission denied; check its permissions" in errors


@pytest.mark.usefixtures("folder")
def test_what_is_no_file_is_named(monkeypatch):
    """A pipe, a socket and a device in a folder keep nobody waiting; named, a pipe without a writer is one line."""
    os.mkfifo("p.log")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.log")
        names, errors = split(find_sources(["."]))
    assert len(names) == 3
    assert [error.partition(": ")[0] for error in errors] == ["lab", "p.log", "s.log"]
    monkeypatch.setattr(finding, "PATIENCE", 0.01)
    reading = api.read_logs(api.sources_of(["p.log", "s.log", "/dev/zero", "b.log"]))
    assert reading.tables.columns["lines"]["source"] == ["b.log"]
    said = ["nobody wrote", "No such device", "nothing but NUL"]
    assert [what in str(error) for what, error in zip(said, reading.errors, strict=True)] == [True] * 3


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", ["p.log", "p.csv"])
def test_a_pipe_with_a_writer_is_read(name):
    """`logreport parse pipe` waits for who writes, and reads to the end; it is opened once, whatever its name."""
    os.mkfifo(name)
    writer = threading.Thread(target=lambda: Path(name).write_bytes(LOG))
    writer.start()
    sources = find_sources([name])
    assert [(source.is_document, text_of(source)) for source in sources] == [(False, LOG)]
    writer.join()


@pytest.mark.usefixtures("folder")
def test_a_file_that_goes_away_meanwhile():
    """Between the listing and the reading: one line, and the others are read."""
    sources = api.sources_of(".")
    Path("b.log").unlink()
    reading = api.read_logs(sources)
    assert len(reading.tables.columns["lines"]["source"]) == 2
    assert "b.log: No such file or directory; check the path" in [str(error) for error in reading.errors]


NOT_TEXT = "run-\udcff\udcfe.log"  # as Python has a name with the bytes FF and FE


def test_names_that_are_no_text(tmp_path, monkeypatch):
    r"""They are shown as `run-\xff\xfe.log` in every format, read in every way, and their records are found."""
    from logreport.tables.exporting import EXPORTERS

    monkeypatch.chdir(tmp_path)
    Path(NOT_TEXT).write_bytes(LOG)
    Path("run-\udcff\udcfd.log").write_bytes(LOG.replace(b"51.66", b"61.66"))
    reading = api.read_logs(api.sources_of("."), with_records=True)
    assert reading.tables.columns["lines"]["source"] == [r"run-\xff\xfd.log", r"run-\xff\xfe.log"]
    for write in EXPORTERS.values():
        for name in ("runs", "records"):
            assert b"xfe.log" in write(reading, [name])
    assert api.report(".").title
    archive = Archive("lab", create=True)
    assert archive.add(".").logs == 2
    assert set(archive.runs()["source"]) == {r"run-\xff\xfd.log", r"run-\xff\xfe.log"}
    seen = []
    monkeypatch.setattr(finding, "beside_file", seen.append)
    assert next(find_sources([NOT_TEXT])).record() is None
    assert seen == ["run-\udcff\udcfe.run.json"]


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz"])
def test_members_that_are_left_out_are_named(tmp_path, kind, monkeypatch):
    """Those that lead out of the archive and those that are too large; the others are read."""
    monkeypatch.setattr(archives, "LARGEST", 1000)
    contents = {
        "../up.log": LOG,
        "large.log": LOG * 50,
        "good.log": LOG,
        "deep/../x.log": LOG,
        ".hidden": LOG,
    }
    path = tmp_path / f"logs.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in contents.items():
                archive.writestr(name, content)
    else:
        with tarfile.open(path, "w:gz" if kind == "tar.gz" else "w") as archive:
            for name, content in contents.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    names, errors = split(find_sources([str(path)]))
    assert names == [f"{path}!good.log"]
    assert [error.partition(": ")[0].rpartition("!")[2] for error in errors] == [
        "../up.log",
        "large.log",
        "deep/../x.log",
    ]
    assert ["leads out" in error for error in errors] == [True, False, True]


def test_a_damaged_member_takes_no_other(tmp_path):
    """One member whose check sum is wrong is one line; all others of the archive come out."""
    path = tmp_path / "logs.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("one.log", "two.log", "three.log"):
            archive.writestr(name, LOG)
    content = bytearray(path.read_bytes())
    content[content.index(b"two.log") + 20] ^= 255
    path.write_bytes(content)
    reading = api.read_logs(api.sources_of(path))
    assert reading.tables.columns["lines"]["source"] == [f"{path}!one.log", f"{path}!three.log"]
    assert [str(error).partition(": ")[0] for error in reading.errors] == [f"{path}!two.log"]


def test_a_cut_tar_archive_gives_what_is_whole(tmp_path):
    """Members before the cut come out; the cut is one line."""
    path = tmp_path / "logs.tar.gz"
    with tarfile.open(tmp_path / "logs.tar", "w") as archive:
        for number in range(3):
            info = tarfile.TarInfo(f"{number}.log")
            info.size = len(LOG)
            archive.addfile(info, io.BytesIO(LOG))
    whole = (tmp_path / "logs.tar").read_bytes()
    for content in (whole[:1600], gzip.compress(whole[:1600]), gzip.compress(whole[:1600])[:-9]):
        path = tmp_path / ("logs.tar.gz" if content[:2] == b"\x1f\x8b" else "cut.tar")
        path.write_bytes(content)
        names, errors = split(find_sources([str(path)]))
        assert [name.rpartition("!")[2] for name in names] == ["0.log"]
        assert [error.partition(" (")[0] for error in errors] == [f"{path}: damaged archive"]


def test_archives_take_no_memory_before_they_are_read(tmp_path):
    """Forty members of 4 MB, in six archives, are found with the memory of none, and read one by one."""
    text = (LOG + b"x" * 99 + b"\n") * 20_000
    for number in range(6):
        with zipfile.ZipFile(tmp_path / f"{number}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for member in range(7):
                archive.writestr(f"{member}.log", text)
    del text
    tracemalloc.start()
    sources = list(find_sources([str(tmp_path)]))
    count = sum(1 for source in sources for _ in source.chunks())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(sources) == 42
    assert count > 42
    assert peak < 30_000_000


def test_an_archive_is_opened_once_for_its_members(tmp_path):
    """Members are read in turn: a hundred of them open one file, not a hundred."""
    path = tmp_path / "logs.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(100):
            archive.writestr(f"{number}.log", LOG)
    opened = []

    def open_it():
        opened.append(1)
        return path.open("rb")

    sources = list(archives.members("logs.zip", open_it))
    assert [text_of(source) for source in sources] == [LOG] * 100
    assert len(opened) == 1


@pytest.mark.parametrize("kind", ["gz", "tar.gz", "zip"])
def test_bombs(tmp_path, monkeypatch, kind):
    """What unpacks to more than a thousand times its size is one line; the log beside it is read."""
    for place in (decoding, archives):
        monkeypatch.setattr(place, "LARGEST", 1 << 20)
    path = tmp_path / f"bomb.{kind}"
    zeros = b"a" * (5 << 20)
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("bomb.log", zeros)
    elif kind == "gz":
        path.write_bytes(gzip.compress(gzip.compress(zeros)))
    else:
        with tarfile.open(path, "w:gz") as archive:
            info = tarfile.TarInfo("bomb.log")
            info.size = 1 << 19
            archive.addfile(info, io.BytesIO(zeros))
        path.write_bytes(gzip.compress(gzip.compress(gzip.decompress(path.read_bytes())[:1024] + zeros * 2)))
    (tmp_path / "good.log").write_bytes(LOG)
    reading = api.read_logs(api.sources_of([path, tmp_path / "good.log"]))
    assert reading.tables.columns["lines"]["source"][-1] == str(tmp_path / "good.log")
    assert len(reading.errors) == 1
    assert "1,000 times" in str(reading.errors[0]) or "is larger" in str(reading.errors[0])


@pytest.mark.parametrize("name", ["run!.log", "a!b.log", "x.zip.d!y.md"])
def test_a_mark_in_a_name_is_no_member(name):
    """An exclamation mark in the name of a file: its record lies beside it, its ending says what it is."""
    source = memory_source(name, LOG, lambda path: path.encode())
    assert source.record_name == name.rpartition(".")[0] + ".run.json"
    assert source.is_document is name.endswith(".md")


@pytest.mark.parametrize(
    "name",
    [
        "page.html",
        "page.html.gz",
        "PAGE.HTML.GZ",
        "logs.zip!page.html.zst",
        "https://example.org/page.html?raw=1#top",
    ],
)
def test_what_a_text_is_does_not_hang_on_how_it_is_packed(name):
    """A page is a page, and a document one, packed, in capitals, in an archive and behind a URL."""
    source = memory_source(name, b"<pre>10\timages/sec: 51.8 +/- 0.2 (jitter = 0.1)\t7.593&lt;</pre>\n")
    assert source.is_document
    assert source.is_prose
    assert text_of(source) == b"10\timages/sec: 51.8 +/- 0.2 (jitter = 0.1)\t7.593<\n"
