"""From nodes to the instructions of the machine: the same matches, the same captures, in the same order of choice as `re`."""

import enum
import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from logreport.grammar.native.ahead import ANYTHING, Ahead, Sets, can_be_empty
from logreport.grammar.native.regex import (
    ALL,
    ANY,
    UNLIMITED,
    Atom,
    Bytes,
    Capture,
    Edge,
    Fork,
    Look,
    Loop,
    Peek,
    Regex,
    Row,
    UnsupportedError,
)

COPIES = 64  # a counted repetition of more than one byte is written out
SHORT = 16  # bytes; a repetition of one, so many times and no other, is as many bytes in a row
LITERAL = 4  # letters in a row that are better compared at once
CHOICES = 32  # bits of a mask
ROW = 257  # members of a set that are shown: the bytes and the end of the text


class Op(enum.IntEnum):
    """The operations, in the order of machine.h, which says what each does."""

    FAIL = 0
    MATCH = enum.auto()
    BYTE = enum.auto()
    EACH = enum.auto()
    TEXT = enum.auto()
    SPAN = enum.auto()
    GREEDY = enum.auto()
    LAZY = enum.auto()
    SWITCH = enum.auto()
    CHOOSE = enum.auto()
    TEST = enum.auto()
    SPLIT = enum.auto()
    JUMP = enum.auto()
    ATOM = enum.auto()
    ATOM_END = enum.auto()
    LOOK = enum.auto()
    LOOK_END = enum.auto()
    NOT = enum.auto()
    NOT_END = enum.auto()
    PEEK = enum.auto()
    BEHIND = enum.auto()
    EDGE = enum.auto()
    OPEN = enum.auto()
    CLOSE = enum.auto()
    RESET = enum.auto()
    COUNT = enum.auto()
    WORDS = enum.auto()


class Label:
    """A place in the code; `at` is known when all is laid out."""

    at = -1


@dataclass(eq=False, slots=True)
class Step:
    """One instruction."""

    op: Op
    set: int = 0
    low: int = 0
    high: int = 0
    follow: int = 0
    target: Label | None = None


@dataclass(eq=False, slots=True)
class Choice:
    """Ways that are left after a look at the next bytes: where each goes, and by the distance of a byte what it must be."""

    targets: list[Label]
    sets: list[tuple[int, list[int]]]


Code = list[Step | Label]
Words = tuple[tuple[bytes, ...], int]  # one of these texts must begin within so many bytes
Part = tuple[Code, bool]  # instructions, and whether they leave something to come back to


@dataclass(eq=False)
class Assembly:
    """A program with names instead of numbers; sets and the words of looks are numbered already."""

    steps: list[Step] = field(default_factory=list)
    sets: dict[int, int] = field(default_factory=dict)
    series: list[int] = field(default_factory=list)
    letters: bytearray = field(default_factory=bytearray)
    switches: list[list[Label | None]] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    words: dict[Words, int] = field(default_factory=dict)
    groups: int = 0


def assemble(pattern: Regex) -> Assembly:
    """The program of a pattern.

    Raises:
        UnsupportedError: where the machine has no instruction for it.
    """
    assembler = Assembler()
    code, _ = assembler.part(pattern, ANYTHING, last=True)
    assembler.lay_out([*code, Step(Op.MATCH)])
    return assembler.found


