"""Old against new: each set-up of one label against the same set-up of another, and what only one of them ran."""

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import takewhile
from typing import NamedTuple

from logreport.analysis.comparison.doubts import Doubts, remark_on
from logreport.analysis.comparison.likeness import FACTS, SAID, facts_of, nearness, unlike
from logreport.analysis.comparison.pooling import PUBLISHED, REPEAT, Member, any_batch, differences
from logreport.analysis.comparison.set_ups import SetUp, pooled
from logreport.analysis.comparison.sides import parts_of_names
from logreport.analysis.comparison.speedups import comparison_of, geometric_means, verdicts
from logreport.analysis.comparison.terms import Terms
from logreport.analysis.measurement.phases import Row
from logreport.analysis.results import Comparison, Difference, GeometricMean, Remark, Side, Workload
from logreport.errors import UsageError

_COMPARED = ("device", "batch_size", *FACTS, *SAID)


@dataclass(frozen=True)
class Matching:
    """By which facts set-ups meet.

    Args:
        ignore: facts that do not count: neither do they keep set-ups apart.
        match: facts that must be the same, also where others could be nearer.
    """

    ignore: tuple[str, ...] = ()
    match: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The facts that count."""
        return tuple(name for name in FACTS if name not in self.ignore)

    def check(self) -> None:
        """Refuse what is no fact.

        Raises:
            UsageError: then.
        """
        known = ("device", *FACTS, *SAID)
        if wrong := [name for name in (*self.ignore, *self.match) if name not in known]:
            raise UsageError(f"{', '.join(wrong)}: no fact of a set-up", todo=f"choose of {', '.join(known)}")
        if both := set(self.ignore) & set(self.match):
            raise UsageError(
                f"{', '.join(sorted(both))} cannot be ignored and matched at once", todo="choose one"
            )

    def without(self, member: Member) -> Member:
        """A run without the facts that do not count, but for its device, by which it is called."""
        left = {name: None for name in self.ignore if name != "device"}
        return replace(member, facts={**member.facts, **left}) if left else member

    def allows(self, ours: Row, theirs: Row) -> bool:
        """Whether two set-ups agree in what must be the same."""
        return all(ours.get(name) == theirs.get(name) for name in self.match)

    def key(self, side: SetUp) -> object:
        """What a set-up is, whatever its folder: device, facts, batch size, host, and the command where there is one."""
        facts = side[0].facts
        is_alone = facts.get("command") or facts.get("device") is None or facts["status_reason"] == PUBLISHED
        return (
            facts.get("device"),
            facts_of(facts),
            facts.get("batch_size"),
            facts.get("host"),
            _stem(side[0]),
            id(side) if is_alone else None,
        )


ALL_FACTS = Matching()


@dataclass(frozen=True)
class Matched:
    """A comparison of two labels, with the names of the new set-up and of the old ones that are equally near."""

    comparison: Comparison
    olds: tuple[str, ...]
    new: str


class Alone(NamedTuple):
    """What one label ran and the other did not: nothing can be said about it."""

    workload: Workload
    side: Side
    setup: str
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

    new: SetUp
    olds: tuple[SetUp, ...]


def compare_labels(
    found: list[Member],
    doubts: Doubts,
    labels: Mapping[str, str],
    terms: Terms,
    *,
    matching: Matching,
    gated: bool,
) -> Labelled:
    """Compare every other label with the baseline's, workload by workload and set-up by set-up.

    Set-ups meet by what is known of them: the same device, then the fewest facts that differ, then the fewest that only
    one of them has. Runs without a command line that differ in no fact are repeats of one set-up, unless the ends of
    their paths pair them with those of the other label, one by one.

    Args:
        found: all phases that have a speed and a label.
        doubts: what is known against their runs.
        labels: label of each source.
        terms: how they are compared; the baseline is a label.
        matching: the facts that do not count, and those that must be the same.
        gated: whether a limit is held against the verdicts; then two devices are not comparable.

    Raises:
        UsageError: for a fact that runs do not have.
    """
    matching.check()
    baseline = terms.baseline or ""
    found = [matching.without(m) for m in found]
    if terms.across_batch_sizes:
        found = any_batch(found)
    matched: list[Matched] = []
    alone: list[Alone] = []
    groups = pooled(found)
    for label in dict.fromkeys(name for name in labels.values() if name != baseline):
        for workload, sides in groups.items():
            old_sides, new_sides = (_of(sides, name) for name in (baseline, label))
            comparable = terms.across_batch_sizes or workload.batch_size is not None
            olds, news, matches = (
                _matches(old_sides, new_sides, matching) if comparable else (old_sides, new_sides, [])
            )
            called = _called(olds) | _called(news)
            for match in matches:
                reason = _other_device(match) if gated and "device" not in matching.ignore else None
                compared = _compared(workload, match, terms.run_variation, doubts, reason)
                near = tuple(called[id(old)] for old in match.olds)
                matched.append(Matched(compared, near, called[id(match.new)]))
            met = {id(side) for match in matches for side in (match.new, *match.olds)}
            for side, other in [(s, label) for s in olds] + [(s, baseline) for s in news]:
                if id(side) not in met:
                    alone.append(_alone(side, called[id(side)], other, found))
    judged = verdicts([pair.comparison for pair in matched], terms.margin)
    pairs = (replace(pair, comparison=c) for pair, c in zip(matched, judged, strict=True))
    return Labelled(tuple(pairs), tuple(dict.fromkeys(alone)))


def _of(sides: Sequence[SetUp], label: str) -> list[SetUp]:
    return [side for side in sides if side[0].facts.get("label") == label]


def setups(sides: Sequence[SetUp]) -> list[tuple[str, ...]]:
    """The device of each set-up, and what tells it from the others, whatever its label; logs by their stem."""
    found = parts_of_names(sides)
    short = [
        tuple(_stem(side[0]) if part == side[0].facts.get("source") else part for part in parts)
        for side, parts in zip(sides, found, strict=True)
    ]
    return short if len(set(short)) == len(short) else found


def _called(sides: Sequence[SetUp]) -> dict[int, str]:
    """The names of the set-ups of one label, by identity."""
    return {id(side): ", ".join(parts) for side, parts in zip(sides, setups(sides), strict=True)}


def _matches(
    olds: Sequence[SetUp], news: Sequence[SetUp], matching: Matching
) -> tuple[list[SetUp], list[SetUp], list[_Match]]:
    """The set-ups of two labels, and the nearest old one of each new one.

    A set-up stays alone whose partner is that of a nearer one on its device.
    """
    olds, news = _apart(olds, news, matching), _apart(news, olds, matching)
    nearest = {}  # of each new set-up how near its partners are, and these
    for new in news:
        far = [
            (_nearness(new, old, matching), old)
            for old in olds
            if matching.allows(new[0].facts, old[0].facts)
        ]
        if far:
            least = min(key for key, _ in far)
            nearest[id(new)] = least, tuple(old for key, old in far if key == least)
    found = []
    for new in (new for new in news if id(new) in nearest):
        least, partners = nearest[id(new)]
        rivals = [key for key, own in nearest.values() if own[0] is partners[0]]
        if not any(key < least and not key[0] for key in rivals):
            found.append(_Match(new, partners))
    return olds, news, found


def _apart(sides: Sequence[SetUp], others: Sequence[SetUp], matching: Matching) -> list[SetUp]:
    """The set-ups of one label; those that only their folders tell apart are one.

    They stay apart where the ends of their paths tell which of the other label each belongs to.
    """
    groups: dict[object, list[SetUp]] = defaultdict(list)
    for side in sides:
        groups[matching.key(side)].append(side)
    found: list[SetUp] = []
    for group in groups.values():
        facts = group[0][0].facts
        same = [
            o for o in others if not o[0].facts.get("command") and o[0].facts["device"] == facts["device"]
        ]
        far = [nearness(facts, other[0].facts, matching.names) for other in same]
        like = [other for other, how_far in zip(same, far, strict=True) if how_far == min(far)]
        if len(group) > 1 and not facts.get("command") and not _paired(group, like):
            found.append(SetUp(m for side in group for m in side))
        else:
            found += group
    return found


def _paired(ours: Sequence[SetUp], theirs: Sequence[SetUp]) -> bool:
    """Whether the ends of their paths pair some set-ups with others, one by one."""
    best, back = ([_only_best(a, others) for a in own] for own, others in ((ours, theirs), (theirs, ours)))
    mutual = sum(j is not None and back[j] == i for i, j in enumerate(best))
    return mutual >= min(len(ours), len(theirs)) > 0


def _only_best(one: SetUp, others: Sequence[SetUp]) -> int | None:
    """Index of the set-up whose path shares its end with that of one; None where there is none, or several."""
    ends = [_shared_end(one[0], other[0]) for other in others]
    most = max(ends, default=0)
    return ends.index(most) if most and ends.count(most) == 1 else None


def _nearness(a: SetUp, b: SetUp, matching: Matching) -> tuple[int, ...]:
    """How far two set-ups are apart: the device first, then facts, the command, the end of the path."""
    one, two = a[0].facts, b[0].facts
    facts = nearness(one, two, (*matching.names, "batch_size"))
    host = nearness(one, two, [name for name in SAID if name not in matching.ignore])
    command = None not in (one.get("command"), two.get("command")) and one["command"] != two["command"]
    device = "device" not in matching.ignore and one.get("device") != two.get("device")
    return (device, *facts, command, *host, -_shared_end(a[0], b[0]))


def _other_device(match: _Match) -> Remark | None:
    """Why a limit cannot be held against two set-ups: they are known to be of different devices."""
    new, old = (side[0].facts.get("device") for side in (match.new, match.olds[0]))
    return Remark("other-device", (old, new)) if None not in (new, old) and new != old else None


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


def _compared(
    workload: Workload, match: _Match, run_variation: float, doubts: Doubts, reason: Remark | None
) -> Comparison:
    """One new set-up against its partner; "not comparable" for a reason, or where a number of them does not count."""
    new, old = match.new, match.olds[0]
    labels = str(old[0].facts["label"]), str(new[0].facts["label"])
    c = comparison_of(workload, (old, labels[:1]), (new, labels[1:]), run_variation)
    reason = next(_reasons(match, labels, doubts), reason)
    if reason is not None:
        c = Comparison.impossible(workload, c.baseline, c.side, reason)
    return c._replace(remarks=(*c.remarks, *_changed(old, new), *doubts.between(old, new)))


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


def _changed(old: SetUp, new: SetUp) -> tuple[Remark, ...]:
    """What else differs between two set-ups; of their commands, the words that only one of them has."""
    one, two = old[0].facts, new[0].facts
    found = list(unlike(two, one, _COMPARED))
    if one.get("command") and two.get("command"):
        words = [str(facts["command"]).split() for facts in (one, two)]
        theirs, ours = (" ".join(w for w in words[i] if w not in words[1 - i]) for i in (0, 1))
        if theirs or ours:
            found.append(Difference("command", ours, theirs))
    return (Remark("set-ups-differ", tuple(found)),) if found else ()


def _alone(side: SetUp, setup: str, other: str, found: Sequence[Member]) -> Alone:
    """A set-up without a partner, and what the nearest run of the other label has instead."""
    member = side[0]
    made = side.called(str(member.facts["label"]))
    benchmark = member.workload.benchmark
    near = [m for m in found if m.facts.get("label") == other and m.workload.benchmark == benchmark]
    if member.facts["batch_size"] is None:
        reason = Remark("no-batch-size")
    elif near:
        unlike = min((differences(member.workload, m.workload) for m in near), key=len)
        reason = Remark("nearest", (other, *unlike))
    else:
        reason = Remark("no-benchmark", (other, benchmark))
    return Alone(member.workload, made, setup, reason)
