"""Doubts about a machine that did something else too, by what its runner recorded."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from logreport.analysis.measurement.numbers import number
from logreport.analysis.measurement.phases import Key
from logreport.tables.findings import add
from logreport.tables.tables import Tables

_OTHERS = 0.05  # share of all processors that others used, from which a run is called disturbed
_RECORDED = ("run_seconds", "cpu_threads", "run_others_cpu_seconds", "run_stolen_cpu_seconds", "cpu_governor")
_STOLEN = 0.01  # share of the processors that the host of a virtual machine kept


def check_disturbance(tables: Tables) -> None:
    """Append a finding for each thing that disturbed a run."""
    recorded = _recorded(tables)
    for run in tables.rows("runs") if recorded else ():
        facts = recorded.get((run["run_id"], run["source"]), {})
        place = {"run_id": run["run_id"], "source": run["source"], "line": run.get("first_line")}
        for code, fields in _doubts(facts):
            add(tables, code, place, **fields)


def _recorded(tables: Tables) -> dict[Key, dict[str, str]]:
    """What a runner recorded of the machine, by run; most logs have no record."""
    columns = tables.columns["environment"]
    found: dict[Key, dict[str, str]] = defaultdict(dict)
    rows = zip(*(columns[name] for name in ("run_id", "source", "key", "value")), strict=True)
    for run_id, source, key, value in rows:
        if key in _RECORDED:
            found[run_id, source][key] = str(value)
    return found


def _doubts(facts: dict[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(code, fields) of one run."""
    seconds, threads = _number(facts, "run_seconds"), _number(facts, "cpu_threads")
    if seconds > 0 and threads > 0:
        others = _number(facts, "run_others_cpu_seconds") / seconds
        # More than all of them is no measurement: older records counted for longer than the run.
        if _OTHERS * threads < others <= threads:
            yield "busy-machine", {"others": others, "threads": int(threads)}
        stolen = _number(facts, "run_stolen_cpu_seconds") / seconds / threads
        if stolen > _STOLEN:
            yield "stolen-time", {"percent": stolen * 100}
    if "powersave" in facts.get("cpu_governor", ""):
        yield "powersave", {}


def _number(facts: dict[str, str], key: str) -> float:
    """A fact as a number; 0 where it is not known."""
    return number(facts.get(key)) or 0.0