class Assembler:
    """Writes code part by part; `after` is what can come behind a part, `last` that the match is decided once it matched."""

    def __init__(self) -> None:
        self.found = Assembly()
        self.ahead = Ahead()

    def lay_out(self, code: Code) -> None:
        """Give each label its place; where that holds a jump, the place that this goes to."""
        labels = []
        for one in code:
            if isinstance(one, Label):
                one.at = len(self.found.steps)
                labels.append(one)
            else:
                self.found.steps.append(one)
        # From the last on, so that a jump forward knows where it ends.
        for label in reversed(labels):
            step = self.found.steps[label.at]
            if step.op == Op.JUMP and step.target is not None:
                label.at = step.target.at

    def set(self, members: int) -> int:
        """Where the row of a set begins."""
        return self.found.sets.setdefault(members, ROW * len(self.found.sets))

    def part(self, node: Regex, after: Sets, *, last: bool, entered_by: int = ANY) -> Part:  # noqa: PLR0911 - as in ahead.py
        """The code of a node; `entered_by` is what the next byte is known to be."""
        match node:
            case Bytes():
                return [Step(Op.BYTE, self.set(node.members))], False
            case Row():
                return self.row(node, after, last=last, entered_by=entered_by)
            case Fork():
                return self.fork(node, after, last=last)
            case Capture():
                self.found.groups = max(self.found.groups, node.group)
                code, left = self.part(node.body, after, last=last, entered_by=entered_by)
                return [Step(Op.OPEN, low=node.group), *code, Step(Op.CLOSE, low=node.group)], left
            case Atom():
                return self.atom(self.part(node.body, ANYTHING, last=True))
            case Loop():
                return self.loop(node, after, last=last)
            case Peek():
                known = entered_by & ~node.members == 0
                return ([] if known else [Step(Op.PEEK, self.set(node.members))]), False
            case Look():
                return self.look(node), False
            case Edge():
                return [Step(Op.EDGE)], False

    def row(self, node: Row, after: Sets, *, last: bool, entered_by: int) -> Part:
        """One part after the other; bytes in a row together."""
        parts = with_words_first(node.parts)
        afters = [after]
        for part in reversed(parts[1:]):
            afters.append(self.ahead.of(part, afters[-1]))
        afters.reverse()
        code: Code = []
        left, index = False, 0
        while index < len(parts):
            sets: list[int] = []
            while index < len(parts) and (some := bytes_in_a_row(parts[index])):
                sets += some
                index += 1
            if sets:
                code += self.run(sets)
                continue
            decided = last and all(map(always_matches, parts[index + 1 :]))
            more, leaves = self.part(
                parts[index], afters[index], last=decided, entered_by=entered_by if index == 0 else ANY
            )
            code += more
            left |= leaves
            index += 1
        return code, left

    def run(self, sets: Sequence[int]) -> Code:
        """Bytes in a row: literals as texts, the rest by their sets."""
        code: Code = []
        for literal, group in itertools.groupby(literals(sets), key=lambda pair: pair[1]):
            some = [one for one, _ in group]
            if len(some) == 1:
                code.append(Step(Op.BYTE, self.set(some[0])))
            elif literal:
                text = bytes(one.bit_length() - 1 for one in some)
                code.append(Step(Op.TEXT, low=self.letters(text), high=len(text)))
            else:
                code.append(Step(Op.EACH, low=len(self.found.series), high=len(some)))
                self.found.series += map(self.set, some)
        return code

    def letters(self, text: bytes) -> int:
        """Where a text stands among the letters."""
        at = self.found.letters.find(text)
        if at < 0:
            at = len(self.found.letters)
            self.found.letters += text
        return at

    def atom(self, part: Part) -> Part:
        """What gives nothing back; where nothing is left to come back to, that is so already."""
        code, left = part
        return ([Step(Op.ATOM), *code, Step(Op.ATOM_END)] if left else code), False

    def look(self, node: Look) -> Code:
        """A look that is more than one at the next byte."""
        code, _ = self.part(node.body, ANYTHING, last=True)
        if node.behind:
            code = [Step(Op.BEHIND, low=node.behind), *code]
        if not node.wanted:
            end = Label()
            return [Step(Op.NOT, target=end), *code, Step(Op.NOT_END), end]
        code = [Step(Op.LOOK), *code, Step(Op.LOOK_END)]
        words = words_of(node)
        if words is None:
            return code
        for word in words[0]:
            self.letters(word)
        number = self.found.words.setdefault(words, len(self.found.words))
        return [Step(Op.WORDS, low=number), *code]

    def fork(self, node: Fork, after: Sets, *, last: bool) -> Part:
        """Alternatives: the next byte says which can match, the bytes behind it which of several."""
        options = node.options
        sets = [self.ahead.of(option, after) for option in options]
        beginning: list[list[int]] = [[] for _ in range(ROW)]
        for index, (members, *_) in enumerate(sets):
            for byte in bytes_in(members):
                beginning[byte].append(index)
        ways = [*map(tuple, beginning)]
        bytes_of: dict[tuple[int, ...], int] = {}
        for byte, way in enumerate(ways):
            bytes_of[way] = bytes_of.get(way, 0) | 1 << byte
        bytes_of.pop((), None)
        if not bytes_of:
            return [Step(Op.FAIL)], False
        entries = {index: Label() for index in sorted({index for way in bytes_of for index in way})}
        code: Code = []
        starts: dict[tuple[int, ...], Label] = {}
        for way, members in bytes_of.items():
            if len(way) == 1:
                starts[way] = entries[way[0]]
            else:
                starts[way] = Label()
                code += [starts[way], *self.choose(way, members, entries, sets)]
        left, end = bool(code), Label()
        for index, entry in entries.items():
            entered_by = sum(members for way, members in bytes_of.items() if index in way)
            more, leaves = self.part(options[index], after, last=last, entered_by=entered_by)
            code += [entry, *more, Step(Op.JUMP, target=end)]
            left |= leaves
        del code[-1]  # the last one is there
        code.append(end)
        if len(set(ways)) > 1:
            code = [Step(Op.SWITCH, low=len(self.found.switches)), *code]
            self.found.switches.append([starts.get(way) for way in ways])
        return code, left

    def choose(
        self, way: tuple[int, ...], members: int, entries: dict[int, Label], sets: Sequence[Sets]
    ) -> Code:
        """Several alternatives that begin with the same bytes, in their order."""
        code: Code = []
        for first in range(0, len(way), CHOICES):
            some = way[first : first + CHOICES]
            rest = Label()
            if first + CHOICES < len(way):
                code.append(Step(Op.SPLIT, target=rest))
            if len(some) == 1:
                code.append(Step(Op.JUMP, target=entries[some[0]]))
            else:
                tables = []
                for distance in range(len(sets[0])):
                    known = members if distance == 0 else ANY
                    allowed = [sets[index][distance] & known & ALL for index in some]
                    if any(one != known & ALL for one in allowed):
                        tables.append((distance, allowed))
                code.append(Step(Op.CHOOSE, low=len(self.found.choices)))
                self.found.choices.append(Choice([entries[index] for index in some], tables))
            code.append(rest)
        return code

    def loop(self, node: Loop, after: Sets, *, last: bool) -> Part:
        """A repetition."""
        if isinstance(node.body, Bytes):
            return self.loop_of_bytes(node, node.body.members, after[0], last=last)
        if can_be_empty(node.body):
            raise UnsupportedError("a repetition of what can be empty")
        if node.mode == "possessive":
            return self.atom(self.rounds(node, ANYTHING))
        return self.lazy(node, after) if node.mode == "lazy" else self.rounds(node, after)

    def loop_of_bytes(self, node: Loop, members: int, after: int, *, last: bool) -> Part:
        """A repetition of one byte; where what follows cannot begin with a member, there is one way to match."""
        low, high = node.low, node.high
        if low == high:
            return [Step(Op.SPAN, self.set(members), low=low, high=high)], False
        decided = last or node.mode == "possessive"
        if not members & after & ALL or (decided and node.mode != "lazy"):
            return [Step(Op.SPAN, self.set(members), low=low, high=high)], False
        op = Op.LAZY if node.mode == "lazy" else Op.GREEDY
        return [Step(op, self.set(members), low, high, self.set(after))], True

    def rounds(self, node: Loop, after: Sets) -> Part:
        """A repetition of more than one byte, as often as possible."""
        again = self.ahead.of(Loop(0, UNLIMITED, node.body, node.mode), after)
        code: Code = []
        left, end = False, Label()
        for _ in range(node.low):
            more, leaves = self.part(node.body, again, last=False)
            code += more
            left |= leaves
        unlimited = node.high == UNLIMITED
        copies = 1 if unlimited else node.high - node.low
        if node.low + copies > COPIES:
            raise UnsupportedError("a repetition of too many")
        first = self.ahead.of(node.body)[0]
        for _ in range(copies):
            top = Label()
            more, leaves = self.part(node.body, again, last=False)
            code += [top, Step(Op.TEST, self.set(first), target=end)]
            if first & after[0]:
                code.append(Step(Op.SPLIT, target=end))
                left = True
            code += [*more, Step(Op.JUMP, target=top)] if unlimited else more
            left |= leaves
        return [*code, end], left

    def lazy(self, node: Loop, after: Sets) -> Part:
        """A repetition of more than one byte, as seldom as possible; counted, because it may be of hundreds."""
        if node.low or holds_counted(node.body):
            raise UnsupportedError("a lazy repetition with a minimum, or in another one")
        again = self.ahead.of(Loop(0, UNLIMITED, node.body, node.mode), after)
        top, more, end = Label(), Label(), Label()
        body, _ = self.part(node.body, again, last=False)
        return [
            Step(Op.RESET),
            top,
            Step(Op.SPLIT, target=more),
            Step(Op.JUMP, target=end),
            more,
            Step(Op.COUNT, high=node.high),
            *body,
            Step(Op.JUMP, target=top),
            end,
        ], True


