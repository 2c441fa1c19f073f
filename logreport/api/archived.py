"""From an archive to a reading: what its runs are, as reading their logs would give it."""

import os
from collections.abc import Mapping

from logreport.errors import UsageError
from logreport.tables.reading import Reading


def read_archive(
    archive: str | os.PathLike[str], where: str | None = None, *, redact: bool = False
) -> Reading:
    """The runs of an archive, all or those that a condition selects; sources and lines are those of their logs.

    What is damaged is among the errors of the reading.

    Args:
        archive: a folder or URL.
        where: an SQL condition on the view `runs`, such as `batch_size = 32 and tag.version = '2.20'`.
        redact: replace the names of hosts, users, home folders and addresses by placeholders.

    Raises:
        ArchiveError: where none is there, or DuckDB is missing and there is a condition.
        UsageError: where the condition is none, or selects nothing.
    """
    from logreport.archive import Archive

    opened = Archive(archive)
    tables = opened.tables(where)
    if where is not None and not tables.count("runs"):
        raise UsageError(
            f"no run has {where}", source=os.fspath(archive), todo="see `logreport archive list`"
        )
    reading = Reading(tables, list(opened.problems))
    if redact:
        reading.redact()
    return reading


def read_selections(
    archive: str | os.PathLike[str], labels: Mapping[str, str]
) -> tuple[Reading, dict[str, str]]:
    """The runs of an archive that any of several conditions selects; returns the label of each source too.

    Args:
        archive: a folder or URL.
        labels: a condition for each label.

    Raises:
        ArchiveError: see `read_archive`.
        UsageError: where a condition is none, or a source is under two labels.
    """
    where: dict[str, str] = {}
    for label, condition in labels.items():
        for source in read_archive(archive, condition).tables.columns["runs"]["source"]:
            if where.setdefault(source, label) != label:
                raise UsageError(
                    f"is under both {where[source]} and {label}",
                    source=source,
                    todo="write conditions that exclude each other",
                )
    return read_archive(archive, " or ".join(f"({condition}\n)" for condition in labels.values())), where
