"""End every process of a run; started by itself, do so when logreport is gone, whatever ended it.

A process is one of a run if its environment holds the run's mark: whatever a script starts inherits it, also in a
session of its own. The file needs nothing but the standard library, because it runs without the package.
"""

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

ROUNDS = 200  # a process may be starting another while it is ended; the kernel may hold one for a while
PAUSE = 0.01  # seconds


def processes(mark: str) -> set[int]:
    """The processes whose environment holds a mark; none where the system has no /proc."""
    wanted, found = f"{mark}=".encode(), set()
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # it is over, or somebody else's
            if wanted in path.read_bytes():
                found.add(int(path.parent.name))
    return found - {os.getpid()}


def end_all(mark: str) -> int:
    """Kill until no process of a run is left; returns how many there were."""
    ended: set[int] = set()
    for _ in range(ROUNDS):
        left = processes(mark)
        if not left:
            break
        for process in left:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        ended |= left
        time.sleep(PAUSE)
    return len(ended)


def main() -> None:
    """Wait until standard input ends; a byte before that says that the run ended in peace."""
    if not os.read(0, 1):
        end_all(sys.argv[1])


if __name__ == "__main__":
    main()
