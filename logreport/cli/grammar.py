"""`logreport grammar`: which kinds of lines are known, and whether a grammar of your own is sound."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from logreport.cli import options
from logreport.errors import UsageError

if TYPE_CHECKING:
    from logreport.errors import LogreportError
    from logreport.sources import Source

EPILOG = """\b
Examples:
  logreport grammar list                       every kind of line, its fields and a line of it
  logreport grammar list alexnet_benchmark     those of one grammar
  logreport grammar list --grammar mine        your own beside them
  logreport grammar new train.log -o mine      a draft of yours, from a log of it
  logreport grammar check mine                 what is wrong with yours, a line each

docs/grammars.md writes one step by step."""


@click.group("grammar", epilog=EPILOG)
def command() -> None:
    """Know what kinds of lines there are, and add your own."""


@command.command("list")
@click.argument("names", nargs=-1, metavar="[NAME]…")
@options.grammars
def list_kinds(names: tuple[str, ...], grammars: tuple[Path, ...]) -> int:
    """Show the kinds of each grammar (or of those named) with a line that they read, and their fields with types."""
    from logreport.cli import output as out
    from logreport.grammar import load_engine
    from logreport.grammar.linting.descriptions import describe
    from logreport.grammar.loading import PREFIXES, grammar_files, load_kinds

    files = grammar_files(grammars)
    if unknown := sorted(set(names) - {path.stem for path in files}):
        known = ", ".join(dict.fromkeys(path.stem for path in files))
        raise click.BadParameter(f"{', '.join(unknown)}: no such grammar; there are {known}")
    engine = load_engine(grammars, documents=True)
    for path in files:
        if (names and path.stem not in names) or (path.stem == PREFIXES and not names):
            continue
        out.show(path.stem)
        for one in describe(path, list(load_kinds((path,))), engine):
            fields = ", ".join(f"{name} ({dtype})" for name, dtype in one.fields)
            out.show(f"  {one.kind.partition('.')[2]}: {fields or 'no fields'}")
            for line in one.sample.splitlines():
                out.show(f"      {line}")
    return 0


@command.command("check")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--samples",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Where the sample logs NAME.log are, if not beside the grammars.",
)
def check(folder: Path, samples: Path | None) -> int:
    """Check the grammars in DIR: can they be used, do two kinds read one line, is each sample log read whole?"""
    from logreport.cli import output as out
    from logreport.grammar.linting.lint import lint

    found = lint(folder, samples)
    if found.problems:
        return out.report_errors(found.problems)
    kinds = sum(map(len, found.kinds.values()))
    parts = [out.plural(len(found.kinds), "grammar"), out.plural(kinds, "kind")]
    out.show(f"{folder}: {', '.join(parts)}, {out.plural(found.lines, 'line')} of samples: all is well.")
    return 0


@command.command("new")
@click.argument("logs", nargs=-1, required=True, metavar="LOG…")
@click.option("--name", metavar="NAME", help="What the grammar is called; else after the first log.")
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Where it goes; else a folder NAME.",
)
def new(logs: tuple[str, ...], name: str | None, folder: Path | None) -> int:
    """Draft a grammar from LOG…: lines of one shape are a kind, their numbers fields. Names are guesses: mend them."""
    from logreport.cli import output as out
    from logreport.errors import LogreportError
    from logreport.grammar.drafting.draft import draft
    from logreport.grammar.loading import grammar_files

    lines, errors = lines_in(logs)
    if not lines:
        return out.report_errors(errors)
    name = grammar_name(name or Path(logs[0]).name.partition(".")[0])
    if name in {path.stem for path in grammar_files()}:
        raise UsageError(
            f"logreport has a grammar {name} of its own", todo="give yours another name with --name"
        )
    folder = folder or Path(name)
    grammar, sample = folder / f"{name}.lark", folder / f"{name}.log"
    if grammar.exists():
        raise UsageError("is there already", source=grammar, todo="take it away, or choose another --name")
    found = draft(name, lines)
    if not found.kinds:
        errors.append(
            LogreportError(
                "no line has a number that a format of its own could say",
                source=logs[0],
                todo="name a log with results",
            )
        )
        return out.report_errors(errors)
    for path, content in ((grammar, found.grammar.encode()), (sample, found.sample)):
        if not path.exists():
            out.emit(content, str(path))
    share = f", {out.plural(found.left, 'line')} of other shapes left" if found.left else ""
    out.show(f"{grammar}: {out.plural(found.kinds, 'kind')} from {out.plural(found.lines, 'line')}{share}.")
    if found.has_speed is not True:
        out.show(LACKING[found.has_speed])
    out.show(f"Mend its names, then: logreport grammar check {folder}")
    return out.report_errors(errors)


LACKING = {
    None: "No lines look like steps: call the kind that is theirs step, and the number that counts them step.",
    False: "No number of a step is named as its speed or its time: call it samples_per_second, or seconds_per_batch.",
}


def lines_in(logs: tuple[str, ...]) -> tuple[list[bytes], list["LogreportError"]]:
    """The lines of all logs, one after the other, and what cannot be read."""
    from logreport.errors import LogreportError
    from logreport.sources import find_sources

    errors: list[LogreportError] = []
    lines: list[bytes] = []
    for source in find_sources(logs):
        try:
            if isinstance(source, LogreportError):
                raise source
            lines += lines_of(source)
        except LogreportError as error:
            errors.append(error)
    return lines, errors


def lines_of(source: "Source") -> Iterator[bytes]:
    """The lines of a log as they are read, those with secrets aside: a grammar repeats what it was made of."""
    from logreport.tables.secrets import hidden

    for text, _ in source.chunks():
        for line in text.split(b"\n")[:-1]:
            shown = line.decode("utf-8", "replace")
            if hidden(shown) == shown:
                yield line


def grammar_name(text: str) -> str:
    """A name that a grammar can have."""
    words = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return words if words[:1].isalpha() else f"log_{words}".rstrip("_")
