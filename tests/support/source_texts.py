"""A log, and what comes out of a source."""

LOG = b"Running warm up\n10\timages/sec: 51.8 +/- 0.2 (jitter = 0.1)\t7.593\ntotal images/sec: 51.66\n"


def text_of(source):
    """All text of a source."""
    return b"".join(text for text, _ in source.chunks())


def numbers_of(source):
    """The numbers of all its lines."""
    return [number for _, numbers in source.chunks() for number in numbers]
