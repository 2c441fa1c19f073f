"""What a number of a line is, guessed from the words beside it; whoever knows better renames it."""

import itertools
import re
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from logreport.grammar.drafting.shapes import FACTS, NUMERIC, Shape, decoded, pieces_of
from logreport.grammar.scanning.objects import NUMBER

_ITEMS = {
    "images": "images?|imgs?", "examples": "examples?|ex", "samples": "samples?", "tokens": "tokens?|toks?",
    "sequences": "sequences?|seqs?|sentences?", "iterations": "it|iters?|iterations?", "steps": "steps?", "batches": "batch(?:es)?",
}  # fmt: skip
_EACH = "|".join(f"(?P<{name}>{pattern})" for name, pattern in _ITEMS.items())
_RATE = rf"(?:{_EACH})[ _]?(?:/|per)[ _]?(?:s|secs?|seconds?)(?![a-z])"
RATE_BEHIND = re.compile(rf"[ _]?{_RATE}", re.IGNORECASE)
RATE_BEFORE = re.compile(rf".*(?<![a-z]){_RATE}[^a-z0-9]*", re.IGNORECASE | re.DOTALL)
_PER = r"(?: ?(?:/|per) ?(?P<per>step|batch|iteration|iter|it|image|img|sample|example|token)s?(?![a-z]))"
TIME_BEHIND = re.compile(
    rf" ?(?:(?P<milli>ms|milliseconds?|msecs?)|(?P<micro>us|µs|microseconds?)|(?P<base>seconds?|secs?|s))(?![a-z]){_PER}?",
    re.IGNORECASE,
)
PER_BEHIND = re.compile(_PER, re.IGNORECASE)
TIME_BEFORE = re.compile(
    r".*?(?:per[ _](?P<per>step|batch|iteration|iter|it|image|img|sample|example|token)[^a-z0-9]{1,3})?"
    r"(?<![a-z])(?:(?P<milli>ms|msecs?)|(?P<micro>us)|(?P<base>secs?|seconds|(?<=\()s(?=\))))(?![a-z])[^a-z0-9]*",
    re.DOTALL,
)
LABEL = re.compile(r"([A-Za-z][\w@.\-/]*(?:[ _](?:[a-z][a-z]*|[0-9]))?)[^A-Za-z0-9]*\Z")
OF_ALL = re.compile(r" ?(?:/|of|out of) ?\Z")
SAME = {
    "step": "steps? iter iters iteration iterations it itr batch update updates global_step train_step training_step",
    "epoch": "epochs ep",
    "loss": "train_loss training_loss total_loss",
    "learning_rate": "lr",
    "top_1": "acc_1 acc@1 prec@1 top1 top_1_accuracy accuracy acc",
    "top_5": "acc_5 acc@5 prec@5 top5 top_5_accuracy",
    "batch_size": "batchsize bs batch_size_per_gpu global_batch_size",
    "num_devices": "gpus num_gpus world_size",
    "model": "arch architecture network",
    "time": "step_time batch_time time_per_step time_per_batch duration dt took seconds sec_per_batch batch_cost iter_time",
}
# Words that make of a time that of a part of a step, or of more than one.
PARTS = frozenset(
    [
        "data",
        "load",
        "loading",
        "wait",
        "io",
        "comm",
        "eta",
        "forward",
        "backward",
        "fwd",
        "bwd",
        "total",
        "elapsed",
    ]
)
KNOWN = frozenset(SAME)
COUNTED = 200  # lines among which a number is looked for that counts them
CANONICAL = {word: name for name, words in SAME.items() for word in (name, *words.split())}
TIMES = {"milli": "milliseconds_", "micro": "microseconds_", "base": "seconds_"}
EVALUATES = re.compile(r"(?<![a-z])(?:val|valid|validation|test|eval|evaluation)(?![a-z])")
JOINED = re.compile(
    r"(?:val|valid|validation|test|eval)[_/.\-](?:loss|acc\w*|top_?[15]\w*)[^A-Za-z0-9]*\Z", re.IGNORECASE
)
NAMELESS = {"stamp": "timestamp", "bar": "bar", "rest": "rest", "object": "object"}
DEVICES_BEHIND = re.compile(r" ?(?:gpus?|devices|workers|ranks)(?![a-z])", re.IGNORECASE)
LITTLE = frozenset({"in", "of", "at", "to", "for", "on", "is", "was", "the", "a", "with", "and", "by"})
# Kinds and fields that a grammar cannot call so.
RESERVED = frozenset(
    {"start", "header", "step", "iteration", "total", "summary", "average", "evaluation", "validation"}
)


