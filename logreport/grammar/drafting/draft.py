"""Write a grammar for the lines of sample logs, and the sample log that it is checked with."""

import functools
import itertools
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from logreport.errors import GrammarError
from logreport.grammar.drafting.naming import (
    EVALUATES,
    RESERVED,
    Guess,
    decimal,
    kind_name,
    names_of,
    names_of_keys,
)
from logreport.grammar.drafting.shapes import Shape, decoded, gather, keys_in, pieces_of
from logreport.grammar.linting.ambiguity import check_kind
from logreport.grammar.linting.lint import clashes, engine_of
from logreport.grammar.loading import PREFIXES, grammar_files, load_engine, load_kinds
from logreport.grammar.lowering.lower import lower_file
from logreport.grammar.lowering.nodes import Kind
from logreport.grammar.lowering.pattern import emit
from logreport.grammar.scanning.engine import Engine

# Shapes with numbers, with names only, and of one text; more are no format.
MOST_KINDS, MOST_NAMES, MOST_TEXTS = 30, 15, 100
OF_EACH = 50  # lines of a kind in the sample
SHARED = ("INT", "FLOAT", "NUMBER", "DURATION", "SCALED", "PERCENT", "BYTES", "TIMESTAMP", "REST", "_WS")
LOCAL = {
    "NAME": r"/[\w.\/\\~\-\200-\377](?:[\w.\/\\~+@%#\-\200-\377]|:(?=[\\\/]))*/",
    "QUOTED": r"/\"(?:[^\"\\\r\n]|\\.)*\"|'(?:[^'\\\r\n]|\\.)*'/",
    "BAR": r"/[^|\]\r\n]+/",
    "STAMP": r"/(?:[0-9]{4}[\-\/][0-9]{2}[\-\/][0-9]{2}|[IWEF][0-9]{4})[ T][0-9:]+(?:[.,][0-9]+)?(?:Z|[+\-][0-9:]+)?/",
    # whole numbers, decimals, exponents, and what is none
    "ANY_NUMBER": r"/[-+]?(?:[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|nan|inf)/",
}
TERMINALS = {
    "duration": "DURATION",
    "percent": "PERCENT",
    "scaled": "SCALED",
    "bytes": "BYTES",
    "clock": "DURATION",
    "quoted": "QUOTED",
    "bar": "BAR",
    "rest": "REST",
}
WHOLE = re.compile(r"[0-9]{1,18}")
DECIMAL = re.compile(r"[-+]?(?:[0-9]{1,40}\.[0-9]{1,40}(?:[eE][-+]?[0-9]{1,2})?|nan|inf)")
ANY = re.compile(r"[-+]?[0-9]{1,15}(?:\.[0-9]{1,18})?(?:[eE][-+]?[0-9]{1,2})?")
OUR_STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6})?")
PRINTABLE = re.compile(r"[ -~\u00a1-\ud7ff\ue000-\ufffd]+")
CLOCKED = re.compile(rb"[0-9]{1,2}:[0-9]{2}:[0-9]{2}")
FACTS = frozenset({"batch_size", "num_devices", "model", "dataset", "optimizer", "precision", "device"})
SCORES = frozenset({"loss", "top_1", "top_5", "top_1_percent", "top_5_percent"})
LOOKS = 8  # keys by which an object is known
CHATTER = "chatter"
BREAKS = re.compile(rb"(?:<br ?/?>|[ \t\r])+\Z")


@dataclass
class Draft:
    """A grammar, and what it was made of.

    Args:
        grammar: the text of the `.lark` file.
        sample: lines of the logs that it reads, as a log.
        kinds: how many kinds it has.
        lines: how many lines the logs have that are not blank.
        left: how many of them it does not read: of shapes that are too many or that other kinds read too.
        has_speed: whether those that look like steps say a speed or a time; None where none looks like one.
    """

    grammar: str
    sample: bytes
    kinds: int
    lines: int
    left: int
    has_speed: bool | None


