"""Forget logs: first it is said that they are forgotten, which all readers obey, then what holds them is written anew.

What is said is a fact of the kind `forgotten`: the log's SHA-256, by which a copy that comes back is known, and nothing
of what was in it. So a kill at any moment leaves logs that are forgotten for every reader, and bytes that the next
purge removes. What others write meanwhile may name a forgotten log once more: then it is purged again.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from logreport.archive.ingest.derive import now
from logreport.archive.ingest.facts import Fact, facts_file, heads_of, news, present_ids, standing
from logreport.archive.queries.selecting import chosen_runs
from logreport.archive.storage import commits, packs
from logreport.archive.storage.commits import Commit
from logreport.archive.storage.dictionaries import BEGINNING, MOST, load, trained, words_of
from logreport.archive.storage.layout import (
    COLUMNS,
    DERIVED,
    Arrow,
    one_of,
    parquet_file,
    schema_of,
    table_at,
)
from logreport.archive.storage.snapshot import COMMIT, Snapshot
from logreport.archive.storage.store import Store, digest_of
from logreport.archive.storage.succession import FORGOTTEN, mark_in_full
from logreport.errors import ArchiveError, UsageError
from logreport.tables.conditions import Condition

ROUNDS = 4  # how often what others wrote meanwhile is looked at
LOOKED_AT = 100  # logs
Row = Mapping[str, Any]


@dataclass
class Forgetting:
    """The logs that are forgotten, or would be.

    Args:
        logs: their SHA-256.
        sources: the path of each.
        runs: how many runs they hold.
        size: bytes of the logs, without compression.
        left: paths of logs that stay, because other runs are in them too.
        waiting: how many files with their bytes stay until no reader can be at them.
    """

    logs: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    runs: int = 0
    size: int = 0
    left: list[str] = field(default_factory=list)
    waiting: int = 0


def to_forget(
    snapshot: Snapshot, words: Sequence[str], where: Condition | None, older_than: timedelta | None
) -> Forgetting:
    """The logs all of whose runs are meant by all that is given.

    Args:
        snapshot: of the archive.
        words: how ids of runs, or the SHA-256 of logs, begin.
        where: a condition on the runs.
        older_than: how long ago a run ended, by its log; one whose log has no time is as old as the log is here.

    Raises:
        UsageError: where a word is the beginning of none, or of several; where the condition is none.
    """
    sources = dict(zip(*columns_of(snapshot.rows("lines", ["log_sha256", "source"])), strict=True))
    kept = {row["log_sha256"]: row for row in snapshot.rows("logs").to_pylist() if row["kind"] == "log"}
    units = snapshot.rows("runs", ["log_sha256", "run_id", "source", "started_at", "ended_at"]).to_pylist()
    without_run = (sources.keys() | kept.keys()) - {unit["log_sha256"] for unit in units}
    units += [
        dict.fromkeys(("run_id", "source", "started_at", "ended_at"), None) | {"log_sha256": log}
        for log in without_run
    ]
    tests = list[Callable[[Row], bool]]()
    if words:
        ids = {id_of(word, units, snapshot.store) for word in words}
        tests.append(lambda unit: unit["log_sha256"] in ids or unit["run_id"] in ids)
    if where is not None:
        names = ("log_sha256", "run_id", "source")
        chosen = set(zip(*columns_of(chosen_runs(snapshot, where).select(names)), strict=True))
        tests.append(lambda unit: tuple(unit[name] for name in names) in chosen)
    if older_than is not None:
        here, there = datetime.now() - older_than, now() - older_than  # noqa: DTZ005 - times of logs have no zone

        def is_old(unit: Row) -> bool:
            last, log = unit["ended_at"] or unit["started_at"], kept.get(unit["log_sha256"])
            return bool(last < here if last else log and log["added_at"] < there)

        tests.append(is_old)
    meant, others = dict[str, int](), set[str]()
    for unit in units:
        if all(test(unit) for test in tests):
            meant[unit["log_sha256"]] = meant.get(unit["log_sha256"], 0) + (unit["run_id"] is not None)
        else:
            others.add(unit["log_sha256"])
    done = Forgetting()
    for source, log in sorted((sources.get(log) or kept[log]["source"], log) for log in meant):
        if log in others:
            done.left.append(source)
            continue
        done.logs.append(log)
        done.sources.append(source)
        done.runs += meant[log]
        done.size += kept[log]["bytes"] if log in kept else 0
    return done


def columns_of(rows: Arrow) -> list[list[Any]]:
    return [column.to_pylist() for column in rows.columns]


def id_of(word: str, units: Sequence[Row], store: Store) -> str:
    """The run or log that is meant by the beginning of its id.

    Raises:
        UsageError: where it is none, or several.
    """
    for name in ("run_id", "log_sha256"):
        found = {unit[name] for unit in units if (unit[name] or "").startswith(word)}
        if len(found) == 1:
            return str(found.pop())
        if found:
            break
    what = f"{len(found)} of them have" if found else "no run and no log has"
    raise UsageError(
        f"{what} an id that begins with {word!r}", source=store.url, todo="see `logreport archive list`"
    )


def say_forgotten(snapshot: Snapshot, logs: Collection[str]) -> None:
    """Say that logs are forgotten; from then on no reader sees them, nor what was said of runs that only they hold.

    Raises:
        ArchiveError: where the archive cannot be read or written.
    """
    gone, facts = set(logs), snapshot.rows("facts")
    pairs = list(zip(*columns_of(snapshot.rows("runs", ["log_sha256", "run_id"])), strict=True))
    left = {run for log, run in pairs if log not in gone}
    present = present_ids(standing(facts))
    of_run: dict[str, list[str]] = {}
    for fact in facts.to_pylist():
        if fact["log_sha256"] is None:
            run = present.get(fact["run_id"], fact["run_id"])
            of_run.setdefault(run, []).append(mark_in_full(fact))
    marks: dict[str, list[str]] = {log: [] for log in sorted(gone)}
    for log, run in pairs:
        if log in gone and run not in left:
            marks[log] += of_run.get(run, ())
    at, known = now(), heads_of(facts)
    said = news((Fact(log, None, FORGOTTEN, None, "yes", at) for log in marks), known)
    said = [
        fact._replace(replaces=" ".join(filter(None, (fact.replaces, *marks[str(fact.log_sha256)]))) or None)
        for fact in said
    ]
    if said:
        commits.write(snapshot.store, [facts_file(said)])


def purge(store: Store) -> None:
    """Write anew what holds logs that are forgotten, until nothing that counts does; replaced files stay for now.

    Raises:
        ArchiveError: where the archive cannot be read or written.
    """
    for _ in range(ROUNDS):
        round_ = Purge(Snapshot(store))
        if not round_.holding:
            return
        round_.write()


def holders(snapshot: Snapshot, dictionaries: Collection[str]) -> list[str]:
    """The commits with rows or bytes of logs that are forgotten, or some dictionaries; damaged ones are mended first."""
    if not (gone := snapshot.forgotten.logs):
        return []
    of_log, found = one_of("log_sha256", gone), set[str]()
    for table in (*DERIVED, "logs"):
        found |= set(snapshot.read(table, [COMMIT], of_log).column(0).to_pylist())
    index = snapshot.read("logs", ["pack"], of_log).column(0).to_pylist()
    found |= {path for path, commit in snapshot.live.items() if commit.files.keys() & set(index)}
    facts = snapshot.read("facts")
    names = schema_of("facts").names
    for fact, path in zip(facts.select(names).to_pylist(), facts.column(COMMIT).to_pylist(), strict=True):
        if snapshot.forgotten.holds(fact):
            found.add(path)
    found |= {path for path, commit in snapshot.live.items() if commit.files.keys() & set(dictionaries)}
    return sorted(
        path
        for path in found
        if path not in snapshot.too_new and not snapshot.unreadable & snapshot.live[path].files.keys()
    )


def telling(snapshot: Snapshot) -> list[str]:
    """The dictionaries in which stands what only logs said that are forgotten, and whose bytes are there."""
    texts = list(texts_of(snapshot, gone=True))
    return [path for path in snapshot.dictionaries if texts and tells(path, texts, snapshot)]


def tells(path: str, texts: Sequence[bytes], snapshot: Snapshot) -> bool:
    """Whether a word of a dictionary stands in some texts, and in no log that stays."""
    words = words_of(load(path, snapshot.store.url))
    left = texts_of(snapshot)
    for text in islice(left, LOOKED_AT):  # most words are in all logs
        words = {word for word in words if word not in text}
    words = {word for word in words if any(word in text for text in texts)}
    while words and (one := next(left, None)) is not None:
        words = {word for word in words if word not in one}
    return bool(words)


def texts_of(snapshot: Snapshot, *, gone: bool = False, few: int | None = None) -> Iterator[bytes]:
    """How the logs that stay begin, or those that are forgotten and still there; of many a few; what is lost is left out."""
    is_gone = one_of("log_sha256", snapshot.forgotten.logs)
    rows = snapshot.read("logs", only=is_gone if gone else ~is_gone).to_pylist()
    rows = [row for row in rows if row["kind"] == "log"]
    for row in rows[:: -(-len(rows) // few)] if few and rows else rows:
        with suppress(ArchiveError):
            yield packs.content_of(row, snapshot.store)[:BEGINNING]


class Purge:
    """Some commits written anew, as one, without the logs that are forgotten.

    Args:
        snapshot: in which these are forgotten.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot, self.gone = snapshot, snapshot.forgotten.logs
        self.telling = telling(snapshot) if self.gone else []  # dictionaries that go
        self.holding = holders(snapshot, self.telling)
        self.kept = {file: size for path in self.holding for file, size in snapshot.live[path].files.items()}
        self.forgets: list[str] = []
        self.fresh = trained(list(texts_of(snapshot, few=MOST))) if self.telling else None
        # Where each frame of a pack that is written anew lies now, as the table `logs` says it, by where it lay.
        self.moved: dict[tuple[str, int], tuple[str, int, int, str | None]] = {}

    def write(self) -> Commit:
        """Write it.

        Raises:
            ArchiveError: where the archive cannot be read or written; it is as it was then.
        """
        # The files are put while this is gone through, and only then it is known which were kept.
        return commits.write(self.snapshot.store, self.files(), self.holding, self.kept, self.forgets)

    def files(self) -> Iterator[tuple[str, bytes]]:
        """The files that take the place of others: packs first, as an index says where in them a log lies."""
        if self.fresh is not None:
            yield self.fresh.path, self.fresh.content
        for dictionary in self.telling:
            self.drop(dictionary)
        concerned = one_of("log_sha256", self.gone) | one_of("dictionary", self.telling)
        listed = self.snapshot.read("logs", ["pack"], concerned).column(0).to_pylist()
        for pack in sorted(set(listed) & self.kept.keys()):
            yield from self.without_forgotten(pack)
        named: dict[str, list[tuple[str, str]]] = {}
        for path, file in self.snapshot.named():
            if path in self.holding and table_at(file) in COLUMNS:
                named.setdefault(file, []).append((path, file))
        for file, pairs in named.items():
            table = table_at(file)
            # Of a log that is in several commits the rows of one count: here they become one commit.
            left = self.left(
                table, list(self.snapshot.parts(table, pairs if table in DERIVED else pairs[:1]))
            )
            path, content = parquet_file(table, left)
            if path != file:
                self.drop(file)
                if left.num_rows:
                    yield path, content

    def drop(self, file: str) -> None:
        del self.kept[file]
        if table_at(file) not in DERIVED:
            self.forgets.append(file)

    def without_forgotten(self, pack: str) -> Iterator[tuple[str, bytes]]:
        """A pack without the frames of logs that are forgotten; those that need a dictionary that goes are made anew."""
        store = self.snapshot.store
        content = store.get(pack)
        if digest_of(content) not in pack:
            todo = "first `logreport archive verify --repair`"
            raise ArchiveError("is damaged", source=store.name(pack), todo=todo)
        rows = self.snapshot.read("logs", only=one_of("pack", [pack])).to_pylist()
        stay = {row["pack_offset"]: row for row in rows if row["log_sha256"] not in self.gone}
        frames = []
        for start, row in sorted(stay.items()):
            frame, needed = content[start:][: row["packed_bytes"]], row["dictionary"]
            if needed in self.telling:
                text = packs.unpacked(frame, row, store)
                kept = packs.Kept(row["sha256"], row["bytes"], text, is_frame=False).packed(self.fresh)
                frame, needed = kept.content, kept.dictionary
            frames.append((start, frame, needed))
        path, left = packs.pack_of(frame for _, frame, _ in frames)
        offset = 0
        for start, frame, needed in frames:
            self.moved[pack, start] = path, offset, len(frame), needed
            offset += len(frame)
        self.drop(pack)
        if left:
            yield path, left

    def left(self, table: str, parts: list[Arrow]) -> Arrow:
        """The rows of a file that stay, of those that count; of the table `logs` with the places where the frames lie now."""
        import pyarrow as pa

        rows = pa.concat_tables([schema_of(table).empty_table(), *parts])
        if table != "logs":
            return rows
        rows = rows.filter(~one_of("log_sha256", self.gone))
        names = ["pack", "pack_offset", "packed_bytes", "dictionary"]
        places = [
            self.moved.get(place[:2], place) for place in zip(*columns_of(rows.select(names)), strict=True)
        ]
        for name, values in zip(names, zip(*places, strict=True), strict=False):
            at = rows.column_names.index(name)
            rows = rows.set_column(at, rows.schema.field(at), pa.array(values, rows.schema.field(at).type))
        return rows


