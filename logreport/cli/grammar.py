"""`logreport grammar`: which kinds of lines are known, and whether a grammar of your own is sound."""

from pathlib import Path

import click

from logreport.cli import options

EPILOG = """\b
Examples:
  logreport grammar list                       every kind of line, its fields and a line of it
  logreport grammar list alexnet_benchmark     those of one grammar
  logreport grammar list --grammar mine        your own beside them
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
