"""The tables and records of a reading without secrets, and where that is asked for without names of people and machines."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, MutableSequence
from typing import TYPE_CHECKING, Any

from logreport.tables.findings import changed
from logreport.tables.schema import IDENTIFIERS, JOINT, TABLES, TEXT, device_names
from logreport.tables.secrets import (
    hidden,
    hidden_name,
    hidden_value,
    hide_columns,
    may_hold,
    without_secrets,
)
from logreport.tables.tables import Tables, texts_changed

if TYPE_CHECKING:
    from logreport.tables.redactor import Redactor

# Words of our own, and identifiers that name nobody.
UNTOUCHED = {
    "run_id", "log_sha256", "benchmark", "mode", "precision", "data_format", "framework", "framework_version",
    "framework_version_source", "device_kind", "device_source", "status", "phase", "method", "interval_method",
    "kind", "pci_bus_id", "compute_capability", "shape", "key", "unit", "severity", "code",
    "details",  # of findings, which are changed one by one
}  # fmt: skip
NUMBERED = {
    "uuid": "card",
    "device_uuid": "card",
    "serial": "serial",
}  # columns that name a card, and what is said instead
HOST_FIELDS = ("host", "host_name", "hostname")


def hide_secrets(tables: Tables, records: list[dict[str, Any]]) -> None:
    """Take secrets out of all tables and records, in place: nothing that is kept or shown holds one."""
    columns: dict[Callable[[str], str], list[MutableSequence[Any]]] = defaultdict(list)
    for name, values in text_columns(tables, IDENTIFIERS):
        columns[HIDERS.get(name, hidden)].append(values)
    for hide, alike in columns.items():
        hide_columns(alike, hide)
    environment = tables.columns["environment"]
    facts = list(zip(environment["key"], environment["value"], strict=True))
    shown = {fact: fact[1] and hidden_value(*fact) for fact in set(facts)}
    environment["value"][:] = map(shown.__getitem__, facts)
    for record in without_secrets(records):
        record["source"] = hidden_name(record["source"])


def hidden_details(details: str) -> str:
    return changed(details, lambda _, text: hidden(text)) if may_hold(details) else details


HIDERS = {"source": hidden_name, "details": hidden_details}


def redact(tables: Tables, records: list[dict[str, Any]]) -> "Redactor":
    """Replace names in all tables and records, in place; returns what did it, for texts that are made of them."""
    from logreport.tables.redactor import Redactor

    redactor = Redactor()
    learn_hosts(redactor, tables, records)
    columns = list(text_columns(tables, UNTOUCHED))
    redactor.learn(text for _, values in columns for text in values if text is not None)
    said = (value for record in records for value in (record["source"], *record["fields"].values()))
    redactor.learn(value for value in said if isinstance(value, str))
    details = tables.columns["findings"]["details"]
    details[:] = [text and changed(text, lambda _, value: redactor.text(value)) for text in details]
    for name, values in columns:
        if (own := NUMBERED.get(name)) is not None:
            values[:] = [
                text and JOINT.join(redactor.placeholder(own, one) for one in device_names(text))
                for text in values
            ]
            continue
        values[:] = [text and redactor.text(text) for text in values] if name != "value" else [
            text and (redactor.host(text) if key == "host" else redactor.text(text))
            for key, text in zip(tables.columns["environment"]["key"], values, strict=True)
        ]  # fmt: skip
    for record in records:
        record["source"] = redactor.text(record["source"])
        record["fields"] = texts_changed(
            record["fields"],
            lambda name, text: (redactor.host if name in HOST_FIELDS else redactor.text)(text),
        )
    return redactor


def text_columns(tables: Tables, untouched: Collection[str]) -> Iterable[tuple[str, MutableSequence[Any]]]:
    for table, columns in TABLES.items():
        for column in columns:
            if column.dtype == TEXT and column.name not in untouched:
                yield column.name, tables.columns[table][column.name]


def learn_hosts(redactor: "Redactor", tables: Tables, records: list[dict[str, Any]]) -> None:
    """Hosts that a column or a field says to be one: those need no pattern."""
    for fact in tables.rows("environment"):
        if fact["key"] == "host" and fact["value"]:
            redactor.host(fact["value"])
    for run in tables.rows("runs"):
        if run["device_source"] == "host" and run["device"]:
            redactor.host(run["device"].removesuffix(" CPU"))
    for record in records:
        for name in HOST_FIELDS:
            if isinstance(record["fields"].get(name), str):
                redactor.host(record["fields"][name])
