"""The views of an archive and their columns, each with its unit and what it says."""

from collections.abc import Mapping

from logreport.archive.queries.results import RESULTS
from logreport.archive.storage.layout import COLUMNS, KEPT
from logreport.tables.schema import FLAG, REAL, TEXT, TIME, WHOLE, Column

# What DuckDB calls a type, by the dtype of the schema.
SQL_TYPES = {TEXT: "VARCHAR", WHOLE: "BIGINT", REAL: "DOUBLE", FLAG: "BOOLEAN", TIME: "TIMESTAMP"}
TAG = Column(
    "tag", "STRUCT", "", "tags of the run, such as `tag.room`: what was last said of it, else of its log"
)
_FACT = {column.name: column for column in KEPT["facts"]}

VIEWS: Mapping[str, tuple[Column, ...]] = {
    "results": (*(result.column for result in RESULTS), TAG),
    **{name: (*columns, *(TAG,) * (name == "runs")) for name, columns in COLUMNS.items()},
    "tags": tuple(_FACT[name] for name in ("log_sha256", "run_id", "key", "value", "said_at")),
    "notes": (_FACT["log_sha256"], _FACT["run_id"], Column("note", TEXT, "", "the note"), _FACT["said_at"]),
}
MEANINGS: Mapping[str, str] = {
    "results": "a row for each phase of each run, with all that is known of its run, device and set-up",
    "runs": "a row for each run of each log",
    "phases": "a row for each phase of a run that was measured",
    "steps": "a row for each step line",
    "devices": "a row for each time that a log names a device",
    "telemetry": "what each quantity of a device came to over a run",
    "samples": "a row for each time that the runner looked at a device",
    "layers": "layers of networks, as logs print them",
    "environment": "what logs and records say of machines and set-ups",
    "evaluations": "a row for each evaluation",
    "published": "numbers that documents publish",
    "findings": "what is to be said against runs and logs, each by itself",
    "lines": "a row for each log: its ledger of lines, and how its rows were made",
    "logs": "a row for each log, and for what its runner kept beside it",
    "facts": "all that was ever said of logs and runs",
    "tags": "the tags that hold now",
    "notes": "the notes about logs and runs",
}
