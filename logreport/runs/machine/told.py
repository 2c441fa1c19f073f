"""What the lines of a run tell of its machine, worked out once for each distinct sequence of them.

Many runs of one machine print the same lines, but for their times and their places in the log.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from logreport.grammar import Match
from logreport.runs.machine.devices import COLUMNS, DeviceReader
from logreport.runs.machine.environment import EnvironmentReader
from logreport.runs.machine.tensorflow_release import Inference, infer

MOST_LINES, MOST_SEQUENCES = 1000, 1000  # that are remembered
Columns = dict[str, list[Any]]


class Told(NamedTuple):
    """Devices and facts of the environment, column by column, and the TensorFlow release."""

    devices: Columns
    environment: Columns
    release: Inference | None


def told_by(matches: Sequence[Match]) -> Told:
    """What these lines tell, in the order of the log."""
    return Told(_DEVICES.rows(matches), _ENVIRONMENT.rows(matches), infer(matches))


class _Known:
    """What a reader made of the sequences that it has read.

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
        self.kinds = reader().readers.keys()
        self.known: dict[tuple[Any, ...], Columns] = {}

    def rows(self, matches: Iterable[Match]) -> Columns:
        """The rows of these lines, column by column."""
        told = [match for match in matches if match.leaf.kind in self.kinds]
        lines = [match.line for match in told]
        numbers = self.numbered(lines)
        key = tuple(
            [
                (number, leaf, leaf.parted(values)[0], rank)
                for number, (_, leaf, values, rank) in zip(numbers, told, strict=True)
            ]
        )
        columns = self.known.get(key)
        if columns is None:
            columns = self.read(
                [match._replace(line=number) for number, match in zip(numbers, told, strict=True)]
            )
            if len(told) <= MOST_LINES:
                if len(self.known) == MOST_SEQUENCES:
                    self.known.clear()
                self.known[key] = columns
        line_of = dict(zip(numbers, lines, strict=True))
        return {**columns, "line": [line_of[number] for number in columns["line"]]}

    def read(self, lines: Sequence[Match]) -> Columns:
        """The same, worked out."""
        reader = self.reader()
        reader.feed(lines)
        rows = reader.rows()
        return {name: [row[name] for row in rows] for name in self.names}


def from_first(lines: list[int]) -> list[int]:
    """Numbers that are as far apart as the lines: those of a block stand near each other."""
    return [line - lines[0] for line in lines]


def in_order(lines: list[int]) -> list[int]:
    """Numbers in the order of the lines, one after the other."""
    number_of = {line: number for number, line in enumerate(sorted(set(lines)))}
    return [number_of[line] for line in lines]


_DEVICES = _Known(DeviceReader, COLUMNS, from_first)
_ENVIRONMENT = _Known(EnvironmentReader, ("key", "value", "line"), in_order)