class Guess(NamedTuple):
    """The name of a piece, and whether that is a time for which the kind decides what it is of."""

    name: str
    is_time: bool = False


def names_of(shape: Shape) -> dict[int, Guess]:
    """A name for each piece of a shape that is no fixed text, by the piece's number."""
    open_pieces = [
        i for i in range(len(shape.roles)) if not shape.is_fixed(i) and shape.roles[i] not in ("blank", "pad")
    ]
    found: dict[int, Guess] = {}
    edges = [-1, *open_pieces, len(shape.roles)]
    for before, number, behind in zip(edges, open_pieces, edges[2:], strict=False):
        found[number] = guess(
            shape,
            number,
            text_between(shape, before, number),
            text_between(shape, number, behind),
            found.get(before),
        )
    if "step" not in {one.name for one in found.values()}:
        count_steps(shape, found)
    return found


def count_steps(shape: Shape, found: dict[int, Guess]) -> None:
    """Call a step what goes up by as much from line to line; of several the first."""
    rows = [pieces_of(decoded(line)) for _, line in shape.lines[:COUNTED]]
    for number, one in found.items():
        texts = [row[number].text for row in rows]
        if shape.roles[number] != "number" or one.name in KNOWN or not all(map(str.isdigit, texts)):
            continue
        rises = [after - before for before, after in itertools.pairwise(map(int, texts))]
        rise, times = Counter(rises).most_common(1)[0] if rises else (0, 0)
        if rise > 0 and times > 1 and times * 3 >= len(rises) * 2:
            rest = (
                place for place, other in found.items() if place > number and other.name == f"{one.name}_of"
            )
            found[number] = Guess("step")
            found |= {place: Guess("steps_per_epoch") for place in itertools.islice(rest, 1)}
            return


def text_between(shape: Shape, start: int, stop: int) -> str:
    """The fixed text between two pieces; blanks that vary are one."""
    return "".join(
        " "
        if shape.roles[i] == "blank"
        else ""
        if shape.roles[i] in ("pad", "keys")
        else next(iter(shape.texts[i]))
        for i in range(start + 1, stop)
    )


def guess(shape: Shape, number: int, before: str, behind: str, previous: Guess | None) -> Guess:
    """The name of one piece, from the fixed texts around it and the name of the piece before."""
    role = shape.roles[number]
    if previous is not None and (before == "/" or OF_ALL.fullmatch(before)):
        return Guess({"step": "steps_per_epoch", "epoch": "epochs"}.get(previous.name, f"{previous.name}_of"))
    label = label_of(before)
    if role not in NUMERIC:
        return Guess(NAMELESS.get(role) or label or "name")
    if (found := measured(shape, number, before, behind, previous)) is not None:
        return found
    if DEVICES_BEHIND.match(behind):
        return Guess("num_devices")
    if label in ("top_1", "top_5") and role == "number" and max(map(decimal, shape.texts[number])) > 1:
        label += "_percent"
    return Guess(f"evaluation_{label}" if label and JOINED.search(before) else label or "value")


def measured(shape: Shape, number: int, before: str, behind: str, previous: Guess | None) -> Guess | None:
    """A speed or a time, where the words beside it or its own unit say that it is one."""
    role, label = shape.roles[number], label_of(before)
    if role in ("number", "scaled") and (rate := rate_of(before, behind, previous)):
        return Guess(f"{rate}_per_second")
    if label == "ips":
        return Guess("samples_per_second")
    if label == "step" and role == "number" and not all(map(str.isdigit, shape.texts[number])):
        return Guess("seconds_", is_time=True)  # Batch 0.271: what one took
    return time_of(role, label, before, behind)


