"""Conditions on runs, one language wherever runs are chosen: `device = 'RTX 3090' and precision in ('fp16', 'fp32')`.

A condition is read by a grammar and becomes a mask over columns. What is missing is neither equal nor unequal: like SQL
it has three values, and chooses what is true. A name or value of a log is never read as an expression.
"""

import operator
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

from logreport.errors import UsageError
from logreport.tables.schema import FLAG, REAL, TABLES, TEXT, TIME, WHOLE

EXAMPLE = "for example device = 'RTX 3090' and precision in ('fp16', 'fp32')"
_GRAMMAR = r"""
?any: all (_OR all)*
?all: one (_AND one)*
?one: _NOT one                          -> negated
    | "(" any ")"
    | value (SIGN value)+               -> compared
    | value _IN values                  -> within
    | value _NOT _IN values             -> not_within
    | value _LIKE TEXT                  -> like
    | value _NOT _LIKE TEXT             -> not_like
    | value _BETWEEN value _AND value   -> between
    | value _IS _NULL                   -> missing
    | value _IS _NOT _NULL              -> not_missing
    | value                             -> flag
values: "(" value ("," value)* ","? ")" | "[" value ("," value)* ","? "]"
?value: NAME | TEXT | NUMBER | TRUTH
SIGN: "==" | "=" | "!=" | "<>" | "<=" | ">=" | "<" | ">"
TEXT: /'(?:[^']|'')*'/ | /"(?:[^"]|"")*"/
NUMBER: /[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/i
TRUTH.2: /(?:true|false)\b/i
_OR.2: /or\b/i
_AND.2: /and\b/i
_NOT.2: /not\b/i
_IN.2: /in\b/i
_LIKE.2: /like\b/i
_BETWEEN.2: /between\b/i
_IS.2: /is\b/i
_NULL.2: /(?:null|none)\b/i
NAME: /[A-Za-z_]\w*(?:\.\w+)*/
%ignore /\s+/
"""
_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "==": operator.eq, "!=": operator.ne, "<>": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_DEEP = "it is nested too deeply"
_DTYPES = {column.name: column.dtype for column in TABLES["runs"]}
_SHOULD = {
    WHOLE: "a number",
    REAL: "a number",
    FLAG: "true or false",
    TIME: "a time such as '2026-11-28 14:00'",
}

Truth = bool | None
Columns = Mapping[str, Sequence[Any]]
_Test = Callable[[Columns, int], list[Truth]]


@dataclass(frozen=True)
class Condition:
    """A condition that was read; `names` are the columns that it looks at."""

    text: str
    names: tuple[str, ...]
    _test: _Test

    def check(self, known: Collection[str]) -> None:
        """Refuse a name that is no column.

        Raises:
            UsageError: then; the choices are told.
        """
        if unknown := [name for name in self.names if name not in known]:
            raise UsageError(
                f"condition {self.text!r:.80}: runs have no {', '.join(map(repr, unknown))}",
                todo=f"choose of {', '.join(known)}",
            )

    def mask(self, columns: Columns, count: int) -> list[bool]:
        """Whether each of `count` rows fulfils it.

        Raises:
            UsageError: as `check`.
        """
        self.check(columns.keys())
        try:
            return [value is True for value in self._test(columns, count)]
        except RecursionError:
            raise _unread(self.text, _DEEP) from None

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Whether one row fulfils it.

        Raises:
            UsageError: as `check`.
        """
        return self.mask({name: (value,) for name, value in row.items()}, 1)[0]


class _Value(NamedTuple):
    """A column by its name, or a literal as it was written."""

    text: str
    is_name: bool

    @property
    def dtype(self) -> str:
        return _DTYPES.get(self.text, TEXT)

    def all(self, dtype: str, columns: Columns, count: int) -> Sequence[Any]:
        """Its value in each row, a literal as what it is compared with."""
        return columns[self.text] if self.is_name else (self.literal(dtype),) * count

    def literal(self, dtype: str) -> Any:  # noqa: ANN401 - of any type
        """A literal as a value of a column."""
        if dtype == TEXT:
            return self.text
        try:
            if dtype == FLAG:
                return {"true": True, "1": True, "false": False, "0": False}[self.text.lower()]
            return (
                datetime.fromisoformat(self.text).replace(tzinfo=None) if dtype == TIME else float(self.text)
            )
        except (KeyError, ValueError):
            raise ValueError(f"{self.text!r} is compared with {_SHOULD[dtype]}") from None


def literal(text: str) -> str:
    """A text as a condition has it.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def _natural(text: str) -> tuple[Any, ...]:
    """Text in the order of the numbers in it: release 2.9 is before 2.10."""
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in re.split(r"(\d+)", text) if p)


