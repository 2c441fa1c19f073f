"""Logs as people keep them: packed, encoded, damaged, missing; each is read, or is one clear line."""

import bz2
import codecs
import errno
import gzip
import io
import lzma
import os
import sys
import tarfile
import tracemalloc
import zipfile
from types import SimpleNamespace

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from source_texts import LOG, numbers_of, text_of

from logreport import api
from logreport.errors import LogreportError, SourceError
from logreport.runs.reading import read
from logreport.sources import Source, find_sources
from logreport.sources.source import LONGEST_LINE, memory_source

PACKED = {
    "gz": gzip.compress(LOG),
    "bz2": bz2.compress(LOG),
    "xz": lzma.compress(LOG),
    "zst": zstandard.ZstdCompressor(write_checksum=True).compress(LOG),
}


def errors_of(*names):
    """What a user reads of names that give no log, and the sources among them."""
    found = list(find_sources(map(str, names)))
    errors = [one for one in found if isinstance(one, LogreportError)]
    sources = [one for one in found if isinstance(one, Source)]
    reading = read(found)
    return [str(error) for error in reading.errors], sources, errors


def tar(path, mode, files):
    """Write a tar archive."""
    with tarfile.open(path, mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


@pytest.mark.parametrize("ending", PACKED)
@pytest.mark.parametrize("named", [True, False], ids=["by its name", "under another name"])
def test_compressed_files(tmp_path, ending, named):
    """Compression is known by its first bytes, whatever the file is called."""
    path = tmp_path / (f"run.log.{ending}" if named else "run.log")
    path.write_bytes(PACKED[ending])
    [source] = find_sources([str(path)])
    assert text_of(source) == LOG
    assert source.line_count == 3


def test_compressed_twice():
    """A log that was packed by the script and again by the archive."""
    assert text_of(memory_source("a.log.gz.xz", lzma.compress(gzip.compress(LOG)))) == LOG


def test_several_parts_in_one_file():
    """`cat a.gz b.gz` is a gzip file; appended zstd and xz frames are too."""
    for ending, packed in PACKED.items():
        assert text_of(memory_source(f"a.{ending}", packed * 2)) == LOG * 2


@pytest.mark.parametrize("ending", PACKED)
def test_cut_compressed_file(ending):
    """A download that broke off: one line that says so, and nothing of it counts as read."""
    for size in (8, len(PACKED[ending]) // 2, len(PACKED[ending]) - 1):
        source = memory_source(f"a.log.{ending}", PACKED[ending][:size])
        reading = read([source, memory_source("good.log", LOG)])
        assert "\n" not in str(reading.errors[0])
        assert str(reading.errors[0]).startswith(f"a.log.{ending}: ")
        assert reading.tables.columns["lines"]["source"] == ["good.log"]
        assert reading.tables.columns["runs"]["source"] == ["good.log"]


def test_damaged_compressed_file():
    """Bytes that are no longer what the packer wrote."""
    for ending, packed in PACKED.items():
        damaged = packed[:12] + bytes(255 - byte for byte in packed[12:24]) + packed[24:]
        reading = read([memory_source(f"a.log.{ending}", damaged)])
        assert [str(error).partition(": ")[0] for error in reading.errors] == [f"a.log.{ending}"]


@pytest.mark.parametrize(
    ("ending", "mode"),
    [("tar", "w"), ("tar.gz", "w:gz"), ("tgz", "w:gz"), ("tar.bz2", "w:bz2"), ("tar.xz", "w:xz")],
)
def test_members_of_tar_archives(tmp_path, ending, mode):
    """A member is named archive!path; hidden files and what macOS adds are no logs."""
    path = tmp_path / f"logs.{ending}"
    tar(
        path,
        mode,
        {"a/one.log": LOG, "a/._one.log": b"\x00\x05\x16\x07", "__MACOSX/x": b"x", "two.log": LOG * 2},
    )
    sources = list(find_sources([str(path)]))
    assert [source.name for source in sources] == [f"{path}!a/one.log", f"{path}!two.log"]
    assert [text_of(source) for source in sources] == [LOG, LOG * 2]


def test_members_of_zstd_tar(tmp_path):
    """The same packed with zstd, which Python's tarfile does not know."""
    tar(tmp_path / "logs.tar", "w", {"one.log": LOG})
    path = tmp_path / "logs.tar.zst"
    path.write_bytes(zstandard.ZstdCompressor().compress((tmp_path / "logs.tar").read_bytes()))
    [source] = find_sources([str(path)])
    assert (source.name, text_of(source)) == (f"{path}!one.log", LOG)


def test_members_of_zip_archives(tmp_path):
    """A zip archive, with a packed log in it."""
    path = tmp_path / "logs.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/one.log", LOG)
        archive.writestr("a/", b"")
        archive.writestr("b/two.log.gz", PACKED["gz"])
    sources = list(find_sources([str(path)]))
    assert [source.name for source in sources] == [f"{path}!a/one.log", f"{path}!b/two.log.gz"]
    assert [text_of(source) for source in sources] == [LOG, LOG]


def test_archives_that_cannot_be_read(tmp_path):
    """Damaged, cut, empty, encrypted: one line each, and the log beside them is read."""
    tar(tmp_path / "whole.tar.gz", "w:gz", {"one.log": os.urandom(50_000)})
    (tmp_path / "cut.tar.gz").write_bytes((tmp_path / "whole.tar.gz").read_bytes()[:20_000])
    (tmp_path / "none.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    (tmp_path / "noise.zip").write_bytes(b"this is no zip archive")
    (tmp_path / "noise.tar").write_bytes(b"this is no tar archive" * 100)
    (tmp_path / "empty.tar").write_bytes(b"")
    (tmp_path / "good.log").write_bytes(LOG)
    names = ["cut.tar.gz", "none.zip", "noise.zip", "noise.tar", "empty.tar", "good.log"]
    errors, sources, _ = errors_of(*(tmp_path / name for name in names))
    assert [error.partition(": ")[0].rpartition("/")[2] for error in errors] == names[:5]
    assert all("\n" not in error for error in errors)
    assert [source.name for source in sources] == [str(tmp_path / "good.log")]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (codecs.BOM_UTF8 + LOG, LOG),
        (codecs.BOM_UTF16_LE + LOG.decode().encode("utf-16-le"), LOG),
        (codecs.BOM_UTF16_BE + LOG.decode().encode("utf-16-be"), LOG),
        ("Übung\n".encode("utf-16"), "Übung\n".encode()),
        ("Übung\n".encode("latin-1"), b"\xdcbung\n"),
        ("Übung\n".encode(), "Übung\n".encode()),
        (LOG[:-1], LOG),
    ],
    ids=["UTF-8 with mark", "UTF-16 LE", "UTF-16 BE", "UTF-16", "Latin-1", "UTF-8", "no newline at the end"],
)
def test_encodings(content, text):
    """What Windows and old terminals write; a byte that is no UTF-8 is kept as Latin-1."""
    assert text_of(memory_source("a.log", content)) == text


