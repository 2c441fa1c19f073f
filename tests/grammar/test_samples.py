"""Each grammar has a sample log, which it reads whole."""

from pathlib import Path

import pytest
from grammar_reference import FILES, ROOT, kinds_of

from logreport.grammar import Engine, load_engine
from logreport.grammar.lowering.lower import lower_file
from logreport.grammar.lowering.pattern import Lowered, emit
from logreport.grammar.scanning.prefixes import Unwrapper

SAMPLES = ROOT / "tests" / "samples"
LINES = sorted(set(FILES) - {"prefixes"})


def sample_files(grammar):
    """The sample log of a grammar, or the logs in a folder of its name."""
    folder = SAMPLES / grammar
    return sorted(folder.glob("*.log")) if folder.is_dir() else [SAMPLES / f"{grammar}.log"]


def scan_file(engine, path):
    """All matches and left-over lines of a file."""
    text = Path(path).read_bytes()
    scans = list(engine.scan([(text, range(1, text.count(b"\n") + 1))]))
    gaps = [line for scan in scans for gap in scan.gaps for line in gap.lines() if line[1].strip()]
    return [match for scan in scans for match in scan.matches], gaps, scans


@pytest.mark.parametrize("grammar", LINES)
def test_a_grammar_reads_its_sample_whole(grammar):
    """Whoever changes a grammar sees at once which line of its sample is no longer read."""
    engine = Engine(emit(lower_file(FILES[grammar])), Unwrapper(Lowered("(?!)", {})))
    for path in sample_files(grammar):
        _, gaps, _ = scan_file(engine, path)
        assert gaps == [], path


@pytest.mark.parametrize("grammar", LINES)
def test_a_sample_holds_every_kind(grammar):
    """The sample shows what each kind looks like; a kind without a sample line is untested."""
    kinds = lower_file(FILES[grammar])
    seen = set()
    for path in sample_files(grammar):
        text = b"\n" + path.read_bytes()
        for kind in kinds:
            engine = Engine(emit([kind]), Unwrapper(Lowered("(?!)", {})))
            if engine.pattern.search(text):
                seen.add(kind.name)
    assert {kind.name for kind in kinds} - seen == set()


@pytest.mark.parametrize("grammar", LINES)
def test_each_line_of_a_sample_is_of_its_own_grammar_among_all(grammar):
    """Reading with all grammars at once takes no line away from the one that it was written for."""
    engine = load_engine(documents=True)
    for path in sample_files(grammar):
        matches, _, _ = scan_file(engine, path)
        assert {match.leaf.kind.partition(".")[0] for match in matches} <= {grammar}, path


def test_every_prefix_is_taken_away():
    """A line is read whatever launcher, container or person put something before it, and the rank is kept."""
    path = SAMPLES / "prefixes.log"
    matches, gaps, _ = scan_file(load_engine(), path)
    assert gaps == []
    count = path.read_bytes().count(b"\n")
    assert [match.leaf.kind for match in matches] == ["tf_cnn_benchmarks.total"] * count
    assert [match.rank for match in matches] == [0, 3, 1, 0, *[None] * (count - 7), 0, 0, 0]


def test_the_sample_holds_every_prefix():
    """Each kind of prefix has its line in the sample."""
    path = SAMPLES / "prefixes.log"
    kinds = lower_file(FILES["prefixes"])
    found = set()
    for line in path.read_bytes().splitlines():
        for kind in kinds:
            bare = next(Unwrapper(emit([kind])).pieces(line))[1]
            if bare != line:
                found.add(kind.name)
    assert found == {f"prefixes.{rule}" for rule in kinds_of("prefixes")}
