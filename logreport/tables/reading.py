"""What was read: the tables of all sources, and beside them the inputs that could not be read."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from logreport.errors import LogreportError
from logreport.tables.secrets import hidden
from logreport.tables.tables import Tables

if TYPE_CHECKING:
    from logreport.tables.redactor import Redactor


@dataclass
class Reading:
    """What was read: tables, errors of inputs that could not be read, and records where they were asked for."""

    tables: Tables = field(default_factory=Tables)
    errors: list[LogreportError] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    redactor: "Redactor | None" = None  # what took the names out, where that was asked for

    @property
    def failure(self) -> LogreportError | None:
        """The first input that failed; what was left out is no failure, unless there is nothing else."""
        failed = [error for error in self.errors if error.exit_status]
        return next(iter(failed if self.tables.count("lines") else [*failed, *self.errors]), None)

    def redact(self) -> None:
        """Take the names of people and machines out of the tables, records and errors."""
        from logreport.tables.redaction import redact

        self.redactor = redact(self.tables, self.records)
        for values in self.tables.tags.values():
            values |= {run_id: value and self.redactor.text(value) for run_id, value in values.items()}
        for error in self.errors:
            error.args = (self.said(str(error)),)

    def said(self, text: str) -> str:
        """A text beside the tables (a command, an error) as it may be written."""
        return hidden(text) if self.redactor is None else self.redactor.text(hidden(text))

    def extend(self, other: "Reading") -> None:
        """Take in what another part of the sources held."""
        self.tables.extend(other.tables)
        self.errors.extend(other.errors)
        self.records.extend(other.records)
