"""Inputs as batches of names, listed without opening any: what one unit of work takes in."""

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from logreport.archive.store import FOLDERS
from logreport.errors import LogreportError, SourceError
from logreport.sources.finding import can_be_log

BATCH = 16_000_000  # bytes of files, as they lie there
MOST = 8192  # files
UNKNOWN_SIZE = 16_000  # bytes; behind most URLs nobody says it


def batches_of(names: Iterable[str], errors: list[LogreportError]) -> Iterator[tuple[str, ...]]:
    """Files below names in batches that one process reads at a time; a name with nothing behind it is an error."""
    batch: list[str] = []
    total = 0
    for name, size in files_of(names, errors):
        if batch and (total + size > BATCH or len(batch) == MOST):
            yield tuple(batch)
            batch, total = [], 0
        batch.append(name)
        total += size
    if batch:
        yield tuple(batch)


def files_of(names: Iterable[str], errors: list[LogreportError]) -> Iterator[tuple[str, int]]:
    """Path or URL and size of each file behind names, in order; the members of an archive stay together."""
    for name in names:
        found = False
        for found_one in files_behind(name):
            found = True
            yield found_one
        if not found:
            errors.append(SourceError("no log is there", source=name, todo="check the path"))


def files_behind(name: str) -> Iterator[tuple[str, int]]:
    """The files behind one name; one that is not there is found out by the one who reads it."""
    if "://" in name:
        yield from ((url, UNKNOWN_SIZE) for url in urls_behind(name))
    elif Path(name).is_dir():
        yield from files_below(name)
    elif glob.has_magic(name) and not Path(name).exists():
        for path in sorted(glob.glob(name, recursive=True)):  # noqa: PTH207 - Path.glob takes no absolute pattern
            if Path(path).is_dir() or can_be_log(Path(path).name):
                yield from files_behind(path)
    else:
        yield name, Path(name).stat().st_size if Path(name).is_file() else UNKNOWN_SIZE


def files_below(folder: str) -> Iterator[tuple[str, int]]:
    """The files below a folder that can be logs, in the order of their paths; one folder at a time is in memory.

    An archive in it is none of them: its logs would be read as one.
    """
    entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    if {entry.name for entry in entries if entry.is_dir()} >= set(FOLDERS):
        return
    for entry in entries:
        if entry.is_dir():
            if not entry.name.startswith("."):
                yield from files_below(entry.path)
        elif can_be_log(entry.name) and entry.is_file():
            yield entry.path.removeprefix("./"), entry.stat().st_size


def urls_behind(url: str) -> list[str]:
    """The files below a URL that is a folder or a pattern, else the URL itself."""
    import fsspec

    try:
        files, path = fsspec.core.url_to_fs(url)
        if not glob.has_magic(path) and not files.isdir(path):
            return [url]
        found = files.glob(path) if glob.has_magic(path) else files.find(path)
    except Exception:  # noqa: BLE001 - each protocol has errors of its own; who reads the URL says what is wrong
        return [url]
    return [files.unstrip_protocol(one) for one in sorted(found) if can_be_log(one.rpartition("/")[2])]
