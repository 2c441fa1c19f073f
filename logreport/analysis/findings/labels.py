"""A label (path, file name, heading) that says something else than the log under it.

Only plain contradictions count: the label must name a version, device, model, precision or batch size in a form that
is hardly ever anything else, and the log must name one too.
"""

import functools
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from logreport.analysis.measurement.phases import Key, Row, gpus_of
from logreport.runs.scripts.common import precisions_in
from logreport.scripts import official
from logreport.tables.findings import add
from logreport.tables.tables import Tables

_VERSION = re.compile(
    r"(?<![A-Za-z0-9])(?:TF|tensorflow(?:-gpu|-cpu)?)[-_ ]?v?([0-9]+)[._]([0-9]+)(?![0-9])", re.IGNORECASE
)
_CONSUMER = re.compile(
    r"(?<![A-Za-z0-9])(?:RTX|GTX|GT|MX|Quadro|TITAN)[-_ ]?([APMK]?[0-9]{3,4}|Xp|X|V|RTX(?![-_ ]?[0-9]))"
    r"(?:[-_ ]?(Ti|SUPER))?(?![a-z0-9])",
    re.IGNORECASE,
)
_SERVER = re.compile(
    r"(?<![A-Za-z0-9])([AVPH]100|A800|H[28]00|B200|K[248]0|[PTL]4|[PMAL]40|A[13]0|M60)(?![A-Za-z0-9])"
)
_BATCH = re.compile(
    r"(?<![A-Za-z0-9])(?:b|bs|batch)(?:[-_]?size)?[-_=]?([0-9]{1,5})(?![A-Za-z0-9.])", re.IGNORECASE
)
# Networks as --model names them; other words in a path are not taken for models.
_MODEL = re.compile(
    r"(?<![A-Za-z0-9])(alexnet|googlenet|overfeat|lenet[- ]?5?|resnet(?:[0-9]+|[-_ ][0-9]{2,})|vgg[-_ ]?(?:11|16|19)"
    r"|inception(?: ?[34]|[-_ ]?v[34])|mobilenet|nasnet|densenet(?:[0-9]+|[-_ ][0-9]{2,}))(?![A-Za-z0-9])",
    re.IGNORECASE,
)

_OF_RUNS = (
    "run_id", "source", "first_line", "benchmark", "framework", "framework_version", "framework_version_source", "model",
    "precision", "mixed_precision", "batch_size", "batch_size_per_device", "num_devices",
)  # fmt: skip
_DOCUMENTS = (".md", ".markdown", ".rst", ".txt", ".html", ".htm", ".ipynb")


def check_labels(tables: Tables) -> None:
    """Append one label-contradicts-log finding for each thing that a label of a run gets wrong."""
    gpus, headings = gpus_of(tables), _headings(tables)
    for run in tables.rows("runs", *_OF_RUNS):
        key = run["run_id"], run["source"]
        labels = [("the path", str(run["source"]))]
        labels += [("the heading", text) for text in headings.get(key, ())]
        names = gpus.get(key, [])
        for where, text in labels:
            for what, label, logged in contradictions(text, run, names):
                place = {"run_id": run["run_id"], "source": run["source"], "line": run.get("first_line")}
                add(
                    tables, "label-contradicts-log", place, where=where, what=what, label=label, logged=logged
                )


def _headings(tables: Tables) -> dict[Key, list[str]]:
    """The headings above each run."""
    columns = tables.columns["environment"]
    found: dict[Key, list[str]] = defaultdict(list)
    rows = zip(*(columns[name] for name in ("run_id", "source", "key", "value")), strict=True)
    for run_id, source, key, value in rows:
        if key == "heading":
            found[run_id, source].append(str(value))
    return found


