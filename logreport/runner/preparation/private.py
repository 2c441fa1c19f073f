"""The folder that is a run's own: for what its script writes and deletes; gone afterwards, also where nobody lived to see it."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from logreport.runner.files import writing

PREFIX = "logreport-"
# In the folder, and locked as long as the run's logreport lives, however that ends.
LOCK = ".logreport-run.lock"


@contextmanager
def private_folder(kept: Path | None = None) -> Iterator[Path]:
    """A folder for one run, which is deleted at the end.

    Args:
        kept: where the folder stays, under a hidden name, since a folder of logs is read whole; None deletes it.

    Raises:
        RunnerError: where it cannot be made.
    """
    if kept is not None:
        with writing(kept):
            kept.parent.mkdir(parents=True, exist_ok=True)
            made = tempfile.mkdtemp(prefix=f"{kept.name}-", dir=kept.parent)
        yield Path(made)
        return
    sweep()
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as folder:
        descriptor = os.open(Path(folder) / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            # Somebody who sweeps may hold it for a moment, and leaves a folder that is younger than its lock alone.
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            os.write(descriptor, b"locked\n")
            yield Path(folder)
        finally:
            os.close(descriptor)


def sweep() -> None:
    """Delete the folders of runs whose logreport was killed."""
    for lock in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{LOCK}"):
        with suppress(OSError):  # somebody else's, or gone meanwhile
            if lock.parent.is_symlink() or lock.parent.stat().st_uid != os.getuid():
                continue
            descriptor = os.open(lock, os.O_RDWR | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(descriptor).st_size:
                    shutil.rmtree(lock.parent, ignore_errors=True)
            finally:
                os.close(descriptor)
