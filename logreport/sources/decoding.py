"""From a source's bytes to UTF-8 or Latin-1 text: compression by its magic number, encodings by their byte order mark."""

import bz2
import codecs
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING, Any, cast

from logreport.errors import SourceError

if TYPE_CHECKING:
    from logreport.sources.source import Source

BLOCK = 1 << 20
# Shares of the first block that no text has: an ELF file is a third NUL, noise has 9 % of other control characters.
NUL_SHARE, CONTROL_SHARE, FEWEST_CONTROLS = 0.1, 0.03, 8
CONTROL = bytes(set(range(1, 32)) - set(b"\t\n\r\x0b\x0c\x1b\x08\x07") | {127})


class Zstd(io.RawIOBase):
    """A stream over zstd frames that notices, as the package's own does not, when the last one was cut off.

    Args:
        raw: the frames.
    """

    def __init__(self, raw: IO[bytes]) -> None:
        import zstandard

        self.raw, self.decompressor = raw, zstandard.ZstdDecompressor()
        self.frame: Any = None
        self.text = memoryview(b"")

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - typeshed's name for a buffer is private
        """Fill a buffer.

        Raises:
            EOFError: where the data ends within a frame.
        """
        while not self.text:
            packed = (self.frame.unused_data if self.frame and self.frame.eof else b"") or self.raw.read(
                BLOCK
            )
            if not packed and self.frame and not self.frame.eof:
                raise EOFError
            if not packed:
                return 0
            if self.frame is None or self.frame.eof:
                self.frame = self.decompressor.decompressobj()
            self.text = memoryview(self.frame.decompress(packed))
        size = min(len(buffer), len(self.text))
        buffer[:size] = self.text[:size]
        self.text = self.text[size:]
        return size


def zstd(raw: IO[bytes]) -> IO[bytes]:
    """A stream over zstd data."""
    return cast(IO[bytes], Zstd(raw))


def gunzip(raw: IO[bytes]) -> IO[bytes]:
    """A stream over gzip data."""
    return cast(IO[bytes], gzip.GzipFile(fileobj=raw, mode="rb"))


COMPRESSIONS: dict[bytes, Callable[[IO[bytes]], IO[bytes]]] = {
    b"\x1f\x8b": gunzip,
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
    b"\x28\xb5\x2f\xfd": zstd,
}
MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def decoded(raw: IO[bytes], source: "Source") -> Iterator[bytes]:
    """Blocks of decompressed text as bytes, in UTF-8 where the source says its encoding.

    Raises:
        SourceError: for damaged compression and for binary data.
    """
    try:
        stream = decompressed(raw)
        first = stream.read(BLOCK)
        if not first:
            return
        mark = next((mark for mark in MARKS if first.startswith(mark)), b"")
        refuse_binary(first, mark, source.name)
        blocks = rest_of(stream, first[len(mark) :])
        yield from recoded(blocks, MARKS[mark]) if MARKS.get(mark, "utf-8") != "utf-8" else blocks
    except Exception as error:
        if not is_damage(error):
            raise
        raise SourceError(
            f"damaged compressed data ({error})", source=source.name, todo="fetch or pack it again"
        ) from error


def is_damage(error: Exception) -> bool:
    """Whether an error says that compressed data is damaged; bz2 says so with an OSError that has no number."""
    return (
        isinstance(error, zlib.error | lzma.LZMAError | ValueError)
        or (isinstance(error, OSError) and error.errno is None)
        or type(error).__module__.startswith("zstandard")
    )


def rest_of(stream: IO[bytes], first: bytes) -> Iterator[bytes]:
    """The first block and all that follow."""
    yield first
    while block := stream.read(BLOCK):
        yield block


def recoded(blocks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Blocks of UTF-16 as UTF-8."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for block in blocks:
        yield decoder.decode(block).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def decompressed(raw: IO[bytes]) -> IO[bytes]:
    """The stream behind all layers of compression."""
    stream = peekable(raw)
    for _ in range(3):
        head = stream.peek(8)[:8]
        opener = next((opener for magic, opener in COMPRESSIONS.items() if head.startswith(magic)), None)
        if opener is None:
            return stream
        stream = peekable(opener(stream))
    return stream


def peekable(raw: Any) -> io.BufferedReader:  # noqa: ANN401 - typeshed has no one type for what can be buffered
    """A stream whose first bytes can be looked at."""
    return raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(raw, BLOCK)


def refuse_binary(block: bytes, mark: bytes, name: str) -> None:
    """Stop at the first block of what is no text."""
    if not mark and is_binary(block):
        raise SourceError(
            "is a binary file, not a log", source=name, todo="name the text that the run printed"
        )


def is_binary(block: bytes) -> bool:
    """Whether a block holds more control characters than any text does; a few NUL bytes in a log are damage."""
    controls = len(block) - len(block.translate(None, CONTROL))
    return (
        controls + block.count(0) > NUL_SHARE * len(block)
        or controls > CONTROL_SHARE * len(block) + FEWEST_CONTROLS
    )
