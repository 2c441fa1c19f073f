"""`explain` and the ledger say the same of every line."""

from collections import Counter

import pytest
from sample_texts import SAMPLES

from logreport import api
from logreport.runs.explaining import explain
from logreport.sources.source import memory_source
from logreport.tables.schema import LEDGER

FILES = [path for path in SAMPLES if path.suffix != ".json"]
BLOCKS = """\
2020-01-01 00:00:00.000001: I tensorflow/core/platform/cpu_feature_guard.cc:142] This TensorFlow binary is optimized with \
oneAPI Deep Neural Network Library (oneDNN)to use the following CPU instructions in performance-critical operations:  AVX2
To enable them in other operations, rebuild TensorFlow with the appropriate compiler flags.
WARNING:tensorflow:From a.py:134: conv2d (from tensorflow.python.layers) is deprecated and will be removed in a future version.
Instructions for updating:
Use `tf.keras.layers.Conv2D` instead.
2017-05-04 13:38:10.123456: step 100, loss = 4.05
(1234.5 examples/sec; 0.104 sec/batch)
foo
Done warm up<br>total images/sec: 5.26
WARNING: Logging before flag parsing goes to stderr.
"""


def agree(source):
    """The categories that `explain` gives; they are those of the ledger, and every line has one."""
    (row,) = api.read_logs([source]).tables.rows("lines")
    lines = list(explain(source))
    counts = Counter(line.category for line in lines)
    assert [line.number for line in lines] == list(range(1, row["total"] + 1))
    assert {name: counts[name] for name in LEDGER} == {name: row[name] for name in LEDGER}
    return [line.category for line in lines]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_explain_says_what_the_ledger_counts(path):
    """For each sample, as a log and as a document."""
    assert agree(memory_source(path.name, path.read_bytes()))
    assert agree(memory_source("a.md", path.read_bytes()))


@pytest.mark.parametrize("before", range(12))
def test_all_lines_of_a_record_are_of_the_record(before):
    """Blocks, lines that were joined, and the last chatter of a log, wherever a chunk ends."""
    text = "foo\n" * before + BLOCKS
    record, chatter, unknown = ["record"], ["chatter"], ["unknown"]
    expected = [*record * 2, *chatter * 3, *record * 2, *unknown, *record, *chatter]
    assert agree(memory_source("a.log", text.encode()))[before:] == expected
