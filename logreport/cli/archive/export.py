"""`logreport archive export`: tables, or the logs themselves, to a folder."""

from pathlib import Path

import click

from logreport.cli import options
from logreport.cli.archive import options as own

FORMATS = ("csv", "json", "jsonl", "parquet")
EPILOG = """\b
Examples:
  logreport archive export -o out                                     every table as CSV
  logreport archive export --where "device_kind = 'gpu'" --format parquet -o gpu
  logreport archive export --logs -o logs                             the logs as they were added

A log goes below the folder under the path where it was added, a second one of that path
under another name. Files that are there are replaced. Logs hold whatever secrets were printed
into them; tables never do."""


@click.command("export", epilog=EPILOG)
@own.where
@own.place
@click.option("--format", "form", type=click.Choice(FORMATS), default="csv", show_default=True)
@click.option("--logs", is_flag=True, help="Logs, and the records beside them, instead of tables.")
@options.redact
@click.option("-o", "--output", metavar="FOLDER", required=True, help="Write here.")
def command(
    where: str | None, place: str, form: str, logs: bool, redact: bool, output: str,  # noqa: FBT001 - click's flags
) -> int:  # fmt: skip
    """Write the tables of an archive, or its logs, to a FOLDER."""
    from logreport import api
    from logreport.cli import output as out
    from logreport.runs.exporting import EXPORTERS
    from logreport.runs.schema import TABLES

    if logs:
        if redact:
            raise click.UsageError("logs are written as they were added; --redact is for tables")
        return _write_logs(place, where, Path(output))
    reading = api.read_archive(place, where, redact=redact)
    for name in TABLES:
        out.write_file(Path(output) / f"{name}.{form}", EXPORTERS[form](reading, [name]))
    out.say(f"{output}: {len(TABLES)} tables of {out.plural(reading.tables.count('runs'), 'run')}")
    return out.report_errors(reading.errors)


def _write_logs(place: str, where: str | None, folder: Path) -> int:
    """Write the logs that hold the chosen runs, each with the record beside it."""
    from logreport.archive import Archive
    from logreport.archive.raw import content
    from logreport.cli import output as out
    from logreport.errors import ArchiveError

    archive = Archive(place)
    rows = archive.table("logs")
    if where is not None:
        rows = rows[rows["log_sha256"].isin(archive.runs(where)["log_sha256"])]
    taken: set[str] = set()
    failed: list[ArchiveError] = []
    for row in rows.sort_values(["source", "added_at"]).to_dict("records"):
        try:
            text = content([{str(key): value for key, value in row.items()}], archive.snapshot)
        except ArchiveError as error:
            failed.append(error)
            continue
        name = safe(row["source"])
        if name in taken:
            path = Path(name)
            name = str(path.with_name(f"{path.stem}@{row['sha256'][:8]}{path.suffix}"))
        taken.add(name)
        out.write_file(folder / name, text)
    out.say(f"{folder}: {out.plural(len(taken), 'file')}")
    return max(own.finish(archive), out.report_errors(failed))


def safe(source: str) -> str:
    """A path below the folder, whatever a source was called."""
    parts = [part.replace("\0", "") for part in source.replace("\\", "/").replace(":", "").split("/")]
    return "/".join(part for part in parts if part not in ("", ".", "..")) or "log"
