"""Logs within notebooks and mails, and logs with holes or two bytes a letter: each line is found, none counts twice."""

import base64
import codecs
import json
import quopri

import pytest
from source_texts import LOG, numbers_of, text_of

from logreport import api
from logreport.errors import SourceError
from logreport.sources import decoding, find_sources
from logreport.sources.source import memory_source
from logreport.tables.schema import LEDGER

RUN = b"TensorFlow:  1.15\nModel:       resnet50\nBatch size:  32 global\n" + LOG


def read(name, content):
    """The speeds and the ledger of a text."""
    reading = api.read_logs([memory_source(name, content)])
    assert not reading.errors
    lines = next(reading.tables.rows("lines"))
    text = content.rstrip(b"\x00")
    assert (
        sum(lines[part] for part in LEDGER)
        == lines["total"]
        == text.count(b"\n") + (not text.endswith(b"\n"))
    )
    return [
        (row["model"], phase["end_to_end_examples_per_second"])
        for row, phase in zip(reading.tables.rows("runs"), reading.tables.rows("phases"), strict=True)
    ], lines


def notebook(*texts, as_list, indent):
    """A notebook with a cell for each text, as Jupyter writes it, with a picture in each."""
    cells = [
        {
            "cell_type": "code",
            "execution_count": 1,
            "metadata": {},
            "outputs": [
                {"name": "stdout", "output_type": "stream", "text": text.splitlines(keepends=True) if as_list else text},
                {"data": {"image/png": "iVBORw0KGgo" * 200 + "\n", "text/plain": ["<Figure>"]}, "output_type": "display_data"},
            ],
            "source": ["!python bench.py"] if as_list else "!python bench.py",
        }
        for text in texts
    ]  # fmt: skip
    head = {"cell_type": "markdown", "metadata": {}, "source": ["# What I ran\n", "on my machine"]}
    return json.dumps({"cells": [head, *cells], "metadata": {}, "nbformat": 4}, indent=indent).encode()


@pytest.mark.parametrize("indent", [None, 1, 4], ids=["on one line", "as Jupyter", "wide"])
@pytest.mark.parametrize("as_list", [True, False], ids=["list", "string"])
def test_notebooks_however_they_are_written(indent, as_list):
    """Lists or strings, on one line or on many: the same runs."""
    texts = [RUN.decode(), RUN.decode().replace("resnet50", "vgg16").replace("51.66", "61.66")]
    found, _ = read("a.ipynb", notebook(*texts, as_list=as_list, indent=indent))
    assert found == [("resnet50", 51.66), ("vgg16", 61.66)]


def test_a_notebook_on_one_line_that_is_longer_than_any_line_of_a_log():
    """Its pictures make it long, and are not what is cut off."""
    content = notebook(RUN.decode(), as_list=True, indent=None).replace(b"iVBORw0KGgo", b"iVBORw0KGgo" * 1000)
    assert len(content) > 2_000_000
    assert read("a.ipynb", content)[0] == [("resnet50", 51.66)]


def test_lines_of_a_notebook_keep_their_numbers():
    """A line with a string of several lines is their number; JSON that is none stays as it is."""
    source = memory_source(
        "a.ipynb", b'{\n "text": "a\\nb\\n",\n "id": "x\\ny",\n "text": "c\\ud800"\n "text": "\\x\\n\n'
    )
    assert text_of(source).split(b"\n")[:-1] == [
        b"{",
        b"a",
        b"b",
        b' "id": "x\\ny",',
        b"c?",
        b' "text": "\\x\\n',
    ]
    assert numbers_of(source) == [1, 2, 2, 3, 4, 5]


HEAD = b"From: a@example.org\nSubject: results\nMIME-Version: 1.0\nContent-Type: %s\nContent-Transfer-Encoding: %s\n\n"


def packed(text, how):
    """A text as mail carries it."""
    return quopri.encodestring(text) if how == "quoted-printable" else base64.encodebytes(text)


@pytest.mark.parametrize("how", ["quoted-printable", "base64"])
@pytest.mark.parametrize("name", ["a.eml", "a.mbox", "mail.txt", "a.eml.gz"])
def test_mails(how, name):
    """Quoted-printable and base64 are read as what they hold, whatever the file is called."""
    text = b"Hello,\n\nhere it is, =\xc3\xbc= long: " + b"word " * 40 + b"\n" + RUN
    found, lines = read(name, HEAD % (b"text/plain; charset=utf-8", how.encode()) + packed(text, how))
    assert found == [("resnet50", 51.66)]
    assert lines["malformed"] == 0


def test_a_box_of_mails():
    """Each mail by itself: encodings end with their mail."""
    mails = [b"From a@example.org Thu Jan  1 00:00:00 1970\n" + HEAD % (b"text/plain", b"7bit") + RUN + b"\n"]
    for how, model in (("base64", b"vgg16"), ("quoted-printable", b"alexnet")):
        text = RUN.replace(b"resnet50", model)
        mails.append(
            mails[0].split(b"\n")[0]
            + b"\n"
            + HEAD % (b"text/plain", how.encode())
            + packed(text, how)
            + b"\n"
        )
    assert [model for model, _ in read("a.mbox", b"".join(mails * 2))[0]] == [
        "resnet50",
        "vgg16",
        "alexnet",
    ] * 2


