"""What the lines of a run tell of its machine, worked out once for each distinct sequence of them.

Many runs of one machine print the same lines, but for their times and their places in the log.
"""

import operator
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from typing import Any, NamedTuple

from logreport.grammar import Form, Match, Records
from logreport.runs.machine.devices import COLUMNS, DeviceReader, Line
from logreport.runs.machine.environment import EnvironmentReader

MOST = 50_000_000  # bytes that are remembered, as far as they can be told
OF_A_LINE = 500  # bytes beside its values
Columns = dict[str, list[Any]]


class Told(NamedTuple):
    """Devices and facts of the environment, column by column."""

    devices: Columns
    environment: Columns

    @property
    def gpus(self) -> list[str]:
        """The name of each GPU."""
        columns = self.devices
        return [name for kind, name in zip(columns["kind"], columns["name"], strict=True) if kind == "gpu"]

    @property
    def facts(self) -> dict[str, str]:
        """The facts of the environment by their keys."""
        return dict(zip(self.environment["key"], map(str, self.environment["value"]), strict=True))


def told_by(records: Records) -> Told:
    """What these lines tell, in the order of the log."""
    return Told(_DEVICES.rows(records), _ENVIRONMENT.rows(records))


class _Known:
    """What a reader made of the sequences that it has read, with their places there for the numbers of lines.

    Args:
        reader: reads lines into rows, of which `names` are the columns.
        numbered: numbers lines as far as the reader can tell them apart.
    """

    def __init__(
        self,
        reader: type[DeviceReader | EnvironmentReader],
        names: Sequence[str],
        numbered: Callable[[list[int]], list[int]],
    ) -> None:
        self.reader, self.names, self.numbered = reader, names, numbered
        self.kinds = frozenset(reader().readers)
        self.known: dict[tuple[Any, ...], Columns] = {}
        self.size = 0

    def rows(self, records: Records) -> Columns:
        """The rows of these lines, column by column."""
        lines, forms = records.forms_of(self.kinds)
        numbers = self.numbered(lines)
        columns = None if records.have_ranks else self.known.get((*numbers, *forms))
        if columns is None:
            columns = self.found(records.of_kinds(self.kinds), numbers, forms)
        return {**columns, "line": [lines[place] for place in columns["line"]]}

    def found(self, told: Records, numbers: list[int], forms: list[Form]) -> Columns:
        """The rows of lines that are not known by their forms alone."""
        # What a form leaves open but for its times.
        measured = {place: told[place] for place, form in enumerate(forms) if form.values is None}
        ranks = told.ranks if told.have_ranks else []
        key = (*numbers, *forms, *(match.values for match in measured.values()), *ranks)
        columns = self.known.get(key)
        if columns is None:
            fields = [form.fields for form in forms]
            for place, match in measured.items():
                fields[place] = match.fields()
            kinds = (form.kind for form in forms)
            columns = self.read(map(Line, numbers, kinds, fields, ranks or repeat(None)))
            place_of = {number: place for place, number in enumerate(numbers)}
            columns["line"] = [place_of[number] for number in columns["line"]]
            self.keep(key, columns, sum(map(size_of, forms)) + sum(map(size_of, measured.values())))
        return columns

    def keep(self, key: tuple[Any, ...], columns: Columns, size: int) -> None:
        """Remember a sequence of so many bytes; where they are too many, what was remembered is forgotten."""
        if self.size + size > MOST:
            self.known.clear()
            self.size = 0
        if size <= MOST:
            self.known[key] = columns
            self.size += size

    def read(self, lines: Iterable[Line]) -> Columns:
        """The same, worked out."""
        reader = self.reader()
        reader.feed(lines)
        rows = reader.rows()
        return {name: [row[name] for row in rows] for name in self.names}


def size_of(line: Form | Match) -> int:
    """The bytes that a line takes in a key."""
    return OF_A_LINE + sum(map(len, filter(None, line.values or ())))


def from_first(lines: list[int]) -> list[int]:
    """Numbers that are as far apart as the lines: those of a block stand near each other."""
    return list(map(operator.sub, lines, repeat(lines[0] if lines else 0)))


def in_order(lines: list[int]) -> list[int]:
    """Numbers in the order of the lines, one after the other."""
    if all(map(operator.lt, lines, lines[1:])):
        return list(range(len(lines)))
    number_of = {line: number for number, line in enumerate(sorted(set(lines)))}
    return [number_of[line] for line in lines]


_DEVICES = _Known(DeviceReader, COLUMNS, from_first)
_ENVIRONMENT = _Known(EnvironmentReader, ("key", "value", "line"), in_order)
