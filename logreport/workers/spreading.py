"""Spread units of work over an executor: few under way at a time, and a worker that dies takes nothing with it."""

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

from logreport.errors import LogreportError, UsageError, unforeseen
from logreport.resources import processors

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

Input = TypeVar("Input")
Result = TypeVar("Result")
# Bytes and units that are worked on together: few results, each fits into memory.
BATCH, MOST = 16_000_000, 8192
FEW = 12  # batches, about 200 MB: they are done sooner than other processes have started and found out what is there
Lost = deque[tuple[Sequence[Input], Exception]]  # batches whose worker died, and how


class Scheduler(Protocol):
    """Where work is done: `width` units at a time, by the executors that `open` gives."""

    @property
    def width(self) -> int:
        """How many units of work can be done at a time."""

    def open(self) -> "Executor":
        """Start workers; again where some died."""


@dataclass(frozen=True)
class Local:
    """Worker processes on this machine.

    Args:
        width: how many; with one the work is done in this process.
        few: batches up to which it is done in this process, too.
    """

    width: int
    few: int = 1

    def open(self) -> "Executor":
        """An executor that starts them as they are needed; where this program is no Python, the work is done here."""
        from logreport.workers.processes import Here, Processes

        if self.width == 1 or not sys.executable or getattr(sys, "frozen", False):
            return Here()
        return Processes(self.width)


def scheduler_of(name: str | None) -> Scheduler:
    """A scheduler by its name: `local[N]`, or the address of Dask's; where none is given as many processes as cores.

    Raises:
        UsageError: for any other name.
    """
    if name is None:
        return Local(len(processors()), FEW)
    if "://" in name:
        from logreport.workers.cluster import Cluster

        return Cluster(name)
    number = name.removeprefix("local[").removesuffix("]")
    if name == f"local[{number}]" and number.isdigit() and int(number):
        return Local(int(number))
    raise UsageError(
        f"{name!r} is no scheduler",
        todo="write local[4] for four processes, or tcp://HOST:8786 for a Dask cluster",
    )


def in_batches(
    units: Iterable[Input], size_of: Callable[[Input], int], place_of: Callable[[Input], str] | None = None
) -> Iterator[list[Input]]:
    """Units that are worked on together: not too many bytes, nor too many, and no two in one place."""
    batch: list[Input] = []
    places: set[str | None] = set()
    total = 0
    for unit in units:
        size, place = size_of(unit), place_of and place_of(unit)
        if batch and (total + size > BATCH or len(batch) == MOST or place in places):
            yield batch
            batch, places, total = [], set(), 0
        batch.append(unit)
        places |= {place} - {None}
        total += size
    if batch:
        yield batch


class Totals:
    """What units of work came to, field by field, and `errors`."""

    errors: list[LogreportError]

    def extend(self, other: Self) -> None:
        """Add up; the lists stay the same ones, as others may append to them too."""
        for name, value in vars(other).items():
            total = getattr(self, name)
            total += value
            setattr(self, name, total)

    def gather(
        self,
        work: Callable[[Sequence[Input]], Self],
        batches: Iterable[Sequence[Input]],
        scheduler: Scheduler,
        on_progress: Callable[[Self], object] | None = None,
    ) -> None:
        """Add up what `work` gives for each batch, as `spread` has it; `on_progress` is called with what was done so far."""
        for part in spread(work, batches, scheduler, self.errors):
            self.extend(part)
            if on_progress is not None:
                on_progress(self)


def spread(
    work: Callable[[Sequence[Input]], Result],
    batches: Iterable[Sequence[Input]],
    scheduler: Scheduler,
    errors: list[LogreportError],
) -> Iterator[Result]:
    """What `work` gives for each batch, as they come; an input that no worker survives is an error beside the others.

    Args:
        work: picklable; it may be called again with the same batch, or with a part of it.
        batches: taken as they are needed.
        scheduler: where to work.
        errors: takes the inputs that were given up.

    Raises:
        LogreportError: what `work` raised, such as an archive that cannot be written.
    """
    todo = iter(batches)
    first: list[Sequence[Input]] = []
    if isinstance(scheduler, Local):
        first = list(islice(todo, scheduler.few + 1))
        if len(first) <= scheduler.few:
            scheduler = Local(1)
    lost: Lost[Input] = deque()
    yield from run_batches(work, chain(first, todo), scheduler, 2 * scheduler.width, lost)
    while lost:  # one of these was it, or was beside it: alone, and in halves, until it is known which
        batch, _ = lost.popleft()
        if len(batch) > 1:
            halves = (batch[: len(batch) // 2], batch[len(batch) // 2 :])
            yield from run_batches(work, iter(halves), scheduler, 1, lost)
        else:
            again: Lost[Input] = deque()
            yield from run_batches(work, iter([batch]), scheduler, 1, again)
            errors += [unforeseen(error, str(batch[0])) for batch, error in again]


def run_batches(
    work: Callable[[Sequence[Input]], Result],
    batches: Iterator[Sequence[Input]],
    scheduler: Scheduler,
    width: int,
    lost: "Lost[Input]",
) -> Iterator[Result]:
    """Run batches, `width` of them under way at a time; those that failed are put aside.

    Raises:
        LogreportError: what `work` raised.
    """
    from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, wait

    broken = True
    while broken:
        broken = False
        running: dict[Future[Result], Sequence[Input]] = {}
        with scheduler.open() as executor, ExitStack() as ending:
            # Where something ends the work, such as Ctrl-C, what has not begun is not begun.
            ending.callback(lambda some: [future.cancel() for future in some], running)
            while True:
                while not broken and len(running) < width and (batch := next(batches, None)) is not None:
                    running[executor.submit(work, batch)] = batch
                if not running:
                    break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    batch = running.pop(future)
                    error = future.exception()
                    if error is None:
                        yield future.result()
                    elif isinstance(error, LogreportError) or not isinstance(error, Exception):
                        raise error
                    else:
                        lost.append((batch, error))
                        broken = broken or isinstance(error, BrokenExecutor)
