"""Results that a format of a grammar states: numbers with their units, and what they are of, without a run."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from logreport.grammar import Match
from logreport.grammar.fields import MEANINGS, SECONDS, SPEED, TIME
from logreport.scripts import Benchmark
from logreport.tables.schema import TABLES, TEXT
from logreport.tables.tables import Tables

VALUES = {"value", "unit", "metric", "line", "source"}  # columns that are worked out here
SAYS = {column.name: column for column in TABLES["published"] if column.name not in VALUES}
PER_SECOND = ("_per_second", "_per_sec")


def add_stated(
    matches: Iterable[Match], formats: Mapping[str, Benchmark], tables: Tables, source: str
) -> None:
    """Add a row for each number of these lines whose name says its unit; fields of the names of columns say what it is of."""
    for match in matches:
        fields = match.fields()
        always = formats[match.leaf.kind.partition(".")[0]].always
        says = {
            name: str(value) if SAYS[name].dtype == TEXT else value
            for name, value in {**always, **fields}.items()
            if name in SAYS
        }
        for metric, unit, value in numbers_in(fields):
            tables.add(
                "published", source=source, line=match.line, metric=metric, unit=unit, value=value, **says
            )


def numbers_in(fields: Mapping[str, Any]) -> Iterator[tuple[str, str, float]]:
    """Metric, unit and number in that unit, of each field that is a result."""
    for name, value in fields.items():
        if name in SAYS or not isinstance(value, int | float):
            continue
        meaning = MEANINGS.get(name)
        if meaning is not None and (made := meaning.of(value)) is not None:
            if meaning.column == SPEED:
                yield "speed", f"{meaning.item}/s", made
            else:
                yield (
                    name if meaning.column != TIME else "step time",
                    "s" if meaning.column == TIME else "",
                    made,
                )
        elif meaning is None and (found := by_ending(name)) is not None:
            metric, unit, factor = found
            yield metric, unit, value * factor


def by_ending(name: str) -> tuple[str, str, float] | None:
    """Metric, unit and factor by how a name ends: `first_token_milliseconds`, `requests_per_second`."""
    for ending in PER_SECOND:
        if name.endswith(ending):
            things = name.removesuffix(ending)
            return things, f"{things.rpartition('_')[2]}/s", 1.0
    for second, factor in SECONDS.items():
        if name.endswith(f"_{second}"):
            return name.removesuffix(f"_{second}"), "s", factor
    return None
