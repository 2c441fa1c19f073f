"""Numbers, times, sizes and names as a report writes them."""

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logreport.reporting.text import formatting as fmt

POSITIVE = st.floats(1e-6, 1e9, allow_nan=False, allow_infinity=False)


def value_of(text):
    """The number that a text shows."""
    return float(text.replace(fmt.THIN, "").replace("\N{MINUS SIGN}", "-").rstrip(fmt.TIMES))


@pytest.mark.parametrize(
    ("value", "text"),
    [(977.1, "977"), (51.66, "51.7"), (0.131, "0.131"), (7896.3, "7\u202f896"), (0.0, "0"), (9.999, "10.0")],
)
def test_a_number_has_three_significant_digits(value, text):
    """Three digits, whole digits are never rounded away, thousands have a thin space."""
    assert fmt.number(value) == text


@given(POSITIVE)
def test_a_number_says_what_it_is(value):
    """The text is within half a unit of its third digit."""
    assert math.isclose(value_of(fmt.number(value)), value, rel_tol=0.0051)


@given(st.lists(st.one_of(st.none(), st.floats(0.5, 1e5)), max_size=8))
def test_a_column_has_one_number_of_decimals(values):
    """Decimals are the same down a column unless a small value would lose its digits; missing is a dash."""
    texts = fmt.column(values)
    decimals = {len(t.partition(".")[2]) for t in texts if t != fmt.MISSING}
    assert len(decimals) <= 1 or fmt.shared_decimals(values) is None
    assert [t == fmt.MISSING for t in texts] == [v is None for v in values]


@pytest.mark.parametrize(
    ("value", "text"),
    [(17.443, "17.4×"), (0.6194, "0.62×"), (1, "1.00×"), (123.4, "123×"), (0.0286, "0.029×"), (None, "—")],
)
def test_a_speedup_is_written_with_its_sign(value, text):
    """Three digits above one, two decimals below, and never fewer than two digits."""
    assert fmt.ratio(value) == text


def test_a_small_ratio_lies_in_its_interval_as_shown():
    """A thirty-fifth of the speed is not 0.03× beside 0.028–0.029×."""
    assert fmt.ratio_column([1.0, 0.304]) == ["1.00×", "0.30×"]
    assert fmt.ratio_column([1.0, 0.0286]) == ["1.00×", "0.029×"]
    assert fmt.interval(0.0278, 0.0294, "×", 2) == "0.028–0.029×"


@pytest.mark.parametrize(
    ("value", "text"), [(1.0042, "1.004×"), (0.9996, "0.9996×"), (1.05, "1.05×"), (17.443, "17.4×")]
)
def test_a_difference_that_is_shown_never_looks_like_none(value, text):
    """As many decimals as it takes to tell it from 1."""
    assert fmt.ratio_not_1(value) == text


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (1.0003, 1.02, "1.0003–1.0200×"), (0.95, 0.9991, "0.950–0.999×"), (0.998, 1.004, "0.998–1.004×"),
        (1.0, 1.02, "1.00–1.02×"),
    ],
)  # fmt: skip
def test_an_interval_that_leaves_out_1_never_seems_to_reach_it(low, high, text):
    """Its ends get the decimals that tell them from 1; one that holds 1 does not need them."""
    assert fmt.interval(low, high, fmt.TIMES) == text


@given(POSITIVE, POSITIVE)
def test_an_interval_never_shows_two_ends_as_one(a, b):
    """Ends that differ look different, and the order is kept."""
    low, high = sorted((a, b))
    text = fmt.interval(low, high, "×")
    ends = text.rstrip("×").split("–")
    assert len(ends) == 2
    assert ends[0] != ends[1] or math.isclose(low, high, rel_tol=1e-6)


def test_an_interval_that_could_not_be_made_is_a_dash():
    """No end, or no number, is no interval."""
    assert {fmt.interval(None, 1.0), fmt.interval(1.0, None), fmt.interval(math.nan, 1.0)} == {fmt.MISSING}


def test_two_numbers_of_a_sentence():
    """Decimals only where one of the two needs them."""
    assert fmt.pair(977.1, 56.02) == ("977", "56")
    assert fmt.pair(51.7, 3.21) == ("51.7", "3.21")


def test_published_numbers_keep_their_decimals():
    """What a document published as 34 is not shown as 34.0."""
    assert fmt.as_published([34.0, 39.0]) == ["34", "39"]
    assert fmt.as_published([267.68, 91.5, None]) == ["267.68", "91.50", "—"]


@pytest.mark.parametrize(("seconds", "text"), [(0.315, "315 ms"), (9.721, "9.72 s"), (3.2e-5, "32.0 µs")])
def test_a_time_has_a_readable_unit(seconds, text):
    """Milliseconds below a second, and so on down."""
    assert fmt.duration(seconds) == text


@given(st.lists(st.floats(1e-7, 1e4), min_size=1, max_size=6))
def test_a_column_of_times_has_one_unit(values):
    """The smallest value is at least a tenth of the unit."""
    factor, unit = fmt.time_unit(values)
    assert unit in ("s", "ms", "µs", "ns")
    assert min(values) / factor >= 0.0999


def test_sizes_and_frequencies():
    """Binary units for bytes, decimal ones for hertz."""
    assert fmt.size(3.94 * 2**30) == "3.94 GiB"
    assert fmt.frequency(1.392e9) == "1.39 GHz"


def test_dates_name_their_zone():
    """UTC where known, local time where not."""
    assert fmt.moment(datetime(2025, 1, 2, 3, 4, tzinfo=UTC)) == "2025-01-02 03:04 UTC"
    assert fmt.moment(datetime(2025, 1, 2, 3, 4)) == "2025-01-02 03:04 local time"  # noqa: DTZ001 - a log's own


@given(st.text())
def test_cleaned_text_is_one_line_and_can_be_encoded(text):
    """No control characters, no marks that turn the direction, no lone surrogates."""
    shown = fmt.clean(text)
    assert shown.encode("utf-8").decode() == shown
    assert not set(shown) & {"\n", "\x00", "\x1b", "\u202e", "\u2066"}
    assert fmt.clean(shown) == shown


@given(st.lists(st.sampled_from("abc"), max_size=9))
def test_lists_in_words_lose_nothing(items):
    """Every item is named or counted."""
    text = fmt.listed(items, most=4)
    if len(items) > 4:
        assert text.endswith(f"{len(items) - 3} more")
    else:
        assert all(item in text for item in items)
