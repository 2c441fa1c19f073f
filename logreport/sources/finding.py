"""From what the user names (files, folders, globs, URLs, `-`) to files, and from files to sources.

There is one walk: `find_files` says what there is and opens nothing, `find_sources` looks into archives, too. What
cannot be read is an error of its own, in its place.
"""

import glob
import os
import re
import select
import stat
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from operator import attrgetter
from typing import IO, NamedTuple

from logreport.errors import LeftOut, LogreportError, SourceError, shown
from logreport.sources.decoding import unreadable
from logreport.sources.names import ARCHIVE_FOLDERS, BESIDE, beside_of, is_archive
from logreport.sources.source import Source
from logreport.sources.urls import beside, download, kept, urls_behind

# A folder holds more than logs; a file that is named is always tried.
SKIPPED_ENDINGS = set(
    ".png .jpg .jpeg .gif .svg .pdf .css .pyc .so .o .npz .npy .pb .parquet".split()  # noqa: SIM905 - read at a glance
)
COMMIT = re.compile(r"(?:(.+)/commits/)?[0-9a-f]{64}\.json")  # of an archive of logreport, and where that is
PATIENCE = 10.0  # seconds to wait for who writes to a pipe


class Found(NamedTuple):
    """A file, a URL, or `-`, and its size in bytes, 0 where nobody knows it."""

    path: str
    size: int


def find_sources(names: Iterable[str]) -> Iterator[Source | LogreportError]:
    """The sources behind names, in order; an error stands where its name stood."""
    for found in find_files(names):
        if isinstance(found, LogreportError):
            yield found
        elif is_archive(found.path):
            from logreport.sources.archives import members

            try:
                opened = kept(found.path) if "://" in found.path else partial(open_file, found.path)
                yield from members(found.path, opened)
            except LogreportError as error:
                yield error
        else:
            yield source_of(found)


def source_of(found: Found) -> Source:
    """A file as one source, whatever is in it."""
    name, path = shown(found.path), found.path
    if path == "-":
        return Source(name, standard_input)
    opened, near = (download, beside) if "://" in path else (open_file, beside_file)
    return Source(
        name, partial(opened, path), found.size, beside=lambda end: near(beside_of(path, end)), path=path
    )


def find_files(names: Iterable[str]) -> Iterator[Found | LogreportError]:
    """The files behind names, in order, none of them opened; an error stands where its name stood.

    A file behind two names is there once.
    """
    seen: set[str] = set()
    for name in names:
        try:
            for found in files_behind(name):
                if isinstance(found, Found):
                    place = found.path if "://" in found.path else absolute(found.path)
                    if place in seen:
                        continue
                    seen.add(place)
                yield found
        except LogreportError as error:
            yield error


def absolute(path: str) -> str:
    """A path from the root, one for each way to write it; `..` stays, as a link may stand before it."""
    whole = path if path.startswith("/") else f"{os.getcwd()}/{path}"  # noqa: PTH109 - a tenth of Path's time
    return "/".join([part for part in whole.split("/") if part not in ("", ".")])


def files_behind(name: str) -> Iterator[Found | LogreportError]:
    """The files behind one name.

    Raises:
        SourceError: where nothing is there.
    """
    if name == "-":
        yield Found("-", 0)
    elif "://" in name:
        yield from files_at(name)
    elif (there := stat_of(name)) is not None:
        yield from files_in(name, there)
    elif "\0" not in name and glob.has_magic(name):
        yield from files_like(name)
    else:
        raise missing(name)


def missing(name: str) -> SourceError:
    """The error for a path that leads nowhere."""
    return SourceError("no such file or folder", source=name, todo="check the path")


