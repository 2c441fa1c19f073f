"""The processors of this machine: what they are, and what they do right now."""

import os
import platform
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

SYSTEM = Path("/")
SENSORS = ("coretemp", "k10temp", "zenpower", "cpu_thermal", "cpu-thermal")  # of processors
BUSY = ("user", "nice", "system", "irq", "softirq")  # of /proc/stat, which counts guests as user
IDLE = ("idle", "iowait", "steal")
KIBI = {"K": 1 << 10, "M": 1 << 20}
PATIENCE = 10  # seconds
EVERY = 10  # looks between which processes are only looked for among those that are known


def text_of(path: str) -> str | None:
    """What is in a file of the system; None where it is not there, or not for us."""
    try:
        return (SYSTEM / path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None


def said_by_mac(name: str) -> str | None:
    """What macOS says of itself by a name that its sysctl knows; None on other systems, and where it does not know it."""
    if platform.system() != "Darwin":
        return None
    with suppress(OSError, subprocess.SubprocessError):
        return subprocess.run(  # noqa: S603 - the system's own
            ["sysctl", "-n", name], capture_output=True, text=True, check=True, timeout=PATIENCE  # noqa: S607 - the same
        ).stdout.strip()  # fmt: skip
    return None


def sockets() -> int | None:
    """How many chips there are."""
    if (said := said_by_mac("hw.packages")) is not None:
        return int(said)
    folder = SYSTEM / "sys/devices/system/cpu"
    found = {text_of(str(path)) for path in folder.glob("cpu[0-9]*/topology/physical_package_id")}
    return len(found - {None}) or None


def caches() -> dict[str, int]:
    """The size in bytes of one cache of each kind: L1d, L1i, L2, L3; of a Mac with two kinds of cores, those of the smaller."""
    found = {
        name: int(size)
        for name in ("L1d", "L1i", "L2", "L3")
        if (size := said_by_mac(f"hw.{name.lower()}cachesize"))
    }
    for folder in sorted((SYSTEM / "sys/devices/system/cpu/cpu0/cache").glob("index[0-9]*")):
        level, kind, size = (text_of(f"{folder}/{name}") for name in ("level", "type", "size"))
        if level and size and size[:-1].isdigit() and size[-1] in KIBI:
            found[f"L{level}{ {'Data': 'd', 'Instruction': 'i'}.get(kind or '', '') }"] = (
                int(size[:-1]) * KIBI[size[-1]]
            )
    return found


def clock_max() -> float | None:
    """The highest clock in hertz."""
    text = text_of("sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq")
    return float(text) * 1000 if text and text.isdigit() else None


class Packages:
    """The counters of energy of the chips (RAPL), without those of the memory and of the whole machine.

    Source: Linux, Documentation/power/powercap; AMD's processors have the same files. Most systems let root alone read them.
    """

    def __init__(self) -> None:
        folders = sorted((SYSTEM / "sys/class/powercap").glob("intel-rapl:[0-9]*"))
        names = {folder: text_of(f"{folder}/name") or "" for folder in folders}
        self.folders = [folder for folder in folders if names[folder].startswith("package")]
        self.last: dict[Path, int] = {}
        self.joules = 0.0

    def read(self) -> float | None:
        """Joules since the first time; None where they cannot be read."""
        for folder in self.folders:
            text = text_of(f"{folder}/energy_uj")
            if text is None or not text.isdigit():
                return None
            now, before = int(text), self.last.get(folder, int(text))
            wrap = int(text_of(f"{folder}/max_energy_range_uj") or 0) if now < before else 0
            self.joules += max(0, now - before + wrap) / 1e6
            self.last[folder] = now
        return self.joules if self.folders else None


class Processes:
    """The processes below one, and the memory that they hold; which there are is looked up from time to time."""

    def __init__(self) -> None:
        self.root: int | None = None
        self.known: tuple[int, ...] = ()
        self.looks = 0
        self.page = os.sysconf("SC_PAGE_SIZE")

    def memory(self) -> int | None:
        """Resident bytes, pages that several share counted for each; None where none is there."""
        if self.root is None:
            return None
        if self.looks % EVERY == 0 or self.looks < EVERY // 2:
            self.known = tuple(below(self.root))
        self.looks += 1
        pages = 0
        for process in self.known:
            with suppress(OSError, IndexError, ValueError):  # it is over
                pages += int(Path(f"/proc/{process}/statm").read_bytes().split()[1])
        return pages * self.page or None


def below(root: int) -> Iterator[int]:
    """All processes below one; none where the system has no /proc."""
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc") if Path("/proc/self/stat").exists() else ():
        if entry.name.isdigit():
            with suppress(OSError, ValueError, IndexError):  # it is over
                stat = Path(f"/proc/{entry.name}/stat").read_bytes()
                children.setdefault(int(stat.rpartition(b")")[2].split()[1]), []).append(int(entry.name))
    wanted = [root]
    while wanted:
        found = children.get(wanted.pop(), [])
        yield from found
        wanted += found


class Processor:
    """Looks at the processors; `processes.root` is above those whose memory counts."""

    def __init__(self) -> None:
        self.packages, self.processes = Packages(), Processes()
        self.before: Mapping[str, float] | None = None

    def look(self) -> dict[str, Any]:
        """Values by the columns of the table `samples`, and `counter`, energy in joules; of what can be seen."""
        import psutil  # type: ignore[import-untyped] # ships no types

        clock = psutil.cpu_freq()
        found = {
            "utilisation": self.utilisation(),
            "clock_hz": clock.current * 1e6 if clock is not None and clock.current else None,
            "temperature_celsius": temperature(),
            "memory_used_bytes": self.processes.memory(),
            "counter": self.packages.read(),
        }
        return {name: value for name, value in found.items() if value is not None}

    def utilisation(self) -> float | None:
        """The share of all processors that was busy since the look before; None the first time."""
        import psutil

        before, self.before = self.before, psutil.cpu_times()._asdict()
        if before is None:
            return None
        spent = {name: self.before[name] - before[name] for name in (*BUSY, *IDLE) if name in before}
        busy, whole = sum(spent.get(name, 0.0) for name in BUSY), sum(spent.values())
        return min(1.0, max(0.0, busy / whole)) if whole > 0 else None


def temperature() -> float | None:
    """The hottest of the processors' sensors in °C; None where there is none, as in most virtual machines."""
    import psutil

    try:
        chips = psutil.sensors_temperatures()
    except (AttributeError, OSError):  # not on this system
        return None
    found = [sensor.current for name in SENSORS for sensor in chips.get(name, ())]
    return max(found, default=None)
