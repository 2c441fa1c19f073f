"""Names of files and of members of archives: as they are shown, and what their endings say."""

import functools
import os
import re
from collections.abc import Iterable

from logreport.errors import UsageError

ARCHIVE_FOLDERS = ("commits", "logs", "tables")  # of an archive of logreport
# They end the names of what a runner keeps beside a log: its record, and the series of what its devices did, which is a file
# of lines as long as the run goes on.
RECORD, TELEMETRY, LINES = ".run.json", ".telemetry.parquet", ".telemetry.csv"
BESIDE = (RECORD, TELEMETRY, LINES)
# What tf_cnn_benchmarks and the official models write to --benchmark_log_dir: measurements, and beside them the settings.
METRICS, SETTINGS = "metric.log", "benchmark_run.log"
COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
TAR_ENDINGS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst")
ARCHIVE_ENDINGS = (".zip", *TAR_ENDINGS)
# All that stands outside of fences is prose.
FENCED = {
    ".md", ".markdown", ".rst", ".org", ".html", ".htm", ".ipynb", ".adoc", ".asciidoc", ".mediawiki", ".wiki", ".tex",
}  # fmt: skip
DOCUMENTS = FENCED | {".txt", ".js", ".json", ".cast", ".eml", ".mbox"}
SHEETS = {".csv", ".tsv"}  # documents where they hold results
PAGES = {".html", ".htm"}
# What stands before a member's name; a `!` may stand in any other name.
_ARCHIVE = re.compile(r".*\.(?:zip|tar(?:\.\w+)?|tgz|tbz2|txz)!", re.IGNORECASE | re.DOTALL)


Paths = str | bytes | os.PathLike[str] | Iterable[str | bytes | os.PathLike[str]]


def names_of(paths: Paths) -> list[str]:
    """One path or several as text.

    Raises:
        UsageError: for anything else.
    """
    try:
        return [
            os.fsdecode(path) for path in ([paths] if isinstance(paths, str | bytes | os.PathLike) else paths)
        ]
    except TypeError as error:
        raise UsageError(f"{paths!r:.80} names nothing", todo="give a path, or a list of paths") from error


def one_line(error: Exception) -> str:
    """The text of an error without line breaks."""
    return " ".join(str(error).split()) or type(error).__name__


def without_query(name: str) -> str:
    """A URL without what is asked of its server; any other name as it is."""
    return re.split(r"[?#]", name, maxsplit=1)[0] if "://" in name else name


def is_archive(name: str) -> bool:
    """Whether the ending of a name says zip or tar."""
    return without_query(name).lower().endswith(ARCHIVE_ENDINGS)


def archive_of(name: str) -> str:
    """The path of the archive that a member is in; empty where it is none."""
    match = _ARCHIVE.match(name) if "!" in name else None
    return match[0][:-1] if match else ""


def plain_name(name: str) -> str:
    """The name of a file, or of a member in its archive, without the endings of compression."""
    name = without_query((_ARCHIVE.sub("", name, count=1) if "!" in name else name) or name)
    while name.lower().endswith(COMPRESSED):
        name = name[: name.rindex(".")]
    return name


@functools.lru_cache(maxsize=1 << 14)  # asked some times of each source, and thousands are read together
def ending_of(name: str) -> str:
    """The ending that says what a text is, in small letters."""
    stem, dot, ending = plain_name(name).rstrip("/").rpartition("/")[2].rpartition(".")
    return f"{dot}{ending}".lower() if stem and ending else ""


def beside_of(name: str, ending: str) -> str:
    """The name of what a runner keeps beside a log, by its ending, if it is the log of a runner; `SETTINGS` is a whole name."""
    folder, slash, name = plain_name(name).rpartition("/")
    stem = "" if ending == SETTINGS else name.rpartition(".")[0] or name
    return folder + slash + stem + ending


def is_metrics(name: str) -> bool:
    """Whether a log may have its settings beside it."""
    return plain_name(name).rpartition("/")[2] == METRICS


def is_settings(name: str) -> bool:
    """Whether a log is called as those settings are."""
    return plain_name(name).rpartition("/")[2] == SETTINGS
