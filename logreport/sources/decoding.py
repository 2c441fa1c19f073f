"""From a source's bytes to UTF-8 or Latin-1 text: compression by its magic number, encodings by their byte order mark."""

import codecs
import io
import re
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from itertools import chain
from typing import IO, Any

from logreport.errors import LeftOut, SourceError
from logreport.sources.names import one_line

BLOCK = 1 << 20
# Shares of the first block that no text has: an ELF file is a third NUL, noise has 9 % of other control characters.
NUL_SHARE, CONTROL_SHARE, FEWEST_CONTROLS = 0.1, 0.03, 8
SHORT = 8192  # bytes of a block that is looked at byte by byte
CONTROL = bytes(set(range(1, ord(" "))) - set(b"\t\n\r\x0b\x0c\x1b\x08\x07") | {0x7F})
HOLE = re.compile(rb"\x00{256,}")  # where a crash, or who emptied a log that was being written, left nothing
# Bytes of it at the beginning: of a file, and of what may have no end, such as /dev/zero.
LARGEST_HOLE, HOLE_OF_A_STREAM = 1 << 30, 1 << 24
WIDE_SHARE, NARROW_SHARE, FEWEST_BYTES = 0.7, 0.05, 16  # NULs among the high and the low bytes of UTF-16
LARGEST = 1 << 30  # bytes that may come of little; a member of an archive never has more
RATIO = 1000  # of unpacked to packed: more than any log has

# What logreport itself has written, known by what stands in it: read again, its numbers would count twice.
_TABLES = rb"runs|phases|steps|devices|telemetry|samples|layers|environment|evaluations|published|findings|lines|records"
_FIRST = rb"run_id|source"  # the first column of every table
_NEXT = rb"source|phase|first_line|benchmark|value|unit|total|line|index|kind|name|key|step|severity|code|time|device"
# Of each kind what its texts begin with, one or the other of these, and the pattern of those beginnings.
_KINDS: dict[str, tuple[tuple[bytes, ...], bytes]] = {
    "a report of logreport": (
        (b"# ", b"<!DOCTYPE html>"),
        (
            rb"# [^\n]*\n\n\[//\]: # \"logreport report\"\n"
            rb"|<!DOCTYPE html>(?:(?!</head>)[\x00-\xff]){0,400000}?<meta name=\"generator\" content=\"logreport "
        ),
    ),
    "a comparison of logreport": (
        (b"**", b"{\n", b"Workload  ", b"Not compared:", b"nothing to compare"),
        rb"\*\*(?:[0-9]+ comparisons?|nothing to compare)[^\n]*\*\*\n|\{\n \"labels\": \{\n|Workload {2,}Device {2,}|Not compared:\n  |nothing to compare: the labels ",
    ),
    "a table of logreport": (
        (b"[//]: # ", b"run_id", b"source", b"device", b"| device", b'{"', b'[{"', b"no "),
        (
            rb"\[//\]: # \"logreport table\"\n"
            # CSV, text, JSON of whole tables, JSON lines
            rb"|(?:run_id,(?:source|first_line)|source,(?:value,unit|total,record|line,kind,run)|device,kind,logs,runs)[,\n]"
            rb"|(?:" + _FIRST + rb") {2,}(?:" + _NEXT + rb")(?: {2,}[a-z_0-9.]+)*\n"
            rb"|\{\"(?:" + _TABLES + rb")\": \[(?:\]|\{\"(?:" + _FIRST + rb")\": )"
            rb"|no (?:(?:" + _TABLES + rb") in these logs|devices|rows)\n\Z"
            rb"|run_id +[0-9a-f]{16}\nsource +|(?:\| )?device[ |]+kind[ |]+logs[ |]+runs[ |]"
            rb"|\[?\{\"run_id\":(?:\"[0-9a-f]+\"|null),\"(?:source|first_line)\":"
            rb"|\{\"source\":\"(?:[^\"\\]|\\.)*+\",\"(?:line\":[0-9]+,\"kind|value\":(?:[0-9.e+-]+|null),\"unit|total\":[0-9]+,\"record)\":"
        ),
    ),
    "what `logreport explain` printed": (
        (b" ", *(b"%d" % digit for digit in range(10))),
        rb" {0,5}[0-9]{1,9}  (?:record   |chatter  |blank    |prose    |malformed|unknown  )  ",
    ),
}


