"""Peaks, operations an image, and how much of the peak a run uses."""

import pytest
from analysis_known import alexnet_tables
from analysis_logs import add_cumulative, add_run
from studies import utilisation

from logreport.analysis import analyze
from logreport.analysis.hardware.operations import layers_of, operations
from logreport.analysis.hardware.utilisation import catalogue, peak_of
from logreport.tables.tables import Tables


def test_alexnet_by_hand():
    """Output positions × weights × 2: 56²·64·3·11² + 27²·192·64·5² + 13²·9·(384·192 + 256·384 + 256·256)."""
    weights = (
        56**2 * 64 * 3 * 11**2 + 27**2 * 192 * 64 * 5**2 + 13**2 * 9 * (384 * 192 + 256 * 384 + 256 * 256)
    )
    layers = layers_of("alexnet_benchmark", "alexnet")
    assert operations(layers, "forward") == 2 * weights == pytest.approx(1.316e9, rel=1e-3)
    first = 2 * 56**2 * 64 * 3 * 11**2
    assert operations(layers, "forward_backward") == 6 * weights - first


@pytest.mark.parametrize(
    ("model", "billions"),
    [
        ("vgg16", 15.47),
        ("vgg19", 19.63),
        ("resnet50", 3.86),
        ("resnet50_v1.5", 4.09),
        ("resnet101", 7.57),
        ("resnet152", 11.28),
    ],
)
def test_networks_against_the_literature(model, billions):
    """Multiplications an image as their papers give them (VGG 15.5 and 19.6, ResNet 3.8, 7.6 and 11.3 billion)."""
    assert operations(layers_of("tf_cnn_benchmarks", model), "inference") / 2e9 == pytest.approx(
        billions, abs=0.01
    )


@pytest.mark.parametrize("model", ["nasnet", "resnet50_v9", None, "trivial"])
def test_unknown_networks(model):
    """Nothing is guessed."""
    assert layers_of("tf_cnn_benchmarks", model) is None


def test_the_log_goes_before_the_catalogue():
    """Core count and clock as printed; the catalogue fills what is missing; a name that is not in it stays unknown."""
    printed = {
        "name": "GeForce RTX 2080 Ti",
        "compute_capability": "7.5",
        "clock_hz": 1.65e9,
        "core_count": 68,
    }
    assert peak_of(printed).rate == pytest.approx(68 * 64 * 1.65e9 * 2)
    assert "from the log" in "; ".join(peak_of(printed).sources)
    assert peak_of({"name": "NVIDIA GeForce RTX 2080 Ti"}).rate == pytest.approx(68 * 64 * 1.545e9 * 2)
    assert peak_of({"name": "Unheard Of 9000", "compute_capability": "7.5", "clock_hz": 1e9}) is None
    assert peak_of({"name": "GeForce RTX 2060", "compute_capability": "7.5"}) is None


def test_every_entry_has_a_source():
    """The catalogue names where each entry comes from, and its capabilities are known."""
    data = catalogue()
    assert all(gpu["source"] and gpu["multiprocessors"] for gpu in data["gpus"].values())
    assert all(gpu["compute_capability"] in data["cores_per_multiprocessor"] for gpu in data["gpus"].values())


def test_formula_and_source():
    """A row says how it was computed and from what."""
    tables = alexnet_tables()
    analyze(tables)
    found = utilisation(tables)[0]
    assert found.formula == "974.9 images/s × 1.316 GFLOP an image ÷ (768 cores × 1.392 GHz × 2)"
    assert "helper_cuda.h" in "; ".join(found.sources)
    assert found.line == 1


@pytest.mark.parametrize(
    ("values", "count"),
    [
        ({}, 1),
        ({"precision": "fp16"}, 0),
        ({"precision": None}, 0),
        ({"mixed_precision": True}, 0),
        ({"mixed_precision": False}, 1),
        ({"num_devices": 2}, 0),
        ({"dataset": "cifar10"}, 0),
        ({"device_kind": "cpu"}, 0),
        ({"model": "nasnet"}, 0),
        ({"capability": "8.6"}, 0),  # TF32 or not, the log does not say
    ],
)
def test_what_is_not_known_is_left_out(values, count):
    """FP32 only, on as many GPUs as were used, of a network that is known."""
    values = dict(values)
    tables = Tables()
    row = {
        "model": "resnet50",
        "precision": "fp32",
        "num_devices": 1,
        "device_kind": "gpu",
        "dataset": "imagenet (synthetic)",
    }
    capability = values.pop("capability", "7.5")
    add_run(tables, "a", "tf_cnn_benchmarks", **{**row, **values})
    add_cumulative(tables, "a", [1, *range(10, 101, 10)], [300.0] * 11, sem=0.1)
    tables.add(
        "devices",
        run_id="a",
        source="a.log",
        kind="gpu",
        name="GeForce RTX 2080 Ti",
        compute_capability=capability,
    )
    analyze(tables)
    assert len(utilisation(tables)) == count
