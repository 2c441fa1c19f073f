"""A label for the CPU of a run: logs do not name it, so it comes from what stands around the log, and is marked so."""

import re
from pathlib import PurePosixPath

from logreport.runs.published.names import denies_nothing, is_name
from logreport.runs.run import Run

HOST = re.compile(r"(?<![\w.\-])[\w.\-]++@([\w\-]+)(?=[:\s\]])")
CONTAINER_ID = re.compile(r"[0-9a-f]{12}")


def cpu_label(run: Run, version: str | None) -> tuple[str, str]:
    """A label and where it comes from: heading, TensorFlow version, host in the prompt, file name."""
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
