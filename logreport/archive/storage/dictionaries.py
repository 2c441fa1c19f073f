"""Dictionaries for zstd: what many logs of an archive share, so that it need not stand in each of them.

A dictionary is a file of the archive, named by its content, that each commit names whose packs need it; the row of a
log says which one its frame needs. So archives of different dictionaries can be merged, and two writers that make one
each at the same time disturb nobody. It is made of nothing but pieces of lines that several logs have in common.
"""

import functools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from typing import Any, NamedTuple

from logreport.archive.storage.store import Store, digest_of
from logreport.errors import ArchiveError

SIZE = 112_640  # bytes of a dictionary, at most; zstd's own choice
SHARE = 100  # how much larger than the dictionary what it is made of should be, as zstd advises
# Logs that it is made of; of twice as many it is twice as long, and frames are 0.4 % shorter.
LEAST, MOST = 200, 500
BEGINNING = 16_384  # bytes of each of these
SHARED = 3  # logs that have a piece of a line in common
_WORDS = re.compile(rb"(\s+)")
ENDING = ".dict"


class Dictionary(NamedTuple):
    """A dictionary: its path in the archive, and what zstd calls it."""

    path: str
    data: Any

    @property
    def content(self) -> bytes:
        """Its bytes, as they are kept."""
        content: bytes = self.data.as_bytes()
        return content


def is_dictionary(path: str) -> bool:
    return path.endswith(ENDING)


def dictionary_of(content: bytes) -> Dictionary:
    """A dictionary from its bytes."""
    import zstandard

    return Dictionary(f"logs/{digest_of(content)}{ENDING}", zstandard.ZstdCompressionDict(content))


def trained(logs: Sequence[bytes]) -> Dictionary | None:
    """A dictionary made of some logs; None where they are too few, or have too little in common."""
    import zstandard

    samples: list[Any] = list(filter(None, shared_pieces([log[:BEGINNING] for log in logs])))
    size = min(SIZE, sum(map(len, samples)) // SHARE)
    if len(logs) < LEAST or not samples:
        return None
    try:
        return dictionary_of(zstandard.train_dictionary(size, samples).as_bytes())
    except zstandard.ZstdError:  # it wants more, or larger ones
        return None


def shared_pieces(logs: Sequence[bytes]) -> Iterator[bytes]:
    """Each log without what stands in fewer than `SHARED` of them: first words, then pieces of lines between these."""
    words = [_WORDS.split(log) for log in logs]
    shared = shared_by(words)
    pieces = [list(pieces_of(own, shared)) for own in words]
    shared = shared_by(pieces)
    return (b"".join(filter(shared.__contains__, own)) for own in pieces)


def shared_by(logs: Iterable[Iterable[bytes]]) -> set[bytes]:
    """What stands in several of some logs."""
    counts = Counter(chain.from_iterable(map(set, logs)))
    return {text for text, count in counts.items() if count >= SHARED}


def pieces_of(words: Iterable[bytes], shared: set[bytes]) -> Iterator[bytes]:
    """The pieces of lines that consist of shared words."""
    for is_shared, run in groupby(words, shared.__contains__):
        if is_shared:
            yield from b"".join(run).splitlines(keepends=True)


def words_of(dictionary: Dictionary) -> set[bytes]:
    """What stands in a dictionary that could tell of a log."""
    return {word for word in dictionary.content.split() if len(word) > 3}


@functools.lru_cache(maxsize=8)
def load(path: str, url: str) -> Dictionary:
    """A dictionary of an archive.

    Raises:
        ArchiveError: where it is missing or damaged.
    """
    found = dictionary_of(Store(url).get(path))
    if found.path != path:
        raise ArchiveError(
            "is damaged: its content is not what its name says",
            source=Store(url).name(path),
            todo="copy it from another copy of the archive",
        )
    return found
