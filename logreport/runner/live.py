"""What a run shows while it goes on: its lines are read by the same grammars as its log, one step at a time."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from logreport.grammar import Engine, load_engine
from logreport.runs.scripts import generic
from logreport.runs.scripts.common import whole
from logreport.runs.scripts.progress import Progress
from logreport.runs.scripts.registry import PROGRESS
from logreport.scripts import UNKNOWN

MOST = 1 << 14  # bytes to look at between two looks at the clock: a flood is not worth more


class Follower:
    """Reads the lines of a running script into its progress.

    Args:
        values: the flags of the script by name.
        grammars: the user's folders of grammars.
    """

    def __init__(self, values: Mapping[str, Any], grammars: Sequence[str] = ()) -> None:
        steps, batch = values.get("max_steps", values.get("num_batches")), values.get("batch_size")
        # A command may have flags of these names that are no numbers.
        self.progress = Progress(total=whole(str(steps)) or None, batch=whole(str(batch)) or None)
        self.engine: Engine = load_engine(tuple(map(Path, grammars)))
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
            known = self.engine.formats.get(match.leaf.kind.partition(".")[0], UNKNOWN)
            if (show := PROGRESS.get(match.leaf.kind)) is not None:
                show(self.progress, match.fields(), now)
            elif match.leaf.kind in known.kinds("step"):
                generic.show_step(known, self.progress, match.fields(), now)
            else:
                continue
            found = True
        return found
