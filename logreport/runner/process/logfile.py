"""The log of a run: what two streams print, byte for byte, in the order in which it arrives."""

import hashlib
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from logreport.runner.files import writing

PATIENCE = 0.5  # seconds that one stream waits for the end of the other's line
MOST_HELD = 1 << 20  # bytes that wait for the end of a line at most


class LogFile:
    """Writes as it arrives; while one stream is in the middle of a line, the other waits a moment for its end.

    Where the file cannot take any more, `problem` says why, and all that was written until then is kept. One that somebody
    deletes meanwhile is written again at the end; then `deleted` is true.

    Args:
        path: a new file.
        on_lines: is given whole lines, each ending in a newline, in the order of the file.

    Raises:
        RunnerError: where the file cannot be made.
    """

    def __init__(self, path: Path, on_lines: Callable[[bytes], object]) -> None:
        with writing(path):
            self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
        self.path, self.on_lines = path, on_lines
        self.deleted = False
        self.problem: OSError | None = None
        self.size, self.digest = 0, hashlib.sha256()
        self.middle: int | None = None  # the stream whose line is not over
        self.waiting, self.waiter = b"", 0  # what the other one printed meanwhile, and which that is
        self.since = 0.0
        self.rest = b""  # of the last line that is not over

    def take(self, stream: int, data: bytes) -> None:
        """Take in what a stream printed."""
        if self.middle not in (None, stream):
            self.since = self.since if self.waiting else time.monotonic()
            self.waiting, self.waiter = self.waiting + data, stream
            if len(self.waiting) > MOST_HELD:
                self.give_way()
            return
        end = data.find(b"\n") + 1 if self.waiting else 0
        if not end:
            self.write(stream, data)
            return
        self.write(stream, data[:end])
        self.give_way()
        if end < len(data):
            self.take(stream, data[end:])

    def end(self, stream: int) -> None:
        """A stream is over: nothing more of its line will come."""
        if self.middle == stream:
            self.give_way()

    def settle(self) -> None:
        """Write what has waited long enough for the end of a line."""
        if self.waiting and time.monotonic() - self.since > PATIENCE:
            self.give_way()

    def give_way(self) -> None:
        """Write what waits, also in the middle of the other stream's line."""
        waiting, self.waiting, self.middle = self.waiting, b"", None
        if waiting:
            self.write(self.waiter, waiting)

    def write(self, stream: int, data: bytes) -> None:
        """Append to the file, and hand whole lines on."""
        left = memoryview(data)
        while left and self.problem is None:
            try:
                count = os.write(self.descriptor, left)
            except OSError as error:
                self.problem = error
                break
            self.digest.update(left[:count])
            self.size += count
            left = left[count:]
        self.middle = None if data.endswith(b"\n") else stream
        text = self.rest + data
        cut = len(text) if len(text) > MOST_HELD else text.rfind(b"\n") + 1
        self.rest = text[cut:]
        if cut:
            self.on_lines(text[:cut] if text.endswith(b"\n", 0, cut) else text[:cut] + b"\n")

    def close(self) -> None:
        """Write what waits and close the file."""
        self.give_way()
        if self.rest:
            self.on_lines(self.rest + b"\n")
            self.rest = b""
        self.deleted = not os.fstat(self.descriptor).st_nlink
        if self.deleted:
            self.write_again()
        os.close(self.descriptor)

    def write_again(self) -> None:
        """Write a file that was deleted once more, where that can be done."""
        os.lseek(self.descriptor, 0, os.SEEK_SET)
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(self.descriptor, "rb", closefd=False) as old, self.path.open("xb") as new:
                shutil.copyfileobj(old, new)