class Writer:
    """Writes the kinds of some shapes.

    Args:
        name: of the grammar.
        shapes: in the order in which they begin.
    """

    def __init__(self, name: str, shapes: Sequence[Shape]) -> None:
        self.name = name
        self.fixed = [shape for shape in shapes if shape.is_text]
        self.shapes = [shape for shape in shapes if not shape.is_text]
        self.keys = {id(shape): names_of_keys(shape.keys) for shape in self.shapes}
        self.guesses = {id(shape): names_of(shape) for shape in self.shapes}
        self.objects: dict[str, Shape] = {}  # fields that are objects, with their shapes
        self.kinds: dict[str, Shape] = {}
        self.fields: dict[str, str] = {}  # what each is: a role of a piece
        self.texts: dict[str, dict[str, None]] = {}  # of each, in all kinds
        self.used: set[str] = set()  # terminals
        for shape in self.shapes:
            self.kinds[self.kind_for(shape)] = shape
        if self.fixed:
            self.kinds[CHATTER] = self.fixed[0]

    @property
    def all_shapes(self) -> list[Shape]:
        """Those that it has kinds for."""
        return [*self.shapes, *self.fixed]

    def kind_of(self, shape: Shape) -> str:
        """The whole name of the kind that reads a shape."""
        found = next((kind for kind, one in self.kinds.items() if one is shape), CHATTER)
        return f"{self.name}.{found}"

    # Kinds

    def kind_for(self, shape: Shape) -> str:
        """What the lines of a shape are called: by what they say, else by their first words."""
        if not shape.has_numbers:
            return self.free(f"{CHATTER}_{kind_name(shape)}")
        if shape is self.step:
            return "step"
        if self.is_evaluation(shape):
            return self.free("evaluation")
        if shape is self.total:
            return "total"
        if self.said(shape) & FACTS:
            return self.free("header")
        name = kind_name(shape)
        return self.free(f"line_{name}" if name in RESERVED or name.startswith(CHATTER) else name)

    def said(self, shape: Shape) -> set[str]:
        """What the lines of a shape say, by the names of their fields."""
        return {guess.name for guess in self.guesses[id(shape)].values()} | self.keys[id(shape)].keys()

    def is_timed(self, shape: Shape) -> bool:
        """Whether its lines say a speed, or a time that can be one of a step."""
        is_time = any(guess.is_time for guess in self.guesses[id(shape)].values())
        return is_time or any("per_" in name for name in self.said(shape))

    def is_evaluation(self, shape: Shape) -> bool:
        """Whether its lines say how good the model is, on other data than it is trained with."""
        fixed = (i for i, role in enumerate(shape.roles) if role == "word" and shape.is_fixed(i))
        is_other = any(EVALUATES.search(next(iter(shape.texts[i])).lower()) for i in fixed)
        return is_other and bool(self.said(shape) & SCORES)

    def free(self, name: str) -> str:
        """A name that no kind has yet."""
        return next(one for one in numbered(name) if one not in self.kinds)

    @functools.cached_property
    def step(self) -> Shape | None:
        """The shape that looks like steps: many lines, a step that goes up, a speed or a time."""
        ranked = [
            (("step" in self.said(shape)) + 2 * self.is_timed(shape), shape.count, shape)
            for shape in self.shapes
            if shape.count > 1 and not self.is_evaluation(shape)
        ]
        rank, _, best = max(ranked, key=lambda one: one[:2], default=(0, 0, None))
        return best if rank else None

    @functools.cached_property
    def total(self) -> Shape | None:
        """The shape that looks like a result at the end: a speed, once."""
        found = [
            shape
            for shape in self.shapes
            if shape is not self.step
            and shape.count == 1
            and any("per_second" in name for name in self.said(shape))
        ]
        return found[-1] if found else None

    @property
    def restarts(self) -> bool:
        """Whether steps start again while the log tells of epochs, or will when its one epoch is over."""
        if self.step is None or not any("epoch" in self.said(shape) for shape in self.shapes):
            return False
        steps, epochs = (
            [self.number_in(line, name) for _, line in self.step.lines] for name in ("step", "epoch")
        )
        again = any(two < one for one, two in itertools.pairwise(steps))
        return again or ({"epoch", "steps_per_epoch"} <= self.said(self.step) and len(set(epochs)) == 1)

    def number_in(self, line: bytes, name: str) -> float:
        """A number that a line of steps says; 0 where it does not."""
        assert self.step is not None  # noqa: S101 - for the type checker
        pieces = pieces_of(decoded(line))
        if (key := self.keys[id(self.step)].get(name)) is not None:
            return decimal(str(keys_in(pieces[-2].text)[key]))
        named = (i for i, guess in self.guesses[id(self.step)].items() if guess.name == name)
        return decimal(next((pieces[i].text for i in named), ""))

    # Text

    @functools.cached_property
    def text(self) -> str:
        """The file."""
        rules = [self.rule(kind, shape) for kind, shape in self.kinds.items() if kind != CHATTER]
        if self.fixed:
            lines = list(dict.fromkeys(line for shape in self.fixed for _, line in shape.lines[:1]))
            options = [self.literal(decoded(line)) for line in lines]
            rules.append(f"// {readable(lines[0])}\n{CHATTER}: " + "\n       | ".join(options) + "\n")
        terminals = {field: self.terminal(field) for field in self.fields}
        terminals |= {field: field.upper() for field in self.objects}
        self.used |= {*terminals.values()}
        fields = "".join(f"{self.rule_of(field)}: {terminal}\n" for field, terminal in terminals.items())
        local = "".join(f"{name}: {LOCAL[name]}\n" for name in LOCAL if name in self.used)
        local += "".join(
            f"{field.upper()}: {self.object_of(shape)}\n" for field, shape in self.objects.items()
        )
        shared = ", ".join(name for name in SHARED if name in self.used)
        parts = [
            f"// {self.name}: drafted from a log. Rename what is named wrongly; docs/grammars.md says what each name is for.\n",
            self.directives,
            f"start: {' | '.join(self.kinds)}\n",
            *rules,
            fields,
            local,
            f"%import .terminals ({shared})\n" if shared else "",
        ]
        return "\n".join(part for part in parts if part)

    @property
    def directives(self) -> str:
        """What the file says of its kinds in comments."""
        found = ["//! restarts: epoch\n"] if self.restarts else []
        found += ["//! facts: step\n"] if self.step is not None and self.said(self.step) & FACTS else []
        for field, shape in self.objects.items():
            keys = ", ".join(f"{name} = {key}" for name, key in self.keys[id(shape)].items())
            found += [f"//! json: {self.rule_of(field).rstrip('_')}: {keys}\n"] if keys else []
        return "".join(found)

    def object_of(self, shape: Shape) -> str:
        """The terminal of an object: by the keys that it has, and by those of others that it has not."""
        own = list(dict.fromkeys(map(last_part, shape.keys)))
        others = {last_part(key) for one in self.objects.values() for key in one.keys}
        looks = [f"(?={key_pattern(key)})" for key in own[:LOOKS]]
        looks += [f"(?!{key_pattern(key)})" for key in sorted(others.difference(own))[:LOOKS]]
        return f"/\\{{{''.join(looks)}[^\\r\\n]*\\}}/"

    def rule(self, kind: str, shape: Shape) -> str:
        """The rule of a kind, below a line that it reads."""
        names: dict[int, str] = {}
        for number, guess in self.guesses[id(shape)].items():
            if shape.roles[number] == "object":
                names[number] = f"{kind}_object"
                self.objects[names[number]] = shape
                continue
            names[number] = self.field_for(self.named(kind, guess), shape, number, set(names.values()))
        parts: list[str] = []
        fixed = ""
        for number, role in enumerate(shape.roles):
            texts = shape.texts[number]
            if role == "keys":
                continue
            if number not in names and role != "pad" and (role != "blank" or list(texts) == [" "]):
                fixed += next(iter(texts))
                continue
            parts += [self.literal(fixed)] if fixed else []
            fixed = ""
            if number in names:
                parts.append(self.rule_of(names[number]))
            elif role == "blank" or any(texts):
                self.used.add("_WS")
                parts.append("_WS" if role == "blank" else "_WS?")
        parts += [self.literal(fixed)] if fixed else []
        return f"// {readable(shape.lines[0][1])}\n{kind}: {' '.join(parts)}\n"

    def rule_of(self, field: str) -> str:
        """The name of a field's rule, which no kind has."""
        return f"{field}_" if field in self.kinds or field == "start" else field

    def named(self, kind: str, guess: Guess) -> str:
        """The name of a field in its kind: a time of a step is that of a batch."""
        if not guess.is_time:
            return guess.name
        if kind == "step":
            return f"{guess.name}per_batch"
        return f"{guess.name}elapsed"

    def field_for(self, name: str, shape: Shape, number: int, taken: set[str]) -> str:
        """The field of a piece: the name alone, or with a number where a field of the line or of another type has it."""
        what = shape.roles[number]
        field = next(
            one for one in numbered(name) if one not in taken and self.fields.setdefault(one, what) == what
        )
        self.texts.setdefault(field, {}).update(shape.texts[number])
        return field

    def terminal(self, field: str) -> str:
        """The terminal that reads all texts of a field."""
        role, texts = self.fields[field], self.texts[field]
        if role == "stamp":
            return "TIMESTAMP" if all(map(OUR_STAMP.fullmatch, texts)) else "STAMP"
        if role != "number":
            return TERMINALS.get(role, "NAME")
        forms = {"INT": WHOLE, "FLOAT": DECIMAL, "NUMBER": ANY}
        return next((name for name, form in forms.items() if all(map(form.fullmatch, texts))), "ANY_NUMBER")

    def literal(self, text: str) -> str:
        """A fixed text as Lark writes it: what is no printable text is a pattern."""
        parts: list[str] = []
        for is_text, signs in itertools.groupby(text, lambda sign: PRINTABLE.fullmatch(sign) is not None):
            part = "".join(signs)
            if is_text:
                parts.append('"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"')
            else:  # in octal, which Lark leaves as it is
                raw = part.encode("utf-8", "surrogateescape")
                parts.append("/" + "".join(f"\\{byte:03o}" for byte in raw) + "/")
        return " ".join(parts)


