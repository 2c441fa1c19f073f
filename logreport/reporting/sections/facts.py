"""The tables once more, arranged for a report: by run, with findings numbered and devices in a fixed order."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from typing import Any

from logreport.analysis.hardware.utilisation import Utilisation
from logreport.analysis.results import Comparison, Side, Workload
from logreport.analysis.study import Study
from logreport.reporting.attempts import Attempts
from logreport.reporting.report import About, Block, Cell, Finding, Provenance, Ref, Span
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import wording
from logreport.reporting.text.short_names import Shortening
from logreport.tables.findings import details_of, message_of
from logreport.tables.tables import Tables

Row = dict[str, Any]
Line = tuple[Row, Row | None]  # a run, and one of its phases
SEVERITIES = ("error", "warning", "note")
WORKLOAD_FACETS = ("model", "phase", "precision", "batch", "devices", "data")
_DATA = {"real data": "real", "synthetic data": "synthetic"}
_WORDS = 6  # by which a document may call a device
_REFS_SHOWN = 3  # places named for one number; more would hide the number


class Steps:
    """The steps of each phase, as rows where they are asked for: few of many are drawn."""

    def __init__(self, tables: Tables, run: dict[str, Row]) -> None:
        self._columns = tables.columns["steps"]
        self._places: dict[tuple[str, str], list[int]] = defaultdict(list)
        keys = zip(*(self._columns[name] for name in ("run_id", "source", "phase")), strict=True)
        for i, (run_id, source, phase) in enumerate(keys):
            if _is_counted(run_id, source, run):
                self._places[run_id, phase or ""].append(i)

    def of(self, run_id: str, phase: str | None) -> list[Row]:
        """The steps of a phase, in the order of the log."""
        found = self.columns(run_id, phase, *self._columns)
        return [dict(zip(self._columns, values, strict=True)) for values in found]

    def columns(self, run_id: str, phase: str | None, *names: str) -> list[tuple[Any, ...]]:
        """The columns of these names of the steps of a phase, as tuples: of the steps of all phases rows would be slow."""
        places = self._places.get((run_id, phase or ""), ())
        return list(zip(*(map(self._columns[name].__getitem__, places) for name in names), strict=True))


@dataclass(frozen=True)
class Facts:
    """What the makers of all sections read."""

    study: Study
    short: Shortening  # for every source in what the study says
    tables: Tables  # with short sources
    runs: tuple[Row, ...]
    run: dict[str, Row]
    phases: tuple[Row, ...]
    steps: Steps
    findings: tuple[Finding, ...]
    by_run: dict[str, tuple[tuple[str | None, Finding], ...]]
    devices: dict[str, int]
    unknown: frozenset[str]  # what devices are called that have no name
    unit: str
    changes: dict[tuple[str, str], tuple[float, ...]]  # steps after which the speed changed, by run and phase
    comparisons: Sequence[Comparison] = ()
    between: Sequence[Comparison] = ()  # device against device, where devices are compared
    both_data: frozenset[str] = frozenset()  # scripts that ran on real and on synthetic data
    provenance: Provenance | None = None
    attempts: Attempts = field(default_factory=Attempts)

    @cached_property
    def telemetry(self) -> Mapping[str, Sequence[Row]]:
        """What was seen of the devices of each run, in sum."""
        return _by_run(self.tables.rows("telemetry"))

    @cached_property
    def looks(self) -> Mapping[str, Sequence[Row]]:
        """The same look by look."""
        return _by_run(self.tables.rows("samples"))

    @cached_property
    def lines(self) -> Sequence[Line]:
        """Runs with each of their phases; a run without one stands by itself. Same models stand together."""
        phases: dict[str, list[Row]] = {}
        for phase in self.phases:
            phases.setdefault(phase["run_id"], []).append(phase)
        lines: list[Line] = []
        for run in self.runs:
            lines += [(run, phase) for phase in phases.get(run["run_id"] or "", [])] or [(run, None)]
        return sorted(lines, key=_order)

    @property
    def shares(self) -> Mapping[tuple[str, str], Utilisation]:
        """Shares of the peak rate, by run and phase."""
        return self.study.shares

    @property
    def folder(self) -> str:
        """The folder of all sources, which are named without it."""
        return fmt.clean(self.short.folder)

    def blocks(self, makers: Mapping[str, Callable[["Facts"], Iterable[Block]]]) -> tuple[Block, ...]:
        """What makers of blocks, by name, make of this; one that fails is named and leaves the others."""

        def made(make: Callable[[Facts], Iterable[Block]]) -> tuple[Block, ...]:
            return tuple(make(self))

        parts = [self.attempts.part(name, partial(made, make), ()) for name, make in makers.items()]
        return tuple(block for part in parts for block in part)

    def doubts(self, run_ids: Iterable[str], phase: str | None = None) -> tuple[Finding, ...]:
        """The findings about a phase of these runs, or about the runs as a whole."""
        found = {
            finding.number: finding
            for run_id in run_ids
            for where, finding in self.by_run.get(run_id, ())
            if where is None or phase is None or where == phase
        }
        return tuple(found[n] for n in sorted(found))

    def refs(self, places: Iterable[tuple[str, int | None]], what: str) -> tuple[Ref, ...]:
        """The first places that a result of the study comes from."""
        return refs(((self.short.place(source), line) for source, line in places), what)

    def device(self, name: str) -> int:
        """The place of a device in the report's order, which fixes its colour and marker."""
        return self.devices.get(name, 0)

    @property
    def device_names(self) -> tuple[str, ...]:
        """A name for each place in that order: that of the logs, where a document has another; empty if none has one."""
        found: dict[int, str] = {}
        for name, n in self.devices.items():
            found.setdefault(n, "" if name in self.unknown else name)
        return tuple(found.values())

    def the(self, name: str) -> str:
        """The name of a device inside a sentence."""
        return wording.the(name, None if name in self.unknown else name)

    def data(self, workload: Workload) -> str:
        """On what kind of data a workload ran, where the same script ran on both."""
        return wording.data_name(workload.dataset) if workload.benchmark in self.both_data else ""

    def workload(self, workload: Workload) -> str:
        """A workload in a sentence, with its data where the same script ran on others."""
        return wording.workload_text(workload, self.both_data)

    def device_of(self, side: Side) -> int:
        """The place of the device that one side of a comparison ran on."""
        return self.device(self.name_of(side))

    def name_of(self, side: Side) -> str:
        """The device that one side of a comparison ran on."""
        return _device_of(side)


