"""One source of lines: its name as the user wrote it, and its text as chunks of whole lines with their numbers."""

import hashlib
import io
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO, Any

from logreport.errors import SourceError
from logreport.sources.cleaning import Markup, clean
from logreport.sources.decoding import decoded

LONGEST_LINE = 1 << 20  # bytes; what is longer is kept as unknown, without its tail
RECORD = ".run.json"  # ends the name of the record beside a log: what its runner knows of the run
COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
DOCUMENTS = {".md", ".markdown", ".rst", ".html", ".htm", ".ipynb", ".txt", ".adoc", ".js", ".json", ".cast"}
Lines = tuple[bytes, Sequence[int]]


def nothing_beside(_path: str) -> None:
    """Say that no file is beside a source."""


@dataclass
class Source:
    """A source that can be read once more each time it is opened.

    Args:
        name: as given; `path!member` for a member of an archive.
        open: gives a binary stream of its bytes.
        beside: gives the bytes of a file beside it, by the name of that file's path; None where it is not there.
    """

    name: str
    open: Callable[[], IO[bytes]]
    size: int = 0
    sha256: str = ""
    line_count: int = 0
    notes: list[tuple[str, int | None, str]] = field(default_factory=list)  # (finding code, line, detail)
    beside: Callable[[str], bytes | None] = nothing_beside

    @property
    def record_name(self) -> str:
        """The name of the record that a runner keeps beside this log, if it is the log of a runner."""
        folder, slash, name = plain_name(self.name).rpartition("/")
        return folder + slash + (name.rpartition(".")[0] or name) + RECORD

    def record(self) -> bytes | None:
        """What is in that record; None where there is none."""
        return None if self.is_document else self.beside(self.record_name)

    @property
    def is_document(self) -> bool:
        """Whether prose may stand around its logs: known by the ending of its name."""
        return PurePosixPath(plain_name(self.name)).suffix.lower() in DOCUMENTS

    @property
    def is_prose(self) -> bool:
        """Whether all that stands outside the fences of this document is prose: a format that has fences."""
        return self.name.lower().endswith((".md", ".markdown", ".rst", ".html", ".htm", ".ipynb"))

    def chunks(self) -> Iterator[Lines]:
        """Chunks `(text, numbers)`: whole lines, each ending in a newline, and the number of each in the source.

        Raises:
            SourceError: where the source cannot be read, is binary, or is empty and has no record.
        """
        digest, count, held = hashlib.sha256(), 0, b""
        page = self.name.lower().endswith((".html", ".htm"))
        markup = Markup(page=page) if self.is_document else None
        self.notes.clear()
        try:
            with self.open() as raw:
                blocks = hashed(decoded(raw, self), digest)
                for block in line_feeds(blocks):
                    text = held + block
                    cut = text.rfind(b"\n") + 1
                    held = text[cut:]
                    if cut:
                        lines, count = self.numbered(text[:cut], count, markup)
                        yield lines
                    if len(held) > LONGEST_LINE:
                        if returns := held.rfind(b"\r", 0, -1) + 1:
                            yield self.numbered(held[: returns - 1] + b"\n", count, markup)[0]
                            held = held[returns:]
                        held = self.shorten(held, count + 1)
        except OSError as error:
            raise SourceError(
                error.strerror or str(error), source=self.name, todo="check the path"
            ) from error
        except EOFError as error:
            raise SourceError("ends in the middle of its compressed data", source=self.name) from error
        if held:
            lines, count = self.numbered(held + b"\n", count, markup)
            yield lines
        self.sha256, self.line_count = digest.hexdigest(), count
        if not count and self.record() is None:  # a run of which nothing but its record is left is a run
            raise SourceError(
                "is empty", source=self.name, todo="was the run killed before it printed anything?"
            )

    def numbered(self, text: bytes, count: int, markup: Markup | None) -> tuple[Lines, int]:
        """Clean a chunk; the numbers of its lines go on from `count`."""
        if not text.isascii():
            self.check_encoding(text, count)
        lines = clean(text if markup is None else markup.take_out(text), count + 1)
        return lines, count + text.count(b"\n")

    def check_encoding(self, text: bytes, count: int) -> None:
        """Say once where a source is not UTF-8; each field that is not is read as Latin-1."""
        try:
            text.decode()
        except UnicodeDecodeError as error:
            if not any(code == "encoding" for code, _, _ in self.notes):
                line = count + text.count(b"\n", 0, error.start) + 1
                self.notes.append(("encoding", line, "what is no UTF-8 was read as Latin-1"))

    def shorten(self, held: bytes, number: int) -> bytes:
        """Keep the beginning of a line that does not end, and say so once."""
        if not any(code == "line-too-long" and line == number for code, line, _ in self.notes):
            self.notes.append(("line-too-long", number, f"only its first {LONGEST_LINE:,} bytes were read"))
        return held[:LONGEST_LINE]


def hashed(blocks: Iterator[bytes], digest: Any) -> Iterator[bytes]:  # noqa: ANN401 - hashlib's type is private
    """The blocks, each taken into a hash."""
    for block in blocks:
        digest.update(block)
        yield block


def line_feeds(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks with line feeds for carriage returns, where these end the lines: no line feed is in sight.

    Old Macs and some browsers' clipboards write such texts. Elsewhere a bare carriage return begins a line anew.
    """
    start: list[bytes] = []
    for block in blocks:
        start.append(block)
        if b"\n" in block or sum(map(len, start)) > LONGEST_LINE:
            break
    head = b"".join(start)
    if b"\n" in head[:LONGEST_LINE] or b"\r" not in head[:LONGEST_LINE]:
        yield head
        yield from blocks
        return
    held = b""
    for block in itertools.chain([head], blocks):
        text = held + block
        held = b"\r" if text.endswith(b"\r") else b""
        yield text[: len(text) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if held:
        yield b"\n"


def plain_name(name: str) -> str:
    """The name of a file, or of a member in its archive, without the endings of compression."""
    name = name.rpartition("!")[2] or name
    for ending in COMPRESSED:
        name = name.removesuffix(ending)
    return name


def memory_source(
    name: str, content: bytes, beside: Callable[[str], bytes | None] = nothing_beside
) -> Source:
    """A source that is already in memory."""
    return Source(name, lambda: io.BytesIO(content), len(content), beside=beside)
