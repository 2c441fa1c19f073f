#!/usr/bin/env python3
"""Time, memory and files of an archive: add a folder of logs, add it again, ask, compact, ask again, verify."""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
QUESTION = "select count(*) as runs, avg(examples_per_second) as mean from phases"
STEPS = (
    ("add", ["add", "{logs}"]),
    ("add again", ["add", "{logs}"]),
    ("query", ["query", QUESTION, "--format", "csv"]),
    ("compact", ["compact"]),
    ("query compacted", ["query", QUESTION, "--format", "csv"]),
    ("devices", ["devices", "--format", "csv"]),
    ("one device", ["devices", "GTX 1050 Ti", "--format", "csv"]),
    ("query nothing", ["query", "select 1", "--format", "csv"]),
    ("verify", ["verify"]),
)


class Memory(threading.Thread):
    """Looks at the resident memory of a process and all that it started: the most at one time, and of one process."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.process, self.together, self.largest = psutil.Process(pid), 0, 0

    def run(self) -> None:
        """Look five times a second until the process is gone."""
        while True:
            try:
                sizes = [
                    each.memory_info().rss
                    for each in (self.process, *self.process.children(recursive=True))
                    if each.is_running() and each.status() != psutil.STATUS_ZOMBIE
                ]
            except psutil.NoSuchProcess:
                if not self.process.is_running():
                    return
                continue
            if not sizes:
                return
            self.together, self.largest = max(self.together, sum(sizes)), max(self.largest, *sizes)
            time.sleep(0.2)


def measure(name: str, words: list[str], archive: Path) -> str:
    """One command in a process of its own, in words."""
    command = [sys.executable, "-m", "logreport", "archive", *words, "-a", str(archive)]
    began = time.perf_counter()
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    memory = Memory(child.pid)
    memory.start()
    said = child.stdout.read().strip().splitlines() if child.stdout else []
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    failed = f" (exit code {os.waitstatus_to_exitcode(status)})" if status else ""
    return (
        f"{name:16} {wall:8.1f} s, {usage.ru_utime + usage.ru_stime:8.1f} s of process time, "
        f"{memory.together / 1e6:6.0f} MB together, {memory.largest / 1e6:6.0f} MB in the largest{failed}: "
        f"{said[-1][:100] if said else ''}"
    )


def contents(archive: Path) -> str:
    """How many files of each ending there are, and their bytes."""
    counts: dict[str, list[int]] = {}
    for folder, _, files in os.walk(archive):
        for file in files:
            size = (Path(folder) / file).stat().st_size
            counts.setdefault(Path(file).suffix or file, []).append(size)
    return "; ".join(
        f"{len(sizes):,} × {kind}, {sum(sizes) / 1e6:,.0f} MB" for kind, sizes in sorted(counts.items())
    )


def main() -> None:
    """Measure each step on a new archive."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the generated logs are: many/ below it, or --logs")
    parser.add_argument("--logs", type=Path, help="a folder of logs to add instead")
    parser.add_argument("--scheduler", default="local[2]", help="who works (local[2])")
    given = parser.parse_args()
    logs = (given.logs or given.folder / "many").resolve()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        archive = Path(folder) / "archive"
        for name, words in STEPS:
            command = [word.format(logs=logs) for word in words]
            if words[0] == "add":
                command += ["--scheduler", given.scheduler]
            print(measure(name, command, archive), flush=True)
            if name in ("add", "compact"):
                print(f"{'':16} {contents(archive)}", flush=True)


if __name__ == "__main__":
    main()
