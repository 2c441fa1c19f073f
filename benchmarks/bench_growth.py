#!/usr/bin/env python3
"""Measure what reading costs for texts of one kind, and for twice and four times as much of it; print a table."""

import argparse
import time
from collections.abc import Callable

from logreport.runs.reading import read
from logreport.sources.source import memory_source

CNN = b"TensorFlow:  1.15\nModel:       resnet50\nDataset:     imagenet (synthetic)\n"
STEP = b"%d\timages/sec: 51.8 +/- 0.2 (jitter = 0.1)\t7.593\n"
TOTAL = b"total images/sec: 5.50\n"
WAITING = b"I tensorflow/stream_executor/cuda/cudart_stub.cc:29] Ignore above cudart dlerror\n"

Text = Callable[[int], bytes]
TEXTS: dict[str, tuple[str, Text]] = {
    "two workers, one a step behind": (
        "a.log",
        lambda n: CNN + b"".join(STEP % s for i in range(1, n) for s in (i + 1, i)),
    ),
    "$ python tf_cnn_benchmarks.py \\": ("a.log", lambda n: b"$ python tf_cnn_benchmarks.py \\\n" * n),
    "commands behind lines that wait": (
        "a.log",
        lambda n: WAITING * n + b"python tf_cnn_benchmarks.py\n" * n,
    ),
    "x: (V)/job:aaaa…": (
        "a.log",
        lambda n: b"I tensorflow/core/common_runtime/placer.cc:874] x: (V)/job:" + b"a" * 20 * n + b"\n",
    ),
    "name: Tesla K40": ("a.log", lambda n: TOTAL + b"name: Tesla K40\n" * n),
    "devices with an address each": (
        "a.log",
        lambda n: b"".join(
            b"Found device %d with properties:\npciBusID: 0000:%02x:%02x.0 name: Tesla T4 computeCapability: 7.5\n"
            % (i, i % 256, i // 256)
            for i in range(n)
        ),
    ),
    "a progress bar of a\\r": ("a.log", lambda n: b"a\r" * 10 * n),
    "the same in a log": ("a.log", lambda n: CNN + b"a\r" * 10 * n + b"\n" + CNN),
    "a table of many columns": (
        "a.md",
        lambda n: b"|" + b"a|" * n + b"\n|" + b"---|" * n + b"\n|" + b"1|" * n + b"\n",
    ),
    "a line of blanks": ("a.log", lambda n: b"across 100 steps, nan" + b" " * 20 * n + b"+/-\n"),
    "a heading of names": ("a.md", lambda n: b"# " + b"NVIDIA " * n + b"\n"),
    "a line of links": ("a.md", lambda n: b"| a | b |\n|---|---|\n| 1 | " + b"[" * 10 * n + b" |\n"),
    "a log in comments": ("a.md", lambda n: b"# total images/sec: 5.50\n" * n),
    "a log file's name": ("a.log", lambda n: b"run" + b".log" * n + b" 5.50\n"),
    "a page": ("a.html", lambda n: b"<pre>" + b"&gt; total images/sec: 5.50<br>" * n + b"</pre>\n"),
    "a notebook": ("a.ipynb", lambda n: b'"total images/sec: 5.50\\n",\n' * n),
    "one string of JSON": ("a.json", lambda n: b'"' + b"total images/sec: 5.50\\n" * n + b'"\n'),
    "mail": ("a.log", lambda n: b"> > 2019-01-08 10:01:15.496202: step 0,\n> > duration = 0.131\n" * n),
}  # fmt: skip


def cpu(name: str, content: bytes, rounds: int) -> float:
    """Seconds of CPU time to read a text, the least of some rounds."""
    spent = []
    for _ in range(rounds):
        start = time.process_time()
        read([memory_source(name, content)])
        spent.append(time.process_time() - start)
    return min(spent)


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", help="not used: these texts are made here")
    parser.add_argument("--size", type=int, default=2000, help="parts of the smallest text (2000)")
    parser.add_argument("--rounds", type=int, default=3, help="each figure is the least of so many (3)")
    args = parser.parse_args()
    for name in ("a.log", "a.md"):
        read([memory_source(name, b"x\n")])  # what is loaded once
    print(f"{'text':<34}  {'KB':>5}  {'seconds':>8}  {'twice':>6}  {'4 times':>7}  aim: 2 and 4")
    for what, (name, text) in TEXTS.items():
        contents = [text(args.size * times) for times in (1, 2, 4)]
        one, two, four = (cpu(name, content, args.rounds) for content in contents)
        size = len(contents[0]) / 1000
        print(f"{what:<34}  {size:5.0f}  {one:8.3f}  {two / one:5.1f}x  {four / one:6.1f}x")


if __name__ == "__main__":
    main()
