"""Lines of copies and forks of the scripts: what they print otherwise gives the same values, and begins no other run."""

import re
from datetime import datetime, timedelta

import pytest

from logreport import api
from logreport.sources.source import memory_source

LAYERS = "pool1   [12, 112, 112, 64]\npool2   [12, 56, 56, 128]\n"
SUMMARY = "2018-04-28 09:36:10.460588: Forward across 100 steps, 0.358 +/- 0.007 sec / batch\n"
LOADED = "Successfully loaded model from /tmp/run/model.ckpt-500 at step=500.\n"
EVALUATED = """\
2016-03-02 10:20:30.000001: starting evaluation on (train).
2016-03-02 10:20:40.000002: [40 batches out of 80] (100.0 examples/sec; 0.320sec/batch)
2016-03-02 10:20:50.000003: [80 batches out of 80] (160.0 examples/sec; 0.200sec/batch)
2016-03-02 10:20:50.000004: precision @ 1 = 0.7500 recall @ 5 = 0.9300 [2560 examples]
"""
CNN_STEP = "1\timages/sec: 100.0 +/- 0.0 (jitter = 0.0)\t8.1\n"


def tables_of(text):
    """The tables of a log."""
    return api.read_logs([memory_source("a.log", text.encode())]).tables


def values(text, table, *names):
    """Some columns of a table of a log."""
    return [tuple(row[name] for name in names) for row in tables_of(text).rows(table)]


def test_a_summary_may_begin_with_a_method_that_was_not_called():
    """A script that prints `datetime.now` in place of the time still says how fast it was."""
    text = LAYERS + SUMMARY.replace(
        "2018-04-28 09:36:10.460588", "<built-in method now of type object at 0x10ab>"
    )
    assert values(text, "phases", "phase", "seconds_per_batch", "batch_size") == [("forward", 0.358, 12)]


def test_layers_may_be_named_by_their_operation():
    """With fully connected ones among them."""
    text = "conv1/Relu   [32, 56, 56, 96]\nfc_1/Relu   [32, 4096]\nfc2   [32, 10]\n" + SUMMARY
    layers = [("conv1/Relu", "32x56x56x96"), ("fc_1/Relu", "32x4096"), ("fc2", "32x10")]
    assert values(text, "layers", "name", "shape") == layers
    assert values(text, "runs", "batch_size") == [(32,)]


def test_a_name_and_two_numbers_are_no_layer():
    """`gpu0 [1, 2]` may be anything."""
    assert values("gpu0   [1, 2]\n", "layers", "name") == []


@pytest.mark.parametrize(
    ("again", "runs"),
    [
        ("pool2   [12, 56, 56, 128]\n", 1),
        ("pool2   [12, 28, 28, 256]\n", 1),
        ("pool3   [12, 28, 28, 256]\npool2   [12, 14, 14, 512]\n", 1),
        ("pool2   [24, 56, 56, 128]\n", 2),
        (LAYERS, 2),
        (SUMMARY + LAYERS, 2),
        ("2018-04-28 09:36:10.460588: I tensorflow/core/a.cc:1] text\npool2   [12, 56, 56, 128]\n", 2),
    ],
)
def test_two_layers_of_one_name_are_one_run(again, runs):
    """A copy may name two layers alike; a list that begins anew, or with another batch size, is another run's."""
    assert len(values(LAYERS + again + SUMMARY, "runs", "run_id")) == runs


def test_a_fork_of_tf_cnn_benchmarks_prints_its_header_and_total_otherwise():
    """A total with a capital letter, a batch size that does not say whose it is, and more."""
    text = "TensorFlow:  1.13\nModel:       resnet101\nBatch size:  48\nData type:   float32\n"
    text += "Saved checkpoint after 1 epoch(s) to /tmp/00001...\nTotal images/sec: 96.0\n"
    assert values(text, "runs", "batch_size", "status") == [(48, "complete")]
    assert values(text, "phases", "end_to_end_examples_per_second", "seconds_per_batch") == [(96.0, 0.5)]
    assert values(text, "lines", "record", "chatter", "unknown") == [(5, 1, 0)]


def test_a_batch_size_of_another_program_is_none():
    """The scripts pad their keys."""
    assert values("Batch size: 32\nBatch size: 32 images\n", "lines", "unknown") == [(2,)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            'physical_device_desc: "device: 1, name: Tesla T4, pci bus id: 0000:00:1f.0, compute capability: 7.5"',
            [("Tesla T4", 1, "7.5")],
        ),
        ('physical_device_desc: "device: XLA_GPU device"', []),
    ],
)
def test_a_listed_device_is_a_device(line, expected):
    """As device_lib.list_local_devices() prints it."""
    assert values(line + "\n", "devices", "name", "index", "compute_capability") == expected
    assert values(line + "\n", "lines", "record") == [(1,)]


@pytest.mark.parametrize("prefix", ["", "I tensorflow/core/common_runtime/simple_placer.cc:819] "])
def test_a_placement_without_its_operation_is_one(prefix):
    """Of TensorFlow before 0.12."""
    text = f"{prefix}W2/Initializer/mul: /job:worker/replica:0/task:1/gpu:0\n"
    reading = api.read_logs([memory_source("a.log", text.encode())], with_records=True)
    ((kind, device),) = [(row["kind"], row["fields"]["tf_device"]) for row in reading.records]
    assert (kind, device) == ("tensorflow.placement", "/job:worker/replica:0/task:1/gpu:0")


