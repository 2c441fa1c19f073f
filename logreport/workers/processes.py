"""Worker processes of our own: new interpreters that import what the work needs, and nothing of the program that asks.

Those of the standard library import the main module again, which starts a script without a guard over and over and
fails where there is no file of it (`python -`, notebooks), or are forks, which may hang where there are threads.
"""

import contextlib
import os
import pickle
import queue
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from types import TracebackType
from typing import IO, Any, TypeVar

Result = TypeVar("Result")

# `-P`: a file pickle.py in the current folder is not the one that is meant.
BEGIN = """\
import pickle, sys
sys.path[:] = pickle.load(sys.stdin.buffer)
try:
    from logreport.workers.processes import serve
except ImportError:
    sys.exit(1)
serve()
"""
READY = b"ready\n"


class Here(Executor):
    """An executor that does the work in this process, at once."""

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> "Future[Result]":  # noqa: ANN401 - as its base
        future: Future[Result] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - who asks for the result gets it
            future.set_exception(error)
        return future


class Processes(Executor):
    """An executor of some processes, each started when it is first needed and again where it died.

    A call whose process dies is a `BrokenExecutor`. Where none can be started the work is done in this one.

    Args:
        width: how many.
    """

    def __init__(self, width: int) -> None:
        self.threads = ThreadPoolExecutor(width, "logreport")  # each waits for one process
        self.idle: queue.SimpleQueue[Worker | None] = queue.SimpleQueue()
        for _ in range(width):
            self.idle.put(None)
        self.started: list[Worker] = []
        self.is_over = False  # nobody waits for an answer any more

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> "Future[Result]":  # noqa: ANN401 - as its base
        """Do the work in the next process that is free."""
        return self.threads.submit(self.ask, pickle.dumps((fn, args, kwargs)))

    def ask(self, task: bytes) -> Any:  # noqa: ANN401 - whatever the work gives
        """What a process answers, or raise what it raised.

        Raises:
            BrokenExecutor: where it died.
        """
        worker = self.idle.get()
        try:
            if worker is None:
                worker = Worker()
                self.started.append(worker)
            if self.is_over:
                worker.process.kill()
            answer = worker.answer(task) if worker.is_ready else None
        except Exception as error:
            worker = None
            raise BrokenExecutor("a worker process died") from error
        finally:
            self.idle.put(worker)
        if answer is None:
            return do(task)
        done, result = answer
        if done:
            return result
        raise result

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        """Wait for what is under way; where something ended the work nobody waits for it any more."""
        if kind is not None:
            self.is_over = True
            for worker in self.started:
                worker.process.kill()
        return super().__exit__(kind, error, trace)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as its base
        """Take no more work, and let the processes end."""
        self.threads.shutdown(wait, cancel_futures=cancel_futures)
        for worker in self.started:
            worker.end()


class Worker:
    """One process, as the one that asks it sees it."""

    def __init__(self) -> None:
        # A mask is inherited: Ctrl-C reaches all processes of a terminal, and is for the one that started the others.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
        try:
            self.process = subprocess.Popen(  # noqa: S603 - this same Python
                [sys.executable, "-P", "-c", BEGIN], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        assert self.process.stdin is not None  # noqa: S101 - for the type checker: it is a pipe
        assert self.process.stdout is not None  # noqa: S101 - the same
        self.tasks: IO[bytes] = self.process.stdin
        self.answers: IO[bytes] = self.process.stdout
        self.is_ready = self.greeted()

    def greeted(self) -> bool:
        """Whether it can import what it needs."""
        try:
            self.tasks.write(pickle.dumps(sys.path))
            self.tasks.flush()
            return self.answers.readline() == READY
        except OSError:
            return False

    def answer(self, task: bytes) -> tuple[bool, Any]:
        """Whether it could do a task, and what came of it."""
        pickle.dump(task, self.tasks)
        self.tasks.flush()
        answer: tuple[bool, Any] = pickle.load(self.answers)  # noqa: S301 - of a process that this one started
        return answer

    def end(self) -> None:
        """Close its input, which ends it."""
        for pipe in (self.tasks, self.answers):
            with contextlib.suppress(OSError):  # it is gone, and something was still to be written
                pipe.close()
        self.process.wait()


def do(task: bytes) -> Any:  # noqa: ANN401 - whatever the work gives
    work, args, kwargs = pickle.loads(task)  # noqa: S301 - of the process that started this one
    return work(*args, **kwargs)


def serve() -> None:
    """What a worker process does: one task after the other, until its input ends or nobody waits for an answer."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed meanwhile is no answer
    try:
        answers.write(READY)
        answers.flush()
        while True:
            answers.write(answer_of(pickle.load(sys.stdin.buffer)))  # noqa: S301 - of the process that started this one
            answers.flush()
    except (EOFError, BrokenPipeError):
        os._exit(0)


def answer_of(task: bytes) -> bytes:
    """Whether a task could be done and what came of it, pickled."""
    try:
        return pickle.dumps((True, do(task)))
    except Exception as error:  # noqa: BLE001 - who asked gets it
        try:
            return pickle.dumps((False, error))
        except Exception:  # noqa: BLE001 - an error may hold what cannot be pickled
            return pickle.dumps((False, RuntimeError(repr(error))))
