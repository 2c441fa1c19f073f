"""Bytes and lines from anywhere: files, folders, globs, standard input, compressed files, archives, URLs, documents.

`find_sources` walks what the user names and gives a `Source` for each file, member or URL. `Source.chunks` gives its
text as chunks of whole lines with their numbers: `decoded` unpacks and decodes, `decoder_for` takes texts out of notebooks
and mail, `marked` tells where a kill has cut the last number of a log, `clean` takes away what terminals and web pages put around a line. Numbers stay those of the source.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logreport.sources.finding import find_sources
    from logreport.sources.source import Source

__all__ = ["Source", "find_sources"]


def __getattr__(name: str) -> object:
    """Load the walk when it is asked for: an archive is asked without it, and wants names alone."""
    if name not in __all__:
        raise AttributeError(name)
    from logreport.sources import finding

    return getattr(finding, name)
