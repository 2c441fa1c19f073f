"""Forms: what lines have in common that differ in nothing but the time at which they were printed.

Most lines of most logs were there before: the same machine, the same header. A form stands for all of them, is one object
for as long as it is remembered, and knows what was worked out of it: whoever asks of a line what its form says asks once.
"""

import re
from collections.abc import Iterable
from typing import Any

from logreport.grammar.lowering.pattern import Leaf
from logreport.grammar.lowering.values import parse_text

SHORT = 1000  # bytes of a line whose form is remembered
MOST = 50_000_000  # bytes that are remembered, as far as they can be told
OF_A_FORM = 500  # bytes beside its values
LINE_BREAK = re.compile(rb"[ \t\r]*+\\?[ \t\r]*+\n[ \t>]*+")
Values = tuple[bytes | None, ...]


class Form:
    """A leaf, and the raw values that stay, with `%b` for each time; a line that measures has a form without values.

    Args:
        leaf: the path through the grammar.
        values: as many as the leaf has groups; None for lines of numbers that were measured, of which all values vary.
    """

    __slots__ = ("kind", "leaf", "pattern", "typed", "values")

    def __init__(self, leaf: Leaf, values: Values | None) -> None:
        self.leaf, self.kind, self.values = leaf, leaf.kind, values
        self.pattern: bytes | None = None
        self.typed: dict[str, Any] | None = None

    @property
    def template(self) -> bytes:
        """A line as run_id takes it in; where values vary, `%b` stands for each."""
        if self.pattern is None:
            self.pattern = self.leaf.template if self.values is None else template_of(self.leaf, self.values)
        return self.pattern

    @property
    def fields(self) -> dict[str, Any]:
        """The typed values that stay."""
        if self.typed is None:
            plan, timed = zip(self.leaf.plan, self.values or (), strict=False), self.leaf.timed
            self.typed = {
                name: convert(value)
                for place, ((name, convert), value) in enumerate(plan)
                if value is not None and place not in timed
            }
        return self.typed

    def raw(self, name: str) -> bytes | None:
        """The bytes of one field that stays."""
        place = self.leaf.places.get(name)
        if place is None or self.values is None:
            return None
        return next((value for value in self.values[place] if value is not None), None)

    def written(self, varying: Values) -> bytes:
        """A line of this form as run_id takes it in."""
        if not varying:
            return self.template
        if self.values is None and (not self.template or None in varying):
            return filled(self.leaf, varying)
        return self.template % varying


class Forms:
    """The forms that are remembered; where they are too many, all are forgotten, and made again."""

    def __init__(self) -> None:
        self.known: dict[tuple[Any, ...], Form] = {}
        self.size = 0

    def of(self, leaf: Leaf, values: Values) -> tuple[Form, Values]:
        """The form of a line by its raw values, and those of them that vary."""
        lasting: Values | None = values
        varying: Values = ()
        if leaf.is_measured:
            lasting, varying = None, values
        elif leaf.timed:
            lasting, varying = leaf.parted(values)
        # A leaf that is remembered is not another one of the same id.
        form = self.known.get((id(leaf), lasting))
        return (self.made(leaf, lasting) if form is None else form), varying

    def made(self, leaf: Leaf, lasting: Values | None) -> Form:
        """A form that is not remembered."""
        form = Form(leaf, lasting)
        length = sum(map(len, filter(None, lasting or ())))
        if length <= SHORT:
            if self.size > MOST:
                self.known.clear()
                self.size = 0
            self.known[id(leaf), lasting] = form
            self.size += OF_A_FORM + 2 * length
        return form


FORMS = Forms()


def template_of(leaf: Leaf, values: Values) -> bytes:
    """Values of a leaf that stay as run_id takes them in, with `%b` for each time."""
    if all(values[i] is None for i in leaf.timed):
        return filled(leaf, values)
    escaped = [
        value if i in leaf.timed else value and value.replace(b"%", b"%%") for i, value in enumerate(values)
    ]
    return filled(leaf, escaped)


def filled(leaf: Leaf, values: Iterable[bytes | None]) -> bytes:
    """The kind of a line, its values with their names, and a newline."""
    parts = [leaf.kind.encode()]
    for (label, is_text), value in zip(leaf.labels, values, strict=False):
        if value is not None:
            parts += label, value_of(value) if is_text else value
    parts.append(b"\n")
    return b"".join(parts)


def value_of(value: bytes) -> bytes:
    """A text as run_id takes it in."""
    if value.isascii() and b"\n" not in value:
        return value.strip()
    return parse_text(LINE_BREAK.sub(b" ", value)).encode()
