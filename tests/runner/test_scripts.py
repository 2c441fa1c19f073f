"""Whether a run succeeded: the exit status alone proves nothing."""

import pytest

from logreport.api.reading import read_logs, sources_of
from logreport.runner.judging import succeeded
from logreport.scripts import SCRIPTS

STEP = "2026-11-21 22:16:34.631505: step {}, loss = 4.63 (4765.9 examples/sec; 0.027 sec/batch)\n"
SUMMARY = "2026-11-21 22:16:34.631505: {} across 20 steps, 0.066 +/- 0.017 sec / batch\n"
LOGS = {
    "alexnet": (SUMMARY.format("Forward") + SUMMARY.format("Forward-backward"), SUMMARY.format("Forward")),
    "cifar10-eval": ("2026-11-21 22:16:34.631505: precision @ 1 = 0.862\n", "No checkpoint file found\n"),
    "mnist": ("Step 0 (epoch 0.00), 14.9 ms\nTest error: 0.8%\n", "Step 0 (epoch 0.00), 14.9 ms\n"),
    "tf-cnn": (
        "10\timages/sec: 51.8 +/- 0.2 (jitter = 0.1)\t7.593\ntotal images/sec: 51.66\n",
        "10\timages/sec: 51.8 +/- 0.2 (jitter = 0.1)\t7.593\n",
    ),
}


@pytest.fixture
def failure(tmp_path):
    """Why a run with this log did not succeed."""

    def of(name, text, status=0, **values):
        (tmp_path / "run.log").write_text(text)
        tables = read_logs(sources_of(tmp_path / "run.log")).tables
        return succeeded(SCRIPTS[name], status, tables, values)

    return of


@pytest.mark.parametrize("name", LOGS)
def test_the_last_line_and_exit_status_0_together_are_success(name, failure):
    """Neither of them alone."""
    whole, cut = LOGS[name]
    assert failure(name, whole) is None
    assert failure(name, cut) is not None
    assert failure(name, whole, status=1) == "it ended with exit status 1"
    assert failure(name, whole, status=None) == "a signal ended it"


def test_the_result_of_another_script_is_none(failure):
    """A log that holds something else shows no success of this script."""
    assert failure("mnist", LOGS["alexnet"][0]) == "it printed no result"


@pytest.mark.parametrize("name", ["cifar10", "cifar10-multi-gpu"])
@pytest.mark.parametrize(
    ("last", "values", "good"),
    [
        (90, {"max_steps": "100", "log_frequency": 10}, True),
        (80, {"max_steps": "100", "log_frequency": 10}, False),
        (80, {"max_steps": "100", "log_frequency": "20"}, True),
        (90, {"max_steps": 100}, True),  # checkouts without the flag print every tenth step
        (80, {"max_steps": 100}, False),
        (90, {"max_steps": 1000000}, False),
    ],
)
def test_cifar10_is_done_with_its_last_steps(name, last, values, good, failure):
    """It prints no last line: a step in the last interval must be there."""
    text = "".join(STEP.format(step) for step in range(0, last + 1, 10))
    assert (failure(name, text, **values) is None) == good


def test_a_run_that_only_started_has_no_speed(tmp_path):
    """Mnist's step 0 is its start: `--self_test`, which prints no other, has an error and no speed."""
    (tmp_path / "run.log").write_text("Step 0 (epoch 0.00), 14.9 ms\nTest error: 0.0%\ntest_error 0.0\n")
    tables = read_logs(sources_of(tmp_path / "run.log")).tables
    assert tables.columns["runs"]["status"] == ["complete"]
    assert tables.columns["phases"]["phase"] == []
