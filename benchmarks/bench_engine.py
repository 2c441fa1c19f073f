#!/usr/bin/env python3
"""Measure how fast logs become records and columns, beside Lark's own parser and ripgrep; print one table."""

import argparse
import functools
import itertools
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from lark import Lark, LarkError

from logreport.grammar import Engine, load_engine
from logreport.resources import resource_dir
from logreport.runs.reading import read
from logreport.sources import find_sources
from logreport.sources.source import memory_source

COMMAND = [sys.executable, "-m", "logreport"]
OTHERS = "tf_cnn_benchmarks.step"  # what Lark tries on a line of no kind
PATTERN = r"images/sec: [0-9.]+ \+/- [0-9.]+ \(jitter = [0-9.]+\)"


def table(rows: list[tuple[str, str, str]]) -> str:
    """Rows as aligned text."""
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    return "\n".join(f"{a:<{widths[0]}}  {b:>{widths[1]}}  {c}".rstrip() for a, b, c in rows)


def part_of(path: Path, size: int) -> bytes:
    """The beginning of a log, in whole lines."""
    with path.open("rb") as file:
        text = file.read(size)
    return text[: text.rfind(b"\n") + 1]


def cpu(work: Callable[[], object]) -> float:
    """Seconds of CPU time that some work takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def columns_of(engine: Engine, text: bytes) -> dict[str, dict[str, list[object]]]:
    """What the lowered engine is for: typed values in a column for each field of each kind."""
    rows: dict[int, list[tuple[bytes | None, ...]]] = {}
    leaves = {}
    for scan in engine.scan(memory_source("a.log", text).chunks()):
        for match in scan.matches:
            leaf = match.leaf
            if id(leaf) not in rows:
                rows[id(leaf)], leaves[id(leaf)] = [], leaf
            rows[id(leaf)].append(match.values)
    columns: dict[str, dict[str, list[object]]] = {}
    for key, values in rows.items():
        column = columns.setdefault(leaves[key].kind, {})
        for (name, convert), raw in zip(leaves[key].plan, zip(*values, strict=True), strict=False):
            typed = map(convert, raw) if None not in raw else (v if v is None else convert(v) for v in raw)
            column.setdefault(name, []).extend(typed)
    return columns


@functools.cache
def lark_of(kind: str) -> Lark:
    """Lark's own parser for one kind."""
    grammar, _, rule = kind.partition(".")
    return Lark.open(
        str(resource_dir("grammars") / f"{grammar}.lark"), parser="lalr", start=rule, maybe_placeholders=False
    )


def lines_with_kinds(engine: Engine, text: bytes) -> list[tuple[str, str]]:
    """Each line with its kind, which Lark is told for nothing; a line of no kind is tried once."""
    scans = list(engine.scan(memory_source("a.log", text).chunks()))
    kinds = {match.line: match.leaf.kind for scan in scans for match in scan.matches}
    return [
        (kinds.get(number, OTHERS), line.decode().strip())
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip()
    ]


def lark_columns(lines: list[tuple[str, str]]) -> dict[str, dict[str, list[object]]]:
    """The same columns by Lark, line by line."""
    columns: dict[str, dict[str, list[object]]] = {}
    for kind, line in lines:
        try:
            whole = lark_of(kind).parse(line)
        except LarkError:
            continue
        column = columns.setdefault(kind, {})
        for tree in whole.iter_subtrees():
            if tree.children and all(isinstance(child, str) for child in tree.children):
                token = tree.children[0]
                name = token.type.rpartition("__")[2]
                value = {"INT": int, "FLOAT": float, "NUMBER": float}.get(name, str)(token)
                column.setdefault(tree.data, []).append(value)
    return columns


