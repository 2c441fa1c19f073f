"""Files behind URLs: downloaded once, to a temporary file, no more of them than there is room for."""

import functools
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from logreport.errors import SourceError
from logreport.resources import install
from logreport.sources.names import one_line
from logreport.version import __version__

if TYPE_CHECKING:
    from urllib.request import Request

LARGEST = 1 << 30  # bytes of one file
PATIENCE = 30.0  # seconds in which something must come
LONGEST = 3600.0  # seconds for one file
IN_MEMORY = 16 << 20  # bytes; what is larger goes to a temporary file
BLOCK = 1 << 18
REDIRECTS = range(300, 400)
WORDS: dict[type[Exception], str] = {
    TimeoutError: f"nothing came for {PATIENCE:g} s",
    FileNotFoundError: "nothing is there",
}
WEB = ("http://", "https://")


def urls_behind(url: str) -> list[tuple[str, int]]:
    """The files below a URL that is a folder or a pattern and their sizes, else the URL itself.

    Raises:
        SourceError: where the protocol is unknown or needs a package that is not installed, or nothing is there.
    """
    if url.lower().startswith(WEB):
        return [(url, 0)]
    import fsspec

    with named_errors(url):
        files, path = fsspec.core.url_to_fs(url)
        if "*" in path or "[" in path:
            found = files.glob(path, detail=True)
        elif files.isdir(path):
            found = files.find(path, detail=True)
        else:
            return [(url, 0)]
        sizes = {files.unstrip_protocol(one): about.get("size") or 0 for one, about in found.items()}
    return sorted((one, size) for one, size in sizes.items())


def download(url: str) -> IO[bytes]:
    """The bytes behind a URL, as a file that is gone when it is closed.

    Raises:
        SourceError: where they cannot be had, or are too many.
    """
    import tempfile

    file: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - for the caller
    try:
        download_to(file, url)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def download_to(file: IO[bytes], url: str) -> None:
    """Write the bytes behind a URL to a file.

    Raises:
        SourceError: where they cannot be had, are too many, come too slowly, or are fewer than they should be.
    """
    size, begun = 0, time.monotonic()
    large = SourceError(
        f"is larger than {LARGEST / (1 << 30):g} GiB, or has no end",
        source=url,
        todo="fetch it, and name the file",
    )
    with named_errors(url), opened(url) as (stream, length):
        if length is not None and length > LARGEST:
            raise large
        while block := stream.read(BLOCK):
            size += len(block)
            if size > LARGEST:
                raise large
            if time.monotonic() - begun > LONGEST:
                what = f"is not here after {LONGEST:g} s"
                raise SourceError(what, source=url, todo="fetch it, and name the file")
            file.write(block)
        if length is not None and size < length:
            what = f"broke off after {size:,} of {length:,} bytes"
            raise SourceError(what, source=url, todo="try again")


def beside(url: str) -> bytes | None:
    """The bytes of a file that may not be there.

    Raises:
        SourceError: where it is there and cannot be read.
    """
    if url.lower().startswith(WEB):
        return None  # a page that says that it is missing is no record
    try:
        with download(url) as file:
            return file.read()
    except SourceError as error:
        cause = error.__cause__
        # Who may not list a store is refused what is not there, too.
        if isinstance(cause, FileNotFoundError) or (isinstance(cause, PermissionError) and not is_there(url)):
            return None
        raise


def is_there(url: str) -> bool:
    """Whether its store says that a file is there."""
    import fsspec

    files, path = fsspec.core.url_to_fs(url)
    try:
        return bool(files.exists(path))
    except Exception:  # noqa: BLE001 - every protocol has its own
        return False


@contextmanager
def opened(url: str) -> Iterator[tuple[Any, int | None]]:
    """A stream of what is behind a URL, and its length where that is known."""
    if url.lower().startswith(WEB):
        import urllib.request

        with urllib.request.urlopen(request_for(url), timeout=PATIENCE) as answer:  # noqa: S310 - http and https
            length = answer.headers.get("Content-Length", "")
            yield answer, int(length) if length.isdecimal() else None
        return
    import fsspec

    files, path = fsspec.core.url_to_fs(url)
    with files.open(path, "rb") as stream:
        yield stream, None


def request_for(url: str) -> "Request":
    """A request for a URL as people write it: with spaces and letters of any script, a name and a password."""
    import base64
    import urllib.parse
    import urllib.request

    parts = urllib.parse.urlsplit(url)
    host = parts.netloc.rpartition("@")[2].encode("idna").decode()
    quoted = [urllib.parse.quote(part, safe="%/:=&?~+!$,;'@()*[]") for part in (parts.path, parts.query)]
    request = urllib.request.Request(  # noqa: S310 - http and https
        urllib.parse.urlunsplit((parts.scheme, host, *quoted, "")),
        headers={"User-Agent": f"logreport/{__version__}"},
    )
    if parts.username is not None:
        login = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        request.add_unredirected_header("Authorization", f"Basic {base64.b64encode(login.encode()).decode()}")
    return request


@contextmanager
def named_errors(url: str) -> Iterator[None]:
    """Each protocol has errors of its own; the user reads one line.

    Raises:
        SourceError: for whatever the protocol raised.
    """
    try:
        yield
    except SourceError:
        raise
    except ImportError as error:
        raise SourceError(one_line(error), source=url, todo=install("remote")) from error
    except Exception as error:
        raise SourceError(reason(error), source=url, todo="check the address") from error


def reason(error: Exception) -> str:
    """What is wrong, in words."""
    import http.client
    import socket
    import urllib.error

    if isinstance(error, urllib.error.URLError) and isinstance(error.reason, Exception):
        return reason(error.reason)
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        if error.code in REDIRECTS:
            return "redirects in a circle, or too often"
        return f"the server answers {error.code} {http.client.responses.get(error.code, '')}".rstrip()
    for kind, what in {**WORDS, socket.gaierror: "its host is not known"}.items():
        if isinstance(error, kind):
            return what
    if isinstance(error, OSError) and error.errno and error.errno > 0:
        return f"cannot be read ({os.strerror(error.errno)})"
    return f"cannot be read ({one_line(error)})"


def kept(url: str) -> Callable[[], IO[bytes]]:
    """What gives the bytes behind a URL any number of times, and downloads them once."""
    import tempfile

    @functools.cache
    def held() -> Any:  # noqa: ANN401 - typeshed's wrapper is private
        file = tempfile.NamedTemporaryFile(prefix="logreport-")  # noqa: SIM115 - it stays as long as this function
        download_to(file, url)
        file.flush()
        return file

    return lambda: open(held().name, "rb")  # noqa: PTH123 - for the caller
