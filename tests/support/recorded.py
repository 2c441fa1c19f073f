"""Logs with the record and the series that a runner would have kept beside them, of machines that nobody has."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from logreport.runs.run_record import End, Gpu, Machine, RunRecord, Sampled, to_json
from logreport.runs.telemetry import HEAD as HEAD_OF_SERIES
from logreport.runs.telemetry import Look, line_of, summed_up, to_parquet

START = datetime(2020, 11, 2, 10, tzinfo=UTC)
MACHINE = Machine(
    host="lab1", system="Linux 5.8 x86_64", cpu="AMD EPYC 7662", cpu_features=("avx2", "fma"), cores=64, threads=128,
    cores_allowed=128, cpu_quota=None, governor="performance", boost=True, memory_total_bytes=256 << 30,
    hypervisor=None, container=None, gpus=None, driver=None, driver_cuda=None, sockets=1,
    caches={"L1d": 32 << 10, "L2": 512 << 10, "L3": 16 << 20}, microcode="0x8301034",
)  # fmt: skip
HEAD = """\
TensorFlow:  1.15
Model:       resnet50
Dataset:     imagenet (synthetic)
Mode:        training
SingleSess:  False
Batch size:  {batch} global
             {batch} per device
Num batches: 100
Devices:     ['/{device}:0']
Data format: NCHW
Optimizer:   sgd
Variables:   parameter_server
==========
"""
CREATED = (
    "{at:%Y-%m-%d %H:%M:%S}.000001: I tensorflow/core/common_runtime/gpu/gpu_device.cc:1304] Created TensorFlow device "
    "(/job:localhost/replica:0/task:0/device:GPU:0 with 9000 MB memory) -> physical GPU (device: 0, name: {name}, pci bus "
    "id: {pci}, compute capability: 8.6)\n"
)
RULE = "-" * 64


def tf_cnn_log(speeds, *, batch=64, device="gpu", created=""):
    """A log of tf_cnn_benchmarks whose windows of ten steps have these speeds; its lines are means since the first step."""
    lines, elapsed = [], 0.0
    for number, speed in enumerate(speeds, 1):
        elapsed += 10 * batch / speed
        mean = 10 * number * batch / elapsed
        lines.append(f"{10 * number}\timages/sec: {mean:.1f} +/- 0.1 (jitter = 0.2)\t7.{number:03}")
    total = f"{RULE}\ntotal images/sec: {10 * len(speeds) * batch / elapsed:.2f}\n{RULE}\n"
    head = HEAD.format(batch=batch, device=device)
    return (created + head + "Step\tImg/sec\ttotal_loss\n" + "\n".join(lines) + "\n" + total).encode()


def gpu(number, **facts):
    """One of several equal cards."""
    given = {
        "name": "GeForce RTX 3090", "pci_bus_id": f"00000000:0{number}:00.0", "memory_total_bytes": 24 << 30,
        "uuid": f"GPU-{number}{number}{number}", "serial": None, "vbios": "94.02.26", "ecc": False, "mig": False,
        "pcie_generation": 4, "pcie_width": 16, "power_limit_watts": 350.0, "clock_max_hz": 2.1e9,
        "memory_clock_max_hz": 9.751e9, "compute_mode": "default", "compute_capability": "8.6",
    }  # fmt: skip
    return Gpu(**{**given, **facts})


def keep(
    folder,
    name,
    log,
    *,
    started=START,
    seconds=60.0,
    gpus=None,
    driver=None,
    looks=(),
    environment=None,
    **changed,
):
    """Write a log with its record and, where there are looks, its series; returns the path of the log."""
    folder.mkdir(parents=True, exist_ok=True)
    machine = replace(MACHINE, gpus=gpus, driver=driver, **changed.pop("machine", {}))
    end = End(
        ended=started + timedelta(seconds=seconds), seconds=seconds, exit_status=0, signal=None, stopped_by=None,
        left_behind=0, status="complete", reason="exit status 0, and all its results are there", log_bytes=len(log),
        log_sha256=hashlib.sha256(log).hexdigest(), cpu_seconds=seconds, others_cpu_seconds=0.0,
        stolen_cpu_seconds=0.0, load_after=(1.0, 1.0, 1.0), samples=summed_up(looks),
    )  # fmt: skip
    record = RunRecord(
        script="tf-cnn", benchmark="tf_cnn_benchmarks", command=("python", "tf_cnn_benchmarks.py", "--model=resnet50"),
        added=(), folder="/home/lab", private="/tmp/private-1",  # noqa: S108 - a name
        environment=environment or {}, data=None, source="/src", commit=None, dirty=False, python="3.7.9", packages={},
        machine=machine, started=started, load_before=(0.1, 0.1, 0.1), end=end,
    )  # fmt: skip
    record = replace(record, **changed)
    (folder / f"{name}.log").write_bytes(log)
    (folder / f"{name}.run.json").write_bytes(to_json(record))
    if looks:
        (folder / f"{name}.telemetry.parquet").write_bytes(to_parquet(looks))
    return folder / f"{name}.log"


def looks_of(device, rows, *, started=START):
    """A look a second: power in watts, clock in hertz, and what held it down; energy adds up as power times time."""
    found, joules = [], 0.0
    for second, (watts, clock, held) in enumerate(rows):
        if second:
            joules += (watts + rows[second - 1][0]) / 2
        time = started.replace(tzinfo=None) + timedelta(seconds=second)
        found.append(
            Look(
                time, device, utilisation=0.9, clock_hz=clock, temperature_celsius=70.0 + second / 10,
                power_watts=watts, memory_used_bytes=10 << 30, throttled=held, joules=joules,
            )
        )  # fmt: skip
    return found


__all__ = [
    "CREATED",
    "HEAD_OF_SERIES",
    "MACHINE",
    "START",
    "Sampled",
    "gpu",
    "keep",
    "line_of",
    "looks_of",
    "tf_cnn_log",
]
