"""The unit of work of `archive add`: read some inputs, put logs, tables and facts there, say what was done.

It is one picklable call that needs nothing but the names of inputs and writes what it made itself, so that it runs on
any executor: in this process, in worker processes, on a cluster.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import BytesIO
from itertools import accumulate, chain, islice
from pathlib import Path
from typing import NamedTuple

from logreport.archive.ingest.derive import derive, now
from logreport.archive.ingest.facts import Fact, facts_file, news, replacements, told
from logreport.archive.ingest.known_logs import KnownLogs, known_of
from logreport.archive.storage import commits, packs
from logreport.archive.storage.dictionaries import BEGINNING, LEAST, MOST, Dictionary, load, trained
from logreport.archive.storage.layout import ENDINGS, arrow_of_rows, one_of, parquet_file
from logreport.archive.storage.packs import Kept, keep, pack_of
from logreport.archive.storage.snapshot import Snapshot
from logreport.archive.storage.store import Store
from logreport.archive.storage.succession import FORGOTTEN
from logreport.errors import ArchiveError, LogreportError
from logreport.runs.telemetry import whole
from logreport.sources import Source, find_sources
from logreport.sources.decoding import decompressed, unreadable
from logreport.sources.finding import Found, find_files
from logreport.sources.names import RECORD, TELEMETRY, beside_of
from logreport.tables.secrets import hidden_name
from logreport.tables.tables import place_of
from logreport.workers.spreading import Totals, in_batches

KINDS = {ending: kind for kind, ending in ENDINGS.items()}
UNKNOWN_SIZE = 16_000  # bytes; behind most URLs nobody says it
LOOKED_AT = 16  # batches of new logs that a dictionary is made of


def batches_of(names: Iterable[str], errors: list[LogreportError]) -> Iterator[list[str]]:
    """Files behind names in batches, listed without opening any; a name with nothing behind it is an error."""
    for batch in in_batches(files_of(names, errors), lambda file: file.size or UNKNOWN_SIZE):
        yield [file.path for file in batch]


def files_of(names: Iterable[str], errors: list[LogreportError]) -> Iterator[Found]:
    """The files behind names, in order; the members of an archive stay together."""
    for found in find_files(names):
        if isinstance(found, LogreportError):
            errors.append(found)
        else:
            yield found


def dictionary_for(
    snapshot: Snapshot, batches: Iterator[list[str]]
) -> tuple[str | None, Iterator[list[str]]]:
    """The path of the dictionary for logs that are to be added, and their batches again.

    Where the archive has none and there are enough logs, in it and of the new ones together, one is made of some of
    them, and put there in a commit of its own.

    Raises:
        ArchiveError: where the archive cannot be read or written.
    """
    for path in snapshot.dictionaries:
        with suppress(ArchiveError):  # it is damaged, which `verify` says
            return load(path, snapshot.store.url).path, batches
    first = list(islice(batches, LOOKED_AT))
    names = [name for batch in first for name in batch if name != "-"]
    kept = [row for row in snapshot.rows("logs").to_pylist() if row["kind"] == "log"] if first else []
    logs = list[bytes]()
    if len(names) + len(kept) >= LEAST:
        chosen = [*names, *kept]
        for one in chosen[:: -(-len(chosen) // MOST)]:
            with suppress(LogreportError, OSError):
                logs += beginnings([one]) if isinstance(one, str) else [packs.content_of(one, snapshot.store)]
    made = trained(logs)
    if made is not None:
        commits.write(snapshot.store, [(made.path, made.content)])
    return made and made.path, chain(first, batches)


def beginnings(names: Sequence[str]) -> Iterator[bytes]:
    """How the logs behind some names begin; what cannot be read is left out, and named when it is added."""
    for source in islice(find_sources(names), MOST):
        if not isinstance(source, LogreportError):
            with source.open() as raw:
                yield decompressed(raw).read(BEGINNING)


@dataclass
class Added(Totals):
    """What was done; `extend` adds up several.

    Args:
        logs: logs that are new in the archive.
        known: logs that were there already.
        runs: runs in the new logs.
        size: bytes of the new logs.
        facts: tags, notes and further paths that are new.
        forgotten: logs that were left out, because they were forgotten.
        errors: inputs that could not be read or added.
    """

    logs: int = 0
    known: int = 0
    runs: int = 0
    size: int = 0
    facts: int = 0
    forgotten: int = 0
    errors: list[LogreportError] = field(default_factory=list)


class Item(NamedTuple):
    """A log on its way into the archive: as it is to be read, as it is to be kept, and what its runner kept beside it."""

    source: Source
    kept: Kept
    beside: Mapping[str, Kept]  # by kind: record, telemetry


@dataclass(frozen=True)
class Adding:
    """How to add logs; `work` does it.

    Args:
        url: the archive.
        moment: when the call began, ISO 8601 in UTC; each process looks up once what was there then.
        grammars: the user's folders of grammars.
        tags: of all logs.
        note: about all logs.
        restore: whether logs that were forgotten come back.
        dictionary: path of the one that logs are compressed with.
    """

    url: str
    moment: str = field(default_factory=lambda: datetime.now(UTC).isoformat())
    grammars: tuple[Path, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    note: str | None = None
    restore: bool = False
    dictionary: str | None = None

    def work(self, names: Sequence[str]) -> Added:
        """Add the logs behind some names; an input that cannot be read is an error beside the others.

        Raises:
            ArchiveError: where the archive cannot be read or written.
        """
        store, known, added = Store(self.url), known_of(self.url, self.moment), Added()
        items = self.items(names, added)
        for batch in in_batches(items, lambda item: item.kept.size, lambda item: place_of(item.source.name)):
            self.write(batch, store, known, added)
        return added

    def items(self, names: Sequence[str], added: Added) -> Iterator[Item]:
        """The logs behind some names, hashed and compressed; what cannot be read is noted."""
        for source in find_sources(names):
            try:
                if isinstance(source, LogreportError):
                    raise source
                yield item_of(source)
            except LogreportError as error:
                added.errors.append(error)

    def write(self, batch: Sequence[Item], store: Store, known: KnownLogs, added: Added) -> None:
        """Add one batch: what is new of it, in one commit."""
        forgotten = {item.kept.sha256 for item in batch if known.is_forgotten(item.kept.sha256)}
        if forgotten and not self.restore:
            batch = [item for item in batch if item.kept.sha256 not in forgotten]
        new, there, said = self.sift(batch, known)
        sources = [item.source for item in new.values()]
        digests = {place_of(item.source.name): sha256 for sha256, item in new.items()}
        made = derive(sources, digests, self.grammars, known.replaced_by(new))
        failed = {digests.get(place_of(error.source or "")) for error in made.errors}
        # The settings beside a log may be there as a log of their own: they are kept with it all the same.
        kept = [
            row
            for row in rows_to_keep(new, failed)
            if known.names(row.kept.sha256) is None or known.names(row.log_sha256) is None
        ]
        back = (forgotten & new.keys()) - failed
        said += [Fact(log, None, FORGOTTEN, None, None, now()) for log in sorted(back)]
        said = [fact for fact in said if fact.log_sha256 not in failed]
        said = news(said, known.facts(there | back)) if said else []
        if again := there & new.keys():  # a record came later: how its run is called may change
            before = known.snapshot.rows("runs", only=one_of("log_sha256", again))
            said += replacements(before, made.runs_of(again))
        dictionary = None if self.dictionary is None else load(self.dictionary, self.url)
        files = [*kept_files(kept, dictionary), *made.files(), *([facts_file(said)] if said else ())]
        if files:
            also = {} if dictionary is None or not kept else {dictionary.path: len(dictionary.content)}
            commits.write(store, files, also=also)
        known.add((row.kept.sha256, row.source) for row in kept)
        logs = [row for row in kept if row.kind == "log"]
        size = sum(row.kept.size for row in logs)
        left_out = 0 if self.restore else len(forgotten)
        said = [fact for fact in said if fact.kind != FORGOTTEN]
        added.extend(
            Added(len(logs), len(batch) - len(new), made.runs, size, len(said), left_out, made.errors)
        )

    def sift(self, batch: Sequence[Item], known: KnownLogs) -> tuple[dict[str, Item], set[str], list[Fact]]:
        """The logs that must be read, those that are there already, and what is to be said about any of them."""
        new: dict[str, Item] = {}
        there: set[str] = set()
        said: list[Fact] = []
        for item in batch:
            sha256, name = item.kept.sha256, item.source.name
            names = {new[sha256].source.name} if sha256 in new else known.names(sha256)
            said += told(sha256, None, self.tags, self.note)
            if names is not None:
                there.add(sha256)
                said += [] if name in names else [Fact(sha256, None, "source", None, name, now())]
            if names is None or any(known.names(kept.sha256) is None for kept in item.beside.values()):
                new[sha256] = item  # a record that came later tells more about the log
        return new, there, said


def item_of(source: Source) -> Item:
    """A source with its bytes in memory.

    Raises:
        SourceError: where it cannot be read.
    """
    try:
        with source.open() as raw:
            kept = keep(decompressed(raw))
        beside = {RECORD: source.record()}
        if beside[RECORD] is not None:
            beside[TELEMETRY] = whole(source.series())
    except LogreportError:
        raise
    except Exception as error:
        raise unreadable(source.name, error) from error
    name = hidden_name(source.name.encode("utf-8", "replace").decode())
    source = replace(source, name=name, open=lambda: BytesIO(kept.content), beside=beside.get)
    return Item(
        source, kept, {KINDS[end]: keep(BytesIO(text)) for end, text in beside.items() if text is not None}
    )


class KeptRow(NamedTuple):
    """Bytes that are to be kept: a log, or what is beside one."""

    log_sha256: str
    kind: str
    source: str
    kept: Kept


def rows_to_keep(items: Mapping[str, Item], failed: Collection[str | None]) -> Iterator[KeptRow]:
    """Each log that could be read, and what is beside it."""
    for sha256, item in items.items():
        if sha256 not in failed:
            yield KeptRow(sha256, "log", item.source.name, item.kept)
            for kind, kept in item.beside.items():
                yield KeptRow(sha256, kind, beside_of(item.source.name, ENDINGS[kind]), kept)


def kept_files(rows: Sequence[KeptRow], dictionary: Dictionary | None = None) -> Iterator[tuple[str, bytes]]:
    """The file that holds the bytes of some logs, and the Parquet file that says where each is in it."""
    if rows:
        rows = [row._replace(kept=row.kept.packed(dictionary)) for row in rows]
        path, content = pack_of(row.kept.content for row in rows)
        yield path, content
        yield index_file(path, rows)


def index_file(pack: str, rows: Sequence[KeptRow]) -> tuple[str, bytes]:
    """The Parquet file that says where each log is in a file."""
    lengths = [len(row.kept.content) for row in rows]
    at, offsets = now(), accumulate(lengths, initial=0)
    listed = (
        {
            **row._asdict(), "sha256": row.kept.sha256, "bytes": row.kept.size, "pack": pack, "pack_offset": offset,
            "packed_bytes": length, "added_at": at, "dictionary": row.kept.dictionary,
        }
        for row, length, offset in zip(rows, lengths, offsets, strict=False)
    )  # fmt: skip
    return parquet_file("logs", arrow_of_rows("logs", listed))
