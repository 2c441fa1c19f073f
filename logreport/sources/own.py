"""What logreport itself has written, known by what stands in it: read again, its numbers would count twice."""

import os
import re
from collections.abc import Iterable

_TABLES = rb"runs|phases|steps|devices|layers|environment|evaluations|published|findings|lines|records"
_FIRST = rb"run_id|source"  # the first column of every table
_NEXT = rb"source|phase|first_line|benchmark|value|unit|total|line|index|kind|name|key|step|severity|code"
_KINDS = {
    "a report of logreport": rb"# [^\n]*\n\n\[//\]: # \"logreport report\"\n"
    rb"|<!DOCTYPE html>(?:(?!</head>)[\x00-\xff]){0,400000}?<meta name=\"generator\" content=\"logreport ",
    "a comparison of logreport": rb"\*\*(?:[0-9]+ comparisons?|nothing to compare)[^\n]*\*\*\n|\{\n \"labels\": \{\n|Workload {2,}Device {2,}|Not compared:\n  |nothing to compare: the labels ",
    "a table of logreport": rb"\[//\]: # \"logreport table\"\n"
    # CSV, text, JSON of whole tables, JSON lines
    rb"|(?:run_id,(?:source|first_line)|source,(?:value,unit|total,record|line,kind,run)|device,kind,logs,runs)[,\n]"
    rb"|(?:" + _FIRST + rb") {2,}(?:" + _NEXT + rb")(?: {2,}[a-z_0-9.]+)*\n"
    rb"|\{\"(?:" + _TABLES + rb")\": \[(?:\]|\{\"(?:" + _FIRST + rb")\": )"
    rb"|no (?:(?:" + _TABLES + rb") in these logs|devices|rows)\n\Z"
    rb"|run_id +[0-9a-f]{16}\nsource +|(?:\| )?device[ |]+kind[ |]+logs[ |]+runs[ |]"
    rb"|\[?\{\"run_id\":(?:\"[0-9a-f]+\"|null),\"(?:source|first_line)\":"
    rb"|\{\"source\":\"(?:[^\"\\]|\\.)*+\",\"(?:line\":[0-9]+,\"kind|value\":(?:[0-9.e+-]+|null),\"unit|total\":[0-9]+,\"record)\":",
    "what `logreport explain` printed": rb" {0,5}[0-9]{1,9}  (?:record   |chatter  |blank    |prose    |malformed|unknown  )  ",
}
_PATTERNS = {kind: re.compile(pattern) for kind, pattern in _KINDS.items()}
ARCHIVE = ("commits", "logs", "tables")  # its folders
_COMMIT = re.compile(r"[0-9a-f]{64}\.json")
COMMIT_URL = re.compile(r"(.+)/commits/[0-9a-f]{64}\.json")


def made_here(beginning: bytes) -> str | None:
    """What of logreport's a text is, by its beginning; None where it is none."""
    return next((kind for kind, pattern in _PATTERNS.items() if pattern.match(beginning)), None)


def is_archive_folder(folder: str, names: Iterable[str]) -> bool:
    """Whether a folder is an archive of logreport: it has the three folders of one, and a commit in the first.

    Args:
        folder: its path.
        names: what is in it.
    """
    if not set(ARCHIVE) <= set(names):
        return False
    try:
        with os.scandir(os.path.join(folder, ARCHIVE[0])) as entries:  # noqa: PTH118 - as the walk that calls it
            return any(_COMMIT.fullmatch(entry.name) for entry in entries)
    except OSError:
        return False
