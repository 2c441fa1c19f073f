"""Everything that can be wrong with a folder of grammars, one sentence each, before a log is read with them."""

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from logreport.errors import GrammarError
from logreport.grammar.directives import read_directives
from logreport.grammar.linting.ambiguity import check_kind
from logreport.grammar.linting.descriptions import comments_of, describe, kind_of, read_as, wholes
from logreport.grammar.linting.examples import lines_of_kind
from logreport.grammar.loading import (
    DOCUMENTS,
    PREFIXES,
    grammar_files,
    grammars_in,
    load_engine,
    load_kinds,
)
from logreport.grammar.lowering.lower import lower_file
from logreport.grammar.lowering.nodes import Kind, fields_of
from logreport.grammar.lowering.pattern import Lowered, emit
from logreport.grammar.scanning.engine import Engine
from logreport.grammar.scanning.prefixes import Unwrapper

SHOWN = 80  # characters of a line in a message


@dataclass
class Lint:
    """What a check found: problems, and how much there was to check."""

    problems: list[GrammarError] = field(default_factory=list)
    kinds: dict[Path, list[Kind]] = field(default_factory=dict)
    lines: int = 0  # of sample logs

    def add(self, path: Path, what: str, todo: str) -> None:
        self.problems.append(GrammarError(what, source=str(path), todo=todo))


def lint(folder: Path, samples: Path | None = None) -> Lint:
    """Check all grammars of a folder, each with its sample log `NAME.log` (or the logs in a folder NAME).

    Args:
        folder: holds `.lark` files.
        samples: where the sample logs are, if not beside the grammars.

    Raises:
        GrammarError: where there is no grammar in the folder, or what is no file.
    """
    files = grammars_in(folder)
    found = Lint()
    for path in files:
        try:
            kinds = lower_file(path)
            found.kinds[path] = kinds
            for kind in kinds:
                check_kind(kind, path)
            if path.stem != PREFIXES:
                found.problems += read_directives(path, fields_of_kinds(kinds))[1]
        except GrammarError as error:
            found.problems.append(error)
    shipped = [path for path in grammar_files() if path.resolve() not in {one.resolve() for one in files}]
    for path in files:
        if path.stem != PREFIXES and any(path.stem == ours.stem for ours in shipped):
            found.add(path, f"logreport has a grammar {path.stem} of its own", "give the file another name")
    if not found.problems:
        check_lines(found, shipped)
        check_samples(found, samples or folder, shipped=not shipped)
    return found


def fields_of_kinds(kinds: Iterable[Kind]) -> dict[str, set[str]]:
    """The names of the fields of each kind, by its name without that of its grammar."""
    return {
        kind.name.partition(".")[2]: {field.name for path in kind.paths for field in fields_of(path)}
        for kind in kinds
    }


def engine_of(kinds: Sequence[Kind]) -> Engine:
    """An engine for some kinds alone; without prefixes."""
    return Engine(emit(kinds), Unwrapper(Lowered("(?!)", {})))


# Two kinds that read the same line


class Clash(NamedTuple):
    """Two kinds that both read one line: the first stands in `path`."""

    path: Path
    kind: str
    other: str
    text: str


def check_lines(found: Lint, shipped: list[Path]) -> None:
    """No line that one kind shows, or can read, may be of another kind as well."""
    for one in clashes(found.kinds, tuple(shipped)):
        what = f"{one.kind} and {one.other} both read {short(one.text)}"
        found.add(one.path, what, "make one of them say more of its line")


def clashes(kinds: Mapping[Path, list[Kind]], shipped: tuple[Path, ...]) -> Iterator[Clash]:
    """Pairs of kinds of which one shows, or can read, a line that is of the other as well.

    Args:
        kinds: those of each file, which are held against each other.
        shipped: files of ours, against which they are held too.
    """
    own = {path: some for path, some in kinds.items() if path.stem != PREFIXES}
    # A kind is compared and hashed by all that it is made of: it is a key once here, not once for each other kind.
    alone = [(path, kind, engine_of([kind])) for path, some in own.items() for kind in some]
    texts = {kind: list(texts_of(path, kind, engine)) for path, kind, engine in alone}
    for path, kind, engine in alone:
        shown = [(text, wholes(engine, text)) for text in texts[kind]]
        for _, other, reader in alone:
            if other is not kind and clash(kind, other):
                met = next((text for text, lines in shown if kind_of(reader, lines)), None)
                if met is not None:
                    yield Clash(path, kind.name, other.name, met)
    if shipped:
        yield from clashes_with_ours(own, texts, shipped)


def clash(one: Kind, two: Kind) -> bool:
    """Whether two kinds must not read the same line: a priority says which comes first, chatter keeps nothing."""
    if (one.name.partition(".")[0] in DOCUMENTS) != (two.name.partition(".")[0] in DOCUMENTS):
        return False  # what stands around logs is read as such only where no log line is
    chatter = all(kind.name.partition(".")[2].startswith("chatter") for kind in (one, two))
    same_file = one.name.partition(".")[0] == two.name.partition(".")[0]
    last_resort = min(one.priority, two.priority) < 0 <= max(one.priority, two.priority)
    return not chatter and not last_resort and (one.priority == two.priority or not same_file)


