"""Flags as a script defines them, read from its source: any checkout has its own, and no list could keep up."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from logreport.errors import RunnerError


@dataclass(frozen=True)
class Flag:
    """One flag of a script: its default, whether it needs no value, and the values that it may have.

    Default and values are None where only running the script could tell.
    """

    name: str
    default: Any
    is_switch: bool
    choices: tuple[str, ...] | None = None


def defined_flags(script: Path) -> dict[str, Flag]:
    """The flags that a script and the modules beside it define, by `DEFINE_…` or `add_argument`.

    Raises:
        RunnerError: for a script that is no Python 3.
    """
    found: dict[str, Flag] = {}
    seen: set[Path] = set()
    waiting = [script]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and (flag := defined(node)):
                found.setdefault(flag.name, flag)
            waiting += [path.with_name(f"{name}.py") for name in imported(node)]
        waiting = [path for path in waiting if path.is_file()]
    return found


def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file.

    Raises:
        RunnerError: where it is no Python 3.
    """
    try:
        return ast.parse(path.read_bytes())
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise RunnerError(
            f"is no Python 3 ({getattr(error, 'msg', error)})", source=path, line=line,
            todo="use a newer checkout",
        ) from error  # fmt: skip


def imported(node: ast.AST) -> Iterator[str]:
    """Names that an import may find in files beside the script."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def defined(call: ast.Call) -> Flag | None:
    """The flag that a call defines: `DEFINE_integer('steps', 10, …)` or `add_argument('--steps', default=10)`."""
    function: str = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if not (call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)):
        return None
    name, keywords = call.args[0].value, {keyword.arg: keyword.value for keyword in call.keywords}
    if function.startswith("DEFINE_"):
        default = call.args[1] if len(call.args) > 1 else keywords.get("default")
        values = call.args[2] if len(call.args) > 2 else keywords.get("enum_values")
        choices = texts_of(values) if function == "DEFINE_enum" else None
        return Flag(name, literal(default), function.startswith("DEFINE_bool"), choices)
    if function == "add_argument" and name.startswith("--"):
        default, choices = keywords.get("default"), texts_of(keywords.get("choices"))
        return Flag(name[2:], literal(default), "action" in keywords, choices)
    return None


def texts_of(node: ast.expr | None) -> tuple[str, ...] | None:
    """The values of a literal list, as they are written in a command; None where it is none."""
    values = literal(node)
    return tuple(map(str, values)) if isinstance(values, list | tuple) else None


def keys_in(path: Path) -> tuple[str, ...]:
    """The names that a file registers: the keys of its dictionaries, and the first arguments of its `register_…`."""
    found: list[ast.expr | None] = []
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Dict):
            found += node.keys
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "").startswith("register_"):
            found += node.args[:1]
    return tuple(dict.fromkeys(name for node in found if isinstance(name := literal(node), str)))


def imports_of(folder: Path) -> set[str]:
    """What the files of a folder import whatever happens: modules, and names of them, as `package.module.name`."""
    found: set[str] = set()
    for path in folder.glob("*.py"):
        for node in parsed(path).body:
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def literal(node: ast.expr | None) -> Any:  # noqa: ANN401 - any default
    """The value of a literal, or None."""
    try:
        return None if node is None else ast.literal_eval(node)
    except ValueError:
        return None


def given(arguments: Sequence[str], flags: Mapping[str, Flag]) -> tuple[dict[str, str], list[str]]:
    """The values that arguments give to flags, and the arguments that belong to no flag.

    A flag is written as each script understands it: `--flag=value`, `--flag value`, and `--noflag` for a switch.
    """
    values: dict[str, str] = {}
    others: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        name, equals, value = argument[2:].partition("=")
        off = name.removeprefix("no")
        if argument[:2] != "--":
            others.append(argument)
        elif name in flags and (equals or flags[name].is_switch):
            values[name] = value if equals else "True"
        elif name in flags:
            values[name] = next(rest, "")
        elif off in flags and flags[off].is_switch and not equals:
            values[off] = "False"
        else:
            others.append(argument)
    return values, others
