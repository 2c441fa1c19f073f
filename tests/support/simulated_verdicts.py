"""How often verdicts are wrong: tables of speeds from a generator of their own, judged by the rule.

`python tests/support/simulated_verdicts.py [TABLES]` prints the whole table of docs/statistics.md, in some minutes.
"""

import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

import numpy as np

from logreport.analysis.comparison.ratios import LogSpeed, holm, p_values
from logreport.analysis.comparison.repeats import Repeats, pool

START = datetime(2020, 1, 1, 9)  # noqa: DTZ001 -- logs carry local time
WITHIN, WITHIN_DF, FACTOR = 0.0027, 9, 1.1  # error of one run, and how its interval estimates it
BETWEEN_WORKLOADS = np.log(1.5)  # workloads differ in how much their runs vary
SLOWER = np.log(0.95)
DAYS, ONE_DAY = "days", "one day"


@dataclass(frozen=True)
class Cell:
    """A kind of table: workloads, runs a side, each of its own day or all of one, SDs in %."""

    workloads: int
    runs: int
    when: str
    run_sd: float
    session_sd: float

    def __str__(self):
        """As a row of the table is called."""
        sides = f"{self.runs}v{self.runs} {self.when}"
        return f"{self.workloads} w, {sides}, run {self.run_sd:g}, session {self.session_sd:g}"


@dataclass(frozen=True)
class Rates:
    """Shares in %, and the median half width in %."""

    excludes_1: float
    false: float
    any_false: float
    wrong_pass: float
    found_one: float
    mean_covers: float
    half: float


def table(rng, cell):
    """Unchanged workloads, each measured on both sides: ln speed = mean + session + run + error within the run."""
    level = rng.normal(5, 1, cell.workloads)
    spread = cell.run_sd / 100 * np.exp(BETWEEN_WORKLOADS * rng.standard_normal(cell.workloads))
    sides = []
    for _ in range(2):
        sessions = cell.session_sd / 100 * rng.standard_normal(cell.runs if cell.when == DAYS else 1)
        shape = cell.workloads, cell.runs
        values = level[:, None] + sessions + spread[:, None] * rng.standard_normal(shape)
        values += WITHIN * rng.standard_normal(shape)
        variances = (FACTOR * WITHIN) ** 2 * rng.chisquare(WITHIN_DF, shape) / WITHIN_DF
        sides.append(
            [
                tuple(
                    LogSpeed(
                        value,
                        variance,
                        WITHIN_DF,
                        0.0,
                        at=START + timedelta(days=i if cell.when == DAYS else 0, minutes=i),
                    )
                    for i, (value, variance) in enumerate(zip(*of_one, strict=True))
                )
                for of_one in zip(values.tolist(), variances.tolist(), strict=True)
            ]
        )
    return [Repeats(side, baseline, 0.01) for side, baseline in zip(*sides, strict=True)]


def rates(cell, tables, seed=1):
    """What the rule makes of so many unchanged tables, and of the same with one workload 5 % slower.

    A gate at −5 % that a true −5 % passes is the same as an interval of an unchanged workload that lies above 1.
    """
    rng = np.random.default_rng(seed)
    pools = [pool(table(rng, cell)) for _ in range(tables)]
    ends = np.log([[ratio.interval() for ratio in p.ratios] for p in pools])
    low, high = ends[..., 0], ends[..., 1]
    slowed = [[p.ratios[0]._replace(log=p.ratios[0].log + SLOWER), *p.ratios[1:]] for p in pools]
    false, found = (_different(ratios) for ratios in ([p.ratios for p in pools], slowed))
    means = [p.mean.interval() for p in pools]
    return Rates(
        excludes_1=100 * np.mean((low > 0) | (high < 0)),
        false=100 * np.mean(false),
        any_false=100 * np.mean(false.any(axis=1)),
        wrong_pass=100 * np.mean(low > 0),
        found_one=100 * np.mean(found[:, 0]),
        mean_covers=100 * np.mean([a <= 1 <= b for a, b in means]),
        half=100 * np.median((high - low) / 2),
    )


def _different(tables):
    """Which comparisons are called different, each table by itself."""
    p = np.reshape(p_values([ratio for ratios in tables for ratio in ratios]), (len(tables), -1))
    return np.array([holm(row.tolist()) for row in p]) < 0.05


def main(tables=1000):
    """Print every cell."""
    heads = (
        "table",
        "excludes 1",
        "false verdicts",
        "any false",
        "−5 % passes",
        "one −5 % found",
        "mean covers",
        "±",
    )
    sys.stdout.write(f"| {' | '.join(heads)} |\n{'|---' * len(heads)}|\n")
    days = product((DAYS, ONE_DAY), (0, 1, 2))
    for workloads, runs, (when, session_sd), run_sd in product(
        (1, 4, 10, 50), (1, 2, 3, 5, 10), days, (0.5, 1, 2, 5)
    ):
        cell = Cell(workloads, runs, when, run_sd, session_sd)
        found = rates(cell, max(100, tables * 10 // (workloads + 9)))
        sys.stdout.write(f"| {cell} | {' | '.join(f'{rate:.1f}' for rate in vars(found).values())} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
