"""Finding grammars and keeping their lowered form."""

import json
import os
import shutil

import pytest
from grammar_reference import GRAMMARS

from logreport.errors import GrammarError
from logreport.grammar import load_engine, loading

KINDS = loading.load_kinds
MINE = 'start: step\nstep: "epoch " epoch_ " took " seconds " s"\nepoch_: INT\nseconds: FLOAT\nINT: /[0-9]+/\nFLOAT: /[0-9.]+/\n'


def forget():
    """As a new process would begin."""
    loading.engine_of.cache_clear()
    KINDS.cache_clear()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache of its own, empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    forget()
    yield tmp_path / "cache" / "logreport"
    forget()


@pytest.fixture
def mine(tmp_path):
    """A folder with a grammar of the user's own."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "trainer.lark").write_text(MINE)
    return folder


def kinds(engine, log):
    """The kinds that an engine finds in a log."""
    scans = engine.scan([(log, range(1, log.count(b"\n") + 1))])
    return [match.leaf.kind for scan in scans for match in scan.matches]


def test_a_grammar_of_the_users_own(cache, mine):
    """One file in a folder adds a kind of log, beside all that logreport reads anyway."""
    engine = load_engine((mine,))
    assert kinds(engine, b"epoch 3 took 1.5 s\ntotal images/sec: 5.50\n") == [
        "trainer.step",
        "tf_cnn_benchmarks.total",
    ]
    assert list(cache.iterdir())


@pytest.mark.usefixtures("cache")
def test_the_cache_is_used(mine, monkeypatch):
    """The second start neither loads Lark nor lowers anything."""
    load_engine((mine,))
    loading.engine_of.cache_clear()
    monkeypatch.setattr(loading, "load_kinds", lambda _: pytest.fail("lowered again"))
    assert kinds(load_engine((mine,)), b"epoch 3 took 1.5 s\n") == ["trainer.step"]


def test_a_damaged_cache_is_ignored(cache, mine):
    """A cache that was cut off or overwritten costs time and nothing else."""
    load_engine((mine,))
    for damage in (b"", b"{", b"[1, 2]", b'["(", [], "", [], []]', b"\xff\xfe", b"null"):
        for path in cache.glob("grammars-*.json"):
            path.write_bytes(damage)
        loading.engine_of.cache_clear()
        assert kinds(load_engine((mine,)), b"epoch 3 took 1.5 s\n") == ["trainer.step"], damage
        assert all(path.read_bytes() != damage for path in cache.glob("grammars-*.json"))


def test_what_was_kept_long_ago_is_taken_away(cache, mine):
    """What older code has made goes when something new is kept; what is of today stays, and so do files of others."""
    load_engine((mine,))
    today = {path.name for path in cache.iterdir()}
    old = [cache / name for name in ("grammars-0.json", "program-0.bin", "notes.txt")]
    for path in old:
        path.write_bytes(b"")
        os.utime(path, (0, 0))
    (mine / "trainer.lark").write_text(MINE.replace("took", "TOOK"))
    forget()
    load_engine((mine,))
    left = {path.name for path in cache.iterdir()}
    assert today | {"notes.txt"} < left
    assert not {"grammars-0.json", "program-0.bin"} & left


@pytest.mark.usefixtures("cache")
def test_a_changed_grammar_is_lowered_again(mine):
    """The cache goes by content: an edit counts at once, though name and size of the file may be the same."""
    load_engine((mine,))
    (mine / "trainer.lark").write_text(MINE.replace("took", "TOOK"))
    forget()
    engine = load_engine((mine,))
    assert kinds(engine, b"epoch 3 took 1.5 s\nepoch 4 TOOK 1.5 s\n") == ["trainer.step"]


@pytest.mark.usefixtures("cache")
def test_a_changed_shared_file_is_lowered_again(mine):
    """So does the file of terminals that a grammar imports."""
    (mine / "terminals.lark").write_text("INT: /[0-9]+/\n")
    (mine / "trainer.lark").write_text(
        'start: step\nstep: "epoch " epoch_\nepoch_: INT\n%import .terminals (INT)\n'
    )
    assert kinds(load_engine((mine,)), b"epoch x\n") == []
    (mine / "terminals.lark").write_text("INT: /[a-z]+/\n")
    forget()
    assert kinds(load_engine((mine,)), b"epoch x\n") == ["trainer.step"]


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path, mine, monkeypatch):
    """A read-only home folder costs time and nothing else."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    loading.engine_of.cache_clear()
    assert kinds(load_engine((mine,)), b"epoch 3 took 1.5 s\n") == ["trainer.step"]
    loading.engine_of.cache_clear()


@pytest.mark.usefixtures("cache")
def test_the_cache_keeps_all():
    """What is read back is what was lowered."""
    files = tuple(loading.grammar_files())
    fresh = loading.load_lowered(files)
    assert loading.read_cache(loading.cache_file(files)) == fresh
    assert json.loads(loading.cache_file(files).read_bytes())


@pytest.mark.parametrize("make", [True, False], ids=["empty", "missing"])
def test_a_folder_without_grammars_is_one_error(tmp_path, make):
    """--grammar with a wrong folder says so in one line."""
    if make:
        (tmp_path / "none").mkdir()
    with pytest.raises(GrammarError, match=r"none: no \.lark file in this folder; "):
        load_engine((tmp_path / "none",))


def test_a_users_ambiguous_grammar_is_refused(mine):
    """A user's grammar is checked when it is loaded."""
    (mine / "trainer.lark").write_text("start: a\na: INT | WORD\nINT: /[0-9]+/\nWORD: /[a-z0-9]+/\n")
    with pytest.raises(GrammarError, match=r"trainer\.lark: rule trainer\.a: .*both match"):
        load_engine((mine,))


@pytest.mark.usefixtures("cache")
def test_prefixes_of_the_users_own(tmp_path):
    """A file named prefixes adds what stands before a line, and the line behind it is read."""
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "prefixes.lark").write_text('start: box\nbox: "box-" rank " >> "\nrank: INT\nINT: /[0-9]+/\n')
    engine = load_engine((folder,))
    scans = list(engine.scan([(b"box-7 >> total images/sec: 5.50\n", range(1, 2))]))
    assert [(match.leaf.kind, match.rank) for scan in scans for match in scan.matches] == [
        ("tf_cnn_benchmarks.total", 7)
    ]


@pytest.mark.usefixtures("cache")
def test_a_copy_of_our_grammars_reads_the_same(tmp_path):
    """Nothing depends on where the grammars lie."""
    shutil.copytree(GRAMMARS, tmp_path / "grammars")
    files = tuple(path for path in sorted((tmp_path / "grammars").glob("*.lark")) if path.stem == "cifar10")
    ours = tuple(path for path in loading.grammar_files() if path.stem == "cifar10")
    assert loading.load_lowered(files) == loading.load_lowered(ours)
