"""What an excerpt does not say is not claimed, and what another section or session says is not said of this run."""

import pytest

from logreport.analysis import analyze
from logreport.runs.reading import read
from logreport.sources.source import memory_source

CIFAR = "2017-05-04 13:38:10.123456: step {}, loss = 4.05 (1234.5 examples/sec; 0.104 sec/batch)\n"
STEP = "{}\timages/sec: {}.0 +/- 0.0 (jitter = 0.0)\t8.1\n"
TOTAL = "-----\ntotal images/sec: {}\n-----\n"
RUNTIME = "2019-01-01 00:00:00.000001: I tensorflow/core/{}] {}\n"


def tables_of(text, name="a.log"):
    """The analysed tables of a text."""
    tables = read([memory_source(name, text.encode())]).tables
    analyze(tables)
    return tables


def runs_of(text, name="a.log"):
    """The rows of its runs."""
    return list(tables_of(text, name).rows("runs"))


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("WARNING:tensorflow:Saver is deprecated\n", None),
        (RUNTIME.format("common_runtime/gpu_fusion_pass.cc:507", "ROCm Fusion is enabled."), None),
        (RUNTIME.format("x.cc:53", "Successfully opened dynamic library libcudart.so.10.2"), None),
        (RUNTIME.format("common_runtime/gpu/gpu_device.cc:885", "Found device 0 with properties:"), "gpu"),
        (RUNTIME.format("x.cc:53", "failed call to cuInit: UNKNOWN ERROR (303)"), "cpu"),
        (RUNTIME.format("platform/cpu_feature_guard.cc:137", "Your CPU supports instructions that this "
                        "TensorFlow binary was not compiled to use: AVX2 FMA"), "cpu"),
    ],
)  # fmt: skip
def test_a_cpu_is_claimed_only_where_tensorflow_has_looked_for_gpus(line, kind):
    """An excerpt may have lost the lines of the GPU: that there are none proves nothing."""
    (run,) = runs_of(line + CIFAR.format(0) + CIFAR.format(10))
    assert run["device_kind"] == kind


def test_an_error_in_another_section_is_none_of_the_runs():
    """A guide shows a result, and further down what may go wrong."""
    text = f"# Try it\n```\n{CIFAR.format(0)}{CIFAR.format(10)}```\n\n## Problems\n```\nRuntimeError: Broken toolchain\n```\n"
    (run,) = runs_of(text, "README.md")
    assert (run["status"], run["last_line"]) == ("unknown", 4)


def test_an_error_right_behind_a_run_says_why_it_failed():
    """In the same block it is the run's."""
    text = f"```\n{CIFAR.format(0)}{CIFAR.format(10)}RuntimeError: out of luck\n```\n"
    (run,) = runs_of(text, "README.md")
    assert run["status"] == "failed"


def test_without_a_batch_size_there_is_no_speed_of_examples():
    """A summary alone says seconds a batch, and of how many examples nobody knows."""
    tables = tables_of("2017-09-16 20:21:03.171504: Forward across 100 steps, 0.025 +/- 0.003 sec / batch\n")
    (phase,) = tables.rows("phases")
    assert (phase["seconds_per_batch"], phase["examples_per_second"], phase["batch_size"]) == (
        0.025,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("flags", "mode"),
    [
        ("--forward_only", "forward only"),
        ("--forward_only=True", "forward only"),
        ("--forward_only=False --eval=false", "training"),
        ("--eval", "evaluation"),
        ("--eval=1", "evaluation"),
    ],
)
def test_a_flag_that_is_written_out_is_on_only_where_it_says_so(flags, mode):
    """Launchers write `--eval=False`."""
    (run,) = runs_of(f"$ python tf_cnn_benchmarks.py --model=lenet {flags}\n" + TOTAL.format(100.5))
    assert run["mode"] == mode


@pytest.mark.parametrize(
    ("printed", "mode", "phase"),
    [
        ("BenchmarkMode.TRAIN", "training", "training"),
        ("BenchmarkMode.FORWARD_ONLY", "forward only", "inference"),
        ("BenchmarkMode.EVAL", "evaluation", "evaluation"),
        ("forward-only", "forward only", "inference"),
    ],
)
def test_a_mode_has_one_name_whatever_the_release_prints(printed, mode, phase):
    """So that runs of two releases compare."""
    tables = tables_of(
        f"Model:       lenet\nMode:        {printed}\n" + STEP.format(1, 100) + TOTAL.format(100.5)
    )
    assert next(iter(tables.rows("runs")))["mode"] == mode
    assert {row["phase"] for row in tables.rows("phases")} == {phase}


