"""Facts about this machine, its software, and how busy it is; what it does not say is None."""

import json
import os
import platform
import re
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from logreport.errors import RunnerError
from logreport.resources import install, processors
from logreport.runner.machine import processor
from logreport.runner.machine.gpus import Driver
from logreport.runs.run_record import Machine

# Instruction sets that decide how fast a matrix product is.
FEATURES = re.compile(r"sse4_2|avx\w*|fma|f16c|amx\w*|asimd\w*|sve\w*|bf16|i8mm|vsx|rvv")
# Variables that can change a speed. Terraform's names begin with TF_ too, and some of them hold secrets.
VARIABLES = re.compile(
    r"(?:CUDA|CUDNN|TF|XLA|NCCL|NVIDIA|OMP|GOMP|KMP|MKL|OPENBLAS|ONEDNN|DNNL|MALLOC|HIP|ROCR|PYTHON)_?[A-Z0-9_]*"
    r"|LD_LIBRARY_PATH|LD_PRELOAD|GLIBC_TUNABLES"
)
NOT_OURS = re.compile(r"TOKEN|SECRET|PASS|KEY|CREDENTIAL|TF_VAR|TF_CLI")
PACKAGES = (
    "tensorflow", "tensorflow-cpu", "tensorflow-gpu", "intel-tensorflow", "tensorflow-rocm", "tensorflow-macos",
    "tf-nightly", "tf-nightly-cpu", "tensorflow-metal", "keras", "tf-keras", "tf-slim", "numpy",
    "nvidia-cuda-runtime-cu12", "nvidia-cudnn-cu12", "nvidia-cublas-cu12", "nvidia-nccl-cu12",
)  # fmt: skip
QUESTION = """
import importlib.util, json, platform, sys
from importlib import metadata
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = metadata.version(name)
    except metadata.PackageNotFoundError:
        pass
there = importlib.util.find_spec("tensorflow") is not None
print(json.dumps({"python": platform.python_version(), "packages": found, "tensorflow": there}))
"""
PYTHON = re.compile(r"python[0-9.]*|pypy[0-9.]*")
LOOK = 0.5  # seconds
BUSY = 0.1  # share of the processors in use
PATIENCE = 60  # seconds; a Python on a slow network file system may take some


