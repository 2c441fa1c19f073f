"""How other tools read the step lines of three scripts: the same patterns, each in the way of its tool.

ReFrame and pygrok do it themselves, where they are installed (`pip install reframe-hpc pygrok setuptools`; pygrok asks
for the last). JUBE is on no registry: its way, which is one search through the whole text for each pattern, is done
here by `re`.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Values = dict[str, list[float]]
NUMBERS: Mapping[str, tuple[str, ...]] = {  # the fields of each kind of line
    "alexnet": ("step", "duration"),
    "cifar10": ("step", "loss", "rate", "seconds"),
    "tf_cnn": ("step", "rate", "sem", "jitter"),
}
WORDS = {  # and the text around them, with a place for each number
    "alexnet": r"step {}, duration = {}",
    "cifar10": r"step {}, loss = {} \({} examples/sec; {} sec/batch\)",
    "tf_cnn": r"{}\s+images/sec: {} \+/- {} \(jitter = {}\)",
}
NUMBER = r"(?P<{}>[0-9]+(?:\.[0-9]+)?)"


def pattern(kind: str) -> str:
    """A pattern of Python's `re` with a named group for each number."""
    return WORDS[kind].format(*(NUMBER.format(name) for name in NUMBERS[kind]))


def by_jube(path: Path) -> Values:
    """One search through the text for each pattern."""
    text = path.read_text(encoding="utf-8", errors="replace")
    found: Values = {}
    for kind, names in NUMBERS.items():
        rows = [match.groups() for match in re.finditer(pattern(kind), text)]
        found |= {f"{kind}.{name}": [float(row[i]) for row in rows] for i, name in enumerate(names)}
    return found


def by_reframe(path: Path) -> Values:
    """`extractall` for each kind of line, with the tags and the conversion that it takes."""
    from reframe.utility.sanity import evaluate, extractall

    found: Values = {}
    for kind, names in NUMBERS.items():
        rows: Any = evaluate(extractall(pattern(kind), str(path), names, float))
        found |= {f"{kind}.{name}": [row[i] for row in rows] for i, name in enumerate(names)}
    return found


def by_pygrok(path: Path) -> Values:
    """Each pattern tried on each line, until one fits."""
    from pygrok import Grok

    groks = {
        kind: Grok(WORDS[kind].format(*(f"%{{NUMBER:{name}:float}}" for name in names)))
        for kind, names in NUMBERS.items()
    }
    found: Values = {f"{kind}.{name}": [] for kind, names in NUMBERS.items() for name in names}
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            for kind, grok in groks.items():
                if (row := grok.match(line)) is not None:
                    for name, value in row.items():
                        found[f"{kind}.{name}"].append(value)
                    break
    return found


WAYS: Mapping[str, tuple[str, Callable[[Path], Values]]] = {
    "JUBE's way: a search for each pattern": ("", by_jube),
    "ReFrame: extractall": ("reframe", by_reframe),
    "pygrok: a match for each line": ("pygrok", by_pygrok),
}
"""By what they are called: the module that must be there, and the way."""
