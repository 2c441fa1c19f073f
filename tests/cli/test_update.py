"""`table --update`: several writers of one README, and a file that stays what it was for all others."""

import contextlib
import ctypes
import fcntl
import os
import stat
import subprocess
import sys
import threading

import pytest
from cli_calls import alexnet_log, call, write

from logreport.cli import table
from logreport.errors import LogreportError

BLOCK = "<!-- logreport:begin {0} logs --columns phase{1} -->\n<!-- logreport:end {0} -->\n"
NAMES = ("a", "b", "c", "d")
CAP_CHOWN, CAP_DAC_OVERRIDE, PR_CAPBSET_DROP, NOBODY = 0, 1, 24, 65534


@pytest.fixture
def readme(tmp_path, monkeypatch):
    """A README with four empty blocks, and a log beside it."""
    write(tmp_path / "logs" / "x.log", alexnet_log(0.1))
    monkeypatch.chdir(tmp_path)
    return write(tmp_path / "README.md", "".join(BLOCK.format(name, "") for name in NAMES))


@pytest.fixture
def update(readme, capsysbinary, monkeypatch):
    """Update the README: exit status and standard error."""

    def run(*words):
        status, _, err = call(capsysbinary, monkeypatch, "table", "--update", readme, *words)
        return status, err

    return run


@contextlib.contextmanager
def meanwhile(monkeypatch, act):
    """Do something while the first table is made, between the first look at the README and the writing."""
    made = table.made

    def busy(wanted):
        monkeypatch.setattr(table, "made", made)
        act()
        return made(wanted)

    monkeypatch.setattr(table, "made", busy)
    yield
    assert table.made is made


def filled(readme):
    """How many blocks hold a table."""
    return readme.read_text().count("**Speed in")


def test_what_another_one_wrote_meanwhile_stays(readme, update, monkeypatch):
    """Its block and its other words: only our own block is written into what is there now."""

    def act():
        table.update(str(readme), None, "b", check=False)
        readme.write_text("# New words\n\n" + readme.read_text())

    with meanwhile(monkeypatch, act):
        status, err = update("--name", "a")
    assert (status, filled(readme)) == (0, 2), err
    assert readme.read_text().startswith("# New words\n")
    assert update() == (0, f"{readme}: written: c, d\n")
    assert update() == (0, f"{readme}: up to date (a, b, c, d)\n")


@pytest.mark.parametrize("other", [BLOCK.format("a", " --rows model"), ""])
def test_a_block_that_asks_for_something_else_now(readme, update, monkeypatch, other):
    """Its table is that of the old question: nothing is written, and that is said."""
    text = readme.read_text().replace(BLOCK.format("a", ""), other)
    with meanwhile(monkeypatch, lambda: readme.write_text(text)):
        status, err = update("--name", "a")
    assert (status, readme.read_text()) == (1, text)
    assert err == f"logreport: {readme}:1: block 'a' was changed while its table was made; run it again\n"


def test_four_writers_at_once(readme, root):
    """Four processes, a block each: all four are there."""
    words = [sys.executable, "-m", "logreport", "table", "--update", readme, "--name"]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    running = [subprocess.Popen([*words, name], env=environment, stderr=subprocess.PIPE) for name in NAMES]
    assert [process.communicate(timeout=120) and process.returncode for process in running] == [0] * 4
    assert filled(readme) == 4


