#!/usr/bin/env python3
"""Measure how fast logs become tables, beside other tools and a plain script, side by side; print or write one table."""

import argparse
import itertools
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from others import WAYS
from plain import runs_of

from logreport.api import read_logs
from logreport.grammar import Engine, load_engine
from logreport.grammar.native.columns import tables
from logreport.grammar.native.kernel import why_not
from logreport.runs.reading import read
from logreport.sources import find_sources

# A process starts with the peak of the one that it comes of, which is larger here than what is measured: so a small one is between.
METER = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
sys.exit(status)
"""
COMMAND = [sys.executable, "-m", "logreport"]
PATTERN = r"images/sec: [0-9.]+ \+/- [0-9.]+ \(jitter = [0-9.]+\)"
BEGIN, END = "<!-- speed:begin -->", "<!-- speed:end -->"
TABLES, COLUMNS = (
    "**logreport: all tables, findings, every line accounted for**",
    "**logreport: typed columns of all kinds**",
)
PLAIN, RIPGREP = (
    "a plain script of 56 lines: step lines and few settings",
    "`rg -c`: one pattern, counting alone",
)
Paths = Sequence[Path]
Row = tuple[str, ...]


def cpu(work: Callable[[], object]) -> float:
    """Seconds of CPU time that some work takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def measured(command: Sequence[str], **environment: str) -> tuple[float, float]:
    """CPU seconds and peak MB of a command with its children."""
    meter = [sys.executable, "-c", METER, *command]
    run = subprocess.run(
        meter, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
    if run.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {run.returncode}: {run.stderr}")
    seconds, peak = map(float, run.stdout.split())
    return seconds, peak


def texts_of(folder: Path, fleet: Path | None, size: int, room: Path) -> dict[str, Paths]:
    """The files of each text: the beginning of a log in whole lines, and logs of a folder up to the same size."""
    found: dict[str, Paths] = {}
    for name in ("dense", "sparse"):
        with (folder / f"{name}.log").open("rb") as file:
            text = file.read(size)
        (room / name).write_bytes(text[: text.rfind(b"\n") + 1])
        found[name] = [room / name]
    for name, place in {"many": folder / "many", "fleet": fleet}.items():
        if place is not None:
            paths = sorted(path for path in place.rglob("*") if path.is_file())
            whole = sum(path.stat().st_size for path in paths)
            found[name] = paths[:: max(1, round(whole / size))]
    return found


def to_columns(engine: Engine, paths: Paths) -> object:
    """Typed columns of all kinds, the files of a text together: what the engine itself is for."""
    machine = engine.machine
    parts, pieces, at = [b"\n"], [], 0
    for path in paths:
        text = path.read_bytes()
        parts.append(text if text.endswith(b"\n") else text + b"\n")
        end = at + len(parts[-1]) + 1
        pieces.append((at, end, end))
        at = end - 1
    found = machine.scan(b"".join(parts), pieces) if machine else None
    return found and machine and tables(machine, found, engine.leaf_list)


def ways() -> dict[str, Callable[[Paths], float]]:
    """What is compared, by name: each gives the seconds of CPU time that it takes for some files."""
    engine = load_engine()

    def alone(way: Callable[[Path], object]) -> Callable[[Paths], float]:
        return lambda paths: cpu(lambda: [way(path) for path in paths])

    found: dict[str, Callable[[Paths], float]] = {
        TABLES: lambda paths: cpu(lambda: read_logs(list(find_sources(map(str, paths))))),
        PLAIN: alone(lambda path: runs_of(path.read_text(encoding="utf-8", errors="replace"))),
    }
    if not why_not():
        found[COLUMNS] = lambda paths: cpu(lambda: to_columns(engine, paths))
    found |= {name: alone(way) for name, (module, way) in WAYS.items() if not module or find_spec(module)}
    if ripgrep := shutil.which("rg"):
        found[RIPGREP] = lambda paths: measured([ripgrep, "-j1", "-c", PATTERN, *map(str, paths)])[0]
    return found


def beside(texts: Mapping[str, Paths], rounds: int) -> Iterator[Row]:
    """The speed of each way on each text, and how many times the speed of our tables that is, measured in turns."""
    every = ways()
    yield ("MB/s of CPU time", *(name for text in texts for name in (text, "×")))
    cells: dict[str, list[str]] = {name: [] for name in every}
    for paths in texts.values():
        size = sum(path.stat().st_size for path in paths) / 1e6
        spent: dict[str, list[float]] = {name: [] for name in every}
        for name in (*every, *itertools.chain.from_iterable(itertools.repeat(tuple(every), rounds))):
            spent[name].append(every[name](paths))  # the first round only warms up
        ours = statistics.median(spent[TABLES][1:])
        for name, seconds in spent.items():
            middle = statistics.median(seconds[1:])
            times = ours / middle
            cells[name] += [f"{size / middle:.0f}", f"{times:.0f}" if times >= 10 else f"{times:.1f}"]
    for name, row in cells.items():
        yield name, *row
    for name, (module, _) in WAYS.items():
        if name not in cells:
            yield f"{name}: {module} is not installed", *("–" for _ in texts for _ in "12")


def small_files(folder: Path, files: int, rounds: int) -> Iterator[Row]:
    """Small files a second inside one process: found, read, cut into runs, appended to the tables."""
    paths = [str(path) for path in itertools.islice(sorted((folder / "many").rglob("*.log")), files)]
    read(find_sources(paths[:50]))
    spent = statistics.median(cpu(lambda: read(find_sources(paths))) for _ in range(rounds))
    yield (
        f"small logs to tables, in one process ({len(paths):,} of 4 KB)",
        f"{len(paths) / spent:,.0f} a second",
    )


def of_memory(dense: Path, gigabytes: float) -> Iterator[Row]:
    """Peak memory and speed while one large log is written as tables and as records."""
    with tempfile.TemporaryDirectory(dir=dense.parent) as folder:
        big = Path(folder) / "big.log"
        with big.open("wb") as out:
            while out.tell() < gigabytes * 1e9:
                with dense.open("rb") as file:
                    shutil.copyfileobj(file, out, 1 << 20)
        size = big.stat().st_size
        for table, form in (("records", "jsonl"), ("steps", "csv")):
            command = [*COMMAND, "parse", str(big), "--table", table, "--format", form, "-o", os.devnull]
            spent, peak = measured(command)
            what = f"`parse --table {table} --format {form}` of one log of {size / 1e9:.1f} GB"
            yield what, f"{size / spent / 1e6:.1f} MB/s, {peak:,.0f} MB of memory"


def of_commands(folder: Path, fleet: Path | None, rounds: int) -> Iterator[Row]:
    """What whole commands cost."""
    small = str(next(iter(sorted((folder / "many").rglob("alexnet-*.log")))))
    commands = [["--help"], ["parse", small]]
    if fleet is not None:
        commands += [["parse", str(fleet), "--table", "runs", "--format", "csv"]]
    for words in commands:
        shown = " ".join({small: "LOG", str(fleet): "FLEET"}.get(word, word) for word in words)
        spent = [measured([*COMMAND, *words])[0] for _ in range(rounds)]
        yield f"`logreport {shown}`", f"{statistics.median(spent):.2f} s"


def of_archives(folder: Path, fleet: Path | None) -> Iterator[Row]:
    """What it costs to add logs to a new archive."""
    for name, place in {"small logs": folder / "many", "the fleet": fleet}.items():
        if place is not None:
            with tempfile.TemporaryDirectory(dir=folder) as room:
                count = sum(1 for path in place.rglob("*") if path.is_file())
                spent, peak = measured([*COMMAND, "archive", "add", str(place), "--archive", f"{room}/a"])
                yield f"`archive add` of {name} ({count:,})", f"{spent:.1f} s, {peak:,.0f} MB of memory"


def markdown(rows: Sequence[Row]) -> str:
    """Rows as a table of markdown, the first of them as its head."""
    lines = ["|" + "|".join(f" {cell} " for cell in row) + "|" for row in rows]
    return "\n".join([lines[0], "|---" + "|---:" * (len(rows[0]) - 1) + "|", *lines[1:]])


def put(page: Path, text: str) -> None:
    """Write a text between the marks of a page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where generate.py wrote dense.log, sparse.log and many/")
    parser.add_argument("--fleet", type=Path, help="a folder of real logs to read too")
    parser.add_argument("--megabytes", type=float, default=20, help="of each text that is compared (20)")
    parser.add_argument("--files", type=int, default=2000, help="small files (2000)")
    parser.add_argument(
        "--gigabytes", type=float, default=0.5, help="of the log that is streamed (0.5); 0: none"
    )
    parser.add_argument("--rounds", type=int, default=5, help="each figure is the median of so many (5)")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="write between the marks of docs/speed.md")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as room:
        texts = texts_of(args.folder, args.fleet, int(args.megabytes * 1e6), Path(room))
        compared = list(beside(texts, args.rounds))
    alone: list[Row] = [("what", "measured")]
    alone += small_files(args.folder, args.files, args.rounds)
    alone += of_commands(args.folder, args.fleet, args.rounds)
    alone += of_archives(args.folder, args.fleet)
    if args.gigabytes:
        alone += of_memory(args.folder / "dense.log", args.gigabytes)
    text = f"{markdown(compared)}\n\n{markdown(alone)}"
    print(text)
    if args.write:
        put(args.write, text)


if __name__ == "__main__":
    main()