def numbered(name: str) -> Iterator[str]:
    """A name, and the same with numbers behind it."""
    yield name
    yield from (f"{name}_{number}" for number in itertools.count(2))


def last_part(key: str) -> str:
    """The last of the keys in a dotted one."""
    return key.rpartition(".")[2]


def key_pattern(key: str) -> str:
    """What finds a key in an object, in Lark's writing."""
    name = re.escape(key).replace("/", "\\/")
    return rf"[^\r\n]*[\"']{name}[\"'] ?:"


def readable(line: bytes) -> str:
    """A line as a comment can show it."""
    return "".join(sign if sign == "\t" or PRINTABLE.fullmatch(sign) else "?" for sign in decoded(line))


def draft(name: str, lines: Sequence[bytes]) -> Draft:
    """Draft a grammar for lines of logs.

    Args:
        name: what the grammar will be called, which a file can be.
        lines: of all logs, one after the other, as they are read.
    """
    found = drafted(name, lines, last_resort=False)
    if found.has_speed is None and (other := drafted(name, lines, last_resort=True)).has_speed is not None:
        return other
    return found


def drafted(name: str, lines: Sequence[bytes], *, last_resort: bool) -> Draft:
    """A draft for the lines that we do not read, and perhaps for those that we read as a last resort only."""
    ours = load_engine()
    unread = dict(unread_of(ours, lines, last_resort=last_resort))
    bare = {place: bare_line(ours, line) for place, line in unread.items()}
    shapes = gather((place, line) for place, line in bare.items() if line)
    chosen = [
        *most(MOST_KINDS, (shape for shape in shapes if shape.has_numbers)),
        *most(MOST_NAMES, (shape for shape in shapes if not shape.has_numbers and not shape.is_text)),
        *most(MOST_TEXTS, (shape for shape in shapes if shape.is_text)),
    ]
    writer, kinds = sound(name, chosen)
    places = {place for shape in writer.all_shapes for place, _ in shape.lines[:OF_EACH]}
    others = [place for place in range(len(lines)) if place not in unread and lines[place].strip()]
    engine = Engine(emit([*kinds, *load_kinds(log_grammars())]), ours.unwrapper)
    sample = [lines[place] for place in sorted(places.union(others[:MOST_TEXTS]))]
    while left := {place for place, _ in unread_of(engine, sample)}:
        sample = [line for place, line in enumerate(sample) if place not in left]
    read = sum(shape.count for shape in writer.all_shapes)
    text = b"".join(line + b"\n" for line in sample)
    step = writer.step
    has_speed = None if step is None else writer.is_timed(step)
    return Draft(writer.text, text, len(kinds), len(others) + len(bare), len(bare) - read, has_speed)


