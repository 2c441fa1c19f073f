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


TIMES = {b"n": 1e-9, b"u": 1e-6, b"\xc2\xb5": 1e-6, b"\xce\xbc": 1e-6, b"m": 1e-3, b"": 1.0}
LONG_TIMES = {b"m": 60.0, b"h": 3600.0, b"d": 86400.0}
TIME_PART = re.compile(rb"([0-9.]+) ?((?:[num]|\xc2\xb5|\xce\xbc)?)(s|m|h|d)[a-z]*")
SCALES = {b"k": 1e3, b"m": 1e6, b"g": 1e9, b"b": 1e9, b"t": 1e12}


def parse_duration(value: bytes) -> float:
    """A time with its units in seconds: `63ms`, `2s`, `1h02m`, `0:01:02`, `1 day, 2:03:04`."""
    return sum(number * unit for number, unit, _ in times_in(value))


def times_in(value: bytes) -> list[tuple[float, float, int]]:
    """The parts of a time: number, unit in seconds, and decimals as printed."""
    if b":" not in value:
        return [(float(n), unit_of(small, unit), decimals(n)) for n, small, unit in TIME_PART.findall(value)]
    days, found, clock = value.rpartition(b", ")
    parts = [
        (float(one), 60.0**power, decimals(one)) for power, one in enumerate(reversed(clock.split(b":")))
    ]
    return [*(times_in(days) if found else []), *reversed(parts)]


def unit_of(small: bytes, unit: bytes) -> float:
    """A unit of time in seconds: `ms` is `m` and `s`, `m` alone is a minute."""
    return TIMES[small] if unit == b"s" else LONG_TIMES[unit]


def parse_scaled(value: bytes) -> float:
    """A number that may have its thousands parted by commas, and a letter for their power: `12.3k` is 12300."""
    number, scale = scaled_in(value)
    return float(number) * scale


def scaled_in(value: bytes) -> tuple[bytes, float]:
    """The digits of such a number, and what they are multiplied by."""
    scale = SCALES.get(value[-1:].lower(), 1.0)
    return (value[:-1] if scale > 1 else value).rstrip().replace(b",", b""), scale


def parse_percent(value: bytes) -> float:
    """A share of one: `40 %` is 0.4."""
    return float(value.rstrip(b" %")) / 100


def decimals(number: bytes) -> int:
    """How many decimals a number is printed with; fewer than none where it has an exponent."""
    digits, _, exponent = number.lower().partition(b"e")
    return len(digits.partition(b".")[2]) - int(exponent or 0)


def quantum_of(dtype: str, value: bytes) -> float:
    """The step of the last printed digit of a number, in the base unit of its type."""
    if dtype == "duration":
        _, unit, places = times_in(value)[-1]
        return unit * 10.0**-places
    if dtype == "scaled":
        number, scale = scaled_in(value)
        return scale * 10.0 ** -decimals(number)
    if dtype == "percent":
        return 0.01 * 10.0 ** -decimals(value.rstrip(b" %"))
    return 10.0 ** -decimals(value)


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
    "duration": parse_duration,
    "scaled": parse_scaled,
    "percent": parse_percent,
    "timestamp": parse_text,
    "slug": parse_slug,
    "text": parse_text,
}
