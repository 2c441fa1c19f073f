#!/usr/bin/env python3
"""Measure reading from files to all tables, with the machine in C and with `re`, in turns in one run."""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from logreport.grammar import load_engine
from logreport.grammar.native.kernel import why_not
from logreport.runs.reading import read
from logreport.sources import find_sources

ENGINES = {"native": "", "re": "python"}  # and what LOGREPORT_ENGINE is set to


def cpu(work: Callable[[], object]) -> float:
    """Seconds of CPU time that some work takes in this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def children(work: Callable[[], object]) -> float:
    """The same of the processes that some work starts."""
    before = os.times()
    work()
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def use(engine: str) -> None:
    """Read with one of the two engines from here on."""
    os.environ["LOGREPORT_ENGINE"] = ENGINES[engine]
    load_engine.cache_clear()
    for documents in (False, True):
        load_engine(documents=documents).scan_lines(b"1\timages/sec: 5.5 +/- 0.1 (jitter = 0.1)\t7.5\n", 1)


def to_tables(paths: Sequence[str]) -> float:
    """What it takes to find, open and read logs into all tables."""
    return cpu(lambda: read(find_sources(paths)))


def parsed(paths: Sequence[str]) -> float:
    """What `logreport parse --table runs` takes in all its processes."""
    command = [sys.executable, "-m", "logreport", "parse", *paths, "--table", "runs", "--format", "csv"]
    return children(lambda: subprocess.run([*command, "-o", os.devnull], check=True, capture_output=True))


def files_in(path: Path) -> list[Path]:
    """A log, or the logs of a folder."""
    return [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where generate.py wrote dense.log, sparse.log and many/")
    parser.add_argument("--fleet", type=Path, help="a folder of real logs to read too")
    parser.add_argument("--files", type=int, default=2000, help="small files (2000)")
    parser.add_argument("--megabytes", type=float, default=30, help="of dense.log and sparse.log (30)")
    parser.add_argument("--rounds", type=int, default=5, help="each figure is the median of so many (5)")
    args = parser.parse_args()
    if reason := why_not():
        sys.exit(f"There is no machine to measure: {reason}")
    logs: dict[str, list[str]] = {}
    for name in ("dense", "sparse"):
        part = args.folder / f"{name}-{args.megabytes:g}.log"
        with (args.folder / f"{name}.log").open("rb") as whole:
            part.write_bytes(whole.read(int(args.megabytes * 1e6)))
        logs[name] = [str(part)]
    logs["many"] = [str(path) for path in files_in(args.folder / "many")[: args.files]]
    work = {f"{name} to tables": (paths, to_tables) for name, paths in logs.items()}
    if args.fleet:
        work["fleet to tables"] = [str(path) for path in files_in(args.fleet)], to_tables
        work["fleet, parse --table runs"] = [str(args.fleet)], parsed
    print(
        f"{'CPU time':<28}{'':>10}" + "".join(f"{engine:>22}" for engine in ENGINES) + f"{'re / native':>14}"
    )
    for name, (paths, measure) in work.items():
        spent: dict[str, list[float]] = {engine: [] for engine in ENGINES}
        for _ in range(args.rounds):
            for engine in ENGINES:
                use(engine)
                spent[engine].append(measure(paths))
        files = [one for path in paths for one in files_in(Path(path))]
        size = sum(path.stat().st_size for path in files)
        middle = {engine: statistics.median(times) for engine, times in spent.items()}
        shown = "".join(
            f"{seconds:>7.2f} s {size / seconds / 1e6:>5.1f} MB/s" + f"{len(files) / seconds:>6.0f}/s"
            for seconds in middle.values()
        )
        print(f"{name:<28}{len(files):>6} files {shown}{middle['re'] / middle['native']:>8.2f}x", flush=True)
    for name in ("dense", "sparse"):
        Path(*logs[name]).unlink()


if __name__ == "__main__":
    main()
