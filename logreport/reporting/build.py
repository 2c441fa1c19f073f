"""From tables and comparisons to a report: pure, with the date, the command and the version passed in."""

from collections.abc import Sequence
from datetime import datetime

from logreport.analysis.results import Comparison
from logreport.reporting import formatting as fmt
from logreport.reporting import wording
from logreport.reporting.answers import answers, not_comparable
from logreport.reporting.comparing import comparison_table, speedup_chart
from logreport.reporting.gather import Facts, gather, names_of
from logreport.reporting.history import history
from logreport.reporting.machines import (
    devices_table,
    environment_table,
    evaluations_table,
    ledger_sentence,
    sources_table,
)
from logreport.reporting.publishing import published_charts, published_tables
from logreport.reporting.report import Provenance, Report, Sentence, Span
from logreport.reporting.runs import MOST_CHARTS, cards, runs_table
from logreport.reporting.scaling import section
from logreport.reporting.shortening import shared_folder, short_comparisons, short_tables
from logreport.reporting.speeds import batch_charts, speed_tables
from logreport.runs.tables import Tables

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
    values = facts.tables.count("published")
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
    folder = shared_folder(source for source in tables.columns["lines"]["source"] if source)
    comparisons, between = (short_comparisons(given, folder) for given in (comparisons, between))
    facts = gather(short_tables(tables, folder), [*between, *comparisons])
    sentences, rest = answers(facts, comparisons, between)
    measured = batch_charts(facts)
    scaling = section(facts)
    history_charts, history_table = history(facts)
    run_cards, note = cards(facts, _preferred([*between, *comparisons]))
    return Report(
        title=fmt.clean(title),
        context=_context(facts),
        provenance=Provenance(
            fmt.clean(command), fmt.clean(version), fmt.moment(made_at), REDACTED if redacted else AS_IT_IS
        ),
        unfinished=_unfinished(facts),
        problems=tuple(map(fmt.clean, problems)),
        answers=sentences,
        answers_rest=rest,
        not_comparable=not_comparable(comparisons),
        speedups=speedup_chart(facts, comparisons, between),
        comparison=comparison_table(facts, comparisons),
        speeds=speed_tables(facts),
        batch_charts=(*measured, *published_charts(facts, MOST_CHARTS - len(measured))),
        published=published_tables(facts),
        scaling_charts=scaling.charts,
        versions=scaling.versions,
        scaling=scaling.tables,
        history_charts=history_charts,
        history=history_table,
        runs=runs_table(facts),
        cards=run_cards,
        cards_note=note,
        evaluations=evaluations_table(facts),
        devices=devices_table(facts),
        environment=environment_table(facts),
        findings=facts.findings,
        ledger=ledger_sentence(facts),
        folder=fmt.clean(folder),
        sources=sources_table(facts),
        device_names=facts.device_names,
    )
