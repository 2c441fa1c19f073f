"""What looks like a heading of Markdown and is a comment: within a fence, or where its text is a line of a log.

Logs are pasted into the comments of scripts, `# ` before each line. Such a line is read as it is read elsewhere.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from logreport.grammar.scanning.records import Match, Records
from logreport.grammar.scanning.scan import Gap, Scan

FENCE, HEADING = "document.fence", "document.heading"
LANGUAGE = re.compile(rb"[A-Za-z{]")
COMMAND, ERROR = "shell.command", "python."
# A command with nothing but its interpreter before the script: as it is typed, not as it is talked about.
TYPED = re.compile(rb"(?:\w+=\S* )*python[0-9.]*(?: -[a-z])* *")
VALUE = re.compile(rb"(?<=[:=])[ \t]*[0-9]")  # behind the sign of a result


class Rescans(Protocol):
    """What reads the text of comments once more: the engine of all kinds of lines but those of documents."""

    signs: tuple[bytes, ...]

    def scan_again(self, gap: Gap) -> Scan:
        """Scan lines that may carry prefixes."""


class Comments:
    """Takes headings that are none out of the scans of one source, and reads them as comments.

    Args:
        logs: gives that engine.
    """

    def __init__(self, logs: Callable[[], Rescans]) -> None:
        self.logs = logs
        self.in_fence = False

    def read(self, scans: Iterable[Scan]) -> Iterator[Scan]:
        """The scans with comments in place of headings that are none; a block of comments may reach into the next."""
        held: Scan | None = None
        for scan in scans:
            held = scan if held is None else held.and_then(scan)
            if not ends_in_heading(held):
                yield self.read_one(held)
                held = None
        if held is not None:
            yield self.read_one(held)

    def read_one(self, scan: Scan) -> Scan:
        """A scan with comments in place of headings that are none."""
        found = self.comments_of(scan)
        return self.replace(scan, found) if found else scan

    def comments_of(self, scan: Scan) -> list[Match]:
        """The headings that are none: those in fences, and blocks of lines with a record among them."""
        found: list[Match] = []
        blocks: list[list[Match]] = []
        for match in scan.records:
            if match.leaf.kind == FENCE:
                self.in_fence = opens(match) or not self.in_fence
            elif match.leaf.kind == HEADING and self.in_fence:
                found.append(match)
            elif match.leaf.kind == HEADING:
                if not blocks or match.line > blocks[-1][-1].line + 1:
                    blocks.append([])
                blocks[-1].append(match)
        for block in blocks:
            records = {match.line for match in block if self.is_record(match, alone=len(block) == 1)}
            if records:
                found += [m for m in block if m.raw("level") == b"#" or m.line in records]
        return found

    def alone(self, heading: Match) -> list[Match]:
        """What the text of a heading is without the lines around it."""
        return self.logs().scan_again(Gap(b"\n" + (heading.raw("text") or b""), [heading.line])).matches

    def is_record(self, heading: Match, *, alone: bool) -> bool:
        """Whether the text of a heading is a record or holds a result.

        `# total images/sec: 5.26`, `# ImportError: x` and what is below the first level may be titles: where they stand
        alone, only a step or what has a time is none.
        """
        matches = self.alone(heading)
        if alone or heading.raw("level") != b"#":
            return any(match.leaf.priority > 0 or match.raw("timestamp") for match in matches)
        text = heading.raw("text") or b""
        signs = [(text.find(sign), sign) for sign in self.logs().signs if sign in text]
        return any(VALUE.match(text, at + len(sign)) for at, sign in signs) or any(
            not match.leaf.kind.startswith(ERROR) and not is_talk(match) for match in matches
        )

    def replace(self, scan: Scan, headings: list[Match]) -> Scan:
        """A scan with these headings read as comments; a piece of a line with other records stays what it was."""
        others = {match.line for match in scan.records if match.leaf.kind != HEADING}
        gone = {match.line for match in headings} - others
        rest: list[Match] = []
        talk: list[Match] = []
        for match in headings:
            if match.line in gone:
                (talk if any(map(is_talk, self.alone(match))) else rest).append(match)
        look = self.logs().scan_again(gap_of(rest)) if rest else Scan(Records(), [], 0, 0)
        gaps = [*scan.gaps, *look.gaps, *(gap_of([match]) for match in talk)]
        kept = [match for match in scan.records if match.line not in gone]
        return Scan(
            Records.of(sorted((*kept, *look.records), key=lambda match: match.line)),
            sorted(gaps, key=lambda gap: gap.numbers[0]),
            scan.record_lines - len(gone) + look.record_lines,
            scan.chatter_lines + look.chatter_lines,
            scan.replaced,
            (*scan.later, *look.later),
        )


def opens(fence: Match) -> bool:
    """Whether a fence opens, whatever was left open before it: it says what stands behind it."""
    return LANGUAGE.match(fence.raw("info") or b"") is not None


def gap_of(headings: list[Match]) -> Gap:
    """Headings as lines of comments."""
    lines = [(match.raw("level") or b"")[:1] + b" " + (match.raw("text") or b"") for match in headings]
    return Gap(b"".join(b"\n" + line for line in lines), [match.line for match in headings])


def is_talk(match: Match) -> bool:
    """Whether a text speaks of a command and is none that somebody typed."""
    return match.leaf.kind == COMMAND and TYPED.fullmatch(match.raw("head") or b"") is None


def ends_in_heading(scan: Scan) -> bool:
    """Whether nothing that is no chatter comes after a heading: a block of comments may go on below it."""
    last = scan.records[-1] if scan.records else None
    return (
        last is not None
        and last.leaf.kind == HEADING
        and not any(gap.numbers[-1] > last.line for gap in scan.gaps[-1:])
    )
