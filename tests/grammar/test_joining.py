"""Lines that were broken by mail, a terminal or a hand are read as the lines that they were; nothing is completed."""

import re

import pytest
from grammar_reference import ROOT

from logreport.grammar import load_engine

CREATED = (
    "2019-02-23 07:34:17.773403: I tensorflow/core/common_runtime/gpu/gpu_device.cc:1115] Created TensorFlow device "
    "(/job:localhost/replica:0/task:0/device:GPU:0 with 10757 MB memory) -> physical GPU (device: 0, name: Tesla K80, "
    "pci bus id: 0000:00:1e.0, compute capability: 3.7)"
)
STEP = "2017-05-04 13:38:10.123456: step 100, loss = 4.05 (1234.5 examples/sec; 0.104 sec/batch)"


def scanned(text, size=None):
    """Kind, fields and line of each match, and the numbers of the lines that are left; in chunks of so many lines."""
    lines = text.encode().split(b"\n")
    size = size or len(lines)
    chunks = [
        (b"".join(line + b"\n" for line in lines[i : i + size]), range(i + 1, min(i + size, len(lines)) + 1))
        for i in range(0, len(lines), size)
    ]
    scans = list(load_engine().scan(chunks))
    matches = [(m.line, m.leaf.kind, m.fields()) for scan in scans for m in scan.matches]
    left = [number for scan in scans for gap in scan.gaps for number in gap.numbers]
    assert sum(s.record_lines + s.chatter_lines for s in scans) + len(left) == len(lines)
    return matches, left


def whole(text):
    """Kind and fields of a line that was not broken."""
    [(_, kind, fields)] = scanned(text)[0]
    return kind, fields


def by_words(text, width):
    """A text as mail wraps it."""
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


@pytest.mark.parametrize("width", [60, 72, 80, 100, 120])
@pytest.mark.parametrize(
    ("text", "quote"), [(CREATED, ""), (CREATED, "> "), (CREATED, "    "), (STEP, "> "), (STEP, "# ")]
)
def test_what_mail_wrapped_is_read_as_it_was(text, width, quote):
    """At whatever width, quoted, commented out or indented."""
    lines = [quote + line for line in by_words(text, width)]
    matches, left = scanned("\n".join(["Running warm up", *lines, "Done warm up"]))
    assert (1, *whole(text)) in [(line - 1, kind, fields) for line, kind, fields in matches]
    assert left == []


@pytest.mark.parametrize("width", [64, 72, 80])
def test_what_a_terminal_cut_at_its_width_is_read_as_it_was(width):
    """In the middle of words and numbers; the last piece may be of any length."""
    for text in (CREATED, STEP):
        lines = [text[i : i + width] for i in range(0, len(text), width)]
        matches, left = scanned("\n".join(lines))
        assert ([match[1:] for match in matches], left) == ([whole(text)], [])


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8])
def test_a_broken_line_is_found_where_chunks_meet(size):
    """Wherever a chunk ends."""
    log = "\n".join(
        [*["foreign line"] * 9, *by_words(CREATED, 72), *["another"] * 9, *by_words(STEP, 60), "end"]
    )
    assert scanned(log, size) == scanned(log)


@pytest.mark.parametrize(
    "lines",
    [
        ["total images/sec: 5", "26.31"],
        ["total images/sec: 5", "2.31 is what it printed"],
        ["2017-05-04 13:38:10.123456: step 100, loss = 4.05 (12", "34.5 examples/sec; 0.104 sec/batch)"],
        ["2017-05-04 13:38:10.123456: step 100, loss = 4.05", "", "(1234.5 examples/sec; 0.104 sec/batch)"],
        [
            "2017-05-04 13:38:10.123456: step 100, loss = 4.05",
            "Running warm up",
            "(1.5 examples/sec; 0.1 sec/batch)",
        ],
    ],
)
def test_a_number_that_is_cut_off_is_not_completed(lines):
    """No value is made of pieces that were none: not across a blank line, another line, or in a short line."""
    assert [kind for _, kind, _ in scanned("\n".join(lines))[0] if kind != "tf_cnn_benchmarks.phase"] == []


