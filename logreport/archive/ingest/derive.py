"""From raw logs to the Parquet files of the tables derived from them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from logreport.archive.storage.layout import DERIVED, Arrow, grammars_hash, one_of, parquet_file, schema_of
from logreport.archive.storage.store import digest_of
from logreport.errors import LogreportError
from logreport.runs.reading import read
from logreport.runs.run import RECIPE
from logreport.sources import Source
from logreport.tables.exporting import arrow_table
from logreport.tables.schema import VERSION
from logreport.tables.tables import place_of
from logreport.version import __version__


class Made(NamedTuple):
    """The tables of some logs, as Arrow tables by name, and the inputs that could not be read."""

    tables: dict[str, Arrow]
    errors: list[LogreportError]

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Each table as a Parquet file: path and content."""
        return (parquet_file(table, rows) for table, rows in self.tables.items())

    @property
    def runs(self) -> int:
        return self.tables["runs"].num_rows if "runs" in self.tables else 0

    def runs_of(self, logs: Collection[str]) -> Arrow:
        rows = self.tables.get("runs", schema_of("runs").empty_table())
        return rows.filter(one_of("log_sha256", logs))


def now() -> datetime:
    """The present as the archive's tables write it: UTC, without saying so."""
    return datetime.now(UTC).replace(tzinfo=None)


def derive(
    sources: Sequence[Source],
    digests: Mapping[str, str],
    grammars: tuple[Path, ...],
    replaces: Mapping[str, str],
) -> Made:
    """Read and judge some logs, each run by itself; what needs two runs is judged when the archive is read.

    Args:
        sources: no two whose `place_of` is the same.
        digests: SHA-256 of each, by `place_of`.
        grammars: the user's folders of grammars.
        replaces: the rows that those of a log take the place of, by its SHA-256.
    """
    from logreport.analysis import analyze

    reading = read(sources, grammars=grammars)
    analyze(reading.tables)
    made = {}
    for table in filter(reading.tables.count, DERIVED):
        columns = dict(reading.tables.columns[table])
        log_of = {source: digests[place_of(source)] for source in set(columns["source"])}
        logs = columns["log_sha256"] = [log_of[source] for source in columns["source"]]
        if table == "lines":
            records = {digests[place_of(source.name)]: source.record() for source in sources}
            columns |= origin_of(logs, records, grammars, replaces)
        made[table] = arrow_table(columns, schema_of(table))
    return Made(made, reading.errors)


def origin_of(
    logs: Sequence[str],
    records: Mapping[str, bytes | None],
    grammars: tuple[Path, ...],
    replaces: Mapping[str, str],
) -> dict[str, list[Any]]:
    """How each of some logs was read, as columns."""
    same = {
        "derived_at": now(),
        "made_by": __version__,
        "schema_version": VERSION,
        "grammars": grammars_hash(grammars),
        "run_id_recipe": RECIPE,
    }
    found: dict[str, list[Any]] = {name: [value] * len(logs) for name, value in same.items()}
    found["record_sha256"] = [None if (text := records.get(log)) is None else digest_of(text) for log in logs]
    found["replaces"] = [replaces.get(log) for log in logs]
    return found