def contradictions(text: str, run: Row, device_names: list[str]) -> Iterator[tuple[str, str, str]]:
    """(what, what the label says, what the log says) for each contradiction between a label and a run."""
    parts = _without_title(text).replace("\\", "/").split("/")
    label, version = _label_of(parts), str(run.get("framework_version") or "")
    if run.get("framework") in ("tensorflow", None) and run.get("framework_version_source") != "inferred":
        logged = ".".join(version.split(".")[:2])
        yield from _unless_same("TensorFlow", label.versions, [logged] if "." in logged else [])
    if label.gpus:
        names = dict.fromkeys(device_names)  # many machines have several of one name
        yield from _unless_same(
            "GPU", label.gpus, [gpu for name in names for gpu in _label_of(name.split("/")).gpus]
        )
    model = str(run.get("model") or "")
    if official(run.get("benchmark")).names_model and model:
        yield from _model(label.models, model)
    # Mixed precision is fp16 to one and fp32 to another.
    known = run.get("precision") and not run.get("mixed_precision")
    precision = [str(run["precision"]).lower()] if known else []
    # TF32 is how fp32 is worked out, and no other precision.
    yield from _unless_same("precision", [one for one in label.precisions if one != "tf32"], precision)
    behind = filter(None, (_behind_model(folder, model) for folder in parts[:-1]))
    yield from _unless_same("batch size", label.batches or [*behind], _batches(run))


def _without_title(text: str) -> str:
    """A path without the parts that number logs, and without the name of a document, which may title many logs."""
    path = re.split(r"[#!]", text)[0]
    folder, slash, name = path.rpartition("/")
    return folder + slash if name.lower().endswith(_DOCUMENTS) else path


def _unless_same(what: str, said: Sequence[str], logged: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """The contradiction, where both sides say something and nothing of it agrees."""
    if said and logged and not set(said) & set(logged):
        yield what, " or ".join(dict.fromkeys(said)), " or ".join(dict.fromkeys(logged))


class _Label(NamedTuple):
    """What a label names; GPUs by their model numbers, in one spelling: RTX2080TI, A100."""

    versions: tuple[str, ...] = ()
    consumer_gpus: tuple[str, ...] = ()
    server_gpus: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    precisions: tuple[str, ...] = ()
    batches: tuple[str, ...] = ()

    @property
    def gpus(self) -> tuple[str, ...]:
        """Its GPUs."""
        return self.consumer_gpus or self.server_gpus


def _label_of(parts: list[str]) -> _Label:
    """What the parts of a path name, each thing as the last of them that names any: the nearest label counts."""
    # Logs share the folders that stand far above them.
    near, far = parts[-3:], tuple(parts[:-3])
    return functools.reduce(_nearer, [*map(_label_in, reversed(near)), _label_in_folders(far)])


@functools.lru_cache(maxsize=1 << 14)
def _label_in_folders(folders: tuple[str, ...]) -> _Label:
    """The same of some folders."""
    return functools.reduce(_nearer, map(_label_in, reversed(folders)), _Label())


def _nearer(one: _Label, other: _Label) -> _Label:
    """What one label names, and of what it does not name another."""
    if not any(one):
        return other
    return _Label(*(own or its for own, its in zip(one, other, strict=True)))


@functools.lru_cache(maxsize=1 << 14)
def _label_in(text: str) -> _Label:
    """What a part of a path names."""
    return _Label(
        tuple(".".join(found) for found in _VERSION.findall(text)),
        tuple("".join(found).upper() for found in _CONSUMER.findall(text)),
        tuple(_SERVER.findall(text)),
        tuple(_plain(found) for found in _MODEL.findall(text)),
        tuple(precisions_in(text)),
        tuple(str(int(found)) for found in _BATCH.findall(text)),
    )


@functools.lru_cache(maxsize=1 << 10)
def _plain(model: str) -> str:
    """The name of a network without what its spellings differ in."""
    return re.sub(r"[^a-z0-9]", "", model.lower())


def _model(named: Sequence[str], logged: str) -> Iterator[tuple[str, str, str]]:
    """The one network that the label names, where it is not the one in the log (lenet and lenet5 are the same)."""
    said, plain = set(named), _plain(logged)
    if len(said) == 1 and not any(s.replace("v", "") in plain.replace("v", "") or plain in s for s in said):
        yield "model", said.pop(), logged


def _batches(run: Row) -> list[str]:
    """Batch sizes that a label may mean: over all devices, or on one."""
    whole, single, devices = (run.get(c) for c in ("batch_size", "batch_size_per_device", "num_devices"))
    shared = whole // devices if whole is not None and devices else None
    return [str(n) for n in (whole, single, shared) if n is not None]


@functools.lru_cache(maxsize=1 << 14)
def _behind_model(folder: str, model: str) -> str | None:
    """The batch size behind the name of a model in that of a folder: resnet50-64."""
    found = model and re.fullmatch(rf"{re.escape(model)}-([0-9]+)", folder, re.IGNORECASE)
    return str(int(found[1])) if found else None
