"""The archive: a folder or URL of immutable files named by content, which keeps logs and the tables made of them.

`Archive` (`archive.py`) is the library and the command line alike. `ingest/` takes logs in, `storage/` keeps them,
`queries/` answers, `maintenance/` verifies, repairs, reads again and compacts.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logreport.archive.archive import Archive

__all__ = ["Archive"]


def __getattr__(name: str) -> object:
    """Load the archive when it is asked for: other parts of this package are wanted without it."""
    if name != "Archive":
        raise AttributeError(name)
    from logreport.archive.archive import Archive

    return Archive
