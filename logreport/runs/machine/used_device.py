"""Whether a run used a GPU or a CPU, and a label for a CPU: by what was asked for, what was there, and what stands around."""

import functools
import re
from pathlib import PurePosixPath

from logreport.grammar import Form
from logreport.runs.headings import denies_nothing, is_name
from logreport.runs.run import Run

HOST = re.compile(r"(?<![\w.\-])[\w.\-]++@([\w\-]+)(?=[:\s\]])")
CONTAINER_ID = re.compile(r"[0-9a-f]{12}")  # the host name that Docker gives, another one for each run
NO_GPU = ("cuinit_error", "missing_libraries", "no_gpu")  # facts of the environment
# TensorFlow says these when it looks at the machine; a GPU that it has is announced right after.
LOOKED_AROUND = (
    "tensorflow.cpu_features", "tensorflow.cpu_features_hint", "tensorflow.cpu_clock", "tensorflow.threads",
    "tensorflow.onednn",
)  # fmt: skip
ANNOUNCED = ("tensorflow.device_found", "tensorflow.device_created", "tensorflow.devices_visible")
# In the names of source files and libraries of a TensorFlow that was made for GPUs.
OF_GPUS = re.compile(rb"gpu|cuda|rocm|hip|nvidia|cudnn|cublas|nccl", re.IGNORECASE)


def device_kind(run: Run, flags: dict[str, str], has_gpus: bool, environment: dict[str, str]) -> str | None:  # noqa: FBT001 - a fact, not an option
    """Name the kind, gpu or cpu; None where nothing says it.

    That no GPU was announced proves a CPU only where TensorFlow has looked: an excerpt may have lost those lines.
    """
    asked = run.headers.get("Devices", "") or flags.get("device", "")
    if "cpu" in asked or flags.get("num_gpus") == "0":
        return "cpu"
    if has_gpus or run.has(*ANNOUNCED):
        return "gpu"
    none = any(key in environment for key in NO_GPU)
    if "gpu" in asked and not none:
        return "gpu"
    if none or (run.has(*LOOKED_AROUND) and not names_gpus(run)):
        return "cpu"
    return kind_named_in(
        *filter(is_name, (run.heading,)),
        *filter(denies_nothing, (run.command, run.source.rpartition("/")[2])),
    )


def names_gpus(run: Run) -> bool:
    """Whether a line comes from a source file about GPUs, or opened a library for them."""
    return any(map(is_of_gpus, run.forms))


@functools.lru_cache(maxsize=1 << 12)
def is_of_gpus(form: Form) -> bool:
    """Whether lines of a form come from a source file about GPUs, or open a library for them."""
    texts = filter(None, map(form.raw, ("file", "library")))
    return form.kind.startswith("tensorflow.") and any(map(OF_GPUS.search, texts))


def kind_named_in(*texts: str) -> str | None:
    """The kind that the first text which names only one kind names."""
    for text in texts:
        named = [kind for kind in ("cpu", "gpu") if kind in text.lower()]
        if len(named) == 1:
            return named[0]
    return None


def cpu_label(run: Run, version: str | None) -> tuple[str, str]:
    """A label for the CPU, which no log names, and where it comes from: heading, TensorFlow version, host in the prompt, file name."""
    if re.search(r"\bcpu\b", run.heading, re.IGNORECASE) and is_name(run.heading):
        return run.heading.strip("# "), "heading"
    host = HOST.search(run.command)
    if host and not CONTAINER_ID.fullmatch(host[1]):
        return f"{host[1]} CPU", "host"
    if version:
        return f"TF {version} CPU", "framework"
    stem = PurePosixPath(run.source.partition("#")[0].rpartition("!")[2] or run.source).stem
    if "cpu" in stem.lower() and denies_nothing(stem):
        return stem, "file name"
    return "CPU", "log"
