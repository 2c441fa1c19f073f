"""Set-ups that could not be compared with anything, and what stands between them and the nearest other one."""

from collections.abc import Sequence

from logreport.analysis.baseline import fits
from logreport.analysis.pooling import Member, differences
from logreport.analysis.results import Comparison
from logreport.analysis.sides import names, side_of

_MACHINE = ("label", "device_kind", "device")


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
    result = []
    for member in found:
        if _machine(member) in told or (baseline is not None and fits(member, baseline)):
            continue
        partners = [
            m for m in found if _machine(m) != _machine(member) and (baseline is None or fits(m, baseline))
        ]
        partners = [m for m in partners if m.workload.benchmark == member.workload.benchmark]
        told.add(_machine(member))
        if partners:
            result.append(_entry(member, min(partners, key=lambda m: _distance(member, m))))
    return result


def _machine(member: Member) -> tuple[object, ...]:
    """What a reader takes for one machine; a run without a device stands for itself."""
    if member.facts.get("device") is None and member.facts.get("label") is None:
        return (member.phase.row["run_id"],)
    return tuple(member.facts.get(name) for name in _MACHINE)


def _distance(a: Member, b: Member) -> tuple[bool, int]:
    """How far apart two workloads are: the phase first, then the number of other fields."""
    fields = differences(a.workload, b.workload)
    return "phase" in fields, len(fields)


def _entry(member: Member, partner: Member) -> Comparison:
    """The comparison that could not be made, and why."""
    fields = differences(member.workload, partner.workload)
    why = ", ".join(f"{name} {_said(own)} vs {_said(other)}" for name, (own, other) in fields.items())
    if not fields:
        why = "batch_size not in the log"
    name, partner_name = names([[member], [partner]])
    one, two = side_of([member], name), side_of([partner], partner_name)
    return Comparison(member.workload, two, one, None, None, None, None, "not comparable", why)


def _said(value: object) -> str:
    """A value as words."""
    return "not in the log" if value is None else str(value)
