"""Take away what terminals and editors put around the text of a line; the numbers of the lines stay those of the source."""

import re
from collections.abc import Iterator, Sequence

# Escape sequences of ECMA-48, the character set switches that tput prints, window titles; also written out as ^[[, and
# as a notebook's JSON writes them.
ANSI = re.compile(
    rb"(?:\x1b|\^\[|\\u001b)\[[0-?]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\x1b[=>78]"
)
RETURNS_AT_END = re.compile(rb"(?<!\r)\r++(?=\n)")
BACKSPACES = re.compile(rb"\x08{2,}\r*")  # with which Keras goes back to the start of its bar
NO_BREAK_SPACE = "\u00a0".encode()
NUL, BELL, BACKSPACE, RETURN, ESCAPE, LESS, BACKSLASH, CARET = b"\x00\x07\x08\r\x1b<\\^"
NO_TEXT = bytes({NUL, BELL, BACKSPACE, 127})


BREAK = re.compile(rb"<br ?/?>", re.IGNORECASE)
BREAK_AT_END = re.compile(rb"<br ?/?>(?=[ \t]*[\r\n])", re.IGNORECASE)
# What a web page puts around text: tags that stand in a line, and characters written by name. `<stdout>` is none.
TAG = re.compile(
    rb"</?(?:html|body|head|main|article|section|header|footer|figure|details|summary|pre|code|samp|var|tt|kbd|span|div|p|b"
    rb"|i|u|s|q|em|strong|mark|small|big|sub|sup|ins|del|font|center|a|img|hr|h[1-6]|li|ul|ol|dl|dt|dd|blockquote|table"
    rb"|thead|tbody|tr|th|td)(?:[ \t][^<>\n]*)?/?>",
    re.IGNORECASE,
)
TABLE = re.compile(rb"<table\b[^<>\n]*>(?:(?!<table\b).)*?</table\s*>", re.IGNORECASE | re.DOTALL)
ROW = re.compile(rb"<tr\b", re.IGNORECASE)
PREFORMATTED = re.compile(rb"<(/?)pre(?:[ \t][^<>\n]*)?>", re.IGNORECASE)
NAMED = re.compile(rb"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")


class Markup:
    """Takes the markup of web pages out of a text that comes in chunks.

    Args:
        page: whether all of it is a web page; else only what stands in `<pre>` is.
    """

    def __init__(self, *, page: bool) -> None:
        self.page, self.inside = page, page

    def take_out(self, text: bytes) -> bytes:
        """The next chunk, with as many lines as before."""
        if self.page:
            return b"".join(self.parts_of_page(text))
        pieces: list[bytes] = []
        end = 0
        for tag in PREFORMATTED.finditer(text):
            if bool(tag[1]) == self.inside:
                pieces.append(self.piece(text[end : tag.start()]))
                self.inside, end = not self.inside, tag.end()
        pieces.append(self.piece(text[end:]))
        return b"".join(pieces)

    def parts_of_page(self, text: bytes) -> Iterator[bytes]:
        """The text of a page without markup, but for tables of results, which are read by their cells."""
        end = 0
        for table in TABLE.finditer(text):
            if has_head(table[0]):
                yield without_markup(text[end : table.start()])
                yield table[0]
                end = table.end()
        yield without_markup(text[end:])

    def piece(self, text: bytes) -> bytes:
        """A piece without markup, where it stands in `<pre>`."""
        return without_markup(text) if self.inside else text


def has_head(table: bytes) -> bool:
    """Whether the first row of a table holds heads alone: not so where a table lays out the lines of a log."""
    rows = ROW.split(table, maxsplit=2)
    return len(rows) > 2 and b"<th" in rows[1].lower() and b"<td" not in rows[1].lower()


def clean(text: bytes, numbers: Sequence[int]) -> tuple[bytes, Sequence[int]]:
    """Whole lines without NUL bytes, escape sequences and progress bars, and the number of each.

    A line with bare carriage returns (a progress bar) or tags for line breaks becomes several lines with one number.

    Args:
        text: whole lines, each ending in a newline.
        numbers: the number of each.
    """
    # Looked for by one byte first, which takes a tenth of the time, and least where it is a number.
    # Web pages and wikis put such a blank where the log had one that breaks.
    if NO_BREAK_SPACE[0] in text and NO_BREAK_SPACE in text:
        text = text.replace(NO_BREAK_SPACE, b" ")
    if ESCAPE in text or (CARET in text and b"^[[" in text) or (BACKSLASH in text and b"\\u001b[" in text):
        text = ANSI.sub(b"", text)  # before the bell goes, which ends the title of a window
    if BACKSPACE in text:
        text = BACKSPACES.sub(b"\r", text)
    if NUL in text or BACKSPACE in text or BELL in text:
        text = text.translate(None, NO_TEXT)
    if RETURN in text:
        text = RETURNS_AT_END.sub(b"", text)
    has_breaks = LESS in text and (b"<br" in text or b"<BR" in text)
    if has_breaks:
        text = BREAK_AT_END.sub(b"", text)
    if RETURN in text or (has_breaks and BREAK.search(text)):
        return split_lines(text, numbers)
    return text, numbers


def without_markup(text: bytes) -> bytes:
    """The text of a web page; a character that is written by name is read once."""
    text = TAG.sub(b"", text)
    return NAMED.sub(named, text) if b"&" in text else text


def named(match: re.Match[bytes]) -> bytes:
    """The character of a name; a line end among them is a carriage return, so that the lines keep their numbers."""
    import html

    return html.unescape(match[0].decode()).replace("\n", "\r").encode("utf-8", "replace")


def split_lines(text: bytes, given: Sequence[int]) -> tuple[bytes, Sequence[int]]:
    """Split lines at bare carriage returns and tags for line breaks; the pieces keep the number of their line.

    The row of a table is one line whatever its cells hold.
    """
    pieces: list[bytes] = []
    numbers: list[int] = []
    for number, line in zip(given, text.split(b"\n")[:-1], strict=True):
        before = len(pieces)
        for part in line.split(b"\r"):
            pieces += [part] if part.lstrip().startswith(b"|") else BREAK.split(part)
        numbers += [number] * (len(pieces) - before)
    return b"\n".join(pieces) + b"\n", numbers
