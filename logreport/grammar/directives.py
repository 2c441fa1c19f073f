"""What a grammar file says of its kinds, in comments that Lark ignores: `//! begins: header`.

A directive fills what an entry of `logreport.scripts` fills for a script that has one: which kinds are steps, what begins and
ends a run, how its numbers are to be read. docs/grammars.md lists them.
"""

import functools
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from logreport.errors import GrammarError
from logreport.grammar.fields import MEANINGS, SPEED
from logreport.scripts import FACTS as OF_FACTS
from logreport.scripts import RESULTS, ROLES, Benchmark, StepFormat
from logreport.tables.schema import FACTS

SIGN = "//!"
NAMED = re.compile(r"[ \t]*//!(?P<name>[^:]*)(?P<colon>:?)(?P<value>.*)")
WORD = re.compile(r"[\w.\-]+")
OPTION = re.compile(r"--?[A-Za-z][\w\-]*")
KEY = re.compile(r"(?P<name>[a-z_][a-z0-9_]*)[ \t]*=[ \t]*(?P<key>[^\s,=]+(?: [^\s,=]+)*)")
KEYED = ("json", "pairs")
LINES = ("interval", "cumulative", "timestamps")
OUTSIDE = ("evaluation", "inference")
WARM_UP = {"printed": True, "left out": False}
OPENING = frozenset(OF_FACTS)
COUNTED = frozenset({"step", "total", "evaluation", "evaluation_step", "published"})


class Directive(NamedTuple):
    """One directive: where it stands, its name, and its value as written."""

    line: int
    name: str
    value: str


class Fault(Exception):  # noqa: N818 - it is made an error of the grammar where its line is known
    """What is wrong with a directive, and what to do."""

    def __init__(self, what: str, todo: str) -> None:
        super().__init__(what)
        self.what, self.todo = what, todo