def rate_of(before: str, behind: str, previous: Guess | None) -> str | None:
    """What a number counts in a second: a unit between two numbers is that of the first."""
    is_taken = previous is not None and RATE_BEHIND.match(before)
    rate = RATE_BEHIND.match(behind) or (None if is_taken else RATE_BEFORE.fullmatch(parted(before)))
    return rate.lastgroup if rate else None


def time_of(role: str, label: str, before: str, behind: str) -> Guess | None:
    """What a time is of, where the words beside it or its own unit say that it is one."""
    if role == "duration":
        unit, scale, of = None, "seconds_", PER_BEHIND.match(behind)
    elif role == "number":
        unit = TIME_BEHIND.match(behind)
        if unit is None and label and (unit := TIME_BEFORE.fullmatch(before)):  # time (ms): 4.5
            label = label_of(before[: unit.start(unit.lastgroup or 0)]) or label
        scale = "" if unit is None else next(TIMES[name] for name in TIMES if unit[name])
        of = unit if unit and unit.groupdict().get("per") else None
    else:
        return None
    if of:
        return per(of["per"], scale)
    if label in ("time", ""):
        return Guess(scale or "seconds_", is_time=True) if scale or label else None
    return Guess(label if role == "duration" else f"{scale}{label}") if scale else None


def names_of_keys(keys: Mapping[str, object]) -> dict[str, str]:
    """A field for each key of an object that says something that we know, and for each other number."""
    found: dict[str, str] = {}
    for key, value in keys.items():
        words = key.rpartition(".")[2]
        rate = RATE_BEFORE.fullmatch(f"{parted(words)} ")
        label = label_of(f"{words} ")
        if rate:
            label = f"{rate.lastgroup}_per_second"
        elif label == "time":
            label = "seconds_per_batch"
        elif isinstance(value, str) and not is_number(value) and label not in FACTS:
            continue
        if label in ("top_1", "top_5") and decimal(str(value)) > 1:
            label += "_percent"
        if JOINED.search(words) or EVALUATES.search(key.partition(".")[0]):
            label = f"evaluation_{label}"
        if label:
            found.setdefault(label, key)
    return found


def is_number(text: str) -> bool:
    """Whether a text is a number."""
    return NUMBER.fullmatch(text.strip()) is not None


def per(what: str, scale: str) -> Guess:
    """A time of one step, or of one example."""
    items = next(name for name, pattern in _ITEMS.items() if re.fullmatch(pattern, what.lower()))
    return Guess(f"{scale}per_{'batch' if items in ('iterations', 'steps', 'batches') else items[:-1]}")


def label_of(before: str) -> str:
    """The last word before a piece, or the last two where they are one of our names."""
    found = LABEL.search(before)
    words = re.findall(r"[a-z0-9@]+", parted(before).lower()) if found else []
    if words and CANONICAL.get(words[-1]) == "time" and PARTS.intersection(words[:-1]):
        return re.sub(r"[^a-z0-9]+", "_", "_".join(words[-2:])).strip("_")
    for count in (3, 2, 1):
        for sign in ("_", "@"):
            if (name := CANONICAL.get(sign.join(words[-count:]).strip("@"))) is not None:
                return name
    while words and words[-1] in LITTLE:
        words.pop()
    last = parted(found[1]).lower() if found and " " not in found[1] else words[-1] if words else ""
    name = re.sub(r"[^a-z0-9]+", "_", last).strip("_")
    return name if name and name[0].isalpha() else ""


def parted(words: str) -> str:
    """Words that are told apart by capitals alone, `SamplesPerSec`, with a sign between them."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", words)


def decimal(text: str) -> float:
    """A number's value; 0 where it is none."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def kind_name(shape: Shape) -> str:
    """A name for the lines of a shape, from their first words."""
    words: list[str] = []
    for number, role in enumerate(shape.roles):
        if role == "word" and shape.is_fixed(number):
            words += re.findall(r"[a-z]{2,}", next(iter(shape.texts[number])).lower())
    return "_".join(words[:2]) or "line"
