"""Members of zip and tar archives as sources named `archive!member`; each is unpacked when it is read, none before."""

import functools
import tarfile
import tempfile
import threading
import weakref
import zipfile
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import PurePosixPath
from typing import IO, Any

from logreport.errors import SourceError, shown
from logreport.sources.decoding import (
    BLOCK,
    BOMB,
    LARGEST,
    decompressed,
    is_bomb,
    opener_of,
    peekable,
    unreadable,
)
from logreport.sources.names import BESIDE, beside_of, without_query
from logreport.sources.source import Source

AT_ONCE = 4  # archives that are open in each thread: sources are read one after the other
IN_MEMORY = 64 << 20  # bytes of an unpacked tar archive; more go to a temporary file
UNPACK = "unpack the archive, and name the file"
Info = zipfile.ZipInfo | tarfile.TarInfo


def members(name: str, opened: Callable[[], IO[bytes]]) -> Iterator[Source | SourceError]:
    """The files of an archive, in its order; one that cannot be read is an error in its place.

    Raises:
        SourceError: where the archive is damaged or holds no file.
    """
    packed = Zip(opened) if without_query(name).lower().endswith(".zip") else Tar(opened)
    found = False
    try:
        infos = packed.infos()
        there = {name_of(info): info for info in infos}
    except Exception as error:
        raise damaged(name, error) from error
    for info in infos:
        member = name_of(info)
        if not is_visible(member) or member.endswith(BESIDE):
            continue
        found = True
        if (what := refused(info)) is not None:
            yield SourceError(what, source=f"{name}!{member}", todo=UNPACK)
            continue
        yield Source(
            shown(f"{name}!{member}"),
            functools.partial(packed.open, info),
            size_of(info),
            beside=functools.partial(beside_in, packed, there, name, member),
        )
    if packed.damage is not None:
        raise damaged(name, packed.damage) from packed.damage
    if not found:
        raise SourceError("no log in this archive", source=name, todo="name an archive with log files")


def damaged(name: str, error: Exception) -> SourceError:
    """The error for an archive that is not whole, or is locked."""
    if isinstance(error, SourceError):
        return error
    if isinstance(error, OSError) and error.errno is not None:
        return unreadable(name, error)
    text = " ".join(str(error).split()) or "it ends too soon"
    return SourceError(f"damaged archive ({text})", source=name, todo="fetch it again")


def refused(info: Info) -> str | None:
    """Why a member is not read; None where it is."""
    if ".." in PurePosixPath(name_of(info)).parts:
        return "leads out of its archive (..)"
    if size_of(info) > LARGEST:
        return f"is larger than {LARGEST >> 30} GiB"
    return None


def name_of(info: Info) -> str:
    return info.filename if isinstance(info, zipfile.ZipInfo) else info.name


def size_of(info: Info) -> int:
    return info.file_size if isinstance(info, zipfile.ZipInfo) else info.size


def beside_in(
    packed: "Zip | Tar", there: dict[str, Info], archive: str, member: str, ending: str
) -> bytes | None:
    """What a runner kept of a run that lies in the same archive; None where there is nothing.

    Raises:
        SourceError: where it is there and cannot be read.
    """
    if (info := there.get(beside_of(member, ending))) is None:
        return None
    name = f"{archive}!{name_of(info)}"
    if (what := refused(info)) is not None:
        raise SourceError(what, source=name, todo=UNPACK)
    try:
        with packed.open(info) as file:
            return file.read()
    except Exception as error:  # each format has errors of its own
        raise unreadable(name, error) from error


class Packed:
    """An archive that is open while it is read, and is opened again where it was not for a while, by `unpack` of its kind.

    Args:
        opened: gives its bytes.
    """

    unpack: Callable[[], Any]

    def __init__(self, opened: Callable[[], IO[bytes]]) -> None:
        self.opened = opened
        self.files: list[IO[bytes]] = []
        self.archive: Any = None
        self.damage: Exception | None = None

    def reader(self) -> Any:  # noqa: ANN401 - a ZipFile or a TarFile
        """The open archive; those that were read before it are closed."""
        if self.archive is None:
            self.archive = self.unpack()
            queue = vars(open_archives).setdefault("queue", deque())
            queue.append(weakref.ref(self))
            while len(queue) > AT_ONCE:
                if (oldest := queue.popleft()()) is not None:
                    oldest.close()
        return self.archive

    def close(self) -> None:
        """Close it until it is needed again."""
        for file in (self.archive, *self.files):
            with suppress(Exception):
                file.close()
        self.archive, self.files = None, []

    __del__ = close


open_archives = threading.local()  # `queue`: those of a thread, the oldest first


class Zip(Packed):
    def unpack(self) -> zipfile.ZipFile:
        """Open it.

        Raises:
            ValueError: where it would unpack to more than anybody packs.
        """
        self.files = [self.opened()]
        archive = zipfile.ZipFile(self.files[0])
        size = self.files[0].seek(0, 2)
        if is_bomb(sum(size_of(info) for info in archive.infolist() if refused(info) is None), size):
            raise ValueError(BOMB)
        return archive

    def infos(self) -> list[Info]:
        return [info for info in self.reader().infolist() if not info.is_dir()]

    def open(self, info: Info) -> IO[bytes]:
        file: IO[bytes] = self.reader().open(info)
        return file


class Tar(Packed):
    """A tar archive; of a compressed one the whole is unpacked, so that members can be read in any order."""

    def unpack(self) -> tarfile.TarFile:
        raw = self.opened()
        stream = peekable(raw)
        if raw.seekable() and opener_of(stream) is None:
            self.files = [stream]
            stream.seek(0)
            return tarfile.open(fileobj=stream, mode="r:")
        whole = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed with the archive
        self.files = [whole]
        with stream:
            try:
                text = decompressed(stream)
                while block := text.read1(BLOCK):
                    whole.write(block)
            except Exception as error:  # noqa: BLE001 - what came before it is read, then it is said
                self.damage = error
        whole.seek(0)
        return tarfile.open(fileobj=whole, mode="r:")

    def infos(self) -> list[Info]:
        """Its files, as far as it is whole.

        Raises:
            tarfile.TarError: where not even the first is.
        """
        reader, found = self.reader(), []
        end = self.files[0].seek(0, 2)
        try:
            for info in reader:
                if info.offset_data + (0 if info.islnk() else info.size) > end:
                    raise tarfile.ReadError("unexpected end of data")
                if info.isfile() or info.islnk():
                    found.append(info)
        except tarfile.TarError as error:
            self.damage = self.damage or error
        return found

    def open(self, info: Info) -> IO[bytes]:
        file: IO[bytes] | None = self.reader().extractfile(info)
        if file is None:
            raise tarfile.ReadError("is no file")
        return file


def is_visible(name: str) -> bool:
    """Whether no part of a path begins with a dot or is macOS's shadow folder; `..` is no hidden one."""
    return not any(
        (part.startswith(".") and part not in (".", "..")) or part == "__MACOSX"
        for part in PurePosixPath(name).parts
    )
