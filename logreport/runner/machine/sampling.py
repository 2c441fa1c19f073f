"""What the machine does while a run goes on: temperatures, clocks and load every few seconds, and who used the processors."""

import os
import resource
import time
from collections.abc import Iterator
from statistics import fmean
from typing import NamedTuple

from logreport.runner.machine.nvml import Nvml
from logreport.runs.run_record import Sampled

EVERY = 3.0  # seconds: often enough for heat, too seldom to disturb
SENSORS = ("coretemp", "k10temp", "zenpower", "cpu_thermal", "cpu-thermal")  # of processors

BUSY = ("user", "nice", "system", "irq", "softirq")  # of /proc/stat, which counts guests as user


class Sampler:
    """Looks at the machine when its time has come; `seen` holds the unit of every quantity and its values so far, by name.

    Args:
        nvml: asks the GPUs.
    """

    def __init__(self, nvml: Nvml) -> None:
        self.nvml = nvml
        self.seen: dict[str, tuple[str, list[float]]] = {}
        self.next = 0.0

    def look(self) -> None:
        """Take a sample if the last one is old enough."""
        now = time.monotonic()
        if now < self.next:
            return
        self.next = now + EVERY
        for name, value, unit in self.values():
            self.seen.setdefault(name, (unit, []))[1].append(value)

    def values(self) -> Iterator[tuple[str, float, str]]:
        """Name, value and unit of what can be seen right now, in base units."""
        import psutil  # type: ignore[import-untyped] # ships no types

        yield "load", os.getloadavg()[0], ""
        if (clock := psutil.cpu_freq()) is not None and clock.current:
            yield "cpu clock", clock.current * 1e6, "Hz"
        if (degrees := cpu_temperature()) is not None:
            yield "cpu temperature", degrees, "°C"
        for index in range(len(self.nvml.handles)):
            for name, (value, unit) in self.nvml.sample(index).items():
                yield f"gpu {index} {name}", value, unit

    def sampled(self) -> tuple[Sampled, ...]:
        """All quantities for the record."""
        return tuple(
            Sampled(name, unit, len(seen), min(seen), fmean(seen), max(seen))
            for name, (unit, seen) in self.seen.items()
        )


def cpu_temperature() -> float | None:
    """The hottest of the processors' sensors in °C; None where there is none, as in most virtual machines."""
    import psutil

    try:
        chips = psutil.sensors_temperatures()
    except (AttributeError, OSError):  # not on this system
        return None
    found = [sensor.current for name in SENSORS for sensor in chips.get(name, ())]
    return max(found, default=None)


class Used(NamedTuple):
    """Processor time in seconds: of the run and logreport, of others, and what the host kept for itself."""

    cpu_seconds: float
    others_cpu_seconds: float
    stolen_cpu_seconds: float


class Usage:
    """Counts from when it is made until `stop`; in a container, others are all that run on the machine."""

    def __init__(self) -> None:
        self.start = self.now()
        self.end: tuple[float, float, float] | None = None

    def now(self) -> tuple[float, float, float]:
        """Processor time so far: of this process, of all processes, and what the host kept."""
        import psutil

        times, own = psutil.cpu_times(), resource.getrusage(resource.RUSAGE_SELF)
        busy = sum(getattr(times, name, 0.0) for name in BUSY)
        return own.ru_utime + own.ru_stime, busy, getattr(times, "steal", 0.0)

    def stop(self) -> None:
        """Count no further: what is still to be done is no time of the run."""
        self.end = self.end or self.now()

    def used(self, run: float, seconds: float) -> Used:
        """Processor time between start and end.

        Args:
            run: that of the run itself.
            seconds: how long it was; the system counts in ticks, and no tick makes more than all processors.
        """
        assert self.end is not None  # noqa: S101 - for the type checker: it is over
        own, busy, stolen = (now - then for now, then in zip(self.end, self.start, strict=True))
        most = seconds * (os.cpu_count() or 1)
        return Used(own + run, min(max(0.0, busy - own - run), most), min(max(0.0, stolen), most))
