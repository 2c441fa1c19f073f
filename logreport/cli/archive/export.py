"""`logreport archive export`: tables, or the logs themselves, to a folder."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from logreport.archive.storage.layout import ENDINGS
from logreport.archive.storage.store import digest_of
from logreport.cli import options
from logreport.cli.archive import options as own
from logreport.errors import LogreportError
from logreport.sources.names import beside_of
from logreport.tables.exporting import EXPORTERS, Layout

Row = Mapping[Any, Any]
MARK = 8  # digits of a SHA-256 in a name
LONGEST_NAME, LONGEST_PATH = 200, 2000  # bytes; less than file systems take, as a folder stands before it
FORMATS = [form for form in EXPORTERS if form != "table"]
EPILOG = """\b
Examples:
  logreport archive export -o out                                     every table as CSV
  logreport archive export --where "device_kind = 'gpu'" --format parquet -o gpu
  logreport archive export --logs -o logs                             the logs as they were added

A log goes below the folder under the path where it was added, a second one of that path
under another name. Files that are there are replaced. Logs hold whatever secrets were printed
into them; tables never do."""


@click.command("export", epilog=EPILOG)
@options.where
@own.place
@click.option("--format", "form", type=click.Choice(FORMATS), default="csv", show_default=True)
@click.option("--logs", is_flag=True, help="Logs, and the records beside them, instead of tables.")
@options.redact
@options.spreadsheet_safe
@click.option("-o", "--output", metavar="FOLDER", required=True, callback=options.folder, help="Write here.")
def command(
    where: str | None, place: str, form: str, logs: bool, redact: bool, spreadsheet_safe: bool, output: str,  # noqa: FBT001 - click's flags
) -> int:  # fmt: skip
    """Write the tables of an archive, or its logs, to a FOLDER."""
    from logreport import api
    from logreport.cli import output as out
    from logreport.tables.schema import TABLES

    if logs:
        if redact:
            raise click.UsageError("logs are written as they were added; --redact is for tables")
        return write_logs(place, where, Path(output))
    reading, layout = api.read_archive(place, where, redact=redact), Layout(spreadsheet_safe=spreadsheet_safe)
    files = ((f"{name}.{form}", partial(EXPORTERS[form], reading, [name], layout)) for name in TABLES)
    count, failed = write_all(Path(output), files)
    out.say(f"{output}: {out.plural(count, 'table')} of {out.plural(reading.tables.count('runs'), 'run')}")
    return out.report_errors([*reading.errors, *failed])


def write_logs(place: str, where: str | None, folder: Path) -> int:
    """Write the logs that hold the chosen runs, each with the record beside it."""
    from logreport.archive import Archive
    from logreport.archive.storage.raw import content, last_records
    from logreport.cli import output as out

    archive = Archive(place)
    rows = archive.table("logs")
    if where is not None:
        rows = rows[rows["log_sha256"].isin(archive.runs(where)["log_sha256"])]
    named = names_of(rows.to_dict("records"), last_records(rows["log_sha256"].tolist(), archive.snapshot))
    files = ((name, partial(content, [row], archive.snapshot)) for name, row in named.items())
    count, failed = write_all(folder, files)
    out.say(f"{folder}: {out.plural(count, 'file')}")
    return max(own.finish(archive), out.report_errors(failed))


def write_all(
    folder: Path, files: Iterable[tuple[str, Callable[[], bytes]]]
) -> tuple[int, list[LogreportError]]:
    """Write files by name and what gives their content; how many were written, and why the others were not."""
    from logreport.cli import output as out

    count, failed = 0, list[LogreportError]()
    for name, content in files:
        try:
            out.emit(content(), str(folder / name))
            count += 1
        except LogreportError as error:
            failed.append(error)
        except OSError as error:
            failed.append(out.cannot_write(folder / name, error))
    return count, failed


def names_of(rows: Iterable[Row], records: Mapping[str, str]) -> dict[str, Row]:
    """Logs and records by the names that they get below a folder: no two the same, each record beside its log.

    Args:
        rows: of the table `logs`.
        records: SHA-256 of the record that a log was read with, by that of the log; others get other names.
    """
    named: dict[str, Row] = {}
    taken: set[str] = set()
    logs: dict[str, str] = {}  # the name of each log
    for row in sorted(rows, key=lambda row: (row["kind"] != "log", row["source"], row["added_at"])):
        log, digest = row["log_sha256"], row["sha256"]
        name = beside_of(logs[log], ENDINGS[row["kind"]]) if log in logs else safe(row["source"])
        if log in logs and row["kind"] == "record" and digest != (records.get(log) or digest):
            name = marked(name, digest)
        if name not in named or named[name]["sha256"] != digest:  # two logs may have one record
            name = free(name, digest, taken)
        if row["kind"] == "log":
            logs[log] = name
        named[name] = row
    return named


def free(name: str, sha256: str, taken: set[str]) -> str:
    """A path that is no file and no folder of those that are taken, small letters or large; it is taken then."""
    last = name.rpartition("/")[2]
    for one in (name, marked(name, sha256), f"{sha256[:MARK]}/{last}", f"{sha256}/{last}"):
        folders = [f"{parent}/".casefold() for parent in Path(one).parents]
        if not {one.casefold(), f"{one}/".casefold(), *(folder[:-1] for folder in folders)} & taken:
            break
    taken |= {one.casefold(), *folders}
    return one


def marked(name: str, sha256: str) -> str:
    """A path with a digest in it: `folder/run@1a2b3c4d.log`."""
    folder, slash, last = name.rpartition("/")
    stem, dot, endings = last.partition(".")
    return f"{folder}{slash}{stem}@{sha256[:MARK]}{dot}{endings}"


def safe(source: str) -> str:
    """A path below the folder that can be written, whatever a source was called; a member's is that of a file in a folder."""
    parts = re.split(r"[/\\!]", source.replace("\0", "").replace(":", ""))
    names = [shortened(part) for part in parts if part.strip() not in ("", ".", "..")]
    while len("/".join(names).encode()) > LONGEST_PATH:
        names = names[1:]
    return "/".join(names) or "log"


def shortened(name: str) -> str:
    """A name that every file system takes: of a long one the beginning and the end, and a digest of it."""
    whole = name.encode("utf-8", "replace")
    if len(whole) <= LONGEST_NAME:
        return whole.decode()
    begin, end = (
        part.decode("utf-8", "ignore") for part in (whole[: LONGEST_NAME // 2], whole[-LONGEST_NAME // 4 :])
    )
    return f"{begin}~{digest_of(whole)[:MARK]}~{end}"
