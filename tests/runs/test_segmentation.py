"""Where a run begins and ends, where only one line speaks for another run; and why a run failed."""

from logreport.runs.reading import read
from logreport.sources.source import memory_source

ALEXNET = """conv1   [128, 56, 56, 64]
2016-01-01 00:00:01.000000: step 10, duration = 0.100
{}2016-01-01 00:00:02.000000: step 20, duration = 0.100
2016-01-01 00:00:03.000000: Forward across 20 steps, 0.100 +/- 0.001 sec / batch
"""
CNN = "TensorFlow:  1.15\nModel:       resnet50\nDataset:     imagenet (synthetic)\n"
STEP = "1\timages/sec: 100.0 +/- 0.0 (jitter = 0.0)\t8.1\n"


def runs_of(text):
    """The rows of the runs table of a log."""
    tables = read([memory_source("a.log", text.encode())]).tables
    return list(tables.rows("runs"))


def test_one_header_line_does_not_split_another_benchmarks_run():
    """`Model: x` may stand in any text: alone it is no sign of a tf_cnn_benchmarks run."""
    (run,) = runs_of(ALEXNET.format("Model:       alexnet\n"))
    assert (run["benchmark"], run["first_line"], run["last_line"]) == ("alexnet_benchmark", 1, 5)


def test_a_whole_header_after_another_benchmark_begins_a_run():
    """Two scripts in one log are two runs, and the second keeps its first header line."""
    first, second = runs_of(ALEXNET.format("") + CNN + STEP)
    assert (first["benchmark"], first["last_line"]) == ("alexnet_benchmark", 4)
    assert (second["benchmark"], second["first_line"]) == ("tf_cnn_benchmarks", 5)
    assert (second["framework_version"], second["model"]) == ("1.15", "resnet50")


def test_one_header_line_before_a_step_belongs_to_its_run():
    """A paste may hold one header line and the steps only."""
    _, second = runs_of(ALEXNET.format("") + "Model:       vgg16\n" + STEP)
    assert (second["benchmark"], second["model"]) == ("tf_cnn_benchmarks", "vgg16")


def test_the_first_of_several_causes_says_why_a_run_failed():
    """`2 root error(s) found` says nothing; the next line does."""
    error = "tensorflow.python.framework.errors_impl.InternalError: 2 root error(s) found.\n"
    (run,) = runs_of(CNN + STEP + error + "  (0) Internal: unhandled system error\n")
    assert run["status"] == "failed"
    assert run["status_reason"].endswith("InternalError: Internal: unhandled system error")


def test_devices_that_a_script_lists_are_part_of_its_environment():
    """A log of no benchmark still says which devices TensorFlow saw."""
    text = "[PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU'), LogicalDevice(name='/device:GPU:1', device_type='GPU')]\n"
    tables = read([memory_source("a.log", text.encode())]).tables
    assert [(row["key"], row["value"]) for row in tables.rows("environment")] == [
        ("physical_devices", "CPU:0 GPU:1")
    ]