def test_latin_1_in_a_field():
    """A field with a byte that is no UTF-8 is read as Latin-1, not lost."""
    reading = read([memory_source("a.log", b"ValueError: Stra\xdfe\n" + LOG)], with_records=True)
    assert reading.records[0]["fields"]["message"] == "Straße"


@pytest.mark.parametrize(
    ("content", "lines", "numbers"),
    [
        (b"a\r\nb\r\n", [b"a", b"b"], [1, 2]),
        (b"10%\r20%\r\nend\n", [b"10%", b"20%", b"end"], [1, 1, 2]),
        (
            b"10%\x08\x08\x0820%\x08\x08\x08\r30%\x08\x08\x08\nend\n",
            [b"10%", b"20%", b"30%", b"end"],
            [1, 1, 1, 2],
        ),
        (b"a\x08b\n", [b"ab"], [1]),
        (
            b"10%\r20%\rtotal images/sec: 5.50\nend\n",
            [b"10%", b"20%", b"total images/sec: 5.50", b"end"],
            [1, 1, 1, 2],
        ),
        (b"a\r\r\nb\n", [b"a", b"b"], [1, 2]),
        (b"10 images\x00/sec\nc\n", [b"10 images/sec", b"c"], [1, 2]),
        (b"\x1b[1;31mred\x1b[0m\n^[[32mgreen^[[0m\n", [b"red", b"green"], [1, 2]),
        (b"\x1b]0;title\x07text\n\x1b(Bx\n", [b"text", b"x"], [1, 2]),
        (b"a\x0bb\x0cc\xe2\x80\xa8d\n", [b"a\x0bb\x0cc\xe2\x80\xa8d"], [1]),
    ],
    ids=[
        "CRLF",
        "progress",
        "backspaces",
        "one backspace",
        "result after progress",
        "double return",
        "NUL",
        "colours",
        "titles",
        "other separators",
    ],
)
def test_what_terminals_leave(content, lines, numbers):
    """Progress bars, colours and NUL bytes go; the numbers of the lines stay those of the file."""
    source = memory_source("a.log", content)
    assert text_of(source).split(b"\n")[:-1] == lines
    assert numbers_of(source) == numbers


