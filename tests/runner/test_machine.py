"""Facts about the machine: right where the system says them, None where it does not, never an error or a secret."""

import os
import stat
import sys

import psutil
import pytest

from logreport.errors import RunnerError
from logreport.runner.machine import machine, processor
from logreport.runner.machine.nvml import Nvml


@pytest.fixture
def files(monkeypatch):
    """What the files of the system hold; a path that is not set is not there."""
    known = {}
    monkeypatch.setattr(machine, "text_of", lambda path: known.get(str(path)))
    return known


def test_this_machine_is_described():
    """What another program counts too."""
    found = machine.machine(Nvml())
    assert found.threads == os.cpu_count()
    assert found.cores_allowed == len(os.sched_getaffinity(0))
    assert found.memory_total_bytes == psutil.virtual_memory().total
    assert found.host == os.uname().nodename
    assert os.uname().release in found.system


def test_a_mac_is_described_without_the_files_of_linux(files, monkeypatch, tmp_path):  # noqa: ARG001 - none of them
    """Its sysctl names chip and caches, as on an M2; what it does not know, such as a third cache, is left out."""
    said = {
        "machdep.cpu.brand_string": "Apple M2", "hw.packages": 1, "hw.l1dcachesize": 65536, "hw.l1icachesize": 131072,
        "hw.l2cachesize": 4194304,
    }  # fmt: skip
    cases = "".join(f"{name}) echo '{value}' ;;\n" for name, value in said.items())
    program = tmp_path / "sysctl"
    program.write_text(f'#!/bin/sh\ncase "$2" in\n{cases}*) exit 1 ;;\nesac\n')
    program.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(machine.platform, "system", lambda: "Darwin")
    monkeypatch.setattr(processor, "SYSTEM", tmp_path)
    monkeypatch.delattr(os, "sched_getaffinity")
    found = machine.machine(Nvml())
    assert (found.cpu, found.sockets, found.cores_allowed) == ("Apple M2", 1, os.cpu_count())
    assert found.caches == {"L1d": 65536, "L1i": 131072, "L2": 4194304}


def test_the_governor_is_that_of_the_processors_in_use(files):
    """Different ones are both named: half of a machine on powersave is a slow machine."""
    cpus = sorted(os.sched_getaffinity(0))
    for number in range(max(cpus) + 2):
        files[f"/sys/devices/system/cpu/cpu{number}/cpufreq/scaling_governor"] = "unused"
    for number in cpus:
        name = "performance" if number == cpus[0] else "powersave"
        files[f"/sys/devices/system/cpu/cpu{number}/cpufreq/scaling_governor"] = name
    assert machine.governor() == "performance powersave"[: 11 if len(cpus) == 1 else None]
    files.clear()
    assert machine.governor() is None


@pytest.mark.parametrize(
    ("cgroup", "more", "quota"),
    [
        ("0::/", {"/sys/fs/cgroup//cpu.max": "150000 100000"}, 1.5),
        ("0::/user.slice", {"/sys/fs/cgroup/user.slice/cpu.max": "max 100000"}, None),
        ("0::/lost", {"/sys/fs/cgroup//cpu.max": "50000 100000"}, 0.5),
        ("4:cpu,cpuacct:/docker/1", {"/sys/fs/cgroup/cpu//cpu.cfs_quota_us": "400000",
                                     "/sys/fs/cgroup/cpu//cpu.cfs_period_us": "100000"}, 4.0),
        ("4:cpu:/x", {"/sys/fs/cgroup/cpu/x/cpu.cfs_quota_us": "-1",
                      "/sys/fs/cgroup/cpu/x/cpu.cfs_period_us": "100000"}, None),
        ("2:memory:/", {}, None),
    ],
)  # fmt: skip
def test_a_limit_of_a_container_is_known(files, cgroup, more, quota):
    """Both kinds of control groups, in a container and outside."""
    files.update(
        {"/proc/self/cgroup": cgroup, **{key.replace("//", "/"): v for key, v in more.items()}, **more}
    )
    assert machine.cpu_quota() == quota


@pytest.mark.parametrize(("text", "on"), [("0", True), ("1", False), (None, None)])
def test_boost(files, text, on):
    """Intel says it the other way round."""
    if text is not None:
        files["/sys/devices/system/cpu/intel_pstate/no_turbo"] = text
    assert machine.boost() is on


def test_variables_that_matter_are_kept_and_secrets_are_not():
    """A speed can depend on these; nobody wants a password in a report."""
    kept = {
        "OMP_NUM_THREADS": "2",
        "CUDA_VISIBLE_DEVICES": "",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "LD_PRELOAD": "x.so",
    }
    not_kept = {
        "TF_TOKEN_app_terraform_io": "s", "TF_VAR_password": "s", "NVIDIA_API_KEY": "s", "PYTHON_KEYRING_BACKEND": "s",
        "AWS_SECRET_ACCESS_KEY": "s", "HOME": "/home/me", "CUDA_TOKEN": "s", "MYTF_X": "s",
    }  # fmt: skip
    assert machine.variables(kept | not_kept) == kept


def test_without_a_driver_nothing_is_claimed(monkeypatch):
    """No package, or a package and no driver: unknown is not none."""
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert (Nvml().gpus(), Nvml().driver(), Nvml().cuda(), Nvml().handles) == (None, None, None, [])


def test_a_python_says_what_is_in_it():
    """Its own version and packages, asked in a process of it."""
    pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
    version, packages = machine.packages(sys.executable, {})
    assert version == sys.version.split()[0]
    assert {name for name in packages if name.startswith("tensorflow")}


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ('exec "{python}" -S "$@"', "has no TensorFlow; pip install '.*.run.', or name"),
        ("exit 1", "does not say what is installed in it .*; name a Python with --python"),
        ("echo nonsense", "does not say what is installed in it"),
    ],
)
def test_a_python_that_cannot_be_used_is_said(tmp_path, script, why):
    """Without TensorFlow, or no Python at all: said before anything is started."""
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{script.format(python=sys.executable)}\n")
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(RunnerError, match=f"^{python}: {why}"):
        machine.packages(str(python), {"PYTHONPATH": ""})
