"""A module with the functions of NVIDIA's management library, whose cards do what a test says."""

from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace


@dataclass
class Card:
    """A card, or a slice of one; what is None is a question that it does not support."""

    name: object = "NVIDIA GeForce RTX 3090"
    uuid: str | None = "GPU-1"
    serial: str | None = None
    pci: object = b"00000000:01:00.0"
    memory: tuple[int, int] | None = (24 << 30, 1 << 30)
    limit: int | None = 350_000  # mW
    ecc: tuple[int, int] | None = None
    mig: tuple[int, int] | None = None
    mode: int = 0
    power: int | None = 100_000  # mW
    energy: int | None = None  # mJ since the driver was loaded
    clocks: tuple[int, int] = (1700, 9501)  # MHz, now
    reasons: int | None = 0
    load: int = 97  # %
    degrees: int = 60
    slices: list["Card"] = field(default_factory=list)


def module(cards, *, driver="460.39"):
    """The library on a machine with some cards."""

    class NVMLError(Exception):
        pass

    def answer(value):
        if value is None:
            raise NVMLError
        return value

    def slice_of(card, index):
        if index >= len(card.slices):
            raise NVMLError
        return card.slices[index]

    library = ModuleType("pynvml")
    library.__dict__.update(
        NVMLError=NVMLError, NVML_CLOCK_SM=0, NVML_CLOCK_MEM=1, NVML_TEMPERATURE_GPU=0, nvmlInit=lambda: None,
        nvmlDeviceGetCount=lambda: len(cards), nvmlDeviceGetHandleByIndex=lambda index: cards[index],
        nvmlSystemGetDriverVersion=lambda: driver, nvmlSystemGetCudaDriverVersion=lambda: 11020,
        nvmlDeviceGetName=lambda card: card.name, nvmlDeviceGetUUID=lambda card: answer(card.uuid),
        nvmlDeviceGetSerial=lambda card: answer(card.serial), nvmlDeviceGetVbiosVersion=lambda _: b"94.02.26.08",
        nvmlDeviceGetMemoryInfo=lambda card: SimpleNamespace(total=answer(card.memory)[0], used=card.memory[1]),
        nvmlDeviceGetPciInfo=lambda card: SimpleNamespace(busId=answer(card.pci)),
        nvmlDeviceGetMaxClockInfo=lambda _, which: (2100, 9751)[which],
        nvmlDeviceGetEnforcedPowerLimit=lambda card: answer(card.limit),
        nvmlDeviceGetCudaComputeCapability=lambda _: (8, 6),
        nvmlDeviceGetEccMode=lambda card: list(answer(card.ecc)), nvmlDeviceGetMigMode=lambda card: list(answer(card.mig)),
        nvmlDeviceGetComputeMode=lambda card: card.mode,
        nvmlDeviceGetMaxPcieLinkGeneration=lambda _: 4, nvmlDeviceGetMaxPcieLinkWidth=lambda _: 16,
        nvmlDeviceGetMaxMigDeviceCount=lambda _: 7, nvmlDeviceGetMigDeviceHandleByIndex=slice_of,
        nvmlDeviceGetUtilizationRates=lambda card: SimpleNamespace(gpu=card.load),
        nvmlDeviceGetTemperature=lambda card, _: card.degrees,
        nvmlDeviceGetClockInfo=lambda card, which: card.clocks[which],
        nvmlDeviceGetPowerUsage=lambda card: answer(card.power),
        nvmlDeviceGetTotalEnergyConsumption=lambda card: answer(card.energy),
        nvmlDeviceGetCurrentClocksThrottleReasons=lambda card: answer(card.reasons),
    )  # fmt: skip
    return library
