"""NVIDIA's management library, where it and a driver are there; without them there is nothing to ask, and no error."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from logreport.runs.run_record import Gpu

MEGA = 1e6
HEAT = 0x08 | 0x20 | 0x40 | 0x80  # reasons to slow down: hardware, heat by software, by hardware, power brake
# What is asked while a run goes on: the question and a constant of the library that it takes, the value in its answer
# in base units, and their unit.
QUESTIONS: dict[str, tuple[str, tuple[str, ...], Callable[[Any], float], str]] = {
    "utilisation": ("nvmlDeviceGetUtilizationRates", (), lambda rates: float(rates.gpu), "%"),
    "temperature": ("nvmlDeviceGetTemperature", ("NVML_TEMPERATURE_GPU",), float, "°C"),
    "clock": ("nvmlDeviceGetClockInfo", ("NVML_CLOCK_SM",), lambda value: value * MEGA, "Hz"),
    "power": ("nvmlDeviceGetPowerUsage", (), lambda value: value / 1000, "W"),
    "memory used": ("nvmlDeviceGetMemoryInfo", (), lambda memory: float(memory.used), "bytes"),
    "slowed by heat": (
        "nvmlDeviceGetCurrentClocksThrottleReasons", (), lambda reasons: 100.0 if reasons & HEAT else 0.0, "%",
    ),
}  # fmt: skip


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
        return text(self.ask("nvmlSystemGetDriverVersion"))

    def cuda(self) -> str | None:
        """The newest CUDA that the driver can run."""
        version = self.ask("nvmlSystemGetCudaDriverVersion")
        return None if version is None else f"{version // 1000}.{version % 1000 // 10}"

    def sample(self, index: int) -> dict[str, tuple[float, str]]:
        """Value and unit of what one GPU does right now, by name."""
        found = {}
        for name, (question, of_what, convert, unit) in QUESTIONS.items():
            what = [getattr(self.library, constant) for constant in of_what]
            if (answer := self.ask(question, self.handles[index], *what)) is not None:
                found[name] = convert(answer), unit
        return found


def text(value: str | bytes | None) -> str | None:
    """What NVML says as text; older packages answer in bytes."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value
