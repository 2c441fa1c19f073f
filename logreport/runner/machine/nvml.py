"""NVIDIA's management library, where it and a driver are there; without them there is nothing to ask, and no error."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from logreport.runs.run_record import Gpu

MEGA = 1e6
HEAT = 0x08 | 0x20 | 0x40 | 0x80  # reasons to slow down: hardware, heat by software, by hardware, power brake


class Nvml:
    """Asks about all GPUs of this machine; an answer that one of them does not give is None."""

    def __init__(self) -> None:
        self.library: Any = None
        self.handles: list[Any] = []
        with suppress(Exception):  # no package, no driver, an old one: each fails in its own way
            import pynvml

            pynvml.nvmlInit()
            count = pynvml.nvmlDeviceGetCount()
            self.handles = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(count)]
            self.library = pynvml

    def ask(self, question: str, *arguments: Any) -> Any:  # noqa: ANN401 - NVML's structures have no types
        """The answer of the library to one question; None where it has none."""
        if self.library is None:
            return None
        try:
            return getattr(self.library, question)(*arguments)
        except (self.library.NVMLError, AttributeError):  # not supported by this GPU, driver or package
            return None

    def gpus(self) -> tuple[Gpu, ...] | None:
        """What the GPUs are; None where nobody can say."""
        return None if self.library is None else tuple(map(self.gpu, self.handles))

    def gpu(self, handle: Any) -> Gpu:  # noqa: ANN401 - the same
        """What one GPU is."""
        memory = self.ask("nvmlDeviceGetMemoryInfo", handle)
        pci = self.ask("nvmlDeviceGetPciInfo", handle)
        clock = self.ask("nvmlDeviceGetMaxClockInfo", handle, self.library.NVML_CLOCK_SM)
        power = self.ask("nvmlDeviceGetEnforcedPowerLimit", handle)
        return Gpu(
            name=text(self.ask("nvmlDeviceGetName", handle)) or "GPU",
            pci_bus_id=None if pci is None else text(pci.busId),
            memory_total_bytes=None if memory is None else int(memory.total),
            memory_used_bytes=None if memory is None else int(memory.used),
            clock_max_hz=None if clock is None else clock * MEGA,
            power_limit_watts=None if power is None else power / 1000,
        )

    def driver(self) -> str | None:
        """The version of the driver."""
        return text(self.ask("nvmlSystemGetDriverVersion"))

    def cuda(self) -> str | None:
        """The newest CUDA that the driver can run."""
        version = self.ask("nvmlSystemGetCudaDriverVersion")
        return None if version is None else f"{version // 1000}.{version % 1000 // 10}"

    def sample(self, index: int) -> dict[str, tuple[float, str]]:
        """Value and unit of what one GPU does right now, by name."""
        handle, library = self.handles[index], self.library
        rates = self.ask("nvmlDeviceGetUtilizationRates", handle)
        memory = self.ask("nvmlDeviceGetMemoryInfo", handle)
        reasons = self.ask("nvmlDeviceGetCurrentClocksThrottleReasons", handle)
        asked: dict[str, tuple[Any, Callable[[Any], float], str]] = {
            "utilisation": (rates, lambda value: float(value.gpu), "%"),
            "temperature": (
                self.ask("nvmlDeviceGetTemperature", handle, library.NVML_TEMPERATURE_GPU), float, "°C",
            ),
            "clock": (
                self.ask("nvmlDeviceGetClockInfo", handle, library.NVML_CLOCK_SM), lambda v: v * MEGA, "Hz",
            ),
            "power": (self.ask("nvmlDeviceGetPowerUsage", handle), lambda value: value / 1000, "W"),
            "memory used": (memory, lambda value: float(value.used), "bytes"),
            "slowed by heat": (reasons, lambda value: 100.0 if value & HEAT else 0.0, "%"),
        }  # fmt: skip
        return {
            name: (convert(value), unit)
            for name, (value, convert, unit) in asked.items()
            if value is not None
        }


def text(value: str | bytes | None) -> str | None:
    """What NVML says as text; older packages answer in bytes."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value