class Zstd:
    """A stream over zstd frames that notices, as the package's own does not, when the last one was cut off.

    Args:
        raw: the frames.
    """

    def __init__(self, raw: IO[bytes]) -> None:
        self.raw, self.close = raw, raw.close
        self.texts, self.text = self.unpacked(), memoryview(b"")

    def unpacked(self) -> Iterator[bytes]:
        """What is in the frames, piece by piece.

        Raises:
            EOFError: where the data ends within a frame.
        """
        import zstandard

        packed = self.raw.read(BLOCK)
        while packed:
            frame = zstandard.ZstdDecompressor().decompressobj()
            while not frame.eof:
                if not packed:
                    raise EOFError
                yield frame.decompress(packed)
                packed = frame.unused_data or self.raw.read(BLOCK)

    def read(self, size: int) -> bytes:
        """So many bytes at most; none at the end."""
        while not self.text and (text := next(self.texts, None)) is not None:
            self.text = memoryview(text)
        taken, self.text = bytes(self.text[:size]), self.text[size:]
        return taken


def opened_by(module: str, raw: IO[bytes]) -> Any:  # noqa: ANN401 - each has a type of its own
    """The stream over packed data that a module of the standard library gives."""
    return import_module(module).open(raw)


COMPRESSIONS: dict[bytes, Callable[[IO[bytes]], Any]] = {
    b"\x1f\x8b": partial(opened_by, "gzip"),
    b"BZh": partial(opened_by, "bz2"),
    b"\xfd7zXZ\x00": partial(opened_by, "lzma"),
    b"\x28\xb5\x2f\xfd": Zstd,
}
MAGIC = tuple(COMPRESSIONS)
MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def decoded(raw: IO[bytes], name: str, size: int) -> Iterator[bytes]:
    """Blocks of decompressed text as bytes, in UTF-8 where they say their encoding.

    Args:
        raw: the stream.
        name: of its source.
        size: of its source; 0 where nobody knows, as of a pipe.

    Raises:
        SourceError: for binary data, and for what logreport itself wrote.
    """
    stream = decompressed(raw)
    first, hole = stream.read(BLOCK), 0
    largest = LARGEST_HOLE if size else HOLE_OF_A_STREAM
    while first and not first.strip(b"\x00") and hole < largest:
        yield first
        hole += len(first)
        first = stream.read(BLOCK)
    if not first and not hole:
        return
    mark = next((mark for mark in MARKS if first.startswith(mark)), b"")
    first = first[len(mark) :]
    encoding = MARKS[mark] if mark else wide(first) if 0 in first else ""
    head = first.decode(encoding, "replace").encode("utf-8", "replace") if encoding else first
    is_empty = bool(head or hole) and not head.strip(b"\x00")
    if is_empty or (not mark and is_binary(head)):
        what = "holds nothing but NUL bytes" if is_empty else "is a binary file, not a log"
        raise SourceError(what, source=name, todo="name the text that the run printed")
    if kind := made_here(head):
        raise LeftOut(f"is {kind}", source=name, todo="left out")
    blocks = chain([first], iter(partial(stream.read, BLOCK), b""))
    if encoding in ("", "utf-8"):
        yield from blocks
    else:
        yield from (
            text.encode("utf-8", "replace") for text in codecs.iterdecode(blocks, encoding, "replace")
        )


def made_here(beginning: bytes) -> str | None:
    """What of logreport's a text is, by its beginning; None where it is none."""
    for kind, (openings, pattern) in _KINDS.items():
        if beginning.startswith(openings) and re.match(pattern, beginning):
            return kind
    return None


def unreadable(name: str, error: Exception) -> SourceError:
    """Whatever opening and unpacking raises, as an error about a source."""
    text = one_line(error)
    if isinstance(error, EOFError):
        return SourceError("ends in the middle of its compressed data", source=name)
    if is_damage(error):
        return SourceError(f"damaged compressed data ({text})", source=name, todo="fetch or pack it again")
    if isinstance(error, OSError):
        return SourceError(error.strerror or text, source=name, todo="check the path")
    return SourceError(f"cannot be read ({text})", source=name, todo="unpack it, and name what is in it")


