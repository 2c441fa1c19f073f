"""From conditions to runs: what they choose, and which label each run has."""

from collections.abc import Callable, Mapping
from itertools import compress

from logreport.errors import UsageError
from logreport.tables.reading import Reading


def require_runs(reading: Reading, where: str, source: str | None = None) -> None:
    """Say that a condition has chosen nothing.

    Raises:
        UsageError: where it has.
    """
    if not reading.tables.count("runs") and not reading.tables.count("published"):
        todo = "see `logreport parse --table runs` or `logreport archive list`"
        raise UsageError(f"no run has {where}", source=source, todo=todo)


def read_selections(
    read: Callable[[str], Reading], labels: Mapping[str, str]
) -> tuple[Reading, dict[str, str]]:
    """The runs that any of several conditions selects; returns the label of each source too.

    Args:
        read: gives the runs that a condition selects, of logs or of an archive.
        labels: a condition for each label.

    Raises:
        UsageError: where a condition is none or selects nothing, or a source is under two labels.
    """
    from logreport.tables.conditions import condition

    meant = {label: condition(text) for label, text in labels.items()}
    reading = read(" or ".join(f"({one.text})" for one in meant.values()))
    columns, count = reading.tables.of_runs(), reading.tables.count("runs")
    where: dict[str, str] = {}
    for label, one in meant.items():
        chosen = list(compress(columns["source"], one.mask(columns, count)))
        if not chosen:
            raise UsageError(f"no run has {one.text}", todo=f"say otherwise what {label} is")
        for source in chosen:
            if where.setdefault(source, label) != label:
                raise UsageError(
                    f"is under both {where[source]} and {label}",
                    source=source,
                    todo="write conditions that exclude each other",
                )
    return reading, where
