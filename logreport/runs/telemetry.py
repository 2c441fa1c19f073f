"""The series of a run: what its devices did, look by look, and what that comes to.

While the run goes on it is `NAME.telemetry.csv`, to which lines are appended, so that all but the last survives whatever
ends the runner; at the end it becomes `NAME.telemetry.parquet`. Both have the columns of the table `samples`.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from logreport.errors import SourceError
from logreport.runs.run_record import Sampled
from logreport.tables.exporting import arrow_schema, arrow_table
from logreport.tables.schema import TABLES, WHOLE

COLUMNS = tuple(column for column in TABLES["samples"] if column.name not in ("run_id", "source"))
UNITS = {column.name: column.unit for column in COLUMNS}
QUANTITIES = tuple(name for name in UNITS if name not in ("time", "device", "throttled", "joules"))
# What holds a clock down, in the words of the column `throttled`; an idle clock, or one that was set, is not held down.
REASONS = ("power", "heat", "hardware", "brake", "sync")
MOST = 600  # looks of a run in the tables: more than a chart can show
PARQUET = b"PAR1"  # begins such a file


class Look(NamedTuple):
    """What one device did when it was looked at: a row of the table `samples`; None where it does not say."""

    time: datetime
    device: str
    utilisation: float | None = None
    clock_hz: float | None = None
    memory_clock_hz: float | None = None
    temperature_celsius: float | None = None
    power_watts: float | None = None
    memory_used_bytes: int | None = None
    throttled: str | None = None
    joules: float | None = None


HEAD = (",".join(UNITS) + "\n").encode()


def line_of(look: Look) -> bytes:
    """A look as a line to append."""
    values = (look.time.isoformat(), *look[1:])
    texts = ("-" if value == "" else "" if value is None else str(value) for value in values)
    return (",".join(texts) + "\n").encode()


def looks_in(content: bytes, source: str) -> list[Look]:
    """The looks in the bytes of a file, of either form; a last line that is not whole is left out.

    Raises:
        SourceError: where it is no series.
    """
    try:
        return [*(_of_parquet(content) if content.startswith(PARQUET) else _of_lines(content))]
    except Exception as error:  # each format has errors of its own
        raise SourceError(
            "is a damaged series of a run", source=source, todo="remove it, or run again"
        ) from error


def _of_lines(content: bytes) -> Iterator[Look]:
    if not content.startswith(HEAD):
        raise ValueError(content[:40])
    for row in csv.reader(io.StringIO(content[len(HEAD) : content.rfind(b"\n") + 1].decode())):
        time, device, *values = row
        given: dict[str, Any] = dict(zip((*UNITS,)[2:], values, strict=True))
        for column in COLUMNS[2:]:
            value = given[column.name]
            if column.name == "throttled":
                given[column.name] = "" if value == "-" else value or None
            else:
                given[column.name] = (int if column.dtype == WHOLE else float)(value) if value else None
        yield Look(datetime.fromisoformat(time), device, **given)


def _of_parquet(content: bytes) -> Iterator[Look]:
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(content), columns=list(UNITS))
    return (Look(*row) for row in zip(*(table.column(name).to_pylist() for name in UNITS), strict=True))


def to_parquet(looks: Iterable[Look]) -> bytes:
    """A series as the bytes of its file."""
    import pyarrow.parquet as pq

    columns = [list(values) for values in zip(*looks, strict=True)] or [[] for _ in UNITS]
    out = io.BytesIO()
    table = arrow_table(dict(zip(UNITS, columns, strict=True)), arrow_schema(COLUMNS))
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def whole(content: bytes | None) -> bytes | None:
    """The bytes of a series as those of its last form; of one that cannot be read, as they are."""
    if content is None or content.startswith(PARQUET):
        return content
    try:
        return to_parquet(looks_in(content, ""))
    except SourceError:
        return content


class Summary:
    """Adds looks up: number, lowest, mean and highest of each quantity of each device; of `throttled` shares of the looks."""

    def __init__(self) -> None:
        self.last: dict[str, Look] = {}
        self.sums: dict[
            tuple[str, str], list[float]
        ] = {}  # device and quantity: number, lowest, sum, highest

    def add(self, look: Look) -> None:
        """One more look."""
        self.last[look.device] = look
        for name in QUANTITIES:
            if (value := getattr(look, name)) is not None:
                self._count(look.device, name, float(value))
        if look.throttled is not None:
            held = look.throttled.split()
            self._count(look.device, "throttled", float(bool(held)))
            for reason in REASONS:
                self._count(look.device, f"throttled_{reason}", float(reason in held))

    def _count(self, device: str, name: str, value: float) -> None:
        count, low, whole, high = self.sums.get((device, name), (0, value, 0.0, value))
        self.sums[device, name] = [count + 1, min(low, value), whole + value, max(high, value)]

    def sampled(self) -> tuple[Sampled, ...]:
        """All quantities; the reasons that never were are left out."""
        return tuple(
            Sampled(
                name, UNITS.get(name, ""), int(count), low, whole / count, high, device,
                self.last[device].joules if name == "power_watts" else None,
            )
            for (device, name), (count, low, whole, high) in sorted(self.sums.items(), key=_place)
            if high or not name.startswith("throttled_")
        )  # fmt: skip


def _place(item: tuple[tuple[str, str], object]) -> tuple[str, int, str]:
    """The order of the table `telemetry`: by device, then as the columns of `samples`."""
    (device, name), _ = item
    return device, list(UNITS).index(name.partition("_")[0] if name.startswith("throttled") else name), name


def summed_up(looks: Iterable[Look]) -> tuple[Sampled, ...]:
    """What a series comes to."""
    summary = Summary()
    for look in looks:
        summary.add(look)
    return summary.sampled()


def between(looks: Iterable[Look], start: datetime | None, end: datetime | None) -> list[Look]:
    """The looks from a time to another, with the energy since the first of them."""
    first: dict[str, float | None] = {}
    found = []
    for look in looks:
        if (start is None or look.time >= start) and (end is None or look.time <= end):
            spent = first.setdefault(look.device, look.joules)
            joules = None if look.joules is None else look.joules - (spent or 0.0)
            found.append(look._replace(joules=joules))
    return found


def thinned(looks: list[Look]) -> list[Look]:
    """Every look, or of many every second, third …: of all devices at once, and the last."""
    times = dict.fromkeys(look.time for look in looks)
    step = -(-len(times) // MOST)
    if step < 2:
        return looks
    kept = {*list(times)[::step], *list(times)[-1:]}
    return [look for look in looks if look.time in kept]