def restore(snapshot: Snapshot, words: Sequence[str]) -> list[str]:
    """Bring back logs that are forgotten and whose bytes are still there, or there again with a copy.

    Args:
        snapshot: of the archive.
        words: how ids of their runs, or their SHA-256, begin; all of them where there is none.

    Raises:
        UsageError: where a word is the beginning of none, or of several.
        ArchiveError: where the archive cannot be read or written.
    """
    whole = dict[str, dict[str, int]]()
    for path, commit in snapshot.commits.items():
        if all(snapshot.sizes.get(file) == size for file, size in commit.files.items()):
            whole[path] = commit.files

    def rows(table: str, columns: list[str], only: Arrow = None) -> Arrow:
        pairs = [(path, file) for path, files in whole.items() for file in files if table_at(file) == table]
        return snapshot.dataset(table, pairs).to_table([*columns, COMMIT], only)

    of_log = one_of("log_sha256", snapshot.forgotten.logs)
    units = rows("runs", ["log_sha256", "run_id"], of_log).to_pylist()
    index = rows("logs", ["log_sha256", "pack"], of_log).to_pylist()
    index = [row for row in index if row["pack"] in snapshot.sizes]
    units += [{"log_sha256": row["log_sha256"], "run_id": None} for row in index]
    ids = {id_of(word, units, snapshot.store) for word in words}
    logs = {unit["log_sha256"] for unit in units if not words or ids & {unit["log_sha256"], unit["run_id"]}}
    logs &= {row["log_sha256"] for row in index}
    paths = {*{row["log_sha256"]: row[COMMIT] for row in index if row["log_sha256"] in logs}.values()}
    facts = rows("facts", schema_of("facts").names)
    for fact, path in zip(
        facts.drop_columns([COMMIT]).to_pylist(), facts.column(COMMIT).to_pylist(), strict=True
    ):
        if snapshot.forgotten.holds(fact) and fact["log_sha256"] in {None, *logs}:
            paths.add(path)
    at = now()
    said = news(
        (Fact(log, None, FORGOTTEN, None, None, at) for log in sorted(logs)), heads_of(snapshot.rows("facts"))
    )
    if said:
        for path in sorted(paths - snapshot.live.keys()):
            commits.write(snapshot.store, (), also=whole[path])
        commits.write(snapshot.store, [facts_file(said)])
    return sorted(logs)
