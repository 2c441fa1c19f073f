"""Find grammar files, lower them, and keep the lowered form in the user's cache by the grammars' hash."""

import contextlib
import functools
import hashlib
import json
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from logreport.errors import GrammarError
from logreport.grammar.directives import SIGN, read_directives
from logreport.grammar.lowering.nodes import Kind
from logreport.grammar.lowering.pattern import Leaf, Lowered, emit
from logreport.grammar.native.kernel import why_not
from logreport.grammar.scanning.engine import Engine
from logreport.grammar.scanning.prefixes import Unwrapper
from logreport.resources import resource_dir
from logreport.scripts import OFFICIAL, Benchmark

if TYPE_CHECKING:
    from logreport.grammar.native.library import Machine, PatternAutomaton
    from logreport.grammar.native.program import Arrays, ArrayTypes

Loaded = TypeVar("Loaded")
SHARED = ("terminals",)  # imported by the others; they have no kinds of their own
PREFIXES = "prefixes"  # what stands before a line, not a kind of line
RUNTIME = ("tensorflow.", "python.", "system.")  # a damaged line of these is still a message, or nothing
LONG_AGO = 30 * 86_400  # seconds
DOCUMENTS = ("document", "published")  # what stands around logs


def lark_files(folder: Path) -> list[Path]:
    """The `.lark` files of a folder in the order of their names, those that others import included.

    Raises:
        GrammarError: for one that is no file: a pipe or a socket has no end.
    """
    found = sorted(folder.glob("*.lark"))
    for path in found:
        if not path.is_file():
            raise GrammarError("is no file", source=str(path), todo="put a grammar there, or take it away")
    return found


def grammars_in(folder: Path) -> list[Path]:
    """Those that have kinds of their own.

    Raises:
        GrammarError: where there is none, or what is no file.
    """
    files = [path for path in lark_files(folder) if path.stem not in SHARED]
    if not files:
        raise GrammarError(
            "no .lark file in this folder", source=str(folder), todo="name a folder of grammars"
        )
    return files


def grammar_files(extra: Sequence[Path] = ()) -> list[Path]:
    """The `.lark` files of logreport, and of the user's folders, in the order of their names.

    Raises:
        GrammarError: where a folder does not exist or holds no grammar, or what is no file.
    """
    return [path for folder in (resource_dir("grammars"), *extra) for path in grammars_in(folder)]


@functools.lru_cache(maxsize=8)
def load_kinds(files: tuple[Path, ...]) -> tuple[Kind, ...]:
    """The kinds of all files; a user's are checked here, our own by the tests, because that takes seconds."""
    from logreport.grammar.linting.ambiguity import check_kind
    from logreport.grammar.lowering.lower import lower_file

    ours = resource_dir("grammars")
    kinds: list[Kind] = []
    for path in files:
        if path.parent == ours:
            kinds += kinds_of_ours(path)
            continue
        for kind in lower_file(path):
            check_kind(kind, path)
            kinds.append(kind)
    return tuple(kinds)


@functools.cache
def kinds_of_ours(path: Path) -> list[Kind]:
    """The kinds of a file that logreport ships, lowered once however many folders of grammars are read beside it."""
    from logreport.grammar.lowering.lower import lower_file

    return lower_file(path)


def load_engine(extra: tuple[Path, ...] = (), *, documents: bool = False) -> Engine:
    """The engine for all grammars, from the cache where it is there.

    Args:
        extra: the user's folders of grammars.
        documents: also read what stands around logs in documents.
    """
    return engine_of(extra, documents)  # one engine, however the call is written


@functools.lru_cache(maxsize=8)
def engine_of(extra: tuple[Path, ...], documents: bool) -> Engine:  # noqa: FBT001 - part of the key
    """The same, made once."""
    files = grammar_files(extra)
    prefixes = tuple(path for path in files if path.stem == PREFIXES)
    kinds = tuple(
        path for path in files if path.stem != PREFIXES and (documents or path.stem not in DOCUMENTS)
    )
    logs = functools.partial(load_engine, extra) if documents else None
    lowered = load_lowered(kinds)
    formats = formats_of(kinds, lowered.leaves.values())
    return Engine(lowered, Unwrapper(load_lowered(prefixes)), logs, load_machine, formats, load_automaton)


def formats_of(files: Iterable[Path], leaves: Iterable[Leaf]) -> Mapping[str, Benchmark]:
    """What is known of the scripts, and of the formats that are grammars alone: the user's, and ours that have directives.

    Raises:
        GrammarError: for a directive that says nothing.
    """
    kinds: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for leaf in leaves:
        grammar, _, kind = leaf.kind.partition(".")
        kinds[grammar][kind].update(name for name, _, _ in leaf.fields)
    found = dict(OFFICIAL)
    ours = resource_dir("grammars")
    for path in files:
        if path.stem not in OFFICIAL and (path.parent != ours or SIGN.encode() in path.read_bytes()):
            found[path.stem], problems = read_directives(path, kinds[path.stem])
            if problems:
                raise problems[0]
    return found


