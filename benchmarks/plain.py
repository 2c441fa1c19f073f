#!/usr/bin/env python3
"""What many write for themselves: a few regular expressions, tried on each line, and a row for each run that they find.

It knows step lines and results of three scripts, and of the settings those that tf_cnn_benchmarks prints. Devices,
environment, versions, intervals, doubts, lines that it does not know: nothing of these.
"""

import re
import sys
from pathlib import Path
from typing import Any

HEADER = re.compile(r"^(Model|Batch size|Num batches|Precision|Devices):\s+(.*)")
ALEXNET = re.compile(r"^(\S+ \S+): step (\d+), duration = ([\d.]+)")
ACROSS = re.compile(
    r"^(\S+ \S+): (Forward|Forward-backward) across (\d+) steps, ([\d.]+) \+/- ([\d.]+) sec / batch"
)
CIFAR10 = re.compile(r"^(\S+ \S+): step (\d+), loss = ([\d.]+) \(([\d.]+) examples/sec; ([\d.]+) sec/batch\)")
TF_CNN = re.compile(r"^(\d+)\timages/sec: ([\d.]+) \+/- ([\d.]+) \(jitter = ([\d.]+)\)\t(\S+)")
TOTAL = re.compile(r"^total images/sec: ([\d.]+)")
GPU = re.compile(r"name: (.*?),? (?:major|pci bus id)")

Run = dict[str, Any]


def runs_of(text: str) -> list[Run]:
    """Settings, device, steps and results of each run in a log."""
    runs: list[Run] = []
    run: Run = {"steps": []}
    for line in text.splitlines():
        if found := TF_CNN.match(line):
            step, rate, sem, jitter, loss = found.groups()
            run["steps"].append((int(step), float(rate), float(sem), float(jitter), float(loss)))
        elif found := ALEXNET.match(line):
            run["steps"].append((found[1], int(found[2]), float(found[3])))
        elif found := CIFAR10.match(line):
            at, step, *numbers = found.groups()
            run["steps"].append((at, int(step), *map(float, numbers)))
        elif found := HEADER.match(line):
            run[found[1]] = found[2]
        elif found := TOTAL.match(line):
            run["total"] = float(found[1])
            runs.append(run)
            run = {"steps": []}
        elif found := ACROSS.match(line):
            run[found[2]] = (int(found[3]), float(found[4]), float(found[5]))
            if found[2] == "Forward-backward":
                runs.append(run)
                run = {"steps": []}
        elif found := GPU.search(line):
            run["device"] = found[1]
    return [*runs, run] if run["steps"] else runs


if __name__ == "__main__":
    for name in sys.argv[1:]:
        for one in runs_of(Path(name).read_text(encoding="utf-8", errors="replace")):
            print(name, one.get("Model"), one.get("device"), len(one["steps"]), one.get("total"), sep="\t")
