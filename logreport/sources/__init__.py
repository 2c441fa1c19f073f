"""Bytes and lines from anywhere: files, folders, globs, standard input, compressed files, archives, URLs, documents."""

from logreport.sources.finding import find_sources
from logreport.sources.source import Source

__all__ = ["Source", "find_sources"]
