"""Fetching with a real git from real repositories: what arrives is the pinned commit, or a clear error."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from logreport.cli import group
from logreport.errors import RunnerError
from logreport.runner.preparation import fetching
from logreport.scripts import SCRIPTS

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
MNIST = SCRIPTS["mnist"]


def git(folder, *arguments):
    """What git printed."""
    name = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.org", "-c", "init.defaultBranch=main")
    run = subprocess.run(["git", "-C", folder, *name, *arguments], capture_output=True, text=True, check=True)
    return run.stdout.strip()


@pytest.fixture(autouse=True)
def _own_settings(tmp_path, monkeypatch):
    """No settings of the user, and a cache of this test."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def upstream(tmp_path, monkeypatch):
    """A repository like tensorflow/models: the pinned commit is not its last, and it holds more than is needed."""
    folder = tmp_path / "upstream"
    for path in (script.path for script in SCRIPTS.values() if script.repository == "models"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(f"print({path!r})\n")
    (folder / "research").mkdir()
    (folder / "research" / "large.bin").write_bytes(os.urandom(100_000))
    git(tmp_path, "init", "-q", folder)
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    pinned = git(folder, "rev-parse", "HEAD")
    (folder / MNIST.path).write_text("print('newer')\n")
    git(folder, "commit", "-q", "-a", "-m", "second")
    use(monkeypatch, folder.as_uri(), pinned)
    return folder


def use(monkeypatch, url, commit):
    """Take another repository for tensorflow/models."""
    repository = fetching.Repository(url, commit, "2018-11-29", "tutorials/image")
    monkeypatch.setitem(fetching.REPOSITORIES, "models", repository)


def test_the_pinned_commits_are_whole_hashes_of_the_documented_ones():
    """A short hash could be another commit one day."""
    assert {name: (r.commit[:8], len(r.commit), r.date) for name, r in fetching.REPOSITORIES.items()} == {
        "models": ("5324fc66", 40, "2018-11-29"),
        "benchmarks": ("8fb79079", 40, "2023-10-05"),
    }


@pytest.mark.parametrize(
    "server", ["sends single commits and parts", "sends single commits", "sends all or nothing"]
)
def test_what_arrives_is_the_pinned_commit(server, upstream, monkeypatch):
    """Sparse and shallow where the server can do so; the newer commit of the branch is not what is run."""
    if server == "sends single commits and parts":
        git(upstream, "config", "uploadpack.allowFilter", "true")
    if server == "sends all or nothing":  # as servers did before the second version of git's protocol
        monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
        monkeypatch.setenv("GIT_CONFIG_KEY_0", "protocol.version")
        monkeypatch.setenv("GIT_CONFIG_VALUE_0", "0")
    seen = []
    folder = fetching.checkout(MNIST, None, on_progress=lambda what, share: seen.append((what, share)))
    assert "convolutional" in (folder / MNIST.path).read_text()
    assert not (folder / "research").exists()
    assert fetching.state(folder) == (fetching.REPOSITORIES["models"].commit, False)
    assert seen
    assert all(0 <= share <= 1 for _, share in seen)
    assert (folder / ".git" / "shallow").exists() == (server != "sends all or nothing")
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_what_is_there_is_not_fetched_again(upstream):
    """The second time needs no network."""
    first = fetching.fetch("models")
    shutil.rmtree(upstream)
    assert fetching.fetch("models") == first
    assert fetching.plan("models") is None


def test_a_script_that_was_changed_is_not_the_official_one(upstream):  # noqa: ARG001 - it is the remote
    """Whoever edits the fetched files is told so; files that a run leaves there do not count."""
    folder = fetching.fetch("models")
    (folder / "left behind").touch()
    assert fetching.fetch("models") == folder
    (folder / MNIST.path).write_text("print('mine')\n")
    assert fetching.state(folder) == (fetching.REPOSITORIES["models"].commit, True)
    with pytest.raises(RunnerError, match="files were changed; delete the folder"):
        fetching.fetch("models")
    git(folder, "commit", "-q", "-a", "-m", "mine")
    with pytest.raises(RunnerError, match="it is at "):
        fetching.fetch("models")


def test_a_commit_that_the_remote_does_not_have_is_an_error(upstream, monkeypatch):
    """Nothing is left behind, and the next try starts anew."""
    use(monkeypatch, upstream.as_uri(), "0123456789" * 4)
    with pytest.raises(RunnerError, match="cannot be fetched"):
        fetching.fetch("models")
    assert list(fetching.place("models").parent.iterdir()) == []


def test_no_network_is_one_error_that_names_the_way_out(monkeypatch):
    """Whatever git says about it, the way without a network is `--source`."""
    use(monkeypatch, "http://127.0.0.1:9/tensorflow/models", "0123456789" * 4)  # nobody listens there
    result = CliRunner().invoke(group, ["fetch", "mnist"], standalone_mode=False)
    assert result.return_value == 1
    *_, line = result.stderr.splitlines()
    assert line.startswith("logreport: http://127.0.0.1:9/tensorflow/models: cannot be fetched (")
    assert line.endswith("is there a network? else name a checkout of your own with --source")


def test_without_git_the_way_out_is_the_same(monkeypatch, tmp_path):
    """A machine without git can still use a checkout."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RunnerError, match="git is missing; install git, or name a checkout with --source"):
        fetching.fetch("models")
    assert fetching.state(tmp_path) == (None, None)


def test_a_checkout_of_the_user_is_taken_as_it_is(upstream, tmp_path):
    """`--source`: at any commit, changed or not, known to git or not; but it must be there."""
    assert fetching.checkout(MNIST, upstream) == upstream
    assert fetching.state(upstream) == (git(upstream, "rev-parse", "HEAD"), False)
    assert fetching.state(upstream / "tutorials") == (None, None)
    with pytest.raises(RunnerError, match="none: is no folder"):
        fetching.checkout(MNIST, tmp_path / "none")


def test_git_is_not_led_astray_by_a_hook(upstream, tmp_path, monkeypatch):
    """In a hook, git sets variables that name another repository."""
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    assert fetching.state(upstream).commit is not None


def test_the_command_says_what_it_will_do_and_where_the_scripts_are(upstream):  # noqa: ARG001 - it is the remote
    """First what, from where, which commit, and where to; then the result, once per repository."""
    result = CliRunner().invoke(group, ["fetch", "mnist", "alexnet"], standalone_mode=False)
    pinned, folder = fetching.REPOSITORIES["models"], fetching.place("models")
    assert result.return_value == 0
    said = f"git clones tutorials/image/ of {pinned.url} at {pinned.commit[:8]} (2018-11-29) into {folder}.\n"
    assert result.stderr == said
    assert result.stdout == f"models {pinned.commit[:8]} {folder}\n"
    assert Path(folder).is_dir()


def test_the_command_knows_the_scripts():
    """A name that is none is wrong usage, and the help lists the names."""
    result = CliRunner().invoke(group, ["fetch", "resnet"])
    assert result.exit_code == 2
    text = CliRunner().invoke(group, ["fetch", "--help"]).output
    assert all(name in text for name in SCRIPTS)


@pytest.mark.parametrize(
    ("path", "dirty"),
    [
        (MNIST.path, True),
        (str(Path(MNIST.path).parent / "numpy.py"), True),
        (str(Path(MNIST.path).parent / "ümlaut package" / "__init__.py"), True),
        (str(Path(MNIST.path).parent / "__pycache__" / "x.cpython-311.pyc"), False),
        ("venv/lib/x.py", False),
    ],
)
def test_a_checkout_with_files_of_its_own_is_changed(upstream, path, dirty):
    """A file beside a script is imported in place of a library; one that is elsewhere changes nothing."""
    assert fetching.state(upstream).dirty is False
    (upstream / path).parent.mkdir(parents=True, exist_ok=True)
    (upstream / path).write_text("x = 1\n")
    assert fetching.state(upstream).dirty is dirty
