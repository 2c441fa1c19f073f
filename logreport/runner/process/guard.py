"""Start the script of a run, say how it ended, and leave no process of it behind, whatever ends logreport.

The guard adopts what a script leaves behind, so all that came of a run stays below it in the tree of processes, also what
went into a session of its own with an empty environment. A process is one of a run too if its environment holds the
run's mark, or if it is in a session of such a process: where a system knows no adoption, those are found.
The file needs nothing but the standard library, because it runs without the package.
"""

import ctypes
import os
import resource
import select
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

ROUNDS = 200  # a process may be starting another while it is ended; the kernel may hold one for a while
PAUSE = 0.01  # seconds
PR_SET_CHILD_SUBREAPER = 36
FAILED = "!"  # before the number of the error where a script cannot be started


def processes(mark: str, session: int = 0, root: int = 0) -> set[int]:
    """The processes whose environment holds a mark, all in their sessions or in one that is named, and all below a root.

    None where the system has no /proc.
    """
    wanted, marked, sessions, parents = f"{mark}=".encode(), set(), {}, {}
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it is over
            state, parent, _, number = (
                (path / "stat").read_text(errors="replace").rpartition(")")[2].split()[:4]
            )
            parents[int(path.name)] = int(parent)
            if state != "Z":
                sessions[int(path.name)] = int(number)
        with suppress(OSError):  # it is over, or somebody else's
            if wanted in (path / "environ").read_bytes():
                marked.add(int(path.name))
    ours = ({sessions[one] for one in marked if one in sessions} | {session}) - {0}
    found = marked | {one for one, number in sessions.items() if number in ours}
    below = {root} - {0}
    while more := {one for one, parent in parents.items() if parent in below} - below:
        below |= more
    return (found | (below & sessions.keys())) - {os.getpid(), root}


def end_all(mark: str, session: int = 0, root: int = 0) -> int:
    """Kill until no process of a run is left; returns how many there were."""
    ended: set[int] = set()
    for _ in range(ROUNDS):
        left = processes(mark, session, root)
        if not left:
            break
        for process in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        ended |= left
        time.sleep(PAUSE)
    return len(ended)


def adopt_orphans() -> None:
    """Become the parent of every process below this one whose own parent ends; not all systems know that."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def used() -> float:
    """Processor time in seconds of this process and of all below it that are over."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def held() -> int:
    """The most memory in bytes that one of the processes below this one held, of those that are over."""
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def reap(script: int, status: int) -> None:
    """Take note of children that are over; of the script, say how it ended and what was used until then."""
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[0] == script:
                with suppress(OSError):
                    os.write(status, f"{ended[1]} {used()} {held()}\n".encode())


def main() -> None:
    """Start what the arguments name and wait until `alive` ends; a byte before that says that the run ended in peace."""
    mark, alive, status = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    environment = {name: value for name, value in os.environb.items() if name != b"LC_CTYPE"}
    if kept := os.environb.get(f"{mark}_LC_CTYPE".encode()):  # Python sets one of its own where there is none
        environment[b"LC_CTYPE"] = kept
        del environment[f"{mark}_LC_CTYPE".encode()]
    for descriptor in (alive, status):
        os.set_inheritable(descriptor, False)  # noqa: FBT003 - that is how the system's call has it
    adopt_orphans()
    wakes, wake = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    try:
        defaults = [signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD]
        script = os.posix_spawnp(sys.argv[4], sys.argv[4:], environment, setsid=True, setsigdef=defaults)
    except OSError as error:
        os.write(status, f"{FAILED}{error.errno}\n".encode())
        return
    os.write(status, f"{script}\n".encode())
    with open(os.devnull, "r+b") as nothing:  # noqa: PTH123 - the streams are the script's, and end with it
        for descriptor in range(3):
            os.dup2(nothing.fileno(), descriptor)
    while True:
        ready, _, _ = select.select([alive, wakes], [], [])
        if wakes in ready:
            os.read(wakes, 1 << 10)
        reap(script, status)
        if alive in ready:
            if not os.read(alive, 1):
                end_all(mark, root=os.getpid())
            return


if __name__ == "__main__":
    main()
