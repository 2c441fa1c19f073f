"""What others put around the lines of a log, or print twice, changes nothing that the log says."""

import json

import pytest

from logreport import api
from logreport.sources.source import memory_source

CNN = """\
TensorFlow:  1.14
Model:       vgg11
Mode:        training
Batch size:  48 global
             24 per device
Devices:     ['/gpu:0', '/gpu:1']
Variables:   replicated
==========
Done warm up
Step\tImg/sec\ttotal_loss
1\timages/sec: 90.1 +/- 0.0 (jitter = 0.0)\t7.311
10\timages/sec: 91.7 +/- 0.4 (jitter = 0.9)\t7.295
20\timages/sec: 91.9 +/- 0.3 (jitter = 0.8)\t7.288
"""
ALEXNET = """\
conv1   [24, 56, 56, 64]
pool1   [24, 27, 27, 64]
2019-01-08 10:01:15.000001: step 0, duration = 0.052
2019-01-08 10:01:16.000001: step 10, duration = 0.053
2019-01-08 10:01:17.000001: Forward across 20 steps, 0.052 +/- 0.001 sec / batch
2019-01-08 10:01:18.000001: step 0, duration = 0.131
2019-01-08 10:01:19.000001: step 10, duration = 0.132
2019-01-08 10:01:20.000001: Forward-backward across 20 steps, 0.131 +/- 0.001 sec / batch
"""
CIFAR = """\
2018-09-09 23:09:05.000001: step 0, loss = 4.68 (40.0 examples/sec; 3.200 sec/batch)
2018-09-09 23:09:06.000001: step 10, loss = 4.63 (4000.0 examples/sec; 0.032 sec/batch)
2018-09-09 23:09:07.000001: step 20, loss = 4.60 (4064.0 examples/sec; 0.031 sec/batch)
2018-09-09 23:09:30.000001: precision @ 1 = 0.361
"""
DLL = """\
DLL 2021-05-06 12:00:01.000001 - Epoch: 0 Iteration: 10  train.loss : 6.95  train.total_ips : 800.00 img/s
DLL 2021-05-06 12:00:02.000001 - Epoch: 0 Iteration: 20  train.loss : 6.91  train.total_ips : 820.00 img/s
"""
TIMES = {
    "2021-03-04 10:11:{:02d} ",
    "2021-03-04T10:11:{:02d}.345Z\t",
    "bench\tRun it\t2021-03-04T10:11:{:02d}.1234567Z ",
}
PREFIXES = sorted(TIMES | {"(pid=77) ", "INFO:root:", "[INFO] ", "INFO: "})
RUN = ("benchmark", "model", "batch_size", "batch_size_per_device", "num_devices", "ranks", "status")
PHASE = ("phase", "n_steps", "examples_per_second", "seconds_per_batch")


def said(text):
    """What a log says of its runs, phases, steps and evaluations."""
    tables = api.read_logs([memory_source("a.log", text.encode())]).tables
    return (
        [tuple(row[name] for name in RUN) for row in tables.rows("runs")],
        [tuple(row[name] for name in PHASE) for row in tables.rows("phases")],
        [row["step"] for row in tables.rows("steps")],
        [row["top_1"] for row in tables.rows("evaluations")],
    )


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("log", [CNN, ALEXNET, CIFAR], ids=["cnn", "alexnet", "cifar10"])
def test_a_prefix_takes_nothing_from_a_log(log, prefix):
    """A time before the number of a step, and before the blanks of a second line, as before any other text."""
    dressed = "".join(prefix.format(place) + line for place, line in enumerate(log.splitlines(keepends=True)))
    assert said(dressed) == said(log)


def test_the_file_that_docker_keeps_of_a_container():
    """Each line is an object of JSON."""
    lines = [
        json.dumps({"log": line, "stream": "stdout", "time": "2021-03-04T10:11:12.5Z"}, separators=(",", ":"))
        for line in CNN.splitlines(keepends=True)
    ]
    assert said("\n".join(lines) + "\n") == said(CNN)


def test_a_job_of_sagemaker_names_its_ranks():
    """The numbers of the processes are those of the workers."""
    text = "".join(
        f"[1,mpirank:{rank},algo-{rank + 1}]<stdout>:{step}\timages/sec: {50 + rank}.0 +/- 0.1 (jitter = 0.2)\t7.{rank}\n"
        for step in (1, 10)
        for rank in (0, 1)
    )
    runs, phases, *_ = said(text)
    assert (runs[0][5], phases[0][2]) == (2, 101.0)


@pytest.mark.parametrize("log", [CNN, ALEXNET, CIFAR, DLL], ids=["cnn", "alexnet", "cifar10", "dllogger"])
def test_lines_that_are_printed_twice_are_said_once(log):
    """By two handlers of a logger, or by a shell and `tee`: twice the lines are neither two workers nor two runs."""
    assert said("".join(2 * line for line in log.splitlines(keepends=True))) == said(log)


def test_workers_that_print_the_same_are_two():
    """Where the loss is none, as in a forward pass, equal lines do not say that one is the other once more."""
    text = "".join(f"{step}\timages/sec: 50.0 +/- 0.1 (jitter = 0.2)\t0.000\n" * 2 for step in (1, 10, 20))
    runs, phases, *_ = said(text)
    assert (runs[0][5], phases[0][2]) == (2, 100.0)
