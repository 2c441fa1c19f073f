"""Lines of a source as they stand there, with those around them and the kind that read each."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from logreport.errors import LogreportError
from logreport.grammar import Engine, load_engine
from logreport.runs.explaining import KEY_BEGINS, remember
from logreport.sources.source import Source
from logreport.tables.secrets import hidden

AROUND = 2  # lines on either side
TOGETHER = 500  # sources whose lines are scanned as one text
LONGEST, NEAR = 1000, 160  # characters that are shown, of the line itself and of those around it


class Quoted(NamedTuple):
    """A line with those around it, from `first` on; `kind` is empty where no kind reads it by itself."""

    first: int
    texts: tuple[str, ...]
    kind: str


Places = tuple[Source, Collection[int]]  # numbers of lines of a source


def quote(
    places: Iterable[Places], grammars: tuple[Path, ...] = ()
) -> Iterator[tuple[Source, dict[int, Quoted]]]:
    """The wanted lines of sources, by number; what one does not hold is left out, and no secret is shown.

    Args:
        places: the sources, which are read once more, and the numbers of lines; one that cannot be read has no lines.
        grammars: folders with grammars of your own.
    """
    places = iter(places)
    while some := list(islice(places, TOGETHER)):
        texts = [_texts_of(source, wanted) for source, wanted in some]
        kinds: list[dict[int, str]] = [{} for _ in some]
        for documents in (False, True):
            own = [i for i, (source, _) in enumerate(some) if source.is_document is documents and texts[i]]
            engine = load_engine(grammars, documents=documents) if own else None
            for at, number, kind in _kinds(engine, [(i, texts[i]) for i in own]) if engine else ():
                kinds[at][number] = kind
        for (source, wanted), lines, read in zip(some, texts, kinds, strict=True):
            yield source, _quoted(lines, wanted, read)


def _texts_of(source: Source, wanted: Collection[int]) -> dict[int, bytes]:
    """The wanted lines and those around them; none where the source cannot be read."""
    try:
        return _texts(source, {n for line in wanted for n in range(line - AROUND, line + AROUND + 1)})
    except LogreportError:
        return {}


def _kinds(
    engine: Engine, texts: Iterable[tuple[int, Mapping[int, bytes]]]
) -> Iterator[tuple[int, int, str]]:
    """Place, line and kind of each line of some texts that a kind reads: they are scanned as one, a blank line between two."""
    lines: list[bytes] = []
    stand: list[tuple[int, int]] = []
    for at, own in texts:
        numbers = sorted(own)
        lines += [*(own[n] for n in numbers), b""]
        stand += [*((at, n) for n in numbers), (at, 0)]
    text = b"".join(line + b"\n" for line in lines)
    for scan in engine.scan([(text, range(1, len(lines) + 1))]):
        for columns, rows in scan.records.parts:
            for row in rows:
                yield *stand[columns.lines[row] - 1], columns.kinds[row]


def _quoted(
    texts: Mapping[int, bytes], wanted: Collection[int], kinds: Mapping[int, str]
) -> dict[int, Quoted]:
    found = {}
    for number in sorted(texts.keys() & set(wanted)):
        first = last = number
        while first - 1 in texts and first > number - AROUND:
            first -= 1
        while last + 1 in texts and last < number + AROUND:
            last += 1
        shown = _shown([texts[n] for n in range(first, last + 1)])
        whole = [_cut(one, LONGEST if n == number else NEAR) for n, one in enumerate(shown, first)]
        found[number] = Quoted(first, tuple(whole), kinds.get(number, ""))
    return found


def _texts(source: Source, near: Collection[int]) -> dict[int, bytes]:
    """The lines with these numbers; of a private key, none."""
    found: dict[int, bytes] = {}
    last = max(near, default=0)
    for text, numbers in source.chunks():
        if KEY_BEGINS.search(text):
            texts: dict[int, bytes] = {}
            for _ in remember(source, texts):
                pass
            return {n: texts[n] for n in near if n in texts}
        if isinstance(numbers, range):
            here = [n for n in near if n in numbers]
            # From the end, where most of what is quoted stands: nothing before it is taken apart.
            lines = text.rsplit(b"\n", numbers.stop - min(here) + 1) if here else []
            found |= {n: lines[n - numbers.stop - 1] for n in here}
        else:
            found |= {n: line for n, line in zip(numbers, text.split(b"\n"), strict=False) if n in near}
        if len(numbers) and numbers[-1] >= last:
            break
    return found


def _shown(lines: Sequence[bytes]) -> list[str]:
    """Lines as text, without secrets."""
    return hidden("\n".join(line.decode("utf-8", "replace").rstrip("\r") for line in lines)).split("\n")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
