"""From an archive to a reading: what its runs are, as reading their logs would give it."""

import os

from logreport.api.selecting import require_runs
from logreport.tables.reading import Reading


def read_archive(
    archive: str | os.PathLike[str], where: str | None = None, *, redact: bool = False
) -> Reading:
    """The runs of an archive, all or those that a condition selects; sources and lines are those of their logs.

    What is damaged is among the errors of the reading.

    Args:
        archive: a folder or URL.
        where: a condition on the runs, such as `batch_size = 32 and tag.version = '2.20'`.
        redact: replace the names of hosts, users, home folders and addresses by placeholders.

    Raises:
        ArchiveError: where none is there.
        UsageError: where the condition is none, or selects nothing.
    """
    from logreport.archive import Archive

    opened = Archive(archive)
    reading = Reading(opened.tables(where))
    reading.errors.extend(opened.problems)
    if where is not None:
        require_runs(reading, where, os.fspath(archive))
    if redact:
        reading.redact()
    return reading
