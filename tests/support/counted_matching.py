"""A matcher of regular expressions that counts its steps: what Python's own does, one character after another.

It tries alternatives in the same order and goes back as Python's does, so that its steps grow as the time of that does.
"""

import functools
import itertools
from re import _parser

from logreport.grammar.lowering import first_bytes as openings

ONE = {"LITERAL", "NOT_LITERAL", "ANY", "IN"}
WORD = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


@functools.cache
def parsed(pattern):
    """The operations of a pattern, as Python's own parser gives them."""
    return list(_parser.parse(pattern.encode()))


def class_of(name, value, known={}):  # noqa: B006 - by identity: patterns stay parsed
    """The bytes that an operation takes."""
    if id(value) not in known:
        known[id(value)] = value, openings.of_class(str(name), value)
    return known[id(value)][1] if value is known[id(value)][0] else openings.of_class(str(name), value)


class Counting:
    """One search; `steps` says how many steps it took so far."""

    def __init__(self, text, limit=10**9):
        self.text, self.limit, self.steps = text, limit, 0

    def matches(self, pattern, start=0):
        """Whether a pattern matches at a place."""
        return next(self.row(parsed(pattern), 0, start), None) is not None

    def step(self):
        """Count one."""
        self.steps += 1
        if self.steps > self.limit:
            raise OverflowError

    def row(self, operations, index, at):
        """The ends of operations in a row, in the order in which they are tried."""
        if index == len(operations):
            yield at
            return
        name, value = operations[index]
        for end in self.operation(str(name), value, at):
            yield from self.row(operations, index + 1, end)

    def operation(self, name, value, at):
        """The ends of one operation; what is atomic has one."""
        self.step()
        if name in ONE:
            found = [at + 1] if at < len(self.text) and self.text[at] in class_of(name, value) else []
        elif name == "BRANCH":
            found = (end for option in value[1] for end in self.row(list(option), 0, at))
        elif name in {"SUBPATTERN", "ATOMIC_GROUP"}:
            found = self.row(list(value[3] if name == "SUBPATTERN" else value), 0, at)
        elif name.endswith("_REPEAT"):
            found = self.repeat(name, value, at)
        else:
            found = [at] if self.looks(name, value, at) else []
        return itertools.islice(found, 1) if name in {"ATOMIC_GROUP", "POSSESSIVE_REPEAT"} else found

    def looks(self, name, value, at):
        """Whether what is looked at is there: it takes nothing of the text."""
        if name == "AT":
            return self.is_at(str(value), at)
        start = at if value[0] > 0 else at - value[1].getwidth()[0]
        found = start >= 0 and next(self.row(list(value[1]), 0, start), None) is not None
        return found == {"ASSERT": True, "ASSERT_NOT": False}[name]

    def is_at(self, where, at):
        """Whether a place is an end, a beginning or the edge of a word."""
        if where == "AT_BOUNDARY":
            before, after = (0 <= i < len(self.text) and self.text[i] in WORD for i in (at - 1, at))
            return before != after
        return {"AT_END_STRING": len(self.text), "AT_END": len(self.text), "AT_BEGINNING": 0}[where] == at

    def repeat(self, name, value, at):
        """The ends of a repetition: of one character without recursion, as Python's own has it."""
        least, most, body = int(value[0]), int(value[1]), list(value[2])
        if len(body) == 1 and str(body[0][0]) in ONE:
            takes, end = class_of(*body[0]), at
            ends = []
            while True:
                if end - at >= least:
                    ends.append(end)
                    if name == "MIN_REPEAT":
                        yield end
                self.step()
                if end - at >= most or end >= len(self.text) or self.text[end] not in takes:
                    break
                end += 1
            if name != "MIN_REPEAT":
                for end in reversed(ends):
                    self.step()
                    yield end
            return
        yield from self.again(name, (least, most, body), at, 0)

    def again(self, name, value, at, count):
        """The ends of what is left of a repetition."""
        least, most, body = value
        if name == "MIN_REPEAT" and count >= least:
            yield at
        if count < most:
            for end in self.row(body, 0, at):
                if end > at or count < least:
                    yield from self.again(name, value, end, count + 1)
        if name != "MIN_REPEAT" and count >= least:
            yield at


def steps(pattern, text, limit=10**9):
    """How many steps it takes to match a pattern at the beginning of a text, or to find out that it does not."""
    search = Counting(text, limit)
    search.matches(pattern)
    return search.steps
