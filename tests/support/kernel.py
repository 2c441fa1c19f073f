"""The kernel as the tests build it, and its answers beside those of `re`."""

import functools
import os
import tempfile
from pathlib import Path

import pytest

from hatch_build import compile_kernel
from logreport.grammar import load_engine
from logreport.grammar.native.library import Machine
from logreport.grammar.native.program import program_of

ROOT = Path(__file__).resolve().parents[2]
STRICT = ("-Wall", "-Wextra", "-Wconversion", "-Werror")


@functools.cache
def kernel():
    """The library, compiled of the sources that are here; a warning is a failure."""
    folder = Path(tempfile.mkdtemp(prefix="kernel-"))
    failure = compile_kernel(ROOT, folder / "kernel.so", *STRICT)
    if failure == "no C compiler":
        pytest.skip(f"{failure}: `re` reads, and there is nothing to compare it with")
    assert not failure
    return folder / "kernel.so"


@functools.cache
def program(*, documents=False):
    """The program of all grammars."""
    engine = load_engine(documents=documents)
    return program_of(engine.source, engine.lowered.leaves)


@functools.cache
def machine(*, documents=False, filtered=True):
    """A machine with that program."""
    return Machine(program(documents=documents), filtered=filtered, path=kernel())


def by_re(text, engine, pieces=None):
    """Start, stop, number of the leaf, and values of each match."""
    numbers = {end: number for number, end in enumerate(engine.lowered.leaves)}
    found = []
    for begin, end, limit in pieces or [(0, len(text), len(text))]:
        for match in engine.pattern.finditer(text, begin, end):
            if match.start() >= limit:
                break
            leaf = engine.lowered.leaves[match.lastindex]
            values = tuple(match[group] for *_, groups in leaf.fields for group in groups)
            found.append((*match.span(), numbers[match.lastindex], values))
    return found


def rows(found):
    """Start, stop, leaf and values of each match that the machine found."""
    return list(
        zip(found.start.tolist(), found.stop.tolist(), found.leaf.tolist(), found.values(), strict=True)
    )


def check(text, *, documents=False, pieces=None):
    """Hold the machine against `re`, alone, and with its memo and the filter asked of every line."""
    wanted = by_re(text, load_engine(documents=documents), pieces)
    for filtered in (False, "always"):
        found = machine(documents=documents, filtered=filtered).scan(
            text, pieces or [(0, len(text), len(text))]
        )
        assert rows(found) == wanted, f"filtered: {filtered}"
    return len(wanted)


def whole(text):
    """A text with a newline before and behind it."""
    return b"\n" + text + (b"" if text.endswith(b"\n") else b"\n")


def environment(**more):
    """The environment of a process of its own."""
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}