def is_damage(error: Exception) -> bool:
    """Whether an error says that packed data is damaged; bz2 says so with an OSError that has no number."""
    import lzma
    import tarfile
    import zipfile
    import zlib

    return (
        isinstance(error, zlib.error | lzma.LZMAError | ValueError | zipfile.BadZipFile | tarfile.TarError)
        or (isinstance(error, OSError) and error.errno is None)
        or type(error).__module__.startswith("zstandard")
    )


def wide(block: bytes) -> str:
    """The encoding of UTF-16 without a mark, known by the NULs between its letters; empty where it is none."""
    even, odd = block[: BLOCK // 16 : 2], block[1 : BLOCK // 16 : 2]
    for encoding, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if len(block) >= FEWEST_BYTES and (
            high.count(0) > WIDE_SHARE * len(high) and low.count(0) < NARROW_SHARE * len(low)
        ):
            return encoding
    return ""


def decompressed(raw: IO[bytes]) -> io.BufferedReader:
    """The stream behind all layers of compression."""
    packed = stream = peekable(raw)
    for _ in range(3):
        opener = opener_of(stream)
        if opener is None:
            break
        stream = peekable(Unpacked(opener(stream), packed))
    return stream


def opener_of(stream: io.BufferedReader) -> Callable[[IO[bytes]], Any] | None:
    """What unpacks a stream; None where it is not compressed."""
    head = stream.peek(8)[:8]
    if not head.startswith(MAGIC):
        return None
    return next(opener for magic, opener in COMPRESSIONS.items() if head.startswith(magic))


class Unpacked(io.RawIOBase):
    """What a packer's stream gives, piece by piece: a fault behind a piece does not take it away.

    Args:
        stream: the text.
        packed: the bytes at the bottom, of which it is made.
    """

    def __init__(self, stream: IO[bytes], packed: io.BufferedReader) -> None:
        self.stream, self.packed, self.size = stream, packed, 0
        self.piece: Callable[[int], bytes] = getattr(stream, "read1", stream.read)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - typeshed's name for a buffer is private
        """Fill a buffer.

        Raises:
            ValueError: where endless text comes of a little data.
        """
        text = self.piece(len(buffer))
        buffer[: len(text)] = text
        self.size += len(text)
        if self.size > LARGEST and is_bomb(self.size, self.taken()):
            raise ValueError(BOMB)
        return len(text)

    def taken(self) -> int:
        """How many bytes the text was made of; as many as it has where nobody knows, as of a pipe."""
        try:
            return self.packed.tell()
        except OSError:
            return self.size

    def close(self) -> None:
        self.stream.close()
        super().close()


BOMB = f"it unpacks to more than {RATIO:,} times its size"


def is_bomb(size: int, packed: int) -> bool:
    """Whether so much cannot honestly come of so little."""
    return size > LARGEST and size > RATIO * packed


def peekable(raw: Any) -> io.BufferedReader:  # noqa: ANN401 - typeshed has no one type for what can be buffered
    """A stream whose first bytes can be looked at."""
    return raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(raw, BLOCK)


def is_binary(block: bytes) -> bool:
    """Whether a block holds more control characters than any text does; a few NUL bytes in a log, or holes, are damage."""
    nuls = 0
    if 0 in block:
        block = HOLE.sub(b"", block).rstrip(b"\x00")
        nuls = block.count(0)
    few = block
    if len(block) > SHORT:  # among few bytes the controls are looked for: byte by byte that takes longer
        import numpy as np

        signs = np.frombuffer(block, np.uint8)
        few = signs[np.flatnonzero((signs < ord(" ")) | (signs == ord("\x7f")))].tobytes()
    controls = len(few) - len(few.translate(None, CONTROL))
    return controls + nuls > NUL_SHARE * len(block) or controls > CONTROL_SHARE * len(block) + FEWEST_CONTROLS