def _pairwise(sign: str, left: _Value, right: _Value) -> _Test:
    compare = _SIGNS[sign]
    dtype = next((value.dtype for value in (left, right) if value.is_name), TEXT)
    ordered = "<" in sign.replace("<>", "") or ">" in sign.replace("<>", "")
    for value in (left, right):
        if not value.is_name:
            value.literal(dtype)

    def key(value: Any) -> Any:  # noqa: ANN401 - of any type
        return _natural(value) if ordered and isinstance(value, str) else value

    def test(columns: Columns, count: int) -> list[Truth]:
        pairs = zip(left.all(dtype, columns, count), right.all(dtype, columns, count), strict=True)
        return [None if a is None or b is None else _safely(compare, key(a), key(b)) for a, b in pairs]

    return test


def _safely(compare: Callable[[Any, Any], bool], a: Any, b: Any) -> Truth:  # noqa: ANN401 - of any type
    """A comparison; of two columns of different kinds nothing is known."""
    try:
        return bool(compare(a, b))
    except TypeError:
        return None


def _every(tests: Sequence[_Test]) -> _Test:
    return lambda columns, count: [
        False if False in row else None if None in row else True
        for row in zip(*(test(columns, count) for test in tests), strict=True)
    ]


def _some(tests: Sequence[_Test]) -> _Test:
    return lambda columns, count: [
        True if True in row else None if None in row else False
        for row in zip(*(test(columns, count) for test in tests), strict=True)
    ]


def _not(test: _Test) -> _Test:
    return lambda columns, count: [None if value is None else not value for value in test(columns, count)]


def _like(value: _Value, pattern: _Value) -> _Test:
    parts = (".*" if c == "%" else "." if c == "_" else re.escape(c) for c in pattern.text)
    found = re.compile("".join(parts), re.DOTALL).fullmatch

    def test(columns: Columns, count: int) -> list[Truth]:
        values = value.all(TEXT, columns, count)
        return [None if one is None else found(str(one)) is not None for one in values]

    return test


def _missing(value: _Value) -> _Test:
    return lambda columns, count: [one is None for one in value.all(TEXT, columns, count)]


def _flag(value: _Value) -> _Test:
    """A column of yes and no by itself, or `true`."""
    if value.is_name and value.dtype != FLAG:
        raise ValueError(f"{value.text!r} is compared with nothing")
    if not value.is_name:
        value.literal(FLAG)
    return lambda columns, count: list(value.all(FLAG, columns, count))


def _value(token: Any) -> _Value:  # noqa: ANN401 - Lark's
    quoted = token.type == "TEXT"
    text = token[1:-1].replace(token[0] * 2, token[0]) if quoted else str(token)
    return _Value(text, is_name=token.type == "NAME")


def _test_of(tree: Any) -> _Test:  # noqa: ANN401 - Lark's
    """What a rule of the grammar means.

    Raises:
        ValueError: for a value that is none of its column.
    """
    rule, parts = str(tree.data), tree.children
    if rule in ("any", "all", "negated"):
        tests = [_test_of(part) for part in parts]
        return _some(tests) if rule == "any" else _every(tests) if rule == "all" else _not(tests[0])
    if rule == "compared":
        values = [_value(part) for part in parts[::2]]
        signs = map(str, parts[1::2])
        return _every([_pairwise(*pair) for pair in zip(signs, values, values[1:], strict=False)])
    value, *others = map(_value, (parts[0], *(parts[1].children if rule.endswith("within") else parts[1:])))
    made = {
        "within": lambda: _some([_pairwise("=", value, choice) for choice in others]),
        "like": lambda: _like(value, *others),
        "between": lambda: _every(
            [_pairwise(sign, value, o) for sign, o in zip((">=", "<="), others, strict=True)]
        ),
        "missing": lambda: _missing(value),
        "flag": lambda: _flag(value),
    }[rule.removeprefix("not_")]()
    return _not(made) if rule.startswith("not_") else made


@cache
def _parser() -> Any:  # noqa: ANN401 - loaded on first use
    from lark import Lark

    return Lark(_GRAMMAR, start="any", parser="lalr", maybe_placeholders=False)


@lru_cache(maxsize=64)
def condition(text: str) -> Condition:
    """Read a condition.

    Raises:
        UsageError: for what is none.
    """
    from lark.exceptions import LarkError, UnexpectedInput

    try:
        tree = _parser().parse(text)
        names = (str(token) for token in tree.scan_values(lambda token: token.type == "NAME"))
        return Condition(text, tuple(dict.fromkeys(names)), _test_of(tree))
    except UnexpectedInput as error:
        at_end = getattr(getattr(error, "token", None), "type", None) == "$END"
        raise _unread(text, "at its end" if at_end else f"at {text[error.pos_in_stream :]:.20}") from None
    except RecursionError:
        raise _unread(text, _DEEP) from None
    except (LarkError, ValueError) as error:
        raise _unread(text, str(error)) from None


def _unread(text: str, why: str) -> UsageError:
    return UsageError(f"condition {text!r:.80} cannot be read: {why}", todo=EXAMPLE)