@pytest.mark.parametrize("end", [b"\r\n", b"\r\r\n", b" \n", b"\x1b[0m\n", b"\x00\n"])
def test_line_ends_change_nothing(end):
    """The same run gives the same records and the same run_id whatever its line ends."""
    plain = read([memory_source("a.log", LOG)], with_records=True)
    other = read([memory_source("a.log", LOG.replace(b"\n", end))], with_records=True)
    assert other.records == plain.records
    assert other.tables.columns["runs"]["run_id"] == plain.tables.columns["runs"]["run_id"]


class Endless(io.RawIOBase):
    """A stream of one line of so many bytes, then a log."""

    def __init__(self, size):
        self.left, self.tail = size, b"\n" + LOG

    def readable(self):
        """It can be read."""
        return True

    def readinto(self, buffer):
        """Fill a buffer."""
        size = min(len(buffer), self.left)
        if size == 0:
            part, self.tail = self.tail[: len(buffer)], self.tail[len(buffer) :]
            buffer[: len(part)] = part
            return len(part)
        buffer[:size] = b"x" * size
        self.left -= size
        return size


def test_a_line_of_100_mb():
    """Its beginning is kept as an unknown line, a finding says so, and what follows is read; memory stays small."""
    source = Source("long.log", lambda: Endless(100_000_000))
    tracemalloc.start()
    reading = read([source])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30 * LONGEST_LINE
    assert not reading.errors
    lines = next(reading.tables.rows("lines"))
    assert (lines["total"], lines["unknown"]) == (4, 1)
    findings = list(reading.tables.rows("findings"))
    assert [(row["code"], row["line"]) for row in findings if row["code"] == "line-too-long"] == [
        ("line-too-long", 1)
    ]
    assert reading.tables.columns["runs"]["benchmark"] == ["tf_cnn_benchmarks"]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: path.parent.mkdir(exist_ok=True), "no such file or folder; check the path"),
        (lambda path: path.write_bytes(b""), "is empty; "),
        (lambda path: path.write_bytes(gzip.compress(b"")), "is empty; "),
        (lambda path: path.write_bytes(b"\x7fELF" + bytes(range(256)) * 10), "is a binary file, not a log; "),
        (lambda path: path.mkdir(), "no log in this folder; "),
        (lambda path: path.symlink_to(path.parent / "gone"), "no such file or folder; "),
    ],
    ids=["missing", "empty", "empty gzip", "binary", "folder without logs", "dangling link"],
)
def test_what_is_no_log_is_one_line(tmp_path, make, says):
    """`source: what is wrong; what to do`, and the others are read."""
    path = tmp_path / "run.log"
    make(path)
    (tmp_path / "good.log").write_bytes(LOG)
    errors, _, _ = errors_of(path, tmp_path / "good.log")
    assert len(errors) == 1
    assert errors[0].startswith(f"{path}: {says}")


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    """No permission is one line too."""
    path = tmp_path / "run.log"
    path.write_bytes(LOG)

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    [source] = find_sources([str(path)])
    monkeypatch.setattr(source, "open", refuse)
    assert [str(error) for error in read([source]).errors] == [f"{path}: Permission denied; check the path"]


