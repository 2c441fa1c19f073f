"""Which engine reads, and that a program that was kept and damaged costs time, nothing else."""

import os
import random
import shutil
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from grammar_reference import ROOT
from kernel import by_re, environment, kernel, program, whole

from hatch_build import compile_kernel
from logreport.grammar import load_engine, loading
from logreport.grammar.lowering.pattern import Leaf
from logreport.grammar.native import kernel as kernels
from logreport.grammar.native import library
from logreport.grammar.native import program as programs_of_grammars
from logreport.grammar.native.kernel import why_not
from logreport.grammar.native.library import Machine
from logreport.grammar.native.program import ARRAYS, pack, unpack

LOG = (ROOT / "sample_logs" / "tf_cnn-resnet50-gtx-1050-ti.log").read_bytes()


@pytest.fixture
def native(monkeypatch):
    """The kernel of the tests, in place of one that was installed; engines are loaded anew."""
    monkeypatch.setattr(kernels, "LIBRARY", kernel())
    monkeypatch.delenv("LOGREPORT_ENGINE", raising=False)
    loading.engine_of.cache_clear()
    yield
    loading.engine_of.cache_clear()


def matches(engine):
    """What an engine finds in a log, without the group that ends a path."""
    scans = engine.scan([(LOG, range(1, LOG.count(b"\n") + 1))])
    return [
        (match.line, match.leaf.kind, match.fields(), match.rank) for scan in scans for match in scan.matches
    ]


@pytest.mark.usefixtures("native")
def test_the_machine_reads_where_it_is():
    """Nothing has to be switched on."""
    assert why_not() == ""
    assert load_engine().machine is not None


@pytest.mark.usefixtures("native")
def test_python_can_be_asked_for(monkeypatch):
    """LOGREPORT_ENGINE=python reads with `re`, and finds the same."""
    found = matches(load_engine())
    loading.engine_of.cache_clear()
    monkeypatch.setenv("LOGREPORT_ENGINE", "python")
    assert "LOGREPORT_ENGINE" in why_not()
    assert load_engine().machine is None
    assert matches(load_engine()) == found


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize("engine", ["native", "python"])
def test_lines_of_some_kinds_are_those_of_all_that_are(engine, monkeypatch):
    """Looked up once for all logs that were scanned together, or in each run by itself: the same lines, in their order."""
    monkeypatch.setenv("LOGREPORT_ENGINE", engine)
    scans = load_engine().scan_whole([LOG, LOG, LOG])
    kinds = ("tf_cnn_benchmarks.step", "tf_cnn_benchmarks.total")
    counts = [11, 1]  # grep -c '+/-', grep -c total
    for scan in scans:
        parts = [scan.records.of_kinds((kind,)) for kind in kinds]
        assert [len(part) for part in parts] == counts
        both = scan.records.of_kinds(frozenset(kinds))
        assert both.lines == sorted(parts[0].lines + parts[1].lines)
        assert both.kinds == scan.records.where(kinds).kinds
    assert scans[0].records[1:].of_kinds(kinds[:1]).lines == scans[2].records.of_kinds(kinds[:1]).lines


@pytest.mark.parametrize(("content", "reason"), [(None, "no C compiler"), (b"no library", "kernel.so: ")])
def test_python_reads_where_there_is_no_kernel(tmp_path, monkeypatch, content, reason):
    """Without a kernel, or with one that is for another machine, logreport works, and says why it is slower."""
    monkeypatch.delenv("LOGREPORT_ENGINE", raising=False)
    monkeypatch.setattr(kernels, "LIBRARY", tmp_path / "kernel.so")
    if content is not None:
        kernels.LIBRARY.write_bytes(content)
    assert reason in why_not()
    loading.engine_of.cache_clear()
    assert load_engine().machine is None
    loading.engine_of.cache_clear()


@pytest.fixture
def own_kernel(tmp_path, monkeypatch):
    """A folder of sources with their kernel, in place of what was installed."""
    folder = tmp_path / "logreport" / "kernel"
    shutil.copytree(kernels.SOURCES, folder, ignore=shutil.ignore_patterns("*.so"))
    shutil.copy(kernel(), folder)
    monkeypatch.setattr(kernels, "SOURCES", folder)
    monkeypatch.setattr(kernels, "LIBRARY", folder / "kernel.so")
    monkeypatch.delenv("LOGREPORT_ENGINE", raising=False)
    kernels.library.cache_clear()
    yield folder
    kernels.library.cache_clear()
    loading.engine_of.cache_clear()


def test_a_kernel_of_other_sources_is_not_used(own_kernel):
    """After an update without a build, the old kernel is not called with what it does not know, nor called native."""
    assert why_not() == ""
    kernels.library.cache_clear()
    (own_kernel / "machine.h").write_text((own_kernel / "machine.h").read_text() + "// another operation\n")
    assert "made of other sources" in why_not()
    loading.engine_of.cache_clear()
    assert load_engine().machine is None


@pytest.mark.skipif(sys.platform != "linux", reason="a library of Linux")
@pytest.mark.parametrize("left", [0, 1, 63, 64, 4096, 12_000, -1])
def test_a_kernel_that_was_cut_off_is_not_used(own_kernel, left):
    """A copy that a full disk cut off does not end the process that loads it."""
    whole_one = (own_kernel / "kernel.so").read_bytes()
    (own_kernel / "kernel.so").write_bytes(whole_one[:left])
    assert "kernel.so" in why_not()


