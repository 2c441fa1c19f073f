"""What the machine does while a run goes on, second by second, and who used the processors."""

import os
import resource
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from logreport.errors import LogreportError
from logreport.runner.files import write_whole, writing
from logreport.runner.machine.gpus import Driver
from logreport.runner.machine.processor import BUSY, Processor
from logreport.runs.run_record import Sampled
from logreport.runs.telemetry import HEAD, Look, Summary, line_of, looks_in, to_parquet
from logreport.sources.names import LINES, TELEMETRY, beside_of
from logreport.tables.schema import CPU

EVERY = 1.0  # seconds
SHARE = 0.005  # of one core that looking may take: where a look takes long, the next one comes later


class Sampler:
    """Looks at the machine when its time has come, and appends what it sees to a file beside the log.

    Args:
        gpus: asks the GPUs.
        log: the log of the run; None keeps no file.
    """

    def __init__(self, gpus: Driver, log: Path | None = None) -> None:
        self.gpus, self.log = gpus, log
        self.processor = Processor()
        self.summary = Summary()
        self.energy: dict[str, Energy] = {}
        self.next = self.cost = 0.0
        self.descriptor: int | None = None

    def start(self, root: int) -> None:
        """Begin with the processes of a run, which are all below one."""
        self.processor.processes.root = root
        if self.log is not None:
            with suppress(LogreportError), writing(self.log):  # without room the run still counts
                path = beside_of(str(self.log), LINES)
                self.descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o666)
                os.write(self.descriptor, HEAD)
        self.look()

    def tick(self) -> None:
        """Look if the last time is long enough ago."""
        if time.monotonic() >= self.next:
            self.look()

    def look(self) -> None:
        """Look at all devices."""
        begin, now = time.thread_time(), datetime.now()  # noqa: DTZ005 - times of logs are local, without a zone
        seen = {CPU: self.processor.look()}
        seen |= {f"gpu {index}": values for index, values in enumerate(self.gpus.looks())}
        looks = [self.taken(device, values, now) for device, values in seen.items() if values]
        if self.descriptor is not None:
            with suppress(OSError):  # no room: the summary has it
                os.write(self.descriptor, b"".join(map(line_of, looks)))
        cost = time.thread_time() - begin
        pause = cost / SHARE if self.cost else 0.0  # what the first look takes is taken once
        self.cost += cost
        self.next = time.monotonic() + max(EVERY, pause)

    def taken(self, device: str, values: dict[str, Any], now: datetime) -> Look:
        """One look, with the energy until then."""
        moment, counter = time.monotonic(), values.pop("counter", None)
        energy = self.energy.setdefault(device, Energy())
        watts = energy.add(moment, counter, values.get("power_watts"))
        look = Look(now, device, **{"power_watts": watts, **values}, joules=energy.joules)
        self.summary.add(look)
        return look

    def stop(self) -> tuple[Sampled, ...]:
        """Look for the last time, and make a whole file of what was appended; returns what it comes to."""
        self.processor.processes.root = None
        self.look()
        self.gpus.close()
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None
            lines = Path(beside_of(str(self.log), LINES))
            # Where it is gone, or there is no room, the lines that are there stay.
            with suppress(LogreportError, OSError):
                content = to_parquet(looks_in(lines.read_bytes(), str(lines)))
                write_whole(Path(beside_of(str(self.log), TELEMETRY)), content)
                lines.unlink()
        return self.summary.sampled()


class Energy:
    """Adds energy up: by a counter where the device has one, else power times time, the mean of two looks between them."""

    def __init__(self) -> None:
        self.joules: float | None = None
        self.before: tuple[float, float | None, float | None] | None = None

    def add(self, moment: float, counter: float | None, watts: float | None) -> float | None:
        """One more look; returns the mean power since the one before, by the counter.

        Args:
            moment: in seconds.
            counter: in joules since any time.
            watts: power right now.
        """
        before, self.before = self.before, (moment, counter, watts)
        if counter is None and watts is None:
            return None
        self.joules = self.joules or 0.0
        if before is None:
            return None
        seconds, spent = moment - before[0], 0.0
        if counter is not None and before[1] is not None:
            spent = max(0.0, counter - before[1])  # a driver that was loaded again begins at 0
        elif watts is not None and before[2] is not None:
            spent = (watts + before[2]) / 2 * seconds
        self.joules += spent
        return spent / seconds if counter is not None and seconds > 0 else None


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
