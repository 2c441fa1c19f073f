"""Logs behind URLs, served on loopback: each is fetched once, and whatever is wrong with one is one line."""

import errno
import http.server
import io
import socket
import threading
import time
import zipfile

import pytest
from source_texts import LOG, text_of

from logreport import Archive, api
from logreport.runs.reading import read
from logreport.sources import find_sources, urls


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers by the path; remembers what was asked for."""

    def log_message(self, *_words):
        """Print nothing."""

    def do_GET(self):
        """Answer."""
        self.server.asked.append(self.path)
        self.server.heads.append(self.headers)
        path = self.path.partition("?")[0]
        if path in self.server.files:
            self.answer(200, self.server.files[path])
        elif path == "/circle":
            self.answer(302, b"", Location="/circle")
        elif path == "/moved.log":
            self.answer(302, b"", Location="/a.log")
        elif path == "/short.log":
            self.answer(200, LOG, length=len(LOG) + 100)
        elif path == "/large.log":
            self.answer(200, b"", length=1 << 50)
        elif path == "/slow.log":
            self.answer(200, b"begun\n", length=1000, wait=True)
        elif path == "/endless.log":
            self.send_response(200)
            self.end_headers()
            while True:
                self.wfile.write(b"a line that goes on\n" * 5000)
        else:
            self.answer(404, b"<html>not here</html>")

    def answer(self, status, content, *, length=None, wait=False, **heads):
        """Send an answer."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        for name, value in heads.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        if wait:
            self.server.over.wait(30)


class Server(http.server.ThreadingHTTPServer):
    """Serves until the test is over."""

    daemon_threads = True

    def handle_error(self, *_words):
        """Who breaks off is no matter of the server's."""


@pytest.fixture
def server():
    """A server on a free port of loopback."""
    server = Server(("127.0.0.1", 0), Handler)
    server.asked, server.heads, server.over = [], [], threading.Event()
    server.files = {"/a.log": LOG, "/b%20%C3%BC.log": LOG, "/page.html": b"<pre>" + LOG + b"</pre>\n"}
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()


def test_a_url_is_fetched_once(server, tmp_path):
    """By parse, by report and into an archive: one request, and no other way to ask before it."""
    [source] = find_sources([f"{server.url}/a.log"])
    assert text_of(source) == LOG
    assert server.asked == ["/a.log"]
    assert Archive(tmp_path / "lab", create=True).add(f"{server.url}/a.log").logs == 1
    assert server.asked == ["/a.log"] * 2


def test_an_archive_is_fetched_once(server):
    """Its members are read out of one download."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(5):
            archive.writestr(f"{number}.log", LOG)
    server.files["/logs.zip"] = out.getvalue()
    sources = list(find_sources([f"{server.url}/logs.zip?raw=1"]))
    assert [text_of(source) for source in sources] == [LOG] * 5
    assert server.asked == ["/logs.zip?raw=1"]


def test_urls_as_people_write_them(server):
    """With blanks and umlauts, a question, a name and a password, and one that moved; a page is read as one."""
    names = ("b ü.log", "a.log?x=1&y=*", "a.log#end", "moved.log", "page.html?x=1")
    for name in names:
        [source] = find_sources([f"{server.url}/{name}"])
        assert text_of(source).endswith(LOG) or text_of(source) == LOG + b"\n"
    [source] = find_sources([server.url.replace("//", "//me:secret%21@") + "/a.log"])
    assert text_of(source) == LOG
    assert server.heads[-1]["Authorization"] == "Basic bWU6c2VjcmV0IQ=="
    assert "Authorization" not in server.heads[0]


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/gone.log", "the server answers 404 Not Found; check the address"),
        ("/circle", "redirects in a circle, or too often; check the address"),
        ("/endless.log", "is larger than 0.000976562 GiB, or has no end; fetch it, and name the file"),
        ("/large.log", "is larger than 0.000976562 GiB, or has no end; fetch it, and name the file"),
        ("/short.log", f"broke off after {len(LOG)} of {len(LOG) + 100} bytes; try again"),
        ("/slow.log", "nothing came for 30 s; check the address"),
    ],
)
def test_what_is_wrong_is_one_line(server, monkeypatch, path, says):
    """It says what is wrong, and the log beside it is read."""
    monkeypatch.setattr(urls, "LARGEST", 1 << 20)
    monkeypatch.setattr(urls, "PATIENCE", 0.2)
    reading = read(find_sources([server.url + path, f"{server.url}/a.log"]))
    assert [str(error) for error in reading.errors] == [f"{server.url}{path}: {says}"]
    assert reading.tables.columns["lines"]["source"] == [f"{server.url}/a.log"]
    assert server.asked.count(path) <= 10


def test_one_that_takes_too_long(server, monkeypatch):
    """A server that always sends a little keeps nobody for ever."""
    clock = iter(range(0, 10**9, 1000))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(urls, "LARGEST", 1 << 30)
    reading = read(find_sources([f"{server.url}/endless.log"]))
    assert "is not here after 3600 s" in str(reading.errors[0])


def test_nobody_there():
    """A closed port, a host without a name and a protocol that nobody knows: one line each."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    names = [f"http://127.0.0.1:{port}/a.log", "http://", "http://[::1/a.log", "no-such://x", "https://a b/c"]
    reading = api.read_logs(api.sources_of(names))
    assert [str(error).partition(": ")[0] for error in reading.errors] == names
    assert str(reading.errors[0]) == f"{names[0]}: cannot be read (Connection refused); check the address"
    assert all("\n" not in str(error) for error in reading.errors)


def test_a_record_beside_a_log_in_an_object_store():
    """The record of a run is read with its log, also where the log itself is named."""
    import fsspec

    files = fsspec.filesystem("memory")
    files.pipe("/beside/a.log", LOG)
    files.pipe("/beside/a.run.json", b"{}")
    for name in ("memory://beside/a.log", "memory://beside"):
        [source] = find_sources([name])
        assert source.record() == b"{}"


@pytest.mark.parametrize(
    ("error", "lists", "says"),
    [
        (TimeoutError(), True, ["nothing came for 30 s; check the address"]),
        (
            PermissionError(errno.EACCES, "no"),
            True,
            ["cannot be read (Permission denied); check the address"],
        ),
        (PermissionError(errno.EACCES, "no"), False, []),
    ],
)
def test_a_record_in_an_object_store_that_cannot_be_read_is_said(monkeypatch, error, lists, says):
    """By its address, and its log is read; where a store refuses whatever is asked for, nobody knows that there is one."""
    import fsspec

    files = fsspec.filesystem("memory")
    files.pipe("/refused/a.log", LOG)
    files.pipe("/refused/a.run.json", b"{}")
    files.pipe("/refused/b.log", LOG)  # which has none
    open_any = type(files)._open

    def refuse(store, path, *rest, **named):
        if path.endswith("a.run.json"):
            raise error
        return open_any(store, path, *rest, **named)

    monkeypatch.setattr(type(files), "_open", refuse)
    if not lists:
        monkeypatch.setattr(type(files), "exists", lambda *_: 1 // 0)
    reading = read(find_sources(["memory://refused/a.log", "memory://refused/b.log"]))
    assert [str(one) for one in reading.errors] == [f"memory://refused/a.run.json: {one}" for one in says]
    assert reading.tables.columns["lines"]["source"] == ["memory://refused/a.log", "memory://refused/b.log"]
