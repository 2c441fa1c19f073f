"""Texts that stand encoded in others, line by line: the strings of a notebook, and the parts of a mail.

What is decoded keeps the numbers of the lines that it stands in: all pieces of one line have one number, and a line
whose text went to the one before it is an empty one, so that every line is accounted for.
"""

import binascii
import contextlib
import json
import quopri
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from logreport.sources.cleaning import without_markup
from logreport.sources.names import ending_of

if TYPE_CHECKING:
    from email.message import Message

Numbered = tuple[int, bytes]
Lines = tuple[bytes, Sequence[int]]


def decoder_for(name: str, beginning: bytes) -> "Notebook | Mail | None":
    """What reads a source with this name and beginning; None where its lines are its text."""
    ending = ending_of(name)
    if ending == ".ipynb":
        return Notebook()
    return Mail() if ending in MAILS or MAIL.match(beginning) else None


def lines_of(found: Sequence[Numbered]) -> Lines:
    """Pieces as whole lines and their numbers."""
    return b"".join(piece + b"\n" for _, piece in found), [number for number, _ in found]


STRING = re.compile(rb'"((?:[^"\\\n]|\\.)*+)"([ \t]*:)?')
ALONE = re.compile(rb'[ \t]*"(?:[^"\\\n]|\\.)*+"[ \t]*,?[ \t\r]*')
# What people wrote and programs printed; everything else, such as a picture, is the notebook's own.
SHOWN = {b"source", b"text", b"text/plain", b"traceback", b"evalue"}


class Notebook:
    """A notebook whose lines hold more than one line of text: strings of several lines, or all of it on one line.

    A line that is one string of one line is a line as it stands: the grammars' engine reads it.
    """

    def __init__(self) -> None:
        self.notes: list[tuple[str, int | None, str]] = []

    def read(self, text: bytes, numbers: range) -> Lines:
        """The lines in the strings of some lines."""
        found: list[Numbered] = []
        for number, line in zip(numbers, text.split(b"\n"), strict=False):
            pieces = [line] if ALONE.fullmatch(line) else list(pieces_of(line, SHOWN)) or [line]
            found += [(number, piece) for piece in pieces]
        return lines_of(found)

    def rest(self) -> Lines:
        """Nothing: a string ends on its line."""
        return b"", []


# What a program printed, where whoever started it keeps it as one string; Ansible may write it once more, line by line.
OUTPUT = {b"stdout", b"stderr", b"output", b"log", b"logs", b"msg", b"message"}
LISTED = re.compile(rb'"(stdout|stderr)_lines":[ \t]*\[[ \t\r]*\n')


def with_output(chunk: Lines) -> Lines:
    """Lines of a document of JSON with those that a program printed in the place of the strings that hold several."""
    text, numbers = chunk
    if b"\\n" not in text:
        return chunk
    keys = OUTPUT - set(LISTED.findall(text))
    found: list[Numbered] = []
    for number, line in zip(numbers, text.split(b"\n"), strict=False):
        has_several = any(b"\\n" in match[1].removesuffix(b"\\n") for match in STRING.finditer(line))
        pieces = list(pieces_of(line, keys)) if has_several else []
        found += [(number, piece) for piece in pieces or [line]]
    return lines_of(found)


def pieces_of(line: bytes, keys: Collection[bytes]) -> Iterator[bytes]:
    """The lines in those strings of a line of JSON that are text, by their keys."""
    key = b""
    for match in STRING.finditer(line):
        if match[2]:
            key = match[1]
        elif key in keys:
            try:
                text = json.loads(match[0])
            except ValueError:
                continue
            yield from text.encode("utf-8", "replace").removesuffix(b"\n").split(b"\n")


MAILS = {".eml", ".mbox"}
MAIL = re.compile(
    rb"(?:From [^\n]*\n|(?:Return-Path|Received|Delivered-To|From|To|Date|Subject|Message-ID|MIME-Version|X-[\w-]+|"
    rb"Content-Type|DKIM-Signature|Reply-To|List-Id): )(?:[^\n]*\n){0,400}?Content-Transfer-Encoding:[ \t]*(?:base64|quoted)",
    re.IGNORECASE,
)
FIELD = re.compile(rb"[!-9;-~]+[ \t]*:|[ \t]+\S")
MOST_LENGTH = 1 << 20  # bytes of a line
TEXTS = (".log", ".txt", ".out", ".err", ".md", ".csv")


def as_it_is(line: bytes) -> bytes:
    """A line that is not encoded."""
    return line + b"\n"


def nothing(_line: bytes) -> bytes:
    """A line of a part that says again what another one said."""
    return b"\n"


