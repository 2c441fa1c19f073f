"""One child process: what it prints goes to a log as it arrives, and no process of it outlives the run."""

import os
import secrets
import select
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from logreport.errors import LogreportError
from logreport.runner.machine.sampling import Usage
from logreport.runner.process import guard
from logreport.runner.process.logfile import LogFile
from logreport.runs.run_record import ProcessEnd

TICK = 0.25  # seconds between looks at the clock
SHORT = 0.02  # the same, once nothing more can be printed
GRACE = 5.0  # seconds in which a script can end after it was asked to
LINGER = 2.0  # seconds in which what a script left behind can still print
BLOCK = 1 << 16  # bytes; what a pipe holds
STOPPING = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM", signal.SIGHUP: "SIGHUP"}


@dataclass(frozen=True)
class Ended(ProcessEnd):
    """How a child ended, and what became of its log.

    Args:
        started: with its time zone.
        unwritten: why the log could not take all of it.
        deleted: whether somebody deleted it meanwhile; it was written again where that could be done.
    """

    started: datetime
    unwritten: str | None
    deleted: bool


def nothing(*_: object) -> None:
    """Do nothing: what is called where nobody looks on."""


def supervise(
    argv: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str],
    folder: Path,
    timeout: float | None = None,
    on_start: Callable[[int], object] = nothing,
    on_lines: Callable[[bytes], object] = nothing,
    on_tick: Callable[[], object] = nothing,
    on_stop: Callable[[str], object] = nothing,
) -> Ended:
    """Run a command until it ends, Ctrl-C or SIGTERM comes, or its time is over; a second Ctrl-C kills at once.

    Args:
        argv: the command.
        log: the new file that is given both streams.
        environment: variables to add to one's own.
        folder: the working directory.
        timeout: seconds.
        on_start: is given the process that all of the command are below.
        on_lines: is given whole lines as they come.
        on_tick: is called some times a second.
        on_stop: is told why the command is being stopped.

    Raises:
        LogreportError: where the log cannot be made or the command cannot be started.
    """
    written = LogFile(log, on_lines)
    try:
        with asked_to_stop() as asked, Child(argv, {**os.environ, **environment}, folder) as child:
            started, clock, usage = datetime.now().astimezone(), time.monotonic(), Usage()
            on_start(child.guard.pid)
            try:
                watch = Watch(child, written, asked, usage.stop, None if timeout is None else clock + timeout)
                watch.until_it_ends(on_tick, on_stop)
            finally:
                left = end_group(child)
            usage.stop()
            seconds, code = (watch.over_at or time.monotonic()) - clock, child.wait()
    finally:
        written.close()
    return Ended(
        exit_status=code if code >= 0 else None,
        signal=signal_name(-code) if code < 0 else None,
        stopped_by=watch.stopped_by,
        left_behind=0 if watch.stopped_by else watch.left_behind + left,
        started=started,
        ended=started + timedelta(seconds=seconds),
        seconds=seconds,
        **usage.used(child.cpu_seconds, seconds)._asdict(),
        memory_peak_bytes=child.memory_peak_bytes,
        log_bytes=written.size,
        log_sha256=written.digest.hexdigest(),
        unwritten=written.problem.strerror if written.problem else None,
        deleted=written.deleted,
    )


class Watch:
    """Reads both streams of a child, looks at the clock, and stops the child when it must.

    Args:
        child: started with two pipes, in a session of its own.
        log: is given what it prints.
        asked: is given the name of each signal that asks to stop.
        on_end: is called when the child is over; others may still have its pipes.
        until: when its time is over, by `time.monotonic()`.
    """

    def __init__(
        self, child: "Child", log: LogFile, asked: "Asked", on_end: Callable[[], object], until: float | None
    ) -> None:
        self.child, self.log, self.asked, self.on_end, self.until = child, log, asked, on_end, until
        self.stopped_by: str | None = None
        self.left_behind = 0
        self.deadline: float | None = None  # the next step is taken then: kill, or stop listening
        self.killed = False
        self.over_at: float | None = None
        self.selector = selectors.DefaultSelector()
        self.selector.register(asked.wakes, selectors.EVENT_READ)
        for number, pipe in enumerate((child.stdout, child.stderr)):
            assert pipe is not None  # noqa: S101 - for the type checker
            self.selector.register(pipe, selectors.EVENT_READ, number)

    def until_it_ends(self, on_tick: Callable[[], object], on_stop: Callable[[str], object]) -> None:
        """Go on until the child is over and all that it printed is read."""
        with self.selector:
            while self.goes_on(on_stop):
                for key, _ in self.selector.select(TICK if self.listens() else SHORT):
                    self.read(key)
                self.log.settle()
                on_tick()

    def read(self, key: selectors.SelectorKey) -> None:
        """Read what is there; an empty stream is over."""
        data = os.read(key.fd, BLOCK)
        if key.data is None:
            return  # a signal only wakes
        if data:
            self.log.take(key.data, data)
        else:
            self.selector.unregister(key.fileobj)
            self.log.end(key.data)

    def listens(self) -> bool:
        """Whether one of the streams is open."""
        return len(self.selector.get_map()) > 1

    def goes_on(self, on_stop: Callable[[str], object]) -> bool:
        """Take the next step where its time has come; false when there is nothing left to wait for."""
        now = time.monotonic()
        over = self.child.poll() is not None
        if over and self.over_at is None:
            self.over_at = now
            self.on_end()
        if over and not self.listens():
            return False
        if over and self.deadline is None:  # somebody else has its pipes
            self.deadline = now + LINGER
        reason = self.reason(now)
        if not over and self.stopped_by is None and reason is not None:
            self.stopped_by, self.deadline = reason, now + GRACE
            signal_group(self.child, signal.SIGTERM)
            on_stop(reason)
        elif self.deadline is not None and (
            now >= self.deadline or (self.asked.times > 1 and not self.killed)
        ):
            if self.killed:
                return False  # what has the pipes now is no process of this run
            self.left_behind, self.killed = end_group(self.child), True
            self.deadline = now + LINGER
        return True

    def reason(self, now: float) -> str | None:
        """Why the child must stop, if it must."""
        if self.asked.first is not None:
            return self.asked.first
        if self.log.problem is not None:
            return "log"
        return "timeout" if self.until is not None and now >= self.until else None