def texts_of(path: Path, kind: Kind, engine: Engine) -> Iterator[str]:
    """Lines that a kind reads: those that its comment shows, and some that are made from the grammar."""
    comment = comments_of(path).get(kind.name.partition(".")[2], [])
    for text in (*comment, "\n".join(comment[-2:]), *lines_of_kind(kind)):
        if read_as(engine, text) is not None:
            yield text


def clashes_with_ours(
    own: Mapping[Path, list[Kind]], texts: Mapping[Kind, list[str]], shipped: tuple[Path, ...]
) -> Iterator[Clash]:
    """The same for the kinds that logreport ships: theirs are many, so all are tried at once."""
    ours = Ours.of(shipped)
    for path, kinds in own.items():
        for kind in kinds:
            met: dict[str, str] = {}
            alone = engine_of([kind])
            for text in texts[kind]:
                if (other := read_as(ours.engine, text)) and clash(kind, ours.kinds[other]):
                    met.setdefault(other, text)
            for other, text in ours.shown:
                if other not in met and clash(kind, ours.kinds[other]) and read_as(alone, text) is not None:
                    met.setdefault(other, text)
            yield from (Clash(path, kind.name, *one) for one in list(met.items())[:3])


class Ours(NamedTuple):
    """The kinds that logreport ships by their names, an engine for all of them, and lines that each shows or can read."""

    kinds: dict[str, Kind]
    engine: Engine
    shown: list[tuple[str, str]]

    @staticmethod
    @functools.lru_cache(maxsize=2)
    def of(shipped: tuple[Path, ...]) -> "Ours":
        """Those of some files, documents and what stands before lines aside."""
        files = [path for path in shipped if path.stem != PREFIXES]
        kinds = {
            kind.name: (path, kind)
            for path in files
            for kind in load_kinds((path,))
            if kind.priority >= 0 and path.stem not in DOCUMENTS
        }
        engine = engine_of([kind for _, kind in kinds.values()])
        shown = [
            (name, text)
            for name, (path, kind) in kinds.items()
            for text in (*comments_of(path).get(name.partition(".")[2], []), *lines_of_kind(kind))
            if read_as(engine, text) == name
        ]
        return Ours({name: kind for name, (_, kind) in kinds.items()}, engine, shown)


def short(text: str) -> str:
    """A line for a message, which is one line itself."""
    shown = repr(text)
    return shown if len(shown) <= SHOWN else f"{shown[: SHOWN - 1]}…"


# Samples


def check_samples(found: Lint, folder: Path, *, shipped: bool) -> None:
    """Each file has a sample log that is read whole, and each kind a line in it or in its comment."""
    extra = tuple(dict.fromkeys(path.parent for path in found.kinds)) if not shipped else ()
    engine = load_engine(extra, documents=shipped)
    for path, kinds in found.kinds.items():
        if path.stem == PREFIXES:
            check_prefixes(found, path, kinds)
            continue
        logs = sorted((folder / path.stem).glob("*.log")) or [folder / f"{path.stem}.log"]
        text = b"\n"
        for log in logs:
            if log.is_file():
                check_log(found, log, engine)
                text += log.read_bytes() + b"\n"
            else:
                found.add(path, f"has no sample log {log.name}", f"put a log that it reads at {log}")
        for one, kind in zip(describe(path, kinds, engine), kinds, strict=True):
            if len(text) > 1 and not one.sample and engine_of([kind]).pattern.search(text) is None:
                what = (
                    f"no line of {logs[0].name} and none in the comment above the rule is of kind {one.kind}"
                )
                found.add(path, what, "write a line that it reads as a comment above the rule")


def check_log(found: Lint, log: Path, engine: Engine) -> None:
    """Note each line of a sample log that is not read."""
    text = log.read_bytes()
    text += b"" if text.endswith(b"\n") else b"\n"
    found.lines += text.count(b"\n")
    for scan in engine.scan([(text, range(1, text.count(b"\n") + 1))]):
        for number, line in (one for gap in scan.gaps for one in gap.lines() if one[1].strip()):
            shown = short(line.decode("utf-8", "replace"))
            found.problems.append(
                GrammarError(
                    f"no kind reads {shown}",
                    source=str(log),
                    line=number,
                    todo=f"`logreport explain {log}:{number} --grammar {log.parent}` shows where it stops",
                )
            )


def check_prefixes(found: Lint, path: Path, kinds: list[Kind]) -> None:
    """The comment above each prefix shows a line that it takes something away from."""
    comments = comments_of(path)
    for kind in kinds:
        unwrapper = Unwrapper(emit([kind]))
        shown = comments.get(kind.name.partition(".")[2], [])
        if not any(unwrapper.without_prefixes(line.encode())[1] != line.encode() for line in shown):
            what = f"the comment above the rule shows no line with the prefix {kind.name}"
            found.add(path, what, "write one there")
