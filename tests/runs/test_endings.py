"""How a run ended, where the system, a launcher or a scheduler says it."""

import pytest

from logreport.runs.reading import read
from logreport.sources.source import memory_source

STEPS = "$ python tf_cnn_benchmarks.py --model=lenet\n" + "".join(
    f"{step}\timages/sec: 90.0 +/- 0.0 (jitter = 0.0)\t8.1\n" for step in (1, 10)
)
TOTAL = "total images/sec: 90.00\n"
ERROR = "ValueError: out of luck\n"


def ending(text):
    """Status and reason of the one run of a log."""
    (run,) = read([memory_source("a.log", text.encode())]).tables.rows("runs")
    return run["status"], run["status_reason"]


@pytest.mark.parametrize(
    ("line", "status", "reason"),
    [
        ("[n1:12] Signal: Aborted (6)", "failed", "Aborted"),
        ("[n1:12] Signal: Segmentation fault (11)", "failed", "Segmentation fault"),
        ("[n1:12] Signal: Terminated (15)", "truncated", "Terminated"),
        ("malloc(): corrupted top size", "failed", "malloc(): corrupted top size"),
        ("free(): double free detected in tcache 2", "failed", "free(): double free detected in tcache 2"),
        ("double free or corruption (out)", "failed", "double free or corruption (out)"),
        ("munmap_chunk(): invalid pointer", "failed", "munmap_chunk(): invalid pointer"),
        ("corrupted double-linked list", "failed", "corrupted double-linked list"),
        ("*** Error in `python3': free(): invalid pointer: 0x00007f ***", "failed", "free(): invalid pointer"),
        ("terminate called without an active exception", "failed", "terminate called without an active exception"),
        ("python: a.c:1: f: Assertion `x' failed.", "failed", "python: a.c:1: f: Assertion `x' failed."),
        ("Fatal Python error: Aborted", "failed", "Aborted"),
        ("Illegal instruction (core dumped)", "failed", "Illegal instruction (core dumped)"),
        ("go.sh: line 7:  99 Bus error               python x.py", "failed", "Bus error"),
        ("go.sh: line 7:  99 Killed                  python x.py", "truncated", "Killed"),
        ("srun: error: n7: task 0: Segmentation fault (core dumped)", "failed", "Segmentation fault"),
        ("srun: error: n7: tasks 0,2-3: Killed", "truncated", "Killed"),
        ("srun: error: n7: task 1: Out Of Memory", "failed", "Out Of Memory"),
        ("srun: error: n7: task 1: Exited with exit code 2", "failed", "Exited with exit code 2"),
        ("slurmstepd: error: *** JOB 1 ON n7 CANCELLED AT 2020-01-01T00:00:00 DUE TO TIME LIMIT ***", "truncated",
         "CANCELLED AT 2020-01-01T00:00:00 DUE TO TIME LIMIT"),
        ("orterun noticed that process rank 1 with PID 5 on node n7 exited on signal 11 (Segmentation fault).", "failed",
         "Segmentation fault"),
        ("APPLICATION TERMINATED WITH THE EXIT STRING: Killed (signal 9)", "truncated", "Killed"),
        ("=>> PBS: job killed: mem 9kb exceeded limit 8kb", "truncated", "mem 9kb exceeded limit 8kb"),
        ("2019-01-08 10:01:11.607183: F tensorflow/core/x.cc:44] Check failed: 2 == 4 (2 vs. 4)", "failed",
         "Check failed: 2 == 4 (2 vs. 4)"),
        ("F tensorflow/stream_executor/x.cc:427] could not set it: CUDNN_STATUS_BAD_PARAM", "failed",
         "could not set it: CUDNN_STATUS_BAD_PARAM"),
        ("2019-01-08 10:01:11.607183: E tensorflow/core/x.cc:44] could not set it", "truncated", "there is no total"),
        ("[n1:12] Signal code: Address not mapped (1)", "truncated", "there is no total"),
    ],
)  # fmt: skip
def test_the_last_words_of_a_run_say_how_it_ended(line, status, reason):
    """Whose fault it was is in the status, and why in the reason; no name of a machine is in it."""
    assert ending(f"{STEPS}{line}\n") == (status, reason)


def test_a_run_that_has_its_last_line_is_complete_whatever_comes_after():
    """Clean-up crashes often; what was measured counts."""
    assert (
        ending(STEPS + TOTAL + "Segmentation fault (core dumped)\nfree(): invalid pointer\n")[0] == "complete"
    )


@pytest.mark.parametrize(
    "other", ["srun: error: n7: task 1: Terminated", "srun: error: n7: task 0: Exited with exit code 1"]
)
def test_the_error_of_one_worker_goes_before_the_end_of_the_others(other):
    """The launcher stops them because of it."""
    assert ending(f"{STEPS}{ERROR}{other}\n") == ("failed", "ValueError: out of luck")
