"""Commits: a small file, written last, that names the files of one addition; what no commit names does not count."""

import json
import re
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from logreport.archive.storage.dictionaries import is_dictionary
from logreport.archive.storage.store import Store, digest_of
from logreport.errors import ArchiveError
from logreport.runs.run_record import built
from logreport.tables.schema import VERSION
from logreport.version import __version__

FILE = re.compile(r"(?:logs|tables/[^/\\\0]+)/(?!\.\.?$)[^/\\\0]+")  # what a commit can name
RESTORE = "copy it from another copy of the archive, or see `logreport archive verify --repair`"
FORMAT = 2  # of commits and of the layout; one more when an older logreport would misread it
# Seconds that a file may lie there unnamed, because its writer has not come to the commit yet.
GRACE = 24 * 3600.0
# One that goes on while the machine sleeps, and that nobody sets.
CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


@dataclass(frozen=True)
class Commit:
    """What one addition put there, and what it replaces.

    Args:
        files: size in bytes of each file, by path.
        replaces: commits that readers skip from now on; what only these name does not count any more.
        forgets: files of those commits that held logs which are forgotten; what else these held is in its own files.
        schema_version: of its tables.
        made_at: ISO 8601, UTC.
        made_by: release of logreport.
    """

    files: dict[str, int]
    replaces: tuple[str, ...] = ()
    schema_version: int = VERSION
    made_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat())
    made_by: str = __version__
    forgets: tuple[str, ...] = ()

    def encode(self) -> bytes:
        """As JSON; an older logreport can read one that has nothing that it does not know."""
        is_new = self.forgets or any(is_dictionary(file) for file in self.files)
        values = {"format": FORMAT if is_new else 1, **self.__dict__}
        if not self.forgets:
            del values["forgets"]
        return json.dumps(values, indent=1).encode() + b"\n"

    @property
    def path(self) -> str:
        """Where it lies: named by its content."""
        return f"commits/{digest_of(self.encode())}.json"


def decode(path: str, content: bytes, store: Store) -> Commit:
    """A commit from its file.

    Raises:
        ArchiveError: where the file is damaged, or of a newer logreport.
    """
    name = store.name(path)
    if path != f"commits/{digest_of(content)}.json":
        raise ArchiveError("is damaged: its content is not what its name says", source=name, todo=RESTORE)
    try:
        values = json.loads(content)
        version = values.pop("format")
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError) as error:
        raise no_commit("it is none of ours", name) from error
    if type(version) is not int:
        raise no_commit(f"format is {version!r:.40}", name)
    if version > FORMAT:
        raise too_new(f"{values.get('made_by')!s:.40}", name)
    try:
        commit = built(Commit, values)
    except ValueError as error:
        raise no_commit(str(error), name) from error
    for file, size in commit.files.items():
        if not FILE.fullmatch(file) or size < 0:
            raise no_commit(f"it names {file!r:.40} with {size} bytes", name)
    return commit


def no_commit(why: str, name: str) -> ArchiveError:
    """The error for what cannot be a commit."""
    return ArchiveError(f"is no commit ({why})", source=name, todo=RESTORE)


class TooNewError(ArchiveError):
    """What a newer logreport wrote."""


def too_new(made_by: str, name: str) -> TooNewError:
    """The error for what this logreport is too old to read."""
    what = f"was written by logreport {made_by}, in a form that {__version__} does not know"
    return TooNewError(what, source=name, todo="update logreport; the rest was read")


def write(
    store: Store,
    files: Iterable[tuple[str, bytes]],
    replaces: Iterable[str] = (),
    also: Mapping[str, int] | None = None,
    forgets: Iterable[str] = (),
) -> Commit:
    """Put files there one by one, and then the commit that names them.

    A file is put even where one of that name exists: that may be a leftover which somebody is about to remove.

    Args:
        store: where to.
        files: path and content of each.
        replaces: commits that readers skip from then on.
        also: files that are there already, and their sizes.
        forgets: files of those commits that held logs which are forgotten.

    Raises:
        ArchiveError: where one cannot be written, or it took so long that somebody may have taken the first ones for
            leftovers; then nothing counts.
    """
    begun = time.clock_gettime(CLOCK)
    put = store.put_all(files)
    sizes = dict(also or {}) | put  # some are found to be of no use only while the others are written
    if time.clock_gettime(CLOCK) - begun > GRACE / 2:
        raise ArchiveError("writing took too long", source=store.url, todo="try again with fewer logs")
    commit = Commit(sizes, tuple(replaces), forgets=tuple(forgets))
    store.put(commit.path, commit.encode())
    return commit


def instead(
    store: Store,
    path: str,
    commit: Commit,
    drop: Collection[str],
    files: Iterable[tuple[str, bytes]] = (),
    forgets: Iterable[str] = (),
) -> Commit:
    """Write a commit in place of another one, without some of its files and with some more.

    Raises:
        ArchiveError: where it cannot be written.
    """
    kept = {file: size for file, size in commit.files.items() if file not in drop}
    return write(store, files, [path], kept, forgets)
