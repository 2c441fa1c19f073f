"""What is too much for memory: values wait in a temporary file of this process until they are asked for again."""

import atexit
import os
import pickle
import threading
from collections.abc import Iterable, Iterator, MutableSequence, Sequence
from itertools import chain, islice, repeat
from operator import is_
from typing import IO, Any, Generic, TypeVar, overload

T = TypeVar("T")
MANY = 1 << 16  # values of a list that a file holds
BLOCK = 1 << 14  # values of it that are read and written together


class _Spool:
    """The temporary file: values are appended, and it is emptied when none of them is wanted any more."""

    def __init__(self) -> None:
        import tempfile

        self.process, self.size, self.count = os.getpid(), 0, 0
        self.file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process
        self.lock = threading.RLock()  # a value may be given up while another is put, by the same thread

    def put(self, value: object) -> int:
        """Append a value; returns where it is."""
        with self.lock:
            place = self.file.seek(self.size)
            self.count += 1
            pickle.dump(value, self.file, pickle.HIGHEST_PROTOCOL)
            self.size = self.file.tell()
        return place

    def get(self, place: int) -> Any:  # noqa: ANN401 - what was put there
        """The value at a place."""
        with self.lock:
            self.file.seek(place)
            return pickle.load(self.file)  # noqa: S301 - written above

    def give_up(self) -> None:
        """One of them is not wanted any more."""
        with self.lock:
            self.count -= 1
            if not self.count and self.process == os.getpid() and not self.file.closed:
                self.size = 0
                self.file.truncate(0)


_open: list[_Spool] = []


@atexit.register
def _close() -> None:
    """Close it before the interpreter does, which would complain; what still waits in it is not asked for any more."""
    for spool in _open:
        spool.file.close()


def _spool() -> _Spool:
    """That of this process: one that was forked has its own."""
    if not _open or _open[0].process != os.getpid():
        _open[:] = [_Spool()]
    return _open[0]


class Stored(Generic[T]):
    """A value in the temporary file, for as long as this is held."""

    def __init__(self, value: T) -> None:
        self.spool = _spool()
        self.place = self.spool.put(value)

    def value(self) -> T:
        """A copy of the value."""
        found: T = self.spool.get(self.place)
        return found

    def __del__(self) -> None:
        self.spool.give_up()


class LongList(MutableSequence[T]):
    """A list of many values, such as pickle writes: the temporary file holds all but the blocks that are being worked on."""

    def __init__(self, values: Iterable[T] = ()) -> None:
        self.blocks: list[Stored[list[T]]] = []
        self.last: list[T] = []  # behind the blocks
        # The block that was asked for last.
        self.number, self.block, self.is_changed = -1, list[T](), False
        self.extend(values)

    def __len__(self) -> int:
        return len(self.blocks) * BLOCK + len(self.last)

    def __iter__(self) -> Iterator[T]:
        return self.between(0, len(self))

    def __reversed__(self) -> Iterator[T]:
        return chain.from_iterable(reversed(self.at(n)) for n in range(len(self.blocks), -1, -1))

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LongList | list):
            return NotImplemented
        return len(self) == len(other) and all(
            one is its or one == its for one, its in zip(self, other, strict=True)
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (), None, iter(self)

    def extend(self, values: Iterable[T]) -> None:
        """Append values."""
        if isinstance(values, LongList) and not self.last:
            self.blocks += values.written()
            values = values.last
        values = iter(values)
        while some := list(islice(values, BLOCK - len(self.last))):
            self.last += some
            if len(self.last) == BLOCK:
                self.blocks.append(_stored(self.last))
                self.last = []

    def append(self, value: T) -> None:
        """Append one value."""
        self.extend((value,))

    def insert(self, index: int, value: T) -> None:
        """Put a value before another."""
        self[index:index] = (value,)

    def clear(self) -> None:
        """Take all away."""
        self.__init__()  # type: ignore[misc]

    @overload
    def __getitem__(self, which: int) -> T: ...
    @overload
    def __getitem__(self, which: slice) -> MutableSequence[T]: ...
    def __getitem__(self, which: int | slice) -> T | MutableSequence[T]:
        if isinstance(which, slice):
            start, stop, step = which.indices(len(self))
            if step != 1:
                return few_or_many(map(self.__getitem__, range(start, stop, step)))
            return few_or_many(self.between(start, stop))
        place = range(len(self))[which]
        return self.at(place // BLOCK)[place % BLOCK]

    def __setitem__(self, which: Any, value: Any) -> None:  # noqa: ANN401 - as its base, which has two kinds
        if isinstance(which, slice):
            start, stop, _ = which.indices(len(self))
            made = LongList(chain(self.between(0, start), value, self.between(stop, len(self))))
            vars(self).update(vars(made))
            return
        place = range(len(self))[which]
        self.at(place // BLOCK)[place % BLOCK] = value
        self.is_changed = True

    def __delitem__(self, which: int | slice) -> None:
        place = which if isinstance(which, slice) else range(len(self))[which]
        self[place if isinstance(place, slice) else slice(place, place + 1)] = ()

    def between(self, start: int, stop: int) -> Iterator[T]:
        """The values from one place to another."""
        first = start // BLOCK
        blocks = (self.at(number) for number in range(first, len(self.blocks) + 1))
        return islice(chain.from_iterable(blocks), start - first * BLOCK, max(start, stop) - first * BLOCK)

    def at(self, number: int) -> list[T]:
        """A block; the one before it is written again if it was changed."""
        if number == len(self.blocks):
            return self.last
        if number != self.number:
            self.number, self.block = number, _values(self.written()[number])
        return self.block

    def written(self) -> list[Stored[list[T]]]:
        """The blocks, of which none changes any more: others may hold them, too."""
        if self.is_changed:
            self.blocks[self.number], self.is_changed = _stored(self.block), False
        return self.blocks


def _stored(block: list[T]) -> Stored[list[T]]:
    """A block in the file; of one value that stands everywhere that one."""
    return Stored(block[:1] if all(map(is_, block, repeat(block[0]))) else block)


def _values(stored: Stored[list[T]]) -> list[T]:
    """The block again."""
    values = stored.value()
    return values if len(values) == BLOCK else values * BLOCK


def values_at(values: Sequence[T], rows: range) -> Iterable[T]:
    """The values at rows that follow one another."""
    if type(values) is LongList:  # `isinstance` is slow to say no
        return values.between(rows.start, rows.stop)
    return values[rows.start : rows.stop]


def columns_of(rows: Iterable[tuple[Any, ...]], width: int) -> Sequence[Sequence[Any]]:
    """The columns of rows: tuples where there are few."""
    rows = iter(rows)
    some = list(islice(rows, MANY))
    if len(some) < MANY:
        return list(zip(*some, strict=True)) or [()] * width
    columns = [LongList[Any]() for _ in range(width)]
    while some:
        for column, values in zip(columns, zip(*some, strict=True), strict=True):
            column.extend(values)
        some = list(islice(rows, BLOCK))
    return columns


def few_or_many(values: Iterable[T]) -> MutableSequence[T]:
    """Values as a list, of one kind or the other; a list of few is its own."""
    if type(values) is list and len(values) < MANY:
        return values
    values = iter(values)
    few = list(islice(values, MANY))
    return few if len(few) < MANY else LongList(chain(few, values))
