"""`logreport table`: speeds as markdown for a README, written between its markers."""

import contextlib
import errno
import fcntl
import os
import shlex
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from logreport.cli import options
from logreport.errors import LogreportError

if TYPE_CHECKING:
    from logreport.reporting.readme.markers import Block
    from logreport.tables.reading import Reading

STALE = 5
LONG = 100  # rows, more than a reader of a README looks through
SHORTER = "--preset leaderboard, heatmap or batch writes a table of the report, and --where takes fewer runs"
# By the keys of the tables of the report.
PRESETS = {
    "leaderboard": "leaderboard",
    "heatmap": "heatmap-",
    "batch": "speed",
}
EPILOG = """\b
Examples:
  logreport table logs/                                     batch sizes down, models across
  logreport table logs/ --rows model --columns device
  logreport table logs/ --preset leaderboard                every device against one
  logreport table logs/ --where "device = 'RTX 3090' and batch_size <= 64"
  logreport table --from lab.archive --where "tag.room = 'north'"
  logreport table logs/ --format latex -o speeds.tex        also html and csv
  logreport table --update README.md                        refresh all blocks of a README
  logreport table --update README.md --check                exit 5 and a diff where one is stale

A block of a README is two lines; its marker carries its own arguments, with
paths as seen from the README:

\b
  <!-- logreport:begin speeds logs/ --rows batch_size --columns model -->
  <!-- logreport:end speeds -->

Rows and columns: batch_size, model, device, phase, benchmark, num_devices, framework_version,
precision, dataset, host, threads, xla, optimizer, command, tag, tag.KEY; several with commas.
What else differs gets tables of its own, or rows where they would be many.

\b
Exit status: 0 fine, 1 an input or the README is wrong, 2 wrong usage, 5 --check found a stale block."""


@dataclass(frozen=True)
class Wanted:
    """What one table is made of."""

    logs: tuple[str, ...]
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    value: str
    best: bool
    grammars: tuple[Path, ...]
    redact: bool
    archive: str | None
    where: str | None
    preset: str | None = None
    given: tuple[str, ...] = ()

    @property
    def named(self) -> bool:
        """Whether it says where its runs are."""
        return bool(self.logs) or self.archive is not None


def dimensions(_context: click.Context, option: click.Parameter, value: str) -> tuple[str, ...]:
    """A list such as `model,phase`."""
    from logreport.reporting.readme.pivot_cells import CHOICES, is_dimension

    names = tuple(dict.fromkeys(part.strip().replace("-", "_") for part in value.split(",") if part.strip()))
    if unknown := [name for name in names if not is_dimension(name)]:
        raise click.BadParameter(f"{', '.join(unknown)} is none of {CHOICES}", param=option)
    if not names:
        raise click.BadParameter(f"name one of {CHOICES}", param=option)
    return names


def asked(function: Callable[..., Any]) -> Callable[..., Any]:
    """What both the command line and a marker may say."""
    values = [
        "examples_per_second",
        "end_to_end_examples_per_second",
        "seconds_per_batch",
        "examples_per_joule",
    ]
    for option in reversed(
        (
            click.argument("logs", nargs=-1, metavar="[LOG…]"),
            click.option("--rows", default="batch_size", show_default=True, callback=dimensions),
            click.option("--columns", default="model", show_default=True, callback=dimensions),
            click.option(
                "--value", type=click.Choice(values), default=values[0], show_default=True, metavar="NAME",
                help=f"What the cells show: {', '.join(values)}.",
            ),
            click.option(
                "--preset", type=click.Choice(list(PRESETS)),
                help="A table of the report instead: all devices against one, devices and models, or batch sizes.",
            ),
            click.option("--best", is_flag=True, help="The fastest of several set-ups in a cell, not all of them."),
            options.grammars,
            options.given,
            options.redact,
            options.archive,
            options.where,
        )
    ):  # fmt: skip
        function = option(function)
    return function


@click.command("marker", add_help_option=False)
@asked
def marker(**_arguments: object) -> None:
    """What a marker in a README says after its name."""


