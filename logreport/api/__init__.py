"""The public functions: one call each; nothing is printed, and only `run` and an archive write."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

from logreport.api.archived import read_archive, read_archives
from logreport.api.reading import listed, read_logs, sources_of, stream_records
from logreport.api.running import run
from logreport.api.selecting import read_selections
from logreport.errors import LogreportError, SourceError, UsageError
from logreport.grammar.scanning.engine import no_collection
from logreport.sources import Source
from logreport.sources.finding import is_archive_at
from logreport.sources.names import Paths, names_of
from logreport.tables.given import given_by
from logreport.tables.reading import Reading
from logreport.tables.secrets import hidden, hidden_name
from logreport.tables.tables import place_of

if TYPE_CHECKING:
    from logreport.api.reports import ReportOf, VerdictsOf
    from logreport.api.results import Parsed, TableText
    from logreport.archive import Archive
    from logreport.reporting.readme.pivot_cells import Ask
    from logreport.reporting.report import Report
    from logreport.reporting.verdicts.verdicts import Verdicts
    from logreport.tables.tables import Tables

__all__ = [
    "Archive",
    "listed",
    "read_archive",
    "read_logs",
    "read_selections",
    "run",
    "sources_of",
    "stream_records",
]


def __getattr__(name: str) -> object:
    """Load the archive when it is asked for: to read logs nothing of it is needed."""
    if name != "Archive":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from logreport.archive import Archive

    return Archive


def parse(logs: Paths, *, grammars: Paths = (), given: Paths = (), redact: bool = False) -> "Parsed":
    """Read logs into DataFrames, one for each table of the schema; `errors` says what could not be read.

    Args:
        logs: a path, or several: files, folders, globs, archives, URLs, `-`.
        grammars: folders with grammars of your own.
        given: facts that logs do not say, such as `batch_size=256`.
        redact: replace the names of hosts, users, home folders and addresses by placeholders.

    Raises:
        LogreportError: for the first input, where none can be read.
    """
    from logreport.api.results import Parsed

    reading, _ = _read(logs, grammars=grammars, given=given, redact=redact)
    if reading.failure is not None and not reading.tables.count("lines"):
        raise reading.failure
    return Parsed(reading)


def _read(
    logs: Paths, *, where: str | None = None, grammars: Paths = (), given: Paths = (), redact: bool = False
) -> tuple[Reading, Iterable[Source | LogreportError]]:
    """The reading of logs, or of the one archive that is given as such, and its sources.

    Raises:
        UsageError: for what an archive cannot be read with.
    """
    names = names_of(logs)
    if len(names) != 1 or not is_archive_at(names[0]):
        sources = sources_of(names)
        facts = given_by(names_of(given))
        return read_logs(sources, grammars=grammars, where=where, given=facts, redact=redact), sources
    if names_of(grammars) or names_of(given):
        todo = "leave out grammars and given facts"
        raise UsageError("its runs are as they were added", source=names[0], todo=todo)
    from logreport.api.quoting import sources_in

    reading = read_archive(names[0], where, redact=redact)
    return reading, sources_in(names[0], reading)


def report(
    logs: Paths,
    *,
    title: str = "Benchmark report",
    baseline: str | None = None,
    where: str | None = None,
    across_batch_sizes: bool = False,
    grammars: Paths = (),
    given: Paths = (),
    redact: bool = False,
    command: str = "logreport.report()",
    made_at: datetime | None = None,
) -> "ReportOf":
    """Read logs and say what they show, as frozen data that the renderers of logreport.reporting turn into bytes.

    Args:
        logs: a path, or several: files, folders, globs, archives, URLs, `-`.
        title: stands above it.
        baseline: what others are divided by: a condition on the runs, or a path; else the device that shares most workloads.
        where: a condition on the runs, such as `device = 'RTX 3090'`; the others are left out.
        across_batch_sizes: compare speed per example whatever the batch size.
        grammars: folders with grammars of your own.
        given: facts that logs do not say, such as `batch_size=256`.
        redact: replace the names of hosts, users, home folders and addresses by placeholders.
        command: what it says that made it.
        made_at: when; now otherwise.

    Raises:
        LogreportError: where no input can be read or none holds a run.
    """
    from logreport.api.quoting import with_quotes
    from logreport.api.reports import ReportOf

    reading, sources = _read(logs, where=where, grammars=grammars, given=given, redact=redact)
    made = report_of(
        reading,
        title=title,
        baseline=baseline,
        across_batch_sizes=across_batch_sizes,
        command=command,
        made_at=made_at,
    )
    return ReportOf.of(with_quotes(made, reading, sources, grammars), reading.tables)


@no_collection()
def report_of(
    reading: Reading,
    *,
    title: str,
    baseline: str | None,
    command: str,
    across_batch_sizes: bool = False,
    made_at: datetime | None = None,
) -> "Report":
    """The report of a reading.

    Raises:
        LogreportError: where nothing was read, or there is neither a run, a device nor a published value in it.
    """
    from logreport.analysis import Study
    from logreport.reporting.build import build
    from logreport.version import __version__

    tables = reading.tables
    if not tables.count("lines") and reading.errors:
        raise reading.errors[0]
    if not any(tables.count(name) for name in ("runs", "devices", "published")):
        from logreport.tables.findings import message_of

        sources = tables.columns["lines"]["source"]
        told = [f"line {row['line']}: {message_of(row)}" for row in tables.rows("findings") if row["line"]]
        raise SourceError(
            "holds no benchmark run that logreport knows",
            source=sources[0] if len(sources) == 1 else f"{len(sources)} sources",
            todo=told[0] if told and len(sources) == 1 else "see `logreport explain` for what each line is",
        )
    meant = reading.said(baseline) if isinstance(baseline, str) else baseline
    return build(
        Study(tables, baseline=meant, across_batch_sizes=across_batch_sizes),
        title=reading.said(title),
        command=reading.said(command),
        version=__version__,
        made_at=made_at or datetime.now().astimezone(),
        problems=[reading.said(str(error)) for error in reading.errors if error.exit_status],
        redacted=reading.redactor is not None,
    )


def compare(
    labels: Mapping[str, Paths],
    *,
    margin: float = 0.02,
    run_variation: float = 0.01,
    fail_under: float | None = None,
    across_batch_sizes: bool = False,
    published: bool = False,
    ignore: Sequence[str] = (),
    match: Sequence[str] = (),
    logs: Paths = (),
    where: str | None = None,
    grammars: Paths = (),
    given: Paths = (),
) -> "VerdictsOf":
    """Compare runs by label; `exit_status` of the result is 0, 3 (regression) or 4 (could not be decided).

    Args:
        labels: paths of each label, or a condition on the runs of `logs`; the others are divided by the first label.
        margin: relative difference that is called the same.
        run_variation: relative SD that is assumed from run to run; repeats correct it.
        fail_under: lowest relative change that is accepted, such as -0.05.
        across_batch_sizes: compare speed per example whatever the batch size.
        published: the speeds that documents publish count as results of their label.
        ignore: facts of set-ups that do not count, such as `xla`, or `device` under a limit.
        match: facts that must be the same, or a condition that holds on both sides, such as `precision = 'fp16'`.
        logs: the logs that labels choose from by conditions.
        where: a condition on the runs, such as `device = 'RTX 3090'`; the others are left out.
        grammars: folders with grammars of your own.
        given: facts that logs do not say, such as `batch_size=256`, or `A:batch_size=256` for those of a label.

    Raises:
        LogreportError: for the first input that cannot be read.
    """
    if not isinstance(labels, Mapping) or len(labels) < 2:
        raise UsageError("two labels are needed", todo='give {"A": old, "B": new}')
    named = {label: names_of(paths) for label, paths in labels.items()}
    match, where = facts_and_condition(names_of(match), where)
    reading, label_of = read_labels(named, logs=logs, where=where, grammars=grammars, given=given)
    if reading.failure is not None:
        raise reading.failure
    from logreport.api.reports import VerdictsOf

    return VerdictsOf.of(compare_of(
        reading, named, label_of, margin=margin, run_variation=run_variation, fail_under=fail_under,
        across_batch_sizes=across_batch_sizes, published=published, ignore=ignore, match=match,
    ))  # fmt: skip


def facts_and_condition(match: Sequence[str], where: str | None) -> tuple[tuple[str, ...], str | None]:
    """What must be the same on both sides: names of facts, and the conditions among them together with `where`."""
    facts = tuple(one for one in match if one.isidentifier())
    conditions = [one for one in (where, *match) if one is not None and one not in facts]
    return facts, " and ".join(f"({one})" for one in conditions) or None


def read_labels(
    labels: Mapping[str, Paths],
    *,
    logs: Paths = (),
    archive: str | None = None,
    where: str | None = None,
    grammars: Paths = (),
    given: Paths = (),
) -> tuple[Reading, dict[str, str]]:
    """Read the runs of all labels; returns the label of each source too.

    Args:
        labels: paths of each label, or archives, or conditions where there are logs or an archive to choose from.
        logs: the logs that labels choose from.
        archive: or the archive.
        where: a condition on the runs of all labels.
        grammars: folders with grammars of your own.
        given: facts that logs do not say, such as `batch_size=256`, or `A:batch_size=256` for those of a label.

    Raises:
        UsageError: where a source has two labels, or a condition is none.
    """
    if logs or archive is not None:

        def read(meant: str) -> Reading:
            both = meant if where is None else f"({meant}) and ({where})"
            if archive is not None:
                return read_archive(archive, both)
            return read_logs(sources_of(logs), grammars=grammars, where=both, given=given_by(names_of(given)))

        return read_selections(
            read,
            {label: " or ".join(f"({one})" for one in names_of(given)) for label, given in labels.items()},
        )
    named = {label: names_of(paths) for label, paths in labels.items()}
    if all(map(is_archive_at, chain.from_iterable(named.values()))):
        return read_archives(named, where)
    sources: list[Source | LogreportError] = []
    label_of: dict[str, str] = {}
    seen: set[str] = set()
    for label, paths in labels.items():
        for source in sources_of(paths):
            if isinstance(source, Source):
                name = hidden_name(source.name)
                other = label_of.get(name, label)
                if other != label:
                    raise UsageError(
                        f"is under both {other} and {label}", source=name, todo="give each label its own logs"
                    )
                if source.name in seen:
                    continue
                seen.add(source.name)
                label_of[name] = label
            sources.append(source)
    of_label = {label: [name for name, own in label_of.items() if own == label] for label in labels}
    facts = given_by(names_of(given), of_label)
    return read_logs(sources, grammars=grammars, where=where, given=facts), label_of


@no_collection()
def compare_of(
    reading: Reading,
    labels: Mapping[str, Paths],
    where: Mapping[str, str],
    *,
    margin: float,
    run_variation: float,
    fail_under: float | None,
    across_batch_sizes: bool = False,
    published: bool = False,
    ignore: Sequence[str] = (),
    match: Sequence[str] = (),
) -> "Verdicts":
    """The verdicts of a reading; `where` is the label of each source that was read."""
    from logreport.analysis import Study
    from logreport.analysis.comparison.labelled import Matching
    from logreport.reporting.verdicts.verdicts import judge, silent_runs

    tables = reading.tables
    if published:
        from logreport.analysis.comparison.published import adopt

        adopt(tables, labels_of(tables, where))
    named = labels_of(tables, where)
    paths = {label: tuple(map(hidden, names_of(given))) for label, given in labels.items()}
    order = {source: label for label in paths for source, own in named.items() if own == label}
    study = Study(
        tables, next(iter(paths)), margin, run_variation, across_batch_sizes=across_batch_sizes, labels=order,
        matching=Matching(tuple(names_of(ignore)), tuple(names_of(match))), gated=fail_under is not None,
    )  # fmt: skip
    return judge(
        study.labelled, paths, silent=silent_runs(tables, order), margin=margin, run_variation=run_variation,
        fail_under=fail_under,
    )  # fmt: skip


def labels_of(tables: "Tables", where: Mapping[str, str]) -> dict[str, str]:
    """The label of each source in the tables: `path#2` is the second run of `path`."""
    sources = (*tables.columns["runs"]["source"], *tables.columns["published"]["source"])
    found = {source: where.get(source) or where.get(place_of(source)) for source in sources}
    return {source: label for source, label in found.items() if label is not None}


def table(
    logs: Paths,
    *,
    rows: Sequence[str] = ("batch_size",),
    columns: Sequence[str] = ("model",),
    value: str = "examples_per_second",
    best: bool = False,
    where: str | None = None,
    grammars: Paths = (),
    given: Paths = (),
    redact: bool = False,
) -> "TableText":
    """Measured values as markdown tables for a README; no cell mixes workloads.

    Args:
        logs: a path, or several: files, folders, globs, archives, URLs, `-`.
        rows: what stands in the rows; names of `logreport.reporting.readme.pivot_cells.DIMENSIONS`.
        columns: what stands in the columns.
        value: what the cells show; a name of `logreport.reporting.readme.pivot_cells.VALUES`.
        best: show the fastest of several set-ups in a cell, not all of them.
        where: a condition on the runs, such as `device = 'RTX 3090'`; the others are left out.
        grammars: folders with grammars of your own.
        given: facts that logs do not say, such as `batch_size=256`.
        redact: replace the names of hosts, users, home folders and addresses by placeholders.

    Raises:
        LogreportError: for what is no row, column or value, for the first input that cannot be read, and where none
            holds such a value.
    """
    from logreport.reporting.readme.pivot_cells import Ask

    ask = Ask(tuple(names_of(rows)), tuple(names_of(columns)), value, best)
    reading, _ = _read(logs, where=where, grammars=grammars, given=given, redact=redact)
    if reading.failure is not None:
        raise reading.failure
    return table_of(reading, ask)


@no_collection()
def table_of(reading: Reading, ask: "Ask") -> "TableText":
    """The markdown tables of a reading.

    Raises:
        LogreportError: where nothing was read, or it holds no such value.
    """
    from logreport.analysis import Study
    from logreport.api.results import TableText
    from logreport.reporting.readme.pivot import pivots

    if found := pivots(Study(reading.tables), ask):
        return TableText.of(found)
    if reading.errors and not reading.tables.count("lines"):
        raise reading.errors[0]
    sources = reading.tables.columns["lines"]["source"]
    raise SourceError(
        f"holds no run with {ask.value}",
        source=sources[0] if len(sources) == 1 else f"{len(sources)} sources",
        todo="see `logreport parse --table phases` for what was measured",
    )
