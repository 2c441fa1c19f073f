"""From a run's matches to rows of the tables: what every run has, then what its benchmark adds."""

from typing import Any

from logreport.grammar import Match, Records
from logreport.runs.machine.devices import canonical_name
from logreport.runs.machine.setup import setup_facts
from logreport.runs.machine.tensorflow_release import infer, proof
from logreport.runs.machine.told import Told, told_by
from logreport.runs.machine.used_device import cpu_label, device_kind
from logreport.runs.run import Run
from logreport.runs.scripts import generic
from logreport.runs.scripts.common import (
    is_theano,
    moment,
    moment_of,
    precision_in,
    same_release,
    script_flags,
)
from logreport.runs.scripts.registry import BENCHMARKS
from logreport.scripts import OFFICIAL, official
from logreport.tables.findings import add
from logreport.tables.schema import JOINT
from logreport.tables.tables import Tables

INTERRUPTED = "KeyboardInterrupt"
ENDINGS = {"system.failed": "failed", "system.assertion": "failed", "system.stopped": "truncated"}
FATAL = b"F"  # the severity with which TensorFlow ends itself
LONGEST_REASON = 200
BUILT = (
    "phases",
    "steps",
    "layers",
    "evaluations",
    "environment",
    "findings",
)  # tables to which a benchmark adds rows


def build_run(run: Run, tables: Tables, sha256: str) -> str:
    """Add all rows of a run; returns its run_id."""
    benchmark = BENCHMARKS.get(run.benchmark or "", generic)
    if run.record is not None:
        run.command = run.command or run.record.command_line
    flags, (first, last) = script_flags(run.command), run.records.ends or (1, 1)
    row: dict[str, Any] = {
        **dict.fromkeys(("batch_size", "num_devices", "mode")),
        "run_id": run.run_id(),
        "source": run.source,
        "first_line": first,
        "last_line": last,
        "benchmark": run.benchmark,
        "framework": framework_of(run),
        "command": run.command or None,
        "log_sha256": sha256,
    }
    row |= {name: value for name, value in benchmark.facts(run, flags).items() if value is not None}
    if "precision" not in row:
        row["precision"] = precision_in(run.source, run.heading)
    told = told_by(run.records)
    gpus, known = told.gpus, told.facts
    add_machine(told, tables, {"run_id": row["run_id"], "source": run.source})
    version, contradiction = version_of(run, known)
    row |= version
    if "device" not in row:
        found = device_of(run, row, flags, gpus, known)
        if row.setdefault("device_kind", found["device_kind"]) == found["device_kind"]:
            row |= found
    row |= times_of(run.records)
    row["status"], row["status_reason"] = status_of(run, benchmark.status(run))
    add_context(run, tables, row)
    if run.record is not None:
        from logreport.runs.run_record_facts import Log, add_record_facts, environment_of

        add_record_facts(run, run.record, row, Log(gpus, known, flags), tables)
        known = {**dict(environment_of(run.record)), **known}
    row = {**setup_facts(run, flags, known, row.get("framework_version")), **row}
    if tables.wants(*BUILT):
        benchmark.build(run, row, tables)
    tables.add("runs", **row)
    note_run(run, row, tables)
    if contradiction:
        place = {"run_id": row["run_id"], "source": run.source, "line": row["first_line"]}
        add(tables, "version-contradiction", place, detail=contradiction)
    return str(row["run_id"])


def framework_of(run: Run) -> str | None:
    """TensorFlow for its own benchmarks, unless it is Theano's twin; a user's grammar says it in its header."""
    if run.benchmark is not None and run.benchmark not in OFFICIAL:
        return None
    return "theano" if is_theano(run) else "tensorflow"


def add_machine(told: Told, tables: Tables, about: dict[str, Any]) -> None:
    """Add devices and environment that lines tell of."""
    for table, columns in (("devices", told.devices), ("environment", told.environment)):
        if tables.wants(table):
            tables.add_rows(table, len(columns["line"]), **about, **columns)


def add_context(run: Run, tables: Tables, row: dict[str, Any]) -> None:
    """Add what was asked for and what the document calls the run: analysis holds both against the log."""
    about = {"run_id": row["run_id"], "source": run.source, "line": row["first_line"]}
    for key, value in (("devices", run.headers.get("Devices")), ("heading", run.heading)):
        if value:
            tables.add("environment", **about, key=key, value=value)


