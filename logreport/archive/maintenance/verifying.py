"""Verify an archive: hash everything, name what is damaged, missing, left over or replaced."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from logreport.archive.ingest.derive import now
from logreport.archive.ingest.facts import standing
from logreport.archive.storage import packs
from logreport.archive.storage.dictionaries import is_dictionary
from logreport.archive.storage.layout import one_of, table_at
from logreport.archive.storage.snapshot import COMMIT, Snapshot
from logreport.archive.storage.store import digest_of
from logreport.archive.storage.succession import SKEW
from logreport.errors import ArchiveError

MEND = "logreport archive verify --repair"


@dataclass
class Verified:
    """What was found.

    Args:
        files: how many files were hashed.
        size: bytes of them.
        problems: what is damaged, missing or too new.
        leftovers: files that no commit names: of a writer that was killed, or of one that is still at work.
        replaced: files and commits that others took the place of.
        commits: commits that are damaged.
        packs: files with the bytes of logs that are damaged.
        dictionaries: those that are damaged or missing; with them the logs that need them.
        hollow: commits that let go of logs or tags of those that they say they replace.
        unlisted: files with the bytes of logs of which no table says what is in them.
        lost: logs that have rows but no bytes any more, by SHA-256.
        unread: logs that have no rows, by SHA-256.
        forgotten: how many logs were forgotten.
        returned: those of them whose bytes are there, by SHA-256: brought by a copy, or left by a purge that was killed.
    """

    files: int = 0
    size: int = 0
    problems: list[ArchiveError] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    commits: list[str] = field(default_factory=list)
    packs: list[str] = field(default_factory=list)
    dictionaries: list[str] = field(default_factory=list)
    hollow: list[str] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    forgotten: int = 0
    returned: list[str] = field(default_factory=list)


def verify(snapshot: Snapshot) -> Verified:
    """Hash every file that counts; damaged tables are left out of the snapshot from then on."""
    found = Verified(problems=snapshot.problems)
    found.packs = [
        path
        for path in snapshot.unreadable
        if path.startswith("logs/") and path in snapshot.sizes and not is_dictionary(path)
    ]
    for path in snapshot.files():
        if (content := snapshot.content(path)) is None:
            continue
        found.files, found.size = found.files + 1, found.size + len(content)
        if not path.startswith("logs/"):
            snapshot.check(path, content)
        elif digest_of(content) not in path and is_dictionary(path):
            snapshot.exclude(path, "is damaged: its content is not what its name says")
        elif digest_of(content) not in path:
            found.packs.append(path)
    found.dictionaries = snapshot.lost_dictionaries
    name_lost(snapshot, found)
    damaged = {sha256 for pack in found.packs for sha256 in damaged_in(pack, snapshot, found)}
    sort_files(snapshot, found)
    sort_commits(snapshot, found)
    sort_logs(snapshot, damaged, found)
    found.problems += from_the_future(snapshot)
    return found


def from_the_future(snapshot: Snapshot) -> Iterator[ArchiveError]:
    """What holds and is dated later than now: some clock is or was wrong."""
    limit, url = now() + SKEW, snapshot.store.url
    readings = [
        at for at in snapshot.rows("lines", ["derived_at"]).column(0).to_pylist() if at and at > limit
    ]
    facts = [fact.said_at for fact in standing(snapshot.rows("facts")) if fact.order[0] > limit]
    for times, what, again in (
        (readings, "readings of logs", "logreport archive reparse --all"),
        (facts, "facts", "say them again"),
    ):
        if times:
            late = f"{len(times):,} {what} are dated in the future, up to {max(times):%Y-%m-%d %H:%M} UTC: a clock is wrong"
            todo = f"set it right, then {again}; whatever replaces them counts all the same"
            yield ArchiveError(late, source=url, todo=todo)


def name_lost(snapshot: Snapshot, found: Verified) -> None:
    """Say which logs cannot be read without the dictionaries that are lost."""
    for path in found.dictionaries:
        rows = snapshot.read("logs", ["sha256", "source", "kind"], one_of("dictionary", [path])).to_pylist()
        readable = {*snapshot.kept(["sha256"]).column("sha256").to_pylist()}
        lost = sorted(
            {row["source"] for row in rows if row["kind"] == "log" and row["sha256"] not in readable}
        )
        some = f": {', '.join(lost[:3])}{' …' if len(lost) > 3 else ''}" if lost else ""
        what = f"is a dictionary without which {len(lost):,} logs cannot be read{some}"
        snapshot.complain(path, what, "copy it from another copy of the archive, or add these logs again")


def damaged_in(pack: str, snapshot: Snapshot, found: Verified) -> set[str]:
    """The logs in a damaged file that are damaged themselves; each is a problem."""
    content, damaged = snapshot.store.get(pack), set()
    for row in index_of(pack, snapshot):
        try:
            packs.unpacked(content[row["pack_offset"] :][: row["packed_bytes"]], row, snapshot.store)
        except ArchiveError as error:
            found.problems.append(error)
            damaged.add(row["sha256"])
    if not damaged:
        snapshot.complain(pack, "is damaged, though the logs in it are not")
    return damaged


def index_of(pack: str, snapshot: Snapshot) -> list[dict[str, Any]]:
    """What is in a file with the bytes of logs."""
    rows: list[dict[str, Any]] = snapshot.read("logs", only=one_of("pack", [pack])).to_pylist()
    return rows


def sort_files(snapshot: Snapshot, found: Verified) -> None:
    """Which files are left over or replaced, and which commits are damaged."""
    named = {file for commit in snapshot.commits.values() for file in commit.files}
    live = {file for commit in snapshot.live.values() for file in commit.files}
    for path in snapshot.sizes:
        if path.startswith("commits/") and path.endswith(".json"):
            if path not in snapshot.commits.keys() | snapshot.too_new | snapshot.shut:
                found.commits.append(path)
        elif path not in named:
            found.leftovers.append(path)
    there = named | snapshot.commits.keys()
    found.replaced = [
        path for path in snapshot.sizes if path in there and path not in live | snapshot.live.keys()
    ]


def sort_commits(snapshot: Snapshot, found: Verified) -> None:
    """Which commits hold less than they should."""
    for path, commit in snapshot.live.items():
        kept = [one for one in commit.replaces if one in snapshot.live]
        if kept and not snapshot.unreadable & commit.files.keys():
            found.hollow.append(path)
            what = f"lets go of what {len(kept):,} commits hold that it replaces: they count all the same"
            snapshot.complain(path, what, MEND)
    if any(table_at(path) == "logs" for path in snapshot.unreadable):
        return  # then it is clear why
    listed = set(snapshot.read("logs", ["pack"]).column(0).to_pylist())
    found.unlisted = [path for path in snapshot.packs if path not in listed]
    for path in found.unlisted:
        snapshot.complain(path, "holds logs that no table lists", MEND)


def sort_logs(snapshot: Snapshot, damaged: set[str], found: Verified) -> None:
    """Which logs have rows and no bytes, and which have bytes and no rows."""
    there, too_new, returned, unopened = set(), set(), set(), set()
    gone = snapshot.forgotten.logs
    columns = ["sha256", "kind", "pack", COMMIT, "log_sha256", "dictionary"]
    for row in snapshot.read("logs", columns).to_pylist():
        if row["log_sha256"] in gone:
            returned.add(row["log_sha256"])
        elif row["dictionary"] in found.dictionaries:
            unopened.add(row["sha256"])
        elif row["kind"] == "log" and row["pack"] in snapshot.sizes:
            there.add(row["sha256"])
            if row[COMMIT] in snapshot.too_new:
                too_new.add(row["sha256"])
    lines = snapshot.rows("lines", ["log_sha256", "source"]).to_pylist()
    read = {row["log_sha256"]: row["source"] for row in lines}
    lost = read.keys() - there
    found.forgotten, found.returned = len(gone), sorted(returned)
    found.lost = sorted(lost | damaged)
    found.unread = sorted(there - damaged - read.keys() - too_new)
    for log in sorted(lost - unopened):
        what = f"the log {log[:16]} is lost, its numbers are kept"
        found.problems.append(ArchiveError(what, source=read[log], todo="add it again"))
    if found.unread:
        what = f"{len(found.unread):,} logs are kept whose rows are missing"
        found.problems.append(ArchiveError(what, source=snapshot.store.url, todo=f"{MEND} makes them again"))
