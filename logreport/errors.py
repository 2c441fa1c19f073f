"""The one error family: a message is `source:line: what is wrong; what to do`, on one line that any terminal may show."""

import os
import re

# What a terminal obeys instead of showing it, or what makes a text look like another: controls (C0, C1), marks that turn
# the direction of text round, marks without width, separators of lines, halves of characters, tags.
UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e007f]"
)
NO_TEXT = re.compile("[\ud800-\udfff]")
LONGEST = 200  # characters of what went wrong


def visible(text: str, *, lines: bool = True) -> str:
    r"""A text as a terminal may show it: what it would obey is written out, as `\x1b`.

    Args:
        text: from a log, a name, a tag.
        lines: whether it may have several lines; else their ends are written out too.
    """
    text = UNSAFE.sub(written_out, text)
    return text if lines else text.replace("\n", "\\n")


def shown(path: str | os.PathLike[str]) -> str:
    r"""A path as text; a byte that is none is written out, as in `run-\xff.log`."""
    text = os.fspath(path)
    return text if text.isascii() else NO_TEXT.sub(written_out, text)


def written_out(sign: re.Match[str]) -> str:
    r"""A sign as Python writes it, and a byte of a name that is no UTF-8 as such: `\xff`."""
    code = ord(sign[0])
    return (
        f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else sign[0].encode("unicode_escape").decode()
    )


class LogreportError(Exception):
    """Something that the user can act on.

    Args:
        what: what is wrong, in the user's words.
        source: the file, member or URL that it concerns; kept as text that can be shown.
        line: the line in that source, numbered from 1.
        todo: what to do about it.
    """

    exit_status = 1

    def __init__(
        self,
        what: str,
        *,
        source: str | os.PathLike[str] | None = None,
        line: int | None = None,
        todo: str | None = None,
    ) -> None:
        self.what, self.line, self.todo = what, line, todo
        self.source = source = None if source is None else shown(source)
        where = f"{source}:{line}: " if line is not None else f"{source}: " if source else ""
        super().__init__(visible(f"{where}{what}{f'; {todo}' if todo else ''}", lines=False))


class UsageError(LogreportError):
    """The command line asks for something that does not exist or does not fit together."""

    exit_status = 2


class SourceError(LogreportError):
    """An input that cannot be read: missing, binary, empty, damaged."""


class LeftOut(SourceError):  # noqa: N818 - it is none
    """What logreport itself wrote, found among the inputs: it is left out and named, and that is no failure."""

    exit_status = 0


class GrammarError(LogreportError):
    """A `.lark` file that cannot be used: not regular, ambiguous, or not Lark."""


class RenderError(LogreportError):
    """A report format that cannot be made here, such as PDF without Pango."""


class RunnerError(LogreportError):
    """A benchmark script that cannot be started here, or did not end as it should."""


class ArchiveError(LogreportError):
    """A file of an archive that is damaged, missing or too new, or an archive that cannot be read or written."""


class SchedulerError(LogreportError):
    """A cluster that does not answer, has no worker, or workers that cannot do the work."""


def unforeseen(error: Exception, source: str) -> LogreportError:
    """An error as one of a source; one that nobody foresaw says what it is."""
    if isinstance(error, LogreportError):
        return error
    return SourceError(
        f"could not be read ({in_short(error)})", source=source, todo="please report this file"
    )


def unmade(part: str, error: Exception) -> RenderError:
    """The error for a part of a report that could not be made."""
    todo = "everything else is there; please report this as a fault of logreport"
    return RenderError(f"{part} cannot be made ({in_short(error)})", todo=todo)


def in_short(error: Exception) -> str:
    """The kind of an error that nobody foresaw, and the beginning of what it says."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:LONGEST]}".rstrip(": ")
