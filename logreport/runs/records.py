"""Recognised lines as rows of the records: in the order of the lines, each as soon as its run is over."""

import heapq
import itertools
import operator
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from logreport.grammar import Records
from logreport.runs.run import Run, Segmented
from logreport.runs.segmentation.segmenter import Segmenter

Row = dict[str, Any]
TOGETHER = 1 << 12  # rows that are handed on together


class Named(NamedTuple):
    """Records in the order of their lines, with the name and the run_id of their run."""

    source: str
    run_id: str | None
    records: Records

    def rows(self) -> Iterator[Row]:
        """Them as rows, without the lines of a document around its logs."""
        for match in self.records:
            kind = match.leaf.kind
            if self.run_id is not None or kind.partition(".")[0] != "document":
                row = {
                    "source": self.source, "line": match.line, "kind": kind, "run": self.run_id,
                    "fields": match.fields(),
                }  # fmt: skip
                yield row if match.rank is None else {**row, "rank": match.rank}


class RecordRows:
    """The records of one source, each handed on when its run is over, and none before it is still open.

    Args:
        source: the name of the source.
        put: takes rows.
    """

    def __init__(self, source: str, put: Callable[[list[Row]], object]) -> None:
        self.source, self.put = source, put
        self.runs: list[tuple[str, str]] = []  # run_id and source of each
        self.waiting: list[Named] = []

    def take(self, segmenter: Segmenter) -> None:
        """Take over what segmentation will not touch again: all runs that are closed but the last."""
        found = segmenter.found
        closed = found.runs[:-1]
        del found.runs[:-1]
        self.add(closed, found.stray.and_then(found.published).and_then(found.stated))
        found.stray, found.published, found.stated = Records(), Records(), Records()
        held = [run.first_line for run in (*found.runs, segmenter.started, segmenter.run) if run is not None]
        held += segmenter.before[:1].lines
        self.put_before(min(held, default=sys.maxsize))

    def finish(self, found: Segmented) -> None:
        """Hand on all that is left when the source has been read."""
        self.add(
            found.runs, found.loose.and_then(found.stray).and_then(found.published).and_then(found.stated)
        )
        self.put_before(sys.maxsize)

    def add(self, runs: Sequence[Run], others: Records) -> None:
        """Take records in; the runs of a source are `path`, `path#2`, … in the order in which they end."""
        self.waiting.append(Named(self.source, None, others.by_line()))
        for run in runs:
            name = f"{self.source}#{len(self.runs) + 1}" if self.runs else self.source
            run_id = run.run_id()
            self.runs.append((run_id, name))
            self.waiting.append(Named(name, run_id, run.records.by_line()))

    def put_before(self, line: int) -> None:
        """Hand on the records of the lines before one, in their order."""
        ready = [one._replace(records=one.records.before(line)) for one in self.waiting]
        left = [one.records[len(now.records) :] for one, now in zip(self.waiting, ready, strict=True)]
        self.waiting = [
            one._replace(records=rest) for one, rest in zip(self.waiting, left, strict=True) if rest
        ]
        rows = heapq.merge(*(one.rows() for one in ready), key=operator.itemgetter("line"))
        while some := list(itertools.islice(rows, TOGETHER)):
            self.put(some)
