"""Members of zip and tar archives as sources named `archive!member`."""

import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import IO

from logreport.errors import SourceError
from logreport.sources.decoding import decompressed, is_damage
from logreport.sources.source import Source, memory_source

TAR_ENDINGS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst")
# Besides what all compression says: a password (RuntimeError), a method that Python does not know.
DAMAGED = (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, RuntimeError, struct.error)
LARGEST_MEMBER = 1 << 30  # bytes; a zip bomb unpacks to more


def is_archive(name: str) -> bool:
    """Whether the ending of a name says zip or tar."""
    return name.lower().endswith((".zip", *TAR_ENDINGS))


def members(name: str, opened: Callable[[], IO[bytes]]) -> Iterator[Source]:
    """The files of an archive, in its order.

    Raises:
        SourceError: where the archive is damaged or holds no file.
    """
    reader = zip_members if name.lower().endswith(".zip") else tar_members
    found = False
    try:
        for member, content in reader(opened):
            found = True
            yield memory_source(f"{name}!{member}", content)
    except SourceError:
        raise
    except Exception as error:
        if not is_damage(error) and not isinstance(error, DAMAGED):
            raise
        raise SourceError(f"damaged archive ({error})", source=name, todo="fetch it again") from error
    if not found:
        raise SourceError("no log in this archive", source=name, todo="name an archive with log files")


def zip_members(opened: Callable[[], IO[bytes]]) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the files of a zip archive."""
    with opened() as raw, zipfile.ZipFile(raw) as archive:
        for info in archive.infolist():
            if not info.is_dir() and is_visible(info.filename) and info.file_size <= LARGEST_MEMBER:
                yield info.filename, archive.read(info)


def tar_members(opened: Callable[[], IO[bytes]]) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the files of a tar archive, read as a stream."""
    with opened() as raw, tarfile.open(fileobj=decompressed(raw), mode="r|") as archive:
        for info in archive:
            content = archive.extractfile(info) if info.isfile() and info.size <= LARGEST_MEMBER else None
            if content is not None and is_visible(info.name):
                yield info.name, content.read()


def is_visible(name: str) -> bool:
    """Whether no part of a path begins with a dot or is macOS's shadow folder."""
    return not any(
        (part.startswith(".") and part != ".") or part == "__MACOSX" for part in PurePosixPath(name).parts
    )
