"""Tables with the facts of the founding documents, written by hand, and many synthetic runs."""

import json
from datetime import UTC, datetime, timedelta

from logreport.analysis.results import Comparison, Difference, Remark, Side, Speed, Workload
from logreport.tables.tables import Tables

MADE_AT = datetime(2025, 1, 2, 3, 4, tzinfo=UTC)
COMMAND = "logreport report sample_logs -o report"
WIKI, LAB, CIFAR, GEFORCE = (
    "alexnet-wiki-cpu.txt",
    "alexnet-cpu-vs-gpu.md",
    "cifar10-gpu-vs-cpu.md",
    "geforce-resnet-alexnet.md",
)
SHA = {source: f"{n:x}" * 64 for n, source in enumerate((WIKI, LAB, CIFAR, GEFORCE), 0xA)}
CPU, TI, GTX, CPU18 = "TF 0.5 CPU", "GeForce GTX 1050 Ti", "GeForce GTX 1060 6GB", "ThinkCentre CPU"
FORWARD = {
    WIKI: (2.271, 2.324, 2.380, 2.396, 2.367, 2.177, 2.293, 2.270, 2.283),
    LAB: (0.131, 0.133, 0.131, 0.131, 0.132, 0.130, 0.132, 0.131, 0.131, 0.131),
}
BACKWARD = {
    WIKI: (9.731, 9.663, 9.600, 10.290, 10.078, 9.891, 9.843, 9.710, 9.859),
    LAB: (0.316, 0.314, 0.314, 0.315, 0.315, 0.315, 0.315, 0.315, 0.315, 0.317),
}
CIFAR_STEPS = {
    "gtx": (213.6, 4765.9, 7818.8, 7902.7, 7967.4),
    "cpu": (628.2, 527.0, 549.4, 548.1),
}
RESNET = (52.3, 51.8, 51.8, 51.7, 51.7, 51.7, 51.7, 51.7, 51.7, 51.6, 51.7)
PUBLISHED = {
    "InceptionV3": (34, 37, 39),
    "ResNet-50": (54, 62, 65),
    "VGG16": (29, 33, 30),
    "Alexnet": (213, 386, 466),
    "Nasnet": (38, 41, 44),
}


def add_run(tables, run_id, source, device, *, first, last, **fields):
    """One run with what all runs of these documents share."""
    row = {
        "benchmark": "alexnet_benchmark", "model": "alexnet", "mode": "forward", "batch_size": 128,
        "precision": "fp32", "framework": "tensorflow", "device_kind": "gpu", "status": "complete",
        "log_sha256": SHA.get(source),
    }  # fmt: skip
    tables.add(
        "runs",
        run_id=run_id,
        source=source,
        device=device,
        first_line=first,
        last_line=last,
        **(row | fields),
    )


def add_phase(tables, run_id, source, phase, *, seconds, line, **fields):
    """One phase with its mean step time; speed follows from the batch size."""
    size = fields.pop("batch_size", 128)
    speed = fields.pop("speed", None) or size / seconds
    tables.add(
        "phases", run_id=run_id, source=source, phase=phase, batch_size=size, n_steps=100, warmup_steps=0,
        seconds_per_batch=seconds, examples_per_second=speed, examples_per_second_printed=speed,
        method="reported", line=line, **fields,
    )  # fmt: skip


def _alexnet(tables, run_id, source, device, *, first_steps, summaries, start, version):
    at = datetime(2015, 11, 26, 21, 24) if source == WIKI else datetime(2019, 1, 8, 10, 1, 15)  # noqa: DTZ001
    add_run(
        tables, run_id, source, device, first=start, last=summaries[1], framework_version=version,
        framework_version_source="inferred", device_kind="cpu" if device == CPU else "gpu",
        device_source="framework" if device == CPU else "log", started_at=at,
        ended_at=at + timedelta(seconds=1300),
        command="python alexnet_benchmark.py --batch_size 128 --num_batches 100",
    )  # fmt: skip
    means = {WIKI: (2.285, 9.721), LAB: (0.131, 0.315)}[source]
    for phase, steps, mean, first, line in zip(
        ("forward", "forward_backward"), (FORWARD[source], BACKWARD[source]), means, first_steps, summaries,
        strict=True,
    ):  # fmt: skip
        add_phase(tables, run_id, source, phase, seconds=mean, line=line, seconds_per_batch_sd=0.001)
        offset = 10 if source == WIKI else 0
        for i, seconds in enumerate(steps):
            tables.add(
                "steps", run_id=run_id, source=source, phase=phase, step=offset + 10 * i,
                seconds_per_batch=seconds, line=first + i,
            )  # fmt: skip


