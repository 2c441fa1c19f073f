"""Published speeds among measured ones, where that is asked for: each stands for a run like those of the other labels.

A document names model, batch size and perhaps precision, framework and number of devices of a number, not the script that made it. So a number
takes what it does not say from each workload of its model that another label measured; it has no interval. Numbers that differ are no repeats.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence

from logreport.analysis.comparison.pooling import PUBLISHED, workload_of
from logreport.analysis.measurement.phases import Phase, Row, phases_of
from logreport.analysis.results import Workload
from logreport.runs.published import names
from logreport.scripts import official
from logreport.tables.tables import Tables

SPEEDS = ("images/s", "examples/s")
TRAINS = ("training", "forward_backward")
_FRAMEWORKS = {"tf": "tensorflow", "keras": "tensorflow", "torch": "pytorch"}
_LIKE_MEASURED = (
    "benchmark", "model", "mode", "dataset", "framework", "framework_version", "optimizer",
    "variable_update", "data_format", "item",
)  # fmt: skip


def adopt(tables: Tables, labels: Mapping[str, str]) -> None:
    """Add a run for each published speed and each workload of its model that another label measured.

    Args:
        tables: as `analyze` leaves them; `runs` and `phases` grow.
        labels: label of each source.
    """
    measured = phases_of(tables)
    seen = set()
    for row in list(tables.rows("published")):
        label = labels.get(str(row["source"]))
        if label is None or row["unit"] not in SPEEDS or not row["value"] or not row["batch_size"]:
            continue
        others = [phase for phase in measured if labels.get(str(phase.row["source"])) not in (None, label)]
        for workload, phase in _likely(row, others).items():
            same = label, workload, row["device"], row["framework"], row["value"]
            if same not in seen:
                _add(tables, row, workload, phase)
            seen.add(same)


def _likely(row: Row, others: Sequence[Phase]) -> dict[Workload, Phase]:
    """The workloads that a number can be of, each with a phase that it takes from what the document does not say."""
    found = {}
    for phase in others:
        workload = workload_of(phase)
        counts = workload.item in (None, "examples", "images") and not _is_other(row["phase"], workload.phase)
        counts = counts and _framework(row)[0] in (None, phase.run.get("framework"))
        if counts and plain(workload.model) == plain(row["model"]) is not None:
            said = {name: row[name] or getattr(workload, name) for name in ("precision", "num_devices")}
            found[workload._replace(batch_size=row["batch_size"], **said)] = phase
    return found


def _is_other(said: str | None, measured: str) -> bool:
    """Whether a document says training of a number where inference was measured, or the other way round."""
    return said is not None and (said == "training") != (measured in TRAINS)


def _framework(row: Row) -> tuple[str | None, str | None]:
    """Framework and release that a document names."""
    name = names.framework_in(row["framework"] or "")
    if name is None:
        return None, None
    found = names.RELEASE.search(name)
    bare = names.RELEASE.sub("", name).lower()
    return _FRAMEWORKS.get(bare, bare), found[0].strip(" vV") if found else None


def _add(tables: Tables, row: Row, workload: Workload, like: Phase) -> None:
    """A run and its phase with a published speed; what the workload does not hold is that of a measured phase."""
    words = (row["source"], row["line"], row["row_label"], row["column_label"], workload)
    place = {
        "run_id": hashlib.sha256(repr(words).encode()).hexdigest()[:16],
        "source": row["source"],
    }
    facts = {name: like.run.get(name) for name in _LIKE_MEASURED}
    facts["framework_version"] = _framework(row)[1] or facts["framework_version"]
    tables.add(
        "runs", **place, **facts, batch_size=workload.batch_size,
        precision=workload.precision, num_devices=workload.num_devices, device=row["device"], first_line=row["line"], last_line=row["line"],
        status="complete", status_reason=PUBLISHED,
    )  # fmt: skip
    total = row["value"] if official(workload.benchmark).has_total else None
    tables.add(
        "phases", **place, phase=workload.phase, batch_size=workload.batch_size, line=row["line"],
        examples_per_second=row["value"], end_to_end_examples_per_second=total, method="reported",
    )  # fmt: skip


def plain(model: str | None) -> str | None:
    """The name of a model without what its spellings differ in: `Inception-V3` and `inception3` are one."""
    return None if model is None else re.sub(r"[^a-z0-9]|v(?=[0-9])", "", model.lower())
