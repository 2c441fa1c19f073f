"""All doubts about numbers, worst first."""

from itertools import groupby

from logreport.reporting.report import FindingGroup, Findings, Section
from logreport.reporting.sections.facts import Facts


def section(facts: Facts) -> Section:
    """Every finding, kind by kind, under the number by which marks name it."""
    kinds = [tuple(group) for _, group in groupby(facts.findings, lambda f: (f.severity, f.code))]
    groups = tuple(FindingGroup(kind, len(kind)) for kind in kinds)
    return Section("findings", "Findings", (Findings(groups),) if groups else ())
