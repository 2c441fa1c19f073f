"""A log that a kill has cut in the middle of a number says no number that was never there."""

import pytest

from logreport import api
from logreport.sources.cut_lines import marked
from logreport.sources.source import memory_source

STEPS = """\
conv1   [24, 56, 56, 64]
2019-01-08 10:01:15.000001: step 0, duration = 0.152
2019-01-08 10:01:16.000001: step 10, duration = 0.153
2019-01-08 10:01:17.000001: step 20, duration = 0.15"""
DLL = "DLL 2021-05-06 12:00:0{}.000001 - Epoch: 0 Iteration: {}  train.loss : 6.95  train.total_ips : {}"


def tables_of(text, name="a.log"):
    """The tables of a log."""
    return api.read_logs([memory_source(name, text.encode())]).tables


def durations(tables):
    """What the steps took."""
    return [row["seconds_per_batch"] for row in tables.rows("steps")]


def test_a_number_that_is_cut_is_none():
    """The line counts as one that could not be read; the others are steps."""
    for end in ("15", "1", ""):
        tables = tables_of(STEPS.removesuffix("15") + end)
        (lines,) = tables.rows("lines")
        assert durations(tables) == [0.152, 0.153]
        assert (lines["record"], lines["malformed"]) == (3, 1)


def test_a_speed_that_is_cut_in_a_list_of_pairs():
    """`2` of 2 501.20 would make a mean of less than 10."""
    text = "\n".join(DLL.format(place, 10 * place, f"250{place}.20 img/s") for place in (1, 2))
    tables = tables_of(text + "\n" + DLL.format(3, 30, "2"))
    assert [row["examples_per_second"] for row in tables.rows("steps")] == [2501.2, 2502.2, None]


def test_a_last_line_without_a_newline_is_read_where_it_is_whole():
    """Editors and the clipboard leave the newline out; as many decimals as above are all of them."""
    assert durations(tables_of(STEPS + "1")) == [0.152, 0.153, 0.151]


@pytest.mark.parametrize(
    ("line", "above"),
    [
        (b"Test error: 0.8", b"Validation error: 0.75\n"),
        (b"step 30", b"step 20, loss = 4.61\n"),
        (b"loss 6.9", b"loss 6.912\nloss 6.8\n"),
        (b"done", b"done in 3.25\n"),
        (b"", b"1.25\n"),
    ],
    ids=["other words", "whole numbers", "decimals of any number", "no number", "nothing"],
)
def test_what_may_be_whole_stays(line, above):
    """Only where all lines alike have more decimals is a number known to be cut."""
    assert marked(line, above) == line


def test_the_text_of_a_document_stays():
    """What stands in a README is what its author wrote."""
    assert durations(tables_of(STEPS, "README.md")) == [0.152, 0.153, 0.15]