def test_a_precision_that_the_log_prints_goes_before_that_of_its_path():
    """A fork of the script prints `Data type`."""
    text = "TensorFlow:  1.3\nModel:       resnet50\nData type:   float16\n" + STEP.format(1, 100)
    (run,) = runs_of(text, "logs/fp32/a.log")
    assert run["precision"] == "fp16"


@pytest.mark.parametrize(
    ("devices", "whole", "each", "count"),
    [
        ("['/job:worker/task:4/cpu:0']", 32, 32, 1),
        ("['/job:worker/replica:0/task:0/gpu:0']", 4096, 1024, 4),
        ("['/gpu:0', '/gpu:1']", 128, 64, 2),
        ("['/gpu:0', '/gpu:1']", 1024, 256, 2),  # some releases print half the batch of a device
        ("['horovod/gpu:0', 'horovod/gpu:1', 'horovod/gpu:2']", 96, 32, 3),
    ],
)
def test_the_devices_of_all_workers_are_counted_once(devices, whole, each, count):
    """Job, replica and task of a device's name are no devices; a worker lists its own only."""
    header = f"Model:       lenet\nBatch size:  {whole} global\n             {each} per device\nDevices:     {devices}\n"
    (run,) = runs_of(header + STEP.format(1, 100) + TOTAL.format(100.5))
    assert (run["num_devices"], run["batch_size"]) == (count, whole)


def test_the_batch_of_several_gpus_is_theirs_together():
    """The multi-GPU script prints examples of all GPUs a second, and seconds a batch of one: 2 × 32."""
    text = "$ python cifar10_multi_gpu_train.py --num_gpus=2\n"
    text += "2017-05-04 13:38:10.123456: step 10, loss = 4.05 (640.0 examples/sec; 0.050 sec/batch)\n"
    (run,) = runs_of(text)
    assert (run["batch_size"], run["batch_size_per_device"], run["num_devices"]) == (64, 32, 2)


def test_the_runs_of_our_runner_agree_with_their_records(samples):
    """No doubt about the record or the device in runs whose record and log nobody changed."""
    from logreport import api

    tables = api.read_logs(api.sources_of(samples / "runs")).tables
    doubts = {"record-contradicts-log", "log-changed", "gpu-not-used", "truncated", "failed"}
    assert doubts & {row["code"] for row in tables.rows("findings")} == set()
    assert {row["status"] for row in tables.rows("runs")} == {"complete"}
    assert all(row["unknown"] == row["malformed"] == 0 for row in tables.rows("lines"))


def test_a_rank_that_ends_after_the_total_of_another_belongs_to_the_run():
    """Two ranks without a prefix: the last step and the total of the second come after the total of the first."""
    text = "".join(STEP.format(step, speed) for step in (1, 10) for speed in (54, 55))
    text += STEP.format(20, 54) + TOTAL.format(109.34) + STEP.format(20, 55) + TOTAL.format(109.34)
    (run,) = runs_of(text)
    assert (run["ranks"], run["status"]) == (2, "complete")
    assert len(runs_of(text + STEP.format(1, 54))) == 2


def test_the_border_of_two_sessions_is_where_the_second_begins():
    """Messages and devices of the second session are no part of the first, whatever role each line has."""
    session = (
        RUNTIME.format("common_runtime/gpu/gpu_device.cc:955", "Found device 0 with properties:")
        + RUNTIME.format("x.cc:1", "something that no rule knows")
        + "name: Tesla K80\nmajor: 3 minor: 7 memoryClockRate (GHz) 0.8235\npciBusID 0000:00:1e.0\n"
        + "TensorFlow:  1.3\nModel:       resnet50\n"
        + "".join(STEP.format(step, 100) for step in (1, 10, 20))
    )
    first, second = runs_of(session * 2)
    assert (first["first_line"], first["last_line"], second["first_line"]) == (1, 10, 11)


@pytest.mark.parametrize(
    ("name", "before", "model"),
    [
        ("log_lstm32.log", "", "lstm32"),
        ("output_googlenet.log", "", "googlenet"),
        ("alexnet-vs-resnet.log", "", "alexnet"),
        ("a.log", "conv1   [128, 56, 56, 64]\n", "alexnet"),
        ("a.log", "$ python alexnet_benchmark.py\n", "alexnet"),
        ("a.log", "", None),
    ],
)
def test_the_model_of_a_summary_is_what_stands_around_it(name, before, model):
    """Other scripts print the same lines: without layers, command or name nobody knows the model."""
    text = before + "2017-09-16 20:21:03.171504: Forward across 100 steps, 0.025 +/- 0.003 sec / batch\n"
    (run,) = runs_of(text, name)
    assert run["model"] == model


