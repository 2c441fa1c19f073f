"""Files of an archive, in a folder or behind any fsspec URL: a file appears whole or not at all, and never changes."""

import hashlib
import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from logreport.errors import ArchiveError
from logreport.resources import install
from logreport.sources.names import ARCHIVE_FOLDERS

AT_ONCE = 64_000_000  # bytes that are on their way to an object store together
TEMPORARY = ".tmp-"  # how the name of a file begins that is being written


def digest_of(content: bytes) -> str:
    """SHA-256 as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


class Store:
    """The files below one folder or URL, by their paths relative to it.

    Args:
        url: a folder, or a URL that fsspec knows: `s3://…`, `gs://…`, `memory://…`.

    Raises:
        ArchiveError: where the protocol is unknown, or needs a package that is not installed.
    """

    def __init__(self, url: str) -> None:
        import fsspec
        from fsspec.implementations.local import LocalFileSystem

        self.url = url.rstrip("/") or "/"
        try:
            self.fs, root = fsspec.core.url_to_fs(self.url)
        except ImportError as error:
            raise ArchiveError(str(error), source=url, todo=install("remote")) from error
        except ValueError as error:
            raise ArchiveError(str(error), source=url, todo="name a folder, or s3://…, gs://…") from error
        self.root = root.rstrip("/")
        self.is_local = isinstance(self.fs, LocalFileSystem)

    def arrow(self) -> Any:  # noqa: ANN401 - pyarrow has no types
        """The file system as pyarrow reads from it."""
        from pyarrow import fs

        return fs.LocalFileSystem() if self.is_local else fs.PyFileSystem(fs.FSSpecHandler(self.fs))

    def place(self, path: str) -> str:
        """A file as its file system names it."""
        return f"{self.root}/{path}"

    def name(self, path: str) -> str:
        """A file as a user can name it."""
        return f"{self.url}/{path}"

    @contextmanager
    def errors(self, path: str, what: str, todo: str) -> Iterator[None]:
        """Every protocol has errors of its own; the user sees one kind.

        Raises:
            ArchiveError: for whatever the file system raised.
        """
        try:
            yield
        except ArchiveError:
            raise
        except Exception as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise ArchiveError(f"{what} ({reason})", source=self.name(path), todo=todo) from error

    def put(self, path: str, content: bytes) -> None:
        """Write a file whole: temporary name, sync, rename in a folder; one put elsewhere.

        Raises:
            ArchiveError: where that is not possible: no right, no room, no connection.
        """
        with self.errors(path, "cannot be written", "check the rights and the free space there"):
            if self.is_local:
                self._put_locally(Path(self.place(path)), content)
            else:
                self.fs.pipe_file(self.place(path), content)

    def put_all(self, files: Iterable[tuple[str, bytes]]) -> dict[str, int]:
        """Write several files, on an object store some at once; returns their sizes.

        Raises:
            ArchiveError: where one cannot be written.
        """
        sizes: dict[str, int] = {}
        held: dict[str, bytes] = {}
        for path, content in files:
            sizes[path] = len(content)
            if self.is_local:
                self.put(path, content)
            else:
                held[self.place(path)] = content
            if sum(map(len, held.values())) > AT_ONCE:
                self._pipe(held)
                held = {}
        if held:
            self._pipe(held)
        return sizes

    def _pipe(self, contents: dict[str, bytes]) -> None:
        with self.errors("", "cannot be written", "check the rights and the free space there"):
            self.fs.pipe(contents)

    def _put_locally(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(TEMPORARY + uuid.uuid4().hex)
        try:
            with temporary.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)

    def get(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        """The bytes of a file, or a part of them.

        Raises:
            ArchiveError: where it cannot be read.
        """
        with self.errors(path, "cannot be read", "see `logreport archive verify`"):
            content: bytes = self.fs.cat_file(self.place(path), start=start, end=end)
        return content

    def get_many(self, paths: Sequence[str]) -> dict[str, bytes | Exception]:
        """The bytes of several files at once, or why one cannot be read."""
        if not paths:
            return {}
        places = [self.place(path) for path in paths]
        found = self.fs.cat_ranges(places, None, None, on_error="return")
        return dict(zip(paths, found, strict=True))

    def sizes(self) -> dict[str, int]:
        """Every file of the archive and its size in bytes; empty where there is no archive yet.

        Raises:
            ArchiveError: where the place cannot be listed.
        """
        with self.errors("", "cannot be listed", "check the address and your rights"):
            return dict(sorted(pair for folder in ARCHIVE_FOLDERS for pair in self._below(folder)))

    def _below(self, folder: str) -> Iterator[tuple[str, int]]:
        """Files below a folder and their sizes; an error where fsspec would leave out what it cannot read."""
        if self.is_local:
            yield from local_sizes(self.place(folder), folder)
            return
        self.fs.invalidate_cache()
        with suppress(FileNotFoundError):
            for name, info in self.fs.find(self.place(folder), detail=True).items():
                yield name.removeprefix(self.root).lstrip("/"), info["size"] or 0

    def age(self, path: str) -> float:
        """Seconds since a file was written; 0 where nobody knows.

        Raises:
            ArchiveError: where it may not be looked at.
        """
        with self.errors(path, "cannot be looked at", "check your rights"):
            try:
                written = self.fs.modified(self.place(path))
            except (NotImplementedError, FileNotFoundError):
                return 0.0
        written = written if written.tzinfo else written.replace(tzinfo=UTC)
        return float((datetime.now(UTC) - written).total_seconds())

    def remove(self, paths: Sequence[str]) -> None:
        """Remove files; one that is gone already is no error.

        Raises:
            ArchiveError: where one cannot be removed.
        """
        for path in paths:
            with self.errors(path, "cannot be removed", "check your rights"), suppress(FileNotFoundError):
                self.fs.rm_file(self.place(path))


def local_sizes(place: str, name: str) -> Iterator[tuple[str, int]]:
    """Files below a folder of this machine and their sizes; what goes away meanwhile is left out."""
    try:
        entries = list(os.scandir(place))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir():
            yield from local_sizes(entry.path, f"{name}/{entry.name}")
        elif entry.is_file():  # a pipe would keep who reads it waiting
            with suppress(FileNotFoundError):
                yield f"{name}/{entry.name}", entry.stat().st_size


def sync_folder(path: Path) -> None:
    """Make the names in a folder outlast a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