class Child:
    """A command in a session of its own, with nothing to read and two pipes to write to, below a guard.

    Args:
        argv: the command.
        environment: all its variables.
        folder: the working directory.

    Raises:
        LogreportError: where it cannot be started.
    """

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self.mark = f"LOGREPORT_RUN_{secrets.token_hex(8)}"
        alive, self.alive = os.pipe()
        self.status, status = os.pipe()
        given = {**environment, self.mark: "1"}
        if "LC_CTYPE" in environment:
            given[f"{self.mark}_LC_CTYPE"] = environment["LC_CTYPE"]
        command = [sys.executable, "-I", "-S", guard.__file__, self.mark, str(alive), str(status), *argv]
        try:
            self.guard = subprocess.Popen(  # noqa: S603 - to run what the user names is the purpose
                command, env=given, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                bufsize=0, start_new_session=True, pass_fds=(alive, status),
            )  # fmt: skip
        except OSError as error:
            self.close()
            raise not_started(argv[0], error.strerror) from error
        finally:
            os.close(alive)
            os.close(status)
        self.stdout, self.stderr = self.guard.stdout, self.guard.stderr
        self.said, self.cpu_seconds = b"", 0.0
        self.memory_peak_bytes: int | None = None
        self.returncode: int | None = None
        first = self.line()
        if not first or first.startswith(guard.FAILED):
            self.__exit__()
            why = os.strerror(int(first[1:])) if first else "its guard did not start"
            raise not_started(argv[0], why)
        self.pid = int(first)

    def line(self) -> str:
        """The next line that the guard says; empty where it is gone."""
        while b"\n" not in self.said:
            if not (more := os.read(self.status, BLOCK)):
                return ""
            self.said += more
        line, _, self.said = self.said.partition(b"\n")
        return line.decode()

    def poll(self) -> int | None:
        """The exit status, or the negative number of a signal; None where it is not over."""
        said = self.returncode is None and (self.said or select.select([self.status], [], [], 0)[0])
        return self.wait() if said else self.returncode

    def wait(self) -> int:
        """The same, when it is over."""
        if self.returncode is None:
            status, used, held = self.line().split() or (signal.SIGKILL, 0, 0)
            self.cpu_seconds, self.memory_peak_bytes = float(used), int(held) or None
            self.returncode = os.waitstatus_to_exitcode(int(status))
        return self.returncode

    def __enter__(self) -> Self:
        """The guard goes when this is left."""
        return self

    def __exit__(self, *_: object) -> None:
        """All is over, and the guard may go."""
        with suppress(BrokenPipeError):
            os.write(self.alive, b".")
        for pipe in (self.stdout, self.stderr):
            if pipe is not None:
                pipe.close()
        self.guard.wait()
        self.close()

    def close(self) -> None:
        """Close what leads to the guard."""
        os.close(self.alive)
        os.close(self.status)


def not_started(program: str, why: str | None) -> LogreportError:
    """The error for a command that cannot be started."""
    return LogreportError(f"cannot be started ({why})", source=program, todo="name a Python with --python")


def signal_group(child: Child, number: signal.Signals) -> None:
    """Send a signal to all processes of the child's group; it has that of its own session."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def end_group(child: Child) -> int:
    """Kill the child and everything that came of it; returns how many processes besides the child were there."""
    if child.poll() is None:
        signal_group(child, signal.SIGKILL)
        child.wait()
    return guard.end_all(child.mark, child.pid, child.guard.pid)


def signal_name(number: int) -> str:
    """SIGKILL for 9."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"  # a real-time signal


class Asked:
    """The signals that asked to stop: the first of them, how many came, and a descriptor that wakes a selector."""

    def __init__(self) -> None:
        self.first: str | None = None
        self.times = 0
        self.wakes, self.wake = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)

    def take(self, number: int, _frame: object) -> None:
        """Handle a signal."""
        self.first = self.first or STOPPING[signal.Signals(number)]
        self.times += 1
        with suppress(BlockingIOError):
            os.write(self.wake, b"!")


@contextmanager
def asked_to_stop() -> Iterator[Asked]:
    """Count signals meanwhile that would end this process; those that it ignores are ignored."""
    asked = Asked()
    with ExitStack() as after:
        after.callback(os.close, asked.wakes)
        after.callback(os.close, asked.wake)
        if threading.current_thread() is threading.main_thread():  # Python handles signals nowhere else
            for number in STOPPING:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    after.callback(signal.signal, number, signal.signal(number, asked.take))
        yield asked
