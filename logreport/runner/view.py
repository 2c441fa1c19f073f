"""What the user sees of a run: one line that moves on a terminal, lines now and then in a pipe, or nothing."""

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from logreport.errors import visible
from logreport.runner.live import Follower
from logreport.runner.machine.sampling import Sampler
from logreport.runner.preparation.preparing import Prepared
from logreport.runs.scripts.progress import Progress
from logreport.tables.schema import CPU
from logreport.tables.secrets import hidden


class View:
    """Is told what happens, and shows nothing; it never hurts the run, even where nobody can see it any more.

    `more` is what else is known of it, to be shown with its progress.
    """

    more = ""

    def say(self, text: str) -> None:
        """Show a sentence."""

    def begin(self, prepared: Prepared, sampler: Sampler) -> None:
        """Show a run that starts."""

    def lines(self, lines: bytes) -> None:
        """Show what it printed."""

    def caught_up(self) -> None:
        """What was shown until now happened before: its pace says nothing."""

    def tick(self) -> None:
        """Show that time passes."""

    def end(self) -> None:
        """Show no more of this run."""


class Plain(View):
    """Writes a line to standard error when a step was printed and the last line is old enough.

    Args:
        verbose: also everything that the script prints.
    """

    every = 10.0  # seconds between two lines

    def __init__(self, *, verbose: bool = False) -> None:
        self.verbose = verbose
        self.last = 0.0
        self.follower: Follower | None = None
        self.text: Callable[[], str] = str  # where the run is

    def say(self, text: str) -> None:
        self.write(f"logreport: {text}\n")

    def begin(self, prepared: Prepared, sampler: Sampler) -> None:
        self.follower, self.last = Follower(prepared.values, prepared.grammars), 0.0
        self.text = partial(described, prepared.name, self.follower.progress, sampler, time.monotonic())

    def lines(self, lines: bytes) -> None:
        """Show what it printed, or now and then the progress that is in it."""
        if self.verbose:
            self.write(lines.replace(b"\r\n", b"\n").decode(errors="replace"))
        now = time.monotonic()
        if self.follower is not None and self.follower.read(lines) and now - self.last >= self.every:
            self.last = now
            self.show()

    def caught_up(self) -> None:
        """Begin to look at the clock."""
        if self.follower is not None:
            self.follower.progress.first = None

    def tick(self) -> None:
        if self.follower is not None:
            self.follower.tick()

    def end(self) -> None:
        self.follower = None

    def show(self) -> None:
        self.write(f"{self.line()}\n")

    def line(self) -> str:
        """Where the run is, and what else is known of it."""
        return " · ".join(filter(None, (self.text(), self.more)))

    def write(self, text: str) -> None:
        """Write to standard error, where somebody still listens, without secrets, as a terminal may show it."""
        with suppress(OSError, ValueError):  # a closed pipe, a closed file
            sys.stderr.buffer.write(visible(hidden(text)).encode())
            sys.stderr.buffer.flush()


class Moving(Plain):
    """Keeps one line at the foot of a terminal up to date."""

    every = 0.5  # seconds between two looks of it

    def begin(self, prepared: Prepared, sampler: Sampler) -> None:
        from rich.console import Console
        from rich.live import Live

        super().begin(prepared, sampler)
        self.live = Live(console=Console(stderr=True), auto_refresh=False, transient=True)
        self.live.start()
        self.show()

    def write(self, text: str) -> None:
        """Write above the line while there is one."""
        if self.follower is None:
            super().write(text)
            return
        with suppress(OSError, ValueError):
            self.live.console.out(visible(hidden(text)), end="", highlight=False)

    def tick(self) -> None:
        super().tick()
        if time.monotonic() - self.last >= self.every:
            self.show()

    def show(self) -> None:
        from rich.text import Text

        self.last = time.monotonic()
        with suppress(OSError, ValueError):
            self.live.update(
                Text(visible(self.line(), lines=False), no_wrap=True, overflow="ellipsis"), refresh=True
            )

    def end(self) -> None:
        super().end()
        with suppress(OSError, ValueError):
            self.live.stop()


def view_for(*, quiet: bool = False, verbose: bool = False) -> View:
    """The view that fits where standard error goes."""
    if quiet:
        return View()
    moves = sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
    return Moving(verbose=verbose) if moves else Plain(verbose=verbose)


def described(name: str, progress: Progress, sampler: Sampler, started: float) -> str:
    """Where a run is, in one line."""
    now = time.monotonic()
    of = f" of {progress.total}" if progress.total else ""
    where = f"starting, {elapsed(now - started)}" if progress.step is None else f"step {progress.step}{of}"
    parts = [f"{progress.part} {where}" if progress.part else where]
    if progress.speed is not None:
        parts.append(f"{progress.speed:.4g} examples/s")
    if progress.window is not None:
        parts.append(f"last {progress.window:.4g}")
    if (left := progress.remaining(now)) is not None:
        parts.append(time_left(left) + (f" of the {progress.part}" if progress.part else ""))
    return f"{name}: {' · '.join(parts + gpus(sampler))}"


def gpus(sampler: Sampler) -> list[str]:
    """What the GPUs do, in words."""
    found = []
    for device, look in sampler.summary.last.items():
        said = [f"{look.utilisation * 100:.0f} %"] if look.utilisation is not None else []
        said += [f"{look.temperature_celsius:.0f} °C"] if look.temperature_celsius is not None else []
        if device != CPU and said:
            found.append(f"{device.replace('gpu', 'GPU')} {', '.join(said)}")
    return found


def time_left(seconds: float) -> str:
    """How long something will still take; something that goes on is never said to be over."""
    return f"{elapsed(seconds)} left" if round(seconds) else "less than 1 s left"


def elapsed(seconds: float) -> str:
    """`45 s`, `1 min 10 s`, `2 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