def _order(line: Line) -> tuple[str, str, int, str]:
    """Same workloads stand together."""
    run, phase = line
    size = phase["batch_size"] if phase and phase["batch_size"] is not None else run["batch_size"]
    name = wording.model_name(run["model"] or run["benchmark"]).lower()
    return name, (phase["phase"] if phase else run["mode"]) or "", size or 0, wording.device_name(run)


def _by_run(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Rows by run, once for each run where two sources hold it."""
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        found[row["run_id"] or "", row["source"]].append(row)
    return {run_id: own for (run_id, _), own in reversed(found.items())}


def _device_of(side: Side) -> str:
    """The device of a side: two set-ups on one device share its colour."""
    return fmt.clean(side.device or side.label)


@lru_cache(maxsize=10_000)
def about(
    workload: Workload, *, mixed_precision: object = False, fields: tuple[str, ...] = WORKLOAD_FACETS
) -> About:
    """The values of facets that a workload has; a batch size that it leaves open is none."""
    values = {
        "model": wording.model_name(workload.model or workload.benchmark),
        "phase": wording.phase_name(workload.phase),
        "precision": "mixed precision" if mixed_precision else workload.precision,
        "batch": workload.batch_size,
        "devices": workload.num_devices,
        "data": data_facet(workload.dataset),
    }
    chosen = ((name, values[name]) for name in fields if name != "batch" or values[name] is not None)
    return tuple((name, "" if value is None else fmt.clean(value)) for name, value in chosen)


def data_facet(dataset: str | None) -> str | None:
    """Whether data are real or synthetic; None for none."""
    return _DATA.get(wording.data_name(dataset))


def missing(why: str) -> Cell:
    """An em dash, and why there is no value."""
    return Cell(fmt.MISSING, why=why, missing=True)


def numbers(values: Sequence[float | None], why: str) -> list[Cell]:
    """A column of numbers; `why` is the reason where one is missing."""
    return [missing(why) if text == fmt.MISSING else Cell(text) for text in fmt.column(values)]


def words(value: object, why: str = "not in the log") -> Cell:
    """A cell of text from a log."""
    return missing(why) if value is None or value == "" else Cell(fmt.clean(value))


def refs(places: Iterable[tuple[str, int | None]], what: str) -> tuple[Ref, ...]:
    """The first places that a number comes from."""
    unique = list(dict.fromkeys(places))[:_REFS_SHOWN]
    return tuple(Ref(source, line, what) for source, line in unique)


def short_run(run: Row) -> str:
    """A run in a few words: device, threads where they tell runs apart, model, batch size and number of devices."""
    inside = wording.details(
        batch_size=run["batch_size"],
        precision=run["precision"],
        num_devices=run["num_devices"],
        data=run.get("data", ""),
    )
    name = wording.model_name(run["model"] or run["benchmark"])
    return f"{on_what(run)}, {name}{f' ({inside})' if inside else ''}"


def on_what(run: Row) -> str:
    """The device of a run, and how many threads it had where runs on this device differ in that."""
    return ", ".join(filter(None, (wording.device_name(run), run.get("set_up"))))


def names_of(runs: Sequence[Row], most: int = 4) -> tuple[Span, ...]:
    """Runs named in a sentence, each with the place where it stands; those that the same words would name are counted."""
    named: dict[tuple[str, str], Row] = {}
    for run in runs:
        named.setdefault((short_run(run), run["status_reason"] or ""), run)
    shown = list(named.values())[:most]
    spans: list[Span] = []
    for run in shown:
        place = refs([(run["source"], run["first_line"])], "first line of the run")
        spans += [Span(", " if spans else ""), Span(short_run(run), refs=place)]
        spans += [Span(f" ({fmt.reason(run['status_reason'])})")] if run["status_reason"] else []
    rest = len(runs) - len(shown)
    return (*spans, Span(f" and {fmt.count(rest, 'more', 'more')}" if rest > 0 else ""))


def _concerns(group: Sequence[Row], run: dict[str, Row]) -> str:
    names: list[str] = []
    for row in group:
        about = run.get(row["run_id"] or "")
        phase = f", {wording.phase_name(row['phase'])}" if row["phase"] else ""
        names.append(f"{short_run(about)}{phase}" if about else fmt.clean(row["source"] or ""))
    return fmt.listed(list(dict.fromkeys(filter(None, names))), most=3)


def number_findings(rows: Iterable[Row], run: dict[str, Row]) -> tuple[tuple[Finding, ...], dict[str, Any]]:
    """Findings grouped by what they say, worst first, kind by kind, and numbered; and which run has which."""
    groups: dict[tuple[int, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        severity = SEVERITIES.index(row["severity"]) if row["severity"] in SEVERITIES else len(SEVERITIES) - 1
        groups[severity, row["code"] or "", fmt.clean(message_of(row))].append(row)
    found: list[Finding] = []
    by_run: dict[str, tuple[tuple[str | None, Finding], ...]] = defaultdict(tuple)
    kinds = {
        kind: n for n, kind in enumerate(dict.fromkeys((severity, code) for severity, code, _ in groups))
    }
    ordered = sorted(groups.items(), key=lambda g: (g[0][0], kinds[g[0][:2]]))
    for n, ((severity, code, message), group) in enumerate(ordered, 1):
        places = refs(((r["source"], r["line"]) for r in group if r["source"]), f"finding {n}")
        finding = Finding(
            n, SEVERITIES[severity], fmt.clean(code), wording.capital(message), _concerns(group, run), places
        )
        found.append(finding)
        for row in group:
            by_run[row["run_id"] or ""] += ((row["phase"], finding),)
    return tuple(found), dict(by_run)


def _changes(rows: Iterable[Row]) -> dict[tuple[str, str], tuple[float, ...]]:
    """Where findings say that the speed changed at once."""
    found: dict[tuple[str, str], tuple[float, ...]] = defaultdict(tuple)
    for row in rows:
        if row["code"] in ("slows-down", "speeds-up"):
            step = details_of(row).get("step")
            found[row["run_id"] or "", row["phase"] or ""] += () if step is None else (float(step),)
    return dict(found)


def _device_order(
    run: dict[str, Row], comparisons: Sequence[Comparison], published: Iterable[Row]
) -> dict[str, int]:
    """Devices in the order in which the answers name them, then the others.

    One that a document calls by the end of its name (`1050 Ti`) is the one that a log names in full, if only one is.
    """
    sides = (side for c in comparisons for side in (c.baseline, c.side))
    names = [_device_of(side) for side in sides]
    names += [wording.device_name(row) for row in run.values()]
    order = {name: n for n, name in enumerate(dict.fromkeys(names))}
    ends: dict[str, set[int]] = defaultdict(set)
    for name, n in order.items():
        _add_ends(ends, name, n)
    free = len(order)
    for name in dict.fromkeys(map(wording.device_name, published)):
        known = ends.get(name, set())
        order[name] = next(iter(known)) if len(known) == 1 else free
        free += order[name] == free
        _add_ends(ends, name, order[name])
    return order


def _add_ends(ends: dict[str, set[int]], name: str, place: int) -> None:
    """Note what a document may call a device: its whole name, or its last words."""
    words = name.split()
    for end in (name, *(" ".join(words[-n:]) for n in range(1, min(len(words), _WORDS + 1)))):
        ends[end].add(place)


def _tell_apart(run: dict[str, Row], environment: Mapping[str, Sequence[Any]]) -> None:
    """Give runs of one device their number of threads as `set_up`, where these differ."""
    told = zip(*(environment[name] for name in ("run_id", "key", "value")), strict=True)
    threads = {run_id: value for run_id, key, value in told if key == "intra_op_threads" and run_id in run}
    counts: dict[str, set[str]] = defaultdict(set)
    for run_id, count in threads.items():
        counts[wording.device_name(run[run_id])].add(count)
    for run_id, count in threads.items():
        if len(counts[wording.device_name(run[run_id])]) > 1:
            run[run_id]["set_up"] = f"{count} thread{'' if count == '1' else 's'}"


def _counted(table: str, tables: Tables, run: dict[str, Row]) -> Iterator[Row]:
    """Rows of runs; a run that stands in two documents is counted once, as it stands in the first."""
    for row in tables.rows(table):
        if _is_counted(row["run_id"], row["source"], run):
            yield row


def _is_counted(run_id: str, source: str | None, run: dict[str, Row]) -> bool:
    return run_id in run and source in (None, run[run_id]["source"])


def gather(
    study: Study,
    short: Shortening,
    comparisons: Sequence[Comparison] = (),
    between: Sequence[Comparison] = (),
    *,
    provenance: Provenance | None = None,
    attempts: Attempts | None = None,
) -> Facts:
    """Arrange the tables for the makers of a report's sections."""
    tables = short.tables(study.tables)
    run: dict[str, Row] = {}
    for row in tables.rows("runs"):
        run.setdefault(row["run_id"] or f"{row['source']}:{row['first_line']}", row)
    _tell_apart(run, tables.columns["environment"])
    both_data = wording.on_both_data((row["benchmark"], row["dataset"]) for row in run.values())
    for row in run.values():
        row["data"] = wording.data_name(row["dataset"]) if row["benchmark"] in both_data else ""
    sides = (side for c in (*between, *comparisons) for side in (c.baseline, c.side))
    nameless = (row for row in (*run.values(), *tables.rows("published")) if not row["device"])
    findings, by_run = number_findings(tables.rows("findings"), run)
    return Facts(
        study=study,
        short=short,
        tables=tables,
        runs=tuple(run.values()),
        run=run,
        phases=tuple(_counted("phases", tables, run)),
        steps=Steps(tables, run),
        findings=findings,
        by_run=by_run,
        devices=_device_order(run, [*between, *comparisons], tables.rows("published")),
        unknown=frozenset(
            (
                *map(wording.device_name, nameless),
                *(fmt.clean(side.label) for side in sides if side.device is None),
            )
        ),
        unit=wording.speed_unit(
            [row["benchmark"] for row in run.values()], [row.get("item") for row in run.values()]
        ),
        changes=_changes(tables.rows("findings")),
        comparisons=comparisons,
        between=between,
        both_data=both_data,
        provenance=provenance,
        attempts=attempts or Attempts(),
    )
