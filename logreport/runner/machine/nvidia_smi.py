"""The program that comes with NVIDIA's driver, where the library for Python is not installed."""

import csv
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from logreport.runner.machine.nvml import COMPUTE_MODES, MEGA, throttled
from logreport.runs.run_record import Gpu

PROGRAM = "nvidia-smi"
MEBI = 1 << 20
PATIENCE = 20  # seconds; without its daemon the driver is started by each question
FORMAT = "--format=csv,noheader,nounits"


def real(text: str) -> float:
    return float(text)


def mega(text: str) -> float:
    return float(text) * MEGA


def mebi(text: str) -> int:
    return int(float(text) * MEBI)


def is_on(text: str) -> bool:
    return {"Enabled": True, "Disabled": False}[text]


def mode(text: str) -> str:
    return next(one for one in COMPUTE_MODES if one == text.lower().replace("_", " "))


# What is asked: a property of `nvidia-smi --help-query-gpu`, the field of a Gpu, and the value in base units.
FACTS: tuple[tuple[str, str, Callable[[str], Any]], ...] = (
    ("name", "name", str),
    ("pci.bus_id", "pci_bus_id", str),
    ("memory.total", "memory_total_bytes", mebi),
    ("memory.used", "memory_used_bytes", mebi),
    ("clocks.max.sm", "clock_max_hz", mega),
    ("power.limit", "power_limit_watts", real),
    ("uuid", "uuid", str),
    ("serial", "serial", str),
    ("vbios_version", "vbios", str),
    ("ecc.mode.current", "ecc", is_on),
    ("pcie.link.gen.max", "pcie_generation", int),
    ("pcie.link.width.max", "pcie_width", int),
    ("clocks.max.mem", "memory_clock_max_hz", mega),
    ("compute_mode", "compute_mode", mode),
    ("driver_version", "", str),
    # Older drivers refuse these.
    ("mig.mode.current", "mig", is_on),
    ("compute_cap", "compute_capability", str),
)
LOOKS: tuple[tuple[str, str, Callable[[str], Any]], ...] = (
    ("utilization.gpu", "utilisation", lambda text: float(text) / 100),
    ("clocks.sm", "clock_hz", mega),
    ("clocks.mem", "memory_clock_hz", mega),
    ("temperature.gpu", "temperature_celsius", real),
    ("power.draw", "power_watts", real),
    ("memory.used", "memory_used_bytes", mebi),
    ("clocks_throttle_reasons.active", "throttled", lambda text: throttled(int(text, 16))),
)


def values(row: Sequence[str], asked: Sequence[tuple[str, str, Callable[[str], Any]]]) -> dict[str, Any]:
    """The values in a row; `[N/A]` and what is no value are left out."""
    found = {}
    for text, (_, name, convert) in zip(row, asked, strict=False):
        with suppress(ValueError, KeyError, StopIteration):
            if name and not text.strip().startswith("["):
                found[name] = convert(text.strip())
    return found


class NvidiaSmi:
    """Asks about all GPUs of this machine, once for their facts, and then one process that says each second what they do."""

    def __init__(self) -> None:
        self.program = shutil.which(PROGRAM)
        self.rows: list[list[str]] = []
        self.process: subprocess.Popen[bytes] | None = None
        self.said = b""
        self.seen: dict[int, dict[str, Any]] = {}
        for asked in (FACTS, FACTS[:-2]):
            if self.program and not self.rows:
                self.rows = self.answer(f"--query-gpu={','.join(name for name, _, _ in asked)}")

    def answer(self, question: str) -> list[list[str]]:
        """The rows of one answer; none where it has none."""
        assert self.program is not None  # noqa: S101 - for the type checker
        with suppress(OSError, subprocess.SubprocessError):
            asked = subprocess.run(  # noqa: S603 - the program of the driver
                [self.program, question, FORMAT], stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=PATIENCE,
            )  # fmt: skip
            return list(csv.reader(asked.stdout.decode(errors="replace").splitlines(), skipinitialspace=True))
        return []

    def gpus(self) -> tuple[Gpu, ...] | None:
        """What the GPUs are; None where nobody can say."""
        return tuple(Gpu(**{"name": "GPU", **values(row, FACTS)}) for row in self.rows) or None

    def driver(self) -> str | None:
        place = next(i for i, (name, _, _) in enumerate(FACTS) if name == "driver_version")
        return self.rows[0][place] if self.rows else None

    def cuda(self) -> None:
        """It is said by no question to it."""

    def looks(self) -> list[dict[str, Any]]:
        """What each GPU did when the process last said so; the first time it may not have said anything."""
        if not self.rows or self.program is None:
            return []
        if self.process is None:
            names = ",".join(name for name, _, _ in LOOKS)
            # Its pipe is closed with this process, whatever ends that, and its next line ends it.
            self.process = subprocess.Popen(  # noqa: S603 - the program of the driver
                [self.program, f"--query-gpu=index,{names}", FORMAT, "--loop=1"], stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
            assert self.process.stdout is not None  # noqa: S101 - for the type checker
            os.set_blocking(self.process.stdout.fileno(), False)
        assert self.process.stdout is not None  # noqa: S101 - the same
        with suppress(BlockingIOError):
            while data := os.read(self.process.stdout.fileno(), 1 << 16):
                self.said += data
        lines, _, self.said = self.said.rpartition(b"\n")
        for row in csv.reader(lines.decode(errors="replace").splitlines(), skipinitialspace=True):
            with suppress(ValueError, IndexError):
                self.seen[int(row[0])] = values(row[1:], LOOKS)
        return [self.seen.get(index, {}) for index in range(len(self.rows))]

    def close(self) -> None:
        """End the process."""
        if self.process is not None and self.process.stdout is not None:
            self.process.kill()
            self.process.stdout.close()
            self.process.wait()