def bytes_in_a_row(node: Regex) -> list[int]:
    """The sets of a node that is bytes in a row, else none."""
    match node:
        case Bytes():
            return [node.members]
        case Loop(body=Bytes() as body) if 0 < node.low == node.high <= SHORT:
            return [body.members] * node.low
    return []


def literals(sets: Sequence[int]) -> Iterator[tuple[int, bool]]:
    """Each set of some in a row, and whether it is a letter of a literal: of a long one, or of one that is all there is."""
    for is_literal, group in itertools.groupby(sets, key=is_one):
        some = list(group)
        long = is_literal and (len(some) >= LITERAL or len(some) == len(sets))
        yield from ((one, long) for one in some)


def is_one(members: int) -> bool:
    """Whether a set has one member."""
    return members != 0 and members & (members - 1) == 0


def always_matches(node: Regex) -> bool:
    """Whether a node cannot fail, so that nothing before it is asked for another way."""
    return (isinstance(node, Loop) and node.low == 0) or (isinstance(node, Row) and not node.parts)


def holds_counted(node: Regex) -> bool:
    """Whether a node holds a lazy repetition that is counted: there is one count at a time."""
    match node:
        case Row():
            return any(map(holds_counted, node.parts))
        case Fork():
            return any(map(holds_counted, node.options))
        case Loop():
            return (node.mode == "lazy" and not isinstance(node.body, Bytes)) or holds_counted(node.body)
        case Capture() | Atom() | Look():
            return holds_counted(node.body)
    return False


