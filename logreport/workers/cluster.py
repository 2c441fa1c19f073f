"""A Dask cluster as the place of work: the same units of work, done by workers on other machines."""

import contextlib
import os
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any, TypeVar

from logreport.errors import SchedulerError
from logreport.resources import install
from logreport.version import __version__

T = TypeVar("T")
PATIENCE = 30  # seconds to wait for the scheduler
FIRST = 5  # seconds to wait for the first worker: else there is none
RESTART = 90  # seconds to wait for a worker: those that died may be about to come back


class OnCluster(Executor):
    """Dask's own executor, which here also tells the workers in which folder the client is.

    Args:
        executor: takes equal calls for different ones, because each writes what it made.
        on_shutdown: called when no more work is to come.
    """

    def __init__(self, executor: Executor, on_shutdown: Callable[[], None]) -> None:
        self.executor, self.on_shutdown = executor, on_shutdown

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":  # noqa: ANN401 - as its base
        return self.executor.submit(in_folder, str(Path.cwd()), fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as its base
        """Wait for what is under way, or drop it, and leave the cluster."""
        self.executor.shutdown(wait and not cancel_futures)
        self.on_shutdown()


class Cluster:
    """The workers behind a Dask scheduler; they must see the same files under the same names.

    Dask begins the work of a lost worker anew on another one. A log that kills every worker it comes to is given up
    by Dask after `distributed.scheduler.allowed-failures` of them, and `spread` then finds out which one it is.

    Args:
        address: of the scheduler, such as `tcp://head:8786`.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.client: Any = None
        self.had_workers = False

    @property
    def width(self) -> int:
        """How many threads the workers have.

        Raises:
            SchedulerError: where nobody answers, or no worker comes.
        """
        threads: dict[str, int] = self.connect().nthreads()
        return max(1, sum(threads.values()))

    def open(self) -> Executor:
        """An executor whose calls run on the workers; to close it leaves the cluster as it was.

        Raises:
            SchedulerError: where nobody answers, no worker comes, or a worker has another logreport.
        """
        return OnCluster(self.connect().get_executor(pure=False), self.close)

    def close(self) -> None:
        client, self.client = self.client, None
        if client is not None:
            client.close()

    def connect(self) -> Any:  # noqa: ANN401 - distributed has no types
        """The client, connected when it is first needed."""
        if self.client is None:
            self.client = client_of(self.address)
            try:
                self.client.wait_for_workers(1, timeout=RESTART if self.had_workers else FIRST)
                self.had_workers = True
                check_workers(self.client.run(version), self.address)
            except Exception as error:
                self.close()
                if isinstance(error, TimeoutError):
                    todo = f"start one: dask worker {self.address}"
                    raise SchedulerError(
                        "the scheduler has no worker", source=self.address, todo=todo
                    ) from error
                if isinstance(error, ModuleNotFoundError):
                    what = f"a worker cannot import {error.name}"
                    raise SchedulerError(what, source=self.address, todo="install logreport there") from error
                raise
        return self.client


def client_of(address: str) -> Any:  # noqa: ANN401 - distributed has no types
    """A client of the scheduler at an address.

    Raises:
        SchedulerError: where Dask is not installed or nobody answers.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise SchedulerError("Dask is not installed", source=address, todo=install("distributed")) from error
    try:
        return Client(address, timeout=PATIENCE, name="logreport", set_as_default=False)
    except (OSError, ValueError) as error:  # nobody there, another protocol, or a name that is none
        what = f"no Dask scheduler answers ({error})"
        raise SchedulerError(what, source=address, todo="start one: dask scheduler") from error


def version() -> str:
    """The logreport of the process that is asked."""
    return __version__


def check_workers(versions: dict[str, str], address: str) -> None:
    """See that all workers have this logreport: another one would write other tables.

    Raises:
        SchedulerError: where one has not.
    """
    for worker, other in versions.items():
        if other != __version__:
            what = f"worker {worker} has logreport {other}, here it is {__version__}"
            raise SchedulerError(what, source=address, todo="install one version everywhere")


def in_folder(folder: str, work: Callable[..., T], *args: Any) -> T:  # noqa: ANN401 - whatever the work takes
    """Work where the client was started, so that relative paths mean the same.

    Where there is no such folder, absolute paths and URLs still do.
    """
    with contextlib.suppress(OSError):
        os.chdir(folder)
    return work(*args)
