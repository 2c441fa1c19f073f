"""The folder that all sources share is said once; everywhere else a report names sources without it.

A set-up that only its path tells apart is called by the words of the path that do so.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from logreport.analysis.results import Comparison, Side, Workload
from logreport.tables.tables import Tables, shared_folder

_IN_NAME = re.compile(r"[\w/-]")  # goes on with the name of a file
_FEW = 4  # words that tell set-ups apart


class Shortening:
    """Names the sources of some tables without the folder that they share.

    In a text a place is shortened only where it is one of these sources, or a folder of one: what merely looks like
    the folder stays.
    """

    def __init__(self, tables: Tables) -> None:
        self.folder = shared_folder(source for source in tables.columns["lines"]["source"] if source)
        known = {
            source for columns in tables.columns.values() for source in columns.get("source", ()) if source
        }
        known |= {source.rpartition("/")[0] for source in known}
        self._names = {name.removeprefix(self.folder) for name in known if name.startswith(self.folder)}
        self._lengths = sorted({len(name) for name in self._names}, reverse=True)

    def tables(self, tables: Tables) -> Tables:
        """The tables with sources, and messages that name them, in short; the rest is shared, not copied."""
        if not self.folder:
            return tables
        in_short = {"source": self._place, "message": self._text}
        short = Tables()
        for name, columns in tables.columns.items():
            short.columns[name] = {
                column: [v and in_short[column](v) for v in values] if column in in_short else values
                for column, values in columns.items()
            }
        return short

    def comparisons(self, comparisons: Iterable[Comparison]) -> list[Comparison]:
        """The comparisons with every source named in short, and labels by the telling words of a path."""
        return _short_labels([self.value(c) for c in comparisons])

    def value(self, value: Any) -> Any:  # noqa: ANN401 -- any result of analysis
        """A result of analysis with every source in it named in short; what names none is the same object."""
        match value:
            case str():
                return self._text(value) if self.folder else value
            case tuple() | list():
                short = [self.value(one) for one in value]
                return value if all(a is b for a, b in zip(short, value, strict=True)) else type(value)(short)
            case Workload():
                return value
            case _ if is_dataclass(value) and not isinstance(value, type):
                own = {field.name: getattr(value, field.name) for field in fields(value)}
                changed = {name: new for name, old in own.items() if (new := self.value(old)) is not old}
                return replace(value, **changed) if changed else value
        return value

    def _place(self, source: str) -> str:
        return source.removeprefix(self.folder)

    def _text(self, text: str) -> str:
        """A text with the sources in it in short."""
        parts, at = [], 0
        while (found := text.find(self.folder, at)) >= 0:
            parts.append(text[at:found])
            at = found + len(self.folder)
            if not self._is_known(text, found, at):
                parts.append(self.folder)
        return "".join([*parts, text[at:]]) if parts else text

    def _is_known(self, text: str, start: int, end: int) -> bool:
        """Whether the folder at a place of a text begins a source, and is no piece of another word."""
        if _IN_NAME.match(text[start - 1 : start]):
            return False
        names = (n for n in self._lengths if text[end : end + n] in self._names)
        return any(not _IN_NAME.match(text[end + n : end + n + 1]) for n in names)


def _path_in(side: Side) -> str:
    """The path at the end of a label: that of the side's log, or of its folder; empty where there is none."""
    paths = [path for source, _ in side.sources for path in (source, source.rpartition("/")[0])]
    return next((path for path in paths if path and side.label.endswith(f", {path}")), "")


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


def _short_labels(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """The comparisons, with labels that name the telling words of a path and not the whole of it."""
    sides = {(c.workload, side.label): side for c in comparisons for side in (c.baseline, c.side)}
    alike: dict[tuple[object, str], list[tuple[str, str]]] = defaultdict(list)
    for (workload, label), side in sides.items():
        if path := _path_in(side):
            alike[workload, label.removesuffix(f", {path}")].append((label, path))
    short: dict[tuple[object, str], str] = {}
    for (about, head), labels in alike.items():
        for (label, _), told in zip(labels, telling_words([path for _, path in labels]), strict=True):
            short[about, label] = f"{head} ({told})" if told else head
    return [
        replace(
            c,
            baseline=replace(c.baseline, label=short.get((c.workload, c.baseline.label), c.baseline.label)),
            side=replace(c.side, label=short.get((c.workload, c.side.label), c.side.label)),
        )
        for c in comparisons
    ]