@pytest.mark.parametrize(
    ("name", "layers", "model"),
    [
        ("a.log", ("pool1   [20, 112, 112, 64]", "pool2   [20, 56, 56, 128]"), "vgg"),
        ("alexnet.log", ("pool3   [20, 28, 28, 256]",), "vgg"),
        ("a.log", ("conv1   [8, 55, 55, 96]", "conv3   [8, 13, 13, 384]"), "alexnet"),
        ("a.log", ("conv1   [8, 56, 56, 96]", "conv3   [8, 12, 12, 512]"), "overfeat"),
        ("a.log", ("conv1   [8, 56, 56, 96]",), None),
        ("alexnet.log", ("conv1   [8, 32, 32, 16]",), None),
        ("googlenet.log", ("conv1   [8, 112, 112, 64]",), "googlenet"),
        ("a.log", ("fc_1/Relu   [32, 4096]",), None),
    ],
)
def test_shapes_decide_which_network_it_is(name, layers, model):
    """A layer by itself proves nothing: AlexNet is what has its shapes, and what has others is not, whatever its name is."""
    summary = "2017-09-16 20:21:03.171504: Forward across 100 steps, 0.025 +/- 0.003 sec / batch\n"
    (run,) = runs_of("\n".join((*layers, summary)), name)
    assert run["model"] == model


@pytest.mark.parametrize("line", ["('input_size:', (16, 3, 224, 224))", "input_size: (16, 3, 224, 224)"])
def test_the_batch_size_of_theanos_twin(line):
    """It prints the shape of its input, in the way of its Python."""
    text = "Using gpu device 0: Tesla K40m\n" + line + "\n"
    text += "2016-10-26 00:58:31.422229: Forward-Backward across 100 steps, 0.500 +/- 0.001 sec / batch\n"
    (run,) = runs_of(text)
    assert (run["batch_size"], run["batch_size_per_device"], run["framework"]) == (16, 16, "theano")


@pytest.mark.parametrize(
    ("heading", "name", "kind"),
    [
        ("Results on CPU", "a.md", "cpu"),
        ("AlexNet, GPU", "a.md", "gpu"),
        ("Why is the CPU so fast?", "a.md", None),
        ("No GPU found", "a.md", None),
        ("The GPU is not used", "a.md", None),
        ("Benchmark without a GPU", "a.md", None),
        ("CPU and GPU", "a.md", None),
        ("Results", "run-on-gpu.md", "gpu"),
        ("Results", "run_no_gpu.md", None),
    ],
)
def test_a_heading_names_a_device_only_where_it_is_a_name(heading, name, kind):
    """A question, a denial and a sentence name none, and neither does a file that says which one is not there."""
    text = (
        f"# {heading}\n\n2017-09-16 20:21:03.171504: Forward across 100 steps, 0.025 +/- 0.003 sec / batch\n"
    )
    (run,) = runs_of(text, name)
    assert (run["device_kind"], run["device"]) == (kind, heading if kind == "cpu" else None)


def test_theanos_twin_is_complete_with_its_one_pass():
    """It prints only the second, after the GPU that it uses."""
    text = (
        "Using gpu device 0: Tesla K40m (CNMeM is enabled with initial size: 45.0% of memory, cuDNN 5105)\n"
        "2016-10-26 00:58:30.890335: step 90, duration = 0.060\n"
        "2016-10-26 00:58:31.422229: Forward-Backward across 100 steps, 0.060 +/- 0.001 sec / batch\n"
    )
    (run,) = runs_of(text)
    assert (run["framework"], run["status"], run["device"]) == ("theano", "complete", "Tesla K40m")


def test_what_an_operation_runs_on_and_the_python_are_part_of_the_environment():
    """log_device_placement names devices for each operation; a warning or a traceback names Python's library."""
    text = (
        "conv1/weights: (VariableV2): /job:localhost/replica:0/task:0/device:CPU:0\n"
        "2018-01-01 00:00:00.000001: I tensorflow/core/common_runtime/placer.cc:874] "
        "MatMul: (MatMul)/job:localhost/replica:0/task:0/gpu:0\n"
        "/opt/venv/lib/python3.6/site-packages/h5py/__init__.py:36: FutureWarning: Conversion of float\n"
        "KMP_BLOCKTIME='0'\n"
    )
    facts = {row["key"]: row["value"] for row in tables_of(text).rows("environment")}
    assert facts == {"operations_placed_on": "CPU:0 GPU:0", "python_version": "3.6", "kmp_blocktime": "0"}
