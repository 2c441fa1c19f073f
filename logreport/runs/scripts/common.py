"""What the builders of all benchmarks share: flags of a command, time stamps, labels from the text around a run."""

import functools
import re
import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise, zip_longest
from typing import Any

from logreport.grammar import Match, Records
from logreport.runs.run import Run
from logreport.scripts import FILES
from logreport.spool import few_or_many

FLAG = re.compile(r"--?([a-zA-Z_]\w*)(?:=|[ \t]+(?!-))?(\"[^\"]*\"|'[^']*'|[^\s`\"']*)")
CONTINUED = re.compile(
    r"\\(?:\n[ \t>]*+|\Z)"
)  # the end of a line that goes on in the next, which may be quoted
# Types of numbers as flags, headers and names of files write them; running text has more ways (runs/published/names.py).
PRECISION = re.compile(
    r"(?<![a-z0-9])(?:fp16|fp32|fp64|float16|float32|bf16|bfloat16|tf32|int8)(?![0-9a-z])", re.IGNORECASE
)
WHOLE = re.compile(
    r"\s*([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15}(?:_[0-9]{1,15})*)(\.[0-9]*)?(e\+?[0-9]{1,2})?(?![\w\-+*/^%]|[.,]\w)"
)
SCRIPT_FILE = re.compile(rf"(?:{FILES})(?:\.py)?(?![\w./])")
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - times of the tables say no zone; this one is in UTC
LARGEST = 10**15
SPELLINGS = {
    "float16": "fp16", "float32": "fp32", "bfloat16": "bf16", "16bit": "fp16", "32bit": "fp32", "16bits": "fp16",
    "32bits": "fp32", "halfprecision": "fp16", "singleprecision": "fp32",
}  # fmt: skip
Lines = list[tuple[Match, dict[str, Any]]]


def script_flags(command: str) -> dict[str, str]:
    """The flags that a command line gives to its script, and none of those for a launcher in front of it."""
    script = SCRIPT_FILE.search(command)
    return flags_of(command[script.end() :] if script else command)


def flags_of(command: str) -> dict[str, str]:
    """The flags of a command line: `--batch_size 10 --use_fp16` is {batch_size: 10, use_fp16: ""}."""
    return {name: value.strip("\"'") for name, value in FLAG.findall(CONTINUED.sub(" ", command))}


def options_of(command: str, wanted: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What a command says of columns by its options: `-b 256`, `--batch-size 256`, `--batch_size=256`.

    Args:
        command: a command line.
        wanted: the options that say each column; `-` and `_` in their names are the same.
    """
    try:
        words = shlex.split(CONTINUED.sub(" ", command))
    except ValueError:  # a quote that does not end
        words = command.split()
    columns = {name.replace("_", "-"): column for column, names in wanted.items() for name in names}
    found: dict[str, str] = {}
    for word, after in zip_longest(words, words[1:], fillvalue="--"):
        name, is_said, value = word.partition("=")
        if (column := columns.get(name.replace("_", "-"))) is not None:
            said = value if is_said else "" if after.startswith("-") else after
            found |= {} if set("$<{") & set(said) else {column: said}
    return found


def literal(flags: dict[str, str], name: str) -> str | None:
    """The value of a flag as it stands; none of a variable (`$MODEL`) or of a placeholder (`<model>`)."""
    value = flags.get(name, "")
    return value if value and not set("$<{") & set(value) else None


def is_on(flags: dict[str, str], name: str) -> bool:
    """Whether a flag is set; written out, its value may be `False`."""
    return flags.get(name, "false").lower() not in ("false", "f", "0", "no")


def is_theano(run: Run) -> bool:
    """Whether it is Theano's twin of a benchmark, which prints the same lines."""
    return run.has("theano.using_gpu") or "theano" in f"{run.source} {run.command}".lower()


def whole(text: str | None) -> int | None:
    """The whole number that a text begins with, as people and Python write it; None where it is none.

    `64`, `64.0`, `1_024`, `1,024`, `1e3`, and `128` of `128, 56, 56, 64` and of `128 global`; none of `64x`, `1.5`, `8*2`.
    """
    if not (match := WHOLE.match(text or "")):
        return None
    value = float(match[1].replace(",", "").replace("_", "") + (match[2] or "") + (match[3] or ""))
    return int(value) if value.is_integer() and value < LARGEST else None


def moment(text: str | None) -> datetime | None:
    """A time stamp as the log prints it, in its local time; None where it is none."""
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo is None else time.replace(tzinfo=None)


def moment_of(fields: dict[str, Any]) -> datetime | None:
    """The time of a line: its local time stamp, or its Unix seconds (in UTC)."""
    return moment_by(fields.get("timestamp"), fields.get("unix_time"))


def moments_of(records: Records) -> Sequence[datetime | None]:
    """The times of lines of one kind."""
    stamps, seconds = records.table("timestamp", "unix_time")
    return stamps if stamps == seconds else few_or_many(map(moment_by, stamps, seconds))  # neither is there


def moment_by(stamp: str | None, unix: float | None) -> datetime | None:
    """The time by a local time stamp, or by Unix seconds."""
    if stamp is not None:
        return moment(stamp)
    if unix is not None and 0 < unix < 1 << 33:
        return EPOCH + timedelta(seconds=unix)
    return None


def precision_in(*texts: str) -> str | None:
    """The one precision that texts name, or None where they name none or several."""
    named = (set(precisions_in(text.replace("_", "-"))) for text in filter(None, texts))
    return next((found.pop() for found in named if len(found) == 1), None)


def precisions_in(text: str) -> list[str]:
    """All precisions that a text names, each in one spelling."""
    return [found for part in text.split("/") for found in precisions_known(part)]


@functools.lru_cache(maxsize=1 << 12)  # logs share their folders
def precisions_known(text: str) -> tuple[str, ...]:
    """The same of a part of a path."""
    return tuple(spelled(found.lower()) for found in PRECISION.findall(text))


def spelled(precision: str) -> str:
    """A precision, in small letters, in its usual spelling."""
    short = re.sub(r"[- ]", "", precision)
    return SPELLINGS.get(short) or (short if short[-1].isdigit() else precision)


@functools.lru_cache(maxsize=1 << 12)
def same_release(version: str, release: str) -> bool:
    """Whether two versions (of which a log often prints major.minor only) are of one release."""
    return version == release or re.split(r"[.\-+]", version)[:2] == re.split(r"[.\-+]", release)[:2]


def ranks_of(ranks: Sequence[int | None], steps: Sequence[int | None]) -> Sequence[int | None]:
    """A rank for each line, by the rank of its prefix and its step: as the prefix says, else the how-manieth line of this step it is.

    Ranks without a prefix print the same step each; a run in which no step comes twice has no ranks.
    """
    if any(rank is not None for rank in ranks):
        return ranks
    if all(after is not None and (step is None or step < after) for step, after in pairwise(steps)):
        return ranks
    seen: dict[int | None, int] = {}
    found: list[int | None] = []
    for step in steps:
        found.append(seen.get(step, 0))
        if step is not None:
            seen[step] = seen.get(step, 0) + 1
    return found if max(seen.values(), default=0) > 1 else ranks


def row_of(row: dict[str, Any]) -> dict[str, Any]:
    """What every row says of its run."""
    return {"run_id": row["run_id"], "source": row["source"]}
