"""Lark itself as the reference: which kinds a line is of, and with which fields, said by one LALR parser per kind."""

import functools
import logging
import re
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from lark import Lark, logger
from lark.exceptions import UnexpectedInput
from lark.grammar import NonTerminal
from lark.load_grammar import Grammar, load_grammar

from logreport.grammar import Engine
from logreport.grammar.lowering.lower import lower_file
from logreport.grammar.lowering.pattern import Lowered, emit
from logreport.grammar.scanning.prefixes import Unwrapper

ROOT = Path(__file__).resolve().parents[2]
GRAMMARS = ROOT / "grammars"
FILES = {path.stem: path for path in sorted(GRAMMARS.glob("*.lark")) if path.stem != "terminals"}
START = re.compile(rb"[ \t>]*")
END = re.compile(rb"[ \t]*(?:<br ?/?>[ \t]*)*\r?(?=\n)")


# Grammars that are read together: those of logs, and with them those of documents.
LOGS = tuple(sorted(set(FILES) - {"prefixes", "document", "published"}))
DOCUMENTS = tuple(sorted(set(FILES) - {"prefixes"}))


class Read(NamedTuple):
    """What a kind makes of a line: where it ends, and the raw text of each field by name."""

    end: int
    fields: dict[str, bytes]


def base_name(name):
    """A name without what Lark puts before imported ones."""
    head, found, tail = name.rpartition("__")
    return tail if found and head else name


@functools.cache
def loaded(path):
    """A grammar file as Lark's loader reads it."""
    grammar, _ = load_grammar(path.read_text("utf-8"), str(path), [str(path.parent)], True)  # noqa: FBT003
    return grammar


def only(grammar, rule):
    """A grammar with the rules that one rule needs: Lark is quicker without the others."""
    definitions = {str(definition[0]): definition for definition in grammar.rule_defs}
    needed, todo = {}, [rule]
    while todo:
        name = todo.pop()
        if name not in needed:
            needed[name] = definitions[name]
            found = definitions[name][2].scan_values(lambda value: isinstance(value, NonTerminal))
            todo += [str(value.name) for value in found]
    kept = [definition for definition in grammar.rule_defs if str(definition[0]) in needed]
    return Grammar(kept, grammar.term_defs, grammar.ignore)


@contextmanager
def conflicts():
    """The conflicts that Lark finds in its tables, resolves, and tells nobody but its logger."""
    found, level = [], logger.level
    handler = logging.Handler()
    handler.emit = lambda record: found.append(record.getMessage()) if "onflict" in record.msg else None
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield found
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


class Reference:
    """One kind, read by Lark's own parser.

    Args:
        path: the grammar file.
        rule: the rule of the kind.
        priority: its priority among kinds.
    """

    def __init__(self, path, rule, priority=0):
        self.name, self.priority = f"{path.stem}.{rule}", priority
        with conflicts() as self.conflicts:
            self.lark = Lark(
                only(loaded(path), rule),
                parser="lalr",
                start=rule,
                maybe_placeholders=False,
                keep_all_tokens=True,
                use_bytes=True,
                debug=True,
            )
        expansions = {}
        for one in self.lark.rules:
            expansions.setdefault(str(one.origin.name), []).append(one.expansion)
        self.fields = {
            name
            for name, options in expansions.items()
            if name != rule and not name.startswith("_")
            if all(option and all(symbol.is_term for symbol in option) for option in options)
        }

    def read(self, text, start):
        """The longest reading of the text from `start` that consumes a line (or block) whole, or None.

        What may stand after a line (blanks, <br>, a carriage return) is decoration, not part of it.
        """
        parser = self.lark.parse_interactive(text)
        state = parser.lexer_thread.state
        state.line_ctr.char_pos = start
        first = parser.lexer_thread.lexer.lexers[parser.parser_state.position]
        if first.match(state.text, start) is None:  # as most kinds; Lark would work out a message about it
            return None
        found = None
        try:
            for token in parser.lexer_thread.lex(parser.parser_state):
                parser.feed_token(token)
                end = state.line_ctr.char_pos
                if END.match(text, end) and "$END" in parser.accepts():
                    found = (end, parser.copy().feed_eof(token))
        except UnexpectedInput:
            pass
        if found is None:
            return None
        return Read(END.match(text, found[0]).end(), self.fields_of(found[1], text))

    def fields_of(self, tree, text):
        """The raw text of each field in a tree."""
        found = {}
        for sub in tree.iter_subtrees_topdown():
            if str(sub.data) in self.fields:
                tokens = sub.children
                value = text[tokens[0].start_pos : tokens[-1].start_pos + len(tokens[-1].value)]
                found[base_name(str(sub.data)).rstrip("_")] = value.strip()
        return found


