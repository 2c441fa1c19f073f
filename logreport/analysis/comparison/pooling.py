"""Which runs speak for the same thing: workloads, and repeats of one workload on one machine."""

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from logreport.analysis.comparison.likeness import FACTS, Facts, facts_of
from logreport.analysis.comparison.ratios import LogSpeed, one_run
from logreport.analysis.measurement.numbers import number, positive
from logreport.analysis.measurement.phases import Key, Phase, Row, gpus_of, phases_of, whole
from logreport.analysis.results import Difference, Workload
from logreport.runs.scripts.common import flags_of
from logreport.scripts import official
from logreport.tables.tables import Tables

# What the environment says of a set-up: of runs that were read before the column was there, and the driver.
_FACTS: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "intra_op_threads": ("threads", whole),
    "host": ("host", str),
    "driver_version": ("driver_version", str),
    "xla": ("xla", "on".__eq__),
}
PUBLISHED = "published"  # status reason of what stands for a number of a document
_SAME_SETUP = ("device_kind", "device", *FACTS, "host")

REPEAT = re.compile(r"(?:(?<=/)|^|[-_. ])(?:run|rep|repeat|trial|r)?[-_. ]?[0-9]+$", re.IGNORECASE)


@dataclass(frozen=True)
class Member:
    """One phase of one run in a comparison.

    `speed` in examples/s; `total` says that the speed is the script's own total over wall time;
    `facts` is what pooling and baselines look at: the run's row, its driver, its tags, and its label.
    """

    phase: Phase
    workload: Workload
    speed: float
    as_printed: float
    total: bool
    facts: Row

    @property
    def end_to_end(self) -> float | None:
        """The script's own total over wall time, examples/s."""
        value = number(self.phase.row.get("end_to_end_examples_per_second"))
        return value if value is not None and value > 0 else None

    @cached_property
    def known(self) -> Facts:
        """The values of the facts of its set-up."""
        return facts_of(self.facts)

    @cached_property
    def log_speed(self) -> LogSpeed:
        """Ln speed, with its error within the run and when it was."""
        when = self.facts.get("started_at") or self.facts.get("ended_at")
        return one_run(self.speed, self.phase.estimate, when)

    @cached_property
    def words(self) -> frozenset[tuple[str, int]]:
        """The words of its command and path, a repeated one with how often it stood before."""
        counts = Counter(words_of(self))
        return frozenset((word, i) for word, count in counts.items() for i in range(count))

    @cached_property
    def set_up(self) -> tuple[object, ...]:
        """What repeats must share: see `setup_of`."""
        return setup_of(self)


def members(tables: Tables, labels: Mapping[str, str] | None = None) -> list[Member]:
    """Every phase that has a speed, once for each run: a run found in two sources counts once."""
    said, gpus = said_of_setups(tables), gpus_of(tables)
    found: dict[tuple[object, ...], Member] = {}
    for phase in phases_of(tables):
        key = phase.row["run_id"], phase.row["source"]
        label = (labels or {}).get(str(phase.row["source"]))
        if not positive(phase.row.get("examples_per_second")) or (labels is not None and label is None):
            continue
        facts = known_of(phase.run, said.get(key, {}))
        facts |= {name: values.get(str(phase.row["run_id"])) for name, values in tables.tags.items()}
        facts |= {"label": label, "devices": tuple(sorted(set(gpus.get(key, ()))))}
        member = _member(phase, facts)
        found.setdefault((phase.row["run_id"], phase.row["phase"], label), member)
    return list(found.values())


def said_of_setups(tables: Tables) -> dict[Key, dict[str, object]]:
    """What the environment says of the set-up of each run, by columns of the runs."""
    found: dict[Key, dict[str, object]] = defaultdict(dict)
    columns = tables.columns["environment"]
    names = ("run_id", "source", "key", "value")
    for run_id, source, key, value in zip(*(columns[name] for name in names), strict=True):
        if key in _FACTS:
            name, convert = _FACTS[key]
            found[run_id, source][name] = convert(value)
    return found