def _cifar(tables, run_id, device, key, *, first, speed):
    at = datetime(2018, 9, 9, 23, 9)  # noqa: DTZ001
    add_run(
        tables, run_id, CIFAR, device, first=first - 8, last=first + 4, benchmark="cifar10", model="cifar10",
        mode="training", dataset="cifar10", status="unknown", started_at=at, ended_at=at,
        device_source="log" if key == "gtx" else "host", command="python cifar10_train.py",
    )  # fmt: skip
    add_phase(tables, run_id, CIFAR, "training", seconds=128 / speed, line=first + 2, speed=speed)
    for i, value in enumerate(CIFAR_STEPS[key]):
        tables.add(
            "steps", run_id=run_id, source=CIFAR, phase="training", step=10 * i, examples_per_second=value,
            loss=4.6, is_warmup=i < 2, line=first + i,
        )  # fmt: skip


def _resnet(tables):
    add_run(
        tables, "resnet", GEFORCE, TI, first=96, last=112, benchmark="tf_cnn_benchmarks", model="resnet50",
        mode="training", batch_size=32, num_devices=1, variable_update="parameter_server",
        device_source="heading",
        command="python tf_cnn_benchmarks.py --num_gpus=1 --batch_size=32 --model=resnet50"
        " --variable_update=parameter_server",
    )  # fmt: skip
    add_phase(
        tables, "resnet", GEFORCE, "training", seconds=32 / 51.66, line=111, batch_size=32, speed=51.66,
        examples_per_second_low=51.4, examples_per_second_high=51.9,
    )  # fmt: skip
    for i, rate in enumerate(RESNET):
        tables.add(
            "steps", run_id="resnet", source=GEFORCE, phase="training", step=max(10 * i, 1),
            examples_per_second=rate, jitter=0.3, sem=0.1, line=99 + i,
            window_examples_per_second=None if i == 0 else 51.5 + 0.1 * (i % 4), is_warmup=False,
        )  # fmt: skip


def _machines(tables):
    for run_id, source, name, clock, memory, line in (
        ("lab", LAB, TI, 1.392e9, 3.94, 51),
        ("gtx", CIFAR, GTX, 1.835e9, 5.91, 23),
    ):
        tables.add(
            "devices", run_id=run_id, source=source, index=0, kind="gpu", name=name, compute_capability="6.1",
            clock_hz=clock, memory_total_bytes=int(memory * 2**30), line=line,
        )  # fmt: skip
        features = "SSE4.1 SSE4.2 AVX FMA" if run_id == "lab" else "SSE4.1 SSE4.2 AVX"
        tables.add(
            "environment", run_id=run_id, source=source, key="cpu_features_unused", value=features, line=50
        )
    tables.add("environment", run_id="wiki", source=WIKI, key="intra_op_threads", value="8", line=57)


def _published(tables):
    for model, speeds in PUBLISHED.items():
        for i, (size, speed) in enumerate(zip((16, 32, 64), speeds, strict=True)):
            tables.add(
                "published", source=GEFORCE, value=float(speed), unit="images/sec", metric="speed",
                row_label=str(size), column_label=model, batch_size=size, model=model, device="1050 Ti",
                precision="fp16", dataset="Synthetic", line=124 + i,
            )  # fmt: skip


def _doubts(tables):
    tables.add(
        "findings", run_id="wiki", source=WIKI, severity="warning", code="old-mean", phase=None, line=68,
        message="An old script: its mean leaves out one step of a hundred and is 1 % too low.",
    )  # fmt: skip
    tables.add(
        "findings", run_id="cpu", source=CIFAR, severity="note", code="few-windows", phase="training", line=54,
        message="Two windows after warm-up: too few for an interval.",
    )  # fmt: skip
    tables.add(
        "findings", run_id="lab", source=LAB, severity="note", code="cpu-features", phase=None, line=50,
        message="This build of TensorFlow does not use AVX and FMA: the CPU side is slower than it could be.",
    )  # fmt: skip


