"""Who is asked about the GPUs of this machine."""

from logreport.runner.machine.amd_smi import AmdSmi
from logreport.runner.machine.nvidia_smi import NvidiaSmi
from logreport.runner.machine.nvml import Nvml

Driver = Nvml | NvidiaSmi | AmdSmi
DRIVERS = (Nvml, NvidiaSmi, AmdSmi)


def driver() -> Driver:
    """The first that has a GPU to tell of; where none has, the first, which has nothing to tell."""
    asked: list[Driver] = []
    for kind in DRIVERS:
        asked.append(kind())
        if asked[-1].gpus():
            return asked[-1]
    return asked[0]