def load_machine(engine: Engine) -> "Machine | None":
    """The machine for an engine, with its program from the cache where it is there; None where `re` reads."""
    if why_not():
        return None
    from logreport.grammar.native import program
    from logreport.grammar.native.library import Machine

    name = f"program-{digest_of([engine.source])}.bin"
    return kept(
        name, program.ARRAYS, Machine, lambda: program.program_of(engine.source, engine.lowered.leaves)
    )


def load_automaton(patterns: Sequence[bytes]) -> "PatternAutomaton | None":
    """The automaton of some patterns, from the cache where it is there; None where `re` finds them."""
    if why_not():
        return None
    from logreport.grammar.native.library import PatternAutomaton
    from logreport.grammar.native.program import AUTOMATON

    def made() -> "Arrays":
        from logreport.grammar.native.pattern_automaton import automaton_of

        return automaton_of(patterns)

    name = f"automaton-{digest_of(patterns)}.bin"
    return kept(name, AUTOMATON, lambda arrays: PatternAutomaton(arrays, len(patterns)), made)


def kept(
    name: str, tables: "ArrayTypes", load: "Callable[[Arrays], Loaded]", make: "Callable[[], Arrays]"
) -> "Loaded | None":
    """What is loaded from arrays that the cache holds, which are made where it has none or damaged ones; None where they cannot be."""
    from logreport.grammar.native.program import pack, unpack

    cached = cache_folder() / name
    try:
        return load(unpack(cached.read_bytes(), tables))
    except (OSError, ValueError):
        pass
    try:
        arrays = make()
        loaded = load(arrays)
    except (ValueError, RecursionError):  # more than the library can do
        return None
    write_whole(cached, pack(arrays))
    return loaded


def load_lowered(files: tuple[Path, ...]) -> Lowered:
    cached = cache_file(files)
    lowered = read_cache(cached)
    if lowered is None:
        from logreport.grammar.beginnings import beginnings_of

        kinds = load_kinds(files)
        beginnings, signs = beginnings_of(k for k in kinds if not k.name.startswith(RUNTIME))
        lowered = replace(emit(kinds), beginnings=beginnings, signs=signs)
        write_cache(cached, lowered)
    return lowered


def cache_file(files: Sequence[Path]) -> Path:
    """Where the lowered form of these grammars is kept: named by the hash of all that it depends on."""
    folders = [*(path.parent for path in files), resource_dir("grammars")]
    shared = [folder / f"{name}.lark" for folder in folders for name in SHARED]
    parts = []
    for path in (*files, *dict.fromkeys(shared)):
        if path.exists():
            parts += [path.stem.encode(), path.read_bytes()]
    return cache_folder() / f"grammars-{digest_of(parts)}.json"


def cache_folder() -> Path:
    """The folder of what is kept."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("logreport"))


def digest_of(parts: Iterable[bytes]) -> str:
    """The hash of what something is made of, and of the code that makes it."""
    digest = code_digest().copy()
    for part in parts:
        digest.update(b"%d\0" % len(part) + part)
    name: str = digest.hexdigest()[:24]
    return name


@functools.cache
def code_digest() -> Any:  # noqa: ANN401 - hashlib's type is private
    """The hash of the code of this package, which is read once."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        code = path.read_bytes()
        digest.update(b"%d\0" % len(code) + code)
    return digest


def read_cache(path: Path) -> Lowered | None:
    """A lowered form, or None where there is none or it is damaged."""
    try:
        pattern, leaves, beginnings, signs, common, words = json.loads(path.read_bytes())
        return Lowered(
            pattern,
            {
                end: Leaf(kind, tuple((n, d, tuple(g)) for n, d, g in fields), priority)
                for end, kind, fields, priority in leaves
            },
            beginnings,
            tuple(signs),
            common,
            tuple(words),
        )
    except (OSError, ValueError, TypeError):
        return None


def write_cache(path: Path, lowered: Lowered) -> None:
    """Keep a lowered form; a cache that cannot be written costs time, nothing else."""
    leaves = [[end, leaf.kind, leaf.fields, leaf.priority] for end, leaf in lowered.leaves.items()]
    found = [lowered.pattern, leaves, lowered.beginnings, lowered.signs, lowered.common, lowered.words]
    write_whole(path, json.dumps(found).encode())


def sweep(folder: Path) -> None:
    """Take away what was kept long ago: older code or grammars have made most of it, and what has not is made again."""
    with contextlib.suppress(OSError):
        for kept in ("grammars-*.json", "program-*.bin", "automaton-*.bin"):
            for path in folder.glob(kept):
                if path.stat().st_mtime < time.time() - LONG_AGO:
                    path.unlink()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file of the cache that others see whole or not at all; one that cannot be written is none."""
    import tempfile

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, delete=False) as file:
            file.write(content)
        os.replace(file.name, path)  # noqa: PTH105 - atomic, and the name is a string already
    except OSError:
        return
    sweep(path.parent)
