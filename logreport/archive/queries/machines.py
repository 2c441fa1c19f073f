"""The devices of an archive: found part by part, as their facts are little and the rows that say them are many."""

from collections.abc import Iterable

from logreport.analysis.hardware.seen_devices import (
    NEEDED,
    OF_CPUS,
    PROPERTIES,
    SOFTWARE,
    Device,
    devices_in,
)
from logreport.archive.queries.selecting import chosen_runs, parts_of, tables_of_runs
from logreport.archive.storage.layout import one_of
from logreport.archive.storage.snapshot import Snapshot
from logreport.tables.conditions import Condition
from logreport.tables.schema import device_names
from logreport.tables.tables import Tables

_RUN = ("run_id", "source")
_COLUMNS = {
    "runs": (
        *_RUN, "first_line", "device", "device_kind", "device_uuid", "framework_version", "started_at", "ended_at",
    ),
    "devices": (*_RUN, "name", "kind", "line", *PROPERTIES, "driver_version"),
    "environment": (*_RUN, "key", "value", "line"),
}  # fmt: skip
_KEYS = (*SOFTWARE, *OF_CPUS, "host")


def devices_of(snapshot: Snapshot, where: Condition | None = None, *, apart: bool = True) -> list[Device]:
    """Every device that the logs of an archive name; a million logs need no more memory than some thousand.

    Args:
        snapshot: of the archive.
        where: a condition on the runs; None for all of them.
        apart: whether devices with a UUID are told apart.

    Raises:
        UsageError: where the condition is none.
    """
    damaged = len(snapshot.unreadable)
    chosen = None if where is None else chosen_runs(snapshot, where)
    found = devices_in(
        parts_of(snapshot, chosen, _COLUMNS, {"environment": one_of("key", _KEYS)}), apart=apart
    )
    if len(snapshot.unreadable) > damaged:  # found on the way, after some rows of its commit were taken
        return devices_of(snapshot, where, apart=apart)
    return found


def tables_on(snapshot: Snapshot, where: Condition | None, found: Iterable[Device]) -> Tables:
    """The tables that the speeds of some devices are worked out from: of the runs that used one of their names.

    What is judged across runs is left out: none of it is an error, which alone would count here.
    """
    names = {device.name for device in found}
    columns = ["log_sha256", "run_id", "source", "device"]
    runs = snapshot.rows("runs", columns) if where is None else chosen_runs(snapshot, where, ["device"])
    meant = [one for one in runs.column("device").unique().to_pylist() if names & {*device_names(one)}]
    return tables_of_runs(snapshot, runs.filter(one_of("device", meant)), NEEDED)
