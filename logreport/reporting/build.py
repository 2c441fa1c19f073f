"""From tables and comparisons to a report: pure, with the date, the command and the version passed in."""

from collections.abc import Sequence
from datetime import datetime

from logreport.analysis.results import Comparison
from logreport.reporting.rendering.attempts import Attempts
from logreport.reporting.report import Provenance, Report, Sentence, Span
from logreport.reporting.sections.answers import answers, not_comparable
from logreport.reporting.sections.comparison import comparison_table, speedup_chart
from logreport.reporting.sections.facts import Facts, gather, names_of
from logreport.reporting.sections.history import history
from logreport.reporting.sections.machines import (
    devices_table,
    environment_table,
    evaluations_table,
    ledger_sentence,
    sources_table,
)
from logreport.reporting.sections.published import published_charts, published_tables
from logreport.reporting.sections.runs import MOST_CHARTS, cards, runs_table
from logreport.reporting.sections.scaling import Section, section
from logreport.reporting.sections.speeds import batch_charts, speed_tables
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import wording
from logreport.reporting.text.short_names import Shortening
from logreport.tables.tables import Tables

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


def _preferred(comparisons: Sequence[Comparison]) -> list[str]:
    """Runs that the answers are made from."""
    decided = [c for c in comparisons if c.ratio is not None]
    return [run_id for c in decided for side in (c.side, c.baseline) for run_id in side.run_ids]


def build(
    tables: Tables,
    comparisons: Sequence[Comparison],
    *,
    between: Sequence[Comparison] = (),
    title: str,
    command: str,
    version: str,
    made_at: datetime,
    problems: Sequence[str] = (),
    redacted: bool = False,
) -> Report:
    """Everything that a report says about these tables.

    Args:
        tables: what was read, with the columns that analysis fills.
        comparisons: speedups, and pairs that cannot be compared.
        between: device against device, where devices are compared.
        title: the report's title.
        command: the command that made it.
        version: the version of logreport that made it.
        made_at: when; with a zone, or local time.
        problems: inputs that could not be read, one sentence each.
        redacted: whether the names of people and machines were taken out.
    """
    short = Shortening(tables)
    comparisons, between = (short.comparisons(given) for given in (comparisons, between))
    facts = gather(short.tables(tables), [*between, *comparisons])
    attempts = Attempts()
    part = attempts.part
    sentences, rest = part("answer", lambda: answers(facts, comparisons, between), ((), ""))
    measured = part("speed by batch size, charts", lambda: batch_charts(facts), ())
    room = MOST_CHARTS - len(measured)
    scaling = part("scaling", lambda: section(facts), Section())
    history_charts, history_table = part("history", lambda: history(facts), ((), None))
    run_cards, note = part(
        "runs one by one", lambda: cards(facts, _preferred([*between, *comparisons])), ((), "")
    )
    report = Report(
        title=fmt.clean(title),
        context=part("context", lambda: _context(facts), ""),
        provenance=Provenance(
            fmt.clean(command), fmt.clean(version), fmt.moment(made_at), REDACTED if redacted else AS_IT_IS
        ),
        unfinished=part("runs that did not finish", lambda: _unfinished(facts), ()),
        problems=tuple(map(fmt.clean, problems)),
        answers=sentences,
        answers_rest=rest,
        not_comparable=part(
            "what cannot be compared", lambda: not_comparable(facts, comparisons, between), ()
        ),
        speedups=part("speedups, chart", lambda: speedup_chart(facts, comparisons, between), None),
        comparison=part("speed and speedup by workload", lambda: comparison_table(facts, comparisons), None),
        speeds=part("speed by batch size", lambda: speed_tables(facts), ()),
        batch_charts=(*measured, *part("published, charts", lambda: published_charts(facts, room), ())),
        published=part("published", lambda: published_tables(facts), ()),
        scaling_charts=scaling.charts,
        versions=scaling.versions,
        scaling=scaling.tables,
        history_charts=history_charts,
        history=history_table,
        runs=part("runs", lambda: runs_table(facts), None),
        cards=run_cards,
        cards_note=note,
        evaluations=part("evaluations", lambda: evaluations_table(facts), None),
        devices=part("devices", lambda: devices_table(facts), None),
        environment=part("environment", lambda: environment_table(facts), None),
        findings=facts.findings,
        ledger=part("lines", lambda: ledger_sentence(facts), ""),
        folder=fmt.clean(short.folder),
        sources=part("sources", lambda: sources_table(facts), None),
        device_names=facts.device_names,
    )
    return report.with_failures(attempts.failures)
