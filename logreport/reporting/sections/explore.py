"""Every phase of every run and every two devices, as a reader of the page chooses, orders and divides them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from logreport.analysis.comparison.pairs import Pair
from logreport.analysis.comparison.pooling import precision_of
from logreport.analysis.comparison.ratios import LogSpeed
from logreport.analysis.results import Comparison, Difference, Side
from logreport.reporting.report import Explorer, Facet, Measured, Met, Otherwise, Together, Unlike
from logreport.reporting.sections.facts import Facts, data_facet
from logreport.reporting.sections.leaderboard import apart
from logreport.reporting.sections.runs import SETTINGS
from logreport.reporting.sections.steps import windows_of
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import reasons, wording

Record = dict[str, Any]
Of = Callable[[Record, Record | None], Any]  # a run, and one of its phases
Places = Mapping[tuple[str, str], int]  # of a phase, by run and phase
_FEWEST = 2  # runs: one has nothing beside it
_ON = {True: "on", False: "off"}


def _batch_size(run: Record, phase: Record | None) -> Any:  # noqa: ANN401 - of a column
    return phase["batch_size"] if phase and phase["batch_size"] is not None else run["batch_size"]


def _precision(run: Record, phase: Record | None) -> str | None:
    """What was computed in; where a log is silent, what its script uses."""
    if run["mixed_precision"]:
        return "mixed precision"
    return precision_of(run) if phase else run["precision"]


def _release(run: Record) -> str:
    """The version of TensorFlow, and of another framework with its name."""
    name = "" if run["framework"] == "tensorflow" else wording.framework_name(run["framework"])
    return f"{name} {run['framework_version']}".strip()


FACETS: Mapping[str, tuple[str, Of]] = {
    "device": ("Device", lambda run, _: run["device"]),
    "model": ("Model", lambda run, _: wording.model_name(run["model"] or run["benchmark"])),
    "phase": ("Phase", lambda run, phase: wording.phase_name(phase["phase"] if phase else run["mode"])),
    "precision": ("Precision", _precision),
    "batch": ("Batch", _batch_size),
    "devices": ("Devices", lambda run, _: run["num_devices"]),
    "release": ("Release", lambda run, _: run["framework_version"] and _release(run)),
    "xla": ("XLA", lambda run, _: _ON.get(run["xla"])),
    "data": ("Data", lambda run, _: data_facet(run["dataset"])),
}
_BY_FACET = ("num_devices", "precision", "xla")  # settings that a facet holds


def _setting(name: str) -> Of:
    return lambda run, _: "yes" if run[name] is True else "no" if run[name] is False else run[name]


_MORE: Mapping[str, Of] = {
    **{title: _setting(name) for name, title in SETTINGS.items() if name not in _BY_FACET},
    "Threads": _setting("threads"),
    "Host": _setting("host"),
    "Started": lambda run, _: run["started_at"] and fmt.moment(run["started_at"]),
    "Status": _setting("status"),
    "Why it ended so": lambda run, _: run["status_reason"],
    "Command": _setting("command"),
}


def explorer(facts: Facts) -> Explorer | None:
    """All phases with what is said of them, and the devices two by two; none for fewer than two runs."""
    if len(facts.runs) < _FEWEST:
        return None
    phases = facts.lines
    facets, columns = [], []
    for key, (title, of) in FACETS.items():
        values = [of(*line) or None for line in phases]
        ordered = sorted(dict.fromkeys(values), key=_order)
        places = {value: place for place, value in enumerate(ordered)}
        facets.append(Facet(key, title, tuple(fmt.clean(v) if v is not None else "" for v in ordered)))
        columns.append([places[value] for value in values])
    told = {title: [_text(of(*line)) for line in phases] for title, of in _MORE.items()}
    told = {title: texts for title, texts in told.items() if any(texts)}
    devices = {name: place for place, name in enumerate(facets[0].values)}
    at = {(run["run_id"], phase["phase"]): i for i, (run, phase) in enumerate(phases) if phase is not None}
    errors = {(m.phase.row["run_id"], m.phase.row["phase"]): m.log_speed for m in facts.study.members}
    return Explorer(
        unit=facts.unit,
        run_variation=facts.study.run_variation,
        faster=wording.FASTER,
        baseline=next(
            (devices[fmt.clean(s.device)] for s in facts.study.leaderboard if s.pair is None), None
        ),
        marks=tuple(facts.devices.get(name) for name in devices),
        facets=tuple(facets),
        settings=tuple(told),
        phases=tuple(
            _measured(facts, run, phase, facts_, settings, errors)
            for (run, phase), facts_, settings in zip(
                phases, zip(*columns, strict=True), _rows(told.values(), len(phases)), strict=True
            )
        ),
        together=tuple(
            _together(pair, facts.study.together_at_best.get(two), devices, at)
            for two, pair in facts.study.together.items()
        ),
    )


def _rows(columns: Collection[Sequence[str]], count: int) -> Sequence[tuple[str, ...]]:
    return list(zip(*columns, strict=True)) if columns else [()] * count


def _order(value: int | str | None) -> tuple[bool, int, str]:
    """Numbers by size, then words by letters, what is not known last."""
    return value is None, value if isinstance(value, int) else 0, str(value).lower()


def _text(value: object) -> str:
    return "" if value in (None, "") else fmt.clean(value)


def _measured(
    facts: Facts,
    run: Record,
    phase: Record | None,
    places: tuple[int, ...],
    settings: tuple[str, ...],
    errors: Mapping[tuple[str, str], LogSpeed],
) -> Measured:
    row = phase or {}
    speed, low, high = (
        value if fmt.usable(value := row.get(f"examples_per_second{end}")) else None
        for end in ("", "_low", "_high")
    )
    doubts = facts.doubts([run["run_id"] or ""], phase["phase"] if phase else None)
    return Measured(
        run_id=run["run_id"] or "",
        source=row.get("source") or run["source"],
        line=(phase["line"] if phase else run["first_line"]) or 0,
        facts=places,
        settings=settings,
        speed=speed,
        low=low,
        high=high,
        error=errors.get((run["run_id"], row.get("phase", ""))),
        findings=tuple(f.number for f in doubts),
        steps=windows_of(facts, run, phase) if phase else (),
    )


def _together(pair: Pair, at_best: Pair | None, devices: Mapping[str, int], at: Places) -> Together:
    return Together(
        side=devices[fmt.clean(pair.side.device)],
        baseline=devices[fmt.clean(pair.baseline.device)],
        at_best_batch=pair.at_best_batch,
        apart=(apart(pair), apart(pair, turned=True)),
        met=_all_met(pair, at),
        at_best=_all_met(at_best, at) if at_best else (),
    )


def _all_met(pair: Pair, at: Places) -> tuple[Met, ...]:
    return tuple(_met(c, at) for c in (*pair.comparisons, *pair.left_out))


def _met(c: Comparison, at: Places) -> Met:
    def places(side: Side) -> tuple[int, ...]:
        return tuple(at[run_id, c.workload.phase] for run_id in side.run_ids)

    return Met(
        side=places(c.side),
        baseline=places(c.baseline),
        speeds=(c.side.speed.value, c.baseline.speed.value),
        ratio=c.ratio or 1.0,
        low=c.low,
        high=c.high,
        unlike=tuple(map(_unlike, c.unlike)),
        is_sound=c.is_sound,
        otherwise=tuple(
            Otherwise(device == c.side.device, ratio, tuple(map(_unlike, differences)))
            for device, ratio, differences in (r.values for r in c.remarks if r.kind == "faster-otherwise")
        ),
    )


@lru_cache(maxsize=1000)  # few differ, and often
def _unlike(difference: Difference) -> Unlike:
    back = Difference(difference.field, difference.theirs, difference.ours)
    ahead, turned = (fmt.clean(reasons.facts([d])) for d in (difference, back))
    return Unlike(reasons.name_of(difference.field), ahead, turned)