def test_a_checkout_that_cannot_be_written_has_no_kernel(tmp_path):
    """An installation from there goes on without one, and says why."""
    kernel()
    assert "cannot be written" in compile_kernel(ROOT, tmp_path / "not there" / "kernel.so")


def test_what_is_no_file_is_no_kernel(tmp_path, monkeypatch):
    """Nothing waits for a pipe, and a folder of that name is a sentence."""
    monkeypatch.delenv("LOGREPORT_ENGINE", raising=False)
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        monkeypatch.setattr(kernels, "LIBRARY", path)
        assert "damaged" in why_not()


@pytest.mark.parametrize("engine", ["", "python"])
def test_the_version_says_what_reads(engine):
    """`logreport --version`, in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-m", "logreport", "--version"],
        env=environment(LOGREPORT_ENGINE=engine),
        capture_output=True,
        text=True,
        check=True,
    )
    assert ("(engine: python, because LOGREPORT_ENGINE says so)" in run.stdout) == bool(engine)


@pytest.fixture
def programs(native, monkeypatch, tmp_path):  # noqa: ARG001 - the kernel makes them
    """The programs in a cache of its own, which has the lowered grammars too."""
    assert load_engine().machine is not None  # it makes its program when it is asked for
    loading.engine_of.cache_clear()
    shutil.copytree(loading.cache_folder(), tmp_path / "logreport")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return sorted(tmp_path.rglob("program-*"))


def test_a_program_is_kept(monkeypatch, programs):
    """The second start makes no program."""
    for path in programs:
        path.unlink()
    found = matches(load_engine())
    loading.engine_of.cache_clear()
    monkeypatch.setattr(programs_of_grammars, "program_of", lambda *_: pytest.fail("made again"))
    assert matches(load_engine()) == found


@pytest.mark.parametrize("damage", ["cut", "empty", "flipped", "other", "grown"])
def test_a_damaged_program_is_made_again(programs, damage):
    """A file in the cache that was cut off or overwritten costs time and nothing else."""
    found = matches(load_engine())
    loading.engine_of.cache_clear()
    whole_ones = [path.read_bytes() for path in programs]
    for path, kept in zip(programs, whole_ones, strict=True):
        middle = len(kept) // 2
        path.write_bytes(
            {
                "cut": kept[:middle],
                "empty": b"",
                "flipped": kept[:middle] + bytes([kept[middle] ^ 1]) + kept[middle + 1 :],
                "other": b"[1, 2, 3]".ljust(len(kept)),
                "grown": kept + kept,
            }[damage]
        )
    assert matches(load_engine()) == found
    assert any(path.read_bytes() == kept for path, kept in zip(programs, whole_ones, strict=True))


def test_a_program_is_what_was_packed():
    """What is read back is what was made."""
    arrays = unpack(pack(program()))
    assert all(
        arrays[name].dtype == array.dtype and (arrays[name] == array).all()
        for name, array in program().items()
    )


@pytest.mark.parametrize("name", ARRAYS)
def test_a_wrong_program_never_crashes(name):
    """One that passes its checksum and is wrong all the same is refused, or runs to an end without leaving its tables."""
    dice = random.Random(name)  # noqa: S311 - no secret
    text = whole(LOG[:20_000])
    for _ in range(10):
        arrays = {key: array.copy() for key, array in program().items()}
        wrong = arrays[name].view(np.uint8)
        for _ in range(dice.choice((1, 3, 30))):
            wrong[dice.randrange(len(wrong))] = dice.choice((0, 1, 2, 127, 128, 255, dice.randrange(256)))
        try:
            machine = Machine(arrays, filtered=dice.choice((False, "always")), path=kernel())
        except ValueError:
            continue
        found = machine.scan(text, [(0, len(text), len(text))])
        assert found is None or (found.start <= found.stop).all()


@pytest.mark.parametrize("name", ARRAYS)
def test_a_program_that_lacks_a_part_never_crashes(name):
    """So does one with an array that is too short."""
    text = whole(LOG[:2000])
    refused = 0
    for size in (0, 1, len(program()[name]) - 1):
        arrays = {**program(), name: program()[name][:size].copy()}
        try:
            Machine(unpack(pack(arrays)), path=kernel()).scan(text, [(0, len(text), len(text))])
        except ValueError:
            refused += 1
    assert refused or name == "start"  # with fewer beginnings it is a program of another pattern


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize(
    "pattern",
    [
        r"\n(a)\1",
        "\n" + "".join(f"(?=[^x]{{0,{n}}}?(?:ab|bb))" for n in range(1, 11)) + "(a)",
        "\n" + "(?:a" * 400 + "(b)" + ")" * 400,
    ],
    ids=["a reference", "more words than it keeps", "deep"],
)
def test_a_grammar_that_is_too_much_for_the_machine_is_read_by_re(pattern):
    """A user's grammar may use what the machine has not: there is no machine then, and no error."""
    lowered = SimpleNamespace(leaves={1: Leaf("x", (("a", "text", (1,)),))})
    engine = SimpleNamespace(source=pattern.encode(), lowered=lowered)
    machine = loading.load_machine(engine)
    assert machine is None or machine.scan(b"\n", [(0, 1, 1)]) is not None


@pytest.mark.usefixtures("native")
def test_what_the_machine_gives_up_re_reads(monkeypatch):
    """A text that is too much for the machine is read all the same."""
    found = matches(load_engine())
    monkeypatch.setattr(library, "LONGEST", 100)
    assert matches(load_engine()) == found
    assert by_re(whole(LOG), load_engine())
