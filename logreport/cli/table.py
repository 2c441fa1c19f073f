"""`logreport table`: speeds as markdown for a README, written between its markers."""

import contextlib
import os
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from logreport.cli import options
from logreport.errors import LogreportError

if TYPE_CHECKING:
    from logreport.reporting.readme import Block

STALE = 5
EPILOG = """\b
Examples:
  logreport table logs/                                     batch sizes down, models across
  logreport table logs/ --rows model --columns device
  logreport table --from lab.archive --where "batch_size = 64"
  logreport table --update README.md                        refresh all blocks of a README
  logreport table --update README.md --check                exit 5 and a diff where one is stale

A block of a README is two lines; its marker carries its own arguments, with
paths as seen from the README:

\b
  <!-- logreport:begin speeds logs/ --rows batch_size --columns model -->
  <!-- logreport:end speeds -->

Rows and columns: batch_size, model, device, phase, benchmark, num_devices, framework_version,
precision, dataset; several with commas. What else differs gets tables of its own.

\b
Exit status: 0 fine, 1 an input or the README is wrong, 2 wrong usage, 5 --check found a stale block."""


@dataclass(frozen=True)
class Wanted:
    """What one table is made of."""

    logs: tuple[str, ...]
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    value: str
    grammars: tuple[Path, ...]
    redact: bool
    archive: str | None
    where: str | None

    @property
    def named(self) -> bool:
        """Whether it says where its runs are."""
        return bool(self.logs) or self.archive is not None or self.where is not None


def dimensions(_context: click.Context, option: click.Parameter, value: str) -> tuple[str, ...]:
    """A list such as `model,phase`."""
    from logreport.reporting.pivot_points import DIMENSIONS

    names = tuple(dict.fromkeys(part.strip().replace("-", "_") for part in value.split(",") if part.strip()))
    if unknown := [name for name in names if name not in DIMENSIONS]:
        raise click.BadParameter(f"{', '.join(unknown)} is none of {', '.join(DIMENSIONS)}", param=option)
    if not names:
        raise click.BadParameter(f"name one of {', '.join(DIMENSIONS)}", param=option)
    return names


def asked(function: Callable[..., Any]) -> Callable[..., Any]:
    """What both the command line and a marker may say."""
    values = ["examples_per_second", "end_to_end_examples_per_second", "seconds_per_batch"]
    for option in reversed(
        (
            click.argument("logs", nargs=-1, metavar="[LOG…]"),
            click.option("--rows", default="batch_size", show_default=True, callback=dimensions),
            click.option("--columns", default="model", show_default=True, callback=dimensions),
            click.option(
                "--value", type=click.Choice(values), default=values[0], show_default=True, metavar="NAME",
                help=f"What the cells show: {', '.join(values)}.",
            ),
            options.grammars,
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
@click.option("-o", "--output", metavar="FILE", help="Write here; standard output otherwise.")
def command(
    logs: tuple[str, ...], rows: tuple[str, ...], columns: tuple[str, ...], value: str, grammars: tuple[Path, ...],
    redact: bool, archive: str | None, where: str | None, readme: str | None, check: bool, name: str | None, output: str | None,  # noqa: FBT001 - an option
) -> int:  # fmt: skip
    """Turn LOGs into markdown tables for a README: three digits, one workload in a cell, doubts marked."""
    from logreport.cli import output as out

    wanted = Wanted(logs, rows, columns, value, grammars, redact, archive, where)
    _check_rows(wanted)
    if readme is not None:
        if output is not None:
            raise click.UsageError("--update writes to the README; leave out -o")
        if redact and not wanted.named:
            raise click.UsageError("a block says all about itself; write --redact into its marker")
        return update(readme, wanted if wanted.named else None, name, check=check)
    if check or name:
        raise click.UsageError("--check and --name need --update README.md")
    if not wanted.named:
        raise click.UsageError("name a log, an archive with --from, or a README with --update")
    text, errors, sentence = made(wanted)
    out.emit(text.encode("utf-8", "replace"), output)
    out.say(sentence)
    return out.report_errors(errors)


def _check_rows(wanted: Wanted) -> None:
    if wanted.named:
        options.check_input(wanted.logs, wanted.archive, wanted.where, wanted.grammars)
    if both := set(wanted.rows) & set(wanted.columns):
        raise click.UsageError(f"{', '.join(sorted(both))} cannot stand in rows and columns at once")


def made(wanted: Wanted) -> tuple[str, Sequence[LogreportError], str]:
    """The markdown, the inputs that failed, and a sentence about all lines."""
    from logreport import api
    from logreport.cli import output as out
    from logreport.reporting.pivot_points import Ask

    if wanted.archive is not None:
        reading = api.read_archive(wanted.archive, wanted.where, redact=wanted.redact)
    else:
        reading = api.read_logs(api.sources_of(wanted.logs), grammars=wanted.grammars, redact=wanted.redact)
    text = api.table_of(reading, Ask(wanted.rows, wanted.columns, wanted.value))
    return text, reading.errors, out.ledger_sentence(reading.tables)


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
    from logreport.reporting.readme import difference, find_blocks, inject
    from logreport.runs.secrets import hidden

    path = Path(readme).resolve()  # a link stays a link
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LogreportError(
            f"cannot be read ({error.strerror})", source=readme, todo="check the path"
        ) from error
    blocks = find_blocks(content, readme)
    chosen = _chosen(blocks, name, readme, alone=wanted is not None)
    texts = {block.name: _block_text(block, wanted, readme, path.parent) for block in chosen}
    new = inject(content, blocks, texts)
    changed = [b.name for b in chosen if inject(content, blocks, {b.name: texts[b.name]}) != content]
    if not changed:
        out.say(f"{readme}: up to date ({', '.join(texts)})")
    elif check:
        out.emit(hidden(difference(content, new, readme).decode("utf-8", "replace")).encode(), None)
        out.say(
            f"logreport: {readme}: stale: {', '.join(changed)}; run `logreport table --update {shlex.quote(readme)}`"
        )
        return STALE
    else:
        _write(path, new)
        out.say(f"{readme}: written: {', '.join(changed)}")
    return 0


def _write(path: Path, content: bytes) -> None:
    """Write a file whole, with the permissions it had."""
    from logreport.cli import output as out

    mode = path.stat().st_mode
    out.write_file(path, content)
    with contextlib.suppress(OSError):
        os.chmod(path, mode & 0o7777)  # noqa: PTH101


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
        if errors:
            raise errors[0]
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