def known_of(run: Row, said: Mapping[str, object]) -> Row:
    """The row of a run with what its environment says where a column is empty."""
    return run | {name: value for name, value in said.items() if run.get(name) is None}


def _member(phase: Phase, facts: Row) -> Member:
    """One phase that has a speed, with the facts of its run, which are its own from now on."""
    speed = float(phase.row["examples_per_second"])
    printed = number(phase.row.get("examples_per_second_printed"))
    of_all = (
        speed == number(phase.row.get("end_to_end_examples_per_second"))
        and phase.row["interval_method"] is None
    )
    total = official(phase.benchmark).has_total and (
        of_all or not any(map(positive, phase.lines.values("rate")))
    )
    workload = workload_of(phase)
    facts["batch_size"] = workload.batch_size
    return Member(phase, workload, speed, printed or speed, total, facts)


def workload_of(phase: Phase) -> Workload:
    """What makes a phase comparable; fp32 where a script knows nothing else.

    One device where the log names none, unless several workers are known to have had some.
    """
    run, benchmark = phase.run, phase.benchmark or "unknown"
    return Workload(
        benchmark=benchmark,
        model=run.get("model"),
        phase=str(phase.row.get("phase")),
        batch_size=int(phase.batch) if phase.batch is not None else None,
        precision=precision_of(run),
        dataset=run.get("dataset"),
        num_devices=whole(run.get("num_devices")) or (None if whole(run.get("ranks")) > 1 else 1),
        item=run.get("item"),
    )


def precision_of(run: Row) -> str | None:
    """What a run computed in: where its log is silent, what its script uses."""
    return run.get("precision") or official(run.get("benchmark")).usual_precision


def setup_of(member: Member) -> tuple[object, ...]:
    """What repeats must share: device, all facts of the set-up, command, host, label; unlike anything where it is unknown.

    Without a command line only logs of one folder whose names differ in a running number (1.log, x_run2.log) are
    repeats; two logs of one document never are, nor are published numbers.
    """
    facts = member.facts
    source, unique = str(facts.get("source")), (member.phase.row["run_id"], facts.get("source"))
    if facts.get("device") is None:
        return ("unknown device", *unique)
    command: object = _in_any_order(str(facts["command"])) if facts.get("command") else None
    if facts.get("status_reason") == PUBLISHED:
        command = unique
    if command is None:
        command = _without_number(source)
    named = map(facts.get, _SAME_SETUP)
    batch = (
        facts.get("batch_size") if member.workload.batch_size is None else None
    )  # where the workload leaves it open
    return (*named, command, facts.get("label"), batch)


@lru_cache(maxsize=1 << 14)  # asked for again whenever runs are pooled
def _without_number(source: str) -> str:
    """The name of a log without its running number."""
    return source if "#" in source else REPEAT.sub("", posixpath.splitext(source)[0])


@lru_cache(maxsize=1 << 14)
def _in_any_order(command: str) -> tuple[object, ...]:
    """A command, the same whatever the order of its flags."""
    program = " ".join(command.split(" -", maxsplit=1)[0].split())
    return program, frozenset(flags_of(command).items())


def any_batch(found: list[Member]) -> list[Member]:
    """The same members with the batch size taken out of their workload; it stays among their facts."""
    return [replace(m, workload=m.workload._replace(batch_size=None)) for m in found]


def differences(a: Workload, b: Workload) -> tuple[Difference, ...]:
    """Fields in which two workloads differ; `a` is ours."""
    return tuple(Difference(name, x, y) for name, x in a._asdict().items() if x != (y := getattr(b, name)))


def words_of(member: Member, folder: str = "") -> tuple[str, ...]:
    """The words and numbers of a run's command, and of its path in a folder: what all paths share tells nothing."""
    path = str(member.facts.get("source")).removeprefix(folder)
    return tuple(re.findall(r"[A-Za-z0-9]+", f"{member.facts.get('command') or ''} {path}"))
