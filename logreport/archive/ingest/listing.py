"""Inputs as batches of names, listed without opening any: what one unit of work takes in."""

from collections.abc import Iterable, Iterator

from logreport.errors import LogreportError
from logreport.sources.finding import find_files

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
    for found in find_files(names):
        if isinstance(found, LogreportError):
            errors.append(found)
        else:
            yield found.path, found.size or UNKNOWN_SIZE
