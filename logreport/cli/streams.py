"""The standard streams of a process: closed ones, full ones, and those whose reader has gone."""

import os
import sys
from contextlib import suppress

from logreport.errors import visible


def prepare() -> None:
    """Make the streams safe to use.

    The number of one that was closed is taken, else the next file that is opened would be written to as if it were that
    stream; to write to such a standard output fails as it does for any program. A name that is no text can be printed.
    """
    for number, flags in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)
    if sys.stdout is None:
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 - a number; it stays open
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115 - the same
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def flush() -> None:
    """Write what is left.

    Raises:
        OSError: where that cannot be.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def silence() -> None:
    """Let what is left in the buffer of a stream that cannot be written go nowhere, also when Python ends."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            with suppress(OSError, ValueError, AttributeError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def complain(text: str) -> None:
    """A line on standard error, if anybody can hear it."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"logreport: {visible(text, lines=False)}\n")
        sys.stderr.flush()
