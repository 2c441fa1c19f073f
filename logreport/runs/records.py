"""Recognised lines as rows of the records: in the order of the lines, each as soon as its run is over."""

import bisect
from collections.abc import Callable, Sequence
from typing import Any

from logreport.grammar import Match, Records
from logreport.runs.run import Run, Segmented
from logreport.runs.segmentation.segmenter import Segmenter

Row = dict[str, Any]


class RecordRows:
    """The records of one source, each handed on when its run is over, and none before it is still open.

    Args:
        source: the name of the source.
        put: takes rows.
    """

    def __init__(self, source: str, put: Callable[[list[Row]], object]) -> None:
        self.source, self.put = source, put
        self.runs: list[tuple[str, str]] = []  # run_id and source of each
        self.waiting: list[tuple[int, int, Row]] = []  # line, a number that keeps their order, row
        self.count = 0

    def take(self, segmenter: Segmenter) -> None:
        """Take over what segmentation will not touch again: all runs that are closed but the last."""
        found = segmenter.found
        closed = found.runs[:-1]
        del found.runs[:-1]
        self.add(closed, found.stray.and_then(found.published).and_then(found.stated))
        found.stray, found.published, found.stated = Records(), Records(), Records()
        held = [run.first_line for run in (*found.runs, segmenter.started, segmenter.run) if run is not None]
        held += segmenter.before[:1].lines
        self.put_before(min(held) if held else None)

    def finish(self, found: Segmented) -> None:
        """Hand on all that is left when the source has been read."""
        self.add(
            found.runs, found.loose.and_then(found.stray).and_then(found.published).and_then(found.stated)
        )
        self.put_before(None)

    def add(self, runs: Sequence[Run], others: Records) -> None:
        """Take records in; the runs of a source are `path`, `path#2`, … in the order in which they end."""
        for match in others:
            if match.leaf.kind.partition(".")[0] != "document":
                self.keep(match, self.source, None)
        for run in runs:
            name = f"{self.source}#{len(self.runs) + 1}" if self.runs else self.source
            run_id = run.run_id()
            self.runs.append((run_id, name))
            for match in run.records:
                self.keep(match, name, run_id)

    def keep(self, match: Match, source: str, run_id: str | None) -> None:
        """Keep one record until its turn comes."""
        row = {
            "source": source, "line": match.line, "kind": match.leaf.kind, "run": run_id, "fields": match.fields(),
        }  # fmt: skip
        if match.rank is not None:
            row["rank"] = match.rank
        self.waiting.append((match.line, self.count, row))
        self.count += 1

    def put_before(self, line: int | None) -> None:
        """Hand on the records of the lines before one, in their order; all of them where none is given."""
        self.waiting.sort()
        end = len(self.waiting) if line is None else bisect.bisect_left(self.waiting, (line,))
        self.put([row for _, _, row in self.waiting[:end]])
        del self.waiting[:end]
