"""What the next few bytes of the text must be for a node to match: upper bounds, by which the machine chooses without trying."""

import functools
import operator

from logreport.grammar.native.regex import (
    ANY,
    Atom,
    Bytes,
    Capture,
    Fork,
    Look,
    Loop,
    Peek,
    Regex,
    Row,
)

DEPTH = 8  # bytes
Sets = tuple[int, ...]  # for each of the next bytes, the set of what it can be
ANYTHING: Sets = (ANY,) * DEPTH


def union(one: Sets, other: Sets) -> Sets:
    """What either allows."""
    return tuple(map(operator.or_, one, other))


class Ahead:
    """Works out what can come next, once for each node and what follows it."""

    def __init__(self) -> None:
        self.known: dict[
            tuple[int, Sets], tuple[Regex, Sets]
        ] = {}  # with the node, so that its id stays its own

    def of(self, node: Regex, after: Sets = ANYTHING) -> Sets:
        """The sets of a node that is followed by what `after` allows."""
        if isinstance(node, Bytes):  # most are; worked out sooner than looked up
            return node.members, *after[:-1]
        key = id(node), after
        if key not in self.known:
            self.known[key] = node, self.work_out(node, after)
        return self.known[key][1]

    def work_out(self, node: Regex, after: Sets) -> Sets:  # noqa: PLR0911 - one for each kind of node
        """The sets of a node."""
        match node:
            case Row():
                return functools.reduce(lambda sets, part: self.of(part, sets), reversed(node.parts), after)
            case Fork():
                return functools.reduce(union, (self.of(option, after) for option in node.options))
            case Loop():
                return self.loop(node, after)
            case Capture() | Atom():
                return self.of(node.body, after)
            case Peek():
                return after[0] & node.members, *after[1:]
            case Look(wanted=True, behind=0):
                return tuple(map(operator.and_, self.of(node.body), after))
            case Look(wanted=False, behind=0):
                return after[0] & ~certain(node.body), *after[1:]
        return after

    def loop(self, node: Loop, after: Sets) -> Sets:
        """The sets of a repetition, of which only the first rounds tell."""
        rounds = min(node.high, node.low + DEPTH)
        sets = after if rounds == node.high else ANYTHING
        for number in reversed(range(rounds)):
            sets = self.of(node.body, sets)
            if number >= node.low:
                sets = union(sets, after)
        return sets


def certain(node: Regex) -> int:
    """The bytes with which a node matches whatever follows."""
    match node:
        case Bytes():
            return node.members
        case Fork():
            return functools.reduce(operator.or_, map(certain, node.options))
        case Atom():
            return certain(node.body)
        case Loop(low=1, body=Bytes() as body):
            return body.members
    return 0


def can_be_empty(node: Regex) -> bool:
    """Whether a node can match without taking a byte."""
    match node:
        case Bytes():
            return False
        case Row():
            return all(map(can_be_empty, node.parts))
        case Fork():
            return any(map(can_be_empty, node.options))
        case Loop():
            return node.low == 0 or can_be_empty(node.body)
        case Capture() | Atom():
            return can_be_empty(node.body)
    return True
