"""Bytes and lines from anywhere: files, folders, globs, standard input, compressed files, archives, URLs, documents.

`find_sources` walks what the user names and gives a `Source` for each file, member or URL. `Source.chunks` gives its
text as chunks of whole lines with their numbers: `decoded` unpacks and decodes, `decoder_for` takes texts out of notebooks
and mail, `clean` takes away what terminals and web pages put around a line. Numbers stay those of the source.
"""

from logreport.sources.finding import find_sources
from logreport.sources.source import Source

__all__ = ["Source", "find_sources"]