def from_quoted_printable(line: bytes) -> bytes:
    """A line of quoted-printable; an equals sign at its end says that it goes on in the next one."""
    line = line.rstrip(b" \t\r")
    return quopri.decodestring(line[:-1]) if line.endswith(b"=") else quopri.decodestring(line) + b"\n"


def from_base64(line: bytes) -> bytes:
    """A line of base64; one that is damaged stays as it is."""
    try:
        return binascii.a2b_base64(line)
    except ValueError:
        return line + b"\n"


DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "quoted-printable": from_quoted_printable,
    "base64": from_base64,
}


class Mail:
    """A mail, or a box of them, whose parts are encoded for transport."""

    def __init__(self) -> None:
        self.heads: list[bytes] | None = []  # None below the blank line that ends them
        self.boundaries: set[bytes] = set()
        self.decode: Callable[[bytes], bytes] = as_it_is
        self.charset, self.is_page = "utf-8", False
        self.has_plain, self.has_choice = False, False  # a plain text, and others of which a reader shows one
        self.notes: list[tuple[str, int | None, str]] = []
        self.after_blank = True
        self.carry, self.start = b"", 0  # a line that is not over, and where it began
        self.waiting: list[int] = []  # lines that hold nothing but more of it

    def read(self, text: bytes, numbers: range) -> Lines:
        """The lines in some lines."""
        found: list[Numbered] = []
        for number, line in zip(numbers, text.split(b"\n"), strict=False):
            found += self.take(number, line)
        return lines_of(found)

    def rest(self) -> Lines:
        """A last line without an end."""
        return lines_of(self.end_part())

    def take(self, number: int, line: bytes) -> list[Numbered]:
        """The lines in one line."""
        bare = line.rstrip()
        begins_mail = self.after_blank and line.startswith(b"From ")
        is_boundary = (
            bare.startswith(b"--") and bare.removesuffix(b"--").removeprefix(b"--") in self.boundaries
        )
        self.after_blank = not bare
        if begins_mail or is_boundary:
            found = [*self.end_part(), (number, line)]
            self.decode = as_it_is
            self.heads = None if is_boundary and bare.endswith(b"--") else []
            if begins_mail:
                self.boundaries, self.has_plain, self.has_choice = set(), False, False
            return found
        if self.heads is None:
            return self.feed(number, self.decode(line))
        if bare and FIELD.match(line):
            self.heads.append(line)
        else:
            self.begin_part(b"\n".join(self.heads), number)
            self.heads = None
        return [(number, line)]

    def begin_part(self, heads: bytes, number: int) -> None:
        """What the lines above a part say of it."""
        from email.parser import BytesHeaderParser

        part = BytesHeaderParser().parsebytes(heads + b"\n\n")
        if boundary := part.get_boundary():
            self.boundaries.add(boundary.encode("utf-8", "replace"))
        encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
        self.decode = DECODERS.get(encoding, as_it_is) if is_text(part) else as_it_is
        self.charset = part.get_content_charset("utf-8")
        kind = part.get_content_type()
        self.is_page = kind == "text/html"
        if self.is_page and self.has_plain and self.has_choice:
            self.decode = nothing
            self.notes.append(("mail-alternative", number, ""))
        self.has_plain = self.has_plain or kind == "text/plain"
        self.has_choice = self.has_choice or kind == "multipart/alternative"

    def feed(self, number: int, data: bytes) -> list[Numbered]:
        """The lines that are over with what a line decodes to."""
        *whole, rest = (self.carry + data).split(b"\n")
        if len(rest) > MOST_LENGTH:
            whole, rest = [*whole, rest], b""
        found: list[Numbered] = []
        start = self.start if self.carry else number
        for line in whole:
            found.append((start, self.text(line)))
            found += [(waiting, b"") for waiting in self.waiting]
            self.waiting, start = [], number
        self.carry, self.start = rest, start
        if rest and start != number:
            self.waiting.append(number)
        elif not rest and (not found or found[-1][0] != number):
            found.append((number, b""))
        return found

    def end_part(self) -> list[Numbered]:
        """What is left of a part."""
        found = [(self.start, self.text(self.carry))] if self.carry else []
        found += [(waiting, b"") for waiting in self.waiting]
        self.carry, self.waiting = b"", []
        return found

    def text(self, line: bytes) -> bytes:
        """A line of a part as UTF-8."""
        line = line.rstrip(b"\r")
        if self.decode is not as_it_is and self.charset not in ("utf-8", "us-ascii") and not line.isascii():
            with contextlib.suppress(LookupError):  # an encoding that nobody knows
                line = line.decode(self.charset, "replace").encode()
        return without_markup(line) if self.is_page else line


def is_text(part: "Message") -> bool:
    """Whether a part is a text, by its type or the ending of its name."""
    name = str(part.get_filename() or "")
    return part.get_content_maintype() in ("text", "message") or ending_of(name) in TEXTS
