"""Shares of the peak: a number, or the words for why there is none."""

from types import SimpleNamespace

import pytest

from logreport.analysis.hardware.utilisation import Utilisation
from logreport.reporting.sections.peak import share_cell, share_remarks, share_setting

AT = ("r", "training")


def facts(*shares):
    """What a report knows of some phases: their shares of the peak."""
    found = {
        AT if i == 0 else (f"r{i}", "training"): Utilisation(
            "r", "a.log", 1, "training", "T4", 100.0, 10, 1000.0, share, "100 images/s × 10 ÷ 1000", "a book", "clocks"
        )
        for i, share in enumerate(shares)
    }  # fmt: skip
    return SimpleNamespace(shares=found)


@pytest.mark.parametrize(
    ("share", "text"), [(0.604, "60"), (1.0, "100"), (1.004, "operations saved"), (1.88, "operations saved")]
)
def test_a_share_above_100_percent_is_not_shown(share, text):
    """The cell says why instead of a number, and pointing at it the whole of it."""
    cell = share_cell(facts(share), [AT])
    assert cell.text == text
    assert ("Winograd" in cell.why) == (share > 1)


def test_what_stands_below_the_table_and_at_a_run():
    """The example is one that holds; the words are explained where they are used; a run does not show the number either."""
    places = [AT, ("r1", "training")]
    (remark,) = share_remarks(facts(1.5, 0.5), places)
    assert "such as 50 % = " in remark
    assert "Operations saved: no share, it would be above 100 %" in remark
    (without,) = share_remarks(facts(0.5), [AT])
    assert "Operations saved" not in without
    assert share_setting(facts(1.5), "r").startswith("operations saved (training")
