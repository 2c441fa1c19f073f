"""The archive: a folder or URL of immutable files named by content, which keeps logs and the tables made of them."""

from logreport.archive.archive import Archive

__all__ = ["Archive"]
