"""Tables as the runs stage fills them, from logs and from simulated runs."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from logreport.tables.tables import Tables

START = datetime(2020, 1, 1)  # noqa: DTZ001 -- logs carry local time


def add_run(tables: Tables, run_id: str, benchmark: str, **values: Any) -> None:
    """Append one row to runs, with what most tests need."""
    row = {"source": f"{run_id}.log", "first_line": 1, "status": "complete", "framework": "tensorflow"}
    tables.add("runs", run_id=run_id, benchmark=benchmark, **{**row, **values})


def add_alexnet(
    tables: Tables, run_id: str, text: str, *, phase: str = "forward", batch: int | None = 128, line: int = 1
) -> None:
    """Append the lines of one alexnet_benchmark pass, as printed, to steps and phases."""
    source = f"{run_id}.log"
    for match in re.finditer(r"^(\S+ \S+): step (\d+), duration = (\S+)$", text, re.MULTILINE):
        at = datetime.fromisoformat(match[1])
        step, seconds = int(match[2]), float(match[3])
        tables.add(
            "steps",
            run_id=run_id,
            source=source,
            phase=phase,
            step=step,
            timestamp=at,
            seconds_per_batch=seconds,
        )
    match = re.search(
        r"^(\S+ \S+): \S+ across (\d+) steps, (\S+) \+/- (\S+) sec / batch$", text, re.MULTILINE
    )
    assert match is not None
    n, mean, sd = int(match[2]), float(match[3]), float(match[4])
    at = datetime.fromisoformat(match[1])
    tables.add("steps", run_id=run_id, source=source, phase=phase, step=n, timestamp=at, line=line)
    speed = batch / mean if batch and mean else None
    tables.add(
        "phases", run_id=run_id, source=source, phase=phase, batch_size=batch, n_steps=n, seconds_per_batch=mean,
        seconds_per_batch_sd=sd, examples_per_second=speed, method="reported", line=line,
    )  # fmt: skip


def add_cumulative(
    tables: Tables,
    run_id: str,
    steps: Sequence[int],
    rates: Sequence[float],
    *,
    batch: int = 64,
    **values: Any,
) -> None:
    """Append step lines of tf_cnn_benchmarks (examples/s, mean since warm-up) and their phase."""
    source = values.pop("source", f"{run_id}.log")
    phase = values.pop("phase", "training")
    sem, losses, rank = values.pop("sem", None), values.pop("losses", None), values.pop("rank", None)
    for i, (step, rate) in enumerate(zip(steps, rates, strict=True)):
        tables.add(
            "steps", run_id=run_id, source=source, phase=phase, step=step, examples_per_second=rate, rank=rank,
            sem=sem, loss=losses[i] if losses else 7.5, line=10 + i,
        )  # fmt: skip
    row = {
        "n_steps": steps[-1],
        "examples_per_second": rates[-1],
        "method": "reported",
        "line": 10 + len(steps),
    }
    tables.add("phases", run_id=run_id, source=source, phase=phase, batch_size=batch, **{**row, **values})


def add_intervals(
    tables: Tables,
    run_id: str,
    steps: Sequence[int],
    rates: Sequence[float],
    *,
    batch: int | None = 128,
    **values: Any,
) -> None:
    """Append step lines of cifar10 (examples/s since the line before) and their phase."""
    source = values.pop("source", f"{run_id}.log")
    for i, (step, rate) in enumerate(zip(steps, rates, strict=True)):
        tables.add(
            "steps", run_id=run_id, source=source, phase="training", step=step, examples_per_second=rate,
            timestamp=START + timedelta(seconds=i), loss=4.6, line=10 + i,
        )  # fmt: skip
    tables.add(
        "phases",
        run_id=run_id,
        source=source,
        phase="training",
        batch_size=batch,
        method="computed",
        line=10,
        **values,
    )


def messages(tables: Tables, code: str) -> list[str]:
    """Messages of the findings with one code."""
    f = tables.columns["findings"]
    return [text for text, own in zip(f["message"], f["code"], strict=True) if own == code]


def phase_of(tables: Tables, run_id: str, phase: str = "training") -> dict[str, Any]:
    """The row of one phase."""
    return next(r for r in tables.rows("phases") if (r["run_id"], r["phase"]) == (run_id, phase))


def codes(tables: Tables) -> set[str]:
    """Codes of all findings."""
    return set(tables.columns["findings"]["code"])
