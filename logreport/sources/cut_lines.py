"""A last line that a kill has cut in a number: `duration = 0.1` of 0.164.

What writes into a file or pipe writes whole blocks, so that a killed run often ends in the middle of a line. A number that is
cut is still one, and of another size: lines above that are alike up to there tell how many decimals it should have.
"""

import re

ABOVE = 1 << 12  # bytes above the last line in which others like it are looked for
ALIKE = 5  # of them that must agree
MARK = b"..."  # behind a number that is cut, so that it is read as none
NUMBER = re.compile(rb"[0-9]+(?:\.[0-9]*)?")


def marked(line: bytes, above: bytes) -> bytes:
    """The last line of a log that ends in no newline, with a mark where a number in it is cut.

    Args:
        line: the line.
        above: whole lines above it.
    """
    numbers = NUMBER.findall(line)
    shape = NUMBER.sub(b"0", line)
    if not numbers or not shape.endswith(b"0"):
        return line
    whole: list[bytes] = []
    for other in reversed(above.split(b"\n")):
        if len(whole) < ALIKE and NUMBER.sub(b"0", other).startswith(shape):
            whole.append(NUMBER.findall(other)[len(numbers) - 1])
    is_cut = bool(whole) and min(map(decimals, whole)) > decimals(numbers[-1])
    return line + MARK if is_cut else line


def decimals(number: bytes) -> int:
    """How many digits stand behind the point."""
    return len(number.partition(b".")[2])
