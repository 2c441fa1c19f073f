"""What can be said of a run that is still being read: whether it has results, is complete, or is a run at all."""

from collections.abc import Iterable

from logreport.runs.run import Run
from logreport.scripts import OFFICIAL, is_header

# `Model: x` alone can stand in any text.
FEWEST_HEADER_LINES = 3
# What is printed before a session.
DEVICE_KINDS = (
    "tensorflow.device_",
    "tensorflow.cpu_",
    "tensorflow.xla_",
    "tensorflow.library",
    "tensorflow.onednn",
    "tensorflow.gpus_unused",
    "theano.",
    "nvidia_smi.",
    "container.",
)
ONCE = {"tensorflow.cpu_features", "tensorflow.onednn"}  # by a process, before all else
FRAME, EXCEPTION = "python.script_frame", "python.exception"  # the first and the last line of a traceback


def has_results(run: Run) -> bool:
    """Whether a run holds a line with a result."""
    return run.has(*run.known.results)


def has_started(run: Run) -> bool:
    """Whether TensorFlow announced devices after the command of a run."""
    return bool(run.command) and any(kind.startswith("tensorflow.device_") for kind in run.kinds)


def is_run(run: Run) -> bool:
    """Whether what was read is a run: a result, or enough of what only its script prints."""
    return (
        has_results(run)
        or has_started(run)
        or run.has(FRAME)
        or any(run.has(*known.openings) for known in OFFICIAL.values())
        or any(count >= FEWEST_HEADER_LINES for kind, count in run.kinds.items() if is_header(kind))
    )


def is_complete(run: Run) -> bool:
    """Whether the last line that a script prints is there."""
    known = run.known
    return run.has(*known.last) or known.last_key in run.headers


def own_kinds(run: Run) -> set[str]:
    """The kinds of its lines that its script prints."""
    return {kind for kind in run.kinds if kind.startswith(f"{run.benchmark}.")}


def is_crashed(run: Run) -> bool:
    """Whether an exception ended its script before it had a result."""
    return run.has(FRAME) and run.has(EXCEPTION) and not has_results(run)


def once_in(kinds: Iterable[str]) -> set[str]:
    """Those of some kinds that a process prints once."""
    return ONCE.intersection(kinds)


def started_anew_at(run: Run) -> int | None:
    """The first line behind those of its script that a process prints once, where it stood above these as well.

    The header that a run without results ends with can be of another run, which begins with the same.
    """
    own, records = own_kinds(run), run.records
    if not has_results(run):
        records = records[: len(records) - len(records.behind(run.kinds.keys() - own))]
    behind = records.behind(own)
    if not (once := once_in(behind.kinds)):
        return None
    before = records[: len(records) - len(behind)]
    return min(behind.where(once_in(before.kinds) & once).lines, default=None)
