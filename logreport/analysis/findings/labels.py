"""A label (path, file name, heading) that says something else than the log under it.

Only plain contradictions count: the label must name a version, device, model, precision or batch size in a form that
is hardly ever anything else, and the log must name one too.
"""

import functools
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from logreport.analysis.measurement.phases import Key, Row, gpus_of, rows_of
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
    for run in rows_of(tables, "runs", _OF_RUNS):
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
    text = _without_title(text)
    version = str(run.get("framework_version") or "")
    if run.get("framework") in ("tensorflow", None) and run.get("framework_version_source") != "inferred":
        logged = ".".join(version.split(".")[:2])
        said = [".".join(found) for found in _deepest(_VERSION, text)]
        yield from _unless_same("TensorFlow", said, [logged] if "." in logged else [])
    yield from _unless_same("GPU", _gpus(text), [g for name in device_names for g in _gpus(name)])
    if official(run.get("benchmark")).names_model and run.get("model"):
        yield from _model(text, str(run["model"]))
    # Mixed precision is fp16 to one and fp32 to another.
    known = run.get("precision") and not run.get("mixed_precision")
    precision = [str(run["precision"]).lower()] if known else []
    # TF32 is how fp32 is worked out, and no other precision.
    said = [one for one in next(filter(None, map(precisions_in, _inwards(text))), []) if one != "tf32"]
    yield from _unless_same("precision", said, precision)
    yield from _unless_same("batch size", _batch(text, str(run.get("model") or "")), _batches(run))


def _without_title(text: str) -> str:
    """A path without the parts that number logs, and without the name of a document, which may title many logs."""
    path = re.split(r"[#!]", text)[0]
    folder, slash, name = path.rpartition("/")
    return folder + slash if name.lower().endswith(_DOCUMENTS) else path


def _unless_same(what: str, said: Sequence[str], logged: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """The contradiction, where both sides say something and nothing of it agrees."""
    if said and logged and not set(said) & set(logged):
        yield what, " or ".join(dict.fromkeys(said)), " or ".join(dict.fromkeys(logged))


def _deepest(pattern: re.Pattern[str], text: str) -> list[tuple[str, ...]]:
    """Groups that a pattern finds in the last part of a path that has any of it: the nearest label counts."""
    folder, _, file = text.replace("\\", "/").rpartition("/")
    return list(_all_groups(pattern, file) or _in_folders(pattern, folder))


@functools.lru_cache(maxsize=1 << 14)  # logs share them
def _in_folders(pattern: re.Pattern[str], folder: str) -> tuple[tuple[str, ...], ...]:
    """The same of the folders of a path."""
    return next(filter(None, (_all_groups(pattern, part) for part in _inwards(folder))), ())


def _inwards(path: str) -> list[str]:
    """The parts of a path, the last first."""
    return path.replace("\\", "/").split("/")[::-1]


@functools.lru_cache(maxsize=1 << 14)
def _all_groups(pattern: re.Pattern[str], text: str) -> tuple[tuple[str, ...], ...]:
    """Groups of all matches in a text."""
    return tuple(match.groups(default="") for match in pattern.finditer(text))


@functools.lru_cache(maxsize=1 << 14)
def _gpus(text: str) -> tuple[str, ...]:
    """GPU model numbers in a text, in one spelling: RTX2080TI, A100."""
    consumer = tuple("".join(found).upper() for found in _deepest(_CONSUMER, text))
    return consumer or tuple(name for (name,) in _deepest(_SERVER, text))


def _model(text: str, logged: str) -> Iterator[tuple[str, str, str]]:
    """The one network that the label names, where it is not the one in the log (lenet and lenet5 are the same)."""
    said = {re.sub(r"[^a-z0-9]", "", m.lower()) for (m,) in _deepest(_MODEL, text)}
    plain = re.sub(r"[^a-z0-9]", "", logged.lower())
    if len(said) == 1 and not any(s.replace("v", "") in plain.replace("v", "") or plain in s for s in said):
        yield "model", said.pop(), logged


def _batches(run: Row) -> list[str]:
    """Batch sizes that a label may mean: over all devices, or on one."""
    whole, single, devices = (run.get(c) for c in ("batch_size", "batch_size_per_device", "num_devices"))
    shared = whole // devices if whole is not None and devices else None
    return [str(n) for n in (whole, single, shared) if n is not None]


def _batch(text: str, model: str) -> list[str]:
    """Batch sizes that a label names: b64, bs-64, batch_size=64, or a folder called resnet50-64."""
    named = _deepest(_BATCH, text)
    if named or not model:
        return [str(int(n)) for (n,) in named]
    found = (_behind_model(folder, model) for folder in re.split(r"[/\\]", text)[:-1])
    return [size for size in found if size is not None]


@functools.lru_cache(maxsize=1 << 14)
def _behind_model(folder: str, model: str) -> str | None:
    """The number behind the name of a model in that of a folder."""
    found = re.fullmatch(rf"{re.escape(model)}-([0-9]+)", folder, re.IGNORECASE)
    return found and str(int(found[1]))
