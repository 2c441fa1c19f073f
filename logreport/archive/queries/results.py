"""The view `results`: a row for each phase of each run, with all that is known of its run, device and set-up.

A column is named as in its table, and says the same. A run that stands in two logs is there once, as reports count it;
what a report adds to a run that leaves something unsaid (the precision that its script has, one device) is added here.
"""

from typing import NamedTuple

from logreport.scripts import OFFICIAL
from logreport.tables.schema import TABLES, TEXT, WHOLE, Column

SEVERITIES = ("error", "warning", "note")  # the worst first
ENVIRONMENT = ("host", "driver_version", "cuda_version", "cudnn_version", "intra_op_threads", "xla")
DEVICE = (
    "memory_total_bytes", "memory_limit_bytes", "memory_bandwidth", "clock_hz", "core_count", "power_limit_watts",
)  # fmt: skip


class Result(NamedTuple):
    """A column of the view, and its SQL: `p` is the phase, `r` its run, `e` its machine, `d` its devices, `f` its findings."""

    column: Column
    sql: str


def _of(letter: str, name: str, sql: str | None = None) -> Result:
    """A column as a table has it."""
    table = {"p": "phases", "r": "runs", "d": "devices"}[letter]
    (column,) = (one for one in TABLES[table] if one.name == name)
    return Result(column, sql or f"{letter}.{name}")


def _usual_precision() -> str:
    """The precision of scripts that print none."""
    known = [
        f"WHEN '{name}' THEN '{one.usual_precision}'" for name, one in OFFICIAL.items() if one.usual_precision
    ]
    return f"coalesce(r.precision, CASE r.benchmark {' '.join(known)} END)"


RESULTS = (
    _of("p", "run_id"),
    _of("p", "phase"),
    _of("r", "benchmark"),
    _of("r", "model"),
    _of("r", "mode"),
    _of("r", "dataset"),
    _of("p", "examples_per_second"),
    _of("p", "examples_per_second_low"),
    _of("p", "examples_per_second_high"),
    _of("p", "interval_method"),
    _of("p", "seconds_per_batch"),
    _of("p", "n_steps"),
    _of("p", "end_to_end_examples_per_second"),
    _of("p", "batch_size", "coalesce(p.batch_size, r.batch_size)"),
    _of("r", "batch_size_per_device"),
    _of("r", "device"),
    _of("r", "device_kind"),
    _of("r", "device_uuid"),
    _of(
        "r",
        "num_devices",
        "coalesce(nullif(r.num_devices, 0), CASE WHEN coalesce(r.ranks, 0) > 1 THEN NULL ELSE 1 END)",
    ),
    _of("r", "ranks"),
    _of("r", "host", "coalesce(r.host, e.host)"),
    Result(
        Column("driver_version", TEXT, "", "driver of the GPU"),
        "coalesce(e.driver_version, d.driver_version)",
    ),
    Result(Column("cuda_version", TEXT, "", "CUDA"), "e.cuda_version"),
    Result(Column("cudnn_version", TEXT, "", "cuDNN"), "e.cudnn_version"),
    _of("r", "framework"),
    _of("r", "framework_version"),
    _of("r", "xla", "coalesce(r.xla, e.xla = 'on')"),
    _of("r", "precision", _usual_precision()),
    _of("r", "mixed_precision"),
    _of("r", "variable_update"),
    _of("r", "data_format"),
    _of("r", "optimizer"),
    _of("r", "distortions"),
    _of("r", "threads", "coalesce(r.threads, try_cast(e.intra_op_threads AS BIGINT))"),
    _of("r", "interconnect"),
    *(_of("d", name) for name in DEVICE),
    _of("p", "power_watts"),
    _of("p", "examples_per_joule"),
    Result(next(one for one in TABLES["runs"] if one.name == "energy_joules"), "r.energy_joules"),
    _of("r", "memory_peak_bytes"),
    _of("r", "status"),
    _of("r", "status_reason"),
    Result(
        Column("worst_finding", TEXT, "", "code of the worst finding about the phase or its run"), "f.code"
    ),
    Result(Column("worst_severity", TEXT, "", "its severity: error, warning, note"), "f.severity"),
    Result(
        Column("findings", WHOLE, "", "how many findings there are about them"), "coalesce(f.findings, 0)"
    ),
    _of("r", "started_at"),
    _of("r", "ended_at"),
    _of("p", "source"),
    _of("p", "line"),
    Result(Column("log_sha256", TEXT, "", "SHA-256 of the log's bytes, without compression"), "p.log_sha256"),
)


def results_select(*, tagged: bool) -> str:
    """The SELECT behind the view.

    Args:
        tagged: whether the runs have tags, a column more.
    """
    columns = [f"{sql} AS {column.name}" for column, sql in RESULTS] + ["r.tag"] * tagged
    run = "log_sha256, run_id, source"
    said = ", ".join(
        f"last(value ORDER BY line NULLS LAST) FILTER (key = '{name}') AS {name}" for name in ENVIRONMENT
    )
    most = ", ".join(f"max({name}) AS {name}" for name in (*DEVICE, "driver_version"))
    rank = f"list_position({list(SEVERITIES)}, severity)"
    return f"""
        SELECT {", ".join(columns)} FROM phases AS p
        LEFT JOIN runs AS r USING ({run})
        LEFT JOIN (SELECT {run}, {said} FROM environment WHERE key IN {ENVIRONMENT} GROUP BY ALL) AS e USING ({run})
        LEFT JOIN (SELECT {run}, {most} FROM devices GROUP BY ALL) AS d USING ({run})
        LEFT JOIN (
            SELECT {run}, own.phase, first(code ORDER BY {rank}, findings.line) AS code, first(severity ORDER BY {rank}) AS severity,
            count(*) AS findings
            FROM phases AS own JOIN findings USING ({run})
            WHERE findings.phase IS NULL OR findings.phase = own.phase GROUP BY ALL
        ) AS f USING ({run}, phase)
        QUALIFY row_number() OVER (PARTITION BY p.run_id, p.phase ORDER BY p.source, p.log_sha256, p.line) = 1
    """  # noqa: S608 - names of our own
