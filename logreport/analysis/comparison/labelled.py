"""Old against new: each set-up of one label against the same set-up of another, and what only one of them ran."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import takewhile

from logreport.analysis.comparison.pooling import REPEAT, Member, any_batch, differences, pooled
from logreport.analysis.comparison.sides import parts_of_names, side_of
from logreport.analysis.comparison.speedups import comparison_of, geometric_means, verdicts
from logreport.analysis.findings.across_runs import Doubts, remark_on
from logreport.analysis.results import Comparison, Difference, GeometricMean, Remark, Side, Workload

_FACTS = (
    "device", "batch_size", "threads", "host", "framework", "framework_version", "optimizer", "variable_update", "data_format",
)  # fmt: skip
_Runs = Sequence[Member]


@dataclass(frozen=True)
class Matched:
    """A comparison of two labels, with the names of the new set-up and of the old ones that are equally near."""

    comparison: Comparison
    olds: tuple[str, ...]
    new: str


@dataclass(frozen=True)
class Alone:
    """What one label ran and the other did not: nothing can be said about it."""

    workload: Workload
    side: Side
    setup: str
    missing_in: str
    reason: Remark


@dataclass(frozen=True)
class Labelled:
    """All that two or more labels have in common, and what they have not."""

    matched: tuple[Matched, ...]
    alone: tuple[Alone, ...]

    @cached_property
    def means(self) -> tuple[GeometricMean, ...]:
        """Geometric mean of the ratios of each label."""
        return tuple(geometric_means([m.comparison for m in self.matched]))


@dataclass(frozen=True)
class _Match:
    """A set-up of the new label and its partners among the old: none, one, or several that are equally near."""

    new: _Runs
    olds: tuple[_Runs, ...]


def compare_labels(
    found: list[Member],
    doubts: Doubts,
    labels: Mapping[str, str],
    *,
    baseline: str,
    margin: float,
    run_variation: float,
    across_batch_sizes: bool,
) -> Labelled:
    """Compare every other label with the label `baseline`, workload by workload and set-up by set-up.

    Args:
        found: all phases that have a speed and a label.
        doubts: what is known against their runs.
        labels: label of each source.
        baseline: the label that the others are divided by.
        margin: relative difference that is called the same.
        run_variation: relative SD that is assumed from run to run; repeats correct it.
        across_batch_sizes: compare speed per example whatever the batch size.
    """
    if across_batch_sizes:
        found = any_batch(found)
    matched: list[Matched] = []
    alone: list[Alone] = []
    groups = pooled(found)
    for label in dict.fromkeys(name for name in labels.values() if name != baseline):
        for workload, sides in groups.items():
            olds, news = (_of(sides, name) for name in (baseline, label))
            matches = _matches(olds, news) if across_batch_sizes or workload.batch_size is not None else []
            called = _called(olds) | _called(news)
            for match in matches:
                compared = _compared(workload, match, run_variation, doubts)
                near = tuple(called[id(old)] for old in match.olds)
                matched.append(Matched(compared, near, called[id(match.new)]))
            met = {id(side) for match in matches for side in (match.new, *match.olds)}
            for side, other in [(s, label) for s in olds] + [(s, baseline) for s in news]:
                if id(side) not in met:
                    alone.append(_alone(side, called[id(side)], other, found))
    judged = verdicts([pair.comparison for pair in matched], margin)
    pairs = (replace(pair, comparison=c) for pair, c in zip(matched, judged, strict=True))
    return Labelled(tuple(pairs), tuple(dict.fromkeys(alone)))


def _of(sides: Sequence[_Runs], label: str) -> list[_Runs]:
    return [side for side in sides if side[0].facts.get("label") == label]


def setups(sides: Sequence[_Runs]) -> list[tuple[str, ...]]:
    """The device of each set-up, and what tells it from the others, whatever its label; logs by their stem."""
    found = parts_of_names(sides)
    short = [
        tuple(_stem(side[0]) if part == side[0].facts.get("source") else part for part in parts)
        for side, parts in zip(sides, found, strict=True)
    ]
    return short if len(set(short)) == len(short) else found


def _called(sides: Sequence[_Runs]) -> dict[int, str]:
    """The names of the set-ups of one label, by identity."""
    return {id(side): ", ".join(parts) for side, parts in zip(sides, setups(sides), strict=True)}


def _matches(olds: Sequence[_Runs], news: Sequence[_Runs]) -> list[_Match]:
    """The nearest old set-up of each new one; a set-up whose partner has a nearer one on its device stays alone."""
    if not olds:
        return []
    best = [max(_nearness(new, old) for old in olds) for new in news]
    found = []
    for new, near in zip(news, best, strict=True):
        partners = tuple(old for old in olds if _nearness(new, old) == near)
        rivals = [n for other in news if other is not new for n in [_nearness(other, partners[0])]]
        if not any(n > near and n[0] for n in rivals):
            found.append(_Match(new, partners))
    return found


def _nearness(a: _Runs, b: _Runs) -> tuple[bool, int, bool, int]:
    """How much two set-ups share: the device first, then facts, the command, the end of the path."""
    one, two = a[0].facts, b[0].facts
    return (
        one.get("device") == two.get("device"),
        sum(one.get(name) == two.get(name) for name in _FACTS),
        one.get("command") == two.get("command"),
        _shared_end(a[0], b[0]),
    )


def _shared_end(a: Member, b: Member) -> int:
    """How many parts two paths share, counted from the end: old/xla/run1.log and new/xla/run2.log share two."""
    one, two = ([_stem(m), *reversed(_folders(m))] for m in (a, b))
    same = (x == y for x, y in zip(one, two, strict=False))
    return sum(1 for _ in takewhile(bool, same))


def _folders(member: Member) -> list[str]:
    return posixpath.dirname(str(member.facts.get("source"))).split("/")


def _stem(member: Member) -> str:
    """The name of a log without its folder, its running number and its ending."""
    return REPEAT.sub("", posixpath.splitext(posixpath.basename(str(member.facts.get("source"))))[0])


def _compared(workload: Workload, match: _Match, run_variation: float, doubts: Doubts) -> Comparison:
    """One new set-up against its partner; "not comparable" where a number of them does not count."""
    new, old = match.new, match.olds[0]
    labels = str(old[0].facts["label"]), str(new[0].facts["label"])
    c = comparison_of(workload, (old, labels[:1]), (new, labels[1:]), run_variation)
    reason = next(_reasons(match, labels, doubts), None)
    if reason is not None:
        c = Comparison.impossible(workload, c.baseline, c.side, reason)
    return replace(c, remarks=(*c.remarks, *_changed(old, new), *doubts.between(old, new)))


def _reasons(match: _Match, labels: tuple[str, str], doubts: Doubts) -> Iterator[Remark]:
    """Why two set-ups cannot be compared, if they cannot."""
    new, old = match.new, match.olds[0]
    if len(match.olds) > 1:
        yield Remark("equally-near", (labels[0], *_called(match.olds).values()))
    ids = [{m.phase.row["run_id"] for m in side} for side in (old, new)]
    if ids[0] & ids[1]:
        yield Remark("same-run")
    if network := doubts.other_network(old, new):
        yield network
    for label, side in zip(labels, (old, new), strict=True):
        for member in side:
            for row in doubts.errors(member):
                yield remark_on(label, row)


def _changed(old: _Runs, new: _Runs) -> tuple[Remark, ...]:
    """What else differs between two set-ups; of their commands, the words that only one of them has."""
    one, two = old[0].facts, new[0].facts
    found = [Difference(n, two.get(n), one.get(n)) for n in _FACTS if one.get(n) != two.get(n)]
    if one.get("command") and two.get("command"):
        words = [str(facts["command"]).split() for facts in (one, two)]
        theirs, ours = (" ".join(w for w in words[i] if w not in words[1 - i]) for i in (0, 1))
        if theirs or ours:
            found.append(Difference("command", ours, theirs))
    return (Remark("set-ups-differ", tuple(found)),) if found else ()


def _alone(side: _Runs, setup: str, other: str, found: _Runs) -> Alone:
    """A set-up without a partner, and what the nearest run of the other label has instead."""
    member = side[0]
    made = side_of(side, str(member.facts["label"]))
    benchmark = member.workload.benchmark
    near = [m for m in found if m.facts.get("label") == other and m.workload.benchmark == benchmark]
    if member.facts["batch_size"] is None:
        reason = Remark("no-batch-size")
    elif near:
        unlike = min((differences(member.workload, m.workload) for m in near), key=len)
        reason = Remark("nearest", (other, *unlike))
    else:
        reason = Remark("no-benchmark", (other, benchmark))
    return Alone(member.workload, made, setup, other, reason)
