"""What a run shows while it goes on: its lines are read by the same grammars as its log, one step at a time."""

import time
from collections.abc import Mapping
from typing import Any

from logreport.grammar import Engine, load_engine
from logreport.runs.scripts.progress import Progress
from logreport.runs.scripts.registry import PROGRESS

MOST = 1 << 14  # bytes to look at between two looks at the clock: a flood is not worth more


class Follower:
    """Reads the lines of a running script into its progress.

    Args:
        values: the flags of the script by name.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        steps = values.get("max_steps", values.get("num_batches"))
        batch = values.get("batch_size")
        self.progress = Progress(total=int(steps) if steps else None, batch=int(batch) if batch else None)
        self.engine: Engine = load_engine()
        self.budget = MOST

    def tick(self) -> None:
        """Some time has passed: a little may be read again."""
        self.budget = MOST

    def read(self, lines: bytes) -> bool:
        """Take whole lines in; says whether a step was among them."""
        if self.budget <= 0:
            return False
        lines = lines[: lines.find(b"\n", self.budget) + 1] or lines
        self.budget -= len(lines)
        now, found = time.monotonic(), False
        for match in self.engine.scan_lines(lines, 1)[0].matches:
            if (show := PROGRESS.get(match.leaf.kind)) is not None:
                show(self.progress, match.fields(), now)
                found = True
        return found
