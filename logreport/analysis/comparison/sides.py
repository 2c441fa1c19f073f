"""One side of a comparison: repeats of one set-up on one workload, their speed, their name."""

import math
import posixpath
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence

from logreport.analysis.comparison.pooling import Member
from logreport.analysis.comparison.ratios import LogSpeed, repeated
from logreport.analysis.results import Side, Speed

FRAMEWORKS = {"tensorflow": "TensorFlow", "theano": "Theano"}
# What tells sides apart: the word before it, what it is called where only other sides have it, and where it is found.
_TELLING: tuple[tuple[str, str, Callable[[Member], object]], ...] = (
    ("", "release", lambda m: _release(m.facts.get("framework"), m.facts.get("framework_version"))),
    ("", "XLA", lambda m: _with("XLA", m.facts.get("xla"))),
    ("", "mixed precision", lambda m: _with("mixed precision", m.facts.get("mixed_precision"))),
    ("", "variable update", lambda m: m.facts.get("variable_update")),
    ("", "data format", lambda m: m.facts.get("data_format")),
    ("", "optimizer", lambda m: m.facts.get("optimizer")),
    ("", "distortions", lambda m: _with("distortions", m.facts.get("distortions"))),
    ("", "threads", lambda m: _threads(m.facts.get("threads"))),
    ("", "interconnect", lambda m: m.facts.get("interconnect")),
    ("on ", "host", lambda m: m.facts.get("host")),
    ("", "command", lambda m: m.facts.get("command")),
    ("", "folder", lambda m: posixpath.dirname(_source(m)) or None),
    ("", "log", lambda m: m.phase.row["source"]),
    ("run ", "run", lambda m: m.phase.row["run_id"]),
)


def _release(framework: object, version: object) -> str | None:
    name = FRAMEWORKS.get(str(framework), framework)
    return " ".join(str(known) for known in (name, version) if known is not None) or None


def _threads(count: object) -> str | None:
    return None if count is None else f"{count} thread{'' if str(count) == '1' else 's'}"


def _with(what: str, on: object) -> str | None:
    return None if on is None else what if on else f"no {what}"


def _source(member: Member) -> str:
    return str(member.phase.row["source"])


def names(sides: Sequence[Sequence[Member]]) -> list[tuple[str, ...]]:
    """A name for each side: its label, else its device and as much else as tells the sides apart."""
    if all(side[0].facts.get("label") for side in sides):
        labels: list[tuple[str, ...]] = [(str(side[0].facts["label"]),) for side in sides]
        if len(set(labels)) == len(labels):
            return labels
    return parts_of_names(sides)


def parts_of_names(sides: Sequence[Sequence[Member]]) -> list[tuple[str, ...]]:
    """The device of each side, then as much else as tells the sides apart; what a log does not say is left out.

    Where a name would be the beginning of another one, it says what is not in its log.
    """
    found: list[tuple[str, ...]] = [(f"{_device(side[0])}{batch_of(side[0])}",) for side in sides]
    facts: list[tuple[str, ...]] = [("device",)] * len(found)
    for word, what, of in _TELLING:
        alike: dict[str, list[int]] = defaultdict(list)
        for i, parts in enumerate(found):
            alike[", ".join(parts)].append(i)
        if len(alike) == len(found):
            break
        for at in alike.values():
            values = [of(sides[i][0]) for i in at]
            if len(set(values)) > 1:
                for i, value in zip(at, values, strict=True):
                    if value is not None:
                        found[i], facts[i] = (*found[i], f"{word}{value}"), (*facts[i], what)
    longer: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for name, said in zip(found, facts, strict=True):
        for length in range(1, len(name)):
            longer[name[:length]].add(said[length])
    return [(*name, *_not_said(longer.get(name, ()))) for name in found]


def _not_said(facts: Collection[str]) -> Iterator[str]:
    """What the names of others say and a log does not, as one part of its name."""
    if facts:
        named = (what for _, what, _ in _TELLING if what in facts)
        yield f"{' and '.join(named)} not in the log"


def _device(member: Member) -> object:
    """The device of a run; one whose log names none is told by its log."""
    return member.facts.get("device") or f"unknown device ({posixpath.basename(_source(member))})"


def batch_of(member: Member) -> str:
    """The batch size in brackets, where the workload leaves it open."""
    size = member.facts.get("batch_size") if member.workload.batch_size is None else None
    return f" (batch {size})" if size is not None else ""


def side_of(members: Sequence[Member], *name: str, total: bool = False) -> Side:
    """The side as results show it: geometric mean speed, interval, and where each number comes from.

    The interval of one run is that within it; of several that of their mean, by the spread between them.
    """
    speeds = [(m.end_to_end or m.speed) if total else m.speed for m in members]
    printed = [(m.end_to_end or m.speed) if total else m.as_printed for m in members]
    value = geometric_mean(speeds)
    speed = Speed(value)
    half = None if total else mean_speed(members).half_width()
    if half is not None:
        speed = Speed(value, value * math.exp(-half), value * math.exp(half))
    return Side(
        name=name,
        run_ids=tuple(str(m.phase.row["run_id"]) for m in members),
        sources=tuple((_source(m), int(m.phase.row["line"] or 0)) for m in members),
        speed=speed,
        as_printed=geometric_mean(printed),
        device=members[0].facts.get("device"),
    )


def mean_speed(members: Sequence[Member]) -> LogSpeed:
    """Mean ln speed of some runs with its error; the only one as it is."""
    runs = [m.log_speed for m in members]
    return runs[0] if len(runs) == 1 else repeated([r.value for r in runs], max(r.normal for r in runs))


def geometric_mean(values: Sequence[float]) -> float:
    """Exp of the mean logarithm; a single value comes back unchanged."""
    if len(values) == 1:
        return values[0]
    return math.exp(math.fsum(math.log(v) for v in values) / len(values))