def test_an_evaluation_has_a_speed():
    """inception_eval prints that of the last batches with each line; all of them count."""
    ((*phase, mean),) = values(
        LOADED + EVALUATED, "phases", "phase", "batch_size", "n_steps", "seconds_per_batch"
    )
    assert (phase, mean) == (["evaluation", 32, 80], pytest.approx((0.32 + 0.2) / 2))
    assert values(LOADED + EVALUATED, "evaluations", "top_1", "examples") == [(0.75, 2560)]
    assert values(LOADED + EVALUATED, "steps", "step", "examples_per_second") == [(40, 100.0), (80, 160.0)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LOADED, []),
        (LOADED + EVALUATED, [("cifar10", 1)]),
        (LOADED + "10\t5712.8 examples/sec\n", [("tf_cnn_benchmarks", 1)]),
        (CNN_STEP + LOADED, [("tf_cnn_benchmarks", 1)]),
    ],
)
def test_a_model_that_was_loaded_is_no_run_yet(text, expected):
    """Several scripts say so in the same words; the results say which it was."""
    assert values(text, "runs", "benchmark", "first_line") == expected


def multi_gpu(count, batch, seconds, every=10, start=0):
    """Lines of the multi-GPU script: examples of all devices a second, and seconds a batch of one device."""
    begin = datetime.fromisoformat("2018-02-03 10:00:00.000001")
    return "".join(
        f"{begin + timedelta(seconds=seconds * step)}: step {step}, loss = 4.68 "
        f"({batch * count / seconds:.1f} examples/sec; {seconds / count:.3f} sec/batch)\n"
        for step in range(start, start + 6 * every, every)
    )


@pytest.mark.parametrize(
    ("text", "devices", "batch"),
    [
        (multi_gpu(1, 128, 0.2), 1, 128),
        (multi_gpu(1, 128, 0.2, every=100), 1, 128),
        (multi_gpu(2, 128, 0.2), 2, 256),
        (multi_gpu(4, 64, 0.4), 4, 256),
        (multi_gpu(8, 128, 0.8, start=500), 8, 1024),
        # What leaves it open: lines that others were left out from, one line, no time at all.
        (multi_gpu(2, 128, 0.2, every=100), None, None),
        (multi_gpu(2, 128, 0.2).splitlines(keepends=True)[3], None, None),
        (re.sub(r"(?m)^[^s]*: (?=step)", "", multi_gpu(2, 128, 0.2)), None, None),
        # What says it.
        ("$ python cifar10_multi_gpu_train.py --num_gpus=2\n" + multi_gpu(2, 128, 0.2), 2, 256),
        ("$ python cifar10_train.py\n" + multi_gpu(1, 128, 0.3, every=100)[:200], 1, 128),
    ],
)
def test_the_time_between_lines_tells_how_many_devices_shared_a_step(text, devices, batch):
    """The multi-GPU script divides the time of a step by the number of its devices, and prints neither."""
    ((count, whole, each),) = values(text, "runs", "num_devices", "batch_size", "batch_size_per_device")
    assert (count, whole) == (devices, batch)
    assert each in (64, 128)
    inferred = {row["code"] for row in tables_of(text).rows("findings")} & {"devices-inferred"}
    assert bool(inferred) == (devices not in (1, None) and "$" not in text)


def test_the_real_time_of_a_step_is_that_of_all_devices():
    """Half of it is printed."""
    assert values(multi_gpu(2, 128, 0.2), "phases", "seconds_per_batch", "examples_per_second") == [
        (pytest.approx(0.2), pytest.approx(1280))
    ]


@pytest.mark.parametrize(
    ("script", "mode"),
    [("cifar10_train", "training"), ("cifar10_multi_gpu_train", "training"), ("cifar10_eval", "evaluation"),
     ("tf_cnn_benchmarks", "training")],
)  # fmt: skip
@pytest.mark.parametrize("command", ["", "$ python {}.py\n"])
def test_a_run_that_failed_before_its_first_line_has_the_mode_of_its_script(script, mode, command):
    """It is known as far as the traceback or the command goes."""
    text = command.format(script)
    text += f'Traceback (most recent call last):\n  File "{script}.py", line 9, in <module>\nValueError: no\n'
    assert values(text, "runs", "mode", "status") == [
        (mode if command or "cifar" in script else None, "failed")
    ]


def test_an_evaluation_of_an_older_release_ends_with_its_accuracy():
    """It prints no total behind it; where a run trains too, the accuracy is not its end."""
    header = "TensorFlow:  1.5\nModel:       vgg11\nMode:        evaluation\nBatch size:  16 global\n"
    text = header + "10\t220.0 examples/sec\n20\t221.0 examples/sec\n"
    assert values(text, "runs", "mode", "status") == [("evaluation", "truncated")]
    text += "Precision @ 1 = 0.3100 recall @ 5 = 0.5200 [320 examples]\n"
    assert values(text, "runs", "mode", "status") == [("evaluation", "complete")]
    text = header.replace("evaluation", "training + evaluation") + CNN_STEP + text.removeprefix(header)
    assert values(text, "runs", "status") == [("truncated",)]
