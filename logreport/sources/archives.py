"""Members of zip and tar archives as sources named `archive!member`."""

import functools
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import IO

from logreport.errors import SourceError
from logreport.sources.decoding import decompressed, is_damage
from logreport.sources.source import RECORD, Source, memory_source

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

    @functools.cache
    def records() -> dict[str, bytes]:
        try:
            return dict(reader(opened, is_record))
        except Exception as error:
            if not is_damage_of_archive(error):
                raise
            return {}  # whoever reads the logs says so

    try:
        for member, content in reader(opened, is_log):
            found = True
            yield memory_source(f"{name}!{member}", content, lambda path: records().get(path))
    except SourceError:
        raise
    except Exception as error:
        if not is_damage_of_archive(error):
            raise
        raise SourceError(f"damaged archive ({error})", source=name, todo="fetch it again") from error
    if not found:
        raise SourceError("no log in this archive", source=name, todo="name an archive with log files")


def is_damage_of_archive(error: Exception) -> bool:
    """Whether an error says that an archive, or its compression, is damaged."""
    return is_damage(error) or isinstance(error, DAMAGED)


def zip_members(
    opened: Callable[[], IO[bytes]], wanted: Callable[[str], bool]
) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the wanted files of a zip archive."""
    with opened() as raw, zipfile.ZipFile(raw) as archive:
        for info in archive.infolist():
            if not info.is_dir() and wanted(info.filename) and info.file_size <= LARGEST_MEMBER:
                yield info.filename, archive.read(info)


def tar_members(
    opened: Callable[[], IO[bytes]], wanted: Callable[[str], bool]
) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the wanted files of a tar archive, read as a stream."""
    with opened() as raw, tarfile.open(fileobj=decompressed(raw), mode="r|") as archive:
        for info in archive:
            if not info.isfile() or not wanted(info.name) or info.size > LARGEST_MEMBER:
                continue
            if (content := archive.extractfile(info)) is not None:
                yield info.name, content.read()


def is_log(name: str) -> bool:
    """Whether a member can be a log: it is to be seen, and no record of one."""
    return is_visible(name) and not is_record(name)


def is_record(name: str) -> bool:
    """Whether a member is the record of a run."""
    return name.endswith(RECORD)


def is_visible(name: str) -> bool:
    """Whether no part of a path begins with a dot or is macOS's shadow folder."""
    return not any(
        (part.startswith(".") and part != ".") or part == "__MACOSX" for part in PurePosixPath(name).parts
    )
