"""Take away what terminals and editors put around the text of a line; the numbers of the lines stay those of the source."""

import re
from collections.abc import Sequence

# Escape sequences of ECMA-48, the character set switches that tput prints, window titles; also written out as ^[[.
ANSI = re.compile(
    rb"(?:\x1b|\^\[)\[[0-?]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\x1b[=>78]"
)
BARE_RETURN = re.compile(rb"\r+(?!\r*\n)")
NO_BREAK_SPACE = "\u00a0".encode()
NO_TEXT = bytes({0, 7, 8, 127})


def clean(text: bytes, first: int) -> tuple[bytes, Sequence[int]]:
    """Whole lines without NUL bytes, escape sequences and progress bars, and the number of each.

    A line with bare carriage returns (a progress bar) becomes several lines with one number.
    """
    if NO_BREAK_SPACE in text:  # web pages and wikis put it where the log had a space
        text = text.replace(NO_BREAK_SPACE, b" ")
    if b"\x1b" in text or b"^[[" in text:
        text = ANSI.sub(b"", text)  # before the bell goes, which ends the title of a window
    if b"\x00" in text or b"\x08" in text or b"\x07" in text:
        text = text.translate(None, NO_TEXT)
    if b"\r" in text and (b"\r" in text.replace(b"\r\n", b"")):
        return split_returns(text, first)
    return text, range(first, first + text.count(b"\n"))


def split_returns(text: bytes, first: int) -> tuple[bytes, Sequence[int]]:
    """Split lines at bare carriage returns; the pieces keep the number of their line."""
    pieces: list[bytes] = []
    numbers: list[int] = []
    for number, line in enumerate(text.split(b"\n")[:-1], first):
        parts = [part for part in BARE_RETURN.split(line) if part.strip()] or [b""]
        pieces += parts
        numbers += [number] * len(parts)
    return b"\n".join(pieces) + b"\n", numbers
