"""How results begin: a line that begins as one and does not parse is damaged, not unknown."""

from collections.abc import Iterable

from logreport.grammar.lowering.nodes import Kind, Text, fields_of
from logreport.grammar.lowering.pattern import emit
from logreport.grammar.lowering.words import LONG_ENOUGH


def beginnings_of(kinds: Iterable[Kind]) -> tuple[str, tuple[str, ...]]:
    """A pattern for lines that begin as results do, and the signs of which every such line holds one.

    A beginning reaches up to the first literal that is long enough to know the kind by. Kinds of negative priority
    are a last resort, not something that a damaged line can be known as.
    """
    cut: list[Kind] = []
    signs: dict[str, None] = {}
    for kind in kinds:
        paths = []
        for path in kind.paths if kind.priority >= 0 else ():
            for i, node in enumerate(path):
                if isinstance(node, Text) and len(node.value) >= LONG_ENOUGH and fields_of(path):
                    paths.append((*path[:i], Text(node.value.rstrip())))
                    signs[node.value.rstrip()] = None
                    break
        cut.append(Kind(kind.name, 0, tuple(dict.fromkeys(paths))))
    cut = [kind for kind in cut if kind.paths]
    return (emit(cut).pattern if cut else ""), tuple(signs)
