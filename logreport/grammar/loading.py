"""Find grammar files, lower them, and keep the lowered form in the user's cache by the grammars' hash."""

import functools
import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from logreport.errors import GrammarError
from logreport.grammar.beginnings import beginnings_of
from logreport.grammar.lowering.nodes import Kind
from logreport.grammar.lowering.pattern import Leaf, Lowered, emit
from logreport.grammar.scanning.engine import Engine
from logreport.grammar.scanning.prefixes import Unwrapper
from logreport.resources import resource_dir

SHARED = ("terminals",)  # imported by the others; they have no kinds of their own
PREFIXES = "prefixes"  # what stands before a line, not a kind of line
RUNTIME = ("tensorflow.", "python.", "system.")  # a damaged line of these is still a message, or nothing
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


def grammar_files(extra: Sequence[Path] = ()) -> list[Path]:
    """The `.lark` files of logreport, and of the user's folders, in the order of their names.

    Raises:
        GrammarError: where a folder does not exist or holds no grammar, or what is no file.
    """
    files = []
    for folder in (resource_dir("grammars"), *extra):
        found = [path for path in lark_files(folder) if path.stem not in SHARED]
        if not found:
            raise GrammarError(
                "no .lark file in this folder", source=str(folder), todo="name a folder of grammars"
            )
        files += found
    return files


@functools.lru_cache(maxsize=8)
def load_kinds(files: tuple[Path, ...]) -> tuple[Kind, ...]:
    """The kinds of all files; a user's are checked here, our own by the tests, because that takes seconds."""
    from logreport.grammar.linting.ambiguity import check_kind
    from logreport.grammar.lowering.lower import lower_file

    ours = resource_dir("grammars")
    kinds = []
    for path in files:
        for kind in lower_file(path):
            if path.parent != ours:
                check_kind(kind, path)
            kinds.append(kind)
    return tuple(kinds)


@functools.lru_cache(maxsize=8)
def load_engine(extra: tuple[Path, ...] = (), *, documents: bool = False) -> Engine:
    """The engine for all grammars, from the cache where it is there.

    Args:
        extra: the user's folders of grammars.
        documents: also read what stands around logs in documents.
    """
    files = grammar_files(extra)
    prefixes = tuple(path for path in files if path.stem == PREFIXES)
    kinds = tuple(
        path for path in files if path.stem != PREFIXES and (documents or path.stem not in DOCUMENTS)
    )
    logs = functools.partial(load_engine, extra) if documents else None
    return Engine(load_lowered(kinds), Unwrapper(load_lowered(prefixes)), logs)


def load_lowered(files: tuple[Path, ...]) -> Lowered:
    """The lowered form of some grammar files."""
    cached = cache_file(files)
    lowered = read_cache(cached)
    if lowered is None:
        kinds = load_kinds(files)
        beginnings, signs = beginnings_of(k for k in kinds if not k.name.startswith(RUNTIME))
        lowered = replace(emit(kinds), beginnings=beginnings, signs=signs)
        write_cache(cached, lowered)
    return lowered


def cache_file(files: Sequence[Path]) -> Path:
    """Where the lowered form of these grammars is kept: named by the hash of all that it depends on."""
    import platformdirs

    digest = hashlib.sha256()
    code = Path(__file__).parent
    folders = [*(path.parent for path in files), resource_dir("grammars")]
    shared = [folder / f"{name}.lark" for folder in folders for name in SHARED]
    for path in (*files, *dict.fromkeys(shared), *sorted(code.rglob("*.py"))):
        if path.exists():
            digest.update(path.stem.encode() + b"\0" + path.read_bytes() + b"\0")
    return Path(platformdirs.user_cache_dir("logreport")) / f"grammars-{digest.hexdigest()[:24]}.json"


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
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            json.dump(
                [
                    lowered.pattern, leaves, lowered.beginnings, lowered.signs, lowered.common, lowered.words,
                ],
                file,
            )  # fmt: skip
        os.replace(file.name, path)  # noqa: PTH105 - atomic, and the name is a string already
    except OSError:
        return