class Reader:
    """Reads the directives of one file into what is known of its format.

    Args:
        path: the file.
        kinds: its kinds by their names without that of the grammar, each with the names of its fields.
    """

    def __init__(self, path: Path, kinds: Mapping[str, Collection[str]]) -> None:
        self.path, self.grammar, self.own = path, path.stem, kinds
        self.problems: list[GrammarError] = []
        self.roles: dict[str, list[str]] = defaultdict(list)
        self.values: dict[str, Any] = {}
        self.steps: dict[str, Any] = {}
        self.mappings: dict[str, dict[str, Any]] = defaultdict(dict)
        self.said: dict[str, int] = {}  # where each directive that can be there once stands
        self.at: dict[tuple[str, str], int] = {}  # where each role of a kind is given
        self.read_by: dict[str, Callable[[str], None]] = {
            **{role: lambda value, role=role: self.read_role(role, value) for role in ROLES},  # type: ignore[misc]
            "restarts": self.read_restarts,
            "outside_epochs": self.read_outside_epochs,
            "lines": self.read_lines,
            "rate": self.read_rate,
            "accurate": self.read_accurate,
            "rounding": self.read_rounding,
            "warm_up": self.read_warm_up,
            "always": self.read_always,
            "option": self.read_option,
            "files": self.read_files,
            **{name: functools.partial(self.read_keys, name) for name in KEYED},
        }

    def read(self) -> Benchmark:
        """What the directives say; what is wrong with them is among the problems."""
        found = directives_of(self.path.read_text("utf-8", "replace"))
        for one in sorted(found, key=lambda one: one.name not in KEYED):  # whose fields others may name
            try:
                self.take(one)
            except Fault as fault:
                self.add(one.line, fault)
        for role, kinds in ROLES.items():
            same = next((group for group in (OPENING, COUNTED) if role in group), ())
            given = {kind for kind, other in self.at if other in same}
            self.roles[role] += [kind for kind in kinds if kind in self.own and kind not in given]
        self.check_roles()
        self.check_epochs()
        steps = StepFormat("interval", None, None, warms_up=True)._replace(**self.steps)
        roles = {
            role: tuple(f"{self.grammar}.{kind}" for kind in kinds) for role, kinds in self.roles.items()
        }
        return Benchmark(
            results=tuple(dict.fromkeys(kind for role in RESULTS for kind in roles[role])),
            last=roles["ends"],
            steps=steps,
            evaluation_steps=steps._replace(lines="interval"),
            roles=roles,
            **self.values,
            setup_flags=self.mappings["setup_flags"],
            always=self.mappings["always"],
            rounding=self.mappings["rounding"],
            objects=self.mappings["objects"],
        )

    def take(self, one: Directive) -> None:
        """Take one directive in."""
        read = self.read_by.get(one.name)
        if read is None:
            what = f"{one.name!r} is no directive" if one.name else "a directive is `//! name: value`"
            raise Fault(what, f"write {nearest(one.name, self.read_by)}")
        if not one.value:
            raise Fault(f"{one.name} says nothing", f"write `{SIGN} {one.name}: {EXAMPLES[one.name]}`")
        if one.name in ONCE and one.name in self.said:
            raise Fault(f"{one.name} stands in line {self.said[one.name]} already", "keep one of the two")
        self.said[one.name] = one.line
        known = set(self.at)
        read(one.value)
        self.at |= dict.fromkeys(self.at.keys() - known, one.line)

    def add(self, line: int, fault: Fault) -> None:
        self.problems.append(GrammarError(fault.what, source=str(self.path), line=line, todo=fault.todo))

    # One directive each

    def read_role(self, role: str, value: str) -> None:
        for kind in listed(value):
            if kind not in self.own:
                raise Fault(
                    f"{role}: there is no kind {kind}", self.instead(kind, self.own, "a kind below `start`")
                )
            if kind.startswith("chatter"):
                raise Fault(
                    f"{role}: a kind {kind} says nothing",
                    "give the rule a name that does not begin with chatter",
                )
            if not self.own[kind]:
                raise Fault(
                    f"{role}: {kind} has no field, and a line without one says nothing",
                    f"make its words one: `{kind}: what` with `what: WHAT` and `WHAT: /its words/`",
                )
            if (kind, role) in self.at:
                raise Fault(f"{role} names {kind} twice", "name it once")
            self.at[kind, role] = 0
            self.roles[role].append(kind)

    def read_restarts(self, value: str) -> None:
        if value != "epoch":
            raise Fault(
                f"restarts: {value} is nothing that steps start again with", "write `restarts: epoch`"
            )
        self.values["restarts"] = True

    def read_outside_epochs(self, value: str) -> None:
        self.values["outside_epochs"] = one_of("outside_epochs", value, OUTSIDE)

    def read_lines(self, value: str) -> None:
        self.steps["lines"] = one_of("lines", value, LINES)

    def read_rate(self, value: str) -> None:
        self.field("rate", value)
        if value not in MEANINGS or MEANINGS[value].column != SPEED:
            speeds = [name for name, meaning in MEANINGS.items() if meaning.column == SPEED]
            raise Fault(
                f"rate: {value} is no speed", self.instead(value, speeds, "a field such as images_per_second")
            )
        self.values["rate"] = value

    def read_accurate(self, value: str) -> None:
        self.values["accurate"] = tuple(listed(value))

    def read_rounding(self, value: str) -> None:
        name, _, number = value.partition(" ")
        self.field("rounding", name)
        try:
            quantum = float(number)
        except ValueError:
            quantum = 0.0
        if not 0 < quantum < float("inf"):
            raise Fault(
                f"rounding: {number.strip() or 'nothing'} is no step of a digit",
                f"write `rounding: {name} 0.1`",
            )
        self.mappings["rounding"][name] = quantum

    def read_warm_up(self, value: str) -> None:
        self.steps["warms_up"] = WARM_UP[one_of("warm_up", " ".join(value.split()), WARM_UP)]

    def read_always(self, value: str) -> None:
        name, _, said = (part.strip() for part in value.partition("="))
        self.column("always", name)
        if not said:
            raise Fault(f"always: {name} is nothing", f"write `always: {name} = VALUE`")
        if name in self.mappings["always"]:
            raise Fault(f"always says {name} twice", "keep one of the two")
        self.mappings["always"][name] = said

    def read_option(self, value: str) -> None:
        name, _, said = (part.strip() for part in value.partition("="))
        self.column("option", name)
        options = listed(said)
        if wrong := next((one for one in options or [said] if not OPTION.fullmatch(one)), None):
            raise Fault(
                f"option: {wrong} is no option of a command", f"write `option: {name} = -b, --batch-size`"
            )
        if not options:
            raise Fault(f"option: {name} has no options", f"write `option: {name} = -b, --batch-size`")
        self.mappings["setup_flags"][name] = (*self.mappings["setup_flags"].get(name, ()), *options)

    def read_files(self, value: str) -> None:
        names = [name.removesuffix(".py") for name in listed(value)]
        if wrong := next((name for name in names if not WORD.fullmatch(name)), None):
            raise Fault(
                f"files: {wrong} is no name of a script",
                "write names without folders, as `files: main, train`",
            )
        self.values["files"] = (*self.values.get("files", ()), *names)

    def read_keys(self, directive: str, value: str) -> None:
        name, _, keys = (part.strip() for part in value.partition(":"))
        self.field(directive, name)
        example = EXAMPLES[directive].replace("FIELD", name)
        if name in self.mappings["objects"]:
            raise Fault(f"{directive} names {name} twice", "write all its keys in one line")
        made = {}
        for part in listed(keys) or [keys]:
            pair = KEY.fullmatch(part)
            if pair is None:
                raise Fault(f"{directive}: {part or 'nothing'} is no key", f"write `{directive}: {example}`")
            if pair["name"] in made:
                raise Fault(f"{directive}: {name} has {pair['name']} twice", "keep one of the two")
            made[pair["name"]] = pair["key"]
        self.mappings["objects"][name] = made

    # What they name

    def fields(self) -> set[str]:
        """All fields of the file, those of its JSON objects too."""
        inside = {name for keys in self.mappings["objects"].values() for name in keys}
        return inside.union(*self.own.values())

    def field(self, directive: str, name: str) -> None:
        if name not in self.fields():
            raise Fault(
                f"{directive}: there is no field {name}",
                self.instead(name, self.fields(), "a field of a kind"),
            )

    def column(self, directive: str, name: str) -> None:
        if name not in FACTS:
            raise Fault(
                f"{directive}: the runs have no column {name}",
                self.instead(name, FACTS, "a column of `runs`"),
            )

    @staticmethod
    def instead(name: str, known: Iterable[str], what: str) -> str:
        near = nearest_of(name, known)
        return f"write {near}" if near else f"name {what}"

    # What they say together

    def check_roles(self) -> None:
        """A kind opens runs or is a result, in one way each; what is over does not begin."""
        for kind in self.own:
            given = [role for role, kinds in self.roles.items() if kind in kinds]
            begins = OPENING - {"facts"}
            for group in (
                OPENING,
                COUNTED,
                begins | {"ends"},
                {"completes", "ends", "fails"},
                begins | COUNTED,
            ):
                both = [role for role in given if role in group]
                if len(both) > 1:
                    line = max(self.at.get((kind, role), 0) for role in both)
                    self.add(
                        line, Fault(f"{kind} cannot be {both[0]} and {both[1]}", "name it in one of the two")
                    )
                    break

    def check_epochs(self) -> None:
        if self.values.get("restarts") and "epoch" not in self.fields():
            self.add(
                self.said["restarts"],
                Fault("restarts: no kind has a field epoch", "add one to the line that says the epoch"),
            )
        if self.values.get("outside_epochs") and not self.values.get("restarts"):
            self.add(
                self.said["outside_epochs"],
                Fault("outside_epochs: steps know no epochs", "say `restarts: epoch` too"),
            )


