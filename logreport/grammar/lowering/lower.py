"""From Lark's rules to paths of nodes: each line kind is regular, because line grammars have no recursion.

The grammar is read by Lark's own loader, so that imports, priorities, `?`, `*`, `+` and `~` mean what Lark says.
"""

import re
from collections import defaultdict
from pathlib import Path as FilePath
from typing import Any

from logreport.errors import GrammarError
from logreport.grammar.lowering.nodes import Choice, Field, Kind, Node, Path, Repeat, Text, Token
from logreport.resources import resource_dir

DTYPES = {
    "INT": "int",
    "FLOAT": "float",
    "NUMBER": "float",
    "UNIX_TIME": "float",
    "BYTES": "bytes",
    "DURATION": "duration",
    "SCALED": "scaled",
    "PERCENT": "percent",
    "TIMESTAMP": "timestamp",
    "SLUG": "slug",
}


def lower_file(path: FilePath) -> list[Kind]:
    """Lower one `.lark` file to its kinds: the alternatives of its rule `start`.

    Raises:
        GrammarError: naming the rule, where the file is not Lark or a rule is not regular.
    """
    from lark.exceptions import LarkError
    from lark.load_grammar import load_grammar

    try:
        grammar, _ = load_grammar(  # type: ignore[no-untyped-call]
            path.read_text("utf-8"),
            str(path),
            [str(path.parent), str(resource_dir("grammars"))],  # a user's grammar can import our terminals
            False,  # noqa: FBT003 - Lark's signature
        )
        terminals, rules, _ignored = grammar.compile(["start"], "*")
    except (LarkError, OSError, UnicodeDecodeError) as error:
        raise GrammarError(" ".join(str(error).split()), source=str(path), todo="mend the grammar") from error
    if grammar.rule_defs and not any(str(rule.origin.name) == "start" for rule in rules):
        raise GrammarError(
            "has no rule start", source=str(path), todo="name the kinds of lines in `start: a | b`"
        )
    return Lowerer(path, terminals, rules).kinds()


class Lowerer:
    """Turns the compiled rules of one grammar file into kinds."""

    def __init__(self, path: FilePath, terminals: list[Any], rules: list[Any]) -> None:
        self.path = path
        self.terminals = {terminal.name: terminal for terminal in terminals}
        self.rules: dict[str, list[Any]] = defaultdict(list)
        for rule in sorted(rules, key=lambda rule: rule.order):
            self.rules[rule.origin.name].append(rule)

    def kinds(self) -> list[Kind]:
        """The kinds under `start`, in the order in which they are written."""
        found = []
        for rule in self.rules["start"]:
            if len(rule.expansion) != 1 or rule.expansion[0].is_term:
                raise self.error("start", "each alternative of start must be the name of one rule")
            name = rule.expansion[0].name
            priority = self.rules[name][0].options.priority or 0
            found.append(Kind(f"{self.path.stem}.{name}", priority, self.paths(name, (name,))))
        return found

    def error(self, rule: str, what: str) -> GrammarError:
        """An error that names the rule."""
        return GrammarError(f"rule {rule}: {what}", source=str(self.path))

    def paths(self, name: str, stack: tuple[str, ...]) -> tuple[Path, ...]:
        """The expansions of a rule as paths, longest first, as the engine tries them."""
        paths = [self.path_of(rule.expansion, stack) for rule in self.rules[name]]
        return tuple(sorted(dict.fromkeys(paths), key=len, reverse=True))

    def path_of(self, symbols: list[Any], stack: tuple[str, ...]) -> Path:
        """One expansion as a path; rules with a single expansion are put in place."""
        path: list[Node] = []
        for symbol in symbols:
            path.extend([self.terminal(symbol.name)] if symbol.is_term else self.rule(symbol.name, stack))
        return merge_texts(path)

    def rule(self, name: str, stack: tuple[str, ...]) -> Path:
        """A rule as nodes: a repetition, a field, or structure."""
        if name.startswith("__"):
            return (self.repeat(name, stack),)
        if name in stack:
            raise self.error(
                name, "is recursive, and a line kind must be regular; write it without recursion"
            )
        if self.is_field(name):
            return (self.field(name),)
        paths = self.paths(name, (*stack, name))
        return paths[0] if len(paths) == 1 else (Choice(paths),)

    def repeat(self, name: str, stack: tuple[str, ...]) -> Node:
        """Lark's helper for `x+`: `x | helper x`, left-recursive."""
        base = [rule.expansion for rule in self.rules[name] if rule.expansion[0].name != name]
        again = [rule.expansion[1:] for rule in self.rules[name] if rule.expansion[0].name == name]
        if any(expansion not in base for expansion in again):
            raise self.error(name, "a repetition of this form cannot be lowered; write it as x+ or x*")
        return Repeat(tuple(self.path_of(expansion, stack) for expansion in base))

    def is_field(self, name: str) -> bool:
        """A rule made of terminals only, whose name does not begin with an underscore."""
        plain = base_name(name)
        return not plain.startswith("_") and all(
            rule.expansion and all(symbol.is_term for symbol in rule.expansion) for rule in self.rules[name]
        )

    def field(self, name: str) -> Field:
        """A rule of terminals as a field; its first terminal with a type fixes its own.

        A field that has the name of a kind is written with an underscore at its end: `step_` is the field step.
        """
        body = tuple(
            merge_texts([self.terminal(s.name) for s in rule.expansion]) for rule in self.rules[name]
        )
        names = [base_name(s.name) for rule in self.rules[name] for s in rule.expansion]
        dtype = next((DTYPES[n] for n in names if n in DTYPES), "text")
        return Field(base_name(name).rstrip("_"), dtype, body)

    def terminal(self, name: str) -> Node:
        """A terminal as literal or token."""
        from lark.lexer import PatternStr

        pattern = self.terminals[name].pattern
        if isinstance(pattern, PatternStr):
            return Text(pattern.value, "i" in pattern.flags)
        source = pattern.to_regexp()
        try:
            compiled = re.compile(source.encode())
        except re.error as error:
            raise self.error(name, f"not a regular expression for bytes: {error}") from error
        if compiled.groups:
            raise self.error(name, "has a capturing group; write (?:…)")
        if compiled.match(b""):
            raise self.error(name, "can match nothing; Lark refuses terminals of no width")
        return Token(base_name(name), source)


def base_name(name: str) -> str:
    """A name without the prefix that Lark puts on imported ones: `terminals__INT` is INT, `_WS` stays."""
    head, found, tail = name.rpartition("__")
    return tail if found and head else name


def merge_texts(path: list[Node]) -> Path:
    """Join neighbouring literals, so that paths can be factored by their text."""
    merged: list[Node] = []
    for node in path:
        last = merged[-1] if merged else None
        if isinstance(node, Text) and isinstance(last, Text) and node.ignore_case == last.ignore_case:
            merged[-1] = Text(last.value + node.value, node.ignore_case)
        else:
            merged.append(node)
    return tuple(merged)
