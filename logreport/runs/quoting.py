"""Lines of a source as they stand there, with those around them and the kind that read each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from logreport.grammar import load_engine
from logreport.runs.explaining import KEY_BEGINS, remember
from logreport.sources.source import Source
from logreport.tables.secrets import hidden

AROUND = 2  # lines on either side
LONGEST, NEAR = 1000, 160  # characters that are shown, of the line itself and of those around it


@dataclass(frozen=True)
class Quoted:
    """A line with those around it, from `first` on; `kind` is empty where no kind reads it by itself."""

    first: int
    texts: tuple[str, ...]
    kind: str


def quote(source: Source, wanted: Collection[int], grammars: tuple[Path, ...] = ()) -> dict[int, Quoted]:
    """The wanted lines of a source, by number; what it does not hold is left out, and no secret is shown.

    Args:
        source: where they stand; it is read once more.
        wanted: numbers of lines.
        grammars: folders with grammars of your own.

    Raises:
        SourceError: where the source cannot be read.
    """
    near = {n for number in wanted for n in range(number - AROUND, number + AROUND + 1)}
    texts = _texts(source, near)
    numbers = sorted(texts)
    engine = load_engine(grammars, documents=source.is_document)
    scans = engine.scan([(b"".join(texts[n] + b"\n" for n in numbers), numbers)]) if numbers else ()
    kinds = {match.line: match.leaf.kind for scan in scans for match in scan.records}
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
            lines = text.split(b"\n") if here else []
            found |= {n: lines[n - numbers.start] for n in here}
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
