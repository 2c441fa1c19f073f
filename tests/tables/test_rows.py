"""Rows of tables."""

import pytest

from logreport.tables.tables import Tables


def test_rows_have_all_columns_or_those_that_are_named():
    """Who needs two columns of a table is given two, in the order of the table's rows."""
    tables = Tables()
    tables.add("lines", source="a.log", total=3, record=2)
    tables.add("lines", source="b.log", total=1)
    assert [*tables.rows("lines", "total", "source")] == [
        {"total": 3, "source": "a.log"},
        {"total": 1, "source": "b.log"},
    ]
    assert [row.keys() for row in tables.rows("lines")] == [tables.columns["lines"].keys()] * 2
    with pytest.raises(KeyError):
        [*tables.rows("lines", "no such column")]