@functools.cache
def bytes_in(members: int) -> tuple[int, ...]:
    """The members of a set."""
    return tuple(byte for byte in range(ROW) if members >> byte & 1)


def with_words_first(parts: tuple[Regex, ...]) -> list[Regex]:
    """A row in which a look for words comes before other looks at its place: it is cheap, and none of them takes anything."""
    found: list[Regex] = []
    for part in parts:
        at = len(found)
        if words_of(part) is not None:
            while at and isinstance(found[at - 1], Peek | Look):
                at -= 1
        found.insert(at, part)
    return found


def words_of(node: Regex) -> Words | None:
    """The words, one of which must begin within some bytes for a look `(?=(?:…){0,n}?(?:word|word))` to succeed."""
    match node:
        case Look(wanted=True, behind=0, body=Row(parts=(Loop(mode="lazy", low=0) as loop, Fork() as fork))):
            words = tuple(map(word_of, fork.options))
            return (tuple(word or b"" for word in words), reach_of(loop)) if all(words) else None
    return None


def word_of(node: Regex) -> bytes | None:
    """The text that a node is, if it is one of more than one byte."""
    parts = node.parts if isinstance(node, Row) else (node,)
    sets = [part.members for part in parts if isinstance(part, Bytes) and is_one(part.members)]
    return bytes(one.bit_length() - 1 for one in sets) if 1 < len(sets) == len(parts) else None


def reach_of(node: Regex) -> int:
    """How many bytes a node can take."""
    match node:
        case Bytes():
            return 1
        case Row():
            return min(sum(map(reach_of, node.parts)), UNLIMITED)
        case Fork():
            return max(map(reach_of, node.options))
        case Loop():
            return min(node.high * reach_of(node.body), UNLIMITED)
        case Capture() | Atom():
            return reach_of(node.body)
    return 0
