"""The folder that all sources share is said once; everywhere else a report names sources without it.

A set-up that only its path tells apart is called by the words of the path that do so.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from logreport.analysis.results import Comparison, Side
from logreport.runs.tables import Tables

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


def _without(value: Any, folder: str) -> Any:  # noqa: ANN401 - cells of any column
    return value.replace(folder, "") if isinstance(value, str) else value


def short_tables(tables: Tables, folder: str) -> Tables:
    """The tables with sources, and messages that name them, without the folder; the rest is shared, not copied."""
    if not folder:
        return tables
    short = Tables()
    for name, columns in tables.columns.items():
        short.columns[name] = {
            column: [_without(v, folder) for v in values] if column in ("source", "message") else values
            for column, values in columns.items()
        }
    return short


def _short_side(side: Side, folder: str) -> Side:
    sources = tuple((_without(source, folder), line) for source, line in side.sources)
    return replace(side, label=_without(side.label, folder), sources=sources)


def short_comparisons(comparisons: Sequence[Comparison], folder: str) -> list[Comparison]:
    """The comparisons with every source named without the folder."""
    if not folder:
        return _short_labels(comparisons)
    shorter = [
        replace(
            c,
            baseline=_short_side(c.baseline, folder),
            side=_short_side(c.side, folder),
            why=_without(c.why, folder),
            notes=tuple(_without(note, folder) for note in c.notes),
        )
        for c in comparisons
    ]
    return _short_labels(shorter)


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