def engine_rows(name: str, path: Path, size: int, rounds: int) -> Iterator[tuple[str, str, str]]:
    """Throughput on one log: lowered, Lark, ripgrep, in turns, so that all have the same machine."""
    engine, text = load_engine(), part_of(path, size)
    few = part_of(path, size // 20)
    lines = lines_with_kinds(engine, few)
    columns_of(engine, few)
    lark_columns(lines[:100])
    fast, slow = [], []
    for _ in range(rounds):
        fast.append(cpu(lambda: columns_of(engine, text)) / len(text))
        slow.append(cpu(lambda: lark_columns(lines)) / len(few))
    ours, lark = statistics.median(fast), statistics.median(slow)
    yield f"{name}: lowered engine to typed columns", f"{1e-6 / ours:.1f} MB/s", ""
    yield (
        f"{name}: Lark, told each line's kind",
        f"{1e-6 / lark:.2f} MB/s",
        "line by line",
    )
    yield (
        f"{name}: lowered against Lark",
        f"{lark / ours:.0f}x",
        "aim 20x on dense" if name == "dense" else "",
    )
    scan = statistics.median(cpu(lambda: scan_only(engine, text)) for _ in range(rounds))
    yield f"{name}: matching alone", f"{len(text) / scan / 1e6:.1f} MB/s", ""
    whole = statistics.median(cpu(lambda: read([memory_source("a.log", text)])) for _ in range(rounds))
    yield f"{name}: to the tables of logreport", f"{len(text) / whole / 1e6:.1f} MB/s", "runs, steps, ledger"
    yield from ripgrep_rows(name, path, rounds)


def scan_only(engine: Engine, text: bytes) -> None:
    """Matches without their values."""
    for _ in engine.scan(memory_source("a.log", text).chunks()):
        pass


def ripgrep_rows(name: str, path: Path, rounds: int) -> Iterator[tuple[str, str, str]]:
    """What counting the lines of one kind costs ripgrep, where it is installed."""
    ripgrep = shutil.which("rg")
    if ripgrep is None:
        yield f"{name}: rg -c", "–", "ripgrep is not installed"
        return
    command = [ripgrep, "-j1", "-c", PATTERN, str(path)]
    spent = [measured(command)[0] for _ in range(rounds)]
    speed = path.stat().st_size / statistics.median(spent) / 1e6
    yield f"{name}: rg -c, one kind, counting alone", f"{speed:.0f} MB/s", ""


def measured(command: list[str]) -> tuple[float, float, float]:
    """CPU seconds, seconds and peak MB of a command with its children."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as notes:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=notes)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            notes.seek(0)
            sys.exit(f"{' '.join(command)} ended with {process.returncode}: {notes.read().decode()}")
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / 1024


def many_rows(folder: Path, files: int, rounds: int) -> Iterator[tuple[str, str, str]]:
    """Small files a second inside one process: found, read, cut into runs, appended to the tables."""
    paths = [str(path) for path in itertools.islice(sorted(folder.rglob("*.log")), files)]
    read(find_sources(paths[:50]))
    spent = statistics.median(cpu(lambda: read(find_sources(paths))) for _ in range(rounds))
    yield (
        "small files, one process, to tables",
        f"{len(paths) / spent:,.0f} files/s",
        f"{len(paths):,} files; aim 5,000",
    )
    engine = load_engine()

    def scan_all() -> None:
        for source in find_sources(paths):
            for scan in engine.scan(source.chunks()):
                for match in scan.matches:
                    match.fields()

    spent = statistics.median(cpu(scan_all) for _ in range(rounds))
    yield (
        "small files, one process, to records",
        f"{len(paths) / spent:,.0f} files/s",
        "opened, matched, typed",
    )


def memory_rows(dense: Path, gigabytes: float) -> Iterator[tuple[str, str, str]]:
    """Peak memory while one large log is streamed to JSON lines."""
    with tempfile.TemporaryDirectory(dir=dense.parent) as folder:
        big = Path(folder) / "big.log"
        with big.open("wb") as out:
            while out.tell() < gigabytes * 1e9:
                with dense.open("rb") as file:
                    shutil.copyfileobj(file, out, 1 << 20)
        size = big.stat().st_size
        parse = [*COMMAND, "parse", str(big), "--table", "records", "--format", "jsonl", "-o", os.devnull]
        spent, _, peak = measured(parse)
        yield f"one log of {size / 1e9:.1f} GB to JSON lines, peak", f"{peak:,.0f} MB", "aim 400 MB for 2 GB"
        yield "the same, speed", f"{size / spent / 1e6:.1f} MB/s", ""


def command_rows(folder: Path, rounds: int) -> Iterator[tuple[str, str, str]]:
    """What it costs to start."""
    small = next(iter(sorted(folder.rglob("alexnet-*.log"))))
    for words, aim in (
        (["--help"], "aim 0.15 s"),
        (["parse", str(small)], f"{small.stat().st_size / 1000:.1f} KB; aim 1 s"),
        (["parse", str(small), "--format", "json"], ""),
    ):
        measured([*COMMAND, *words])
        spent = statistics.median(measured([*COMMAND, *words])[0] for _ in range(rounds))
        shown = " ".join("LOG" if word == str(small) else word for word in words)
        yield f"logreport {shown}", f"{spent:.2f} s", aim


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where generate.py wrote dense.log, sparse.log and many/")
    parser.add_argument("--megabytes", type=float, default=20, help="of each log, for the engine (20)")
    parser.add_argument("--files", type=int, default=2000, help="small files (2000)")
    parser.add_argument(
        "--gigabytes", type=float, default=0.5, help="of the log that is streamed (0.5); 0: none"
    )
    parser.add_argument("--rounds", type=int, default=5, help="each figure is the median of so many (5)")
    args = parser.parse_args()
    size, rounds = int(args.megabytes * 1e6), args.rounds
    rows = [("what", "median", "")]
    for name in ("dense", "sparse"):
        rows += engine_rows(name, args.folder / f"{name}.log", size, rounds)
    rows += many_rows(args.folder / "many", args.files, rounds)
    if args.gigabytes:
        rows += memory_rows(args.folder / "dense.log", args.gigabytes)
    rows += command_rows(args.folder / "many", rounds)
    print(table(rows))


if __name__ == "__main__":
    main()
