"""The official scripts by git: pinned commits, only the folders that are needed, in the user's cache folder."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from logreport.errors import RunnerError
from logreport.runner.files import writing
from logreport.scripts import SCRIPTS, Script

Progress = Callable[[str, float], object]  # what git does, and how much of it is done (0 to 1)
PROGRESS = re.compile(r"(?:remote: )?([A-Z][a-z]+(?: [a-z]+)*): +(\d+)% ")
WRONG = re.compile("fatal|error")  # begins the line that says why; later ones follow from it
# Would lead git to another repository.
FROM_HOOKS = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"}
REFUSED = re.compile("not our ref|unadvertised object|find remote ref|not support")  # of single commits


@dataclass(frozen=True)
class Repository:
    """A repository of scripts: where from, the commit, its date, and the folder that holds the scripts."""

    url: str
    commit: str
    date: str
    scripts: str


REPOSITORIES = {
    "models": Repository(
        "https://github.com/tensorflow/models", "5324fc6628522eabbff74f2d12f0cc69d3432a2c", "2018-11-29", "tutorials/image"
    ),
    "benchmarks": Repository(
        "https://github.com/tensorflow/benchmarks", "8fb79079265933ad39bea628b777af662f5bf15d", "2023-10-05", "scripts"
    ),
}  # fmt: skip


class State(NamedTuple):
    """What is known of a checkout: its commit, and whether files differ from it; None without git."""

    commit: str | None
    dirty: bool | None


def checkout(script: Script, source: str | Path | None, *, on_progress: Progress | None = None) -> Path:
    """The checkout that holds a script: the one named, else the pinned one, fetched if it is not there.

    Raises:
        RunnerError: where it is not there and cannot be fetched, or was changed.
    """
    if not script.repository:  # a command of the user's
        return Path(source or Path.cwd())
    if source is not None:
        if not Path(source).is_dir():
            raise RunnerError("is no folder", source=source, todo="name a checkout with --source")
        return Path(source)
    return fetch(script.repository, on_progress=on_progress)


def place(name: str) -> Path:
    """Where the pinned checkout of a repository is kept."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("logreport")) / f"{name}-{REPOSITORIES[name].commit[:8]}"


def plan(name: str) -> str | None:
    """What `fetch` would do, in a sentence; None where there is nothing to do."""
    if name not in REPOSITORIES or place(name).exists():
        return None
    repository = REPOSITORIES[name]
    return (
        f"git clones {repository.scripts}/ of {repository.url} at {repository.commit[:8]} "
        f"({repository.date}) into {place(name)}"
    )


def fetch(name: str, *, on_progress: Progress | None = None) -> Path:
    """The pinned checkout of a repository, cloned if it is not there; what is there is whole and as upstream.

    Raises:
        RunnerError: where it cannot be fetched, or was changed since.
    """
    repository, folder = REPOSITORIES[name], place(name)
    if not folder.exists():
        with writing(folder, None):
            folder.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{name}.") as scratch:
                clone(repository, Path(scratch) / name, on_progress)
                verify(name, Path(scratch) / name)
                if not folder.exists():  # another process may have been faster
                    (Path(scratch) / name).rename(folder)
    verify(name, folder)
    return folder


def clone(repository: Repository, folder: Path, on_progress: Progress | None) -> None:
    """Clone one commit, and of its files only those needed, where the server can do so; else all commits.

    Raises:
        RunnerError: where git is missing or cannot.
    """
    git(None, "init", "-q", str(folder))
    git(folder, "remote", "add", "origin", repository.url)
    git(folder, "sparse-checkout", "init", "--cone")
    git(folder, "sparse-checkout", "set", repository.scripts)
    fetching = ("fetch", "--progress", "--no-tags", "--filter=blob:none")
    try:
        try:
            git(folder, *fetching, "--depth=1", "origin", repository.commit, on_progress=on_progress)
        except RunnerError as error:
            if not REFUSED.search(error.what):
                raise
            git(folder, *fetching, "origin", on_progress=on_progress)
        git(folder, "checkout", "--progress", "--detach", repository.commit, on_progress=on_progress)
    except RunnerError as error:
        raise RunnerError(
            f"cannot be fetched ({error.what})", source=repository.url,
            todo="is there a network? else name a checkout of your own with --source",
        ) from error  # fmt: skip


def verify(name: str, folder: Path) -> None:
    """Make sure that a checkout is the pinned one, unchanged and with its scripts.

    Raises:
        RunnerError: where it is not.
    """
    repository, found = REPOSITORIES[name], state(folder)
    paths = [script.path for script in SCRIPTS.values() if script.repository == name]
    wrong = (
        "git cannot read it" if found.commit is None
        else f"it is at {found.commit[:8]}" if found.commit != repository.commit
        else "files were changed" if found.dirty
        else next((f"{path} is missing" for path in paths if not (folder / path).is_file()), None)
    )  # fmt: skip
    if wrong:
        raise RunnerError(
            f"is not {repository.url} at {repository.commit[:8]}: {wrong}", source=folder,
            todo="delete the folder and fetch it again",
        )  # fmt: skip


def state(folder: Path) -> State:
    """The commit of a checkout, and whether files differ from it or new ones are beside the scripts.

    A folder inside another checkout has none.
    """
    try:
        if Path(git(folder, "rev-parse", "--show-toplevel")) != folder.resolve():
            return State(None, None)
        entries = git(folder, "status", "--porcelain", "-z", "--untracked-files=normal").split("\0")
        return State(git(folder, "rev-parse", "HEAD"), any(map(is_change, entries)))
    except RunnerError:
        return State(None, None)


def is_change(entry: str) -> bool:
    """Whether an entry of git's status is a change that a script can see: a file of its own, or any file beside it."""
    if not entry.startswith("?? "):
        return bool(entry)
    path = entry[3:]
    beside = any(path.startswith(script.path.rpartition("/")[0] + "/") for script in SCRIPTS.values())
    return beside and not re.search(r"__pycache__/|\.pyc$", path)


def git(folder: Path | None, *arguments: str, on_progress: Progress | None = None) -> str:
    """What a git command printed.

    Raises:
        RunnerError: where git is missing, or in its own words where it fails.
    """
    program = shutil.which("git")
    if program is None:
        raise RunnerError("git is missing", todo="install git, or name a checkout with --source")
    where = ("-C", str(folder)) if folder else ()
    environment = {name: value for name, value in os.environ.items() if name not in FROM_HOOKS}
    environment |= {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    with tempfile.TemporaryFile("w+") as output, subprocess.Popen(  # noqa: S603 - git, with arguments of ours
        (program, *where, *arguments), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE,
        env=environment, text=True, errors="replace",  # as text, since git ends its progress with \r
    ) as process:  # fmt: skip
        said = []
        for line in process.stderr or ():
            if (match := PROGRESS.match(line)) and on_progress:
                on_progress(match[1], int(match[2]) / 100)
            elif match is None and line.strip():
                said.append(line.strip())
        if process.wait():
            raise RunnerError(next((text for text in said if WRONG.match(text)), " ".join(said[-1:])))
        output.seek(0)
        return output.read().strip()