def version_of(run: Run, facts: dict[str, str]) -> tuple[dict[str, Any], str | None]:
    """The TensorFlow release: as printed, else as file and line numbers of its runtime lines prove it.

    Also returns what contradicts a printed release.
    """
    printed = run.headers.get("TensorFlow") or facts.get("tensorflow_version")
    inferred = infer(run.records)
    if printed:
        row = {"framework_version": printed, "framework_version_source": "printed"}
        if inferred is None or any(same_release(printed, release) for release in inferred.releases):
            return row, None
        lines = ", ".join(map(str, proof(run.records, inferred)[:3]))
        return row, f"it prints {printed}, its runtime lines are those of {inferred.release}: lines {lines}"
    if inferred is None:
        return {}, None
    return {"framework_version": inferred.release, "framework_version_source": "inferred"}, None


def device_of(
    run: Run, row: dict[str, Any], flags: dict[str, str], gpus: list[str], facts: dict[str, str]
) -> dict[str, Any]:
    """Kind and name of the device that the run used, and where the name comes from."""
    kind = device_kind(run, flags, bool(gpus), facts)
    if kind == "gpu" and gpus:
        used = (
            gpus[: row.get("num_devices") or len(gpus)] if official(run.benchmark).all_devices else gpus[:1]
        )
        names = dict.fromkeys(map(canonical_name, used))
        return {"device_kind": kind, "device": JOINT.join(names), "device_source": "log"}
    if kind == "cpu":
        label, source = cpu_label(run, row.get("framework_version"))
        return {"device_kind": kind, "device": label, "device_source": source}
    return {"device_kind": kind}


def times_of(records: Records) -> dict[str, Any]:
    """The earliest and the latest time stamp of a run; Unix seconds count only where no line has a local time."""
    # Stamps sort as their text does.
    stamps = records.extremes("timestamp")
    if not all(moment(text.decode()) for text in stamps):  # `99:99:99` is no time
        stamps = [text for text in records.raw("timestamp") if moment(text.decode())]
    if stamps:
        return {"started_at": moment(min(stamps).decode()), "ended_at": moment(max(stamps).decode())}
    moments = [moment_of({"unix_time": float(text)}) for text in records.raw("unix_time")]
    times = [time for time in moments if time is not None]
    return {"started_at": min(times), "ended_at": max(times)} if times else {}


def status_of(run: Run, by_benchmark: tuple[str, str]) -> tuple[str, str]:
    """The benchmark's word, unless an error after the last result says why there is no more."""
    if by_benchmark[0] in ("complete", "failed"):
        return by_benchmark
    own = {kind for kind in run.kinds if kind.startswith(f"{run.benchmark}.")}
    after = list(run.records.behind(own))
    errors: list[Match] = []
    for match in after:
        if match.leaf.kind == "python.exception":
            errors.append(match)
        # Of several workers, one fails and the launcher stops the others.
        elif (end := end_of(match)) is not None and not (errors and match.leaf.kind == "system.stopped"):
            return end
    if errors:
        fields = errors[-1].fields()
        words = (fields["exception_type"], fields.get("cause") or fields.get("message"))
        return "failed", ": ".join(filter(None, words))[:LONGEST_REASON]
    exited = next((match for match in after if match.leaf.kind == "system.exited"), None)
    if exited is not None:  # whoever started it says only that
        return "failed", str(next(iter(exited.fields().values())))[:LONGEST_REASON]
    return by_benchmark


def end_of(match: Match) -> tuple[str, str] | None:
    """How a run ended, where one line alone says it: by a signal, by the system, or by a fatal message of TensorFlow's."""
    kind = match.leaf.kind
    if kind == "python.interrupted":
        signal = match.value("signal")
        return ("truncated" if signal in (INTERRUPTED, "Killed", "Terminated") else "failed"), signal
    if kind == "tensorflow.out_of_memory":
        return "failed", "out of memory"
    if kind in ENDINGS:
        return ENDINGS[kind], str(next(iter(match.fields().values())))[:LONGEST_REASON]
    if match.raw("severity") == FATAL:
        return "failed", str(match.value("message") or "a fatal error of TensorFlow")[:LONGEST_REASON]
    return None


def note_run(run: Run, row: dict[str, Any], tables: Tables) -> None:
    """Findings about the run as a whole, at the line that shows them."""
    place = {"run_id": row["run_id"], "source": run.source}
    if row["status"] in ("truncated", "failed"):
        add(tables, row["status"], {**place, "line": row["last_line"]}, detail=row["status_reason"])
    if run.is_mixed:
        add(tables, "interleaved", {**place, "line": row["first_line"]})
    if run.settings_are_gone:
        add(tables, "settings-of-another", {**place, "line": row["first_line"]})
    for line, step in run.resumed_at:
        add(tables, "resumed", {**place, "line": line}, detail=f"step {step}")
