"""From the bytes of a field to its value; the terminal of a field fixes its type."""

import re
from collections.abc import Callable
from typing import Any

SIZES = {b"B": 0, b"K": 1, b"M": 2, b"G": 3, b"T": 4, b"P": 5}


def parse_bytes(value: bytes) -> int:
    """A size such as `3.94GiB`, `3422 MB` or `-1B` in bytes; TensorFlow's MB are 2**20 bytes.

    Source: HumanReadableNumBytes in tensorflow/core/lib/strings/numbers.cc; gpu_device.cc prints `bytes >> 20`.
    """
    number = re.match(rb"-?[0-9.]+", value)
    unit = re.search(rb"[A-Za-z]", value)
    power = SIZES[unit[0].upper()] if unit else 0
    return round(float(number[0] if number else 0) * float(1024**power))


def parse_text(value: bytes) -> str:
    """Free text: UTF-8, else Latin-1, which every byte is; blanks at its ends are decoration."""
    try:
        return value.decode().strip()
    except UnicodeDecodeError:
        return value.decode("latin-1").strip()


def parse_int(value: bytes) -> int:
    """A whole number, of which no more digits are read than a table can hold: our terminals match no more."""
    return int(value[:18])


def parse_slug(value: bytes) -> str:
    """A name in our own spelling: `Forward-Backward` is `forward_backward`."""
    return re.sub(r"[^a-z0-9]+", "_", parse_text(value).lower())


CONVERT: dict[str, Callable[[bytes], Any]] = {
    "int": parse_int,
    "float": float,  # nan and inf are kept
    "bytes": parse_bytes,
    "timestamp": parse_text,
    "slug": parse_slug,
    "text": parse_text,
}