def files_in(name: str, there: os.stat_result) -> Iterator[Found | LogreportError]:
    """A file that exists, or those below a folder.

    Raises:
        SourceError: where there is none, or the file is no log.
    """
    if stat.S_ISDIR(there.st_mode):
        if is_archive_folder(name, [entry.name for entry in entries_of(name)]):
            raise own_archive(name)
        empty = True
        for found in files_below(name, os.path.realpath(name), set()):
            empty = False
            yield found
        if empty:
            raise SourceError("no log in this folder", source=name, todo="name a folder with log files")
    elif name.endswith(BESIDE):
        raise SourceError(
            "is the record of a run",
            source=name,
            todo="name the log beside it; its record is read with it",
        )
    else:
        yield Found(name, there.st_size)


def is_archive_folder(folder: str, names: Iterable[str]) -> bool:
    """Whether a folder is an archive of logreport: it has the three folders of one, and a commit in the first.

    Args:
        folder: its path.
        names: what is in it.
    """
    if not set(ARCHIVE_FOLDERS).issubset(names):
        return False
    try:
        with os.scandir(os.path.join(folder, ARCHIVE_FOLDERS[0])) as entries:  # noqa: PTH118 - as the walk that calls it
            return any(COMMIT.fullmatch(entry.name) for entry in entries)
    except OSError:
        return False


def is_archive_at(name: str) -> bool:
    """Whether a path or URL is that of an archive of logreport."""
    if "://" not in name:
        return os.path.isdir(name) and is_archive_folder(name, os.listdir(name))  # noqa: PTH112, PTH208 - as the walk
    if name.startswith(("http://", "https://")):  # it lists nothing
        return False
    import fsspec

    try:
        files, root = fsspec.core.url_to_fs(name)
        commits = files.ls(f"{root.rstrip('/')}/{ARCHIVE_FOLDERS[0]}", detail=False)
    except Exception:  # noqa: BLE001 - every protocol has its own; what is wrong there is said when it is read
        return False
    return any(COMMIT.fullmatch(path.rpartition("/")[2]) for path in commits)


def own_archive(name: str) -> SourceError:
    """The error for an archive that is named as a log."""
    return SourceError("is an archive of logreport, not a log", source=name, todo="read its runs with --from")


def stat_of(name: str) -> os.stat_result | None:
    """What the system says of a name; None where nothing is there.

    Raises:
        SourceError: where it may not be looked at, or leads in a circle.
    """
    try:
        return os.stat(name)  # noqa: PTH116 - a fifth of Path's time
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    except OSError as error:
        raise unreadable(name, error) from error


def files_at(url: str) -> Iterator[Found | LogreportError]:
    """The files behind a URL.

    Raises:
        SourceError: where nothing is there, or only an archive of logreport.
    """
    found = urls_behind(url)
    if [one for one, _ in found] == [url]:
        yield Found(url, 0)
        return
    archives = sorted({match[1] for one, _ in found if (match := COMMIT.fullmatch(one))})
    own = tuple(f"{archive}/{folder}/" for archive in archives for folder in ARCHIVE_FOLDERS)
    logs = [
        Found(*one) for one in found if not one[0].startswith(own) and can_be_log(one[0].rpartition("/")[2])
    ]
    if archives and not logs:
        raise own_archive(url)
    if not logs:
        raise SourceError("nothing is there", source=url, todo="check the address")
    yield from (left_out(archive) for archive in archives)
    yield from logs


def left_out(archive: str) -> LeftOut:
    """The note about an archive that lies among logs."""
    return LeftOut("is an archive of logreport", source=archive, todo="left out")


def files_like(pattern: str) -> Iterator[Found | LogreportError]:
    """The files that match a pattern.

    Raises:
        SourceError: where none does.
    """
    found = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
    if not found:
        raise SourceError(
            "no file matches this pattern", source=pattern, todo="check the pattern and its quotes"
        )
    for path in found:
        try:
            there = stat_of(path)
            if there is None:
                yield missing(path)
            elif not path.endswith(BESIDE):
                yield from files_in(path, there)
        except SourceError as error:
            yield error


def entries_of(folder: str) -> list[os.DirEntry[str]]:
    """What is in a folder, by name.

    Raises:
        SourceError: where it may not be looked at.
    """
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=attrgetter("name"))
    except OSError as error:
        raise SourceError(
            error.strerror or str(error), source=folder, todo="check its permissions"
        ) from error


