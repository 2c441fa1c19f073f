"""Which side of a workload the others are divided by: an expression, a file, a label, or the slowest CPU run."""

import ast
import operator
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from logreport.analysis.comparison.pooling import Member
from logreport.analysis.results import Remark
from logreport.errors import UsageError

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
_EXAMPLE = """for example --baseline 'device_kind == "cpu" and framework_version == "1.15"'"""

Side = Sequence[Member]


@dataclass(frozen=True)
class Baselines:
    """What the sides of one workload are divided by: `slowest`, or the one on their own device."""

    how: Remark
    slowest: Side | None
    on_device: Mapping[object, Side] = field(default_factory=dict)

    def of(self, side: Side) -> Side | None:
        """The baseline of one side; None where none fits."""
        return self.on_device.get(side[0].facts.get("device"), self.slowest)


def baselines(sides: Sequence[Side], baseline: str | None) -> Baselines:
    """The baselines among the sides of a workload.

    Where several fit, those on the same device go first, and of them the slowest is taken.

    Raises:
        UsageError: for an expression that cannot be read, or names no column of the runs.
    """
    if baseline is None:
        chosen, how = default(sides)
        return Baselines(how, chosen)
    fitting: dict[object, list[Side]] = defaultdict(list)
    for side in sides:
        if all(fits(m, baseline) for m in side):
            fitting[side[0].facts.get("device")].append(side)
    on_device = {device: slowest(same) for device, same in fitting.items()}
    how = Remark("baseline-with", (baseline,))
    return Baselines(how, slowest(list(on_device.values())) if on_device else None, on_device)


def fits(member: Member, baseline: str) -> bool:
    """Whether a run is meant by a baseline: by label, by source or the end of its path, or by an expression.

    Raises:
        UsageError: see `baselines`.
    """
    if not isinstance(baseline, str):
        raise UsageError(f"baseline {baseline!r} is no text", todo=_EXAMPLE)
    source = str(member.facts.get("source"))
    if baseline in (member.facts.get("label"), source) or source.endswith("/" + baseline):
        return True
    return _looks_like_expression(baseline) and matches(baseline, member.facts)


def default(sides: Sequence[Side]) -> tuple[Side, Remark]:
    """The slowest complete CPU run, else the slowest CPU run, else the slowest."""
    cpu = [s for s in sides if all(m.facts.get("device_kind") == "cpu" for m in s)]
    complete = [s for s in cpu if all(m.facts.get("status") == "complete" for m in s)]
    kind = "baseline-complete-cpu" if complete else "baseline-cpu" if cpu else "baseline-any"
    return slowest(complete or cpu or sides), Remark(kind)


def slowest(sides: Sequence[Side]) -> Side:
    """The side with the least mean speed."""
    return min(sides, key=lambda side: sum(m.speed for m in side) / len(side))


def _looks_like_expression(text: str) -> bool:
    """Whether a baseline compares something; a file that is not among the logs does not."""
    return any(sign in text for sign in ("==", "!=", "<", ">", " in "))


def matches(expression: str, row: dict[str, Any]) -> bool:
    """Whether a row of the runs table fulfils an expression of columns, values, comparisons, and, or, not.

    A comparison with a missing value is false.

    Raises:
        UsageError: see `baselines`.
    """
    try:
        tree = ast.parse(expression.strip(), mode="eval")
        return bool(_value(tree.body, row))
    except (SyntaxError, TypeError, ValueError) as error:
        raise UsageError(f"baseline {expression!r} cannot be read", todo=_EXAMPLE) from error


def _value(node: ast.expr, row: dict[str, Any]) -> Any:  # noqa: ANN401 -- a table holds any value
    """Value of an expression; only what the docstring of `matches` names is allowed."""
    match node:
        case ast.Constant():
            return node.value
        case ast.List() | ast.Tuple() | ast.Set():
            return [_value(item, row) for item in node.elts]
        case ast.Name():
            if node.id not in row:
                raise UsageError(f"baseline: the runs have no column {node.id!r}", todo=_EXAMPLE)
            return row[node.id]
        case ast.UnaryOp(op=ast.Not()):
            return not _value(node.operand, row)
        case ast.BoolOp():
            values = (bool(_value(part, row)) for part in node.values)
            return all(values) if isinstance(node.op, ast.And) else any(values)
        case ast.Compare():
            return _compared(node, row)
    raise ValueError(ast.dump(node))


def _compared(node: ast.Compare, row: dict[str, Any]) -> bool:
    """A chain of comparisons."""
    left = _value(node.left, row)
    for sign, part in zip(node.ops, node.comparators, strict=True):
        right = _value(part, row)
        if type(sign) not in _COMPARE:
            raise ValueError(ast.dump(node))
        if left is None or right is None or not _COMPARE[type(sign)](left, right):
            return False
        left = right
    return True
