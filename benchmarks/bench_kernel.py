#!/usr/bin/env python3
"""Measure the machine in C beside `re` on the same texts in memory, in turns, and count what they find differently."""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from logreport.grammar import Engine, load_engine
from logreport.grammar.native.columns import tables
from logreport.grammar.native.kernel import why_not

Piece = tuple[int, int, int]


def cpu(work: Callable[[], object]) -> float:
    """Seconds of CPU time that some work takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def one_text(path: Path, size: int) -> tuple[bytes, list[Piece]]:
    """The beginning of a log, in whole lines."""
    with path.open("rb") as file:
        text = file.read(size)
    text = b"\n" + text[: text.rfind(b"\n") + 1]
    return text, [(0, len(text), len(text))]


def many_texts(folder: Path, size: int) -> tuple[bytes, list[Piece]]:
    """Logs of a folder in one text, up to a size: evenly chosen, so that each kind of them is there."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    whole = sum(path.stat().st_size for path in paths)
    parts, pieces, at = [b"\n"], [], 0
    for path in paths[:: max(1, round(whole / size))]:
        text = path.read_bytes()
        parts.append(text if text.endswith(b"\n") else text + b"\n")
        end = at + len(parts[-1]) + 1
        pieces.append((at, end, end))
        at = end - 1
    return b"".join(parts), pieces


def re_columns(engine: Engine, text: bytes, pieces: Sequence[Piece]) -> dict[str, dict[str, list[object]]]:
    """Typed columns by `re`, without anything else: what a short program of one's own would do."""
    values: dict[int, list[tuple[bytes | None, ...]]] = {}
    for begin, end, _ in pieces:
        for match in engine.pattern_for(text, begin, end).finditer(text, begin, end):
            key = match.lastindex or 0
            leaf, groups = engine.leaves[key]
            if leaf.fields:
                values.setdefault(key, []).append(match.group(*groups))
    columns: dict[str, dict[str, list[object]]] = {}
    for key, rows in values.items():
        leaf, _ = engine.leaves[key]
        column = columns.setdefault(leaf.kind, {})
        for (name, convert), raw in zip(leaf.plan, zip(*rows, strict=True), strict=False):
            column.setdefault(name, []).extend(v if v is None else convert(v) for v in raw)
    return columns


def differences(engine: Engine, text: bytes, pieces: Sequence[Piece]) -> tuple[int, int]:
    """How many matches there are, and how many of them only one of the two finds as it is."""
    machine = engine.machine
    found = machine.scan(text, pieces) if machine else None
    if found is None:
        sys.exit("error: the machine gave up")
    leaves = {end: number for number, end in enumerate(engine.lowered.leaves)}
    groups = {
        end: [group for *_, some in leaf.fields for group in some]
        for end, leaf in engine.lowered.leaves.items()
    }
    ours = set(
        zip(found.start.tolist(), found.stop.tolist(), found.leaf.tolist(), found.values(), strict=True)
    )
    theirs = {
        (*match.span(), leaves[match.lastindex], tuple(match[group] for group in groups[match.lastindex]))
        for begin, end, _ in pieces
        for match in engine.pattern.finditer(text, begin, end)
    }
    return len(theirs), len(ours ^ theirs)


def rows(
    engine: Engine, name: str, text: bytes, pieces: Sequence[Piece], rounds: int
) -> Iterator[tuple[str, ...]]:
    """The figures of one text."""
    machine = engine.machine
    assert machine is not None  # noqa: S101 - main looked

    def scan() -> object:
        return machine.scan(text, pieces)

    def columns() -> object:
        found = machine.scan(text, pieces)
        return found and tables(machine, found, engine.leaf_list)

    def scan_re() -> object:
        return [sum(1 for _ in engine.pattern.finditer(text, *piece[:2])) for piece in pieces]

    work = {
        "scan": scan,
        "columns": columns,
        "re scan": scan_re,
        "re columns": lambda: re_columns(engine, text, pieces),
    }
    spent: dict[str, list[float]] = {what: [] for what in work}
    for _ in range(rounds):
        for what, do in work.items():
            spent[what].append(cpu(do))
    speed = {what: len(text) / statistics.median(some) / 1e6 for what, some in spent.items()}
    count, differ = differences(engine, text, pieces)
    ratio = f"{speed['columns'] / speed['re columns']:.0f}x"
    yield name, *(f"{speed[what]:.0f}" for what in work), ratio, f"{count:,}", f"{differ:,}"


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where generate.py wrote dense.log, sparse.log and many/")
    parser.add_argument("--fleet", type=Path, help="a folder of real logs to read too")
    parser.add_argument("--megabytes", type=float, default=30, help="of each (30)")
    parser.add_argument("--rounds", type=int, default=5, help="each figure is the median of so many (5)")
    args = parser.parse_args()
    if reason := why_not():
        sys.exit(f"There is no machine to measure: {reason}")
    engine, size = load_engine(), int(args.megabytes * 1e6)
    texts = {name: one_text(args.folder / f"{name}.log", size) for name in ("dense", "sparse")}
    texts["many"] = many_texts(args.folder / "many", size)
    if args.fleet:
        texts["fleet"] = many_texts(args.fleet, size)
    lines = [("MB/s of CPU time", "scan", "columns", "re scan", "re columns", "", "matches", "differ")]
    for name, (text, pieces) in texts.items():
        lines += rows(engine, name, text, pieces, args.rounds)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for first, *others in lines:
        print(
            f"{first:<{widths[0]}}",
            *(f"{one:>{width}}" for one, width in zip(others, widths[1:], strict=True)),
            sep="  ",
        )


if __name__ == "__main__":
    main()
