"""The kernel under AddressSanitizer and UndefinedBehaviorSanitizer, on lines that were changed at random."""

import re
import struct
import subprocess

import pytest
from grammar_reference import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel import STRICT, program
from sample_texts import SAMPLES

from hatch_build import KERNEL
from logreport.grammar.native.library import automaton_struct, program_struct
from logreport.grammar.native.program import AUTOMATON, PROGRAM

SANITIZE = ("-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
ROUNDS = 10_000  # with one seed, some three seconds; of all of them a minute


def block(content):
    """A block as fuzz.c reads it."""
    return struct.pack("<q", len(content)) + content


def written(struct_, arrays, names):
    """A structure as fuzz.c reads it: its arrays, then its numbers."""
    numbers = [getattr(struct_, name) for name, _ in struct_._fields_[len(names) :]]
    return b"".join(block(arrays[name].tobytes()) for name in names) + struct.pack(
        f"<{len(numbers)}i", *numbers
    )


@pytest.fixture(scope="module")
def fuzz(tmp_path_factory):
    """The fuzzer, with lines and both programs for it."""
    folder = tmp_path_factory.mktemp("fuzz")
    sources = sorted(map(str, (ROOT / KERNEL).parent.glob("*.c")))
    options = [*SANITIZE, *STRICT, "-std=c11", f"-I{(ROOT / KERNEL).parent}"]
    command = ["cc", *options, "-o", str(folder / "fuzz"), *sources, str(ROOT / "tests/grammar/fuzz.c")]
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("no C compiler")
    if "sanitize" in run.stderr or "asan" in run.stderr:
        pytest.skip(f"this compiler has no sanitizers: {run.stderr.splitlines()[0]}")
    assert run.returncode == 0, run.stderr
    seen = {}
    for path in SAMPLES:
        for line in path.read_bytes().split(b"\n"):
            if 0 < len(line) < 2000:
                seen.setdefault(re.sub(rb"[0-9]+", b"0", line), line)
    (folder / "lines").write_bytes(b"".join(map(block, seen.values())))
    for name in ("logs", "documents"):
        arrays = program(documents=name == "documents")
        (folder / name).write_bytes(
            written(program_struct(arrays), arrays, PROGRAM)
            + written(automaton_struct(arrays), arrays, AUTOMATON)
        )
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("grammars", ["logs", "documents"])
@settings(max_examples=6)
@given(seed=st.integers(1, (1 << 62) - 1))
def test_no_byte_too_far(fuzz, grammars, seed):
    """Nothing is read or written where it should not be, no number overflows, and the filter drops no match.

    60 000 texts for each program; `make fuzz` has others.
    """
    command = [fuzz / "fuzz", fuzz / grammars, fuzz / "lines", str(ROUNDS), str(seed)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert " 0 given up, 0 differ" in run.stdout
