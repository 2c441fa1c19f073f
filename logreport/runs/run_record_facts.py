"""What the record of a run adds to its rows, and where it contradicts the log."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from logreport.runs.machine.devices import canonical_name
from logreport.runs.record_devices import add_devices, add_telemetry, visible
from logreport.runs.run import Run
from logreport.runs.run_record import End, RunRecord
from logreport.runs.scripts.common import flags_of, same_release, whole
from logreport.runs.scripts.registry import BENCHMARKS
from logreport.runs.segmentation.commands import plain
from logreport.runs.telemetry import between, summed_up
from logreport.scripts import COMMAND
from logreport.tables.findings import add
from logreport.tables.schema import JOINT
from logreport.tables.tables import Tables

Facts = dict[str, Any]
RANDOM = "random"
CUDA = {
    "cuda_version": "nvidia-cuda-runtime-cu",
    "cudnn_version": "nvidia-cudnn-cu",
}  # how its packages are called


def environment_of(record: RunRecord) -> Iterator[tuple[str, str]]:
    """Key and value, in base units, of what the record knows of the machine and its software."""
    machine = record.machine
    facts = {
        "host": machine.host,
        "system": machine.system,
        "cpu_model": machine.cpu,
        "cpu_features": " ".join(machine.cpu_features),
        "cpu_cores": machine.cores,
        "cpu_threads": machine.threads,
        "cpu_sockets": machine.sockets,
        **{f"cpu_cache_{name.lower()}_bytes": size for name, size in machine.caches.items()},
        "cpu_microcode": machine.microcode,
        "cpu_clock_max_hz": machine.clock_max_hz,
        "cpu_cores_allowed": machine.cores_allowed,
        "cpu_quota": machine.cpu_quota,
        "cpu_governor": machine.governor,
        "cpu_boost": None if machine.boost is None else ("on" if machine.boost else "off"),
        "memory_total_bytes": machine.memory_total_bytes,
        "intra_op_threads": record.environment.get("TF_NUM_INTRAOP_THREADS")
        or flags_of(" ".join(record.command)).get("num_intra_threads"),
        "hypervisor": "yes" if machine.hypervisor else None,
        "container": machine.container,
        "driver_version": machine.driver,
        "driver_cuda_version": machine.driver_cuda,
        **{key: installed(record, package) for key, package in CUDA.items()},
        "python_version": record.python,
        "packages": " ".join(f"{name}=={version}" for name, version in record.packages.items()),
        "variables": " ".join(f"{name}={value}" for name, value in record.environment.items()),
        "script_commit": record.commit and f"{record.commit}{' (changed)' if record.dirty else ''}",
        "launcher": record.launcher,
        "added_flags": record.without_private(" ".join(record.added)),
        "data": record.data,
        "run_load_before": load(record.load_before),
    }
    if (end := record.end) is not None:  # what is different in every run is called run_…
        facts["run_load_after"] = load(end.load_after)
        facts["run_seconds"] = f"{end.seconds:.3f}"
        facts["run_cpu_seconds"] = f"{end.cpu_seconds:.3f}"
        facts["run_others_cpu_seconds"] = f"{end.others_cpu_seconds:.3f}"
        facts["run_stolen_cpu_seconds"] = f"{end.stolen_cpu_seconds:.3f}"
    return ((key, str(value)) for key, value in facts.items() if value not in (None, ""))


def installed(record: RunRecord, package: str) -> str | None:
    """The version of a package of CUDA, whatever CUDA it is for."""
    return next((version for name, version in record.packages.items() if name.startswith(package)), None)


def load(averages: tuple[float, ...]) -> str:
    """Load averages of 1, 5 and 15 minutes as text."""
    return " ".join(f"{value:g}" for value in averages)


@dataclass(frozen=True)
class Log:
    """What the log of the run says: its GPUs by name, its environment by key, and the flags of its command."""

    gpus: list[str]
    environment: dict[str, str]
    flags: dict[str, str]


def add_record_facts(run: Run, record: RunRecord, row: Facts, log: Log, tables: Tables) -> None:
    """Put what the record knows into the row of the run and the environment; findings say what does not agree."""
    place = {"run_id": row["run_id"], "source": run.source}
    for key, value in environment_of(record):
        if key not in log.environment:  # it stands on no line of the log
            tables.add("environment", **place, key=key, value=value)
    place["line"] = row["first_line"]
    if record.data == RANDOM:
        add(tables, "random-data", place, detail="")
    changed = record.end is not None and record.end.log_sha256 != row["log_sha256"]
    if changed:
        add(tables, "log-changed", place, detail="")
    else:
        for what in contradictions(run, record, row, log):
            add(tables, "record-contradicts-log", place, detail=what)
    row |= facts_of(record, row, changed=changed)
    gpus = add_devices(record, row, tables)
    looks, samples = run.looks, record.end.samples if record.end is not None else None
    if not run.is_alone:
        looks, samples = between(looks, row.get("started_at"), row.get("ended_at")), None
    add_telemetry(record, summed_up(looks) if samples is None else samples, looks, gpus, row, tables)


def facts_of(record: RunRecord, row: Facts, *, changed: bool) -> Facts:
    """What the record says better than the log: end, release, device, data, times."""
    facts: Facts = {}
    if record.end is None:
        if row["status"] != "complete":
            facts |= {"status": "truncated", "status_reason": "its record has no end"}
    elif not changed:
        facts |= {"status": record.end.status, "status_reason": record.end.reason}
    version = release_of(record, row)
    if version and row.get("framework_version_source") != "printed":
        facts |= {"framework_version": version, "framework_version_source": "record"}
    if row.get("device_source") != "log" or row.get("device_kind") != "gpu":
        facts |= device_of(record, row.get("device_kind"))
    if record.ranks and not row.get("ranks"):
        facts["ranks"] = record.ranks
    if record.data == RANDOM and row.get("dataset"):
        facts["dataset"] = f"{row['dataset']} (random data)"
    if row.get("started_at") is None:
        facts["started_at"] = record.started.replace(tzinfo=None)
        facts["ended_at"] = record.end and record.end.ended.replace(tzinfo=None)
    return facts


def release_of(record: RunRecord, row: Facts) -> str | None:
    """The release of the run's framework that was installed: TensorFlow's where its log names no other one."""
    framework = row.get("framework") or "tensorflow"
    return record.tensorflow if framework == "tensorflow" else record.packages.get(framework)


def device_of(record: RunRecord, kind: str | None) -> Facts:
    """Kind and name of the device of a run whose log does not name it."""
    gpus = visible(record)
    kind = kind or ("gpu" if gpus else "cpu")
    if kind == "gpu":
        names = list(dict.fromkeys(canonical_name(gpu.name) for gpu in gpus))
        return {"device_kind": kind, "device": JOINT.join(names) or None, "device_source": "record"}
    cpu, cores = record.machine.cpu, record.machine.cores_allowed
    if cpu is None:
        return {"device_kind": kind}
    count = f" ({cores} {'core' if cores == 1 else 'cores'})" if cores else ""
    return {"device_kind": kind, "device": canonical_name(cpu) + count, "device_source": "record"}


def contradictions(run: Run, record: RunRecord, row: Facts, log: Log) -> Iterator[str]:
    """Each thing that the record and the log say differently, in words."""
    if record.end is not None:
        yield from of_the_end(record.end, row["status"], row["status_reason"])
    if record.benchmark not in (run.benchmark, COMMAND.name):
        yield f"the record is of {record.benchmark}, the log of {run.benchmark}"
    asked, printed = whole(log.flags.get("batch_size")), printed_batch_size(run, row)
    if asked and printed and asked != printed:
        yield f"the command asks for a batch size of {asked}, the log has {printed}"
    model, logged = plain(log.flags.get("model", "")), plain(run.headers.get("Model", ""))
    if model and logged and not (logged.startswith(model) or model.startswith(logged)):
        yield f"the command asks for {log.flags['model']}, the log is of {run.headers['Model']}"
    version = row.get("framework_version")
    is_its = row.get("framework") in (None, "tensorflow")
    if record.tensorflow and version and is_its and not same_release(record.tensorflow, version):
        yield f"TensorFlow {record.tensorflow} was installed, the log is of {version}"
    yield from of_the_devices(run, record, log)


def of_the_end(end: End, status: str, why: str) -> Iterator[str]:
    """Contradictions about how the run ended; status and why are the log's."""
    if end.exit_status == 0 and status in ("truncated", "failed"):
        yield f"the exit status was 0, but by the log it did not finish: {why}"
    elif end.exit_status not in (0, None) and status == "complete":
        yield f"the exit status was {end.exit_status}, but by the log it finished: {why}"


def of_the_devices(run: Run, record: RunRecord, log: Log) -> Iterator[str]:
    """Contradictions about the devices."""
    asked, printed = log.flags.get("device"), run.headers.get("Devices")
    if asked and printed and asked.lower() not in printed.lower():
        yield f"the command asks for {asked}, the log says {printed}"
    names = set(map(canonical_name, log.gpus))
    whole = record.machine.gpus or ()
    there = tuple(sorted({canonical_name(one.name) for gpu in whole for one in (gpu, *gpu.slices)}))
    others = sorted(
        name for name in names if not name.startswith(there)
    )  # a slice of a GPU has a longer name
    if record.machine.gpus is not None and others:
        yield f"the machine had {' + '.join(there) or 'no GPU'}, the log names {' + '.join(others)}"


def printed_batch_size(run: Run, row: Facts) -> int | None:
    """Examples per step on one device as the log itself shows them."""
    read = getattr(BENCHMARKS.get(run.benchmark or ""), "printed_batch", None)
    size: int | None = read(run) if read else row.get("batch_size_per_device")
    return size
