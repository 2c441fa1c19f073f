"""From tables and comparisons to a report: pure, with the date, the command and the version passed in."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from logreport.analysis.study import Study
from logreport.reporting.attempts import Attempts
from logreport.reporting.report import Provenance, Report, Section, Sentence, Span
from logreport.reporting.sections import (
    answers,
    findings,
    heatmap,
    history,
    machines,
    runs,
    scaling,
    sources,
    speeds,
)
from logreport.reporting.sections.explore import explorer
from logreport.reporting.sections.facts import Facts, gather, names_of
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import wording
from logreport.reporting.text.short_names import Shortening

SECTIONS: Mapping[str, Callable[[Facts], Section | None]] = {
    "answer": answers.section,
    "heatmap": heatmap.section,
    "speeds": speeds.section,
    "scaling": scaling.section,
    "history": history.section,
    "runs": runs.section,
    "devices": machines.section,
    "findings": findings.section,
    "sources": sources.section,
}
"""Sections in the order of the page, by what a failure calls them; one without blocks is left out."""

AS_IT_IS = (
    "It shows file names, commands and any names of hosts and users as they are in the logs; "
    "logreport report --redact takes the names out."
)
REDACTED = (
    "Hosts, users, home folders and addresses were taken out where the logs say that they are names: host-1, user-1 and "
    "the like stand for them; other words of file names and commands, devices and versions are as in the logs."
)


def _context(facts: Facts) -> str:
    """How many runs, devices and logs, and when."""
    named = {wording.device_name(run) for run in facts.runs if run["device"]}
    sources = facts.tables.count("lines") or len({run["source"] for run in facts.runs})
    parts = [fmt.count(len(facts.runs), "run"), fmt.count(len(named), "device"), fmt.count(sources, "log")]
    values = sum(value is not None for value in facts.tables.columns["published"]["value"])
    parts += [fmt.count(values, "published number")] if values else []
    times = [t for run in facts.runs for t in (run["started_at"], run["ended_at"]) if t is not None]
    if times:
        first, last = fmt.day(min(times)), fmt.day(max(times))
        parts.append(f"{first} to {last}" if first != last else first)
    return " · ".join(parts)


def _unfinished(facts: Facts) -> Sentence:
    """How many runs did not finish, and their names."""
    bad = [run for run in facts.runs if run["status"] in ("failed", "truncated")]
    if not bad:
        return ()
    verb = "did not finish: "
    head = f"{len(bad)} of {fmt.count(len(facts.runs), 'run')} {verb}"
    return (Span(head, strong=True), *names_of(bad, 4 if len(bad) <= 4 else 2), Span("."))


def _unknown(facts: Facts) -> tuple[str, ...]:
    """The inputs of which no line was recognised, in one sentence."""
    known = {s for table in ("runs", "published") for s in facts.tables.columns[table]["source"]}
    names = [
        fmt.clean(row["source"] or "")
        for row in facts.tables.rows("lines", "source", "total", "record", "chatter")
        if row["total"] and not (row["record"] or row["chatter"]) and row["source"] not in known
    ]
    return (f"No line was recognised of {fmt.listed(names)}.",) if names else ()


def build(
    study: Study,
    *,
    title: str,
    command: str,
    version: str,
    made_at: datetime,
    problems: Sequence[str] = (),
    redacted: bool = False,
) -> Report:
    """Everything that a report says about the tables of a study.

    Args:
        study: what was read, and what it comes to.
        title: the report's title.
        command: the command that made it.
        version: the version of logreport that made it.
        made_at: when; with a zone, or local time.
        problems: inputs that could not be read, one sentence each.
        redacted: whether the names of people and machines were taken out.
    """
    attempts, short = Attempts(), Shortening(study.tables)
    part = attempts.part
    contents = REDACTED if redacted else AS_IT_IS
    provenance = Provenance(fmt.clean(command), fmt.clean(version), fmt.moment(made_at), contents)
    facts = gather(
        study,
        short,
        short.comparisons(part("comparison of runs", lambda: study.comparisons, ())),
        short.comparisons(part("comparison of devices", lambda: study.between, ())),
        provenance=provenance,
        attempts=attempts,
    )
    made = [part(name, partial(make, facts), None) for name, make in SECTIONS.items()]
    report = Report(
        title=fmt.clean(title),
        context=part("context", lambda: _context(facts), ""),
        provenance=provenance,
        unfinished=part("runs that did not finish", lambda: _unfinished(facts), ()),
        problems=(
            *map(fmt.clean, problems),
            *part("inputs without a known line", lambda: _unknown(facts), ()),
        ),
        sections=tuple(section for section in made if section and section.blocks),
        findings=facts.findings,
        device_names=facts.device_names,
        explorer=part("choices on the page", lambda: explorer(facts), None),
    )
    return report.with_failures(attempts.failures)