@click.command("table", epilog=EPILOG)
@asked
@click.option("--update", "readme", metavar="README", help="Write between the markers of this file.")
@click.option(
    "--check", is_flag=True, help="With --update: write nothing; exit 5 and a diff where it is stale."
)
@click.option("--name", metavar="NAME", help="With --update: only the block of this name.")
@click.option(
    "--format", "form", type=click.Choice(["md", "html", "latex", "csv"]), default="md", show_default=True,
    help="csv has a row for each value, in base units.",
)  # fmt: skip
@options.spreadsheet_safe
@options.output
def command(
    logs: tuple[str, ...], rows: tuple[str, ...], columns: tuple[str, ...], value: str, best: bool, grammars: tuple[Path, ...],  # noqa: FBT001 - an option
    redact: bool, archive: str | None, where: str | None, readme: str | None, check: bool, name: str | None, form: str,  # noqa: FBT001 - an option
    spreadsheet_safe: bool, output: str | None, preset: str | None, given: tuple[str, ...],  # noqa: FBT001 - an option
) -> int:  # fmt: skip
    """Turn LOGs into markdown tables for a README: three digits, one workload in a cell, doubts marked."""
    from logreport.api.results import TableText
    from logreport.cli import output as out
    from logreport.reporting.readme.markdown_table import FORMATS, cells_of
    from logreport.tables.exporting import csv_of

    # Where a README names its own logs, no variable does.
    logs, archive = options.archive_among(logs, archive) if readme is None or logs else (logs, archive)
    wanted = Wanted(logs, rows, columns, value, best, grammars, redact, archive, where, preset, given)
    _check_rows(wanted)
    if readme is not None:
        if output is not None or form != "md":
            raise click.UsageError("--update writes markdown to the README; leave out -o and --format")
        if redact and not wanted.named:
            raise click.UsageError("a block says all about itself; write --redact into its marker")
        return update(readme, wanted if wanted.named else None, name, check=check)
    if check or name:
        raise click.UsageError("--check and --name need --update README.md")
    if not wanted.named:
        raise click.UsageError("name a log, an archive with --from, or a README with --update")
    if preset is not None and form != "md":
        raise click.UsageError("--preset writes markdown; leave out --format")
    text, errors, sentence = made(wanted, output)
    # A file of its own is no document.
    mark = "" if output in (None, "-") or form != "md" else '[//]: # "logreport table"\n\n'
    if not isinstance(text, TableText):
        shown = text
    elif spreadsheet_safe and form == "csv":
        shown = csv_of(*cells_of(text.pivots), spreadsheet_safe=True).decode()
    else:
        shown = FORMATS[form](text.pivots)
    out.emit(f"{mark}{shown}".encode("utf-8", "replace"), output)
    out.say(sentence)
    if isinstance(text, TableText) and (many := sum(len(pivot.rows) for pivot in text.pivots)) > LONG:
        out.say(f"{many:,} rows are many for a README; {SHORTER}")
    return out.report_errors(errors)


def _check_rows(wanted: Wanted) -> None:
    if wanted.named:
        options.check_input(wanted.logs, wanted.archive, wanted.grammars, wanted.given)
    if both := set(wanted.rows) & set(wanted.columns):
        raise click.UsageError(f"{', '.join(sorted(both))} cannot stand in rows and columns at once")


def made(wanted: Wanted, output: str | None = None) -> tuple[str, Sequence[LogreportError], str]:
    """The tables (for a preset as markdown alone), the inputs that failed, and a sentence about all lines."""
    from logreport import api
    from logreport.cli import output as out
    from logreport.reporting.readme.pivot_cells import Ask
    from logreport.tables.given import given_by

    if wanted.archive is not None:
        reading = api.read_archive(wanted.archive, wanted.where, redact=wanted.redact)
    else:
        sources = out.without_output(api.sources_of(wanted.logs))
        reading = api.read_logs(
            sources,
            grammars=wanted.grammars,
            where=wanted.where,
            given=given_by(wanted.given),
            redact=wanted.redact,
        )
        out.refuse_inputs(output, out.inputs_of(sources, reading))
    if wanted.preset is not None:
        text: str = _preset(reading, wanted.preset)
    else:
        text = api.table_of(reading, Ask(wanted.rows, wanted.columns, wanted.value, wanted.best))
    return text, reading.errors, out.ledger_sentence(reading.tables)


