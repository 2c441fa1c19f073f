"""Facts from outside: what the user says of runs whose logs do not say it, kept as given by the user."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

from logreport.errors import UsageError
from logreport.tables.findings import add
from logreport.tables.schema import FACTS, FLAG, TABLES, TEXT, WHOLE
from logreport.tables.tables import Tables, place_of

GIVEN = "given"  # where a value comes from
WRITTEN = re.compile(r"(?:(?P<label>[^=]*?):)?(?P<column>[\w\-]+)[ \t]*=[ \t]*(?P<value>.*)", re.DOTALL)
WORDS = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}


class Given(NamedTuple):
    """A column of the runs, its value, and the sources whose runs have it; None for all."""

    column: str
    value: Any
    sources: frozenset[str] | None = None


def _whole(text: str) -> int:
    value = int(text.replace("_", ""))
    if value <= 0:
        raise ValueError(text)
    return value


_CONVERT: Mapping[str, Callable[[str], Any]] = {
    WHOLE: _whole,
    FLAG: lambda text: WORDS[text.lower()],
    TEXT: str,
}
_MEANT = {WHOLE: "a whole number", FLAG: "yes or no", TEXT: "a text"}
_TYPES = {
    column.name: column.dtype
    for column in TABLES["runs"]
    if column.name in FACTS and column.dtype in _CONVERT
}
_SOURCES = {"device": "device_source", "framework_version": "framework_version_source"}


def given_by(
    texts: Iterable[str], sources_of_label: Mapping[str, Collection[str]] | None = None
) -> tuple[Given, ...]:
    """Facts as the user writes them: `batch_size=256`, for a label `A:batch_size=256`.

    Args:
        texts: one for each fact.
        sources_of_label: the names of the sources of each label, where there are labels.

    Raises:
        UsageError: for what is no fact, no column, no value of it, or no label.
    """
    return tuple(_given(text, sources_of_label) for text in texts)


def _given(text: str, sources_of_label: Mapping[str, Collection[str]] | None) -> Given:
    written = WRITTEN.fullmatch(text)
    if written is None or not written["value"]:
        raise UsageError(f"{text!r} is no fact", todo="write --set batch_size=256")
    column, label, value = written["column"].replace("-", "_"), written["label"], written["value"].strip()
    if column not in _TYPES:
        import difflib

        near = difflib.get_close_matches(column, list(_TYPES), 1)
        raise UsageError(
            f"runs have no column {column!r} to set",
            todo=f"write {near[0]}" if near else f"known are {', '.join(_TYPES)}",
        )
    try:
        made = _CONVERT[_TYPES[column]](value)
    except (ValueError, KeyError):
        raise UsageError(f"{column} cannot be {value!r}", todo=f"it is {_MEANT[_TYPES[column]]}") from None
    if label is None:
        return Given(column, made)
    if sources_of_label is None:
        raise UsageError(
            f"{label!r} is no label here",
            todo=f"write --set {column}={value}; labels with paths are those of `compare`",
        )
    if label not in sources_of_label:
        raise UsageError(f"there is no label {label!r}", todo=f"known are {', '.join(sources_of_label)}")
    return Given(column, made, frozenset(sources_of_label[label]))


def apply(tables: Tables, facts: Iterable[Given]) -> None:
    """Write what is given into the runs and their phases, and say where a log says otherwise.

    It counts before anything is worked out from it; `runs.given` names the columns with their values.
    """
    runs = tables.columns["runs"]
    for fact in facts:
        for i, source in enumerate(runs["source"]):
            if fact.sources is not None and place_of(source) not in fact.sources:
                continue
            said = runs[fact.column][i]
            if said is not None and said != fact.value:
                place = {"run_id": runs["run_id"][i], "source": source, "line": runs["first_line"][i]}
                add(tables, "given-contradicts-log", place, column=fact.column, given=fact.value, said=said)
            runs[fact.column][i] = fact.value
            runs[GIVEN][i] = ", ".join(filter(None, (runs[GIVEN][i], f"{fact.column}={fact.value}")))
            if fact.column in _SOURCES:
                runs[_SOURCES[fact.column]][i] = GIVEN
    _complete(tables)


def _complete(tables: Tables) -> None:
    """The batch size over all devices, where that of one is given and the number of devices is known; and those of phases."""
    runs, phases = tables.columns["runs"], tables.columns["phases"]
    sizes = {}
    for i, (each, devices) in enumerate(zip(runs["batch_size_per_device"], runs["num_devices"], strict=True)):
        if runs[GIVEN][i] is not None and each and devices and runs["batch_size"][i] is None:
            runs["batch_size"][i] = each * devices
        if runs[GIVEN][i] is not None and runs["batch_size"][i] is not None:
            sizes[runs["run_id"][i], runs["source"][i]] = runs["batch_size"][i]
    for i, key in enumerate(zip(phases["run_id"], phases["source"], strict=True)):
        if key in sizes:
            phases["batch_size"][i] = sizes[key]
