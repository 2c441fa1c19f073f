"""Doubts about the machine of a run."""

import pytest
from analysis_logs import add_run, codes, messages

from logreport.analysis.findings.machine import check_devices
from logreport.tables.tables import Tables

GPU = {"kind": "gpu", "name": "Tesla T4", "memory_total_bytes": 15 << 30, "memory_limit_bytes": 13 << 30}


def checked(environment, *devices, **run):
    """Tables of one run with these facts and devices, checked."""
    tables = Tables()
    add_run(tables, "a", "tf_cnn_benchmarks", **run)
    for key, value in environment.items():
        tables.add("environment", run_id="a", source="a.log", key=key, value=value, line=3)
    for device in devices:
        tables.add("devices", run_id="a", source="a.log", line=5, **device)
    check_devices(tables)
    return tables


MISSING = {"missing_libraries": "libcudart.so.10.1"}


@pytest.mark.parametrize(
    ("environment", "devices", "run"),
    [
        ({**MISSING, "devices": "['/gpu:0']"}, [], {"device_kind": "cpu"}),
        (
            {"cuinit_error": "UNKNOWN ERROR (303)"},
            [],
            {"command": "python tf_cnn_benchmarks.py --num_gpus=1"},
        ),
        ({"cpu_features_unused": "AVX2", "devices": "['/gpu:0']"}, [], {"device_kind": "cpu"}),
        (
            {**MISSING, "no_gpu": "GPU devices skipped"},
            [{**GPU, "memory_limit_bytes": None}],
            {"device_kind": "gpu"},
        ),
        ({"no_gpu": "GPU will not be used"}, [], {"device_kind": "gpu"}),
    ],
)
def test_gpu_not_used(environment, devices, run):
    """Asked for or found, and not opened."""
    assert "gpu-not-used" in codes(checked(environment, *devices, **run))


@pytest.mark.parametrize(
    ("environment", "devices", "run"),
    [
        (MISSING, [], {"device_kind": "cpu", "command": "python x.py --num_gpus=1 --device=cpu"}),
        (MISSING, [], {"device_kind": "cpu"}),  # nobody asked for one
        (
            {**MISSING, "variables": "CUDA_VISIBLE_DEVICES=-1 PYTHONUNBUFFERED=1"},
            [],
            {"device_kind": "cpu", "command": "python cifar10_multi_gpu_train.py --num_gpus=2"},
        ),
        ({"missing_libraries": "libnvinfer.so.6, libnvinfer_plugin.so.6"}, [GPU], {"device_kind": "gpu"}),
        (
            {"missing_libraries": "libnvinfer.so.6"},
            [{**GPU, "memory_limit_bytes": None}],
            {"device_kind": "gpu"},
        ),
        ({}, [], {"device_kind": "gpu"}),  # an excerpt
        ({"devices": "['/gpu:0']"}, [GPU], {"device_kind": "gpu"}),
    ],
)
def test_gpu_used_or_not_asked_for(environment, devices, run):
    """No doubt where a GPU was created, where none was wanted, and where the log cannot tell."""
    assert "gpu-not-used" not in codes(checked(environment, *devices, **run))


@pytest.mark.parametrize(
    ("features", "devices", "found"),
    [
        ("AVX2 FMA", [], True),
        ("SSE4.1 SSE4.2 AVX", [], False),
        ("AVX2 AVX512F FMA", [GPU], False),
        ("FMA", [], True),
    ],
)
def test_cpu_binary_unoptimized(features, devices, found):
    """Only the CPU side is held back, and only by what doubles its peak."""
    tables = checked({"cpu_features_unused": features}, *devices, device_kind="gpu" if devices else "cpu")
    assert ("cpu-binary-unoptimized" in codes(tables)) == found


@pytest.mark.parametrize(
    ("environment", "version"),
    [({}, "2.3"), ({}, "2.21.0"), ({"binary_optimized_with": "oneDNN"}, None)],
)
def test_binaries_that_choose_at_run_time(environment, version):
    """From 2.3 on TensorFlow uses what the CPU has where it matters, whatever its other operations leave unused."""
    tables = checked(
        {"cpu_features_unused": "AVX2 FMA", **environment}, framework_version=version, device_kind="cpu"
    )
    assert "cpu-binary-unoptimized" not in codes(tables)


@pytest.mark.parametrize(("free", "found"), [(14.6, False), (3.0, True), (None, False)])
def test_memory_shared(free, found):
    """Much less than all of the memory free at the start."""
    tables = checked({}, {**GPU, "memory_free_bytes": free and int(free * 2**30)})
    assert ("memory-shared" in codes(tables)) == found
    assert all("3.0 of 15.0 GiB" in text for text in messages(tables, "memory-shared"))
