"""The lines that a report cites, looked up once more in their sources."""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import BytesIO
from itertools import islice

from logreport.api.reading import folders_of
from logreport.archive import Archive
from logreport.errors import LogreportError
from logreport.grammar.scanning.engine import no_collection
from logreport.reporting.rendering.html import LIMITS
from logreport.reporting.rendering.limits import cite, fit
from logreport.reporting.report import Quote, Report
from logreport.reporting.text.short_names import Shortening
from logreport.runs.quoting import quote
from logreport.sources import Source
from logreport.sources.names import Paths
from logreport.tables.reading import Reading
from logreport.tables.secrets import hidden_name
from logreport.tables.tables import place_of

_MOST = 20_000  # lines: a page with more would be slow to open


@no_collection()
def with_quotes(
    report: Report, reading: Reading, sources: Iterable[Source | LogreportError], grammars: Paths = ()
) -> Report:
    """The report with the text of every line that a number of it comes from, secrets and redacted names left out.

    A source that cannot be read a second time has none: its places are cited as ever. Of very many lines those that the
    page cites come first.
    """
    folders, short = folders_of(grammars), Shortening(reading.tables)
    wanted: dict[str, dict[tuple[str, int], None]] = defaultdict(dict)  # in order: the same page each time
    for name, line in islice(dict.fromkeys(_places(report)), _MOST):
        wanted[place_of(name)][name, line] = None
    quotes: dict[tuple[str, int], Quote] = {}

    def cited() -> Iterator[tuple[Source, set[int]]]:
        for source in sources:
            if not isinstance(source, Source) or not _stays(source):
                continue
            if places := wanted.get(_name(source, reading, short)):
                yield source, {line for _, line in places}

    for source, found in quote(cited(), folders):
        for place in wanted[_name(source, reading, short)]:
            if (one := found.get(place[1])) is not None:
                texts = tuple(map(reading.redactor.text, one.texts)) if reading.redactor else one.texts
                quotes[place] = Quote(one.first, texts, one.kind)
    return replace(report, quotes=quotes)


def _name(source: Source, reading: Reading, short: Shortening) -> str:
    """What a report calls a source."""
    name = hidden_name(source.name)
    return short.place(name if reading.redactor is None else reading.redactor.text(name))


def _stays(source: Source) -> bool:
    """Whether a source can be read once more: neither standard input nor a pipe."""
    place = source.path or source.name
    is_there = os.path.isfile(place) or not os.path.exists(place)  # noqa: PTH110, PTH113 - a fifth of Path's time
    return source.name != "-" and is_there


def _places(report: Report) -> Iterator[tuple[str, int]]:
    """Every line that something on the page comes from."""
    yield from ((source, line) for source, line in cite(fit(report, LIMITS)) if line is not None)
    if report.explorer is not None:
        yield from ((one.source, one.line) for one in report.explorer.phases)


def sources_in(archive: str, reading: Reading) -> Iterator[Source]:
    """The logs that an archive keeps of the runs of a reading."""
    opened = Archive(archive)
    runs = reading.tables.columns["runs"]
    kept = dict(zip(map(place_of, runs["source"]), runs["log_sha256"], strict=True))
    for name, sha256 in kept.items():
        yield Source(name, lambda sha256=sha256: BytesIO(opened.log(sha256)))  # type: ignore[misc]
