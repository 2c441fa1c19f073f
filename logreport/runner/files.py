"""Files that the runner writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from logreport.errors import RunnerError

ELSEWHERE = "choose another folder with -o"


@contextmanager
def writing(path: Path, todo: str | None = ELSEWHERE) -> Iterator[None]:
    """Write something at a path.

    Raises:
        RunnerError: where that cannot be done.
    """
    try:
        yield
    except OSError as error:
        raise RunnerError(f"cannot be written ({error.strerror})", source=path, todo=todo) from error


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file by another as a whole.

    Raises:
        RunnerError: where it cannot be written; the file is as it was.
    """
    part = path.with_name(f".{path.name}.part")
    with writing(path, "the log beside it is whole"):
        try:
            part.write_bytes(content)
            part.replace(path)
        except OSError:
            part.unlink(missing_ok=True)
            raise
