"""The folder that all sources share is said once; everywhere else a report names sources without it.

A set-up that only its path tells apart is called by the words of the path that do so.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

from logreport.analysis.comparison.pairs import with_names
from logreport.analysis.results import Comparison, Remark, Side, Workload
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
        in_short = {"source": self.place, "details": self._details}
        short = Tables()
        for name, columns in tables.columns.items():
            short.columns[name] = {
                column: [v and in_short[column](v) for v in values] if column in in_short else values
                for column, values in columns.items()
            }
        return short

    def comparisons(self, comparisons: Sequence[Comparison]) -> list[Comparison]:
        """The comparisons with sides that are called by a path called by its telling words; places are as they were."""
        alike: dict[tuple[Workload, tuple[str, ...]], dict[str, None]] = defaultdict(dict)
        for c in comparisons:
            for side in (c.baseline, c.side):
                if self._ends_with_path(side):
                    name = tuple(map(self.place, side.name))
                    alike[c.workload, name[:-1]][name[-1]] = None
        short: dict[tuple[Workload, tuple[str, ...]], tuple[str, ...]] = {}
        for (about, head), paths in alike.items():
            for path, told in zip(paths, telling_words([*paths]), strict=True):
                short[about, (*head, path)] = (*head[:-1], f"{head[-1]} ({told})") if told else head

        def called(c: Comparison, side: Side) -> tuple[str, ...]:
            name = tuple(map(self.place, side.name))
            return short.get((c.workload, name), name) if name[1:] else name

        return [with_names(c, called(c, c.side), called(c, c.baseline)) for c in comparisons]

    def _ends_with_path(self, side: Side) -> bool:
        """Whether the last part of a name is the path of the side's log, or of its folder."""
        sources = (self.place(source) for source, _ in side.sources) if len(side.name) > 1 else ()
        return any(self.place(side.name[-1]) in (source, _folder_of(source)) for source in sources)

    def comparison(self, c: Comparison) -> Comparison:
        """A comparison with the places of its numbers in short."""
        sides = (c.side, c.baseline)
        side, base = (s._replace(sources=tuple((self.place(a), n) for a, n in s.sources)) for s in sides)
        return c._replace(side=side, baseline=base)

    def remark(self, remark: Remark) -> Remark:
        """A remark with places in short."""
        values = (self.place(one) if isinstance(one, str) else one for one in remark.values)
        return remark._replace(values=tuple(values))

    def _details(self, details: str) -> str:
        return changed(details, lambda name, text: self.place(text) if name == "source" else text)

    def place(self, text: str) -> str:
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
