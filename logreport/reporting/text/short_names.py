"""The folder that all sources share is said once; everywhere else a report names sources without it.

A set-up that only its path tells apart is called by the words of the path that do so.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import cache
from operator import is_
from typing import Any

from logreport.analysis.comparison.pairs import with_names
from logreport.analysis.comparison.repeats import Repeats
from logreport.analysis.results import Comparison, Remark, Side, Speed, Workload
from logreport.tables.findings import changed
from logreport.tables.tables import Tables, shared_folder

_FEW = 4  # words that tell set-ups apart


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

    def comparisons(self, comparisons: Iterable[Comparison]) -> list[Comparison]:
        """The comparisons with every source named in short, and sides by the telling words of a path."""
        return _by_telling_words([self.value(c) for c in comparisons])

    def value(self, value: Any) -> Any:  # noqa: ANN401 -- any result of analysis
        """A result of analysis with every source in it named in short; what names none is the same object."""
        match value:
            case str():
                return self._place(value) if self.folder else value
            case float() | int() | None | Workload() | Speed() | Repeats():
                return value
            case tuple() | list():
                short = [self.value(one) for one in value]
                return value if all(map(is_, short, value)) else type(value)(short)
            case Remark(kind="finding", values=(what, code, details, message)):
                return replace(value, values=(what, code, details and self._details(details), message))
        new = {
            name: short
            for name in _names_of(value.__class__)
            if (short := self.value(old := getattr(value, name))) is not old
        }
        return replace(value, **new) if new else value

    def _details(self, details: str) -> str:
        return changed(details, lambda name, text: self._place(text) if name == "source" else text)

    def _place(self, text: str) -> str:
        """A source, or a folder of one, in short; any other text as it is."""
        return text.removeprefix(self.folder) if text in self._places else text


@cache
def _names_of(kind: type) -> tuple[str, ...]:
    """The fields of results of a kind, where it is one."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


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
        with_names(c, *(short.get((c.workload, side.name), side.name) for side in (c.side, c.baseline)))
        for c in comparisons
    ]


def _ends_with_path(side: Side) -> bool:
    """Whether the last part of a name is the path of the side's log, or of its folder."""
    return len(side.name) > 1 and any(
        side.name[-1] in (source, _folder_of(source)) for source, _ in side.sources
    )
