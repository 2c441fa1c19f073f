"""Take away what terminals and editors put around the text of a line; the numbers of the lines stay those of the source."""

import re
from collections.abc import Sequence

# Escape sequences of ECMA-48, the character set switches that tput prints, window titles; also written out as ^[[.
ANSI = re.compile(
    rb"(?:\x1b|\^\[)\[[0-?]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\x1b[=>78]"
)
RETURNS_AT_END = re.compile(rb"(?<!\r)\r++(?=\n)")
NO_BREAK_SPACE = "\u00a0".encode()
NO_TEXT = bytes({0, 7, 8, 127})


BREAK = re.compile(rb"<br ?/?>", re.IGNORECASE)
BREAK_AT_END = re.compile(rb"<br ?/?>(?=[ \t]*[\r\n])", re.IGNORECASE)
# What a web page puts around text: tags that stand in a line, and characters written by name.
TAG = re.compile(
    rb"</?(?:html|body|head|pre|code|samp|tt|kbd|span|div|p|b|i|em|strong|font|a|li|ul|ol|blockquote)(?:[ \t][^<>\n]*)?>",
    re.IGNORECASE,
)
NAMED = {b"&lt;": b"<", b"&gt;": b">", b"&quot;": b'"', b"&#39;": b"'", b"&nbsp;": b" ", b"&amp;": b"&"}


def clean(text: bytes, first: int, *, markup: bool = False) -> tuple[bytes, Sequence[int]]:
    """Whole lines without NUL bytes, escape sequences and progress bars, and the number of each.

    A line with bare carriage returns (a progress bar) or tags for line breaks becomes several lines with one number.

    Args:
        text: whole lines, each ending in a newline.
        first: the number of the first.
        markup: whether they are of a web page: tags go, and `&gt;` is `>`.
    """
    if markup:
        text = without_markup(text)
    if NO_BREAK_SPACE in text:  # web pages and wikis put it where the log had a space
        text = text.replace(NO_BREAK_SPACE, b" ")
    if b"\x1b" in text or b"^[[" in text:
        text = ANSI.sub(b"", text)  # before the bell goes, which ends the title of a window
    if b"\x00" in text or b"\x08" in text or b"\x07" in text:
        text = text.translate(None, NO_TEXT)
    if b"\r" in text:
        text = RETURNS_AT_END.sub(b"", text)
    has_breaks = b"<br" in text or b"<BR" in text
    if has_breaks:
        text = BREAK_AT_END.sub(b"", text)
    if b"\r" in text or (has_breaks and BREAK.search(text)):
        return split_lines(text, first)
    return text, range(first, first + text.count(b"\n"))


def without_markup(text: bytes) -> bytes:
    """The text of a web page; a character that is written by name is read once."""
    text = TAG.sub(b"", text)
    if b"&" in text:
        for name, character in NAMED.items():
            text = text.replace(name, character)
    return text


def split_lines(text: bytes, first: int) -> tuple[bytes, Sequence[int]]:
    """Split lines at bare carriage returns and tags for line breaks; the pieces keep the number of their line.

    The row of a table is one line whatever its cells hold.
    """
    pieces: list[bytes] = []
    numbers: list[int] = []
    for number, line in enumerate(text.split(b"\n")[:-1], first):
        before = len(pieces)
        for part in line.split(b"\r"):
            pieces += [part] if part.lstrip().startswith(b"|") else BREAK.split(part)
        numbers += [number] * (len(pieces) - before)
    return b"\n".join(pieces) + b"\n", numbers