def founding():
    """The tables of the founding documents."""
    tables = Tables()
    _alexnet(tables, "wiki", WIKI, CPU, first_steps=(59, 69), summaries=(68, 78), start=47, version="0.5")
    _alexnet(tables, "lab", LAB, TI, first_steps=(62, 73), summaries=(72, 83), start=40, version="1.10")
    _cifar(tables, "gtx", GTX, "gtx", first=31, speed=7896.3)
    _cifar(tables, "cpu", CPU18, "cpu", first=52, speed=548.75)
    _resnet(tables)
    _machines(tables)
    _published(tables)
    _doubts(tables)
    for source, counts in {
        WIKI: (98, 34, 4, 26, 34, 0, 0), LAB: (86, 38, 9, 14, 25, 0, 0),
        CIFAR: (59, 19, 12, 10, 17, 0, 1), GEFORCE: (134, 68, 12, 26, 28, 0, 0),
    }.items():  # fmt: skip
        names = ("total", "record", "chatter", "blank", "prose", "malformed", "unknown")
        tables.add("lines", source=source, **dict(zip(names, counts, strict=True)))
    return tables


def side(label, run_id, place, speed, printed=None, **ends):
    """One side of a comparison."""
    return Side((label,), (run_id,), (place,), Speed(speed, **ends), printed or speed, label)


def finding(code, side="baseline", **details):
    """A finding about one side, as a remark."""
    return Remark("finding", (side, code, json.dumps(details), None))


def versus(workload, baseline, other, **fields):
    """A comparison whose ratio follows from its sides."""
    ratio = other.speed.value / baseline.speed.value
    defaults = {
        "ratio": ratio, "low": None, "high": None, "ratio_as_printed": other.as_printed / baseline.as_printed,
        "verdict": "faster" if ratio > 1 else "slower",
    }  # fmt: skip
    return Comparison(workload, baseline, other, **(defaults | fields))


def alexnet(phase="forward", size=128):
    """The workload of the AlexNet benchmark."""
    return Workload("alexnet_benchmark", "alexnet", phase, size, "fp32", None, None)


def founding_comparisons():
    """What analysis says about the founding documents."""
    cifar = Workload("cifar10", "cifar10", "training", 128, "fp32", "cifar10", None)
    small = side("TF 0.5 CPU", "wiki10", (WIKI, 33), 10 / 0.170)
    return [
        versus(alexnet(), side(CPU, "wiki", (WIKI, 68), 128 / 2.285), side(TI, "lab", (LAB, 72), 128 / 0.131)),
        versus(
            alexnet("forward_backward"),
            side(CPU, "wiki", (WIKI, 78), 128 / 9.721),
            side(TI, "lab", (LAB, 83), 128 / 0.315),
        ),
        versus(cifar, side(CPU18, "cpu", (CIFAR, 54), 548.75), side(GTX, "gtx", (CIFAR, 33), 7896.3)),
        Comparison(
            alexnet(size=10), small, side(TI, "lab", (LAB, 72), 128 / 0.131), None, None, None, None,
            "not comparable", differences=(Difference("batch_size", 10, 128),),
        ),
    ]  # fmt: skip


def corrected():
    """AlexNet forward with the old script's mean put right."""
    return versus(
        alexnet(),
        side(CPU, "wiki", (WIKI, 68), 128 / 2.285 * 0.99, 128 / 2.285, low=55.1, high=55.8),
        side(TI, "lab", (LAB, 72), 128 / 0.131, low=973.0, high=981.0),
        low=17.48,
        high=17.74,
        remarks=(
            finding(
                "summary-contradicts-steps",
                why="one-step-less",
                summed=99,
                steps=100,
                printed=2.285,
                given=2.308,
                action="corrected",
            ),
        ),
    )


def one_run():
    """Tables that hold the ResNet-50 run alone."""
    tables = Tables()
    _resnet(tables)
    tables.add(
        "lines", source=GEFORCE, total=17, record=14, chatter=1, blank=2, prose=0, malformed=0, unknown=0
    )
    return tables


