"""The unit of work of `archive add`: read some inputs, put logs, tables and facts there, say what was done.

It is one picklable call that needs nothing but the names of inputs and writes what it made itself, so that it runs on
any executor: in this process, in worker processes, on a cluster.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from logreport.archive import commits
from logreport.archive.facts import Fact, facts_file, news
from logreport.archive.known import Known, known_of
from logreport.archive.layout import KEPT, arrow_of, parquet_of, table_path
from logreport.archive.making import derive, now, place_of
from logreport.archive.packs import Kept, keep, pack_of
from logreport.archive.store import Store
from logreport.errors import LogreportError, SourceError
from logreport.sources import Source, find_sources
from logreport.sources.decoding import decompressed, is_damage

BATCH = 16_000_000  # bytes of logs in one commit: enough to make few files, few enough to hold their tables in memory
MOST = 8192  # logs in one commit


@dataclass
class Added:
    """What was done; `extend` adds up several.

    Args:
        logs: logs that are new in the archive.
        known: logs that were there already.
        runs: runs in the new logs.
        size: bytes of the new logs.
        facts: tags, notes and further paths that are new.
        errors: inputs that could not be read or added.
    """

    logs: int = 0
    known: int = 0
    runs: int = 0
    size: int = 0
    facts: int = 0
    errors: list[LogreportError] = field(default_factory=list)

    def extend(self, other: "Added") -> None:
        """Add up."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


class Item(NamedTuple):
    """A log on its way into the archive: as it is to be read, and as it is to be kept."""

    source: Source
    kept: Kept


@dataclass(frozen=True)
class Adding:
    """How to add logs; `work` does it.

    Args:
        url: the archive.
        moment: when the call began, ISO 8601 in UTC; each process looks up once what was there then.
        grammars: the user's folders of grammars.
        tags: of all logs.
        note: about all logs.
    """

    url: str
    moment: str = field(default_factory=lambda: datetime.now(UTC).isoformat())
    grammars: tuple[Path, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    note: str | None = None

    def work(self, names: Sequence[str]) -> Added:
        """Add the logs behind some names; an input that cannot be read is an error beside the others.

        Raises:
            ArchiveError: where the archive cannot be read or written.
        """
        store, known, added = Store(self.url), known_of(self.url, self.moment), Added()
        for batch in batches(self.items(names, added)):
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

    def write(self, batch: Sequence[Item], store: Store, known: Known, added: Added) -> None:
        """Add one batch: what is new of it, in one commit."""
        new: dict[str, Item] = {}
        said: list[Fact] = []
        there = set()
        for item in batch:
            sha256, name = item.kept.sha256, item.source.name
            names = {new[sha256].source.name} if sha256 in new else known.names(sha256)
            said += self.facts_about(sha256, None if names is None or name in names else name)
            if names is None:
                new[sha256] = item
            else:
                there.add(sha256)
        made = derive(
            [item.source for item in new.values()],
            {place_of(item.source.name): sha256 for sha256, item in new.items()},
            self.grammars,
        )
        failed = {error.source for error in made.errors}
        good = {sha256: item for sha256, item in new.items() if item.source.name not in failed}
        said = [fact for fact in said if fact.log_sha256 in good or fact.log_sha256 not in new]
        if said:
            said = news(said, known.facts(there))
        files = [
            *(kept_files(good.values()) if good else ()),
            *made.files,
            *([facts_file(said)] if said else ()),
        ]
        if files:
            commits.write(store, files)
        known.add((sha256, item.source.name) for sha256, item in good.items())
        size = sum(item.kept.size for item in good.values())
        added.extend(Added(len(good), len(batch) - len(new), made.runs, size, len(said), made.errors))

    def facts_about(self, sha256: str, name: str | None) -> Iterator[Fact]:
        """What the user says about a log, and the name where it is another one."""
        if name is not None:
            yield Fact(sha256, None, "source", None, name, now())
        if self.note is not None:
            yield Fact(sha256, None, "note", None, self.note, now())
        for key, value in self.tags:
            yield Fact(sha256, None, "tag", key, value, now())


def item_of(source: Source) -> Item:
    """A source with its bytes in memory, compressed.

    Raises:
        SourceError: where it cannot be read.
    """
    try:
        with source.open() as raw:
            kept = keep(decompressed(raw))
    except Exception as error:
        if not is_damage(error) and not isinstance(error, OSError | EOFError | SourceError):
            raise
        what = (
            isinstance(error, OSError) and error.strerror
        ) or f"cannot be read ({error or 'it ends too soon'})"
        raise SourceError(what, source=source.name, todo="check it, or fetch it again") from error
    name = source.name.encode("utf-8", "replace").decode()
    return Item(dataclasses.replace(source, name=name, open=lambda: BytesIO(kept.content)), kept)


def batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Items in batches that can be read together: not too many, and no two whose rows could be mistaken."""
    batch: list[Item] = []
    places: set[str] = set()
    size = 0
    for item in items:
        place = place_of(item.source.name)
        if batch and (size + item.kept.size > BATCH or len(batch) == MOST or place in places):
            yield batch
            batch, places, size = [], set(), 0
        batch.append(item)
        places.add(place)
        size += item.kept.size
    if batch:
        yield batch


def kept_files(items: Iterable[Item]) -> Iterator[tuple[str, bytes]]:
    """The file that holds the bytes of some logs, and the Parquet file that says where each is in it."""
    columns: dict[str, list[Any]] = {column.name: [] for column in KEPT["logs"]}
    frames: list[bytes] = []
    offset, at = 0, now()
    for item in items:
        frame = item.kept.frame()
        row: Mapping[str, Any] = {
            "log_sha256": item.kept.sha256, "kind": "log", "sha256": item.kept.sha256, "source": item.source.name,
            "bytes": item.kept.size, "pack_offset": offset, "packed_bytes": len(frame), "added_at": at,
        }  # fmt: skip
        for name, values in columns.items():
            values.append(row.get(name))
        frames.append(frame)
        offset += len(frame)
    path, content = pack_of(frames)
    yield path, content
    columns["pack"] = [path] * len(frames)
    index = parquet_of(arrow_of("logs", columns))
    yield table_path("logs", index), index
