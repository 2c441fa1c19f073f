"""From an archive to a reading: what its runs are, as reading their logs would give it."""

import os
from collections.abc import Mapping, Sequence

from logreport.api.selecting import require_runs
from logreport.errors import UsageError
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


def read_archives(labels: Mapping[str, Sequence[str]], where: str | None) -> tuple[Reading, dict[str, str]]:
    """The runs of several archives, each under a label; returns the label of each source, which is `archive!path` here.

    Args:
        labels: archives by label.
        where: a condition on their runs.

    Raises:
        ArchiveError: where one is none.
        UsageError: where an archive has two labels, or the condition is none or selects nothing.
    """
    whole, label_of, seen = Reading(), dict[str, str](), dict[str, str]()
    for label, archives in labels.items():
        for archive in dict.fromkeys(archives):
            if seen.setdefault(archive, label) != label:
                todo = "give each label its own archive, or conditions with --from"
                raise UsageError(f"is under both {seen[archive]} and {label}", source=archive, todo=todo)
            reading = read_archive(archive, where)
            for columns in reading.tables.columns.values():
                columns["source"] = [f"{archive}!{source}" for source in columns["source"]]
            label_of |= dict.fromkeys(reading.tables.columns["lines"]["source"], label)
            whole.extend(reading)
    return whole, label_of
