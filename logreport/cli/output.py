"""What the verbs share: writing whole files, errors at the end, one sentence about the ledger, progress."""

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from logreport.errors import LeftOut, LogreportError, UsageError, visible
from logreport.sources.names import BESIDE, SETTINGS, archive_of, beside_of, is_metrics
from logreport.tables.schema import LEDGER
from logreport.tables.secrets import hidden

if TYPE_CHECKING:
    from logreport.sources import Source
    from logreport.tables.reading import Reading
    from logreport.tables.tables import Tables

INTERRUPTED = 130  # the exit status, as shells say it
PROGRESS_FROM = 200  # sources; fewer are read before one could follow


@contextmanager
def writing(output: str | None) -> Iterator[Callable[[bytes], object]]:
    """A function that writes to a file, which appears whole at the end or not at all, or to standard output.

    Raises:
        LogreportError: where the file cannot be written; for standard output it is the system's error.
    """
    if output is None or output == "-":
        yield to_terminal if sys.stdout.isatty() else sys.stdout.buffer.write
        sys.stdout.buffer.flush()
        return
    import tempfile

    path = Path(os.path.realpath(output))  # a link stays a link, and what it names is replaced
    try:
        if path.exists() and not path.is_file():
            # A device or a pipe, such as /dev/null, is written to, never replaced by a file.
            with path.open("wb") as file:
                yield file.write
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
            unfinished = Path(folder) / path.name
            with unfinished.open("wb") as file:
                yield file.write
            unfinished.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error


def terminal_width(output: str | None) -> int | None:
    """How many columns the terminal has that a result goes to; None where it goes elsewhere."""
    if output not in (None, "-") or not sys.stdout.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns


def to_terminal(content: bytes) -> None:
    """Write to the terminal what a pipe would be given as it is."""
    sys.stdout.buffer.write(visible(content.decode("utf-8", "replace").replace("\r\n", "\n")).encode())


def cannot_write(path: Path, error: OSError) -> LogreportError:
    return LogreportError(
        f"cannot be written ({error.strerror})", source=str(path), todo="choose another place with -o"
    )


def without_output(sources: Iterable["Source | LogreportError"]) -> list["Source | LogreportError"]:
    """The sources without the file that standard output goes to, as in `logreport parse . > out.csv`."""
    try:
        to = os.fstat(sys.stdout.fileno())
    except (OSError, ValueError):  # no file at all, in a test or a notebook
        return list(sources)
    if not stat.S_ISREG(to.st_mode):
        return list(sources)
    return [
        LeftOut("is where the output goes", source=one.name, todo="left out")
        if not isinstance(one, LogreportError) and is_same(one.path, to)
        else one
        for one in sources
    ]


def is_same(path: str, file: os.stat_result) -> bool:
    try:
        return bool(path) and os.path.samestat(file, os.stat(path))  # noqa: PTH116 - the same call
    except (OSError, ValueError):
        return False


def inputs_of(sources: Iterable["Source | LogreportError"], reading: "Reading") -> list[str]:
    """The paths that were read; what logreport wrote itself was left out, and may be written anew."""
    own = {error.source for error in reading.errors if isinstance(error, LeftOut)}
    return [
        one.source or "" if isinstance(one, LogreportError) else one.path or one.name
        for one in sources
        if (one.source if isinstance(one, LogreportError) else one.name) not in own
    ]


def refuse_inputs(output: str | Path | None, read: Iterable[str]) -> None:
    """Stop before a file is overwritten that was read, or belongs to what was read, under whatever name.

    Raises:
        UsageError: where it would be.
    """
    if output is not None and str(output) != "-":
        refuse_any([output], read)


def refuse_any(outputs: Iterable[str | Path], read: Iterable[str]) -> None:
    """The same for several files: what was read is looked at once, and only where one of them is there already.

    Raises:
        UsageError: where one would be overwritten.
    """
    there = {place: output for output in outputs if (place := _place_of(output)) is not None}
    for path in read if there else ():
        for name in _belonging_to(path):
            if (place := _place_of(name)) is not None and place in there:
                raise UsageError(
                    f"is read and would be overwritten as {there[place]}",
                    source=name,
                    todo="write to another file",
                )


@lru_cache(maxsize=1 << 14)  # asked for each format that is written
def _belonging_to(path: str) -> tuple[str, ...]:
    """A path that was read, the archive that it is in, and what a runner keeps beside it."""
    stem = beside_of(path, "")
    settings = (beside_of(path, SETTINGS),) if is_metrics(path) else ()
    return (path, archive_of(path), *(stem + end for end in BESIDE), *settings)


def _place_of(path: str | Path) -> tuple[int, int] | None:
    """Where the system has a regular file; None where there is none of this name."""
    try:
        found = os.stat(path) if path else None  # noqa: PTH116 - as above
    except (OSError, ValueError):
        return None
    return (found.st_dev, found.st_ino) if found is not None and stat.S_ISREG(found.st_mode) else None


def emit(content: bytes, output: str | None) -> None:
    """Write a result to a file, or to standard output."""
    with writing(output) as write:
        write(content)


def show(text: str) -> None:
    """A line or lines to standard output, without secrets, as a terminal may show them."""
    click.echo(visible(hidden(text)))


def say(text: str) -> None:
    """A note to standard error, likewise."""
    click.echo(visible(hidden(text)), err=True)


def report_errors(errors: Sequence[LogreportError]) -> int:
    """One line for each input that failed, after everything else was written; the exit status."""
    for error in errors:
        say(f"logreport: {error}")
    return max((error.exit_status for error in errors), default=0)


def ledger_sentence(tables: "Tables") -> str:
    """One sentence about every line of every input; a run that stands in two of them is one run."""
    columns = tables.columns["lines"]
    total = sum(columns["total"])
    parts = [f"{count:,} {name}" for name in LEDGER if (count := sum(columns[name]))]
    ids = tables.columns["runs"]["run_id"]
    runs, sources = len(set(filter(None, ids))) + ids.count(None), tables.count("lines")
    return f"{plural(runs, 'run')} in {plural(sources, 'source')}; {plural(total, 'line')}: {', '.join(parts) or 'none'}."


def plural(count: int, noun: str) -> str:
    """`1 line`, `2 lines`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def unknown_share(tables: "Tables") -> float:
    """Share of lines that are unknown or malformed."""
    columns = tables.columns["lines"]
    total = sum(columns["total"])
    return (sum(columns["unknown"]) + sum(columns["malformed"])) / total if total else 0.0


def progress(sources: Iterable[object]) -> "Callable[[Source], None] | None":
    """A counter on a terminal where there is much to read."""
    count = len(sources) if isinstance(sources, list) else 0
    if count < PROGRESS_FROM or not sys.stderr.isatty():
        return None
    done = 0

    def show(_source: "Source") -> None:
        nonlocal done
        done += 1
        if done % 50 == 0 or done == count:
            click.echo(f"\rread {done:,} of {count:,}", err=True, nl=done == count)

    return show