def sound(name: str, shapes: Sequence[Shape]) -> tuple[Writer, list[Kind]]:
    """The grammar of those shapes that `check` does not refuse, and its kinds."""
    chosen = sorted(shapes, key=lambda shape: shape.lines[0][0])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.lark"
        while chosen:
            writer = Writer(name, chosen)
            path.write_text(writer.text, "utf-8")
            kinds = lower_file(path)
            unsound = unsound_of(path, kinds) or {
                kind.name for kind in kinds if not reads(kind, writer.kinds[last_part(kind.name)])
            }
            if not unsound:
                return writer, kinds
            chosen = [shape for shape in chosen if writer.kind_of(shape) not in unsound]
    return Writer(name, ()), []


def reads(kind: Kind, shape: Shape) -> bool:
    """Whether a kind reads the line that it was made of."""
    return engine_of([kind]).reads(shape.lines[0][1])


def unsound_of(path: Path, kinds: list[Kind]) -> set[str]:
    """The kinds that `check` would refuse: of two that read one line, the later."""
    found: set[str] = set()
    for kind in kinds:
        try:
            check_kind(kind, path)
        except GrammarError:
            found.add(kind.name)
    order = [kind.name for kind in kinds]
    for one in () if found else clashes({path: kinds}, log_grammars()):
        found.add(max((one.kind, one.other), key=order.index) if one.other in order else one.kind)
    return found


