"""Running a script through the launcher, as tests do it: prepare, start, read what it printed."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from logreport.api.reading import read_logs, sources_of
from logreport.runner.judging import succeeded
from logreport.runner.plan import Plan
from logreport.runner.preparation.preparing import prepare
from logreport.scripts import SCRIPTS

OWN = Path(__file__).parents[1] / "runner" / "scripts"  # our own, which stand where the official ones stand
OFFICIAL = os.environ.get("LOGREPORT_OFFICIAL")


@dataclass
class Launched:
    """One run: what was prepared, its exit status, its log, the log's tables, and why it did not succeed."""

    prepared: object
    status: int
    log: Path
    tables: object
    failure: str | None

    @property
    def run(self):
        """The one run of the log."""
        (run,) = self.tables.rows("runs")
        return run

    def steps(self):
        """The steps that were printed, of all phases."""
        return self.tables.columns["steps"]["step"]

    def unread(self):
        """How many lines nothing is known of, or are damaged."""
        return sum(self.tables.columns["lines"]["unknown"] + self.tables.columns["lines"]["malformed"])


def launch(name, *arguments, scratch, source=None, **settings):
    """Run a script to its end; `scratch` holds its log and its private folder."""
    script = SCRIPTS[name]
    source = source or OWN / script.repository
    prepared = prepare(Plan(name, arguments, **settings), source=source, private=scratch / "private")
    log = scratch / f"{name}.log"
    with log.open("wb") as file:
        status = subprocess.run(
            prepared.argv, env={**os.environ, **prepared.environment}, cwd=prepared.folder,
            stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, timeout=300, check=False,
        ).returncode  # fmt: skip
    tables = read_logs(sources_of(log)).tables
    failure = succeeded(script, None if status < 0 else status, tables, prepared.values)
    return Launched(prepared, status, log, tables, failure)