def files_below(folder: str, root: str, seen: set[str]) -> Iterator[Found | LogreportError]:
    """All files below a folder that can be logs, in the order of their paths; one folder at a time is in memory.

    Names that begin with a dot are hidden. A link to a folder is followed where it leads out of what is walked, once.

    Args:
        folder: its path, as the user would write it.
        root: where the walk began, without links.
        seen: the folders outside that links led to.
    """
    try:
        entries = entries_of(folder)
    except SourceError as error:
        yield error
        return
    if is_archive_folder(folder, [entry.name for entry in entries]):
        yield left_out(folder)
        return
    for entry in entries:
        path = entry.path.removeprefix("./")
        if entry.name.startswith("."):
            continue
        if is_folder(entry):
            if not entry.is_symlink() or leads_out(path, root, seen):
                yield from files_below(path, root, seen)
        elif can_be_log(entry.name):
            yield file_of(entry, path)


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether it is a folder, or a link to one; a link in a circle is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def file_of(entry: os.DirEntry[str], path: str) -> Found | SourceError:
    """A file of a folder; the error for what is none."""
    try:
        there = entry.stat()
    except OSError as error:  # it is gone meanwhile, or a link that leads nowhere
        return unreadable(path, error)
    if stat.S_ISREG(there.st_mode):
        return Found(path, there.st_size)
    return SourceError("is a pipe, a socket or a device", source=path, todo="name it itself to read it")


def leads_out(link: str, root: str, seen: set[str]) -> bool:
    """Whether a link to a folder leads to where a walk does not come otherwise, and did not come before."""
    target = os.path.realpath(link)
    for walked in (root, *seen):
        if os.path.commonpath((target, walked)) in (target, walked):
            return False
    seen.add(target)
    return True


def can_be_log(name: str) -> bool:
    """Whether a file that was not named itself is worth a try."""
    if name.startswith(".") or name.endswith(BESIDE):
        return False
    return os.path.splitext(name)[1].lower() not in SKIPPED_ENDINGS  # noqa: PTH122 - the same


def open_file(path: str) -> IO[bytes]:
    """A file; of a pipe that has a name somebody must begin to write.

    Raises:
        SourceError: where nobody does.
    """
    # At once: else it would wait until somebody writes.
    file = open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK))  # noqa: SIM115 - for the caller
    try:
        kind = os.fstat(file.fileno()).st_mode
        if stat.S_ISFIFO(kind):
            await_writer(file, path)
        if not stat.S_ISREG(kind):  # which never makes anybody wait
            os.set_blocking(file.fileno(), True)
    except BaseException:
        file.close()
        raise
    return file


def await_writer(file: IO[bytes], path: str) -> None:
    """Wait until something comes through a pipe; one without a name has had its writer from the beginning.

    Raises:
        SourceError: where nothing does.
    """
    if os.path.realpath(path).startswith(("/proc/", "/dev/")):
        return
    poll = select.poll()
    poll.register(file, select.POLLIN)
    if not poll.poll(PATIENCE * 1000):
        raise SourceError(
            f"is a pipe to which nobody wrote for {PATIENCE:g} s",
            source=path,
            todo="start the writer first, or pipe it into `logreport … -`",
        )


def standard_input() -> IO[bytes]:
    """What is piped in.

    Raises:
        SourceError: where it was closed.
    """
    if sys.stdin is None:
        raise SourceError("standard input is closed", source="-", todo="name a file, or pipe a log in")
    return sys.stdin.buffer


def beside_file(path: str) -> bytes | None:
    """The bytes of a file that may not be there.

    Raises:
        SourceError: where it is there and cannot be read.
    """
    try:
        if not os.access(path, os.F_OK):  # of most logs, for which an error costs more than this look
            return None
        with open(path, "rb") as file:  # noqa: PTH123 - a fifth of Path's time
            return file.read()
    except (FileNotFoundError, ValueError):
        return None
    except OSError as error:
        raise unreadable(path, error) from error