def test_a_writer_waits_for_the_one_before(readme):
    """While another one has the lock nothing is looked at and nothing is written."""
    descriptor = os.open(readme.parent, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    held = threading.Event()
    flock, before = fcntl.flock, readme.read_bytes()

    def waiting(*arguments):
        held.set()
        flock(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fcntl, "flock", waiting)
        writer = threading.Thread(target=table._write, args=(readme, "README.md", (), {"a": "new"}))
        writer.start()
        held.wait(60)
        assert readme.read_bytes() == before
        readme.write_bytes(before + b"the other one's words\n")
        os.close(descriptor)
        writer.join(60)
    assert readme.read_bytes().endswith(b"the other one's words\n")
    assert b"\nnew\n" in readme.read_bytes()


@pytest.mark.parametrize("mode", [0o644, 0o600, 0o664, 0o755])
def test_rights_stay(readme, update, mode):
    """Those of the file, whatever the mask of new files is; also its attributes, where the file system has them."""
    readme.chmod(mode)
    with contextlib.suppress(OSError):
        os.setxattr(readme, "user.note", b"kept")
    kept = os.listxattr(readme)
    assert update()[0] == 0
    assert stat.S_IMODE(readme.stat().st_mode) == mode
    assert os.listxattr(readme) == kept
    assert [path.name for path in readme.parent.iterdir() if path.name.startswith(".")] == []


def as_root():
    """Skip where nobody may give files away."""
    if os.geteuid():
        pytest.skip("only root can give a file to another user")


def test_the_owner_stays(readme, update):
    """Root writes into a user's file: it stays the user's."""
    as_root()
    os.chown(readme, NOBODY, NOBODY)
    assert update()[0] == 0
    assert (readme.stat().st_uid, readme.stat().st_gid) == (NOBODY, NOBODY)


def test_a_file_of_somebody_else_is_refused(readme, root):
    """Who cannot leave it to its owner does not write it."""
    as_root()
    os.chown(readme, NOBODY, NOBODY)
    before = readme.read_bytes()

    def without_rights():
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_CHOWN)

    ran = subprocess.run(
        [sys.executable, "-m", "logreport", "table", "--update", readme], capture_output=True, text=True, check=False,
        timeout=120, preexec_fn=without_rights, env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    assert (ran.returncode, readme.read_bytes()) == (1, before)
    assert ran.stderr == (
        f"logreport: {readme}: belongs to another user or group, and would be yours afterwards; let its owner run this\n"
    )
    assert sorted(path.name for path in readme.parent.iterdir()) == ["README.md", "logs"]


def test_a_read_only_file_is_refused(readme, update):
    """A file that says so is not replaced by one that does not; to look at it is no writing."""
    before = readme.read_bytes()
    readme.chmod(0o444)
    assert update() == (1, f"logreport: {readme}: is read-only; make it writable, or leave it as it is\n")
    assert update("--check")[0] == 5
    readme.chmod(0o644)
    assert readme.read_bytes() == before
    update()
    readme.chmod(0o444)
    assert update() == (0, f"{readme}: up to date (a, b, c, d)\n")


def test_a_file_of_several_names_is_refused(readme, update):
    """A new file under one name would leave the others with the old words."""
    os.link(readme, readme.with_name("linked.md"))
    before = readme.read_bytes()
    status, err = update()
    assert (status, readme.read_bytes()) == (1, before)
    assert (
        "has 2 names (hard links): the others would not see what is written; make it a file of its own" in err
    )


def test_a_symbolic_link_stays_one(readme, update):
    """What it names is written."""
    target = readme.rename(readme.parent / "target.md")
    readme.symlink_to("target.md")
    assert update()[0] == 0
    assert readme.is_symlink()
    assert filled(target) == 4


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to(path)])
def test_what_is_no_file_is_refused(readme, update, make):
    """A pipe would keep us waiting for ever."""
    readme.unlink()
    make(readme)
    status, err = update()
    assert status == 1
    assert err in (
        f"logreport: {readme}: is no file; name the README itself\n",
        f"logreport: {readme}: cannot be read (a link that leads to itself); check the path\n",
    )


def test_a_failure_on_the_way_leaves_it_as_it_was(readme, monkeypatch):
    """A full disk while the new file is written: the old one is whole, and nothing is left beside it."""
    before = readme.read_bytes()

    def fail(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(
        LogreportError, match=r"README.md: cannot be written \(No space left on device\); check the rights"
    ):
        table.update("README.md", None, None, check=False)
    assert readme.read_bytes() == before
    assert sorted(path.name for path in readme.parent.iterdir()) == ["README.md", "logs"]
