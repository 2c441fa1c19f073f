"""A finding is a code and values; its words are made of them wherever it is shown."""

import json

import pytest

from logreport.archive import Archive
from logreport.archive.ingest import derive
from logreport.archive.storage import layout
from logreport.tables.exporting import to_csv, to_json, to_text
from logreport.tables.findings import add, details_of, message_of, what_of
from logreport.tables.reading import Reading
from logreport.tables.redaction import hide_secrets, redact
from logreport.tables.tables import Tables

PLACE = {"run_id": "r", "source": "a.log", "line": 7}
SLOWER = (
    "the steps get 4.0 % slower during the run (at once, +4.0 % step time after step 60): one mean does not describe it; "
    "look at its window speeds, and measure longer"
)


def row_of(code, **details):
    """The row of one finding, and the tables that it is in."""
    tables = Tables()
    add(tables, code, PLACE, **details)
    (row,) = tables.rows("findings")
    return row, tables


def test_values_stay_values():
    """What a finding says stands in its details as numbers, and in its message in words."""
    row, _ = row_of("slows-down", percent=4.0, change=4.0, how="at-once", step=60)
    assert details_of(row) == {"percent": 4.0, "change": 4.0, "how": "at-once", "step": 60}
    assert (row["severity"], row["message"], message_of(row)) == ("warning", SLOWER, SLOWER)
    assert what_of(row) == SLOWER.split(": ", maxsplit=1)[0]


@pytest.mark.parametrize("details", [None, "", "{", "[1]", "7", '{"percent": "many"}', '{"percent": 4.0}'])
def test_words_that_an_older_archive_kept(details):
    """Where the values are not there, or not those of this release, the words that were kept are shown."""
    row = {"code": "slows-down", "details": details, "message": "as it was said"}
    assert (message_of(row), what_of(row)) == ("as it was said", "")
    assert message_of({**row, "code": "of-tomorrow"}) == "as it was said"


def test_braces_of_a_log_are_no_fields():
    """Text of a log is never a format."""
    row, _ = row_of("failed", detail="{severity} {0} {detail.__class__}")
    assert "({severity} {0} {detail.__class__})" in message_of(row)


def test_details_hold_no_secret_and_no_name():
    """What is taken out of the message is taken out of the values, too; they stay JSON."""
    row, tables = row_of("failed", detail="no /home/alice/data; PASSWORD=hunter2secret")
    tables.add("runs", run_id="r", source="a.log")
    hide_secrets(tables, [])
    redact(tables, [])
    (row,) = tables.rows("findings")
    assert "alice" not in row["details"] + row["message"]
    assert "hunter2" not in row["details"] + row["message"]
    assert message_of(row) == row["message"]


def test_programs_get_values_and_people_words():
    """The details are for programs: a table for people leaves them out."""
    _, tables = row_of("powersave")
    reading = Reading(tables)
    assert b"details" not in to_text(reading, ["findings"])
    assert b"details" in to_csv(reading, ["findings"])
    assert json.loads(to_json(reading, ["findings"]))["findings"][0]["details"] == "{}"


def test_an_archive_without_details_can_be_read(tmp_path, monkeypatch):
    """Findings that an older release kept are there, with their words."""
    log = tmp_path / "a.log"
    log.write_text("conv1   [128, 56, 56, 64]\n2015-11-10 11:24:55.125000: step 0, duration = 2.290\n")
    columns = {
        **layout.COLUMNS,
        "findings": [column for column in layout.COLUMNS["findings"] if column.name != "details"],
    }
    with monkeypatch.context() as patch:
        for module in (layout, derive):
            patch.setattr(module, "schema_of", lambda table: layout.arrow_schema(columns[table]))
        Archive(tmp_path / "lab", create=True).add(log)
    archive = Archive(tmp_path / "lab")
    (row,) = archive.tables().rows("findings")
    assert (row["code"], row["details"]) == ("truncated", None)
    assert message_of(row) == row["message"]
    assert "did not finish" in row["message"]
    assert archive.verify().problems == []
