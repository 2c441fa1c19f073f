"""The grammar of TensorFlow's runtime lines: the catalogue's examples, its traps, and lines that are none of ours."""

import json

import pytest
from runtime_facts import disagreements

from logreport.grammar import load_engine
from logreport.sources.source import memory_source

# Fields of the catalogue that are not kept, whatever the example.
NOT_KEPT = {
    "note",
    "line_prefix",  # wrappers are taken away
    "stream",
    "tid",  # thread ids compare with nothing
    "device_mapping",  # the same text as `mapping`
    "reason",
    "ignored",  # held by ignored-1 to ignored-3
}
# Examples, and the fields that they do not give, with the reason.
FALL_SHORT = {
    "trap-1": ({"devices"}, "cut in the middle of freeMemory: its value is unknown, all others are read"),
    "prefix-2": (
        {"severity", "monthday", "time", "file", "line"},
        "deprecations are chatter, which keeps no fields",
    ),
}


def read(text):
    """All matches of a text, and the lines that nothing matched."""
    scans = list(load_engine().scan(memory_source("x.log", text.encode() + b"\n").chunks()))
    gaps = [line for scan in scans for gap in scan.gaps for _, line in gap.lines() if line.strip()]
    return [match for scan in scans for match in scan.matches], gaps


def kinds_of(text):
    """The kinds of the matches of a text, without the grammar's name."""
    return [match.leaf.kind.partition(".")[2] for match in read(text)[0]]


@pytest.fixture(scope="module")
def examples(corpus):
    """The catalogue's examples by id, which stand beside the corpus."""
    path = corpus.parent / "formats" / "runtime-examples.jsonl"
    if not path.is_file():
        pytest.skip(f"no {path.name} beside the corpus")
    return {example["id"]: example for example in map(json.loads, path.read_text("utf-8").splitlines())}


def test_the_examples_say_what_the_catalogue_expects(examples):
    """Every field of all 130 examples is read, but for the two that are named above with the reason."""
    short = {}
    for name, example in examples.items():
        wrong = disagreements_of(example)
        if wrong:
            short[name] = set(wrong)
    assert short == {name: fields for name, (fields, _) in FALL_SHORT.items()}


def disagreements_of(example):
    """What an example does not give; fields that are not kept do not count."""
    fields = {key: value for key, value in example["fields"].items() if key not in NOT_KEPT}
    return disagreements(read(example["text"])[0], {**example, "fields": fields})


def test_the_examples_leave_no_runtime_line_unread(examples):
    """A line with a prefix of TensorFlow's is always recognised, if not wrapped."""
    left = {
        name: gaps
        for name, example in examples.items()
        if name not in FALL_SHORT and (gaps := read(example["text"])[1])
    }
    assert {name: gap for name, gap in left.items() if any(b".cc:" in line for line in gap)} == {}


PREFIXES = {
    "before 1.1, and where the time was taken away": "I tensorflow/core/x.cc:12] ",
    "1.1 to 2.20": "2020-03-13 16:32:30.613934: I tensorflow/core/x.cc:12] ",
    "with a thread id": "2026-11-21 22:54:30.052464: I   16945 tensorflow/core/x.cc:12] ",
    "before absl was set up": "I0000 00:00:1795299690.541702     321 x.cc:12] ",
    "after absl was set up": "I0922 20:58:39.863502 1830646 x.cc:12] ",
    "Python through absl": "I0922 20:58:39.863502 140710254581568 x.py:12] ",
    "Python": "INFO:tensorflow:",
    "Windows": r"2018-03-22 03:07:54.623130: I C:\tf_jenkins\workspace\tensorflow\core\x.cc:12] ",
    "a header": "2024-03-22 03:07:54.623130: I ./tensorflow/compiler/jit/device_compiler.h:12] ",
}


@pytest.mark.parametrize("prefix", PREFIXES.values(), ids=PREFIXES)
def test_every_message_may_follow_every_prefix(prefix):
    """The prefix changes by source file, so that no message is bound to one."""
    assert kinds_of(prefix + "Loaded cuDNN version 90300") == ["cudnn_loaded"]
    assert kinds_of(prefix + "something that no rule knows") == ["message"]


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21 22:54:30.052464: step 0, loss = 4.68 (38.3 examples/sec; 3.346 sec/batch)",
        "name: nginx",
        "name: build-and-test",
        "hostname: web-1",
        "0: Y",
        "I think tensorflow/core/x.cc:12 is wrong",
        "I0922 20:58:39.863502       1 server.go:194] Started kubelet",
        "Nov 21 22:54:30 web-1 sshd[812]: Accepted publickey for root",
        '127.0.0.1 - - [21/Nov/2026:22:54:30 +0000] "GET / HTTP/1.1" 200 612',
        "Total memory: unknown",
        "Use a larger batch instead.",
        "The device is deprecated.",
        "    return tf.device('/device:GPU:0')",
        "Created table users",
        "Limit: none",
        "error: failed to allocate a port",
    ],
)
def test_foreign_lines_are_none_of_ours(text):
    """What syslog, servers, YAML, code and prose print is no runtime line."""
    assert not [match for match in read(text)[0] if match.leaf.kind.startswith("tensorflow.")]


def test_a_block_that_is_interleaved_is_read_line_by_line():
    """Two workers' blocks, a blank line and a message between: each line is read for itself."""
    text = """2020-03-13 16:32:30.000001: I tensorflow/core/common_runtime/gpu/gpu_device.cc:1555] Found device 0 with properties:
2020-03-13 16:32:30.000002: I tensorflow/core/common_runtime/gpu/gpu_device.cc:1555] Found device 0 with properties:

pciBusID: 0000:01:00.0 name: Tesla T4 computeCapability: 7.5
Done warm up
pciBusID: 0000:02:00.0 name: Tesla T4 computeCapability: 7.5
coreClock: 1.59GHz coreCount: 40 deviceMemorySize: 14.75GiB deviceMemoryBandwidth: 298.08GiB/s
coreClock: 1.59GHz coreCount: 40 deviceMemorySize: 14.75GiB deviceMemoryBandwidth: 298.08GiB/s"""
    assert kinds_of(text) == [
        "device_found", "device_found", "device_pci", "phase", "device_pci", "device_core", "device_core",
    ]  # fmt: skip


def test_chatter_keeps_nothing_and_records_keep_their_place():
    """A deprecation is counted and dropped; a driver's version is kept with the line of TensorFlow's source."""
    text = "WARNING:tensorflow:From a.py:1: x (from y) is deprecated and will be removed.\nInstructions for updating:\nUse `z`."
    matches, gaps = read(text)
    assert (matches, gaps) == ([], [])
    fields = read(
        "2022-01-01 00:00:00.000001: I tensorflow/x/cuda_diagnostics.cc:200] libcuda reported version is: 470.1.2"
    )
    assert fields[0][0].fields() == {
        "timestamp": "2022-01-01 00:00:00.000001",
        "severity": "I",
        "file": "tensorflow/x/cuda_diagnostics.cc",
        "file_line": 200,
        "driver": "470.1.2",
    }
