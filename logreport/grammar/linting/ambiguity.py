"""Refuse grammars whose meaning would depend on how Lark breaks ties between terminals.

Lark's lexer decides for one terminal before it sees the rest of the line; the lowered pattern would try the other. Where
no two terminals can match at one position, both always agree.
"""

import functools
import itertools
import re
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

from logreport.errors import GrammarError
from logreport.grammar.linting.exponential import is_exponential
from logreport.grammar.lowering.first_bytes import first_bytes
from logreport.grammar.lowering.nodes import Choice, Field, Kind, Node, Path, Repeat, Text, Token
from logreport.grammar.lowering.pattern import Item, drop_head, emit, group_by_head, literal

PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[*+?}]\+|.", re.DOTALL)


def check_kind(kind: Kind, source: FilePath) -> None:
    """Check every place where a kind can go on in two ways.

    Raises:
        GrammarError: naming the kind and the two terminals that can match at one position, a field that is there
            twice, or the terminal or repetition that reads one text in ways that double with its length.
    """
    for twice in sorted(set[str]().union(*(repeated(path)[1] for path in kind.paths))):
        raise GrammarError(
            f"rule {kind.name}: the field {twice} can be there twice in one line",
            source=str(source),
            todo="give each place a name of its own",
        )
    for node in dict.fromkeys(node for path in kind.paths for node in repeating(path)):
        if is_exponential(pattern_of(node)):
            raise GrammarError(
                f"rule {kind.name}: {named(node)} can read one text in so many ways that a line would take for ever",
                source=str(source),
                todo="write it so that each character can be read in one way: /a*b/ for /(?:a|a)*b/",
            )
    flat = [path for whole in kind.paths for path in flatten(whole)]
    check_paths(list(dict.fromkeys(flat)), kind.name, source)


def repeated(path: Path) -> tuple[set[str], set[str]]:
    """The names of the fields of a path, and of those that one line can hold twice: only one value could be kept."""
    seen: set[str] = set()
    twice: set[str] = set()
    for node in path:
        own = {node.name} if isinstance(node, Field) else set[str]()
        for option in node.options if isinstance(node, Choice | Repeat) else ():
            inside, again = repeated(option)
            own |= inside
            twice |= again | (inside if isinstance(node, Repeat) else set[str]())
        twice |= own & seen
        seen |= own
    return seen, twice


def repeating(path: Path) -> Iterator[Token | Repeat]:
    """The nodes of a path in which something can be repeated."""
    for node in path:
        if isinstance(node, Token | Repeat):
            yield node
        for option in () if isinstance(node, Text | Token) else options_of(node):
            yield from repeating(option)


def named(node: Token | Repeat) -> str:
    if isinstance(node, Repeat):
        return "a repetition"
    return f"/{node.pattern}/" if node.name.startswith("__") else f"the terminal {node.name}"


def options_of(node: Field | Choice | Repeat) -> tuple[Path, ...]:
    return node.body if isinstance(node, Field) else node.options


def check_paths(paths: list[Path], kind: str, source: FilePath) -> None:
    """Check one branching, then what follows each of its ways."""
    groups = [
        (head, items) for head, items in group_by_head([(kind, path) for path in paths]) if head is not None
    ]
    for (_, left), (_, right) in itertools.combinations(groups, 2):
        met = next((pair for pair in itertools.product(heads(left), heads(right)) if can_meet(*pair)), None)
        if met is not None:
            raise GrammarError(
                f"rule {kind}: {describe(met[0])} and {describe(met[1])} can both match at one place",
                source=str(source),
                todo="make them differ from their first character on, or write one terminal for both",
            )
    for head, items in groups:
        check_paths([drop_head(path, head) for _, path in items], kind, source)


def heads(items: list[Item]) -> list[Node]:
    """What each path of a group begins with, in full: literals with a common beginning differ further on."""
    return list(dict.fromkeys(path[0] for _, path in items))


def flatten(path: Path) -> Iterator[Path]:
    """All sequences of literals and tokens that a path stands for; a repetition is taken once and twice."""
    parts = [list(variants(node)) for node in path]
    for combination in itertools.product(*parts):
        yield tuple(itertools.chain.from_iterable(combination))


def variants(node: Node) -> Iterator[Path]:
    if isinstance(node, Text | Token):
        yield (node,)
    elif isinstance(node, Field):
        for path in node.body:
            yield from flatten(path)
    elif isinstance(node, Choice):
        for option in node.options:
            yield from flatten(option)
    else:
        once = list(itertools.chain.from_iterable(flatten(option) for option in node.options))
        yield from once
        yield from (one + two for one in once for two in once)


def describe(node: Node) -> str:
    return repr(node.value) if isinstance(node, Text) else str(getattr(node, "name", node))


@functools.cache
def can_meet(one: Node, two: Node) -> bool:
    """Whether there is a text at whose beginning both match; True where that cannot be ruled out."""
    if isinstance(one, Text) and isinstance(two, Text):
        return not (one.ignore_case or two.ignore_case) and one.value[0] == two.value[0]
    if not first_bytes((one,)) & first_bytes((two,)):
        return False
    return not disjoint(pattern_of(one), pattern_of(two))


def pattern_of(node: Node) -> str:
    if isinstance(node, Text | Token):
        return literal(node) if isinstance(node, Text) else node.pattern
    return emit([Kind("", 0, ((node,),))]).pattern


def disjoint(one: str, two: str) -> bool:
    """Whether no text begins with a match of both patterns, proved by intersecting their automata."""
    first, second = automaton(one), automaton(two)
    return first is not None and second is not None and bool(first.isdisjoint(second))


@functools.cache
def automaton(pattern: str) -> Any:  # noqa: ANN401 - interegular ships no types
    """The automaton of all texts that begin with a match, or None where it cannot be made."""
    import interegular
    from interegular.patterns import InvalidSyntax, Unsupported

    try:
        return interegular.parse_pattern(bare(greedy(pattern)) + r"[\x00-\xff]*").to_fsm()
    except (Unsupported, InvalidSyntax):
        return None


def greedy(pattern: str) -> str:
    """A pattern without possessive repetitions: it matches more, so that what is proved apart stays apart."""
    return "".join(p[:-1] if len(p) == 2 and p[0] in "*+?}" else p for p in PIECE.findall(pattern))


def bare(pattern: str) -> str:
    """A pattern without the group that Lark puts around it: a lookahead must see what follows."""
    match = re.fullmatch(r"\(\?:((?:[^()\\|]|\\.|\((?:[^()\\]|\\.)*\))*)\)", pattern)
    return match[1] if match else pattern