def machine(gpus: Driver) -> Machine:
    import psutil  # type: ignore[import-untyped] # ships no types

    info = cpu_info()
    flags = info.get("flags") or info.get("Features") or ""
    return Machine(
        host=socket.gethostname(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        cpu=info.get("model name")
        or processor.said_by_mac("machdep.cpu.brand_string")
        or platform.processor()
        or None,
        cpu_features=tuple(sorted(flag for flag in flags.split() if FEATURES.fullmatch(flag))),
        cores=psutil.cpu_count(logical=False),
        threads=psutil.cpu_count(),
        cores_allowed=len(processors()),
        cpu_quota=cpu_quota(),
        governor=governor(),
        boost=boost(),
        memory_total_bytes=psutil.virtual_memory().total,
        hypervisor="hypervisor" in flags.split() if flags else None,
        container=container(os.environ),
        gpus=gpus.gpus(),
        driver=gpus.driver(),
        driver_cuda=gpus.cuda(),
        sockets=processor.sockets(),
        caches=processor.caches(),
        microcode=info.get("microcode"),
        clock_max_hz=processor.clock_max(),
    )


def text_of(path: str | Path) -> str | None:
    """What is in a file of the system; None where it is not there."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None


def cpu_info() -> dict[str, str]:
    """What /proc/cpuinfo says of the first processor."""
    first = (text_of("/proc/cpuinfo") or "").partition("\n\n")[0]
    pairs = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def governor() -> str | None:
    """What decides about the clocks of the processors that this process may use; several names where they differ."""
    folder = "/sys/devices/system/cpu/cpu{}/cpufreq/scaling_governor"
    found = {text_of(folder.format(number)) for number in processors()}
    return " ".join(sorted(filter(None, found))) or None


def boost() -> bool | None:
    """Whether the processor may go beyond its nominal clock."""
    if (off := text_of("/sys/devices/system/cpu/intel_pstate/no_turbo")) is not None:
        return off == "0"
    on = text_of("/sys/devices/system/cpu/cpufreq/boost")
    return None if on is None else on == "1"


def cpu_quota() -> float | None:
    """How many processors at a time a control group allows; None where it sets no limit."""
    for line in (text_of("/proc/self/cgroup") or "").splitlines():
        _, controllers, path = line.split(":", 2)
        for folder in (path, "/"):  # within a container, its own group is the root
            if controllers == "":
                limit = (text_of(f"/sys/fs/cgroup{folder}/cpu.max") or "").split()
            elif "cpu" in controllers.split(","):
                there = f"/sys/fs/cgroup/cpu{folder}/cpu.cfs"
                limit = [text_of(f"{there}_quota_us") or "", text_of(f"{there}_period_us") or ""]
            else:
                continue
            with suppress(ValueError, ZeroDivisionError):
                quota, period = map(int, limit)  # `max` is no limit
                if quota > 0:
                    return quota / period
    return None


def container(environment: Mapping[str, str]) -> str | None:
    """What kind of container this is, if any."""
    signs: dict[str, Callable[[], bool]] = {
        "kubernetes": lambda: "KUBERNETES_SERVICE_HOST" in environment,
        "podman": lambda: Path("/run/.containerenv").exists(),
        "docker": lambda: Path("/.dockerenv").exists(),
        "singularity": lambda: "SINGULARITY_CONTAINER" in environment or "APPTAINER_CONTAINER" in environment,
    }
    named = next((name for name, sign in signs.items() if sign()), None)
    return named or environment.get("container") or None


def variables(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that can change a speed."""
    return {
        name: value
        for name, value in sorted(environment.items())
        if VARIABLES.fullmatch(name) and not NOT_OURS.search(name)
    }


def packages(
    python: str, environment: Mapping[str, str], *, needs_tensorflow: bool = True
) -> tuple[str, dict[str, str]]:
    """The version of a Python, and the versions of the packages in it that can change a speed.

    Args:
        python: what is run; another program than a Python has neither.
        environment: variables to add to one's own.
        needs_tensorflow: whether it must be a Python with TensorFlow.

    Raises:
        RunnerError: where it must, and is none, or does not answer.
    """
    if not needs_tensorflow and not PYTHON.fullmatch(Path(python).name):
        return "", {}
    try:
        asked = subprocess.run(  # noqa: S603 - the Python that the user names
            [python, "-c", QUESTION, *PACKAGES], env={**os.environ, **environment}, cwd="/", timeout=PATIENCE,
            stdin=subprocess.DEVNULL, capture_output=True, check=True,
        )  # fmt: skip
        answer = json.loads(asked.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        if not needs_tensorflow:
            return "", {}
        raise RunnerError(
            f"does not say what is installed in it ({error})",
            source=python,
            todo="name a Python with --python",
        ) from error
    if needs_tensorflow and not answer["tensorflow"]:
        raise RunnerError(
            "has no TensorFlow", source=python,
            todo=f"{install('run')}, or name a Python that has it with --python",
        )  # fmt: skip
    return answer["python"], answer["packages"]


def load_averages() -> tuple[float, ...]:
    """Processes that were running or waiting for the disk, on average over 1, 5 and 15 minutes."""
    return tuple(round(value, 2) for value in os.getloadavg())


def warnings() -> Iterator[str]:
    """A sentence for each thing that would make the numbers worse than the machine is."""
    import psutil

    share = psutil.cpu_percent(interval=LOOK) / 100
    if share > BUSY:
        used, there = share * psutil.cpu_count(), psutil.cpu_count()
        yield f"{used:.1f} of the {there} processors are busy already: the run will be slower than on an idle machine"
    if "powersave" in (governor() or ""):
        yield "the frequency governor is powersave: `cpupower frequency-set -g performance` gives steady clocks"
