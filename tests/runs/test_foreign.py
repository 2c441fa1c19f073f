"""A thousand lines of other programs among those of a benchmark: none becomes a result, none changes one."""

import itertools

import pytest
from foreign_lines import CLASSES, EACH, foreign

from logreport import api
from logreport.scripts import OFFICIAL
from logreport.sources.source import memory_source

LOGS = (
    "alexnet-gtx-1050-ti.log",
    "cifar10-gtx-1060-6gb.log",
    "runs/mnist-self-test-1-thread.log",
    "tf_cnn-resnet50-gtx-1050-ti.log",
    "runs/tf_cnn-resnet20-batch-128-1-thread.log",
)
TABLES = ("runs", "phases", "steps", "devices", "layers", "evaluations")
PLACES = {"line", "first_line", "last_line", "log_sha256"}
BLOCK = {
    f"tensorflow.device_{part}" for part in ("name", "capability", "isa", "clock", "pci", "core", "memory")
}
LINES = list(
    itertools.chain.from_iterable(zip(*(foreign(templates) for templates in CLASSES.values()), strict=True))
)


def read(text):
    """What logreport makes of a log."""
    return api.read_logs([memory_source("run.log", text)], with_records=True)


def facts(reading):
    """The rows of all tables that are about runs, without their lines."""
    return {
        table: [
            {key: value for key, value in row.items() if key not in PLACES}
            for row in reading.tables.rows(table)
        ]
        for table in TABLES
    }


def mixed(text):
    """A log with the foreign lines spread over it, each before a record: a block of a device stays whole."""
    lines = text.decode().splitlines()
    begins = [record["line"] - 1 for record in read(text).records if record["kind"] not in BLOCK]
    places = sorted({*begins, len(lines)})
    share = -(-len(LINES) // len(places))
    parts = {place: LINES[i * share : (i + 1) * share] for i, place in enumerate(places)}
    found = [[*parts.get(number, ()), line] for number, line in enumerate([*lines, ""])]
    return "\n".join(itertools.chain.from_iterable(found)).encode()


def test_there_are_a_thousand():
    """Ten classes of a hundred lines each, and nearly all of them different."""
    assert len(LINES) == 1000
    assert len(set(LINES)) > 900


@pytest.mark.parametrize("name", CLASSES)
def test_foreign_lines_are_unknown_or_prose(name):
    """At least 99 % of each class: what we do not know, we say we do not know."""
    reading = read("\n".join(foreign(CLASSES[name])).encode() + b"\n")
    counts = next(reading.tables.rows("lines"))
    assert counts["unknown"] + counts["prose"] >= 0.99 * EACH, counts


@pytest.mark.parametrize("log", LOGS)
def test_foreign_lines_change_no_run(samples, log):
    """The same runs with the same steps and results, and not a record more than before."""
    bare = (samples / log).read_bytes()
    text = mixed(bare)
    assert text.count(b"\n") == bare.count(b"\n") + len(LINES)
    before, after = read(bare), read(text)
    assert facts(after) == facts(before)
    assert [(one["kind"], one["fields"]) for one in after.records] == [
        (one["kind"], one["fields"]) for one in before.records
    ]


def test_foreign_lines_alone_are_no_run():
    """A log of other programs holds no benchmark, no device, and no record of a benchmark's script."""
    reading = read("\n".join(LINES).encode() + b"\n")
    assert not any(reading.tables.count(name) for name in TABLES)
    assert not {one["kind"].partition(".")[0] for one in reading.records} & set(OFFICIAL)


@pytest.mark.parametrize("name", ["run.md", "run.txt", "run.html", "run.ipynb"])
def test_foreign_lines_in_a_document_are_no_run(name):
    """Nor does a document of such lines, where more may stand around a log."""
    reading = api.read_logs([memory_source(name, "\n".join(LINES).encode() + b"\n")])
    assert not any(reading.tables.count(table) for table in TABLES)
