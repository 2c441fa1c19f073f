"""Logs in the comments of scripts, and code in a text: `# ` makes a heading and ``` a fence only where they can be one."""

import pytest

from logreport import api
from logreport.sources.source import memory_source

STEPS = """\
# 1	images/sec: 152.5 +/- 0.0 (jitter = 0.0)	8.128
# 10	images/sec: 152.3 +/- 0.0 (jitter = 0.1)	8.093
"""
CREATED = (
    "# 2023-04-10 04:41:11.842289: I tensorflow/core/common_runtime/gpu/gpu_device.cc:1241] Created TensorFlow device "
    "(/job:localhost/replica:0/task:0/device:GPU:0 with 14988 MB memory) -> physical GPU (device: 0, name: Tesla P4, "
    "pci bus id: 0000:00:1e.0, compute capability: 6.1)\n"
)
SPEEDS = [152.5, 152.3]


def read(name, text):
    """The tables of a text."""
    return api.read_logs([memory_source(name, text.encode())], with_records=True)


def column(reading, table, name):
    """One column of a table."""
    return [row[name] for row in reading.tables.rows(table)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", STEPS),
        ("a.txt", "# worker 0, fp16:\n" + STEPS),
        ("a.md", "# A title\n\n```python\n# fp16 on the CPU\n" + STEPS + "```\n\n# Another\n"),
        ("a.md", "# A title\n\n" + STEPS),
    ],
)
def test_a_log_in_comments_is_read_and_its_comments_say_nothing_of_it(name, text):
    """Speeds are read in scripts, in texts and in fences; what stands beside them is no heading of the run."""
    reading = read(name, text)
    assert column(reading, "steps", "examples_per_second") == SPEEDS
    (run,) = reading.tables.rows("runs")
    assert (run["precision"], run["device_kind"]) == (None, None)


def test_a_device_in_a_comment_is_a_device():
    """Lines of TensorFlow's are read in comments, too."""
    assert column(read("a.txt", CREATED), "devices", "name") == ["Tesla P4"]


@pytest.mark.parametrize("size", range(1, 14))
def test_a_block_of_comments_is_one_wherever_the_text_is_cut(size):
    """Blank lines before it move the block through the end of a chunk."""
    text = "\n" * size + "# 1 worker\n# with fp16\n# log:\n" + STEPS + "\nend\n"
    reading = read("a.txt", text)
    (lines,) = reading.tables.rows("lines")
    assert (lines["record"], lines["prose"], lines["unknown"]) == (2, 0, 4)
    assert column(reading, "runs", "precision") == [None]


@pytest.mark.parametrize(
    "title",
    [
        "# total images/sec: 16.04",
        "# precision @ 1 = 0.0 after a day of training",
        "# ImportError: libcudart.so.9.0: cannot open shared object file",
        "# How to run python cifar10_train.py",
        "## Model: resnet50",
        "## ValueError: x",
    ],
)
def test_a_title_that_could_be_a_line_of_a_log_stays_a_title(title):
    """In a line of its own between blank ones."""
    reading = read("a.md", f"text\n\n{title}\n\ntext\n")
    (lines,) = reading.tables.rows("lines")
    assert (lines["record"], lines["prose"]) == (0, 3)
    assert column(reading, "runs", "run_id") == []


def test_a_comment_in_a_fence_is_no_command_unless_it_was_typed():
    """A comment may speak of a script; a prompt of root's is `# `."""
    talk = "```\n# This runs ./cifar10_train.py for a while\n```\n"
    typed = "```\n# python cifar10_train.py --batch_size=64\n2018-09-09 23:09:06.868952: step 0, loss = 4.68 (10.0 examples/sec; 1.185 sec/batch)\n```\n"
    assert column(read("a.md", talk), "runs", "command") == []
    assert column(read("a.md", typed), "runs", "command") == ["python cifar10_train.py --batch_size=64"]


@pytest.mark.parametrize("text", ["```\n# a comment\n```\n", "```\n# ```\n# 10\timages/sec: 1.5 +/-\n```\n"])
def test_what_is_in_the_comments_of_a_fence_counts_once(text):
    """Comments that say nothing are unknown lines, as other lines of a fence are; none ends the fence."""
    (lines,) = read("a.md", text + "# Title\n").tables.rows("lines")
    assert lines["prose"] == 3
    assert lines["unknown"] + lines["malformed"] == lines["total"] - 3


@pytest.mark.parametrize(
    "code", ["```apple, pear, and plum.```", "```사과, 배```", "````a b````", "see ```a, b``` and ```c```"]
)
def test_code_within_a_text_opens_no_fence(code):
    """Backticks that open and close in one line are no fence: what follows is text, and fences are fences."""
    text = f"Some text\n{code}\nmore text\n```\ntotal images/sec: 51.66\nfoo\n```\nlast words\n"
    reading = read("a.md", text)
    (lines,) = reading.tables.rows("lines")
    assert (lines["record"], lines["prose"], lines["unknown"]) == (1, 6, 1)
    assert column(reading, "phases", "end_to_end_examples_per_second") == [51.66]


@pytest.mark.parametrize(
    "info", ['python title="a: b" linenums', " {.sh .numberLines startFrom=10}", "c++ 日本"]
)
def test_a_fence_may_say_anything_of_its_content(info):
    """Whatever stands behind the marks, but a backtick."""
    (lines,) = read("a.md", f"text\n```{info}\nfoo\n```\nlast words\n").tables.rows("lines")
    assert (lines["prose"], lines["unknown"]) == (4, 1)


def test_a_result_as_code_in_a_line_of_its_own_is_read():
    """The marks of the code are no part of it."""
    reading = read("a.md", "It gave\n\n```total images/sec: 51.66```\n")
    assert column(reading, "phases", "end_to_end_examples_per_second") == [51.66]


def test_a_fence_with_a_language_opens_whatever_was_left_open():
    """A fence that somebody forgot to close does not turn the rest of a page inside out."""
    text = (
        "# Set-up\n\n1. Get it.\n\n   ```bash\n   git clone it\n\n2. Make it.\n\n   ```\n   make it\n   ```\n\n"
        "3. Run it.\n\n   ```bash\n   ./it\n   ```\n\nWe have run it on some cards that we own.\n\n"
        "## Results on V100\n\n| Batch size | img/s |\n|---|---|\n| 8 | 98.5 |\n"
    )
    reading = read("README.md", text)
    assert column(reading, "published", "device") == ["V100"]
    assert column(reading, "lines", "unknown") == [4]  # what stands around the fence that was left open
