"""AMD's management library for Python, which comes with ROCm, where it and a driver are there."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from logreport.runner.machine.nvml import MEGA
from logreport.runs.run_record import Gpu

MEBI = 1 << 20


class AmdSmi:
    """Asks about all GPUs of this machine; an answer that one of them does not give is None.

    Source of the names: AMD SMI Python API reference. Releases call some of them otherwise, so that several are tried.
    """

    def __init__(self) -> None:
        self.library: Any = None
        self.handles: list[Any] = []
        with suppress(Exception):  # no package, no driver: each fails in its own way
            import amdsmi

            amdsmi.amdsmi_init()
            self.handles = list(amdsmi.amdsmi_get_processor_handles())
            self.library = amdsmi

    def ask(self, question: str, *arguments: Any, of: str = "") -> Any:  # noqa: ANN401 - dictionaries of anything
        """The answer of the library to one question; None where it has none.

        Args:
            question: the name of its function, without its prefix.
            arguments: a handle, and names of constants, `AmdSmiClkType.GFX`.
            of: what is wanted of the answer, the first that is there.
        """
        with suppress(Exception):  # not supported by this GPU, driver or release
            given = [self.constant(one) if isinstance(one, str) else one for one in arguments]
            answer = getattr(self.library, f"amdsmi_{question}")(*given)
            return first_of(answer, of.split()) if of else answer
        return None

    def constant(self, name: str) -> Any:  # noqa: ANN401 - of an enumeration of the library
        kind, _, value = name.partition(".")
        return getattr(getattr(self.library, kind), value)

    def gpus(self) -> tuple[Gpu, ...] | None:
        """What the GPUs are; None where nobody can say."""
        return None if self.library is None else tuple(map(self.gpu, self.handles))

    def gpu(self, handle: Any) -> Gpu:  # noqa: ANN401 - a handle has no type
        memory = self.ask("get_gpu_vram_usage", handle, of="vram_total")
        used = self.ask("get_gpu_vram_usage", handle, of="vram_used")
        clocks = [
            self.ask("get_clock_info", handle, f"AmdSmiClkType.{kind}", of="max_clk")
            for kind in ("GFX", "MEM")
        ]
        generation = self.ask("get_pcie_info", handle, of="pcie_static")
        static = generation if isinstance(generation, dict) else {}
        return Gpu(
            name=self.ask("get_gpu_asic_info", handle, of="market_name") or "AMD GPU",
            pci_bus_id=self.ask("get_gpu_device_bdf", handle),
            memory_total_bytes=None if memory is None else int(memory) * MEBI,
            memory_used_bytes=None if used is None else int(used) * MEBI,
            clock_max_hz=None if clocks[0] is None else clocks[0] * MEGA,
            power_limit_watts=self.ask("get_power_info", handle, of="power_limit"),
            uuid=self.ask("get_gpu_device_uuid", handle),
            serial=self.ask("get_gpu_asic_info", handle, of="asic_serial"),
            vbios=self.ask("get_gpu_vbios_info", handle, of="version part_number"),
            pcie_generation=first_of(static, ["pcie_interface_version"]),
            pcie_width=first_of(static, ["max_pcie_width"]),
            memory_clock_max_hz=None if clocks[1] is None else clocks[1] * MEGA,
        )

    def driver(self) -> str | None:
        version = (
            self.ask("get_gpu_driver_info", self.handles[0], of="driver_version") if self.handles else None
        )
        return None if version is None else str(version)

    def cuda(self) -> None:
        """There is none."""

    def looks(self) -> list[dict[str, Any]]:
        """What each GPU does right now: values by the columns of the table `samples`."""
        return [self.look(handle) for handle in self.handles]

    def look(self, handle: Any) -> dict[str, Any]:  # noqa: ANN401 - a handle has no type
        now = "AmdSmiTemperatureMetric.CURRENT"
        activity = self.ask("get_gpu_activity", handle, of="gfx_activity")
        degrees = self.ask("get_temp_metric", handle, "AmdSmiTemperatureType.HOTSPOT", now)
        clocks = [
            self.ask("get_clock_info", handle, f"AmdSmiClkType.{kind}", of="clk cur_clk")
            for kind in ("GFX", "MEM")
        ]
        power = self.ask("get_power_info", handle, of="current_socket_power average_socket_power")
        used = self.ask("get_gpu_vram_usage", handle, of="vram_used")
        found = {
            "utilisation": None if activity is None else activity / 100,
            "temperature_celsius": None if degrees is None else float(degrees),
            "clock_hz": None if clocks[0] is None else clocks[0] * MEGA,
            "memory_clock_hz": None if clocks[1] is None else clocks[1] * MEGA,
            "power_watts": None if power is None else float(power),
            "memory_used_bytes": None if used is None else int(used) * MEBI,
        }
        return {name: value for name, value in found.items() if value is not None}

    def close(self) -> None:
        """Nothing is to be closed: other parts of this process may use the library, too."""


def first_of(answer: dict[str, Any], names: Iterable[str]) -> Any:  # noqa: ANN401 - the same
    """The first value that is there: `N/A` stands for none."""
    return next((answer[name] for name in names if answer.get(name) not in (None, "", "N/A")), None)
