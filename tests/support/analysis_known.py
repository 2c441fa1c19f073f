"""Passes of two founding documents, and the tables that they make."""

from analysis_logs import add_alexnet, add_intervals, add_run

from logreport.tables.tables import Tables

CPU_FORWARD = """\
2015-11-26 21:24:30.956213: step 10, duration = 2.271
2015-11-26 21:24:53.889235: step 20, duration = 2.324
2015-11-26 21:25:17.470194: step 30, duration = 2.380
2015-11-26 21:25:40.652514: step 40, duration = 2.396
2015-11-26 21:26:03.827588: step 50, duration = 2.367
2015-11-26 21:26:26.532876: step 60, duration = 2.177
2015-11-26 21:26:49.768012: step 70, duration = 2.293
2015-11-26 21:27:12.705549: step 80, duration = 2.270
2015-11-26 21:27:35.671724: step 90, duration = 2.283
2015-11-26 21:27:56.601975: Forward across 100 steps, 2.285 +/- 0.239 sec / batch
"""
"""TensorFlow 0.5 on a CPU, batch 128; an old checkout."""

CPU_BOTH = """\
2015-11-26 21:31:22.048707: step 10, duration = 9.731
2015-11-26 21:32:59.365643: step 20, duration = 9.663
2015-11-26 21:34:36.980601: step 30, duration = 9.600
2015-11-26 21:36:15.138785: step 40, duration = 10.290
2015-11-26 21:37:53.282469: step 50, duration = 10.078
2015-11-26 21:39:32.931147: step 60, duration = 9.891
2015-11-26 21:41:12.224409: step 70, duration = 9.843
2015-11-26 21:42:50.520298: step 80, duration = 9.710
2015-11-26 21:44:27.532264: step 90, duration = 9.859
2015-11-26 21:45:56.325980: Forward-backward across 100 steps, 9.721 +/- 0.993 sec / batch
"""
"""The second pass of the same run."""

GPU_FORWARD = """\
2019-01-08 10:01:15.496202: step 0, duration = 0.131
2019-01-08 10:01:16.811481: step 10, duration = 0.133
2019-01-08 10:01:18.122998: step 20, duration = 0.131
2019-01-08 10:01:19.435479: step 30, duration = 0.131
2019-01-08 10:01:20.746376: step 40, duration = 0.132
2019-01-08 10:01:22.055767: step 50, duration = 0.130
2019-01-08 10:01:23.373633: step 60, duration = 0.132
2019-01-08 10:01:24.684571: step 70, duration = 0.131
2019-01-08 10:01:25.996646: step 80, duration = 0.131
2019-01-08 10:01:27.310601: step 90, duration = 0.131
2019-01-08 10:01:28.494875: Forward across 100 steps, 0.131 +/- 0.001 sec / batch
"""
"""GeForce GTX 1050 Ti, batch 128."""

GPU_BOTH = """\
2019-01-08 10:01:33.045798: step 0, duration = 0.316
2019-01-08 10:01:36.194006: step 10, duration = 0.314
2019-01-08 10:01:39.339279: step 20, duration = 0.314
2019-01-08 10:01:42.485914: step 30, duration = 0.315
2019-01-08 10:01:45.638622: step 40, duration = 0.315
2019-01-08 10:01:48.793497: step 50, duration = 0.315
2019-01-08 10:01:51.939761: step 60, duration = 0.315
2019-01-08 10:01:55.085868: step 70, duration = 0.315
2019-01-08 10:01:58.233939: step 80, duration = 0.315
2019-01-08 10:02:01.388645: step 90, duration = 0.317
2019-01-08 10:02:04.218553: Forward-backward across 100 steps, 0.315 +/- 0.001 sec / batch
"""
"""The second pass of the same run."""


def alexnet_tables() -> Tables:
    """Both runs of AlexNet, unanalysed."""
    tables = Tables()
    add_run(tables, "cpu", "alexnet_benchmark", model="alexnet", device_kind="cpu", device="TF 0.5 CPU")
    gpu = {"device_kind": "gpu", "device": "GeForce GTX 1050 Ti", "num_devices": 1}
    add_run(tables, "gpu", "alexnet_benchmark", model="alexnet", **gpu)
    for run, first, second in (("cpu", CPU_FORWARD, CPU_BOTH), ("gpu", GPU_FORWARD, GPU_BOTH)):
        add_alexnet(tables, run, first)
        add_alexnet(tables, run, second, phase="forward_backward")
    where = {"name": "conv1", "line": 1}
    tables.add("layers", run_id="cpu", source="cpu.log", shape="128x55x55x64", **where)
    tables.add("layers", run_id="gpu", source="gpu.log", shape="128x56x56x64", **where)
    tables.add(
        "devices", run_id="gpu", source="gpu.log", index=0, kind="gpu", name="GeForce GTX 1050 Ti",
        compute_capability="6.1", clock_hz=1.392e9, memory_limit_bytes=3422 << 20,
    )  # fmt: skip
    return tables


def cifar_tables() -> Tables:
    """CIFAR-10 on a GeForce GTX 1060 and on a CPU, unanalysed."""
    tables = Tables()
    same = {"status": "unknown", "model": "cifar10"}
    add_run(tables, "gpu", "cifar10", device_kind="gpu", device="GeForce GTX 1060 6GB", **same)
    add_intervals(tables, "gpu", [0, 10, 20, 30, 40], [213.6, 4765.9, 7818.8, 7902.7, 7967.4])
    add_run(tables, "cpu", "cifar10", device_kind="cpu", device="CPU", **same)
    add_intervals(tables, "cpu", [0, 10, 20, 30], [628.2, 527.0, 549.4, 548.1])
    return tables