def _preset(reading: "Reading", preset: str) -> str:
    """A table of the report.

    Raises:
        LogreportError: where the report has none.
    """
    from logreport import api
    from logreport.reporting.rendering.markdown import tables_alone

    report = api.report_of(reading, title="", baseline=None, command="")
    if text := tables_alone(report, PRESETS[preset]):
        return text
    raise LogreportError(
        f"there is no {preset} of these logs", todo="name logs of several devices or batch sizes"
    )


def update(readme: str, wanted: Wanted | None, name: str | None, *, check: bool) -> int:
    """Refresh the blocks of a README, or say which are stale.

    Args:
        readme: the file.
        wanted: what the command line asks for, if it names logs.
        name: the only block to refresh.
        check: write nothing.

    Raises:
        LogreportError: for the first thing that is wrong with the README or a block; then nothing is written.
    """
    from logreport.cli import output as out
    from logreport.reporting.readme.markers import difference, find_blocks, inject
    from logreport.tables.secrets import hidden

    path, content = _read(readme)
    blocks = find_blocks(content, readme)
    chosen = _chosen(blocks, name, readme, alone=wanted is not None)
    texts = {block.name: _block_text(block, wanted, readme, path.parent) for block in chosen}
    if not check:
        changed = _write(path, readme, chosen, texts)
        out.say(
            f"{readme}: "
            + (f"written: {', '.join(changed)}" if changed else f"up to date ({', '.join(texts)})")
        )
        return 0
    if not (changed := _changed(content, blocks, texts)):
        out.say(f"{readme}: up to date ({', '.join(texts)})")
        return 0
    shown = difference(content, inject(content, blocks, texts), readme).decode("utf-8", "replace")
    out.emit(hidden(shown).encode(), None)
    out.say(
        f"logreport: {readme}: stale: {', '.join(changed)}; run `logreport table --update {shlex.quote(readme)}`"
    )
    return STALE


def _read(readme: str) -> tuple[Path, bytes]:
    """A README's own path, also behind links, and what is in it.

    Raises:
        LogreportError: where it cannot be read, or is no file.
    """
    try:
        path = Path(readme).resolve()  # a link stays a link
        if path.exists() and not path.is_file():
            raise LogreportError("is no file", source=readme, todo="name the README itself")
        return path, path.read_bytes()
    except (OSError, RuntimeError) as error:
        # A loop of links is a RuntimeError up to Python 3.12.
        if isinstance(error, RuntimeError) or error.errno == errno.ELOOP:
            why: str | None = "a link that leads to itself"
        else:
            why = error.strerror
        raise LogreportError(f"cannot be read ({why})", source=readme, todo="check the path") from error


def _changed(content: bytes, blocks: Sequence["Block"], texts: Mapping[str, str]) -> list[str]:
    """The blocks that would say something else."""
    from logreport.reporting.readme.markers import inject

    return [name for name, text in texts.items() if inject(content, blocks, {name: text}) != content]