def test_folders(tmp_path):
    """All that can be a log below a folder, in the order of the paths; pictures and hidden files are left out."""
    for name in ("b/two.log", "a/one.txt", "a/plot.png", ".git/x.log", "a/.hidden", "noend"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(LOG)
    names = [source.name for source in find_sources([str(tmp_path)])]
    assert names == [str(tmp_path / name) for name in ("a/one.txt", "b/two.log", "noend")]


def test_globs(tmp_path):
    """A quoted pattern is expanded; one that matches nothing is an error."""
    for name in ("a1.log", "a2.log", "b/c.log"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(LOG)
    assert [source.name for source in find_sources([f"{tmp_path}/a*.log"])] == [
        f"{tmp_path}/a1.log",
        f"{tmp_path}/a2.log",
    ]
    assert len(list(find_sources([f"{tmp_path}/**/*.log"]))) == 3
    [error] = find_sources([f"{tmp_path}/z*.log"])
    assert isinstance(error, SourceError)
    assert "no file matches this pattern" in str(error)


def test_a_file_whose_name_looks_like_a_pattern(tmp_path):
    """`run[1].log` is a file where there is one."""
    (tmp_path / "run[1].log").write_bytes(LOG)
    [source] = find_sources([str(tmp_path / "run[1].log")])
    assert text_of(source) == LOG


def test_standard_input(monkeypatch):
    """`-` reads what was piped in, packed or not."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(PACKED["gz"])))
    [source] = find_sources(["-"])
    assert (source.name, text_of(source)) == ("-", LOG)


def test_urls():
    """Any address that fsspec knows is a source; one that leads nowhere is one line."""
    import fsspec

    files = fsspec.filesystem("memory")
    files.pipe("/logs/one.log", LOG)
    files.pipe("/logs/two.log.gz", PACKED["gz"])
    sources = list(find_sources(["memory://logs"]))
    assert [text_of(source) for source in sources] == [LOG, LOG]
    errors, _, _ = errors_of("memory://gone.log", "nosuchprotocol://x")
    assert [error.partition(": ")[0] for error in errors] == ["memory://gone.log", "nosuchprotocol://x"]
    assert all("\n" not in error for error in errors)


def test_nothing_is_lost_beside_what_fails(tmp_path):
    """Errors stand beside the tables of all other inputs, in the order in which they were named."""
    (tmp_path / "empty.log").write_bytes(b"")
    (tmp_path / "one.log").write_bytes(LOG)
    names = [tmp_path / "gone.log", tmp_path / "one.log", tmp_path / "empty.log"]
    reading = read(find_sources(map(str, names)))
    assert reading.tables.columns["runs"]["source"] == [str(tmp_path / "one.log")]
    assert [str(error).partition(": ")[0] for error in reading.errors] == [str(names[0]), str(names[2])]


@pytest.mark.parametrize("log", [LOG, b""])
def test_a_record_that_cannot_be_read_is_said(log, tmp_path):
    """A folder in the place of a record: one error with its name, and its log is read as it stands, as is another."""
    (tmp_path / "a.log").write_bytes(log)
    (tmp_path / "a.run.json").mkdir()
    (tmp_path / "b.log").write_bytes(LOG)
    parts = []
    reading = api.read_logs(api.sources_of([tmp_path / "a.log", tmp_path / "b.log"]), put=parts.append)
    assert [str(error) for error in reading.errors] == [
        f"{tmp_path / 'a.run.json'}: Is a directory; check the path"
    ]
    assert reading.tables.columns["lines"]["source"] == [str(tmp_path / name) for name in ("a.log", "b.log")]
    assert reading.tables.count("runs") == bool(log) + 1


def test_a_record_without_the_right_to_read_it_is_said(tmp_path, monkeypatch):
    """The system refuses it, and it is an input that could not be read."""
    (tmp_path / "a.log").write_bytes(LOG)
    (tmp_path / "a.run.json").write_bytes(b"{}")

    def refused(path, *rest, **named):
        if str(path).endswith(".run.json"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return open(path, *rest, **named)  # noqa: PTH123 - what is replaced

    monkeypatch.setattr("logreport.sources.finding.open", refused, raising=False)
    reading = api.read_logs(api.sources_of(tmp_path))
    assert [str(error) for error in reading.errors] == [
        f"{tmp_path / 'a.run.json'}: Permission denied; check the path"
    ]
    assert reading.failure is reading.errors[0]
    assert reading.tables.count("runs") == 1


@settings(max_examples=300)
@given(
    content=st.binary(max_size=300), ending=st.sampled_from([*PACKED, "log", "zip", "tar", "tar.gz", "md"])
)
def test_any_bytes_under_any_name(content, ending):
    """300 inputs of noise, some behind the first bytes of a packer: our own errors or none."""
    magic = PACKED.get(ending, b"")[:6]
    reading = read([memory_source(f"a.{ending}", magic + content)])
    assert len(reading.errors) + reading.tables.count("lines") >= 1


@settings(max_examples=200)
@given(
    content=st.binary(max_size=300),
    at=st.integers(0, 10_000),
    ending=st.sampled_from(["zip", "tar", "tar.gz", "tar.zst"]),
)
def test_damaged_archives(tmp_path_factory, content, at, ending):
    """200 archives with some bytes changed: read, or one line."""
    path = tmp_path_factory.getbasetemp() / f"damaged.{ending}"
    whole = archive_bytes(ending)
    at %= len(whole)
    path.write_bytes(whole[:at] + content + whole[at + len(content) :])
    reading = read(find_sources([str(path)]))
    assert len(reading.errors) + reading.tables.count("lines") >= 1


def archive_bytes(ending):
    """A small archive of a kind."""
    out = io.BytesIO()
    if ending == "zip":
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("one.log", LOG)
        return out.getvalue()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("one.log")
        info.size = len(LOG)
        archive.addfile(info, io.BytesIO(LOG))
    pack = {"tar": bytes, "tar.gz": gzip.compress, "tar.zst": zstandard.ZstdCompressor().compress}[ending]
    return pack(out.getvalue())


def test_the_same_file_twice_is_one_input(tmp_path, monkeypatch):
    """By the same path, by another path to it, or below a folder that is named too."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.log").write_text("x\n")
    (tmp_path / "b.log").write_text("y\n")
    names = ["a.log", "./a.log", str(tmp_path / "a.log"), ".", "b.log"]
    assert [source.name for source in find_sources(names)] == ["a.log", "b.log"]