def log_grammars() -> tuple[Path, ...]:
    """The files of our grammars."""
    return tuple(path for path in grammar_files() if path.stem != PREFIXES)


def unread_of(
    engine: Engine, lines: Sequence[bytes], *, last_resort: bool = False
) -> Iterator[tuple[int, bytes]]:
    """The lines that no kind of ours reads, or reads as a last resort only, with their places."""
    if not lines:
        return
    text = b"".join(line + b"\n" for line in lines)
    for scan in engine.scan([(text, range(len(lines)))]):
        if last_resort:
            yield from ((one.line, lines[one.line]) for one in scan.matches if one.leaf.priority < 0)
        for gap in scan.gaps:
            yield from ((place, line) for place, line in gap.lines() if line.strip())


def bare_line(engine: Engine, line: bytes) -> bytes:
    """A line without indentation and, where a launcher's or logger's time stamp stands before it, without that."""
    line = BREAKS.sub(b"", line.lstrip(b" \t>"))
    _, bare = engine.unwrapper.without_prefixes(line)
    prefix = line[: len(line) - len(bare)]
    return bare.lstrip(b" \t>") if CLOCKED.search(prefix) else line


def most(count: int, shapes: Iterable[Shape]) -> list[Shape]:
    """The shapes of most lines."""
    return sorted(shapes, key=lambda shape: -shape.count)[:count]