def _write(path: Path, readme: str, chosen: Sequence["Block"], texts: Mapping[str, str]) -> list[str]:
    """Put texts into the README as it is now: others may have written while they were made; returns what changed.

    Raises:
        LogreportError: where a block is not the one that its text was made for, or the README cannot be written.
    """
    from logreport.reporting.readme.markers import find_blocks, inject

    with _alone(path.parent):
        content = _read(readme)[1]
        blocks = find_blocks(content, readme)
        there = {block.name: block.arguments for block in blocks}
        for block in chosen:
            if there.get(block.name) != block.arguments:
                what = f"block {block.name!r} was changed while its table was made"
                raise LogreportError(what, source=readme, line=block.line, todo="run it again")
        changed = _changed(content, blocks, texts)
        if changed:
            try:
                _replace(path, readme, inject(content, blocks, texts))
            except OSError as error:
                what = f"cannot be written ({error.strerror})"
                raise LogreportError(
                    what, source=readme, todo="check the rights and the free space there"
                ) from error
    return changed


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One writer at a time in a folder; where its file system has no locks there is only the look at what is there."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace(path: Path, readme: str, content: bytes) -> None:
    """Write a file whole, with the owner and the rights that it had.

    Raises:
        LogreportError: where it is read-only, or would not be the same file for somebody.
        OSError: where it cannot be written.
    """
    was = path.stat()
    if not was.st_mode & 0o222 or not os.access(path, os.W_OK):
        raise LogreportError("is read-only", source=readme, todo="make it writable, or leave it as it is")
    if was.st_nlink > 1:
        what = f"has {was.st_nlink} names (hard links): the others would not see what is written"
        raise LogreportError(what, source=readme, todo="make it a file of its own, or a symbolic link")
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name:.50}.", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            _take_over(was, file.fileno(), readme)
            with contextlib.suppress(OSError):  # not all file systems have them
                for name in os.listxattr(path):
                    os.setxattr(file.fileno(), name, os.getxattr(path, name))
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _take_over(was: os.stat_result, descriptor: int, readme: str) -> None:
    """Give a new file the owner and the rights of the old one."""
    now = os.fstat(descriptor)
    if (now.st_uid, now.st_gid) != (was.st_uid, was.st_gid):
        try:
            os.fchown(descriptor, was.st_uid, was.st_gid)
        except OSError as error:
            what = "belongs to another user or group, and would be yours afterwards"
            raise LogreportError(what, source=readme, todo="let its owner run this") from error
    os.fchmod(descriptor, was.st_mode & 0o7777)


def _chosen(blocks: Sequence["Block"], name: str | None, readme: str, *, alone: bool) -> Sequence["Block"]:
    """The blocks to refresh."""
    names = ", ".join(block.name for block in blocks)
    if name is not None:
        found = [block for block in blocks if block.name == name]
        if not found:
            raise LogreportError(f"has no block {name!r}", source=readme, todo=f"name one of {names}")
        return found
    if alone and len(blocks) > 1:
        raise click.UsageError(f"{readme} has several blocks ({names}); say which one with --name")
    return blocks


def _block_text(block: "Block", given: Wanted | None, readme: str, folder: Path) -> str:
    """The table of one block: by its own arguments, or by those of the command line where it has none."""
    if given is not None and block.arguments:
        raise click.UsageError(
            f"block {block.name!r} of {readme} has arguments of its own; leave out LOG, or change the marker"
        )
    with _as_of(block, readme):
        if given is not None:
            text, errors, _ = made(given)
        else:
            with contextlib.chdir(folder):
                text, errors, _ = made(_parsed(block))
        for error in errors:
            if error.exit_status:
                raise error
    return text


def _parsed(block: "Block") -> Wanted:
    """What a marker asks for."""
    try:
        words = shlex.split(block.arguments)
        context = marker.make_context("marker", words)
        wanted = Wanted(**context.params)
        _check_rows(wanted)
    except ValueError as error:
        raise LogreportError(
            f"its arguments cannot be read ({error})", todo="close what was opened"
        ) from error
    except click.UsageError as error:
        raise LogreportError(error.format_message().rstrip("."), todo="mend the marker") from error
    if not wanted.named or "-" in wanted.logs:
        raise LogreportError(
            "its marker names no logs", todo="write their paths after its name, as seen from the file"
        )
    return wanted


@contextlib.contextmanager
def _as_of(block: "Block", readme: str) -> Iterator[None]:
    """Errors say which block they are about."""
    try:
        yield
    except LogreportError as error:
        raise LogreportError(f"block {block.name!r}: {error}", source=readme, line=block.line) from error
