"""End every process of a run; started by itself, do so when logreport is gone, whatever ended it.

A process is one of a run if its environment holds the run's mark, which whatever a script starts inherits, or if it is
in a session of such a process. The file needs nothing but the standard library, because it runs without the package.
"""

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

ROUNDS = 200  # a process may be starting another while it is ended; the kernel may hold one for a while
PAUSE = 0.01  # seconds


def processes(mark: str, session: int = 0) -> set[int]:
    """The processes whose environment holds a mark, and all in their sessions or in one that is named.

    None where the system has no /proc.
    """
    wanted, marked, sessions = f"{mark}=".encode(), set(), {}
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it is over
            state, _, _, number = (path / "stat").read_text(errors="replace").rpartition(")")[2].split()[:4]
            if state != "Z":
                sessions[int(path.name)] = int(number)
        with suppress(OSError):  # it is over, or somebody else's
            if wanted in (path / "environ").read_bytes():
                marked.add(int(path.name))
    ours = ({sessions[one] for one in marked if one in sessions} | {session}) - {0}
    return (marked | {one for one, number in sessions.items() if number in ours}) - {os.getpid()}


def end_all(mark: str, session: int = 0) -> int:
    """Kill until no process of a run is left; returns how many there were."""
    ended: set[int] = set()
    for _ in range(ROUNDS):
        left = processes(mark, session)
        if not left:
            break
        for process in left:
            with suppress(ProcessLookupError, PermissionError):
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
