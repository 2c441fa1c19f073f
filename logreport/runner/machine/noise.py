"""What on this machine would disturb a measurement, found before it begins."""

from collections.abc import Iterator

from logreport.runner.machine.machine import governor

LOOK = 0.5  # seconds
BUSY = 0.1  # share of the processors in use


def warnings() -> Iterator[str]:
    """A sentence for each thing that would make the numbers worse than the machine is."""
    import psutil  # type: ignore[import-untyped] # ships no types

    share = psutil.cpu_percent(interval=LOOK) / 100
    if share > BUSY:
        used, there = share * psutil.cpu_count(), psutil.cpu_count()
        yield f"{used:.1f} of the {there} processors are busy already: the run will be slower than on an idle machine"
    if "powersave" in (governor() or ""):
        yield "the frequency governor is powersave: `cpupower frequency-set -g performance` gives steady clocks"
