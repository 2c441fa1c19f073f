"""NVIDIA's management library, where it and a driver are there; without them there is nothing to ask, and no error."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from logreport.runs.run_record import Gpu
from logreport.runs.telemetry import REASONS

MEGA = 1e6
# Bits of the reasons for a clock below its highest (NVML API reference, nvmlClocksEventReasons); idle (1), a clock that was
# set (2) and the display's (0x100) are no throttling.
BITS = dict(zip(REASONS, (0x004, 0x020 | 0x040, 0x008, 0x080, 0x010), strict=True))
COMPUTE_MODES = ("default", "exclusive thread", "prohibited", "exclusive process")
# What is asked while a run goes on, by the column of the table `samples`: the question, a constant of the library that it
# takes, and the value in its answer in base units. `counter` is the energy since the driver was loaded.
QUESTIONS: dict[str, tuple[str, tuple[str, ...], Callable[[Any], Any]]] = {
    "utilisation": ("nvmlDeviceGetUtilizationRates", (), lambda rates: rates.gpu / 100),
    "clock_hz": ("nvmlDeviceGetClockInfo", ("NVML_CLOCK_SM",), lambda value: value * MEGA),
    "memory_clock_hz": ("nvmlDeviceGetClockInfo", ("NVML_CLOCK_MEM",), lambda value: value * MEGA),
    "temperature_celsius": ("nvmlDeviceGetTemperature", ("NVML_TEMPERATURE_GPU",), float),
    "power_watts": ("nvmlDeviceGetPowerUsage", (), lambda value: value / 1000),
    "memory_used_bytes": ("nvmlDeviceGetMemoryInfo", (), lambda memory: int(memory.used)),
    "throttled": ("nvmlDeviceGetCurrentClocksThrottleReasons", (), lambda bits: throttled(int(bits))),
    "counter": ("nvmlDeviceGetTotalEnergyConsumption", (), lambda value: value / 1000),
}


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
        arguments = tuple(
            getattr(self.library, one, None) if isinstance(one, str) else one for one in arguments
        )
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
        clock = self.ask("nvmlDeviceGetMaxClockInfo", handle, "NVML_CLOCK_SM")
        memory_clock = self.ask("nvmlDeviceGetMaxClockInfo", handle, "NVML_CLOCK_MEM")
        power = self.ask("nvmlDeviceGetEnforcedPowerLimit", handle)
        capability = self.ask("nvmlDeviceGetCudaComputeCapability", handle)
        ecc, mig = (self.ask(f"nvmlDeviceGet{what}Mode", handle) for what in ("Ecc", "Mig"))
        mode = self.ask("nvmlDeviceGetComputeMode", handle)
        return Gpu(
            name=text(self.ask("nvmlDeviceGetName", handle)) or "GPU",
            pci_bus_id=None if pci is None else text(pci.busId),
            memory_total_bytes=None if memory is None else int(memory.total),
            memory_used_bytes=None if memory is None else int(memory.used),
            clock_max_hz=None if clock is None else clock * MEGA,
            power_limit_watts=None if power is None else power / 1000,
            uuid=text(self.ask("nvmlDeviceGetUUID", handle)),
            serial=text(self.ask("nvmlDeviceGetSerial", handle)),
            vbios=text(self.ask("nvmlDeviceGetVbiosVersion", handle)),
            compute_capability=None if capability is None else "{}.{}".format(*capability),
            ecc=None if ecc is None else bool(ecc[0]),  # now; [1] is after the next start
            mig=None if mig is None else bool(mig[0]),
            pcie_generation=self.ask("nvmlDeviceGetMaxPcieLinkGeneration", handle),
            pcie_width=self.ask("nvmlDeviceGetMaxPcieLinkWidth", handle),
            memory_clock_max_hz=None if memory_clock is None else memory_clock * MEGA,
            compute_mode=None if mode is None else COMPUTE_MODES[mode],
            slices=tuple(self.slices(handle)) if mig is not None and mig[0] else (),
        )

    def slices(self, handle: Any) -> Iterator[Gpu]:  # noqa: ANN401 - the same
        """The slices of a GPU that is cut into such."""
        for index in range(self.ask("nvmlDeviceGetMaxMigDeviceCount", handle) or 0):
            if (part := self.ask("nvmlDeviceGetMigDeviceHandleByIndex", handle, index)) is not None:
                memory = self.ask("nvmlDeviceGetMemoryInfo", part)
                yield Gpu(
                    name=text(self.ask("nvmlDeviceGetName", part)) or "MIG",
                    memory_total_bytes=None if memory is None else int(memory.total),
                    memory_used_bytes=None if memory is None else int(memory.used),
                    uuid=text(self.ask("nvmlDeviceGetUUID", part)),
                    mig=True,
                )

    def driver(self) -> str | None:
        return text(self.ask("nvmlSystemGetDriverVersion"))

    def cuda(self) -> str | None:
        """The newest CUDA that the driver can run."""
        version = self.ask("nvmlSystemGetCudaDriverVersion")
        return None if version is None else f"{version // 1000}.{version % 1000 // 10}"

    def looks(self) -> list[dict[str, Any]]:
        """What each GPU does right now: values by the columns of the table `samples`, and its counter of energy in joules."""
        return [
            {
                name: convert(answer)
                for name, (question, of_what, convert) in QUESTIONS.items()
                if (answer := self.ask(question, handle, *of_what)) is not None
            }
            for handle in self.handles
        ]

    def close(self) -> None:
        """Nothing is to be closed: other parts of this process may use the library, too."""


def throttled(bits: int) -> str:
    """What holds a clock down, in the words of the column `throttled`."""
    return " ".join(reason for reason, mask in BITS.items() if bits & mask)


def text(value: str | bytes | None) -> str | None:
    """What NVML says as text; older packages answer in bytes."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value
