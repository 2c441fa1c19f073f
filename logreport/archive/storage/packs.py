"""Raw logs: many in one file, each a zstd frame of its own; `zstd -d` of such a file gives all of them."""

import functools
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any, NamedTuple

from logreport.archive.storage.dictionaries import Dictionary, load
from logreport.archive.storage.store import Store, digest_of
from logreport.errors import ArchiveError

LEVEL = 9  # of zstd's 1 to 22: with a dictionary a seventh less than at 6, at little cost
LARGE = 4 << 20  # bytes that are held in memory as they are


class Kept(NamedTuple):
    """A log or record on its way in: SHA-256 and number of its bytes, and these, compressed if they are many.

    `dictionary` is the path of the one that its frame needs.
    """

    sha256: str
    size: int
    content: bytes
    is_frame: bool
    dictionary: str | None = None

    def packed(self, dictionary: Dictionary | None = None) -> "Kept":
        """The same, compressed."""
        if self.is_frame:
            return self
        content = compressor(dictionary).compress(self.content)
        return self._replace(content=content, is_frame=True, dictionary=dictionary and dictionary.path)


@functools.lru_cache(maxsize=8)
def compressor(dictionary: Dictionary | None = None) -> Any:  # noqa: ANN401 - zstandard is imported late
    """What makes frames that notice damage themselves."""
    import zstandard

    if dictionary is None:
        return zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
    dictionary.data.precompute_compress(level=LEVEL)  # else for each log anew
    return zstandard.ZstdCompressor(level=LEVEL, write_checksum=True, dict_data=dictionary.data)


def keep(stream: IO[bytes]) -> Kept:
    """Hash a stream; of a large one only the compressed form is held in memory."""
    first = stream.read(LARGE)
    if len(first) < LARGE:
        return Kept(digest_of(first), len(first), first, is_frame=False)
    digest, size = hashlib.sha256(), 0
    frame = compressor().compressobj()
    parts, block = [], first
    while block:
        digest.update(block)
        size += len(block)
        parts.append(frame.compress(block))
        block = stream.read(LARGE)
    return Kept(digest.hexdigest(), size, b"".join((*parts, frame.flush())), is_frame=True)


def pack_of(frames: Iterable[bytes]) -> tuple[str, bytes]:
    """Path and content of the file that holds some frames, one behind the other."""
    content = b"".join(frames)
    return f"logs/{digest_of(content)}.zst", content


def frames_of(
    content: bytes, dictionaries: Iterable[Dictionary] = ()
) -> Iterator[tuple[bytes, bytes, str | None]]:
    """The frames in a file, each with the bytes behind it and the path of the dictionary that it needs."""
    import zstandard

    known = {one.data.dict_id(): one for one in dictionaries}
    while content:
        needed = known.get(zstandard.get_frame_parameters(content).dict_id)
        frame = zstandard.ZstdDecompressor(dict_data=needed and needed.data).decompressobj()
        text = frame.decompress(content)
        rest = frame.unused_data
        yield content[: len(content) - len(rest)], text, needed and needed.path
        content = rest


def content_of(row: Mapping[str, Any], store: Store) -> bytes:
    """The bytes of a log or record, by its row in the table `logs`.

    Raises:
        ArchiveError: where they cannot be read, or are not what was added.
    """
    start = row["pack_offset"]
    return unpacked(store.get(row["pack"], start, start + row["packed_bytes"]), row, store)


def unpacked(frame: bytes, row: Mapping[str, Any], store: Store) -> bytes:
    """The bytes behind a frame.

    Raises:
        ArchiveError: where they are not what was added, or the dictionary is lost that they need.
    """
    import zstandard

    needed = load(row["dictionary"], store.url).data if row.get("dictionary") else None
    try:
        content = zstandard.ZstdDecompressor(dict_data=needed).decompressobj().decompress(frame)
    except zstandard.ZstdError:
        content = b""
    if digest_of(content) != row["sha256"]:
        raise ArchiveError(
            f"the {row['kind']} {row['sha256'][:16]} ({row['source']}) is damaged",
            source=store.name(row["pack"]),
            todo="add it again, or copy this file from another copy of the archive",
        )
    return content
