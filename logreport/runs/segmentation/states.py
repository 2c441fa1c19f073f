"""What can be said of a run that is still being read: whether it has results, is complete, or is a run at all."""

from logreport.runs.run import Run
from logreport.scripts import OFFICIAL, is_header

# `Model: x` alone can stand in any text.
FEWEST_HEADER_LINES = 3


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
        or run.has("python.script_frame")
        or any(run.has(*known.openings) for known in OFFICIAL.values())
        or any(count >= FEWEST_HEADER_LINES for kind, count in run.kinds.items() if is_header(kind))
    )


def is_complete(run: Run) -> bool:
    """Whether the last line that a script prints is there."""
    known = run.known
    return run.has(*known.last) or known.last_key in run.headers
