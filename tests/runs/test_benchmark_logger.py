"""The JSON files of --benchmark_log_dir, whatever became of them."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logreport.analysis import analyze
from logreport.runs.reading import read
from logreport.sources.source import memory_source
from logreport.tables.exporting import EXPORTERS
from logreport.tables.schema import TABLES

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "benchmark_logger.log"
OBJECTS = [json.loads(line) for line in SAMPLE.read_text().splitlines()]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["x", "\ud800", "9" * 400]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "value"]), inner),
    max_leaves=4,
)


@settings(max_examples=200)
@given(whole=st.sampled_from(OBJECTS), value=VALUES, data=st.data())
def test_a_value_of_another_type_is_no_value(whole, value, data):
    """200 records with one value that is none: it is missing, and the record is read and exported."""
    changed = dict(whole)
    place = changed
    key = data.draw(st.sampled_from(sorted(place)))
    while isinstance(place[key], dict) and place[key] and data.draw(st.booleans()):
        place[key] = dict(place[key])
        place = place[key]
        key = data.draw(st.sampled_from(sorted(place)))
    place[key] = value
    reading = read([memory_source("a.log", json.dumps(changed).encode() + b"\n")], with_records=True)
    analyze(reading.tables)
    for export in EXPORTERS.values():
        for name in (*TABLES, "records"):
            assert isinstance(export(reading, [name]), bytes)


@pytest.mark.parametrize("size", [100, 100_000])
def test_a_record_that_is_nested_without_end_is_damage(size):
    """What no reader of JSON can follow is a line without values, and the others are read."""
    deep = b'{"model_name": "alexnet", "run_parameters": ' + b"[" * size + b"]" * size + b"}\n"
    rows = list(read([memory_source("a.log", deep + SAMPLE.read_bytes())]).tables.rows("runs"))
    assert [row["model"] for row in rows][-2:] == ["alexnet", "resnet50"]
