"""label-contradicts-log: plain contradictions, and no false ones."""

import pytest
from analysis_logs import add_run, messages

from logreport.analysis.findings.labels import check_labels
from logreport.tables.tables import Tables

FLEET = "fleet/Gold_6230-GeForce_RTX_2080_Ti_NVLink_XLA_trt_TF2_2.logs/syn-replicated-fp16-2gpus/resnet152-64/throughput/1.log"
LOG = {
    "framework_version": "2.2", "framework_version_source": "printed", "model": "resnet152", "batch_size": 128,
    "batch_size_per_device": 64, "num_devices": 2, "precision": "fp16",
}  # fmt: skip


def said(path, *, device="GeForce RTX 2080 Ti", heading=None, benchmark="tf_cnn_benchmarks", **values):
    """Messages about a run with this path."""
    tables = Tables()
    add_run(tables, "a", benchmark, source=path, **{**LOG, **values})
    if device:
        tables.add("devices", run_id="a", source=path, kind="gpu", name=device)
    if heading:
        tables.add("environment", run_id="a", source=path, key="heading", value=heading)
    check_labels(tables)
    return messages(tables, "label-contradicts-log")


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"framework_version": "2.2.0"},
        {"batch_size_per_device": None},
        {"batch_size": 64, "num_devices": 1, "batch_size_per_device": None},
        {"batch_size_per_device": 32},
        {"device": "NVIDIA GeForce RTX 2080 Ti"},
        {"device": None},
        {"precision": None},
        {"model": None},
        {"framework_version": None},
        {"framework_version": "1.15", "framework_version_source": "inferred"},
        {"precision": "fp32", "mixed_precision": True},
    ],
)
def test_labels_that_agree(values):
    """The path of a fleet log, and logs that say the same or nothing."""
    assert said(FLEET, **values) == []


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"framework_version": "1.15"}, "TensorFlow 2.2, the log says 1.15"),
        ({"device": "Tesla T4"}, "GPU 2080TI, the log says T4"),
        ({"model": "vgg16"}, "model resnet152, the log says vgg16"),
        ({"precision": "fp32"}, "precision fp16, the log says fp32"),
        ({"batch_size": 256, "batch_size_per_device": 128}, "batch size 64, the log says 256 or 128"),
    ],
)
def test_labels_that_contradict(values, text):
    """One finding for what is wrong, naming both sides."""
    (message,) = said(FLEET, **values)
    assert text in message


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("cnn_resnet152_b128_t4.log", {"device": "GeForce GTX 1080"}),  # four threads, not a Tesla T4
        ("logs/resnet152-2.log", {}),  # the second run
        ("old_v1.10/resnet152_TF2_2.log", {}),
        ("tensorflow-1.15/TF2_2/run.log", {}),  # the nearest label counts
        ("alexnet_vs_vgg16.md", {}),  # the title of a document
        ("alexnet-lab.txt#2", {}),
        ("Quadro_RTX_8000/x.log", {"device": "Quadro RTX 8000"}),
        ("RTX_8000/x.log", {"device": "Quadro RTX 8000"}),
        ("TITAN_RTX/x.log", {"device": "TITAN RTX"}),
        ("A100-SXM4/x.log", {"device": "NVIDIA A100-SXM4-40GB"}),
        ("lenet.log", {"model": "lenet5"}),
        ("inception3.log", {"model": "inception_v3"}),
        ("resnet152_v1.5.log", {"model": "resnet152_v1.5"}),
        ("resnet50.log", {"benchmark": "alexnet_benchmark", "model": "alexnet"}),
    ],
)
def test_no_false_contradictions(path, values):
    """Names that look like something else."""
    assert said(path, **values) == []


def test_headings_count():
    """A heading is a label too."""
    assert "the heading says" in said("README.md#2", heading="ResNet-152 on TF 1.15, RTX 2080 Ti")[0]


@pytest.mark.parametrize(
    ("heading", "wrong"),
    [
        ("ResNet 50 and AlexNet", False),
        ("RESNET-152 vs. VGG 16", False),
        ("AlexNet", True),
        ("Inception V3", True),
        ("Inception-v3", True),
        ("ResNet 152", False),
        ("ResNet_152", False),
        ("Run of resnet 1", False),
    ],
)
def test_a_heading_that_names_two_models_contradicts_neither(heading, wrong):
    """What stands below it may be of either; one that names one model is held against the log, however it is spelled."""
    assert bool(said("README.md", heading=heading)) == wrong
