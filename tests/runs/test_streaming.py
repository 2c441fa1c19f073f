"""Records handed on while a log is read are the records of the log read whole."""

import io
import json
import random
import tracemalloc

import pytest
from sample_texts import ROOT, SAMPLES

from logreport.errors import SourceError
from logreport.runs.reading import read
from logreport.runs.streaming import stream
from logreport.sources import Source, decoding
from logreport.sources.source import memory_source
from logreport.tables.exporting import to_jsonl


def both(*sources):
    """The records of some sources read whole, and streamed."""
    whole = read(sources, with_records=True)
    out = io.BytesIO()
    streamed = stream(sources, out.write)
    assert streamed.tables.columns["lines"] == whole.tables.columns["lines"]
    for name in ("run_id", "source"):
        assert streamed.tables.columns["runs"][name] == whole.tables.columns["runs"][name]
    assert [str(error) for error in streamed.errors] == [str(error) for error in whole.errors]
    return to_jsonl(whole, ["records"]).decode().splitlines(), out.getvalue().decode().splitlines()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
@pytest.mark.parametrize("block", [100, 1 << 20])
def test_every_sample(path, block, monkeypatch):
    """The same lines of JSON in the order of the log, whatever the size of what is read at once."""
    monkeypatch.setattr(decoding, "BLOCK", block)
    whole, streamed = both(memory_source(path.name, path.read_bytes()))
    assert [json.loads(line)["line"] for line in streamed] == [json.loads(line)["line"] for line in whole]
    assert sorted(streamed) == sorted(whole)


@pytest.mark.parametrize("seed", range(20))
def test_many_logs_in_one(seed, monkeypatch):
    """Runs one after another, and lines in any order: the same records, with the same runs."""
    rng = random.Random(seed)  # noqa: S311 - test data
    monkeypatch.setattr(decoding, "BLOCK", rng.choice([50, 500, 5000]))
    contents = [path.read_bytes() for path in rng.choices(SAMPLES, k=8)]
    lines = b"".join(contents).splitlines(keepends=True)
    rng.shuffle(lines)
    whole, streamed = both(
        memory_source("a.log", b"".join(contents)), memory_source("b.log", b"".join(lines))
    )
    assert sorted(streamed) == sorted(whole)


def test_a_source_that_breaks_off_gives_no_record():
    """What cannot be read to its end is one error and no record; the sources beside it are whole."""
    content = (ROOT / "sample_logs" / "alexnet-gtx-1050-ti.log").read_bytes()

    class Broken(io.BytesIO):
        def read(self, size=-1):
            part = super().read(size)
            if not part:
                raise OSError(5, "Input/output error")
            return part

        def readinto(self, buffer):
            part = self.read(len(buffer))
            buffer[: len(part)] = part
            return len(part)

    out = io.BytesIO()
    sources = [Source("broken.log", lambda: Broken(content)), memory_source("good.log", content)]
    reading = stream(sources, out.write)
    assert [str(error) for error in reading.errors] == ["broken.log: Input/output error; check the path"]
    assert {json.loads(line)["source"] for line in out.getvalue().splitlines()} == {"good.log"}


def test_errors_stand_beside_the_rest():
    """An input that is not there is kept as an error."""
    reading = stream([SourceError("gone", source="x.log")], print)
    assert [str(error) for error in reading.errors] == ["x.log: gone"]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_log():
    """A log of many runs needs the memory of a few of them."""
    content = (ROOT / "sample_logs" / "runs/tf_cnn-resnet20-batch-128-1-thread.log").read_bytes()
    size = 0

    def count(block):
        nonlocal size
        size += len(block)

    peaks = []
    for times in (100, 800):
        source = memory_source("a.log", content * times)
        tracemalloc.start()
        stream([source], count)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 40_000_000


@pytest.mark.parametrize("block", [100, 1 << 20])
def test_a_run_that_waits_for_its_results_in_another_fence(block, monkeypatch):
    """Its records come before those of the lines between, wherever what is read at once ends."""
    monkeypatch.setattr(decoding, "BLOCK", block)
    found = "2019-01-01 00:00:00.000001: I tensorflow/core/common_runtime/gpu/gpu_device.cc:885] Found device 0 with properties:\n"
    stated = "Result: 2341.4 images/sec\n\n"
    text = f"```\n$ python tf_cnn_benchmarks.py\n{found}```\n" + stated * 40
    text += (
        "```\n10\timages/sec: 90.0 +/- 0.0 (jitter = 0.0)\t8.1\ntotal images/sec: 90.00\n```\n" + stated * 40
    )
    whole, streamed = both(memory_source("a.md", text.encode()))
    assert [json.loads(line)["line"] for line in streamed] == [json.loads(line)["line"] for line in whole]
    assert {json.loads(line)["run"] for line in whole} > {None}