def test_a_message_that_goes_on_is_read_once():
    """What was a message of TensorFlow's for want of its end is that line, and no message any more."""
    head, tail = CREATED.split(" -> ")
    matches, left = scanned(f"{head} ->\n{tail}")
    assert ([kind for _, kind, _ in matches], left) == (["tensorflow.device_created"], [])


def test_no_line_of_the_samples_is_joined():
    """Logs that nobody wrapped are read as before."""
    engine = load_engine()
    for path in (ROOT / "sample_logs").rglob("*.log"):
        text = path.read_bytes()
        for scan in engine.scan([(text, range(1, text.count(b"\n") + 1))]):
            assert scan.replaced == frozenset(), path.name


def test_a_last_resort_of_two_lines_is_no_beginning_of_a_broken_line():
    """A command that goes on in the next line, behind what may be a time stamp, at the end of a chunk: each line counts once."""
    text = "W1128 04:38:24.064684 1srun -n 2 python tf_cnn_benchmarks.py \\\n  --batch_size=2" + "\nfoo" * 12
    for size in (1, 3, 9, 14):
        matches, left = scanned(text, size)
        assert ([kind for _, kind, _ in matches], len(left)) == (["shell.command"], 12)


def test_chatter_that_begins_as_a_result_is_chatter():
    """A line about the processor that is cut off says nothing more, wherever a chunk ends."""
    text = (
        "OMP: Info #285: KMP_AFFINITY: 2 sockets x 8 cores/socket x 2 threads/core (16 total cor"
        + "\nfoo" * 12
    )
    for size in (1, 3, 9, 14):
        matches, left = scanned(text, size)
        assert (matches, len(left)) == ([], 12)


COMMANDS = (
    "mpirun -np 4 -H localhost:4 python tf_cnn_benchmarks.py --model=resnet50 --batch_size=64 --num_gpus=1 --variable_update=horovod",
    "me@host:~/benchmarks$ python tf_cnn_benchmarks.py --model vgg16 --batch_size 64 --num_gpus 2 --data_format NCHW > log 2>&1",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("strip", [True, False])
def test_a_command_that_a_terminal_cut_in_its_flags_is_read_as_it_was(command, strip):
    """In a name, at its sign, in a value or at a blank, which a paste may have lost; what follows is no part of it."""
    begin, end = command.index("_benchmarks.py ") + 16, command.index(" --", command.index("num_gpus"))
    wanted = whole(command)
    for width in range(max(60, begin), end):
        pieces = [command[i : i + width] for i in range(0, len(command), width)]
        if len(pieces) == 2 and not re.fullmatch(r"[=\w]+ \w+", pieces[1]):
            lines = [piece.strip() if strip else piece for piece in pieces]
            matches, left = scanned("\n".join([*lines, "something else here", "Running warm up"]))
            told = [(line, kind, fields) for line, kind, fields in matches if kind == "shell.command"]
            assert (told, left) == ([(1, *wanted)], [3]), lines


@pytest.mark.parametrize(
    "line",
    [
        "something else here",
        "Password:",
        "some --flag that somebody speaks about",
        "two words",
        "[n1] x",
        "* --a",
        "x" * 200,
    ],
)
def test_a_line_below_a_command_that_is_not_the_rest_of_it_stays_apart(line):
    """A log goes on in its own words."""
    for command in (COMMANDS[0], COMMANDS[0][:58]):
        assert scanned(f"{command}\n{line}\n")[0] == [(1, *whole(command))]


def test_a_short_command_is_not_joined():
    """No terminal is so narrow."""
    command = "python tf_cnn_benchmarks.py --num_gpus="
    assert scanned(f"{command}\n2\n")[0] == [(1, *whole(command))]


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_a_broken_command_is_found_where_chunks_meet(size):
    """Wherever a chunk ends."""
    lines = ["foreign line"] * 9 + [COMMANDS[0][:90], COMMANDS[0][90:]] + ["another"] * 9 + ["end"]
    assert scanned("\n".join(lines), size) == scanned("\n".join(lines))