EXAMPLES = {
    **dict.fromkeys(ROLES, "KIND"),
    "restarts": "epoch",
    "outside_epochs": "evaluation",
    "lines": "cumulative",
    "rate": "tokens_per_second",
    "accurate": "resnet50, vgg16",
    "rounding": "examples_per_second 0.1",
    "warm_up": "left out",
    "always": "framework = pytorch",
    "option": "batch_size = -b, --batch-size",
    "files": "main, train",
    "json": "FIELD: step = step, loss = data.loss",
    "pairs": "FIELD: loss = loss, learning_rate = lr",
}
ONCE = ("restarts", "outside_epochs", "lines", "rate", "accurate", "warm_up")


def directives_of(text: str) -> list[Directive]:
    """The directives of a file, in their order."""
    found = []
    for line, written in enumerate(text.splitlines(), 1):
        if match := NAMED.fullmatch(written):
            name = match["name"].strip() if match["colon"] else ""
            found.append(Directive(line, name, match["value"].strip()))
    return found


def listed(value: str) -> list[str]:
    """The parts of a list, none of them empty."""
    return [part.strip() for part in value.split(",") if part.strip()]


def one_of(directive: str, value: str, known: Collection[str]) -> str:
    """A value that is one of several words."""
    if value not in known:
        raise Fault(f"{directive}: {value!r} is not known", f"write {nearest(value, known)}")
    return value


def nearest(name: str, known: Collection[str]) -> str:
    """The name that is meant, or all that there are."""
    return nearest_of(name, known) or "one of " + ", ".join(known)


def nearest_of(name: str, known: Iterable[str]) -> str | None:
    """The name that is meant; None where it is like none."""
    import difflib

    return next(iter(difflib.get_close_matches(name, list(known), 1)), None)


def read_directives(path: Path, kinds: Mapping[str, Collection[str]]) -> tuple[Benchmark, list[GrammarError]]:
    """What the directives of a file say of its format, and what is wrong with them.

    Args:
        path: the file.
        kinds: its kinds by their names without that of the grammar, each with the names of its fields.
    """
    reader = Reader(path, kinds)
    return reader.read(), reader.problems