def many(count=4000):
    """Synthetic runs: forty devices, ten models, batch sizes from 16 to 512."""
    tables = Tables()
    for n in range(count):
        run_id, source = f"r{n}", f"logs/machine-{n % 40}/run-{n}.log"
        size, model = 2 ** (4 + n // 40 % 6), f"model{n // 240 % 10}"
        device = f"Device {n % 40}"
        failed = n % 50 == 0
        add_run(
            tables, run_id, source, device, first=1, last=40, benchmark="tf_cnn_benchmarks", model=model,
            mode="training", batch_size=size, log_sha256=f"{n:064x}", status="failed" if failed else "complete",
            status_reason="out of memory" if failed else None,
        )  # fmt: skip
        tables.add(
            "lines", source=source, total=40, record=30, chatter=5, blank=5, prose=0, malformed=0, unknown=0
        )
        if failed:
            tables.add(
                "findings", run_id=run_id, source=source, severity="error", code="oom", line=30,
                message=f"Out of memory at step {n}.",
            )  # fmt: skip
            continue
        speed = 100.0 + n % 40 * 10 + size / 4
        add_phase(
            tables, run_id, source, "training", seconds=size / speed, line=39, batch_size=size, speed=speed
        )
        for i in range(5):
            tables.add(
                "steps", run_id=run_id, source=source, phase="training", step=10 * i, line=10 + i,
                examples_per_second=speed + i, jitter=1.0,
            )  # fmt: skip
    return tables


def many_comparisons(tables):
    """Each run against device 0's run of the same workload."""
    runs = {r["run_id"]: r for r in tables.rows("runs")}
    groups = {}
    for p in tables.rows("phases"):
        r = runs[p["run_id"]]
        groups.setdefault((r["model"], r["batch_size"]), []).append((r, p))
    found = []
    for (model, size), pairs in groups.items():
        workload = Workload("tf_cnn_benchmarks", model, "training", size, "fp32", None, 1)
        sides = [
            side(r["device"], r["run_id"], (r["source"], 39), p["examples_per_second"]) for r, p in pairs
        ]
        found += [versus(workload, sides[0], other) for other in sides[1:]]
    return found


def add_measured(tables, run_id, source, size, speed):
    """A phase whose interval is 1 % either way, and a step line, for a speed without one is only a total."""
    add_phase(
        tables, run_id, source, "training", seconds=size / speed, line=39, batch_size=size, speed=speed,
        examples_per_second_low=speed * 0.99, examples_per_second_high=speed * 1.01, interval_method="printed",
    )  # fmt: skip
    tables.add(
        "steps", run_id=run_id, source=source, phase="training", step=10, examples_per_second=speed, line=20
    )


def scaling(error=None):
    """ResNet-50 on two cards: 1, 2 and 4 of them, two versions, two batch sizes; `error` is a run with an error."""
    tables = Tables()
    speeds = {
        ("RTX A", 1, 64, "1.15"): 100.0, ("RTX A", 2, 64, "1.15"): 190.0, ("RTX A", 4, 64, "1.15"): 360.0,
        ("RTX B", 1, 64, "1.15"): 200.0, ("RTX B", 2, 64, "1.15"): 300.0,
        ("RTX A", 1, 64, "2.2"): 110.0, ("RTX B", 1, 64, "2.2"): 190.0, ("RTX A", 1, 128, "2.2"): 121.0,
    }  # fmt: skip
    for n, ((device, count, size, version), speed) in enumerate(speeds.items()):
        run_id, source = f"s{n}", f"{device[-1].lower()}-tf{version}/{count}gpus-{size}.log"
        add_run(
            tables, run_id, source, device, first=1, last=40, benchmark="tf_cnn_benchmarks", model="resnet50",
            mode="training", batch_size=size * count, num_devices=count, framework_version=version,
            variable_update="replicated",
        )  # fmt: skip
        add_measured(tables, run_id, source, size * count, speed)
        tables.add(
            "lines", source=source, total=40, record=40, chatter=0, blank=0, prose=0, malformed=0, unknown=0
        )
        if run_id == error:
            tables.add(
                "findings", run_id=run_id, source=source, severity="error", code="non-finite-loss", line=30,
                phase="training", message="The loss is nan.",
            )  # fmt: skip
    return tables


def nightly():
    """ResNet-50 every night of January 2021; from the 16th on with another driver, and 10 % slower."""
    tables = Tables()
    for day in range(30):
        run_id, source = f"n{day}", f"nightly/2021-01-{day + 1:02}/run.log"
        speed = (100.0 if day < 15 else 90.0) + (0.3, -0.2, 0.1, -0.4, 0.2)[day % 5]
        add_run(
            tables, run_id, source, "RTX A", first=1, last=40, benchmark="tf_cnn_benchmarks", model="resnet50",
            mode="training", batch_size=64, num_devices=1, framework_version="2.4",
            started_at=datetime(2021, 1, day + 1, 3, 0),  # noqa: DTZ001 - logs carry local time
        )  # fmt: skip
        add_measured(tables, run_id, source, 64, speed)
        tables.add(
            "environment", run_id=run_id, source=source, key="driver_version", value="450" if day < 15 else "460",
            line=5,
        )  # fmt: skip
        tables.add(
            "lines", source=source, total=40, record=40, chatter=0, blank=0, prose=0, malformed=0, unknown=0
        )
    return tables
