"""`--scheduler`: where the work is done is not to be seen in what comes out."""

import pytest
from cli_running import run

LOG = """TensorFlow:  1.15
Model:       resnet50
Mode:        training
Batch size:  {batch} global
Devices:     ['/gpu:0']
1\timages/sec: {speed}.0 +/- 0.0 (jitter = 0.0)\t8.1
total images/sec: {speed}.25
"""


@pytest.fixture
def logs(tmp_path):
    """Forty logs, each of its own speed, and one file that is no log."""
    folder = tmp_path / "logs"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number:02}.log").write_text(LOG.format(batch=32 + number, speed=100 + number))
    (folder / "empty.log").write_text("")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("table", ["phases", "findings", "records", "lines"])
def test_parse_on_a_cluster_writes_the_same_bytes(cluster, logs, table):
    """The order of the rows is that of the inputs, whichever worker was first."""
    words = ("parse", logs, logs / "missing.log", "--table", table, "--format", "jsonl")
    here, there = run(*words), run(*words, "--scheduler", cluster.scheduler_address)
    assert there.out == here.out
    assert there.status == here.status == 1
    assert sorted(there.err.splitlines()) == sorted(here.err.splitlines())


def test_standard_input_is_read_here(cluster):
    """A worker has another standard input than the one that was piped in."""
    ran = run("parse", "-", "--table", "runs", "--scheduler", cluster.scheduler_address, stdin=LOG.encode())
    assert ran.err.startswith("1 run in 1 source")


def test_a_scheduler_that_is_none_is_said_at_once(logs):
    """A name that is neither processes nor an address is wrong usage."""
    ran = run("parse", logs, "--scheduler", "local[x]")
    assert ran.status == 2
    assert "local[4]" in ran.err
