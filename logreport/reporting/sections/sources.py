"""Where every number comes from: every line of every source, the lines that are cited, and what made the report."""

from collections.abc import Iterator

from logreport.reporting.report import (
    Block,
    Cell,
    Citations,
    Column,
    Details,
    Note,
    Row,
    Section,
    Span,
    Table,
)
from logreport.reporting.sections.facts import Facts, missing
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import wording
from logreport.tables.schema import LEDGER

_LEDGER_WORDS = {
    "record": "with facts",
    "chatter": "known",
    "blank": "blank",
    "prose": "text",
    "malformed": "malformed",
    "unknown": "unrecognised",
}


def section(facts: Facts) -> Section:
    """All lines and what became of them, those that are cited, and how the report was made."""
    makers = {
        "lines": ledger,
        "sources": _lines,
        "provenance": _made,
    }
    return Section("sources", "Where every number comes from", facts.blocks(makers), name="Sources")


def _lines(facts: Facts) -> Iterator[Block]:
    """What became of the lines of each source, and those that are cited."""
    tables = facts.attempts.part("sources", lambda: tuple(sources_table(facts)), ())
    yield Details("Source by source", (*tables, Citations()))


def _made(facts: Facts) -> Iterator[Block]:
    if made := facts.provenance:
        by = Span(f"Made {made.made_at} by logreport {made.version}: ")
        yield Note((by, Span(made.command, code=True)), role="caption")
        yield Note((Span(made.contents),), role="caption")


def sources_table(facts: Facts) -> Iterator[Table]:
    """Every log with its hash and what its lines are."""
    hashes = {r["source"]: r["log_sha256"] for r in facts.runs}
    found = list(facts.tables.rows("lines"))
    if not found:
        return
    rows = []
    for r in found:
        sha = hashes.get(r["source"])
        digest = (
            Cell(fmt.clean(sha)[:12], why=f"SHA-256 {fmt.clean(sha)}")
            if sha
            else missing("no run in this log")
        )
        counts = [Cell(fmt.fixed(r[k] or 0, 0)) for k in ("total", *LEDGER)]
        rows.append(Row((Cell(fmt.clean(r["source"] or "")), digest, *counts)))
    heads = (Column("Source"), Column("SHA-256"), Column("Lines", numeric=True))
    more = tuple(Column(wording.capital(_LEDGER_WORDS[k]), numeric=True) for k in LEDGER)
    yield Table("sources", "Every line of every source", (*heads, *more), tuple(rows), whole="lines")


def ledger(facts: Facts) -> Iterator[Block]:
    """All lines and what became of them, in one sentence that adds up, and the folder of all sources."""
    sums = {k: sum(v or 0 for v in facts.tables.columns["lines"][k]) for k in ("total", *LEDGER)}
    if not sums["total"]:
        return
    parts = [f"{fmt.fixed(sums[k], 0)} {_LEDGER_WORDS[k]}" for k in LEDGER if sums[k]]
    none = "" if sums["unknown"] else "; none is unrecognised"
    sources = fmt.count(facts.tables.count("lines"), "source")
    said = f"{fmt.count(sums['total'], 'line')} in {sources}: {fmt.listed(parts, most=9)}{none}."
    folder = (Span(" All are in "), Span(facts.folder, code=True), Span(".")) if facts.folder else ()
    yield Note((Span(said), *folder))
