"""Temperatures, clocks and load while a run goes on: looked at every few seconds, kept as low, mean and high."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

from logreport.runner.machine.nvml import Nvml
from logreport.runs.run_record import Sampled

EVERY = 3.0  # seconds: often enough for heat, too seldom to disturb
SENSORS = ("coretemp", "k10temp", "zenpower", "cpu_thermal", "cpu-thermal")  # of processors


@dataclass
class Quantity:
    """What was seen of one quantity so far."""

    unit: str
    count: int = 0
    total: float = 0.0
    low: float = float("inf")
    high: float = float("-inf")
    latest: float = 0.0

    def take(self, value: float) -> None:
        """Take one value in."""
        self.count, self.total, self.latest = self.count + 1, self.total + value, value
        self.low, self.high = min(self.low, value), max(self.high, value)


class Sampler:
    """Looks at the machine when its time has come; `seen` holds every quantity by name.

    Args:
        nvml: asks the GPUs.
    """

    def __init__(self, nvml: Nvml) -> None:
        self.nvml = nvml
        self.seen: dict[str, Quantity] = {}
        self.next = 0.0

    def look(self) -> None:
        """Take a sample if the last one is old enough."""
        now = time.monotonic()
        if now < self.next:
            return
        self.next = now + EVERY
        for name, value, unit in self.values():
            self.seen.setdefault(name, Quantity(unit)).take(value)

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
            Sampled(name, q.unit, q.count, q.low, q.total / q.count, q.high) for name, q in self.seen.items()
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
