"""From what the user names (files, folders, globs, URLs, `-`) to sources; what cannot be read is an error of its own."""

import glob
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

from logreport.errors import SourceError
from logreport.sources.archives import is_archive, members
from logreport.sources.source import RECORD, Source

SKIPPED_ENDINGS = {
    ".png",
    ".jpg",
    ".jpeg",
    ".gif",
    ".svg",
    ".pdf",
    ".css",
    ".pyc",
    ".so",
    ".o",
    ".npz",
    ".npy",
    ".pb",
    ".parquet",
}  # fmt: skip - a folder holds more than logs; a file that is named is always tried


def find_sources(names: Iterable[str]) -> Iterator[Source | SourceError]:
    """The sources behind names, in order; an error stands where its name stood."""
    for name in names:
        try:
            yield from expand(name)
        except SourceError as error:
            yield error


def expand(name: str) -> Iterator[Source]:
    """The sources behind one name.

    Raises:
        SourceError: where nothing is there.
    """
    if name == "-":
        yield Source("-", lambda: sys.stdin.buffer)
    elif "://" in name:
        yield from remote(name)
    elif Path(name).is_dir():
        yield from folder(name)
    elif Path(name).exists():
        yield from file(name)
    elif glob.has_magic(name):
        found = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
        if not found:
            raise SourceError(
                "no file matches this pattern", source=name, todo="check the pattern and its quotes"
            )
        for path in found:
            if not path.endswith(RECORD):
                yield from expand(path)
    else:
        raise SourceError("no such file or folder", source=name, todo="check the path")


def folder(name: str) -> Iterator[Source]:
    """All files below a folder that can be logs, in the order of their paths; names that begin with a dot are hidden."""
    paths = []
    for root, folders, files in os.walk(Path(name)):
        folders[:] = [each for each in folders if not each.startswith(".")]
        paths += [os.path.join(root, each) for each in files if can_be_log(each)]  # noqa: PTH118 - a fifth of Path's time
    paths = [path for path in paths if os.path.isfile(path)]  # noqa: PTH113 - the same
    if not paths:
        raise SourceError("no log in this folder", source=name, todo="name a folder with log files")
    for path in sorted(paths, key=lambda path: path.split(os.sep)):  # noqa: PTH206 - the same
        yield from file(path.removeprefix("./"))


def can_be_log(name: str) -> bool:
    """Whether a file that was not named itself is worth a try."""
    if name.startswith(".") or name.endswith(RECORD):
        return False
    return os.path.splitext(name)[1].lower() not in SKIPPED_ENDINGS  # noqa: PTH122 - the same


def file(name: str) -> Iterator[Source]:
    """A file, or the members of an archive.

    Raises:
        SourceError: for the record of a run, which is no log.
    """

    def opened() -> IO[bytes]:
        return Path(name).open("rb")

    if name.endswith(RECORD):
        raise SourceError(
            "is the record of a run", source=name, todo="name the log beside it; its record is read with it"
        )
    yield from source_or_members(name, opened, os.stat(name).st_size, beside_file)  # noqa: PTH116 - the same


def beside_file(path: str) -> bytes | None:
    """The bytes of a file that may not be there."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - the same
            return file.read()
    except OSError:
        return None


def source_or_members(
    name: str, opened: Callable[[], IO[bytes]], size: int, beside: Callable[[str], bytes | None]
) -> Iterator[Source]:
    """One source, or one for each member where it is a zip or tar archive."""
    if is_archive(name):
        yield from members(name, opened)
    else:
        yield Source(name, opened, size, beside=beside)


def remote(name: str) -> Iterator[Source]:
    """Sources behind a URL, through fsspec.

    Raises:
        SourceError: where the protocol needs a package that is not installed, or nothing is there.
    """
    import fsspec

    try:
        filesystem, path = fsspec.core.url_to_fs(name)
        paths = sorted(filesystem.glob(path)) if glob.has_magic(path) else [path]
        if len(paths) == 1 and filesystem.isdir(paths[0]):
            paths = sorted(filesystem.find(paths[0]))
    except ImportError as error:
        raise SourceError(str(error), source=name, todo="install logreport[remote]") from error
    except Exception as error:  # each protocol has errors of its own
        raise SourceError(f"cannot be opened ({error})", source=name, todo="check the address") from error
    if not paths:
        raise SourceError("nothing is there", source=name, todo="check the address")
    named = {filesystem.unstrip_protocol(one) if len(paths) > 1 else name: one for one in paths}

    def beside(url: str) -> bytes | None:
        return bytes(filesystem.cat_file(named[url])) if url in named else None

    for url, one in named.items():
        if url.endswith(RECORD):
            continue

        def opened(one: str = one, url: str = url) -> IO[bytes]:
            try:
                return io.BytesIO(filesystem.cat_file(one))
            except Exception as error:
                raise SourceError(
                    f"cannot be read ({error})", source=url, todo="check the address"
                ) from error

        yield from source_or_members(url, opened, 0, beside)
