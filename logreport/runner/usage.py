"""Who used the processors meanwhile: the run, others on this machine, or the host of a virtual one."""

import resource
from typing import NamedTuple

BUSY = ("user", "nice", "system", "irq", "softirq")  # of /proc/stat, which counts guests as user


class Used(NamedTuple):
    """Processor time in seconds: of the run and logreport, of others, and what the host kept for itself."""

    own: float
    others: float
    stolen: float


class Usage:
    """Counts from when it is made; in a container, others are all that run on the machine."""

    def __init__(self) -> None:
        self.start = self.now()

    def now(self) -> Used:
        """All processor time so far; children count when they have ended."""
        import psutil  # type: ignore[import-untyped] # ships no types

        times = psutil.cpu_times()
        spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        own = sum(usage.ru_utime + usage.ru_stime for usage in spent)
        busy = sum(getattr(times, name, 0.0) for name in BUSY)
        return Used(own, busy - own, getattr(times, "steal", 0.0))

    def since(self) -> Used:
        """Processor time since the start."""
        own, others, stolen = (now - then for now, then in zip(self.now(), self.start, strict=True))
        return Used(own, max(0.0, others), max(0.0, stolen))
