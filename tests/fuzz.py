#!/usr/bin/env python3
"""Run the property tests with one fresh seed after another until the time is up; say what was tried."""

import argparse
import itertools
import re
import secrets
import subprocess
import sys
import time

TRIED = re.compile(r"(\d+) passing(?: examples)?, (\d+) failing(?: examples)?,? and (\d+) invalid")


def main() -> int:
    """Read the arguments, run rounds, print a line for each; the first that finds something is the last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("minutes", type=float, help="begin no round after so many minutes")
    args, options = parser.parse_known_args()
    end = time.monotonic() + 60 * args.minutes
    total = rounds = 0
    while not rounds or time.monotonic() < end:
        seed = secrets.randbelow(1 << 32)
        command = [
            sys.executable, "-m", "pytest", "-q", "-m", "hypothesis", "--hypothesis-profile=fuzz",
            f"--hypothesis-seed={seed}", "--hypothesis-show-statistics", *options,
        ]  # fmt: skip
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        tried = sum(map(int, itertools.chain.from_iterable(TRIED.findall(done.stdout))))
        total, rounds = total + tried, rounds + 1
        print(f"round {rounds}, seed {seed}: {tried:,} executions, {total:,} in all", flush=True)
        if done.returncode:
            print(done.stdout)
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
