"""The engine: one regular expression over chunks of whole lines, everything between two matches handed on as a gap."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from logreport.grammar.emission import Leaf, Lowered

LINE_START = r"\n[ \t>]*"  # indentation and quoting are decoration of a line, not part of it
LINE_END = r"[ \t]*\r?(?=\n)"
BLOCK_LINES = 4  # a kind may span this many lines; so many are held back at the edge of a chunk


class Chunk(NamedTuple):
    """Whole lines of one source, each ending in `\\n`, and the number of each in its source."""

    text: bytes
    numbers: Sequence[int]


class Match(NamedTuple):
    """A recognised line or block: its line number, how many lines it spans, its kind and the raw field values."""

    line: int
    span: int
    leaf: Leaf
    values: tuple[bytes | None, ...]

    def fields(self) -> dict[str, object]:
        """The typed values of the fields that are there."""
        return dict(self.items())

    def items(self) -> Iterator[tuple[str, object]]:
        """Name and typed value of each field; a field written in several places takes the one that matched."""
        position = 0
        for name, dtype, groups in self.leaf.fields:
            values = self.values[position : position + len(groups)]
            position += len(groups)
            value = next((v for v in values if v is not None), None)
            if value is not None:
                yield name, CONVERT[dtype](value)


class Gap(NamedTuple):
    """Lines that no kind matched: `text` holds `\\n` before each of them."""

    line: int
    text: bytes
    numbers: Sequence[int]


class Scan(NamedTuple):
    """What one chunk held, in order; `chatter` counts lines of kinds without fields."""

    matches: list[Match]
    gaps: list[Gap]
    record_lines: list[int]
    chatter_lines: list[int]


class Engine:
    """Matches lines against all kinds at once.

    Args:
        lowered: the pattern of all kinds and where its paths end.
    """

    def __init__(self, lowered: Lowered) -> None:
        self.lowered = lowered
        self.pattern = re.compile(f"{LINE_START}(?:{lowered.pattern}){LINE_END}".encode())
        self.leaves = {
            # The empty group that ends the path is taken along, so that group() always returns a tuple.
            end: (leaf, (*(group for *_, groups in leaf.fields for group in groups), end))
            for end, leaf in lowered.leaves.items()
        }

    def scan(self, chunks: Iterable[Chunk]) -> Iterator[Scan]:
        """Scan chunks of one source; a block of lines is found also where two chunks meet."""
        held: Chunk | None = None
        for chunk in chunks:
            if held is not None:
                if isinstance(held.numbers, range) and isinstance(chunk.numbers, range):
                    numbers = range(held.numbers.start, chunk.numbers.stop)
                    chunk = Chunk(held.text + chunk.text, numbers)  # noqa: PLW2901 - the edge belongs to it
                else:
                    yield self.scan_all(held)
            scan, held = self.scan_body(chunk)
            if scan is not None:
                yield scan
        if held is not None:
            yield self.scan_all(held)

    def scan_body(self, chunk: Chunk) -> tuple[Scan | None, Chunk | None]:
        """Scan a chunk except for its last lines, which may begin a block."""
        cut = len(chunk.text) - 1
        for _ in range(BLOCK_LINES):
            cut = chunk.text.rfind(b"\n", 0, cut)
            if cut < 0:
                return None, chunk
        head = Chunk(chunk.text[: cut + 1], chunk.numbers)
        matches = self.matches(b"\n" + chunk.text)
        scan, end = self.collect(b"\n" + chunk.text, matches, chunk.numbers, len(head.text))
        lines = chunk.text.count(b"\n", 0, end)
        return scan, Chunk(chunk.text[end:], chunk.numbers[lines:])

    def scan_all(self, chunk: Chunk) -> Scan:
        """Scan a chunk to its end."""
        text = b"\n" + chunk.text
        return self.collect(text, self.matches(text), chunk.numbers, len(chunk.text))[0]

    def matches(self, text: bytes) -> Iterator[re.Match[bytes]]:
        """All matches in text that begins with `\\n`."""
        return self.pattern.finditer(text)

    def collect(
        self, text: bytes, found: Iterator[re.Match[bytes]], numbers: Sequence[int], limit: int
    ) -> tuple[Scan, int]:
        """Matches that begin before `limit` and the gaps between them; and where the next scan must begin.

        `text` has `\\n` before each line, and one at its end. This loop is the hot path of everything.
        """
        scan = Scan([], [], [], [])
        matches, gaps, record_lines, chatter_lines = scan
        leaves = self.leaves
        end = index = 0
        for match in found:
            start = match.start()
            if start >= limit:
                break
            if start != end:
                count = text.count(b"\n", end, start)
                gaps.append(Gap(numbers[index], text[end:start], numbers[index : index + count]))
                index += count
            end = match.end()
            span = text.count(b"\n", start, end)
            leaf, groups = leaves[match.lastindex or 0]
            lines = chatter_lines
            if leaf.fields:
                lines = record_lines
                matches.append(Match(numbers[index], span, leaf, match.group(*groups)))
            lines.extend(numbers[index : index + span])
            index += span
        if end < limit:
            count = text.count(b"\n", end, limit)
            if count:
                gaps.append(Gap(numbers[index], text[end:limit], numbers[index : index + count]))
            end = limit
        return scan, end


SIZES = {b"B": 0, b"K": 1, b"M": 2, b"G": 3, b"T": 4, b"P": 5}


def parse_bytes(value: bytes) -> int:
    """A size such as `3.94GiB`, `3422 MB` or `-1B` in bytes; TensorFlow's MB are 2**20 bytes.

    Source: HumanReadableNumBytes in tensorflow/core/lib/strings/numbers.cc; gpu_device.cc prints `bytes >> 20`.
    """
    number = re.match(rb"-?[0-9.]+", value)
    unit = re.search(rb"[A-Za-z]", value)
    power = SIZES[unit[0].upper()] if unit else 0
    return round(float(number[0] if number else 0) * 1024**power)


def parse_text(value: bytes) -> str:
    """Free text: UTF-8, else Latin-1, which every byte is; blanks at its ends are decoration."""
    try:
        return value.decode().strip()
    except UnicodeDecodeError:
        return value.decode("latin-1").strip()


def parse_int(value: bytes) -> int:
    """A whole number."""
    return int(value)


def parse_float(value: bytes) -> float:
    """A number; `nan` and `inf` are kept."""
    return float(value)


def parse_slug(value: bytes) -> str:
    """A name in our own spelling: `Forward-Backward` is `forward_backward`."""
    return re.sub(r"[^a-z0-9]+", "_", parse_text(value).lower())


CONVERT = {
    "int": parse_int,
    "float": parse_float,
    "bytes": parse_bytes,
    "timestamp": parse_text,
    "slug": parse_slug,
    "text": parse_text,
}
