"""Who used the processors meanwhile: the run, others on this machine, or the host of a virtual one."""

import os
import resource
from typing import NamedTuple

BUSY = ("user", "nice", "system", "irq", "softirq")  # of /proc/stat, which counts guests as user


class Used(NamedTuple):
    """Processor time in seconds: of the run and logreport, of others, and what the host kept for itself."""

    own: float
    others: float
    stolen: float


class Usage:
    """Counts from when it is made until `stop`; in a container, others are all that run on the machine."""

    def __init__(self) -> None:
        self.start = self.now()
        self.end: tuple[float, float, float] | None = None

    def now(self) -> tuple[float, float, float]:
        """Processor time so far: of this process, of all processes, and what the host kept."""
        import psutil  # type: ignore[import-untyped] # ships no types

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
