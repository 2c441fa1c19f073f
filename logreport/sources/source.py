"""One source of lines: its name as the user wrote it, and its text as chunks of whole lines with their numbers."""

import functools
import hashlib
import io
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from logreport.errors import LogreportError, SourceError
from logreport.sources.cleaning import Markup, clean
from logreport.sources.cut_lines import ABOVE, marked
from logreport.sources.decoding import decoded, unreadable
from logreport.sources.encoded import Lines, Mail, Notebook, decoder_for
from logreport.sources.names import (
    DOCUMENTS,
    FENCED,
    LINES,
    PAGES,
    RECORD,
    SETTINGS,
    SHEETS,
    TELEMETRY,
    beside_of,
    ending_of,
    is_metrics,
)
from logreport.sources.table_markup import SHEET_HEAD

NEWLINE, RETURN = b"\n\r"
LONGEST_LINE = 1 << 20  # bytes; what is longer is kept as unknown, without its tail
LONGEST_NOTEBOOK = 1 << 28  # the same of a notebook, which may be all on one line, with its pictures


def nothing_beside(_ending: str) -> None:
    """Say that no file is beside a source."""


@dataclass
class Source:
    """A source that can be read once more each time it is opened.

    Args:
        name: as given, as text; `path!member` for a member of an archive.
        open: gives a binary stream of its bytes.
        beside: gives the bytes of what a runner keeps beside it, by how its name ends; None where it is not there, and an
            error where it cannot be read.
        path: of the file or URL that it is; empty where it has none of its own.
    """

    name: str
    open: Callable[[], IO[bytes]]
    size: int = 0
    sha256: str = ""
    line_count: int = 0
    notes: list[tuple[str, int | None, str]] = field(default_factory=list)  # (finding code, line, detail)
    beside: Callable[[str], bytes | None] = nothing_beside
    path: str = ""

    @property
    def record_name(self) -> str:
        """The name of the record that a runner keeps beside this log, if it is the log of a runner."""
        is_own = not is_metrics(self.name) or self.beside(RECORD) is not None
        return beside_of(self.name, RECORD if is_own else SETTINGS)

    def record(self) -> bytes | None:
        """What is in that record, or in the settings beside a log of measurements; None where there is none.

        Raises:
            SourceError: where it cannot be read.
        """
        found = None if self.is_document else self.beside(RECORD)
        if found is None and is_metrics(self.name):
            found = self.beside(SETTINGS)
            if found is not None and not (found.startswith(b"{") and b'"model_name"' in found):
                return None  # of this name are logs of all sorts
        return found

    @property
    def has_record(self) -> bool:
        """Whether there is one, be it one that cannot be read."""
        try:
            return self.record() is not None
        except SourceError:
            return True

    def series(self) -> bytes | None:
        """The series of what its devices did, which is beside a record; None where there is none.

        Raises:
            SourceError: where it cannot be read.
        """
        return None if self.is_document else self.beside(TELEMETRY) or self.beside(LINES)

    @functools.cached_property
    def is_document(self) -> bool:
        """Whether prose may stand around its logs, by the ending of its name, or it is a sheet of results, by its head, too.

        What has no size may be a pipe, which gives its text once: it is read as a log.
        """
        ending = ending_of(self.name)
        is_sheet = ending in SHEETS and self.size > 0 and SHEET_HEAD.match(self.beginning()) is not None
        return is_sheet or ending in DOCUMENTS

    def beginning(self) -> bytes:
        """The first block; nothing where it cannot be read."""
        try:
            return next(self.blocks(), b"")
        except LogreportError:
            return b""

    @property
    def is_prose(self) -> bool:
        """Whether all that stands outside the fences of this document is prose: a format that has fences."""
        return ending_of(self.name) in FENCED

    def chunks(self) -> Iterator[Lines]:
        """Chunks `(text, numbers)`: whole lines, each ending in a newline, and the number of each in the source.

        Raises:
            SourceError: where the source cannot be read, is binary, or is empty and has no record.
        """
        self.notes.clear()
        self.line_count = 0
        reader: Notebook | Mail | None = None
        markup = Markup(page=ending_of(self.name) in PAGES) if self.is_document else None
        for text, ended in self.whole_lines():
            numbers = range(self.line_count + 1, self.line_count + 1 + max(ended, 1))
            if not text.isascii():
                self.check_encoding(text, self.line_count)
            if not self.line_count:
                reader = decoder_for(self.name, text)
            self.line_count += ended
            read = reader.read(text, numbers) if reader else (text, numbers)
            yield self.cleaned(*read, markup)
        if reader:
            self.notes += reader.notes
            text, found = reader.rest()
            if found:
                yield self.cleaned(text, found, markup)
        # A run of which nothing but its record is left is a run; settings alone are none.
        if not self.line_count and (is_metrics(self.name) or not self.has_record):
            raise SourceError(
                "is empty", source=self.name, todo="was the run killed before it printed anything?"
            )

    def whole_lines(self) -> Iterator[tuple[bytes, int]]:
        """The text in pieces of whole lines, and how many lines of the source end in each; one that does not end is cut off.

        A piece in which none ends is a part of a line, and counts as one.
        """
        digest = hashlib.sha256()
        held: list[bytes] = []
        longest = LONGEST_NOTEBOOK if ending_of(self.name) == ".ipynb" else LONGEST_LINE
        length = 0
        above = b""
        for block in line_feeds(hashed(self.blocks(), digest)):
            text = block.replace(b"\x00", b"")  # of a crash: no text, and no line is long because of it
            cut = text.rfind(b"\n") + 1
            if cut:
                whole = b"".join((*held, text[:cut]))
                yield whole, newlines_in(whole)
                held, length, above = [], 0, whole[-ABOVE:]
            held.append(text[cut:])
            length += len(held[-1])
            if length > longest:
                rest = b"".join(held)
                if returns := rest.rfind(b"\r", 0, -1) + 1:
                    yield rest[: returns - 1] + b"\n", 0
                    rest = rest[returns:]
                held = [self.shorten(rest, self.line_count + 1, longest) if len(rest) > longest else rest]
                length = len(held[0])
        if length:
            last = b"".join(held)
            yield (last if self.is_document else marked(last, above)) + b"\n", 1
        self.sha256 = digest.hexdigest()

    def blocks(self) -> Iterator[bytes]:
        """The bytes as blocks of text; whatever is wrong with them is one error.

        Raises:
            SourceError: where they cannot be read, or are no text.
        """
        try:
            with self.open() as raw:
                yield from decoded(raw, self.name, self.size)
        except LogreportError:
            raise
        except Exception as error:
            raise unreadable(self.name, error) from error

    def cleaned(self, text: bytes, numbers: Sequence[int], markup: Markup | None) -> Lines:
        """Lines without what terminals and web pages put around their text."""
        return clean(text if markup is None else markup.take_out(text), numbers)

    def check_encoding(self, text: bytes, count: int) -> None:
        """Say once where a source is not UTF-8; each field that is not is read as Latin-1."""
        try:
            text.decode()
        except UnicodeDecodeError as error:
            if not any(code == "encoding" for code, _, _ in self.notes):
                line = count + text.count(b"\n", 0, error.start) + 1
                self.notes.append(("encoding", line, "what is no UTF-8 was read as Latin-1"))

    def shorten(self, held: bytes, number: int, longest: int) -> bytes:
        """Keep the beginning of a line that does not end, and say so once."""
        if not any(code == "line-too-long" and line == number for code, line, _ in self.notes):
            self.notes.append(("line-too-long", number, f"only its first {longest:,} bytes were read"))
        return held[:longest]


def newlines_in(text: bytes) -> int:
    """How many newlines there are; numpy takes a fifth of the time that counting byte by byte does."""
    import numpy as np

    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == NEWLINE))


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
        if NEWLINE in block or sum(map(len, start)) > LONGEST_LINE:
            break
    head = b"".join(start)
    if NEWLINE in head[:LONGEST_LINE] or RETURN not in head[:LONGEST_LINE]:
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


def memory_source(
    name: str, content: bytes, beside: Callable[[str], bytes | None] = nothing_beside
) -> Source:
    """A source that is already in memory."""
    return Source(name, lambda: io.BytesIO(content), len(content), beside=beside)
