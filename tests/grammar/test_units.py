"""Numbers with units, and fields whose names say them: seconds, shares, thousands."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logreport.grammar.fields import MEANINGS
from logreport.grammar.lowering.lower import lower_file
from logreport.grammar.lowering.values import CONVERT, quantum_of

GRAMMAR = """
start: line
line: duration ";" scaled ";" percent
duration: DURATION
scaled: SCALED
percent: PERCENT
%import .terminals (DURATION, SCALED, PERCENT)
"""
TIMES = {
    "63ms": (0.063, 0.001),
    "63 ms": (0.063, 0.001),
    "271.51ms": (0.27151, 0.00001),
    "2s": (2, 1),
    "2.50 s": (2.5, 0.01),
    "412us": (0.000412, 0.000001),
    "412µs": (0.000412, 0.000001),
    "7ns": (7e-9, 1e-9),
    "3 seconds": (3, 1),
    "5 min": (300, 60),
    "1h02m": (3720, 60),
    "1m 2.5s": (62.5, 0.1),
    "2 hours 3 mins": (7380, 60),
    "1:02": (62, 1),
    "0:01:02": (62, 1),
    "1:00:02.5": (3602.5, 0.1),
    "1 day, 2:03:04": (93784, 1),
    "2 days, 0:00:01": (172801, 1),
}
SCALES = {
    "12.3k": (12300, 100),
    "12.3K": (12300, 100),
    "1.25M": (1_250_000, 10_000),
    "2 G": (2e9, 1e9),
    "7B": (7e9, 1e9),
    "12,345": (12345, 1),
    "1,234.5": (1234.5, 0.1),
    "331": (331, 1),
    "-0.25": (-0.25, 0.01),
}
SHARES = {"40%": (0.4, 0.01), "40 %": (0.4, 0.01), "76.13%": (0.7613, 0.0001)}


@pytest.fixture(scope="module")
def terminals(tmp_path_factory):
    """The pattern of each terminal, by the type of its field."""
    path = tmp_path_factory.mktemp("units") / "units.lark"
    path.write_text(GRAMMAR)
    fields = (node for node in lower_file(path)[0].paths[0] if hasattr(node, "dtype"))
    return {field.dtype: re.compile(field.body[0][0].pattern.encode()) for field in fields}


@pytest.mark.parametrize(
    ("dtype", "text", "value", "quantum"),
    [
        (dtype, text, *expected)
        for dtype, known in (("duration", TIMES), ("scaled", SCALES), ("percent", SHARES))
        for text, expected in known.items()
    ],
)
def test_what_a_text_is(terminals, dtype, text, value, quantum):
    """The terminal reads all of it; its value is in the base unit, and so is the step of its last digit."""
    raw = text.encode()
    assert terminals[dtype].fullmatch(raw)
    assert CONVERT[dtype](raw) == pytest.approx(value)
    assert quantum_of(dtype, raw) == pytest.approx(quantum)


@pytest.mark.parametrize(
    ("dtype", "text"),
    [
        ("duration", "63"),
        ("duration", "63 mm"),
        ("duration", "1:2"),
        ("duration", "ms"),
        ("duration", "5 steps"),
        ("scaled", "12.3kB"),
        ("scaled", "k"),
        ("scaled", "5x"),
        ("percent", "40"),
    ],
)
def test_what_is_none(terminals, dtype, text):
    """A number without its unit, or with another one, is left to other terminals."""
    assert not terminals[dtype].fullmatch(text.encode())


@given(st.integers(0, 999), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999))
def test_a_time_is_the_same_in_two_ways(hours, minutes, seconds, milliseconds):
    """As a clock and with units: one number, whatever its parts."""
    clock = f"{hours}:{minutes:02}:{seconds:02}.{milliseconds:03}".encode()
    units = f"{hours}h{minutes}m{seconds}s{milliseconds}ms".encode()
    expected = hours * 3600 + minutes * 60 + seconds + milliseconds / 1000
    assert CONVERT["duration"](clock) == pytest.approx(expected, abs=1e-9)
    assert CONVERT["duration"](units) == pytest.approx(expected, abs=1e-9)


@given(st.integers(0, 10**9), st.integers(0, 6))
def test_the_last_digit_of_a_number(number, places):
    """Its step is ten to the minus of the decimals, with an exponent or without."""
    text = f"{number / 10**places:.{places}f}"
    assert quantum_of("float", text.encode()) == pytest.approx(10.0**-places)
    assert quantum_of("float", f"{text}e-03".encode()) == pytest.approx(10.0 ** -(places + 3))


NAMES = {
    "seconds_per_batch": ("seconds_per_batch", 0.25, 0.25),
    "milliseconds_per_step": ("seconds_per_batch", 250.0, 0.25),
    "ms_per_iteration": ("seconds_per_batch", 250.0, 0.25),
    "us": ("seconds_per_batch", 250_000.0, 0.25),
    "duration": ("seconds_per_batch", 0.25, 0.25),
    "iterations_per_second": ("seconds_per_batch", 4.0, 0.25),
    "steps_per_sec": ("seconds_per_batch", 4.0, 0.25),
    "images_per_second": ("examples_per_second", 331.0, 331.0),
    "tokens_per_sec": ("examples_per_second", 331.0, 331.0),
    "microseconds_per_sample": ("examples_per_second", 63.0, 1e6 / 63),
    "milliseconds_per_image": ("examples_per_second", 4.0, 250.0),
    "accuracy": ("top_1", 0.75, 0.75),
    "top_5_percent": ("top_5", 92.5, 0.925),
    "test_error_percent": ("test_error", 7.5, 0.075),
    "loss": ("loss", 2.5, 2.5),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_says_the_unit(name):
    """Where a field goes, and its number in the base unit of that column."""
    column, printed, value = NAMES[name]
    assert MEANINGS[name].column == column
    assert MEANINGS[name].of(printed) == pytest.approx(value)


def test_one_by_nothing_is_nothing():
    """A rate of zero, of less and of no number has no time."""
    meaning = MEANINGS["iterations_per_second"]
    assert [meaning.of(value) for value in (0.0, -1.0, math.nan, math.inf)] == [None] * 4


def test_every_item_has_its_names():
    """Images, tokens, samples, sequences and examples: each knows what it counts, and one device's share of it."""
    for item in ("examples", "images", "samples", "tokens", "sequences"):
        assert MEANINGS[f"{item}_per_second"].item == item
        assert MEANINGS[f"{item}_per_second_per_device"].per_device
        assert MEANINGS[f"seconds_per_{item[:-1]}"].item == item
