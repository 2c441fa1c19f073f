"""The folder that all sources share is said once; everywhere else a report names sources without it.

A set-up that only its path tells apart is called by the words of the path that do so.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from logreport.analysis.results import Comparison, Remark, Side, Workload
from logreport.tables.findings import changed
from logreport.tables.tables import Tables

_FEW = 4  # words that tell set-ups apart


def shared_folder(sources: Iterable[str]) -> str:
    """The leading folders that all sources share, with a slash at the end; empty where there are none.

    >>> shared_folder(["a/b/x.log", "a/b/c/y.log"])
    'a/b/'
    """
    parts = [source.split("/")[:-1] for source in sources]
    if not parts:
        return ""
    shared = parts[0]
    for other in parts[1:]:
        same = [a == b for a, b in zip(shared, other, strict=False)]
        shared = shared[: same.index(False) if False in same else len(same)]
    folder = "".join(f"{part}/" for part in shared)
    return folder if folder.strip("/") else ""


class Shortening:
    """Names the sources of some tables, and their folders, without the folder that they share."""

    def __init__(self, tables: Tables) -> None:
        self.folder = shared_folder(source for source in tables.columns["lines"]["source"] if source)
        known = {
            source for columns in tables.columns.values() for source in columns.get("source", ()) if source
        }
        self._places = known | set(map(_folder_of, known))

    def tables(self, tables: Tables) -> Tables:
        """The tables with sources in short, those that findings name too; the rest is shared, not copied."""
        if not self.folder:
            return tables
        in_short = {"source": self._place, "details": self._details}
        short = Tables()
        for name, columns in tables.columns.items():
            short.columns[name] = {
                column: [v and in_short[column](v) for v in values] if column in in_short else values
                for column, values in columns.items()
            }
        return short

    def comparisons(self, comparisons: Sequence[Comparison]) -> list[Comparison]:
        """The comparisons with every source named in short, and sides by the telling words of a path."""
        short = [
            replace(
                c,
                baseline=self._side(c.baseline),
                side=self._side(c.side),
                remarks=tuple(map(self._remark, c.remarks)),
            )
            for c in comparisons
        ]
        return _by_telling_words(short)

    def _side(self, side: Side) -> Side:
        sources = tuple((self._place(source), line) for source, line in side.sources)
        return replace(side, name=tuple(map(self._place, side.name)), sources=sources)

    def _remark(self, remark: Remark) -> Remark:
        """A remark with the sources that it holds in short."""
        if remark.kind == "finding":
            what, code, details, message = remark.values
            return replace(remark, values=(what, code, details and self._details(details), message))
        return replace(
            remark, values=tuple(self._place(v) if isinstance(v, str) else v for v in remark.values)
        )

    def _details(self, details: str) -> str:
        return changed(details, lambda name, text: self._place(text) if name == "source" else text)

    def _place(self, text: str) -> str:
        """A source, or a folder of one, in short; any other text as it is."""
        return text.removeprefix(self.folder) if text in self._places else text


def _folder_of(source: str) -> str:
    return source.rpartition("/")[0]


def telling_words(paths: Sequence[str]) -> list[str]:
    """What tells paths apart, in words; the paths themselves where words do not.

    >>> telling_words(["cpu-1-thread.log", "cpu-2-threads.log"])
    ['1 thread', '2 threads']
    >>> telling_words(["TF1_15.logs", "TF1_15_XLA.logs"])
    ['', 'XLA']
    """
    words = [re.findall(r"[^-_./ ]+", path) for path in paths]
    least = min(map(len, words), default=0)
    front = next((i for i in range(least) if len({w[i] for w in words}) > 1), least)
    back = next((i for i in range(least - front) if len({w[-1 - i] for w in words}) > 1), least - front)
    between = [w[front : len(w) - back] for w in words]
    if not all(between) or max(map(len, between)) > _FEW:
        shared = set(words[0]).intersection(*words[1:])
        between = [[word for word in w if word not in shared] for w in words]
    told = [" ".join(w) for w in between]
    return told if len(set(told)) == len(paths) > 1 else list(paths)


def _by_telling_words(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """The comparisons, with sides that are called by the telling words of a path and not by the whole of it."""
    sides = {(c.workload, side.name): side for c in comparisons for side in (c.baseline, c.side)}
    alike: dict[tuple[Workload, tuple[str, ...]], list[str]] = defaultdict(list)
    for (workload, name), side in sides.items():
        if _ends_with_path(side):
            alike[workload, name[:-1]].append(name[-1])
    short: dict[tuple[Workload, tuple[str, ...]], tuple[str, ...]] = {}
    for (about, head), paths in alike.items():
        for path, told in zip(paths, telling_words(paths), strict=True):
            short[about, (*head, path)] = (*head[:-1], f"{head[-1]} ({told})") if told else head
    return [
        replace(
            c,
            baseline=replace(c.baseline, name=short.get((c.workload, c.baseline.name), c.baseline.name)),
            side=replace(c.side, name=short.get((c.workload, c.side.name), c.side.name)),
        )
        for c in comparisons
    ]


def _ends_with_path(side: Side) -> bool:
    """Whether the last part of a name is the path of the side's log, or of its folder."""
    return len(side.name) > 1 and any(
        side.name[-1] in (source, _folder_of(source)) for source, _ in side.sources
    )
