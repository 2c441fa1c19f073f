"""All doubts about numbers, worst first."""

from logreport.reporting.report import Findings, Section
from logreport.reporting.sections.facts import Facts


def section(facts: Facts) -> Section:
    """Every finding, under the number by which marks name it."""
    return Section("findings", "Findings", (Findings(facts.findings),) if facts.findings else ())
