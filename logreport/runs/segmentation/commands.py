"""Command lines: what each is of, and whether a run can be what it printed."""

import re

from logreport.grammar import Match
from logreport.runs.run import Run
from logreport.runs.scripts.common import flags_of, literal, whole
from logreport.scripts import OFFICIAL

COMMAND = "shell.command"


def script_of(match: Match) -> str:
    """The name of the script that a command or a traceback is of, without its folder and its ending."""
    return str(match.value("script").rpartition("/")[2].removesuffix(".py"))


def read_command(run: Run, match: Match) -> None:
    """Make a command line that of a run."""
    run.command = " ".join(filter(None, map(match.value, ("head", "script", "arguments"))))
    run.headers["script"] = script_of(match)


def can_print(command: Match, run: Run) -> bool:
    """Whether a command can have printed a run: its script prints such lines, and the header has what it asks for."""
    script = script_of(command)
    known = run.known
    if known.files and script not in known.files:
        return False
    if run.has(known.never.get(script, "")):
        return False
    flags = flags_of(command.value("arguments") or "")
    pairs = [
        (plain(literal(flags, flag) or ""), plain(run.headers.get(key, "")))
        for one in OFFICIAL.values()
        for flag, key in one.header_flags.items()
    ]
    # `lenet` prints `lenet5`, and `resnet50_v1.5` may be called by its shorter name.
    return not any(
        asked and printed and not asked.startswith(printed) and not printed.startswith(asked)
        for asked, printed in pairs
    )


def has_its_batch(command: Match, run: Run) -> bool:
    """Whether the batch size that a command asks for is that of a device in the header, where both say one."""
    asked = whole(flags_of(command.value("arguments") or "").get("batch_size"))
    printed = run.only(run.known.per_device or "").column("batch_size_per_device")
    return asked is None or not printed or asked == printed[0]


def plain(model: str) -> str:
    """The name of a model without what its spellings differ in."""
    return re.sub(r"[^a-z0-9]", "", model.lower())
