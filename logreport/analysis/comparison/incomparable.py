"""Set-ups that could not be compared with anything, and what stands between them and the nearest other one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from operator import attrgetter

from logreport.analysis.comparison.baseline import fits
from logreport.analysis.comparison.pooling import Member, differences
from logreport.analysis.comparison.sides import names, side_of
from logreport.analysis.results import Comparison, Difference

_MACHINE = ("label", "device_kind", "device")
# What two workloads of one script may differ in; the phase weighs more than all others.
_FIELDS = ("model", "batch_size", "precision", "dataset", "num_devices")
_SCRIPT = ("benchmark",)
_Kept = tuple[str, ...]
_Values = tuple[object, ...]


@dataclass(frozen=True, order=True)
class _Place:
    """A run at its place among all, and its machine."""

    index: int
    member: Member = field(compare=False)
    machine: _Values = field(compare=False)


def incomparable(
    found: Sequence[Member], made: Sequence[Comparison], baseline: str | None
) -> list[Comparison]:
    """One "not comparable" for each machine (or label) that is in no comparison, against the nearest other one.

    Args:
        found: all phases that have a speed.
        made: the comparisons that could be made.
        baseline: as for `compare`; then only runs that it means are a partner.
    """
    met = {run for c in made for side in (c.baseline, c.side) for run in side.run_ids}
    told = {_machine(m) for m in found if str(m.phase.row["run_id"]) in met}
    meant = [baseline is not None and fits(m, baseline) for m in found]
    partners = _Partners(
        [m for m, is_meant in zip(found, meant, strict=True) if baseline is None or is_meant]
    )
    result = []
    for member, is_meant in zip(found, meant, strict=True):
        if _machine(member) in told or is_meant:
            continue
        told.add(_machine(member))
        if (partner := partners.nearest(member)) is not None:
            result.append(_entry(member, partner))
    return result


def _machine(member: Member) -> _Values:
    """What a reader takes for one machine; a run without a device stands for itself."""
    if member.facts.get("device") is None and member.facts.get("label") is None:
        return (member.phase.row["run_id"],)
    return tuple(member.facts.get(name) for name in _MACHINE)


class _Partners:
    """Looks the nearest run up by the fields of workloads that agree, most first, so that no two runs are held together."""

    def __init__(self, found: Sequence[Member]) -> None:
        self._places = [_Place(i, member, _machine(member)) for i, member in enumerate(found)]
        self._known: dict[_Kept, Mapping[object, Sequence[_Place]]] = {}

    def nearest(self, member: Member) -> Member | None:
        """The first of the runs of the same script on other machines whose workload differs in the fewest fields."""
        if not self._others(member, _SCRIPT):
            return None
        others = ([place for names in kept for place in self._others(member, names)] for kept in _agreeing())
        return min(next(filter(None, others))).member

    def _others(self, member: Member, kept: _Kept) -> list[_Place]:
        """The first runs on other machines that agree with one in these fields."""
        machine = _machine(member)
        places = self._alike(kept).get(attrgetter(*kept)(member.workload), ())
        return [place for place in places if place.machine != machine]

    def _alike(self, kept: _Kept) -> Mapping[object, Sequence[_Place]]:
        """The first run of each workload, as far as these fields say, and the first on another machine than that."""
        if kept not in self._known:
            groups: dict[object, list[_Place]] = {}
            values = attrgetter(*kept)
            for place in self._places:
                group = groups.setdefault(values(place.member.workload), [])
                if not group or (len(group) == 1 and group[0].machine != place.machine):
                    group.append(place)
            self._known[kept] = groups
        return self._known[kept]


def _agreeing() -> Iterator[list[_Kept]]:
    """Sets of fields that agree, those of one distance together: the phase first, then as many others as can be."""
    for phase in (("phase",), ()):
        for count in range(len(_FIELDS), -1, -1):
            yield [(*_SCRIPT, *phase, *fields) for fields in combinations(_FIELDS, count)]


def _entry(member: Member, partner: Member) -> Comparison:
    """The comparison that could not be made, and why; of one workload, only the unknown batch size is between them."""
    unlike = differences(member.workload, partner.workload) or (Difference("batch_size", None, None),)
    name, partner_name = names([[member], [partner]])
    one, two = side_of([member], *name), side_of([partner], *partner_name)
    return Comparison.impossible(member.workload, two, one, differences=unlike)
