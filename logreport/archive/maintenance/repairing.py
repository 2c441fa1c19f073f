"""Repair an archive: make derived tables again, save what is intact of damaged files, remove what is left over."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from logreport.archive.ingest.adding import KeptRow, index_file, kept_files
from logreport.archive.maintenance.forgetting import purge
from logreport.archive.maintenance.reparsing import Reparsed, Reparsing, Stale
from logreport.archive.maintenance.verifying import Verified, index_of, sort_files
from logreport.archive.storage import commits, packs
from logreport.archive.storage.dictionaries import Dictionary, is_dictionary, load
from logreport.archive.storage.layout import DERIVED, one_of, table_at
from logreport.archive.storage.raw import last_records
from logreport.archive.storage.snapshot import COMMIT, Snapshot
from logreport.archive.storage.store import TEMPORARY, Store, digest_of
from logreport.errors import ArchiveError
from logreport.runs.telemetry import PARQUET
from logreport.workers.spreading import Local

BESIDE = {b"{": "record", PARQUET: "telemetry"}  # what is kept beside a log, by how it begins


@dataclass
class Repaired:
    """What was done.

    Args:
        again: logs whose rows were made again.
        saved: logs that were taken out of damaged files.
        given_up: damaged files that nothing here can bring back; they are not named any more.
        removed: files that were left over or replaced.
        waiting: those that are too young: a writer may be about to name them, a reader may be reading them.
    """

    again: int = 0
    saved: int = 0
    given_up: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)


def repair(snapshot: Snapshot, found: Verified, grace: float = commits.GRACE) -> Repaired:
    """Mend what `verify` found, as far as what is there allows it; verify again to see what is left.

    Nothing is removed before what takes its place is written, so a kill at any moment makes nothing worse.

    Args:
        snapshot: the archive as it was verified.
        found: what was found then.
        grace: seconds for which files that no commit names are left to their writer, and replaced ones to readers.

    Raises:
        ArchiveError: where the archive cannot be written.
    """
    done, store, damaged = Repaired(), snapshot.store, snapshot.unreadable | set(found.packs)
    if found.commits:
        name_again(snapshot, found)
    for path in found.hollow:
        commits.instead(store, path, snapshot.commits[path], ())
    now = Snapshot(store)
    now.unreadable |= snapshot.unreadable
    changed = make_again(now, found.unread)
    done.again = changed.logs
    for path, commit in now.live.items():
        hurt = (damaged | set(found.unlisted)) & commit.files.keys() - {*found.dictionaries}
        if hurt and path not in now.too_new and not snapshot.shut & commit.files.keys():
            mend(path, now, damaged, done, keep_rows=bool(changed.errors))
    # At once: who adds these again may write files of these names.
    store.remove([*found.packs, *done.given_up, *found.dictionaries])
    purge(store)
    remove(Snapshot(store), done, grace, found.commits)
    return done


def name_again(snapshot: Snapshot, found: Verified) -> None:
    """Name again what damaged commits named, as far as it is intact and cannot be made of anything else."""
    kept = [path for path in found.leftovers if table_at(path) not in DERIVED and TEMPORARY not in path]
    intact = {path: snapshot.sizes[path] for path in kept if digest_of(snapshot.store.get(path)) in path}
    if intact:
        commits.write(snapshot.store, (), also=intact)


def mend(path: str, snapshot: Snapshot, damaged: set[str], done: Repaired, *, keep_rows: bool) -> None:
    """Write a commit in place of one with damaged files: what is intact of them, and nothing of the rest.

    Its tables were made again before, so that all of them can go; unless some log could not be read again.
    """
    commit = snapshot.live[path]
    bad = {file for file in damaged & commit.files.keys() if not is_dictionary(file)}  # may be copied back
    drop = set(bad)
    if any(table_at(file) in DERIVED for file in bad) and not keep_rows:
        drop |= {file for file in commit.files if table_at(file) in DERIVED}
    files: list[tuple[str, bytes]] = []
    indexed = set(snapshot.read("logs", ["pack"]).column("pack").to_pylist())
    known = [load(path, snapshot.store.url) for path in snapshot.dictionaries]
    for pack in (
        file
        for file in commit.files
        if file.startswith("logs/") and not is_dictionary(file) and file in snapshot.sizes
    ):
        if pack in bad:
            rows = saved(pack, snapshot)
            files += kept_files(rows)
            done.saved += sum(row.kind == "log" for row in rows)
        elif pack not in indexed:
            files.append(index_file(pack, list(rows_in(pack, snapshot, known))))
    done.given_up += sorted(file for file in bad if table_at(file) == "facts")
    commits.instead(snapshot.store, path, commit, drop, files)


def saved(pack: str, snapshot: Snapshot) -> list[KeptRow]:
    """The logs in a damaged file that are intact."""
    content, rows = snapshot.store.get(pack), []
    for row in index_of(pack, snapshot):
        frame = content[row["pack_offset"] :][: row["packed_bytes"]]
        try:
            packs.unpacked(frame, row, snapshot.store)
        except ArchiveError:
            continue
        kept = packs.Kept(row["sha256"], row["bytes"], frame, True, row["dictionary"])  # noqa: FBT003 - a frame
        rows.append(KeptRow(row["log_sha256"], row["kind"], row["source"], kept))
    return rows


def names_in(snapshot: Snapshot) -> dict[str, str]:
    """The path of each log that has rows."""
    rows = snapshot.read("lines", ["log_sha256", "source"])
    return dict(zip(*(rows.column(i).to_pylist() for i in (0, 1)), strict=True))


def rows_in(pack: str, snapshot: Snapshot, dictionaries: Collection[Dictionary]) -> Iterator[KeptRow]:
    """The logs in a file, frame by frame; what no table knows is a record or a series of the log before it.

    So is what that log was read with; settings beside a log are a log of their own, too.
    """
    log, names = "", names_in(snapshot)
    records = last_records(names, snapshot)
    for frame, text, needed in packs.frames_of(snapshot.store.get(pack), dictionaries):
        sha256 = digest_of(text)
        kind = "log"
        if log and (sha256 not in names or records.get(log) == sha256):
            kind = next((one for start, one in BESIDE.items() if text.startswith(start)), kind)
        log = sha256 if kind == "log" else log
        source = names.get(log, f"{log[:16]}.log")
        yield KeptRow(log, kind, source, packs.Kept(sha256, len(text), frame, True, needed))  # noqa: FBT003 - a frame


def make_again(snapshot: Snapshot, unread: Sequence[str]) -> Reparsed:
    """Read logs again whose rows are missing, wholly or in part."""
    stale = {log: Stale(log, None) for log in unread}
    for path in snapshot.partial() - snapshot.too_new:
        for table in DERIVED:
            rows = snapshot.read(table, ["log_sha256"], one_of(COMMIT, [path]))
            stale |= {log: Stale(log, path) for log in rows.column("log_sha256").to_pylist()}
    changed = Reparsed()
    changed.gather(Reparsing(snapshot.store.url).work, [list(stale.values())] if stale else [], Local(1))
    return changed


def remove_replaced(store: Store, grace: float) -> list[str]:
    """Remove what is left over or replaced and old enough; returns what waits.

    Raises:
        ArchiveError: where a file cannot be removed.
    """
    done = Repaired()
    remove(Snapshot(store), done, grace, ())
    return done.waiting


def remove(snapshot: Snapshot, done: Repaired, grace: float, damaged: Sequence[str]) -> None:
    """Remove what no commit names and what is replaced, once it is old enough; commits last, as they name the rest.

    Where a commit cannot be read, or is of a newer logreport, nobody knows what it names: then only replaced files are.
    """
    now = Verified()
    sort_files(snapshot, now)
    since = dict(snapshot.replaced)  # a replaced file is as old as the commit that took its place
    since |= {
        file: since[path]
        for path in snapshot.replaced
        if path in snapshot.commits
        for file in snapshot.commits[path].files
    }
    leftovers = [] if snapshot.too_new or snapshot.shut else now.leftovers
    for path in sorted((*now.replaced, *leftovers, *damaged), key=lambda path: path.startswith("commits/")):
        if path in damaged or snapshot.store.age(since.get(path, path)) >= grace:
            snapshot.store.remove([path])
            done.removed.append(path)
        else:
            done.waiting.append(path)