def test_parts_of_a_mail():
    """A log as an attachment is read; a picture is not; a text that comes in HTML, too, counts once, and that is said."""

    def part(kind, how, content):
        return (
            b"--=_x\nContent-Type: "
            + kind
            + b"\nContent-Transfer-Encoding: "
            + how.encode()
            + b"\n\n"
            + packed(content, how)
        )

    page = b"<html><body>" + RUN.replace(b"\n", b"<br>\n") + b"</body></html>\n"
    content = (
        b'MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary="=_x"\n\nnothing to see here\n'
        + part(b"text/plain", "quoted-printable", RUN)
        + part(b"text/html", "quoted-printable", page)
        + part(b"image/png", "base64", bytes(range(256)) * 9)
        + part(b'application/octet-stream; name="run.log"', "base64", RUN.replace(b"resnet50", b"vgg16"))
        + b"--=_x--\n"
    )
    assert [model for model, _ in read("a.eml", content)[0]] == ["resnet50", "vgg16"]
    reading = api.read_logs([memory_source("a.eml", content)])
    assert "mail-alternative" in [row["code"] for row in reading.tables.rows("findings")]
    alone = part(b"text/html", "base64", page).replace(b"--=_x\n", b"Subject: x\n")
    assert read("a.eml", alone)[0] == [("resnet50", 51.66)]


def test_the_letters_of_a_mail():
    """Those of its character set; one that nobody knows is read as it is."""
    for charset, said in (("iso-8859-1", "Übung"), ("utf-16", None), ("no-such-set", None)):
        content = HEAD % (f"text/plain; charset={charset}".encode(), b"quoted-printable") + b"=DCbung=20\nx\n"
        text = text_of(memory_source("a.eml", content)).decode("latin-1")
        assert said is None or said in text.encode("latin-1").decode()


def test_numbers_of_a_mail():
    """Each line of the file has at least one piece; what began on a line has its number."""
    content = HEAD % (b"text/plain", b"quoted-printable") + b"one =\ntwo=\n three\nfour\n"
    source = memory_source("a.eml", content)
    body = [
        (n, text) for n, text in zip(numbers_of(source), text_of(source).split(b"\n"), strict=False) if n > 6
    ]
    assert body == [(7, b"one two three"), (8, b""), (9, b""), (10, b"four")]


def test_text_that_looks_like_a_mail_is_left_alone():
    """A log with a line `Subject:` or base64 of its own is no mail."""
    for text in (b"Subject: x\n" + RUN, RUN + base64.encodebytes(RUN), b"From here on:\n" + RUN):
        assert text_of(memory_source("a.log", text)) == text


@pytest.mark.parametrize(
    "content",
    [
        RUN + bytes(4096),
        RUN[:80] + bytes(4096) + RUN[80:],
        bytes(3 << 20) + RUN,
        RUN[:-30] + bytes(2 << 20) + RUN[-30:],
        RUN + bytes(40),
    ],
    ids=["at the end", "in a line", "at the beginning", "longer than a line", "a few"],
)
def test_holes(content):
    """What a crash left of a file, or a program that goes on writing where somebody emptied it: its text is read whole."""
    assert text_of(memory_source("a.log", content)) == RUN
    assert read("a.log", content)[0] == [("resnet50", 51.66)]


def test_nothing_but_holes(tmp_path):
    """That is no log; a stream of them without end is left soon."""
    (tmp_path / "a.log").write_bytes(bytes(5000))
    for name in (str(tmp_path / "a.log"), "/dev/zero"):
        [source] = find_sources([name])
        with pytest.raises(SourceError, match="holds nothing but NUL bytes"):
            list(source.chunks())


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [RUN.decode(), "Überschrift: Größe\n" + RUN.decode(), "0 1\n2 3\n4 5\n"])
def test_two_bytes_a_letter_without_a_mark(encoding, text):
    """What Windows writes into a log, without saying so."""
    assert text_of(memory_source("a.log", text.encode(encoding))) == text.encode()
    assert text_of(memory_source("a.log", codecs.BOM_UTF8 + text.encode())) == text.encode()


def test_binaries_are_none_of_it():
    """Numbers of two bytes, samples of sound and programs are no text, however many NULs they have."""
    for content in (
        b"".join(n.to_bytes(2, "little") for n in range(2000)),
        b"\x7fELF" + bytes(300) + bytes(range(32)) * 40 + bytes(300),
        b"\x01\x00\x02\x00" * 500,
    ):
        assert decoding.is_binary(content) or decoding.is_binary(
            content.decode("utf-16-le", "replace").encode()
        )
        assert api.read_logs([memory_source("a.log", content)]).errors