@functools.cache
def kinds_of(grammar):
    """The kinds of a grammar with their priorities, in the order of `start`."""
    _, rules, _ = loaded(FILES[grammar]).compile(["start"], "*")
    priorities = {str(rule.origin.name): rule.options.priority or 0 for rule in rules}
    starts = [rule for rule in sorted(rules, key=lambda rule: rule.order) if rule.origin.name == "start"]
    names = [str(rule.expansion[0].name) for rule in starts]
    return {name: priorities[name] for name in names}


@functools.cache
def reference(grammar, rule):
    """The reference for one kind."""
    return Reference(FILES[grammar], rule, kinds_of(grammar)[rule])


@functools.cache
def references(grammars):
    """The references for all kinds of some grammars."""
    return tuple(reference(grammar, rule) for grammar in grammars for rule in kinds_of(grammar))


@functools.cache
def lowered(grammar):
    """The lowered kinds of a grammar: an engine for each by its own."""
    bare = Unwrapper(Lowered("(?!)", {}))
    return {kind.name: Engine(emit([kind]), bare) for kind in lower_file(FILES[grammar])}


@functools.cache
def together(grammars):
    """The engine of all kinds of some grammars."""
    kinds = [kind for grammar in grammars for kind in lower_file(FILES[grammar])]
    return Engine(emit(kinds), Unwrapper(Lowered("(?!)", {})))


def engine_read(engine, text, start):
    """What the lowered engine makes of the line from `start`: its kind and reading, or None."""
    match = engine.pattern.match(b"\n" + text, start)
    if match is None:
        return None
    leaf, groups = engine.leaves[match.lastindex]
    values, position, fields = match.group(*groups), 0, {}
    for name, _, own in leaf.fields:
        there = [found for found in values[position : position + len(own)] if found is not None]
        if there:
            fields[name] = there[-1].strip()
        position += len(own)
    return leaf.kind, Read(match.end() - 1, fields)


def lark_read(one, text, start):
    """What Lark makes of the line from `start`; the indentation of a line is decoration, and chatter has no fields."""
    read = one.read(text, START.match(text, start).end())
    if read is not None and one.name.rpartition(".")[2].startswith("chatter"):
        return Read(read.end, {})
    return read


def check_kind(one, text, start=0):
    """Hold the lowered form of one kind against Lark; returns what both say."""
    want = lark_read(one, text, start)
    got = engine_read(lowered(one.name.partition(".")[0])[one.name], text, start)
    assert (got and got[1]) == want, f"{one.name} of {text[start:]!r}: lowered {got}, Lark {want}"
    return want


def check_choice(grammars, text, start=0):
    """Hold the engine of many kinds against the kinds one by one; returns what it says.

    No line is of two kinds, but that a kind of higher priority is tried before one of lower priority, and that
    what says nothing (chatter) may do so in the words of two scripts.
    """
    alone = {}
    for grammar in grammars:
        for rule, priority in kinds_of(grammar).items():
            read = engine_read(lowered(grammar)[f"{grammar}.{rule}"], text, start)
            if read is not None:
                alone.setdefault(priority, []).append(read)
    best = alone[max(alone)] if alone else [None]
    got = engine_read(together(grammars), text, start)
    assert got in best, f"{text[start:]!r}: together {got}, alone {best}"
    assert len(best) == 1 or all(".chatter" in kind for kind, _ in best), (
        f"{text[start:]!r} is of two kinds: {best}"
    )
    return got
